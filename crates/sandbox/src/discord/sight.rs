//! Who sees which message: in channels and threads, in direct messages, and what is for one person's
//! eyes only.

use super::{
    messages::{self, Stored},
    places::{self, Channel, User},
};
use crate::problem::Problem;
use database::{Error, ReadTx};

/// A message, and where it stands.
pub(crate) struct Seen {
    pub(crate) message: Stored,
    pub(crate) channel: Channel,
}

/// The person that is asked about. `None` when nobody is named: then everything there is can be seen.
pub(crate) async fn person(tx: &mut ReadTx, id: Option<&str>) -> Result<Option<User>, Problem> {
    let Some(id) = id else { return Ok(None) };
    let user = places::user(tx, id).await?;
    Ok(Some(user.ok_or_else(|| Problem::not_found(format!("there is no user {id}")))?))
}

/// The latest messages that somebody sees, in one channel or in all of them, oldest first.
pub(crate) async fn latest(
    tx: &mut ReadTx,
    user: Option<&User>,
    channel_id: Option<&str>,
    limit: i64,
) -> Result<Vec<Seen>, Error> {
    let mut found = Vec::new();
    for channel in places::channels(tx).await? {
        let meant = channel_id.is_none_or(|wanted| wanted == channel.id);
        if !meant || !looks_into(tx, user, &channel).await? {
            continue;
        }
        for message in messages::everything(tx, &channel.id, limit).await? {
            if !is_for_others(&message, user) {
                found.push(Seen { message, channel: channel.clone() });
            }
        }
    }
    found.sort_by(|a, b| a.message.id.cmp(&b.message.id));
    let from = found.len().saturating_sub(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found.split_off(from))
}

/// One message, where somebody sees it.
pub(crate) async fn one(tx: &mut ReadTx, user: Option<&User>, id: &str) -> Result<Option<Seen>, Error> {
    let Some(message) = messages::get(tx, id).await? else { return Ok(None) };
    let Some(channel) = places::channel(tx, &message.channel_id).await? else { return Ok(None) };
    let sees = !is_for_others(&message, user) && looks_into(tx, user, &channel).await?;
    Ok(sees.then_some(Seen { message, channel }))
}

async fn looks_into(tx: &mut ReadTx, user: Option<&User>, channel: &Channel) -> Result<bool, Error> {
    match user {
        Some(user) => places::sees(tx, user, channel).await,
        None => Ok(true),
    }
}

/// Whether a message is for the eyes of somebody else alone.
fn is_for_others(message: &Stored, user: Option<&User>) -> bool {
    message.ephemeral_to.as_ref().zip(user).is_some_and(|(to, user)| *to != user.id)
}

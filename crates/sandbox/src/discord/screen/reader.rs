//! Whose eyes a screen is seen with: their language, their clock, and the names of whatever is mentioned.

use super::super::{
    places::{self, User},
    settings::DISCORD_APPLICATION_ID,
};
use database::{Error, ReadTx};
use std::collections::BTreeMap;
use vocabulary::{Locale, Timestamp};

/// The name that the bot's messages stand under.
pub(super) const BOT: &str = "Loket";

/// Somebody in front of their client.
pub(super) struct Reader {
    /// Their id; `None` for one who sees everything.
    pub(super) user: Option<String>,
    pub(super) locale: Locale,
    pub(super) now: Timestamp,
    /// Names of people, by id.
    pub(super) people: BTreeMap<String, String>,
    /// Names of channels, by id.
    pub(super) channels: BTreeMap<String, String>,
}

impl Reader {
    /// The reader with everything that they may need to know.
    pub(super) async fn of(tx: &mut ReadTx, user: Option<&User>, now: Timestamp) -> Result<Reader, Error> {
        let mut people: BTreeMap<String, String> = BTreeMap::new();
        for user in places::users(tx).await? {
            let name = user.nick.or(user.global_name).unwrap_or(user.username);
            people.insert(user.id, name);
        }
        people.insert(DISCORD_APPLICATION_ID.into(), BOT.into());
        let channels = places::channels(tx).await?;
        let channels = channels.into_iter().map(|channel| (channel.id, channel.name)).collect();
        // As the shop tells it from an interaction: whoever does not ask for English reads Indonesian.
        let english = user.is_some_and(|user| user.locale.starts_with("en"));
        let locale = if english { Locale::English } else { Locale::Indonesian };
        Ok(Reader { user: user.map(|user| user.id.clone()), locale, now, people, channels })
    }

    /// The name of a person.
    pub(super) fn person(&self, id: &str) -> &str {
        self.people.get(id).map_or("unknown-user", String::as_str)
    }

    /// The name of a channel.
    pub(super) fn channel(&self, id: &str) -> &str {
        self.channels.get(id).map_or("unknown", String::as_str)
    }
}

#[cfg(test)]
impl Reader {
    /// Somebody who knows Sari (1) and `#topup` (2), at five in the morning UTC on 22 November 2026.
    pub(super) fn in_test(locale: Locale) -> Reader {
        Reader {
            user: None,
            locale,
            now: Timestamp::from_millis(1_795_323_600_000),
            people: BTreeMap::from([("1".to_owned(), "Sari".to_owned())]),
            channels: BTreeMap::from([("2".to_owned(), "topup".to_owned())]),
        }
    }
}

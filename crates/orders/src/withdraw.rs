//! Giving an attempt up that certainly never arrived at its supplier, because a person wants it bought elsewhere.

use crate::{Order, Shop};
use database::{Error, WriteTx};
use security::Entry;
use suppliers::{Attempt, never_arrived, withdrawn};
use vocabulary::Actor;

/// Withdraws the attempt of a locked order that may still be sent, if it was tried and never arrived: nothing was
/// bought. True when nothing of the order may be delivered any more. Whoever is about to send it marks it as sent
/// first, and finds that it was given up.
pub(crate) async fn unsent(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &Order,
    attempts: &[Attempt],
    actor: &Actor,
) -> Result<bool, Error> {
    let now = shop.clock.now();
    for attempt in attempts.iter().filter(|attempt| attempt.state.is_live()) {
        let Some(current) = suppliers::attempt_locked(tx, &attempt.id).await? else { return Ok(false) };
        if !never_arrived(&current) {
            return Ok(false);
        }
        let given_up = withdrawn(&current, "a person buys it again", now);
        suppliers::store_attempt(tx, &given_up, current.fence, now).await?;
        let action = format!("attempt.{}", given_up.state);
        let entry = Entry {
            actor,
            action: &action,
            subject: order.number.as_str(),
            before: Some(current.state.to_string()),
            after: Some(format!("{} {}", given_up.reference, given_up.state)),
            source: given_up.code.clone(),
        };
        security::record(tx, &shop.ids, now, &entry).await?;
    }
    Ok(true)
}

//! The private thread of a buyer who takes no direct messages: one on each channel, made once. A call that
//! makes one has no nonce, so its name ends in a word of its own, by which it is found again.

use super::{claim, words};
use crate::{
    place::Spot,
    rest::{Refusal, Rest},
    screen::user_of,
};
use database::Error;
use orders::{Order, Shop};
use serde_json::Value;
use vocabulary::OutboxMessageId;

/// Characters of a mark: nobody else's name ends so by chance.
const MARK: usize = 8;

/// What came of making a thread.
pub(super) enum Made {
    /// It is there.
    There(String),
    /// Somebody else makes it, or has made it meanwhile.
    Busy,
    /// Discord does not let us, or it is not known.
    Refused(Refusal),
}

/// Makes the thread of an order's buyer on a channel. `refused` is the one that takes nothing any more.
///
/// # Errors
/// When the database refuses.
pub(super) async fn make(
    (rest, shop): (&Rest, &Shop),
    (order, holder): (&Order, &OutboxMessageId),
    spot: &Spot,
    refused: Option<&str>,
) -> Result<Made, Error> {
    let whose = (&order.buyer, spot.channel.as_str());
    let mark = shop.ids.base32(MARK);
    let mut tx = shop.db.write("discord.thread.claim").await?;
    let claimed = claim::thread(&mut tx, whose, refused, (holder, &mark), shop.clock.real_now()).await?;
    let Some(claimed) = claimed else { return Ok(Made::Busy) };
    tx.commit().await?;

    let found = if claimed.is_again() {
        match rest.active_threads(&spot.guild).await {
            Ok(threads) => find(&threads, &spot.channel, &claimed.mark),
            Err(refusal) => {
                let mut tx = shop.db.write("discord.thread.record").await?;
                claim::pause_thread(&mut tx, whose, holder).await?;
                tx.commit().await?;
                return Ok(Made::Refused(refusal));
            }
        }
    } else {
        None
    };
    let made = match found {
        Some(thread) => Ok(thread),
        None => {
            let name = format!("{} {}", words::thread_name(order.locale), claimed.mark);
            rest.create_private_thread(&spot.channel, &name).await
        }
    };
    let made = match (made, user_of(&order.buyer)) {
        (Ok(thread), Some(user)) => match rest.add_to_thread(&thread, user).await {
            // Whoever is not let in does not see the channel; the mention in the message changes nothing then.
            Ok(()) | Err(Refusal::Gone { .. } | Refusal::Forbidden { .. } | Refusal::Invalid { .. }) => {
                Ok(thread)
            }
            // The thread is there: it is found by its mark, and this is said again.
            Err(refusal) => Err(Refusal::Unknown(refusal.to_string())),
        },
        (made, _) => made,
    };
    let mut tx = shop.db.write("discord.thread.record").await?;
    match &made {
        Ok(thread) => claim::settle_thread(&mut tx, whose, holder, thread).await?,
        Err(Refusal::Unknown(_)) => claim::pause_thread(&mut tx, whose, holder).await?,
        Err(_) => claim::forget_thread(&mut tx, whose, holder).await?,
    }
    tx.commit().await?;
    Ok(match made {
        Ok(thread) => Made::There(thread),
        Err(refusal) => Made::Refused(refusal),
    })
}

/// The thread on this channel whose name ends in this word.
fn find(threads: &[Value], parent: &str, mark: &str) -> Option<String> {
    let text = |thread: &Value, key: &str| thread.get(key).and_then(Value::as_str).map(str::to_owned);
    let is_it = |thread: &&Value| {
        let name = text(thread, "name").unwrap_or_default();
        text(thread, "parent_id").as_deref() == Some(parent) && name.rsplit(' ').next() == Some(mark)
    };
    text(threads.iter().find(is_it)?, "id")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_thread_is_found_by_the_end_of_its_name_on_its_channel() {
        let thread =
            |id: &str, parent: &str, name: &str| json!({"id": id, "parent_id": parent, "name": name});
        let threads = [
            thread("1", "101", "Struk pesanan 0000AAAA"),
            thread("2", "102", "Struk pesanan 7K3QF0ZD"),
            thread("3", "101", "7K3QF0ZD is not the end"),
            json!({"id": "4"}),
            thread("5", "101", "Order receipts 7K3QF0ZD"),
        ];
        assert_eq!(find(&threads, "101", "7K3QF0ZD").as_deref(), Some("5"));
        assert_eq!(find(&threads, "103", "7K3QF0ZD"), None);
        assert_eq!(find(&threads, "101", "ZZZZZZZZ"), None);
    }
}

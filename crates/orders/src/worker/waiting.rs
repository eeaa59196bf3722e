//! An order that is paid and waits, because nobody can deliver it at this moment, or because its supplier refuses us:
//! what its buyer hears meanwhile, and when a person is called.

use crate::{Order, Shop, line, order, routing::Wait, taken_back};
use database::{Error, WriteTx};
use notifications::{AlertKind, Audience, MessageKind, alert_open, enqueue, refresh_screens};
use std::time::Duration;
use vocabulary::Timestamp;

/// How long after it was paid the buyer of an order that still waits is told so.
const AFTER: [Duration; 3] =
    [Duration::from_secs(5 * 60), Duration::from_secs(30 * 60), Duration::from_secs(120 * 60)];
/// What is told of one that goes on by itself when somebody can deliver.
const WAITS: [MessageKind; 3] =
    [MessageKind::WaitsFiveMinutes, MessageKind::WaitsThirtyMinutes, MessageKind::WaitsTwoHours];
/// What is told of one that a person has to let go on, because its supplier refuses us.
const HELD: [MessageKind; 3] =
    [MessageKind::HeldFiveMinutes, MessageKind::HeldThirtyMinutes, MessageKind::HeldTwoHours];

/// A person is called for a paid order that waits for longer than this and is in no line: staff are called for a
/// line once, and for what opens soon not at all. After two hours one is called for any.
const CALLED_AFTER: Duration = Duration::from_secs(3_600);

/// The moment, after `now`, at which the buyer of an order that was paid then is to be told next that it waits.
pub(crate) fn next_word(paid_at: Timestamp, now: Timestamp) -> Option<Timestamp> {
    AFTER.iter().map(|after| paid_at.plus(*after)).find(|moment| *moment > now)
}

/// The same of an order.
pub(crate) fn next_of(order: &Order, now: Timestamp) -> Option<Timestamp> {
    order.paid_at.and_then(|paid_at| next_word(paid_at, now))
}

/// What the buyer is to have been told by now: of several that are due the last, which says it all.
fn word(kinds: [MessageKind; 3], paid_at: Timestamp, now: Timestamp) -> Option<MessageKind> {
    let due = AFTER.into_iter().zip(kinds).rev().find(|(after, _)| now >= paid_at.plus(*after));
    due.map(|(_, kind)| kind)
}

/// Tells the buyer, once. What shows the order says so as well.
async fn say(shop: &Shop, tx: &mut WriteTx, order: &Order, kind: MessageKind) -> Result<(), Error> {
    let now = shop.clock.now();
    let once = format!("{}:{kind}", order.id);
    let courier = shop.courier_for(&order.buyer);
    if enqueue(tx, &shop.ids, now, &order.id, &once, courier, (Audience::Buyer, kind, None)).await? {
        refresh_screens(tx, &order.id, now).await?;
    }
    Ok(())
}

/// The order is held up, because its supplier refuses us: tells its buyer what is due. A person was called when it
/// began; whoever closed that without deciding is called once more at the last word.
pub(super) async fn held(shop: &Shop, tx: &mut WriteTx, order: &mut Order) -> Result<(), Error> {
    let (now, state) = (shop.clock.now(), order.state);
    // Of money that went back nobody says that it is safe here.
    let is_here = taken_back::in_any_part(tx, &order.id).await?.is_none();
    order.due_at = if is_here { next_of(order, now) } else { None };
    order::update(tx, order, state).await?;
    let due = order.paid_at.filter(|_| is_here).and_then(|paid_at| word(HELD, paid_at, now));
    let Some(kind) = due else { return Ok(()) };
    say(shop, tx, order, kind).await?;
    match kind {
        MessageKind::HeldTwoHours => call(shop, tx, order, ("its supplier refuses us", "two hours")).await,
        _ => Ok(()),
    }
}

/// The order was looked at, and goes on waiting.
pub(super) async fn go_on(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &mut Order,
    wait: &Wait,
) -> Result<(), Error> {
    let state = order.state;
    order.due_at = Some(wait.until);
    order.waits_for = wait.lines.first().cloned();
    order::update(tx, order, state).await?;
    line::stand_in(shop, tx, &order.id, &wait.lines, shop.clock.now()).await?;
    tell(shop, tx, order, wait).await
}

/// The order waits: tells its buyer what is due, and calls a person when it is time. Every attempt that came to
/// nothing has ended the alert; as long as the order waits it is open.
pub(crate) async fn tell(shop: &Shop, tx: &mut WriteTx, order: &Order, wait: &Wait) -> Result<(), Error> {
    let now = shop.clock.now();
    let Some(paid_at) = order.paid_at else { return Ok(()) };
    let Some(kind) = word(WAITS, paid_at, now) else { return Ok(()) };
    say(shop, tx, order, kind).await?;
    let why = format!("waits for a supplier ({})", wait.why);
    match kind {
        MessageKind::WaitsTwoHours => call(shop, tx, order, (&why, "two hours")).await,
        _ if !wait.in_line() && now.since(paid_at) > CALLED_AFTER => {
            call(shop, tx, order, (&why, "an hour")).await
        }
        _ => Ok(()),
    }
}

/// Calls a person, and says so once.
async fn call(shop: &Shop, tx: &mut WriteTx, order: &Order, (why, ago): (&str, &str)) -> Result<(), Error> {
    let now = shop.clock.now();
    let (kind, number) = (AlertKind::OrderNeedsAttention, order.number.as_str());
    let reason = format!("it was paid over {ago} ago and {why}");
    let message = format!("order {number}: {reason}; `loket order show`, then `retry` or `refund` it");
    if alert_open(tx, &shop.ids, now, (kind, number, &message)).await? {
        let once = format!("{}:needs_attention:waits for {ago}", order.id);
        let told = (Audience::Staff, MessageKind::NeedsAttention, Some(reason.as_str()));
        enqueue(tx, &shop.ids, now, &order.id, &once, None, told).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buyer_who_waits_hears_after_five_minutes_half_an_hour_and_two_hours() {
        use MessageKind::{WaitsFiveMinutes, WaitsThirtyMinutes, WaitsTwoHours};
        let paid = Timestamp::from_millis(1_000_000);
        let at = |seconds| paid.plus(Duration::from_secs(seconds));
        for (seconds, told, next) in [
            (0, None, Some(300)),
            (299, None, Some(300)),
            (300, Some(WaitsFiveMinutes), Some(1_800)),
            (1_799, Some(WaitsFiveMinutes), Some(1_800)),
            (1_800, Some(WaitsThirtyMinutes), Some(7_200)),
            (7_199, Some(WaitsThirtyMinutes), Some(7_200)),
            (7_200, Some(WaitsTwoHours), None),
            (1_000_000, Some(WaitsTwoHours), None),
        ] {
            assert_eq!(word(WAITS, paid, at(seconds)), told, "after {seconds} s");
            assert_eq!(next_word(paid, at(seconds)), next.map(at), "after {seconds} s");
        }
    }
}

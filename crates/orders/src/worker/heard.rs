//! What follows from a supplier's word beside the order that it is about: for the word, the delivery that it denies, and
//! the product that it refuses to sell.

use crate::{
    Order, Shop,
    watch::{self, Subject},
};
use database::{Error, WriteTx};
use notifications::{AlertKind, alert_open, alert_resolve};
use suppliers::{Attempt, AttemptState, Capabilities, Report, Source, Verdict};

/// Characters of a word of theirs that tell an alert from others.
const WORD_CHARS: usize = 40;

/// Lets follow what a word means that turned an attempt from `before` into `after`.
pub(super) async fn follow(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &Order,
    (before, after): (&Attempt, &Attempt),
    (report, source): (&Report, Source),
) -> Result<(), Error> {
    let now = shop.clock.now();
    if report.verdict == Verdict::UnknownWord {
        unknown_word(shop, tx, after, report).await?;
    }
    let said_again = report.verdict == Verdict::Succeeded && source == Source::Answer;
    if before.state == AttemptState::Succeeded && (said_again || after.state == AttemptState::Reversed) {
        // It stands by its delivery, or it is certain that it does not.
        alert_resolve(tx, AlertKind::DeliveryDoubted, order.number.as_str(), now).await?;
    }
    let has_failed = after.state == AttemptState::Failed && before.state != AttemptState::Failed;
    match report.verdict {
        Verdict::FailedGone if has_failed => gone(shop, tx, after, report).await,
        // What it costs by now is in its list.
        Verdict::FailedPrice if has_failed => watch::hasten(shop, tx, &after.supplier, Subject::Prices).await,
        _ => Ok(()),
    }
}

/// A person has to see each word that nobody knows, once.
async fn unknown_word(
    shop: &Shop,
    tx: &mut WriteTx,
    attempt: &Attempt,
    report: &Report,
) -> Result<(), Error> {
    let supplier = attempt.supplier.as_str();
    let plain = report.code.as_deref().unwrap_or("none").chars().filter(|c| !c.is_control());
    let word: String = plain.take(WORD_CHARS).collect();
    let text = format!(
        "{supplier} says \"{word}\" of {}, which no document of theirs has: it is asked about again, and nothing is refunded; look it up in their member area",
        attempt.reference
    );
    let subject = format!("{supplier}:{word}");
    alert_open(tx, &shop.ids, shop.clock.now(), (AlertKind::UnknownWord, &subject, &text)).await?;
    Ok(())
}

/// A product that is not sold to us is closed there until it is listed anew; a person may have to see to it.
async fn gone(shop: &Shop, tx: &mut WriteTx, attempt: &Attempt, report: &Report) -> Result<(), Error> {
    let Attempt { supplier, sku, .. } = attempt;
    let code = report.code.as_deref().unwrap_or("-");
    let text = format!(
        "{supplier} does not sell {sku} to us ({code} {}): it is bought elsewhere where that can be, and otherwise not offered, until their next list has it, or for a day; look at the product and its seller in their member area",
        report.message
    );
    let text: String = text.chars().take(500).collect();
    let subject = crate::prices::refused_subject(supplier, sku);
    alert_open(tx, &shop.ids, shop.clock.now(), (AlertKind::ProductKeptOff, &subject, &text)).await?;
    Ok(())
}

/// Calls a person, because a supplier calls failed what it had called delivered.
pub(super) async fn denied(
    shop: &Shop,
    tx: &mut WriteTx,
    (order, attempt): (&Order, &Attempt),
    can: Capabilities,
    reason: &str,
) -> Result<(), Error> {
    let follows = if can.names_reversals {
        "its word for a delivery that it took back is another one, so nothing is changed and nobody is refunded: look it up in their member area"
    } else {
        "it is asked again in a minute; if it says so once more, the delivery counts as taken back and the buyer is refunded"
    };
    let text = format!(
        "order {}: it was delivered, and now its supplier calls it failed ({reason}); {follows}",
        order.number
    );
    let alert = (AlertKind::DeliveryDoubted, order.number.as_str(), text.as_str());
    if alert_open(tx, &shop.ids, shop.clock.now(), alert).await? {
        tracing::warn!(order.number = %order.number, attempt.reference = %attempt.reference, "{text}");
    }
    Ok(())
}

/// Calls a person, because a supplier says that it has delivered what it had called failed twice. What was said of the
/// reversal before does not tell this.
pub(super) async fn stands_by(
    shop: &Shop,
    tx: &mut WriteTx,
    (order, attempt): (&Order, &Attempt),
    reason: &str,
) -> Result<(), Error> {
    let (now, number) = (shop.clock.now(), order.number.as_str());
    let text = format!(
        "order {number}: its supplier had called its delivery failed twice, so it counts as taken back, and now it says that it has delivered it ({reason}): the buyer may have the product and the money, and nothing was booked for that; look up {} in their member area, and claim it if it took the price",
        attempt.reference
    );
    alert_resolve(tx, AlertKind::DeliveryReversed, number, now).await?;
    if alert_open(tx, &shop.ids, now, (AlertKind::DeliveryReversed, number, &text)).await? {
        tracing::warn!(order.number = %order.number, attempt.reference = %attempt.reference, "{text}");
    }
    Ok(())
}

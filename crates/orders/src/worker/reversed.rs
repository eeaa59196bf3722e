//! A delivery that its supplier takes back, whole or in part: what that means for the order, by the books.

use crate::{
    Order, OrderState,
    decide::{Earlier, Event},
    taken_back,
};
use database::{Error, ReadTx};
use ledger::Kind;
use payments::PartBack;
use suppliers::{Attempt, AttemptState};

/// What it means for the order that a delivery was taken back, and which other one takes its place: the
/// buyer paid for one, and what was delivered beside it is a loss.
pub(super) async fn reversed(
    tx: &mut ReadTx,
    order: &Order,
    attempt: &Attempt,
    settled: bool,
) -> Result<(Event, Option<Attempt>), Error> {
    let was_loss = is_loss(tx, attempt).await?;
    if settled && !was_loss {
        let unpaid = taken_back::is_unpaid(tx, &order.id).await?;
        return Ok((Event::SettledReversed { unpaid }, None));
    }
    if was_loss || order.state != OrderState::Delivered {
        return Ok((Event::Reversed { was_loss }, None));
    }
    let attempts = suppliers::attempts_of_order(tx, &order.id).await?;
    let stand_in = attempts.into_iter().find(|other| other.state == AttemptState::Succeeded);
    let event = if stand_in.is_some() {
        Event::DeliveryReplaced
    } else if taken_back::is_unpaid(tx, &order.id).await? {
        Event::ReversedUnpaid
    } else {
        Event::Reversed { was_loss }
    };
    Ok((event, stand_in))
}

/// The same of a part that nobody has settled, of which nothing is booked.
pub(super) async fn part_reversed(
    tx: &mut ReadTx,
    order: &Order,
    attempt: &Attempt,
) -> Result<(Event, Option<Attempt>), Error> {
    let money_gone = taken_back::gone(tx, &order.id).await?.is_some();
    let mut others = suppliers::attempts_of_order(tx, &order.id).await?;
    others.retain(|other| other.id != attempt.id && other.state.is_live());
    let is_open = !others.is_empty();
    let stand_in = others.into_iter().find(|other| other.state == AttemptState::Succeeded);
    let beside = match stand_in {
        Some(_) => Earlier::Delivered,
        None if is_open => Earlier::Open,
        None => Earlier::Nothing,
    };
    Ok((Event::PartReversed { beside, money_gone }, stand_in))
}

/// Why nobody but a person can say what follows when a part is taken back that was settled: the buyer has got more
/// than the books know.
pub(super) async fn cannot_be_reckoned(
    tx: &mut ReadTx,
    order: &Order,
    attempt: &Attempt,
) -> Result<Option<&'static str>, Error> {
    // All of its money is the buyer's already.
    if order.state == OrderState::Refunded {
        return Ok(None);
    }
    let others = suppliers::attempts_of_order(tx, &order.id).await?;
    let delivered = |other: &Attempt| {
        other.id != attempt.id
            && matches!(other.state, AttemptState::Succeeded | AttemptState::PartlySucceeded)
    };
    if others.iter().any(delivered) {
        return Ok(Some("another attempt has delivered as well"));
    }
    let Some(payment) = taken_back::part(tx, &order.id).await? else { return Ok(None) };
    let lines = ledger::entries_of_order(tx, &order.id).await?;
    let (of_order, of_more) = taken_back::parts_booked(&lines, &payment);
    let known = match payment.part_back() {
        PartBack::Known(back) => of_order.checked_add(of_more) == Some(back),
        _ => false,
    };
    Ok((!known).then_some("the gateway has given back a part of the money that the books do not know"))
}

/// Whether a part of it was delivered, and a person has said what that is worth.
pub(super) async fn is_settled(tx: &mut ReadTx, attempt: &Attempt) -> Result<bool, Error> {
    ledger::is_booked(tx, Kind::PartDelivery, &attempt.reference.to_string()).await
}

/// Whether its delivery stands in the books as a loss.
pub(super) async fn is_loss(tx: &mut ReadTx, attempt: &Attempt) -> Result<bool, Error> {
    let reference = attempt.reference.to_string();
    Ok(ledger::is_booked(tx, Kind::LateDelivery, &reference).await?
        && !ledger::is_booked(tx, Kind::LateDeliveryReversal, &reference).await?)
}

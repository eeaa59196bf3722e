//! Work on an order: its time is over, or it is to be fulfilled or refunded.

use crate::{
    Order, OrderState, RefundTarget, Shop,
    act::{Acted, Cause, happen},
    decide::{Booked, Earlier, Event},
    order, refund, taken_back,
};
use database::{Claim, Error, ReadTx};
use payments::Payment;
use suppliers::{Attempt, AttemptState};
use vocabulary::{Actor, OrderId};

/// Takes the next step of a claimed order.
pub(super) async fn work(shop: &Shop, claim: &Claim) -> Result<(), Error> {
    let mut tx = shop.db.write("order.step").await?;
    let Some(mut order) = order::locked(&mut tx, &super::parse(&claim.id)?).await? else { return Ok(()) };
    // What happened since it was claimed may have given it another moment: then nothing is due now.
    if order.fence != claim.fence || order.due_at.is_none_or(|due| due > shop.clock.now()) {
        return Ok(());
    }
    let is_paid = order.state == OrderState::Paid;
    let is_refund = matches!(order.state, OrderState::Failed | OrderState::Refunding);
    // Money that the gateway has taken back meanwhile is not given back a second time.
    let gone = if is_paid || is_refund { taken_back::gone(&mut tx, &order.id).await? } else { None };
    let part = if is_refund { taken_back::part(&mut tx, &order.id).await? } else { None };
    let attempt = if is_paid && gone.is_none() { that_counts(&mut tx, &order.id).await? } else { None };
    let earlier = attempt.as_ref().map_or(Earlier::Nothing, |attempt| match attempt.state {
        AttemptState::Succeeded => Earlier::Delivered,
        _ => Earlier::Open,
    });
    let is_refunding = order.state == OrderState::Refunding && gone.is_none() && part.is_none();
    let source = if is_refunding { to_source(shop, &mut tx, &order).await? } else { None };
    let event = match order.state {
        _ if gone.is_some() => Event::MoneyTakenBack { booked: Booked::ForOrder },
        OrderState::AwaitingVerification | OrderState::InReview => Event::HoldLapsed,
        OrderState::AwaitingPayment => Event::WindowClosed,
        OrderState::Paid => Event::FulfilmentBegun { earlier },
        OrderState::Failed => Event::RefundBegun { part_back: part.is_some() },
        OrderState::Refunding if source.is_some() => Event::RefundSent,
        OrderState::Refunding => Event::RefundDone { part_back: part.is_some() },
        _ => {
            // It moved on since it became due; nothing is left to do at this moment.
            let state = order.state;
            order.due_at = None;
            order::update(&mut tx, &order, state).await?;
            return tx.commit().await;
        }
    };
    let actor = Actor::system();
    let open = attempt.as_ref().filter(|_| earlier == Earlier::Open);
    let open = open.map(|attempt| format!("it was paid again, and {} may still deliver", attempt.reference));
    let reason = open.or_else(|| part.as_ref().map(taken_back::in_words));
    let delivered = attempt.as_ref().filter(|_| earlier == Earlier::Delivered);
    let cause = Cause {
        payment: gone.as_ref().or(source.as_ref()),
        attempt: delivered,
        stand_in: delivered,
        reason: reason.as_deref(),
        ..Cause::by(&actor)
    };
    match happen(shop, &mut tx, &mut order, event, cause).await? {
        Acted::Went(_) => tx.commit().await,
        Acted::Nothing | Acted::Refused => Ok(()),
    }
}

/// The payment that the order's money goes back from, when it goes back to where it came from: because a
/// person wants that, or the shop does it by itself, and it can go there.
async fn to_source(shop: &Shop, tx: &mut ReadTx, order: &Order) -> Result<Option<Payment>, Error> {
    let wanted = refund::carried_out(tx, &order.id).await?.map(|request| request.target);
    if wanted.unwrap_or(shop.rules.refunds.automatic) != RefundTarget::Source {
        return Ok(None);
    }
    Ok(refund::source_of_escrow(shop, tx, &order.id, order.amount).await?.ok())
}

/// The attempt that was made for the order when it was paid before, and that counts: one that has delivered,
/// or else one that may.
async fn that_counts(tx: &mut ReadTx, order: &OrderId) -> Result<Option<Attempt>, Error> {
    let attempts = suppliers::attempts_of_order(tx, order).await?;
    let delivered = attempts.iter().find(|attempt| attempt.state == AttemptState::Succeeded);
    let open = attempts.iter().find(|attempt| attempt.state.is_live());
    Ok(delivered.or(open).cloned())
}

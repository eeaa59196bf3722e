//! Work on an order: its time is over, or it is to be fulfilled or refunded.

use super::waiting;
use crate::routing::Plan;
use crate::{
    Attention, Order, OrderKind, OrderState, RefundTarget, Shop,
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
    // What is on its way to where it came from says itself when the order goes on, whoever took it up again.
    if order.state == OrderState::Refunding && refund::is_on_its_way(&mut tx, &order.id).await? {
        order.due_at = None;
        order::update(&mut tx, &order, OrderState::Refunding).await?;
        return tx.commit().await;
    }
    if order.attention == Some(Attention::SupplierRefusesUs) {
        waiting::held(shop, &mut tx, &mut order).await?;
        return tx.commit().await;
    }
    let waits = order.attention == Some(Attention::WaitsForSupplier);
    // What may be given back is not bought meanwhile; it goes on when the second person says no.
    if waits && refund::waiting(&mut tx, &order.id).await?.is_some() {
        let state = order.state;
        order.due_at = None;
        order::update(&mut tx, &order, state).await?;
        return tx.commit().await;
    }
    let is_paid = order.state == OrderState::Paid;
    let is_refund = matches!(order.state, OrderState::Failed | OrderState::Refunding);
    // Money that the gateway has taken back meanwhile is not given back a second time.
    let is_deposit = order.kind == OrderKind::Deposit;
    let gone = if is_paid || is_refund || waits { taken_back::gone(&mut tx, &order.id).await? } else { None };
    let may_go_back = is_refund || waits || is_paid && is_deposit;
    let part = if may_go_back { taken_back::part(&mut tx, &order.id).await? } else { None };
    let attempt =
        if is_paid && !is_deposit && gone.is_none() { that_counts(&mut tx, &order.id).await? } else { None };
    let earlier = attempt.as_ref().map_or(Earlier::Nothing, |attempt| match attempt.state {
        AttemptState::Succeeded => Earlier::Delivered,
        _ => Earlier::Open,
    });
    let is_refunding = order.state == OrderState::Refunding && gone.is_none() && part.is_none();
    let source = if is_refunding { to_source(shop, &mut tx, &order).await? } else { None };
    let buys =
        !is_deposit && gone.is_none() && (waits && part.is_none() || is_paid && earlier == Earlier::Nothing);
    let plan = match buys {
        // What was tried when it was paid before does not count any more.
        true if is_paid => Some(shop.plan(&mut tx, &order, &[]).await?),
        true => {
            let before = suppliers::attempts_of_order(&mut tx, &order.id).await?;
            Some(shop.plan(&mut tx, &order, &before).await?)
        }
        false => None,
    };
    if let (true, Some(Plan::Wait(wait))) = (waits, &plan) {
        waiting::go_on(shop, &mut tx, &mut order, wait).await?;
        return tx.commit().await;
    }
    // Some minutes at most, behind other orders' first purchases: nothing that anybody has to hear of.
    if let (true, Some(Plan::Wait(wait))) = (is_paid, &plan)
        && wait.is_short()
    {
        order.due_at = Some(wait.until);
        order::update(&mut tx, &order, OrderState::Paid).await?;
        return tx.commit().await;
    }
    let event = match order.state {
        _ if gone.is_some() => Event::MoneyTakenBack { booked: Booked::ForOrder },
        OrderState::AwaitingVerification | OrderState::InReview => Event::HoldLapsed,
        OrderState::AwaitingPayment => Event::WindowClosed,
        OrderState::Paid if is_deposit => Event::DepositPaid { part_back: part.is_some() },
        _ if matches!(plan, Some(Plan::Nothing { .. })) => Event::NobodySells,
        OrderState::Paid => match &plan {
            Some(Plan::Wait(wait)) => Event::MustWait { empty: wait.in_line() },
            _ => Event::FulfilmentBegun { earlier },
        },
        // What was given back in part is for a person: nothing more is spent on it.
        _ if waits && part.is_some() => Event::NobodySells,
        _ if waits => Event::NextRoute { refused: false },
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
    let open = open.map(|attempt| match attempt.state {
        AttemptState::PartlySucceeded => {
            format!("it was paid again, and of {} a part was delivered before", attempt.reference)
        }
        _ => format!("it was paid again, and {} may still deliver", attempt.reference),
    });
    let planned = plan.as_ref().and_then(|plan| match plan {
        Plan::Nothing { why, .. } => Some(why.clone()),
        Plan::Wait(wait) => Some(wait.why.clone()),
        Plan::Buy(_) => None,
    });
    let reason = open.or_else(|| part.as_ref().map(taken_back::in_words)).or(planned);
    let delivered = attempt.as_ref().filter(|_| earlier == Earlier::Delivered);
    let cause = Cause {
        payment: gone.as_ref().or(source.as_ref()),
        attempt: delivered,
        stand_in: delivered,
        way: plan.as_ref().and_then(Plan::way),
        wait: plan.as_ref().and_then(Plan::wait),
        price_moved: plan.as_ref().is_some_and(Plan::price_moved),
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

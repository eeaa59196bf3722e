//! Work on a payment: charge it, close it, or ask what became of it. The intent is committed before
//! the call, and what the gateway says is applied once, whether a webhook or the poll made us ask.

use crate::{
    Shop,
    act::{Cause, happen, revive},
    decide::Event,
    order, timeline,
};
use database::{Claim, Error, WriteTx};
use notifications::{AlertKind, alert_open, alert_resolve};
use payments::{
    ChargeOutcome, ChargeRequest, Closing, Gateway, Happened, Payment, PaymentState, StatusOutcome,
    after_charge, after_status, never_sent,
};
use std::sync::Arc;
use vocabulary::Actor;

enum Answer {
    Charged(ChargeOutcome),
    Asked(StatusOutcome),
}

/// Takes the next step of a claimed payment.
pub(super) async fn work(shop: &Shop, claim: &Claim) -> Result<(), Error> {
    let found =
        payments::payment(&mut shop.db.read("payment.look").await?, &super::parse(&claim.id)?).await?;
    let Some(payment) = found.filter(|p| p.fence == claim.fence) else { return Ok(()) };
    let Some(gateway) = shop.gateway(&payment.gateway).cloned() else {
        return Err(Error::Column {
            column: "gateway".into(),
            reason: format!("`{}` is not connected", payment.gateway),
        });
    };
    let answer = if payment.state == PaymentState::Intended {
        match charge(shop, &gateway, &payment).await? {
            Some(outcome) => Answer::Charged(outcome),
            None => return Ok(()),
        }
    } else {
        if payment.state == PaymentState::Open {
            close(&gateway, &payment).await;
        }
        Answer::Asked(gateway.status(&payment.reference).await)
    };
    record(shop, &payment, claim, answer).await
}

/// Marks the payment as sent, then charges it. `None` when nothing is to be charged any more.
async fn charge(
    shop: &Shop,
    gateway: &Arc<dyn Gateway>,
    payment: &Payment,
) -> Result<Option<ChargeOutcome>, Error> {
    let now = shop.clock.now();
    let mut tx = shop.db.write("payment.intent").await?;
    if let Some(closed) = never_sent(payment, now) {
        payments::store_payment(&mut tx, &closed, now).await?;
        tx.commit().await?;
        return Ok(None);
    }
    let Some(order) = order::order_by_id(&mut tx, &payment.order).await? else { return Ok(None) };
    if !payments::mark_sent(&mut tx, payment, now).await? {
        return Ok(None);
    }
    tx.commit().await?;
    let request = ChargeRequest {
        reference: payment.reference.clone(),
        method: payment.method,
        amount: payment.amount,
        item_code: order.product.to_string(),
        item_name: order.product_name,
        now: shop.clock.now(),
        expires_at: payment.expires_at,
        notify_url: shop.rules.address(&format!("/webhooks/{}", gateway.name())),
    };
    Ok(Some(gateway.charge(&request).await))
}

/// Asks the gateway to take no money for it any more. What became of that is seen by asking.
async fn close(gateway: &Arc<dyn Gateway>, payment: &Payment) {
    let outcome = match payment.closing {
        Some(Closing::Expire) => gateway.expire(&payment.reference).await,
        Some(Closing::Cancel) => gateway.cancel(&payment.reference).await,
        None => return,
    };
    tracing::debug!(payment.reference = %payment.reference, ?outcome, "asked to close payment {}", payment.reference);
}

async fn record(shop: &Shop, seen: &Payment, claim: &Claim, answer: Answer) -> Result<(), Error> {
    let now = shop.clock.now();
    let mut tx = shop.db.write("payment.record").await?;
    // The order's row first: everybody locks in this order.
    let Some(mut order) = order::locked(&mut tx, &seen.order).await? else { return Ok(()) };
    let Some(current) = payments::payment_locked(&mut tx, &seen.id).await? else { return Ok(()) };
    if current.fence != claim.fence {
        tracing::warn!(payment.reference = %seen.reference, "the lease on {} was over before its answer came; it is asked again", seen.reference);
        return Ok(());
    }
    // A reason to ask that came during the call is not yet answered by it.
    let base = Payment { nudges: seen.nudges, ..current };
    let (next, happened) = match answer {
        Answer::Charged(outcome) => after_charge(&base, outcome, now),
        Answer::Asked(outcome) => after_status(&base, outcome, now),
    };
    payments::store_payment(&mut tx, &next, now).await?;
    if next.state != base.state {
        audit_payment(shop, &mut tx, &order, &base, &next).await?;
    }
    let actor = Actor::gateway(&next.gateway);
    let cause = Cause { payment: Some(&next), ..Cause::by(&actor) };
    let note = next.note.as_deref();
    match happened {
        Happened::Nothing => {}
        Happened::Opened => {
            alert_resolve(&mut tx, AlertKind::GatewayRefusesUs, &next.gateway, now).await?;
            tell(shop, &mut tx, &order, ("payment_opened", Some(next.method.as_str()))).await?;
        }
        Happened::Closed => {
            tell(shop, &mut tx, &order, ("payment_closed", Some(next.state.as_str()))).await?
        }
        Happened::Refused => {
            tell(shop, &mut tx, &order, ("payment_refused", None)).await?;
            let text =
                format!("{} refuses to open payments ({})", next.gateway, note.unwrap_or("no reason given"));
            alert_open(&mut tx, &shop.ids, now, (AlertKind::GatewayRefusesUs, &next.gateway, &text)).await?;
        }
        Happened::Settled => {
            use crate::OrderState as S;
            let late = matches!(order.state, S::Expired | S::Cancelled)
                || order.attention == Some(crate::Attention::OddMoney);
            let still_possible = !late || revive(shop, &mut tx, &order, &actor).await?;
            happen(shop, &mut tx, &mut order, Event::MoneyArrived { still_possible }, cause).await?;
        }
        Happened::OddAmount => {
            let odd = next.odd_amount.unwrap_or_default();
            let reason = format!("{} says {odd} instead of {}", next.reference, next.amount);
            happen(shop, &mut tx, &mut order, Event::OddMoney, cause.because(&reason)).await?;
        }
        Happened::OddGone => {
            happen(shop, &mut tx, &mut order, Event::OddMoneyGone, cause).await?;
        }
        Happened::TakenBack => {
            tell(shop, &mut tx, &order, ("payment_taken_back", None)).await?;
            if next.state == PaymentState::Refunded {
                happen(shop, &mut tx, &mut order, Event::MoneyTakenBack, cause).await?;
            } else {
                let text = format!(
                    "a part of payment {} was taken back at {}: see its dashboard",
                    next.reference, next.gateway
                );
                alert_open(
                    &mut tx,
                    &shop.ids,
                    now,
                    (AlertKind::PaymentTakenBack, order.number.as_str(), &text),
                )
                .await?;
            }
        }
        Happened::Odd => {
            let text = format!("{} says `{}` of {}", next.gateway, note.unwrap_or_default(), next.reference);
            alert_open(&mut tx, &shop.ids, now, (AlertKind::UnknownWord, &next.gateway, &text)).await?;
        }
    }
    tx.commit().await
}

async fn tell(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &crate::Order,
    line: (&str, Option<&str>),
) -> Result<(), Error> {
    timeline::append(tx, &shop.ids, shop.clock.now(), (&order.id, order.state), line).await
}

async fn audit_payment(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &crate::Order,
    before: &Payment,
    after: &Payment,
) -> Result<(), Error> {
    let actor = Actor::gateway(&after.gateway);
    let action = format!("payment.{}", after.state);
    let entry = security::Entry {
        actor: &actor,
        action: &action,
        subject: order.number.as_str(),
        before: Some(before.state.to_string()),
        after: Some(format!("{} {}", after.reference, after.state)),
        source: after.note.clone(),
    };
    security::record(tx, &shop.ids, shop.clock.now(), &entry).await
}

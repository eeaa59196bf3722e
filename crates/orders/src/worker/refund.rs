//! Work on a refund to where the money came from: send it, or ask what became of it. The intent is committed
//! before the call; what may have arrived is asked about, and sent again under the same key alone.

use crate::{Order, Shop, order, refund};
use database::{Claim, Error, WriteTx};
use notifications::{AlertKind, alert_open, alert_resolve};
use payments::{
    Called, Gateway, Payment, Refund, RefundHappened, RefundOutcome, RefundRefusal, RefundState,
    after_refund, kept_for_a_person, may_be_sent,
};
use std::sync::Arc;
use vocabulary::Actor;

/// Takes the next step of a claimed refund.
pub(super) async fn work(shop: &Shop, claim: &Claim) -> Result<(), Error> {
    let mut tx = shop.db.read("refund.look").await?;
    let found = payments::refund(&mut tx, &super::parse(&claim.id)?).await?;
    let Some(seen) = found.filter(|r| r.fence == claim.fence && r.state.is_live()) else { return Ok(()) };
    let Some(payment) = payments::payment(&mut tx, &seen.payment).await? else { return Ok(()) };
    drop(tx);
    let Some(gateway) = shop.gateway(&seen.gateway).cloned() else {
        return Err(Error::Column {
            column: "gateway".into(),
            reason: format!("`{}` is not connected", seen.gateway),
        });
    };
    let is_to_be_sent = seen.state == RefundState::Intended && may_be_sent(&seen, shop.clock.now());
    let (called, outcome) = if is_to_be_sent {
        match send(shop, &gateway, &seen, &payment).await? {
            Some(outcome) => (Called::Sent, outcome),
            None => return Ok(()),
        }
    } else {
        let request = seen.request(&payment, shop.clock.now());
        (Called::Asked, gateway.refund_status(&request).await)
    };
    record(shop, &seen, claim, (called, outcome)).await
}

/// Marks the refund as sent, then sends it. `None` when somebody else has it by now.
async fn send(
    shop: &Shop,
    gateway: &Arc<dyn Gateway>,
    seen: &Refund,
    payment: &Payment,
) -> Result<Option<RefundOutcome>, Error> {
    let now = shop.clock.now();
    let mut tx = shop.db.write("refund.intent").await?;
    if !payments::mark_refund_sent(&mut tx, seen, now).await? {
        return Ok(None);
    }
    tx.commit().await?;
    Ok(Some(gateway.refund(&seen.request(payment, now)).await))
}

async fn record(
    shop: &Shop,
    seen: &Refund,
    claim: &Claim,
    (called, outcome): (Called, RefundOutcome),
) -> Result<(), Error> {
    let now = shop.clock.now();
    let mut tx = shop.db.write("refund.record").await?;
    // The order's row first, then the payment's: everybody locks in this order.
    let Some(mut order) = order::locked(&mut tx, &seen.order).await? else { return Ok(()) };
    let Some(payment) = payments::payment_locked(&mut tx, &seen.payment).await? else { return Ok(()) };
    let Some(current) = payments::refund_locked(&mut tx, &seen.id).await? else { return Ok(()) };
    if current.state == RefundState::Refused && matches!(outcome, RefundOutcome::Done { .. }) {
        let text = format!(
            "{} has given back refund {} of {}, which had ended as refused: the buyer has it as store credit, too; see its dashboard",
            current.gateway, current.reference, current.amount
        );
        tracing::error!(refund.reference = %current.reference, "{text}");
        let alert = (AlertKind::PaymentTakenBack, current.reference.to_string());
        alert_open(&mut tx, &shop.ids, now, (alert.0, &alert.1, &text)).await?;
        return tx.commit().await;
    }
    if current.fence != claim.fence || !current.state.is_live() {
        tracing::warn!(refund.reference = %seen.reference, "the lease on {} was over before its answer came; it is asked about again", seen.reference);
        return Ok(());
    }
    // A reason to ask that came during the call is not yet answered by it.
    let base = Refund { nudges: seen.nudges, ..current };
    let (mut next, happened) = after_refund(&base, called, outcome, now);
    let is_kept = matches!(happened, RefundHappened::Refused(_)) && payment.went_back_otherwise();
    if is_kept {
        next = kept_for_a_person(next, now);
    }
    if !payments::store_refund(&mut tx, &next, now).await? {
        return Ok(());
    }
    if next.state != base.state {
        audit(shop, &mut tx, &order, (&base, &next)).await?;
    }
    match happened {
        RefundHappened::Refused(_) if is_kept => {
            let text = format!(
                "{} refuses refund {} of {} ({}), and something of {} was given back in its dashboard or taken back by the buyer's bank meanwhile: nothing is credited by itself; give back what is left there and `loket order refund-settle {} given-back`, or `not-given-back` if the buyer is to have all of it as store credit",
                next.gateway,
                next.reference,
                next.amount,
                next.note.as_deref().unwrap_or("no reason"),
                payment.reference,
                next.reference
            );
            // What was said of it before, that it is slow, does not tell this.
            let subject = next.reference.to_string();
            alert_resolve(&mut tx, AlertKind::RefundSlow, &subject, now).await?;
            alert_open(&mut tx, &shop.ids, now, (AlertKind::RefundSlow, &subject, &text)).await?;
        }
        RefundHappened::Nothing => {}
        RefundHappened::Slow => {
            let text = format!(
                "refund {} of {} has not come to its end at {} ({}); see its dashboard, it is asked about on; `loket order refund-settle {} given-back` or `not-given-back`, once you know",
                next.reference,
                next.amount,
                next.gateway,
                next.note.as_deref().unwrap_or("no answer"),
                next.reference
            );
            let alert = (AlertKind::RefundSlow, next.reference.to_string());
            alert_open(&mut tx, &shop.ids, now, (alert.0, &alert.1, &text)).await?;
        }
        RefundHappened::Done => {
            let actor = Actor::gateway(&next.gateway);
            refund::end(shop, &mut tx, &mut order, (&next, &payment), &actor).await?;
        }
        RefundHappened::Refused(why) => {
            let actor = Actor::gateway(&next.gateway);
            refund::end(shop, &mut tx, &mut order, (&next, &payment), &actor).await?;
            call_a_person(shop, &mut tx, &next, why).await?;
        }
    }
    tx.commit().await
}

/// What a refusal means for those who run the shop.
async fn call_a_person(
    shop: &Shop,
    tx: &mut WriteTx,
    refused: &Refund,
    why: RefundRefusal,
) -> Result<(), Error> {
    let hint = match why {
        RefundRefusal::InsufficientBalance => "our balance there is too small: top it up",
        RefundRefusal::WindowOver => "it was paid too long ago",
        _ => "see its remark with `loket order show`",
    };
    let text = format!(
        "{} does not give back {} ({}, {}): {hint}; the buyer has it as store credit",
        refused.gateway,
        refused.amount,
        refused.reference,
        refused.note.as_deref().unwrap_or(why.as_str())
    );
    tracing::warn!(refund.reference = %refused.reference, "{text}");
    let alert = (AlertKind::GatewayRefusesUs, refused.gateway.as_str(), text.as_str());
    // Other refusals are about this buyer or this payment, and nothing that staff could mend.
    if why == RefundRefusal::InsufficientBalance {
        alert_open(tx, &shop.ids, shop.clock.now(), alert).await?;
    }
    Ok(())
}

async fn audit(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &Order,
    (before, after): (&Refund, &Refund),
) -> Result<(), Error> {
    let action = format!("refund.{}", after.state);
    let entry = security::Entry {
        actor: &Actor::gateway(&after.gateway),
        action: &action,
        subject: order.number.as_str(),
        before: Some(before.state.to_string()),
        after: Some(format!("{} {}", after.reference, after.state)),
        source: after.note.clone(),
    };
    security::record(tx, &shop.ids, shop.clock.now(), &entry).await
}

//! Work on a payment: charge it, close it, or ask what became of it. The intent is committed before
//! the call, and what the gateway says is applied once, whether a webhook or the poll made us ask. What was
//! certainly not opened may go over another gateway that carries the same method, in a row and under a reference
//! of its own; what is not known never does, and belongs to the gateway of its row for ever.

use crate::{
    Order, Shop,
    act::{Cause, happen, revive, take_part},
    charged_back,
    circuit::{self, Heard},
    decide::{Booked, Event},
    order, pay, taken_back, timeline,
};
use database::{Claim, Error, WriteTx};
use notifications::{AlertKind, alert_open, alert_resolve};
use outside::Admission;
use payments::{
    ChargeOutcome, ChargeRequest, Closing, Gateway, Happened, LostCharge, ObservedState, PartBack, Payment,
    PaymentState, RefusalReason, StatusOutcome, after_charge, after_status, never_sent, of_repetition,
};
use std::{sync::Arc, time::Duration};
use vocabulary::{Actor, Timestamp};

/// While a gateway is left alone, what is open there is asked about no more often than this.
const SLOW_PACE: Duration = Duration::from_secs(30);

enum Answer {
    Charged(ChargeOutcome, LostCharge),
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
    let answer =
        if payment.state == PaymentState::Intended || is_sent_again(&gateway, &payment, shop.clock.now()) {
            match charge(shop, &gateway, &payment).await? {
                Some(outcome) => Answer::Charged(outcome, gateway.lost_charge(payment.method)),
                None => return Ok(()),
            }
        } else {
            if payment.state == PaymentState::Open {
                close(&gateway, &payment, shop.clock.now()).await;
            }
            Answer::Asked(gateway.status(&payment.sent(shop.clock.now())).await)
        };
    // The gateway is judged by what it says, the payment by what that tells of all that was sent of it.
    let heard = match &answer {
        // It may not even have been called: too little time was left.
        Answer::Charged(ChargeOutcome::NotOpened { .. }, _)
            if shop.clock.now().plus(gateway.shortest(payment.method)) > payment.expires_at =>
        {
            Heard::Nothing
        }
        answer => heard(answer),
    };
    let again = payment.in_doubt || payment.state == PaymentState::Unknown;
    let answer = match answer {
        Answer::Charged(outcome, lost) if again => Answer::Charged(of_repetition(outcome), lost),
        answer => answer,
    };
    record(shop, (&payment, &gateway), claim, (answer, heard)).await
}

/// Whether the answer to its charge was lost, and the gateway answers a repetition as it did the
/// first. One that nobody wants any more is asked about, so that it can be closed.
fn is_sent_again(gateway: &Arc<dyn Gateway>, payment: &Payment, now: Timestamp) -> bool {
    payment.state == PaymentState::Unknown
        && payment.closing.is_none()
        && payment.odd_amount.is_none()
        && now < payment.expires_at
        && gateway.lost_charge(payment.method) == LostCharge::SendAgain
}

/// Marks the payment as sent, then charges it. `None` when nothing is to be charged any more.
async fn charge(
    shop: &Shop,
    gateway: &Arc<dyn Gateway>,
    payment: &Payment,
) -> Result<Option<ChargeOutcome>, Error> {
    let now = shop.clock.now();
    let shortest = gateway.shortest(payment.method);
    if payment.state == PaymentState::Intended && never_sent(payment, shortest, now).is_some() {
        close_unsent(shop, payment, shortest).await?;
        return Ok(None);
    }
    let mut tx = shop.db.write("payment.intent").await?;
    if payment.waits_for_phone() {
        let waiting = Payment { due_at: None, ..payment.clone() };
        payments::store_payment(&mut tx, &waiting, now).await?;
        tx.commit().await?;
        return Ok(None);
    }
    let Some(order) = order::order_by_id(&mut tx, &payment.order).await? else { return Ok(None) };
    let about = payment.reference.to_string();
    // What may have been sent is a question about money: that is asked whatever the gateway's circuit says.
    if payment.state == PaymentState::Intended
        && let Admission::Wait(until) =
            circuit::admit(&mut tx, (gateway.as_ref(), payment.method), &about, now).await?
    {
        drop(tx);
        stand_back(shop, payment, until).await?;
        return Ok(None);
    }
    if !payments::mark_sent(&mut tx, payment, now).await? {
        return Ok(None);
    }
    let phone = match &payment.phone {
        Some(stored) => Some(shop.open_phone(&order.buyer, stored)?),
        None => None,
    };
    tx.commit().await?;
    let request = ChargeRequest {
        reference: payment.reference.clone(),
        method: payment.method,
        amount: payment.amount,
        item_code: order.product.to_string(),
        item_name: order.product_name,
        now: shop.clock.now(),
        expires_at: payment.expires_at,
        notify_url: shop.rules.address(gateway.webhook_path()),
        return_url: shop.rules.address(&format!("/pay/{}", order.pay_token)),
        phone,
    };
    Ok(Some(gateway.charge(&request).await))
}

/// Its gateway is left alone for now: what was certainly not opened goes over another one that works, and all
/// else waits.
async fn stand_back(shop: &Shop, seen: &Payment, until: Timestamp) -> Result<(), Error> {
    let now = shop.clock.now();
    let mut tx = shop.db.write("payment.intent").await?;
    // The order's row first: everybody locks in this order.
    let Some(mut order) = order::locked(&mut tx, &seen.order).await? else { return Ok(()) };
    let found = payments::payment_locked(&mut tx, &seen.id).await?;
    let Some(current) = found.filter(|p| p.fence == seen.fence && p.state == seen.state) else {
        return Ok(());
    };
    let over = if current.in_doubt { None } else { pay::next_rail(shop, &mut tx, &order, &current).await? };
    let Some(over) = over else {
        let waiting = Payment { due_at: Some(until.min(current.expires_at).max(now)), ..current };
        payments::store_payment(&mut tx, &waiting, now).await?;
        return tx.commit().await;
    };
    let ended = moved_away(&current, "its gateway is left alone for now");
    payments::store_payment(&mut tx, &ended, now).await?;
    let actor = Actor::system();
    audit_payment(shop, &mut tx, &order, &actor, (&current, &ended)).await?;
    pay::move_over(shop, &mut tx, &mut order, (&ended, &over), &actor).await?;
    tx.commit().await
}

/// A payment that was certainly not opened, as it stands when another takes its place.
fn moved_away(payment: &Payment, why: &str) -> Payment {
    Payment {
        state: PaymentState::Cancelled,
        closing: Some(Closing::Cancel),
        note: Some(format!("{why}; another gateway takes its place")),
        due_at: None,
        ..payment.clone()
    }
}

/// What an answer says of the gateway that gave it.
fn heard(answer: &Answer) -> Heard {
    use ChargeOutcome as C;
    match answer {
        Answer::Charged(C::Opened(_) | C::Exists, _) => Heard::Fine,
        Answer::Charged(C::Refused { reason: RefusalReason::UnknownPhone, .. }, _) => Heard::Fine,
        Answer::Charged(C::Refused { reason: RefusalReason::ThisPayment, .. }, _) => Heard::Nothing,
        Answer::Charged(C::Refused { code, message, .. }, _) => Heard::Refuses(format!("{code}: {message}")),
        Answer::Charged(C::Unfit { reason, .. }, _) => Heard::Refuses(reason.clone()),
        Answer::Asked(StatusOutcome::Found(seen)) if seen.state == ObservedState::Unfit => {
            Heard::Unfit(seen.stated.clone())
        }
        Answer::Charged(C::NotOpened { reason, .. } | C::Unknown { reason, .. }, _) => {
            Heard::Failed(reason.clone())
        }
        Answer::Asked(StatusOutcome::Unknown { reason, .. }) => Heard::Silent(reason.clone()),
        // It answers questions: whether it opens payments is another matter.
        Answer::Asked(_) => Heard::Nothing,
    }
}

/// Whether this answer proves that nothing was opened, and the rail is why and not the buyer.
fn is_unopened(seen: &Payment, answer: &Answer) -> bool {
    let nothing = matches!(
        answer,
        Answer::Charged(
            ChargeOutcome::NotOpened { .. }
                | ChargeOutcome::Refused { reason: RefusalReason::Other | RefusalReason::ThisPayment, .. },
            _
        )
    );
    nothing && seen.state == PaymentState::Intended && !seen.in_doubt
}

/// Ends a payment that its gateway has never heard of. Whoever looks at the order learns of it as when a
/// gateway says that a payment is closed.
async fn close_unsent(shop: &Shop, seen: &Payment, shortest: Duration) -> Result<(), Error> {
    let now = shop.clock.now();
    let mut tx = shop.db.write("payment.intent").await?;
    // The order's row first: everybody locks in this order.
    let Some(order) = order::locked(&mut tx, &seen.order).await? else { return Ok(()) };
    let found = payments::payment_locked(&mut tx, &seen.id).await?;
    let Some(current) = found.filter(|p| p.fence == seen.fence && p.state == seen.state) else {
        return Ok(());
    };
    let Some(closed) = never_sent(&current, shortest, now) else { return Ok(()) };
    payments::store_payment(&mut tx, &closed, now).await?;
    audit_payment(shop, &mut tx, &order, &Actor::system(), (&current, &closed)).await?;
    tell(shop, &mut tx, &order, ("payment_closed", Some(closed.state.as_str()))).await?;
    tx.commit().await
}

/// Asks the gateway to take no money for it any more. What became of that is seen by asking.
async fn close(gateway: &Arc<dyn Gateway>, payment: &Payment, now: Timestamp) {
    let outcome = match payment.closing {
        Some(Closing::Expire) => gateway.expire(&payment.sent(now)).await,
        Some(Closing::Cancel) => gateway.cancel(&payment.sent(now)).await,
        None => return,
    };
    tracing::debug!(payment.reference = %payment.reference, ?outcome, "asked to close payment {}", payment.reference);
}

async fn record(
    shop: &Shop,
    (seen, gateway): (&Payment, &Arc<dyn Gateway>),
    claim: &Claim,
    (answer, heard): (Answer, Heard),
) -> Result<(), Error> {
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
    let unopened = is_unopened(seen, &answer);
    let refunds = match &answer {
        Answer::Asked(_) if base.given_back_by_us().is_positive() => {
            payments::refunds_of_order(&mut tx, &order.id).await?
        }
        _ => Vec::new(),
    };
    let (mut next, happened) = match answer {
        Answer::Charged(outcome, lost) => after_charge(&base, outcome, lost, now),
        Answer::Asked(outcome) => after_status(&base, &refunds, outcome, now),
    };
    let reference = next.reference.to_string();
    let rail = (gateway.as_ref(), next.method);
    let fails = circuit::hear(shop, &mut tx, rail, (&heard, &reference)).await?;
    if fails && matches!(heard, Heard::Silent(_)) {
        next.due_at = next.due_at.map(|due| due.max(now.plus(SLOW_PACE)));
    }
    let mut over = None;
    if unopened {
        next.in_doubt = false;
        over = pay::next_rail(shop, &mut tx, &order, &next).await?;
        if over.is_some() && next.state == PaymentState::Intended {
            next = moved_away(&next, next.note.as_deref().unwrap_or("nothing was opened"));
        }
    }
    payments::store_payment(&mut tx, &next, now).await?;
    let actor = Actor::gateway(&next.gateway);
    if next.state != base.state {
        audit_payment(shop, &mut tx, &order, &actor, (&base, &next)).await?;
    }
    let cause = Cause { payment: Some(&next), ..Cause::by(&actor) };
    let note = next.note.as_deref();
    match happened {
        // It may have been heard of while a refund of ours was on its way, which has ended by now.
        Happened::Nothing => {
            take_part(shop, &mut tx, &order, &next, &actor).await?;
        }
        Happened::Opened => {
            alert_resolve(&mut tx, AlertKind::GatewayRefusesUs, &next.gateway, now).await?;
            alert_resolve(&mut tx, AlertKind::PaymentUnfit, &circuit::method_of(&next), now).await?;
            tell(shop, &mut tx, &order, (pay::OPENED, Some(next.method.as_str()))).await?;
        }
        Happened::Closed => {
            tell(shop, &mut tx, &order, ("payment_closed", Some(next.state.as_str()))).await?;
            over = pay::rail_after_unfit(shop, &mut tx, &order, &next).await?;
        }
        Happened::Unfit => {
            tell(shop, &mut tx, &order, (pay::UNFIT, Some(&reference))).await?;
            let (subject, why) = (circuit::method_of(&next), note.unwrap_or("no reason given"));
            let text = format!(
                "{} opens payments by {} that buyers are not shown, and that are closed there, because each would ask for something else than we asked for ({reference}: {why}); see its dashboard, above all for fees that are put on top",
                next.gateway, next.method
            );
            let alert = (AlertKind::PaymentUnfit, subject.as_str(), text.as_str());
            alert_open(&mut tx, &shop.ids, now, alert).await?;
        }
        Happened::GivenUp => {
            tell(shop, &mut tx, &order, ("payment_given_up", Some(&next.reference.to_string()))).await?;
            crate::pay::open_another(shop, &mut tx, &mut order, &next, &actor).await?;
        }
        // The buyer's mistake, which they can make good: no business of staff.
        Happened::Refused(reason @ RefusalReason::UnknownPhone) => {
            tell(shop, &mut tx, &order, ("payment_refused", Some(reason.as_str()))).await?;
        }
        Happened::Refused(reason @ (RefusalReason::ThisPayment | RefusalReason::Other)) => {
            if over.is_none() {
                tell(shop, &mut tx, &order, ("payment_refused", None)).await?;
            }
            if reason == RefusalReason::Other {
                let why = note.unwrap_or("no reason given");
                let text = format!("{} refuses to open payments ({why})", next.gateway);
                let alert = (AlertKind::GatewayRefusesUs, next.gateway.as_str(), text.as_str());
                alert_open(&mut tx, &shop.ids, now, alert).await?;
            }
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
            let payments = payments::payments_of_order(&mut tx, &order.id).await?;
            let another_left = payments.iter().any(Payment::is_undecided);
            happen(shop, &mut tx, &mut order, Event::OddMoneyGone { another_left }, cause).await?;
        }
        Happened::OwnRefund => {
            payments::nudge_refund(&mut tx, &next.id, now).await?;
        }
        Happened::ChargedBack => {
            payments::nudge_refund(&mut tx, &next.id, now).await?;
            charged_back::record(shop, &mut tx, &order, &next).await?;
        }
        Happened::TakenBack => {
            // One of ours that is on its way may have come too late.
            payments::nudge_refund(&mut tx, &next.id, now).await?;
            tell(shop, &mut tx, &order, ("payment_taken_back", None)).await?;
            let booked = taken_back::booked_for(&mut tx, &order, &next).await?;
            if booked == Booked::ForOrder {
                // What was said of a part of it before does not tell this.
                let number = order.number.as_str();
                alert_resolve(&mut tx, AlertKind::PaymentTakenBack, number, now).await?;
            }
            if next.state == PaymentState::Refunded {
                happen(shop, &mut tx, &mut order, Event::MoneyTakenBack { booked }, cause).await?;
            } else if !take_part(shop, &mut tx, &order, &next, &actor).await? {
                let lost = match booked {
                    Booked::ForOrder => charged_back::grown(shop, &mut tx, &order, &next).await?,
                    _ => None,
                };
                let words = part_in_words(&next);
                let text = match lost {
                    Some(lost) => format!(
                        "{words}; the rest of it is the buyer's or earned by now, so {lost} of that is booked as a loss"
                    ),
                    None => words,
                };
                let alert = (AlertKind::PaymentTakenBack, order.number.as_str(), text.as_str());
                alert_open(&mut tx, &shop.ids, now, alert).await?;
            }
            // Of what a bank took, more than was left may have gone.
            if next.charged_back > base.charged_back {
                charged_back::record(shop, &mut tx, &order, &next).await?;
            }
        }
        Happened::Odd => {
            let text = format!("{} says `{}` of {}", next.gateway, note.unwrap_or_default(), next.reference);
            alert_open(&mut tx, &shop.ids, now, (AlertKind::UnknownWord, &next.gateway, &text)).await?;
        }
    }
    if let Some(over) = over {
        pay::move_over(shop, &mut tx, &mut order, (&next, &over), &actor).await?;
    }
    tx.commit().await
}

/// What staff are told of a part that went back.
fn part_in_words(payment: &Payment) -> String {
    let how_much = match payment.part_back() {
        PartBack::Known(back) => back.to_string(),
        _ => "a part".to_owned(),
    };
    let (reference, gateway) = (&payment.reference, &payment.gateway);
    let beside = match payment.refunding.is_positive() {
        true => format!(
            ", beside a refund of ours of {} that is on its way; if it was given instead of that, say how that one ended with `loket order refund-settle`",
            payment.refunding
        ),
        false => String::new(),
    };
    format!("{how_much} of payment {reference} was taken back at {gateway}: see its dashboard{beside}")
}

async fn tell(shop: &Shop, tx: &mut WriteTx, order: &Order, line: (&str, Option<&str>)) -> Result<(), Error> {
    timeline::append(tx, &shop.ids, shop.clock.now(), (&order.id, order.state), line).await
}

async fn audit_payment(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &Order,
    actor: &Actor,
    (before, after): (&Payment, &Payment),
) -> Result<(), Error> {
    let action = format!("payment.{}", after.state);
    let entry = security::Entry {
        actor,
        action: &action,
        subject: order.number.as_str(),
        before: Some(before.state.to_string()),
        after: Some(format!("{} {}", after.reference, after.state)),
        source: after.note.clone(),
    };
    security::record(tx, &shop.ids, shop.clock.now(), &entry).await
}

//! Work on a fulfilment attempt: send it, ask what became of it, and tell the buyer when it takes
//! long. The send is committed before the call; asking goes on in every state of the order.

use super::{
    heard,
    reversed::{cannot_be_reckoned, is_loss, is_settled, part_reversed, reversed},
    unsent,
};
use crate::routing::{Plan, may_fail_over};
use crate::{
    Attention, Order, OrderState, Shop,
    act::{Cause, happen},
    decide::Event,
    line, order, prices, refund,
    sealed::words_of,
    taken_back, timeline,
};
use database::{Claim, Error, ReadTx, WriteTx};
use notifications::{AlertKind, Audience, MessageKind, alert_open, alert_resolve, enqueue, open_alerts_of};
use std::{sync::Arc, time::Duration};
use suppliers::{
    Ask, Askable, Attempt, AttemptState, Before, Capabilities, DepositSeen, LookedUp, Outcome, Purchase,
    Report, Source, Supplier, Verdict, after_reminder, after_report, askable, withdrawn,
};
use vocabulary::Actor;

/// So many sends that certainly did not arrive, and another route is taken, if there is one.
const UNREACHABLE_AFTER: i64 = 3;

/// Takes the next step of a claimed attempt.
pub(super) async fn work(shop: &Shop, claim: &Claim) -> Result<(), Error> {
    let found =
        suppliers::attempt(&mut shop.db.read("attempt.look").await?, &super::parse(&claim.id)?).await?;
    let Some(attempt) = found.filter(|a| a.fence == claim.fence) else { return Ok(()) };
    if remind(shop, &attempt, claim).await? {
        return Ok(());
    }
    let Some(supplier) = shop.supplier(&attempt.supplier).cloned() else {
        // Paid, and its supplier was taken out of the configuration since: the buyer is told as with
        // any slow supplier, and a person is called; meanwhile it may be connected again.
        tracing::error!(attempt.reference = %attempt.reference, "`{}` is not connected", attempt.supplier);
        return put_off(shop, &attempt, claim, Some(shop.clock.now().plus(Duration::from_secs(60)))).await;
    };
    // Where a question is a send, one about what has failed could buy it again: a hint is no reason for that.
    if supplier.capabilities().resend_is_status && attempt.state == AttemptState::Failed {
        return put_off(shop, &attempt, claim, None).await;
    }
    let now = shop.clock.now();
    match askable(&attempt, supplier.capabilities(), now) {
        Askable::Now => {}
        Askable::At(moment) => return put_off(shop, &attempt, claim, Some(moment)).await,
        Askable::Never => return put_off(shop, &attempt, claim, None).await,
    }
    let ask = if attempt.state == AttemptState::Intended { Ask::First } else { Ask::Again };
    let mut purchase = Purchase {
        reference: attempt.reference.clone(),
        sku: attempt.sku.clone(),
        customer_no: attempt.customer_no.clone(),
        max_price: attempt.max_price,
        ask,
        first_sent_at: attempt.first_sent_at.unwrap_or(now),
        now,
        notify_url: shop.rules.address(&format!("/webhooks/{}", supplier.name())),
        number: attempt.number.clone(),
        others: None,
    };
    let earlier = match ask {
        Ask::Again => None,
        Ask::First => match supplier.before_first_send(&purchase).await {
            Before::Ready { earlier } => earlier,
            Before::NotBought(report) => {
                return record(shop, &supplier, &attempt, Some(claim), &report).await;
            }
            Before::NotNow { reason } => {
                return unsent::silent_look(shop, &attempt, claim, (Verdict::NotSent, &reason)).await;
            }
            Before::NotTold { reason } => {
                return unsent::silent_look(shop, &attempt, claim, (Verdict::NotTold, &reason)).await;
            }
        },
    };
    purchase.now = shop.clock.now();
    let mut tx = shop.db.write("attempt.intent").await?;
    if ask == Ask::First && !may_be_sent(shop, &mut tx, &attempt).await? {
        return tx.commit().await;
    }
    // What may be given back is not bought meanwhile.
    if ask == Ask::First && refund::waiting(&mut tx, &attempt.order).await?.is_some() {
        drop(tx);
        let later = shop.clock.now().plus(Duration::from_secs(60));
        return put_off(shop, &attempt, claim, Some(later)).await;
    }
    let Some(first_sent_at) = suppliers::mark_attempt_sent(&mut tx, &attempt, purchase.now).await? else {
        return Ok(());
    };
    purchase.first_sent_at = first_sent_at;
    if let Some(earlier) = &earlier {
        suppliers::store_earlier(&mut tx, &attempt, earlier).await?;
    }
    if attempt.number.is_none() {
        purchase.others = suppliers::numbers_of_others(&mut tx, &attempt).await?;
    }
    tx.commit().await?;
    let report = if ask == Ask::Again && !supplier.capabilities().resend_is_status {
        looked_up(supplier.look_up(&purchase).await)
    } else {
        supplier.purchase(&purchase).await
    };
    record(shop, &supplier, &attempt, Some(claim), &report).await?;
    prices::ask_after(shop, &supplier, &attempt, report.verdict).await;
    Ok(())
}

/// What a look tells of the attempt. No answer is unknown, and so is an attempt that nobody can ask about: of
/// that one a person hears.
fn looked_up(told: LookedUp) -> Report {
    match told {
        LookedUp::Told(report) => report,
        LookedUp::Silent { reason } => Report::bare(Verdict::Unknown, reason),
        LookedUp::NoWay => Report::bare(
            Verdict::UnknownAlarm,
            "its supplier buys again when it is sent again, and cannot be asked in another way",
        ),
    }
}

/// Whether an attempt that was never sent is still wanted. One that is not is withdrawn: an earlier attempt has
/// delivered after all, or the money went back while it could not be sent: then the order has failed.
pub(super) async fn may_be_sent(shop: &Shop, tx: &mut WriteTx, attempt: &Attempt) -> Result<bool, Error> {
    let now = shop.clock.now();
    let Some(mut order) = order::locked(tx, &attempt.order).await? else { return Ok(false) };
    let waits = matches!(order.state, OrderState::Paid | OrderState::Fulfilling)
        || order.attention.is_some_and(Attention::is_about_supplier);
    let others = suppliers::attempts_of_order(tx, &attempt.order).await?;
    let delivered = |other: &Attempt| {
        other.id != attempt.id
            && matches!(other.state, AttemptState::Succeeded | AttemptState::PartlySucceeded)
    };
    let wanted = waits && !others.iter().any(delivered);
    let back = if wanted { taken_back::in_any_part(tx, &order.id).await? } else { None };
    if wanted && back.is_none() {
        return Ok(true);
    }
    let Some(current) = suppliers::attempt_locked(tx, &attempt.id).await? else { return Ok(false) };
    if current.fence != attempt.fence || current.state != AttemptState::Intended {
        return Ok(false);
    }
    let why = match &back {
        Some(payment) => format!("{} has given money of it back", payment.gateway),
        None => format!("its order is {}", order.state),
    };
    let next = withdrawn(&current, &why, now);
    suppliers::store_attempt(tx, &next, current.fence, now).await?;
    audit_attempt(shop, tx, &order, &current, &next).await?;
    if back.is_some() {
        let actor = Actor::system();
        let cause = Cause { attempt: Some(&next), reason: Some(&why), ..Cause::by(&actor) };
        happen(shop, tx, &mut order, Event::Failed, cause).await?;
    }
    Ok(false)
}

/// Applies what a supplier said, whether it answered (`claim`) or sent a webhook (`None`).
pub(crate) async fn record(
    shop: &Shop,
    supplier: &Arc<dyn Supplier>,
    seen: &Attempt,
    claim: Option<&Claim>,
    report: &Report,
) -> Result<(), Error> {
    let mut tx = shop.db.write("attempt.record").await?;
    if apply(shop, &mut tx, supplier, seen, claim, report).await? {
        if claim.is_some() {
            learn_deposit(&mut tx, supplier, seen, report).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// Keeps what the answer to a first send says of our deposit. An answer to a later question may say what was left
/// when the purchase was made, and a webhook may be hours old.
async fn learn_deposit(
    tx: &mut WriteTx,
    supplier: &Arc<dyn Supplier>,
    seen: &Attempt,
    report: &Report,
) -> Result<(), Error> {
    let asked_at = suppliers::attempt(tx, &seen.id).await?.and_then(|attempt| attempt.last_asked_at);
    if seen.state == AttemptState::Intended
        && let (Some(left), Some(seen_at)) = (report.balance, asked_at)
    {
        let told = DepositSeen { supplier: supplier.name().to_owned(), left, seen_at };
        suppliers::store_deposit(tx, &told).await?;
    }
    Ok(())
}

/// The same inside a transaction of the caller's. False when the lease was over: nothing is changed.
pub(crate) async fn apply(
    shop: &Shop,
    tx: &mut WriteTx,
    supplier: &Arc<dyn Supplier>,
    seen: &Attempt,
    claim: Option<&Claim>,
    report: &Report,
) -> Result<bool, Error> {
    let now = shop.clock.now();
    let Some(mut order) = order::locked(tx, &seen.order).await? else { return Ok(false) };
    let Some(current) = suppliers::attempt_locked(tx, &seen.id).await? else { return Ok(false) };
    if claim.is_some_and(|claim| claim.fence != current.fence) {
        tracing::warn!(attempt.reference = %seen.reference, "the lease on {} was over before its answer came; it is asked again", seen.reference);
        return Ok(false);
    }
    // A reason to ask that came during the call is not yet answered by it.
    let nudges = if claim.is_some() { seen.nudges } else { current.nudges };
    let current = Attempt { nudges, ..current };
    let source = if claim.is_some() { Source::Answer } else { Source::Webhook };
    let contested = contested(tx, &**supplier, (seen, &current), report).await?;
    let doubted = contested.or_else(|| impossible(supplier.capabilities(), report));
    let report = &shop.sealed_report(&order.id, doubted.as_ref().unwrap_or(report))?;
    suppliers::record_word(tx, &current, (report, source), now).await?;
    let jitter = shop.ids.below(60_000);
    let (mut next, outcome) = after_report(&current, (report, source), supplier.capabilities(), now, jitter);
    // What was delivered in part may stand in the books already, at the price that it had then.
    let partly = current.state == AttemptState::PartlySucceeded;
    let settled = is_settled(tx, &current).await?;
    let booked = partly && (settled || is_loss(tx, &current).await?);
    if booked {
        next.price = current.price;
    }
    if settled
        && outcome == Outcome::Reversed
        && let Some(why) = cannot_be_reckoned(tx, &order, &current).await?
    {
        // What is to be booked for it a person must find out.
        let text = format!(
            "order {}: {} took back what it had delivered in part first and you have settled; nothing was booked for it, because {why}",
            order.number,
            supplier.name()
        );
        let (kind, number) = (AlertKind::DeliveryReversed, order.number.as_str());
        let is_told =
            open_alerts_of(tx, kind).await?.iter().any(|a| a.subject == number && a.message == text);
        if !is_told {
            // What was said of it before does not tell this.
            alert_resolve(tx, kind, number, now).await?;
            alert_open(tx, &shop.ids, now, (kind, number, &text)).await?;
        }
        next = Attempt { due_at: None, ..current.clone() };
        suppliers::store_attempt(tx, &next, current.fence, now).await?;
        return Ok(true);
    }
    let around = match claim {
        Some(_) => around(shop, tx, &order, &next).await?,
        None => None,
    };
    if let Some((gone_round, _)) = &around {
        next = gone_round.clone();
    }
    suppliers::store_attempt(tx, &next, current.fence, now).await?;
    if next.state != current.state {
        audit_attempt(shop, tx, &order, &current, &next).await?;
    }
    let code = report.code.as_deref().unwrap_or("-");
    let reason = format!("{} {}: {} {}", supplier.name(), next.reference, code, report.message);
    let reason: String = reason.chars().take(200).collect();
    let actor = Actor::supplier(supplier.name());
    let gone = match outcome {
        Outcome::Delivered | Outcome::Failed | Outcome::RefusesUs => taken_back::gone(tx, &order.id).await?,
        _ => None,
    };
    // News of an attempt that is over are about no place in a line.
    if is_taken(report.verdict) && next.state.is_live() {
        line::stand_in(shop, tx, &order.id, &[], now).await?;
    }
    if matches!(report.verdict, Verdict::Succeeded | Verdict::PartlySucceeded | Verdict::Pending) {
        // It takes orders: who waits for the deposit there may go on.
        line::call_the_first(shop, tx, supplier.name(), now).await?;
    }
    let plan = match outcome {
        Outcome::Failed | Outcome::RefusesUs if gone.is_none() => {
            elsewhere(shop, tx, &order, (supplier.capabilities(), report.verdict)).await?
        }
        _ => around.map(|(_, plan)| plan),
    };
    // Whoever chooses a route may wait for another who does, and that one may want a row of the same alert: so none is
    // touched before.
    if report.verdict != Verdict::RefusedConfiguration
        && report.verdict != Verdict::RefusedBalance
        && report.code.is_some()
    {
        // It speaks to us again.
        alert_resolve(tx, AlertKind::SupplierRefusesUs, supplier.name(), now).await?;
    }
    heard::follow(shop, tx, &order, (&current, &next), (report, source)).await?;
    let cause = Cause {
        payment: gone.as_ref().filter(|_| outcome == Outcome::Delivered),
        attempt: Some(&next),
        way: plan.as_ref().and_then(Plan::way),
        wait: plan.as_ref().and_then(Plan::wait),
        price_moved: plan.as_ref().is_some_and(Plan::price_moved),
        reason: Some(&reason),
        ..Cause::by(&actor)
    };
    let event = match outcome {
        Outcome::Nothing if plan.is_some() => Event::NextRoute { refused: false },
        Outcome::Nothing => return Ok(true),
        Outcome::Denied => {
            heard::denied(shop, tx, (&order, &next), supplier.capabilities(), &reason).await?;
            return Ok(true);
        }
        Outcome::Delivered if booked => Event::RestDelivered { settled },
        Outcome::Delivered if !partly && order.attention == Some(Attention::PartlyDelivered) => {
            Event::DeliveredBeside
        }
        Outcome::PartlyDelivered => Event::PartlyDelivered,
        Outcome::Delivered => Event::Delivered { money_gone: gone.is_some() },
        Outcome::Failed | Outcome::RefusesUs => after_failure(outcome, report.verdict, plan.as_ref()),
        Outcome::SerialArrived => {
            // Of two deliveries the buyer is shown the one that they paid for.
            if is_loss(tx, &next).await? {
                return Ok(true);
            }
            Event::SerialArrived
        }
        Outcome::Reversed => {
            let (event, stand_in) = match partly && !booked {
                true => part_reversed(tx, &order, &next).await?,
                false => reversed(tx, &order, &next, settled).await?,
            };
            let gone = taken_back::gone(tx, &order.id).await?;
            let payment = gone.as_ref().filter(|_| matches!(event, Event::PartReversed { .. }));
            let cause = Cause { stand_in: stand_in.as_ref(), payment, ..cause };
            happen(shop, tx, &mut order, event, cause).await?;
            return Ok(true);
        }
        Outcome::Alarm if current.state == AttemptState::Reversed => {
            heard::stands_by(shop, tx, (&order, &next), &reason).await?;
            return Ok(true);
        }
        Outcome::Alarm if partly => {
            let text = format!(
                "order {}: a part of it was delivered, and now its supplier calls it failed ({reason}): whether the part was taken back nobody here knows, and nothing was changed; look it up in their member area",
                order.number
            );
            let alert = (AlertKind::DeliveryReversed, order.number.as_str(), text.as_str());
            alert_open(tx, &shop.ids, now, alert).await?;
            return Ok(true);
        }
        Outcome::Alarm => Event::SupplierOdd,
    };
    happen(shop, tx, &mut order, event, cause).await?;
    Ok(true)
}

/// Whether the supplier has it, or may have it: then its order waits for no deposit any more.
fn is_taken(verdict: Verdict) -> bool {
    matches!(
        verdict,
        Verdict::Succeeded
            | Verdict::PartlySucceeded
            | Verdict::Pending
            | Verdict::UnknownWord
            | Verdict::Unknown
            | Verdict::UnknownAlarm
            | Verdict::FailedUnproven
            | Verdict::Reversed
    )
}

/// A part that is delivered by a supplier that delivers no parts is a word that nobody can rely on.
fn impossible(can: Capabilities, report: &Report) -> Option<Report> {
    let part = report.verdict == Verdict::PartlySucceeded && !can.partial_possible;
    let text = || format!("it says that a part was delivered, which it never does: {}", words_of(report));
    part.then(|| Report { code: report.code.clone(), ..Report::bare(Verdict::UnknownAlarm, text()) })
}

/// A purchase that was recognised in a supplier's list, and not by a reference of ours, is this attempt's only if
/// it can be no other attempt's: else a person has to look, and nothing is decided.
async fn contested(
    tx: &mut ReadTx,
    supplier: &dyn Supplier,
    (seen, current): (&Attempt, &Attempt),
    report: &Report,
) -> Result<Option<Report>, Error> {
    // The answer to its own first send is about this attempt, whoever else claims the number.
    let own_answer = seen.state == AttemptState::Intended;
    if own_answer || current.number.is_some() || supplier.capabilities().supports_client_ref {
        return Ok(None);
    }
    let Some(number) = &report.number else { return Ok(None) };
    let other = suppliers::number_contested(tx, current, number).await?;
    Ok(other.map(|other| {
        let text =
            format!("their {number} may be this purchase or that of {other}: nobody can tell but a person");
        Report::bare(Verdict::UnknownAlarm, text)
    }))
}

/// Where an order is bought that waits for a supplier who has just failed for good; none when it is not, or when
/// nobody else may be tried after such a word.
async fn elsewhere(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &Order,
    (can, verdict): (Capabilities, Verdict),
) -> Result<Option<Plan>, Error> {
    if !waits_for_delivery(order) || !may_fail_over(can, verdict) {
        return Ok(None);
    }
    // What was given back in part is for a person: nothing more is spent on it.
    if taken_back::part(tx, &order.id).await?.is_some() {
        return Ok(None);
    }
    // What may be given back is not bought elsewhere either: nobody could agree to its refund then.
    if refund::waiting(tx, &order.id).await?.is_some() {
        return Ok(None);
    }
    let before = suppliers::attempts_of_order(tx, &order.id).await?;
    // Another attempt is open, or has delivered: nothing is bought beside it.
    if before.iter().any(|attempt| attempt.state.is_live()) {
        return Ok(None);
    }
    shop.plan(tx, order, &before).await.map(Some)
}

/// Where an order is bought whose supplier cannot be reached, or does not tell of the product, and its attempt as it is
/// given up then: it certainly never arrived. Without another route it goes on being tried.
pub(super) async fn around(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &Order,
    attempt: &Attempt,
) -> Result<Option<(Attempt, Plan)>, Error> {
    let why = match attempt.verdict {
        Some(Verdict::NotSent) => "its supplier cannot be reached",
        Some(Verdict::NotTold) => "its supplier does not tell of the product",
        _ => return Ok(None),
    };
    let unreachable = attempt.state == AttemptState::Intended && attempt.asked >= UNREACHABLE_AFTER;
    if !unreachable || !waits_for_delivery(order) || taken_back::in_any_part(tx, &order.id).await?.is_some() {
        return Ok(None);
    }
    if refund::waiting(tx, &order.id).await?.is_some() {
        return Ok(None);
    }
    let given_up = withdrawn(attempt, why, shop.clock.now());
    let mut before = suppliers::attempts_of_order(tx, &order.id).await?;
    before.retain(|other| other.id != attempt.id);
    before.push(given_up.clone());
    let plan = shop.plan(tx, order, &before).await?;
    Ok(plan.way().is_some().then_some((given_up, plan)))
}

fn waits_for_delivery(order: &Order) -> bool {
    order.state == OrderState::Fulfilling || order.attention.is_some_and(Attention::is_about_supplier)
}

/// What a failure that is proven means for the order: another route, a wait, or what it always meant. A supplier
/// that refuses us for a reason that only a person can mend calls that person, if nobody else can deliver.
fn after_failure(outcome: Outcome, verdict: Verdict, plan: Option<&Plan>) -> Event {
    let refused = outcome == Outcome::RefusesUs;
    match plan {
        Some(Plan::Buy(_)) => Event::NextRoute { refused },
        Some(Plan::Wait(wait)) if verdict != Verdict::RefusedConfiguration => {
            Event::MustWait { empty: wait.in_line() }
        }
        Some(Plan::Nothing { .. }) if verdict == Verdict::RefusedBalance => Event::Failed,
        _ if refused => Event::SupplierRefusesUs,
        _ => Event::Failed,
    }
}

/// Writes the message about a slow supplier that is due, and calls a person at the last one. An attempt is
/// asked about in every state of its order; who waits for nothing any more is told nothing.
async fn remind(shop: &Shop, attempt: &Attempt, claim: &Claim) -> Result<bool, Error> {
    let now = shop.clock.now();
    if attempt.remind_at.is_none_or(|at| now < at) {
        return Ok(false);
    }
    let mut tx = shop.db.write("attempt.remind").await?;
    let Some(mut order) = order::locked(&mut tx, &attempt.order).await? else { return Ok(false) };
    let Some(current) = suppliers::attempt_locked(&mut tx, &attempt.id).await? else { return Ok(false) };
    if current.fence != claim.fence {
        return Ok(true);
    }
    let Some((which, mut next)) = after_reminder(&current, now) else { return Ok(false) };
    // Asking is due as well, or soon; the row comes back at once and sees to it.
    next.due_at = Some(now);
    suppliers::store_attempt(&mut tx, &next, current.fence, now).await?;
    let kind = match which {
        0 => MessageKind::SlowFiveMinutes,
        1 => MessageKind::SlowThirtyMinutes,
        _ => MessageKind::SlowTwoHours,
    };
    if waits_for_delivery(&order) {
        let once = format!("{}:{kind}", attempt.reference);
        let courier = shop.courier_for(&order.buyer);
        enqueue(&mut tx, &shop.ids, now, &order.id, &once, courier, (Audience::Buyer, kind, None)).await?;
    }
    if kind == MessageKind::SlowTwoHours {
        let actor = Actor::system();
        let reason =
            format!("{} has not decided about {} for two hours", attempt.supplier, attempt.reference);
        let cause = Cause { attempt: Some(&next), reason: Some(&reason), ..Cause::by(&actor) };
        happen(shop, &mut tx, &mut order, Event::SupplierSlow, cause).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// Waits until the supplier may be asked, or for ever when it may not be asked any more.
async fn put_off(
    shop: &Shop,
    attempt: &Attempt,
    claim: &Claim,
    until: Option<vocabulary::Timestamp>,
) -> Result<(), Error> {
    let now = shop.clock.now();
    let mut tx = shop.db.write("attempt.wait").await?;
    let Some(mut order) = order::locked(&mut tx, &attempt.order).await? else { return Ok(()) };
    let Some(mut next) = suppliers::attempt_locked(&mut tx, &attempt.id).await? else { return Ok(()) };
    if next.fence != claim.fence {
        return Ok(());
    }
    next.due_at = match (until, next.remind_at) {
        (Some(until), Some(remind)) => Some(until.min(remind)),
        (until, remind) => until.or(remind),
    };
    suppliers::store_attempt(&mut tx, &next, claim.fence, now).await?;
    if until.is_none() && next.state.is_open() {
        let line = ("asking_stopped", Some("too old to be asked about without buying again"));
        timeline::append(&mut tx, &shop.ids, now, (&order.id, order.state), line).await?;
        let actor = Actor::system();
        let reason =
            format!("{} is too old to be asked about; ask {} by hand", attempt.reference, attempt.supplier);
        let cause = Cause { attempt: Some(&next), reason: Some(&reason), ..Cause::by(&actor) };
        happen(shop, &mut tx, &mut order, Event::SupplierOdd, cause).await?;
        if waits_for_delivery(&order) {
            // Whoever was called when it was slow knows that it was still asked about, and may have closed that.
            let text = format!("order {}: {reason}", order.number);
            let alert = (AlertKind::OrderNeedsAttention, order.number.as_str(), text.as_str());
            alert_resolve(&mut tx, alert.0, alert.1, now).await?;
            alert_open(&mut tx, &shop.ids, now, alert).await?;
        }
    }
    tx.commit().await
}

pub(super) async fn audit_attempt(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &Order,
    before: &Attempt,
    after: &Attempt,
) -> Result<(), Error> {
    let actor = Actor::supplier(&after.supplier);
    let action = format!("attempt.{}", after.state);
    let entry = security::Entry {
        actor: &actor,
        action: &action,
        subject: order.number.as_str(),
        before: Some(before.state.to_string()),
        after: Some(format!("{} {}", after.reference, after.state)),
        source: after.code.clone(),
    };
    security::record(tx, &shop.ids, shop.clock.now(), &entry).await
}

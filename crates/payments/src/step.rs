//! What an answer of a gateway does to a payment. Pure: the answer goes in, the changed row and
//! what it means for the order come out.

use crate::{
    ChargeOutcome, Closing, LostCharge, Observation, ObservedState, Opened, Payment, PaymentState, Refund,
    RefundState, RefusalReason, StatusOutcome, gateways::tells_late,
};
use std::time::Duration;
use vocabulary::{PayPoint, PaymentMethod, Rupiah, Timestamp};

/// How long after its expiry a payment is asked about, in case the money came at the last moment.
const AFTER_EXPIRY: Duration = Duration::from_secs(10);
/// A day after its expiry, a payment of which nobody knows how it ended is asked about once a day.
const DAY: Duration = Duration::from_secs(24 * 3600);
/// How often a payment is asked about that has ended, and that somebody may have paid all the same.
const SELDOM: Duration = Duration::from_secs(4 * 3600);

/// How long a gateway can make us wait between two questions.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// The least that we leave it alone however little it asks for, once that goes on.
const LEAST_PAUSE: Duration = Duration::from_secs(60);

/// What a step means for the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// Nothing that the order needs to know.
    Nothing,
    /// The buyer can pay now.
    Opened,
    /// Our amount has come in, for the first time.
    Settled,
    /// Money has come in, and the gateway names an amount that is not ours.
    OddAmount,
    /// The odd amount that came in went back at the gateway, or never came after all.
    OddGone,
    /// Nobody can pay it any more.
    Closed,
    /// The gateway refused to open it.
    Refused(RefusalReason),
    /// It stands at the gateway and nobody may be shown it: it is being closed.
    Unfit,
    /// It was given up, because what the buyer needs is in an answer that never came: another payment
    /// is to take its place.
    GivenUp,
    /// What had come in was taken back at the gateway.
    TakenBack,
    /// A refund of ours shows at the gateway.
    OwnRefund,
    /// The buyer's bank took back what had gone back already, or is on its way back by a refund of ours: it is
    /// more than was known of that before.
    ChargedBack,
    /// The gateway said something that a person should look at.
    Odd,
}

/// The payment after the answer to a charge.
pub fn after_charge(
    payment: &Payment,
    outcome: ChargeOutcome,
    lost: LostCharge,
    now: Timestamp,
) -> (Payment, Happened) {
    let mut next = payment.clone();
    match outcome {
        ChargeOutcome::Opened(opened) => {
            next.asked = 0;
            next.state = PaymentState::Open;
            next.opened = merge(std::mem::take(&mut next.opened), opened);
            adopt_expiry(&mut next);
            // Nobody wants it any more: it is closed at once.
            next.due_at = Some(if next.closing.is_some() { now } else { next_question(&next, now) });
            (next, Happened::Opened)
        }
        // What was sent again is not what was sent first: a third time would be answered the same.
        ChargeOutcome::Exists if lost != LostCharge::Ask => given_up(next, now),
        ChargeOutcome::Exists => {
            next.note = Some("the gateway has a payment under this reference already".into());
            next.asked = payment.asked.saturating_add(1);
            // At once, unless the question is answered with "nothing there" time and again.
            next.due_at = Some(if payment.asked < 3 { now } else { now.plus(backoff(payment.asked)) });
            (next, Happened::Nothing)
        }
        ChargeOutcome::Unfit { transaction_id, reason } => {
            next.opened.transaction_id = transaction_id;
            next.note = Some(cut(&reason));
            unfit(next, now)
        }
        ChargeOutcome::Refused { code, message, reason } => {
            next.state = PaymentState::Denied;
            next.note = Some(cut(&format!("refused with {code}: {message}")));
            next.due_at = None;
            (next, Happened::Refused(reason))
        }
        ChargeOutcome::NotOpened { reason, retry_after } => {
            next.state = PaymentState::Intended;
            next.note = Some(cut(&reason));
            next.asked = payment.asked.saturating_add(1);
            next.due_at = Some(now.plus(pause(retry_after, payment.asked)));
            (next, Happened::Nothing)
        }
        ChargeOutcome::Unknown { reason, retry_after } => {
            next.note = Some(cut(&reason));
            if lost == LostCharge::GiveUp {
                return given_up(next, now);
            }
            next.asked = payment.asked.saturating_add(1);
            next.due_at = Some(now.plus(pause(retry_after, payment.asked)));
            (next, Happened::Nothing)
        }
    }
}

/// The outcome of a charge that was sent again. A repetition that did not get through, or was refused, says
/// nothing of what was sent before it. Only a number that nobody has is as wrong as it was the first time.
pub fn of_repetition(outcome: ChargeOutcome) -> ChargeOutcome {
    match outcome {
        ChargeOutcome::NotOpened { reason, retry_after } => ChargeOutcome::Unknown { reason, retry_after },
        ChargeOutcome::Refused {
            reason: RefusalReason::Other | RefusalReason::ThisPayment,
            code,
            message,
        } => ChargeOutcome::Unknown {
            reason: format!("refused with {code}: {message}; what became of the first is not known"),
            retry_after: None,
        },
        other => other,
    }
}

/// The payment after the answer to a question about it. `refunds` are those of ours that there are of it, by which
/// ours are known in a gateway's list.
pub fn after_status(
    payment: &Payment,
    refunds: &[Refund],
    outcome: StatusOutcome,
    now: Timestamp,
) -> (Payment, Happened) {
    let mut next = payment.clone();
    next.asked = payment.asked.saturating_add(1);
    match outcome {
        StatusOutcome::Found(observation) => return observed(next, refunds, observation, now),
        StatusOutcome::NotFound if payment.state == PaymentState::Unknown && payment.odd_amount.is_none() => {
            next.note = Some("the gateway has nothing under this reference".into());
            return nothing_there(next, payment.asked, now);
        }
        StatusOutcome::NotFound => {
            // It was there before. A gateway that forgets is a fault of the gateway: keep asking.
            next.note = Some("the gateway has forgotten this payment".into());
            next.due_at = asked_on(&next, now);
        }
        StatusOutcome::Unknown { reason, retry_after } => {
            next.note = Some(cut(&reason));
            next.due_at = Some(now.plus(pause(retry_after, payment.asked)));
        }
    }
    (next, Happened::Nothing)
}

/// After a charge whose answer was lost, the gateway has nothing under its reference.
fn nothing_there(mut next: Payment, asked: i64, now: Timestamp) -> (Payment, Happened) {
    let Some(closing) = next.closing else {
        // It did not arrive, and the same reference may be sent again. What is counted goes on, so that
        // the pauses grow until something comes of it.
        next.state = PaymentState::Intended;
        next.due_at = Some(now);
        return (next, Happened::Nothing);
    };
    // Nobody wants it any more, and it may arrive yet: a push then asks the buyer for money. No gateway
    // takes any after the payment's own time, and only then nothing is proof.
    let last = next.expires_at.plus(AFTER_EXPIRY);
    if now < last {
        next.due_at = Some(now.plus(backoff(asked)).min(last));
        return (next, Happened::Nothing);
    }
    next.state = closed_as(closing);
    next.due_at = None;
    (next, Happened::Closed)
}

/// The payment when its row is worked on and it is not to be sent (any more): nobody wants it, or less
/// time is left than the gateway takes. One that was tried before is asked about first, because what
/// was lost may arrive yet.
pub fn never_sent(payment: &Payment, shortest: Duration, now: Timestamp) -> Option<Payment> {
    let too_late = now.plus(shortest) > payment.expires_at || now >= payment.expires_at;
    let closing = payment.closing.or(too_late.then_some(Closing::Expire))?;
    let mut next = payment.clone();
    if payment.asked > 0 {
        next.state = PaymentState::Unknown;
        next.closing = Some(closing);
        next.due_at = Some(now);
    } else {
        next.state = closed_as(closing);
        next.due_at = None;
    }
    Some(next)
}

/// It may stand at the gateway, and nobody can pay it. It is asked about once more, in case somebody
/// could after all.
fn given_up(mut next: Payment, now: Timestamp) -> (Payment, Happened) {
    next.asked = 0;
    next.closing = next.closing.or(Some(Closing::Cancel));
    next.due_at = Some(now.plus(backoff(0)));
    (next, Happened::GivenUp)
}

/// It can be paid at the gateway, and asks for something else than we do: whatever is known of how is forgotten,
/// and nobody wants it any more. What becomes of it is asked until it is closed there.
fn unfit(mut next: Payment, now: Timestamp) -> (Payment, Happened) {
    let is_news = next.state != PaymentState::Open || next.closing.is_none();
    let transaction_id = std::mem::take(&mut next.opened).transaction_id;
    next.opened = Opened { transaction_id, ..Opened::default() };
    next.state = PaymentState::Open;
    next.closing = next.closing.or(Some(Closing::Cancel));
    if is_news {
        next.asked = 0;
        next.due_at = Some(now);
        return (next, Happened::Unfit);
    }
    next.due_at = Some(next_question(&next, now));
    (next, Happened::Nothing)
}

/// A gateway that ends a payment sooner than we do is believed: that is when it is asked.
fn adopt_expiry(next: &mut Payment) {
    if let Some(theirs) = next.opened.expires_at.filter(|theirs| *theirs < next.expires_at) {
        next.expires_at = theirs;
    }
}

fn observed(
    mut next: Payment,
    refunds: &[Refund],
    mut observation: Observation,
    now: Timestamp,
) -> (Payment, Happened) {
    let (before, back_before) = (next.state, next.given_back);
    next.opened = merge(std::mem::take(&mut next.opened), std::mem::take(&mut observation.opened));
    adopt_expiry(&mut next);
    next.note = Some(cut(&observation.stated));
    let paid_before = matches!(
        before,
        PaymentState::Settled
            | PaymentState::Refunding
            | PaymentState::PartlyRefunded
            | PaymentState::Refunded
    );
    let listed = listed_beside(&next, refunds, &observation);
    let beside = beside_ours(&next, listed, &observation);
    match observation.state {
        ObservedState::Settled if paid_before => {
            next.due_at = None;
            (next, Happened::Nothing)
        }
        ObservedState::Settled if observation.amount == Some(next.amount) => {
            next.state = PaymentState::Settled;
            next.settled_at = Some(now);
            next.odd_amount = None;
            next.due_at = None;
            (next, Happened::Settled)
        }
        ObservedState::Settled => {
            let first = next.odd_amount.is_none();
            next.state = PaymentState::Unknown;
            next.odd_amount = Some(observation.amount.unwrap_or(Rupiah::ZERO));
            next.due_at = None;
            (next, if first { Happened::OddAmount } else { Happened::Nothing })
        }
        ObservedState::Refunded | ObservedState::PartlyRefunded
            if paid_before && is_by_bank(&observation) && next.given_back_by_us() >= next.brought() =>
        {
            next.due_at = None;
            let twice = taken_twice(&next, &observation).unwrap_or(Rupiah::ZERO);
            let grew = charged_back(&mut next, twice);
            (next, if grew { Happened::ChargedBack } else { Happened::Nothing })
        }
        ObservedState::Refunded | ObservedState::PartlyRefunded
            if paid_before && beside == Beside::Nothing =>
        {
            next.due_at = None;
            // The list shows that all of it is ours: what looked like another's, before a person said so, was not.
            if listed.is_some() {
                next.given_back = None;
            }
            let shows = next.refunding.is_positive();
            (next, if shows { Happened::OwnRefund } else { Happened::Nothing })
        }
        ObservedState::Refunded | ObservedState::PartlyRefunded if paid_before => {
            let partly = observation.state == ObservedState::PartlyRefunded;
            // More than came in goes back by a bank alone, and is a matter of its own.
            let told =
                observation.given_back.map(|back| if partly { back } else { back.min(next.brought()) });
            let back = if let Beside::So(much) = beside { Some(much) } else { told };
            let twice = if is_by_bank(&observation) { taken_twice(&next, &observation) } else { None };
            let grew = twice.is_some_and(|twice| charged_back(&mut next, twice));
            let state = if partly { PaymentState::PartlyRefunded } else { PaymentState::Refunded };
            next.given_back = if partly { part(back) } else { back.or(back_before) };
            let news = state != before || partly && next.given_back != back_before;
            next.state = state;
            next.due_at = None;
            let happened = match (news, grew) {
                (true, _) => Happened::TakenBack,
                (false, true) => Happened::ChargedBack,
                // Beside what is known, ours may show by now.
                (false, false) if next.refunding.is_positive() => Happened::OwnRefund,
                (false, false) => Happened::Nothing,
            };
            (next, happened)
        }
        // A cashier takes a payment back within the minute: it was settled, and then it is denied.
        ObservedState::Denied if paid_before && is_paid_at_a_till(next.method) => {
            next.state = PaymentState::Refunded;
            next.due_at = None;
            let news = before != PaymentState::Refunded;
            (next, if news { Happened::TakenBack } else { Happened::Nothing })
        }
        // Older news, after the money came: later ones win.
        _ if paid_before => {
            next.due_at = None;
            (next, Happened::Nothing)
        }
        ObservedState::PartlyRefunded => {
            // Paid and partly given back before we heard of either: how much stays is for a person.
            let first = next.odd_amount.is_none();
            next.state = PaymentState::Unknown;
            next.odd_amount = next.odd_amount.or(Some(Rupiah::ZERO));
            next.given_back = part(observation.given_back);
            next.due_at = None;
            (next, if first { Happened::OddAmount } else { Happened::Nothing })
        }
        ObservedState::Refunded => {
            // Paid and given back before we heard of either: nothing came in for us.
            let odd = next.odd_amount.is_some();
            next.state = PaymentState::Refunded;
            next.due_at = None;
            (next, if odd { Happened::OddGone } else { Happened::Closed })
        }
        ObservedState::Unfit if next.odd_amount.is_none() => unfit(next, now),
        ObservedState::Pending | ObservedState::Unfit => {
            let opened =
                matches!(before, PaymentState::Unknown | PaymentState::Intended) && next.odd_amount.is_none();
            next.state = if next.odd_amount.is_some() { before } else { PaymentState::Open };
            if opened {
                next.asked = 0;
            }
            // Nobody wants it any more and it turns out to be open: it is closed at once.
            let turns_out = next.state == PaymentState::Open && before != PaymentState::Open;
            let at_once = turns_out && next.closing.is_some();
            next.due_at = Some(if at_once { now } else { next_question(&next, now) });
            (next, if opened { Happened::Opened } else { Happened::Nothing })
        }
        ObservedState::Denied | ObservedState::Cancelled | ObservedState::Expired => {
            let state = match observation.state {
                ObservedState::Denied => PaymentState::Denied,
                ObservedState::Cancelled => PaymentState::Cancelled,
                _ => PaymentState::Expired,
            };
            let news = state != before;
            let odd = next.odd_amount.is_some();
            next.state = state;
            next.due_at = if may_be_paid_late(&next) { asked_on(&next, now) } else { None };
            let happened = if odd { Happened::OddGone } else { Happened::Closed };
            (next, if news { happened } else { Happened::Nothing })
        }
        ObservedState::Suspicious | ObservedState::Unrecognised => {
            next.due_at = asked_on(&next, now);
            (next, Happened::Odd)
        }
    }
}

/// What went back at the gateway beside refunds of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beside {
    /// Nothing.
    Nothing,
    /// So much.
    So(Rupiah),
    /// Nobody can tell.
    Unclear,
}

/// What of what went back was given back by somebody else. Where the gateway lists its refunds, it is what has no
/// key of ours. By a sum alone, one of ours that is on its way counts as ours as soon as enough went back for it.
fn beside_ours(payment: &Payment, listed: Option<Rupiah>, observation: &Observation) -> Beside {
    let ours = payment.given_back_by_us();
    if !ours.is_positive() {
        return Beside::Unclear;
    }
    if let Some(beside) = listed {
        return if beside.is_positive() { Beside::So(beside) } else { Beside::Nothing };
    }
    let whole = observation.state == ObservedState::Refunded;
    let back = if whole { Some(payment.brought()) } else { observation.given_back };
    // What a bank took back is told without an amount, and is none of ours.
    let Some(back) = back else {
        return if is_by_bank(observation) { Beside::Unclear } else { Beside::Nothing };
    };
    let more = |than: Rupiah| back.checked_sub(than).filter(|more| more.is_positive());
    match more(ours).or_else(|| if back < ours { more(payment.refunded) } else { None }) {
        None => Beside::Nothing,
        Some(much) => Beside::So(much),
    }
}

/// How much of a part that went back has no key of ours, by the gateway's own list. A refund of ours that has ended
/// as done and is not on it went back under another key, by a person's word; one that had ended as refused is
/// another's, because its money was given otherwise. `None` where there is no list of all that went back, and where
/// everything did: then a refund of ours that is on its way has nothing left to come from.
fn listed_beside(payment: &Payment, refunds: &[Refund], seen: &Observation) -> Option<Rupiah> {
    if seen.state != ObservedState::PartlyRefunded {
        return None;
    }
    let (listed, back) = (seen.refunds.as_ref()?, seen.given_back?);
    if Rupiah::checked_sum(listed.iter().map(|refund| refund.amount)) != Some(back) {
        return None;
    }
    let mut ours = Rupiah::ZERO;
    for refund in refunds.iter().filter(|refund| refund.payment == payment.id) {
        let key = refund.reference.to_string();
        let shown = listed.iter().filter(|listed| listed.key.as_deref() == Some(key.as_str()));
        let shown = Rupiah::checked_sum(shown.map(|listed| listed.amount))?;
        let counts = match refund.state {
            RefundState::Refused => Rupiah::ZERO,
            RefundState::Done if !shown.is_positive() => refund.amount,
            _ => shown,
        };
        ours = ours.checked_add(counts)?;
    }
    back.checked_sub(ours).filter(|beside| *beside >= Rupiah::ZERO)
}

/// Whether it was not the shop that gave it back, but the buyer's bank that took it.
fn is_by_bank(observation: &Observation) -> bool {
    observation.stated.to_ascii_lowercase().contains("chargeback")
}

/// How much a bank took back of what had gone back before: the buyer has that twice. It is what went back in all
/// beyond what came in, where the gateway says that; of a whole that had gone back by refunds of ours it is the
/// whole. It is never more than came in, because a bank takes back no more than that. While one of ours is on its
/// way nobody knows whether it arrives as well; nor how much a part is that is told without an amount: `None`.
fn taken_twice(payment: &Payment, seen: &Observation) -> Option<Rupiah> {
    if payment.refunding.is_positive() {
        return None;
    }
    let brought = payment.brought();
    let is_all_ours = payment.given_back_by_us() >= brought;
    let whole = (is_all_ours && seen.state == ObservedState::Refunded).then_some(brought);
    let beyond = seen.given_back.and_then(|back| back.checked_sub(brought));
    let beyond = beyond.filter(|beyond| beyond.is_positive()).map(|beyond| beyond.min(brought));
    beyond.or(whole)
}

/// Writes down how much a bank took back of what had gone back before. Whether that is more than was known: it may
/// take it in several steps, and what is told again, or less, is none.
fn charged_back(next: &mut Payment, twice: Rupiah) -> bool {
    let grew = next.charged_back.is_none_or(|before| before < twice);
    if grew {
        next.charged_back = Some(twice);
    }
    grew
}

/// How a part that went back is stored: one of which nobody knows how much it is, as nothing.
fn part(given_back: Option<Rupiah>) -> Option<Rupiah> {
    given_back.or(Some(Rupiah::ZERO))
}

fn is_paid_at_a_till(method: PaymentMethod) -> bool {
    matches!(method.pay_point(), Some(PayPoint::Store(_)))
}

/// Whether money may come for it after it has ended: it is paid on a page that nothing but its own time
/// closes (Snap keeps one for a day when it does not heed how long we asked for), or its gateway is one that
/// finds out late.
fn may_be_paid_late(payment: &Payment) -> bool {
    payment.method == PaymentMethod::OvoLink || tells_late(&payment.gateway)
}

/// When to ask next about a payment in whatever state: until it is known when nobody knows how it
/// ended, and for a day after its expiry when it has ended.
fn asked_on(payment: &Payment, now: Timestamp) -> Option<Timestamp> {
    match payment.state {
        PaymentState::Intended | PaymentState::Open | PaymentState::Unknown => {
            Some(next_question(payment, now))
        }
        _ if now >= payment.expires_at.plus(DAY) => None,
        PaymentState::Denied | PaymentState::Expired | PaymentState::Cancelled
            if may_be_paid_late(payment) =>
        {
            Some(now.plus(SELDOM))
        }
        _ => Some(next_question(payment, now)),
    }
}

/// When to ask next about a payment that may yet be paid: often at first, once right after its
/// expiry, seldom later, and once a day from a day after.
fn next_question(payment: &Payment, now: Timestamp) -> Timestamp {
    let last_moment = payment.expires_at.plus(AFTER_EXPIRY);
    let next = now.plus(match payment.asked {
        _ if now >= payment.expires_at.plus(DAY) => DAY,
        ..3 => Duration::from_secs(10),
        3..8 => Duration::from_secs(20),
        _ if now < last_moment => Duration::from_secs(60),
        8..30 => Duration::from_secs(300),
        _ => Duration::from_secs(3600),
    });
    if now < last_moment { next.min(last_moment) } else { next }
}

/// How long to wait after no usable answer. A gateway may ask for more, within reason: a payment
/// whose webhook is lost must still be found. "At once" from somebody between, again and again, does not have us
/// ask without a pause.
fn pause(retry_after: Option<Duration>, asked: i64) -> Duration {
    let ours = backoff(asked);
    retry_after.map_or(ours, |asks| asks.max(ours.min(LEAST_PAUSE)).min(LONGEST_PAUSE))
}

fn backoff(asked: i64) -> Duration {
    Duration::from_secs(match asked {
        ..1 => 2,
        1 => 5,
        2 => 15,
        3 => 30,
        4..10 => 60,
        10..30 => 300,
        _ => 3600,
    })
}

fn closed_as(closing: Closing) -> PaymentState {
    match closing {
        Closing::Expire => PaymentState::Expired,
        Closing::Cancel => PaymentState::Cancelled,
    }
}

/// What is known already stays, where the newer answer is silent.
fn merge(known: Opened, news: Opened) -> Opened {
    Opened {
        transaction_id: if news.transaction_id.is_empty() {
            known.transaction_id
        } else {
            news.transaction_id
        },
        qr_string: known.qr_string.or(news.qr_string),
        qr_image_url: known.qr_image_url.or(news.qr_image_url),
        deep_link: known.deep_link.or(news.deep_link),
        redirect_url: known.redirect_url.or(news.redirect_url),
        payment_code: known.payment_code.or(news.payment_code),
        expires_at: news.expires_at.or(known.expires_at),
    }
}

/// A remark that fits a log line and a column.
fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}

#[cfg(test)]
#[path = "step_tests.rs"]
mod tests;

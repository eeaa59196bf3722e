//! What an answer of a gateway does to a payment. Pure: the answer goes in, the changed row and
//! what it means for the order come out.

use crate::{
    ChargeOutcome, Closing, LostCharge, Observation, ObservedState, Opened, Payment, PaymentState,
    RefusalReason, StatusOutcome,
};
use std::time::Duration;
use vocabulary::{Rupiah, Timestamp};

/// How long after its expiry a payment is asked about, in case the money came at the last moment.
const AFTER_EXPIRY: Duration = Duration::from_secs(10);
/// How long after its expiry a gateway that still calls it pending is asked.
const GIVE_UP_AFTER: Duration = Duration::from_secs(24 * 3600);

/// How long a gateway can make us wait between two questions.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

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
    /// It was given up, because what the buyer needs is in an answer that never came: another payment
    /// is to take its place.
    GivenUp,
    /// What had come in was taken back at the gateway.
    TakenBack,
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
    next.asked = 0;
    match outcome {
        ChargeOutcome::Opened(opened) => {
            next.state = PaymentState::Open;
            next.opened = merge(std::mem::take(&mut next.opened), opened);
            adopt_expiry(&mut next);
            // Nobody wants it any more: it is closed at once.
            next.due_at = if next.closing.is_some() { Some(now) } else { next_question(&next, now) };
            (next, Happened::Opened)
        }
        // What was sent again is not what was sent first: a third time would be answered the same.
        ChargeOutcome::Exists if lost != LostCharge::Ask => given_up(next, now),
        ChargeOutcome::Exists => {
            next.note = Some("the gateway has a payment under this reference already".into());
            next.due_at = Some(now);
            (next, Happened::Nothing)
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
        ChargeOutcome::Unknown { reason } => {
            next.note = Some(cut(&reason));
            if lost == LostCharge::GiveUp {
                return given_up(next, now);
            }
            next.asked = payment.asked.saturating_add(1);
            next.due_at = Some(now.plus(backoff(payment.asked)));
            (next, Happened::Nothing)
        }
    }
}

/// The outcome of a charge that was sent again. A repetition that did not get through says nothing of
/// what was sent before it.
pub fn of_repetition(outcome: ChargeOutcome) -> ChargeOutcome {
    match outcome {
        ChargeOutcome::NotOpened { reason, .. } => ChargeOutcome::Unknown { reason },
        other => other,
    }
}

/// The payment after the answer to a question about it.
pub fn after_status(payment: &Payment, outcome: StatusOutcome, now: Timestamp) -> (Payment, Happened) {
    let mut next = payment.clone();
    next.asked = payment.asked.saturating_add(1);
    match outcome {
        StatusOutcome::Found(observation) => return observed(next, observation, now),
        StatusOutcome::NotFound if payment.state == PaymentState::Unknown && payment.odd_amount.is_none() => {
            // Nothing arrived: the same reference may be sent again, unless nobody wants it any more.
            next.asked = 0;
            next.note = Some("the gateway has nothing under this reference".into());
            if let Some(closing) = payment.closing {
                next.state = closed_as(closing);
                next.due_at = None;
                return (next, Happened::Closed);
            }
            next.state = PaymentState::Intended;
            next.due_at = Some(now);
        }
        StatusOutcome::NotFound => {
            // It was there before. A gateway that forgets is a fault of the gateway: keep asking.
            next.note = Some("the gateway has forgotten this payment".into());
            next.due_at = next_question(&next, now);
        }
        StatusOutcome::Unknown { reason, retry_after } => {
            next.note = Some(cut(&reason));
            next.due_at = Some(now.plus(pause(retry_after, payment.asked)));
        }
    }
    (next, Happened::Nothing)
}

/// The payment when its row is worked on and nothing needs to be asked, because it was never sent,
/// and is not to be sent any more: nobody wants it, or less time is left than the gateway takes.
pub fn never_sent(payment: &Payment, shortest: Duration, now: Timestamp) -> Option<Payment> {
    let too_late = now.plus(shortest) > payment.expires_at || now >= payment.expires_at;
    let closing = payment.closing.or(too_late.then_some(Closing::Expire))?;
    let mut next = payment.clone();
    next.state = closed_as(closing);
    next.due_at = None;
    Some(next)
}

/// It may stand at the gateway, and nobody can pay it. It is asked about once more, in case somebody
/// could after all.
fn given_up(mut next: Payment, now: Timestamp) -> (Payment, Happened) {
    next.closing = next.closing.or(Some(Closing::Cancel));
    next.due_at = Some(now.plus(backoff(0)));
    (next, Happened::GivenUp)
}

/// A gateway that ends a payment sooner than we do is believed: that is when it is asked.
fn adopt_expiry(next: &mut Payment) {
    if let Some(theirs) = next.opened.expires_at.filter(|theirs| *theirs < next.expires_at) {
        next.expires_at = theirs;
    }
}

fn observed(mut next: Payment, observation: Observation, now: Timestamp) -> (Payment, Happened) {
    let before = next.state;
    next.opened = merge(std::mem::take(&mut next.opened), observation.opened);
    adopt_expiry(&mut next);
    next.note = Some(cut(&observation.stated));
    let paid_before = matches!(
        before,
        PaymentState::Settled
            | PaymentState::Refunding
            | PaymentState::PartlyRefunded
            | PaymentState::Refunded
    );
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
        ObservedState::Refunded | ObservedState::PartlyRefunded if paid_before => {
            let partly = observation.state == ObservedState::PartlyRefunded;
            let state = if partly { PaymentState::PartlyRefunded } else { PaymentState::Refunded };
            let news = state != before;
            next.state = state;
            next.due_at = None;
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
        ObservedState::Pending => {
            let opened =
                matches!(before, PaymentState::Unknown | PaymentState::Intended) && next.odd_amount.is_none();
            next.state = if next.odd_amount.is_some() { before } else { PaymentState::Open };
            // Nobody wants it any more and it turns out to be open: it is closed at once.
            next.due_at =
                if opened && next.closing.is_some() { Some(now) } else { next_question(&next, now) };
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
            next.due_at = None;
            let happened = if odd { Happened::OddGone } else { Happened::Closed };
            (next, if news { happened } else { Happened::Nothing })
        }
        ObservedState::Suspicious | ObservedState::Unrecognised => {
            next.due_at = next_question(&next, now);
            (next, Happened::Odd)
        }
    }
}

/// When to ask next about a payment that may yet be paid: often at first, once right after its
/// expiry, seldom later, and not at all a day after.
fn next_question(payment: &Payment, now: Timestamp) -> Option<Timestamp> {
    let last_moment = payment.expires_at.plus(AFTER_EXPIRY);
    if now >= payment.expires_at.plus(GIVE_UP_AFTER) {
        return None;
    }
    let next = now.plus(match payment.asked {
        ..3 => Duration::from_secs(10),
        3..8 => Duration::from_secs(20),
        _ if now < last_moment => Duration::from_secs(60),
        8..30 => Duration::from_secs(300),
        _ => Duration::from_secs(3600),
    });
    Some(if now < last_moment { next.min(last_moment) } else { next })
}

/// How long to wait after no usable answer. A gateway may ask for more, within reason: a payment
/// whose webhook is lost must still be found.
fn pause(retry_after: Option<Duration>, asked: i64) -> Duration {
    retry_after.map_or_else(|| backoff(asked), |asks| asks.min(LONGEST_PAUSE))
}

fn backoff(asked: i64) -> Duration {
    Duration::from_secs(match asked {
        ..1 => 2,
        1 => 5,
        2 => 15,
        3 => 30,
        4..10 => 60,
        _ => 300,
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
        expires_at: news.expires_at.or(known.expires_at),
    }
}

/// A remark that fits a log line and a column.
fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use vocabulary::{Ids, OrderId, OrderNumber, PaymentId, PaymentMethod, Purpose, Reference};

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn payment(state: PaymentState) -> Payment {
        let ids = Ids::seeded(1);
        Payment {
            id: PaymentId::new(&ids, NOW),
            order: OrderId::new(&ids, NOW),
            reference: Reference::new(&OrderNumber::new(&ids), Purpose::Payment, 1),
            method: PaymentMethod::GopayQr,
            gateway: "midtrans".into(),
            amount: Rupiah::new(20_000),
            state,
            closing: None,
            opened: Opened::default(),
            phone: None,
            odd_amount: None,
            note: None,
            asked: 0,
            nudges: 0,
            expires_at: NOW.plus(Duration::from_secs(900)),
            settled_at: None,
            created_at: NOW,
            fence: 1,
            due_at: Some(NOW),
        }
    }

    fn saying(state: ObservedState, amount: Option<i64>) -> StatusOutcome {
        StatusOutcome::Found(Observation {
            state,
            stated: state.to_string(),
            amount: amount.map(Rupiah::new),
            opened: Opened::default(),
        })
    }

    #[expect(clippy::needless_pass_by_value, reason = "reads better at each call")]
    fn check(from: PaymentState, says: StatusOutcome, to: PaymentState, happened: Happened) {
        let (next, did) = after_status(&payment(from), says.clone(), NOW);
        assert_eq!((next.state, did), (to, happened), "{from} hearing {says:?}");
    }

    #[test]
    fn our_amount_settles_once_from_any_unpaid_state() {
        use PaymentState as S;
        for from in [S::Intended, S::Open, S::Unknown, S::Denied, S::Expired, S::Cancelled] {
            check(from, saying(ObservedState::Settled, Some(20_000)), S::Settled, Happened::Settled);
        }
        for from in [S::Settled, S::Refunded, S::PartlyRefunded, S::Refunding] {
            check(from, saying(ObservedState::Settled, Some(20_000)), from, Happened::Nothing);
        }
    }

    #[test]
    fn an_amount_that_is_not_ours_never_settles() {
        for amount in [Some(19_999), Some(20_001), Some(20_071), Some(0), None] {
            check(
                PaymentState::Open,
                saying(ObservedState::Settled, amount),
                PaymentState::Unknown,
                Happened::OddAmount,
            );
        }
    }

    #[test]
    fn older_news_after_the_money_came_changes_nothing() {
        for state in [
            ObservedState::Pending,
            ObservedState::Expired,
            ObservedState::Denied,
            ObservedState::Cancelled,
            ObservedState::Unrecognised,
        ] {
            check(
                PaymentState::Settled,
                saying(state, Some(20_000)),
                PaymentState::Settled,
                Happened::Nothing,
            );
        }
    }

    #[test]
    fn an_unknown_word_is_pending_and_reported() {
        check(
            PaymentState::Open,
            saying(ObservedState::Unrecognised, Some(20_000)),
            PaymentState::Open,
            Happened::Odd,
        );
    }

    #[test]
    fn a_charge_that_never_arrived_is_sent_again_and_one_that_did_is_adopted() {
        check(PaymentState::Unknown, StatusOutcome::NotFound, PaymentState::Intended, Happened::Nothing);
        check(
            PaymentState::Unknown,
            saying(ObservedState::Pending, Some(20_000)),
            PaymentState::Open,
            Happened::Opened,
        );
        check(PaymentState::Open, StatusOutcome::NotFound, PaymentState::Open, Happened::Nothing);
    }

    #[test]
    fn a_time_out_is_unknown_and_asked_about() {
        let (next, happened) = after_charge(
            &payment(PaymentState::Unknown),
            ChargeOutcome::Unknown { reason: "time-out".into() },
            LostCharge::Ask,
            NOW,
        );
        assert_eq!((next.state, happened), (PaymentState::Unknown, Happened::Nothing));
        assert!(next.due_at.is_some_and(|due| due > NOW));
    }

    #[test]
    fn a_refusal_ends_the_payment_and_says_what_the_buyer_can_do() {
        for reason in [RefusalReason::UnknownPhone, RefusalReason::Other] {
            let (code, message) = ("404".into(), "nobody by that number".into());
            let refused = ChargeOutcome::Refused { code, message, reason };
            let (next, did) = after_charge(&payment(PaymentState::Unknown), refused, LostCharge::Ask, NOW);
            assert_eq!(
                (next.state, next.due_at, did),
                (PaymentState::Denied, None, Happened::Refused(reason))
            );
            assert_eq!(next.note.as_deref(), Some("refused with 404: nobody by that number"));
        }
    }

    /// The seconds after [`NOW`] at which a gateway that says this each time is asked.
    fn asked_at(mut payment: Payment, says: &StatusOutcome, until: u64) -> Vec<u64> {
        let mut seconds = Vec::new();
        while let Some(due) = payment.due_at.filter(|due| due.since(NOW).as_secs() <= until) {
            seconds.push(due.since(NOW).as_secs());
            payment = after_status(&payment, says.clone(), due).0;
        }
        seconds
    }

    #[test]
    fn a_push_is_asked_about_ten_seconds_after_its_own_expiry() {
        let opened = Opened {
            transaction_id: "t".into(),
            expires_at: Some(NOW.plus(Duration::from_secs(65))),
            ..Opened::default()
        };
        let unknown = payment(PaymentState::Unknown);
        let (open, did) = after_charge(&unknown, ChargeOutcome::Opened(opened), LostCharge::Ask, NOW);
        assert_eq!((open.state, did), (PaymentState::Open, Happened::Opened));
        assert_eq!(open.expires_at, NOW.plus(Duration::from_secs(65)), "and not ours, which is later");
        let asked = asked_at(open, &saying(ObservedState::Pending, Some(20_000)), 120);
        assert_eq!(asked, [10, 20, 30, 50, 70, 75, 95, 115]);
    }

    #[test]
    fn a_lost_push_is_not_sent_again_before_the_gateway_has_nothing_of_it() {
        let lost = ChargeOutcome::Unknown { reason: "no answer in time".into() };
        let (mut payment, _) = after_charge(&payment(PaymentState::Unknown), lost, LostCharge::Ask, NOW);
        for outcome in [
            StatusOutcome::Unknown { reason: "no answer in time".into(), retry_after: None },
            StatusOutcome::Unknown { reason: "HTTP 502".into(), retry_after: None },
        ] {
            assert_eq!(payment.state, PaymentState::Unknown, "which is asked about, never charged");
            payment = after_status(&payment, outcome, NOW).0;
        }
        let (again, _) = after_status(&payment, StatusOutcome::NotFound, NOW);
        assert_eq!((again.state, again.due_at), (PaymentState::Intended, Some(NOW)));
        let (adopted, did) = after_status(&payment, saying(ObservedState::Pending, Some(20_000)), NOW);
        assert_eq!((adopted.state, did), (PaymentState::Open, Happened::Opened));
    }

    #[test]
    fn a_charge_that_was_sent_again_and_differs_is_given_up_and_not_sent_for_ever() {
        for (lost, expected) in [
            (LostCharge::Ask, Happened::Nothing),
            (LostCharge::SendAgain, Happened::GivenUp),
            (LostCharge::GiveUp, Happened::GivenUp),
        ] {
            let before = payment(PaymentState::Unknown);
            let (next, happened) = after_charge(&before, ChargeOutcome::Exists, lost, NOW);
            assert_eq!((next.state, &happened), (PaymentState::Unknown, &expected), "{lost:?}");
            // One that is given up is asked about, so that it can be closed, and not sent again.
            assert_eq!(next.closing, (happened == Happened::GivenUp).then_some(Closing::Cancel));
            assert!(next.due_at.is_some());
        }
    }

    #[test]
    fn a_repetition_that_did_not_get_through_leaves_the_first_unknown() {
        let reason = || "no connection".to_owned();
        let lost = of_repetition(ChargeOutcome::NotOpened { reason: reason(), retry_after: None });
        assert_eq!(lost, ChargeOutcome::Unknown { reason: reason() });
        for outcome in [ChargeOutcome::Exists, ChargeOutcome::Opened(Opened::default())] {
            assert_eq!(of_repetition(outcome.clone()), outcome);
        }
    }

    #[test]
    fn a_missed_webhook_is_made_good_ten_seconds_after_expiry() {
        let mut open = payment(PaymentState::Open);
        open.asked = 20;
        let late = open.expires_at.minus(Duration::from_secs(5));
        assert_eq!(next_question(&open, late), Some(open.expires_at.plus(Duration::from_secs(10))));
        // A gateway that still calls it pending is asked on, for a day.
        for (after, asked) in [(0, true), (11, true), (23 * 3600, true), (24 * 3600, false)] {
            let moment = open.expires_at.plus(Duration::from_secs(after));
            assert_eq!(next_question(&open, moment).is_some(), asked, "{after} s after its expiry");
        }
    }
}

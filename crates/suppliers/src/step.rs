//! What a supplier's word does to an attempt. Pure: the report goes in, the changed row and what it
//! means for the order come out.

use crate::{Attempt, AttemptState, Capabilities, RESEND_LIMIT, Report, Verdict, denial};
use std::time::Duration;
use vocabulary::Timestamp;

/// What a step means for the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing that the order needs to know.
    Nothing,
    /// Delivered, all of it.
    Delivered,
    /// A part was delivered. Nobody but a person knows what that is worth.
    PartlyDelivered,
    /// Proven: nothing was delivered and nothing will be.
    Failed,
    /// Said to have failed, after it was said to be delivered. Nothing is taken back by that alone: a person must see
    /// it.
    Denied,
    /// The serial number of what was delivered before has become known.
    SerialArrived,
    /// What had been delivered, whole or in part, was taken back.
    Reversed,
    /// Refused before anything was bought, for a reason that only the shop's people can mend.
    RefusesUs,
    /// Something is wrong that a person must see now; the attempt stays as it is.
    Alarm,
}

/// When the buyer hears that the supplier is slow (or cannot be reached), counted from the intent; at the last one a
/// person is called.
pub const REMINDERS: [Duration; 3] =
    [Duration::from_secs(5 * 60), Duration::from_secs(30 * 60), Duration::from_secs(120 * 60)];

/// The first pause before asking by ourselves. A hint may bring a question sooner, where the supplier allows it.
pub(crate) const SHORTEST_PAUSE: Duration = Duration::from_secs(60);

/// How long to wait before a supplier that did not answer a question is asked once more, with nothing sent yet.
const SILENT_BEFORE_SEND: Duration = Duration::from_secs(20);

/// How often a supplier may say "not found" before a person is called. Asking goes on.
const UNKNOWNS_BEFORE_ALARM: i64 = 5;

/// How a report reached us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// As the answer to a send made at `last_asked_at`.
    Answer,
    /// By webhook: nobody knows when it was true, and it may come twice.
    Webhook,
}

/// The attempt after a report.
pub fn after_report(
    attempt: &Attempt,
    (report, source): (&Report, Source),
    capabilities: Capabilities,
    now: Timestamp,
    jitter_ms: u64,
) -> (Attempt, Outcome) {
    let mut attempt = attempt.clone();
    if source == Source::Answer {
        attempt.answered_at = Some(now);
    }
    if !attempt.state.is_open() {
        // It was asked about because of a hint; of what is over nobody asks by themselves, but for what was denied.
        let denied = denial::denied_at(&attempt).is_some();
        attempt.due_at = if denied { next_question(&attempt, capabilities, now, jitter_ms) } else { None };
    }
    // By which number it is known stays what it was: an answer to our own send named it, or it was recognised.
    attempt.number = attempt.number.or_else(|| report.number.clone());
    let attempt = &attempt;
    let mut next = attempt.clone();
    next.verdict = Some(report.verdict);
    next.code = report.code.clone().or(next.code);
    next.message = Some(report.message.chars().filter(|c| !c.is_control()).take(300).collect());
    let again = next_question(attempt, capabilities, now, jitter_ms);
    let succeeded = attempt.state == AttemptState::Succeeded;
    let partly = attempt.state == AttemptState::PartlySucceeded;
    let outcome = match report.verdict {
        verdict if succeeded && denial::is_denial(verdict) => {
            return denial::after_denial((attempt, next), source, capabilities, now, jitter_ms);
        }
        Verdict::Succeeded if succeeded => {
            if source == Source::Answer {
                (next.doubted_at, next.due_at) = (None, None);
            }
            let arrived = attempt.serial_number.is_none() && report.serial_number.is_some();
            next.serial_number = next.serial_number.or_else(|| report.serial_number.clone());
            return (next, if arrived { Outcome::SerialArrived } else { Outcome::Nothing });
        }
        Verdict::Succeeded if attempt.state == AttemptState::Reversed => {
            return denial::after_reversal((attempt, next), source, capabilities);
        }
        Verdict::Succeeded => {
            (next.state, next.ended_at) = (AttemptState::Succeeded, Some(now));
            next.serial_number = report.serial_number.clone().or(next.serial_number);
            next.price = report.price.or(next.price);
            (next.due_at, next.remind_at, next.doubted_at) = (None, None, None);
            Outcome::Delivered
        }
        Verdict::PartlySucceeded if partly => {
            next.serial_number = next.serial_number.or_else(|| report.serial_number.clone());
            return (next, Outcome::Nothing);
        }
        Verdict::PartlySucceeded if !succeeded && attempt.state != AttemptState::Reversed => {
            (next.state, next.ended_at) = (AttemptState::PartlySucceeded, Some(now));
            next.serial_number = report.serial_number.clone();
            next.price = report.price.or(next.price);
            (next.due_at, next.remind_at) = (None, None);
            Outcome::PartlyDelivered
        }
        Verdict::Reversed => match attempt.state {
            AttemptState::Reversed => return (attempt.clone(), Outcome::Nothing),
            AttemptState::Succeeded | AttemptState::PartlySucceeded => {
                (next.state, next.ended_at) = (AttemptState::Reversed, Some(now));
                (next.due_at, next.remind_at) = (None, None);
                Outcome::Reversed
            }
            _ => ended(&mut next, AttemptState::Reversed, attempt, now),
        },
        // Asked anew, it calls failed what it had delivered in part, and who delivers in parts has no word for taking
        // one back: whether it means that a person has to find out.
        failed if partly && source == Source::Answer && failed.is_failure() => {
            return (attempt.clone(), Outcome::Alarm);
        }
        // Older news: what was delivered is taken back by a reversal alone.
        _ if succeeded || partly || !attempt.state.is_live() => return (attempt.clone(), Outcome::Nothing),
        Verdict::FailedCustomer
        | Verdict::FailedProvider
        | Verdict::FailedGone
        | Verdict::FailedEmpty
        | Verdict::FailedTroubled
        | Verdict::FailedPrice => ended(&mut next, AttemptState::Failed, attempt, now),
        Verdict::RefusedConfiguration | Verdict::RefusedBalance => {
            ended(&mut next, AttemptState::Failed, attempt, now);
            Outcome::RefusesUs
        }
        Verdict::FailedUnproven => match attempt.doubted_at {
            // Said again in answer to a question that was asked a minute after the first time: believed.
            Some(since)
                if source == Source::Answer
                    && attempt
                        .last_asked_at
                        .is_some_and(|asked| asked >= since.plus(capabilities.min_requery)) =>
            {
                ended(&mut next, AttemptState::Failed, attempt, now)
            }
            _ => {
                next.state = AttemptState::Unknown;
                let said_at = if source == Source::Answer { attempt.last_asked_at } else { None };
                next.doubted_at = attempt.doubted_at.or(said_at).or(Some(now));
                next.due_at = again;
                Outcome::Nothing
            }
        },
        Verdict::Pending | Verdict::UnknownWord => {
            next.state = AttemptState::Pending;
            next.doubted_at = None;
            next.due_at = again;
            Outcome::Nothing
        }
        Verdict::NotSent | Verdict::NotTold => {
            // No connection, so this send did nothing; what an earlier one did is not known.
            if attempt.state == AttemptState::Sent && attempt.first_sent_at == attempt.last_asked_at {
                next.state = AttemptState::Intended;
                next.first_sent_at = None;
                let wait = 5_u64.saturating_mul(u64::try_from(attempt.asked).unwrap_or(1)).clamp(5, 60);
                next.due_at = Some(now.plus(Duration::from_secs(wait)));
            } else {
                next.due_at = again;
            }
            Outcome::Nothing
        }
        Verdict::Unknown => {
            next.state = AttemptState::Unknown;
            next.due_at = again;
            if attempt.asked >= UNKNOWNS_BEFORE_ALARM { Outcome::Alarm } else { Outcome::Nothing }
        }
        // Said of an attempt that is over: above.
        Verdict::PartlySucceeded => return (attempt.clone(), Outcome::Nothing),
        Verdict::UnknownAlarm => {
            next.state = AttemptState::Unknown;
            next.due_at = again;
            Outcome::Alarm
        }
    };
    if next.state.is_open() && next.remind_at.is_none() {
        next.remind_at = next_reminder(&next);
    }
    if let (Some(remind), Some(due)) = (next.remind_at, next.due_at) {
        next.due_at = Some(due.min(remind));
    }
    (next, outcome)
}

/// The attempt after its supplier did not even answer the question before the first send, or told nothing of the
/// product, for the `asked`-th time: nothing was sent, and it is tried again soon. `why` is which of the two, and why.
pub fn after_silent_look(attempt: &Attempt, asked: i64, why: (Verdict, &str), now: Timestamp) -> Attempt {
    let (verdict, reason) = why;
    let mut next = attempt.clone();
    (next.asked, next.answered_at) = (asked, Some(now));
    next.verdict = Some(verdict);
    next.message =
        Some(format!("not sent: {reason}").chars().filter(|c| !c.is_control()).take(300).collect());
    let again = now.plus(SILENT_BEFORE_SEND);
    next.due_at = Some(next.remind_at.map_or(again, |remind| remind.min(again)));
    next
}

/// Whether it was tried to send it, and it certainly never arrived: nothing was bought.
pub fn never_arrived(attempt: &Attempt) -> bool {
    attempt.state == AttemptState::Intended
        && attempt.first_sent_at.is_none()
        && matches!(attempt.verdict, Some(Verdict::NotSent | Verdict::NotTold))
}

/// The attempt when it is given up before anything was sent: nothing was bought and nothing will be.
pub fn withdrawn(attempt: &Attempt, why: &str, now: Timestamp) -> Attempt {
    let mut next = attempt.clone();
    ended(&mut next, AttemptState::Failed, attempt, now);
    next.message = Some(format!("withdrawn before it was sent: {why}"));
    next
}

/// Whether the supplier may be asked about the attempt now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Askable {
    /// Yes.
    Now,
    /// Not before this moment.
    At(Timestamp),
    /// Never again: the supplier could take the question for a new purchase, or has forgotten the old one.
    Never,
}

/// Whether the supplier may be asked about the attempt at `now`, in whichever way it is asked: never twice
/// within its minimum interval, and never once the attempt is older than its maximum age or [`RESEND_LIMIT`].
pub fn askable(attempt: &Attempt, capabilities: Capabilities, now: Timestamp) -> Askable {
    let (Some(first), Some(last)) = (attempt.first_sent_at, attempt.last_asked_at) else {
        return Askable::Now;
    };
    if now.since(first) >= resend_limit(capabilities) {
        return Askable::Never;
    }
    let earliest =
        attempt.answered_at.map_or(last, |answered| answered.max(last)).plus(capabilities.min_requery);
    if now >= earliest { Askable::Now } else { Askable::At(earliest) }
}

/// A reminder that is due: which one (from 0), and the attempt after it.
pub fn after_reminder(attempt: &Attempt, now: Timestamp) -> Option<(usize, Attempt)> {
    let due = attempt.remind_at?;
    if now < due || !attempt.state.is_open() {
        return None;
    }
    let which = usize::try_from(attempt.reminders).ok()?;
    let mut next = attempt.clone();
    next.reminders = attempt.reminders.saturating_add(1);
    next.remind_at = next_reminder(&next);
    Some((which, next))
}

fn next_reminder(attempt: &Attempt) -> Option<Timestamp> {
    let after = REMINDERS.get(usize::try_from(attempt.reminders).ok()?)?;
    Some(attempt.created_at.plus(*after))
}

fn ended(next: &mut Attempt, state: AttemptState, before: &Attempt, now: Timestamp) -> Outcome {
    (next.state, next.ended_at) = (state, Some(now));
    next.failed_at = before.failed_at.or(Some(now));
    (next.due_at, next.remind_at) = (None, None);
    if before.state.is_live() { Outcome::Failed } else { Outcome::Nothing }
}

/// How long after its first send an attempt may be asked about.
fn resend_limit(capabilities: Capabilities) -> Duration {
    capabilities.max_requery_age.min(RESEND_LIMIT)
}

/// 60 s after the last question at first, then 120, 300 and 900 s, with jitter so that many
/// attempts do not ask at the same moment; never when the attempt is too old.
fn next_question(
    attempt: &Attempt,
    capabilities: Capabilities,
    now: Timestamp,
    jitter_ms: u64,
) -> Option<Timestamp> {
    // A slow call reaches the supplier later than it was stamped: the pause begins at its answer.
    let last = attempt.answered_at.max(attempt.last_asked_at).unwrap_or(now);
    // Tries before the first send that arrived are no questions about it: there is no more than one a minute since.
    let minutes = attempt.first_sent_at.map_or(0, |first| last.since(first).as_secs() / 60);
    let since = i64::try_from(minutes).unwrap_or(i64::MAX).saturating_add(1);
    let step = match attempt.asked.min(since) {
        ..=1 => 1,
        2..=3 => 2,
        4..=6 => 5,
        _ => 15,
    };
    let wait = capabilities.min_requery.max(SHORTEST_PAUSE).saturating_mul(step);
    let spread = u64::try_from(wait.as_millis() / 10).unwrap_or(0).max(1);
    let next = last.plus(wait).plus(Duration::from_millis(jitter_ms % spread));
    let too_old = attempt.first_sent_at.is_some_and(|first| next.since(first) >= resend_limit(capabilities));
    (!too_old).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::digiflazz::CAPABILITIES as DIGIFLAZZ;
    use vocabulary::{AttemptId, Ids, OrderId, OrderNumber, Purpose, Reference, Rupiah};

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn attempt(state: AttemptState) -> Attempt {
        let ids = Ids::seeded(1);
        Attempt {
            id: AttemptId::new(&ids, NOW),
            order: OrderId::new(&ids, NOW),
            reference: Reference::new(&OrderNumber::new(&ids), Purpose::Fulfilment, 1),
            supplier: "digiflazz".into(),
            sku: "ml86".into(),
            customer_no: "1234567890".into(),
            max_price: Rupiah::new(18_000),
            state,
            code: None,
            message: None,
            serial_number: None,
            price: None,
            number: None,
            earlier: None,
            first_sent_at: Some(NOW),
            last_asked_at: Some(NOW),
            answered_at: None,
            asked: 1,
            doubted_at: None,
            reminders: 0,
            remind_at: None,
            routing: None,
            verdict: None,
            ended_at: None,
            failed_at: None,
            created_at: NOW,
            fence: 1,
            due_at: None,
        }
    }

    fn report(verdict: Verdict) -> Report {
        Report::bare(verdict, "")
    }

    fn check(from: AttemptState, verdict: Verdict, to: AttemptState, outcome: Outcome) {
        let (next, did) = after_report(&attempt(from), (&report(verdict), Source::Answer), DIGIFLAZZ, NOW, 0);
        assert_eq!((next.state, did), (to, outcome), "{from} hearing {verdict}");
    }

    #[test]
    fn the_minute_between_two_questions_counts_from_the_answer() {
        let slow = NOW.plus(Duration::from_secs(20));
        let (next, _) = after_report(
            &attempt(AttemptState::Sent),
            (&report(Verdict::Pending), Source::Answer),
            DIGIFLAZZ,
            slow,
            0,
        );
        assert_eq!(next.due_at, Some(slow.plus(Duration::from_secs(60))));
        let early = NOW.plus(Duration::from_secs(60));
        assert_eq!(askable(&next, DIGIFLAZZ, early), Askable::At(slow.plus(Duration::from_secs(60))));
        // What a webhook says is no answer, and moves nothing.
        let (told, _) = after_report(
            &attempt(AttemptState::Sent),
            (&report(Verdict::Pending), Source::Webhook),
            DIGIFLAZZ,
            slow,
            0,
        );
        assert_eq!(told.answered_at, None);
    }

    #[test]
    fn every_word_in_every_state() {
        use AttemptState as S;
        use Outcome as O;
        for open in [S::Sent, S::Pending, S::Unknown] {
            check(open, Verdict::Succeeded, S::Succeeded, O::Delivered);
            check(open, Verdict::PartlySucceeded, S::PartlySucceeded, O::PartlyDelivered);
            check(open, Verdict::Pending, S::Pending, O::Nothing);
            check(open, Verdict::FailedCustomer, S::Failed, O::Failed);
            check(open, Verdict::FailedProvider, S::Failed, O::Failed);
            check(open, Verdict::FailedGone, S::Failed, O::Failed);
            check(open, Verdict::FailedEmpty, S::Failed, O::Failed);
            check(open, Verdict::FailedTroubled, S::Failed, O::Failed);
            check(open, Verdict::FailedPrice, S::Failed, O::Failed);
            check(open, Verdict::FailedUnproven, S::Unknown, O::Nothing);
            check(open, Verdict::RefusedConfiguration, S::Failed, O::RefusesUs);
            check(open, Verdict::RefusedBalance, S::Failed, O::RefusesUs);
            check(open, Verdict::UnknownWord, S::Pending, O::Nothing);
            check(open, Verdict::Unknown, S::Unknown, O::Nothing);
            check(open, Verdict::UnknownAlarm, S::Unknown, O::Alarm);
            check(open, Verdict::Reversed, S::Reversed, O::Failed);
        }
        let part = (&report(Verdict::PartlySucceeded), Source::Answer);
        let (part, _) = after_report(&attempt(S::Pending), part, DIGIFLAZZ, NOW, 0);
        assert_eq!((part.ended_at, part.failed_at, part.due_at), (Some(NOW), None, None));
        check(S::Sent, Verdict::NotSent, S::Intended, O::Nothing);
        check(S::Pending, Verdict::NotSent, S::Pending, O::Nothing);
        check(S::Sent, Verdict::NotTold, S::Intended, O::Nothing);
        for verdict in Verdict::ALL {
            let (next, did) =
                after_report(&attempt(S::Succeeded), (&report(*verdict), Source::Answer), DIGIFLAZZ, NOW, 0);
            let expected = match verdict {
                Verdict::Reversed => (S::Reversed, O::Reversed),
                verdict if denial::is_denial(*verdict) => (S::Succeeded, O::Denied),
                _ => (S::Succeeded, O::Nothing),
            };
            assert_eq!((next.state, did), expected, "succeeded hearing {verdict}");
            let (next, did) =
                after_report(&attempt(S::Failed), (&report(*verdict), Source::Answer), DIGIFLAZZ, NOW, 0);
            let expected = match verdict {
                Verdict::Succeeded => (S::Succeeded, O::Delivered),
                Verdict::PartlySucceeded => (S::PartlySucceeded, O::PartlyDelivered),
                Verdict::Reversed => (S::Reversed, O::Nothing),
                _ => (S::Failed, O::Nothing),
            };
            assert_eq!((next.state, did), expected, "failed hearing {verdict}");
            let partly = attempt(S::PartlySucceeded);
            let (next, did) = after_report(&partly, (&report(*verdict), Source::Answer), DIGIFLAZZ, NOW, 0);
            let expected = match verdict {
                Verdict::Succeeded => (S::Succeeded, O::Delivered),
                Verdict::Reversed => (S::Reversed, O::Reversed),
                failed if failed.is_failure() => (S::PartlySucceeded, O::Alarm),
                _ => (S::PartlySucceeded, O::Nothing),
            };
            assert_eq!((next.state, did), expected, "delivered in part, hearing {verdict}");
            let told = (&report(*verdict), Source::Webhook);
            let alarms = after_report(&partly, told, DIGIFLAZZ, NOW, 0).1 == O::Alarm;
            assert!(!alarms, "a webhook about {verdict} may be older than the part");
            let (next, did) =
                after_report(&attempt(S::Reversed), (&report(*verdict), Source::Answer), DIGIFLAZZ, NOW, 0);
            assert_eq!((next.state, did), (S::Reversed, O::Nothing), "reversed hearing {verdict}");
        }
    }

    #[test]
    fn a_doubtful_failure_is_believed_only_when_repeated_a_minute_later() {
        let (doubted, outcome) = after_report(
            &attempt(AttemptState::Sent),
            (&report(Verdict::FailedUnproven), Source::Answer),
            DIGIFLAZZ,
            NOW,
            0,
        );
        assert_eq!(outcome, Outcome::Nothing);
        let again = |asked_after: u64, verdict, source| {
            let mut asked = doubted.clone();
            asked.last_asked_at = Some(NOW.plus(Duration::from_secs(asked_after)));
            after_report(
                &asked,
                (&report(verdict), source),
                DIGIFLAZZ,
                NOW.plus(Duration::from_secs(asked_after)),
                0,
            )
            .1
        };
        assert_eq!(again(59, Verdict::FailedUnproven, Source::Answer), Outcome::Nothing);
        assert_eq!(again(60, Verdict::FailedUnproven, Source::Answer), Outcome::Failed);
        assert_eq!(again(60, Verdict::Succeeded, Source::Answer), Outcome::Delivered);
        // The same webhook delivered twice is not a second opinion.
        assert_eq!(again(600, Verdict::FailedUnproven, Source::Webhook), Outcome::Nothing);
    }

    #[test]
    fn a_serial_number_that_comes_later_is_told_once() {
        let (delivered, _) = after_report(
            &attempt(AttemptState::Sent),
            (&report(Verdict::Succeeded), Source::Answer),
            DIGIFLAZZ,
            NOW,
            0,
        );
        let named = Report { serial_number: Some("SN1".into()), ..report(Verdict::Succeeded) };
        let (known, outcome) = after_report(&delivered, (&named, Source::Webhook), DIGIFLAZZ, NOW, 0);
        assert_eq!((known.serial_number.as_deref(), outcome), (Some("SN1"), Outcome::SerialArrived));
        assert_eq!(after_report(&known, (&named, Source::Webhook), DIGIFLAZZ, NOW, 0).1, Outcome::Nothing);
    }

    #[test]
    fn nobody_is_asked_twice_a_minute_nor_after_85_days() {
        let open = attempt(AttemptState::Pending);
        assert_eq!(
            askable(&open, DIGIFLAZZ, NOW.plus(Duration::from_secs(59))),
            Askable::At(NOW.plus(Duration::from_secs(60)))
        );
        assert_eq!(askable(&open, DIGIFLAZZ, NOW.plus(Duration::from_secs(60))), Askable::Now);
        assert_eq!(askable(&open, DIGIFLAZZ, NOW.plus(DIGIFLAZZ.max_requery_age)), Askable::Never);
        let careless = Capabilities { max_requery_age: Duration::from_secs(365 * 86_400), ..DIGIFLAZZ };
        assert_eq!(askable(&open, careless, NOW.plus(RESEND_LIMIT)), Askable::Never);
        let old = NOW.plus(DIGIFLAZZ.max_requery_age).minus(Duration::from_secs(1));
        let mut aged = open.clone();
        aged.last_asked_at = Some(old);
        let (next, _) = after_report(&aged, (&report(Verdict::Pending), Source::Answer), DIGIFLAZZ, old, 0);
        assert!(
            next.due_at.is_none_or(|due| due.since(NOW) < DIGIFLAZZ.max_requery_age),
            "{:?}",
            next.due_at
        );
    }

    #[test]
    fn a_supplier_that_buys_again_is_asked_too_sooner_after_a_hint_and_by_ourselves_after_a_minute() {
        use crate::adapters::vip_reseller::CAPABILITIES as VIP;
        let (told, _) = after_report(
            &attempt(AttemptState::Sent),
            (&report(Verdict::Pending), Source::Answer),
            VIP,
            NOW,
            0,
        );
        assert_eq!(told.due_at, Some(NOW.plus(Duration::from_secs(60))));
        assert_eq!(askable(&told, VIP, NOW), Askable::At(NOW.plus(VIP.min_requery)));
        assert_eq!(askable(&told, VIP, NOW.plus(VIP.min_requery)), Askable::Now);
        assert_eq!(askable(&told, VIP, NOW.plus(RESEND_LIMIT)), Askable::Never);
    }

    #[test]
    fn what_is_over_and_asked_about_because_of_a_hint_is_asked_once() {
        use AttemptState as S;
        for state in [S::Succeeded, S::PartlySucceeded, S::Failed, S::Reversed] {
            let nudged = Attempt { due_at: Some(NOW), ..attempt(state) };
            for verdict in Verdict::ALL {
                let (next, _) = after_report(&nudged, (&report(*verdict), Source::Answer), DIGIFLAZZ, NOW, 0);
                assert_eq!(next.due_at, None, "{state} hearing {verdict}");
            }
        }
    }

    #[test]
    fn the_number_that_a_purchase_is_known_by_does_not_change() {
        let named = |number: &str| Report { number: Some(number.into()), ..report(Verdict::Pending) };
        let (known, _) =
            after_report(&attempt(AttemptState::Sent), (&named("A"), Source::Answer), DIGIFLAZZ, NOW, 0);
        let (next, _) = after_report(&known, (&named("B"), Source::Answer), DIGIFLAZZ, NOW, 0);
        assert_eq!((known.number.as_deref(), next.number.as_deref()), (Some("A"), Some("A")));
    }

    #[test]
    fn questions_are_at_least_a_minute_apart_and_get_rarer() {
        let mut asked = attempt(AttemptState::Pending);
        let mut waits = Vec::new();
        let mut now = NOW;
        for count in 1..12 {
            (asked.asked, asked.last_asked_at) = (count, Some(now));
            let due = next_question(&asked, DIGIFLAZZ, now, 1_000_000_007).unwrap();
            waits.push(due.since(now));
            now = due;
        }
        assert!(waits.iter().all(|w| *w >= Duration::from_secs(60)));
        assert!(waits.last().unwrap() >= &Duration::from_secs(900));
        assert!(waits.is_sorted_by_key(|wait| wait.as_secs() / 60), "{waits:?}");
    }

    #[test]
    fn how_often_it_could_not_be_sent_makes_no_question_rarer() {
        let sent = Attempt { asked: 30, ..attempt(AttemptState::Sent) };
        let (next, _) = after_report(&sent, (&report(Verdict::Pending), Source::Answer), DIGIFLAZZ, NOW, 0);
        assert_eq!(next.due_at, Some(NOW.plus(Duration::from_secs(60))));
    }

    #[test]
    fn a_supplier_that_cannot_be_reached_is_tried_again_as_a_first_send_and_the_buyer_is_told() {
        let mut sent = attempt(AttemptState::Sent);
        for count in 1..30 {
            sent.asked = count;
            let (next, outcome) =
                after_report(&sent, (&report(Verdict::NotSent), Source::Answer), DIGIFLAZZ, NOW, 0);
            assert_eq!(
                (next.state, next.first_sent_at, outcome),
                (AttemptState::Intended, None, Outcome::Nothing)
            );
            assert_eq!(next.remind_at, Some(NOW.plus(REMINDERS[0])));
        }
        sent.last_asked_at = Some(NOW.plus(Duration::from_secs(60)));
        let (next, _) = after_report(
            &sent,
            (&report(Verdict::NotSent), Source::Answer),
            DIGIFLAZZ,
            NOW.plus(Duration::from_secs(60)),
            0,
        );
        assert_eq!(next.state, AttemptState::Sent, "an earlier send may have arrived");
    }

    #[test]
    fn the_buyer_is_told_at_5_30_and_120_minutes_and_not_again() {
        let (mut open, _) = after_report(
            &attempt(AttemptState::Sent),
            (&report(Verdict::Pending), Source::Answer),
            DIGIFLAZZ,
            NOW,
            0,
        );
        let mut told = Vec::new();
        for minute in 0..300_u64 {
            let now = NOW.plus(Duration::from_secs(minute * 60));
            if let Some((which, next)) = after_reminder(&open, now) {
                told.push((minute, which));
                open = next;
            }
        }
        assert_eq!(told, [(5, 0), (30, 1), (120, 2)]);
    }
}

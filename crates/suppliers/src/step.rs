//! What a supplier's word does to an attempt. Pure: the report goes in, the changed row and what it
//! means for the order come out.

mod asking;
mod reminder;
mod unsent;

use crate::{Attempt, AttemptState, Capabilities, Report, Verdict, denial};
use asking::next_question;
use reminder::next_reminder;
use std::time::Duration;
use vocabulary::Timestamp;

pub(crate) use asking::SHORTEST_PAUSE;
pub use asking::{Askable, askable};
pub use reminder::{REMINDERS, after_reminder};
pub use unsent::{after_silent_look, never_arrived, withdrawn};

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

/// How a report reached us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// As the answer to a send made at `last_asked_at`.
    Answer,
    /// By webhook: nobody knows when it was true, and it may come twice.
    Webhook,
}

/// How often a supplier may say "not found" before a person is called. Asking goes on.
const UNKNOWNS_BEFORE_ALARM: i64 = 5;

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

fn ended(next: &mut Attempt, state: AttemptState, before: &Attempt, now: Timestamp) -> Outcome {
    (next.state, next.ended_at) = (state, Some(now));
    next.failed_at = before.failed_at.or(Some(now));
    (next.due_at, next.remind_at) = (None, None);
    if before.state.is_live() { Outcome::Failed } else { Outcome::Nothing }
}

#[cfg(test)]
mod scene_tests;

#[cfg(test)]
mod tests {
    use super::scene_tests::{NOW, attempt, report};
    use super::*;
    use crate::adapters::digiflazz::CAPABILITIES as DIGIFLAZZ;

    fn check(from: AttemptState, verdict: Verdict, to: AttemptState, outcome: Outcome) {
        let (next, did) = after_report(&attempt(from), (&report(verdict), Source::Answer), DIGIFLAZZ, NOW, 0);
        assert_eq!((next.state, did), (to, outcome), "{from} hearing {verdict}");
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
}

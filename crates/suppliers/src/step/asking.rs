//! When a supplier is asked about an attempt: by ourselves, and at the earliest.

use crate::{Attempt, Capabilities, RESEND_LIMIT};
use std::time::Duration;
use vocabulary::Timestamp;

/// The first pause before asking by ourselves. A hint may bring a question sooner, where the supplier allows it.
pub(crate) const SHORTEST_PAUSE: Duration = Duration::from_secs(60);

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

/// 60 s after the last question at first, then 120, 300 and 900 s, with jitter so that many
/// attempts do not ask at the same moment. One that would be too old by then is due at the moment from which it is: nobody
/// is asked then, and a person is told. After that it is not due any more.
pub(super) fn next_question(
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
    let Some(first) = attempt.first_sent_at else { return Some(next) };
    let end = first.plus(resend_limit(capabilities));
    // What is due still after that has told nobody yet.
    (now < end || attempt.due_at.is_some()).then_some(next.min(end))
}

/// How long after its first send an attempt may be asked about.
fn resend_limit(capabilities: Capabilities) -> Duration {
    capabilities.max_requery_age.min(RESEND_LIMIT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::digiflazz::CAPABILITIES as DIGIFLAZZ;
    use crate::step::scene_tests::{NOW, attempt, report};
    use crate::{AttemptState, Source, Verdict, after_report};

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
        (aged.last_asked_at, aged.reminders) = (Some(old), 3);
        let pending = report(Verdict::Pending);
        let (next, _) = after_report(&aged, (&pending, Source::Answer), DIGIFLAZZ, old, 0);
        let end = NOW.plus(DIGIFLAZZ.max_requery_age);
        assert_eq!(next.due_at, Some(end), "somebody has to see that it is not asked about any more");
        assert_eq!(askable(&next, DIGIFLAZZ, end), Askable::Never);
        // What is heard of it after that and decides nothing: until a person was told it stays due.
        let late = end.plus(Duration::from_secs(3_600));
        let (due, _) = after_report(&next, (&pending, Source::Webhook), DIGIFLAZZ, late, 0);
        assert_eq!(due.due_at, Some(end));
        let told = Attempt { due_at: None, ..next };
        let (due, _) = after_report(&told, (&pending, Source::Webhook), DIGIFLAZZ, late, 0);
        assert_eq!(due.due_at, None, "and nobody twice");
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
}

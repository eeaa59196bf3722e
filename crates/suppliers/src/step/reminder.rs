//! When a buyer is reminded that an attempt takes long.

use crate::Attempt;
use std::time::Duration;
use vocabulary::Timestamp;

/// When the buyer hears that the supplier is slow (or cannot be reached), counted from the intent; at the last one a
/// person is called.
pub const REMINDERS: [Duration; 3] =
    [Duration::from_secs(5 * 60), Duration::from_secs(30 * 60), Duration::from_secs(120 * 60)];

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

pub(super) fn next_reminder(attempt: &Attempt) -> Option<Timestamp> {
    let after = REMINDERS.get(usize::try_from(attempt.reminders).ok()?)?;
    Some(attempt.created_at.plus(*after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::digiflazz::CAPABILITIES as DIGIFLAZZ;
    use crate::step::scene_tests::{NOW, attempt, report};
    use crate::{AttemptState, Source, Verdict, after_report};

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

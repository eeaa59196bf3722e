//! What never reached its supplier: it is tried again, or given up.

use super::ended;
use crate::{Attempt, AttemptState, Verdict};
use std::time::Duration;
use vocabulary::Timestamp;

/// How long to wait before a supplier that did not answer a question is asked once more, with nothing sent yet.
const SILENT_BEFORE_SEND: Duration = Duration::from_secs(20);

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

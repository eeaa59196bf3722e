//! What an attempt says about its route, and whether another may be tried after it.

use catalog::Route;
use suppliers::{Attempt, AttemptState, Capabilities, Verdict};

/// Whether it was made on this route.
pub(super) fn is_of(attempt: &Attempt, route: &Route) -> bool {
    attempt.supplier == route.supplier && attempt.sku == route.supplier_sku
}

/// Whether something was tried there, and came to nothing. Where we were refused before anything was bought, it
/// has not been tried.
pub(super) fn failed_there(attempt: &Attempt) -> bool {
    let ended = matches!(attempt.state, AttemptState::Failed | AttemptState::Reversed);
    let refused =
        matches!(attempt.verdict, Some(Verdict::RefusedBalance | Verdict::RefusedConfiguration) | None);
    ended && !refused
}

/// Whether another route may be tried after a failure of this kind: never when the account was at fault, and
/// never after a word that leaves open what happened. A refusal that no document explains is such a word.
pub(crate) fn may_fail_over(can: Capabilities, verdict: Verdict) -> bool {
    match verdict {
        Verdict::FailedPrice | Verdict::FailedUnproven | Verdict::RefusedBalance => true,
        said if said.is_failure_of_provider() => true,
        Verdict::RefusedConfiguration => can.refusals_are_documented,
        _ => false,
    }
}

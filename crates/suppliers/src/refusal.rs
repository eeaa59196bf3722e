//! What the newest purchase of a product at a supplier says about the next one, until the supplier tells of the product
//! anew (`contracts/suppliers.md` §1.4). Read off the attempts themselves, as health is.

use crate::{Attempt, AttemptState, Listing, Unsellable, Verdict};
use std::time::Duration;
use vocabulary::Timestamp;

/// How long a product that has trouble at its seller comes after others.
const TROUBLED_FOR: Duration = Duration::from_secs(15 * 60);

/// Why nothing is bought of a product at a supplier, by the newest of these attempts at it. A list that was asked for
/// since says what holds now; without one a day must pass, or a person tries it.
pub fn refused_since(attempts: &[Attempt], listing: Option<&Listing>) -> Option<Unsellable> {
    let (last, at) = last_word(attempts)?;
    if listing.is_some_and(|listing| listing.seen_at > at) {
        return None;
    }
    match last.verdict {
        Some(Verdict::FailedGone) => Some(Unsellable::Gone),
        Some(Verdict::FailedEmpty) => Some(Unsellable::Empty),
        _ => None,
    }
}

/// Whether a product has trouble at its seller, by the newest of these attempts at it: it is bought where nobody else
/// has it.
pub fn is_troubled(attempts: &[Attempt], now: Timestamp) -> bool {
    last_word(attempts).is_some_and(|(last, at)| {
        last.verdict == Some(Verdict::FailedTroubled) && now.since(at) < TROUBLED_FOR
    })
}

/// The attempt that was decided last, of those that tell whether the product is sold, and when. One that failed because
/// of the account tells that it is; one that failed because of its price tells nothing.
fn last_word(attempts: &[Attempt]) -> Option<(&Attempt, Timestamp)> {
    let tells = |attempt: &&Attempt| match attempt.state {
        AttemptState::Succeeded | AttemptState::PartlySucceeded => true,
        AttemptState::Failed => {
            attempt.verdict.is_some_and(|said| said.is_failure() && said != Verdict::FailedPrice)
        }
        _ => false,
    };
    let last = attempts
        .iter()
        .filter(tells)
        .max_by_key(|attempt| (ended(attempt), attempt.created_at, attempt.reference.to_string()))?;
    Some((last, ended(last)))
}

fn ended(attempt: &Attempt) -> Timestamp {
    attempt.ended_at.unwrap_or(attempt.created_at)
}

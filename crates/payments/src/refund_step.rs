//! What an answer of a gateway does to a refund. Pure: the answer goes in, the changed row and what it means
//! come out.
//!
//! Of the first request under a key a refusal for want of our money, or because of the time, is the end, and so
//! is one that was never sent. Any other may mean that somebody has given the money back in the gateway's
//! dashboard meanwhile, and then the buyer gets nothing twice: it is believed when the gateway, asked in
//! between, has nothing, and refuses again a minute later. So is every refusal once one request may have
//! arrived, because it says nothing of the first.

use crate::{Refund, RefundOutcome, RefundRefusal, RefundState, refunding::NEVER_SENT};
use std::time::Duration;
use vocabulary::Timestamp;

/// How long after a refusal of a repetition it must be repeated, to be believed.
const BETWEEN_REFUSALS: Duration = Duration::from_secs(60);
/// How long after its first try the same may be sent again (contracts/payments §1.9: seven days; a day is
/// left for clocks and for the way).
const REPEATABLE: Duration = Duration::from_secs(6 * 86_400);
/// A refund that no gateway has taken for so long, and that can have reached none, is given up.
const NEVER_TAKEN: Duration = Duration::from_secs(86_400);
/// A refund that has not ended so long after it was first sent is for a person to look at.
const SLOW: Duration = Duration::from_secs(3_600);
/// The longest time that a gateway can make us wait between two calls.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// The least that we leave it alone however little it asks for, once that goes on.
const LEAST_PAUSE: Duration = Duration::from_secs(60);

/// What a step means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundHappened {
    /// Nothing yet.
    Nothing,
    /// Its gateway has given the money back.
    Done,
    /// Its gateway gives nothing back, for this reason.
    Refused(RefundRefusal),
    /// It takes so long that a person should look.
    Slow,
}

vocabulary::text_enum!(
    /// How a refund ended, by what a person saw in its gateway's dashboard.
    pub enum ByHand {
        /// The money is with the buyer.
        GivenBack = "given-back",
        /// It is not, and will not be: nothing of it is under way there.
        NotGivenBack = "not-given-back",
    }
);

/// How a gateway was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Called {
    /// It was asked to give back.
    Sent,
    /// It was asked what became of it.
    Asked,
}

/// Whether the same may be sent again under its key.
pub fn may_be_sent(refund: &Refund, now: Timestamp) -> bool {
    refund.sent_at.is_none_or(|first| now.since(first) < REPEATABLE)
}

/// The refund after a person has looked in its gateway's dashboard and says how it ended. `None` when it has
/// ended, and before it has taken so long that a person is called: until then its gateway says it. What the
/// gateway has taken on may come yet, so that nobody can say that it will not.
pub fn settled_by_hand(refund: &Refund, said: ByHand, now: Timestamp) -> Option<Refund> {
    let may_come = refund.state == RefundState::Pending && said == ByHand::NotGivenBack;
    if !refund.state.is_live() || now < refund.created_at.plus(SLOW) || may_come {
        return None;
    }
    let mut next = refund.clone();
    next.note = Some(format!("{said}, by the word of a person"));
    let state = match said {
        ByHand::GivenBack => RefundState::Done,
        ByHand::NotGivenBack => RefundState::Refused,
    };
    next.refusal = (state == RefundState::Refused).then_some(next.refusal.unwrap_or(RefundRefusal::Other));
    Some(ended(next, state, now))
}

/// A refund that its gateway refuses after somebody has given back something of its payment in the dashboard,
/// kept for a person: nobody knows whether the buyer has the money, so it neither ends nor is it credited.
pub fn kept_for_a_person(refund: Refund, now: Timestamp) -> Refund {
    Refund { state: RefundState::Unknown, settled_at: None, due_at: Some(now.plus(SLOW)), ..refund }
}

/// The refund after an answer.
pub fn after_refund(
    refund: &Refund,
    called: Called,
    outcome: RefundOutcome,
    now: Timestamp,
) -> (Refund, RefundHappened) {
    let mut next = refund.clone();
    next.asked = refund.asked.saturating_add(1);
    match (outcome, called) {
        (RefundOutcome::Done { refund_id }, _) => {
            next.gateway_refund_id = refund_id.or(next.gateway_refund_id);
            next.refusal = None;
            return (ended(next, RefundState::Done, now), RefundHappened::Done);
        }
        (RefundOutcome::Pending { refund_id, stated }, _) => {
            next.gateway_refund_id = refund_id.or(next.gateway_refund_id);
            next.note = Some(cut(&stated));
            (next.refusal, next.refused_at) = (None, None);
            if refund.state != RefundState::Pending {
                next.asked = 0;
            }
            next.state = RefundState::Pending;
            next.due_at = Some(now.plus(progress(next.asked)));
        }
        (RefundOutcome::Exists, _) => {
            next.note = Some("the gateway has a refund under this key already".into());
            next.state = RefundState::Unknown;
            next.due_at = Some(now.plus(backoff(refund.asked)));
        }
        // Nobody is asked to give back what is beyond repetition: it is asked about, and a person looks.
        (RefundOutcome::NotFound, Called::Asked) if may_be_sent(refund, now) => {
            next.note = Some("the gateway shows no refund of this".into());
            next.state = RefundState::Intended;
            let soonest = next.refused_at.map(|at| at.plus(BETWEEN_REFUSALS));
            // What is in progress is not shown either: sent again, it is answered so.
            let pause =
                if refund.state == RefundState::Pending { Duration::ZERO } else { again(refund.asked) };
            next.due_at = Some(soonest.unwrap_or(now).max(now.plus(pause)));
        }
        (RefundOutcome::NotFound, _) => {
            next.note = Some("the gateway shows no refund of this".into());
            next.state = RefundState::Unknown;
            next.due_at = Some(now.plus(backoff(refund.asked)));
        }
        (RefundOutcome::Refused { reason, code, message }, called) => {
            next.note = Some(cut(&format!("refused with {code}: {message}")));
            next.refusal = Some(reason);
            if is_believed(refund, (reason, &code), called, now) {
                return (ended(next, RefundState::Refused, now), RefundHappened::Refused(reason));
            }
            next.refused_at = Some(refund.refused_at.unwrap_or(now));
            next.state = RefundState::Unknown;
            next.due_at = Some(now.plus(backoff(0)));
        }
        (RefundOutcome::NotTaken { reason, retry_after }, Called::Sent) => {
            next.note = Some(cut(&reason));
            next.sends = refund.sends.saturating_sub(1);
            next.state = if next.sends > 0 { RefundState::Unknown } else { RefundState::Intended };
            next.due_at = Some(now.plus(pause(retry_after, refund.asked)));
            if next.sends == 0 && now.since(refund.created_at) >= NEVER_TAKEN {
                let why = RefundRefusal::Other;
                next.refusal = Some(why);
                return (ended(next, RefundState::Refused, now), RefundHappened::Refused(why));
            }
        }
        (
            RefundOutcome::NotTaken { reason, retry_after } | RefundOutcome::Unknown { reason, retry_after },
            _,
        ) => {
            next.note = Some(cut(&reason));
            if called == Called::Sent || refund.state == RefundState::Sent {
                next.state = RefundState::Unknown;
            }
            next.due_at = Some(now.plus(pause(retry_after, refund.asked)));
        }
    }
    let is_slow = refund.created_at.plus(SLOW) <= now;
    (next, if is_slow { RefundHappened::Slow } else { RefundHappened::Nothing })
}

/// Whether a refusal is the end. Asked about, a refund that the gateway calls failed has failed.
fn is_believed(
    refund: &Refund,
    (reason, code): (RefundRefusal, &str),
    called: Called,
    now: Timestamp,
) -> bool {
    let is_plain = match reason {
        RefundRefusal::InsufficientBalance | RefundRefusal::WindowOver => true,
        RefundRefusal::WrongState | RefundRefusal::Amount => false,
        RefundRefusal::NotRefundable | RefundRefusal::Other => code == NEVER_SENT,
    };
    let first = refund.sends <= 1 && refund.gateway_refund_id.is_none() && is_plain;
    let said_again = refund.refused_at.is_some_and(|at| now.since(at) >= BETWEEN_REFUSALS);
    called == Called::Asked || first || said_again
}

fn ended(mut refund: Refund, state: RefundState, now: Timestamp) -> Refund {
    refund.state = state;
    refund.settled_at = Some(now);
    refund.due_at = None;
    refund
}

/// How long one that is in progress is left alone.
fn progress(asked: i64) -> Duration {
    Duration::from_secs(match asked {
        ..1 => 15,
        1..4 => 30,
        4..10 => 60,
        10..30 => 300,
        _ => 3_600,
    })
}

/// How long before what did not arrive is sent again: at once, and ever more rarely when that goes on.
fn again(asked: i64) -> Duration {
    if asked < 2 { Duration::ZERO } else { backoff(asked) }
}

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
        _ => 3_600,
    })
}

/// A remark that fits a log line and a column.
fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}

#[cfg(test)]
#[path = "refund_step_tests.rs"]
mod tests;

//! One fulfilment attempt: what our row and books say of it, and what its supplier said or says. Pure.

use super::{
    compare::Found,
    report::{Difference, DifferenceKind as Kind},
    view::{OurAttempt, OurOrder, Sides, SupplierSays},
};
use crate::Attention;
use std::time::Duration;
use suppliers::{AttemptState, Verdict, Word};
use vocabulary::Rupiah;

/// How long a supplier may be at work before it is a difference that nobody knows how it ended.
const DAY: Duration = Duration::from_secs(86_400);

/// How an attempt ended, by its supplier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decided {
    Delivered,
    /// A part of it.
    Partly,
    /// Failed, refused, or taken back.
    Failed,
    NotYet,
}

/// Compares an attempt with its supplier's word.
pub(super) fn compare(found: &mut Found, sides: &Sides, order: &OurOrder, attempt: &OurAttempt) {
    let says = sides.suppliers.get(&attempt.reference);
    if let Some(SupplierSays::Silent(why)) = says {
        return found.silence(&attempt.supplier, &attempt.reference, why);
    }
    found.looked_at.insert(attempt.reference.clone());
    let asked = match says {
        Some(SupplierSays::Told(verdict, said)) => Some((*verdict, said.as_str())),
        _ => None,
    };
    let decided = match asked.map(|(verdict, _)| of(verdict)) {
        Some(decided) if decided != Decided::NotYet => decided,
        _ => last(&attempt.words),
    };
    let case = Case { order, attempt, asked: asked.map(|(_, said)| said) };
    match (attempt.state, decided) {
        (AttemptState::Succeeded, Decided::Delivered) => case.price(found),
        (AttemptState::PartlySucceeded, Decided::Partly)
            if order.attention == Some(Attention::PartlyDelivered) =>
        {
            found.note(&attempt.reference, "a part was delivered, and a person has to settle it");
        }
        (AttemptState::PartlySucceeded, Decided::Partly) => case.price(found),
        (AttemptState::PartlySucceeded, Decided::Delivered) => case.differs(
            found,
            Kind::DeliveredThere,
            "the supplier has delivered the rest, and we have not heard",
        ),
        (AttemptState::Succeeded, Decided::Failed | Decided::Partly)
        | (AttemptState::PartlySucceeded, Decided::Failed | Decided::NotYet) => {
            let cause = "the supplier failed it or took it back, and that was taken for old news; or our row is wrong";
            case.differs(found, Kind::NotDeliveredThere, cause);
            // Who can be asked without being asked to buy is asked by the worker, whose question decides.
            let may_ask = asked.is_some() && attempt.state == AttemptState::Succeeded;
            if let Some(last) = found.differences.last_mut().filter(|_| may_ask) {
                last.asked_again = true;
            }
        }
        (AttemptState::Reversed, Decided::Delivered) if asked.is_some() => case.differs(
            found,
            Kind::DeliveredThere,
            "the supplier says that it has delivered what it had taken back; or our row is wrong",
        ),
        // It was made before words were kept.
        (AttemptState::Succeeded, Decided::NotYet) if attempt.words.is_empty() && attempt.code.is_some() => {
            found.old_attempts = found.old_attempts.saturating_add(1);
        }
        (AttemptState::Succeeded, Decided::NotYet) => case.differs(
            found,
            Kind::NotDeliveredThere,
            "our row is wrong: no word of the supplier's says that it was delivered",
        ),
        (AttemptState::Failed, Decided::Delivered | Decided::Partly) => case.differs(
            found,
            Kind::DeliveredThere,
            "the supplier delivered after all, and that was not applied; or our row is wrong",
        ),
        (AttemptState::Sent | AttemptState::Pending | AttemptState::Unknown, Decided::NotYet) => {
            case.undecided(found, sides);
        }
        (AttemptState::Sent | AttemptState::Pending | AttemptState::Unknown, _) => case.differs(
            found,
            Kind::MissingWebhook,
            "the supplier has decided, and we have not heard; the worker asks when it may",
        ),
        // Never sent; or over, and nothing is said against that.
        _ => {}
    }
}

/// What its supplier last said of an attempt, in a few words.
pub(super) fn worded(attempt: &OurAttempt) -> String {
    match attempt.words.last() {
        Some(word) => {
            let code = word.code.as_deref().map_or_else(String::new, |code| format!(" ({code})"));
            format!("{}: {}{code} at {}", attempt.reference, word.verdict, word.at.wib())
        }
        None if attempt.first_sent_at.is_none() => format!("{}: never sent", attempt.reference),
        None => format!("{}: no word kept", attempt.reference),
    }
}

fn of(verdict: Verdict) -> Decided {
    match verdict {
        Verdict::Succeeded => Decided::Delivered,
        Verdict::PartlySucceeded => Decided::Partly,
        Verdict::RefusedConfiguration | Verdict::RefusedBalance | Verdict::Reversed => Decided::Failed,
        failed if failed.is_failure() => Decided::Failed,
        _ => Decided::NotYet,
    }
}

/// What was last said that decides. A reversal is a supplier's last word: an older success may follow it.
fn last(words: &[Word]) -> Decided {
    if words.iter().any(|word| word.verdict == Verdict::Reversed) {
        return Decided::Failed;
    }
    let mut decisions = words.iter().rev().map(|word| of(word.verdict));
    decisions.find(|decided| *decided != Decided::NotYet).unwrap_or(Decided::NotYet)
}

struct Case<'a> {
    order: &'a OurOrder,
    attempt: &'a OurAttempt,
    /// What the supplier says now, if it could be asked.
    asked: Option<&'a str>,
}

impl Case<'_> {
    /// Delivered on both sides: what the supplier took is what is booked.
    fn price(&self, found: &mut Found) {
        let attempt = self.attempt;
        let told = |word: &&Word| matches!(word.verdict, Verdict::Succeeded | Verdict::PartlySucceeded);
        let mut delivered = attempt.words.iter().rev().filter(told);
        let Some(price) = delivered.find_map(|word| word.price) else { return };
        if price == attempt.booked {
            return;
        }
        let (cause, check) = if attempt.booked == Rupiah::ZERO {
            ("its delivery is not booked", "`loket ledger check`, then ")
        } else {
            ("the supplier named another price after it was booked", "")
        };
        found.differences.push(Difference {
            kind: Kind::WrongPrice,
            subject: attempt.reference.clone(),
            ledger: format!("{}; {} booked as its cost", attempt.state, attempt.booked),
            gateway: None,
            supplier: Some(price.to_string()),
            cause: cause.into(),
            action: format!("{check}`loket order show {}`", self.order.number),
            asked_again: false,
        });
    }

    /// The supplier is at work. For long, or asked no more, it is for a person.
    fn undecided(&self, found: &mut Found, sides: &Sides) {
        let attempt = self.attempt;
        let since = attempt.first_sent_at.unwrap_or(attempt.created_at);
        if attempt.due_at.is_some() && sides.now < since.plus(DAY) {
            let text = format!("{} since {}; it is asked about again by itself", attempt.state, since.wib());
            return found.note(&attempt.reference, text);
        }
        let cause = match attempt.due_at {
            Some(_) => "the supplier has not decided for a day; it is asked on",
            None => "it is too old to be asked about, or its row is parked",
        };
        self.differs(found, Kind::Undecided, cause);
    }

    fn differs(&self, found: &mut Found, kind: Kind, cause: &str) {
        let attempt = self.attempt;
        let said = match self.asked {
            Some(said) => format!("{}: {said}", attempt.reference),
            None => worded(attempt),
        };
        found.differences.push(Difference {
            kind,
            subject: attempt.reference.clone(),
            ledger: format!("{}; its order is {}", attempt.state, self.order.state),
            gateway: None,
            supplier: Some(said),
            cause: cause.to_owned(),
            action: format!(
                "look up {} in the member area of {}, then `loket order show {}`",
                attempt.reference, attempt.supplier, self.order.number
            ),
            asked_again: false,
        });
    }
}

//! One payment: what our row and books say of it, and what its gateway says. Pure.

use super::{
    report::{Difference, DifferenceKind as Kind},
    view::{GatewaySays, OurPayment, WentBack},
};
use payments::{ObservedState, PaymentState};
use std::time::Duration;
use vocabulary::{OrderNumber, PayPoint, Rupiah, Timestamp};

/// How long after its time a payment may stand open here that its gateway has closed: no money hangs on it.
const LAG: Duration = Duration::from_secs(3_600);

/// What is to be thought of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Judged {
    /// Both say the same.
    Agrees,
    /// Almost: nothing has to be done about it.
    Noted(String),
    /// They do not.
    Differs(Box<Difference>),
    /// The gateway could not be asked.
    NotAsked(String),
}

/// Whether money came in for a payment, by its gateway's word or by our books for store credit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Brought {
    Yes,
    No,
    /// It came in and went back, and both sides know.
    WentBack,
    /// Its gateway could not be asked.
    NotKnown,
}

/// Where it stands with us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ours {
    Paid,
    GoingBack,
    PartBack,
    Back,
    /// Money of an amount that is not ours, and nobody has decided.
    Odd,
    /// It may yet be paid.
    Waiting,
    Closed,
}

/// Where it stands with its gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Theirs {
    Paid(Option<Rupiah>),
    PartBack,
    Back,
    Open,
    Closed,
    Unclear,
    Nothing,
}

fn ours(payment: &OurPayment) -> Ours {
    match payment.state {
        PaymentState::Settled => Ours::Paid,
        PaymentState::Refunding => Ours::GoingBack,
        PaymentState::PartlyRefunded => Ours::PartBack,
        PaymentState::Refunded => Ours::Back,
        PaymentState::Unknown if payment.odd_amount.is_some() => Ours::Odd,
        PaymentState::Denied | PaymentState::Expired | PaymentState::Cancelled => Ours::Closed,
        _ => Ours::Waiting,
    }
}

fn theirs(payment: &OurPayment, state: ObservedState, amount: Option<Rupiah>) -> Theirs {
    let at_a_till = matches!(payment.method.pay_point(), Some(PayPoint::Store(_)));
    let was_paid = matches!(ours(payment), Ours::Paid | Ours::GoingBack | Ours::PartBack | Ours::Back);
    match state {
        // A cashier who takes a payment back within the minute is told in these words.
        ObservedState::Denied if at_a_till && was_paid => Theirs::Back,
        ObservedState::Settled => Theirs::Paid(amount),
        ObservedState::PartlyRefunded => Theirs::PartBack,
        ObservedState::Refunded => Theirs::Back,
        ObservedState::Pending | ObservedState::Unfit => Theirs::Open,
        ObservedState::Denied | ObservedState::Cancelled | ObservedState::Expired => Theirs::Closed,
        _ => Theirs::Unclear,
    }
}

/// Compares a payment with what its gateway says of it at `now`.
pub(super) fn judge(
    number: &OrderNumber,
    payment: &OurPayment,
    says: &GatewaySays,
    now: Timestamp,
) -> Judged {
    let (theirs, stated, given_back) = match says {
        GatewaySays::Silent(why) => return Judged::NotAsked(why.clone()),
        GatewaySays::NotFound => (Theirs::Nothing, "nothing under this reference".to_owned(), None),
        GatewaySays::Found { state, stated, amount, given_back } => {
            let back = given_back.map(|back| format!("; {back} went back in all")).unwrap_or_default();
            (theirs(payment, *state, *amount), worded(stated, *amount) + &back, *given_back)
        }
    };
    let case = Case { number, payment, stated };
    match (ours(payment), theirs) {
        (_, Theirs::Unclear) => case.look(
            Kind::UnclearWord,
            "the gateway holds it as suspicious, or uses a word that we do not know; it counts as unpaid here",
        ),
        (Ours::Paid, Theirs::Paid(amount)) => case.amounts(amount),
        (Ours::GoingBack, Theirs::Back) => case.ask_again(
            Kind::StateDiffers,
            "our refund shows at the gateway, and that it has arrived there is not written down here",
        ),
        (Ours::GoingBack, Theirs::Paid(_)) => case.sums(Some(Rupiah::ZERO)),
        (Ours::GoingBack | Ours::PartBack, Theirs::PartBack) | (Ours::Back, Theirs::Back) => {
            case.sums(given_back)
        }
        (Ours::Waiting, Theirs::Open) | (Ours::Closed, Theirs::Closed | Theirs::Nothing) => Judged::Agrees,
        (Ours::Odd, Theirs::Paid(amount)) => case.odd(amount),
        (Ours::Odd, Theirs::PartBack) => case.odd(None),
        (Ours::Waiting | Ours::Closed, Theirs::Paid(amount)) => case.unheard(amount),
        (Ours::Paid, Theirs::Back | Theirs::PartBack)
        | (Ours::PartBack | Ours::Odd, Theirs::Back)
        | (Ours::Waiting | Ours::Closed, Theirs::Back | Theirs::PartBack) => case.ask_again(
            Kind::TakenBack,
            "given back from the gateway's dashboard or charged back, and its webhook never came",
        ),
        (Ours::Paid | Ours::GoingBack | Ours::PartBack | Ours::Back, Theirs::Nothing) => case.look(
            Kind::PaymentNotFound,
            "the gateway has forgotten it, another account or key is configured now, or our row is wrong",
        ),
        (Ours::Paid | Ours::GoingBack | Ours::PartBack, Theirs::Open | Theirs::Closed) => {
            case.look(Kind::PaidHereOnly, "our row is wrong, or the gateway has changed its mind")
        }
        (Ours::Closed, Theirs::Open) => case.ask_again(
            Kind::StillPayable,
            "closing it did not reach the gateway: the buyer could pay for nothing, and it is closed again",
        ),
        (Ours::Waiting, Theirs::Nothing) if payment.state != PaymentState::Open => Judged::Agrees,
        (Ours::Waiting, Theirs::Nothing) => {
            case.ask_again(Kind::PaymentNotFound, "the gateway has forgotten it: nobody can pay it any more")
        }
        (Ours::Waiting, Theirs::Closed) if now < payment.expires_at.plus(LAG) => {
            Judged::Noted(format!("closed at {}, which is not heard here yet", payment.gateway))
        }
        (Ours::Waiting | Ours::Odd, _) => {
            case.ask_again(Kind::StateDiffers, "its webhook never came, and nobody has asked since")
        }
        (Ours::PartBack | Ours::Back, _) => {
            case.look(Kind::StateDiffers, "the gateway says less of it now than it did before")
        }
    }
}

/// Whether money came in for a payment.
pub(super) fn brought(payment: &OurPayment, says: Option<&GatewaySays>) -> Brought {
    if payment.gateway == "wallet" {
        return match payment.state == PaymentState::Settled && payment.booked.pays {
            true => Brought::Yes,
            false => Brought::No,
        };
    }
    match says {
        None | Some(GatewaySays::Silent(_)) => Brought::NotKnown,
        Some(GatewaySays::NotFound) => Brought::No,
        Some(GatewaySays::Found { state, amount, .. }) => match theirs(payment, *state, *amount) {
            Theirs::Paid(_) | Theirs::PartBack => Brought::Yes,
            Theirs::Back if ours(payment) == Ours::Back => Brought::WentBack,
            _ => Brought::No,
        },
    }
}

/// A word of a gateway, with the amount that it names.
pub(super) fn worded(stated: &str, amount: Option<Rupiah>) -> String {
    match amount {
        Some(amount) => format!("{stated}, {amount}"),
        None => format!("{stated}, no amount that can be read"),
    }
}

struct Case<'a> {
    number: &'a OrderNumber,
    payment: &'a OurPayment,
    stated: String,
}

impl Case<'_> {
    /// Paid on both sides: the row, the books and the gateway name one amount.
    fn amounts(&self, theirs: Option<Rupiah>) -> Judged {
        let payment = self.payment;
        let booked = payment.booked.held;
        match theirs {
            // A person has decided about an amount that nobody could read.
            None if payment.odd_amount == Some(Rupiah::ZERO) => Judged::Agrees,
            None => self.look(Kind::WrongAmount, "the gateway names no amount that can be read"),
            Some(theirs)
                if theirs == booked && (theirs == payment.amount || payment.odd_amount.is_some()) =>
            {
                Judged::Agrees
            }
            Some(theirs) if theirs == booked => {
                self.look(Kind::WrongAmount, "our row asks for another amount than came in and is booked")
            }
            Some(_) if booked == Rupiah::ZERO => self.differs(
                Kind::WrongAmount,
                "the money is there and is not booked",
                format!("`loket ledger check`, then `loket order show {}`", self.number),
                false,
            ),
            Some(theirs) => self.look(Kind::WrongAmount, why_amount(booked, theirs)),
        }
    }

    /// Both know that something went back, or is on its way: as much by our rows as the gateway counts in all. Where
    /// it does not count, or one of the two cannot know how much, nothing is said.
    fn sums(&self, theirs: Option<Rupiah>) -> Judged {
        let WentBack { by_us, on_its_way, otherwise, charged_back, is_unclear } = self.payment.back;
        let unreadable = self.payment.odd_amount == Some(Rupiah::ZERO);
        let sum = |parts: &[Rupiah]| Rupiah::checked_sum(parts.iter().copied());
        let bounds = sum(&[by_us, otherwise]).zip(sum(&[by_us, otherwise, on_its_way, charged_back]));
        let (Some(theirs), Some((least, most))) = (theirs, bounds) else { return Judged::Agrees };
        // Of what went back without us the whole is all that there is.
        let is_theirs = self.payment.state == PaymentState::Refunded && by_us == Rupiah::ZERO;
        if is_unclear || unreadable || is_theirs || (least..=most).contains(&theirs) {
            return Judged::Agrees;
        }
        if theirs > most {
            return self.ask_again(
                Kind::TakenBack,
                "beside what we gave back somebody gave back in the gateway's dashboard, or a bank took it, and its webhook never came",
            );
        }
        self.look(
            Kind::WrongAmount,
            "less went back at the gateway than is written down here: a refund that it had confirmed did not go through, or our row is wrong",
        )
    }

    /// An amount that is not ours, about which nobody has decided.
    fn odd(&self, theirs: Option<Rupiah>) -> Judged {
        if theirs == Some(self.payment.amount) {
            return self.ask_again(Kind::WrongAmount, "the gateway names our amount by now");
        }
        let cause = theirs.map_or("the gateway names no amount that can be read", |theirs| {
            why_amount(self.payment.amount, theirs)
        });
        let action = format!("`loket order approve {0}` or `loket order reject {0}`", self.number);
        self.differs(Kind::WrongAmount, cause, action, false)
    }

    /// The money is there, and we have not heard of it.
    fn unheard(&self, theirs: Option<Rupiah>) -> Judged {
        match theirs {
            Some(theirs) if theirs == self.payment.amount => self.ask_again(
                Kind::MissingWebhook,
                "its webhook never came or was not believed, and nobody has asked since",
            ),
            Some(theirs) => self.ask_again(Kind::WrongAmount, why_amount(self.payment.amount, theirs)),
            None => self.ask_again(Kind::WrongAmount, "the gateway names no amount that can be read"),
        }
    }

    fn ask_again(&self, kind: Kind, cause: &str) -> Judged {
        let action = format!("the worker asks about it again now; then `loket order show {}`", self.number);
        self.differs(kind, cause, action, true)
    }

    fn look(&self, kind: Kind, cause: &str) -> Judged {
        let payment = self.payment;
        let action = format!(
            "look up {} in the dashboard of {}, then `loket order show {}`",
            payment.reference, payment.gateway, self.number
        );
        self.differs(kind, cause, action, false)
    }

    fn differs(&self, kind: Kind, cause: &str, action: String, asked_again: bool) -> Judged {
        let payment = self.payment;
        Judged::Differs(Box::new(Difference {
            kind,
            subject: payment.reference.clone(),
            ledger: format!(
                "{}, {}; {} booked{}",
                payment.state,
                payment.amount,
                payment.booked.held,
                back_in_words(payment.back)
            ),
            gateway: Some(self.stated.clone()),
            supplier: None,
            cause: cause.to_owned(),
            action,
            asked_again,
        }))
    }
}

/// What went back by our rows, when anything did.
fn back_in_words(back: WentBack) -> String {
    let parts = [
        (back.by_us, "went back by us"),
        (back.on_its_way, "is on its way back by us"),
        (back.otherwise, "went back otherwise"),
        (back.charged_back, "was charged back"),
    ];
    let known = parts.into_iter().filter(|(much, _)| much.is_positive());
    known.map(|(much, what)| format!("; {much} {what}")).collect()
}

fn why_amount(ours: Rupiah, theirs: Rupiah) -> &'static str {
    if theirs > ours {
        "the gateway puts its fee on top (Midtrans: Automatic Fee Imposition), or the reference was taken with another amount"
    } else {
        "less came in than was asked for, or the reference was taken with another amount"
    }
}

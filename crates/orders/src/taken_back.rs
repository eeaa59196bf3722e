//! What the books hold of a payment that a gateway takes back: it paid the order, it went into the
//! wallet, or nothing. An order may have had more than one payment, and only one of them pays for it.
//! Of what pays it a part may go back, and what is left can still be refunded; and what goes back in several steps is
//! booked step by step.

use crate::{Order, OrderKind, OrderState, decide::Booked};
use database::{Error, ReadTx};
use ledger::{Account, BookedLine, Entry, Kind, is_booked};
use payments::{PartBack, Payment};
use std::collections::BTreeSet;
use vocabulary::{OrderId, Rupiah};

/// What a payment became by the books, as long as they do not say that it was taken back.
pub(crate) async fn booked(tx: &mut ReadTx, payment: &Payment) -> Result<Booked, Error> {
    let reference = payment.reference.to_string();
    if is_booked(tx, Kind::PaymentTakenBack, &reference).await? {
        return Ok(Booked::Nothing);
    }
    for paid in [Kind::Payment, Kind::WalletPayment] {
        if is_booked(tx, paid, &reference).await? {
            return Ok(Booked::ForOrder);
        }
    }
    let credited = is_booked(tx, Kind::PaymentCredit, &reference).await?;
    Ok(if credited { Booked::AsCredit } else { Booked::Nothing })
}

/// The same for what follows when its gateway takes it back: a deposit that has become what it was meant to is
/// store credit like any other.
pub(crate) async fn booked_for(tx: &mut ReadTx, order: &Order, payment: &Payment) -> Result<Booked, Error> {
    Ok(match booked(tx, payment).await? {
        Booked::ForOrder if order.kind == OrderKind::Deposit && order.state == OrderState::Refunded => {
            Booked::AsCredit
        }
        other => other,
    })
}

/// The payment that pays the order, when its gateway has taken it back and the books do not know yet.
pub(crate) async fn gone(tx: &mut ReadTx, order: &OrderId) -> Result<Option<Payment>, Error> {
    for payment in payments::payments_of_order(tx, order).await? {
        if payment.is_taken_back() && booked(tx, &payment).await? == Booked::ForOrder {
            return Ok(Some(payment));
        }
    }
    Ok(None)
}

/// The payment that pays the order, when its gateway has given a part of it back and the books do not know.
pub(crate) async fn part(tx: &mut ReadTx, order: &OrderId) -> Result<Option<Payment>, Error> {
    for payment in payments::payments_of_order(tx, order).await? {
        if payment.part_back() != PartBack::Nothing && booked(tx, &payment).await? == Booked::ForOrder {
            return Ok(Some(payment));
        }
    }
    Ok(None)
}

/// The payment that pays the order, when all or a part of it went back and the books do not know.
pub(crate) async fn in_any_part(tx: &mut ReadTx, order: &OrderId) -> Result<Option<Payment>, Error> {
    match gone(tx, order).await? {
        Some(payment) => Ok(Some(payment)),
        None => part(tx, order).await,
    }
}

/// What is given back in part in words, for staff.
pub(crate) fn in_words(payment: &Payment) -> String {
    let reference = &payment.reference;
    match payment.part_back() {
        PartBack::Known(back) => {
            let gateway = &payment.gateway;
            format!(
                "{gateway} has given back {back} of {reference}: `loket order refund` credits what is left"
            )
        }
        _ => format!(
            "{} has given back a part of {reference} and does not say how much: give back the rest there, too",
            payment.gateway
        ),
    }
}

/// What is left to refund of a payment of which a part went back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rest {
    /// What of that part was the order's.
    from_escrow: Rupiah,
    /// What of it was more than ours, of an odd amount.
    from_suspense: Rupiah,
    /// What is left of the order's.
    pub(crate) left: Rupiah,
}

impl Rest {
    /// What more than ours came in goes back first. `None` when nobody knows how much went back.
    pub(crate) fn of(order: &Order, payment: &Payment) -> Option<Rest> {
        let PartBack::Known(back) = payment.part_back() else { return None };
        let more = payment.odd_amount.and_then(|odd| odd.checked_sub(order.amount));
        let from_suspense = more.filter(|more| more.is_positive()).unwrap_or_default().min(back);
        let from_escrow = back.checked_sub(from_suspense)?;
        let left = order.amount.checked_sub(from_escrow).filter(|left| left.is_positive())?;
        Some(Rest { from_escrow, from_suspense, left })
    }

    /// The part leaves the gateway in the books, too: out of escrow at most what is `due` to the buyer there, and
    /// what is more is lost.
    pub(crate) fn entry(&self, order: &Order, payment: &Payment, due: Rupiah) -> Entry {
        let (kind, reference) = (Kind::PaymentPartTakenBack, &payment.reference);
        let gateway = Account::Gateway(payment.gateway.clone());
        let theirs = self.from_escrow.min(due);
        let lost = self.from_escrow.checked_sub(theirs).unwrap_or_default();
        Entry::transfer(kind, reference, &order.id, Account::Escrow, gateway.clone(), theirs)
            .moving(Account::ChargebackLoss, gateway.clone(), lost)
            .moving(Account::Suspense, gateway, self.from_suspense)
    }

    /// What of the part that went back was the order's.
    pub(crate) fn gone(&self) -> Rupiah {
        self.from_escrow
    }
}

/// What was booked of the parts of the payment that went back before: of what was ours (out of escrow, the buyer's
/// wallet, or the loss), and of what was more than ours (out of suspense).
pub(crate) fn parts_booked(lines: &[BookedLine], payment: &Payment) -> (Rupiah, Rupiah) {
    let sum = |of_more: bool| {
        let of_it = steps(lines, Kind::PaymentPartTakenBack, payment);
        let of_it = of_it.filter(|line| (line.account == Account::Suspense) == of_more);
        Rupiah::checked_sum(of_it.map(|line| line.amount)).unwrap_or_default()
    };
    (sum(false), sum(true))
}

/// The debits that are booked of a kind for a payment, in all its steps.
pub(crate) fn steps<'a>(
    lines: &'a [BookedLine],
    kind: Kind,
    payment: &Payment,
) -> impl Iterator<Item = &'a BookedLine> {
    let reference = payment.reference.to_string();
    lines.iter().filter(move |line| {
        let is_of_it = line
            .reference
            .strip_prefix(&reference)
            .is_some_and(|step| step.is_empty() || step.starts_with('/'));
        line.kind == kind && is_of_it && line.amount.is_positive()
    })
}

/// Under which reference the next step of this kind is booked for a payment. What goes back bit by bit is booked
/// whenever more of it is known: the first under the payment's own reference, the second with `/2` behind it. Whoever
/// asks holds the order's row, so that nobody books the same step beside them.
pub(crate) fn next_step(lines: &[BookedLine], kind: Kind, payment: &Payment) -> String {
    let booked: BTreeSet<&str> = steps(lines, kind, payment).map(|line| line.reference.as_str()).collect();
    match booked.len() {
        0 => payment.reference.to_string(),
        before => format!("{}/{}", payment.reference, before.saturating_add(1)),
    }
}

/// Whether all that ever paid the order was taken back, by the books.
pub(crate) async fn is_unpaid(tx: &mut ReadTx, order: &OrderId) -> Result<bool, Error> {
    for payment in payments::payments_of_order(tx, order).await? {
        if booked(tx, &payment).await? == Booked::ForOrder {
            return Ok(false);
        }
    }
    Ok(true)
}

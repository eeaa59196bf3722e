//! What the books hold of a payment that a gateway takes back: it paid the order, it went into the
//! wallet, or nothing. An order may have had more than one payment, and only one of them pays for it.

use crate::decide::Booked;
use database::{Error, ReadTx};
use ledger::{Kind, is_booked};
use payments::{Payment, PaymentState};
use vocabulary::OrderId;

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

/// The payment that pays the order, when its gateway has taken it back and the books do not know yet.
pub(crate) async fn gone(tx: &mut ReadTx, order: &OrderId) -> Result<Option<Payment>, Error> {
    for payment in payments::payments_of_order(tx, order).await? {
        if payment.state == PaymentState::Refunded && booked(tx, &payment).await? == Booked::ForOrder {
            return Ok(Some(payment));
        }
    }
    Ok(None)
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

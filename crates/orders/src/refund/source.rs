//! Whether money can go back to where it came from: by which payment, and why not.

use crate::{Order, OrderState, Shop, decide::Booked, taken_back};
use database::{Error, ReadTx};
use payments::{PartBack, Payment, PaymentState, RefundOrigin, RefundRefusal};
use vocabulary::{OrderId, Rupiah, Timestamp};

vocabulary::text_enum!(
    /// Where money goes back to.
    pub enum RefundTarget {
        /// To where it came from.
        Source = "source",
        /// To the buyer's store credit.
        Wallet = "wallet",
    }
);
database::text_column!(RefundTarget);

/// Why money cannot go back to where it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotToSource {
    /// No gateway collected it.
    #[error("it was paid with store credit")]
    StoreCredit,
    /// The gateway that collected it is not configured any more.
    #[error("the gateway that collected it is not connected")]
    NotConnected,
    /// What came in was not the price.
    #[error("what came in was not the amount of the order")]
    OddAmount,
    /// The gateway has given back something of it already.
    #[error("the gateway has given back a part of it already")]
    PartBack,
    /// Another refund of it has not ended, or it is not settled.
    #[error("the payment is not settled, or another refund of it is under way")]
    Busy,
    /// By the terms of the way to pay.
    #[error("{}", in_words(*.0))]
    Terms(RefundRefusal),
}

fn in_words(refusal: RefundRefusal) -> &'static str {
    match refusal {
        RefundRefusal::NotRefundable => "what was paid in this way cannot go back there",
        RefundRefusal::WindowOver => "it was paid too long ago to go back there",
        RefundRefusal::Amount => {
            "not this much of it can go back there (more than is left of it, or a part where only the whole can)"
        }
        _ => "the gateway does not take it",
    }
}

/// Why so much of this payment cannot go back now; `None` when it can.
pub(crate) fn objection(
    shop: &Shop,
    payment: &Payment,
    amount: Rupiah,
    now: Timestamp,
) -> Option<NotToSource> {
    if payment.gateway == "wallet" {
        return Some(NotToSource::StoreCredit);
    }
    let Some(gateway) = shop.gateway(&payment.gateway) else { return Some(NotToSource::NotConnected) };
    if payment.odd_amount.is_some() {
        return Some(NotToSource::OddAmount);
    }
    if payment.part_back() != PartBack::Nothing || payment.given_back.is_some() {
        return Some(NotToSource::PartBack);
    }
    let is_settled = matches!(payment.state, PaymentState::Settled | PaymentState::PartlyRefunded);
    let (Some(settled_at), true) = (payment.settled_at, is_settled && !payment.refunding.is_positive())
    else {
        return Some(NotToSource::Busy);
    };
    let amounts = (amount, payment.amount, payment.refunded);
    gateway.terms(payment.method).refund.objection(amounts, settled_at, now).map(NotToSource::Terms)
}

/// The payment that pays the order, if `amount` of it can go back now.
pub(crate) async fn source_of_escrow(
    shop: &Shop,
    tx: &mut ReadTx,
    order: &OrderId,
    amount: Rupiah,
) -> Result<Result<Payment, NotToSource>, Error> {
    let now = shop.clock.now();
    let mut why = NotToSource::StoreCredit;
    for payment in payments::payments_of_order(tx, order).await? {
        if taken_back::booked(tx, &payment).await? != Booked::ForOrder {
            continue;
        }
        match objection(shop, &payment, amount, now) {
            None => return Ok(Ok(payment)),
            Some(objection) => why = objection,
        }
    }
    Ok(Err(why))
}

/// Whether what the shop holds for the order is on its way to where it came from.
pub(crate) async fn is_on_its_way(tx: &mut ReadTx, order: &OrderId) -> Result<bool, Error> {
    let refunds = payments::refunds_of_order(tx, order).await?;
    Ok(refunds.iter().any(|refund| refund.origin == RefundOrigin::Escrow && refund.state.is_live()))
}

/// A payment of the order from which `amount` of the store credit that the order gave can go back now: first
/// one that became store credit itself. Of the one that pays the order it is a part at most while the buyer
/// has something for it.
pub(crate) async fn source_of_credit(
    shop: &Shop,
    tx: &mut ReadTx,
    order: &Order,
    amount: Rupiah,
) -> Result<Result<Payment, NotToSource>, Error> {
    let now = shop.clock.now();
    let (mut credited, mut paying) = (Vec::new(), Vec::new());
    for payment in payments::payments_of_order(tx, &order.id).await? {
        match taken_back::booked(tx, &payment).await? {
            Booked::AsCredit => credited.push(payment),
            Booked::ForOrder if order.state == OrderState::Refunded => paying.push(payment),
            Booked::ForOrder if order.state == OrderState::Delivered && amount < payment.amount => {
                paying.push(payment);
            }
            Booked::ForOrder | Booked::Nothing => {}
        }
    }
    let mut why = NotToSource::StoreCredit;
    for payment in credited.into_iter().chain(paying) {
        match objection(shop, &payment, amount, now) {
            None => return Ok(Ok(payment)),
            Some(objection) => why = objection,
        }
    }
    Ok(Err(why))
}

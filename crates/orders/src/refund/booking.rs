//! Beginning and ending a refund to where the money came from, in the books: out of escrow or out of store
//! credit, over `refunding`, and from there out of the gateway, or into the buyer's wallet.

use crate::{Order, Shop, act::ActError};
use database::{Error, WriteTx};
use ledger::{Account, Entry, Kind, Spent};
use payments::{Payment, Refund, RefundIntent, RefundOrigin, RefundState};
use vocabulary::{Actor, PayPoint, PaymentMethod, Purpose, Reference, Rupiah, Store};

/// What is to be begun.
pub(crate) struct Begin<'a> {
    pub(crate) order: &'a Order,
    /// The payment that it goes back from, whose row is locked.
    pub(crate) payment: &'a Payment,
    pub(crate) amount: Rupiah,
    pub(crate) origin: RefundOrigin,
    pub(crate) reason: &'a str,
    pub(crate) requested_by: &'a Actor,
    pub(crate) approved_by: Option<&'a Actor>,
}

/// Stores a refund, due at once, and books what is on its way. `None` when it cannot be begun: the payment
/// is busy, or the store credit is not there. The transaction may not be committed then.
pub(crate) async fn begin(
    shop: &Shop,
    tx: &mut WriteTx,
    begin: &Begin<'_>,
) -> Result<Option<Refund>, ActError> {
    let (order, now) = (begin.order, shop.clock.now());
    // Store credit that was refunded took the first key of its order.
    let first = Reference::new(&order.number, Purpose::Refund, 1).to_string();
    let keys_used = u32::from(ledger::is_booked(tx, Kind::Refund, &first).await?);
    let intent = RefundIntent {
        number: &order.number,
        payment: begin.payment,
        amount: begin.amount,
        origin: begin.origin,
        reason: begin.reason,
        requested_by: begin.requested_by,
        approved_by: begin.approved_by,
        keys_used,
    };
    let Some(refund) = payments::intend_refund(tx, &shop.ids, now, &intent).await? else { return Ok(None) };
    let (on_its_way, reference) = (Account::Refunding(refund.gateway.clone()), refund.reference.to_string());
    match begin.origin {
        RefundOrigin::Escrow => {
            let kind = Kind::RefundBegun;
            let entry =
                Entry::transfer(kind, &reference, &order.id, Account::Escrow, on_its_way, begin.amount);
            ledger::post(tx, &shop.ids, now, &entry).await?;
        }
        RefundOrigin::Wallet => {
            let booking = (&order.buyer, on_its_way, begin.amount);
            match ledger::pay_out(tx, &shop.ids, now, &reference, &order.id, booking).await? {
                Spent::Now | Spent::Before => {}
                Spent::NotEnough { .. } => return Ok(None),
            }
        }
    }
    let entry = security::Entry {
        actor: begin.requested_by,
        action: "refund.begun",
        subject: order.number.as_str(),
        before: None,
        after: Some(format!("{} {} out of {}", refund.reference, refund.amount, refund.origin)),
        source: Some(begin.reason.to_owned()),
    };
    security::record(tx, &shop.ids, now, &entry).await?;
    Ok(Some(refund))
}

/// Books the end of a refund, once.
pub(crate) async fn book_end(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &Order,
    refund: &Refund,
) -> Result<(), ActError> {
    let (now, reference) = (shop.clock.now(), refund.reference.to_string());
    let on_its_way = Account::Refunding(refund.gateway.clone());
    match refund.state {
        RefundState::Done => {
            let (kind, gateway) = (Kind::RefundDone, Account::Gateway(refund.gateway.clone()));
            let entry = Entry::transfer(kind, &reference, &order.id, on_its_way, gateway, refund.amount);
            ledger::post(tx, &shop.ids, now, &entry).await?;
        }
        RefundState::Refused => {
            let booking = (on_its_way, &order.buyer, refund.amount);
            let kind = (Kind::RefundCredited, reference.as_str());
            ledger::credit(tx, &shop.ids, now, kind, &order.id, booking).await?;
        }
        other => {
            let reason = format!("refund {reference} is {other}: it has not ended");
            return Err(Error::Column { column: "state".into(), reason }.into());
        }
    }
    Ok(())
}

/// What a message about a refund names: the amount, and where it goes.
pub(crate) fn told(amount: Rupiah, method: PaymentMethod) -> String {
    format!("{amount} ({})", name(method))
}

/// What buyers call a way to pay, in any language.
fn name(method: PaymentMethod) -> &'static str {
    match method {
        PaymentMethod::GopayQr | PaymentMethod::GopayLink => "GoPay",
        PaymentMethod::OvoPush | PaymentMethod::OvoLink => "OVO",
        PaymentMethod::DanaQr | PaymentMethod::DanaLink => "DANA",
        PaymentMethod::Qris => "QRIS",
        other => match other.pay_point() {
            Some(PayPoint::Bank(_)) => "virtual account",
            Some(PayPoint::Store(Store::Indomaret)) => "Indomaret",
            Some(PayPoint::Store(Store::Alfamart)) => "Alfamart",
            None => "saldo",
        },
    }
}

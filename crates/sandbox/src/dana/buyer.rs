//! What the buyer does to an order, and which orders a reference means.

use super::{
    books::{self, DECLINED, Order, Status},
    create::CHECKOUT,
    notify,
};
use crate::{
    buyer::{Outcome, id_in_url},
    qris,
    world::World,
};
use database::{Error, ReadTx, WriteTx};
use vocabulary::{OrderNumber, Timestamp};

/// Why an order closed that nobody paid in time. The word is ours: what DANA says is UNVERIFIED.
pub(super) const EXPIRED: &str = "EXPIRED";

/// Does what the buyer would do, and lets DANA tell the merchant. That declining closes an order is
/// UNVERIFIED.
pub(crate) async fn settle(
    world: &World,
    tx: &mut WriteTx,
    mut order: Order,
    outcome: Outcome,
    now: Timestamp,
) -> Result<Order, Error> {
    act(&mut order, outcome, now);
    books::save(tx, &order).await?;
    notify::notify(world, tx, &order, now).await?;
    Ok(order)
}

/// What an outcome does to an order.
pub(super) fn act(order: &mut Order, outcome: Outcome, now: Timestamp) {
    match outcome {
        Outcome::Settle => {
            order.status = Status::Success;
            order.paid_at = Some(now);
            order.times_paid = order.times_paid.saturating_add(1);
            (order.closed_at, order.close_reason) = (None, None);
        }
        // A till is no part of this gateway.
        Outcome::Deny | Outcome::Reverse => close(order, DECLINED, now),
        Outcome::Expire => close(order, EXPIRED, now),
    }
}

/// Closes an order that nobody paid.
pub(super) fn close(order: &mut Order, reason: &str, now: Timestamp) {
    order.status = Status::Closed;
    order.closed_at = Some(now);
    order.close_reason = Some(reason.to_owned());
}

/// The orders that a reference may mean, newest first: an order number, a reference of either side, a number
/// to transfer to, the text of a QR code, or the URL of the checkout or of a page of the wallet.
pub(crate) async fn candidates(tx: &mut ReadTx, reference: &str) -> Result<Vec<Order>, Error> {
    let named = qris::label_of(reference)
        .or_else(|| order_of_checkout(reference))
        .or_else(|| id_in_url(reference))
        .unwrap_or(reference);
    if let Some(order) = books::find(tx, named).await? {
        return Ok(vec![order]);
    }
    match reference.parse::<OrderNumber>() {
        Ok(number) => books::of_number(tx, number.as_str()).await,
        Err(_) => Ok(books::of_code(tx, reference).await?.into_iter().collect()),
    }
}

/// The order in the URL of DANA's checkout; its value is digits, which need no escape.
fn order_of_checkout(url: &str) -> Option<&str> {
    let (page, query) = url.split_once('?')?;
    let value = query.split('&').find_map(|part| part.strip_prefix("bizNo="));
    value.filter(|_| page.ends_with(CHECKOUT))
}

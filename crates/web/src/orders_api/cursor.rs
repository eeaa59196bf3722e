//! The opaque mark of a place in a list: an order's id with a seal, so that only marks that we made
//! for this caller are read.

use crate::{
    auth::Caller,
    problem::{Kind, Problem},
    words::words,
};
use subtle::ConstantTimeEq as _;
use vocabulary::OrderId;

/// The mark of this order.
pub(crate) fn write(caller: &Caller, order: &OrderId) -> String {
    format!("{}{}", caller.seal(order.as_str()), hex::encode(order.as_str()))
}

/// The order that a mark stands for.
pub(crate) fn read(caller: &Caller, text: &str) -> Result<OrderId, Problem> {
    parse(caller, text).ok_or_else(|| {
        Problem::new(
            Kind::InvalidParameter,
            words(
                "`after` harus diisi `next_cursor` dari halaman sebelumnya.",
                "`after` must be the `next_cursor` of the page before.",
            ),
        )
    })
}

fn parse(caller: &Caller, text: &str) -> Option<OrderId> {
    let (seal, id) = text.split_at_checked(16)?;
    let id: OrderId = String::from_utf8(hex::decode(id).ok()?).ok()?.parse().ok()?;
    let ours = caller.seal(id.as_str());
    bool::from(ours.as_bytes().ct_eq(seal.as_bytes())).then_some(id)
}

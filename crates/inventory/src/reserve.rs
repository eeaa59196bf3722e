//! Holding stock for a new order.

use crate::{
    Quantity, ReservationState, available,
    movement::{Applied, Cause, Change, MovementKind, apply},
    reservation,
};
use database::{Error, WriteTx, sql};
use vocabulary::{Actor, Ids, OrderId, ProductCode, ReservationId, Timestamp};

/// What [`reserve`] did.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReserveOutcome {
    /// The pieces are held for the order.
    Reserved,
    /// Fewer pieces are available than were asked for. Nothing was changed.
    OutOfStock {
        /// How many are available.
        available: u32,
    },
    /// The order has a reservation, in the state told. Nothing was changed.
    AlreadyReserved {
        /// What became of it so far.
        state: ReservationState,
    },
    /// The product has no stock row. Nothing was changed.
    UnknownProduct,
}

/// Holds pieces of a product for an order, if enough are available.
pub async fn reserve(
    tx: &mut WriteTx,
    ids: &Ids,
    order: &OrderId,
    product: &ProductCode,
    quantity: Quantity,
    actor: &Actor,
    now: Timestamp,
) -> Result<ReserveOutcome, Error> {
    // The row of the order comes first: it decides between two transactions that reserve for the
    // same order, and locks are always taken in this order.
    let id: Option<ReservationId> = sql!(
        "INSERT INTO reservation (id, order_id, product_code, quantity, state, created_at, settled_at)
         SELECT $1, $2, product_code, $3, 'held', $4, NULL FROM stock WHERE product_code = $5
         ON CONFLICT (order_id) DO NOTHING RETURNING id"
    )
    .bind(ReservationId::new(ids, now))
    .bind(order)
    .bind(quantity)
    .bind(now)
    .bind(product)
    .optional(tx)
    .await?;
    let Some(id) = id else {
        return Ok(match reservation(tx, order).await? {
            Some(existing) => ReserveOutcome::AlreadyReserved { state: existing.state },
            None => ReserveOutcome::UnknownProduct,
        });
    };

    let cause = Cause { reason: "order placed", reference: Some(order.as_str()), actor, now };
    let change = Change { product, kind: MovementKind::Reserved, quantity, cause };
    match apply(tx, ids, &change).await? {
        Applied::Done => Ok(ReserveOutcome::Reserved),
        Applied::Refused => {
            sql!("DELETE FROM reservation WHERE id = $1").bind(id).run(tx).await?;
            Ok(ReserveOutcome::OutOfStock { available: available(tx, product).await?.unwrap_or(0) })
        }
    }
}

//! Reservations: stock held for one order. One row per order, whatever becomes of it.

use crate::{
    Quantity,
    movement::{Applied, Cause, Change, MovementKind, apply},
};
use database::{Error, FromRow, ReadTx, Row, WriteTx, sql};
use vocabulary::{Actor, Ids, OrderId, ProductCode, ReservationId, Timestamp};

vocabulary::text_enum!(
    /// What became of a reservation.
    pub enum ReservationState {
        /// The pieces are kept for the order.
        Held = "held",
        /// The pieces left the shop with the order's delivery.
        Committed = "committed",
        /// The pieces are free for others.
        Released = "released",
    }
);

database::text_column!(ReservationState);

/// The stock that an order holds, held, or took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// Identity.
    pub id: ReservationId,
    /// The order that it is for.
    pub order: OrderId,
    /// The product.
    pub product: ProductCode,
    /// How many pieces.
    pub quantity: Quantity,
    /// What became of it.
    pub state: ReservationState,
    /// When the order got it.
    pub created_at: Timestamp,
    /// When it was committed or released; `None` while it is held.
    pub settled_at: Option<Timestamp>,
}

/// The reservation of an order.
pub async fn reservation(tx: &mut ReadTx, order: &OrderId) -> Result<Option<Reservation>, Error> {
    sql!(
        "SELECT id, order_id, product_code, quantity, state, created_at, settled_at
         FROM reservation WHERE order_id = $1"
    )
    .bind(order)
    .optional(tx)
    .await
}

/// The reservation of an order, locked until the transaction ends. SQLite has one writer, so there
/// the transaction itself is the lock.
pub(crate) async fn lock(tx: &mut WriteTx, order: &OrderId) -> Result<Option<Reservation>, Error> {
    sql!(
        sqlite: "SELECT id, order_id, product_code, quantity, state, created_at, settled_at
                 FROM reservation WHERE order_id = $1",
        postgres: "SELECT id, order_id, product_code, quantity, state, created_at, settled_at
                   FROM reservation WHERE order_id = $1 FOR UPDATE",
    )
    .bind(order)
    .optional(tx)
    .await
}

/// Makes the movement of a reservation that [`lock`] has locked, and stores what became of it.
/// When the stock row refuses, nothing was changed.
pub(crate) async fn settle(
    tx: &mut WriteTx,
    ids: &Ids,
    locked: &Reservation,
    step: Step,
    reason: &str,
    actor: &Actor,
    now: Timestamp,
) -> Result<Applied, Error> {
    let (kind, state) = step.words();
    let cause = Cause { reason, reference: Some(locked.order.as_str()), actor, now };
    let change = Change { product: &locked.product, kind, quantity: locked.quantity, cause };
    if let Applied::Refused = apply(tx, ids, &change).await? {
        return Ok(Applied::Refused);
    }
    let settled_at = match state {
        ReservationState::Held => None,
        ReservationState::Committed | ReservationState::Released => Some(now),
    };
    let changed = sql!("UPDATE reservation SET state = $1, settled_at = $2 WHERE id = $3 AND state = $4")
        .bind(state)
        .bind(settled_at)
        .bind(&locked.id)
        .bind(locked.state)
        .run(tx)
        .await?;
    if changed == 1 { Ok(Applied::Done) } else { Err(locked.contradiction("reservation.state")) }
}

/// The four ways that a reservation goes on.
#[derive(Clone, Copy)]
pub(crate) enum Step {
    Commit,
    Release,
    PutBack,
    HoldAgain,
}

impl Step {
    fn words(self) -> (MovementKind, ReservationState) {
        match self {
            Step::Commit => (MovementKind::Committed, ReservationState::Committed),
            Step::Release => (MovementKind::Released, ReservationState::Released),
            Step::PutBack => (MovementKind::PutBack, ReservationState::Released),
            Step::HoldAgain => (MovementKind::Reserved, ReservationState::Held),
        }
    }
}

impl Reservation {
    /// The error for a row that does not agree with this reservation: the books are damaged, and
    /// the transaction must not be committed.
    pub(crate) fn contradiction(&self, column: &str) -> Error {
        let Reservation { id, product, quantity, state, .. } = self;
        Error::Column {
            column: column.to_owned(),
            reason: format!("it contradicts reservation {id}, which is {state} with {quantity} of {product}"),
        }
    }
}

impl FromRow for Reservation {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Reservation {
            id: row.get("id")?,
            order: row.get("order_id")?,
            product: row.get("product_code")?,
            quantity: row.get("quantity")?,
            state: row.get("state")?,
            created_at: row.get("created_at")?,
            settled_at: row.get("settled_at")?,
        })
    }
}

//! Movements: every change of stock with before, after, reason, reference and actor. The one place
//! that changes a stock row once it exists.

use crate::Quantity;
use database::{Error, FromRow, ReadTx, Row, WriteTx, sql};
use vocabulary::{Actor, Ids, MovementId, ProductCode, Timestamp};

vocabulary::text_enum!(
    /// What a movement did.
    pub enum MovementKind {
        /// The product got its stock row.
        Created = "created",
        /// Pieces were added to what is on hand.
        Added = "added",
        /// Pieces were held for an order.
        Reserved = "reserved",
        /// Held pieces left the shop: they were delivered.
        Committed = "committed",
        /// Held pieces are free again.
        Released = "released",
        /// Delivered pieces came back: the delivery was reversed.
        PutBack = "put_back",
    }
);

database::text_column!(MovementKind);

/// One change of stock, as recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// Identity.
    pub id: MovementId,
    /// The product.
    pub product: ProductCode,
    /// Its number among the movements of this product, from 1 and without a gap.
    pub sequence: i64,
    /// What it did.
    pub kind: MovementKind,
    /// How many pieces; 0 only for a product that was created empty.
    pub quantity: u32,
    /// On hand before.
    pub on_hand_before: u32,
    /// On hand after.
    pub on_hand_after: u32,
    /// Reserved before.
    pub reserved_before: u32,
    /// Reserved after.
    pub reserved_after: u32,
    /// Why, in words.
    pub reason: String,
    /// What it belongs to: the id of an order, or what the caller named.
    pub reference: Option<String>,
    /// Who did it.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
}

/// The newest movements of a product, newest first, at most `limit` (never more than 1,000).
pub async fn history(tx: &mut ReadTx, product: &ProductCode, limit: u32) -> Result<Vec<Movement>, Error> {
    sql!(
        "SELECT id, product_code, sequence, kind, quantity, on_hand_before, on_hand_after,
                reserved_before, reserved_after, reason, reference, actor, at
         FROM stock_movement WHERE product_code = $1 ORDER BY sequence DESC LIMIT $2"
    )
    .bind(product)
    .bind(limit.min(1_000))
    .all(tx)
    .await
}

impl FromRow for Movement {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Movement {
            id: row.get("id")?,
            product: row.get("product_code")?,
            sequence: row.get("sequence")?,
            kind: row.get("kind")?,
            quantity: row.get("quantity")?,
            on_hand_before: row.get("on_hand_before")?,
            on_hand_after: row.get("on_hand_after")?,
            reserved_before: row.get("reserved_before")?,
            reserved_after: row.get("reserved_after")?,
            reason: row.get("reason")?,
            reference: row.get("reference")?,
            actor: row.get("actor")?,
            at: row.get("at")?,
        })
    }
}

/// A change of an existing stock row that is about to be made.
pub(crate) struct Change<'a> {
    pub(crate) product: &'a ProductCode,
    pub(crate) kind: MovementKind,
    pub(crate) quantity: Quantity,
    pub(crate) cause: Cause<'a>,
}

/// Why, for what, by whom and when.
pub(crate) struct Cause<'a> {
    pub(crate) reason: &'a str,
    pub(crate) reference: Option<&'a str>,
    pub(crate) actor: &'a Actor,
    pub(crate) now: Timestamp,
}

/// Whether the stock row could follow.
pub(crate) enum Applied {
    Done,
    /// There is no such product, or its numbers would leave `0 <= reserved <= on hand <= maximum`.
    Refused,
}

/// Changes the stock row if its numbers allow it, and records the movement. The row stays locked
/// until the transaction ends, so the condition is decided once however many try at the same time.
pub(crate) async fn apply(tx: &mut WriteTx, ids: &Ids, change: &Change<'_>) -> Result<Applied, Error> {
    let (on_hand, reserved) = change.kind.effect(change.quantity);
    let after: Option<(i64, i64, i64)> = sql!(
        "UPDATE stock
         SET on_hand = on_hand + $1, reserved = reserved + $2, movements = movements + 1
         WHERE product_code = $3 AND on_hand + $1 <= 1000000000
           AND reserved + $2 >= 0 AND reserved + $2 <= on_hand + $1
         RETURNING on_hand, reserved, movements"
    )
    .bind(on_hand)
    .bind(reserved)
    .bind(change.product)
    .optional(tx)
    .await?;
    let Some((on_hand_after, reserved_after, sequence)) = after else {
        return Ok(Applied::Refused);
    };
    let numbers = Numbers {
        sequence,
        quantity: change.quantity.get(),
        on_hand: (on_hand_after.saturating_sub(on_hand), on_hand_after),
        reserved: (reserved_after.saturating_sub(reserved), reserved_after),
    };
    record(tx, ids, change.product, change.kind, &numbers, &change.cause).await?;
    Ok(Applied::Done)
}

/// The numbers of one movement; pairs are (before, after).
pub(crate) struct Numbers {
    pub(crate) sequence: i64,
    pub(crate) quantity: u32,
    pub(crate) on_hand: (i64, i64),
    pub(crate) reserved: (i64, i64),
}

/// Writes the row of one movement.
pub(crate) async fn record(
    tx: &mut WriteTx,
    ids: &Ids,
    product: &ProductCode,
    kind: MovementKind,
    numbers: &Numbers,
    cause: &Cause<'_>,
) -> Result<(), Error> {
    sql!(
        "INSERT INTO stock_movement
            (id, product_code, sequence, kind, quantity, on_hand_before, on_hand_after,
             reserved_before, reserved_after, reason, reference, actor, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
    )
    .bind(MovementId::new(ids, cause.now))
    .bind(product)
    .bind(numbers.sequence)
    .bind(kind)
    .bind(numbers.quantity)
    .bind(numbers.on_hand.0)
    .bind(numbers.on_hand.1)
    .bind(numbers.reserved.0)
    .bind(numbers.reserved.1)
    .bind(one_line(cause.reason))
    .bind(cause.reference.map(one_line))
    .bind(cause.actor)
    .bind(cause.now)
    .run(tx)
    .await?;
    Ok(())
}

impl MovementKind {
    /// What it adds to (on hand, reserved).
    fn effect(self, quantity: Quantity) -> (i64, i64) {
        let pieces = i64::from(quantity.get());
        match self {
            MovementKind::Created | MovementKind::Added | MovementKind::PutBack => (pieces, 0),
            MovementKind::Reserved => (0, pieces),
            MovementKind::Released => (0, -pieces),
            MovementKind::Committed => (-pieces, -pieces),
        }
    }
}

/// Control characters dropped and cut at 200 characters: a reason is one line of a list.
fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

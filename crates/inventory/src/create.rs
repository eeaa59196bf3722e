//! Giving a product its stock row, once.

use crate::movement::{Cause, MovementKind, Numbers, record};
use database::{Error, WriteTx, sql};
use vocabulary::{Actor, Ids, ProductCode, Timestamp};

/// What [`create_if_missing`] did.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreateOutcome {
    /// The row is new, with a movement that says so.
    Created,
    /// The product has a stock row; it was left as it is.
    AlreadyThere,
}

/// Gives a product its stock row with `on_hand` pieces, unless it has one.
///
/// # Errors
/// The database refuses counts above [`MAX_COUNT`](crate::MAX_COUNT).
pub async fn create_if_missing(
    tx: &mut WriteTx,
    ids: &Ids,
    product: &ProductCode,
    on_hand: u32,
    minimum: u32,
    actor: &Actor,
    now: Timestamp,
) -> Result<CreateOutcome, Error> {
    let created: Option<i64> = sql!(
        "INSERT INTO stock (product_code, on_hand, reserved, minimum, movements) VALUES ($1, $2, 0, $3, 1)
         ON CONFLICT (product_code) DO NOTHING RETURNING movements"
    )
    .bind(product)
    .bind(on_hand)
    .bind(minimum)
    .optional(tx)
    .await?;
    let Some(sequence) = created else {
        return Ok(CreateOutcome::AlreadyThere);
    };
    let numbers = Numbers { sequence, quantity: on_hand, on_hand: (0, i64::from(on_hand)), reserved: (0, 0) };
    let cause = Cause { reason: "initial stock", reference: None, actor, now };
    record(tx, ids, product, MovementKind::Created, &numbers, &cause).await?;
    Ok(CreateOutcome::Created)
}

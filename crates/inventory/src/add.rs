//! Restocking: more pieces on hand.

use crate::{
    Quantity, level,
    movement::{Applied, Cause, Change, MovementKind, apply},
};
use database::{Error, WriteTx};
use vocabulary::{Actor, Ids, ProductCode, Timestamp};

/// What is added, and why.
#[derive(Clone, Copy, Debug)]
pub struct Addition<'a> {
    /// How many pieces.
    pub quantity: Quantity,
    /// Why, in words. One line; cut at 200 characters.
    pub reason: &'a str,
    /// What it belongs to (a delivery note, a ticket), when there is such a thing.
    pub reference: Option<&'a str>,
}

/// What [`add`] did.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddOutcome {
    /// The pieces are on hand.
    Added,
    /// There would be more than [`MAX_COUNT`](crate::MAX_COUNT) pieces. Nothing was changed.
    TooMany,
    /// The product has no stock row. Nothing was changed.
    UnknownProduct,
}

/// Adds pieces to what is on hand.
pub async fn add(
    tx: &mut WriteTx,
    ids: &Ids,
    product: &ProductCode,
    addition: Addition<'_>,
    actor: &Actor,
    now: Timestamp,
) -> Result<AddOutcome, Error> {
    let Addition { quantity, reason, reference } = addition;
    let cause = Cause { reason, reference, actor, now };
    let change = Change { product, kind: MovementKind::Added, quantity, cause };
    match apply(tx, ids, &change).await? {
        Applied::Done => Ok(AddOutcome::Added),
        Applied::Refused if level(tx, product).await?.is_some() => Ok(AddOutcome::TooMany),
        Applied::Refused => Ok(AddOutcome::UnknownProduct),
    }
}

//! Stock that leaves the shop: the order it was held for was delivered.

use crate::{
    ReservationState,
    movement::Applied,
    reservation::{Step, lock, settle},
};
use database::{Error, WriteTx};
use vocabulary::{Actor, Ids, OrderId, Timestamp};

/// What [`commit`] did.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitOutcome {
    /// The held pieces are no longer on hand.
    Committed,
    /// They had left before. Nothing was changed.
    AlreadyCommitted,
    /// They had been released: hold them again first. Nothing was changed.
    AlreadyReleased,
    /// The order never had a reservation.
    NoReservation,
}

/// Takes the pieces held for an order out of the stock. For an order whose product was delivered.
pub async fn commit(
    tx: &mut WriteTx,
    ids: &Ids,
    order: &OrderId,
    reason: &str,
    actor: &Actor,
    now: Timestamp,
) -> Result<CommitOutcome, Error> {
    let Some(current) = lock(tx, order).await? else {
        return Ok(CommitOutcome::NoReservation);
    };
    match current.state {
        ReservationState::Committed => return Ok(CommitOutcome::AlreadyCommitted),
        ReservationState::Released => return Ok(CommitOutcome::AlreadyReleased),
        ReservationState::Held => {}
    }
    match settle(tx, ids, &current, Step::Commit, reason, actor, now).await? {
        Applied::Done => Ok(CommitOutcome::Committed),
        Applied::Refused => Err(current.contradiction("stock.reserved")),
    }
}

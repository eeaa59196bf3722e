//! Stock that is free again: the order it was held for ended without a delivery.

use crate::{
    ReservationState,
    movement::Applied,
    reservation::{Step, lock, settle},
};
use database::{Error, WriteTx};
use vocabulary::{Actor, Ids, OrderId, Timestamp};

/// What [`release`] did.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReleaseOutcome {
    /// The held pieces can be sold again.
    Released,
    /// They had been released before. Nothing was changed.
    AlreadyReleased,
    /// They had left the shop with a delivery. Nothing was changed.
    AlreadyCommitted,
    /// The order never had a reservation.
    NoReservation,
}

/// Frees the pieces held for an order that expired, was cancelled, was refused or is refunded
/// without having been delivered.
pub async fn release(
    tx: &mut WriteTx,
    ids: &Ids,
    order: &OrderId,
    reason: &str,
    actor: &Actor,
    now: Timestamp,
) -> Result<ReleaseOutcome, Error> {
    let Some(current) = lock(tx, order).await? else {
        return Ok(ReleaseOutcome::NoReservation);
    };
    match current.state {
        ReservationState::Released => return Ok(ReleaseOutcome::AlreadyReleased),
        ReservationState::Committed => return Ok(ReleaseOutcome::AlreadyCommitted),
        ReservationState::Held => {}
    }
    match settle(tx, ids, &current, Step::Release, reason, actor, now).await? {
        Applied::Done => Ok(ReleaseOutcome::Released),
        Applied::Refused => Err(current.contradiction("stock.reserved")),
    }
}

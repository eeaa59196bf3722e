//! Stock that comes back: the supplier reversed the delivery that it had left with.

use crate::{
    ReservationState,
    movement::Applied,
    reservation::{Step, lock, settle},
};
use database::{Error, WriteTx};
use vocabulary::{Actor, Ids, OrderId, Timestamp};

/// What [`put_back`] did.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PutBackOutcome {
    /// The pieces are on hand again and can be sold; the reservation counts as released.
    PutBack,
    /// They never left: they are held, release them instead. Nothing was changed.
    StillHeld,
    /// They were released or put back before. Nothing was changed.
    AlreadyReleased,
    /// The order never had a reservation.
    NoReservation,
}

/// Returns the pieces of a committed reservation to the stock. For an order whose delivery was
/// reversed by the supplier.
///
/// # Errors
/// Also when there would be more than [`MAX_COUNT`](crate::MAX_COUNT) pieces.
pub async fn put_back(
    tx: &mut WriteTx,
    ids: &Ids,
    order: &OrderId,
    reason: &str,
    actor: &Actor,
    now: Timestamp,
) -> Result<PutBackOutcome, Error> {
    let Some(current) = lock(tx, order).await? else {
        return Ok(PutBackOutcome::NoReservation);
    };
    match current.state {
        ReservationState::Held => return Ok(PutBackOutcome::StillHeld),
        ReservationState::Released => return Ok(PutBackOutcome::AlreadyReleased),
        ReservationState::Committed => {}
    }
    match settle(tx, ids, &current, Step::PutBack, reason, actor, now).await? {
        Applied::Done => Ok(PutBackOutcome::PutBack),
        Applied::Refused => Err(current.contradiction("stock.on_hand")),
    }
}

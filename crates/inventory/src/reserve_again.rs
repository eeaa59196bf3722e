//! Holding stock again for an order whose reservation was released: its money came late.

use crate::{
    ReservationState, available,
    movement::Applied,
    reservation::{Step, lock, settle},
};
use database::{Error, WriteTx};
use vocabulary::{Actor, Ids, OrderId, Timestamp};

/// What [`reserve_again`] did.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReserveAgainOutcome {
    /// The pieces are held for the order again.
    Reserved,
    /// They were held all the time. Nothing was changed.
    AlreadyHeld,
    /// They had left the shop with a delivery. Nothing was changed.
    AlreadyCommitted,
    /// Fewer pieces are available than the order needs; it stays released.
    OutOfStock {
        /// How many are available.
        available: u32,
    },
    /// The order never had a reservation.
    NoReservation,
}

/// Turns the released reservation of an order into a held one, if enough pieces are available.
pub async fn reserve_again(
    tx: &mut WriteTx,
    ids: &Ids,
    order: &OrderId,
    reason: &str,
    actor: &Actor,
    now: Timestamp,
) -> Result<ReserveAgainOutcome, Error> {
    let Some(current) = lock(tx, order).await? else {
        return Ok(ReserveAgainOutcome::NoReservation);
    };
    match current.state {
        ReservationState::Held => return Ok(ReserveAgainOutcome::AlreadyHeld),
        ReservationState::Committed => return Ok(ReserveAgainOutcome::AlreadyCommitted),
        ReservationState::Released => {}
    }
    match settle(tx, ids, &current, Step::HoldAgain, reason, actor, now).await? {
        Applied::Done => Ok(ReserveAgainOutcome::Reserved),
        Applied::Refused => {
            let available = available(tx, &current.product).await?.unwrap_or(0);
            Ok(ReserveAgainOutcome::OutOfStock { available })
        }
    }
}

//! Stock: what is there of each product, what is held for orders, and every change of either.
//!
//! Available is on hand minus reserved. An order holds its stock with one reservation, which is
//! committed when the product was delivered and released when the order ends without a delivery:
//! exactly once, because the database decides it with a conditional update whose answer is an enum.
//! Every change writes a movement in the same transaction; [`check()`] proves that they agree.
//!
//! Locks are taken in one order everywhere, the reservation before the stock row, so that two
//! transactions never wait for each other.

mod add;
mod check;
mod commit;
mod create;
mod level;
mod minimum;
mod movement;
mod put_back;
mod quantity;
mod release;
mod reservation;
mod reserve;
mod reserve_again;

pub use add::{AddOutcome, Addition, add};
pub use check::{Finding, Problem, check};
pub use commit::{CommitOutcome, commit};
pub use create::{CreateOutcome, create_if_missing};
pub use level::{Level, available, level, levels, levels_of_category};
pub use minimum::{MinimumOutcome, set_minimum};
pub use movement::{Movement, MovementKind, history};
pub use put_back::{PutBackOutcome, put_back};
pub use quantity::{MAX_COUNT, Quantity, QuantityError};
pub use release::{ReleaseOutcome, release};
pub use reservation::{Reservation, ReservationState, reservation};
pub use reserve::{ReserveOutcome, reserve};
pub use reserve_again::{ReserveAgainOutcome, reserve_again};

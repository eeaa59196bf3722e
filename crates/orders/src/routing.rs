//! Where an order is bought: what is known of each route of its product is gathered here, `suppliers::choose`
//! chooses, and what follows is said in the words of an order. Everything is read off rows that every node sees.

mod candidate;
mod chosen;
mod margin;
mod not_now;
mod plan;
mod routes;
mod tried;

use std::time::Duration;

pub use not_now::NotNow;
pub(crate) use plan::{Plan, Wait, Way};
pub(crate) use tried::may_fail_over;

/// How soon an order is looked at again that waits for the deposit behind others.
const LINE_PAUSE: Duration = Duration::from_secs(60);

//! What suppliers ask for products, and what follows from it: the list is asked for with no transaction open and
//! kept, and in a second step the products of that supplier are judged by what is kept. Costs follow, within the
//! guards of `judge.rs`; a product that cannot be sold at its price is kept off sale, and comes back by itself.
//! Promises that were given stand: what an order may cost is what its quote said, and the supplier is told.

mod apply;
mod judge;
mod sync;

pub use apply::Applied;
pub use judge::{Judged, PriceRules};
pub use sync::{ListOutcome, Synced};

#[cfg(test)]
mod judge_tests;

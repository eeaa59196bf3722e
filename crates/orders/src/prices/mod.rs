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

/// The subject of an alert about a product that a supplier has refused to sell to us.
pub(crate) fn refused_subject(supplier: &str, sku: &str) -> String {
    format!("{supplier}/{sku}")
}

#[cfg(test)]
mod judge_tests;

//! What suppliers ask for products, and what follows from it: the list is asked for with no transaction open and
//! kept, and in a second step the products of that supplier are judged by what is kept. Costs follow, within the
//! guards of `judge.rs`; a product that cannot be sold at its price is kept off sale, and comes back by itself.
//! What is bought there by further routes (`further.rs`) is held against the same guards, and moves no product.
//! Promises that were given stand: what an order may cost is what its quote said, and the supplier is told.

mod apply;
mod further;
mod judge;
mod one;
mod sync;

pub use apply::Applied;
pub use further::{JudgedRoute, PriceWord};
pub use judge::{Judged, PriceRules};
pub(crate) use one::after as ask_after;
pub use sync::{ListOutcome, Synced};

/// The subject of an alert about a product that a supplier has refused to sell to us.
pub(crate) fn refused_subject(supplier: &str, sku: &str) -> String {
    format!("{supplier}/{sku}")
}

/// The subject of an alert about a further route whose price is not believed. What stands before the name of the supplier
/// tells it from one about a refusal, which ends otherwise.
fn doubt_subject(supplier: &str, sku: &str) -> String {
    format!("doubt:{supplier}/{sku}")
}

#[cfg(test)]
mod further_tests;
#[cfg(test)]
mod judge_tests;

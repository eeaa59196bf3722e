//! Whole purchases through the public door: the real program, real HTTP to the simulators, both
//! databases.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod crash;
mod demo;
mod discord;
mod doors;
mod example_gateway;
mod example_supplier;
mod hands;
mod harness;
mod matrix;
mod payments;
mod reconcile;
mod refunds;
mod suppliers;

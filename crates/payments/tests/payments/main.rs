//! The gateways against the contracts: every example and vector of `contracts/payments.md` that is
//! used, and every way in which an outside party misbehaves, on real sockets.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has to stop, and say where"
)]

mod charge;
mod close;
mod contract;
mod dana;
mod further;
mod gopay_link;
mod kept;
mod keys;
mod log;
mod ovo_page;
mod ovo_push;
mod pace;
mod refund;
mod scene;
#[path = "../../../outside/tests/outside/server.rs"]
mod server;
mod status;
mod trouble;
mod webhook;
mod xendit;

//! The suppliers against the contracts: every example and vector of `contracts/suppliers.md` §1
//! that is used, and every way in which an outside party misbehaves, on real sockets.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has to stop, and say where"
)]

mod apigames;
mod asking;
mod balance;
mod contract;
mod price_list;
mod purchase;
mod scene;
#[path = "../../../outside/tests/outside/server.rs"]
mod server;
mod trouble;
mod vip_reseller;
mod webhook;

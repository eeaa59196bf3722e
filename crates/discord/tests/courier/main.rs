//! What leaves for Discord after the first reply, against a Discord on a real socket that answers as it is
//! told.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has to stop, and say where"
)]

mod cards;
mod deliver;
#[path = "../discord/limits.rs"]
mod limits;
mod races;
mod refresh;
mod register;
mod rest;
mod scene;
#[path = "../../../outside/tests/outside/server.rs"]
mod server;
mod threads;
mod trouble;

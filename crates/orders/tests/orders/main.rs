//! The promises of the use cases and of the whole schema, on both engines.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has to stop, and say where"
)]

mod claim;
mod expiry;
mod extract;
mod parity;
mod place;
mod proof;
mod risk;
mod scene;
mod statements;

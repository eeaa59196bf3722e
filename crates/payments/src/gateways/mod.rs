//! One folder for each gateway: `mod.rs` (how to call) and `wire.rs` (their JSON and our types).

mod address;
pub mod dana;
pub mod midtrans;

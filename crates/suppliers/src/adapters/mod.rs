//! One folder for each supplier: `mod.rs` (how to call) and `wire.rs` (their JSON and our types).

pub mod digiflazz;

//! One folder for each supplier: `mod.rs` (how to call) and `wire.rs` (their JSON and our types). What more than
//! one of them needs is beside.

pub mod apigames;
pub mod digiflazz;
mod fields;
mod sign;
mod tujuan;
pub mod vip_reseller;

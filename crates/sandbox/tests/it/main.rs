//! The simulators over real HTTP, as a client of the real vendors would meet them.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where something is unexpected"
)]

mod controls;
mod digiflazz;
mod digiflazz_course;
mod faults;
mod hostile;
mod midtrans_charge;
mod midtrans_life;
mod midtrans_notify;
mod midtrans_refund;
mod restart;
mod support;
mod wallet;

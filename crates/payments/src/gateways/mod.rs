//! One folder for each gateway: `mod.rs` (how to call) and `wire.rs` (their JSON and our types).

mod address;
pub mod dana;
pub mod midtrans;
mod previous;
mod told;
pub mod xendit;

pub use previous::Until;

/// The name of Xendit in references, logs and the ledger.
const XENDIT: &str = "xendit";

/// Whether a gateway may find out about money up to a day after a payment has ended, by its own word
/// (`contracts/payments.md` §3.5). Then one that ended is asked about for so long.
pub(crate) fn tells_late(gateway: &str) -> bool {
    gateway == XENDIT
}

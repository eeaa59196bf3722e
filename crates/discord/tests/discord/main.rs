//! What somebody on Discord is promised: interactions as Discord signs and sends them, through the door,
//! on both engines, and every answer held against Discord's limits.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has to stop, and say where"
)]

mod cards;
mod catalogue;
mod choices;
mod definitions;
mod deposits;
mod door;
mod drafts;
mod envelope;
mod hostile;
mod limits;
mod numbers;
mod order_place;
mod places;
mod restart;
mod scene;
mod standing;
mod topup;

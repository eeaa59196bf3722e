//! Purchases on Discord: the real program, a simulated Discord whose members type, click and fill in, both
//! databases.

mod cards;
pub(crate) mod client;
mod deposits;
mod faults;
mod hostile;
mod over;
mod restart;
mod wizard;

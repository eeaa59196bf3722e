//! The doors of the program: what comes in by HTTP, by a command or by its configuration, and how
//! it starts and stops.

mod catalog;
mod mistakes;
mod orders;
mod processes;
mod production;

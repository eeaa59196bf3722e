//! The doors of the program: what comes in by HTTP, by a command or by its configuration, and how
//! it starts and stops.

mod alerts;
mod buyers;
mod catalog;
mod doctor;
mod mistakes;
mod orders;
mod own_simulators;
mod processes;
mod production;
mod staff;
mod staff_api;

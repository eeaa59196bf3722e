//! The HTTP face over a real shop on a real database, as its callers meet it. Whole purchases with
//! the simulators are tested elsewhere; here the parties outside answer in a fixed way.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where something is unexpected"
)]

mod auth;
mod discord_door;
mod errors;
mod game;
mod health;
mod hostile;
mod openapi;
mod orders;
mod pages;
mod pay;
mod pay_codes;
mod pay_forms;
mod pay_methods;
mod payment;
mod proxies;
mod sandbox;
mod serve;
mod staff;
mod staff_buyers;
mod staff_catalog;
mod staff_desk;
mod staff_evidence;
mod support;
mod webhooks;

//! The simulators over real HTTP, as a client of the real vendors would meet them.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "a test stops where something is unexpected, and reads best with json! in the call"
)]

mod apigames;
mod contract_digiflazz;
mod contract_midtrans;
mod controls;
mod dana_access;
mod dana_create;
mod dana_faults;
mod dana_keys;
mod dana_life;
mod dana_notify;
mod dana_refund;
mod dana_support;
mod digiflazz;
mod digiflazz_course;
mod digiflazz_listing;
mod discord_command;
mod discord_door;
mod discord_fixtures;
mod discord_interaction;
mod discord_message;
mod discord_modal;
mod discord_screen;
mod discord_support;
mod faults;
mod goods_apigames;
mod goods_vip;
mod hostile;
mod midtrans_charge;
mod midtrans_further;
mod midtrans_life;
mod midtrans_notify;
mod midtrans_ovo;
mod midtrans_refund;
mod midtrans_snap;
mod name_faults;
mod restart;
mod snap_page;
mod support;
mod vip_reseller;
mod wallet;
mod xendit;
mod xendit_life;
mod xendit_methods;
mod xendit_oldest;
mod xendit_support;

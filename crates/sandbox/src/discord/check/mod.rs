//! What Discord refuses to take, form by form (contracts/discord §1.4 to §1.7 and §6).

pub(super) mod command;
pub(super) mod component;
pub(super) mod embed;
pub(super) mod message;
pub(super) mod modal;
pub(super) mod select;

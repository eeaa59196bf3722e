//! The shop on Discord, over HTTP interactions (contracts/discord §0–§1): what a signed request asks is
//! answered within Discord's three seconds, from the database alone. What has to ask an outside party, or
//! has to change later, is left to a screen (`notifications`), which a courier brings up to date.
//!
//! Inbound JSON is read into thin types of our own ([`inbound`](self)), which take only what is used: nothing
//! that Discord adds later keeps a buyer from an answer. The state of a conversation is in the ids of the
//! buttons and in the database, so any process answers any click, for ever.

mod answer;
mod commands;
mod courier;
mod custom_id;
mod deposit;
mod desk;
mod door;
mod draft;
mod head;
mod inbound;
mod order_presses;
mod place;
mod register;
mod reply;
mod rest;
mod screen;
mod signature;
mod topup;
mod trouble;
mod views;

pub use answer::{AnswerError, CardMessage, Drawing, render_answer, render_order};
pub use commands::definitions::definitions;
pub use courier::{Cards, DiscordCourier, Render, RenderError, Rendered};
pub use custom_id::{Foreign, Offered, Press, Shown, Wished};
pub use desk::{Desk, Settings, SettingsError};
pub use door::{Outcome, interaction};
pub use draft::DraftId;
pub use place::{Spot, remember_place};
pub use register::{RegisterError, Registered, register};
pub use rest::{API, File, Refusal, Rest, RestSettings};
pub use screen::{Address, COURIER, OWNER, Task, buyer, user_of};
pub use signature::{BadSignature, FRESH_FOR, PublicKey, PublicKeyError};

/// The largest body of an interaction that is read.
pub const BODY_LIMIT: usize = 256 * 1024;

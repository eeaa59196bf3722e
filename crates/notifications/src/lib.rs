//! Outbox of messages to people, and alerts to staff: written in the transaction of what they
//! tell, delivered afterwards.

mod alert;
mod outbox;

pub use alert::{Alert, AlertKind, alert_open, alert_resolve, open_alerts};
pub use outbox::{Audience, Message, MessageKind, enqueue, messages_of_order};

//! Outbox of messages to people, and alerts to staff: written in the transaction of what they
//! tell, delivered afterwards.

mod alert;
mod outbox;
mod screen;

pub use alert::{Alert, AlertKind, alert_open, alert_resolve, open_alerts};
pub use outbox::{
    Audience, Message, MessageKind, claim_messages, enqueue, free_message_leases, message, message_arrived,
    message_waits, messages_of_order, messages_overdue, next_message_due, unpark_message,
};
pub use screen::{
    NewScreen, Screen, claim_screens, drop_screen, free_screen_leases, next_screen_due, refresh_screens,
    screen, screen_shown, screens_overdue, show,
};

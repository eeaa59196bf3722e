//! Outbox of messages to people, and alerts to staff: written in the transaction of what they
//! tell, delivered afterwards.

mod alert;
mod outbox;
mod screen;

pub use alert::{
    Alert, AlertKind, MOST_ALERTS, alert_open, alert_resolve, oldest_alerts, open_alert_counts, open_alerts,
    open_alerts_after, open_alerts_of,
};
pub use outbox::{
    Audience, DueMessage, MESSAGE_QUEUE, Message, MessageKind, enqueue, is_queued, message, message_arrived,
    message_waits, messages_of_order, replace_serial, serials_in_the_clear, unpark_message,
};
pub use screen::{
    NewScreen, SCREEN_QUEUE, Screen, drop_screen, is_kept, leave_surface, refresh_screens, screen,
    screen_shown, show,
};

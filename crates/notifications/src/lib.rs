//! Outbox of messages to people, and alerts to staff: written in the transaction of what they
//! tell, delivered afterwards.

mod alert;
mod outbox;
mod screen;

pub use alert::{
    Alert, AlertKind, MOST_ALERTS, alert_open, alert_resolve, oldest_alerts, open_alert_counts, open_alerts,
    open_alerts_of,
};
pub use outbox::{
    Audience, DueMessage, Message, MessageKind, claim_messages, enqueue, free_message_leases, is_queued,
    message, message_arrived, message_waits, messages_of_order, messages_overdue, next_message_due,
    replace_serial, serials_in_the_clear, unpark_message,
};
pub use screen::{
    NewScreen, Screen, claim_screens, drop_screen, free_screen_leases, is_kept, leave_surface,
    next_screen_due, refresh_screens, screen, screen_shown, screens_overdue, show,
};

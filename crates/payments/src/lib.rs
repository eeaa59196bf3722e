//! Payments of orders: one row per attempt to collect money, and the gateways that collect it.

mod gateway;
pub mod gateways;
mod payment;
mod step;

pub use gateway::{
    ChargeOutcome, ChargeRequest, CloseOutcome, Gateway, Notification, Observation, ObservedState, Opened,
    StatusOutcome, WebhookRefusal,
};
pub use payment::{
    Closing, Intent, Payment, PaymentState, accept_odd, claim_payments, close_all, free_payment_leases,
    intend, mark_sent, next_payment_due, nudge, park_payment, payment, payment_locked, payments_of_order,
    store_payment, unpark_payment,
};
pub use step::{Happened, after_charge, after_status, never_sent};

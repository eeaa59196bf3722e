//! Payments of orders: one row per attempt to collect money, and the gateways that collect it.

mod gateway;
pub mod gateways;
mod payment;
mod payment_rows;
mod phone;
pub mod qris;
mod refund;
mod refund_step;
mod refunding;
mod settlement;
mod step;
mod terms;
mod told;

pub use gateway::{
    ChargeOutcome, ChargeRequest, CloseOutcome, Gateway, ListedRefund, LostCharge, Notification, Observation,
    ObservedState, Opened, RefusalReason, Sent, StatusOutcome, WebhookRefusal,
};
pub use gateways::midtrans::read_qr;
pub use payment::{Closing, PartBack, Payment, PaymentState, StoredPhone};
pub use payment_rows::{
    Intent, PAYMENT_QUEUE, accept_odd, close_all, give_phone, intend, mark_sent, nudge, park_payment,
    payment, payment_by_reference, payment_locked, payments_of_order, payments_with_ids,
    payments_with_references, payments_with_their_ids, put_off, store_fee, store_payment, unpark_payment,
};
pub use phone::{forget_phone, remember_phone, remembered_phone};
pub use refund::{
    REFUND_QUEUE, Refund, RefundIntent, RefundOrigin, RefundState, intend_refund, mark_refund_sent,
    nudge_refund, park_refund, refund, refund_by_reference, refund_in_hand, refund_locked, refunds_of_order,
    refunds_of_payments, refunds_with_references, store_refund, unpark_refund,
};
pub use refund_step::{
    ByHand, Called, RefundHappened, after_refund, kept_for_a_person, may_be_sent, settled_by_hand,
};
pub use refunding::{RefundOutcome, RefundRefusal, RefundRequest};
pub use settlement::{
    LineKind, ListedBy, SETTLEMENT_READER, SettlementFile, SettlementIntent, SettlementLine, SettlementPlace,
    SettlementProfile, SettlementProfileError, SettlementReport, SettlementUnreadable, UnreadableLine,
    read_settlement, settled_after_weekdays, settlement_begin, settlement_complete,
    settlement_counted_before, settlement_fees_after, settlement_go_on, settlement_keep_lines,
    settlement_lines_about, settlement_lines_after, settlement_mark_compared, settlement_moments_after,
    settlement_report, settlement_reports, settlement_reports_since, settlement_withdraw,
};
pub use step::{Happened, after_charge, after_status, never_sent, of_repetition};
pub use terms::{AgreedFees, Fee, Life, MethodTerms, Refundable};
pub use told::{hear_of, hear_of_refund};

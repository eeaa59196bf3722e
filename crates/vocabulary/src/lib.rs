//! Words that every room of Loket shares: money, time, ids, order numbers, states of the outside
//! world, and the masking of secrets. Pure values; nothing here performs I/O.

mod account;
mod actor;
mod clock;
mod code;
mod ids;
mod locale;
mod money;
mod payment_method;
mod phone;
pub mod qr;
mod reference;
mod secret;
mod text;
#[doc(hidden)]
pub use ids::{made_at as __made_at, parse_id as __parse_id};
mod time;
mod until;

pub use account::{Account, AccountError};
pub use actor::Actor;
pub use clock::Clock;
pub use code::{BuyerId, CategoryCode, CodeError, IdempotencyKey, ProductCode};
pub use ids::{Ids, ParseIdError, id_before};
pub use locale::Locale;
pub use money::{ParseRupiahError, Rupiah};
pub use payment_method::{Bank, PayPoint, PaymentMethod, Store};
pub use phone::{PhoneError, PhoneNumber};
pub use reference::{OrderNumber, ParseReferenceError, Purpose, Reference};
pub use secret::{Secret, mask_tail};
pub use text::UnknownWord;
pub use time::{ParseDayError, ParseTimestampError, Timestamp, WibDay};
pub use until::Until;

id_type!(
    /// Identity of one order (one purchase).
    OrderId, "ord"
);
id_type!(
    /// Identity of one quote (a price promise with an expiry).
    QuoteId, "quo"
);
id_type!(
    /// Identity of one payment (one attempt to collect money for an order).
    PaymentId, "pay"
);
id_type!(
    /// Identity of one refund (money that goes back to where it came from).
    RefundId, "ref"
);
id_type!(
    /// Identity of what a member of staff wants given back.
    RefundRequestId, "rrq"
);
id_type!(
    /// Identity of what a member of staff has said, which a second one may have to say as well.
    StaffWordId, "wrd"
);
id_type!(
    /// Identity of one fulfilment attempt (one try to buy the product from a supplier).
    AttemptId, "att"
);
id_type!(
    /// Identity of one stock reservation.
    ReservationId, "res"
);
id_type!(
    /// Identity of one stock movement.
    MovementId, "mov"
);
id_type!(
    /// Identity of one ledger transaction.
    LedgerTransactionId, "ltx"
);
id_type!(
    /// Identity of one audit entry.
    AuditEntryId, "aud"
);
id_type!(
    /// Identity of one outbox message.
    OutboxMessageId, "msg"
);
id_type!(
    /// Identity of one thing shown outside that is kept up to date.
    ScreenId, "scr"
);
id_type!(
    /// Identity of one alert.
    AlertId, "alr"
);
id_type!(
    /// Identity of one stored webhook.
    WebhookId, "whk"
);
id_type!(
    /// Identity of one entry in an order's timeline.
    TimelineId, "evt"
);

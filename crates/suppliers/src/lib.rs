//! Fulfilment: one row per attempt to buy a product, and the suppliers that deliver it.

pub mod adapters;
mod attempt;
mod denial;
mod deposit;
mod forecast;
mod health;
mod listing;
mod number;
mod probe;
mod refusal;
mod route;
mod sellers;
mod step;
mod supplier;
mod word;

pub use attempt::{
    ATTEMPT_QUEUE, Attempt, AttemptIntent, AttemptState, RESEND_LIMIT, attempt, attempt_by_reference,
    attempt_locked, attempts_of_order, intend_attempt, mark_attempt_sent, park_attempt, replace_serial,
    serials_in_the_clear, store_attempt, unpark_attempt,
};
pub use deposit::{DepositSeen, deposit_seen, store_deposit};
pub use forecast::{Spending, spending};
pub use health::{
    Circuit, Fault, Health, SILENT_IN_A_ROW, Scope, attempts_for_account, attempts_lately,
    attempts_of_sku_lately, deposit_empty_until, is_bought_today, not_before,
};
pub use listing::{
    CutOff, Doubt, Listing, STALE_AFTER, Unsellable, accept_price, accepted_prices, hold_listing, listing,
    listings, store_doubt, store_listing,
};
pub use number::{
    attempt_by_number, count_silent_look, nudge_attempt, nudge_delivered, number_contested,
    numbers_of_others, store_earlier,
};
pub use probe::{FirstBuyRules, Probe, has_delivered};
pub use refusal::{is_troubled, refused_since};
pub use route::{Candidate, Choice, Considered, Obstacle, Wish, choose};
pub use sellers::RefusedSellers;
pub use step::{
    Askable, Outcome, REMINDERS, Source, after_reminder, after_report, after_silent_look, askable,
    never_arrived, withdrawn,
};
pub use supplier::{
    Ask, Before, Capabilities, Deposit, ListAsk, ListedPurchase, LookedUp, Named, PriceList, Purchase,
    Purchases, Report, Supplier, SupplierWebhook, Verdict, WebhookRefusal,
};
pub use word::{Word, record_word, words_of};

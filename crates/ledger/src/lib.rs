//! Double-entry ledger: what happened to money, as postings that sum to zero, booked once each.
//!
//! Positive amounts are debits, negative ones credits. What the shop owns (money at a gateway, the
//! deposit at a supplier) and what it spent stands positive; what it owes (escrow, wallets) and
//! what it earned stands negative.

mod account;
mod check;
mod post;
mod wallet;

pub use account::Account;
pub use check::{Finding, OrderMoney, balances, check_sums, money_of_order, wallet_findings};
pub use post::{
    BookedLine, Entry, Kind, LedgerError, Posted, Posting, entries_of_order, entries_of_orders, is_booked,
    post,
};
pub use wallet::{Spent, Taken, balance, balance_locked, credit, pay_out, spend, take_back};

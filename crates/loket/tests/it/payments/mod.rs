//! What goes wrong with payments, and the rule that it implies, through the shop's public doors
//! (`contracts/payments.md` §9).

mod amount;
mod answers;
mod away;
mod charge;
mod circuits;
mod deposits;
mod forged;
mod keys;
mod late;
mod matched;
mod notices;
mod numbers;
mod odd_twice;
mod rails;
mod second_rail;
mod taken_back;
mod wallet;
mod ways;
mod xendit;

/// How long an order may be paid, and a little more.
const PAYING_IS_OVER: u64 = 16 * 60;

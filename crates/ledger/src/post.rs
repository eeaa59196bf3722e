//! Booking: one transaction for each thing that happened, refused when it does not sum to zero.

use crate::Account;
use database::{Error, FromRow, Json, ReadTx, Row, WriteTx, report_sql, sql};
use vocabulary::{Ids, LedgerTransactionId, OrderId, Rupiah, Timestamp};

vocabulary::text_enum!(
    /// What a ledger transaction records.
    pub enum Kind {
        /// Money for an order came in (reference: the payment).
        Payment = "payment",
        /// What the gateway keeps of a payment (reference: the payment).
        Fee = "fee",
        /// Store credit was spent on an order (reference: the payment).
        WalletPayment = "wallet_payment",
        /// Money came in that no order can use; it went to the buyer's wallet (reference: the payment).
        PaymentCredit = "payment_credit",
        /// What was taken back at the gateway (reference: the payment).
        PaymentTakenBack = "payment_taken_back",
        /// What a bank took back of a payment that had gone back before (reference: the payment, and of each further
        /// step with `/2`, `/3` behind it).
        PaymentChargedBack = "payment_charged_back",
        /// A part that was given back at the gateway, when the rest is refunded, or what was delivered in part is
        /// settled; of store credit whenever it grows, and of the others when it grows after that (reference: the
        /// payment, and of each further step with `/2`, `/3` behind it).
        PaymentPartTakenBack = "payment_part_taken_back",
        /// A delivery came back whose money, or more of it than the buyer's share, had been taken back at the
        /// gateway: what was lost by that is not lost any more (reference: the attempt).
        ChargebackCovered = "chargeback_covered",
        /// What a gateway's odd amount is more or less than ours (reference: the payment).
        PaymentDifference = "payment_difference",
        /// The product was delivered (reference: the attempt).
        Delivery = "delivery",
        /// A part was delivered and a person has said what it is worth: that is earned, the rest goes back
        /// (reference: the attempt).
        PartDelivery = "part_delivery",
        /// A delivery was taken back by the supplier (reference: the attempt).
        Reversal = "reversal",
        /// The order's money went back to the buyer (reference: the refund; the attempt, when that was settled as a
        /// part and taken back after it).
        Refund = "refund",
        /// The order's money is on its way back to where it came from (reference: the refund).
        RefundBegun = "refund_begun",
        /// Store credit is on its way back to where it came from (reference: the refund).
        PayoutBegun = "payout_begun",
        /// What was on its way has left the gateway (reference: the refund).
        RefundDone = "refund_done",
        /// What was on its way does not go there, and is store credit (reference: the refund).
        RefundCredited = "refund_credited",
        /// Delivered after a refund (reference: the attempt).
        LateDelivery = "late_delivery",
        /// A delivery after a refund was taken back, or paid for after all (reference: the attempt).
        LateDeliveryReversal = "late_delivery_reversal",
        /// The name of a game account was bought (reference: its own).
        NameCheck = "name_check",
        /// That was taken back by the supplier (reference: its own).
        NameCheckReversal = "name_check_reversal",
    }
);
database::text_column!(Kind);

/// One line of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// Where.
    pub account: Account,
    /// How much; positive is a debit.
    pub amount: Rupiah,
}

/// A transaction to book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it records.
    pub kind: Kind,
    /// Of what: with `kind`, the key under which it is booked once.
    pub reference: String,
    /// The order that it belongs to.
    pub order: Option<OrderId>,
    /// Its lines.
    pub postings: Vec<Posting>,
}

/// Whether it was booked now or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Posted {
    /// Booked now.
    Now,
    /// It was booked before; nothing was changed.
    Before,
}

/// Why nothing was booked.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The lines do not sum to zero, or a line is zero, or there are fewer than two.
    #[error("the postings of {kind} {reference} are not balanced")]
    Unbalanced {
        /// What should have been recorded.
        kind: Kind,
        /// Of what.
        reference: String,
    },
    /// The database refused.
    #[error(transparent)]
    Database(#[from] Error),
}

impl Entry {
    /// A transaction that moves one amount: `debit` gets it, `credit` gives it.
    pub fn transfer(
        kind: Kind,
        reference: &impl ToString,
        order: &OrderId,
        debit: Account,
        credit: Account,
        amount: Rupiah,
    ) -> Entry {
        Entry { kind, reference: reference.to_string(), order: Some(order.clone()), postings: Vec::new() }
            .moving(debit, credit, amount)
    }

    /// The same transaction with one more amount moved. An amount of nothing adds no line.
    pub fn moving(mut self, debit: Account, credit: Account, amount: Rupiah) -> Entry {
        if amount != Rupiah::ZERO {
            let opposite = amount.checked_neg().unwrap_or(Rupiah::ZERO);
            self.postings.push(Posting { account: debit, amount });
            self.postings.push(Posting { account: credit, amount: opposite });
        }
        self
    }

    fn is_balanced(&self) -> bool {
        self.postings.len() >= 2
            && self.postings.iter().all(|p| p.amount != Rupiah::ZERO)
            && Rupiah::checked_sum(self.postings.iter().map(|p| p.amount)) == Some(Rupiah::ZERO)
    }
}

/// Books a transaction, once for its kind and reference. Wallet lines move the wallet's balance in
/// the same breath.
///
/// # Errors
/// [`LedgerError::Unbalanced`] for lines that do not sum to zero: nothing is booked.
pub async fn post(tx: &mut WriteTx, ids: &Ids, now: Timestamp, entry: &Entry) -> Result<Posted, LedgerError> {
    if !entry.is_balanced() {
        return Err(LedgerError::Unbalanced { kind: entry.kind, reference: entry.reference.clone() });
    }
    let id = LedgerTransactionId::new(ids, now);
    let booked: Option<LedgerTransactionId> = sql!(
        "INSERT INTO ledger_transaction (id, kind, reference, order_id, at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (kind, reference) DO NOTHING RETURNING id"
    )
    .bind(&id)
    .bind(entry.kind)
    .bind(&entry.reference)
    .bind(&entry.order)
    .bind(now)
    .optional(tx)
    .await?;
    if booked.is_none() {
        return Ok(Posted::Before);
    }
    for (line, posting) in (1_i64..).zip(&entry.postings) {
        sql!("INSERT INTO ledger_posting (transaction_id, line, account, amount) VALUES ($1, $2, $3, $4)")
            .bind(&id)
            .bind(line)
            .bind(&posting.account)
            .bind(posting.amount)
            .run(tx)
            .await?;
    }
    Ok(Posted::Now)
}

/// Whether something is booked.
pub async fn is_booked(tx: &mut ReadTx, kind: Kind, reference: &str) -> Result<bool, Error> {
    let found: Option<LedgerTransactionId> =
        sql!("SELECT id FROM ledger_transaction WHERE kind = $1 AND reference = $2")
            .bind(kind)
            .bind(reference)
            .optional(tx)
            .await?;
    Ok(found.is_some())
}

/// A booked line, as shown with an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookedLine {
    /// What its transaction records.
    pub kind: Kind,
    /// Of what.
    pub reference: String,
    /// Where.
    pub account: Account,
    /// How much; positive is a debit.
    pub amount: Rupiah,
    /// When.
    pub at: Timestamp,
}

impl FromRow for BookedLine {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(BookedLine {
            kind: row.get("kind")?,
            reference: row.get("reference")?,
            account: row.get("account")?,
            amount: row.get("amount")?,
            at: row.get("at")?,
        })
    }
}

/// All lines that belong to an order, in the order of booking.
pub async fn entries_of_order(tx: &mut ReadTx, order: &OrderId) -> Result<Vec<BookedLine>, Error> {
    sql!(
        "SELECT t.kind, t.reference, p.account, p.amount, t.at FROM ledger_transaction t
         JOIN ledger_posting p ON p.transaction_id = t.id
         WHERE t.order_id = $1 ORDER BY t.id, p.line"
    )
    .bind(order)
    .all(tx)
    .await
}

/// All lines that belong to these orders, each with its order.
pub async fn entries_of_orders(
    tx: &mut ReadTx,
    orders: &[&str],
) -> Result<Vec<(OrderId, BookedLine)>, Error> {
    let lines: Vec<OfOrder> = report_sql!(
        sqlite: "SELECT t.order_id, t.kind, t.reference, p.account, p.amount, t.at FROM ledger_transaction t
         JOIN ledger_posting p ON p.transaction_id = t.id
         WHERE t.order_id IN (SELECT value FROM json_each($1)) ORDER BY t.id, p.line",
        postgres: "SELECT t.order_id, t.kind, t.reference, p.account, p.amount, t.at FROM ledger_transaction t
         JOIN ledger_posting p ON p.transaction_id = t.id
         WHERE t.order_id IN (SELECT json_array_elements_text(CAST($1 AS JSON))) ORDER BY t.id, p.line"
    )
    .bind(Json(orders))
    .all(tx)
    .await?;
    Ok(lines.into_iter().map(|OfOrder { order, line }| (order, line)).collect())
}

struct OfOrder {
    order: OrderId,
    line: BookedLine,
}

impl FromRow for OfOrder {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(OfOrder { order: row.get("order_id")?, line: BookedLine::from_row(row)? })
    }
}

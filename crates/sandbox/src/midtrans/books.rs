//! What Midtrans has written down: transactions and refunds.

use super::channel::Channel;
use database::{Error, FromRow, Json, ReadTx, Row, WriteTx, report_sql, sql};
use vocabulary::Timestamp;

vocabulary::text_enum!(
    /// `transaction_status`, as far as e-wallets and QRIS reach it.
    pub(crate) enum Status {
        /// Waiting for the buyer.
        Pending = "pending",
        /// Paid.
        Settlement = "settlement",
        /// The buyer declined.
        Deny = "deny",
        /// Called off by the merchant.
        Cancel = "cancel",
        /// Nobody paid in time.
        Expire = "expire",
        /// Given back in full.
        Refund = "refund",
        /// Given back in part.
        PartialRefund = "partial_refund",
    }
);

vocabulary::text_enum!(
    /// `payment_type`.
    pub(crate) enum PaymentType {
        /// GoPay by QR or deep link.
        Gopay = "gopay",
        /// QRIS.
        Qris = "qris",
        /// OVO: a push to the buyer's phone.
        Ovo = "ovo",
        /// DANA, through Snap alone.
        Dana = "dana",
        /// A transfer to a virtual account.
        BankTransfer = "bank_transfer",
        /// A code that is paid at a till.
        Cstore = "cstore",
    }
);
database::text_column!(Status, PaymentType);

/// One transaction.
#[derive(Clone, Debug)]
pub(crate) struct Transaction {
    pub(crate) transaction_id: String,
    pub(crate) order_id: String,
    /// Which of the order id's transactions it is, from 1: only a Snap page makes more than one.
    pub(crate) attempt: i64,
    /// The Snap page that it was chosen on.
    pub(crate) snap_token: Option<String>,
    pub(crate) payment_type: PaymentType,
    pub(crate) acquirer: Option<String>,
    /// The bank or store where it is paid.
    pub(crate) channel: Option<Channel>,
    /// The number that is paid to there.
    pub(crate) payment_code: Option<String>,
    /// The phone that an OVO push went to.
    pub(crate) payer_phone: Option<String>,
    /// What the merchant asked for.
    pub(crate) amount: i64,
    /// What "Automatic Fee Imposition" puts on top.
    pub(crate) imposed_fee: i64,
    pub(crate) status: Status,
    pub(crate) callback_url: Option<String>,
    /// Where notifications go; `None` is the dashboard's address.
    pub(crate) notify_urls: Vec<Option<String>>,
    pub(crate) transaction_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) settled_at: Option<Timestamp>,
    pub(crate) times_settled: i64,
    pub(crate) refunded: i64,
}

/// One refund of a transaction.
#[derive(Clone, Debug)]
pub(crate) struct Refund {
    pub(crate) refund_key: String,
    /// `refund_chargeback_id`.
    pub(crate) number: i64,
    pub(crate) amount: i64,
    pub(crate) reason: String,
    pub(crate) requested_at: Timestamp,
}

impl FromRow for Transaction {
    fn from_row(row: &Row) -> Result<Self, Error> {
        let Json(notify_urls) = row.get("notify_urls")?;
        Ok(Transaction {
            transaction_id: row.get("transaction_id")?,
            order_id: row.get("order_id")?,
            attempt: row.get("try")?,
            snap_token: row.get("snap_token")?,
            payment_type: row.get("payment_type")?,
            acquirer: row.get("acquirer")?,
            channel: row.get("channel")?,
            payment_code: row.get("payment_code")?,
            payer_phone: row.get("payer_phone")?,
            amount: row.get("amount")?,
            imposed_fee: row.get("imposed_fee")?,
            status: row.get("status")?,
            callback_url: row.get("callback_url")?,
            notify_urls,
            transaction_at: row.get("transaction_at")?,
            expires_at: row.get("expires_at")?,
            settled_at: row.get("settled_at")?,
            times_settled: row.get("times_settled")?,
            refunded: row.get("refunded")?,
        })
    }
}

impl FromRow for Refund {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Refund {
            refund_key: row.get("refund_key")?,
            number: row.get("number")?,
            amount: row.get("amount")?,
            reason: row.get("reason")?,
            requested_at: row.get("requested_at")?,
        })
    }
}

impl Transaction {
    /// What status and notifications say it is worth.
    pub(crate) fn shown_amount(&self) -> i64 {
        self.amount.saturating_add(self.imposed_fee)
    }

    /// Until when the buyer can act: OVO's push is gone before the transaction expires.
    pub(crate) fn acceptable_until(&self) -> Timestamp {
        match self.payment_type {
            PaymentType::Ovo => self.transaction_at.plus(super::ovo::ACCEPT_WINDOW).min(self.expires_at),
            PaymentType::Gopay
            | PaymentType::Qris
            | PaymentType::Dana
            | PaymentType::BankTransfer
            | PaymentType::Cstore => self.expires_at,
        }
    }

    /// Whether a buyer who looks now can pay or decline.
    pub(crate) fn is_acceptable(&self, now: Timestamp) -> bool {
        self.status == Status::Pending && now < self.acceptable_until()
    }

    /// Whether a wallet can scan it.
    pub(crate) fn has_qr(&self) -> bool {
        matches!(self.payment_type, PaymentType::Gopay | PaymentType::Qris)
    }

    /// Whether the till can take the money back out of the drawer: what was settled is denied then.
    pub(crate) fn is_reversible(&self) -> bool {
        self.payment_type == PaymentType::Cstore && self.status == Status::Settlement
    }

    fn due_at(&self) -> Option<Timestamp> {
        (self.status == Status::Pending).then_some(self.expires_at)
    }
}

/// Writes a new transaction down; false when there is that try of its order id already.
pub(crate) async fn insert(tx: &mut WriteTx, t: &Transaction) -> Result<bool, Error> {
    let inserted = sql!(
        "INSERT INTO world_midtrans_transaction
            (transaction_id, order_id, try, snap_token, payment_type, acquirer, payer_phone, amount, imposed_fee,
             status, callback_url, notify_urls, transaction_at, expires_at, settled_at, times_settled, refunded,
             due_at, channel, payment_code)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
         ON CONFLICT (order_id, try) DO NOTHING"
    )
    .bind(&t.transaction_id)
    .bind(&t.order_id)
    .bind(t.attempt)
    .bind(t.snap_token.as_ref())
    .bind(t.payment_type)
    .bind(t.acquirer.as_ref())
    .bind(t.payer_phone.as_ref())
    .bind(t.amount)
    .bind(t.imposed_fee)
    .bind(t.status)
    .bind(t.callback_url.as_ref())
    .bind(Json(&t.notify_urls))
    .bind(t.transaction_at)
    .bind(t.expires_at)
    .bind(t.settled_at)
    .bind(t.times_settled)
    .bind(t.refunded)
    .bind(t.due_at())
    .bind(t.channel)
    .bind(t.payment_code.as_ref())
    .run(tx)
    .await?;
    Ok(inserted == 1)
}

/// Writes down what has changed about a transaction.
pub(crate) async fn save(tx: &mut WriteTx, t: &Transaction) -> Result<(), Error> {
    sql!(
        "UPDATE world_midtrans_transaction
         SET status = $2, settled_at = $3, times_settled = $4, refunded = $5, due_at = $6 WHERE transaction_id = $1"
    )
    .bind(&t.transaction_id)
    .bind(t.status)
    .bind(t.settled_at)
    .bind(t.times_settled)
    .bind(t.refunded)
    .bind(t.due_at())
    .run(tx)
    .await?;
    Ok(())
}

/// The transaction with this order id or transaction id. Of an order id's tries, the paid one counts,
/// else the newest (the contract is silent on what Midtrans does).
pub(crate) async fn find(tx: &mut ReadTx, id: &str) -> Result<Option<Transaction>, Error> {
    sql!(
        "SELECT * FROM world_midtrans_transaction WHERE transaction_id = $1 OR order_id = $1
         ORDER BY CASE WHEN times_settled > 0 THEN 0 ELSE 1 END, try DESC LIMIT 1"
    )
    .bind(id)
    .optional(tx)
    .await
}

/// The tries of an order id, newest first.
pub(crate) async fn of_order(tx: &mut ReadTx, order_id: &str) -> Result<Vec<Transaction>, Error> {
    sql!("SELECT * FROM world_midtrans_transaction WHERE order_id = $1 ORDER BY try DESC LIMIT 100")
        .bind(order_id)
        .all(tx)
        .await
}

/// The transactions that are paid to this number, newest first.
pub(crate) async fn of_code(tx: &mut ReadTx, code: &str) -> Result<Vec<Transaction>, Error> {
    sql!(
        "SELECT * FROM world_midtrans_transaction WHERE payment_code = $1
         ORDER BY transaction_at DESC, order_id DESC LIMIT 100"
    )
    .bind(code)
    .all(tx)
    .await
}

/// Whether a push waits on this phone that can still be accepted.
pub(crate) async fn push_waits(tx: &mut ReadTx, phone: &str, now: Timestamp) -> Result<bool, Error> {
    let waiting: Vec<Transaction> = sql!(
        "SELECT * FROM world_midtrans_transaction
         WHERE payer_phone = $1 AND payer_phone IS NOT NULL AND due_at IS NOT NULL LIMIT 100"
    )
    .bind(phone)
    .all(tx)
    .await?;
    Ok(waiting.iter().any(|t| t.is_acceptable(now)))
}

/// What waits for a buyer, newest first.
pub(crate) async fn waiting(tx: &mut ReadTx) -> Result<Vec<Transaction>, Error> {
    report_sql!(
        "SELECT * FROM world_midtrans_transaction WHERE due_at IS NOT NULL
         ORDER BY transaction_at DESC, order_id DESC LIMIT 100"
    )
    .query()
    .all(tx)
    .await
}

/// The transactions whose order id is this number and a hyphen and more, newest first.
pub(crate) async fn of_number(tx: &mut ReadTx, number: &str) -> Result<Vec<Transaction>, Error> {
    // `.` is the character after `-`: a range, so that the index on order_id serves.
    sql!(
        "SELECT * FROM world_midtrans_transaction WHERE order_id >= $1 AND order_id < $2
         ORDER BY transaction_at DESC, order_id DESC, try DESC LIMIT 100"
    )
    .bind(format!("{number}-"))
    .bind(format!("{number}."))
    .all(tx)
    .await
}

/// Transactions whose time is over.
pub(crate) async fn due(tx: &mut ReadTx, now: Timestamp) -> Result<Vec<Transaction>, Error> {
    sql!("SELECT * FROM world_midtrans_transaction WHERE due_at <= $1 ORDER BY due_at LIMIT 500")
        .bind(now)
        .all(tx)
        .await
}

/// When the next time is over.
pub(crate) async fn due_next(tx: &mut ReadTx) -> Result<Option<Timestamp>, Error> {
    sql!("SELECT MIN(due_at) FROM world_midtrans_transaction WHERE due_at IS NOT NULL").query().one(tx).await
}

/// The newest transactions.
pub(crate) async fn newest(tx: &mut ReadTx) -> Result<Vec<Transaction>, Error> {
    report_sql!(
        "SELECT * FROM world_midtrans_transaction ORDER BY transaction_at DESC, order_id DESC LIMIT 1000"
    )
    .query()
    .all(tx)
    .await
}

/// What was paid or given back between two moments, for the report of a day.
pub(crate) async fn moved(
    tx: &mut ReadTx,
    (from, until): (Timestamp, Timestamp),
) -> Result<Vec<Transaction>, Error> {
    report_sql!(
        "SELECT t.* FROM world_midtrans_transaction t
         WHERE t.times_settled > 0 AND (t.settled_at >= $1 AND t.settled_at < $2
             OR EXISTS (SELECT 1 FROM world_midtrans_refund r WHERE r.transaction_id = t.transaction_id
                        AND r.requested_at >= $1 AND r.requested_at < $2))
         ORDER BY t.settled_at, t.order_id"
    )
    .bind(from)
    .bind(until)
    .all(tx)
    .await
}

/// The refunds of a transaction, oldest first.
pub(crate) async fn refunds(tx: &mut ReadTx, transaction_id: &str) -> Result<Vec<Refund>, Error> {
    sql!("SELECT * FROM world_midtrans_refund WHERE transaction_id = $1 ORDER BY number")
        .bind(transaction_id)
        .all(tx)
        .await
}

/// Writes a refund down.
pub(crate) async fn insert_refund(
    tx: &mut WriteTx,
    transaction_id: &str,
    refund: &Refund,
) -> Result<(), Error> {
    sql!(
        "INSERT INTO world_midtrans_refund (transaction_id, refund_key, number, amount, reason, requested_at)
         VALUES ($1, $2, $3, $4, $5, $6)"
    )
    .bind(transaction_id)
    .bind(&refund.refund_key)
    .bind(refund.number)
    .bind(refund.amount)
    .bind(&refund.reason)
    .bind(refund.requested_at)
    .run(tx)
    .await?;
    Ok(())
}

//! What DANA has written down: orders, refunds, and the external ids of the day.

use database::{Error, FromRow, ReadTx, Row, WriteTx, report_sql, sql};
use vocabulary::{Timestamp, WibDay};

vocabulary::text_enum!(
    /// `acquirementStatus`, as far as an order reaches it here.
    pub(crate) enum Status {
        /// Waiting for the buyer.
        Init = "INIT",
        /// Paid.
        Success = "SUCCESS",
        /// Nobody paid in time, or the buyer declined.
        Closed = "CLOSED",
        /// Called off by the merchant.
        Cancelled = "CANCELLED",
    }
);
database::text_column!(Status);

/// One order.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// DANA's own reference.
    pub(crate) reference_no: String,
    /// The merchant's reference.
    pub(crate) partner_reference_no: String,
    /// A digest of what the merchant asked for.
    pub(crate) content: String,
    pub(crate) pay_method: String,
    /// Empty where the method has no options.
    pub(crate) pay_option: String,
    pub(crate) title: String,
    /// Whole rupiah.
    pub(crate) amount: i64,
    pub(crate) status: Status,
    /// The text of a QR code, or the number of a virtual account.
    pub(crate) payment_code: Option<String>,
    pub(crate) cashier_request_id: String,
    pub(crate) pay_return_url: Option<String>,
    /// Where the notification goes; `None` is the dashboard's address.
    pub(crate) notify_url: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) paid_at: Option<Timestamp>,
    pub(crate) closed_at: Option<Timestamp>,
    pub(crate) close_reason: Option<String>,
    pub(crate) times_paid: i64,
}

/// One refund of an order.
#[derive(Clone, Debug)]
pub(crate) struct Refund {
    pub(crate) partner_refund_no: String,
    pub(crate) refund_no: String,
    pub(crate) reference_no: String,
    pub(crate) amount: i64,
    pub(crate) reason: String,
    pub(crate) requested_at: Timestamp,
    /// Empty while it is in progress.
    pub(crate) finished_at: Option<Timestamp>,
    /// When it will be finished.
    pub(crate) due_at: Option<Timestamp>,
}

impl FromRow for Order {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Order {
            reference_no: row.get("reference_no")?,
            partner_reference_no: row.get("partner_reference_no")?,
            content: row.get("content")?,
            pay_method: row.get("pay_method")?,
            pay_option: row.get("pay_option")?,
            title: row.get("title")?,
            amount: row.get("amount")?,
            status: row.get("status")?,
            payment_code: row.get("payment_code")?,
            cashier_request_id: row.get("cashier_request_id")?,
            pay_return_url: row.get("pay_return_url")?,
            notify_url: row.get("notify_url")?,
            created_at: row.get("created_at")?,
            expires_at: row.get("expires_at")?,
            paid_at: row.get("paid_at")?,
            closed_at: row.get("closed_at")?,
            close_reason: row.get("close_reason")?,
            times_paid: row.get("times_paid")?,
        })
    }
}

impl FromRow for Refund {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Refund {
            partner_refund_no: row.get("partner_refund_no")?,
            refund_no: row.get("refund_no")?,
            reference_no: row.get("reference_no")?,
            amount: row.get("amount")?,
            reason: row.get("reason")?,
            requested_at: row.get("requested_at")?,
            finished_at: row.get("finished_at")?,
            due_at: row.get("due_at")?,
        })
    }
}

/// Why an order closed whose buyer declined. The word is ours: what DANA says is UNVERIFIED.
pub(super) const DECLINED: &str = "USER_DECLINED";

impl Order {
    /// Whether the buyer declined it.
    pub(crate) fn was_declined(&self) -> bool {
        self.close_reason.as_deref() == Some(DECLINED)
    }

    fn due_at(&self) -> Option<Timestamp> {
        (self.status == Status::Init).then_some(self.expires_at)
    }
}

/// Writes a new order down.
pub(super) async fn insert(tx: &mut WriteTx, o: &Order) -> Result<(), Error> {
    sql!(
        "INSERT INTO world_dana_order
            (reference_no, partner_reference_no, content, pay_method, pay_option, title, amount, status,
             payment_code, cashier_request_id, pay_return_url, notify_url, created_at, expires_at, paid_at,
             closed_at, close_reason, times_paid, due_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)"
    )
    .bind(&o.reference_no)
    .bind(&o.partner_reference_no)
    .bind(&o.content)
    .bind(&o.pay_method)
    .bind(&o.pay_option)
    .bind(&o.title)
    .bind(o.amount)
    .bind(o.status)
    .bind(o.payment_code.as_ref())
    .bind(&o.cashier_request_id)
    .bind(o.pay_return_url.as_ref())
    .bind(o.notify_url.as_ref())
    .bind(o.created_at)
    .bind(o.expires_at)
    .bind(o.paid_at)
    .bind(o.closed_at)
    .bind(o.close_reason.as_ref())
    .bind(o.times_paid)
    .bind(o.due_at())
    .run(tx)
    .await?;
    Ok(())
}

/// Writes down what has changed about an order.
pub(super) async fn save(tx: &mut WriteTx, o: &Order) -> Result<(), Error> {
    sql!(
        "UPDATE world_dana_order
         SET status = $2, paid_at = $3, closed_at = $4, close_reason = $5, times_paid = $6, due_at = $7
         WHERE reference_no = $1"
    )
    .bind(&o.reference_no)
    .bind(o.status)
    .bind(o.paid_at)
    .bind(o.closed_at)
    .bind(o.close_reason.as_ref())
    .bind(o.times_paid)
    .bind(o.due_at())
    .run(tx)
    .await?;
    Ok(())
}

/// The order with this reference: the merchant's, or DANA's own.
pub(crate) async fn find(tx: &mut ReadTx, reference: &str) -> Result<Option<Order>, Error> {
    sql!("SELECT * FROM world_dana_order WHERE reference_no = $1 OR partner_reference_no = $1")
        .bind(reference)
        .optional(tx)
        .await
}

/// The order with this reference of the merchant's.
pub(super) async fn of_partner(tx: &mut ReadTx, reference: &str) -> Result<Option<Order>, Error> {
    sql!("SELECT * FROM world_dana_order WHERE partner_reference_no = $1").bind(reference).optional(tx).await
}

/// The order with this payment code, newest first.
pub(super) async fn of_code(tx: &mut ReadTx, code: &str) -> Result<Option<Order>, Error> {
    sql!("SELECT * FROM world_dana_order WHERE payment_code = $1 ORDER BY created_at DESC LIMIT 1")
        .bind(code)
        .optional(tx)
        .await
}

/// The orders whose reference is this number and a hyphen and more, newest first.
pub(super) async fn of_number(tx: &mut ReadTx, number: &str) -> Result<Vec<Order>, Error> {
    // `.` is the character after `-`: a range, so that the index on partner_reference_no serves.
    sql!(
        "SELECT * FROM world_dana_order WHERE partner_reference_no >= $1 AND partner_reference_no < $2
         ORDER BY created_at DESC, partner_reference_no DESC LIMIT 100"
    )
    .bind(format!("{number}-"))
    .bind(format!("{number}."))
    .all(tx)
    .await
}

/// Orders whose time is over.
pub(super) async fn due(tx: &mut ReadTx, now: Timestamp) -> Result<Vec<Order>, Error> {
    sql!("SELECT * FROM world_dana_order WHERE due_at <= $1 ORDER BY due_at LIMIT 500")
        .bind(now)
        .all(tx)
        .await
}

/// When the next order or refund is due.
pub(crate) async fn next_due(tx: &mut ReadTx) -> Result<Option<Timestamp>, Error> {
    let order: Option<Timestamp> =
        sql!("SELECT MIN(due_at) FROM world_dana_order WHERE due_at IS NOT NULL").query().one(tx).await?;
    let refund: Option<Timestamp> =
        sql!("SELECT MIN(due_at) FROM world_dana_refund WHERE due_at IS NOT NULL").query().one(tx).await?;
    Ok([order, refund].into_iter().flatten().min())
}

/// What waits for a buyer, newest first.
pub(crate) async fn waiting(tx: &mut ReadTx) -> Result<Vec<Order>, Error> {
    report_sql!(
        "SELECT * FROM world_dana_order WHERE due_at IS NOT NULL ORDER BY created_at DESC, reference_no DESC LIMIT 100"
    )
    .query()
    .all(tx)
    .await
}

/// The newest orders.
pub(crate) async fn newest(tx: &mut ReadTx) -> Result<Vec<Order>, Error> {
    report_sql!("SELECT * FROM world_dana_order ORDER BY created_at DESC, reference_no DESC LIMIT 1000")
        .query()
        .all(tx)
        .await
}

/// What was paid or given back between two moments, for the report of a day.
pub(crate) async fn moved(
    tx: &mut ReadTx,
    (from, until): (Timestamp, Timestamp),
) -> Result<Vec<Order>, Error> {
    report_sql!(
        "SELECT o.* FROM world_dana_order o
         WHERE o.times_paid > 0 AND (o.paid_at >= $1 AND o.paid_at < $2
             OR EXISTS (SELECT 1 FROM world_dana_refund r WHERE r.reference_no = o.reference_no
                        AND r.finished_at >= $1 AND r.finished_at < $2))
         ORDER BY o.paid_at, o.partner_reference_no"
    )
    .bind(from)
    .bind(until)
    .all(tx)
    .await
}

/// The refunds of an order, oldest first.
pub(crate) async fn refunds(tx: &mut ReadTx, reference_no: &str) -> Result<Vec<Refund>, Error> {
    sql!("SELECT * FROM world_dana_refund WHERE reference_no = $1 ORDER BY requested_at, refund_no")
        .bind(reference_no)
        .all(tx)
        .await
}

/// The refund with this reference of the merchant's.
pub(super) async fn refund(tx: &mut ReadTx, partner_refund_no: &str) -> Result<Option<Refund>, Error> {
    sql!("SELECT * FROM world_dana_refund WHERE partner_refund_no = $1")
        .bind(partner_refund_no)
        .optional(tx)
        .await
}

/// Writes a refund down.
pub(super) async fn insert_refund(tx: &mut WriteTx, r: &Refund) -> Result<(), Error> {
    sql!(
        "INSERT INTO world_dana_refund
            (partner_refund_no, refund_no, reference_no, amount, reason, requested_at, finished_at, due_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    )
    .bind(&r.partner_refund_no)
    .bind(&r.refund_no)
    .bind(&r.reference_no)
    .bind(r.amount)
    .bind(&r.reason)
    .bind(r.requested_at)
    .bind(r.finished_at)
    .bind(r.due_at)
    .run(tx)
    .await?;
    Ok(())
}

/// Finishes the refunds whose time has come.
pub(super) async fn finish_refunds(tx: &mut WriteTx, now: Timestamp) -> Result<(), Error> {
    sql!("UPDATE world_dana_refund SET finished_at = due_at, due_at = NULL WHERE due_at <= $1")
        .bind(now)
        .run(tx)
        .await?;
    Ok(())
}

/// Uses up an external id of today; false when it was used today already. Those of other days go.
pub(super) async fn use_external_id(tx: &mut WriteTx, id: &str, today: WibDay) -> Result<bool, Error> {
    let day = today.to_string();
    sql!("DELETE FROM world_dana_external_id WHERE day < $1").bind(&day).run(tx).await?;
    let fresh = sql!(
        "INSERT INTO world_dana_external_id (day, external_id) VALUES ($1, $2) ON CONFLICT (day, external_id) DO NOTHING"
    )
    .bind(&day)
    .bind(id)
    .run(tx)
    .await?;
    Ok(fresh == 1)
}

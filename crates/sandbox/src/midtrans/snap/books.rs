//! What Snap has written down: the pages that merchants asked for.

use crate::midtrans::books::PaymentType;
use database::{Error, FromRow, Json, ReadTx, Row, WriteTx, report_sql, sql};
use vocabulary::Timestamp;

/// A page on which the buyer chooses how to pay.
#[derive(Clone, Debug)]
pub(crate) struct Checkout {
    pub(crate) token: String,
    pub(crate) order_id: String,
    /// Whole rupiah.
    pub(crate) amount: i64,
    /// What the buyer may choose from, in the merchant's order.
    pub(crate) methods: Vec<PaymentType>,
    /// Where the buyer goes afterwards.
    pub(crate) finish_url: Option<String>,
    pub(crate) gopay_callback_url: Option<String>,
    pub(crate) dana_callback_url: Option<String>,
    /// Where notifications go; `None` is the dashboard's address.
    pub(crate) notify_urls: Vec<Option<String>>,
    pub(crate) created_at: Timestamp,
    /// When the page is over.
    pub(crate) page_ends_at: Timestamp,
    /// When the payment must be made, if the merchant said (`expiry`).
    pub(crate) pay_by: Option<Timestamp>,
    /// When it was paid or called off.
    pub(crate) closed_at: Option<Timestamp>,
}

impl Checkout {
    /// When nothing can be chosen any more.
    pub(crate) fn ends_at(&self) -> Timestamp {
        self.pay_by.map_or(self.page_ends_at, |pay_by| pay_by.min(self.page_ends_at))
    }

    /// Whether the buyer may choose a method.
    pub(crate) fn is_open(&self, now: Timestamp) -> bool {
        self.closed_at.is_none() && now < self.ends_at()
    }
}

impl FromRow for Checkout {
    fn from_row(row: &Row) -> Result<Self, Error> {
        let Json(notify_urls) = row.get("notify_urls")?;
        let methods: String = row.get("methods")?;
        let methods: Result<Vec<PaymentType>, vocabulary::UnknownWord> =
            methods.split_whitespace().map(str::parse).collect();
        Ok(Checkout {
            token: row.get("token")?,
            order_id: row.get("order_id")?,
            amount: row.get("amount")?,
            methods: methods
                .map_err(|e| Error::Column { column: "methods".into(), reason: e.to_string() })?,
            finish_url: row.get("finish_url")?,
            gopay_callback_url: row.get("gopay_callback_url")?,
            dana_callback_url: row.get("dana_callback_url")?,
            notify_urls,
            created_at: row.get("created_at")?,
            page_ends_at: row.get("page_ends_at")?,
            pay_by: row.get("pay_by")?,
            closed_at: row.get("closed_at")?,
        })
    }
}

/// Writes a new page down; false when its order id has one already.
pub(super) async fn insert(tx: &mut WriteTx, page: &Checkout) -> Result<bool, Error> {
    let methods: Vec<&str> = page.methods.iter().map(|method| method.as_str()).collect();
    let inserted = sql!(
        "INSERT INTO world_midtrans_snap
            (token, order_id, amount, methods, finish_url, gopay_callback_url, dana_callback_url, notify_urls,
             created_at, page_ends_at, pay_by, closed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (order_id) DO NOTHING"
    )
    .bind(&page.token)
    .bind(&page.order_id)
    .bind(page.amount)
    .bind(methods.join(" "))
    .bind(page.finish_url.as_ref())
    .bind(page.gopay_callback_url.as_ref())
    .bind(page.dana_callback_url.as_ref())
    .bind(Json(&page.notify_urls))
    .bind(page.created_at)
    .bind(page.page_ends_at)
    .bind(page.pay_by)
    .bind(page.closed_at)
    .run(tx)
    .await?;
    Ok(inserted == 1)
}

/// Lets nothing be chosen any more: it was paid, or called off.
pub(crate) async fn close(tx: &mut WriteTx, token: &str, now: Timestamp) -> Result<(), Error> {
    sql!("UPDATE world_midtrans_snap SET closed_at = $2 WHERE token = $1 AND closed_at IS NULL")
        .bind(token)
        .bind(now)
        .run(tx)
        .await?;
    Ok(())
}

/// The page with this token.
pub(crate) async fn page(tx: &mut ReadTx, token: &str) -> Result<Option<Checkout>, Error> {
    sql!("SELECT * FROM world_midtrans_snap WHERE token = $1").bind(token).optional(tx).await
}

/// The page for this order id.
pub(crate) async fn page_of_order(tx: &mut ReadTx, order_id: &str) -> Result<Option<Checkout>, Error> {
    sql!("SELECT * FROM world_midtrans_snap WHERE order_id = $1").bind(order_id).optional(tx).await
}

/// The pages whose order id is this number and a hyphen and more, newest first.
pub(crate) async fn pages_of_number(tx: &mut ReadTx, number: &str) -> Result<Vec<Checkout>, Error> {
    // `.` is the character after `-`: a range, so that the index on order_id serves.
    sql!(
        "SELECT * FROM world_midtrans_snap WHERE order_id >= $1 AND order_id < $2
         ORDER BY created_at DESC, order_id DESC LIMIT 100"
    )
    .bind(format!("{number}-"))
    .bind(format!("{number}."))
    .all(tx)
    .await
}

/// The newest pages.
pub(crate) async fn newest_pages(tx: &mut ReadTx) -> Result<Vec<Checkout>, Error> {
    report_sql!("SELECT * FROM world_midtrans_snap ORDER BY created_at DESC, order_id DESC LIMIT 1000")
        .query()
        .all(tx)
        .await
}

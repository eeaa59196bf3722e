//! What Digiflazz has written down: transactions, the buyer's deposit, and when a list was asked for.

use super::codes::Status;
use database::{Error, FromRow, ReadTx, Row, WriteTx, report_sql, sql};
use vocabulary::Timestamp;

/// One transaction.
#[derive(Clone, Debug)]
pub(crate) struct Transaction {
    pub(crate) id: String,
    pub(crate) ref_id: String,
    pub(crate) sku: String,
    pub(crate) customer_no: String,
    pub(crate) status: Status,
    pub(crate) rc: String,
    pub(crate) sn: String,
    pub(crate) price: i64,
    /// What the deposit is short of for it now.
    pub(crate) charged: i64,
    pub(crate) times_charged: i64,
    /// How many times the goods were delivered.
    pub(crate) deliveries: i64,
    /// The deposit after the last change.
    pub(crate) last_deposit: i64,
    pub(crate) cb_url: Option<String>,
    pub(crate) created_at: Timestamp,
    /// When it was last answered for.
    pub(crate) answered_at: Timestamp,
    /// What it turns into, and when.
    pub(crate) next: Option<Next>,
}

/// What a transaction turns into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Next {
    pub(crate) status: Status,
    pub(crate) rc: String,
    pub(crate) due_at: Timestamp,
}

impl FromRow for Transaction {
    fn from_row(row: &Row) -> Result<Self, Error> {
        let (status, rc, due_at) = (row.get("next_status")?, row.get("next_rc")?, row.get("due_at")?);
        let next = match (status, rc, due_at) {
            (Some(status), Some(rc), Some(due_at)) => Some(Next { status, rc, due_at }),
            _ => None,
        };
        Ok(Transaction {
            id: row.get("id")?,
            ref_id: row.get("ref_id")?,
            sku: row.get("sku")?,
            customer_no: row.get("customer_no")?,
            status: row.get("status")?,
            rc: row.get("rc")?,
            sn: row.get("sn")?,
            price: row.get("price")?,
            charged: row.get("charged")?,
            times_charged: row.get("times_charged")?,
            deliveries: row.get("deliveries")?,
            last_deposit: row.get("last_deposit")?,
            cb_url: row.get("cb_url")?,
            created_at: row.get("created_at")?,
            answered_at: row.get("answered_at")?,
            next,
        })
    }
}

/// Writes a new transaction down.
pub(super) async fn insert(tx: &mut WriteTx, t: &Transaction) -> Result<(), Error> {
    let next = t.next.as_ref();
    sql!(
        "INSERT INTO world_digiflazz_transaction
            (id, ref_id, sku, customer_no, status, rc, sn, price, charged, times_charged, deliveries, last_deposit,
             cb_url, created_at, answered_at, next_status, next_rc, due_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)"
    )
    .bind(&t.id)
    .bind(&t.ref_id)
    .bind(&t.sku)
    .bind(&t.customer_no)
    .bind(t.status)
    .bind(&t.rc)
    .bind(&t.sn)
    .bind(t.price)
    .bind(t.charged)
    .bind(t.times_charged)
    .bind(t.deliveries)
    .bind(t.last_deposit)
    .bind(t.cb_url.as_ref())
    .bind(t.created_at)
    .bind(t.answered_at)
    .bind(next.map(|n| n.status))
    .bind(next.map(|n| n.rc.clone()))
    .bind(next.map(|n| n.due_at))
    .run(tx)
    .await?;
    Ok(())
}

/// Writes down what has changed about a transaction.
pub(super) async fn save(tx: &mut WriteTx, t: &Transaction) -> Result<(), Error> {
    let next = t.next.as_ref();
    sql!(
        "UPDATE world_digiflazz_transaction
         SET status = $2, rc = $3, sn = $4, charged = $5, times_charged = $6, deliveries = $7, last_deposit = $8,
             answered_at = $9, next_status = $10, next_rc = $11, due_at = $12
         WHERE id = $1"
    )
    .bind(&t.id)
    .bind(t.status)
    .bind(&t.rc)
    .bind(&t.sn)
    .bind(t.charged)
    .bind(t.times_charged)
    .bind(t.deliveries)
    .bind(t.last_deposit)
    .bind(t.answered_at)
    .bind(next.map(|n| n.status))
    .bind(next.map(|n| n.rc.clone()))
    .bind(next.map(|n| n.due_at))
    .run(tx)
    .await?;
    Ok(())
}

/// The latest transaction with this reference.
pub(super) async fn latest(tx: &mut ReadTx, ref_id: &str) -> Result<Option<Transaction>, Error> {
    sql!("SELECT * FROM world_digiflazz_transaction WHERE ref_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1")
        .bind(ref_id)
        .optional(tx)
        .await
}

/// Whether the same goods were bought for the same number since then, and not given back.
pub(super) async fn bought_since(
    tx: &mut ReadTx,
    sku: &str,
    customer_no: &str,
    since: Timestamp,
) -> Result<bool, Error> {
    let found: Option<String> = sql!(
        "SELECT id FROM world_digiflazz_transaction
         WHERE sku = $1 AND customer_no = $2 AND created_at >= $3 AND charged > 0 LIMIT 1"
    )
    .bind(sku)
    .bind(customer_no)
    .bind(since)
    .optional(tx)
    .await?;
    Ok(found.is_some())
}

/// How many of a product were bought and not given back.
pub(super) async fn sold(tx: &mut ReadTx, sku: &str) -> Result<i64, Error> {
    report_sql!("SELECT COUNT(*) FROM world_digiflazz_transaction WHERE sku = $1 AND charged > 0")
        .bind(sku)
        .one(tx)
        .await
}

/// Transactions that turn into something now.
pub(super) async fn due(tx: &mut ReadTx, now: Timestamp) -> Result<Vec<Transaction>, Error> {
    sql!("SELECT * FROM world_digiflazz_transaction WHERE due_at <= $1 ORDER BY due_at LIMIT 500")
        .bind(now)
        .all(tx)
        .await
}

/// When the next one turns.
pub(crate) async fn due_next(tx: &mut ReadTx) -> Result<Option<Timestamp>, Error> {
    sql!("SELECT MIN(due_at) FROM world_digiflazz_transaction WHERE due_at IS NOT NULL").query().one(tx).await
}

/// The newest transactions.
pub(crate) async fn newest(tx: &mut ReadTx) -> Result<Vec<Transaction>, Error> {
    report_sql!("SELECT * FROM world_digiflazz_transaction ORDER BY created_at DESC, id DESC LIMIT 1000")
        .query()
        .all(tx)
        .await
}

/// The buyer's deposit.
pub(crate) async fn deposit(tx: &mut ReadTx) -> Result<i64, Error> {
    sql!("SELECT deposit FROM world_digiflazz_account WHERE id = 1").query().one(tx).await
}

/// Sets the buyer's deposit.
pub(crate) async fn set_deposit(tx: &mut WriteTx, deposit: i64) -> Result<(), Error> {
    sql!("UPDATE world_digiflazz_account SET deposit = $1 WHERE id = 1").bind(deposit).run(tx).await?;
    Ok(())
}

/// When a list was last asked for.
pub(super) async fn list_asked_at(tx: &mut ReadTx, list: &str) -> Result<Option<Timestamp>, Error> {
    sql!("SELECT asked_at FROM world_digiflazz_limit WHERE list = $1").bind(list).optional(tx).await
}

/// Notes that a list was asked for.
pub(super) async fn note_list(tx: &mut WriteTx, list: &str, now: Timestamp) -> Result<(), Error> {
    sql!(
        "INSERT INTO world_digiflazz_limit (list, asked_at) VALUES ($1, $2)
         ON CONFLICT (list) DO UPDATE SET asked_at = excluded.asked_at"
    )
    .bind(list)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

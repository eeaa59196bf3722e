//! The rows: orders and deposits.

use crate::world::Target;
use database::{Error, FromRow, ReadTx, Row, WriteTx, report_sql, sql};
use vocabulary::Timestamp;

vocabulary::text_enum!(
    /// How an order stands. Each party has its own word for it.
    pub(crate) enum State {
        /// Taken, and not looked at.
        Waiting = "waiting",
        /// Under way.
        Processing = "processing",
        /// Delivered.
        Done = "done",
        /// Of a bundle a part was delivered.
        Part = "part",
        /// Not delivered, or taken back.
        Failed = "failed",
        /// The party's own source gave an answer that it does not know.
        Unclear = "unclear",
    }
);
database::text_column!(State);

/// One order.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// The party's own number.
    pub(crate) id: String,
    pub(crate) target: Target,
    /// The shop's reference; empty where the party takes none.
    pub(crate) ref_id: String,
    pub(crate) sku: String,
    pub(crate) account: String,
    pub(crate) zone: String,
    pub(crate) state: State,
    /// The serial number of what was delivered, or why it was not.
    pub(crate) note: String,
    pub(crate) price: i64,
    /// What the deposit is short of for it now.
    pub(crate) charged: i64,
    pub(crate) times_charged: i64,
    /// How many times goods were delivered.
    pub(crate) deliveries: i64,
    /// The deposit after the last change.
    pub(crate) last_deposit: i64,
    pub(crate) created_at: Timestamp,
    /// What it turns into, and when.
    pub(crate) next: Option<(State, Timestamp)>,
}

impl FromRow for Order {
    fn from_row(row: &Row) -> Result<Self, Error> {
        let next: (Option<State>, Option<Timestamp>) = (row.get("next_state")?, row.get("due_at")?);
        Ok(Order {
            id: row.get("id")?,
            target: row.get("target")?,
            ref_id: row.get("ref_id")?,
            sku: row.get("sku")?,
            account: row.get("account")?,
            zone: row.get("zone")?,
            state: row.get("state")?,
            note: row.get("note")?,
            price: row.get("price")?,
            charged: row.get("charged")?,
            times_charged: row.get("times_charged")?,
            deliveries: row.get("deliveries")?,
            last_deposit: row.get("last_deposit")?,
            created_at: row.get("created_at")?,
            next: next.0.zip(next.1),
        })
    }
}

/// Writes a new order down.
pub(super) async fn insert(tx: &mut WriteTx, order: &Order) -> Result<(), Error> {
    sql!(
        "INSERT INTO world_goods_order (id, target, ref_id, sku, account, zone, state, note, price, charged,
             times_charged, deliveries, last_deposit, created_at, next_state, due_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
    )
    .bind(&order.id)
    .bind(order.target)
    .bind(&order.ref_id)
    .bind(&order.sku)
    .bind(&order.account)
    .bind(&order.zone)
    .bind(order.state)
    .bind(&order.note)
    .bind(order.price)
    .bind(order.charged)
    .bind(order.times_charged)
    .bind(order.deliveries)
    .bind(order.last_deposit)
    .bind(order.created_at)
    .bind(order.next.map(|next| next.0))
    .bind(order.next.map(|next| next.1))
    .run(tx)
    .await?;
    Ok(())
}

/// Writes down what has changed about an order.
pub(super) async fn save(tx: &mut WriteTx, order: &Order) -> Result<(), Error> {
    sql!(
        "UPDATE world_goods_order SET state = $2, note = $3, charged = $4, times_charged = $5, deliveries = $6,
             last_deposit = $7, next_state = $8, due_at = $9 WHERE id = $1"
    )
    .bind(&order.id)
    .bind(order.state)
    .bind(&order.note)
    .bind(order.charged)
    .bind(order.times_charged)
    .bind(order.deliveries)
    .bind(order.last_deposit)
    .bind(order.next.map(|next| next.0))
    .bind(order.next.map(|next| next.1))
    .run(tx)
    .await?;
    Ok(())
}

/// The order with this number of the party's.
pub(crate) async fn by_id(tx: &mut ReadTx, target: Target, id: &str) -> Result<Option<Order>, Error> {
    sql!("SELECT * FROM world_goods_order WHERE id = $1 AND target = $2")
        .bind(id)
        .bind(target)
        .optional(tx)
        .await
}

/// The first order under this reference of the shop's.
pub(crate) async fn by_reference(
    tx: &mut ReadTx,
    target: Target,
    ref_id: &str,
) -> Result<Option<Order>, Error> {
    sql!("SELECT * FROM world_goods_order WHERE target = $1 AND ref_id = $2 ORDER BY created_at, id LIMIT 1")
        .bind(target)
        .bind(ref_id)
        .optional(tx)
        .await
}

/// The newest orders of a party.
pub(crate) async fn newest(tx: &mut ReadTx, target: Target, limit: i64) -> Result<Vec<Order>, Error> {
    report_sql!(
        "SELECT * FROM world_goods_order WHERE target = $1 ORDER BY created_at DESC, id DESC LIMIT $2"
    )
    .bind(target)
    .bind(limit)
    .all(tx)
    .await
}

/// Orders that turn into something now.
pub(super) async fn due(tx: &mut ReadTx, now: Timestamp) -> Result<Vec<Order>, Error> {
    sql!("SELECT * FROM world_goods_order WHERE due_at <= $1 ORDER BY due_at LIMIT 500")
        .bind(now)
        .all(tx)
        .await
}

/// When the next one turns.
pub(crate) async fn due_next(tx: &mut ReadTx) -> Result<Option<Timestamp>, Error> {
    sql!("SELECT MIN(due_at) FROM world_goods_order WHERE due_at IS NOT NULL").query().one(tx).await
}

/// How many of a product were bought and not given back.
pub(super) async fn sold(tx: &mut ReadTx, target: Target, sku: &str) -> Result<i64, Error> {
    report_sql!("SELECT COUNT(*) FROM world_goods_order WHERE target = $1 AND sku = $2 AND state <> 'failed'")
        .bind(target)
        .bind(sku)
        .one(tx)
        .await
}

/// The shop's deposit at a party.
pub(crate) async fn deposit(tx: &mut ReadTx, target: Target) -> Result<i64, Error> {
    sql!("SELECT deposit FROM world_goods_account WHERE target = $1").bind(target).one(tx).await
}

/// Sets the shop's deposit at a party.
pub(crate) async fn set_deposit(tx: &mut WriteTx, target: Target, deposit: i64) -> Result<(), Error> {
    sql!("UPDATE world_goods_account SET deposit = $2 WHERE target = $1")
        .bind(target)
        .bind(deposit)
        .run(tx)
        .await?;
    Ok(())
}

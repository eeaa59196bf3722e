//! What happened to an order, as its buyer and staff read it.

use crate::OrderState;
use database::{Error, FromRow, ReadTx, Row, WriteTx, sql};
use vocabulary::{Ids, OrderId, TimelineId, Timestamp};

/// One line of an order's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineEntry {
    /// When.
    pub at: Timestamp,
    /// What: a state (`paid`), or an event (`payment_opened`, `slow_5_minutes`).
    pub kind: String,
    /// More about it.
    pub detail: Option<String>,
}

impl FromRow for TimelineEntry {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(TimelineEntry { at: row.get("at")?, kind: row.get("kind")?, detail: row.get("detail")? })
    }
}

/// Adds a line. What shows the order somewhere outside is out of date then.
pub(crate) async fn append(
    tx: &mut WriteTx,
    ids: &Ids,
    now: Timestamp,
    (order, state): (&OrderId, OrderState),
    (kind, detail): (&str, Option<&str>),
) -> Result<(), Error> {
    sql!("INSERT INTO order_event (id, order_id, at, kind, state, detail) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(TimelineId::new(ids, now))
        .bind(order)
        .bind(now)
        .bind(kind)
        .bind(state)
        .bind(detail)
        .run(tx)
        .await?;
    notifications::refresh_screens(tx, order, now).await?;
    Ok(())
}

/// The history of an order, oldest first: its own lines and the messages that the buyer gets.
pub(crate) async fn timeline(tx: &mut ReadTx, order: &OrderId) -> Result<Vec<TimelineEntry>, Error> {
    sql!(
        "SELECT at, kind, detail FROM (
             SELECT id, at, kind, detail, 0 AS source FROM order_event WHERE order_id = $1
             UNION ALL
             SELECT id, created_at AS at, 'message:' || kind AS kind, detail, 1 AS source
             FROM outbox_message WHERE order_id = $1 AND audience = 'buyer'
         ) AS history ORDER BY at, source, id LIMIT 500"
    )
    .bind(order)
    .all(tx)
    .await
}

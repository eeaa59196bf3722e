//! Messages to people. What is told once is told once, however often it is decided.

use database::{Error, FromRow, ReadTx, Row, WriteTx, sql};
use vocabulary::{Ids, OrderId, OutboxMessageId, Timestamp};

vocabulary::text_enum!(
    /// Who a message is for.
    pub enum Audience {
        /// The buyer of the order.
        Buyer = "buyer",
        /// Those who run the shop.
        Staff = "staff",
    }
);

vocabulary::text_enum!(
    /// What a message tells.
    pub enum MessageKind {
        /// The product has arrived.
        Delivered = "delivered",
        /// The serial number of the product has become known.
        SerialNumber = "serial_number",
        /// The money is back in the wallet.
        Refunded = "refunded",
        /// Money that came too late, or twice, is in the wallet.
        Credited = "credited",
        /// The supplier has not answered for 5 minutes.
        SlowFiveMinutes = "slow_5_minutes",
        /// The supplier has not answered for 30 minutes.
        SlowThirtyMinutes = "slow_30_minutes",
        /// The supplier has not answered for 120 minutes; a person looks at it.
        SlowTwoHours = "slow_120_minutes",
        /// A person has to decide about the order.
        NeedsAttention = "needs_attention",
        /// The order was stopped or refused.
        Refused = "refused",
        /// The time for paying is over.
        Expired = "expired",
    }
);
database::text_column!(Audience, MessageKind);

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// When it was written.
    pub at: Timestamp,
    /// For whom.
    pub audience: Audience,
    /// What it tells.
    pub kind: MessageKind,
    /// More about it: a serial number, an amount.
    pub detail: Option<String>,
}

impl FromRow for Message {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Message {
            at: row.get("created_at")?,
            audience: row.get("audience")?,
            kind: row.get("kind")?,
            detail: row.get("detail")?,
        })
    }
}

/// Queues a message, once for `once_key`. True when it is new.
pub async fn enqueue(
    tx: &mut WriteTx,
    ids: &Ids,
    now: Timestamp,
    order: &OrderId,
    once_key: &str,
    (audience, kind, detail): (Audience, MessageKind, Option<&str>),
) -> Result<bool, Error> {
    let added = sql!(
        "INSERT INTO outbox_message (id, once_key, order_id, audience, kind, detail, state, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, 'queued', $7) ON CONFLICT (once_key) DO NOTHING"
    )
    .bind(OutboxMessageId::new(ids, now))
    .bind(once_key)
    .bind(order)
    .bind(audience)
    .bind(kind)
    .bind(detail)
    .bind(now)
    .run(tx)
    .await?;
    Ok(added > 0)
}

/// The messages about an order, oldest first.
pub async fn messages_of_order(tx: &mut ReadTx, order: &OrderId) -> Result<Vec<Message>, Error> {
    sql!("SELECT created_at, audience, kind, detail FROM outbox_message WHERE order_id = $1 ORDER BY id LIMIT 200")
        .bind(order)
        .all(tx)
        .await
}

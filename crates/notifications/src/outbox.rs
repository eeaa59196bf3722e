//! Messages to people. What is told once is told once, however often it is decided.

use database::{Claim, Error, FromRow, ReadTx, Row, RowQueue, WriteTx, queue_sql, sql};
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
        /// The money is on its way to where it came from.
        RefundSent = "refund_sent",
        /// Whoever collected it has given the money back to where it came from.
        RefundArrived = "refund_arrived",
        /// The money could not go back to where it came from, and is in the wallet.
        RefundBecameCredit = "refund_became_credit",
        /// It was not bought, because its supplier asks more than its price allows; the money goes back.
        PriceMoved = "price_moved",
        /// A part of the product has arrived; a person sees to the rest.
        PartlyDelivered = "partly_delivered",
        /// A part of the product was delivered, and the money for the rest is in the wallet.
        ShareGivenBack = "share_given_back",
        /// The same, and the gateway gave back the money for the rest, or some of it. Detail: what was still owed,
        /// and is in the wallet.
        ShareWentBack = "share_went_back",
        /// Money that came too late, or twice, is in the wallet.
        Credited = "credited",
        /// The supplier took the product back when the gateway had given the money back: the order is over.
        TakenBack = "taken_back",
        /// The supplier took back what the buyer was told to have; the money goes back.
        DeliveryTakenBack = "delivery_taken_back",
        /// The gateway gave the money back while nothing was earned with it: the order is over.
        MoneyReturned = "money_returned",
        /// The gateway gave back the payment of a deposit, which leaves the wallet again. Detail: how much was
        /// still there.
        CreditTakenBack = "credit_taken_back",
        /// The gateway gave back money that had become store credit, and the order is not over by that: a part of
        /// a deposit, or what had come in beside a purchase. It leaves the wallet again. Detail: how much was
        /// still there.
        CreditLess = "credit_less",
        /// The supplier has not answered for 5 minutes.
        SlowFiveMinutes = "slow_5_minutes",
        /// The supplier has not answered for 30 minutes.
        SlowThirtyMinutes = "slow_30_minutes",
        /// The supplier has not answered for 120 minutes; a person looks at it.
        SlowTwoHours = "slow_120_minutes",
        /// Nobody can deliver it at this moment; it goes on by itself. Detail: until when, if that is known.
        WaitsForSupplier = "waits_for_supplier",
        /// It was paid 5 minutes ago, and nobody can deliver it yet.
        WaitsFiveMinutes = "waits_5_minutes",
        /// It was paid 30 minutes ago, and nobody can deliver it yet.
        WaitsThirtyMinutes = "waits_30_minutes",
        /// It was paid 120 minutes ago, and nobody can deliver it yet; a person was called.
        WaitsTwoHours = "waits_120_minutes",
        /// Its supplier takes no orders from this shop: it does not go on before a person has seen to that.
        HeldUp = "held_up",
        /// It was paid 5 minutes ago, and is held up like that.
        HeldFiveMinutes = "held_5_minutes",
        /// It was paid 30 minutes ago, and is held up like that.
        HeldThirtyMinutes = "held_30_minutes",
        /// It was paid 120 minutes ago, and is held up like that.
        HeldTwoHours = "held_120_minutes",
        /// It was delivered after its money had begun to go back: the buyer owes nothing for it.
        LateDelivery = "late_delivery",
        /// A part of it was delivered after its money had begun to go back: the buyer owes nothing for it.
        LatePart = "late_part",
        /// The rest of what was delivered in part has arrived, after a person had said what it was worth.
        RestDelivered = "rest_delivered",
        /// What was delivered so late was taken back by the supplier.
        LateDeliveryTakenBack = "late_delivery_taken_back",
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
    /// Its id, which couriers hand on so that it is shown once.
    pub id: OutboxMessageId,
    /// The order that it is about.
    pub order: Option<OrderId>,
    /// When it was written.
    pub at: Timestamp,
    /// For whom.
    pub audience: Audience,
    /// What it tells.
    pub kind: MessageKind,
    /// More about it: a serial number (sealed), an amount.
    pub detail: Option<String>,
}

impl FromRow for Message {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Message {
            id: row.get("id")?,
            order: row.get("order_id")?,
            at: row.get("created_at")?,
            audience: row.get("audience")?,
            kind: row.get("kind")?,
            detail: row.get("detail")?,
        })
    }
}

/// Messages that tell a serial number which an older version stored in the clear, after one id and up to another.
pub async fn serials_in_the_clear(
    tx: &mut ReadTx,
    (after, until): (&str, &str),
) -> Result<Vec<(OutboxMessageId, OrderId, String)>, Error> {
    sql!(
        "SELECT id, order_id, detail FROM outbox_message WHERE id > $1 AND id <= $2
             AND kind IN ('delivered', 'serial_number')
             AND order_id IS NOT NULL AND detail IS NOT NULL AND detail NOT LIKE 'sealed:%'"
    )
    .bind(after)
    .bind(until)
    .all(tx)
    .await
}

/// Puts another form in the place of what a message tells. True when it still stood there.
pub async fn replace_serial(
    tx: &mut WriteTx,
    id: &OutboxMessageId,
    (before, after): (&str, &str),
) -> Result<bool, Error> {
    let changed = sql!("UPDATE outbox_message SET detail = $3 WHERE id = $1 AND detail = $2")
        .bind(id)
        .bind(before)
        .bind(after)
        .run(tx)
        .await?;
    Ok(changed > 0)
}

/// Queues a message, once for `once_key`, for a courier to carry at once; without a courier it is read
/// in the order only. True when it is new.
pub async fn enqueue(
    tx: &mut WriteTx,
    ids: &Ids,
    now: Timestamp,
    order: &OrderId,
    once_key: &str,
    courier: Option<&str>,
    (audience, kind, detail): (Audience, MessageKind, Option<&str>),
) -> Result<bool, Error> {
    let added = sql!(
        "INSERT INTO outbox_message (id, once_key, order_id, audience, kind, detail, state, created_at, courier, due_at)
         VALUES ($1, $2, $3, $4, $5, $6, 'queued', $7, $8, $9) ON CONFLICT (once_key) DO NOTHING"
    )
    .bind(OutboxMessageId::new(ids, now))
    .bind(once_key)
    .bind(order)
    .bind(audience)
    .bind(kind)
    .bind(detail)
    .bind(now)
    .bind(courier)
    .bind(courier.map(|_| now))
    .run(tx)
    .await?;
    Ok(added > 0)
}

/// Whether a message was queued for `once_key`, whatever became of it.
pub async fn is_queued(tx: &mut ReadTx, once_key: &str) -> Result<bool, Error> {
    let found: Option<OutboxMessageId> =
        sql!("SELECT id FROM outbox_message WHERE once_key = $1").bind(once_key).optional(tx).await?;
    Ok(found.is_some())
}

/// The messages about an order, oldest first.
pub async fn messages_of_order(tx: &mut ReadTx, order: &OrderId) -> Result<Vec<Message>, Error> {
    sql!("SELECT id, order_id, created_at, audience, kind, detail FROM outbox_message WHERE order_id = $1 ORDER BY id LIMIT 200")
        .bind(order)
        .all(tx)
        .await
}

/// A message that is to be carried now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueMessage {
    /// The message.
    pub message: Message,
    /// Who carries it.
    pub courier: String,
    /// How often carrying it has failed.
    pub tries: i64,
}

impl FromRow for DueMessage {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(DueMessage {
            message: Message::from_row(row)?,
            courier: row.get::<Option<String>>("courier")?.unwrap_or_default(),
            tries: row.get("tries")?,
        })
    }
}

/// A claimed message.
pub async fn message(tx: &mut ReadTx, claim: &Claim) -> Result<Option<DueMessage>, Error> {
    sql!("SELECT * FROM outbox_message WHERE id = $1 AND fence = $2 AND state = 'queued'")
        .bind(&claim.id)
        .bind(claim.fence)
        .optional(tx)
        .await
}

/// The messages that are due.
pub const MESSAGE_QUEUE: RowQueue = queue_sql!("outbox_message");

/// A message has arrived. False when another worker has claimed it since.
pub async fn message_arrived(
    tx: &mut WriteTx,
    claim: &Claim,
    note: Option<&str>,
    now: Timestamp,
) -> Result<bool, Error> {
    let changed = sql!(
        "UPDATE outbox_message SET state = 'delivered', delivered_at = $3, note = $4, due_at = NULL,
                lease_until = NULL, claims = 0
         WHERE id = $1 AND fence = $2 AND state = 'queued'"
    )
    .bind(&claim.id)
    .bind(claim.fence)
    .bind(now)
    .bind(note)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// A message has not arrived (yet): it is tried again at `again`, or never by itself. That it was tried is
/// progress: only claims that end in nothing make a row that is parked.
pub async fn message_waits(
    tx: &mut WriteTx,
    claim: &Claim,
    note: &str,
    again: Option<Timestamp>,
) -> Result<bool, Error> {
    let changed = sql!(
        "UPDATE outbox_message SET state = CASE WHEN CAST($4 AS BIGINT) IS NULL THEN 'parked' ELSE state END, note = $3,
                due_at = $4, lease_until = NULL, claims = 0, tries = tries + 1
         WHERE id = $1 AND fence = $2 AND state = 'queued'"
    )
    .bind(&claim.id)
    .bind(claim.fence)
    .bind(note)
    .bind(again)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// Takes a message that did not arrive up again. True when it was parked.
pub async fn unpark_message(tx: &mut WriteTx, id: &str, now: Timestamp) -> Result<bool, Error> {
    let changed = sql!(
        "UPDATE outbox_message SET state = 'queued', due_at = $2, claims = 0, tries = 0 WHERE id = $1 AND state = 'parked'"
    )
    .bind(id)
    .bind(now)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

//! The row of a fulfilment attempt: how it is stored, found, claimed and changed.

use crate::Verdict;
use database::{Error, FromRow, ReadTx, Row, RowQueue, WriteTx, queue_sql, sql};
use std::time::Duration;
use vocabulary::{AttemptId, Ids, OrderId, OrderNumber, Purpose, Reference, Rupiah, Timestamp};

vocabulary::text_enum!(
    /// State of a fulfilment attempt.
    pub enum AttemptState {
        /// Stored, never sent (or certainly not arrived).
        Intended = "intended",
        /// On its way: it may or may not have arrived.
        Sent = "sent",
        /// The supplier has it and has not decided.
        Pending = "pending",
        /// What became of it is not known.
        Unknown = "unknown",
        /// Delivered.
        Succeeded = "succeeded",
        /// A part was delivered.
        PartlySucceeded = "partly_succeeded",
        /// Nothing was delivered and nothing will be.
        Failed = "failed",
        /// Delivered (or accepted), then taken back and credited to us.
        Reversed = "reversed",
    }
);
database::text_column!(AttemptState);

/// This long after its first send nothing is sent again, whatever its supplier allows: the database
/// refuses to record it (migration `0010_attempt_age`). Five days before Digiflazz forgets a reference.
pub const RESEND_LIMIT: Duration = Duration::from_secs(85 * 86_400);

impl AttemptState {
    /// Whether the supplier may still deliver, or has delivered.
    pub fn is_live(self) -> bool {
        !matches!(self, AttemptState::Failed | AttemptState::Reversed)
    }

    /// Whether it is not decided what becomes of it.
    pub fn is_open(self) -> bool {
        self.is_live() && !matches!(self, AttemptState::Succeeded | AttemptState::PartlySucceeded)
    }
}

/// One try to buy the product of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// The order.
    pub order: OrderId,
    /// What the supplier knows it by.
    pub reference: Reference,
    /// Who is to deliver.
    pub supplier: String,
    /// The supplier's code of the product.
    pub sku: String,
    /// The account in the supplier's form.
    pub customer_no: String,
    /// Not to be bought above this.
    pub max_price: Rupiah,
    /// Where it stands.
    pub state: AttemptState,
    /// The supplier's last code.
    pub code: Option<String>,
    /// The supplier's last words, for staff.
    pub message: Option<String>,
    /// Proof of delivery, as whoever stores the attempt wants it kept.
    pub serial_number: Option<String>,
    /// What the supplier took.
    pub price: Option<Rupiah>,
    /// The supplier's own number of it.
    pub number: Option<String>,
    /// Its numbers of purchases that were there before, with spaces between; none when nobody looked.
    pub earlier: Option<String>,
    /// When it was sent for the first time: asking stops 85 days after.
    pub first_sent_at: Option<Timestamp>,
    /// When it was last sent.
    pub last_asked_at: Option<Timestamp>,
    /// When the supplier last answered, or was given up on.
    pub answered_at: Option<Timestamp>,
    /// How often it was sent.
    pub asked: i64,
    /// When a failure that may turn out a success was first reported.
    pub doubted_at: Option<Timestamp>,
    /// How many messages about a slow supplier were written.
    pub reminders: i64,
    /// When the next of them is to be written.
    pub remind_at: Option<Timestamp>,
    /// Why it was made where it was: JSON, for staff.
    pub routing: Option<String>,
    /// What its supplier last said of it.
    pub verdict: Option<Verdict>,
    /// When it was delivered, or held to have failed.
    pub ended_at: Option<Timestamp>,
    /// When it was first held to have failed: what has succeeded and has such a moment came too late.
    pub failed_at: Option<Timestamp>,
    /// When it was intended.
    pub created_at: Timestamp,
    /// Reasons to ask that came from outside.
    pub nudges: i64,
    /// Number of the latest claim.
    pub fence: i64,
    /// When it is to be worked on next.
    pub due_at: Option<Timestamp>,
}

impl FromRow for Attempt {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Attempt {
            id: row.get("id")?,
            order: row.get("order_id")?,
            reference: row.get("reference")?,
            supplier: row.get("supplier")?,
            sku: row.get("sku")?,
            customer_no: row.get("customer_no")?,
            max_price: row.get("max_price")?,
            state: row.get("state")?,
            code: row.get("code")?,
            message: row.get("message")?,
            serial_number: row.get("serial_number")?,
            price: row.get("price")?,
            number: row.get("supplier_number")?,
            earlier: row.get("numbers_before")?,
            first_sent_at: row.get("first_sent_at")?,
            last_asked_at: row.get("last_asked_at")?,
            answered_at: row.get("answered_at")?,
            asked: row.get("asked")?,
            doubted_at: row.get("doubted_at")?,
            reminders: row.get("reminders")?,
            remind_at: row.get("remind_at")?,
            routing: row.get("routing")?,
            verdict: row.get("verdict")?,
            ended_at: row.get("ended_at")?,
            failed_at: row.get("failed_at")?,
            created_at: row.get("created_at")?,
            nudges: row.get("nudges")?,
            fence: row.get("fence")?,
            due_at: row.get("due_at")?,
        })
    }
}

/// What a new attempt is to buy.
#[derive(Clone, Debug)]
pub struct AttemptIntent<'a> {
    /// The order.
    pub order: &'a OrderId,
    /// Its number, from which the reference is derived.
    pub number: &'a OrderNumber,
    /// Who is to deliver.
    pub supplier: &'a str,
    /// The supplier's code of the product.
    pub sku: &'a str,
    /// The account in the supplier's form.
    pub customer_no: &'a str,
    /// Not to be bought above this.
    pub max_price: Rupiah,
    /// Why here: JSON, for staff.
    pub routing: Option<&'a str>,
    /// Not to be sent before this moment; at once without one.
    pub not_before: Option<Timestamp>,
}

/// Stores the intent of an attempt, due as soon as it may be, unless one of the order may still deliver (or has
/// delivered): then `None`, and nothing is stored. The database decides.
pub async fn intend_attempt(
    tx: &mut WriteTx,
    ids: &Ids,
    now: Timestamp,
    intent: &AttemptIntent<'_>,
) -> Result<Option<Attempt>, Error> {
    let last: i64 = sql!("SELECT COALESCE(MAX(sequence), 0) FROM fulfilment_attempt WHERE order_id = $1")
        .bind(intent.order)
        .one(tx)
        .await?;
    let sequence = u32::try_from(last.saturating_add(1)).unwrap_or(u32::MAX);
    let reference = Reference::new(intent.number, Purpose::Fulfilment, sequence);
    sql!(
        "INSERT INTO fulfilment_attempt (id, order_id, reference, sequence, supplier, sku, customer_no, max_price,
                                         state, created_at, updated_at, due_at, remind_at, routing)
         SELECT $1, $2, $3, CAST($4 AS BIGINT), $5, $6, $7, CAST($8 AS BIGINT), 'intended',
                CAST($9 AS BIGINT), CAST($9 AS BIGINT), CAST($11 AS BIGINT), CAST($10 AS BIGINT), CAST($12 AS TEXT)
         WHERE NOT EXISTS (SELECT 1 FROM fulfilment_attempt
                           WHERE order_id = $2 AND state IN ('succeeded', 'partly_succeeded'))
         ON CONFLICT DO NOTHING RETURNING *"
    )
    .bind(AttemptId::new(ids, now))
    .bind(intent.order)
    .bind(&reference)
    .bind(sequence)
    .bind(intent.supplier)
    .bind(intent.sku)
    .bind(intent.customer_no)
    .bind(intent.max_price)
    .bind(now)
    .bind(crate::REMINDERS.first().map(|after| now.plus(*after)))
    .bind(intent.not_before.map_or(now, |moment| moment.max(now)))
    .bind(intent.routing)
    .optional(tx)
    .await
}

/// The attempt with its row locked until the transaction ends.
pub async fn attempt_locked(tx: &mut WriteTx, id: &AttemptId) -> Result<Option<Attempt>, Error> {
    sql!(
        sqlite: "SELECT * FROM fulfilment_attempt WHERE id = $1",
        postgres: "SELECT * FROM fulfilment_attempt WHERE id = $1 FOR UPDATE"
    )
    .bind(id)
    .optional(tx)
    .await
}

/// The attempt, to look at.
pub async fn attempt(tx: &mut ReadTx, id: &AttemptId) -> Result<Option<Attempt>, Error> {
    sql!("SELECT * FROM fulfilment_attempt WHERE id = $1").bind(id).optional(tx).await
}

/// The attempt that a supplier knows by this reference.
pub async fn attempt_by_reference(tx: &mut ReadTx, reference: &str) -> Result<Option<Attempt>, Error> {
    sql!("SELECT * FROM fulfilment_attempt WHERE reference = $1").bind(reference).optional(tx).await
}

/// The attempts of an order, oldest first.
pub async fn attempts_of_order(tx: &mut ReadTx, order: &OrderId) -> Result<Vec<Attempt>, Error> {
    sql!("SELECT * FROM fulfilment_attempt WHERE order_id = $1 ORDER BY sequence").bind(order).all(tx).await
}

/// The attempts that are due.
pub const ATTEMPT_QUEUE: RowQueue = queue_sql!("fulfilment_attempt");

/// Marks an attempt as sent at `now`, before the call is made, and keeps the lease. Says when it was
/// first sent; `None` when another worker has claimed it since, or it moved on.
///
/// # Errors
/// When the database refuses: also when the first send was [`RESEND_LIMIT`] ago.
pub async fn mark_attempt_sent(
    tx: &mut WriteTx,
    attempt: &Attempt,
    now: Timestamp,
) -> Result<Option<Timestamp>, Error> {
    let next = if attempt.state == AttemptState::Intended { AttemptState::Sent } else { attempt.state };
    sql!(
        "UPDATE fulfilment_attempt SET state = $4, first_sent_at = COALESCE(first_sent_at, $5), last_asked_at = $5,
                asked = asked + 1, updated_at = $5
         WHERE id = $1 AND fence = $2 AND state = $3 RETURNING first_sent_at"
    )
    .bind(&attempt.id)
    .bind(attempt.fence)
    .bind(attempt.state)
    .bind(next)
    .bind(now)
    .optional(tx)
    .await
}

/// Attempts whose serial number an older version stored in the clear, after one id and up to another.
pub async fn serials_in_the_clear(
    tx: &mut ReadTx,
    (after, until): (&str, &str),
) -> Result<Vec<Attempt>, Error> {
    sql!(
        "SELECT * FROM fulfilment_attempt WHERE id > $1 AND id <= $2
             AND serial_number IS NOT NULL AND serial_number NOT LIKE 'sealed:%'"
    )
    .bind(after)
    .bind(until)
    .all(tx)
    .await
}

/// Puts another form in the place of an attempt's serial number, and of the words that named it. True when it was
/// as it was read.
pub async fn replace_serial(
    tx: &mut WriteTx,
    attempt: &Attempt,
    serial_number: &str,
    message: Option<&str>,
) -> Result<bool, Error> {
    let changed = sql!(
        "UPDATE fulfilment_attempt SET serial_number = $3, message = $4
         WHERE id = $1 AND serial_number = $2 AND COALESCE(message, '') = COALESCE($5, '')"
    )
    .bind(&attempt.id)
    .bind(&attempt.serial_number)
    .bind(serial_number)
    .bind(message)
    .bind(&attempt.message)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// Stores an attempt after a step, frees its lease, and makes it due at once when something gave a reason to ask
/// meanwhile, unless nothing is known to have been sent. The caller holds its row; `fence` is the claim it works under, or
/// the row's own for news that came by webhook. False when another worker has claimed it since: nothing was changed.
pub async fn store_attempt(
    tx: &mut WriteTx,
    attempt: &Attempt,
    fence: i64,
    now: Timestamp,
) -> Result<bool, Error> {
    let changed = sql!(
        "UPDATE fulfilment_attempt SET state = $3, code = $4, message = $5, serial_number = $6, price = $7,
                doubted_at = $8, reminders = $9, remind_at = $10, first_sent_at = $11, updated_at = $12,
                due_at = CASE WHEN nudges > $19 AND CAST($11 AS BIGINT) IS NOT NULL THEN CAST($12 AS BIGINT)
                              ELSE CAST($13 AS BIGINT) END,
                answered_at = $14, supplier_number = $15, verdict = $16, ended_at = $17, failed_at = $18,
                lease_until = NULL, claims = 0
         WHERE id = $1 AND fence = $2"
    )
    .bind(&attempt.id)
    .bind(fence)
    .bind(attempt.state)
    .bind(&attempt.code)
    .bind(&attempt.message)
    .bind(&attempt.serial_number)
    .bind(attempt.price)
    .bind(attempt.doubted_at)
    .bind(attempt.reminders)
    .bind(attempt.remind_at)
    .bind(attempt.first_sent_at)
    .bind(now)
    .bind(attempt.due_at)
    .bind(attempt.answered_at)
    .bind(&attempt.number)
    .bind(attempt.verdict)
    .bind(attempt.ended_at)
    .bind(attempt.failed_at)
    .bind(attempt.nudges)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// Works on an attempt no more, because it makes no progress; it is never deleted.
pub async fn park_attempt(
    tx: &mut WriteTx,
    id: &AttemptId,
    fence: i64,
    now: Timestamp,
) -> Result<bool, Error> {
    let parked = sql!(
        "UPDATE fulfilment_attempt SET due_at = NULL, lease_until = NULL, claims = 0, updated_at = $3
         WHERE id = $1 AND fence = $2"
    )
    .bind(id)
    .bind(fence)
    .bind(now)
    .run(tx)
    .await?;
    Ok(parked > 0)
}

/// Takes a parked row up again, unless it is over by now. True when it was parked (or had nothing due).
pub async fn unpark_attempt(tx: &mut WriteTx, id: &str, now: Timestamp) -> Result<bool, Error> {
    let changed = sql!(
        "UPDATE fulfilment_attempt SET due_at = $2, claims = 0
         WHERE id = $1 AND due_at IS NULL AND state IN ('intended', 'sent', 'pending', 'unknown')"
    )
    .bind(id)
    .bind(now)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

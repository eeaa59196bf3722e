//! The row of a refund to where the money came from: how it is stored, found, claimed and changed.

use crate::{
    Payment, RefundRefusal, RefundRequest,
    payment_rows::{Back, begin_refund, end_refund},
};
use database::{Error, FromRow, Json, ReadTx, Row, RowQueue, WriteTx, queue_sql, report_sql, sql};
use vocabulary::{
    Actor, Ids, OrderId, OrderNumber, PaymentId, Purpose, Reference, RefundId, Rupiah, Timestamp,
};

vocabulary::text_enum!(
    /// State of a refund.
    pub enum RefundState {
        /// Stored; not sent, or proven not to have arrived.
        Intended = "intended",
        /// Sent, or about to be.
        Sent = "sent",
        /// The gateway has taken it on.
        Pending = "pending",
        /// What became of it is not known.
        Unknown = "unknown",
        /// The money is with the buyer, by the gateway's word. Final.
        Done = "done",
        /// The gateway gives nothing back. Final.
        Refused = "refused",
    }
);

vocabulary::text_enum!(
    /// Out of what a refund is given.
    pub enum RefundOrigin {
        /// What the shop holds for the order.
        Escrow = "escrow",
        /// The buyer's store credit.
        Wallet = "wallet",
    }
);
database::text_column!(RefundState, RefundOrigin, RefundRefusal);

/// Money that goes back to where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Its id.
    pub id: RefundId,
    /// The order.
    pub order: OrderId,
    /// The payment that it goes back from.
    pub payment: PaymentId,
    /// The key under which its gateway gives back once.
    pub reference: Reference,
    /// Who gives it back.
    pub gateway: String,
    /// How much.
    pub amount: Rupiah,
    /// Out of what.
    pub origin: RefundOrigin,
    /// Where it stands.
    pub state: RefundState,
    /// Why it is given.
    pub reason: String,
    /// Who wanted it.
    pub requested_by: Actor,
    /// Who agreed, when a second person had to.
    pub approved_by: Option<Actor>,
    /// Why its gateway refuses, if it has said so.
    pub refusal: Option<RefundRefusal>,
    /// When it first said so of a repetition.
    pub refused_at: Option<Timestamp>,
    /// The gateway's own id of it.
    pub gateway_refund_id: Option<String>,
    /// Last remark of the gateway, for staff.
    pub note: Option<String>,
    /// How often it was sent, and may have arrived.
    pub sends: i64,
    /// How often the gateway was called since the last progress: the pauses grow with it.
    pub asked: i64,
    /// Reasons to ask that came from outside.
    pub nudges: i64,
    /// When it was first sent.
    pub sent_at: Option<Timestamp>,
    /// When it ended.
    pub settled_at: Option<Timestamp>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// Number of the latest claim.
    pub fence: i64,
    /// When it is to be worked on next.
    pub due_at: Option<Timestamp>,
}

impl RefundState {
    /// Whether it has not ended.
    pub fn is_live(self) -> bool {
        !matches!(self, RefundState::Done | RefundState::Refused)
    }
}

impl Refund {
    /// What its gateway is asked for. The same every time, but for the moment.
    pub fn request(&self, payment: &Payment, now: Timestamp) -> RefundRequest {
        RefundRequest {
            key: self.reference.clone(),
            payment: payment.sent(now),
            amount: self.amount,
            others: payment
                .refunded
                .checked_add(payment.given_back.unwrap_or_default())
                .unwrap_or(payment.refunded),
            settled_at: payment.settled_at.unwrap_or(payment.created_at),
            refund_id: self.gateway_refund_id.clone(),
            reason: format!("order {}", self.reference.order()),
            now,
        }
    }
}

impl FromRow for Refund {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Refund {
            id: row.get("id")?,
            order: row.get("order_id")?,
            payment: row.get("payment_id")?,
            reference: row.get("reference")?,
            gateway: row.get("gateway")?,
            amount: row.get("amount")?,
            origin: row.get("origin")?,
            state: row.get("state")?,
            reason: row.get("reason")?,
            requested_by: row.get("requested_by")?,
            approved_by: row.get("approved_by")?,
            refusal: row.get("refusal")?,
            refused_at: row.get("refused_at")?,
            gateway_refund_id: row.get("gateway_refund_id")?,
            note: row.get("note")?,
            sends: row.get("sends")?,
            asked: row.get("asked")?,
            nudges: row.get("nudges")?,
            sent_at: row.get("sent_at")?,
            settled_at: row.get("settled_at")?,
            created_at: row.get("created_at")?,
            fence: row.get("fence")?,
            due_at: row.get("due_at")?,
        })
    }
}

/// What a new refund is to be.
#[derive(Clone, Debug)]
pub struct RefundIntent<'a> {
    /// The number of its order, from which the key is derived.
    pub number: &'a OrderNumber,
    /// The payment that it goes back from. The caller holds its row.
    pub payment: &'a Payment,
    /// How much.
    pub amount: Rupiah,
    /// Out of what.
    pub origin: RefundOrigin,
    /// Why, in words for staff.
    pub reason: &'a str,
    /// Who wanted it.
    pub requested_by: &'a Actor,
    /// Who agreed, when a second person had to.
    pub approved_by: Option<&'a Actor>,
    /// How many keys of this order were used up before, for something else.
    pub keys_used: u32,
}

/// Stores the intent of a refund, due at once. `None` when nothing can be given back from the payment now:
/// another refund of it has not ended, it is not paid, or it is less than that. The caller holds the rows of
/// the order and of the payment.
pub async fn intend_refund(
    tx: &mut WriteTx,
    ids: &Ids,
    now: Timestamp,
    intent: &RefundIntent<'_>,
) -> Result<Option<Refund>, Error> {
    let payment = intent.payment;
    let left = payment.brought().checked_sub(payment.given_back_by_us()).unwrap_or_default();
    if intent.amount > left || !begin_refund(tx, &payment.id, intent.amount, now).await? {
        return Ok(None);
    }
    let last: i64 = sql!("SELECT COALESCE(MAX(sequence), 0) FROM refund WHERE order_id = $1")
        .bind(&payment.order)
        .one(tx)
        .await?;
    let last = u32::try_from(last).unwrap_or(u32::MAX).max(intent.keys_used);
    let sequence = last.saturating_add(1);
    let id = RefundId::new(ids, now);
    sql!(
        "INSERT INTO refund (id, order_id, payment_id, reference, sequence, gateway, amount, origin, state, reason,
                             requested_by, approved_by, created_at, updated_at, due_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'intended', $9, $10, $11, $12, $12, $12)"
    )
    .bind(&id)
    .bind(&payment.order)
    .bind(&payment.id)
    .bind(Reference::new(intent.number, Purpose::Refund, sequence))
    .bind(sequence)
    .bind(&payment.gateway)
    .bind(intent.amount)
    .bind(intent.origin)
    .bind(intent.reason)
    .bind(intent.requested_by)
    .bind(intent.approved_by)
    .bind(now)
    .run(tx)
    .await?;
    refund_locked(tx, &id).await
}

/// The refund with its row locked until the transaction ends.
pub async fn refund_locked(tx: &mut WriteTx, id: &RefundId) -> Result<Option<Refund>, Error> {
    sql!(
        sqlite: "SELECT * FROM refund WHERE id = $1",
        postgres: "SELECT * FROM refund WHERE id = $1 FOR UPDATE"
    )
    .bind(id)
    .optional(tx)
    .await
}

/// The refund, to look at.
pub async fn refund(tx: &mut ReadTx, id: &RefundId) -> Result<Option<Refund>, Error> {
    sql!("SELECT * FROM refund WHERE id = $1").bind(id).optional(tx).await
}

/// The refund with this key, to look at.
pub async fn refund_by_reference(tx: &mut ReadTx, reference: &Reference) -> Result<Option<Refund>, Error> {
    sql!("SELECT * FROM refund WHERE reference = $1").bind(reference).optional(tx).await
}

/// Whether a worker has it in hand at this real moment: its gateway is being called, or was just now.
pub async fn refund_in_hand(tx: &mut ReadTx, id: &RefundId, real_now: Timestamp) -> Result<bool, Error> {
    let leased: i64 = sql!("SELECT COUNT(*) FROM refund WHERE id = $1 AND lease_until > $2")
        .bind(id)
        .bind(real_now)
        .one(tx)
        .await?;
    Ok(leased > 0)
}

/// The refunds of an order, oldest first.
pub async fn refunds_of_order(tx: &mut ReadTx, order: &OrderId) -> Result<Vec<Refund>, Error> {
    sql!("SELECT * FROM refund WHERE order_id = $1 ORDER BY sequence").bind(order).all(tx).await
}

/// The refunds of these payments, oldest first.
pub async fn refunds_of_payments(tx: &mut ReadTx, payments: &[&str]) -> Result<Vec<Refund>, Error> {
    report_sql!(
        sqlite: "SELECT * FROM refund WHERE payment_id IN (SELECT value FROM json_each($1))
                 ORDER BY order_id, sequence",
        postgres: "SELECT * FROM refund
                   WHERE payment_id IN (SELECT json_array_elements_text(CAST($1 AS JSON))) ORDER BY order_id, sequence"
    )
    .bind(Json(payments))
    .all(tx)
    .await
}

/// The refunds with these keys, of those that there are.
pub async fn refunds_with_references(tx: &mut ReadTx, references: &[&str]) -> Result<Vec<Refund>, Error> {
    report_sql!(
        sqlite: "SELECT * FROM refund WHERE reference IN (SELECT value FROM json_each($1)) ORDER BY id",
        postgres: "SELECT * FROM refund
                   WHERE reference IN (SELECT json_array_elements_text(CAST($1 AS JSON))) ORDER BY id"
    )
    .bind(Json(references))
    .all(tx)
    .await
}

/// Makes the refund of a payment that has not ended due now, because what is known of the payment is a reason to ask.
pub async fn nudge_refund(tx: &mut WriteTx, payment: &PaymentId, now: Timestamp) -> Result<bool, Error> {
    let found = sql!(
        "UPDATE refund SET due_at = $2, nudges = nudges + 1
         WHERE payment_id = $1 AND state IN ('intended', 'sent', 'pending', 'unknown')"
    )
    .bind(payment)
    .bind(now)
    .run(tx)
    .await?;
    Ok(found > 0)
}

/// The refunds that are due.
pub const REFUND_QUEUE: RowQueue = queue_sql!("refund");

/// Marks a refund as sent, before the call is made, and keeps the lease. False when another worker has
/// claimed it since.
pub async fn mark_refund_sent(tx: &mut WriteTx, refund: &Refund, now: Timestamp) -> Result<bool, Error> {
    let changed = sql!(
        "UPDATE refund SET state = 'sent', sends = sends + 1, sent_at = COALESCE(sent_at, $3), updated_at = $3
         WHERE id = $1 AND fence = $2 AND state = 'intended'"
    )
    .bind(&refund.id)
    .bind(refund.fence)
    .bind(now)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// Stores a refund after a step, frees its lease, and makes it due at once when something gave a reason to
/// ask meanwhile. What ends it ends it for its payment as well, whose row the caller holds. False when another
/// worker has claimed it since: nothing was changed.
pub async fn store_refund(tx: &mut WriteTx, refund: &Refund, now: Timestamp) -> Result<bool, Error> {
    let changed = sql!(
        "UPDATE refund SET state = $3, refusal = $4, refused_at = $5, gateway_refund_id = $6, note = $7, sends = $8,
                asked = $9, settled_at = $10, updated_at = $11,
                due_at = CASE WHEN CAST($10 AS BIGINT) IS NOT NULL THEN CAST($13 AS BIGINT)
                              WHEN nudges > $12 THEN CAST($11 AS BIGINT)
                              WHEN told_since > due_at AND (CAST($13 AS BIGINT) IS NULL
                                                            OR told_since < CAST($13 AS BIGINT)) THEN told_since
                              ELSE CAST($13 AS BIGINT) END,
                lease_until = NULL, claims = 0
         WHERE id = $1 AND fence = $2 AND state NOT IN ('done', 'refused')"
    )
    .bind(&refund.id)
    .bind(refund.fence)
    .bind(refund.state)
    .bind(refund.refusal)
    .bind(refund.refused_at)
    .bind(&refund.gateway_refund_id)
    .bind(&refund.note)
    .bind(refund.sends)
    .bind(refund.asked)
    .bind(refund.settled_at)
    .bind(now)
    .bind(refund.nudges)
    .bind(refund.due_at)
    .run(tx)
    .await?;
    if changed == 0 {
        return Ok(false);
    }
    let is_back = match refund.state {
        RefundState::Done => Back::Yes,
        RefundState::Refused => Back::No,
        _ => return Ok(true),
    };
    end_refund(tx, &refund.payment, (refund.amount, is_back), now).await
}

/// Works on a refund no more, because it makes no progress; it is never deleted.
pub async fn park_refund(tx: &mut WriteTx, id: &RefundId, fence: i64, now: Timestamp) -> Result<bool, Error> {
    let parked = sql!(
        "UPDATE refund SET due_at = NULL, lease_until = NULL, claims = 0, updated_at = $3 WHERE id = $1 AND fence = $2"
    )
    .bind(id)
    .bind(fence)
    .bind(now)
    .run(tx)
    .await?;
    Ok(parked > 0)
}

/// Takes a parked row up again. True when it was parked (or had nothing due).
pub async fn unpark_refund(tx: &mut WriteTx, id: &str, now: Timestamp) -> Result<bool, Error> {
    let changed = sql!(
        "UPDATE refund SET due_at = $2, claims = 0
         WHERE id = $1 AND due_at IS NULL AND state IN ('intended', 'sent', 'pending', 'unknown')"
    )
    .bind(id)
    .bind(now)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

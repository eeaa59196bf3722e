//! The rows of payments: how they are stored, found, claimed and changed.

use crate::{Closing, Payment, PaymentState, StoredPhone};
use database::{Error, Json, ReadTx, RowQueue, WriteTx, queue_sql, report_sql, sql};
use vocabulary::{
    Ids, OrderId, OrderNumber, PaymentId, PaymentMethod, Purpose, Reference, Rupiah, Timestamp,
};

/// What a new payment is to be.
#[derive(Clone, Debug)]
pub struct Intent<'a> {
    /// The order.
    pub order: &'a OrderId,
    /// Its number, from which the reference is derived.
    pub number: &'a OrderNumber,
    /// How the buyer pays.
    pub method: PaymentMethod,
    /// Who collects.
    pub gateway: &'a str,
    /// How much.
    pub amount: Rupiah,
    /// Nobody may be able to pay after this.
    pub expires_at: Timestamp,
    /// `Intended` for a gateway, `Settled` for store credit that is taken in the same transaction.
    pub state: PaymentState,
    /// The buyer's number with the wallet, when it is known already.
    pub phone: Option<&'a StoredPhone>,
}

/// Stores the intent of a payment, due at once unless it waits for the buyer's phone number. The
/// caller holds the order's row.
pub async fn intend(
    tx: &mut WriteTx,
    ids: &Ids,
    now: Timestamp,
    intent: &Intent<'_>,
) -> Result<Payment, Error> {
    let last: i64 = sql!("SELECT COALESCE(MAX(sequence), 0) FROM payment WHERE order_id = $1")
        .bind(intent.order)
        .one(tx)
        .await?;
    let sequence = u32::try_from(last.saturating_add(1)).unwrap_or(u32::MAX);
    let reference = Reference::new(intent.number, Purpose::Payment, sequence);
    let settled = intent.state == PaymentState::Settled;
    let waits = intent.method.needs_phone() && intent.phone.is_none();
    let id = PaymentId::new(ids, now);
    sql!(
        "INSERT INTO payment (id, order_id, reference, sequence, method, gateway, amount, state, expires_at,
                              settled_at, created_at, updated_at, due_at, phone_sealed, phone_mask, in_doubt)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12, $13, $14, 0)"
    )
    .bind(&id)
    .bind(intent.order)
    .bind(&reference)
    .bind(sequence)
    .bind(intent.method)
    .bind(intent.gateway)
    .bind(intent.amount)
    .bind(intent.state)
    .bind(intent.expires_at)
    .bind(settled.then_some(now))
    .bind(now)
    .bind((!settled && !waits).then_some(now))
    .bind(intent.phone.map(|p| &p.sealed))
    .bind(intent.phone.map(|p| &p.mask))
    .run(tx)
    .await?;
    payment_locked(tx, &id).await?.ok_or_else(|| Error::NoRow { statement: "payment just stored".into() })
}

/// The payment with its row locked until the transaction ends.
pub async fn payment_locked(tx: &mut WriteTx, id: &PaymentId) -> Result<Option<Payment>, Error> {
    sql!(
        sqlite: "SELECT * FROM payment WHERE id = $1",
        postgres: "SELECT * FROM payment WHERE id = $1 FOR UPDATE"
    )
    .bind(id)
    .optional(tx)
    .await
}

/// The payment, to look at.
pub async fn payment(tx: &mut ReadTx, id: &PaymentId) -> Result<Option<Payment>, Error> {
    sql!("SELECT * FROM payment WHERE id = $1").bind(id).optional(tx).await
}

/// The payment under this reference, as somebody else has written it.
pub async fn payment_by_reference(tx: &mut ReadTx, reference: &str) -> Result<Option<Payment>, Error> {
    sql!("SELECT * FROM payment WHERE reference = $1").bind(reference).optional(tx).await
}

/// The payments with these ids, of those that there are.
pub async fn payments_with_ids(tx: &mut ReadTx, ids: &[&str]) -> Result<Vec<Payment>, Error> {
    report_sql!(
        sqlite: "SELECT * FROM payment WHERE id IN (SELECT value FROM json_each($1)) ORDER BY id",
        postgres: "SELECT * FROM payment WHERE id IN (SELECT json_array_elements_text(CAST($1 AS JSON))) ORDER BY id"
    )
    .bind(Json(ids))
    .all(tx)
    .await
}

/// The payments under these references, of those that there are.
pub async fn payments_with_references(tx: &mut ReadTx, references: &[&str]) -> Result<Vec<Payment>, Error> {
    report_sql!(
        sqlite: "SELECT * FROM payment WHERE reference IN (SELECT value FROM json_each($1)) ORDER BY id",
        postgres: "SELECT * FROM payment
                   WHERE reference IN (SELECT json_array_elements_text(CAST($1 AS JSON))) ORDER BY id"
    )
    .bind(Json(references))
    .all(tx)
    .await
}

/// The payments that a gateway knows by these ids of its own, of those that there are.
pub async fn payments_with_their_ids(
    tx: &mut ReadTx,
    gateway: &str,
    ids: &[&str],
) -> Result<Vec<Payment>, Error> {
    report_sql!(
        sqlite: "SELECT * FROM payment
                 WHERE gateway = $1 AND gateway_transaction_id IN (SELECT value FROM json_each($2)) ORDER BY id",
        postgres: "SELECT * FROM payment
                   WHERE gateway = $1 AND gateway_transaction_id IN
                         (SELECT json_array_elements_text(CAST($2 AS JSON))) ORDER BY id"
    )
    .bind(gateway)
    .bind(Json(ids))
    .all(tx)
    .await
}

/// The payments of an order, oldest first.
pub async fn payments_of_order(tx: &mut ReadTx, order: &OrderId) -> Result<Vec<Payment>, Error> {
    sql!("SELECT * FROM payment WHERE order_id = $1 ORDER BY sequence").bind(order).all(tx).await
}

/// Makes a payment due now, because the shop has a reason of its own to ask. What somebody outside says is heard by
/// [`crate::hear_of`]. True when it exists.
pub async fn nudge(tx: &mut WriteTx, reference: &str, now: Timestamp) -> Result<bool, Error> {
    let found = sql!("UPDATE payment SET due_at = $2, nudges = nudges + 1 WHERE reference = $1")
        .bind(reference)
        .bind(now)
        .run(tx)
        .await?;
    Ok(found > 0)
}

/// Lets the order's payment that is to be opened wait until then.
pub async fn put_off(tx: &mut WriteTx, order: &OrderId, until: Timestamp) -> Result<u64, Error> {
    sql!(
        "UPDATE payment SET due_at = $2
         WHERE order_id = $1 AND state = 'intended' AND closing IS NULL AND due_at < $2"
    )
    .bind(order)
    .bind(until)
    .run(tx)
    .await
}

/// Wants nobody to be able to pay the order's open payments any more, and makes them due now. A worker
/// that has taken one up and not sent it yet loses it, so that it is closed at once.
pub async fn close_all(
    tx: &mut WriteTx,
    order: &OrderId,
    closing: Closing,
    now: Timestamp,
) -> Result<u64, Error> {
    sql!(
        "UPDATE payment SET closing = $2, due_at = $3, nudges = nudges + 1, updated_at = $3,
                lease_until = CASE WHEN state = 'intended' THEN NULL ELSE lease_until END
         WHERE order_id = $1 AND closing IS NULL AND state IN ('intended', 'open', 'unknown')"
    )
    .bind(order)
    .bind(closing)
    .bind(now)
    .run(tx)
    .await
}

/// The payments that are due.
pub const PAYMENT_QUEUE: RowQueue = queue_sql!("payment");

/// Stores a payment after a step, frees its lease, and makes it due at once when something gave a
/// reason to ask meanwhile; what was put off until after this step is due then. Once wanted closed, it
/// stays so. False when another worker has claimed it since: nothing was changed.
pub async fn store_payment(tx: &mut WriteTx, payment: &Payment, now: Timestamp) -> Result<bool, Error> {
    let changed = sql!(
        "UPDATE payment SET state = $3, gateway_transaction_id = $4, qr_string = $5, qr_image_url = $6,
                deep_link = $7, odd_amount = $8, note = $9, asked = $10, settled_at = $11, updated_at = $12,
                redirect_url = $15, expires_at = $16, closing = COALESCE(closing, $17),
                given_back = $18, given_back_at = CASE WHEN CAST($18 AS BIGINT) IS NULL THEN NULL
                                                       ELSE COALESCE(given_back_at, CAST($12 AS BIGINT)) END,
                payment_code = $19, in_doubt = $20,
                charged_back = CASE WHEN CAST($21 AS BIGINT) IS NULL OR charged_back > CAST($21 AS BIGINT)
                                    THEN charged_back ELSE CAST($21 AS BIGINT) END,
                due_at = CASE WHEN nudges > $13 THEN CAST($12 AS BIGINT)
                              WHEN told_since > due_at AND (CAST($14 AS BIGINT) IS NULL
                                                            OR told_since < CAST($14 AS BIGINT)) THEN told_since
                              ELSE CAST($14 AS BIGINT) END, lease_until = NULL, claims = 0
         WHERE id = $1 AND fence = $2"
    )
    .bind(&payment.id)
    .bind(payment.fence)
    .bind(payment.state)
    .bind(Some(payment.opened.transaction_id.as_str()).filter(|id| !id.is_empty()))
    .bind(&payment.opened.qr_string)
    .bind(&payment.opened.qr_image_url)
    .bind(&payment.opened.deep_link)
    .bind(payment.odd_amount)
    .bind(&payment.note)
    .bind(payment.asked)
    .bind(payment.settled_at)
    .bind(now)
    .bind(payment.nudges)
    .bind(payment.due_at)
    .bind(&payment.opened.redirect_url)
    .bind(payment.expires_at)
    .bind(payment.closing)
    .bind(payment.given_back)
    .bind(&payment.opened.payment_code)
    .bind(payment.in_doubt)
    .bind(payment.charged_back)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// Writes down what its gateway keeps of a payment that came in, by the rate of that day: the proof of the
/// books compares it with what is booked.
pub async fn store_fee(tx: &mut WriteTx, id: &PaymentId, fee: Rupiah) -> Result<(), Error> {
    sql!("UPDATE payment SET fee = $2 WHERE id = $1").bind(id).bind(fee).run(tx).await?;
    Ok(())
}

/// Gives a payment that waits for it the buyer's phone number, and makes it due now. False when it
/// does not wait (any more).
pub async fn give_phone(
    tx: &mut WriteTx,
    id: &PaymentId,
    phone: &StoredPhone,
    now: Timestamp,
) -> Result<bool, Error> {
    let given = sql!(
        "UPDATE payment SET phone_sealed = $2, phone_mask = $3, due_at = $4, updated_at = $4
         WHERE id = $1 AND state = 'intended' AND phone_sealed IS NULL AND closing IS NULL"
    )
    .bind(id)
    .bind(&phone.sealed)
    .bind(&phone.mask)
    .bind(now)
    .run(tx)
    .await?;
    Ok(given > 0)
}

/// Marks a payment as sent, before the charge is made, and keeps the lease: from here on it is in doubt. False when another
/// worker has claimed it since, or nobody wants it any more.
pub async fn mark_sent(tx: &mut WriteTx, payment: &Payment, now: Timestamp) -> Result<bool, Error> {
    let changed = sql!(
        "UPDATE payment SET state = 'unknown', in_doubt = 1, updated_at = $3
         WHERE id = $1 AND fence = $2 AND state IN ('intended', 'unknown') AND odd_amount IS NULL
           AND closing IS NULL"
    )
    .bind(&payment.id)
    .bind(payment.fence)
    .bind(now)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// A person has decided about an amount that is not ours: the money counts as come in. False when
/// it had been decided before.
pub async fn accept_odd(tx: &mut WriteTx, id: &PaymentId, now: Timestamp) -> Result<bool, Error> {
    let changed = sql!(
        "UPDATE payment SET state = 'settled', settled_at = $2, updated_at = $2, due_at = NULL
         WHERE id = $1 AND state = 'unknown' AND odd_amount IS NOT NULL"
    )
    .bind(id)
    .bind(now)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// Begins to give `amount` of a payment back: until that has ended, what its gateway says of so much is what
/// we did. The caller holds its row.
pub(crate) async fn begin_refund(
    tx: &mut WriteTx,
    id: &PaymentId,
    amount: Rupiah,
    now: Timestamp,
) -> Result<bool, Error> {
    let changed = sql!(
        "UPDATE payment SET refunding = $2, state = 'refunding', updated_at = $3
         WHERE id = $1 AND refunding = 0 AND state IN ('settled', 'partly_refunded')"
    )
    .bind(id)
    .bind(amount)
    .bind(now)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// What was on its way back is back, or stays. The caller holds its row.
pub(crate) async fn end_refund(
    tx: &mut WriteTx,
    id: &PaymentId,
    (amount, is_back): (Rupiah, Back),
    now: Timestamp,
) -> Result<bool, Error> {
    let back = if is_back == Back::Yes { amount } else { Rupiah::ZERO };
    let changed = sql!(
        "UPDATE payment SET refunding = 0, refunded = refunded + $3, updated_at = $4,
                state = CASE WHEN state = 'refunded' OR refunded + $3 >= COALESCE(odd_amount, amount) THEN 'refunded'
                             WHEN refunded + $3 > 0 OR given_back IS NOT NULL THEN 'partly_refunded'
                             ELSE 'settled' END
         WHERE id = $1 AND refunding = $2"
    )
    .bind(id)
    .bind(amount)
    .bind(back)
    .bind(now)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// Whether a refund has given something back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Back {
    /// It has.
    Yes,
    /// It has not, and will not.
    No,
}

/// Works on a payment no more, because it makes no progress; it is never deleted.
pub async fn park_payment(
    tx: &mut WriteTx,
    id: &PaymentId,
    fence: i64,
    now: Timestamp,
) -> Result<bool, Error> {
    let parked = sql!(
        "UPDATE payment SET due_at = NULL, lease_until = NULL, claims = 0, updated_at = $3 WHERE id = $1 AND fence = $2"
    )
    .bind(id)
    .bind(fence)
    .bind(now)
    .run(tx)
    .await?;
    Ok(parked > 0)
}

/// Takes a parked row up again. True when it was parked (or had nothing due).
pub async fn unpark_payment(tx: &mut WriteTx, id: &str, now: Timestamp) -> Result<bool, Error> {
    let changed = sql!("UPDATE payment SET due_at = $2, claims = 0 WHERE id = $1 AND due_at IS NULL")
        .bind(id)
        .bind(now)
        .run(tx)
        .await?;
    Ok(changed > 0)
}

//! What Xendit has written down of charges of any generation.

use super::channel::Channel;
use database::{Error, FromRow, Json, ReadTx, Row, WriteTx, report_sql, sql};
use serde_json::Value;
use vocabulary::Timestamp;

vocabulary::text_enum!(
    /// Which interface a charge was made by.
    pub(crate) enum Generation {
        /// `/ewallets`, before there were charges.
        Oldest = "oldest",
        /// `/ewallets/charges`.
        Legacy = "legacy",
        /// `/payment_requests`.
        Second = "v2",
        /// `/v3/payment_requests`.
        Third = "v3",
    }
);

vocabulary::text_enum!(
    /// Where a charge stands.
    pub(crate) enum Status {
        /// Waiting for the buyer.
        Pending = "PENDING",
        /// Paid.
        Succeeded = "SUCCEEDED",
        /// Declined.
        Failed = "FAILED",
        /// Nobody paid in time. It stays that when the money comes after all.
        Expired = "EXPIRED",
        /// Called off by the merchant.
        Canceled = "CANCELED",
        /// Paid and taken back on the same day.
        Voided = "VOIDED",
    }
);
database::text_column!(Generation, Status);

/// One charge.
#[derive(Clone, Debug)]
pub(crate) struct Charge {
    pub(crate) id: String,
    pub(crate) generation: Generation,
    /// The merchant's reference, which others may have as well.
    pub(crate) reference_id: String,
    pub(crate) payment_method_id: String,
    pub(crate) payment_id: String,
    pub(crate) channel: Channel,
    /// `channel_properties` as they were sent.
    pub(crate) properties: Value,
    /// The text of a QR code, or the number that is paid to.
    pub(crate) code: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) metadata: Value,
    /// Whole rupiah.
    pub(crate) amount: i64,
    pub(crate) status: Status,
    pub(crate) failure_code: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) paid_at: Option<Timestamp>,
    pub(crate) times_paid: i64,
    /// When something happens to it by itself, other than its end.
    pub(crate) next_at: Option<Timestamp>,
}

impl FromRow for Charge {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Charge {
            id: row.get("id")?,
            generation: row.get("generation")?,
            reference_id: row.get("reference_id")?,
            payment_method_id: row.get("payment_method_id")?,
            payment_id: row.get("payment_id")?,
            channel: row.get("channel")?,
            properties: row.get::<Json<Value>>("properties")?.0,
            code: row.get("code")?,
            description: row.get("description")?,
            metadata: row.get::<Json<Value>>("metadata")?.0,
            amount: row.get("amount")?,
            status: row.get("status")?,
            failure_code: row.get("failure_code")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
            expires_at: row.get("expires_at")?,
            paid_at: row.get("paid_at")?,
            times_paid: row.get("times_paid")?,
            next_at: row.get("due_at")?,
        })
    }
}

impl Charge {
    /// Whether the money is with Xendit now.
    pub(crate) fn is_paid(&self) -> bool {
        self.times_paid > 0 && self.status != Status::Voided
    }

    /// Where the buyer's browser goes after paying.
    pub(crate) fn return_url(&self) -> Option<&str> {
        ["success_return_url", "success_redirect_url", "redirect_url"]
            .into_iter()
            .find_map(|name| self.properties.get(name)?.as_str())
    }

    /// The phone that a push went to.
    pub(crate) fn phone(&self) -> Option<&str> {
        ["mobile_number", "account_mobile_number", "phone"]
            .into_iter()
            .find_map(|name| self.properties.get(name)?.as_str())
    }

    fn due_at(&self) -> Option<Timestamp> {
        (self.status == Status::Pending)
            .then(|| self.next_at.map_or(self.expires_at, |next| next.min(self.expires_at)))
    }
}

/// Writes a new charge down.
pub(super) async fn insert(tx: &mut WriteTx, c: &Charge) -> Result<(), Error> {
    sql!(
        "INSERT INTO world_xendit_charge
            (id, generation, reference_id, payment_method_id, payment_id, channel, properties, code, description,
             metadata, amount, status, failure_code, created_at, updated_at, expires_at, paid_at, times_paid, due_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)"
    )
    .bind(&c.id)
    .bind(c.generation)
    .bind(&c.reference_id)
    .bind(&c.payment_method_id)
    .bind(&c.payment_id)
    .bind(c.channel)
    .bind(Json(&c.properties))
    .bind(c.code.as_ref())
    .bind(c.description.as_ref())
    .bind(Json(&c.metadata))
    .bind(c.amount)
    .bind(c.status)
    .bind(c.failure_code.as_ref())
    .bind(c.created_at)
    .bind(c.updated_at)
    .bind(c.expires_at)
    .bind(c.paid_at)
    .bind(c.times_paid)
    .bind(c.due_at())
    .run(tx)
    .await?;
    Ok(())
}

/// Writes down what has changed about a charge.
pub(super) async fn save(tx: &mut WriteTx, c: &Charge) -> Result<(), Error> {
    sql!(
        "UPDATE world_xendit_charge
         SET status = $2, failure_code = $3, updated_at = $4, paid_at = $5, times_paid = $6, due_at = $7
         WHERE id = $1"
    )
    .bind(&c.id)
    .bind(c.status)
    .bind(c.failure_code.as_ref())
    .bind(c.updated_at)
    .bind(c.paid_at)
    .bind(c.times_paid)
    .bind(c.due_at())
    .run(tx)
    .await?;
    Ok(())
}

/// The charge with this id of Xendit's.
pub(crate) async fn find(tx: &mut ReadTx, id: &str) -> Result<Option<Charge>, Error> {
    sql!("SELECT * FROM world_xendit_charge WHERE id = $1").bind(id).optional(tx).await
}

/// The charge behind this payment method.
pub(super) async fn of_method(tx: &mut ReadTx, id: &str) -> Result<Option<Charge>, Error> {
    sql!("SELECT * FROM world_xendit_charge WHERE payment_method_id = $1").bind(id).optional(tx).await
}

/// The charges with this reference of the merchant's, newest first.
pub(super) async fn of_reference(tx: &mut ReadTx, reference: &str) -> Result<Vec<Charge>, Error> {
    sql!(
        "SELECT * FROM world_xendit_charge WHERE reference_id = $1 ORDER BY created_at DESC, id DESC LIMIT 100"
    )
    .bind(reference)
    .all(tx)
    .await
}

/// The charges whose reference is this number and a hyphen and more, newest first.
pub(super) async fn of_number(tx: &mut ReadTx, number: &str) -> Result<Vec<Charge>, Error> {
    // `.` is the character after `-`: a range, so that the index on reference_id serves.
    sql!(
        "SELECT * FROM world_xendit_charge WHERE reference_id >= $1 AND reference_id < $2
         ORDER BY created_at DESC, reference_id DESC LIMIT 100"
    )
    .bind(format!("{number}-"))
    .bind(format!("{number}."))
    .all(tx)
    .await
}

/// The charges with this code or number, newest first.
pub(super) async fn of_code(tx: &mut ReadTx, code: &str) -> Result<Vec<Charge>, Error> {
    sql!("SELECT * FROM world_xendit_charge WHERE code = $1 ORDER BY created_at DESC, id DESC LIMIT 10")
        .bind(code)
        .all(tx)
        .await
}

/// Charges to which something happens by itself.
pub(super) async fn due(tx: &mut ReadTx, now: Timestamp) -> Result<Vec<Charge>, Error> {
    sql!("SELECT * FROM world_xendit_charge WHERE due_at <= $1 ORDER BY due_at LIMIT 500")
        .bind(now)
        .all(tx)
        .await
}

/// When the next charge or refund is due.
pub(crate) async fn next_due(tx: &mut ReadTx) -> Result<Option<Timestamp>, Error> {
    let charge: Option<Timestamp> =
        sql!("SELECT MIN(due_at) FROM world_xendit_charge WHERE due_at IS NOT NULL").query().one(tx).await?;
    let refund: Option<Timestamp> =
        sql!("SELECT MIN(due_at) FROM world_xendit_refund WHERE due_at IS NOT NULL").query().one(tx).await?;
    Ok([charge, refund].into_iter().flatten().min())
}

/// What waits for a buyer, newest first.
pub(crate) async fn waiting(tx: &mut ReadTx) -> Result<Vec<Charge>, Error> {
    report_sql!(
        "SELECT * FROM world_xendit_charge WHERE due_at IS NOT NULL ORDER BY created_at DESC, id DESC LIMIT 100"
    )
    .query()
    .all(tx)
    .await
}

/// The newest charges.
pub(crate) async fn newest(tx: &mut ReadTx) -> Result<Vec<Charge>, Error> {
    report_sql!("SELECT * FROM world_xendit_charge ORDER BY created_at DESC, id DESC LIMIT 1000")
        .query()
        .all(tx)
        .await
}

/// What was paid or given back between two moments, for the report of a day.
pub(crate) async fn moved(
    tx: &mut ReadTx,
    (from, until): (Timestamp, Timestamp),
) -> Result<Vec<Charge>, Error> {
    report_sql!(
        "SELECT c.* FROM world_xendit_charge c
         WHERE c.times_paid > 0 AND (c.paid_at >= $1 AND c.paid_at < $2
             OR EXISTS (SELECT 1 FROM world_xendit_refund r WHERE r.charge_id = c.id
                        AND r.updated_at >= $1 AND r.updated_at < $2))
         ORDER BY c.paid_at, c.reference_id"
    )
    .bind(from)
    .bind(until)
    .all(tx)
    .await
}

/// The newest charges of a generation, for its list.
pub(super) async fn newest_of(tx: &mut ReadTx, generation: Generation) -> Result<Vec<Charge>, Error> {
    report_sql!(
        "SELECT * FROM world_xendit_charge WHERE generation = $1 ORDER BY created_at DESC, id DESC LIMIT 100"
    )
    .bind(generation)
    .all(tx)
    .await
}

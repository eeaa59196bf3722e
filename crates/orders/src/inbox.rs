//! The inbox of webhooks: stored raw before anything is acted on, one row for what is said once.

use crate::Shop;
use database::{Claim, Error, FromRow, Json, ReadTx, Row, RowQueue, WriteTx, queue_sql, report_sql, sql};
use sha2::{Digest, Sha256};
use suppliers::SupplierWebhook;
use vocabulary::{Timestamp, WebhookId};

/// A webhook as it came in.
#[derive(Clone, Debug)]
pub struct IncomingWebhook<'a> {
    /// Whose address it was sent to: the name of a gateway or supplier.
    pub source: &'a str,
    /// Headers with lower-case names.
    pub headers: &'a [(String, String)],
    /// The body, to the byte.
    pub body: &'a [u8],
}

/// Headers with their values.
pub(crate) type Headers = Vec<(String, String)>;

/// What is answered to the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// Stored, and acted on soon (or long ago).
    Taken,
    /// The sender is not believed. Stored for the record, never acted on.
    Refused,
    /// The body says nothing that this sender would say. Stored for the record.
    Unreadable,
    /// There is no such sender.
    UnknownSource,
}

/// A stored webhook.
#[derive(Clone, Debug)]
pub(crate) struct StoredWebhook {
    /// Whose it is.
    pub source: String,
    /// Headers that matter, as they are kept (`Shop::opened_headers` tells what came in).
    pub headers: Headers,
    /// The body as it is kept ([`Shop::open_webhook`] tells what came in).
    pub body: Vec<u8>,
    /// The reference that it names.
    pub reference: Option<String>,
    /// When it came first.
    pub received_at: Timestamp,
    /// Number of the latest claim.
    pub fence: i64,
}

impl FromRow for StoredWebhook {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(StoredWebhook {
            source: row.get("source")?,
            headers: row.get::<Json<Headers>>("headers")?.0,
            body: row.get("body")?,
            reference: row.get("reference")?,
            received_at: row.get("received_at")?,
            fence: row.get("fence")?,
        })
    }
}

impl Shop {
    /// Checks who sent a webhook and stores it. It is acted on after this returns, from its row.
    ///
    /// # Errors
    /// When it could not be stored: the sender must send it again.
    pub async fn receive_webhook(&self, webhook: &IncomingWebhook<'_>) -> Result<Receipt, Error> {
        let (receipt, reference) = if let Some(gateway) = self.gateway(webhook.source) {
            match gateway.verify_webhook(webhook.headers, webhook.body) {
                Ok(notification) => (Receipt::Taken, Some(notification.reference)),
                Err(payments::WebhookRefusal::BadSignature) => (Receipt::Refused, None),
                Err(payments::WebhookRefusal::Malformed(_)) => (Receipt::Unreadable, None),
            }
        } else if let Some(supplier) = self.supplier(webhook.source) {
            match supplier.read_webhook(webhook.headers, webhook.body) {
                Ok(SupplierWebhook::News { reference, .. }) => (Receipt::Taken, Some(reference)),
                Ok(SupplierWebhook::Hint(named)) => (Receipt::Taken, Some(named.text().to_owned())),
                Ok(SupplierWebhook::Ping) => (Receipt::Taken, None),
                Err(suppliers::WebhookRefusal::BadSignature) => (Receipt::Refused, None),
                Err(suppliers::WebhookRefusal::Malformed(_)) => (Receipt::Unreadable, None),
            }
        } else {
            return Ok(Receipt::UnknownSource);
        };
        let reference =
            reference.map(|r| r.chars().filter(|c| !c.is_control()).take(100).collect::<String>());
        self.store_webhook(webhook, receipt, reference).await?;
        let verdict = if receipt == Receipt::Taken { "believed" } else { "refused" };
        metrics::counter!("loket_webhooks_total", "source" => webhook.source.to_owned(), "verdict" => verdict).increment(1);
        Ok(receipt)
    }

    async fn store_webhook(
        &self,
        webhook: &IncomingWebhook<'_>,
        receipt: Receipt,
        reference: Option<String>,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let kept = self.kept_headers(webhook.source, webhook.headers)?;
        let believed = receipt == Receipt::Taken;
        // Of what is not believed, its beginning is enough for the record: anybody can send it.
        let kept_bytes = if believed { webhook.body.len() } else { webhook.body.len().min(1024) };
        let body = self.seal_webhook(webhook.source, webhook.body.get(..kept_bytes).unwrap_or_default())?;
        let mut tx = self.db.write("webhook.store").await?;
        // The same words again are a reason to look again, cheaply: the row becomes due once more.
        sql!(
            "INSERT INTO webhook_inbox (id, source, body_hash, headers, body, reference, verdict, state, received_at,
                                        updated_at, due_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)
             ON CONFLICT (source, body_hash, verdict)
             DO UPDATE SET times_received = webhook_inbox.times_received + 1, updated_at = $9,
                           due_at = COALESCE($10, webhook_inbox.due_at)"
        )
        .bind(WebhookId::new(&self.ids, now))
        .bind(webhook.source)
        .bind(hex::encode(Sha256::digest(webhook.body)))
        .bind(Json(&kept))
        .bind(body)
        .bind(reference)
        .bind(if believed { "believed" } else { "refused" })
        .bind(if believed { "received" } else { "refused" })
        .bind(now)
        .bind(believed.then_some(now))
        .run(&mut tx)
        .await?;
        tx.commit().await
    }
}

/// The stored webhook with this id.
pub(crate) async fn find(tx: &mut ReadTx, id: &str) -> Result<Option<StoredWebhook>, Error> {
    sql!("SELECT * FROM webhook_inbox WHERE id = $1").bind(id).optional(tx).await
}

/// Believed webhooks that came between two moments and name a reference that no row of ours has, the oldest
/// first and `limit` at most.
pub(crate) async fn about_nothing_of_ours(
    tx: &mut ReadTx,
    (from, until): (Timestamp, Timestamp),
    limit: i64,
) -> Result<Vec<StoredWebhook>, Error> {
    report_sql!(
        "SELECT w.* FROM webhook_inbox w
         WHERE w.verdict = 'believed' AND w.reference IS NOT NULL AND w.updated_at >= $1 AND w.received_at < $2
         AND NOT EXISTS (SELECT 1 FROM payment p WHERE p.reference = w.reference)
         AND NOT EXISTS (SELECT 1 FROM refund r WHERE r.reference = w.reference)
         AND NOT EXISTS (SELECT 1 FROM fulfilment_attempt a WHERE a.reference = w.reference)
         AND NOT EXISTS (SELECT 1 FROM fulfilment_attempt a
                         WHERE a.supplier_number = w.reference AND a.supplier = w.source)
         AND NOT EXISTS (SELECT 1 FROM name_check n WHERE n.reference = w.reference)
         ORDER BY w.received_at, w.id LIMIT $3"
    )
    .bind(from)
    .bind(until)
    .bind(limit)
    .all(tx)
    .await
}

/// Webhooks whose body is stored in the clear, after one id and up to another, and who sent them.
pub(crate) async fn in_the_clear(
    tx: &mut ReadTx,
    (after, until): (&str, &str),
) -> Result<Vec<(String, String)>, Error> {
    sql!(
        sqlite: "SELECT id, source FROM webhook_inbox WHERE id > $1 AND id <= $2
                     AND substr(body, 1, 7) <> CAST('sealed:' AS BLOB)",
        postgres: "SELECT id, source FROM webhook_inbox WHERE id > $1 AND id <= $2
                       AND substring(body FROM 1 FOR 7) <> 'sealed:'::bytea"
    )
    .bind(after)
    .bind(until)
    .all(tx)
    .await
}

/// The body of a webhook as it is kept.
pub(crate) async fn body(tx: &mut ReadTx, id: &str) -> Result<Option<Vec<u8>>, Error> {
    sql!("SELECT body FROM webhook_inbox WHERE id = $1").bind(id).optional(tx).await
}

/// Puts another form in the place of a body. True when it still stood there.
pub(crate) async fn replace_body(
    tx: &mut WriteTx,
    id: &str,
    (before, after): (&[u8], &[u8]),
) -> Result<bool, Error> {
    let changed = sql!("UPDATE webhook_inbox SET body = $3 WHERE id = $1 AND body = $2")
        .bind(id)
        .bind(before)
        .bind(after)
        .run(tx)
        .await?;
    Ok(changed > 0)
}

/// The headers of webhooks after one id and up to another: the id, who sent them, and the text in their row.
pub(crate) async fn headers_between(
    tx: &mut ReadTx,
    (after, until): (&str, &str),
) -> Result<Vec<(String, String, String)>, Error> {
    sql!("SELECT id, source, headers FROM webhook_inbox WHERE id > $1 AND id <= $2")
        .bind(after)
        .bind(until)
        .all(tx)
        .await
}

/// Puts other headers in the place of those that were read. True when they still stood there.
pub(crate) async fn replace_headers(
    tx: &mut WriteTx,
    id: &str,
    (before, after): (&str, &Headers),
) -> Result<bool, Error> {
    let changed = sql!("UPDATE webhook_inbox SET headers = $3 WHERE id = $1 AND headers = $2")
        .bind(id)
        .bind(before)
        .bind(Json(after))
        .run(tx)
        .await?;
    Ok(changed > 0)
}

/// Notes what was done about a webhook, if the claim still holds.
pub(crate) async fn finish(
    tx: &mut WriteTx,
    claim: &Claim,
    applied: Applied,
    now: Timestamp,
) -> Result<bool, Error> {
    let (state, note) = match applied {
        Applied::Applied => ("applied", None),
        Applied::Ignored(why) => ("ignored", Some(why)),
    };
    let changed = sql!(
        "UPDATE webhook_inbox SET state = $3, note = $4, updated_at = $5, due_at = NULL, lease_until = NULL, claims = 0
         WHERE id = $1 AND fence = $2"
    )
    .bind(&claim.id)
    .bind(claim.fence)
    .bind(state)
    .bind(note)
    .bind(now)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// What was done about a webhook.
pub(crate) enum Applied {
    /// It was acted on.
    Applied,
    /// It is about nothing of ours, or says nothing.
    Ignored(&'static str),
}

/// The webhooks that are due.
pub(crate) const QUEUE: RowQueue = queue_sql!("webhook_inbox");

pub(crate) async fn park(tx: &mut WriteTx, claim: &Claim, now: Timestamp) -> Result<bool, Error> {
    let parked = sql!(
        "UPDATE webhook_inbox SET state = 'parked', due_at = NULL, lease_until = NULL, claims = 0, updated_at = $3
         WHERE id = $1 AND fence = $2"
    )
    .bind(&claim.id)
    .bind(claim.fence)
    .bind(now)
    .run(tx)
    .await?;
    Ok(parked > 0)
}

/// Takes a parked row up again. True when it was parked (or had nothing due).
pub(crate) async fn unpark(tx: &mut WriteTx, id: &str, now: Timestamp) -> Result<bool, Error> {
    let changed = sql!("UPDATE webhook_inbox SET due_at = $2, claims = 0 WHERE id = $1 AND due_at IS NULL")
        .bind(id)
        .bind(now)
        .run(tx)
        .await?;
    Ok(changed > 0)
}

//! What there is to show when a buyer says that nothing came: everything that was said and done about an order, the
//! raw words of others with it, and how the buyer's other orders ended (contracts/suppliers §6 row 27).

use crate::{OrderFile, Shop, view};
use database::{Error, FromRow, Json, ReadTx, Row, sql};
use suppliers::Word;
use vocabulary::{BuyerId, OrderNumber, Timestamp};

/// Why a body is not shown, for staff; what exactly went wrong is in the log.
const NOT_OPENED: &str = "it is encrypted, and this shop's vault key does not open it: it was stored with another `vault.key`, or its row was changed since. What was done about it stands in the timeline and the audit; the log has the error";

/// How the orders of a buyer have ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BuyerRecord {
    /// Purchases that were paid.
    pub paid: i64,
    /// Of those, the ones that are delivered.
    pub delivered: i64,
    /// Of those, the ones whose money went back.
    pub refunded: i64,
}

impl BuyerRecord {
    /// How many of a hundred paid purchases were refunded, rounded down.
    pub fn refund_percent(self) -> i64 {
        self.refunded.saturating_mul(100).checked_div(self.paid).unwrap_or(0)
    }
}

/// The body of a webhook that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeptBody {
    /// What came in, to the byte; of a gateway without the beginning of phone numbers, when nobody has asked to see
    /// them.
    Opened(Vec<u8>),
    /// It may name what was delivered, and whoever looks has not asked to see that.
    Hidden,
    /// It cannot be opened.
    Closed {
        /// Why, in words for staff.
        why: String,
    },
}

/// A webhook as it came in, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptWebhook {
    /// The id of its row.
    pub id: String,
    /// Whose it is.
    pub source: String,
    /// Headers that matter; a secret is shown by its digest.
    pub headers: Vec<(String, String)>,
    /// What it says.
    pub body: KeptBody,
    /// Whether its sender was believed.
    pub verdict: String,
    /// What became of it.
    pub state: String,
    /// How often it came.
    pub times: i64,
    /// When it came first.
    pub received_at: Timestamp,
}

impl FromRow for KeptWebhook {
    /// With headers and body as they are kept.
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(KeptWebhook {
            id: row.get("id")?,
            source: row.get("source")?,
            headers: row.get::<Json<Vec<(String, String)>>>("headers")?.0,
            body: KeptBody::Opened(row.get("body")?),
            verdict: row.get("verdict")?,
            state: row.get("state")?,
            times: row.get("times_received")?,
            received_at: row.get("received_at")?,
        })
    }
}

/// All that can be shown about an order.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The order with all that belongs to it.
    pub file: OrderFile,
    /// What its suppliers said of each attempt, by its reference, oldest first.
    pub words: Vec<(String, Vec<Word>)>,
    /// The webhooks that speak of its payments, refunds and attempts, oldest first.
    pub webhooks: Vec<KeptWebhook>,
    /// When this was gathered.
    pub gathered_at: Timestamp,
}

impl Shop {
    /// Gathers what there is about an order, at one moment. For staff.
    pub async fn evidence(&self, number: &OrderNumber) -> Result<Option<Evidence>, Error> {
        let mut tx = self.db.read("order.evidence").await?;
        let Some(file) = view::file(self, &mut tx, number).await? else { return Ok(None) };
        let mut words = Vec::new();
        let mut webhooks = Vec::new();
        for attempt in &file.attempts {
            let told = suppliers::words_of(&mut tx, &attempt.reference).await?;
            words.push((attempt.reference.to_string(), told));
            webhooks.extend(about(&mut tx, &attempt.reference.to_string(), None).await?);
            if let Some(number) = &attempt.number {
                webhooks.extend(about(&mut tx, number, Some(&attempt.supplier)).await?);
            }
        }
        let payments = file.payments.iter().map(|payment| payment.reference.to_string());
        let refunds = file.refunds.iter().map(|refund| refund.reference.to_string());
        for reference in payments.chain(refunds) {
            webhooks.extend(about(&mut tx, &reference, None).await?);
        }
        webhooks.sort_by_key(|webhook| webhook.received_at);
        for webhook in &mut webhooks {
            self.open_kept(webhook);
        }
        Ok(Some(Evidence { file, words, webhooks, gathered_at: self.clock.now() }))
    }

    /// Makes of a webhook as it is kept what staff see. One that cannot be opened hides nothing else.
    fn open_kept(&self, webhook: &mut KeptWebhook) {
        webhook.headers = self.shown_headers(&webhook.source, &webhook.headers);
        let KeptBody::Opened(kept) = &webhook.body else { return };
        webhook.body = match self.open_webhook(&webhook.source, kept) {
            Ok(body) => KeptBody::Opened(body),
            Err(error) => {
                let KeptWebhook { id, source, .. } = &*webhook;
                tracing::error!(webhook = id, source, %error, "what {source} sent ({id}) cannot be opened: {error}");
                KeptBody::Closed { why: NOT_OPENED.to_owned() }
            }
        };
    }
}

/// Webhooks that name this reference, of this sender when the name is the sender's own.
async fn about(tx: &mut ReadTx, reference: &str, source: Option<&str>) -> Result<Vec<KeptWebhook>, Error> {
    sql!(
        "SELECT id, source, headers, body, verdict, state, times_received, received_at FROM webhook_inbox
         WHERE reference = $1 AND (CAST($2 AS TEXT) IS NULL OR source = $2) ORDER BY received_at, id LIMIT 200"
    )
    .bind(reference)
    .bind(source)
    .all(tx)
    .await
}

/// How the orders of this buyer have ended.
pub(crate) async fn record_of(tx: &mut ReadTx, buyer: &BuyerId) -> Result<BuyerRecord, Error> {
    let (paid, delivered, refunded): (i64, i64, i64) = sql!(
        "SELECT COUNT(*), COUNT(delivered_at), COUNT(CASE WHEN state = 'refunded' THEN 1 END) FROM shop_order
         WHERE buyer = $1 AND kind = 'purchase' AND paid_at IS NOT NULL"
    )
    .bind(buyer)
    .one(tx)
    .await?;
    Ok(BuyerRecord { paid, delivered, refunded })
}

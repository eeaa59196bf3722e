//! `GET /api/v1/staff/orders/{number}/evidence`: what there is to show when a buyer says that nothing came, the raw
//! webhooks that speak of the order included. `POST …/evidence/reveal` shows with it what was delivered, what
//! suppliers wrote and phone numbers in what gateways did, and writes down who looked.

use crate::{
    app::App,
    headers::Segment,
    problem::{Problem, ProblemBody},
    staff_api::{Staff, number, orders::FileBody, refused::NotAnswered, unknown_order},
};
use axum::{Json, extract::State};
use orders::{Evidence, KeptBody, KeptWebhook};
use serde::Serialize;
use utoipa::ToSchema;

/// Why the body of a webhook is not shown to whoever only looks.
const HIDDEN: &str = "it may name what was delivered: `POST …/evidence/reveal` shows it";

/// All that can be shown about an order.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffEvidence)]
pub(crate) struct EvidenceBody {
    #[serde(flatten)]
    file: FileBody,
    /// When this was gathered (RFC 3339, UTC).
    gathered_at: String,
    /// What its suppliers said of each attempt, oldest first.
    supplier_said: Vec<WordBody>,
    /// The webhooks that speak of its payments, refunds and attempts, oldest first.
    webhooks: Vec<WebhookBody>,
    /// What people were told.
    messages: Vec<MessageBody>,
}

/// One thing that a supplier said.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffSupplierWord)]
pub(crate) struct WordBody {
    /// Of which attempt.
    #[schema(example = "LK7Q2M9XK4VT-F1")]
    reference: String,
    at: String,
    /// What it means for the attempt.
    verdict: &'static str,
    /// The supplier's code.
    code: Option<String>,
    /// What the supplier takes for it, in whole rupiah.
    price: Option<i64>,
    /// When the question was sent that it answers; null for a webhook.
    asked_at: Option<String>,
}

/// A webhook as it came in.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffWebhook)]
pub(crate) struct WebhookBody {
    id: String,
    /// Whose it is.
    source: String,
    received_at: String,
    /// Whether its sender was `believed`, or `refused`.
    verdict: String,
    /// What became of it.
    state: String,
    /// How often it came.
    times_received: i64,
    headers: Vec<HeaderBody>,
    /// What it says, as it came. It may name whoever paid: of what looks like a phone number only the last three digits
    /// are shown, unless it is revealed.
    body: Option<String>,
    /// Why that is not shown. Left out where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_shown: Option<String>,
}

/// A header that is kept.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffHeader)]
pub(crate) struct HeaderBody {
    name: String,
    /// Of a secret: its digest.
    value: String,
}

/// A message to a person.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffMessage)]
pub(crate) struct MessageBody {
    at: String,
    /// `buyer` or `staff`.
    to: &'static str,
    kind: &'static str,
}

impl EvidenceBody {
    fn new(evidence: &Evidence) -> Self {
        let said = evidence.words.iter().flat_map(|(reference, words)| {
            words.iter().map(move |word| WordBody {
                reference: reference.clone(),
                at: word.at.rfc3339(),
                verdict: word.verdict.as_str(),
                code: word.code.clone(),
                price: word.price.map(|price| price.get()),
                asked_at: word.asked_at.map(|at| at.rfc3339()),
            })
        });
        let messages = evidence.file.messages.iter().map(|message| MessageBody {
            at: message.at.rfc3339(),
            to: message.audience.as_str(),
            kind: message.kind.as_str(),
        });
        EvidenceBody {
            file: FileBody::new(&evidence.file),
            gathered_at: evidence.gathered_at.rfc3339(),
            supplier_said: said.collect(),
            webhooks: evidence.webhooks.iter().map(WebhookBody::new).collect(),
            messages: messages.collect(),
        }
    }
}

impl WebhookBody {
    fn new(webhook: &KeptWebhook) -> Self {
        let (body, not_shown) = match &webhook.body {
            // It is JSON or a form with every party that we know.
            KeptBody::Opened(body) => (Some(String::from_utf8_lossy(body).into_owned()), None),
            KeptBody::Hidden => (None, Some(HIDDEN.to_owned())),
            KeptBody::Closed { why } => (None, Some(why.clone())),
        };
        let header =
            |(name, value): &(String, String)| HeaderBody { name: name.clone(), value: value.clone() };
        WebhookBody {
            id: webhook.id.clone(),
            source: webhook.source.clone(),
            received_at: webhook.received_at.rfc3339(),
            verdict: webhook.verdict.clone(),
            state: webhook.state.clone(),
            times_received: webhook.times,
            headers: webhook.headers.iter().map(header).collect(),
            body,
            not_shown,
        }
    }
}

/// What there is to show when a buyer says that nothing came: the order with all that belongs to it, what its suppliers
/// said, and the raw webhooks that speak of it. What was delivered is masked, as are phone numbers in what gateways wrote,
/// and what suppliers wrote is not shown.
#[utoipa::path(get, path = "/api/v1/staff/orders/{number}/evidence", tag = "staff", security(("api_key" = [])),
    params(("number" = String, Path, description = "Number of the order", example = "LK7Q2M9XK4VT")),
    responses(
        (status = 200, description = "The evidence", body = EvidenceBody),
        (status = 404, description = "No such order", body = ProblemBody, content_type = "application/problem+json"),
        NotAnswered,
    ))]
pub(crate) async fn show(
    State(app): State<App>,
    _staff: Staff,
    Segment(text): Segment,
) -> Result<Json<EvidenceBody>, Problem> {
    let mut evidence = app.shop.evidence(&number(&text)?).await?.ok_or_else(unknown_order)?;
    evidence.mask(&app.shop);
    Ok(Json(EvidenceBody::new(&evidence)))
}

/// The same with the whole of what was delivered, and of what gateways and suppliers wrote. Whoever asks is written down
/// in the audit trail first, each time.
#[utoipa::path(post, path = "/api/v1/staff/orders/{number}/evidence/reveal", tag = "staff", security(("api_key" = [])),
    params(("number" = String, Path, description = "Number of the order", example = "LK7Q2M9XK4VT")),
    responses(
        (status = 200, description = "The evidence, with what was delivered", body = EvidenceBody),
        (status = 404, description = "No such order", body = ProblemBody, content_type = "application/problem+json"),
        NotAnswered,
    ))]
pub(crate) async fn reveal(
    State(app): State<App>,
    staff: Staff,
    Segment(text): Segment,
) -> Result<Json<EvidenceBody>, Problem> {
    let number = number(&text)?;
    app.shop.reveal(&number, &staff.actor()).await?;
    let evidence = app.shop.evidence(&number).await?.ok_or_else(unknown_order)?;
    Ok(Json(EvidenceBody::new(&evidence)))
}

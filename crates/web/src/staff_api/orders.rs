//! `GET /api/v1/staff/orders` and `GET /api/v1/staff/orders/{number}`: what the shop has about orders, whoever
//! placed them. No phone number, no token of a pay page, no key and no whole serial number stands in it. What was
//! delivered is shown by `POST …/{number}/reveal`, which writes down who looked. The raw words of others are evidence
//! (`evidence.rs`).

use crate::{
    app::App,
    headers::Segment,
    problem::{Problem, ProblemBody},
    staff_api::{Staff, number, page_limit, refused::NotAnswered, unknown_order, wrong},
};
use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use orders::{BuyerRecord, Order, OrderFile, OrderFilter};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::str::FromStr;
use utoipa::{IntoParams, ToSchema};
use vocabulary::{OrderNumber, Timestamp};

/// Which orders.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Search {
    /// Only of this state.
    #[param(example = "needs_attention")]
    state: Option<String>,
    /// Only those that need a person for this reason.
    #[param(example = "odd_money")]
    attention: Option<String>,
    /// `purchase` or `deposit`.
    kind: Option<String>,
    /// Only of this buyer, as `buyer` shows it.
    buyer: Option<String>,
    /// Only for this product.
    #[param(example = "ML_86")]
    product: Option<String>,
    /// How many orders, 1 to 200. Default 50.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, example = 50)]
    limit: Option<String>,
    /// Number of the last order of the page before: only older ones.
    after: Option<String>,
}

/// A page of orders.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffOrderPage)]
pub(crate) struct PageBody {
    /// The orders, newest first.
    data: Vec<LineBody>,
    /// Whether there are more: send the last number as `after`.
    has_more: bool,
}

/// An order as staff find it in a list.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffOrderLine)]
pub(crate) struct LineBody {
    number: String,
    kind: &'static str,
    state: &'static str,
    attention: Option<&'static str>,
    /// The supplier whose deposit it waits for.
    waits_for: Option<String>,
    product_code: String,
    product_name: String,
    user_id: String,
    server_id: Option<String>,
    /// In whole rupiah.
    amount: i64,
    /// What it may cost us at most.
    cost: i64,
    payment_method: &'static str,
    buyer: String,
    /// Through whom it was placed.
    owner: String,
    risk_score: i64,
    risk_action: &'static str,
    placed_at: String,
    paid_at: Option<String>,
    delivered_at: Option<String>,
    updated_at: String,
}

/// Everything that the shop has about an order.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffOrder)]
pub(crate) struct FileBody {
    #[serde(flatten)]
    order: LineBody,
    /// The end of the serial number or code, by which it can be talked about. The whole of it is in the answer to
    /// `…/reveal` alone.
    serial_number: Option<String>,
    /// Until when its buyer may complain, once it is delivered: for staff to go by, it closes nothing.
    complain_until: Option<String>,
    /// What its buyer agreed to before it was placed; over HTTP the site that sells asks.
    agreed: AgreedBody,
    discord: DiscordBody,
    /// How the purchases of its buyer have ended.
    buyer_record: RecordBody,
    risk_findings: Vec<FindingBody>,
    payments: Vec<PaymentBody>,
    refunds: Vec<RefundBody>,
    /// What staff wanted given back.
    refund_requests: Vec<RequestBody>,
    /// Purchases at suppliers, with the reasons of each choice.
    attempts: Vec<AttemptBody>,
    ledger: Vec<LedgerBody>,
    timeline: Vec<EventBody>,
    audit: Vec<AuditBody>,
}

/// What a buyer agreed to.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffAgreed)]
pub(crate) struct AgreedBody {
    /// The name of the player that was shown, untrusted.
    nickname: Option<String>,
    at: Option<String>,
}

/// Where an order comes from that was placed on Discord.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffDiscord)]
pub(crate) struct DiscordBody {
    /// The server.
    server: Option<String>,
    /// When the buyer's account there was made, and when the buyer joined the server.
    account_made_at: Option<String>,
    joined_at: Option<String>,
}

/// How the purchases of a buyer have ended.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffBuyerRecord)]
pub(crate) struct RecordBody {
    /// How many were paid, and of those, how many are delivered and how many were refunded.
    paid: i64,
    delivered: i64,
    refunded: i64,
    /// Of a hundred paid ones, rounded down.
    refund_percent: i64,
}

/// What one parameter of the risk rules found.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffFinding)]
pub(crate) struct FindingBody {
    parameter: String,
    points: i64,
    explanation: String,
}

/// A payment.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffPayment)]
pub(crate) struct PaymentBody {
    reference: String,
    method: &'static str,
    gateway: String,
    amount: i64,
    state: &'static str,
    /// What its gateway says.
    note: Option<String>,
    /// What came in, where that is not our amount.
    odd_amount: Option<i64>,
    /// What its gateway gave back by itself.
    given_back: Option<i64>,
    /// What a refund of ours is giving back, and what refunds have given back.
    refunding: i64,
    refunded: i64,
    /// The number or code by which it is paid at a bank or a till.
    payment_code: Option<String>,
}

/// A refund to where the money came from.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffRefund)]
pub(crate) struct RefundBody {
    reference: String,
    gateway: String,
    amount: i64,
    /// Out of what it is given: `escrow`, or the buyer's `wallet`.
    out_of: &'static str,
    state: &'static str,
    reason: String,
    requested_by: String,
    approved_by: Option<String>,
    /// Why its gateway gives nothing back, if it has said so.
    refusal: Option<&'static str>,
    /// What its gateway says.
    note: Option<String>,
    /// How often it was sent.
    sends: i64,
}

/// A wish to give money back.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffRefundRequest)]
pub(crate) struct RequestBody {
    /// What a second person decides about.
    #[schema(example = "rrq_01kawey8zzq4n3h5m6s9t2v7x1")]
    id: String,
    to: &'static str,
    amount: i64,
    reason: String,
    /// `waiting` for a second person, `carried_out`, or how else it ended.
    state: String,
    requested_by: String,
    decided_by: Option<String>,
}

/// A purchase at a supplier.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffAttempt)]
pub(crate) struct AttemptBody {
    reference: String,
    supplier: String,
    sku: String,
    customer_no: String,
    state: &'static str,
    /// The supplier's code and words.
    code: Option<String>,
    message: Option<String>,
    serial_number: Option<String>,
    /// The supplier's own number of it.
    supplier_number: Option<String>,
    /// How often it was sent and asked about.
    asked: i64,
    first_sent_at: Option<String>,
    /// When the supplier last answered, or was given up on.
    answered_at: Option<String>,
    /// When it was delivered, or held to have failed.
    ended_at: Option<String>,
    price: Option<i64>,
    max_price: i64,
    /// Every route that was looked at: supplier, code, whether it was taken, and why.
    #[schema(value_type = Vec<Object>)]
    routing: Value,
}

/// A line of the ledger.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffLedgerLine)]
pub(crate) struct LedgerBody {
    at: String,
    kind: &'static str,
    reference: String,
    account: String,
    /// Positive is a debit.
    amount: i64,
}

/// A line of an order's history.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffEvent)]
pub(crate) struct EventBody {
    at: String,
    kind: String,
    detail: Option<String>,
}

/// An entry of the audit trail.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffAuditEntry)]
pub(crate) struct AuditBody {
    at: String,
    actor: String,
    action: String,
    before: Option<String>,
    after: Option<String>,
    source: Option<String>,
}

impl LineBody {
    fn new(order: &Order) -> Self {
        let at = |at: Timestamp| at.rfc3339();
        LineBody {
            number: order.number.to_string(),
            kind: order.kind.as_str(),
            state: order.state.as_str(),
            attention: order.attention.map(|why| why.as_str()),
            waits_for: order.waits_for.clone(),
            product_code: order.product.to_string(),
            product_name: order.product_name.clone(),
            user_id: order.account.user_id().to_owned(),
            server_id: order.account.server_id().map(str::to_owned),
            amount: order.amount.get(),
            cost: order.cost.get(),
            payment_method: order.method.as_str(),
            buyer: order.buyer.to_string(),
            owner: order.owner.clone(),
            risk_score: order.risk_score,
            risk_action: order.risk_action.as_str(),
            placed_at: at(order.placed_at),
            paid_at: order.paid_at.map(at),
            delivered_at: order.delivered_at.map(at),
            updated_at: at(order.updated_at),
        }
    }
}

impl RecordBody {
    pub(super) fn new(record: BuyerRecord) -> Self {
        RecordBody {
            paid: record.paid,
            delivered: record.delivered,
            refunded: record.refunded,
            refund_percent: record.refund_percent(),
        }
    }
}

impl FileBody {
    /// As it is; what is not to be shown is masked before.
    pub(super) fn new(file: &OrderFile) -> Self {
        let time = |at: Option<Timestamp>| at.map(Timestamp::rfc3339);
        let routing = |text: Option<&str>| {
            let read = text.and_then(|text| serde_json::from_str::<Value>(text).ok());
            read.filter(Value::is_array).unwrap_or_else(|| Value::Array(Vec::new()))
        };
        FileBody {
            order: LineBody::new(&file.order),
            serial_number: file.order.serial_number.clone(),
            complain_until: time(file.complain_until),
            agreed: AgreedBody { nickname: file.origin.nickname.clone(), at: time(file.origin.agreed_at) },
            discord: DiscordBody {
                server: file.origin.guild.clone(),
                account_made_at: time(file.origin.account_made_at),
                joined_at: time(file.origin.joined_at),
            },
            buyer_record: RecordBody::new(file.record),
            risk_findings: (file.order.risk_findings.iter())
                .map(|f| FindingBody {
                    parameter: f.parameter.to_string(),
                    points: f.points,
                    explanation: f.explanation.clone(),
                })
                .collect(),
            payments: (file.payments.iter())
                .map(|p| PaymentBody {
                    reference: p.reference.to_string(),
                    method: p.method.as_str(),
                    gateway: p.gateway.clone(),
                    amount: p.amount.get(),
                    state: p.state.as_str(),
                    note: p.note.clone(),
                    odd_amount: p.odd_amount.map(|amount| amount.get()),
                    given_back: p.given_back.map(|amount| amount.get()),
                    refunding: p.refunding.get(),
                    refunded: p.refunded.get(),
                    payment_code: p.opened.payment_code.clone(),
                })
                .collect(),
            refunds: (file.refunds.iter())
                .map(|r| RefundBody {
                    reference: r.reference.to_string(),
                    gateway: r.gateway.clone(),
                    amount: r.amount.get(),
                    out_of: r.origin.as_str(),
                    state: r.state.as_str(),
                    reason: r.reason.clone(),
                    requested_by: r.requested_by.to_string(),
                    approved_by: r.approved_by.as_ref().map(ToString::to_string),
                    refusal: r.refusal.map(|why| why.as_str()),
                    note: r.note.clone(),
                    sends: r.sends,
                })
                .collect(),
            refund_requests: (file.refund_requests.iter())
                .map(|r| RequestBody {
                    id: r.id.to_string(),
                    to: r.target.as_str(),
                    amount: r.amount.get(),
                    reason: r.reason.clone(),
                    state: r.state.to_string(),
                    requested_by: r.requested_by.to_string(),
                    decided_by: r.decided_by.as_ref().map(ToString::to_string),
                })
                .collect(),
            attempts: (file.attempts.iter())
                .map(|a| AttemptBody {
                    reference: a.reference.to_string(),
                    supplier: a.supplier.clone(),
                    sku: a.sku.clone(),
                    customer_no: a.customer_no.clone(),
                    state: a.state.as_str(),
                    code: a.code.clone(),
                    message: a.message.clone(),
                    serial_number: a.serial_number.clone(),
                    supplier_number: a.number.clone(),
                    asked: a.asked,
                    first_sent_at: time(a.first_sent_at),
                    answered_at: time(a.answered_at),
                    ended_at: time(a.ended_at),
                    price: a.price.map(|price| price.get()),
                    max_price: a.max_price.get(),
                    routing: routing(a.routing.as_deref()),
                })
                .collect(),
            ledger: (file.ledger.iter())
                .map(|l| LedgerBody {
                    at: l.at.rfc3339(),
                    kind: l.kind.as_str(),
                    reference: l.reference.clone(),
                    account: l.account.to_string(),
                    amount: l.amount.get(),
                })
                .collect(),
            timeline: (file.timeline.iter())
                .map(|t| EventBody { at: t.at.rfc3339(), kind: t.kind.clone(), detail: t.detail.clone() })
                .collect(),
            audit: (file.audit.iter())
                .map(|a| AuditBody {
                    at: a.at.rfc3339(),
                    actor: a.actor.clone(),
                    action: a.action.clone(),
                    before: a.before.clone(),
                    after: a.after.clone(),
                    source: a.source.clone(),
                })
                .collect(),
        }
    }
}

/// Orders of everybody, newest first: those that fit everything that is said.
#[utoipa::path(get, path = "/api/v1/staff/orders", tag = "staff", params(Search), security(("api_key" = [])), responses(
    (status = 200, description = "A page of orders", body = PageBody),
    (status = 400, description = "A parameter is wrong", body = ProblemBody, content_type = "application/problem+json"),
    NotAnswered,
))]
pub(crate) async fn list(
    State(app): State<App>,
    _staff: Staff,
    search: Result<Query<Search>, QueryRejection>,
) -> Result<Json<PageBody>, Problem> {
    let Query(search) = search.map_err(|_| wrong("state, attention, kind, buyer, product, limit, after"))?;
    let limit = page_limit(search.limit.as_deref())?;
    let before = match parameter::<OrderNumber>("after", search.after.as_deref())? {
        Some(number) => Some(app.shop.order_id(&number).await?.ok_or_else(|| wrong("after"))?),
        None => None,
    };
    let filter = OrderFilter {
        state: parameter("state", search.state.as_deref())?,
        attention: parameter("attention", search.attention.as_deref())?,
        kind: parameter("kind", search.kind.as_deref())?,
        buyer: parameter("buyer", search.buyer.as_deref())?,
        product: parameter("product", search.product.as_deref())?,
        before,
    };
    let (orders, has_more) = app.shop.find_orders(&filter, limit).await?;
    Ok(Json(PageBody { data: orders.iter().map(LineBody::new).collect(), has_more }))
}

/// Everything that the shop has about an order: payments, refunds, purchases with the reasons of each choice, ledger,
/// history and audit.
#[utoipa::path(get, path = "/api/v1/staff/orders/{number}", tag = "staff", security(("api_key" = [])),
    params(("number" = String, Path, description = "Number of the order", example = "LK7Q2M9XK4VT")),
    responses(
        (status = 200, description = "The order", body = FileBody),
        (status = 404, description = "No such order", body = ProblemBody, content_type = "application/problem+json"),
        NotAnswered,
    ))]
pub(crate) async fn show(
    State(app): State<App>,
    _staff: Staff,
    Segment(text): Segment,
) -> Result<Json<FileBody>, Problem> {
    let mut file = app.shop.order_file(&number(&text)?).await?.ok_or_else(unknown_order)?;
    file.mask();
    Ok(Json(FileBody::new(&file)))
}

/// The same with the whole of every serial number and code. Whoever asks is written down in the audit trail first, each
/// time.
#[utoipa::path(post, path = "/api/v1/staff/orders/{number}/reveal", tag = "staff", security(("api_key" = [])),
    params(("number" = String, Path, description = "Number of the order", example = "LK7Q2M9XK4VT")),
    responses(
        (status = 200, description = "The order, with what was delivered", body = FileBody),
        (status = 404, description = "No such order", body = ProblemBody, content_type = "application/problem+json"),
        NotAnswered,
    ))]
pub(crate) async fn reveal(
    State(app): State<App>,
    staff: Staff,
    Segment(text): Segment,
) -> Result<Json<FileBody>, Problem> {
    let number = number(&text)?;
    app.shop.reveal(&number, &staff.actor()).await?;
    let file = app.shop.order_file(&number).await?.ok_or_else(unknown_order)?;
    Ok(Json(FileBody::new(&file)))
}

fn parameter<T: FromStr>(name: &str, text: Option<&str>) -> Result<Option<T>, Problem> {
    text.map(|text| text.parse().map_err(|_| wrong(name))).transpose()
}

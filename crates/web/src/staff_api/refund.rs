//! `POST /api/v1/staff/orders/{number}/refund`, and the second person's `…/refund/approve` and `…/refund/reject`.

use crate::{
    app::App,
    body::Fields,
    headers::Segment,
    problem::{Kind, Problem, ProblemBody},
    staff_api::Staff,
    words::words,
};
use axum::{Json, extract::State};
use orders::{ActionError, RefundAnswer, RefundError, RefundTarget, RefundWish};
use serde::Serialize;
use utoipa::ToSchema;
use vocabulary::{OrderNumber, Rupiah};

/// The longest reason that is stored.
const REASON_CHARS: usize = 200;
/// The most that can be named.
const MOST: u64 = 1_000_000_000_000;

/// What is to be given back.
#[derive(ToSchema)]
#[schema(as = RefundWish)]
#[expect(dead_code, reason = "it describes the body, which is read field by field")]
pub(crate) struct RefundBody {
    /// `source` or `wallet`; left out, to where the money came from if it can go there.
    #[schema(example = "source")]
    to: Option<String>,
    /// Whole rupiah; left out, all that can go back.
    #[schema(example = 5_000)]
    amount: Option<i64>,
    /// Why, for the audit trail.
    #[schema(example = "asked for by the buyer")]
    reason: Option<String>,
}

/// What became of it.
#[derive(Serialize, ToSchema)]
#[schema(as = Refund)]
pub(crate) struct RefundAnswerBody {
    /// Number of the order.
    number: String,
    /// Where the order stands now.
    state: &'static str,
    /// How much, in whole rupiah.
    amount: i64,
    /// Where it goes: `source` or `wallet`.
    to: &'static str,
    /// Why it does not go to where it came from, in English for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_to_source: Option<String>,
    /// Whether a second person has to agree first: nothing has been given back yet.
    waits_for_second_person: bool,
}

/// What became of a rejection.
#[derive(Serialize, ToSchema)]
#[schema(as = RefundRejected)]
pub(crate) struct RejectedBody {
    /// Number of the order.
    number: String,
    /// `rejected`.
    refund: &'static str,
}

impl RefundAnswerBody {
    fn new(number: &OrderNumber, answer: &RefundAnswer) -> Self {
        RefundAnswerBody {
            number: number.to_string(),
            state: answer.state.as_str(),
            amount: answer.amount.get(),
            to: answer.target.as_str(),
            not_to_source: answer.not_to_source.map(|why| why.to_string()),
            waits_for_second_person: answer.waits,
        }
    }
}

struct Asked {
    target: Option<RefundTarget>,
    amount: Option<Rupiah>,
    reason: Option<String>,
}

impl Asked {
    fn read(mut fields: Fields) -> Result<Self, Problem> {
        let target = fields.optional_parsed(
            "to",
            words("Isi dengan source atau wallet.", "This field is source or wallet."),
        );
        let amount = fields.optional_number("amount", (1, MOST));
        let reason = fields.optional_text("reason").map(|reason| reason.trim().to_owned());
        if reason
            .as_ref()
            .is_some_and(|r| r.chars().count() > REASON_CHARS || r.chars().any(char::is_control))
        {
            let rule = words(
                format!("Paling banyak {REASON_CHARS} huruf, dalam satu baris."),
                format!("At most {REASON_CHARS} characters, on one line."),
            );
            fields.refuse("reason", rule);
        }
        let amount = amount.and_then(|amount| i64::try_from(amount).ok()).map(Rupiah::new);
        let reason = reason.filter(|reason| !reason.is_empty());
        fields.finish(Some(Asked { target, amount, reason }))
    }
}

/// Gives money back: an order that needs attention, whole, or store credit that an order gave. To where it
/// came from if it can go there, else to store credit; the answer says which. Above a limit it waits for
/// another person. Not safe to send twice without looking: a part that is asked for twice goes back twice, as
/// far as there is any.
#[utoipa::path(post, path = "/api/v1/staff/orders/{number}/refund", tag = "staff", request_body = RefundBody, security(("api_key" = [])),
    params(("number" = String, Path, description = "Number of the order", example = "LK7Q2M9XK4VT")),
    responses(
        (status = 200, description = "What is done, or waits for another person", body = RefundAnswerBody),
        (status = 400, description = "The body is not JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "No staff key, or a wrong one", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such order", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "It cannot be given back, or not so", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "Not sent as JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A field cannot be accepted", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The database cannot answer now", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn refund(
    State(app): State<App>,
    staff: Staff,
    Segment(text): Segment,
    fields: Fields,
) -> Result<Json<RefundAnswerBody>, Problem> {
    let number = number(&text)?;
    let asked = Asked::read(fields)?;
    let wish = RefundWish { target: asked.target, amount: asked.amount, reason: asked.reason.as_deref() };
    let answer = app.shop.refund(&number, &wish, &staff.actor()).await.map_err(refusal)?;
    Ok(Json(RefundAnswerBody::new(&number, &answer)))
}

/// Agrees to a refund that waits for a second person. Whoever wanted it cannot.
#[utoipa::path(post, path = "/api/v1/staff/orders/{number}/refund/approve", tag = "staff", security(("api_key" = [])),
    params(("number" = String, Path, description = "Number of the order", example = "LK7Q2M9XK4VT")),
    responses(
        (status = 200, description = "What is done", body = RefundAnswerBody),
        (status = 401, description = "No staff key, or a wrong one", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such order", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Nothing waits, the same person wanted it, or it cannot be any more", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The database cannot answer now", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn approve(
    State(app): State<App>,
    staff: Staff,
    Segment(text): Segment,
) -> Result<Json<RefundAnswerBody>, Problem> {
    let number = number(&text)?;
    let answer = app.shop.approve_refund(&number, &staff.actor()).await.map_err(refusal)?;
    Ok(Json(RefundAnswerBody::new(&number, &answer)))
}

/// Says no to a refund that waits for a second person.
#[utoipa::path(post, path = "/api/v1/staff/orders/{number}/refund/reject", tag = "staff", security(("api_key" = [])),
    params(("number" = String, Path, description = "Number of the order", example = "LK7Q2M9XK4VT")),
    responses(
        (status = 200, description = "Nothing is given back", body = RejectedBody),
        (status = 401, description = "No staff key, or a wrong one", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such order", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Nothing waits", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The database cannot answer now", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn reject(
    State(app): State<App>,
    staff: Staff,
    Segment(text): Segment,
) -> Result<Json<RejectedBody>, Problem> {
    let number = number(&text)?;
    app.shop.reject_refund(&number, &staff.actor()).await.map_err(refusal)?;
    Ok(Json(RejectedBody { number: number.to_string(), refund: "rejected" }))
}

/// The number in a path. What is no number is no order.
fn number(text: &str) -> Result<OrderNumber, Problem> {
    text.parse().map_err(|_| unknown_order())
}

fn unknown_order() -> Problem {
    Problem::new(
        Kind::NotFound,
        words("Tidak ada pesanan dengan nomor ini.", "There is no order with this number."),
    )
}

/// Staff read the reason in the words of the command line.
fn refusal(error: RefundError) -> Problem {
    match error {
        RefundError::Action(ActionError::UnknownOrder(_)) => unknown_order(),
        RefundError::Action(ActionError::Database(error)) => error.into(),
        other => Problem::new(Kind::NotPossible, words(other.to_string(), other.to_string())),
    }
}

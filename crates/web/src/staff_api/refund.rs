//! `POST /api/v1/staff/orders/{number}/refund`, and the second person's `…/refund/approve` and `…/refund/reject`.

use crate::{
    app::App,
    body::Fields,
    headers::Segment,
    problem::{Kind, Problem, ProblemBody},
    staff_api::{
        Staff,
        decision::{Incoming, not_decided, replayed},
        number,
        refused::{NotAnswered, NotJson, NotRead},
    },
    words::words,
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use orders::{ActionError, Once, RefundAnswer, RefundError, RefundTarget, RefundWish, SeenRefund};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use vocabulary::{OrderNumber, RefundRequestId, Rupiah};

/// The longest reason that is stored.
const REASON_CHARS: usize = 200;

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

/// The refund that is decided about, as whoever decides has seen it.
#[derive(ToSchema)]
#[schema(as = RefundSeen)]
#[expect(dead_code, reason = "it describes the body, which is read field by field")]
pub(crate) struct SeenBody {
    /// Id of the request, from the answer to it. Where another has taken its place, nothing is decided.
    #[schema(example = "rrq_01kawey8zzq4n3h5m6s9t2v7x1")]
    request: String,
    /// How much it is, in whole rupiah. Given, it has to be that.
    #[schema(example = 600_000)]
    amount: Option<i64>,
}

/// What became of it.
#[derive(Serialize, ToSchema)]
#[schema(as = Refund)]
pub(crate) struct RefundAnswerBody {
    /// Number of the order.
    number: String,
    /// Id of the request: what a second person decides about.
    request: String,
    /// Where the order stood when this was answered first.
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
            request: answer.request.to_string(),
            state: answer.state.as_str(),
            amount: answer.amount.get(),
            to: answer.target.as_str(),
            not_to_source: answer.not_to_source.clone(),
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
        let amount = fields.optional_rupiah("amount", 1);
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
        let reason = reason.filter(|reason| !reason.is_empty());
        fields.finish(Some(Asked { target, amount, reason }))
    }

    /// Hash of what is asked for.
    fn hash(&self, number: &OrderNumber) -> String {
        let (to, amount) = (self.target.map(RefundTarget::as_str), self.amount.map(Rupiah::get));
        let canonical = serde_json::json!(["refund", 1, number.as_str(), to, amount, self.reason]);
        hex::encode(Sha256::digest(canonical.to_string()))
    }
}

/// The request that is decided about.
struct Seen {
    request: RefundRequestId,
    amount: Option<Rupiah>,
}

impl Seen {
    fn read(mut fields: Fields) -> Result<Self, Problem> {
        let rule = words(
            "Isi dengan id permintaan, seperti dalam jawaban pengembalian dana.",
            "This field is the id of the request, as in the answer to it.",
        );
        let request = fields.parsed("request", rule);
        let amount = fields.optional_rupiah("amount", 1);
        fields.finish(request.map(|request| Seen { request, amount }))
    }
}

/// Gives money back: an order that needs attention, whole, or store credit that an order gave. To where it
/// came from if it can go there, else to store credit; the answer says which. Above a limit it waits for
/// another person, who needs the id of the request. Sent again with the same key it does nothing more, and is
/// answered the same.
#[utoipa::path(post, path = "/api/v1/staff/orders/{number}/refund", tag = "staff", request_body = RefundBody, security(("api_key" = [])),
    params(("number" = String, Path, description = "Number of the order", example = "LK7Q2M9XK4VT"),
        ("Idempotency-Key" = String, Header, description = "A unique text of your own, 1 to 255 visible ASCII characters. The same request with the same key is carried out once.", example = "8a1f0c1e-refund-1")),
    responses(
        (status = 200, description = "What is done, or waits for another person", body = RefundAnswerBody, headers(
            ("Idempotency-Replayed" = String, description = "`true` when the key had been used for the same request before: nothing was done now"),
        )),
        (status = 400, description = "No Idempotency-Key, or the body is not JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such order", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "It cannot be given back, or not so", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A field cannot be accepted, or the key was used for another request", body = ProblemBody, content_type = "application/problem+json"),
        NotAnswered,
        NotJson,
    ))]
pub(crate) async fn refund(incoming: Incoming, fields: Fields) -> Result<Response, Problem> {
    let Incoming { app, staff, subject, key } = incoming;
    let number = number(&subject)?;
    let asked = Asked::read(fields)?;
    let wish = RefundWish { target: asked.target, amount: asked.amount, reason: asked.reason.as_deref() };
    let (actor, request_hash) = (staff.actor(), asked.hash(&number));
    // The keys of staff are apart from those of callers who place orders, whatever their names are.
    let owner = format!("refund by {actor}");
    let once = Once { owner: &owner, key: &key, request_hash: &request_hash };
    let (answer, is_replay) = app.shop.refund_once(&number, &wish, &actor, &once).await.map_err(refusal)?;
    let body = Json(RefundAnswerBody::new(&number, &answer));
    Ok(if is_replay { replayed(body) } else { body.into_response() })
}

/// Agrees to a refund that waits for a second person: to the one that they have seen. Whoever wanted it cannot.
#[utoipa::path(post, path = "/api/v1/staff/orders/{number}/refund/approve", tag = "staff", request_body = SeenBody, security(("api_key" = [])),
    params(("number" = String, Path, description = "Number of the order", example = "LK7Q2M9XK4VT")),
    responses(
        (status = 200, description = "What is done", body = RefundAnswerBody),
        (status = 404, description = "No such order", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "It does not wait, another waits, the same person wanted it, or it cannot be any more", body = ProblemBody, content_type = "application/problem+json"),
        NotAnswered,
        NotRead,
        NotJson,
    ))]
pub(crate) async fn approve(
    State(app): State<App>,
    staff: Staff,
    Segment(text): Segment,
    fields: Fields,
) -> Result<Json<RefundAnswerBody>, Problem> {
    let (number, seen) = (number(&text)?, Seen::read(fields)?);
    let seen = SeenRefund { number: &number, request: &seen.request, amount: seen.amount };
    let answer = app.shop.approve_refund(seen, &staff.actor()).await.map_err(refusal)?;
    Ok(Json(RefundAnswerBody::new(&number, &answer)))
}

/// Says no to a refund that waits for a second person.
#[utoipa::path(post, path = "/api/v1/staff/orders/{number}/refund/reject", tag = "staff", request_body = SeenBody, security(("api_key" = [])),
    params(("number" = String, Path, description = "Number of the order", example = "LK7Q2M9XK4VT")),
    responses(
        (status = 200, description = "Nothing is given back", body = RejectedBody),
        (status = 404, description = "No such order", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "It does not wait", body = ProblemBody, content_type = "application/problem+json"),
        NotAnswered,
        NotRead,
        NotJson,
    ))]
pub(crate) async fn reject(
    State(app): State<App>,
    staff: Staff,
    Segment(text): Segment,
    fields: Fields,
) -> Result<Json<RejectedBody>, Problem> {
    let (number, seen) = (number(&text)?, Seen::read(fields)?);
    let seen = SeenRefund { number: &number, request: &seen.request, amount: seen.amount };
    app.shop.reject_refund(seen, &staff.actor()).await.map_err(refusal)?;
    Ok(Json(RejectedBody { number: number.to_string(), refund: "rejected" }))
}

/// Staff read the reason in the words of the command line.
pub(super) fn refusal(error: RefundError) -> Problem {
    if let RefundError::Action(action) = &error
        && let Some(problem) = not_decided(action)
    {
        return problem;
    }
    match error {
        RefundError::Action(ActionError::Database(error)) => error.into(),
        RefundError::KeyReused => Problem::new(
            Kind::IdempotencyKeyReused,
            words(
                "Kunci ini sudah dipakai untuk permintaan lain. Pakai kunci baru untuk permintaan baru.",
                "This key was used for another request. Use a new key for a new request.",
            ),
        ),
        other => Problem::new(Kind::NotPossible, words(other.to_string(), other.to_string())),
    }
}

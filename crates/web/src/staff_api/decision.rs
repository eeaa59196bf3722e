//! A decision of staff about an order: made once for its `Idempotency-Key`, under the name of whoever holds the staff
//! key. And why one is not made, as every door for decisions tells it.

use crate::{
    app::App,
    headers::{Key, Segment},
    problem::{Kind, Problem, ProblemBody},
    staff_api::{Staff, number, unknown_order},
    words::words,
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, request::Parts},
    response::{IntoResponse, Response},
};
use orders::{ActionError, Once};
use sha2::{Digest, Sha256};
use utoipa::IntoResponses;
use vocabulary::{Actor, IdempotencyKey, OrderNumber};

/// Why nobody is let in to decide, and why it is not known whether it was decided.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it describes answers, which are made of problems")]
pub(super) enum NotDecided {
    /// No staff key, or a wrong one
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthenticated(ProblemBody),
    /// Unknown whether it was decided: send the same again with the same key
    #[response(status = 503, content_type = "application/problem+json")]
    Unknown(ProblemBody),
}

/// Why the key of a decision without a body is not taken.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it describes answers, which are made of problems")]
pub(super) enum KeyRefused {
    /// No Idempotency-Key
    #[response(status = 400, content_type = "application/problem+json")]
    NoKey(ProblemBody),
    /// The key was used for another decision
    #[response(status = 422, content_type = "application/problem+json")]
    KeyReused(ProblemBody),
}

/// Why the key and the body of a decision that has one are not taken; beside what is no JSON at all.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it describes answers, which are made of problems")]
pub(super) enum BodyRefused {
    /// No Idempotency-Key, or the body is not JSON
    #[response(status = 400, content_type = "application/problem+json")]
    Malformed(ProblemBody),
    /// A field cannot be accepted, or the key was used for another decision
    #[response(status = 422, content_type = "application/problem+json")]
    Invalid(ProblemBody),
}

/// Why it is not decided about an order.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it describes answers, which are made of problems")]
pub(super) enum OrderRefused {
    /// No such order
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(ProblemBody),
    /// It cannot be done to the order as it stands, and nothing was changed; or nobody knows whether it was decided under the key before
    #[response(status = 409, content_type = "application/problem+json")]
    NotPossible(ProblemBody),
}

/// What comes to a door at which somebody of the staff decides, once for a key. A handler that takes it is authorised.
pub(crate) struct Incoming {
    pub(super) app: App,
    pub(super) staff: Staff,
    /// What it is about, as the path has it.
    pub(super) subject: String,
    pub(super) key: IdempotencyKey,
}

/// One decision about an order, and the key that it comes with.
pub(super) struct Decision {
    app: App,
    /// Who decides: keys of others are other keys.
    owner: Actor,
    key: IdempotencyKey,
    number: OrderNumber,
    /// Hash of what is decided.
    hash: String,
}

impl FromRequestParts<App> for Incoming {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let staff = Staff::from_request_parts(parts, app).await?;
        let Segment(subject) = Segment::from_request_parts(parts, app).await?;
        let Key(key) = Key::from_request_parts(parts, app).await?;
        Ok(Incoming { app: app.clone(), staff, subject, key })
    }
}

impl Incoming {
    /// What is decided about the order that the path names.
    pub(super) fn about_order(self, what: &str) -> Result<Decision, Problem> {
        let number = number(&self.subject)?;
        Ok(self.about(number, what))
    }

    /// What is decided about an order.
    pub(super) fn about(self, number: OrderNumber, what: &str) -> Decision {
        let hash = hash_of(number.as_str(), what);
        Decision { owner: self.staff.actor(), app: self.app, key: self.key, number, hash }
    }
}

impl Decision {
    pub(super) fn app(&self) -> &App {
        &self.app
    }

    /// The order that it is about.
    pub(super) fn number(&self) -> &OrderNumber {
        &self.number
    }

    /// Who decides.
    pub(super) fn actor(&self) -> &Actor {
        &self.owner
    }

    /// Its key: it is kept with what became of it, where that is decided.
    pub(super) fn once(&self) -> Once<'_> {
        Once { owner: self.owner.as_str(), key: &self.key, request_hash: &self.hash }
    }
}

/// Hash of what is decided about an order or a buyer, as it is kept with the key.
pub(super) fn hash_of(subject: &str, what: &str) -> String {
    hex::encode(Sha256::digest(format!("staff 1 {subject} {what}")))
}

/// What every decision that was not made can be told in the same words.
pub(super) fn not_decided(error: &ActionError) -> Option<Problem> {
    match error {
        ActionError::UnknownOrder(_) => Some(unknown_order()),
        ActionError::KeyReused => Some(Problem::plain(Kind::IdempotencyKeyReused)),
        ActionError::OutcomeUnknown(number) => Some(Problem::new(
            Kind::NotPossible,
            words(
                format!(
                    "Pesanan {number}: tidak diketahui apakah ini sudah diputuskan dengan kunci yang sama. Lihat pesanannya, lalu putuskan dengan kunci baru."
                ),
                error.to_string(),
            ),
        )),
        _ => None,
    }
}

/// The answer to a decision that was made before, and not now.
pub(super) fn replayed(answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    response
}

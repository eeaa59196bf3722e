//! A decision of staff about an order: made once for its `Idempotency-Key`, under the name of whoever holds the staff
//! key. And why one is not made, as every door for decisions tells it.

use crate::{
    app::App,
    problem::{Kind, Problem, ProblemBody},
    staff_api::{Staff, unknown_order},
};
use axum::{
    http::HeaderValue,
    response::{IntoResponse, Response},
};
use orders::StaffKey;
use sha2::{Digest, Sha256};
use utoipa::IntoResponses;
use vocabulary::{IdempotencyKey, OrderNumber};

/// Why a decision was not made.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it describes answers, which are made of problems")]
pub(super) enum NotDecided {
    /// No Idempotency-Key
    #[response(status = 400, content_type = "application/problem+json")]
    NoKey(ProblemBody),
    /// No staff key, or a wrong one
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthenticated(ProblemBody),
    /// No such order
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(ProblemBody),
    /// It cannot be done to the order as it stands; nothing was changed
    #[response(status = 409, content_type = "application/problem+json")]
    NotPossible(ProblemBody),
    /// The key was used for another decision
    #[response(status = 422, content_type = "application/problem+json")]
    KeyReused(ProblemBody),
    /// Unknown whether it was decided: look at the order
    #[response(status = 503, content_type = "application/problem+json")]
    Unknown(ProblemBody),
}

/// Why one that has a body was not made.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it describes answers, which are made of problems")]
pub(super) enum NotDecidedWithBody {
    /// No Idempotency-Key, or the body is not JSON
    #[response(status = 400, content_type = "application/problem+json")]
    Malformed(ProblemBody),
    /// No staff key, or a wrong one
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthenticated(ProblemBody),
    /// No such order
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(ProblemBody),
    /// It cannot be done to the order as it stands; nothing was changed
    #[response(status = 409, content_type = "application/problem+json")]
    NotPossible(ProblemBody),
    /// The body is too large
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(ProblemBody),
    /// Not sent as JSON
    #[response(status = 415, content_type = "application/problem+json")]
    NotJson(ProblemBody),
    /// A field cannot be accepted, or the key was used for another decision
    #[response(status = 422, content_type = "application/problem+json")]
    Invalid(ProblemBody),
    /// Unknown whether it was decided: look at the order
    #[response(status = 503, content_type = "application/problem+json")]
    Unknown(ProblemBody),
}

/// One decision about an order, and the key that it comes with.
pub(super) struct Decision<'a> {
    app: &'a App,
    staff: &'a Staff,
    key: &'a IdempotencyKey,
    number: OrderNumber,
    /// Hash of what is decided.
    hash: String,
}

impl<'a> Decision<'a> {
    pub(super) fn new(
        app: &'a App,
        (staff, key): (&'a Staff, &'a IdempotencyKey),
        number: OrderNumber,
        what: &str,
    ) -> Self {
        let hash = hex::encode(Sha256::digest(format!("staff 1 {number} {what}")));
        Decision { app, staff, key, number, hash }
    }

    /// The order that it is about.
    pub(super) fn number(&self) -> &OrderNumber {
        &self.number
    }

    /// Takes the key. Whether this decision was made under it before: then nothing is to be done now, and the answer
    /// says how things stand.
    pub(super) async fn was_made(&self) -> Result<bool, Problem> {
        let shop = &self.app.shop;
        let id = shop.order_id(&self.number).await?.ok_or_else(unknown_order)?;
        let owner = self.staff.actor();
        match shop.take_staff_key((owner.as_str(), self.key), &self.hash, &id).await? {
            StaffKey::New => Ok(false),
            StaffKey::Used => Ok(true),
            StaffKey::OfAnother => Err(Problem::plain(Kind::IdempotencyKeyReused)),
        }
    }

    /// It was refused and has changed nothing, so its key may be used again. Of one that the database did not answer
    /// nobody knows: its key stays taken.
    pub(super) async fn give_key_back(&self) {
        let owner = self.staff.actor();
        let back = self.app.shop.give_staff_key_back((owner.as_str(), self.key), &self.hash).await;
        if let Err(error) = back {
            tracing::warn!(error = %error, "the key of a decision that was refused stays taken: {error}");
        }
    }
}

/// The answer to a decision that was made before, and not now.
pub(super) fn replayed(answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    response
}

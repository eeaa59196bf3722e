//! Why a door of staff does not do what it is asked for, where many of them say it in the same words: for the description
//! of the API. What only decisions are told stands beside them.

use crate::problem::ProblemBody;
use utoipa::IntoResponses;

/// Why nobody is let in, and why nothing is answered.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it describes answers, which are made of problems")]
pub(super) enum NotAnswered {
    /// No staff key, or a wrong one
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthenticated(ProblemBody),
    /// The database cannot answer now
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(ProblemBody),
}

/// Why a body is not even looked at.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it describes answers, which are made of problems")]
pub(super) enum NotJson {
    /// The body is too large
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(ProblemBody),
    /// Not sent as JSON
    #[response(status = 415, content_type = "application/problem+json")]
    OtherType(ProblemBody),
}

/// Why what a body says is not taken, at doors that have no `Idempotency-Key`.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it describes answers, which are made of problems")]
pub(super) enum NotRead {
    /// The body is not JSON
    #[response(status = 400, content_type = "application/problem+json")]
    Malformed(ProblemBody),
    /// A field cannot be accepted
    #[response(status = 422, content_type = "application/problem+json")]
    Invalid(ProblemBody),
}

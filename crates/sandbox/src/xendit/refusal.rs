//! Why Xendit refuses a call: `{error_code, message}` (contracts/payments §3.2, §3.4).

use crate::exchange::Reply;
use serde::Serialize;

/// Why a call is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: &'static str,
    message: String,
}

#[derive(Serialize)]
struct Body<'a> {
    error_code: &'a str,
    message: &'a str,
}

impl Refusal {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Refusal { status, code, message: message.into() }
    }

    /// Something in the call is not in its form.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Refusal::new(400, "API_VALIDATION_ERROR", message)
    }

    pub(super) fn api_key() -> Self {
        Refusal::new(401, "INVALID_API_KEY", "API key format is invalid")
    }

    pub(super) fn not_found(what: &str) -> Self {
        Refusal::new(404, "DATA_NOT_FOUND", format!("{what} not found"))
    }

    pub(super) fn too_many() -> Self {
        Refusal::new(429, "RATE_LIMIT_EXCEEDED", "You have exceeded the rate limit for this endpoint")
    }

    pub(super) fn server() -> Self {
        Refusal::new(500, "SERVER_ERROR", "An unexpected error occurred")
    }

    pub(super) fn ineligible(message: impl Into<String>) -> Self {
        Refusal::new(400, "INELIGIBLE_TRANSACTION_STATUS", message)
    }

    pub(super) fn reply(&self) -> Reply {
        Reply::json(self.status, &Body { error_code: self.code, message: &self.message }).plain_http()
    }
}

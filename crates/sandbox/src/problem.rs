//! Errors of the controls, as RFC 9457 problem documents.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// What is wrong with a call to a control.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    kind: &'static str,
    title: &'static str,
    detail: String,
}

#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
}

impl Problem {
    /// Nothing by that name.
    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Problem {
            status: StatusCode::NOT_FOUND,
            kind: "not-found",
            title: "Not found",
            detail: detail.into(),
        }
    }

    /// It exists, but its state does not allow this.
    pub(crate) fn conflict(detail: impl Into<String>) -> Self {
        Problem {
            status: StatusCode::CONFLICT,
            kind: "conflict",
            title: "Not possible any more",
            detail: detail.into(),
        }
    }

    /// Readable, but not something that can be asked for.
    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Problem {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            kind: "invalid",
            title: "This cannot be asked for",
            detail: detail.into(),
        }
    }

    /// Not the JSON object that was expected.
    pub(crate) fn malformed(detail: impl Into<String>) -> Self {
        Problem {
            status: StatusCode::BAD_REQUEST,
            kind: "malformed",
            title: "The body cannot be read",
            detail: detail.into(),
        }
    }

    /// More than the limit.
    pub(crate) fn too_large(limit: usize) -> Self {
        Problem {
            status: StatusCode::PAYLOAD_TOO_LARGE,
            kind: "too-large",
            title: "The body is too large",
            detail: format!("at most {limit} bytes are read"),
        }
    }

    /// The path exists, the method does not.
    pub(crate) fn method() -> Self {
        Problem {
            status: StatusCode::METHOD_NOT_ALLOWED,
            kind: "method-not-allowed",
            title: "Method not allowed",
            detail: "this path answers to another method".into(),
        }
    }
}

impl From<database::Error> for Problem {
    fn from(error: database::Error) -> Self {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "the books of the sandbox cannot be used: {error}"
        );
        Problem {
            status: StatusCode::SERVICE_UNAVAILABLE,
            kind: "unavailable",
            title: "The books of the sandbox cannot be used",
            detail: "try again; the log says more".into(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let document = Document {
            r#type: format!("urn:loket:sandbox:{}", self.kind),
            title: self.title,
            status: self.status.as_u16(),
            detail: &self.detail,
        };
        let body = serde_json::to_string(&document).unwrap_or_default();
        (self.status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response()
    }
}

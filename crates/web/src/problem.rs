//! Everything that can go wrong for a caller, as RFC 9457 `application/problem+json`. A handler
//! returns a [`Problem`]; the door words it in the reader's language and adds the request's id.

use crate::words::{Words, words};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;
use vocabulary::Locale;

/// What kind of problem it is. Its word is stable: callers may depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Malformed,
    InvalidParameter,
    IdempotencyKeyMissing,
    Unauthenticated,
    WebhookRefused,
    NotFound,
    MethodNotAllowed,
    Timeout,
    NotPossible,
    OutOfStock,
    NotAvailableNow,
    QuoteExpired,
    WalletNotEnough,
    TooManyUnpaid,
    TooLarge,
    UnsupportedMediaType,
    Validation,
    IdempotencyKeyReused,
    Internal,
    Unavailable,
    /// Asked too often; may ask again after so many seconds.
    TooMany {
        seconds: u64,
    },
    /// A status that something below us answered with.
    Other(StatusCode),
}

/// Why a request was not carried out.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    kind: Kind,
    detail: Option<Words>,
    fields: Vec<FieldProblem>,
}

/// What is wrong with one field of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldProblem {
    /// JSON pointer to the field.
    pub(crate) pointer: String,
    /// What is wrong with it.
    pub(crate) detail: Words,
}

/// A problem as it is sent (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody {
    /// Stable identity of the kind of problem.
    #[schema(example = "urn:loket:problem:out-of-stock")]
    r#type: String,
    /// The kind of problem, in the reader's language (`Accept-Language`: `id` or `en`).
    #[schema(example = "Stok habis")]
    title: String,
    /// The HTTP status.
    #[schema(example = 409)]
    status: u16,
    /// The last part of `type`.
    #[schema(example = "out-of-stock")]
    code: String,
    /// What happened this time, in the reader's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "ML_86 sedang habis.")]
    detail: Option<String>,
    /// Id of the request, as in `X-Request-Id`. Name it when you ask for help.
    #[schema(example = "req_01kasr5v6d1fs0v9k3m2q8x7yz")]
    instance: String,
    /// What is wrong with which field, when the request could be read but not accepted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblemBody>,
}

/// One field of a request that cannot be accepted.
#[derive(Serialize, ToSchema)]
#[schema(as = FieldProblem)]
pub(crate) struct FieldProblemBody {
    /// JSON pointer to the field.
    #[schema(example = "/server_id")]
    pointer: String,
    /// What is wrong with it, in the reader's language.
    #[schema(example = "Zone ID belum diisi.")]
    detail: String,
}

impl Kind {
    fn status(self) -> StatusCode {
        match self {
            Kind::Malformed | Kind::InvalidParameter | Kind::IdempotencyKeyMissing => StatusCode::BAD_REQUEST,
            Kind::Unauthenticated | Kind::WebhookRefused => StatusCode::UNAUTHORIZED,
            Kind::NotFound => StatusCode::NOT_FOUND,
            Kind::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Kind::Timeout => StatusCode::REQUEST_TIMEOUT,
            Kind::NotPossible
            | Kind::OutOfStock
            | Kind::NotAvailableNow
            | Kind::QuoteExpired
            | Kind::WalletNotEnough
            | Kind::TooManyUnpaid => StatusCode::CONFLICT,
            Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Kind::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Kind::Validation | Kind::IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Kind::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Kind::Other(status) => status,
        }
    }

    fn code(self) -> String {
        match self {
            Kind::Malformed => "malformed-request".into(),
            Kind::InvalidParameter => "invalid-parameter".into(),
            Kind::IdempotencyKeyMissing => "idempotency-key-missing".into(),
            Kind::Unauthenticated => "unauthenticated".into(),
            Kind::WebhookRefused => "webhook-refused".into(),
            Kind::NotFound => "not-found".into(),
            Kind::MethodNotAllowed => "method-not-allowed".into(),
            Kind::Timeout => "timeout".into(),
            Kind::NotPossible => "not-possible".into(),
            Kind::OutOfStock => "out-of-stock".into(),
            Kind::NotAvailableNow => "not-available-now".into(),
            Kind::QuoteExpired => "quote-expired".into(),
            Kind::WalletNotEnough => "wallet-not-enough".into(),
            Kind::TooManyUnpaid => "too-many-unpaid".into(),
            Kind::TooLarge => "too-large".into(),
            Kind::UnsupportedMediaType => "unsupported-media-type".into(),
            Kind::Validation => "validation".into(),
            Kind::IdempotencyKeyReused => "idempotency-key-reused".into(),
            Kind::Internal => "internal".into(),
            Kind::Unavailable => "unavailable".into(),
            Kind::TooMany { .. } => "too-many-requests".into(),
            Kind::Other(status) => format!("http-{}", status.as_u16()),
        }
    }

    fn title(self) -> Words {
        match self {
            Kind::Malformed => words("Permintaan tidak bisa dibaca", "The request cannot be read"),
            Kind::InvalidParameter => words("Parameter tidak benar", "A parameter is wrong"),
            Kind::IdempotencyKeyMissing => words("Idempotency-Key belum ada", "Idempotency-Key is missing"),
            Kind::Unauthenticated => words("Kunci API diperlukan", "An API key is needed"),
            Kind::WebhookRefused => words("Pengirim tidak dipercaya", "The sender is not believed"),
            Kind::NotFound => words("Tidak ditemukan", "Not found"),
            Kind::MethodNotAllowed => words("Metode tidak didukung", "Method not allowed"),
            Kind::Timeout => words("Permintaan terlalu lama", "The request took too long"),
            Kind::NotPossible => words("Tidak bisa lagi dilakukan", "Not possible any more"),
            Kind::OutOfStock => words("Stok habis", "Out of stock"),
            Kind::NotAvailableNow => words("Sedang tidak bisa dikirim", "Cannot be delivered now"),
            Kind::QuoteExpired => words("Janji harga sudah lewat", "The quote has expired"),
            Kind::WalletNotEnough => words("Saldo tidak cukup", "Not enough store credit"),
            Kind::TooManyUnpaid => words("Terlalu banyak yang belum dibayar", "Too many unpaid orders"),
            Kind::TooLarge => words("Permintaan terlalu besar", "The request is too large"),
            Kind::UnsupportedMediaType => words("Jenis isi tidak didukung", "Unsupported content type"),
            Kind::Validation => words("Isian belum benar", "The request cannot be accepted"),
            Kind::IdempotencyKeyReused => {
                words("Idempotency-Key sudah dipakai", "The Idempotency-Key was used before")
            }
            Kind::Internal => words("Kesalahan di pihak kami", "An error on our side"),
            Kind::Unavailable => words("Sedang tidak tersedia", "Not available right now"),
            Kind::TooMany { .. } => words("Terlalu sering", "Too many requests"),
            Kind::Other(status) if status.is_server_error() => Kind::Internal.title(),
            Kind::Other(_) => words("Permintaan ditolak", "The request was refused"),
        }
    }
}

impl Problem {
    /// A problem of this kind, with what happened this time.
    pub(crate) fn new(kind: Kind, detail: Words) -> Self {
        Problem { kind, detail: Some(detail), fields: Vec::new() }
    }

    /// A problem of which the kind says all.
    pub(crate) fn plain(kind: Kind) -> Self {
        Problem { kind, detail: None, fields: Vec::new() }
    }

    /// Nothing is here.
    pub(crate) fn not_found() -> Self {
        Problem::new(
            Kind::NotFound,
            words("Tidak ada apa-apa di alamat ini.", "There is nothing at this address."),
        )
    }

    /// Fields that cannot be accepted.
    pub(crate) fn fields(fields: Vec<FieldProblem>) -> Self {
        Problem { kind: Kind::Validation, detail: None, fields }
    }

    /// The same, with what happened this time.
    #[must_use]
    pub(crate) fn saying(mut self, detail: Words) -> Self {
        self.detail = Some(detail);
        self
    }

    /// One field that cannot be accepted.
    pub(crate) fn field(name: &str, detail: Words) -> Self {
        Problem::fields(vec![FieldProblem::new(name, detail)])
    }

    /// Something of ours went wrong. The log says what; the caller only hears that it did.
    pub(crate) fn internal(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "a request failed: {error}");
        Problem::new(
            Kind::Internal,
            words(
                "Sudah dicatat. Sebutkan ID permintaan ini kalau menghubungi kami.",
                "It has been recorded. Name the id of this request when you contact us.",
            ),
        )
    }

    /// The database cannot answer now; the same request may be sent again.
    pub(crate) fn unavailable(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "a request could not be answered now: {error}");
        Problem::new(
            Kind::Unavailable,
            words(
                "Coba kirim lagi permintaan yang sama sebentar lagi.",
                "Send the same request again in a moment.",
            ),
        )
    }

    /// A problem for an answer that something below us gave without one.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let kind = match status {
            StatusCode::BAD_REQUEST => Kind::Malformed,
            StatusCode::NOT_FOUND => Kind::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => {
                return Problem::new(
                    Kind::MethodNotAllowed,
                    words(
                        "Alamat ini hanya menerima metode yang disebut di Allow.",
                        "This address answers to the methods named in Allow.",
                    ),
                );
            }
            StatusCode::REQUEST_TIMEOUT => Kind::Timeout,
            StatusCode::PAYLOAD_TOO_LARGE => return Problem::too_large(),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Kind::UnsupportedMediaType,
            StatusCode::INTERNAL_SERVER_ERROR => Kind::Internal,
            StatusCode::SERVICE_UNAVAILABLE => Kind::Unavailable,
            other => Kind::Other(other),
        };
        Problem::plain(kind)
    }

    /// The body is larger than what is read.
    pub(crate) fn too_large() -> Self {
        Problem::new(
            Kind::TooLarge,
            words(
                format!("Paling besar {} byte.", crate::BODY_LIMIT),
                format!("At most {} bytes are read.", crate::BODY_LIMIT),
            ),
        )
    }

    /// The HTTP status.
    pub(crate) fn status(&self) -> StatusCode {
        self.kind.status()
    }

    /// The kind in the reader's language.
    pub(crate) fn title(&self, locale: Locale) -> String {
        self.kind.title().for_reader(locale).to_owned()
    }

    /// What happened this time, in the reader's language.
    pub(crate) fn detail(&self, locale: Locale) -> Option<String> {
        self.detail.as_ref().map(|d| d.for_reader(locale).to_owned())
    }

    /// What is sent.
    pub(crate) fn body(&self, locale: Locale, instance: &str) -> ProblemBody {
        let code = self.kind.code();
        let error = |f: &FieldProblem| FieldProblemBody {
            pointer: f.pointer.clone(),
            detail: f.detail.for_reader(locale).to_owned(),
        };
        ProblemBody {
            r#type: format!("urn:loket:problem:{code}"),
            title: self.title(locale),
            status: self.status().as_u16(),
            code,
            detail: self.detail(locale),
            instance: instance.to_owned(),
            errors: self.fields.iter().map(error).collect(),
        }
    }
}

impl FieldProblem {
    /// What is wrong with a field of the body's object.
    pub(crate) fn new(name: &str, detail: Words) -> Self {
        let escaped = name.replace('~', "~0").replace('/', "~1");
        FieldProblem { pointer: format!("/{escaped}"), detail }
    }
}

impl IntoResponse for Problem {
    /// Carries itself to the door, which words it.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        match self.kind {
            Kind::Unauthenticated => {
                let scheme = HeaderValue::from_static("Bearer realm=\"loket\"");
                response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
            }
            Kind::Unavailable => {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
            }
            Kind::TooMany { seconds } => {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            _ => {}
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<database::Error> for Problem {
    fn from(error: database::Error) -> Self {
        if error.is_transient() { Problem::unavailable(&error) } else { Problem::internal(&error) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_status_keeps_its_number_and_gets_words() {
        for (status, code) in [
            (400, "malformed-request"),
            (404, "not-found"),
            (405, "method-not-allowed"),
            (408, "timeout"),
            (413, "too-large"),
            (415, "unsupported-media-type"),
            (431, "http-431"),
            (500, "internal"),
            (502, "http-502"),
            (503, "unavailable"),
        ] {
            let body =
                Problem::of_status(StatusCode::from_u16(status).unwrap()).body(Locale::English, "req_1");
            assert_eq!((body.status, body.code.as_str()), (status, code));
            assert!(!body.title.is_empty());
        }
    }
}

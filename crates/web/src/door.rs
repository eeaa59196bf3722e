//! What every request passes on its way in and out: an id, the reader's language, a log line, a net
//! for panics, the wording of problems, and the headers that keep browsers careful.

use crate::{app::App, headers::Reader, problem::Problem};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use futures_util::FutureExt as _;
use std::{panic::AssertUnwindSafe, time::Instant};
use tracing::Instrument as _;
use vocabulary::Locale;

/// Id of a request, in the log and in the answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestId(pub(crate) String);

/// Marks the answer to a party that has a form of its own for errors too: it is sent as it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SaidInItsOwnForm;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// What browsers may do with an answer that says nothing else.
const STRICT_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";
/// The longest id of a caller's own that is taken over.
const LONGEST_REQUEST_ID: usize = 64;

/// The outermost layer.
pub(crate) async fn door(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id = request_id(&app, request.headers());
    let languages = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok());
    let locale = Locale::from_accept_language(languages);
    let (method, path) = (request.method().clone(), shown_path(request.uri().path()));
    request.extensions_mut().insert(Reader(locale));
    request.extensions_mut().insert(RequestId(id.clone()));

    let span = tracing::info_span!("request", request.id = %id, %method, path);
    let started = Instant::now();
    let answered = async {
        let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
        answered.unwrap_or_else(|panic| axum::response::IntoResponse::into_response(caught(panic.as_ref())))
    };
    let mut response = answered.instrument(span.clone()).await;
    if let Some(problem) = problem_of(&mut response) {
        word(&mut response, &problem, locale, &id);
    }
    finish(&app, &mut response, &id);

    let (status, elapsed) = (response.status().as_u16(), started.elapsed());
    span.in_scope(|| {
        tracing::debug!(status, elapsed_ms = elapsed.as_secs_f64() * 1e3, "answered {method} with {status}")
    });
    let labels = [("method", method.as_str().to_owned()), ("status", status.to_string())];
    metrics::counter!("loket_http_requests_total", &labels).increment(1);
    metrics::histogram!("loket_http_request_seconds").record(elapsed.as_secs_f64());
    response
}

/// The caller's own id when it is short and plain, else a new one.
fn request_id(app: &App, headers: &HeaderMap) -> String {
    let given = headers.get(X_REQUEST_ID).and_then(|v| v.to_str().ok());
    let fits =
        |id: &&str| (1..=LONGEST_REQUEST_ID).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic());
    match given.filter(fits) {
        Some(id) => id.to_owned(),
        None => format!("req_{}", app.shop.ids.ulid(app.shop.clock.real_now())),
    }
}

/// The path without what is secret in it: the token of a pay page.
fn shown_path(path: &str) -> String {
    let Some(rest) = path.strip_prefix("/pay/") else { return path.chars().take(200).collect() };
    match rest.split_once('/') {
        Some((_, tail)) => format!("/pay/***/{}", tail.chars().take(40).collect::<String>()),
        None => "/pay/***".into(),
    }
}

fn caught(panic: &(dyn std::any::Any + Send)) -> Problem {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Problem::internal(&format!("a handler panicked: {}", text.unwrap_or("no message")))
}

/// The problem that a response carries, or the one that its bare status stands for.
fn problem_of(response: &mut Response) -> Option<Problem> {
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        return Some(problem);
    }
    if response.extensions().get::<SaidInItsOwnForm>().is_some() {
        return None;
    }
    let status = response.status();
    let worded = response.headers().get(header::CONTENT_TYPE).is_some_and(|t| {
        let t = t.as_bytes();
        t.starts_with(b"application/problem+json") || t.starts_with(b"text/html")
    });
    let failed = status.is_client_error() || status.is_server_error();
    (failed && !worded).then(|| Problem::of_status(status))
}

fn word(response: &mut Response, problem: &Problem, locale: Locale, id: &str) {
    let body = serde_json::to_vec(&problem.body(locale, id)).unwrap_or_default();
    *response.body_mut() = Body::from(body);
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(locale.as_str()));
}

/// Headers of every answer. What a handler has set stays.
fn finish(app: &App, response: &mut Response, id: &str) {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(X_REQUEST_ID, id);
    }
    let https = app.settings.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
    if https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CONTENT_SECURITY_POLICY, STRICT_POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::shown_path;

    #[test]
    fn the_token_of_a_pay_page_is_never_logged() {
        for (path, shown) in [
            ("/pay/0123456789abcdef", "/pay/***"),
            ("/pay/0123456789abcdef/events", "/pay/***/events"),
            ("/pay/", "/pay/***"),
            ("/api/v1/orders", "/api/v1/orders"),
        ] {
            assert_eq!(shown_path(path), shown);
        }
    }
}

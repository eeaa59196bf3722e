//! Style and script of our pages: our own, small, inside the program.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

const CSS: &str = include_str!("../../assets/pay.css");
const JS: &str = include_str!("../../assets/pay.js");
static CSS_HASH: LazyLock<String> = LazyLock::new(|| hash(CSS));
static JS_HASH: LazyLock<String> = LazyLock::new(|| hash(JS));

/// Address of the style, new with each change.
pub(crate) fn css_url() -> String {
    format!("/assets/pay.css?v={}", *CSS_HASH)
}

/// Address of the script, new with each change.
pub(crate) fn js_url() -> String {
    format!("/assets/pay.js?v={}", *JS_HASH)
}

/// The style.
pub(crate) async fn css(headers: HeaderMap) -> Response {
    asset(&headers, "text/css; charset=utf-8", &CSS_HASH, CSS)
}

/// The script.
pub(crate) async fn js(headers: HeaderMap) -> Response {
    asset(&headers, "text/javascript; charset=utf-8", &JS_HASH, JS)
}

fn asset(headers: &HeaderMap, kind: &'static str, hash: &str, text: &'static str) -> Response {
    let tag = format!("\"{hash}\"");
    let known = headers.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    let fresh = known.is_some_and(|known| known.split(',').any(|t| t.trim().trim_start_matches("W/") == tag));
    let mut response = if fresh { StatusCode::NOT_MODIFIED.into_response() } else { text.into_response() };
    let set = response.headers_mut();
    set.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    set.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        set.insert(header::ETAG, tag);
    }
    response
}

fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text)).chars().take(16).collect()
}

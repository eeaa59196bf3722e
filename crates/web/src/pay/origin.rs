//! Whether a form was sent from a page of our own. The token in the address is the secret that
//! guards it; this is a second lock, for a token that got out.

use axum::http::{HeaderMap, Uri, header};

/// False when a browser says that another site sent it. Programs that say nothing are no browsers,
/// and cannot be made to send anything by another site.
pub(crate) fn is_ours(headers: &HeaderMap, uri: &Uri) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text("sec-fetch-site") {
        // `none` is the reader's own doing.
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text("origin") else { return true };
    let host = text(header::HOST.as_str()).or_else(|| uri.authority().map(|a| a.as_str()));
    // What stands in front of us may speak https for us: the host is what counts.
    let named = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    named.is_some_and(|named| host.is_some_and(|host| named.eq_ignore_ascii_case(host)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_forms_of_our_own_pages_are_taken() {
        for (site, origin, host, ours) in [
            (Some("same-origin"), None, "shop.example", true),
            (Some("same-origin"), Some("null"), "shop.example", true),
            (Some("none"), None, "shop.example", true),
            (Some("same-site"), Some("https://shop.example"), "shop.example", false),
            (Some("cross-site"), Some("https://shop.example"), "shop.example", false),
            (None, None, "shop.example", true),
            (None, Some("https://shop.example"), "shop.example", true),
            (None, Some("http://127.0.0.1:8080"), "127.0.0.1:8080", true),
            (None, Some("https://evil.example"), "shop.example", false),
            (None, Some("https://shop.example.evil.example"), "shop.example", false),
            (None, Some("null"), "shop.example", false),
            (None, Some("\u{e9}"), "shop.example", false),
        ] {
            let mut headers = HeaderMap::new();
            let mut set = |name: &'static str, text: Option<&str>| {
                if let Some(text) = text {
                    headers.insert(name, axum::http::HeaderValue::from_bytes(text.as_bytes()).unwrap());
                }
            };
            set("sec-fetch-site", site);
            set("origin", origin);
            set("host", Some(host));
            assert_eq!(is_ours(&headers, &Uri::from_static("/")), ours, "{site:?} {origin:?} {host}");
        }
    }
}

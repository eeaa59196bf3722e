//! The frame of the pages that stand for what a buyer sees at the gateway and in wallet apps: Indonesian,
//! as wide as a phone, without a script.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::time::Duration;
use vocabulary::Timestamp;

const CSS: &str = "
:root{color-scheme:light dark;--page:#f2f3f5;--card:#fff;--ink:#1c1f24;--soft:#636b76;--line:#d9dde3;--act:#2f5d8a;--bad:#a3262a}
@media(prefers-color-scheme:dark){:root{--page:#15181c;--card:#1f2329;--ink:#eceff3;--soft:#9aa4b1;--line:#343b44;--act:#7fb0e0;--bad:#f2a3a5}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1rem;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{width:100%;max-width:24rem;background:var(--card);border:1px solid var(--line);border-radius:16px;padding:1.5rem}
.note{margin:0 0 1.25rem;padding:.5rem .75rem;border:1px dashed var(--soft);border-radius:8px;color:var(--soft);font-size:.875rem;text-align:center}
h1{font-size:1rem;font-weight:600;margin:0;color:var(--soft)}
h2{font-size:1rem;margin:1.5rem 0 .5rem}
p{margin:0 0 1rem}
.amount{font-size:2.25rem;font-weight:700;margin:.25rem 0 1rem;font-variant-numeric:tabular-nums}
dl{margin:0 0 1.5rem;display:grid;grid-template-columns:auto 1fr;gap:.35rem 1rem;font-size:.9rem}
dt{color:var(--soft)}dd{margin:0;text-align:right;overflow-wrap:anywhere}
form{margin:0 0 .75rem}
label{display:block;font-size:.9rem;margin-bottom:.25rem}
input{width:100%;min-height:3rem;border:1px solid var(--soft);border-radius:10px;padding:0 .75rem;margin-bottom:.75rem;font:inherit;background:transparent;color:var(--ink)}
button,.back{display:block;width:100%;min-height:3rem;border-radius:10px;font:inherit;font-weight:600;text-align:center;line-height:3rem;padding:0;cursor:pointer;text-decoration:none}
button,.back.main{border:1px solid var(--act);background:var(--act);color:var(--card)}
button.quiet,.back{border:1px solid var(--line);background:transparent;color:var(--ink)}
.back+.back,form+.back{margin-top:.75rem}
button:focus-visible,.back:focus-visible,input:focus-visible{outline:3px solid var(--act);outline-offset:2px}
.state{font-size:1.125rem;font-weight:600;text-align:center;margin:0 0 1rem}
.wrong{color:var(--bad);font-weight:600}
.left{font-variant-numeric:tabular-nums;text-align:center}
.bar{height:.375rem;border-radius:.375rem;background:var(--line);overflow:hidden;margin:0 0 1rem}
.bar span{display:block;height:100%;background:var(--act);animation:left linear forwards}
@keyframes left{to{width:0}}
.phone{border:2px solid var(--soft);border-radius:20px;padding:1rem;margin:0 0 1rem}
.qr{display:block;width:12rem;height:12rem;margin:0 auto 1rem;background:#fff;image-rendering:pixelated}
ul{list-style:none;margin:0;padding:0}
li{border-top:1px solid var(--line);padding:.75rem 0}
li a{color:inherit;display:block;text-decoration:none;overflow-wrap:anywhere}
li a:focus-visible{outline:3px solid var(--act);outline-offset:2px}
";

/// What the browser does by itself.
pub(crate) enum Then {
    /// Nothing.
    Stay,
    /// Looks again, because something is on its way.
    LookAgain,
    /// Goes elsewhere, once the outcome could be read.
    Go(String),
}

/// One page.
pub(crate) struct Page<'a> {
    pub(crate) title: &'a str,
    /// What this is not: `Simulator — bukan GoPay sungguhan`.
    pub(crate) note: &'a str,
    pub(crate) content: Markup,
    pub(crate) then: Then,
    pub(crate) status: StatusCode,
}

impl IntoResponse for Page<'_> {
    fn into_response(self) -> Response {
        let refresh = match self.then {
            Then::Stay => None,
            Then::LookAgain => Some("5".to_owned()),
            Then::Go(url) => Some(format!("3;url={url}")),
        };
        let document = html! {
            (DOCTYPE)
            html lang="id" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="robots" content="noindex";
                    @if let Some(refresh) = refresh { meta http-equiv="refresh" content=(refresh); }
                    title { (self.title) }
                    style { (PreEscaped(CSS)) }
                }
                body {
                    main {
                        p .note { (self.note) }
                        (self.content)
                    }
                }
            }
        };
        let headers = [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CACHE_CONTROL, "no-store"),
            (header::REFERRER_POLICY, "no-referrer"),
            (
                header::CONTENT_SECURITY_POLICY,
                "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            ),
        ];
        (self.status, headers, document.into_string()).into_response()
    }
}

/// The time that is left, as a number and as a bar that runs out.
pub(crate) fn countdown(until: Timestamp, whole: Duration, now: Timestamp) -> Markup {
    let left = until.since(now);
    // The bar is as long as what is left of the whole, and gone when that has passed.
    let percent = left.as_millis().saturating_mul(100).checked_div(whole.as_millis()).unwrap_or(0).min(100);
    let style = format!("width:{percent}%;animation-duration:{}ms", left.as_millis());
    html! {
        p .left role="timer" { "Sisa " strong { (left.as_secs()) } " detik" }
        div .bar aria-hidden="true" { span style=(style) {} }
    }
}

/// Another address in a buyer's browser, if it is one that a browser may follow.
pub(crate) fn followed(url: &str) -> Option<&str> {
    let follows = url.starts_with("https://") || url.starts_with("http://");
    Some(url).filter(|_| follows)
}

/// A URL with more in its query. The parts are ids and words, which need no escape.
pub(crate) fn with_query(url: &str, parts: &[(&str, &str)]) -> String {
    let (url, fragment) = url.split_once('#').map_or((url, None), |(url, fragment)| (url, Some(fragment)));
    let query: Vec<String> = parts.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let joint = if url.contains('?') { '&' } else { '?' };
    let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
    format!("{url}{joint}{}{fragment}", query.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_added_in_front_of_the_fragment() {
        let with = |url| with_query(url, &[("order_id", "A-1"), ("result", "success")]);
        assert_eq!(with("https://a.example/b"), "https://a.example/b?order_id=A-1&result=success");
        assert_eq!(with("https://a.example/?c=1#d"), "https://a.example/?c=1&order_id=A-1&result=success#d");
    }

    #[test]
    fn only_the_web_is_followed() {
        for url in ["javascript:alert(1)", "data:text/html,x", "myapp://back", " https://a.example", ""] {
            assert_eq!(followed(url), None, "{url:?}");
        }
        assert_eq!(followed("http://127.0.0.1:1/a"), Some("http://127.0.0.1:1/a"));
    }

    #[test]
    fn a_bar_is_as_long_as_the_time_that_is_left() {
        let now = Timestamp::from_millis(1_000_000);
        let whole = Duration::from_secs(55);
        let html = countdown(now.plus(Duration::from_millis(27_500)), whole, now).into_string();
        assert!(
            html.contains("<strong>27</strong>") && html.contains("width:50%;animation-duration:27500ms")
        );
        let over = countdown(now, whole, now).into_string();
        assert!(over.contains("<strong>0</strong>") && over.contains("width:0%"));
        assert!(countdown(now, Duration::ZERO, now).into_string().contains("width:0%"));
    }
}

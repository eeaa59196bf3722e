//! The frame of our own pages, and problems as pages for people.

use crate::{door::RequestId, headers::Reader, pay::assets, problem::Problem};
use axum::{
    extract::Request,
    http::{HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use maud::{DOCTYPE, Markup, html};
use vocabulary::Locale;

/// What our own pages may do: our style, our script, pictures of our own, answers from ourselves.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// What a page with forms may do: send them to ourselves, too.
const FORM_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// A page of ours.
pub(crate) struct Page {
    /// Language of the texts.
    pub(crate) locale: Locale,
    /// Title of the window.
    pub(crate) title: String,
    /// More for the head.
    pub(crate) head: Markup,
    /// Whether the sandbox's sign is shown.
    pub(crate) sandbox: bool,
    /// Whether it sends forms to us.
    pub(crate) forms: bool,
    /// The content.
    pub(crate) main: Markup,
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let locale = self.locale;
        let document = html! {
            (DOCTYPE)
            html lang=(locale) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="robots" content="noindex, nofollow";
                    meta name="color-scheme" content="light dark";
                    title { (self.title) " · Loket" }
                    link rel="icon" href="data:,";
                    link rel="stylesheet" href=(assets::css_url());
                    (self.head)
                }
                body {
                    @if self.sandbox {
                        p .sandbox {
                            strong { "Sandbox" } " — "
                            (locale.pick("uji coba, bukan uang sungguhan", "for trying out, no real money"))
                        }
                    }
                    header { span .brand { "Loket" } }
                    (self.main)
                }
            }
        };
        // With `no-referrer` a browser would not tell us that our own forms come from our own pages.
        let (policy, referrer) =
            if self.forms { (FORM_POLICY, "same-origin") } else { (PAGE_POLICY, "no-referrer") };
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
            (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
            (header::CONTENT_LANGUAGE, HeaderValue::from_static(locale.as_str())),
            (header::REFERRER_POLICY, HeaderValue::from_static(referrer)),
            (header::VARY, HeaderValue::from_static("Accept-Language")),
        ];
        (headers, document.into_string()).into_response()
    }
}

/// Turns problems into pages, for addresses that people open.
pub(crate) async fn errors_as_pages(
    Reader(locale): Reader,
    id: RequestId,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return response };
    let main = html! {
        main {
            section .card {
                h1 { (problem.title(locale)) }
                @if let Some(detail) = problem.detail(locale) { p { (detail) } }
                p .small { (locale.pick("ID permintaan", "Request id")) ": " code { (id.0) } }
            }
        }
    };
    let page =
        Page { locale, title: problem.title(locale), head: html! {}, sandbox: false, forms: false, main };
    let mut page = page.into_response();
    *page.status_mut() = problem.status();
    page
}

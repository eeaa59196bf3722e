//! Pages and files of our own: the first page, style and script, and the API's documentation.

use crate::support::*;
use axum::http::Method;
use testkit::empty_sqlite;

#[tokio::test]
async fn the_first_page_leads_on_in_both_languages() {
    let face = face(empty_sqlite().await).await;
    assert!(face.get("/").await.text().contains("Dokumentasi API"));
    let english = face.send(request(Method::GET, "/", &[("accept-language", "en")], "")).await;
    assert!(english.text().contains("API documentation") && !english.text().contains("Dokumentasi"));
}

#[tokio::test]
async fn style_and_script_are_kept_by_browsers_until_they_change() {
    let face = face(empty_sqlite().await).await;
    let (_, page) = face.open_order().await;
    let page = face.get(&page).await.text();
    for (path, kind) in [("/assets/pay.css", "text/css"), ("/assets/pay.js", "text/javascript")] {
        let answer = face.get(path).await;
        assert!(answer.status == 200 && answer.header("content-type").starts_with(kind));
        assert!(answer.body.len() < 8_500, "{path} has {} bytes", answer.body.len());
        let tag = answer.header("etag").to_owned();
        assert!(page.contains(&format!("{path}?v={}", tag.trim_matches('"'))), "the page names this version");
        for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}")] {
            let again = face.send(request(Method::GET, path, &[("if-none-match", &known)], "")).await;
            assert_eq!((again.status.as_u16(), again.body.len()), (304, 0), "{known}");
        }
    }
}

#[tokio::test]
async fn the_documentation_needs_nothing_from_elsewhere() {
    let face = face(empty_sqlite().await).await;
    let page = face.get("/docs/").await;
    assert_eq!(page.status, 200);
    for foreign in ["http://", "https://", "src=\"//"] {
        assert!(!page.text().contains(foreign), "{foreign} is in {}", page.text());
    }
    assert!(face.get("/docs/swagger-initializer.js").await.text().contains("/openapi.json"));
    assert!(face.get("/docs").await.status.is_redirection());
}

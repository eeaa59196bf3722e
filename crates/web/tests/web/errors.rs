//! Every error is a problem document, in the caller's language, with nothing of ours in it.

use crate::support::*;
use axum::http::{Method, header};
use serde_json::json;
use testkit::empty_sqlite;

#[tokio::test]
async fn every_wrong_address_and_method_gets_a_problem() {
    let face = face(empty_sqlite().await).await;
    for (method, path, status, code) in [
        (Method::GET, "/nothing", 404, "not-found"),
        (Method::GET, "/api/v1/nothing", 404, "not-found"),
        (Method::GET, "/pay", 404, "not-found"),
        (Method::GET, "/assets/../Cargo.toml", 404, "not-found"),
        (Method::GET, "/docs/nothing.js", 404, "not-found"),
        (Method::DELETE, "/api/v1/orders", 405, "method-not-allowed"),
        (Method::POST, "/api/v1/game/categories", 405, "method-not-allowed"),
        (Method::GET, "/webhooks/midtrans", 405, "method-not-allowed"),
        (Method::POST, "/pay/0123456789abcdef0123456789abcdef", 405, "method-not-allowed"),
        (Method::PUT, "/healthz", 405, "method-not-allowed"),
        (Method::POST, "/openapi.json", 405, "method-not-allowed"),
        (Method::GET, "/sandbox/clock", 405, "method-not-allowed"),
        (Method::GET, "/api/v1/game/products/%FF%FE", 400, "malformed-request"),
        (Method::GET, "/api/v1/game/products/%00", 404, "not-found"),
        (Method::GET, "/api/v1/game/products/ML%2F..%2F", 404, "not-found"),
        (Method::GET, "/api/v1/game/products/%", 404, "not-found"),
        (Method::GET, "/api/v1/game/price/%E2%80%AE", 404, "not-found"),
        (Method::GET, "/pay/%00/events", 404, "not-found"),
        (Method::GET, "/pay/%FF/qr.png", 400, "malformed-request"),
        (Method::GET, "/pay/0123456789abcdef0123456789abcdef/qr.svg", 404, "not-found"),
    ] {
        let answer = face.send(request(method.clone(), path, &[], "")).await;
        answer.problem(status, code);
        assert!(status != 405 || !answer.header("allow").is_empty(), "{method} {path} names no Allow");
    }
    let allow = face.send(request(Method::DELETE, "/api/v1/orders", &[], "")).await;
    for method in ["GET", "POST"] {
        assert!(allow.header("allow").contains(method), "{}", allow.header("allow"));
    }
}

#[tokio::test]
async fn every_body_that_cannot_be_taken_gets_a_problem_with_its_place() {
    let face = face(empty_sqlite().await).await;
    let json = "application/json";
    let long = format!("{{\"x\":\"{}\"}}", "a".repeat(70 * 1024));
    for (kind, body, status, code, pointers) in [
        ("text/plain", "{}", 415, "unsupported-media-type", vec![]),
        ("", "{}", 415, "unsupported-media-type", vec![]),
        (json, "", 400, "malformed-request", vec![]),
        (json, "{", 400, "malformed-request", vec![]),
        (json, "{} {}", 400, "malformed-request", vec![]),
        (json, "nonsense", 400, "malformed-request", vec![]),
        (json, "[]", 422, "validation", vec![""]),
        (json, "null", 422, "validation", vec![""]),
        (json, "{}", 422, "validation", vec!["/game_code", "/user_id"]),
        (json, r#"{"game_code":"ML","user_id":1}"#, 422, "validation", vec!["/user_id"]),
        (json, r#"{"game_code":"ML","user_id":null}"#, 422, "validation", vec!["/user_id"]),
        (json, r#"{"game_code":"ML","user_id":"1","colour":"red"}"#, 422, "validation", vec!["/colour"]),
        (json, r#"{"game_code":"ML","user_id":"1","a/b~c":1}"#, 422, "validation", vec!["/a~1b~0c"]),
        (json, r#"{"game_code":"ML","user_id":"1","user_id":"2"}"#, 422, "validation", vec!["/user_id"]),
        (json, r#"{"game_code":"CHESS","user_id":"1"}"#, 422, "validation", vec!["/game_code"]),
        (json, &long, 413, "too-large", vec![]),
    ] {
        let headers: &[(&str, &str)] = if kind.is_empty() { &[] } else { &[("content-type", kind)] };
        let answer = face.send(request(Method::POST, "/api/v1/game/validate", headers, body)).await;
        let problem = answer.problem(status, code);
        let named: Vec<&str> = problem["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|e| e["pointer"].as_str().unwrap())
            .collect();
        assert_eq!(named, pointers, "{body:.60}");
    }
}

#[tokio::test]
async fn a_repeated_unreadable_or_endless_header_is_refused_kindly() {
    let face = face(empty_sqlite().await).await;
    let key = bearer(KEY);
    let endless = "k".repeat(100_000);
    let order = diamonds().to_string();
    for (headers, code) in [
        (vec![("authorization", &*key), ("authorization", &*key)], "malformed-request"),
        (
            vec![("authorization", &*key), ("idempotency-key", "a"), ("idempotency-key", "b")],
            "malformed-request",
        ),
        (vec![("authorization", &*key), ("idempotency-key", &*endless)], "malformed-request"),
        (vec![("authorization", &*key), ("idempotency-key", "two words")], "malformed-request"),
        (vec![("authorization", &*key), ("idempotency-key", "é")], "malformed-request"),
        (vec![("authorization", &*key), ("idempotency-key", " ")], "idempotency-key-missing"),
        (vec![("authorization", &*key)], "idempotency-key-missing"),
    ] {
        let headers = [headers, vec![("content-type", "application/json")]].concat();
        face.send(request(Method::POST, "/api/v1/orders", &headers, &order)).await.problem(400, code);
    }
    assert_eq!(face.look("/api/v1/orders").await.json()["data"], json!([]), "nothing was placed");
}

#[tokio::test]
async fn problems_speak_the_readers_language() {
    let face = face(empty_sqlite().await).await;
    for (language, title, said) in [
        ("", "Tidak ditemukan", "id"),
        ("id-ID", "Tidak ditemukan", "id"),
        ("fr,;;q=", "Tidak ditemukan", "id"),
        ("en-GB,en;q=0.8", "Not found", "en"),
    ] {
        let answer = face.send(request(Method::GET, "/nothing", &[("accept-language", language)], "")).await;
        assert_eq!(answer.problem(404, "not-found")["title"], title);
        assert_eq!(answer.header("content-language"), said);
    }
    face.get("/nothing").await.problem(404, "not-found");
}

#[tokio::test]
async fn a_request_keeps_a_plain_id_of_the_caller_and_gets_a_new_one_otherwise() {
    let face = face(empty_sqlite().await).await;
    let long = "x".repeat(65);
    for (given, kept) in [("my-id-1", true), (&*long, false), ("two words", false), ("", false)] {
        let answer = face.send(request(Method::GET, "/healthz", &[("x-request-id", given)], "")).await;
        let id = answer.header("x-request-id");
        assert_eq!(id == given, kept, "{given:?} became {id:?}");
        assert!(kept || id.starts_with("req_"));
    }
}

#[tokio::test]
async fn a_database_that_is_gone_is_told_as_unavailable_and_nothing_of_it_shows() {
    let face = face(empty_sqlite().await).await;
    face.shop.db.close().await;
    for path in [
        "/api/v1/game/categories",
        "/api/v1/game/products/ML",
        "/api/v1/orders",
        "/api/v1/orders/LK0123456789",
    ] {
        let answer = face.look(path).await;
        answer.problem(503, "unavailable");
        assert!(!answer.header("retry-after").is_empty());
        for word in ["sql", "SELECT", "pool", "connection", "shop_order"] {
            assert!(!answer.text().contains(word), "{path} shows {word}: {}", answer.text());
        }
    }
    let page = face.get("/pay/0123456789abcdef0123456789abcdef").await;
    assert_eq!((page.status.as_u16(), page.header("content-type")), (503, "text/html; charset=utf-8"));
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_keep_browsers_careful() {
    let face = face(empty_sqlite().await).await;
    for path in
        ["/", "/healthz", "/nothing", "/api/v1/game/categories", "/docs/", "/assets/pay.css", "/pay/x"]
    {
        let answer = face.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(!policy.contains("unsafe-eval"));
        for (name, value) in [("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer")] {
            assert_eq!(answer.header(name), value, "{path}");
        }
        assert!(!answer.header(header::CACHE_CONTROL.as_str()).is_empty());
        assert!(answer.header("strict-transport-security").contains("max-age"), "our address is https");
    }
    assert_eq!(face.get("/api/v1/game/categories").await.header("cache-control"), "no-store");
}

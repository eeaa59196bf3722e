//! The doors for gateways and suppliers.

use crate::support::*;
use axum::http::Method;
use testkit::{empty_sqlite, on_both};

/// Two that are described, and that of a gateway which only says where it is.
const DOORS: [&str; 3] = ["/webhooks/midtrans", "/webhooks/digiflazz", "/hooks/v2/another"];

on_both! {
    fn a_sender_learns_whether_it_is_believed_and_what_came_is_kept_to_the_byte(database) {
        let face = face(database).await;
        for door in DOORS {
            let good = [("X-Test", "good"), ("content-type", "text/weird")];
            for _ in 0..2 {
                let answer = face.send(request(Method::POST, door, &good, "{\"a\": 1 }\r\n")).await;
                assert_eq!((answer.status.as_u16(), answer.text()), (200, "{\"status\":\"ok\"}".into()), "{door}");
            }
            face.send(request(Method::POST, door, &[("x-test", "forged")], "{}")).await.problem(401, "webhook-refused");
            face.send(request(Method::POST, door, &[], "{}")).await.problem(401, "webhook-refused");
            face.send(request(Method::POST, door, &good, "nonsense")).await.problem(400, "malformed-request");
            face.send(request(Method::POST, door, &good, "")).await.problem(400, "malformed-request");
            let long = format!("{{{}", "x".repeat(65 * 1024));
            face.send(request(Method::POST, door, &good, &long)).await.problem(413, "too-large");
        }
        let text = "SELECT source, body, times_received FROM webhook_inbox WHERE verdict = 'believed' ORDER BY source";
        let kept: Vec<(String, Vec<u8>, i64)> = face.all(text, text).await;
        assert_eq!(kept.len(), 3);
        for (source, body, times) in kept {
            let came = face.shop.open_webhook(&source, &body).unwrap();
            assert_eq!((came, times), (b"{\"a\": 1 }\r\n".to_vec(), 2), "{source}");
            assert_eq!(body.starts_with(b"sealed:"), source == "digiflazz", "what a supplier says names codes");
        }
        let text = "SELECT body FROM webhook_inbox WHERE verdict = 'refused'";
        assert_eq!(face.all::<Vec<u8>>(text, text).await.len(), 9, "refused ones are kept for the record");
    }
}

const DANA: &str = "/v1.0/debit/notify";

on_both! {
    fn dana_is_answered_in_its_own_form_at_its_fixed_path(database) {
        let face = face(database).await;
        let kept = [("x-timestamp", "2026-11-22T12:01:06+07:00"), ("x-signature", "c2ln"), ("x-partner-id", "p"), ("x-external-id", "e")];
        let mut good = vec![("x-test", "good"), ("content-type", "application/json")];
        good.extend(kept);
        let long = format!("{{{}", "x".repeat(65 * 1024));
        for (headers, body, status, code) in [
            (&good[..], "{\"a\": 1 }\r\n", 200, "2005600"),
            (&good, "{\"a\": 1 }\r\n", 200, "2005600"),
            (&[("x-test", "forged")], "{}", 401, "4015600"),
            (&[], "{}", 401, "4015600"),
            (&good, "nonsense", 400, "4005600"),
            (&good, &long, 413, "4135600"),
        ] {
            let answer = face.send(request(Method::POST, DANA, headers, body)).await;
            assert_eq!((answer.status.as_u16(), answer.header("content-type")), (status, "application/json"));
            assert_eq!(answer.json()["responseCode"], code, "{}", answer.text());
            assert!(!answer.header("x-request-id").is_empty() && answer.header("cache-control") == "no-store");
        }
        let told = face.send(request(Method::POST, DANA, &good, "{}")).await;
        assert_eq!(told.text(), r#"{"responseCode":"2005600","responseMessage":"Successful"}"#);

        let text = "SELECT body, times_received FROM webhook_inbox WHERE verdict = 'believed' AND source = 'dana' ORDER BY body";
        let bodies: Vec<(Vec<u8>, i64)> = face.all(text, text).await;
        assert_eq!(bodies, [(b"{\"a\": 1 }\r\n".to_vec(), 2), (b"{}".to_vec(), 1)]);
        let text = "SELECT headers FROM webhook_inbox WHERE verdict = 'believed' AND source = 'dana'";
        let stored: Vec<database::Json<Vec<(String, String)>>> = face.all(text, text).await;
        for (name, value) in kept {
            assert!(stored.iter().all(|h| h.0.contains(&(name.into(), value.into()))), "{name} is kept: {stored:?}");
        }
        face.get(DANA).await.problem(405, "method-not-allowed");
    }
}

#[tokio::test]
async fn dana_sends_again_what_could_not_be_stored_and_hears_where_nobody_listens() {
    let face = face(empty_sqlite().await).await;
    face.run("ALTER TABLE webhook_inbox RENAME TO elsewhere").await;
    let answer = face.send(request(Method::POST, DANA, &[("x-test", "good")], "{}")).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["responseCode"]), (500, &"5005601".into()));
    assert!(!answer.text().contains("webhook_inbox"), "{}", answer.text());

    let mut shop = face.shop.clone();
    shop.gateways = std::sync::Arc::default();
    let (_stop, stopping) = tokio::sync::watch::channel(false);
    let router = web::router(shop, web::WebSettings::default(), stopping);
    let answer = tower::ServiceExt::oneshot(router, request(Method::POST, DANA, &[("x-test", "good")], "{}"));
    assert_eq!(answer.await.unwrap().status(), 404);
}

#[tokio::test]
async fn what_could_not_be_stored_must_be_sent_again() {
    let face = face(empty_sqlite().await).await;
    face.run("ALTER TABLE webhook_inbox RENAME TO elsewhere").await;
    for door in DOORS {
        let answer = face.send(request(Method::POST, door, &[("x-test", "good")], "{}")).await;
        answer.problem(503, "unavailable");
        assert!(!answer.text().contains("webhook_inbox"), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_panic_behind_a_door_is_a_problem_that_shows_nothing() {
    let face = face(empty_sqlite().await).await;
    let answer = face.send(request(Method::POST, "/webhooks/midtrans", &[], PANIC)).await;
    answer.problem(500, "internal");
    assert!(!answer.text().contains("made up"), "{}", answer.text());
    assert_eq!(face.get("/healthz").await.status, 200);
}

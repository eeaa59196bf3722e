//! The doors for gateways and suppliers.

use crate::support::*;
use axum::http::Method;
use testkit::{empty_sqlite, on_both};

const DOORS: [&str; 2] = ["/webhooks/midtrans", "/webhooks/digiflazz"];

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
        let text = "SELECT body, times_received FROM webhook_inbox WHERE verdict = 'believed' ORDER BY source";
        let kept: Vec<(Vec<u8>, i64)> = face.all(text, text).await;
        assert_eq!(kept, [(b"{\"a\": 1 }\r\n".to_vec(), 2), (b"{\"a\": 1 }\r\n".to_vec(), 2)]);
        let text = "SELECT body FROM webhook_inbox WHERE verdict = 'refused'";
        assert_eq!(face.all::<Vec<u8>>(text, text).await.len(), 6, "refused ones are kept for the record");
    }
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

//! Who a buyer is, over the API: looked at, verified and taken back, once for a key and under a name.

use crate::support::*;
use axum::http::Method;
use serde_json::{Value, json};
use testkit::on_both;

const BUYERS: &str = "/api/v1/staff/buyers";
const BUDI: &str = "api:first/budi";

/// Somebody of this name has ordered something.
async fn ordered(face: &Face, buyer: &str) {
    let mut wish = diamonds();
    wish["buyer"] = json!(buyer);
    let placed = face.place(buyer, &wish).await;
    assert!(placed.status.is_success(), "{}", placed.text());
}

/// Who did what to the buyer, what they said, and which tier followed.
async fn recorded(face: &Face) -> Vec<[String; 4]> {
    let text = "SELECT actor, action, source, after_state FROM audit_entry WHERE subject = 'api:first/budi' ORDER BY id";
    let entries: Vec<(String, String, String, String)> = face.all(text, text).await;
    entries.into_iter().map(|(actor, action, source, after)| [actor, action, source, after]).collect()
}

async fn shown(face: &Face) -> Value {
    looks(face, &format!("{BUYERS}?buyer=api%3Afirst%2Fbudi")).await
}

on_both! {
    fn staff_see_how_far_a_buyer_is_known_and_verify_one_and_take_it_back_under_their_name(database) {
        let face = face(database).await;
        ordered(&face, "budi").await;
        let basic = shown(&face).await;
        for (field, value) in [
            ("buyer", json!(BUDI)),
            ("tier", json!("basic")),
            ("verified", Value::Null),
            ("kept", json!(0)),
            ("paid", json!(0)),
            ("refund_percent", json!(0)),
            ("today", json!(20_000)),
            ("daily_limit", Value::Null),
        ] {
            assert_eq!(basic[field], value, "{field}: {basic:#}");
        }
        let (verify, unverify) = (format!("{BUYERS}/verify"), format!("{BUYERS}/unverify"));
        let card = json!({"buyer": BUDI, "because": " came by with the card "});
        let done = decides(&face, &verify, "rina-1", &card).await;
        assert_eq!((done.status.as_u16(), &done.json()["tier"]), (200, &json!("verified")), "{}", done.text());
        assert_eq!(done.header("idempotency-replayed"), "");
        let verified = shown(&face).await;
        assert_eq!(done.json(), verified);
        assert_eq!(verified["verified"]["because"], "came by with the card");
        assert_eq!(verified["verified"]["by"], "staff:rina");

        let lent = json!({"buyer": BUDI, "because": "it was lent"});
        let done = decides(&face, &unverify, "rina-2", &lent).await;
        assert_eq!((done.status.as_u16(), &done.json()["tier"]), (200, &json!("basic")), "{}", done.text());
        assert_eq!(recorded(&face).await, [
            ["staff:rina", "buyer.verified", "came by with the card", "verified"],
            ["staff:rina", "buyer.unverified", "it was lent", "basic"],
        ]);
    }
}

on_both! {
    fn a_decision_about_a_buyer_is_made_once_for_its_key(database) {
        let face = face(database).await;
        ordered(&face, "budi").await;
        ordered(&face, "sari").await;
        let (verify, unverify) = (format!("{BUYERS}/verify"), format!("{BUYERS}/unverify"));
        let card = json!({"buyer": BUDI, "because": "came by with the card"});
        decides(&face, &verify, "rina-1", &card).await;
        let lent = json!({"buyer": BUDI, "because": "it was lent"});
        decides(&face, &unverify, "rina-2", &lent).await;
        // Sent again it does nothing, and says how the buyer stands by now.
        let again = decides(&face, &verify, "rina-1", &card).await;
        assert_eq!((again.status.as_u16(), &again.json()["tier"]), (200, &json!("basic")), "{}", again.text());
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(recorded(&face).await.len(), 2);
        // The key is of that decision: of that buyer, for that reason, and not of the opposite.
        for (door, body) in [
            (&unverify, &card),
            (&verify, &json!({"buyer": BUDI, "because": "seen"})),
            (&verify, &json!({"buyer": "api:first/sari", "because": "came by with the card"})),
        ] {
            decides(&face, door, "rina-1", body).await.problem(422, "idempotency-key-reused");
        }
        // Nor of a decision about an order; but somebody else's key is another.
        let number = face.place("three", &diamonds()).await.json()["number"].as_str().unwrap().to_owned();
        let reject = format!("/api/v1/staff/orders/{number}/reject");
        decides(&face, &reject, "rina-1", &json!({})).await.problem(422, "idempotency-key-reused");
        let authorization = bearer(OTHER_STAFF_KEY);
        let headers = [
            ("authorization", &*authorization),
            ("content-type", "application/json"),
            ("idempotency-key", "rina-1"),
        ];
        let done = face.send(request(Method::POST, &verify, &headers, &card.to_string())).await;
        assert_eq!((done.status.as_u16(), &done.json()["verified"]["by"]), (200, &json!("staff:budi")));
        assert_eq!(done.header("idempotency-replayed"), "");
    }
}

on_both! {
    fn what_cannot_be_done_about_a_buyer_is_said_and_changes_nothing(database) {
        let face = face(database).await;
        ordered(&face, "budi").await;
        let (verify, unverify) = (format!("{BUYERS}/verify"), format!("{BUYERS}/unverify"));
        for query in ["", "?buyer=", "?buyer=a%20b", "?buyer=a%00", "?buyer=a&more=1", "?id=a"] {
            let answer = asks(&face, Method::GET, &format!("{BUYERS}{query}"), STAFF_KEY).await;
            answer.problem(400, "invalid-parameter");
        }
        asks(&face, Method::GET, &format!("{BUYERS}?buyer=nobody"), STAFF_KEY).await.problem(404, "not-found");
        for door in [&verify, &unverify] {
            asks(&face, Method::POST, door, STAFF_KEY).await.problem(400, "idempotency-key-missing");
            for (body, pointers) in [
                (json!({}), &["/buyer", "/because"][..]),
                (json!({"buyer": BUDI}), &["/because"]),
                (json!({"buyer": "a b", "because": "seen"}), &["/buyer"]),
                (json!({"buyer": BUDI, "because": 5}), &["/because"]),
                (json!({"buyer": BUDI, "because": "  "}), &["/because"]),
                (json!({"buyer": BUDI, "because": "two\nlines"}), &["/because"]),
                (json!({"buyer": BUDI, "because": "a\u{0}b"}), &["/because"]),
                (json!({"buyer": BUDI, "because": "x".repeat(501)}), &["/because"]),
                (json!({"buyer": BUDI, "because": "seen", "tier": "verified"}), &["/tier"]),
            ] {
                let problem = decides(&face, door, "k", &body).await.problem(422, "validation");
                let errors = problem["errors"].as_array().unwrap().iter();
                let named: Vec<&str> = errors.map(|error| error["pointer"].as_str().unwrap()).collect();
                assert_eq!(named, pointers, "{body}");
            }
            let nobody = json!({"buyer": "nobody", "because": "seen"});
            decides(&face, door, "k", &nobody).await.problem(404, "not-found");
        }
        let seen = json!({"buyer": BUDI, "because": "seen"});
        let refused = decides(&face, &unverify, "k", &seen).await.problem(409, "not-possible");
        assert!(refused["detail"].as_str().unwrap().contains("tidak terverifikasi"), "{refused}");
        assert!(recorded(&face).await.is_empty(), "nothing was done");
        // None of that has used the key.
        assert_eq!(decides(&face, &verify, "k", &seen).await.status, 200);
        let refused = decides(&face, &verify, "k-2", &seen).await.problem(409, "not-possible");
        assert!(refused["detail"].as_str().unwrap().contains("sudah diverifikasi oleh staff:rina"), "{refused}");
        assert_eq!(recorded(&face).await.len(), 1);
    }
}

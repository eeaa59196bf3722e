//! What staff do over the API: their own keys alone, and two people for what is large.

use crate::support::*;
use axum::http::Method;
use orders::OrderState;
use serde_json::{Value, json};
use testkit::empty_sqlite;

/// An order that needs a person, with its money in escrow.
async fn stuck(face: &Face) -> String {
    let order = face.place("stuck", &diamonds()).await.json();
    let number = order["number"].as_str().unwrap().to_owned();
    face.run(&format!(
        "UPDATE shop_order SET state = 'needs_attention', attention = 'supplier_slow', due_at = NULL WHERE number = '{number}'"
    ))
    .await;
    number
}

async fn does(face: &Face, key: &str, path: &str, body: &Value) -> Answer {
    does_once(face, key, path, &format!("{path} {body}").replace(' ', "_"), body).await
}

/// The same under a key of the caller's.
async fn does_once(face: &Face, key: &str, path: &str, once: &str, body: &Value) -> Answer {
    let authorization = bearer(key);
    let headers =
        [("authorization", &*authorization), ("content-type", "application/json"), ("idempotency-key", once)];
    face.send(request(Method::POST, path, &headers, &body.to_string())).await
}

/// An id of a request that nobody made.
const NO_REQUEST: &str = "rrq_01kawey8zzq4n3h5m6s9t2v7x1";

#[tokio::test]
async fn only_a_staff_key_opens_the_staffs_doors() {
    let face = face(empty_sqlite().await).await;
    let number = stuck(&face).await;
    let before = face.dump().await;
    for door in ["refund", "refund/approve", "refund/reject"] {
        let path = format!("/api/v1/staff/orders/{number}/{door}");
        for key in ["", "wrong", KEY, OTHER_KEY] {
            does(&face, key, &path, &json!({})).await.problem(401, "unauthenticated");
        }
        let unknown = format!("/api/v1/staff/orders/LK0123456789/{door}");
        let body = if door == "refund" { json!({}) } else { json!({"request": NO_REQUEST}) };
        does(&face, STAFF_KEY, &unknown, &body).await.problem(404, "not-found");
    }
    let order = format!("/api/v1/orders/{number}");
    let staff = bearer(STAFF_KEY);
    let answer = face.send(request(Method::GET, &order, &[("authorization", &*staff)], "")).await;
    answer.problem(401, "unauthenticated");
    assert_eq!(face.dump().await, before);
}

#[tokio::test]
async fn a_refund_over_the_api_says_where_it_goes_and_what_is_wrong_with_a_wish() {
    let face = face(empty_sqlite().await).await;
    let number = stuck(&face).await;
    let path = format!("/api/v1/staff/orders/{number}/refund");
    for body in [
        json!({"to": "bank"}),
        json!({"amount": 0}),
        json!({"amount": -5}),
        json!({"amount": "5000"}),
        json!({"amount": 1.5}),
        json!({"reason": "x".repeat(201)}),
        json!({"reason": "a\nb"}),
        json!({"more": 1}),
    ] {
        does(&face, STAFF_KEY, &path, &body).await.problem(422, "validation");
    }
    does(&face, STAFF_KEY, &path, &json!({"amount": 5_000})).await.problem(409, "not-possible");
    let answer = does(&face, STAFF_KEY, &path, &json!({"reason": "too slow"})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = answer.json();
    // No payment of it has settled, so nothing could go back there.
    assert_eq!((&answer["to"], &answer["amount"]), (&json!("wallet"), &json!(20_000)));
    assert!(answer["not_to_source"].is_string() && answer["waits_for_second_person"] == false, "{answer}");
    assert_eq!(answer["state"], OrderState::Refunding.as_str());
    does(&face, STAFF_KEY, &path, &json!({})).await.problem(409, "not-possible");
}

#[tokio::test]
async fn the_holder_of_one_key_is_not_the_second_person() {
    let face = face(empty_sqlite().await).await;
    let number = stuck(&face).await;
    face.run("UPDATE shop_order SET amount = 600000").await;
    let path = format!("/api/v1/staff/orders/{number}/refund");
    let waits = does(&face, STAFF_KEY, &path, &json!({"to": "wallet"})).await.json();
    assert_eq!(
        (&waits["waits_for_second_person"], &waits["state"]),
        (&json!(true), &json!("needs_attention"))
    );
    let (approve, reject) = (format!("{path}/approve"), format!("{path}/reject"));
    let seen = json!({"request": waits["request"], "amount": 600_000});
    for body in [
        json!({}),
        json!({"request": "rrq_1"}),
        json!({"request": 5}),
        json!({"request": NO_REQUEST, "amount": 0}),
    ] {
        for door in [&approve, &reject] {
            does(&face, OTHER_STAFF_KEY, door, &body).await.problem(422, "validation");
        }
    }
    for body in [json!({"request": NO_REQUEST}), json!({"request": waits["request"], "amount": 600_001})] {
        for door in [&approve, &reject] {
            does(&face, OTHER_STAFF_KEY, door, &body).await.problem(409, "not-possible");
        }
    }
    let same = does(&face, STAFF_KEY, &approve, &seen).await.problem(409, "not-possible");
    assert!(same["detail"].as_str().unwrap().contains("somebody else has to agree"), "{same}");
    let done = does(&face, OTHER_STAFF_KEY, &approve, &seen).await;
    assert_eq!((done.status.as_u16(), &done.json()["state"]), (200, &json!("refunding")), "{}", done.text());
    let again = does(&face, OTHER_STAFF_KEY, &approve, &seen).await;
    assert_eq!(again.status.as_u16(), 200, "who has agreed hears it again: {}", again.text());
    does(&face, STAFF_KEY, &approve, &seen).await.problem(409, "not-possible");
    does(&face, OTHER_STAFF_KEY, &reject, &seen).await.problem(409, "not-possible");
}

#[tokio::test]
async fn a_refund_over_the_api_is_made_once_for_its_key_and_answered_the_same() {
    let face = face(empty_sqlite().await).await;
    let number = stuck(&face).await;
    let path = format!("/api/v1/staff/orders/{number}/refund");
    let authorization = bearer(STAFF_KEY);
    let headers = [("authorization", &*authorization), ("content-type", "application/json")];
    let none = face.send(request(Method::POST, &path, &headers, "{}")).await;
    none.problem(400, "idempotency-key-missing");
    let body = json!({"to": "wallet", "reason": "too slow"});
    let first = does_once(&face, STAFF_KEY, &path, "one", &body).await;
    assert_eq!((first.status.as_u16(), first.header("idempotency-replayed")), (200, ""), "{}", first.text());
    let again = does_once(&face, STAFF_KEY, &path, "one", &body).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!((again.status, again.json()), (first.status, first.json()));
    for other in [json!({"to": "wallet"}), json!({"to": "wallet", "reason": "too slow", "amount": 20_000})] {
        does_once(&face, STAFF_KEY, &path, "one", &other).await.problem(422, "idempotency-key-reused");
    }
    // What was refused was not done: its key is free.
    does_once(&face, STAFF_KEY, &path, "two", &body).await.problem(409, "not-possible");
    // The same name is another key in the hands of somebody else.
    does_once(&face, OTHER_STAFF_KEY, &path, "one", &body).await.problem(409, "not-possible");
}

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
    let authorization = bearer(key);
    let headers = [("authorization", &*authorization), ("content-type", "application/json")];
    face.send(request(Method::POST, path, &headers, &body.to_string())).await
}

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
        does(&face, STAFF_KEY, &unknown, &json!({})).await.problem(404, "not-found");
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
    let approve = format!("{path}/approve");
    let same = does(&face, STAFF_KEY, &approve, &json!({})).await.problem(409, "not-possible");
    assert!(same["detail"].as_str().unwrap().contains("somebody else has to agree"), "{same}");
    let done = does(&face, OTHER_STAFF_KEY, &approve, &json!({})).await;
    assert_eq!((done.status.as_u16(), &done.json()["state"]), (200, &json!("refunding")), "{}", done.text());
    does(&face, OTHER_STAFF_KEY, &approve, &json!({})).await.problem(409, "not-possible");
    does(&face, OTHER_STAFF_KEY, &format!("{path}/reject"), &json!({})).await.problem(409, "not-possible");
}

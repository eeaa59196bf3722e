//! Keys: none, wrong, and another shop's.

use crate::support::*;
use axum::http::Method;
use testkit::empty_sqlite;

#[tokio::test]
async fn without_a_right_key_nothing_is_placed_or_shown() {
    let face = face(empty_sqlite().await).await;
    let before = face.dump().await;
    let doors = [
        (Method::POST, "/api/v1/orders"),
        (Method::GET, "/api/v1/orders"),
        (Method::GET, "/api/v1/orders/LK0123456789"),
        (Method::POST, "/api/v1/orders/LK0123456789/cancel"),
        (Method::POST, "/api/v1/quotes"),
    ];
    let wrong = bearer("wrong");
    let basic = format!("Basic {KEY}");
    let almost = bearer(&KEY[..KEY.len() - 1]);
    let longer = bearer(&format!("{KEY}x"));
    for (method, path) in doors {
        for authorization in [
            None,
            Some(""),
            Some("Bearer"),
            Some("Bearer "),
            Some(&*wrong),
            Some(&*basic),
            Some(&*almost),
            Some(&*longer),
            Some(KEY),
        ] {
            let mut headers = vec![("content-type", "application/json"), ("idempotency-key", "k")];
            headers.extend(authorization.map(|a| ("authorization", a)));
            let answer = face.send(request(method.clone(), path, &headers, &diamonds().to_string())).await;
            answer.problem(401, "unauthenticated");
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{path}");
        }
    }
    assert_eq!(face.dump().await, before);
}

#[tokio::test]
async fn another_key_sees_no_order_and_cannot_cancel_it() {
    let face = face(empty_sqlite().await).await;
    let _working = face.work();
    let order = face.place("mine", &diamonds()).await.json();
    let path = format!("/api/v1/orders/{}", order["number"].as_str().unwrap());
    let other = bearer(OTHER_KEY);
    let headers = [("authorization", &*other)];
    face.send(request(Method::GET, &path, &headers, "")).await.problem(404, "not-found");
    face.send(request(Method::POST, &format!("{path}/cancel"), &headers, "")).await.problem(404, "not-found");
    let list = face.send(request(Method::GET, "/api/v1/orders", &headers, "")).await.json();
    assert_eq!(list["data"].as_array().unwrap().len(), 0);
    let theirs = face.place_as(OTHER_KEY, "mine", &diamonds()).await;
    assert_eq!(theirs.status, 201, "one key's Idempotency-Key does not meet another's");
    assert_ne!(theirs.json()["number"], order["number"]);
    assert_eq!(face.look(&path).await.json()["state"], "awaiting_payment");
}

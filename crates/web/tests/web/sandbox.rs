//! The shop's own controls in the sandbox: time and stock.

use crate::support::*;
use axum::http::Method;
use serde_json::json;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use testkit::empty_sqlite;

#[tokio::test]
async fn time_moves_forward_and_is_remembered() {
    let face = face(empty_sqlite().await).await;
    let moved = face.post("/sandbox/clock", &json!({"advance_seconds": 900})).await.json();
    assert_eq!(moved["offset_ms"], 900_000);
    assert_eq!(
        face.post("/sandbox/clock", &json!({"advance_seconds": 1})).await.json()["offset_ms"],
        901_000
    );
    assert_eq!(face.shop.clock.offset_ms(), 901_000);
    let plain_curl = [("content-type", "application/x-www-form-urlencoded")];
    let answer =
        face.send(request(Method::POST, "/sandbox/clock", &plain_curl, r#"{"advance_seconds":0}"#)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    for wrong in [
        json!({}),
        json!({"advance_seconds": -1}),
        json!({"advance_seconds": "1"}),
        json!({"advance_seconds": 1e300}),
        json!({"seconds": 1}),
    ] {
        face.post("/sandbox/clock", &wrong).await.problem(422, "validation");
    }
    assert_eq!(face.shop.clock.offset_ms(), 901_000);
}

#[tokio::test]
async fn the_programs_own_clock_control_is_used_and_its_failure_told() {
    let asked = Arc::new(AtomicU64::new(0));
    let seen = asked.clone();
    let face = face_with(empty_sqlite().await, |settings| {
        settings.sandbox = true;
        settings.clock_control = Some(Arc::new(move |seconds| {
            seen.store(seconds, Ordering::SeqCst);
            Box::pin(
                async move { if seconds > 100 { Err("the simulators are away".into()) } else { Ok(5_000) } },
            )
        }));
    })
    .await;
    assert_eq!(face.post("/sandbox/clock", &json!({"advance_seconds": 7})).await.json()["offset_ms"], 5_000);
    assert_eq!((asked.load(Ordering::SeqCst), face.shop.clock.offset_ms()), (7, 5_000));
    face.post("/sandbox/clock", &json!({"advance_seconds": 101})).await.problem(503, "unavailable");
}

#[tokio::test]
async fn stock_is_added_and_counted() {
    let face = face(empty_sqlite().await).await;
    let answer = face.post("/sandbox/stock", &json!({"product_code": "ml_86", "add": 10})).await;
    assert_eq!(answer.json(), json!({"product_code": "ML_86", "available": 110}));
    for wrong in [
        json!({"product_code": "CHESS", "add": 1}),
        json!({"product_code": "ML_86", "add": 0}),
        json!({"product_code": "ML_86", "add": -5}),
        json!({"product_code": "ML_86", "add": 1_000_001}),
        json!({"product_code": "ML_86"}),
    ] {
        face.post("/sandbox/stock", &wrong).await.problem(422, "validation");
    }
}

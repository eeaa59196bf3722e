//! What the gateway answers when it is asked: in capitals, in words that nobody documented, spoiled,
//! or with a refusal.

use super::PAYING_IS_OVER;
use crate::{
    hands::{nap, patience},
    harness::{Rows, World},
};
use reqwest::StatusCode;
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn an_upper_case_status_is_read_like_a_lower_case_one() {
    let world = World::open(Rows::Sqlite).await;
    world.fault("midtrans", "upper_case_status", json!({"count": 1_000})).await;
    let number = world.placed("one", json!({})).await;
    world.paid(&number).await;
    world.until(&number, "delivered").await;
    let answers = world.requests("midtrans", "/status", &number).await;
    assert!(answers.iter().any(|r| r["answer"].as_str().unwrap().contains("SETTLEMENT")), "{answers:#?}");
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn an_unknown_status_is_pending_and_reported_and_never_fulfilled() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", json!({})).await;
    world.fault("midtrans", "unknown_status", json!({"count": 1_000})).await;
    world.paid(&number).await;
    let started = Instant::now();
    while !world.alert("unknown_word", "midtrans").await {
        patience(started, "the alert");
        nap().await;
    }
    let before = world.requests("midtrans", "/status", &number).await.len();
    world.advance(70).await.unwrap();
    world.asked_again(&number, before).await;
    let order = world.order(&number).await.unwrap();
    assert_eq!((&order["state"], &order["payment"]["state"]), (&json!("awaiting_payment"), &json!("open")));
    assert_eq!(world.books(&number).await["digiflazz"]["transactions"], json!([]));
    world.clear_faults().await;
    world.advance(70).await.unwrap();
    world.until(&number, "delivered").await;
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn an_unknown_status_of_danas_is_pending_and_reported_and_never_fulfilled() {
    let world = World::open(Rows::Sqlite).await;
    for method in ["dana_qr", "dana_link"] {
        let number = world.placed(method, json!({"payment_method": method, "buyer": method})).await;
        world.payable(&number).await;
        world.fault("dana", "unknown_status", json!({"count": 1_000})).await;
        world.paid(&number).await;
        let started = Instant::now();
        while !world.alert("unknown_word", "dana").await {
            patience(started, "the alert");
            nap().await;
        }
        let before = world.requests("dana", "/status.htm", &number).await.len();
        world.advance(70).await.unwrap();
        while world.requests("dana", "/status.htm", &number).await.len() <= before {
            patience(started, "another question");
            nap().await;
        }
        let order = world.order(&number).await.unwrap();
        assert_eq!(
            (&order["state"], &order["payment"]["state"]),
            (&json!("awaiting_payment"), &json!("open"))
        );
        assert_eq!(world.books(&number).await["digiflazz"]["transactions"], json!([]));
        world.clear_faults().await;
        world.advance(70).await.unwrap();
        world.until(&number, "delivered").await;
    }
    world.assert_proofs().await;
}

#[tokio::test]
async fn spoiled_answers_to_our_question_are_asked_again() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", json!({})).await;
    world.fault("midtrans", "http_status_errors", json!({})).await;
    for fault in ["error_500", "garbage", "redirect"] {
        world.fault("midtrans", fault, json!({"operation": "status", "count": 1})).await;
    }
    world.paid(&number).await;
    let started = Instant::now();
    // Business time is moved on while the shop backs off.
    while world.order(&number).await.unwrap()["state"] != "delivered" {
        patience(started, "the delivery");
        world.advance(15).await.unwrap();
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_payment_that_the_buyer_declines_buys_nothing_and_its_order_ends_with_its_time() {
    let world = World::open(Rows::Sqlite).await;
    let stock = world.stock("ML", "ML_86").await;
    let number = world.placed("one", json!({})).await;
    let (status, answer) = world.pay(&number, "deny").await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let started = Instant::now();
    while world.order(&number).await.unwrap()["payment"]["state"] != "denied" {
        patience(started, "the denial");
        nap().await;
    }
    assert_eq!(world.order(&number).await.unwrap()["state"], "awaiting_payment");
    world.advance(PAYING_IS_OVER).await.unwrap();
    world.until(&number, "expired").await;
    assert_eq!(world.stock("ML", "ML_86").await, stock);
    let books = world.books(&number).await;
    assert_eq!(books["digiflazz"]["transactions"], json!([]));
    assert_eq!(books["midtrans"]["transactions"][0]["times_settled"], 0);
    world.assert_proofs().await;
}

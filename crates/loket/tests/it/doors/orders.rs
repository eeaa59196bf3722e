//! Orders that are placed once, held for a person, or withdrawn.

use crate::{
    hands::{nap, patience},
    harness::{API_KEY, Rows, World},
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc, time::Instant};

#[tokio::test]
async fn the_sixth_order_within_a_minute_waits_for_a_person_whose_decision_is_audited() {
    let world = World::open(Rows::Sqlite).await;
    let stock = world.stock("ML", "ML_86").await;
    let mut numbers = Vec::new();
    for key in 1..=7 {
        let number = world.placed(&format!("order-{key}"), json!({"buyer": "budi"})).await;
        let order = world.order(&number).await.unwrap();
        let expected = if key <= 5 { "awaiting_payment" } else { "awaiting_verification" };
        assert_eq!(order["state"], expected, "order {key}: {order:#}");
        numbers.push(number);
    }
    let other = world.placed("other", json!({"buyer": "sari"})).await;
    assert_eq!(world.order(&other).await.unwrap()["state"], "awaiting_payment", "counted for each buyer");
    let (approved, rejected) = (&numbers[5], &numbers[6]);
    let held = world.order(approved).await.unwrap();
    assert_eq!((&held["risk"]["score"], &held["risk"]["action"]), (&json!(30), &json!("verify")));
    assert!(world.books(approved).await["midtrans"]["transactions"].as_array().unwrap().is_empty());
    world.staff("approve", approved).await;
    world.until(approved, "awaiting_payment").await;
    world.paid(approved).await;
    world.until(approved, "delivered").await;
    world.staff("reject", rejected).await;
    world.until(rejected, "cancelled").await;
    for (number, after) in [(approved, "awaiting_payment"), (rejected, "cancelled")] {
        let file = world.file(number).await;
        let audit = file["audit"].as_array().unwrap();
        let decision = audit.iter().find(|a| a["actor"].as_str().unwrap().contains("rina"));
        assert_eq!(decision.expect("an entry of the decision")["after"], after, "{audit:#?}");
    }
    assert_eq!(world.stock("ML", "ML_86").await, stock - 7);
    // What is decided stays decided, and what is not there is said to be so.
    assert_eq!(world.command(&["order", "approve", rejected]).await.0, Some(1));
    assert_eq!(world.command(&["order", "reject", approved]).await.0, Some(1));
    assert_eq!(world.command(&["order", "approve", "LK0000000000"]).await.0, Some(3));
    assert_ne!(world.command(&["order", "approve", "'; DROP TABLE shop_order; --"]).await.0, Some(0));
    world.assert_paid_and_delivered_once(approved).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_held_order_that_nobody_decides_expires_and_frees_its_stock() {
    let world = World::open(Rows::Sqlite).await;
    let stock = world.stock("ML", "ML_86").await;
    for key in 1..=6 {
        world.placed(&format!("order-{key}"), json!({"buyer": "budi"})).await;
    }
    world.advance(7 * 86_400).await.unwrap();
    let started = Instant::now();
    while world.stock("ML", "ML_86").await != stock {
        patience(started, "the stock");
        nap().await;
    }
    let orders = world.printed(&["order", "list", "--json"]).await;
    assert!(orders.as_array().unwrap().iter().all(|o| o["state"] == "expired"), "{orders:#}");
    world.assert_proofs().await;
}

#[tokio::test]
async fn cancelling_before_payment_frees_the_stock_and_closes_the_payment_at_the_gateway() {
    let world = World::open(Rows::Sqlite).await;
    let stock = world.stock("ML", "ML_86").await;
    let number = world.placed("one", json!({})).await;
    assert_eq!(world.stock("ML", "ML_86").await, stock - 1);
    let cancel = |number: &str| {
        world.http.post(world.url(&format!("/api/v1/orders/{number}/cancel"))).bearer_auth(API_KEY).send()
    };
    let order: Value = cancel(&number).await.unwrap().json().await.unwrap();
    assert_eq!(order["state"], "cancelled", "{order:#}");
    assert_eq!(world.stock("ML", "ML_86").await, stock);
    assert_eq!(cancel(&number).await.unwrap().status(), StatusCode::OK, "a second time changes nothing");
    let started = Instant::now();
    while world.books(&number).await["midtrans"]["transactions"][0]["transaction_status"] != "cancel" {
        patience(started, "the gateway");
        nap().await;
    }
    let (status, answer) = world.pay(&number, "settle").await;
    assert!(status.is_client_error(), "paid a cancelled payment: {answer}");
    assert_eq!(cancel("LK0000000000").await.unwrap().status(), StatusCode::NOT_FOUND);
    let paid = world.placed("two", json!({})).await;
    world.paid(&paid).await;
    world.until(&paid, "delivered").await;
    assert_eq!(cancel(&paid).await.unwrap().status(), StatusCode::CONFLICT);
    world.assert_paid_and_delivered_once(&paid).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_buyer_with_too_many_unpaid_orders_hears_so_and_buys_again_when_one_is_over() {
    let mut world = World::new(Rows::Sqlite).await;
    world.configure("LOKET_RULES__UNPAID_PER_BUYER", "2");
    world.open_shop(&[]).await.unwrap();
    let stock = world.stock("ML", "ML_86").await;
    let first = world.placed("one", json!({"buyer": "budi"})).await;
    world.placed("two", json!({"buyer": "budi"})).await;
    let (status, problem) = world.place("three", json!({"buyer": "budi"})).await.unwrap();
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("too-many-unpaid")), "{problem}");
    let said = problem["detail"].as_str().unwrap();
    assert!(said.contains("Bayar atau batalkan") && said.contains(&first), "{problem}");
    assert_eq!(world.stock("ML", "ML_86").await, stock - 2, "what is refused holds nothing");
    world.placed("other", json!({"buyer": "sari"})).await;
    world.paid(&first).await;
    world.until(&first, "delivered").await;
    world.placed("three", json!({"buyer": "budi"})).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn one_key_makes_one_order_however_often_and_at_once_on_sqlite() {
    one_key(Rows::Sqlite).await;
}

#[tokio::test]
async fn one_key_makes_one_order_however_often_and_at_once_on_postgres() {
    one_key(Rows::postgres().await).await;
}

async fn one_key(rows: Rows) {
    let world = Arc::new(World::open(rows).await);
    let stock = world.stock("ML", "ML_86").await;
    let mut requests = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let world = Arc::clone(&world);
        requests.spawn(async move { world.placed("same", json!({})).await });
    }
    let numbers: BTreeSet<String> = requests.join_all().await.into_iter().collect();
    assert_eq!(numbers.len(), 1, "{numbers:?}");
    let number = numbers.first().unwrap();
    world.paid(number).await;
    world.until(number, "delivered").await;
    let (status, replayed) = world.place("same", json!({})).await.unwrap();
    assert_eq!((status, replayed["number"].as_str()), (StatusCode::CREATED, Some(number.as_str())));
    let (status, problem) = world.place("same", json!({"user_id": "1114917747"})).await.unwrap();
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    assert_eq!(world.stock("ML", "ML_86").await, stock - 1);
    world.assert_paid_and_delivered_once(number).await;
    world.assert_proofs().await;
}

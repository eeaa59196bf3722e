//! Failures that are proven, and failures that may turn out successes.

use super::{bought, in_time};
use crate::{
    hands::{nap, patience},
    harness::{Rows, World},
};
use reqwest::StatusCode;
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_failure_that_is_not_proven_is_asked_about_before_money_moves() {
    for rc in ["01", "70"] {
        let world = World::open(Rows::Sqlite).await;
        world.fault("digiflazz", "drop_webhook", json!({"count": 1_000})).await;
        let number = bought(&world, "fail_then_success", json!({"rc": rc, "then_after_ms": 30_000})).await;
        world.until_attempt(&number, "unknown").await;
        assert_eq!(world.order(&number).await.unwrap()["state"], "fulfilling");
        assert_eq!(world.wallet_change(&number).await, 0);
        world.advance(30).await.unwrap();
        tokio::time::sleep(Duration::from_millis(1_300)).await;
        assert_eq!(
            world.requests("digiflazz", "/transaction", &number).await.len(),
            1,
            "asked within a minute"
        );
        world.advance(40).await.unwrap();
        world.until(&number, "delivered").await;
        world.assert_paid_and_delivered_once(&number).await;
        world.assert_supplier_not_hurried(&number).await;
        world.assert_proofs().await;
    }
}

#[tokio::test]
async fn a_failure_that_is_said_twice_a_minute_apart_is_believed_and_refunded() {
    let world = World::open(Rows::Sqlite).await;
    let number = bought(&world, "fail", json!({"rc": "70"})).await;
    world.until_attempt(&number, "unknown").await;
    world.advance(70).await.unwrap();
    world.until(&number, "refunded").await;
    assert_eq!(world.wallet_change(&number).await, 20_000);
    assert_eq!(world.requests("digiflazz", "/transaction", &number).await.len(), 2);
    world.assert_supplier_not_hurried(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn an_old_webhook_about_a_failure_is_no_second_opinion() {
    let world = World::open(Rows::Sqlite).await;
    world.fault("digiflazz", "drop_webhook", json!({"count": 1_000})).await;
    let script = json!({"rc": "70", "then_after_ms": 100_000});
    let number = bought(&world, "fail_then_success", script).await;
    world.until_attempt(&number, "unknown").await;
    // The second question is under way when the supplier's word about the first comes late, and twice.
    let reference = format!("{number}-F1");
    world.fault("digiflazz", "timeout", json!({"operation": "transaction", "delay_ms": 4_000})).await;
    world.advance(70).await.unwrap();
    world.supplier_asked(&reference, 2).await;
    for _ in 0..2 {
        world.supplier_says(&reference, "Gagal", "70").await;
    }
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(world.order(&number).await.unwrap()["state"], "fulfilling");
    assert_eq!(world.wallet_change(&number).await, 0);
    in_time(&world, &number, "delivered", 61).await;
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_supplier_not_hurried(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_proven_failure_is_refunded_at_once_and_a_success_after_it_is_a_loss() {
    let world = World::open(Rows::Sqlite).await;
    let stock = world.stock("ML", "ML_86").await;
    let number = bought(&world, "fail", json!({"rc": "54"})).await;
    world.until(&number, "refunded").await;
    assert_eq!(world.wallet_change(&number).await, 20_000);
    assert_eq!(world.stock("ML", "ML_86").await, stock);
    assert_ne!(world.command(&["order", "retry", &number]).await.0, Some(0), "retry after the refund");
    world.assert_proofs().await;
    world.supplier_says(&format!("{number}-F1"), "Sukses", "00").await;
    let started = Instant::now();
    while !world.alert("late_delivery", &number).await {
        patience(started, "the alert");
        nap().await;
    }
    assert_eq!(world.order(&number).await.unwrap()["state"], "refunded");
    let file = world.file(&number).await;
    assert!(
        file["ledger"]
            .as_array()
            .unwrap()
            .iter()
            .any(|l| l["account"] == "loss:late_delivery" && l["amount"] == 18_000),
        "{file:#}"
    );
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_success_of_a_refused_attempt_after_another_delivered_is_booked_and_reported() {
    let world = World::open(Rows::Sqlite).await;
    let deposit = world.books("").await["digiflazz"]["deposit"].as_i64().unwrap();
    assert_eq!(world.simulate("deposit", json!({"add": -deposit})).await.0, StatusCode::OK);
    let number = world.placed("one", json!({})).await;
    world.paid(&number).await;
    world.until(&number, "needs_attention").await;
    assert_eq!(world.simulate("deposit", json!({"add": 1_000_000})).await.0, StatusCode::OK);
    world.staff("retry", &number).await;
    world.until(&number, "delivered").await;
    world.supplier_says(&format!("{number}-F1"), "Sukses", "00").await;
    let started = Instant::now();
    while world.file(&number).await["attempts"][0]["state"] != "succeeded" {
        patience(started, "the first attempt's success");
        nap().await;
    }
    let file = world.file(&number).await;
    let supplier = file["ledger"].as_array().unwrap().iter().filter(|l| l["account"] == "supplier:digiflazz");
    let spent: i64 = supplier.map(|l| -l["amount"].as_i64().unwrap()).sum();
    assert_eq!(spent, 36_000, "the supplier took the price of both: {:#}", file["ledger"]);
    assert!(world.alert("late_delivery", &number).await, "nobody is told of the second delivery");
    world.assert_proofs().await;
}

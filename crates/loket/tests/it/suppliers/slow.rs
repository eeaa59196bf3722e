//! A supplier that takes long, and what it decides after hours.

use super::{HOUR, bought, in_time};
use crate::{
    hands::{nap, patience, told},
    harness::{Rows, World},
};
use serde_json::json;
use std::time::Instant;

/// A slow supplier is told of three times, and then a person is called.
async fn slow_for_two_hours(world: &World, number: &str) {
    let reference = format!("{number}-F1");
    world.supplier_asked(&reference, 1).await;
    world.advance(5 * 60 + 1).await.unwrap();
    let order = world.until_told(number, "message:slow_5_minutes").await;
    assert!(!told(&order, "message:slow_30_minutes") && order["state"] == "fulfilling", "{order:#}");
    // Each time it is asked, too. Time must not jump while a question is on its way: it would be dated
    // before the jump.
    world.supplier_asked(&reference, 2).await;
    world.advance(25 * 60).await.unwrap();
    let order = world.until_told(number, "message:slow_30_minutes").await;
    assert!(!told(&order, "message:slow_120_minutes") && order["state"] == "fulfilling", "{order:#}");
    world.supplier_asked(&reference, 3).await;
    world.advance(90 * 60).await.unwrap();
    world.until_told(number, "message:slow_120_minutes").await;
    let order = world.until(number, "needs_attention").await;
    assert_eq!(order["attention"], "supplier_slow");
    assert!(world.alert("order_needs_attention", number).await);
    world.supplier_asked(&reference, 4).await;
}

#[tokio::test]
async fn a_slow_supplier_is_waited_for_and_a_failure_after_hours_is_refunded_on_sqlite() {
    slow_then_failed(Rows::Sqlite).await;
}

#[tokio::test]
async fn a_slow_supplier_is_waited_for_and_a_failure_after_hours_is_refunded_on_postgres() {
    slow_then_failed(Rows::postgres().await).await;
}

async fn slow_then_failed(rows: Rows) {
    let world = World::open(rows).await;
    let stock = world.stock("ML", "ML_86").await;
    let number = bought(&world, "pending_then_fail", json!({"then_after_ms": 6 * HOUR * 1_000})).await;
    slow_for_two_hours(&world, &number).await;
    let reference = format!("{number}-F1");
    let asked = world.requests("digiflazz", "/transaction", &reference).await.len();
    world.advance(HOUR).await.unwrap();
    world.supplier_asked(&reference, asked + 1).await;
    assert_eq!(world.order(&number).await.unwrap()["state"], "needs_attention", "time alone decides nothing");
    let (code, text) = world.command(&["order", "retry", &number]).await;
    assert_ne!(code, Some(0), "bought again while the supplier may still deliver: {text}");
    world.fault("digiflazz", "drop_webhook", json!({"count": 1_000})).await;
    in_time(&world, &number, "refunded", HOUR).await;
    assert_eq!(world.wallet_change(&number).await, 20_000);
    assert!(!world.alert("order_needs_attention", &number).await);
    assert_eq!(world.stock("ML", "ML_86").await, stock);
    world.assert_supplier_not_hurried(&number).await;
    world.spend_wallet("budi", json!({})).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_slow_supplier_that_delivers_after_a_person_was_called_delivers() {
    let world = World::open(Rows::Sqlite).await;
    let number = bought(&world, "pending_then_success", json!({"then_after_ms": 3 * HOUR * 1_000})).await;
    slow_for_two_hours(&world, &number).await;
    world.advance(HOUR).await.unwrap();
    in_time(&world, &number, "delivered", 901).await;
    assert!(!world.alert("order_needs_attention", &number).await);
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_supplier_not_hurried(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_delivery_after_a_person_refunded_is_a_loss_that_is_booked_and_reported_on_sqlite() {
    delivered_after_refund(Rows::Sqlite).await;
}

#[tokio::test]
async fn a_delivery_after_a_person_refunded_is_a_loss_that_is_booked_and_reported_on_postgres() {
    delivered_after_refund(Rows::postgres().await).await;
}

async fn delivered_after_refund(rows: Rows) {
    let world = World::open(rows).await;
    let number = bought(&world, "pending_then_success", json!({"then_after_ms": 4 * HOUR * 1_000})).await;
    slow_for_two_hours(&world, &number).await;
    world.staff("refund", &number).await;
    world.until(&number, "refunded").await;
    assert_eq!(world.wallet_change(&number).await, 20_000);
    let reference = format!("{number}-F1");
    let asked = world.requests("digiflazz", "/transaction", &reference).await.len();
    world.advance(HOUR).await.unwrap();
    world.supplier_asked(&reference, asked + 1).await;
    world.advance(2 * HOUR).await.unwrap();
    let started = Instant::now();
    while !world.alert("late_delivery", &number).await {
        patience(started, "the alert");
        nap().await;
    }
    // The buyer is told the truth of it, and is shown no number of what was refunded.
    let order = world.until_told(&number, "message:late_delivery").await;
    assert_eq!((&order["state"], &order["serial_number"]), (&json!("refunded"), &json!(null)));
    let file = world.file(&number).await;
    let lines = file["ledger"].as_array().unwrap();
    let loss: Vec<_> =
        lines.iter().filter(|l| l["account"] == "loss:late_delivery").map(|l| l["amount"].as_i64()).collect();
    assert_eq!(loss, [Some(18_000)], "{lines:#?}");
    assert_eq!(world.wallet_change(&number).await, 20_000);
    world.assert_proofs().await;
    // The supplier takes even that back: no loss is left.
    world.supplier_says(&reference, "Gagal", "74").await;
    world.until_attempt(&number, "reversed").await;
    world.until_told(&number, "message:late_delivery_taken_back").await;
    let file = world.file(&number).await;
    let lines = file["ledger"].as_array().unwrap();
    let loss = lines
        .iter()
        .filter(|l| l["account"] == "loss:late_delivery")
        .map(|l| l["amount"].as_i64().unwrap())
        .sum::<i64>();
    assert_eq!(loss, 0, "{lines:#?}");
    assert_eq!(world.wallet_change(&number).await, 20_000);
    world.assert_proofs().await;
}

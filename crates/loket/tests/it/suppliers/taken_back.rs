//! Deliveries that the supplier takes back.

use super::{HOUR, bought};
use crate::{
    hands::{nap, patience, told},
    harness::{Rows, World},
};
use reqwest::StatusCode;
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_delivery_that_is_taken_back_is_refunded_reported_and_its_stock_put_back() {
    let world = World::open(Rows::Sqlite).await;
    let stock = world.stock("ML", "ML_86").await;
    let number = bought(&world, "success_then_refund", json!({"then_after_ms": 2 * HOUR * 1_000})).await;
    world.until(&number, "delivered").await;
    assert_eq!(world.stock("ML", "ML_86").await, stock - 1);
    world.assert_proofs().await;
    world.advance(2 * HOUR + 1).await.unwrap();
    world.until(&number, "refunded").await;
    assert!(world.alert("delivery_reversed", &number).await);
    assert_eq!(world.stock("ML", "ML_86").await, stock);
    assert_eq!(world.wallet_change(&number).await, 20_000);
    let books = world.books(&number).await;
    assert_eq!(books["digiflazz"]["transactions"][0]["rc"], "74");
    // The reversal again, and the success of before: old news.
    for webhook in world
        .webhooks("digiflazz", &number, "update")
        .await
        .iter()
        .chain(&world.webhooks("digiflazz", &number, "create").await)
    {
        let signature = webhook["headers"]["X-Hub-Signature"].as_str().unwrap();
        world.webhook_storm("digiflazz", Some(signature), webhook["body"].as_str().unwrap()).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(world.order(&number).await.unwrap()["state"], "refunded");
    assert_eq!(world.wallet_change(&number).await, 20_000);
    world.assert_proofs().await;
}

#[tokio::test]
async fn of_two_deliveries_the_buyer_is_shown_what_they_keep_and_refunded_after_the_last_on_sqlite() {
    both_taken_back(Rows::Sqlite).await;
}

#[tokio::test]
async fn of_two_deliveries_the_buyer_is_shown_what_they_keep_and_refunded_after_the_last_on_postgres() {
    both_taken_back(Rows::postgres().await).await;
}

async fn both_taken_back(rows: Rows) {
    let world = World::open(rows).await;
    let stock = world.stock("ML", "ML_86").await;
    let deposit = world.books("").await["digiflazz"]["deposit"].as_i64().unwrap();
    assert_eq!(world.simulate("deposit", json!({"add": -deposit})).await.0, StatusCode::OK);
    let number = world.placed("one", json!({"buyer": "budi"})).await;
    world.paid(&number).await;
    world.until(&number, "needs_attention").await;
    assert_eq!(world.simulate("deposit", json!({"add": 1_000_000})).await.0, StatusCode::OK);
    world.staff("retry", &number).await;
    let order = world.until(&number, "delivered").await;
    assert_ne!(order["serial_number"], "SN-1", "{order:#}");
    // The purchase that was refused delivers as well; then the one that was shown is taken back.
    world.supplier_says(&format!("{number}-F1"), "Sukses", "00").await;
    let started = Instant::now();
    while !world.alert("late_delivery", &number).await {
        patience(started, "the alert about the second delivery");
        nap().await;
    }
    assert!(!told(&world.order(&number).await.unwrap(), "message:serial_number"));
    world.supplier_says(&format!("{number}-F2"), "Gagal", "74").await;
    let order = world.until_told(&number, "message:serial_number").await;
    assert_eq!((&order["state"], &order["serial_number"]), (&json!("delivered"), &json!("SN-1")));
    assert!(world.alert("delivery_reversed", &number).await);
    assert_eq!(world.wallet_change(&number).await, 0);
    world.assert_proofs().await;
    // What the buyer kept is taken back as well.
    world.supplier_says(&format!("{number}-F1"), "Gagal", "74").await;
    world.until(&number, "refunded").await;
    assert_eq!(world.wallet_change(&number).await, 20_000);
    assert_eq!(world.stock("ML", "ML_86").await, stock);
    let file = world.file(&number).await;
    for account in ["escrow", "revenue", "cost", "loss:late_delivery", "supplier:digiflazz"] {
        let lines = file["ledger"].as_array().unwrap().iter().filter(|l| l["account"] == account);
        assert_eq!(lines.map(|l| l["amount"].as_i64().unwrap()).sum::<i64>(), 0, "{account}: {file:#}");
    }
    world.spend_wallet("budi", json!({})).await;
    world.assert_proofs().await;
}

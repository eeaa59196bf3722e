//! Deliveries that the supplier takes back.

use super::{
    HOUR, bought, in_time,
    others::{self, APIGAMES, VIP, shop_of},
};
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
    assert!(told(&world.order(&number).await.unwrap(), "message:delivery_taken_back"));
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

#[tokio::test]
async fn a_delivery_that_vip_reseller_calls_failed_twice_is_taken_back_on_sqlite() {
    called_failed(VIP, Rows::Sqlite).await;
}

#[tokio::test]
async fn a_delivery_that_vip_reseller_calls_failed_twice_is_taken_back_on_postgres() {
    called_failed(VIP, Rows::postgres().await).await;
}

#[tokio::test]
async fn a_delivery_that_apigames_calls_failed_twice_is_taken_back_on_sqlite() {
    called_failed(APIGAMES, Rows::Sqlite).await;
}

#[tokio::test]
async fn a_delivery_that_apigames_calls_failed_twice_is_taken_back_on_postgres() {
    called_failed(APIGAMES, Rows::postgres().await).await;
}

/// Of the two neither has a word for a delivery that it took back.
async fn called_failed(party: &str, rows: Rows) {
    let world = shop_of(party, rows).await;
    let stock = world.stock("ML", "ML_86").await;
    let then = json!({"then_after_ms": 120_000});
    let number = others::bought(&world, party, "success_then_refund", then).await;
    in_time(&world, &number, "delivered", 2).await;
    assert_eq!(world.stock("ML", "ML_86").await, stock - 1);
    world.advance(121).await.unwrap();
    // Their callback is a reason to ask, and the first answer one to call a person and to ask again.
    let started = Instant::now();
    while !world.alert("delivery_doubted", &number).await {
        patience(started, "the alert about the first answer");
        nap().await;
    }
    let order = world.order(&number).await.unwrap();
    assert_eq!((&order["state"], world.wallet_change(&number).await), (&json!("delivered"), 0));
    assert!(!told(&order, "message:delivery_taken_back"), "{order:#}");
    world.advance(40).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(world.order(&number).await.unwrap()["state"], "delivered", "asked again within a minute");
    let order = in_time(&world, &number, "refunded", 20).await;
    assert!(told(&order, "message:delivery_taken_back"), "{order:#}");
    assert_eq!(order["serial_number"], serde_json::Value::Null, "{order:#}");
    assert!(world.alert("delivery_reversed", &number).await);
    assert!(!world.alert("delivery_doubted", &number).await, "it is certain now");
    assert_eq!(world.wallet_change(&number).await, 20_000);
    assert_eq!(world.stock("ML", "ML_86").await, stock);
    let file = world.file(&number).await;
    assert_eq!(file["attempts"].as_array().unwrap().len(), 1);
    assert_eq!(file["attempts"][0]["state"], "reversed");
    let supplier = format!("supplier:{party}");
    let lines = file["ledger"].as_array().unwrap().iter().filter(|line| line["account"] == supplier);
    assert_eq!(lines.map(|line| line["amount"].as_i64().unwrap()).sum::<i64>(), 0, "{file:#}");
    world.assert_proofs().await;
    let (code, text) = world.command(&["reconcile"]).await;
    if party == VIP {
        assert_eq!(code, Some(0), "{text}");
    } else {
        // What they keep of a purchase that failed is not told, and shows in the deposit.
        assert_eq!(code, Some(4), "{text}");
        assert!(text.contains("what apigames keeps of 1 failed purchase (Rp 18.000 at most)"), "{text}");
        assert!(!text.contains("something else was bought"), "{text}");
        assert!(text.contains("loket alerts --resolve reconciliation deposit:apigames/"), "{text}");
    }
}

#[tokio::test]
async fn a_delivery_that_is_taken_back_while_the_callback_is_lost_is_found_by_a_comparison() {
    for party in [VIP, APIGAMES] {
        let world = shop_of(party, Rows::Sqlite).await;
        world.fault(party, "drop_webhook", json!({"count": 1_000})).await;
        let then = json!({"then_after_ms": 120_000});
        let number = others::bought(&world, party, "success_then_refund", then).await;
        in_time(&world, &number, "delivered", 2).await;
        world.advance(121).await.unwrap();
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        assert!(!world.alert("delivery_doubted", &number).await, "nobody has asked");
        let (code, text) = world.command(&["reconcile"]).await;
        assert!(code != Some(0) && text.contains(&format!("{number}-F1")), "{text}");
        // What was found is asked about, and that decides.
        let started = Instant::now();
        while !world.alert("delivery_doubted", &number).await {
            patience(started, "the question");
            nap().await;
        }
        in_time(&world, &number, "refunded", 20).await;
        assert_eq!(world.wallet_change(&number).await, 20_000);
        world.assert_proofs().await;
    }
}

//! What went back at a gateway beside what the shop gave back there: the two add up, or it is told.

use super::kinds;
use crate::{
    hands::{nap, patience},
    harness::{Rows, World},
};
use serde_json::{Value, json};
use std::time::Instant;

/// The key that the gateway's dashboard belongs to in the sandbox.
const SERVER_KEY: &str = "SB-Mid-server-loket-sandbox";

#[tokio::test]
async fn a_dashboard_refund_beside_a_part_of_ours_is_found_without_its_webhook_on_sqlite() {
    beside_ours(Rows::Sqlite).await;
}

#[tokio::test]
async fn a_dashboard_refund_beside_a_part_of_ours_is_found_without_its_webhook_on_postgres() {
    beside_ours(Rows::postgres().await).await;
}

async fn beside_ours(rows: Rows) {
    let mut world = World::open(rows).await;
    world.script("fail", json!({"rc": "54"})).await;
    let number = world.placed("one", json!({"buyer": "budi"})).await;
    world.paid(&number).await;
    world.until(&number, "refunded").await;
    let refund = ["order", "refund", number.as_str(), "--by", "rina", "--amount", "5000"];
    let (code, text) = world.command(&refund).await;
    assert_eq!(code, Some(0), "{text}");
    until_file(&world, &number, "the refund", |file| file["refunds"][0]["state"] == "done").await;
    world.all_agree().await;

    // In the dashboard, and nobody is told of it.
    world.fault("midtrans", "drop_webhook", json!({"count": 1_000})).await;
    world.close_shop().await;
    let reference = format!("{number}-P1");
    let url = format!("{}/sandbox/midtrans/v2/{reference}/refund", world.simulators.base());
    let body = json!({"refund_key": "by-hand", "amount": 4_000, "reason": "by hand"});
    let request = world.http.post(url).basic_auth(SERVER_KEY, Some("")).json(&body);
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["transaction_status"], "partial_refund", "{answer:#}");
    let report = world.differs("taken_back", &reference, "asks about it again").await;
    assert_eq!(kinds(&report), ["taken_back"], "{report:#}");
    let found = &report["differences"][0];
    assert!(found["ledger"].as_str().unwrap().contains("Rp 5.000 went back by us"), "{found:#}");
    assert!(found["gateway"].as_str().unwrap().contains("Rp 9.000 went back in all"), "{found:#}");
    assert!(found["cause"].as_str().unwrap().contains("dashboard"), "{found:#}");

    world.open_shop(&[]).await.unwrap();
    until_file(&world, &number, "its word", |file| file["payments"][0]["given_back"] == 4_000).await;
    assert!(world.alert("payment_taken_back", &number).await);
    world.all_agree().await;
    assert!(!world.alert("reconciliation", &format!("taken_back:{reference}")).await);
    world.assert_proofs().await;
}

/// Waits until the shop has this about an order.
async fn until_file(world: &World, number: &str, what: &str, holds: impl Fn(&Value) -> bool) {
    let started = Instant::now();
    loop {
        let file = world.file(number).await;
        if holds(&file) {
            return;
        }
        patience(started, &format!("{what} in {file:#}"));
        nap().await;
    }
}

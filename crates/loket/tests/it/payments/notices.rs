//! Webhooks that come many times, in another order, never, or about nothing of ours.

use crate::{
    hands::{notification, told},
    harness::{Rows, World},
};
use reqwest::StatusCode;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_webhook_that_comes_many_times_at_once_fulfils_once_on_sqlite() {
    webhook_many_times(Rows::Sqlite).await;
}

#[tokio::test]
async fn a_webhook_that_comes_many_times_at_once_fulfils_once_on_postgres() {
    webhook_many_times(Rows::postgres().await).await;
}

async fn webhook_many_times(rows: Rows) {
    let world = World::open(rows).await;
    let number = world.placed("one", json!({})).await;
    world.fault("midtrans", "drop_webhook", json!({"operation": "settlement"})).await;
    world.paid(&number).await;
    let settlement = world.webhooks("midtrans", &number, "settlement").await;
    let body = settlement[0]["body"].as_str().unwrap();
    world.webhook_storm("midtrans", None, body).await;
    world.until(&number, "delivered").await;
    world.webhook_storm("midtrans", None, body).await;
    assert_eq!(world.inbox(body).await, (1, 48), "one row for what is said once");
    tokio::time::sleep(Duration::from_millis(500)).await;
    world.until(&number, "delivered").await;
    world.assert_paid_and_delivered_once(&number).await;
    assert_eq!(world.wallet_change(&number).await, 0);
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_settlement_that_overtakes_pending_pays_and_the_pending_after_it_is_old_news() {
    let world = World::open(Rows::Sqlite).await;
    world.fault("midtrans", "reorder_webhook", json!({"operation": "pending"})).await;
    let number = world.placed("one", json!({})).await;
    world.paid(&number).await;
    let pending = world.webhook_tried("midtrans", &number, "pending").await;
    let settlement = world.webhook_tried("midtrans", &number, "settlement").await;
    assert!(
        settlement["attempts"][0]["at"].as_str() < pending["attempts"][0]["at"].as_str(),
        "not reordered"
    );
    assert_eq!(pending["attempts"][0]["status"], 200);
    world.until(&number, "delivered").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let order = world.until(&number, "delivered").await;
    assert_eq!(order["payment"]["state"], "settled");
    assert_eq!(world.wallet_change(&number).await, 0, "the same money twice");
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_test_notification_about_no_order_of_ours_is_taken_and_does_nothing() {
    let world = World::open(Rows::Sqlite).await;
    for reference in ["payment_notif_test_G000000000_1", "LK0000000000-P1", "LK0000000000-F1"] {
        let body = notification(reference, "200", "105000.00", "settlement").to_string();
        let (status, text) = world.webhook("midtrans", None, &body).await;
        assert_eq!(status, StatusCode::OK, "{text}");
    }
    tokio::time::sleep(Duration::from_millis(700)).await;
    let books = world.books("").await;
    assert_eq!((&books["midtrans"]["requests"], &books["digiflazz"]["requests"]), (&json!([]), &json!([])));
    assert_eq!(world.printed(&["order", "list", "--json"]).await, json!([]));
    assert_eq!(world.printed(&["alerts", "--json"]).await, json!([]));
    world.assert_proofs().await;
}

#[tokio::test]
async fn fields_that_nobody_knows_are_ignored_in_a_webhook() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", json!({})).await;
    world.fault("midtrans", "drop_webhook", json!({"count": 1_000})).await;
    world.paid(&number).await;
    let reference = format!("{number}-P1");
    let before = world.requests("midtrans", "/status", &reference).await.len();
    let mut settlement = notification(&reference, "200", "20000.00", "settlement");
    for (name, value) in [
        ("shopeepay_reference_number", json!("1")),
        ("metadata", json!({"extra_info": {"gross_amount_info": {"original_amount": 20_000}}})),
        ("tomorrow", json!([null, {"": -1.5}])),
    ] {
        settlement[name] = value;
    }
    let (status, text) = world.webhook("midtrans", None, &settlement.to_string()).await;
    assert_eq!(status, StatusCode::OK, "{text}");
    world.asked_again(&number, before).await;
    world.until(&number, "delivered").await;
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_payment_whose_webhook_never_comes_is_found_by_asking() {
    let world = World::open(Rows::Sqlite).await;
    world.fault("midtrans", "drop_webhook", json!({"count": 1_000})).await;
    let number = world.placed("one", json!({})).await;
    world.paid(&number).await;
    world.advance(30).await.unwrap();
    let order = world.until(&number, "delivered").await;
    assert!(!told(&order, "expired"));
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

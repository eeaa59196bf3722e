//! A failure that is proven, in a shop that gives back to where the money came from: because nothing else is
//! configured, or its owner says so.

use crate::{
    hands::{nap, patience, told},
    harness::{Rows, World},
};
use serde_json::json;
use std::time::Instant;

#[tokio::test]
async fn what_failed_goes_back_to_gopay_once_and_is_told_truly_on_sqlite() {
    whole(Rows::Sqlite).await;
}

#[tokio::test]
async fn what_failed_goes_back_to_gopay_once_and_is_told_truly_on_postgres() {
    whole(Rows::postgres().await).await;
}

async fn whole(rows: Rows) {
    let world = World::unasked(rows).await;
    let number = world.failed(json!({})).await;
    let order = world.until(&number, "refunded").await;
    let file = world.until_refund(&number, 1, "done").await;
    assert!(told(&order, "message:refund_sent") && told(&order, "message:refund_arrived"), "{order:#}");
    assert!(!told(&order, "message:refunded"), "it is no store credit: {order:#}");
    assert_eq!(file["refunds"][0]["reference"], format!("{number}-R1"));
    assert_eq!(file["payments"][0]["state"], "refunded");
    assert_eq!(world.at_midtrans(&number).await, (20_000, 1));
    assert_eq!(world.wallet_change(&number).await, 0);
    for account in ["escrow", "refunding:midtrans", "revenue"] {
        assert_eq!(world.account(&number, account).await, 0, "{account}");
    }
    assert_eq!(world.account(&number, "gateway:midtrans").await, -400, "the fee is not given back");
    let page = world.http.get(order["payment"]["pay_url"].as_str().unwrap()).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("Rp 20.000 (GoPay) sudah dikembalikan"));
    // Midtrans tells it twice, the second time with the bank's word: that is our own refund, and no news.
    for webhook in world.webhooks("midtrans", &number, "refund").await {
        world.webhook_storm("midtrans", None, webhook["body"].as_str().unwrap()).await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(800)).await;
    assert_eq!(world.at_midtrans(&number).await, (20_000, 1));
    assert!(!world.alert("payment_taken_back", &number).await);
    assert_eq!(world.order(&number).await.unwrap()["state"], "refunded");
    world.assert_proofs().await;
    let (code, text) = world.command(&["reconcile"]).await;
    assert_eq!(code, Some(0), "{text}");
}

#[tokio::test]
async fn a_refund_whose_answer_is_lost_is_asked_about_and_made_once_on_sqlite() {
    lost(Rows::Sqlite).await;
}

#[tokio::test]
async fn a_refund_whose_answer_is_lost_is_asked_about_and_made_once_on_postgres() {
    lost(Rows::postgres().await).await;
}

async fn lost(rows: Rows) {
    let world = World::giving_back(rows).await;
    // Acted on, and answered with garbage.
    world.fault("midtrans", "garbage", json!({"operation": "refund"})).await;
    let number = world.failed(json!({})).await;
    world.until(&number, "refunded").await;
    assert_eq!(world.at_midtrans(&number).await, (20_000, 1));
    assert_eq!(world.requests("midtrans", "/refund", &number).await.len(), 1, "it was asked about");
    assert_eq!(world.wallet_change(&number).await, 0);
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_refund_that_never_arrived_is_sent_again_under_its_key() {
    let world = World::giving_back(Rows::Sqlite).await;
    world.fault("midtrans", "error_500", json!({"operation": "refund"})).await;
    let number = world.failed(json!({})).await;
    world.until(&number, "refunded").await;
    let sent = world.requests("midtrans", "/refund", &number).await;
    assert_eq!(sent.len(), 2, "{sent:#?}");
    for request in &sent {
        assert!(request["body"].as_str().unwrap().contains(&format!("{number}-R1")), "{request:#}");
    }
    assert_eq!(world.at_midtrans(&number).await, (20_000, 1));
    world.assert_proofs().await;
}

#[tokio::test]
async fn webhooks_that_come_before_the_answer_are_our_own_refund() {
    let world = World::giving_back(Rows::Sqlite).await;
    world.fault("midtrans", "timeout_after_effect", json!({"operation": "refund", "delay_ms": 3_000})).await;
    let number = world.failed(json!({})).await;
    world.webhook_tried("midtrans", &number, "refund").await;
    world.until(&number, "refunded").await;
    assert_eq!(world.at_midtrans(&number).await, (20_000, 1));
    assert!(!world.alert("payment_taken_back", &number).await);
    assert_eq!(world.wallet_change(&number).await, 0);
    assert_eq!(world.file(&number).await["payments"][0]["given_back"], serde_json::Value::Null);
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_gateway_without_our_money_makes_it_store_credit_and_the_buyer_is_told_so() {
    let world = World::giving_back(Rows::Sqlite).await;
    world.fault("midtrans", "insufficient_balance", json!({})).await;
    let number = world.failed(json!({})).await;
    let order = world.until(&number, "refunded").await;
    assert!(told(&order, "message:refund_became_credit"), "{order:#}");
    assert_eq!(world.file(&number).await["refunds"][0]["refusal"], "insufficient_balance");
    assert_eq!(world.wallet_change(&number).await, 20_000);
    assert_eq!(world.at_midtrans(&number).await, (0, 0));
    assert!(world.alert("gateway_refuses_us", "midtrans").await);
    let page = world.http.get(order["payment"]["pay_url"].as_str().unwrap()).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("tidak bisa dikembalikan ke cara bayar Anda"));
    world.assert_proofs().await;
    world.spend_wallet("budi", json!({})).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_refund_in_progress_at_dana_is_asked_about_until_it_is_done_on_sqlite() {
    in_progress(Rows::Sqlite).await;
}

#[tokio::test]
async fn a_refund_in_progress_at_dana_is_asked_about_until_it_is_done_on_postgres() {
    in_progress(Rows::postgres().await).await;
}

async fn in_progress(rows: Rows) {
    let world = World::giving_back(rows).await;
    world.fault("dana", "refund_in_progress", json!({})).await;
    let number = world.failed(json!({"payment_method": "dana_link"})).await;
    world.until_refund(&number, 1, "pending").await;
    let order = world.order(&number).await.unwrap();
    assert_eq!(order["state"], "refunding", "it has not arrived: {order:#}");
    assert!(told(&order, "message:refund_sent") && !told(&order, "message:refund_arrived"));
    world.assert_proofs().await;
    let started = Instant::now();
    while world.order(&number).await.unwrap()["state"] != "refunded" {
        patience(started, "the end of a refund in progress");
        world.advance(31).await.unwrap();
        nap().await;
    }
    let books = world.books(&number).await;
    assert_eq!(books["dana"]["transactions"][0]["refunded"], 20_000, "{books:#}");
    assert_eq!(books["dana"]["transactions"][0]["refunds"].as_array().unwrap().len(), 1);
    assert_eq!(world.wallet_change(&number).await, 0);
    world.assert_proofs().await;
}

#[tokio::test]
async fn what_the_owner_gives_back_in_the_dashboard_meanwhile_is_not_given_again() {
    let world = World::giving_back(Rows::Sqlite).await;
    world.fault("midtrans", "error_500", json!({"operation": "refund", "count": 2})).await;
    let number = world.failed(json!({})).await;
    world.until_refund(&number, 1, "unknown").await;
    world.clear_faults().await;
    let url = format!("{}/sandbox/midtrans/v2/{number}-P1/refund", world.simulators.base());
    let body = json!({"refund_key": "by-hand", "reason": "by hand"});
    let request = world.http.post(url).basic_auth("SB-Mid-server-loket-sandbox", Some("")).json(&body);
    let by_hand = request.send().await.unwrap().json::<serde_json::Value>().await.unwrap();
    world.until(&number, "refunded").await;
    // Either was first; the buyer has the money once, and no store credit beside it.
    let (given, refunds) = world.at_midtrans(&number).await;
    assert_eq!((given, refunds), (20_000, 1), "{by_hand:#}");
    assert_eq!(world.wallet_change(&number).await, 0);
    world.assert_proofs().await;
}

#[tokio::test]
async fn what_was_paid_at_a_bank_becomes_store_credit_because_it_cannot_go_back_there() {
    let world = World::unasked(Rows::Sqlite).await;
    let number = world.failed(json!({"payment_method": "va_bca"})).await;
    let order = world.until(&number, "refunded").await;
    assert!(told(&order, "message:refunded") && !told(&order, "message:refund_sent"), "{order:#}");
    assert_eq!(world.wallet_change(&number).await, 20_000);
    assert_eq!(world.file(&number).await["refunds"], json!([]));
    let page = world.http.get(order["payment"]["pay_url"].as_str().unwrap()).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("Uang sudah kembali ke saldo"), "where the money is");
    world.assert_proofs().await;
}

//! Refunds: by key, by amount, and the two notifications.

use crate::support::{Answer, World};
use serde_json::{Value, json};

async fn paid() -> (World, testkit::TempFolder) {
    let (world, folder) = World::start().await;
    world.charge("LK0123456789-P1", 20_000).await;
    world.pay("LK0123456789-P1", "settle").await;
    world.hooks.wait(2).await;
    (world, folder)
}

async fn refund(world: &World, body: Value) -> Answer {
    world.midtrans("POST", "/v2/LK0123456789-P1/refund", Some(body)).await
}

#[tokio::test]
async fn a_refund_in_parts_ends_when_all_is_given_back() {
    let (world, _folder) = paid().await;
    let first = refund(&world, json!({"refund_key": "LK0123456789-R1", "amount": 5_000, "reason": "habis"}))
        .await
        .json();
    assert_eq!(
        (&first["status_code"], &first["transaction_status"]),
        (&json!("200"), &json!("partial_refund"))
    );
    assert_eq!(
        (&first["refund_amount"], &first["refund_key"]),
        (&json!("5000.00"), &json!("LK0123456789-R1"))
    );
    assert!(first["refund_chargeback_id"].is_i64());
    assert_eq!(
        refund(&world, json!({"refund_key": "R2", "amount": 15_001})).await.json()["status_code"],
        "414"
    );
    assert_eq!(refund(&world, json!({"refund_key": "R2", "amount": 0})).await.json()["status_code"], "414");
    let direct = "/v2/LK0123456789-P1/refund/online/direct";
    let second =
        world.midtrans("POST", direct, Some(json!({"refund_key": "R2", "amount": 15_000}))).await.json();
    assert_eq!(second["transaction_status"], "refund");
    assert_eq!(refund(&world, json!({"refund_key": "R3", "amount": 1})).await.json()["status_code"], "412");
    let status = world.status("LK0123456789-P1").await;
    assert_eq!(
        (&status["transaction_status"], &status["refund_amount"]),
        (&json!("refund"), &json!("20000.00"))
    );
    assert_eq!(status["refunds"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_same_key_gives_back_once() {
    let (world, _folder) = paid().await;
    let body = json!({"refund_key": "R1", "amount": 5_000});
    let first = refund(&world, body.clone()).await.json();
    let again = refund(&world, body).await.json();
    assert_eq!(first, again);
    assert_eq!(
        refund(&world, json!({"refund_key": "R1", "amount": 6_000})).await.json()["status_code"],
        "406"
    );
    assert_eq!(world.books().await["midtrans"]["transactions"][0]["refund_amount"], 5_000);
    world.advance(7 * 86_400 + 1).await;
    assert_eq!(
        refund(&world, json!({"refund_key": "R1", "amount": 5_000})).await.json()["status_code"],
        "406"
    );
}

#[tokio::test]
async fn without_a_key_each_call_is_a_refund_of_its_own() {
    let (world, _folder) = paid().await;
    for _ in 0..2 {
        assert_eq!(refund(&world, json!({"amount": 5_000})).await.json()["status_code"], "200");
    }
    assert_eq!(world.books().await["midtrans"]["transactions"][0]["refund_amount"], 10_000);
}

#[tokio::test]
async fn a_refund_is_told_twice_the_second_time_with_the_banks_word() {
    let (world, _folder) = paid().await;
    refund(&world, json!({"refund_key": "R1"})).await;
    let first = world.hooks.wait(3).await[2].json();
    assert_eq!((&first["status_code"], &first["transaction_status"]), (&json!("200"), &json!("refund")));
    assert!(first["refunds"][0].get("bank_confirmed_at").is_none());
    let second = world.hooks.wait(4).await[3].json();
    assert!(second["refunds"][0]["bank_confirmed_at"].is_string(), "{second}");
    assert_eq!(second["signature_key"], crate::support::signature_key(&second));
}

#[tokio::test]
async fn only_what_is_paid_and_recent_is_given_back() {
    let (world, _folder) = paid().await;
    world.charge("LK0123456789-P2", 20_000).await;
    let pending =
        world.midtrans("POST", "/v2/LK0123456789-P2/refund", Some(json!({"refund_key": "R1"}))).await;
    assert_eq!(pending.json()["status_code"], "412");
    let unknown = world.midtrans("POST", "/v2/none/refund", Some(json!({"refund_key": "R1"}))).await;
    assert_eq!(unknown.json()["status_code"], "404");
    for (body, code) in [
        (json!({"refund_key": "a b"}), "400"),
        (json!({"refund_key": ""}), "400"),
        (json!({"refund_key": 5}), "408"),
        (json!({"refund_key": "R1", "amount": "5000"}), "408"),
        (json!({"refund_key": "R1", "amount": 1.5}), "408"),
        (json!({"refund_key": "R1", "reason": "x".repeat(256)}), "400"),
        (json!([]), "413"),
    ] {
        assert_eq!(refund(&world, body.clone()).await.json()["status_code"], code, "{body}");
    }
    world.advance(45 * 86_400 + 1).await;
    assert_eq!(refund(&world, json!({"refund_key": "R1"})).await.json()["status_code"], "412");
}

#[tokio::test]
async fn without_a_balance_nothing_is_given_back_and_with_one_the_same_key_is_free() {
    let (world, _folder) = paid().await;
    world.fault("midtrans", "insufficient_balance", 1).await;
    let body = json!({"refund_key": "R1", "amount": 5_000});
    let refused = refund(&world, body.clone()).await.json();
    assert_eq!(refused["status_code"], "412");
    assert!(refused["status_message"].as_str().unwrap().contains("Insufficient merchant balance"));
    assert_eq!(world.status("LK0123456789-P1").await["transaction_status"], "settlement");
    assert_eq!(refund(&world, body).await.json()["transaction_status"], "partial_refund");
}

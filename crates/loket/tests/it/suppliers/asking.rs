//! Asking what became of a purchase: under its reference, not too often, and not for ever.

use super::{DAY, bought, in_time};
use crate::{
    hands::told,
    harness::{Rows, World},
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn a_purchase_without_an_answer_is_asked_about_under_its_reference_and_delivered_once() {
    let mut runs = tokio::task::JoinSet::new();
    for (fault, more) in [
        (None, json!({})),
        (Some("timeout_after_effect"), json!({"delay_ms": 8_000})),
        (Some("garbage"), json!({"count": 1})),
        (Some("error_500"), json!({})),
        (Some("redirect"), json!({})),
    ] {
        runs.spawn(unanswered(fault, more));
    }
    runs.join_all().await;
}

async fn unanswered(fault: Option<&str>, mut more: Value) {
    let world = World::open(Rows::Sqlite).await;
    world.fault("digiflazz", "drop_webhook", json!({"count": 1_000})).await;
    let outcome = match fault {
        Some(fault) => {
            more["operation"] = json!("transaction");
            world.fault("digiflazz", fault, more).await;
            "success"
        }
        None => "timeout_then_success",
    };
    let number = bought(&world, outcome, json!({})).await;
    let reference = format!("{number}-F1");
    world.supplier_asked(&reference, 1).await;
    // The lease of the row is over, and nobody has asked again: a minute has not passed.
    tokio::time::sleep(Duration::from_millis(4_500)).await;
    assert_eq!(world.requests("digiflazz", "/transaction", &number).await.len(), 1, "{fault:?}");
    assert_eq!(world.order(&number).await.unwrap()["state"], "fulfilling", "{fault:?}");
    world.advance(75).await.unwrap();
    in_time(&world, &number, "delivered", 61).await;
    for request in world.requests("digiflazz", "/transaction", &number).await {
        assert!(
            request["body"].as_str().unwrap().contains(&reference),
            "{fault:?}: another reference: {request}"
        );
    }
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_supplier_not_hurried(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn nothing_is_asked_about_a_purchase_that_is_older_than_85_days() {
    let world = World::open(Rows::Sqlite).await;
    let number = bought(&world, "pending", json!({})).await;
    let reference = format!("{number}-F1");
    world.supplier_asked(&reference, 1).await;
    world.advance(84 * DAY).await.unwrap();
    world.supplier_asked(&reference, 2).await;
    let order = world.until(&number, "needs_attention").await;
    assert!(!told(&order, "asking_stopped"), "{order:#}");
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let asked = world.requests("digiflazz", "/transaction", &reference).await.len();
    for days in [2, 10, 300] {
        world.advance(days * DAY).await.unwrap();
        world.until_told(&number, "asking_stopped").await;
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert_eq!(
            world.requests("digiflazz", "/transaction", &reference).await.len(),
            asked,
            "after {days} more days"
        );
    }
    let order = world.order(&number).await.unwrap();
    assert_eq!(order["state"], "needs_attention");
    assert!(world.alert("order_needs_attention", &number).await);
    let stops =
        order["timeline"].as_array().unwrap().iter().filter(|t| t["kind"] == "asking_stopped").count();
    assert_eq!(stops, 1);
    assert_eq!(world.books(&number).await["digiflazz"]["transactions"].as_array().unwrap().len(), 1);
    world.staff("refund", &number).await;
    world.until(&number, "refunded").await;
    assert_eq!(world.wallet_change(&number).await, 20_000);
    world.assert_proofs().await;
}

#[tokio::test]
async fn the_supplier_is_never_asked_twice_within_a_minute() {
    let world = World::open(Rows::Sqlite).await;
    let number = bought(&world, "pending", json!({})).await;
    let reference = format!("{number}-F1");
    world.supplier_asked(&reference, 1).await;
    for step in 0..40 {
        world.advance(20).await.unwrap();
        // A webhook that says nothing new is no reason to ask earlier.
        if step % 10 == 0 {
            let create = &world.webhooks("digiflazz", &number, "create").await[0];
            let signature = create["headers"]["X-Hub-Signature"].as_str().unwrap();
            assert_eq!(
                world.webhook("digiflazz", Some(signature), create["body"].as_str().unwrap()).await.0,
                StatusCode::OK
            );
        }
        tokio::time::sleep(Duration::from_millis(80)).await;
    }
    world.supplier_asked(&reference, 3).await;
    let asked = world.requests("digiflazz", "/transaction", &reference).await.len();
    // After 60 s, 120 s twice, and then every 300 s, each with its jitter.
    assert!((3..=6).contains(&asked), "asked {asked} times in 800 s");
    world.assert_supplier_not_hurried(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_supplier_that_hangs_keeps_nobody_else_waiting() {
    let world = World::open(Rows::Sqlite).await;
    // Held for longer than any transaction may last.
    let fault = json!({"operation": "transaction", "delay_ms": 20_000});
    world.fault("digiflazz", "timeout_after_effect", fault).await;
    world.fault("digiflazz", "drop_webhook", json!({"count": 1_000})).await;
    let slow = bought(&world, "success", json!({})).await;
    world.supplier_asked(&format!("{slow}-F1"), 1).await;
    let other = world.placed("other", json!({"buyer": "sari"})).await;
    world.paid(&other).await;
    world.until(&other, "delivered").await;
    // What was sent is written down before anybody answers.
    let attempt = &world.file(&slow).await["attempts"][0];
    assert_eq!(attempt["state"], "sent", "{attempt:#}");
    assert_eq!(world.order(&slow).await.unwrap()["state"], "fulfilling");
    world.assert_paid_and_delivered_once(&other).await;
    world.advance(75).await.unwrap();
    in_time(&world, &slow, "delivered", 61).await;
    world.assert_paid_and_delivered_once(&slow).await;
    world.assert_supplier_not_hurried(&slow).await;
    world.assert_proofs().await;
}

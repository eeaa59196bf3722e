//! Deliveries that the supplier takes back.

use super::{HOUR, bought};
use crate::harness::{Rows, World};
use serde_json::json;
use std::time::Duration;

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

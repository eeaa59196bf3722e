//! What VIP Reseller asks: its list is followed like Digiflazz', and since it takes no limit its price is read once
//! more right before a purchase is sent (`contracts/suppliers.md` §2.1).

use super::others::shop_of;
use crate::harness::{Rows, World};
use reqwest::StatusCode;
use serde_json::{Value, json};

const VIP: &str = "vip-reseller";

async fn becomes(world: &World, change: Value) {
    let mut asked = json!({"target": VIP, "sku": "ml86"});
    asked.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    let (status, answer) = world.simulate("listing", asked).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
}

/// Asks for the list.
async fn synced(world: &World) -> Value {
    world.advance(301).await.unwrap();
    let (code, text) = world.command(&["supplier", "sync", VIP, "--json"]).await;
    let told: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!((code, &told[0]["outcome"]), (Some(0), &json!("kept")), "{told}");
    told[0].clone()
}

async fn sent(world: &World) -> usize {
    world.requests(VIP, "/game-feature", "type=order").await.len()
}

async fn paid(world: &World, key: &str) -> String {
    let number = world.placed(key, json!({"buyer": "budi"})).await;
    world.paid(&number).await;
    number
}

#[tokio::test]
async fn costs_follow_the_list_of_vip_reseller_and_what_is_empty_there_is_not_sold() {
    let world = shop_of(VIP, Rows::postgres().await).await;
    assert_eq!(synced(&world).await["costs"], json!([]), "the shipped catalog is what the simulator asks");
    becomes(&world, json!({"price": 18_500})).await;
    let moved = synced(&world).await;
    assert_eq!(moved["costs"], json!([{"product": "ML_86", "before": 18_000, "after": 18_500}]), "{moved}");
    let number = paid(&world, "one").await;
    world.until(&number, "delivered").await;
    assert_eq!(world.file(&number).await["attempts"][0]["price"], 18_500);
    // Bait, and a loss: not bought, as at Digiflazz.
    for (price, why) in [(9_000, "doubtful"), (19_900, "margin")] {
        becomes(&world, json!({"price": price})).await;
        let synced = synced(&world).await;
        let off = json!([{"product": "ML_86", "why": why}]);
        assert_eq!(synced["kept_off"], off, "{synced}");
        let (status, answer) = world.place("off", json!({"buyer": "budi"})).await.unwrap();
        assert!(status.is_client_error(), "{price}: {answer}");
    }
    becomes(&world, json!({"price": 18_500, "seller_active": false})).await;
    synced(&world).await;
    let (status, answer) = world.place("empty", json!({"buyer": "budi"})).await.unwrap();
    assert!(status.is_client_error(), "{answer}");
    becomes(&world, json!({"seller_active": true})).await;
    synced(&world).await;
    let number = paid(&world, "again").await;
    world.until(&number, "delivered").await;
    assert_eq!(sent(&world).await, 2);
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_price_of_vip_reseller_that_rose_after_the_sync_buys_nothing_there() {
    let world = shop_of(VIP, Rows::Sqlite).await;
    synced(&world).await;
    becomes(&world, json!({"price": 18_001})).await;
    let number = paid(&world, "dear").await;
    world.until(&number, "refunded").await;
    let attempt = &world.file(&number).await["attempts"][0];
    assert_eq!((&attempt["state"], &attempt["asked"]), (&json!("failed"), &json!(0)), "{attempt}");
    becomes(&world, json!({"price": 18_000, "stock": 0})).await;
    let number = paid(&world, "none-left").await;
    world.until(&number, "refunded").await;
    assert_eq!(sent(&world).await, 0);
    world.assert_proofs().await;
}

//! Money that comes at the last moment, or after the time for paying is over: it is used, or it
//! becomes store credit, and it is never lost.

use super::PAYING_IS_OVER;
use crate::{
    hands::notification,
    harness::{API_KEY, Rows, World},
};
use reqwest::StatusCode;
use serde_json::{Value, json};

#[tokio::test]
async fn paid_at_the_last_moment_wins_over_a_webhook_that_says_expired() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", json!({})).await;
    world.fault("midtrans", "drop_webhook", json!({"operation": "settlement"})).await;
    world.paid(&number).await;
    let expired = notification(&format!("{number}-P1"), "202", "20000.00", "expire");
    let (status, text) = world.webhook("midtrans", None, &expired.to_string()).await;
    assert_eq!(status, StatusCode::OK, "{text}");
    world.until(&number, "delivered").await;
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn paid_while_the_window_closes_is_found_by_asking_before_it_is_given_up() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", json!({})).await;
    world.fault("midtrans", "drop_webhook", json!({"operation": "settlement"})).await;
    world.paid(&number).await;
    world.advance(PAYING_IS_OVER).await.unwrap();
    world.until(&number, "delivered").await;
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn money_after_expiry_buys_while_price_and_stock_allow_on_sqlite() {
    late_money_buys(Rows::Sqlite).await;
}

#[tokio::test]
async fn money_after_expiry_buys_while_price_and_stock_allow_on_postgres() {
    late_money_buys(Rows::postgres().await).await;
}

async fn late_money_buys(rows: Rows) {
    let world = World::open(rows).await;
    let before = world.stock("ML", "ML_86").await;
    let number = world.placed("one", json!({})).await;
    assert_eq!(world.stock("ML", "ML_86").await, before - 1);
    world.advance(PAYING_IS_OVER).await.unwrap();
    world.until(&number, "expired").await;
    assert_eq!(world.stock("ML", "ML_86").await, before, "an expired order holds no stock");
    world.paid_late(&number).await;
    world.until(&number, "delivered").await;
    assert_eq!(world.stock("ML", "ML_86").await, before - 1);
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn money_after_expiry_becomes_store_credit_when_the_price_has_risen_and_can_be_spent() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", json!({"buyer": "budi"})).await;
    world.advance(PAYING_IS_OVER).await.unwrap();
    world.until(&number, "expired").await;
    world.change_catalog("20000,18000,", "22000,19800,").await;
    world.paid_late(&number).await;
    let order = world.until_told(&number, "message:credited").await;
    assert_eq!(order["state"], "expired");
    assert_eq!(world.wallet_change(&number).await, 20_000);
    assert_eq!(world.books(&number).await["digiflazz"]["transactions"], json!([]));
    let free_fire = json!({"product_code": "FF_70", "user_id": "123456789", "server_id": null});
    world.spend_wallet("budi", free_fire).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn money_after_expiry_becomes_store_credit_when_the_last_piece_is_held_by_another_on_sqlite() {
    late_money_without_stock(Rows::Sqlite).await;
}

#[tokio::test]
async fn money_after_expiry_becomes_store_credit_when_the_last_piece_is_held_by_another_on_postgres() {
    late_money_without_stock(Rows::postgres().await).await;
}

async fn late_money_without_stock(rows: Rows) {
    let world = World::open(rows).await;
    let line = "VALORANT,Valorant,💥,yes,,,,,,,,,,,";
    let (_, catalog) = world.command(&["catalog", "export"]).await;
    let one = "ML,Mobile Legends,⚔️,yes,ML_ONE,One piece,20000,18000,1,0,digiflazz,ml86,{user_id}{zone_id},Satu,yes";
    let text = if catalog.contains(line) {
        catalog.replace(line, &format!("{one}\n{line}"))
    } else {
        format!("{catalog}{one}\n")
    };
    let path = world.folder().join("one.csv");
    std::fs::write(&path, text).unwrap();
    let (code, text) = world.command(&["catalog", "import", path.to_str().unwrap()]).await;
    assert_eq!(code, Some(0), "{text}");
    let first = world.placed("first", json!({"buyer": "budi", "product_code": "ML_ONE"})).await;
    let (status, _) = world.place("other", json!({"buyer": "sari", "product_code": "ML_ONE"})).await.unwrap();
    assert_eq!(status, StatusCode::CONFLICT, "the only piece is held");
    world.advance(PAYING_IS_OVER).await.unwrap();
    world.until(&first, "expired").await;
    let second = world.placed("second", json!({"buyer": "sari", "product_code": "ML_ONE"})).await;
    world.paid_late(&first).await;
    world.until_told(&first, "message:credited").await;
    assert_eq!(world.wallet_change(&first).await, 20_000);
    world.paid(&second).await;
    world.until(&second, "delivered").await;
    world.spend_wallet("budi", json!({})).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn money_that_crosses_a_cancellation_is_used_and_never_lost() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", json!({})).await;
    // Nothing is heard of the money before the buyer withdraws.
    world.fault("midtrans", "drop_webhook", json!({"count": 1_000})).await;
    world.fault("midtrans", "error_500", json!({"operation": "status", "count": 1_000})).await;
    world.paid(&number).await;
    let request = world.http.post(world.url(&format!("/api/v1/orders/{number}/cancel")));
    let order: Value = request.bearer_auth(API_KEY).send().await.unwrap().json().await.unwrap();
    assert_eq!(order["state"], "cancelled", "{order:#}");
    world.clear_faults().await;
    world.advance(70).await.unwrap();
    world.until(&number, "delivered").await;
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

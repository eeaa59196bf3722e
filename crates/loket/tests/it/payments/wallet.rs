//! Store credit.

use crate::harness::{Rows, World};
use reqwest::StatusCode;
use serde_json::json;
use std::sync::Arc;

#[tokio::test]
async fn store_credit_is_spent_once_by_orders_that_come_at_once_on_sqlite() {
    wallet_race(Rows::Sqlite).await;
}

#[tokio::test]
async fn store_credit_is_spent_once_by_orders_that_come_at_once_on_postgres() {
    wallet_race(Rows::postgres().await).await;
}

async fn wallet_race(rows: Rows) {
    let world = Arc::new(World::open(rows).await);
    world.fault("midtrans", "impose_fee", json!({})).await;
    let number = world.placed("credit", json!({"buyer": "budi"})).await;
    world.paid(&number).await;
    world.until(&number, "needs_attention").await;
    world.staff("reject", &number).await;
    world.until(&number, "cancelled").await;
    let mut race = tokio::task::JoinSet::new();
    for at in 0..4 {
        let world = Arc::clone(&world);
        let change = json!({"buyer": "budi", "payment_method": "wallet"});
        race.spawn(async move { world.place(&format!("race-{at}"), change).await.unwrap() });
    }
    let answers = race.join_all().await;
    let (placed, refused): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|(status, _)| *status == StatusCode::CREATED);
    assert_eq!((placed.len(), refused.len()), (1, 3), "{placed:?} {refused:?}");
    assert!(refused.iter().all(|(status, _)| status.is_client_error()), "{refused:?}");
    let winner = placed[0].1["number"].as_str().unwrap();
    world.until(winner, "delivered").await;
    assert_eq!(world.wallet_change(winner).await, -20_000);
    world.assert_proofs().await;
}

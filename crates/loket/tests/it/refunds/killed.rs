//! A refund survives the death of the program at every point where something of it becomes durable or leaves
//! the house: the gateway gives back once, and the buyer gets the money once.

use crate::{
    hands::{nap, patience},
    harness::{Rows, World},
};
use serde_json::json;
use std::time::{Duration, Instant};

/// What every refund passes.
const PLACES: [&str; 3] = ["commit refund.intent", "call midtrans.refund", "commit refund.record"];

#[tokio::test]
async fn a_refund_survives_a_kill_at_every_point_on_sqlite() {
    for place in PLACES {
        for side in ["before", "after"] {
            killed_at(Rows::Sqlite, &format!("{side} {place} #1")).await;
        }
    }
}

#[tokio::test]
async fn a_refund_survives_a_kill_at_every_point_on_postgres() {
    for place in PLACES {
        for side in ["before", "after"] {
            killed_at(Rows::postgres().await, &format!("{side} {place} #1")).await;
        }
    }
}

async fn killed_at(rows: Rows, point: &str) {
    let mut world = World::new(rows).await;
    world.configure("LOKET_REFUNDS__AUTOMATIC", "source");
    world.open_shop(&[("LOKET_CRASH_AT".to_owned(), point.to_owned())]).await.unwrap();
    let number = world.failed(json!({})).await;
    let started = Instant::now();
    while !world.shop_is_dead() {
        patience(started, &format!("the death of the program {point}"));
        nap().await;
    }
    world.open_shop(&[]).await.unwrap();
    let order = world.until(&number, "refunded").await;
    assert_eq!(world.at_midtrans(&number).await, (20_000, 1), "{point}: {order:#}");
    assert_eq!(world.wallet_change(&number).await, 0, "{point}");
    let file = world.until_refund(&number, 1, "done").await;
    assert_eq!(file["refunds"].as_array().unwrap().len(), 1, "{point}: {file:#}");
    tokio::time::sleep(Duration::from_millis(200)).await;
    world.assert_proofs().await;
}

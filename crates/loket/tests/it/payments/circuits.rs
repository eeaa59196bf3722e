//! A gateway that fails again and again is left alone, through the public doors: its method is refused with honest
//! words, staff are called, what is open there is found all the same, and it comes back by itself.

use crate::harness::{Rows, World};
use reqwest::StatusCode;
use serde_json::json;

#[tokio::test]
async fn a_method_whose_gateway_fails_is_not_offered_and_comes_back_on_sqlite() {
    fails_and_comes_back(Rows::Sqlite).await;
}

#[tokio::test]
async fn a_method_whose_gateway_fails_is_not_offered_and_comes_back_on_postgres() {
    fails_and_comes_back(Rows::postgres().await).await;
}

async fn fails_and_comes_back(rows: Rows) {
    let world = World::open(rows).await;
    // It was opened while all was well, and is paid while its gateway fails.
    let before = world.placed("before", json!({"buyer": "before"})).await;
    world.payable(&before).await;
    world.fault("midtrans", "error_500", json!({"count": 1_000})).await;
    let mut refused = None;
    for at in 0..100 {
        let (status, answer) =
            world.place(&format!("late-{at}"), json!({"buyer": format!("buyer-{at}")})).await.unwrap();
        if status != StatusCode::CREATED {
            refused = Some((status, answer));
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    let (status, answer) = refused.expect("it is offered for ever");
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{answer}");
    let words = answer["errors"][0]["detail"].as_str().unwrap();
    assert!(words.contains("sedang tidak bisa dipakai") || words.contains("cannot be used"), "{answer}");
    let (_, alerts) = world.command(&["alerts"]).await;
    assert!(alerts.contains("circuit_open"), "{alerts}");

    world.clear_faults().await;
    world.paid(&before).await;
    world.until(&before, "delivered").await;
    // One payment that waits tries it, and it works.
    world.advance(60).await.unwrap();
    let mut open = true;
    for _ in 0..600 {
        open = world.command(&["alerts"]).await.1.contains("circuit_open");
        if !open {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    assert!(!open, "it never closes");
    let after = world.placed("after", json!({"buyer": "after"})).await;
    world.payable(&after).await;
    world.paid(&after).await;
    world.until(&after, "delivered").await;
    world.assert_proofs().await;
}

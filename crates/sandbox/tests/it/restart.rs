//! The world outlives the process: books, scripts, faults, time, and webhooks that are due.

use crate::support::World;
use serde_json::json;
use testkit::TempFolder;

#[tokio::test]
async fn books_time_scripts_and_faults_survive() {
    let folder = TempFolder::new("sandbox");
    let world = World::on(&folder, |_| {}).await;
    let charge = world.charge("LK0000000001-P1", 20_000).await;
    world.pay("LK0000000001", "settle").await;
    world.buy("LK0000000001-F1", "ML_86", "123").await;
    world.script(json!({"customer_no": "next", "outcome": "fail", "rc": "53"})).await;
    world.fault("midtrans", "error_500", 1).await;
    world.advance(3_600).await;
    world.hooks.wait(3).await;
    let before = world.books().await;
    drop(world);

    let world = World::on(&folder, |_| {}).await;
    let after = world.books().await;
    assert_eq!(after["clock"]["offset_ms"], 3_600_000);
    assert_eq!(after["faults"], before["faults"]);
    assert_eq!(after["digiflazz"]["transactions"], before["digiflazz"]["transactions"]);
    assert_eq!(after["digiflazz"]["deposit"], before["digiflazz"]["deposit"]);
    assert_eq!(after["midtrans"]["transactions"][0]["transaction_id"], charge["transaction_id"]);
    assert_eq!(world.midtrans("GET", "/v2/LK0000000001-P1/status", None).await.http, 500);
    assert_eq!(world.status("LK0000000001-P1").await["transaction_status"], "settlement");
    assert_eq!(world.buy("LK0000000002-F1", "ML_86", "123").await["rc"], "53");
    assert_eq!(world.buy("LK0000000001-F1", "ML_86", "123").await["rc"], "00");
}

#[tokio::test]
async fn webhooks_expiries_and_outcomes_that_are_due_happen_after_the_restart() {
    let folder = TempFolder::new("sandbox");
    let mut world = World::on(&folder, |_| {}).await;
    world.stop().await;
    world.charge("LK0000000001-P1", 20_000).await;
    world.script(json!({"outcome": "pending_then_success", "then_after_ms": 300_000})).await;
    world.buy("LK0000000001-F1", "ML_86", "123").await;
    world.advance(901).await;
    assert!(world.hooks.settle().await.is_empty(), "nobody was there to send them");
    drop(world);

    let world = World::on(&folder, |_| {}).await;
    let hooks = world.hooks.wait(4).await;
    let mut told: Vec<String> = hooks
        .iter()
        .map(|h| match h.header("x-digiflazz-event") {
            Some(event) => format!("{event} {}", h.json()["data"]["status"]),
            None => h.json()["transaction_status"].to_string(),
        })
        .collect();
    told.sort();
    assert_eq!(told, ["\"expire\"", "\"pending\"", "create \"Pending\"", "update \"Sukses\""]);
    assert_eq!(world.purchase("LK0000000001-F1").await["deliveries"], 1);
}

#[tokio::test]
async fn a_webhook_that_was_refused_is_tried_again_after_the_restart() {
    let folder = TempFolder::new("sandbox");
    let world = World::on(&folder, |_| {}).await;
    world.hooks.will_answer(&[503]);
    world.charge("LK0000000001-P1", 20_000).await;
    world.hooks.wait(1).await;
    world.hooks.settle().await;
    drop(world);
    let world = World::on(&folder, |_| {}).await;
    assert!(world.hooks.settle().await.is_empty(), "not before its time");
    world.advance(121).await;
    assert_eq!(world.hooks.wait(1).await[0].json()["transaction_status"], "pending");
}

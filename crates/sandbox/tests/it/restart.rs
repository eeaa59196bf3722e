//! The world outlives the process: books, scripts, faults, time, and webhooks that are due.

use crate::support::World;
use database::{Database, DatabaseUrl};
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
    world.written_down("midtrans", 1).await;
    drop(world);
    let world = World::on(&folder, |_| {}).await;
    assert!(world.hooks.settle().await.is_empty(), "not before its time");
    world.advance(121).await;
    assert_eq!(world.hooks.wait(1).await[0].json()["transaction_status"], "pending");
}

#[tokio::test]
async fn snap_pages_and_pushes_survive_with_their_time() {
    let folder = TempFolder::new("sandbox");
    let mut world = World::on(&folder, |_| {}).await;
    world.stop().await;
    let page = world.snap("LK0000000001-P1", 20_000, &["ovo"]).await;
    world.choose(&page, "ovo", "phone=081111111111").await;
    let before = world.books().await;
    drop(world);

    let world = World::on(&folder, |_| {}).await;
    let after = world.books().await;
    assert_eq!(after["midtrans"]["snap_pages"][0]["token"], before["midtrans"]["snap_pages"][0]["token"]);
    assert_eq!(
        after["midtrans"]["transactions"][0]["expiry_time"],
        before["midtrans"]["transactions"][0]["expiry_time"]
    );
    world.hooks.wait(1).await;
    world.advance(65).await;
    let told = world.hooks.wait(2).await[1].json();
    assert_eq!(told["transaction_status"], "expire");
    world.choose(&page, "ovo", "phone=081111111111").await;
    assert_eq!(world.status("LK0000000001-P1").await["transaction_status"], "pending");
}

#[tokio::test]
async fn books_that_were_kept_before_there_was_snap_are_read_on() {
    let folder = TempFolder::new("sandbox");
    std::fs::create_dir_all(folder.path().join("sandbox")).unwrap();
    let path = folder.path().join("sandbox").join("world.db");
    let old = Database::open(&DatabaseUrl::Sqlite(path)).await.unwrap();
    old.migrate(&database::migrations!("0001_world")).await.unwrap();
    let mut tx = old.write("test.old").await.unwrap();
    database::sql!(
        "INSERT INTO world_midtrans_transaction (transaction_id, order_id, payment_type, amount, imposed_fee,
            status, notify_urls, transaction_at, expires_at, settled_at, times_settled, refunded)
         VALUES ('t-1', 'LK0000000001-P1', 'gopay', 20000, 0, 'partial_refund', '[null]', 1, 2, 2, 1, 5000)"
    )
    .query()
    .run(&mut tx)
    .await
    .unwrap();
    database::sql!(
        "INSERT INTO world_midtrans_refund (transaction_id, refund_key, number, amount, reason, requested_at)
         VALUES ('t-1', 'R1', 1, 5000, '', 3)"
    )
    .query()
    .run(&mut tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
    drop(old);

    let world = World::on(&folder, |_| {}).await;
    let status = world.status("LK0000000001-P1").await;
    assert_eq!((&status["transaction_id"], &status["refund_amount"]), (&json!("t-1"), &json!("5000.00")));
    assert_eq!(status["refunds"][0]["refund_key"], "R1");
    let again = world.midtrans("POST", "/v2/charge", Some(crate::support::gopay("LK0000000001-P1", 1))).await;
    assert_eq!(again.json()["status_code"], "406");
}

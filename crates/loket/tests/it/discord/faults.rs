//! What goes wrong on the way between Discord and the shop: everything ends right all the same.

use super::client::{ACCOUNT, SARI, Shown, choice, click};
use crate::harness::{Rows, World};
use serde_json::{Value, json};

async fn bought_under(world: &World) -> String {
    let (number, _) = world.orders(SARI, "gopay_qr").await;
    let ready = |shown: &Shown| shown.says(&number) && shown.picture().is_some();
    world.until_seen(SARI, "the QR code", ready).await;
    world.paid(&number).await;
    world.until_card(SARI, &number, "Terkirim").await;
    world.until_receipt(SARI, &number, "Terkirim").await;
    let about = |shown: &&Shown| !shown.ephemeral() && shown.says(&number);
    assert_eq!(world.sees(SARI).await.iter().filter(about).count(), 1, "one message about one order");
    world.assert_paid_and_delivered_once(&number).await;
    number
}

#[tokio::test]
async fn every_interaction_that_is_delivered_twice_counts_once() {
    let world = World::on_discord(Rows::Sqlite).await;
    world.fault("discord", "duplicate_webhook", json!({"count": 100})).await;
    bought_under(&world).await;
    assert_eq!(world.printed(&["order", "list", "--json"]).await.as_array().unwrap().len(), 1);
    world.assert_well_ended("duplicates").await;
}

#[tokio::test]
async fn answers_that_discord_takes_in_late_are_edited_when_they_are_there() {
    let world = World::on_discord(Rows::Sqlite).await;
    let options = [[("game", "ML"), ("product", "ML_86")], ACCOUNT].concat();
    let options: serde_json::Map<String, Value> =
        options.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    // The deferred answer is edited before Discord knows it: 404 for a while.
    let slow = json!({"command": {"name": "topup", "options": options}, "process_after_ms": 1_500});
    let asked = world.act(SARI, slow).await;
    let ways = world.press(SARI, &asked, "Benar, pilih cara bayar").await;
    let mut pick = choice(&ways["message"], "gopay_qr");
    pick["process_after_ms"] = json!(1_500);
    let card = world.act(SARI, pick).await;
    let number = super::client::order_number(&card["message"]);
    let ready = |shown: &Shown| shown.says(&number) && shown.picture().is_some();
    world.until_seen(SARI, "the QR code", ready).await;
    world.paid(&number).await;
    world.until_card(SARI, &number, "Terkirim").await;
    world.assert_well_ended("race").await;
}

#[tokio::test]
async fn a_discord_that_limits_fails_and_hangs_is_tried_again_until_the_buyer_sees_it() {
    let world = World::on_discord(Rows::Sqlite).await;
    for (fault, more) in [
        ("rate_limited", json!({"count": 2, "delay_ms": 1_000})),
        ("error_500", json!({"count": 2})),
        ("garbage", json!({"count": 1})),
        ("timeout_after_effect", json!({"count": 1, "delay_ms": 12_000})),
    ] {
        world.fault("discord", fault, more).await;
        bought_under(&world).await;
    }
    world.assert_well_ended("discord-down").await;
}

#[tokio::test]
async fn what_is_not_signed_by_discord_changes_nothing() {
    let world = World::on_discord(Rows::Sqlite).await;
    let ways = world.ways(SARI).await;
    let pick = choice(&ways["message"], "gopay_qr");
    for fault in ["forge_signature", "missing_signature"] {
        world.fault("discord", fault, json!({})).await;
        let seen = world.act_raw(SARI, pick.clone()).await;
        assert_eq!(seen["outcome"], "failed");
        assert_eq!(
            (&seen["failure"]["reason"], &seen["failure"]["status"]),
            (&json!("http_status"), &json!(401))
        );
    }
    assert_eq!(world.printed(&["order", "list", "--json"]).await, json!([]));
    // The same click, signed, is good.
    let card = world.act(SARI, pick).await;
    assert!(card["message"].to_string().contains("LK"), "{card:#}");
    world.assert_well_ended("forged").await;
}

#[tokio::test]
async fn one_change_of_an_order_edits_its_message_once_however_often_it_was_pressed() {
    let world = World::on_discord(Rows::Sqlite).await;
    let (number, _) = world.orders(SARI, "gopay_qr").await;
    let ready = |shown: &Shown| shown.says(&number) && shown.picture().is_some();
    let mut card = world.until_seen(SARI, "the QR code", ready).await;
    for _ in 0..4 {
        world.act(SARI, click(&card.0["message"], "Cek status")).await;
        card = world.until_seen(SARI, "the QR code again", ready).await;
    }
    // What is still on its way to the message arrives before it is counted.
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    let before = world.until_seen(SARI, "the card", ready).await.edits();
    world.paid(&number).await;
    let done = world.until_card(SARI, &number, "Terkirim").await;
    // Paid, being delivered, delivered: at most a change each.
    let edits = done.edits() - before;
    assert!((1..=4).contains(&edits), "{edits} edits of one message");
    world.assert_well_ended("one-screen").await;
}

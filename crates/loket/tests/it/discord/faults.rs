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

#[tokio::test]
async fn a_form_that_was_opened_from_a_card_does_not_take_the_card_from_its_order() {
    let world = World::on_discord(Rows::Sqlite).await;
    let script = json!({"target": "digiflazz", "customer_no": "next", "outcome": "success_then_refund",
        "then_after_ms": 120_000});
    let (status, answer) = world.simulate("supplier", script).await;
    assert_eq!(status, 200, "{answer}");
    let (number, _) = world.orders(SARI, "gopay_qr").await;
    world.until_card(SARI, &number, "Pindai untuk membayar").await;
    world.paid(&number).await;
    let card = world.until_card(SARI, &number, "Terkirim").await;
    // *Buy again*, for an account that nobody has looked for yet: its answer is a message of its own.
    let form = world.act(SARI, click(&card.0["message"], "Beli lagi")).await;
    let asked = world.fill(SARI, &form, &[("user_id", "520137702"), ("server", "2114")]).await;
    assert_ne!(asked["message"]["id"], card.0["message"]["id"]);
    world.advance(121).await.unwrap();
    let told = world.until_card(SARI, &number, "kembali ke saldo").await;
    assert_eq!(told.id(), card.id(), "the card of the order follows it all the same");
    world.assert_well_ended("form-from-card").await;
}

#[tokio::test]
async fn two_forms_from_one_list_and_a_press_on_it_get_an_answer_each() {
    let world = World::on_discord(Rows::Sqlite).await;
    let games = world.types(SARI, "topup", &[]).await;
    let list = world.pick(SARI, &games, "ML").await;
    let (one, two) = (world.pick(SARI, &list, "ML_86").await, world.pick(SARI, &list, "ML_172").await);
    // The first edit of an answer fails once, and is made again though the list shows something else by then.
    world.fault("discord", "error_500", json!({"count": 1})).await;
    let first = world.fill(SARI, &one, &[("user_id", "520137702"), ("server", "2114")]);
    let second = world.fill(SARI, &two, &[("user_id", "520137703"), ("server", "2114")]);
    let third = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        world.press(SARI, &list, "Game lain").await
    };
    let started = std::time::Instant::now();
    let (first, second, third) = tokio::join!(first, second, third);
    for seen in [&first, &second] {
        assert!(seen["message"].to_string().contains("Benar ini akunnya?"), "{seen:#}");
    }
    assert!(third["message"].to_string().contains("Pilih game"), "{third:#}");
    // Whoever holds an answer holds it for a minute.
    assert!(started.elapsed() < std::time::Duration::from_secs(30), "{:?}", started.elapsed());
    world.assert_well_ended("two-forms").await;
}

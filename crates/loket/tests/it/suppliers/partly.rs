//! A part is delivered: a person says what the rest was worth, and the money adds up
//! (`contracts/suppliers.md` §6 row 16).

use super::{
    in_time,
    others::{bought, shop_of},
};
use crate::{
    hands::{nap, patience, told},
    harness::{Rows, World},
};
use serde_json::{Value, json};
use std::time::Instant;

const APIGAMES: &str = "apigames";

/// An order of which a part was delivered.
pub(crate) async fn in_part(rows: Rows, outcome: &str, then_after_ms: i64) -> (World, String) {
    let world = shop_of(APIGAMES, rows).await;
    let script = json!({"then_after_ms": then_after_ms, "sn": "SN-PART"});
    let number = bought(&world, APIGAMES, outcome, script).await;
    in_time(&world, &number, "needs_attention", 12).await;
    let file = world.file(&number).await;
    assert_eq!(
        (&file["attention"], &file["attempts"][0]["state"]),
        (&json!("partly_delivered"), &json!("partly_succeeded"))
    );
    (world, number)
}

async fn settle(world: &World, number: &str, give_back: &str) -> (Option<i32>, String) {
    world.command(&["order", "settle", number, "--give-back", give_back, "--by", "rina"]).await
}

/// What is booked for an order on an account.
async fn booked(world: &World, number: &str, account: &str) -> i64 {
    let file = world.file(number).await;
    let lines = file["ledger"].as_array().unwrap().clone();
    lines.iter().filter(|l| l["account"] == account).map(|l| l["amount"].as_i64().unwrap()).sum()
}

/// The money stands where it should: earned, spent, and the buyer's.
async fn assert_books(world: &World, number: &str, (earned, spent, back): (i64, i64, i64)) {
    assert_eq!(-booked(world, number, "revenue").await, earned);
    assert_eq!(-booked(world, number, "supplier:apigames").await, spent);
    assert_eq!(world.wallet_change(number).await, back);
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_person_gives_back_a_share_of_what_was_delivered_in_part_on_sqlite() {
    share_given_back(Rows::Sqlite).await;
}

#[tokio::test]
async fn a_person_gives_back_a_share_of_what_was_delivered_in_part_on_postgres() {
    share_given_back(Rows::postgres().await).await;
}

async fn share_given_back(rows: Rows) {
    let (world, number) = in_part(rows, "partial", 1_000).await;
    assert!(world.alert("order_needs_attention", &number).await);
    assert!(told(&world.order(&number).await.unwrap(), "message:partly_delivered"));
    assert_books(&world, &number, (0, 0, 0)).await;
    // Neither everything nor once more: a person says what the part was worth.
    for action in ["retry", "refund", "approve", "reject"] {
        let (code, text) = world.command(&["order", action, &number]).await;
        assert!(code != Some(0) && text.contains("order settle"), "{action}: {text}");
    }
    for too_much in ["20001", "-1", "all"] {
        assert_ne!(settle(&world, &number, too_much).await.0, Some(0), "{too_much}");
    }
    let (code, text) = settle(&world, &number, "10000").await;
    assert_eq!(code, Some(0), "{text}");
    let order = world.until(&number, "delivered").await;
    assert_eq!(order["serial_number"], "SN-PART");
    assert!(told(&order, "message:share_given_back"), "{order:#}");
    assert_books(&world, &number, (10_000, 18_000, 10_000)).await;
    assert!(!world.alert("order_needs_attention", &number).await);
    let page = page_of(&world, &order).await;
    assert!(page.contains("Terkirim sebagian") && page.contains("Rp 10.000"), "{page}");
    // It is done once.
    assert_ne!(settle(&world, &number, "10000").await.0, Some(0));
    assert_books(&world, &number, (10_000, 18_000, 10_000)).await;
    let file = world.file(&number).await;
    let audit = file["audit"].as_array().unwrap().clone();
    let settled = audit.iter().find(|a| a["source"].as_str().is_some_and(|s| s.contains("Rp 10.000")));
    assert!(settled.is_some_and(|a| a["actor"].as_str().unwrap().contains("rina")), "{audit:#?}");
    let (code, text) = world.command(&["reconcile"]).await;
    assert_eq!(code, Some(0), "{text}");
    assert_lies_are_seen(&world, &number).await;
    let other = json!({"product_code": "FF_70", "user_id": "225009777", "server_id": null});
    world.spend_wallet("budi", other).await;
    world.assert_proofs().await;
}

/// What is booked is compared with what the person said, from both sides.
async fn assert_lies_are_seen(world: &World, number: &str) {
    let rows = world.database().await;
    for (lie, truth) in [
        (
            "UPDATE shop_order SET share_back = 7000 WHERE number = $1",
            "UPDATE shop_order SET share_back = 10000 WHERE number = $1",
        ),
        (
            "UPDATE fulfilment_attempt SET state = 'failed' WHERE reference = $1 || '-F1'",
            "UPDATE fulfilment_attempt SET state = 'partly_succeeded' WHERE reference = $1 || '-F1'",
        ),
    ] {
        run(&rows, lie, number).await;
        let (code, text) = world.command(&["ledger", "check"]).await;
        assert_eq!(code, Some(4), "{lie}: {text}");
        run(&rows, truth, number).await;
        world.assert_proofs().await;
    }
    rows.close().await;
}

async fn run(rows: &database::Database, text: &'static str, number: &str) {
    let mut tx = rows.write("test.lie").await.unwrap();
    assert_eq!(database::Sql::same(text).bind(number).run(&mut tx).await.unwrap(), 1);
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn what_the_owner_gave_back_of_a_part_in_the_dashboard_is_not_given_twice_on_sqlite() {
    counted(Rows::Sqlite).await;
}

#[tokio::test]
async fn what_the_owner_gave_back_of_a_part_in_the_dashboard_is_not_given_twice_on_postgres() {
    counted(Rows::postgres().await).await;
}

async fn counted(rows: Rows) {
    let (world, number) = in_part(rows, "partial", 1_000).await;
    world.partly_given_back(&number, 1, 6_000).await;
    assert!(world.alert("payment_taken_back", &number).await);
    assert_books(&world, &number, (0, 0, 0)).await;
    let (code, text) = settle(&world, &number, "10000").await;
    assert_eq!(code, Some(0), "{text}");
    let order = world.until(&number, "delivered").await;
    assert!(
        told(&order, "message:share_went_back") && !told(&order, "message:share_given_back"),
        "{order:#}"
    );
    assert_books(&world, &number, (10_000, 18_000, 4_000)).await;
    assert_eq!(booked(&world, &number, "gateway:midtrans").await, 20_000 - 6_000 - 400, "with its fee");
    let page = page_of(&world, &order).await;
    assert!(page.contains("kepada pembayarnya") && page.contains("Rp 4.000 lagi"), "{page}");
}

#[tokio::test]
async fn a_share_that_was_given_back_in_the_dashboard_is_settled_without_store_credit() {
    // The whole share, more than that, and all of the money.
    for (gone, give_back, state, earned, lost) in [
        (10_000, "10000", "delivered", 10_000, 0),
        (12_000, "8000", "delivered", 12_000, 4_000),
        (20_000, "8000", "delivered", 12_000, 12_000),
        (20_000, "20000", "refunded", 0, 0),
    ] {
        let (world, number) = in_part(Rows::Sqlite, "partial", 1_000).await;
        match gone {
            20_000 => world.given_back(&number, 1).await,
            part => world.partly_given_back(&number, 1, part).await,
        }
        let (code, text) = settle(&world, &number, give_back).await;
        assert_eq!(code, Some(0), "{gone} {give_back}: {text}");
        let order = world.until(&number, state).await;
        assert_books(&world, &number, (earned, 18_000, 0)).await;
        assert_eq!(booked(&world, &number, "loss:chargeback").await, lost, "{gone} {give_back}");
        assert!(world.alert("payment_taken_back", &number).await);
        let page = page_of(&world, &order).await;
        assert!(page.contains("kepada pembayarnya") && !page.contains("ditambahkan ke saldo"), "{page}");
        assert!(!page.contains("ada di saldo"), "{page}");
    }
}

async fn page_of(world: &World, order: &Value) -> String {
    let page = world.http.get(order["payment"]["pay_url"].as_str().unwrap()).send().await.unwrap();
    page.text().await.unwrap()
}

#[tokio::test]
async fn all_of_it_can_be_given_back_or_nothing_when_it_was_completed_in_another_way() {
    for (give_back, state, earned, back) in [("20000", "refunded", 0, 20_000), ("0", "delivered", 20_000, 0)]
    {
        let (world, number) = in_part(Rows::Sqlite, "partial", 1_000).await;
        let (code, text) = settle(&world, &number, give_back).await;
        assert_eq!(code, Some(0), "{text}");
        world.until(&number, state).await;
        assert_books(&world, &number, (earned, 18_000, back)).await;
    }
}

#[tokio::test]
async fn the_rest_that_arrives_before_a_person_decides_delivers_the_order() {
    let (world, number) = in_part(Rows::Sqlite, "partial_then_success", 300_000).await;
    world.advance(310).await.unwrap();
    in_time(&world, &number, "delivered", 12).await;
    assert_books(&world, &number, (20_000, 18_000, 0)).await;
    assert!(!world.alert("order_needs_attention", &number).await);
    assert_ne!(settle(&world, &number, "8000").await.0, Some(0), "there is nothing to settle any more");
}

#[tokio::test]
async fn the_rest_that_arrives_after_it_was_settled_is_reported_and_books_nothing_twice() {
    for (give_back, state, earned, back) in
        [("8000", "delivered", 12_000, 8_000), ("20000", "refunded", 0, 20_000)]
    {
        let (world, number) = in_part(Rows::Sqlite, "partial_then_success", 300_000).await;
        assert_eq!(settle(&world, &number, give_back).await.0, Some(0));
        world.advance(310).await.unwrap();
        let started = Instant::now();
        while !world.alert("rest_delivered", &number).await {
            patience(started, "the alert");
            nap().await;
        }
        let order = world.order(&number).await.unwrap();
        assert_eq!(order["state"], state);
        let (message, words) = match state {
            "delivered" => ("message:rest_delivered", "semuanya sudah terkirim"),
            _ => ("message:late_delivery", "ternyata mengirimkannya"),
        };
        assert!(told(&order, message), "{order:#}");
        let page = page_of(&world, &order).await;
        assert!(page.contains(words) && !page.contains("Terkirim sebagian"), "{page}");
        assert_eq!(world.file(&number).await["attempts"][0]["state"], "succeeded");
        assert_books(&world, &number, (earned, 18_000, back)).await;
    }
}

#[tokio::test]
async fn a_part_that_its_supplier_calls_failed_later_calls_a_person_who_can_still_settle_it() {
    let (world, number) = in_part(Rows::Sqlite, "partial_then_fail", 300_000).await;
    world.advance(310).await.unwrap();
    let started = Instant::now();
    while !world.alert("delivery_reversed", &number).await {
        patience(started, "the alert");
        nap().await;
    }
    let file = world.file(&number).await;
    assert_eq!(
        (&file["attention"], &file["attempts"][0]["state"]),
        (&json!("partly_delivered"), &json!("partly_succeeded"))
    );
    assert_books(&world, &number, (0, 0, 0)).await;
    assert_eq!(settle(&world, &number, "20000").await.0, Some(0));
    world.until(&number, "refunded").await;
    assert_books(&world, &number, (0, 18_000, 20_000)).await;
}

#[tokio::test]
async fn a_part_that_arrives_after_the_refund_is_a_loss() {
    let world = shop_of(APIGAMES, Rows::Sqlite).await;
    world.fault(APIGAMES, "garbage", json!({"operation": "transaksi"})).await;
    world.fault(APIGAMES, "error_500", json!({"operation": "status", "count": 1_000})).await;
    let number = bought(&world, APIGAMES, "partial", json!({})).await;
    in_time(&world, &number, "needs_attention", 300).await;
    world.staff("refund", &number).await;
    world.until(&number, "refunded").await;
    world.clear_faults().await;
    let started = Instant::now();
    while !world.alert("late_delivery", &number).await {
        patience(started, "the alert");
        world.advance(900).await.unwrap();
        nap().await;
    }
    let order = world.order(&number).await.unwrap();
    assert!(order["state"] == "refunded" && told(&order, "message:late_part"), "{order:#}");
    assert_eq!(booked(&world, &number, "loss:late_delivery").await, 18_000);
    assert_books(&world, &number, (0, 18_000, 20_000)).await;
    assert_eq!(world.file(&number).await["serial_number"], Value::Null);
}

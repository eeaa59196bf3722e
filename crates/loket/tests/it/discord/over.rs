//! What a member is told when time runs out: of the order, of the token, of the wallet.

use super::client::{SARI, Shown, click};
use crate::harness::{Rows, World};
use serde_json::json;

/// Longer than the time for paying, and than a token lives.
const LONG: u64 = 16 * 60;

#[tokio::test]
async fn an_old_card_tells_the_truth_when_it_is_asked_and_late_money_reaches_the_buyer() {
    let world = World::on_discord(Rows::Sqlite).await;
    let (number, _) = world.orders(SARI, "gopay_qr").await;
    let ready = |shown: &Shown| shown.says(&number) && shown.picture().is_some();
    let card = world.until_seen(SARI, "the QR code", ready).await;
    world.advance(LONG).await.unwrap();
    world.until_state(&number, "expired").await;
    world.until_receipt(SARI, &number, "Waktu membayar sudah habis").await;
    // The token is dead, so the card could not change; the button is not.
    let asked = world.act(SARI, click(&card.0["message"], "Cek status")).await;
    assert!(asked["message"].to_string().contains("Waktu membayar sudah habis"), "{asked:#}");
    let body = json!({"reference": number, "outcome": "settle", "late": true});
    let (status, answer) = world.simulate("pay", body).await;
    assert_eq!(status, 200, "{answer}");
    world.until_state(&number, "delivered").await;
    // The fresh click made the card follow again, and what stays says it, too.
    world.until_card(SARI, &number, "Terkirim").await;
    world.until_receipt(SARI, &number, "Terkirim").await;
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_well_ended("late").await;
}

#[tokio::test]
async fn a_dead_token_is_given_up_and_the_receipt_comes_all_the_same() {
    let world = World::on_discord(Rows::Sqlite).await;
    let script = json!({"target": "digiflazz", "customer_no": "next", "outcome": "pending_then_success",
        "then_after_ms": LONG * 1_000});
    let (status, answer) = world.simulate("supplier", script).await;
    assert_eq!(status, 200, "{answer}");
    let (number, _) = world.orders(SARI, "gopay_qr").await;
    world.until_card(SARI, &number, "Pindai untuk membayar").await;
    world.paid(&number).await;
    world.until_card(SARI, &number, "sedang diproses").await;
    world.supplier_asked(&format!("{number}-F1"), 1).await;
    world.advance(LONG).await.unwrap();
    world.until_state(&number, "delivered").await;
    let receipt = world.until_receipt(SARI, &number, "Terkirim").await;
    let serial = world.serial(&number).await;
    assert!(receipt.says(&serial), "{}", receipt.text());
    assert_eq!(world.printed(&["alerts", "--json"]).await, json!([]), "a dead token is nobody's mistake");
    world.assert_well_ended("dead-token").await;
}

#[tokio::test]
async fn a_delivery_that_is_taken_back_after_its_money_was_is_told_by_card_and_message() {
    let world = World::on_discord(Rows::Sqlite).await;
    let (number, _) = world.orders(SARI, "gopay_qr").await;
    world.until_card(SARI, &number, "Pindai untuk membayar").await;
    world.paid(&number).await;
    world.until_state(&number, "delivered").await;
    let receipt = world.until_receipt(SARI, &number, "Nomor seri").await;
    assert_eq!(receipt.0["message"]["embeds"][0]["title"], "✅ Terkirim");
    world.given_back(&number, 1).await;
    assert_eq!(world.file(&number).await["state"], "delivered", "the product is theirs");
    world.supplier_says(&format!("{number}-F1"), "Gagal", "74").await;
    world.until_state(&number, "cancelled").await;
    let told = world.until_receipt(SARI, &number, "ditarik kembali oleh pemasok").await;
    assert_eq!(told.id(), receipt.id(), "the one message about the order");
    assert_eq!(told.0["message"]["embeds"][0]["title"], "↩️ Produk ditarik kembali oleh pemasok");
    assert!(
        told.says("sudah dikembalikan kepada pembayarnya") && !told.says("Nomor seri"),
        "{}",
        told.text()
    );
    world.until_card(SARI, &number, "Pemasok menarik kembali produknya").await;
    world.assert_well_ended("taken-back").await;
}

#[tokio::test]
async fn a_refund_is_told_by_card_and_message_and_can_be_spent() {
    let world = World::on_discord(Rows::Sqlite).await;
    let script = json!({"target": "digiflazz", "customer_no": "next", "outcome": "fail"});
    let (status, answer) = world.simulate("supplier", script).await;
    assert_eq!(status, 200, "{answer}");
    let (number, _) = world.orders(SARI, "gopay_qr").await;
    world.until_card(SARI, &number, "Pindai untuk membayar").await;
    world.paid(&number).await;
    world.until_card(SARI, &number, "kembali ke saldo").await;
    world.until_receipt(SARI, &number, "Rp 20.000").await;
    let saldo = world.types(SARI, "saldo", &[]).await;
    assert!(saldo["message"].to_string().contains("Rp 20.000"), "{saldo:#}");
    // The same is not sent for the same account within a minute of a failure.
    world.advance(60).await.unwrap();
    let (second, card) = world.orders(SARI, "wallet").await;
    assert!(card["message"].to_string().contains(&second));
    world.until_card(SARI, &second, "Terkirim").await;
    let saldo = world.types(SARI, "saldo", &[]).await;
    assert!(saldo["message"].to_string().contains("Rp 0"), "{saldo:#}");
    world.assert_well_ended("refund").await;
}

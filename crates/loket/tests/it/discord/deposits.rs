//! Money into the own wallet, from the answer to `/saldo` to the purchase that it pays for.

use super::client::{SARI, Shown, choice, click};
use crate::harness::{Rows, World};
use serde_json::json;

/// The balance that `/saldo` tells.
async fn assert_saldo(world: &World, rupiah: &str) {
    let saldo = world.types(SARI, "saldo", &[]).await;
    assert!(saldo["message"].to_string().contains(&format!("**{rupiah}**")), "{saldo:#}");
}

async fn pressed_twice_and_killed_between(rows: Rows, name: &str) {
    let mut world = World::on_discord(rows).await;
    assert_saldo(&world, "Rp 0").await;
    let saldo = world.types(SARI, "saldo", &[]).await;
    world.restart_shop().await;
    let form = world.press(SARI, &saldo, "Isi saldo").await;
    assert_eq!(form["outcome"], "modal");
    world.restart_shop().await;
    let ways = world.fill(SARI, &form, &[("amount", "Rp 50.000")]).await;
    assert_eq!(ways["ephemeral"], true);
    assert_eq!(world.printed(&["order", "list", "--json"]).await, json!([]), "nothing is ordered by a form");
    world.restart_shop().await;
    // Pressed twice, and by another way at the same moment.
    let (pick, other) = (choice(&ways["message"], "gopay_qr"), choice(&ways["message"], "qris"));
    let seen = tokio::join!(
        world.act_raw(SARI, pick.clone()),
        world.act_raw(SARI, pick),
        world.act_raw(SARI, other)
    );
    for seen in [&seen.0, &seen.1, &seen.2] {
        assert_ne!(seen["outcome"], "failed", "{seen:#}");
    }
    let orders = world.printed(&["order", "list", "--json"]).await;
    assert_eq!(orders.as_array().unwrap().len(), 1, "{orders:#}");
    let number = orders[0]["number"].as_str().unwrap().to_owned();
    let card = world.until_card(SARI, &number, "Pindai untuk membayar").await;
    assert!(card.says("Rp 50.000") && !card.says("ID: "), "{}", card.text());
    assert_eq!(world.wallet_change(&number).await, 0, "nothing before it is paid");
    world.restart_shop().await;
    world.paid(&number).await;
    world.restart_shop().await;

    let card = world.until_card(SARI, &number, "Saldo sudah bertambah").await;
    assert!(
        card.says("**Rp 50.000** sudah masuk ke saldo Anda") && !card.says("Beli lagi"),
        "{}",
        card.text()
    );
    let receipt = world.until_receipt(SARI, &number, "Saldo sudah bertambah").await;
    let about = |shown: &&Shown| !shown.ephemeral() && shown.says(&number);
    assert_eq!(world.sees(SARI).await.iter().filter(about).count(), 1, "one message about one deposit");
    for untrue in ["kembali", "Akun", "Terkirim", "Nomor seri"] {
        assert!(!receipt.says(untrue), "{untrue}: {}", receipt.text());
    }
    assert_eq!(world.wallet_change(&number).await, 50_000);
    assert_saldo(&world, "Rp 50.000").await;
    let books = world.books(&number).await;
    let sum = |party: &str, times: &str| -> i64 {
        let rows = books[party]["transactions"].as_array().unwrap();
        rows.iter().map(|row| row[times].as_i64().unwrap()).sum()
    };
    assert_eq!(sum("midtrans", "times_settled") + sum("dana", "times_paid"), 1, "{books:#}");
    assert_eq!(books["digiflazz"]["transactions"], json!([]), "nothing is bought");

    // It buys, and its card leads to the next one.
    let (bought, _) = world.orders(SARI, "wallet").await;
    world.until_card(SARI, &bought, "Terkirim").await;
    assert_saldo(&world, "Rp 30.000").await;
    let form = world.act(SARI, click(&card.0["message"], "Isi saldo lagi")).await;
    let refused = world.fill(SARI, &form, &[("amount", "9.999")]).await;
    assert!(refused["message"].to_string().contains("paling sedikit Rp 10.000"), "{refused:#}");
    world.assert_well_ended(name).await;
}

#[tokio::test]
async fn a_deposit_that_is_pressed_twice_through_restarts_is_credited_once_on_sqlite() {
    pressed_twice_and_killed_between(Rows::Sqlite, "deposit-sqlite").await;
}

#[tokio::test]
async fn a_deposit_that_is_pressed_twice_through_restarts_is_credited_once_on_postgres() {
    pressed_twice_and_killed_between(Rows::postgres().await, "deposit-postgres").await;
}

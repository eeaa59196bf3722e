//! A shop that dies between two clicks, on either database: the next click goes on where the last one ended.

use super::client::{ACCOUNT, SARI, order_number};
use crate::harness::{Rows, World};

async fn killed_between_every_two_clicks(rows: Rows, name: &str) {
    let mut world = World::on_discord(rows).await;
    let games = world.types(SARI, "topup", &[]).await;
    world.restart_shop().await;
    let products = world.pick(SARI, &games, "ML").await;
    world.restart_shop().await;
    let form = world.pick(SARI, &products, "ML_86").await;
    world.restart_shop().await;
    let asked = world.fill(SARI, &form, &ACCOUNT).await;
    world.restart_shop().await;
    let ways = world.press(SARI, &asked, "Benar, pilih cara bayar").await;
    world.restart_shop().await;
    let card = world.pick(SARI, &ways, "gopay_qr").await;
    let number = order_number(&card["message"]);
    world.restart_shop().await;
    let card = world.until_card(SARI, &number, "Pindai untuk membayar").await;
    world.restart_shop().await;
    let card = world.act(SARI, super::client::click(&card.0["message"], "Cek status")).await;
    assert!(card["message"].to_string().contains(&number));
    world.restart_shop().await;
    world.paid(&number).await;
    world.restart_shop().await;
    world.until_card(SARI, &number, "Terkirim").await;
    world.until_receipt(SARI, &number, "Terkirim").await;
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_well_ended(name).await;
}

#[tokio::test]
async fn a_restart_between_every_two_clicks_loses_nothing_on_sqlite() {
    killed_between_every_two_clicks(Rows::Sqlite, "restart-sqlite").await;
}

#[tokio::test]
async fn a_restart_between_every_two_clicks_loses_nothing_on_postgres() {
    killed_between_every_two_clicks(Rows::postgres().await, "restart-postgres").await;
}

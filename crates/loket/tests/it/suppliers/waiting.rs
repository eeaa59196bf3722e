//! A paid order that nobody can deliver: what its buyer hears while it waits.

use super::HOUR;
use crate::{
    hands::told,
    harness::{Rows, World},
};
use reqwest::StatusCode;
use serde_json::json;

async fn waits_for_two_hours(rows: Rows) {
    let world = World::open(rows).await;
    let deposit = world.books("").await["digiflazz"]["deposit"].as_i64().unwrap();
    assert_eq!(world.simulate("deposit", json!({"add": -deposit})).await.0, StatusCode::OK);
    let number = world.placed("one", json!({"buyer": "budi"})).await;
    world.paid(&number).await;
    world.until_told(&number, "message:waits_for_supplier").await;
    let page = async || {
        let order = world.order(&number).await.unwrap();
        let url = order["payment"]["pay_url"].as_str().unwrap().to_owned();
        let (_, path) = url.split_once("/pay/").unwrap();
        world.http.get(world.url(&format!("/pay/{path}"))).send().await.unwrap().text().await.unwrap()
    };
    assert!(page().await.contains("menunggu giliran"), "the page says that it waits");
    let mut heard = 0;
    for (seconds, kind) in
        [(301, "waits_5_minutes"), (1_500, "waits_30_minutes"), (5_400, "waits_120_minutes")]
    {
        assert!(!world.alert("order_needs_attention", &number).await, "nobody is called before {kind}");
        world.advance(seconds).await.unwrap();
        let order = world.until_told(&number, &format!("message:{kind}")).await;
        heard += 1;
        let words = order["timeline"].as_array().unwrap().iter();
        let waits = words.filter(|line| line["kind"].as_str().unwrap().ends_with("_minutes"));
        assert_eq!(waits.count(), heard, "{order:#}");
    }
    assert!(world.alert("order_needs_attention", &number).await);
    assert!(page().await.contains("petugas sudah dipanggil"), "what the page says is true");
    assert_eq!(world.wallet_change(&number).await, 0, "time alone gives nothing back");
    assert_eq!(world.simulate("deposit", json!({"add": 1_000_000})).await.0, StatusCode::OK);
    let order = super::in_time(&world, &number, "delivered", HOUR / 2).await;
    assert!(told(&order, "message:delivered"));
    assert!(!world.alert("order_needs_attention", &number).await);
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_buyer_who_waits_for_an_empty_deposit_is_told_so_and_a_person_is_called_on_sqlite() {
    waits_for_two_hours(Rows::Sqlite).await;
}

#[tokio::test]
async fn a_buyer_who_waits_for_an_empty_deposit_is_told_so_and_a_person_is_called_on_postgres() {
    waits_for_two_hours(Rows::postgres().await).await;
}

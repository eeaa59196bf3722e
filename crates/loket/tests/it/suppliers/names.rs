//! Names that are bought: a "Cek Username" of Digiflazz tells who a buyer would buy for, and is no purchase of
//! anybody's (`contracts/suppliers.md` §1.7).

use crate::harness::{Rows, World};
use reqwest::StatusCode;
use serde_json::{Value, json};

/// What sells the names of Free Fire.
const SOLD: &[(&str, &str)] = &[("LOKET_DIGIFLAZZ__CHECK_SKUS", "FF=cekff")];

async fn asked(world: &World, id: &str) -> Value {
    let body = json!({"game_code": "FF", "user_id": id});
    let request = world.http.post(world.url("/api/v1/game/validate")).json(&body);
    request.send().await.unwrap().json().await.unwrap()
}

/// A shop whose other sources of names are away.
async fn alone(rows: Rows, settings: &[(&str, &str)]) -> World {
    let mut world = World::new(rows).await;
    // Nobody is there; but the clock of whoever else is can be moved.
    let nowhere = format!("{}/sandbox/nobody", world.simulators.base());
    world.configure("LOKET_VIP_RESELLER__BASE_URL", &nowhere);
    world.configure("LOKET_APIGAMES__BASE_URL", &nowhere);
    for (name, value) in settings {
        world.configure(name, value);
    }
    world.shop = None;
    world.open_shop(&[]).await.unwrap();
    world
}

#[tokio::test]
async fn a_name_is_bought_once_shown_and_sold_to_nobody() {
    let world = alone(Rows::Sqlite, SOLD).await;
    let before = world.books("").await["digiflazz"]["deposit"].as_i64().unwrap();
    let found = asked(&world, "225009777").await;
    assert_eq!(found["status"], "valid", "{found}");
    assert!(!found["nickname"].as_str().unwrap().is_empty(), "{found}");
    assert_eq!(asked(&world, "225009777").await["nickname"], found["nickname"], "as it is remembered");
    let books = world.books("CEK-").await;
    let bought = books["digiflazz"]["transactions"].as_array().unwrap();
    assert_eq!(
        (bought.len(), &bought[0]["buyer_sku_code"], &bought[0]["customer_no"]),
        (1, &json!("cekff"), &json!("225009777"))
    );
    assert_eq!(books["digiflazz"]["deposit"].as_i64().unwrap(), before - 83, "it costs money");
    assert_eq!(asked(&world, "225009404").await["status"], "invalid");
    assert_eq!(asked(&world, "225009503").await["status"], "unavailable");
    // Their webhooks are about no order of ours, and a purchase goes its way.
    let order = json!({"buyer": "budi", "product_code": "FF_70", "user_id": "225009777", "server_id": null});
    let number = world.placed("one", order).await;
    world.paid(&number).await;
    world.until(&number, "delivered").await;
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn nothing_is_bought_for_a_name_unless_the_owner_says_so() {
    let world = alone(Rows::Sqlite, &[]).await;
    assert_eq!(asked(&world, "225009777").await["status"], "unavailable");
    assert_eq!(world.books("CEK-").await["digiflazz"]["transactions"], json!([]));
}

#[tokio::test]
async fn what_names_cost_is_booked_and_a_comparison_counts_it_on_sqlite() {
    booked(Rows::Sqlite).await;
}

#[tokio::test]
async fn what_names_cost_is_booked_and_a_comparison_counts_it_on_postgres() {
    booked(Rows::postgres().await).await;
}

/// Commands reach all suppliers from here on; the serving shop does not.
fn comparing(world: &mut World) {
    let base = world.simulators.base().to_owned();
    world.configure("LOKET_VIP_RESELLER__BASE_URL", &format!("{base}/sandbox/vip-reseller/api"));
    world.configure("LOKET_APIGAMES__BASE_URL", &format!("{base}/sandbox/apigames"));
}

async fn deposit(world: &World) -> i64 {
    world.books("").await["digiflazz"]["deposit"].as_i64().unwrap()
}

async fn booked(rows: Rows) {
    let mut world = alone(rows, SOLD).await;
    comparing(&mut world);
    let before = deposit(&world).await;
    let order = json!({"buyer": "budi", "product_code": "FF_70", "user_id": "225009777", "server_id": null});
    let number = world.placed("one", order).await;
    world.paid(&number).await;
    world.until(&number, "delivered").await;
    assert_eq!(asked(&world, "225009777").await["status"], "valid");
    assert_eq!(asked(&world, "225009404").await["status"], "invalid", "nothing is taken for it");
    let proof = world.printed(&["ledger", "check", "--json"]).await;
    assert_eq!(proof["balances"]["name_checks"], json!(83), "{proof:#}");
    let ours = proof["balances"]["supplier:digiflazz"].as_i64().unwrap();
    assert_eq!(ours, deposit(&world).await - before, "as Digiflazz has it: {proof:#}");
    let (code, text) = world.command(&["reconcile"]).await;
    assert_eq!(code, Some(0), "{text}");
    assert!(!text.contains("asked for ("), "{text}");
    // This one is charged, and nobody has told: it explains what is missing, and is not booked.
    assert_eq!(asked(&world, "225009503").await["status"], "unavailable");
    assert_eq!(deposit(&world).await, before + ours - 83);
    let (code, text) = world.command(&["reconcile"]).await;
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("asked for (1, Rp 100 at most)"), "{text}");
    // What is more than it can be is a difference.
    assert_eq!(world.simulate("deposit", json!({"add": -50})).await.0, StatusCode::OK);
    let (code, text) = world.command(&["reconcile"]).await;
    assert!(code == Some(4) && text.contains("asked for (1, Rp 100 at most)"), "{text}");
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_shop_that_starts_again_does_not_ask_about_a_name_within_the_minute() {
    let mut world = alone(Rows::Sqlite, SOLD).await;
    let found = asked(&world, "225009777").await;
    assert_eq!(found["status"], "valid", "{found}");
    let left = deposit(&world).await;
    world.shop.take().unwrap().stop().await;
    world.open_shop(&[]).await.unwrap();
    assert_eq!(asked(&world, "225009777").await["status"], "unavailable");
    assert_eq!(world.requests("digiflazz", "/transaction", "cekff").await.len(), 1);
    world.advance(61).await.unwrap();
    world.shop.take().unwrap().stop().await;
    world.open_shop(&[]).await.unwrap();
    assert_eq!(asked(&world, "225009777").await["nickname"], found["nickname"]);
    assert_eq!(world.requests("digiflazz", "/transaction", "cekff").await.len(), 2);
    assert_eq!(deposit(&world).await, left, "asked how it stands, and not bought again");
    assert_eq!(world.books("CEK-").await["digiflazz"]["transactions"].as_array().unwrap().len(), 1);
    world.assert_proofs().await;
}

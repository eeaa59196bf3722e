//! Names that are bought: a "Cek Username" of Digiflazz tells who a buyer would buy for, and is no purchase of
//! anybody's (`contracts/suppliers.md` §1.7).

use crate::harness::{Rows, World};
use serde_json::{Value, json};

async fn asked(world: &World, id: &str) -> Value {
    let body = json!({"game_code": "FF", "user_id": id});
    let request = world.http.post(world.url("/api/v1/game/validate")).json(&body);
    request.send().await.unwrap().json().await.unwrap()
}

/// A shop whose other sources of names are away.
async fn alone(settings: &[(&str, &str)]) -> World {
    let mut world = World::new(Rows::Sqlite).await;
    world.configure("LOKET_VIP_RESELLER__BASE_URL", "http://127.0.0.1:1/sandbox/vip-reseller/api");
    world.configure("LOKET_APIGAMES__BASE_URL", "http://127.0.0.1:1/sandbox/apigames");
    for (name, value) in settings {
        world.configure(name, value);
    }
    world.shop = None;
    world.open_shop(&[]).await.unwrap();
    world
}

#[tokio::test]
async fn a_name_is_bought_once_shown_and_sold_to_nobody() {
    let world = alone(&[("LOKET_DIGIFLAZZ__CHECK_SKUS", "FF=cekff")]).await;
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
    let world = alone(&[]).await;
    assert_eq!(asked(&world, "225009777").await["status"], "unavailable");
    assert_eq!(world.books("CEK-").await["digiflazz"]["transactions"], json!([]));
}

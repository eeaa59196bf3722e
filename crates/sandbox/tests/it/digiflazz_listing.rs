//! Digiflazz: what becomes of a product, on the list and when it is bought.

use crate::support::{World, purchase, sign};
use serde_json::{Value, json};

const ITEM: &str = "ML_86";

async fn entry(world: &World) -> Value {
    world.advance(2).await;
    let body = json!({"cmd": "prepaid", "username": "loket", "sign": sign("pricelist"), "code": ITEM});
    world.digiflazz("price-list", &body).await.json()["data"][0].clone()
}

async fn becomes(world: &World, mut change: Value) {
    change["sku"] = ITEM.into();
    let answer = world.control("/sandbox/listing", change.clone()).await;
    assert_eq!((answer.http, answer.json()), (200, change));
}

/// The code of a purchase of it.
async fn bought(world: &World, reference: &str, most: i64) -> String {
    let mut body = purchase(reference, ITEM, "123456789");
    body["max_price"] = most.into();
    world.digiflazz("transaction", &body).await.json()["data"]["rc"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_price_moves_on_the_list_and_at_the_till_or_at_the_till_alone() {
    let (world, _folder) = World::start().await;
    becomes(&world, json!({"price": 19_000})).await;
    assert_eq!(entry(&world).await["price"], 19_000);
    assert_eq!(bought(&world, "REF-1", 18_999).await, "69");
    assert_eq!(bought(&world, "REF-2", 19_000).await, "00");
    // The list lags behind.
    becomes(&world, json!({"list_price": 18_000})).await;
    assert_eq!(entry(&world).await["price"], 18_000);
    assert_eq!(bought(&world, "REF-3", 18_000).await, "69");
}

#[tokio::test]
async fn what_the_list_says_of_switches_stock_and_hours_is_what_a_purchase_meets() {
    let (world, _folder) = World::start().await;
    for (n, (change, field, shown, code)) in [
        (json!({"buyer_active": false}), "buyer_product_status", json!(false), "43"),
        (json!({"buyer_active": true, "seller_active": false}), "seller_product_status", json!(false), "53"),
        (json!({"seller_active": true, "stock": 0}), "stock", json!(0), "68"),
        (json!({"stock": 7}), "unlimited_stock", json!(false), "00"),
        (json!({"unlimited_stock": true}), "unlimited_stock", json!(true), "00"),
        (json!({"start_cut_off": "0:0", "end_cut_off": "23:59"}), "end_cut_off", json!("23:59"), "58"),
        (json!({"start_cut_off": "0:0", "end_cut_off": "00:00"}), "start_cut_off", json!("0:0"), "00"),
        (json!({"multi": false}), "multi", json!(false), "63"),
        (
            json!({"name": "Mobile Legends Cek Username"}),
            "product_name",
            json!("Mobile Legends Cek Username"),
            "63",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        becomes(&world, change.clone()).await;
        assert_eq!(entry(&world).await[field], shown, "{change}");
        assert_eq!(bought(&world, &format!("REF-{n}"), 20_000).await, code, "{change}");
    }
    becomes(&world, json!({"gone": true})).await;
    assert_eq!(entry(&world).await, Value::Null);
    assert_eq!(bought(&world, "REF-gone", 20_000).await, "43");
}

#[tokio::test]
async fn what_cannot_become_of_a_product_is_refused() {
    let (world, _folder) = World::start().await;
    for change in [
        json!({"sku": "nobody-sells-this", "price": 1}),
        json!({"sku": ITEM, "price": -1}),
        json!({"sku": ITEM, "stock": -1}),
        json!({"sku": ITEM, "start_cut_off": "0:0"}),
        json!({"sku": ITEM, "name": ""}),
        json!({"sku": ITEM, "colour": "red"}),
        json!({"price": 1}),
    ] {
        let answer = world.control("/sandbox/listing", change.clone()).await;
        assert!((400..500).contains(&answer.http), "{change}: {}", answer.text);
    }
    assert_eq!(entry(&world).await["price"], 18_000);
}

#[tokio::test]
async fn a_cek_username_tells_the_name_of_an_account_and_charges_for_it() {
    let (world, _folder) = World::start().await;
    let before = world.deposit().await;
    becomes(&world, json!({"name": "Free Fire Cek Username", "price": 83})).await;
    let told = world.buy("CEK-1", ITEM, "225009777").await;
    assert_eq!((&told["status"], &told["price"]), (&json!("Sukses"), &json!(83)));
    let name = told["sn"].as_str().unwrap().to_owned();
    assert_eq!(world.buy("CEK-2", ITEM, "225009777").await["sn"], name, "the same account has the same name");
    let nobody = world.buy("CEK-3", ITEM, "225009404").await;
    assert_eq!((&nobody["rc"], &nobody["sn"]), (&json!("54"), &json!("")));
    let later = world.buy("CEK-4", ITEM, "225009503").await;
    assert_eq!((&later["status"], &later["rc"]), (&json!("Pending"), &json!("")));
    assert_eq!(world.deposit().await, before - 3 * 83, "what fails is given back");
    becomes(&world, json!({"name": "Mobile Legends Cek Username"})).await;
    let joined = world.buy("CEK-5", ITEM, "111491774613486").await["sn"].clone();
    assert!(joined.as_str().is_some_and(|name| !name.is_empty() && !name.starts_with("SN")), "{joined}");
    assert_eq!(world.buy("CEK-6", ITEM, "1114917746-13486").await["sn"], joined, "any separator will do");
}

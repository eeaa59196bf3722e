//! What a supplier asks moves between the list and the purchase: costs follow, bait and loss are kept off sale, and
//! what was promised holds.

use crate::{
    hands::{nap, patience},
    harness::{API_KEY, Rows, World},
};
use database::sql;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::Instant;

async fn becomes(world: &World, change: Value) {
    let (status, answer) = world.simulate("listing", change).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
}

/// What a command prints as JSON.
async fn told(world: &World, arguments: &[&str]) -> (Option<i32>, Value) {
    let (code, text) = world.command(&[arguments, &["--json"]].concat()).await;
    (code, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
}

/// Asks for the list, once it may be asked for.
async fn synced(world: &World) -> Value {
    world.advance(301).await.unwrap();
    let (code, told) = told(world, &["supplier", "sync"]).await;
    assert_eq!((code, &told[0]["outcome"]), (Some(0), &json!("kept")), "{told}");
    told[0].clone()
}

/// The product as buyers see it; null when they do not.
async fn shown(world: &World, code: &str) -> Value {
    let products: Value =
        world.http.get(world.url("/api/v1/game/products/ML")).send().await.unwrap().json().await.unwrap();
    let mut list = products.as_array().unwrap_or_else(|| panic!("{products}")).iter();
    list.find(|product| product["code"] == code).cloned().unwrap_or(Value::Null)
}

async fn delivered(world: &World, key: &str, change: Value) -> String {
    let number = world.placed(key, change).await;
    world.paid(&number).await;
    world.until(&number, "delivered").await;
    number
}

async fn quoted(world: &World) -> Value {
    let request = world.http.post(world.url("/api/v1/quotes")).bearer_auth(API_KEY);
    request.json(&json!({"product_code": "ML_86"})).send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn a_cost_that_moved_is_followed_and_a_quote_of_before_keeps_its_ceiling() {
    let world = World::open(Rows::Sqlite).await;
    assert_eq!(synced(&world).await["costs"], json!([]), "the shipped catalog is what the simulator asks");
    let quote = quoted(&world).await;
    becomes(&world, json!({"sku": "ml86", "price": 19_000})).await;
    let (code, soon) = told(&world, &["supplier", "sync", "digiflazz"]).await;
    assert_eq!((code, &soon[0]["outcome"]), (Some(0), &json!("too_soon")), "{soon}");
    // Placed by a promise of before: at its price, and bought at no more than it said.
    let old = world.placed("old", json!({"buyer": "budi", "quote": quote["quote"]})).await;
    let moved = synced(&world).await;
    assert_eq!(moved["costs"], json!([{"product": "ML_86", "before": 18_000, "after": 19_000}]), "{moved}");
    world.paid(&old).await;
    let refunded = world.until(&old, "refunded").await;
    assert_eq!(refunded["price_moved"]["price_now"], 20_000, "for what it may cost now: {refunded:#}");
    let requests = world.requests("digiflazz", "/transaction", &old).await;
    assert!(requests.is_empty(), "it is listed at more than was promised: {requests:#?}");
    let new = delivered(&world, "new", json!({"buyer": "siti"})).await;
    let requests = world.requests("digiflazz", "/transaction", &new).await;
    assert!(requests[0]["body"].as_str().unwrap().contains("\"max_price\":19000"), "{requests:#?}");
    world.assert_proofs().await;
}

#[tokio::test]
async fn bait_loss_and_checks_of_accounts_are_kept_off_sale_and_come_back_by_themselves() {
    let world = World::open(Rows::postgres().await).await;
    for (change, why) in [
        (json!({"sku": "ml86", "price": 9_000}), "doubtful"),
        (json!({"sku": "ml86", "price": 0}), "doubtful"),
        (json!({"sku": "ml86", "list_price": -1}), "doubtful"),
        (json!({"sku": "ml86", "price": 20_000, "list_price": 20_000}), "margin"),
        (
            json!({"sku": "ml86", "price": 18_000, "list_price": 18_000, "name": "Mobile Legends CEK Username"}),
            "account_check",
        ),
    ] {
        becomes(&world, change.clone()).await;
        synced(&world).await;
        let (_, prices) = told(&world, &["supplier", "prices"]).await;
        let products = prices[0]["products"].as_array().unwrap();
        let ours = products.iter().find(|product| product["product"] == "ML_86").unwrap();
        assert_eq!((&ours["kept_off"], &ours["cost"]), (&json!(why), &json!(18_000)), "{change}: {ours}");
        assert!(world.alert("product_kept_off", "ML_86").await, "{change}");
        assert_eq!(shown(&world, "ML_86").await, Value::Null, "{change}");
        let (status, _) = world.place("kept-off", json!({"buyer": "budi"})).await.unwrap();
        assert!(status.is_client_error(), "{change}: {status}");
    }
    becomes(&world, json!({"sku": "ml86", "name": "86 Diamond"})).await;
    assert_eq!(synced(&world).await["back"], json!(["ML_86"]));
    assert!(!world.alert("product_kept_off", "ML_86").await);
    assert_eq!(shown(&world, "ML_86").await["price"], 20_000);
    delivered(&world, "back", json!({"buyer": "budi"})).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn lists_and_deposits_are_asked_for_by_the_server_itself_and_a_drained_deposit_calls_a_person() {
    let mut world = World::new(Rows::Sqlite).await;
    world.configure("LOKET_PRICES__EVERY_MINUTES", "5");
    world.configure("LOKET_DEPOSIT__EVERY_MINUTES", "5");
    world.configure("LOKET_DEPOSIT__LOW_RUPIAH", "50000");
    world.open_shop(&[]).await.unwrap();
    let left = world.books("").await["digiflazz"]["deposit"].as_i64().unwrap();
    // What a purchase leaves is known without being asked for.
    delivered(&world, "one", json!({"buyer": "budi"})).await;
    let rows = world.database().await;
    let known = sql!("SELECT left_over FROM supplier_deposit WHERE supplier = 'digiflazz'");
    let known = async || {
        let mut tx = rows.read("test").await.unwrap();
        known.query().optional::<i64>(&mut tx).await.unwrap()
    };
    let started = Instant::now();
    while known().await != Some(left - 18_000) {
        patience(started, "what the purchase left");
        nap().await;
    }
    assert_eq!(world.simulate("deposit", json!({"add": 18_000 - left + 40_000})).await.0, StatusCode::OK);
    becomes(&world, json!({"sku": "ml86", "price": 18_500})).await;
    world.advance(301).await.unwrap();
    let started = Instant::now();
    while !world.alert("deposit_low", "digiflazz").await {
        patience(started, "the deposit is told");
        nap().await;
    }
    let cost = sql!("SELECT cost FROM product WHERE code = 'ML_86'");
    while cost.query().one::<i64>(&mut rows.read("test").await.unwrap()).await.unwrap() != 18_500 {
        patience(started, "the cost follows");
        nap().await;
    }
    let (code, deposit) = told(&world, &["supplier", "deposit", "digiflazz"]).await;
    assert_eq!(code, Some(0), "{deposit}");
    assert_eq!(
        (&deposit[0]["left"], &deposit[0]["spent_last_day"]),
        (&json!(40_000), &json!(18_000)),
        "{deposit}"
    );
    assert_eq!(deposit[0]["lasts_hours"], 53, "{deposit}");
    assert_eq!(world.simulate("deposit", json!({"add": 10_000_000})).await.0, StatusCode::OK);
    let (_, text) = world.command(&["supplier", "deposit"]).await;
    assert!(text.contains("Rp 10.040.000 is left") && text.contains("lasts"), "{text}");
    assert!(!world.alert("deposit_low", "digiflazz").await);

    // A supplier that refuses us says so, and what is known stays.
    world.fault("digiflazz", "error_500", json!({})).await;
    let (code, text) = world.command(&["supplier", "deposit"]).await;
    assert_eq!(code, Some(4), "{text}");
    assert!(text.contains("Rp 10.040.000 is left") && text.contains("did not answer"), "{text}");
    let (code, text) = world.command(&["supplier", "sync", "nobody"]).await;
    assert!(code != Some(0) && text.contains("`nobody` is not connected: digiflazz"), "{code:?} {text}");
    world.assert_proofs().await;
}

#[tokio::test]
async fn what_a_refused_product_costs_is_asked_at_once_and_the_list_as_soon_as_it_may_be() {
    let mut world = World::new(Rows::Sqlite).await;
    world.configure("LOKET_PRICES__EVERY_MINUTES", "600");
    world.open_shop(&[]).await.unwrap();
    let asked = async |one: bool| {
        let all = world.requests("digiflazz", "/price-list", "prepaid").await;
        all.iter().filter(|request| request["body"].to_string().contains("code") == one).count()
    };
    let lists = async || asked(false).await;
    world.advance(301).await.unwrap();
    let started = Instant::now();
    while lists().await < 1 {
        patience(started, "the first list");
        nap().await;
    }
    becomes(&world, json!({"sku": "ml86", "price": 18_500})).await;
    let number = world.placed("one", json!({"buyer": "budi"})).await;
    world.paid(&number).await;
    world.until(&number, "refunded").await;
    let rows = world.database().await;
    let cost = sql!("SELECT cost FROM product WHERE code = 'ML_86'");
    while cost.query().one::<i64>(&mut rows.read("test").await.unwrap()).await.unwrap() != 18_500 {
        patience(started, "the cost follows");
        nap().await;
    }
    let order = world.order(&number).await.unwrap();
    assert_eq!(order["price_moved"]["price_now"], 20_000, "{order:#}");
    assert_eq!((lists().await, asked(true).await), (1, 1), "the list may be asked for every five minutes");
    let again = world.placed("again", json!({"buyer": "budi"})).await;
    world.paid(&again).await;
    world.until(&again, "delivered").await;
    // Without the refusal it would be ten hours.
    world.advance(301).await.unwrap();
    while lists().await < 2 {
        patience(started, "the list is asked for");
        nap().await;
    }
    assert_eq!(asked(true).await, 1);
    world.assert_proofs().await;
}

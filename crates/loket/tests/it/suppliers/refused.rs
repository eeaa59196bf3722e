//! What a purchase says, and refusals of it: by price, by deposit, by reference.

use super::{DAY, bought};
use crate::{
    hands::{hub_signature, sum, told},
    harness::{API_KEY, Rows, World},
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn the_customer_number_is_player_and_zone_by_the_products_template() {
    let world = World::open(Rows::Sqlite).await;
    for (key, change, expected) in [
        ("a", json!({}), "111491774613486"),
        ("b", json!({"user_id": " 1114917746 ", "server_id": "(13486)"}), "111491774613486"),
        ("c", json!({"product_code": "FF_70", "user_id": "123456789", "server_id": null}), "123456789"),
    ] {
        let (status, order) = world.place(key, change).await.unwrap();
        if status != StatusCode::CREATED {
            assert_eq!((key, status), ("b", StatusCode::UNPROCESSABLE_ENTITY), "{order}");
            continue;
        }
        let number = order["number"].as_str().unwrap();
        world.paid(number).await;
        world.until(number, "delivered").await;
        let books = world.books(number).await;
        assert_eq!(books["digiflazz"]["transactions"][0]["customer_no"], expected);
    }
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_price_above_the_ceiling_buys_nothing_and_is_refunded() {
    let world = World::open(Rows::Sqlite).await;
    let number = bought(&world, "success", json!({"price": 18_001})).await;
    world.until(&number, "refunded").await;
    assert_eq!(world.wallet_change(&number).await, 20_000);
    let requests = world.requests("digiflazz", "/transaction", &number).await;
    assert!(requests[0]["body"].as_str().unwrap().contains("\"max_price\":18000"), "{requests:#?}");
    assert!(requests[0]["answer"].as_str().unwrap().contains("\"69\""), "{requests:#?}");
    assert_eq!(world.books(&number).await["digiflazz"]["transactions"], json!([]));
    // The buyer is told why, and what it costs once the shop knows better.
    let why = "The supplier's price has changed and no longer fits the price of this order";
    let order = world.order(&number).await.unwrap();
    assert!(told(&order, "message:price_moved"), "{order:#}");
    assert_eq!(order["price_moved"]["price_now"], Value::Null, "{order:#}");
    assert!(
        order["price_moved"]["text"].as_str().unwrap().contains("Harga dari pemasok berubah"),
        "{order:#}"
    );
    world.change_catalog("20000,18000,", "20001,18001,").await;
    let order = world.order(&number).await.unwrap();
    assert_eq!(order["price_moved"]["price_now"], 20_001, "{order:#}");
    let page = world.http.get(order["payment"]["pay_url"].as_str().unwrap()).header("accept-language", "en");
    let page = page.send().await.unwrap().text().await.unwrap();
    for words in [why, "It costs Rp 20.001 at this shop now", "is in your store credit"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let request = world.http.post(world.url("/api/v1/quotes")).bearer_auth(API_KEY);
    let quote: Value =
        request.json(&json!({"product_code": "ML_86"})).send().await.unwrap().json().await.unwrap();
    assert_eq!(quote["price"], 20_001, "{quote}");
    world.script("success", json!({"price": 18_001})).await;
    let again = world.placed("again", json!({"buyer": "budi", "quote": quote["quote"]})).await;
    world.paid(&again).await;
    world.until(&again, "delivered").await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn an_empty_deposit_calls_a_person_once_and_a_retry_delivers_with_a_new_reference() {
    let world = World::open(Rows::Sqlite).await;
    let deposit = world.books("").await["digiflazz"]["deposit"].as_i64().unwrap();
    assert_eq!(world.simulate("deposit", json!({"add": -deposit})).await.0, StatusCode::OK);
    let number = world.placed("one", json!({})).await;
    world.paid(&number).await;
    let order = world.until(&number, "needs_attention").await;
    assert_eq!(order["attention"], "waits_for_supplier");
    assert!(world.alert("supplier_refuses_us", "digiflazz").await);
    assert!(!world.alert("order_needs_attention", &number).await, "the supplier's alert is enough");
    // It is tried again by itself, and time alone gives no money back.
    world.advance(DAY / 2).await.unwrap();
    world.supplier_asked(&format!("{number}-F2"), 1).await;
    world.until(&number, "needs_attention").await;
    assert_eq!(world.wallet_change(&number).await, 0);
    assert_eq!(world.simulate("deposit", json!({"add": 1_000_000})).await.0, StatusCode::OK);
    world.staff("retry", &number).await;
    world.until(&number, "delivered").await;
    let books = world.books(&number).await;
    assert_eq!(books["digiflazz"]["transactions"][0]["ref_id"], format!("{number}-F3"));
    assert!(!world.alert("order_needs_attention", &number).await);
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

/// A paid order under whose reference somebody bought something else: a person is called.
async fn not_unique(world: &World) -> String {
    let number = world.placed("one", json!({"buyer": "budi"})).await;
    let reference = format!("{number}-F1");
    let sign = sum("md5sum", format!("loketdev-loket-sandbox{reference}").as_bytes());
    let body = json!({"username": "loket", "buyer_sku_code": "ff70", "customer_no": "1", "ref_id": reference, "sign": sign});
    let url = format!("{}/sandbox/digiflazz/v1/transaction", world.simulators.base());
    let answer: Value = world.http.post(url).json(&body).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["data"]["status"], "Sukses", "{answer}");
    let (status, text) =
        world.webhook("digiflazz", Some(&hub_signature(&answer.to_string())), &answer.to_string()).await;
    assert_eq!(status, StatusCode::OK, "{text}");
    world.paid(&number).await;
    let order = world.until(&number, "needs_attention").await;
    assert_eq!(order["attention"], "supplier_odd");
    number
}

#[tokio::test]
async fn a_buyer_who_was_refunded_is_not_told_that_the_supplier_is_still_at_work() {
    let world = World::open(Rows::Sqlite).await;
    let number = not_unique(&world).await;
    let reference = format!("{number}-F1");
    // Somebody's purchase, ours, and the question about it. Time must not jump while one is on its way.
    world.supplier_asked(&reference, 2).await;
    world.advance(2 * 60).await.unwrap();
    world.supplier_asked(&reference, 3).await;
    world.staff("refund", &number).await;
    world.until(&number, "refunded").await;
    // It is asked about on, when the messages would be due, too.
    for minutes in [4, 25, 90] {
        let asked = world.requests("digiflazz", "/transaction", &reference).await.len();
        world.advance(minutes * 60).await.unwrap();
        world.supplier_asked(&reference, asked + 1).await;
    }
    let order = world.order(&number).await.unwrap();
    for kind in ["message:slow_5_minutes", "message:slow_30_minutes", "message:slow_120_minutes"] {
        assert!(!told(&order, kind), "{kind}: {order:#}");
    }
    assert_eq!(world.wallet_change(&number).await, 20_000);
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_reference_that_is_not_unique_calls_a_person_and_is_never_refunded_by_itself() {
    let world = World::open(Rows::Sqlite).await;
    let number = not_unique(&world).await;
    let reference = format!("{number}-F1");
    assert!(world.alert("order_needs_attention", &number).await);
    for _ in 0..4 {
        world.advance(DAY).await.unwrap();
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert_eq!(world.order(&number).await.unwrap()["state"], "needs_attention");
    assert_eq!(world.wallet_change(&number).await, 0);
    // Asking goes on.
    world.supplier_asked(&reference, 3).await;
    let (code, text) = world.command(&["order", "retry", &number]).await;
    assert_ne!(code, Some(0), "{text}");
    world.staff("refund", &number).await;
    world.until(&number, "refunded").await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn what_the_supplier_turns_away_for_its_own_reasons_is_refunded_and_nothing_is_bought() {
    let world = World::open(Rows::Sqlite).await;
    let (stock, deposit) =
        (world.stock("ML", "ML_86").await, world.books("").await["digiflazz"]["deposit"].clone());
    // Closed at this hour, in both of its words; a second purchase for one account on one day; sold out.
    for rc in ["58", "66", "63", "68"] {
        // What has failed is not sent for the same number again within a minute.
        world.advance(60).await.unwrap();
        world.script("fail", json!({"rc": rc})).await;
        let number = world.placed(rc, json!({"buyer": format!("buyer-{rc}")})).await;
        world.paid(&number).await;
        world.until(&number, "refunded").await;
        assert_eq!(world.wallet_change(&number).await, 20_000, "{rc}");
        let requests = world.requests("digiflazz", "/transaction", &number).await;
        assert_eq!(requests.len(), 1, "{rc}: {requests:#?}");
        assert!(requests[0]["answer"].as_str().unwrap().contains(&format!("\"{rc}\"")), "{requests:#?}");
        let books = world.books(&number).await;
        let bought = books["digiflazz"]["transactions"].as_array().unwrap().iter();
        assert_eq!(
            bought.filter(|t| t["deliveries"] != 0 || t["charged"] != 0).count(),
            0,
            "{rc}: {books:#}"
        );
    }
    // What was sold out there is offered to nobody for a day, because no list is read here that knows better.
    assert_eq!(world.stock("ML", "ML_86").await, 0);
    world.advance(86_400).await.unwrap();
    assert_eq!(world.stock("ML", "ML_86").await, stock, "what was held for the four is there again");
    assert_eq!(world.books("").await["digiflazz"]["deposit"], deposit);
    world.assert_proofs().await;
}

#[tokio::test]
async fn what_the_supplier_does_not_sell_to_us_is_offered_to_nobody_until_it_is_listed_anew() {
    for (rc, calls) in [("43", true), ("80", true), ("68", false)] {
        let world = World::open(Rows::Sqlite).await;
        let number = bought(&world, "fail", json!({"rc": rc})).await;
        world.until(&number, "refunded").await;
        assert_eq!(world.wallet_change(&number).await, 20_000, "{rc}");
        assert_eq!(world.alert("product_kept_off", "digiflazz/ml86").await, calls, "{rc}");
        let (status, answer) = world.place("soon", json!({"buyer": "siti"})).await.unwrap();
        assert!(status.is_client_error() || status == StatusCode::SERVICE_UNAVAILABLE, "{rc}: {answer}");
        // Their list has it, and was asked for after the refusal.
        world.advance(301).await.unwrap();
        let (code, text) = world.command(&["supplier", "sync"]).await;
        assert_eq!(code, Some(0), "{rc}: {text}");
        assert!(!world.alert("product_kept_off", "digiflazz/ml86").await, "{rc}");
        let next = world.placed("later", json!({"buyer": "siti"})).await;
        world.paid(&next).await;
        world.until(&next, "delivered").await;
        world.assert_proofs().await;
    }
}

#[tokio::test]
async fn a_code_that_no_document_has_decides_nothing_and_a_person_sees_each_once() {
    let world = World::open(Rows::Sqlite).await;
    let first = bought(&world, "fail_then_success", json!({"rc": "77", "then_after_ms": 30_000})).await;
    world.until_attempt(&first, "pending").await;
    assert!(world.alert("unknown_word", "digiflazz:77").await, "at once");
    assert_eq!(world.order(&first).await.unwrap()["state"], "fulfilling");
    assert_eq!(world.wallet_change(&first).await, 0, "nobody is refunded for it");
    // Another one beside it, while that alert is open.
    world.script("pending_then_success", json!({"rc": "78", "then_after_ms": 30_000})).await;
    let change = json!({"buyer": "siti", "product_code": "FF_70", "user_id": "123456789", "server_id": null});
    let second = world.placed("second", change).await;
    world.paid(&second).await;
    world.until_attempt(&second, "pending").await;
    assert!(world.alert("unknown_word", "digiflazz:78").await, "once for each");
    world.advance(31).await.unwrap();
    for number in [&first, &second] {
        world.until(number, "delivered").await;
        let books = world.books(number).await;
        assert_eq!(books["digiflazz"]["transactions"][0]["deliveries"], 1, "{books:#}");
    }
    world.assert_proofs().await;
}

//! The price list (`contracts/suppliers.md` §1.3): what is asked and how often, and how an entry is read.

use crate::{
    scene::{NOW, digiflazz, scene, with},
    server::{Reply, answer, nobody},
};
use serde_json::{Value, json};
use std::time::Duration;
use suppliers::{CutOff, ListAsk, Listing, PriceList, Supplier, Unsellable, adapters::digiflazz::Digiflazz};
use vocabulary::{Rupiah, Timestamp};

const ASKED: &str = include_str!("../fixtures/digiflazz/price_list_request.json");
const LIST: &str = include_str!("../fixtures/digiflazz/price_list.json");
const LIMIT: &str = include_str!("../fixtures/digiflazz/price_list_limit.json");

fn all(now: Timestamp) -> ListAsk {
    ListAsk { sku: None, now, last_asked_at: None }
}

fn one(sku: &str, now: Timestamp) -> ListAsk {
    ListAsk { sku: Some(sku.into()), ..all(now) }
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// What is read of a list of the contract's entry with some fields changed; `null` takes one away.
async fn entry(changes: Value) -> (Vec<Listing>, usize) {
    let first = with(&json!({"data": read(LIST)["data"][0]}).to_string(), &changes);
    let body = json!({"data": [read(&first)["data"]]}).to_string();
    let (_server, supplier) = scene(move |_| answer(200, &[], &body));
    match supplier.price_list(&all(NOW)).await {
        PriceList::Told { listings, unreadable } => (listings, unreadable),
        other => panic!("{changes}: {other:?}"),
    }
}

#[tokio::test]
async fn the_list_of_the_contract_is_asked_for_and_read_field_by_field() {
    let (server, supplier) = scene(|_| answer(200, &[], LIST));
    let told = supplier.price_list(&all(NOW)).await;
    let expected = Listing {
        supplier: "digiflazz".into(),
        sku: "xld10".into(),
        name: "Xl 10.000".into(),
        category: "Pulsa".into(),
        brand: "XL".into(),
        seller: "Seller Sandbox".into(),
        description: "-".into(),
        price: Rupiah::new(10_000),
        buyer_active: true,
        seller_active: true,
        stock: Some(1_200),
        multi: false,
        cut_off: CutOff::read("23:45", "0:15"),
        doubt: None,
        seen_at: NOW,
    };
    assert_eq!(told, PriceList::Told { listings: vec![expected], unreadable: 0 });
    let seen = server.seen();
    assert_eq!(seen[0].line, "POST /price-list");
    assert_eq!(read(&seen[0].body), read(ASKED));
}

#[tokio::test]
async fn fields_come_as_texts_and_as_numbers() {
    for changes in [
        json!({"price": "10000", "stock": "1200", "multi": "false"}),
        json!({"price": 10000.0, "stock": 1200.0, "multi": 0}),
        json!({"buyer_product_status": "true", "seller_product_status": 1, "unlimited_stock": "false"}),
    ] {
        let (listings, unreadable) = entry(changes.clone()).await;
        assert_eq!((listings.len(), unreadable), (1, 0), "{changes}");
        let listing = &listings[0];
        assert_eq!((listing.price, listing.stock, listing.multi), (Rupiah::new(10_000), Some(1_200), false));
        assert!(listing.buyer_active && listing.seller_active, "{changes}");
    }
    let (listings, _) = entry(json!({"unlimited_stock": true, "stock": 0})).await;
    assert_eq!(listings[0].stock, None, "the number says nothing then");
    let (listings, _) = entry(json!({"unlimited_stock": true, "stock": null, "multi": null})).await;
    assert!(!listings[0].multi, "nobody said that it may be bought twice a day");
    let (listings, _) = entry(json!({"start_cut_off": "0:0", "end_cut_off": "00:00", "desc": null})).await;
    assert_eq!(listings[0].cut_off, None);
    for price in [json!(0), json!(-5), json!("-5")] {
        let (listings, _) = entry(json!({"price": price})).await;
        assert_eq!(listings[0].trouble(NOW), Some(Unsellable::Doubtful), "{price}");
    }
}

#[tokio::test]
async fn an_entry_that_lacks_what_decides_is_left_out_and_counted() {
    for changes in [
        json!({"buyer_sku_code": null}),
        json!({"buyer_sku_code": "a\u{0}b"}),
        json!({"buyer_sku_code": "x".repeat(65)}),
        json!({"price": null}),
        json!({"price": "10.000"}),
        json!({"price": 1.5}),
        json!({"price": "ten"}),
        json!({"buyer_product_status": null}),
        json!({"seller_product_status": "maybe"}),
        json!({"unlimited_stock": false, "stock": null}),
    ] {
        assert_eq!(entry(changes.clone()).await, (vec![], 1), "{changes}");
    }
    let body = json!({"data": [1, null, [], "x", read(LIST)["data"][0]]}).to_string();
    let (_server, supplier) = scene(move |_| answer(200, &[], &body));
    let told = supplier.price_list(&all(NOW)).await;
    assert!(matches!(&told, PriceList::Told { listings, unreadable: 4 } if listings.len() == 1), "{told:?}");
}

#[tokio::test]
async fn texts_are_for_screens_and_the_last_entry_of_a_code_counts() {
    let (listings, _) = entry(json!({"product_name": format!("a\u{0}b\n{}", "x".repeat(500))})).await;
    assert_eq!(listings[0].name.chars().count(), 200);
    assert!(listings[0].name.starts_with("a b x"), "{}", listings[0].name);
    let (first, mut second) = (read(LIST)["data"][0].clone(), read(LIST)["data"][0].clone());
    second["price"] = 11_000.into();
    let body = json!({"data": [first, second]}).to_string();
    let (_server, supplier) = scene(move |_| answer(200, &[], &body));
    let told = supplier.price_list(&all(NOW)).await;
    assert!(
        matches!(&told, PriceList::Told { listings, .. } if listings.len() == 1 && listings[0].price.get() == 11_000),
        "{told:?}"
    );
}

#[tokio::test]
async fn a_limit_comes_as_an_object_and_says_when_to_ask_again() {
    for status in [200, 400] {
        let (_server, supplier) = scene(move |_| answer(status, &[], LIMIT));
        let again_at = NOW.plus(Duration::from_secs(300));
        assert_eq!(supplier.price_list(&all(NOW)).await, PriceList::TooSoon { again_at });
        let again_at = NOW.plus(Duration::from_secs(1));
        assert_eq!(supplier.price_list(&one("xld10", NOW)).await, PriceList::TooSoon { again_at });
    }
}

#[tokio::test]
async fn the_whole_list_is_asked_for_once_in_five_minutes_of_business_time() {
    let (server, supplier) = scene(|_| answer(200, &[], LIST));
    let told = |told: PriceList| matches!(told, PriceList::Told { .. });
    assert!(told(supplier.price_list(&all(NOW)).await));
    let (soon, then) = (NOW.plus(Duration::from_millis(299_999)), NOW.plus(Duration::from_secs(300)));
    assert_eq!(supplier.price_list(&all(soon)).await, PriceList::TooSoon { again_at: then });
    assert_eq!(server.seen().len(), 1, "nobody was asked");
    assert!(told(supplier.price_list(&all(then)).await));
    // What another process has asked counts as well.
    let elsewhere = ListAsk {
        last_asked_at: Some(then.plus(Duration::from_secs(200))),
        ..all(then.plus(Duration::from_secs(300)))
    };
    let again_at = then.plus(Duration::from_secs(500));
    assert_eq!(supplier.price_list(&elsewhere).await, PriceList::TooSoon { again_at });
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn a_single_code_is_asked_for_once_a_second_and_the_answer_is_about_it_alone() {
    let (server, supplier) = scene(|_| answer(200, &[], LIST));
    let found = supplier.price_list(&one("xld10", NOW)).await;
    assert!(matches!(&found, PriceList::Told { listings, .. } if listings.len() == 1), "{found:?}");
    assert_eq!(read(&server.seen()[0].body)["code"], "xld10");
    let again_at = NOW.plus(Duration::from_secs(1));
    let soon = NOW.plus(Duration::from_millis(999));
    assert_eq!(supplier.price_list(&one("xld25", soon)).await, PriceList::TooSoon { again_at });
    let other = supplier.price_list(&one("xld25", again_at)).await;
    assert_eq!(other, PriceList::Told { listings: vec![], unreadable: 0 }, "xld10 was not asked for");
    assert!(
        matches!(supplier.price_list(&all(soon)).await, PriceList::Told { .. }),
        "the list has its own pace"
    );
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn what_never_arrived_does_not_count_and_silence_says_why() {
    let supplier: Digiflazz = digiflazz(&nobody());
    for _ in 0..2 {
        let told = supplier.price_list(&all(NOW)).await;
        assert!(matches!(told, PriceList::Silent { .. }), "{told:?}");
    }
    let refusal = r#"{"data":{"rc":"45","status":"Gagal","message":"IP Anda tidak kami kenali"}}"#;
    for (reply, why) in [
        (answer(400, &[], refusal), "rc 45: IP Anda tidak kami kenali"),
        (answer(502, &[], "<html>"), "HTTP 502"),
        (answer(200, &[], "{\"data\":null}"), "HTTP 200"),
    ] {
        let (_server, supplier) = scene(move |_| reply.clone());
        let told = supplier.price_list(&all(NOW)).await;
        assert!(matches!(&told, PriceList::Silent { reason } if reason.contains(why)), "{told:?}");
    }
    let (server, supplier) = scene(|_| Reply::Silence);
    let (told, waited) = server.wait_out(supplier.price_list(&all(NOW))).await;
    assert!(matches!(told, PriceList::Silent { .. }), "{told:?}");
    assert_eq!(waited.as_secs(), 30);
    let soon = supplier.price_list(&all(NOW)).await;
    assert!(matches!(soon, PriceList::TooSoon { .. }), "it may have arrived: {soon:?}");
}

#[tokio::test]
async fn a_list_of_many_thousand_products_fits() {
    let first = read(LIST)["data"][0].clone();
    let entries: Vec<Value> = (0..8_000)
        .map(|n| {
            let mut entry = first.clone();
            entry["buyer_sku_code"] = format!("sku{n}").into();
            entry
        })
        .collect();
    let body = json!({ "data": entries }).to_string();
    assert!(body.len() > 2 * 1024 * 1024);
    let (_server, supplier) = scene(move |_| answer(200, &[], &body));
    let told = supplier.price_list(&all(NOW)).await;
    assert!(matches!(&told, PriceList::Told { listings, unreadable: 0 } if listings.len() == 8_000));
}

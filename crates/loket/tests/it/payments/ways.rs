//! Every way to pay, from order to delivery, at the gateways' own doors; and changing the way.

use crate::harness::{API_KEY, Rows, World};
use reqwest::StatusCode;
use serde_json::{Value, json};

/// Every way, and what the gateway keeps of Rp 20.000.
const WAYS: [(&str, i64); 18] = [
    ("gopay_qr", 400),
    ("gopay_link", 400),
    ("ovo_push", 606),
    ("ovo_link", 606),
    ("dana_qr", 140),
    ("dana_link", 333),
    ("qris", 140),
    ("va_bca", 4_440),
    ("va_bni", 4_440),
    ("va_bri", 4_440),
    ("va_permata", 4_440),
    ("va_mandiri", 4_440),
    ("va_bsi", 4_440),
    ("va_cimb", 4_440),
    ("va_btpn", 4_440),
    ("va_panin", 4_440),
    ("cstore_indomaret", 5_550),
    ("cstore_alfamart", 5_550),
];
const PHONE: &str = "081234567890";

impl World {
    /// Asks to pay an order in another way.
    pub(super) async fn pay_by(&self, number: &str, method: &str) -> (StatusCode, Value) {
        let url = self.url(&format!("/api/v1/orders/{number}/payment"));
        let body = json!({"payment_method": method, "phone": PHONE});
        let answer = self.http.post(url).bearer_auth(API_KEY).json(&body).send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }
}

fn wish(method: &str) -> Value {
    match method {
        "ovo_push" => json!({"payment_method": method, "phone": PHONE, "buyer": method}),
        _ => json!({"payment_method": method, "buyer": method}),
    }
}

/// What the buyer needs, by method.
fn assert_payable(method: &str, payment: &Value) {
    assert_eq!(payment["state"], "open", "{method}: {payment:#}");
    let has = |field: &str| payment[field].as_str().is_some_and(|text| !text.is_empty());
    match method {
        "gopay_qr" | "dana_qr" | "qris" => assert!(has("qr_string") && has("qr_image_url"), "{payment:#}"),
        "gopay_link" => assert!(has("deep_link"), "{payment:#}"),
        "ovo_link" | "dana_link" => assert!(has("redirect_url"), "{payment:#}"),
        "ovo_push" => assert!(!payment.to_string().contains(PHONE), "{payment:#}"),
        _ => {
            let (kind, place) = method.split_once('_').unwrap();
            let (number, of) = if kind == "va" { ("va_number", "bank") } else { ("payment_code", "store") };
            assert!(has(number) && payment[of] == place, "{method}: {payment:#}");
        }
    }
}

async fn every_way(rows: Rows) {
    let world = World::open(rows).await;
    for (method, kept) in WAYS {
        let number = world.placed(method, wish(method)).await;
        let order = world.payable(&number).await;
        assert_payable(method, &order["payment"]);
        world.paid(&number).await;
        let delivered = world.until(&number, "delivered").await;
        assert!(delivered["serial_number"].is_string(), "{method}");
        assert_eq!(delivered["payment"]["method"], method);
        assert_eq!(delivered["amount"], 20_000, "{method}: nothing is put on top");
        assert_eq!(world.stands(&number, "fee").await, kept, "{method}");
    }
    world.assert_proofs().await;
}

#[tokio::test]
async fn every_way_to_pay_ends_in_a_delivery_on_sqlite() {
    every_way(Rows::Sqlite).await;
}

#[tokio::test]
async fn every_way_to_pay_ends_in_a_delivery_on_postgres() {
    every_way(Rows::postgres().await).await;
}

#[tokio::test]
async fn a_buyer_who_changes_the_way_and_pays_both_gets_the_product_once_and_the_rest_as_credit() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", wish("gopay_qr")).await;
    world.payable(&number).await;
    let (status, order) = world.pay_by(&number, "dana_qr").await;
    assert_eq!(status, StatusCode::OK, "{order:#}");
    assert_eq!(world.payable(&number).await["payment"]["method"], "dana_qr");
    // The buyer pays the new one, and the old one all the same, which the gateway took.
    let second = format!("{number}-P2");
    world.paid(&second).await;
    let order = world.until(&number, "delivered").await;
    world.paid_late(&format!("{number}-P1")).await;
    world.until_told(&number, "message:credited").await;
    assert_eq!(world.wallet_change(&number).await, order["amount"].as_i64().unwrap());
    assert_eq!(world.order(&number).await.unwrap()["state"], "delivered", "and is not delivered again");
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_push_that_nobody_answers_is_sent_again_and_paid() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", wish("ovo_push")).await;
    world.payable(&number).await;
    world.advance(80).await.unwrap();
    world.until_payment(&number, "expired").await;
    let (status, order) = world.pay_by(&number, "ovo_push").await;
    assert_eq!(status, StatusCode::OK, "{order:#}");
    world.payable(&number).await;
    world.paid(&number).await;
    world.until(&number, "delivered").await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_number_that_ovo_does_not_know_leaves_the_order_payable_in_another_way() {
    let world = World::open(Rows::Sqlite).await;
    let unknown = json!({"payment_method": "ovo_push", "phone": "081234560404", "buyer": "one"});
    let number = world.placed("one", unknown).await;
    let order = world.until_payment(&number, "denied").await;
    assert_eq!(order["state"], "awaiting_payment");
    assert!(
        order["timeline"].as_array().unwrap().iter().any(|line| line["detail"] == "unknown_phone"),
        "{order:#}"
    );
    let (status, _) = world.pay_by(&number, "dana_link").await;
    assert_eq!(status, StatusCode::OK);
    world.payable(&number).await;
    world.paid(&number).await;
    world.until(&number, "delivered").await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_push_that_is_declined_buys_nothing_and_is_sent_again_when_its_buyer_wants_it() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", wish("ovo_push")).await;
    world.payable(&number).await;
    let (status, answer) = world.pay(&number, "deny").await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let order = world.until_payment(&number, "denied").await;
    assert_eq!(order["state"], "awaiting_payment");
    assert_eq!(world.books(&number).await["digiflazz"]["transactions"], json!([]));
    let (status, order) = world.pay_by(&number, "ovo_push").await;
    assert_eq!(status, StatusCode::OK, "{order:#}");
    world.payable(&number).await;
    world.paid(&number).await;
    world.until(&number, "delivered").await;
    assert_eq!(world.wallet_change(&number).await, 0);
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_second_push_to_a_phone_that_takes_one_at_a_time_leaves_both_orders_payable() {
    let world = World::open(Rows::Sqlite).await;
    let first = world.placed("first", wish("ovo_push")).await;
    world.payable(&first).await;
    world.fault("midtrans", "single_push", json!({})).await;
    let second = world.placed("second", wish("ovo_push")).await;
    let order = world.until_payment(&second, "denied").await;
    assert_eq!(order["state"], "awaiting_payment");
    world.paid(&first).await;
    world.until(&first, "delivered").await;
    assert_eq!(world.books(&second).await["digiflazz"]["transactions"], json!([]), "each pays its own order");
    let (status, order) = world.pay_by(&second, "gopay_qr").await;
    assert_eq!(status, StatusCode::OK, "{order:#}");
    world.payable(&second).await;
    world.paid(&second).await;
    world.until(&second, "delivered").await;
    for number in [&first, &second] {
        assert_eq!(world.wallet_change(number).await, 0);
    }
    world.assert_proofs().await;
}

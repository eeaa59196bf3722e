//! Paying by a number, at an ATM or a till: who knows it, when it ends, what comes late, what a till takes
//! back, and which amounts it is offered for.

use super::PAYING_IS_OVER;
use crate::{
    hands::told,
    harness::{Rows, World},
};
use reqwest::StatusCode;
use serde_json::{Value, json};

const PLACES: [&str; 6] = ["va_bca", "va_bni", "va_bri", "va_permata", "cstore_indomaret", "cstore_alfamart"];

/// The number in an order that can be paid.
fn number_of(order: &Value) -> String {
    let payment = &order["payment"];
    let number = payment["va_number"].as_str().or(payment["payment_code"].as_str());
    number.unwrap_or_else(|| panic!("no number: {order:#}")).to_owned()
}

impl World {
    /// An order that is paid there, and the number.
    async fn numbered(&self, place: &str) -> (String, String) {
        let order = self.placed(place, json!({"payment_method": place, "buyer": place})).await;
        let number = number_of(&self.payable(&order).await);
        (order, number)
    }

    /// The state of the order's only payment at the gateway.
    async fn at_the_gateway(&self, order: &str) -> String {
        let books = self.books(order).await;
        books["midtrans"]["transactions"][0]["transaction_status"].as_str().unwrap().to_owned()
    }
}

async fn late_money(rows: Rows) {
    let world = World::open(rows).await;
    let mut orders = Vec::new();
    for place in PLACES {
        orders.push(world.numbered(place).await);
    }
    world.advance(PAYING_IS_OVER).await.unwrap();
    for (order, number) in &orders {
        world.until(order, "expired").await;
        let (status, answer) = world.pay(number, "settle").await;
        assert_eq!(status, StatusCode::CONFLICT, "the number is closed: {answer}");
        assert_eq!(world.at_the_gateway(order).await, "expire");
    }
    // While the product is sold as it was, the order goes on; else the money is store credit.
    let (used, credited) = orders.split_at(3);
    for (order, number) in used {
        world.paid_late(number).await;
        world.until(order, "delivered").await;
        world.assert_paid_and_delivered_once(order).await;
    }
    world.change_catalog("20000,18000,", "22000,19800,").await;
    for (order, number) in credited {
        world.paid_late(number).await;
        let late = world.until_told(order, "message:credited").await;
        assert_eq!((&late["state"], world.wallet_change(order).await), (&json!("expired"), 20_000));
    }
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_number_ends_with_the_order_and_late_money_buys_or_becomes_store_credit_on_sqlite() {
    late_money(Rows::Sqlite).await;
}

#[tokio::test]
async fn a_number_ends_with_the_order_and_late_money_buys_or_becomes_store_credit_on_postgres() {
    late_money(Rows::postgres().await).await;
}

#[tokio::test]
async fn whoever_types_the_number_pays_this_order_and_no_other() {
    let world = World::open(Rows::Sqlite).await;
    for place in ["va_permata", "cstore_alfamart"] {
        let (order, number) = world.numbered(place).await;
        let other = world.placed(&format!("{place}-2"), json!({"payment_method": place, "buyer": "b"})).await;
        assert_ne!(number_of(&world.payable(&other).await), number);
        let page = world.order(&order).await.unwrap()["payment"]["pay_url"].as_str().unwrap().to_owned();
        let page = world.http.get(page).send().await.unwrap().text().await.unwrap();
        assert!(page.contains(&number) && page.contains("data-copy=\"payment-code\""), "{page}");
        world.paid(&number).await;
        let delivered = world.until(&order, "delivered").await;
        assert_eq!(delivered["payment"]["va_number"], Value::Null, "what is paid is shown to nobody");
        assert_eq!(world.order(&other).await.unwrap()["state"], "awaiting_payment");
    }
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_number_is_closed_when_the_buyer_pays_in_another_way() {
    let world = World::open(Rows::Sqlite).await;
    let (order, number) = world.numbered("va_bri").await;
    let (status, now) = world.pay_by(&order, "qris").await;
    assert_eq!(status, StatusCode::OK, "{now:#}");
    world.payable(&order).await;
    world.webhook_tried("midtrans", &order, "cancel").await;
    let (status, answer) = world.pay(&number, "settle").await;
    assert_eq!(status, StatusCode::CONFLICT, "{answer}");
    world.paid(&order).await;
    world.until(&order, "delivered").await;
    // The bank books a transfer that was on its way: nobody is paid twice for it, and it is not lost.
    world.paid_late(&number).await;
    world.until_told(&order, "message:credited").await;
    assert_eq!(world.wallet_change(&order).await, 20_000);
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_transfer_whose_webhook_is_lost_is_found_by_asking() {
    let world = World::open(Rows::Sqlite).await;
    world.fault("midtrans", "drop_webhook", json!({"count": 1_000})).await;
    for place in ["va_bni", "cstore_indomaret"] {
        let (order, number) = world.numbered(place).await;
        world.paid(&number).await;
        world.advance(70).await.unwrap();
        world.until(&order, "delivered").await;
        world.assert_paid_and_delivered_once(&order).await;
    }
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_charge_whose_answer_is_lost_is_adopted_with_its_number() {
    let world = World::open(Rows::Sqlite).await;
    world.fault("midtrans", "garbage", json!({"operation": "charge", "count": 1})).await;
    let (order, number) = world.numbered("va_bca").await;
    let charges = world.requests("midtrans", "/v2/charge", &format!("{order}-P1")).await;
    assert_eq!(charges.len(), 1, "and is not charged again");
    world.paid(&number).await;
    world.until(&order, "delivered").await;
    world.assert_proofs().await;
}

async fn taken_back_at_the_till(rows: Rows) {
    let world = World::open(rows).await;
    world.script("pending", json!({})).await;
    let (order, code) = world.numbered("cstore_indomaret").await;
    let attempt = format!("{order}-F1");
    world.paid(&code).await;
    world.supplier_asked(&attempt, 1).await;
    let (status, answer) = world.pay(&code, "reverse").await;
    assert_eq!((status, &answer["transaction_status"]), (StatusCode::OK, &json!("deny")), "{answer}");
    world.until_told(&order, "payment_taken_back").await;
    assert!(world.alert("payment_taken_back", &order).await, "a person hears of it");
    assert_eq!(world.file(&order).await["payments"][0]["state"], "refunded");
    world.assert_proofs().await;
    // What the supplier delivers all the same is a loss, and nobody gets the money twice.
    world.supplier_says(&attempt, "Sukses", "00").await;
    world.until(&order, "delivered").await;
    assert_eq!(world.stands(&order, "loss:chargeback").await, 20_000);
    assert_eq!(world.wallet_change(&order).await, 0);
    world.assert_proofs().await;
}

#[tokio::test]
async fn what_a_cashier_takes_back_is_booked_and_a_person_is_told_on_sqlite() {
    taken_back_at_the_till(Rows::Sqlite).await;
}

#[tokio::test]
async fn what_a_cashier_takes_back_is_booked_and_a_person_is_told_on_postgres() {
    taken_back_at_the_till(Rows::postgres().await).await;
}

#[tokio::test]
async fn a_price_that_a_method_does_not_carry_is_refused_with_those_that_do() {
    let world = World::open(Rows::Sqlite).await;
    let cheap = |method: &str| json!({"product_code": "FF_70", "user_id": "123456789", "server_id": null, "payment_method": method});
    for place in PLACES {
        let (status, problem) = world.place(place, cheap(place)).await.unwrap();
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem:#}");
        let detail = problem["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.contains("qris, dana_qr") && !detail.contains("va_bni,"), "{detail}");
    }
    let order = world.placed("qris", cheap("qris")).await;
    world.payable(&order).await;
    let (status, problem) = world.pay_by(&order, "va_bca").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem:#}");
    world.paid(&order).await;
    let delivered = world.until(&order, "delivered").await;
    assert!(!told(&delivered, "method_chosen"), "{delivered:#}");
    assert!(world.requests("midtrans", "/v2/charge", "bank_transfer").await.is_empty());
    world.assert_proofs().await;
}

#[tokio::test]
async fn what_a_sale_does_not_leave_enough_for_is_not_offered_by_default() {
    let mut world = World::new(Rows::Sqlite).await;
    world.configure("LOKET_RULES__FEE_ABOVE_MARGIN", "");
    world.open_shop(&[]).await.unwrap();
    for place in PLACES {
        let (status, problem) = world.place(place, json!({"payment_method": place})).await.unwrap();
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem:#}");
        let detail = problem["errors"][0]["detail"].as_str().unwrap();
        let possible = detail.rsplit(": ").next().unwrap();
        assert!(possible.starts_with("qris, dana_qr"), "{detail}");
        assert!(!possible.contains("va_") && !possible.contains("cstore_"), "{detail}");
    }
    let small = world.placed("small", json!({"payment_method": "qris"})).await;
    let page = world.payable(&small).await["payment"]["pay_url"].as_str().unwrap().to_owned();
    let page = world.http.get(page).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("value=\"gopay_qr\"") && !page.contains("value=\"va_bca\""), "{page}");
    let (status, problem) = world.pay_by(&small, "va_bca").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem:#}");
    // 257 diamonds leave Rp 6.000.
    for place in PLACES {
        let wish = json!({"payment_method": place, "product_code": "ML_257", "buyer": place});
        let order = world.placed(&format!("large-{place}"), wish).await;
        world.payable(&order).await;
    }
    let order = world.placed("large", json!({"payment_method": "va_bca", "product_code": "ML_257"})).await;
    let number = number_of(&world.payable(&order).await);
    world.paid(&number).await;
    world.until(&order, "delivered").await;
    assert_eq!(world.stands(&order, "fee").await, 4_440);
    world.assert_proofs().await;
}

#[tokio::test]
async fn the_owner_says_what_is_offered_and_what_a_transfer_costs() {
    let mut world = World::new(Rows::Sqlite).await;
    world.configure("LOKET_RULES__PAYMENT_METHODS", "va_bca, qris");
    world.configure("LOKET_RULES__VA_FEE_RUPIAH", "2500");
    world.configure("LOKET_RULES__MOST_FEE_BASIS_POINTS", "5000");
    world.open_shop(&[]).await.unwrap();
    let (status, problem) = world.place("no", json!({"payment_method": "gopay_qr"})).await.unwrap();
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem:#}");
    assert!(problem["errors"][0]["detail"].as_str().unwrap().contains("qris, va_bca, wallet"), "{problem:#}");
    let cheap = json!({
        "product_code": "FF_70", "user_id": "123456789", "server_id": null, "payment_method": "va_bca",
    });
    let order = world.placed("one", cheap).await;
    let number = number_of(&world.payable(&order).await);
    world.paid(&number).await;
    world.until(&order, "delivered").await;
    assert_eq!(world.stands(&order, "fee").await, 2_500);
    world.assert_proofs().await;
}

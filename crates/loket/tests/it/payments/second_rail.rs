//! DANA as a second rail: while Midtrans opens nothing, QRIS, transfers and pushes to OVO go over DANA.

use super::PAYING_IS_OVER;
use crate::{
    hands::{nap, patience},
    harness::{Rows, World},
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::Instant;

const PHONE: &str = "081234567890";
/// Every method that both carry, what DANA keeps of Rp 20.000, and its name for the way.
const SHARED: [(&str, i64, &str); 6] = [
    ("qris", 140, "NETWORK_PAY_PG_QRIS"),
    ("va_bca", 4_440, "VIRTUAL_ACCOUNT_BCA"),
    ("va_bni", 4_440, "VIRTUAL_ACCOUNT_BNI"),
    ("va_bri", 4_440, "VIRTUAL_ACCOUNT_BRI"),
    ("va_permata", 4_440, "VIRTUAL_ACCOUNT_PERMATA"),
    ("ovo_push", 606, "NETWORK_PAY_PG_OVO"),
];

impl World {
    /// A shop whose first gateway opens no payment for now.
    async fn without_midtrans(rows: Rows) -> World {
        let world = World::open(rows).await;
        world.fault("midtrans", "rate_limited", json!({"operation": "charge", "count": 1_000})).await;
        world
    }

    /// An order that is paid over DANA, and can be.
    async fn over_dana(&self, method: &str) -> (String, Value) {
        let mut wish = json!({"payment_method": method, "buyer": method});
        if method == "ovo_push" {
            wish["phone"] = json!(PHONE);
        }
        let number = self.placed(method, wish).await;
        let order = self.payable(&number).await;
        (number, order["payment"].clone())
    }

    /// The order's transactions in DANA's books.
    async fn orders_at_dana(&self, number: &str) -> Vec<Value> {
        self.books(number).await["dana"]["transactions"].as_array().unwrap().clone()
    }

    /// Waits until DANA was asked to close the order.
    async fn closed_at_dana(&self, number: &str) {
        let started = Instant::now();
        while self.requests("dana", "/cancel.htm", number).await.is_empty() {
            patience(started, &format!("DANA to be asked to close {number}"));
            nap().await;
        }
    }
}

async fn every_shared_method(rows: Rows) {
    let world = World::without_midtrans(rows).await;
    for (method, kept, option) in SHARED {
        let (number, payment) = world.over_dana(method).await;
        let has = |field: &str| payment[field].as_str().is_some_and(|text| !text.is_empty());
        match method {
            "qris" => assert!(has("qr_string"), "{payment:#}"),
            "ovo_push" => assert!(!payment.to_string().contains(PHONE), "{payment:#}"),
            _ => assert!(
                has("va_number") && method.ends_with(payment["bank"].as_str().unwrap()),
                "{payment:#}"
            ),
        }
        // A transfer is made to the number, a code is scanned, and the others are found by the order.
        let by = payment["va_number"].as_str().or(payment["qr_string"].as_str()).unwrap_or(&number);
        world.paid(by).await;
        let delivered = world.until(&number, "delivered").await;
        assert_eq!(delivered["payment"]["method"], method);
        assert_eq!(world.stands(&number, "fee").await, kept, "{method}");
        let books = world.books(&number).await;
        assert_eq!(books["midtrans"]["transactions"], json!([]), "{method}: nothing was opened there");
        let orders = books["dana"]["transactions"].as_array().unwrap();
        assert_eq!(orders.len(), 1, "{method}: {books:#}");
        assert_eq!(
            (&orders[0]["pay_option"], &orders[0]["times_paid"]),
            (&json!(option), &json!(1)),
            "{method}"
        );
        assert_eq!(books["digiflazz"]["transactions"][0]["deliveries"], 1, "{method}");
    }
    world.assert_proofs().await;
}

#[tokio::test]
async fn while_midtrans_opens_nothing_dana_collects_by_every_method_that_both_carry_on_sqlite() {
    every_shared_method(Rows::Sqlite).await;
}

#[tokio::test]
async fn while_midtrans_opens_nothing_dana_collects_by_every_method_that_both_carry_on_postgres() {
    every_shared_method(Rows::postgres().await).await;
}

#[tokio::test]
async fn a_number_of_danas_is_closed_with_its_order_and_late_money_buys() {
    let world = World::without_midtrans(Rows::Sqlite).await;
    let (number, payment) = world.over_dana("va_bni").await;
    let account = payment["va_number"].as_str().unwrap();
    world.advance(PAYING_IS_OVER).await.unwrap();
    world.until(&number, "expired").await;
    world.closed_at_dana(&number).await;
    let (status, answer) = world.pay(account, "settle").await;
    assert_eq!(status, StatusCode::CONFLICT, "the number is closed: {answer}");
    world.paid_late(account).await;
    world.until(&number, "delivered").await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_push_of_danas_whose_answer_is_lost_is_asked_about_and_nobody_is_pushed_twice() {
    let world = World::without_midtrans(Rows::Sqlite).await;
    let held = json!({"operation": "create", "count": 1, "delay_ms": 11_000});
    world.fault("dana", "timeout_after_effect", held).await;
    let wish = json!({"payment_method": "ovo_push", "buyer": "lost", "phone": PHONE});
    let number = world.placed("lost", wish).await;
    world.payable(&number).await;
    assert_eq!(world.requests("dana", "/payment-host-to-host.htm", &number).await.len(), 1);
    assert_eq!(world.orders_at_dana(&number).await.len(), 1);
    world.paid(&number).await;
    world.until(&number, "delivered").await;
    assert_eq!(world.orders_at_dana(&number).await[0]["times_paid"], 1);
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_push_of_danas_that_nobody_accepts_is_over_after_a_minute_and_the_order_is_not() {
    let world = World::without_midtrans(Rows::Sqlite).await;
    for (key, outcome) in [("missed", None), ("declined", Some("deny"))] {
        let wish = json!({"payment_method": "ovo_push", "buyer": key, "phone": PHONE});
        let number = world.placed(key, wish).await;
        world.payable(&number).await;
        match outcome {
            Some(outcome) => assert_eq!(world.pay(&number, outcome).await.0, StatusCode::OK),
            None => world.advance(80).await.unwrap(),
        }
        let started = Instant::now();
        while world.order(&number).await.unwrap()["payment"]["state"] == "open" {
            patience(started, "the push to be over");
            nap().await;
        }
        assert_eq!(world.order(&number).await.unwrap()["state"], "awaiting_payment");
        let (status, order) = world.pay_by(&number, "dana_qr").await;
        assert_eq!(status, StatusCode::OK, "{order:#}");
        world.payable(&number).await;
        world.paid(&number).await;
        world.until(&number, "delivered").await;
    }
    world.assert_proofs().await;
}

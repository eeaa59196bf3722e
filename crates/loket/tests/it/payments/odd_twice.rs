//! Money of an odd amount that is not the order's only money: each payment that came in pays the order,
//! becomes store credit, or waits for a person; none is forgotten.

use crate::{
    hands::{nap, patience},
    harness::{Rows, World},
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::Instant;

impl World {
    /// An order with two open payments, of which the first `odd` are more than ours by an imposed fee.
    async fn placed_for_two_ways(&self, buyer: &str, second: &str, odd: u64) -> String {
        self.fault("midtrans", "impose_fee", json!({"count": odd})).await;
        let number = self.placed(buyer, json!({"buyer": buyer})).await;
        self.payable(&number).await;
        let (status, order) = self.pay_by(&number, second).await;
        assert_eq!(status, StatusCode::OK, "{order:#}");
        assert_eq!(self.payable(&number).await["payment"]["method"], second);
        number
    }

    /// Waits until so many payments of the order came in with an odd amount.
    async fn until_odd(&self, number: &str, count: usize) {
        let started = Instant::now();
        loop {
            let file = self.file(number).await;
            let payments = file["payments"].as_array().unwrap();
            if payments.iter().filter(|p| !p["odd_amount"].is_null()).count() >= count {
                return;
            }
            patience(started, &format!("{count} odd amounts: {payments:#?}"));
            nap().await;
        }
    }

    /// What DANA has of a payment.
    async fn at_dana(&self, reference: &str) -> Value {
        self.books(reference).await["dana"]["transactions"][0].clone()
    }

    /// Every payment that came in is decided about.
    async fn assert_all_settled(&self, number: &str) {
        let file = self.file(number).await;
        let payments = file["payments"].as_array().unwrap();
        assert!(payments.iter().all(|p| p["state"] == "settled"), "{payments:#?}");
    }
}

#[tokio::test]
async fn an_odd_amount_after_the_order_was_paid_another_way_becomes_store_credit_once_on_sqlite() {
    odd_after_paid(Rows::Sqlite).await;
}

#[tokio::test]
async fn an_odd_amount_after_the_order_was_paid_another_way_becomes_store_credit_once_on_postgres() {
    odd_after_paid(Rows::postgres().await).await;
}

async fn odd_after_paid(rows: Rows) {
    let world = World::open(rows).await;
    let number = world.placed_for_two_ways("budi", "dana_qr", 1).await;
    let first = format!("{number}-P1");
    world.paid(&format!("{number}-P2")).await;
    world.until(&number, "delivered").await;
    world.paid_late(&first).await;
    world.until_told(&number, "message:credited").await;
    assert_eq!(world.wallet_change(&number).await, 20_000, "ours, not what the gateway names");
    assert!(world.alert("amount_mismatch", &number).await);
    for action in ["approve", "reject"] {
        let (code, text) = world.command(&["order", action, &number]).await;
        assert_ne!(code, Some(0), "{action}, and there is nothing to decide: {text}");
    }
    // The gateway says it again, and again.
    let settlement = world.webhook_tried("midtrans", &number, "settlement").await;
    let before = world.requests("midtrans", "/status", &first).await.len();
    world.webhook_storm("midtrans", None, settlement["body"].as_str().unwrap()).await;
    world.asked_again(&number, before).await;
    assert_eq!(world.order(&number).await.unwrap()["state"], "delivered", "and is not delivered again");
    assert_eq!(world.wallet_change(&number).await, 20_000);
    world.assert_all_settled(&number).await;
    world.spend_wallet("budi", json!({})).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn our_amount_by_another_way_after_an_odd_one_delivers_and_credits_the_odd_one() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.placed_for_two_ways("budi", "dana_qr", 1).await;
    world.paid_late(&format!("{number}-P1")).await;
    let order = world.until(&number, "needs_attention").await;
    assert_eq!(order["attention"], "odd_money");
    world.paid(&format!("{number}-P2")).await;
    let order = world.until(&number, "delivered").await;
    assert_eq!(order["payment"]["method"], "dana_qr", "what paid it");
    assert_eq!(world.wallet_change(&number).await, 20_000);
    assert!(!world.alert("amount_mismatch", &number).await);
    world.assert_all_settled(&number).await;
    world.spend_wallet("budi", json!({})).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn our_amount_after_an_odd_one_becomes_store_credit_with_it_when_the_price_has_risen_and_frees_the_stock()
 {
    let world = World::open(Rows::Sqlite).await;
    let number = world.placed_for_two_ways("budi", "dana_qr", 1).await;
    world.paid_late(&format!("{number}-P1")).await;
    world.until(&number, "needs_attention").await;
    world.change_catalog("20000,18000,", "22000,19800,").await;
    let stock = world.stock("ML", "ML_86").await;
    world.paid(&format!("{number}-P2")).await;
    world.until(&number, "cancelled").await;
    assert_eq!(world.wallet_change(&number).await, 40_000);
    assert_eq!(world.stock("ML", "ML_86").await, stock + 1, "an order that is over holds no stock");
    assert!(!world.alert("amount_mismatch", &number).await);
    world.assert_all_settled(&number).await;
    assert_eq!(world.books(&number).await["digiflazz"]["transactions"], json!([]));
    world.assert_proofs().await;
}

#[tokio::test]
async fn of_two_odd_amounts_one_is_approved_and_the_other_credited_or_both_are_credited() {
    let world = World::open(Rows::Sqlite).await;
    for (buyer, action, state, credit) in
        [("budi", "approve", "delivered", 20_000), ("sari", "reject", "cancelled", 40_000)]
    {
        let number = world.placed_for_two_ways(buyer, "gopay_link", 2).await;
        let stock = world.stock("ML", "ML_86").await;
        world.paid_late(&format!("{number}-P1")).await;
        world.until_odd(&number, 1).await;
        world.paid(&format!("{number}-P2")).await;
        world.until_odd(&number, 2).await;
        assert_eq!(world.order(&number).await.unwrap()["state"], "needs_attention");
        world.staff(action, &number).await;
        world.until(&number, state).await;
        assert_eq!(world.wallet_change(&number).await, credit, "{action}");
        assert_eq!(world.stock("ML", "ML_86").await, stock + i64::from(state == "cancelled"), "{action}");
        assert!(!world.alert("amount_mismatch", &number).await);
        world.assert_all_settled(&number).await;
    }
    world.assert_proofs().await;
}

#[tokio::test]
async fn what_else_is_open_for_an_order_whose_odd_money_is_rejected_is_closed_at_its_gateway_on_sqlite() {
    closed_when_rejected(Rows::Sqlite).await;
}

#[tokio::test]
async fn what_else_is_open_for_an_order_whose_odd_money_is_rejected_is_closed_at_its_gateway_on_postgres() {
    closed_when_rejected(Rows::postgres().await).await;
}

async fn closed_when_rejected(rows: Rows) {
    let world = World::open(rows).await;
    let number = world.placed_for_two_ways("budi", "dana_qr", 1).await;
    let second = format!("{number}-P2");
    world.paid_late(&format!("{number}-P1")).await;
    let order = world.until(&number, "needs_attention").await;
    assert_eq!(order["attention"], "odd_money");
    assert_eq!(world.at_dana(&second).await["status"], "INIT", "our amount may come in by it");
    world.staff("reject", &number).await;
    world.until(&number, "cancelled").await;
    let started = Instant::now();
    loop {
        let held = world.at_dana(&second).await;
        let file = world.file(&number).await;
        if held["status"] == "CANCELLED" && file["payments"][1]["state"] == "cancelled" {
            break;
        }
        patience(started, &format!("the end of {second}: {held:#} {file:#}"));
        nap().await;
    }
    // The buyer tries all the same.
    let (status, answer) = world.pay(&second, "settle").await;
    assert_eq!(status, StatusCode::CONFLICT, "{answer}");
    assert_eq!(world.at_dana(&second).await["times_paid"], 0);
    assert_eq!(world.order(&number).await.unwrap()["state"], "cancelled");
    assert_eq!(world.wallet_change(&number).await, 20_000, "of the first, once");
    assert_eq!(world.books(&number).await["digiflazz"]["transactions"], json!([]));
    world.spend_wallet("budi", json!({})).await;
    world.assert_proofs().await;
}

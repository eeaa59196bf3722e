//! Money that the owner gives back in the gateway's dashboard, or that a bank takes back: nobody is paid
//! twice, and what the shop has lost by it stands in the books.

use crate::{
    hands::{nap, patience},
    harness::{Rows, World},
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::Instant;

/// The key that the gateway's dashboard belongs to in the sandbox.
const SERVER_KEY: &str = "SB-Mid-server-loket-sandbox";

impl World {
    /// All of a payment is given back at the gateway, not by the shop, and the shop has heard of it.
    pub(crate) async fn given_back(&self, number: &str, payment: usize) {
        let body = json!({"reason": "by hand"});
        self.gateway_gives_back(number, payment, body, ("refund", "refunded")).await;
    }

    /// The same with a part of it.
    pub(crate) async fn partly_given_back(&self, number: &str, payment: usize, amount: i64) {
        let body = json!({"reason": "by hand", "amount": amount});
        self.gateway_gives_back(number, payment, body, ("partial_refund", "partly_refunded")).await;
        let file = self.file(number).await;
        assert_eq!(file["payments"][payment - 1]["given_back"], amount, "{file:#}");
    }

    async fn gateway_gives_back(
        &self,
        number: &str,
        payment: usize,
        mut body: Value,
        (status, state): (&str, &str),
    ) {
        let reference = format!("{number}-P{payment}");
        let url = format!("{}/sandbox/midtrans/v2/{reference}/refund", self.simulators.base());
        body["refund_key"] = json!(format!("{reference}-{status}"));
        let request = self.http.post(url).basic_auth(SERVER_KEY, Some("")).json(&body);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!((&answer["status_code"], &answer["transaction_status"]), (&json!("200"), &json!(status)));
        let started = Instant::now();
        loop {
            let file = self.file(number).await;
            if file["payments"][payment - 1]["state"] == state {
                return;
            }
            patience(started, &format!("{state} in {file:#}"));
            nap().await;
        }
    }

    /// A paid order of which the supplier has not decided.
    async fn undecided(&self) -> String {
        self.script("pending", json!({})).await;
        let number = self.placed("one", json!({"buyer": "budi"})).await;
        self.payable(&number).await;
        number
    }

    /// What an order has put on an account; positive is a debit.
    pub(super) async fn stands(&self, number: &str, account: &str) -> i64 {
        let file = self.file(number).await;
        let lines = file["ledger"].as_array().unwrap();
        lines.iter().filter(|l| l["account"] == account).map(|l| l["amount"].as_i64().unwrap()).sum()
    }
}

#[tokio::test]
async fn what_is_delivered_after_its_money_was_taken_back_is_a_loss_on_sqlite() {
    delivered_after_taken_back(Rows::Sqlite).await;
}

#[tokio::test]
async fn what_is_delivered_after_its_money_was_taken_back_is_a_loss_on_postgres() {
    delivered_after_taken_back(Rows::postgres().await).await;
}

async fn delivered_after_taken_back(rows: Rows) {
    let world = World::open(rows).await;
    let stock = world.stock("ML", "ML_86").await;
    let number = world.undecided().await;
    let attempt = format!("{number}-F1");
    world.paid(&number).await;
    world.supplier_asked(&attempt, 1).await;
    world.given_back(&number, 1).await;
    assert_eq!(world.order(&number).await.unwrap()["state"], "fulfilling", "the supplier may deliver");
    assert!(world.alert("payment_taken_back", &number).await);
    world.assert_proofs().await;
    world.supplier_says(&attempt, "Sukses", "00").await;
    world.until(&number, "delivered").await;
    assert_eq!(world.stands(&number, "loss:chargeback").await, 20_000);
    assert_eq!(world.stands(&number, "revenue").await, -20_000);
    assert_eq!(world.stands(&number, "gateway:midtrans").await, -400, "the fee, and nothing else");
    assert_eq!(world.wallet_change(&number).await, 0);
    world.assert_proofs().await;
    // The supplier takes it back: the buyer has the money already, and nothing is lost.
    world.supplier_says(&attempt, "Gagal", "74").await;
    world.until(&number, "cancelled").await;
    let order = world.until_told(&number, "message:taken_back").await;
    let page = world.http.get(order["payment"]["pay_url"].as_str().unwrap()).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("Pemasok menarik kembali produknya"));
    for account in ["loss:chargeback", "revenue", "escrow", "cost"] {
        assert_eq!(world.stands(&number, account).await, 0, "{account}");
    }
    assert_eq!(world.wallet_change(&number).await, 0);
    assert_eq!(world.stock("ML", "ML_86").await, stock);
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_duplicate_that_the_owner_gives_back_does_not_cost_the_buyer_the_refund_of_the_first() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.undecided().await;
    let (status, order) = world.pay_by(&number, "gopay_link").await;
    assert_eq!(status, StatusCode::OK, "{order:#}");
    world.payable(&number).await;
    // The buyer pays with the old code, which pays the order, and with the new one all the same.
    world.paid_late(&format!("{number}-P1")).await;
    world.supplier_asked(&format!("{number}-F1"), 1).await;
    world.paid_late(&format!("{number}-P2")).await;
    world.until_told(&number, "message:credited").await;
    world.given_back(&number, 2).await;
    assert_eq!(world.wallet_change(&number).await, 0, "the credit leaves the wallet again");
    assert_eq!(world.stands(&number, "loss:chargeback").await, 0);
    assert!(world.alert("payment_taken_back", &format!("{number}-P2")).await);
    let order = world.until_told(&number, "message:credit_less").await;
    let page = world.http.get(order["payment"]["pay_url"].as_str().unwrap()).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("Rp 20.000 diambil lagi dari saldo Anda"));
    assert_eq!(world.order(&number).await.unwrap()["state"], "fulfilling");
    world.assert_proofs().await;
    world.supplier_says(&format!("{number}-F1"), "Gagal", "54").await;
    world.until(&number, "refunded").await;
    assert_eq!(world.wallet_change(&number).await, 20_000, "the refund of the first");
    assert_eq!(world.stands(&number, "escrow").await, 0);
    world.spend_wallet("budi", json!({})).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn credit_that_was_spent_when_its_money_goes_back_is_a_loss_of_what_is_not_there_on_sqlite() {
    spent_before(Rows::Sqlite).await;
}

#[tokio::test]
async fn credit_that_was_spent_when_its_money_goes_back_is_a_loss_of_what_is_not_there_on_postgres() {
    spent_before(Rows::postgres().await).await;
}

async fn spent_before(rows: Rows) {
    let world = World::open(rows).await;
    let number = world.placed("one", json!({"buyer": "budi"})).await;
    world.payable(&number).await;
    let (status, order) = world.pay_by(&number, "gopay_link").await;
    assert_eq!(status, StatusCode::OK, "{order:#}");
    world.payable(&number).await;
    world.paid_late(&format!("{number}-P1")).await;
    world.until(&number, "delivered").await;
    world.paid_late(&format!("{number}-P2")).await;
    world.until_told(&number, "message:credited").await;
    assert_eq!(world.wallet_change(&number).await, 20_000);
    world.spend_wallet("budi", json!({})).await;
    // A part of it, and then all: nothing is in the wallet any more, and nobody owes the shop by it.
    for (part, lost) in [(Some(5_000), 5_000), (None, 20_000)] {
        match part {
            Some(part) => world.partly_given_back(&number, 2, part).await,
            None => world.given_back(&number, 2).await,
        }
        assert_eq!(world.stands(&number, "loss:chargeback").await, lost);
        assert_eq!(world.wallet_change(&number).await, 20_000, "what was spent stays spent");
        world.assert_proofs().await;
    }
    assert_eq!(world.order(&number).await.unwrap()["state"], "delivered");
}

#[tokio::test]
async fn an_odd_amount_that_was_credited_and_is_given_back_leaves_the_wallet_again() {
    let world = World::open(Rows::Sqlite).await;
    world.fault("midtrans", "impose_fee", json!({})).await;
    let number = world.placed("one", json!({"buyer": "budi"})).await;
    world.payable(&number).await;
    let (status, order) = world.pay_by(&number, "dana_qr").await;
    assert_eq!(status, StatusCode::OK, "{order:#}");
    world.payable(&number).await;
    world.paid(&format!("{number}-P2")).await;
    world.until(&number, "delivered").await;
    world.paid_late(&format!("{number}-P1")).await;
    world.until_told(&number, "message:credited").await;
    assert!(world.stands(&number, "suspense").await < 0, "what is more than ours");
    world.given_back(&number, 1).await;
    assert_eq!(world.stands(&number, "loss:chargeback").await, 0);
    assert_eq!(world.wallet_change(&number).await, 0);
    assert_eq!(world.stands(&number, "suspense").await, 0);
    assert_eq!(world.stands(&number, "gateway:midtrans").await, -400, "the fee, and nothing else");
    assert_eq!(world.order(&number).await.unwrap()["state"], "delivered");
    world.assert_proofs().await;
}

#[tokio::test]
async fn of_money_that_the_owner_gave_back_in_part_a_person_refunds_the_rest_on_sqlite() {
    partly_given_back(Rows::Sqlite).await;
}

#[tokio::test]
async fn of_money_that_the_owner_gave_back_in_part_a_person_refunds_the_rest_on_postgres() {
    partly_given_back(Rows::postgres().await).await;
}

async fn partly_given_back(rows: Rows) {
    let world = World::open(rows).await;
    let number = world.undecided().await;
    world.paid(&number).await;
    world.supplier_asked(&format!("{number}-F1"), 1).await;
    world.partly_given_back(&number, 1, 12_000).await;
    assert_eq!(world.order(&number).await.unwrap()["state"], "fulfilling", "the supplier may deliver");
    world.supplier_says(&format!("{number}-F1"), "Gagal", "54").await;
    let order = world.until(&number, "needs_attention").await;
    assert_eq!(order["attention"], "partly_refunded");
    assert!(world.alert("order_needs_attention", &number).await);
    assert_eq!(world.wallet_change(&number).await, 0, "nothing is credited by itself");
    let (code, text) = world.command(&["order", "retry", &number]).await;
    assert_ne!(code, Some(0), "{text}");
    world.assert_proofs().await;
    world.staff("refund", &number).await;
    let order = world.until(&number, "refunded").await;
    let lines = order["timeline"].as_array().unwrap();
    assert!(lines.iter().any(|t| t["kind"] == "message:refunded" && t["detail"] == "Rp 8.000"), "{order:#}");
    assert_eq!(world.wallet_change(&number).await, 8_000);
    assert_eq!(world.stands(&number, "escrow").await, 0);
    assert_eq!(world.stands(&number, "gateway:midtrans").await, 20_000 - 12_000 - 400);
    assert!(!world.alert("order_needs_attention", &number).await);
    world.assert_proofs().await;
    // Then all the rest goes back there, too: what the wallet has is lost.
    world.given_back(&number, 1).await;
    assert_eq!(world.stands(&number, "loss:chargeback").await, 8_000);
    assert_eq!(world.stands(&number, "gateway:midtrans").await, -400, "the fee, and nothing else");
    assert_eq!(world.wallet_change(&number).await, 8_000);
    world.assert_proofs().await;
}

//! OVO on the gateway's own page, where one push after the other may be tried; pages that nobody can close;
//! and a gateway that is down while buyers choose.

use super::PAYING_IS_OVER;
use crate::{
    hands::{nap, patience},
    harness::{API_KEY, Rows, World},
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const PHONE: &str = "phone=081234567890";

impl World {
    /// An order that is paid on OVO's page, and the address of the page.
    async fn on_ovos_page(&self, key: &str) -> (String, String) {
        let number = self.placed(key, json!({"payment_method": "ovo_link", "buyer": key})).await;
        let order = self.payable(&number).await;
        let page = order["payment"]["redirect_url"].as_str().expect("a page").to_owned();
        (number, page)
    }

    /// What the buyer does on the gateway's page.
    async fn does(&self, page: &str, action: &str, form: &str) {
        let request = self.http.post(format!("{page}/{action}"));
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        let answer = request.body(form.to_owned()).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{action}: {}", answer.text().await.unwrap());
    }

    /// Lets time pass until the gateway was asked about the order's first payment once more.
    async fn passes(&self, number: &str, seconds: u64) {
        let before = self.requests("midtrans", "/status", &format!("{number}-P1")).await.len();
        self.advance(seconds).await.unwrap();
        self.asked_again(number, before).await;
    }

    /// The state of each try at the gateway, newest first.
    async fn tries(&self, number: &str) -> Vec<String> {
        let books = self.books(number).await;
        let all = books["midtrans"]["transactions"].as_array().unwrap();
        all.iter().map(|t| t["transaction_status"].as_str().unwrap().to_owned()).collect()
    }

    /// Pays the order in another way.
    async fn chosen(&self, number: &str, method: &str) -> (StatusCode, Value) {
        let url = self.url(&format!("/api/v1/orders/{number}/payment"));
        let request = self.http.post(url).bearer_auth(API_KEY).json(&json!({"payment_method": method}));
        let answer = request.send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }
}

async fn tried_again(rows: Rows) {
    let world = World::open(rows).await;
    for how in ["declined", "missed"] {
        let (number, page) = world.on_ovos_page(how).await;
        let until = world.order(&number).await.unwrap()["payment"]["expires_at"].clone();
        world.fault("midtrans", "drop_webhook", json!({"count": 1_000})).await;
        world.does(&page, "ovo", PHONE).await;
        if how == "declined" {
            world.does(&page, "deny", "").await;
        }
        world.passes(&number, 70).await;
        let first = if how == "declined" { "deny" } else { "expire" };
        assert_eq!(world.tries(&number).await, [first]);
        // The page stands as it stood, and until when it did.
        let order = world.order(&number).await.unwrap();
        let payment = &order["payment"];
        assert_eq!((&payment["state"], &payment["expires_at"]), (&json!("open"), &until));
        assert_eq!(payment["redirect_url"], page);
        let shown = world.http.get(order["payment"]["pay_url"].as_str().unwrap()).send().await.unwrap();
        let shown = shown.text().await.unwrap();
        assert!(shown.contains("Bayar di halaman OVO") && !shown.contains("sudah tidak berlaku"), "{shown}");
        // The buyer tries again there, and nothing but asking tells us of the money.
        world.does(&page, "ovo", PHONE).await;
        world.does(&page, "pay", "").await;
        world.advance(70).await.unwrap();
        world.until(&number, "delivered").await;
        assert_eq!(world.tries(&number).await, ["settlement", first]);
        assert_eq!(world.wallet_change(&number).await, 0);
        world.clear_faults().await;
    }
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_declined_or_missed_push_is_tried_again_on_the_page_and_the_money_found_by_asking_on_sqlite() {
    tried_again(Rows::Sqlite).await;
}

#[tokio::test]
async fn a_declined_or_missed_push_is_tried_again_on_the_page_and_the_money_found_by_asking_on_postgres() {
    tried_again(Rows::postgres().await).await;
}

#[tokio::test]
async fn a_page_whose_push_was_declined_is_watched_after_the_buyer_chose_another_way() {
    let world = World::open(Rows::Sqlite).await;
    let (number, page) = world.on_ovos_page("one").await;
    world.fault("midtrans", "drop_webhook", json!({"count": 1_000})).await;
    world.does(&page, "ovo", PHONE).await;
    world.does(&page, "deny", "").await;
    world.passes(&number, 15).await;
    let (status, order) = world.chosen(&number, "gopay_qr").await;
    assert_eq!(status, StatusCode::OK, "{order:#}");
    world.payable(&number).await;
    // Nothing closes that page. Whoever pays on it all the same pays the order.
    world.does(&page, "ovo", PHONE).await;
    world.does(&page, "pay", "").await;
    world.advance(70).await.unwrap();
    world.until(&number, "delivered").await;
    assert_eq!(world.tries(&number).await.iter().filter(|state| *state == "settlement").count(), 1);
    world.assert_proofs().await;
}

#[tokio::test]
async fn the_page_is_over_before_we_are_and_the_buyer_is_told_when() {
    let world = World::open(Rows::Sqlite).await;
    let (number, _) = world.on_ovos_page("one").await;
    let order = world.order(&number).await.unwrap();
    let requests = world.requests("midtrans", "/snap/v1/transactions", &number).await;
    let asked: Value = serde_json::from_str(requests[0]["body"].as_str().unwrap()).unwrap();
    assert_eq!((&asked["page_expiry"]["duration"], &asked["expiry"]), (&json!(13), &Value::Null), "{asked}");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (page, ours) = (text(&order["payment"]["expires_at"]), text(&order["pay_by"]));
    assert!(page < ours, "{page} and {ours}");
    world.assert_proofs().await;
}

async fn late_money_from_a_page(rows: Rows) {
    let world = World::open(rows).await;
    let (used, page) = world.on_ovos_page("used").await;
    world.does(&page, "ovo", PHONE).await;
    let (credited, page) = world.on_ovos_page("credited").await;
    world.does(&page, "ovo", "phone=081234567891").await;
    let (unheard, page) = world.on_ovos_page("unheard").await;
    world.does(&page, "ovo", "phone=081234567892").await;
    world.advance(PAYING_IS_OVER).await.unwrap();
    for number in [&used, &credited, &unheard] {
        world.until(number, "expired").await;
        // The page is closed at its gateway a moment after the order is.
        let started = Instant::now();
        while world.tries(number).await != ["expire"] {
            patience(started, "the end of the page");
            nap().await;
        }
    }
    // While the product is sold as it was, the order goes on.
    world.paid_late(&used).await;
    world.until(&used, "delivered").await;
    // Also when nothing but asking tells of it, hours later.
    world.fault("midtrans", "drop_webhook", json!({"operation": "settlement"})).await;
    world.paid_late(&unheard).await;
    world.advance(5 * 3600).await.unwrap();
    world.until(&unheard, "delivered").await;
    // Else the money is the buyer's store credit.
    world.change_catalog("20000,18000,", "22000,19800,").await;
    world.paid_late(&credited).await;
    let order = world.until_told(&credited, "message:credited").await;
    assert_eq!(order["state"], "expired");
    assert_eq!(world.wallet_change(&credited).await, 20_000);
    let page = world.http.get(order["payment"]["pay_url"].as_str().unwrap()).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("Rp 20.000 dari pembayaran untuk pesanan ini"));
    world.assert_proofs().await;
}

#[tokio::test]
async fn late_money_from_a_page_buys_or_becomes_store_credit_on_sqlite() {
    late_money_from_a_page(Rows::Sqlite).await;
}

#[tokio::test]
async fn late_money_from_a_page_buys_or_becomes_store_credit_on_postgres() {
    late_money_from_a_page(Rows::postgres().await).await;
}

#[tokio::test]
async fn an_outage_of_the_pages_leaves_the_buyer_every_other_way() {
    let world = World::open(Rows::Sqlite).await;
    world.fault("midtrans", "error_500", json!({"operation": "transactions", "count": 1_000})).await;
    let number = world.placed("one", json!({"payment_method": "ovo_link"})).await;
    let pages = async || world.requests("midtrans", "/snap/v1/transactions", &number).await.len();
    let started = Instant::now();
    while pages().await < 2 {
        world.advance(2).await.unwrap();
        patience(started, "the second page");
        nap().await;
    }
    for _ in 0..4 {
        world.advance(20).await.unwrap();
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    assert_eq!(pages().await, 2, "one more by itself, and no more");
    let order = world.order(&number).await.unwrap();
    let page = world.http.get(order["payment"]["pay_url"].as_str().unwrap()).send().await.unwrap();
    let page = page.text().await.unwrap();
    assert!(page.contains("sedang bermasalah") && page.contains("Coba lagi dengan "), "{page}");
    for method in ["gopay_qr", "gopay_link", "dana_qr", "dana_link"] {
        let (status, order) = world.chosen(&number, method).await;
        assert_eq!(status, StatusCode::OK, "{order:#}");
    }
    let (status, refused) = world.chosen(&number, "gopay_qr").await;
    assert_eq!(status, StatusCode::CONFLICT, "who changes too often is told so: {refused:#}");
    world.payable(&number).await;
    world.paid(&number).await;
    world.until(&number, "delivered").await;
    world.assert_proofs().await;
}

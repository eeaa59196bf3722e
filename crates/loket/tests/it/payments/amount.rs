//! Amounts that are not ours: nothing is bought for them, and a person decides.

use crate::{
    hands::{nap, notification, patience},
    harness::{Rows, World},
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test]
async fn an_imposed_fee_calls_a_person_and_never_credits_more_than_our_amount() {
    let world = World::open(Rows::Sqlite).await;
    let mut numbers = Vec::new();
    for buyer in ["budi", "sari"] {
        world.fault("midtrans", "impose_fee", json!({})).await;
        let number = world.placed(buyer, json!({"buyer": buyer})).await;
        world.paid(&number).await;
        let order = world.until(&number, "needs_attention").await;
        assert_eq!(order["attention"], "odd_money");
        assert!(world.alert("amount_mismatch", &number).await);
        assert_eq!(world.books(&number).await["digiflazz"]["transactions"], json!([]));
        numbers.push(number);
    }
    let [accepted, rejected] = [&numbers[0], &numbers[1]];
    world.assert_proofs().await;

    world.staff("approve", accepted).await;
    world.until(accepted, "delivered").await;
    let file = world.file(accepted).await;
    let lines = file["ledger"].as_array().unwrap();
    let paid: Vec<_> = lines
        .iter()
        .filter(|l| l["kind"] == "payment")
        .map(|l| l["amount"].as_i64().unwrap().abs())
        .collect();
    assert_eq!(paid, [20_000, 20_000], "{lines:#?}");
    assert_eq!(world.wallet_change(accepted).await, 0);
    assert!(!world.alert("amount_mismatch", accepted).await);
    let decided =
        file["audit"].as_array().unwrap().iter().any(|a| a["actor"].as_str().unwrap().contains("rina"));
    assert!(decided, "{file:#}");

    world.staff("reject", rejected).await;
    world.until(rejected, "cancelled").await;
    assert_eq!(world.wallet_change(rejected).await, 20_000);
    assert!(!world.alert("amount_mismatch", rejected).await);
    world.spend_wallet("sari", json!({})).await;
    for number in &numbers {
        for action in ["approve", "reject"] {
            let (code, text) = world.command(&["order", action, number]).await;
            assert_ne!(code, Some(0), "{action} a second time: {text}");
        }
    }
    world.assert_proofs().await;
}

impl World {
    /// Waits until what Midtrans opened for the order is closed there, and tells what it is for.
    async fn closed_as_unfit(&self, number: &str) -> i64 {
        let started = Instant::now();
        loop {
            let books = self.books(number).await;
            let there = &books["midtrans"]["transactions"][0];
            if there["transaction_status"] == "cancel" {
                return there["gross_amount"].as_i64().unwrap();
            }
            patience(started, &format!("the payment to be closed: {books:#}"));
            nap().await;
        }
    }

    /// The order's pay page, in English.
    async fn page_of(&self, number: &str) -> String {
        let url = self.order(number).await.unwrap()["payment"]["pay_url"].as_str().unwrap().to_owned();
        self.http.get(&url).header("Accept-Language", "en").send().await.unwrap().text().await.unwrap()
    }

    async fn unfit_alerts(&self) -> Vec<String> {
        let alerts = self.printed(&["alerts", "--json"]).await;
        let of_kind = alerts.as_array().unwrap().iter().filter(|a| a["kind"] == "payment_unfit");
        of_kind.map(|a| a["subject"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn a_code_with_a_fee_on_top_is_shown_to_nobody_closed_and_reported_once_on_sqlite() {
    fee_in_the_code(Rows::Sqlite).await;
}

#[tokio::test]
async fn a_code_with_a_fee_on_top_is_shown_to_nobody_closed_and_reported_once_on_postgres() {
    fee_in_the_code(Rows::postgres().await).await;
}

async fn fee_in_the_code(rows: Rows) {
    let world = World::open(rows).await;
    // The fee is in all that the buyer pays by, and the link is the app's own.
    world.fault("midtrans", "app_deep_link", json!({"count": 100})).await;
    world.fault("midtrans", "impose_fee", json!({"operation": "code", "count": 100})).await;
    // Nobody but Midtrans collects by these.
    let mut last = String::new();
    for (buyer, method) in [("a", "gopay_link"), ("b", "gopay_qr"), ("c", "gopay_qr")] {
        let number = world.placed(buyer, json!({"buyer": buyer, "payment_method": method})).await;
        assert_eq!(world.closed_as_unfit(&number).await, 20_141, "{method}: with the fee");
        let order = world.until_payment(&number, "cancelled").await;
        assert_eq!(order["state"], "awaiting_payment", "{order:#}");
        for field in ["qr_string", "qr_image_url", "deep_link", "redirect_url"] {
            assert!(order["payment"][field].is_null(), "{method} {field}: {order:#}");
        }
        let page = world.page_of(&number).await;
        assert!(page.contains("This way to pay does not work right now"), "{page}");
        assert!(!page.contains("gojek:") && !page.contains("20141") && !page.contains("/qr.png"), "{page}");
        last = number;
    }
    assert_eq!(world.unfit_alerts().await, ["midtrans/gopay_link", "midtrans/gopay_qr"]);
    // The owner switches the fee off: the same way works again, and the alert about it closes.
    world.clear_faults().await;
    let (status, order) = world.pay_by(&last, "gopay_qr").await;
    assert_eq!(status, StatusCode::OK, "{order:#}");
    world.payable(&last).await;
    let shown = world.order(&last).await.unwrap()["payment"]["qr_string"].as_str().unwrap().to_owned();
    world.paid(&shown).await;
    world.until(&last, "delivered").await;
    assert_eq!(world.unfit_alerts().await, ["midtrans/gopay_link"]);
    world.assert_proofs().await;
}

#[tokio::test]
async fn what_midtrans_puts_a_fee_on_is_collected_by_the_next_gateway_after_it_was_closed() {
    let world = World::open(Rows::Sqlite).await;
    world.fault("midtrans", "impose_fee", json!({"operation": "code", "count": 100})).await;
    for (buyer, method) in [("a", "qris"), ("b", "va_bca"), ("c", "ovo_push")] {
        let mut wish = json!({"buyer": buyer, "payment_method": method});
        if method == "ovo_push" {
            wish["phone"] = json!("081234567890");
        }
        let number = world.placed(buyer, wish).await;
        world.closed_as_unfit(&number).await;
        let started = Instant::now();
        let there = loop {
            let books = world.books(&number).await;
            if let Some(there) = books["dana"]["transactions"].as_array().unwrap().first() {
                break there.clone();
            }
            patience(started, &format!("{method} over DANA: {books:#}"));
            nap().await;
        };
        assert_eq!(there["amount"], 20_000, "{there:#}");
        world.payable(&number).await;
        world.paid(there["partner_reference_no"].as_str().unwrap()).await;
        world.until(&number, "delivered").await;
        assert_eq!(world.wallet_change(&number).await, 0);
    }
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_rupiah_more_or_less_than_ours_never_pays_the_order() {
    let world = World::open(Rows::Sqlite).await;
    for (failed_before, amount) in [19_999, 20_001].into_iter().enumerate() {
        let buyer = format!("buyer-{amount}");
        world.fault("midtrans", "error_500", json!({"operation": "charge"})).await;
        // Between our charge that failed and the next one, the reference is taken with another amount.
        let placing = world.placed(&buyer, json!({"buyer": buyer}));
        let stealing = async {
            let started = Instant::now();
            let reference = loop {
                let charges = world.requests("midtrans", "/v2/charge", "").await;
                let failed = charges.iter().filter(|c| c["fault"] == "error_500").nth(failed_before);
                if let Some(failed) = failed {
                    let body: Value = serde_json::from_str(failed["body"].as_str().unwrap()).unwrap();
                    break body["transaction_details"]["order_id"].as_str().unwrap().to_owned();
                }
                patience(started, "the first charge");
                tokio::time::sleep(Duration::from_millis(20)).await;
            };
            world.charge_beside(&reference, amount).await;
        };
        let (number, ()) = tokio::join!(placing, stealing);
        // Nobody is shown how to pay it, and it is closed; somebody pays it all the same.
        world.closed_as_unfit(&number).await;
        world.paid_late(&number).await;
        let reference = world.file(&number).await["payments"][0]["reference"].as_str().unwrap().to_owned();
        let told = notification(&reference, "200", &format!("{amount}.00"), "settlement").to_string();
        let (status, answer) = world.webhook("midtrans", None, &told).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        let order = world.until(&number, "needs_attention").await;
        assert_eq!(order["attention"], "odd_money");
        world.staff("reject", &number).await;
        world.until(&number, "cancelled").await;
        assert_eq!(world.wallet_change(&number).await, amount.min(20_000));
        assert_eq!(world.books(&number).await["digiflazz"]["transactions"], json!([]));
    }
    world.assert_proofs().await;
}

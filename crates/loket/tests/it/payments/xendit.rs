//! OVO by push and DANA by page over Xendit (`contracts/payments.md` §3): whole purchases, and what a party
//! does whose callbacks are not signed, whose answers get lost and who finds out late.

use super::PAYING_IS_OVER;
use crate::{
    hands::{nap, patience},
    harness::{Rows, World},
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const TOKEN: &str = "loket-sandbox-callback-token";

/// A shop that pays OVO and DANA over Xendit: it has no account at DANA, and Xendit keeps less than Midtrans.
pub(super) async fn over_xendit(rows: Rows) -> World {
    let mut world = World::announced(rows).await;
    let base = format!("{}/sandbox/xendit", world.simulators.base());
    world.configure("LOKET_XENDIT__BASE_URL", &base);
    world.configure("LOKET_DANA__BASE_URL", "");
    world.configure("LOKET_RULES__FEES", "xendit.ovo_push=1%");
    world.open_shop(&[]).await.unwrap();
    world
}

fn push() -> Value {
    json!({"payment_method": "ovo_push", "phone": "081234567890"})
}

fn link() -> Value {
    json!({"payment_method": "dana_link"})
}

impl World {
    /// What Xendit holds of an order.
    async fn at_xendit(&self, number: &str) -> Vec<Value> {
        self.books(number).await["xendit"]["transactions"].as_array().unwrap().clone()
    }

    /// Xendit was paid once for the order, nobody else was, and it was delivered once.
    async fn assert_paid_over_xendit_once(&self, number: &str) {
        let books = self.books(number).await;
        let paid: Vec<i64> = books["xendit"]["transactions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|t| t["times_paid"].as_i64().unwrap())
            .collect();
        assert_eq!(paid, [1], "{books:#}");
        for other in ["midtrans", "dana"] {
            assert_eq!(books[other]["transactions"], json!([]), "{other}");
        }
        let delivered: i64 = books["digiflazz"]["transactions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|t| t["deliveries"].as_i64().unwrap())
            .sum();
        assert_eq!(delivered, 1, "{books:#}");
    }

    /// Sends the shop a callback with this token.
    async fn callback(&self, token: Option<&str>, body: &str) -> StatusCode {
        let mut request = self.http.post(self.url("/webhooks/xendit")).body(body.to_owned());
        if let Some(token) = token {
            request = request.header("X-Callback-Token", token);
        }
        request.header("Content-Type", "application/json").send().await.unwrap().status()
    }

    /// How often Xendit was asked how a payment of the order stands.
    async fn asked_xendit(&self, id: &str) -> usize {
        self.requests("xendit", &format!("/payment_requests/{id}"), "").await.len()
    }

    /// Waits until Xendit was asked once more.
    async fn until_xendit_asked(&self, id: &str, before: usize) {
        let started = Instant::now();
        while self.asked_xendit(id).await <= before {
            patience(started, "a question to Xendit");
            nap().await;
        }
    }
}

/// What somebody with the right token may claim.
fn claim(reference: &str, event: &str, status: &str, amount: impl Into<Value>) -> String {
    let amount: Value = amount.into();
    json!({
        "event": event, "business_id": "b", "created": "2026-11-22T05:00:31.000Z",
        "data": {"id": "py-1", "payment_request_id": "pr-1", "reference_id": reference, "currency": "IDR",
                 "amount": amount, "status": status},
    })
    .to_string()
}

#[tokio::test]
async fn whole_purchases_by_push_and_by_page_over_xendit_on_sqlite() {
    whole_purchases(Rows::Sqlite).await;
}

#[tokio::test]
async fn whole_purchases_by_push_and_by_page_over_xendit_on_postgres() {
    whole_purchases(Rows::postgres().await).await;
}

async fn whole_purchases(rows: Rows) {
    let world = over_xendit(rows).await;
    for (key, wish) in [("push", push()), ("page", link())] {
        let number = world.placed(key, wish).await;
        let order = world.payable(&number).await;
        let page = order["payment"]["redirect_url"].as_str();
        assert_eq!(page.is_some(), key == "page", "{order:#}");
        if let Some(page) = page {
            let shown = world.http.get(page).send().await.unwrap().text().await.unwrap();
            assert!(shown.contains("bukan DANA sungguhan") && shown.contains(&number), "{shown}");
        }
        world.paid(&number).await;
        let webhook = world.webhook_tried("xendit", &number, "succeeded").await;
        assert_eq!(webhook["attempts"][0]["status"], 200, "{webhook:#}");
        let order = world.until(&number, "delivered").await;
        assert_eq!(order["payment"]["state"], "settled");
        world.assert_paid_over_xendit_once(&number).await;
        let books = world.at_xendit(&number).await;
        let expected = if key == "push" { ("OVO", json!("+6281234567890")) } else { ("DANA", json!(null)) };
        assert_eq!(
            (books[0]["channel_code"].as_str().unwrap(), &books[0]["mobile_number"]),
            (expected.0, &expected.1)
        );
        assert_eq!(world.wallet_change(&number).await, 0);
    }
    // What a row of the inbox holds lets nobody send callbacks.
    let db = world.database().await;
    let kept: Vec<String> =
        database::sql!("SELECT headers FROM webhook_inbox WHERE source = 'xendit' AND verdict = 'believed'")
            .query()
            .all(&mut db.read("test.inbox").await.unwrap())
            .await
            .unwrap();
    assert!(
        !kept.is_empty()
            && kept.iter().all(|headers| headers.contains("\"sealed:v1.") && !headers.contains(TOKEN)),
        "{kept:?}"
    );
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_declined_push_leaves_the_order_payable_and_one_that_nobody_accepts_too() {
    let world = over_xendit(Rows::Sqlite).await;
    for (key, outcome, state) in [("declined", "deny", "denied"), ("missed", "expire", "expired")] {
        let number = world
            .placed(key, json!({"payment_method": "ovo_push", "phone": "081234567890", "buyer": key}))
            .await;
        world.payable(&number).await;
        assert_eq!(world.pay(&number, outcome).await.0, StatusCode::OK);
        world.advance(75).await.unwrap();
        let order = world.until_payment(&number, state).await;
        assert_eq!(order["state"], "awaiting_payment", "{key}");
    }
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_callback_without_our_token_is_refused_and_the_money_found_by_asking() {
    let world = over_xendit(Rows::Sqlite).await;
    for fault in ["forge_signature", "missing_signature", "drop_webhook"] {
        world.fault("xendit", fault, json!({"operation": "succeeded"})).await;
        let number = world
            .placed(fault, json!({"payment_method": "ovo_push", "phone": "081234567890", "buyer": fault}))
            .await;
        world.payable(&number).await;
        world.paid(&number).await;
        if fault != "drop_webhook" {
            let webhook = world.webhook_tried("xendit", &number, "succeeded").await;
            assert_eq!(webhook["attempts"][0]["status"], 401, "{fault}");
        }
        world.advance(20).await.unwrap();
        world.until(&number, "delivered").await;
        world.assert_paid_over_xendit_once(&number).await;
    }
    for token in [None, Some(""), Some("loket-sandbox-callback-toke"), Some("loket-sandbox-callback-token ,")]
    {
        let body = claim("LK0000000000-P1", "payment.succeeded", "SUCCEEDED", json!(20_000));
        assert_eq!(world.callback(token, &body).await, StatusCode::UNAUTHORIZED, "{token:?}");
    }
    world.assert_proofs().await;
}

/// The trap of a body that nobody signs: the token is right, and the words are somebody else's.
#[tokio::test]
async fn a_callback_with_our_token_pays_nothing_that_xendit_does_not_confirm() {
    let world = over_xendit(Rows::Sqlite).await;
    let number = world.placed("one", link()).await;
    world.payable(&number).await;
    let (reference, id) =
        (format!("{number}-P1"), world.at_xendit(&number).await[0]["id"].as_str().unwrap().to_owned());
    for body in [
        claim(&reference, "payment.succeeded", "SUCCEEDED", json!(20_000)),
        claim(&reference, "payment.succeeded", "SUCCEEDED", json!("20000")),
        claim(&reference, "payment.capture", "SUCCEEDED", json!(1)),
        claim(&reference, "ewallet.capture", "SUCCEEDED", json!(20_000)),
        claim(&reference, "payment.failed", "FAILED", json!(20_000)),
        claim(&reference, "refund.succeeded", "SUCCEEDED", json!(20_000)),
    ] {
        let before = world.asked_xendit(&id).await;
        assert_eq!(world.callback(Some(TOKEN), &body).await, StatusCode::OK);
        world.until_xendit_asked(&id, before).await;
        let order = world.order(&number).await.unwrap();
        assert_eq!(
            (&order["state"], &order["payment"]["state"]),
            (&json!("awaiting_payment"), &json!("open")),
            "{body}"
        );
    }
    // About nothing of ours: taken, and without effect.
    let other = claim("LK0000000000-P1", "payment.succeeded", "SUCCEEDED", json!(20_000));
    assert_eq!(world.callback(Some(TOKEN), &other).await, StatusCode::OK);
    for nonsense in ["", "[]", "{}", r#"{"data":{"reference_id":7}}"#] {
        assert_eq!(world.callback(Some(TOKEN), nonsense).await, StatusCode::BAD_REQUEST, "{nonsense}");
    }
    world.paid(&number).await;
    world.until(&number, "delivered").await;
    // The genuine one again, and old claims after it: nothing is bought twice.
    let genuine =
        world.webhook_tried("xendit", &number, "succeeded").await["body"].as_str().unwrap().to_owned();
    for body in [genuine.clone(), genuine, claim(&reference, "payment.failed", "FAILED", json!(20_000))] {
        assert_eq!(world.callback(Some(TOKEN), &body).await, StatusCode::OK);
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(world.until(&number, "delivered").await["payment"]["state"], "settled");
    world.assert_paid_over_xendit_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn doubled_and_late_callbacks_buy_once() {
    let world = over_xendit(Rows::Sqlite).await;
    world.fault("xendit", "duplicate_webhook", json!({"operation": "succeeded"})).await;
    let doubled = world.placed("doubled", json!({"payment_method": "dana_link", "buyer": "a"})).await;
    world.payable(&doubled).await;
    world.paid(&doubled).await;
    world.until(&doubled, "delivered").await;
    world.fault("xendit", "delay_webhook", json!({"operation": "succeeded", "delay_ms": 600_000})).await;
    let late = world.placed("late", json!({"payment_method": "dana_link", "buyer": "b"})).await;
    world.payable(&late).await;
    world.paid(&late).await;
    world.advance(20).await.unwrap();
    world.until(&late, "delivered").await;
    world.advance(600).await.unwrap();
    let webhook = world.webhook_tried("xendit", &late, "succeeded").await;
    assert_eq!(webhook["attempts"][0]["status"], 200);
    for number in [&doubled, &late] {
        world.assert_paid_over_xendit_once(number).await;
    }
    world.assert_proofs().await;
}

#[tokio::test]
async fn while_the_token_is_changed_callbacks_with_either_are_heard() {
    let mut world = World::announced(Rows::Sqlite).await;
    let base = format!("{}/sandbox/xendit", world.simulators.base());
    for (name, value) in [
        ("LOKET_XENDIT__BASE_URL", base.as_str()),
        ("LOKET_DANA__BASE_URL", ""),
        ("LOKET_XENDIT__CALLBACK_TOKEN", "the-token-of-tomorrow"),
        ("LOKET_XENDIT__PREVIOUS_CALLBACK_TOKEN", TOKEN),
    ] {
        world.configure(name, value);
    }
    world.open_shop(&[]).await.unwrap();
    let number = world.placed("one", link()).await;
    world.payable(&number).await;
    world.paid(&number).await;
    assert_eq!(world.webhook_tried("xendit", &number, "succeeded").await["attempts"][0]["status"], 200);
    world.until(&number, "delivered").await;
    let body = claim(&format!("{number}-P1"), "payment.succeeded", "SUCCEEDED", json!(20_000));
    for (token, status) in [
        ("the-token-of-tomorrow", StatusCode::OK),
        (TOKEN, StatusCode::OK),
        ("another", StatusCode::UNAUTHORIZED),
    ] {
        assert_eq!(world.callback(Some(token), &body).await, status, "{token}");
    }
    world.assert_paid_over_xendit_once(&number).await;
}

#[tokio::test]
async fn a_push_whose_answer_is_lost_is_adopted_and_the_buyer_pushed_once_on_sqlite() {
    lost(Rows::Sqlite).await;
}

#[tokio::test]
async fn a_push_whose_answer_is_lost_is_adopted_and_the_buyer_pushed_once_on_postgres() {
    lost(Rows::postgres().await).await;
}

async fn lost(rows: Rows) {
    let world = over_xendit(rows).await;
    // An odd count spoils the JSON, the last one answers HTML; a held answer is given up by us.
    for (fault, more) in [
        ("garbage", json!({"operation": "create", "count": 1})),
        ("garbage", json!({"operation": "create", "count": 2})),
        ("timeout_after_effect", json!({"operation": "create", "delay_ms": 17_000})),
    ] {
        let label = format!("{fault} {more}");
        world.fault("xendit", fault, more).await;
        let number = world.placed(&label.replace(' ', ""), push()).await;
        world.paid(&number).await;
        world.until(&number, "delivered").await;
        world.clear_faults().await;
        let creations = world.requests("xendit", "/payment_requests", &number).await;
        let creations = creations.iter().filter(|request| request["method"] == "POST").count();
        assert_eq!((creations, world.at_xendit(&number).await.len()), (1, 1), "{label}");
        world.assert_paid_over_xendit_once(&number).await;
    }
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_charge_that_never_arrived_is_sent_again_under_its_key_and_makes_one_request() {
    let world = over_xendit(Rows::Sqlite).await;
    for fault in ["error_500", "redirect", "timeout"] {
        world.fault("xendit", fault, json!({"operation": "create", "count": 1, "delay_ms": 1_000})).await;
        let number = world.placed(fault, json!({"payment_method": "dana_link", "buyer": fault})).await;
        world.payable(&number).await;
        let sent = world.requests("xendit", "/payment_requests", &number).await;
        let keys: Vec<&Value> =
            sent.iter().filter(|r| r["method"] == "POST").map(|r| &r["headers"]["idempotency-key"]).collect();
        assert_eq!(keys, [&json!(format!("{number}-P1")), &json!(format!("{number}-P1"))], "{fault}");
        world.paid(&number).await;
        world.until(&number, "delivered").await;
        world.assert_paid_over_xendit_once(&number).await;
    }
    world.assert_proofs().await;
}

/// The request stays expired although it was paid: only its payment tells.
#[tokio::test]
async fn money_that_xendit_finds_after_the_end_is_used_by_callback_or_by_asking() {
    let world = over_xendit(Rows::Sqlite).await;
    for heard in [true, false] {
        let buyer = if heard { "heard" } else { "unheard" };
        if !heard {
            world.fault("xendit", "drop_webhook", json!({"operation": "succeeded"})).await;
        }
        let number = world
            .placed(buyer, json!({"payment_method": "ovo_push", "phone": "081234567890", "buyer": buyer}))
            .await;
        world.payable(&number).await;
        world.advance(PAYING_IS_OVER).await.unwrap();
        world.until(&number, "expired").await;
        world.until_payment(&number, "expired").await;
        world.paid_late(&number).await;
        assert_eq!(world.at_xendit(&number).await[0]["status"], "EXPIRED");
        if !heard {
            // Nobody tells: it is found by asking now and then.
            world.advance(4 * 3_600 + 60).await.unwrap();
        }
        world.until(&number, "delivered").await;
        world.assert_paid_over_xendit_once(&number).await;
    }
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_page_that_nobody_wants_any_more_is_closed_at_xendit() {
    let world = over_xendit(Rows::Sqlite).await;
    let number = world.placed("one", link()).await;
    let page = world.payable(&number).await["payment"]["redirect_url"].as_str().unwrap().to_owned();
    world.advance(PAYING_IS_OVER).await.unwrap();
    world.until(&number, "expired").await;
    world.until_payment(&number, "expired").await;
    assert_eq!(world.at_xendit(&number).await[0]["status"], "EXPIRED", "long before its own end");
    let shown = world.http.get(page).send().await.unwrap().text().await.unwrap();
    assert!(shown.contains("Waktu pembayaran sudah habis."), "{shown}");
    world.assert_proofs().await;
}

#[tokio::test]
async fn an_unknown_word_of_xendits_pays_nothing_and_calls_a_person() {
    let world = over_xendit(Rows::Sqlite).await;
    let number = world.placed("one", link()).await;
    world.payable(&number).await;
    world.fault("xendit", "drop_webhook", json!({"count": 100})).await;
    world.fault("xendit", "unknown_status", json!({"operation": "status", "count": 1})).await;
    world.paid(&number).await;
    world.advance(12).await.unwrap();
    let started = Instant::now();
    while !world.alert("unknown_word", "xendit").await {
        patience(started, "the alert");
        nap().await;
    }
    world.advance(60).await.unwrap();
    world.until(&number, "delivered").await;
    world.assert_paid_over_xendit_once(&number).await;
    world.assert_proofs().await;
}

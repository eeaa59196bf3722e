//! What failed and was paid over Xendit goes back through it, where its generation v2 gives back at all
//! (`contracts/payments.md` §3.4, §3.7): DANA's balance does, a push to OVO that was paid once does not. It takes a
//! while, a callback that nobody signs tells of the end, and nothing goes back twice.

use crate::{
    hands::{nap, patience, told},
    harness::{Rows, World},
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::Instant;

const TOKEN: &str = "loket-sandbox-callback-token";
const KEY: &str = "xnd_development_loket";

/// A shop that gives back to the source by itself, and collects OVO and DANA over Xendit.
async fn over_xendit(rows: Rows) -> World {
    let mut world = World::announced(rows).await;
    let base = format!("{}/sandbox/xendit", world.simulators.base());
    for (name, value) in [
        ("LOKET_XENDIT__BASE_URL", base.as_str()),
        ("LOKET_DANA__BASE_URL", ""),
        ("LOKET_RULES__FEES", "xendit.ovo_push=1%"),
        ("LOKET_REFUNDS__AUTOMATIC", "source"),
    ] {
        world.configure(name, value);
    }
    world.open_shop(&[]).await.unwrap();
    world
}

fn link() -> Value {
    json!({"payment_method": "dana_link"})
}

impl World {
    /// The one charge of the order in Xendit's books.
    async fn charge_at_xendit(&self, number: &str) -> Value {
        let books = self.books(number).await;
        let charges = books["xendit"]["transactions"].as_array().unwrap();
        assert_eq!(charges.len(), 1, "{books:#}");
        charges[0].clone()
    }

    /// How much Xendit has given back of the order, and how many refunds it was ever asked for.
    async fn back_at_xendit(&self, number: &str) -> (i64, usize) {
        let charge = self.charge_at_xendit(number).await;
        (charge["refunded"].as_i64().unwrap(), charge["refunds"].as_array().unwrap().len())
    }

    /// The requests that asked Xendit to give something of the order back.
    async fn refunds_sent(&self, number: &str) -> Vec<Value> {
        let sent = self.requests("xendit", "/refunds", &format!("{number}-R")).await;
        sent.into_iter().filter(|request| request["method"] == "POST").collect()
    }

    /// Waits for the end of a refund of the order, half a minute of business time at a time.
    async fn refund_ends(&self, number: &str) -> Value {
        let started = Instant::now();
        loop {
            let order = self.order(number).await.unwrap();
            if order["state"] == "refunded" {
                return order;
            }
            patience(started, &format!("the end of the refund of {order:#}"));
            self.advance(31).await.unwrap();
            for _ in 0..8 {
                nap().await;
            }
        }
    }

    /// The buyer has the money where it came from, once, and nothing beside it.
    async fn assert_went_back_once(&self, number: &str) {
        assert_eq!(self.back_at_xendit(number).await, (20_000, 1));
        assert_eq!(self.wallet_change(number).await, 0);
        for account in ["escrow", "refunding:xendit", "revenue"] {
            assert_eq!(self.account(number, account).await, 0, "{account}");
        }
        let books = self.books(number).await;
        assert_eq!(books["digiflazz"]["transactions"][0]["deliveries"], 0, "{books:#}");
        self.assert_proofs().await;
    }

    /// Sends the shop a callback about a refund, with the right token.
    async fn refund_callback(&self, reference: &str, event: &str, status: &str) {
        let body = json!({
            "event": event, "business_id": "b", "created": "2026-11-22T05:00:31.000Z",
            "data": {"id": "rfd-1", "payment_request_id": "pr-1", "reference_id": reference, "currency": "IDR",
                     "amount": 20_000, "status": status, "failure_code": null},
        });
        let request = self.http.post(self.url("/webhooks/xendit")).header("X-Callback-Token", TOKEN);
        assert_eq!(request.json(&body).send().await.unwrap().status(), StatusCode::OK, "{body}");
    }

    /// Waits until Xendit was asked once more how a refund stands than it was before.
    async fn asked_of_refunds(&self, before: usize) {
        let started = Instant::now();
        while self.refund_questions().await <= before {
            patience(started, "a question about a refund");
            nap().await;
        }
    }

    async fn refund_questions(&self) -> usize {
        let asked = self.requests("xendit", "/refunds", "").await;
        asked.iter().filter(|request| request["method"] == "GET").count()
    }
}

#[tokio::test]
async fn what_failed_goes_back_to_dana_over_xendit_once_and_is_told_truly_on_sqlite() {
    whole(Rows::Sqlite).await;
}

#[tokio::test]
async fn what_failed_goes_back_to_dana_over_xendit_once_and_is_told_truly_on_postgres() {
    whole(Rows::postgres().await).await;
}

async fn whole(rows: Rows) {
    let world = over_xendit(rows).await;
    let number = world.failed(link()).await;
    world.until_refund(&number, 1, "pending").await;
    let order = world.order(&number).await.unwrap();
    assert_eq!(order["state"], "refunding", "it is on its way: {order:#}");
    assert!(told(&order, "message:refund_sent") && !told(&order, "message:refund_arrived"), "{order:#}");
    assert_eq!(world.back_at_xendit(&number).await, (0, 1));
    world.assert_proofs().await;
    // It is done, and the callback brings the question before we ask by ourselves.
    world.advance(31).await.unwrap();
    let webhook = world.webhook_tried("xendit", &number, "refunded").await;
    assert_eq!(webhook["attempts"][0]["status"], 200, "{webhook:#}");
    let order = world.until(&number, "refunded").await;
    assert!(told(&order, "message:refund_arrived") && !told(&order, "message:refunded"), "{order:#}");
    let file = world.file(&number).await;
    assert_eq!(
        (&file["refunds"][0]["state"], &file["refunds"][0]["reference"], &file["payments"][0]["state"]),
        (&json!("done"), &json!(format!("{number}-R1")), &json!("refunded"))
    );
    let refund = world.charge_at_xendit(&number).await["refunds"][0].clone();
    assert_eq!(
        (&refund["reference_id"], &refund["status"]),
        (&json!(format!("{number}-R1")), &json!("SUCCEEDED"))
    );
    assert_eq!(world.account(&number, "gateway:xendit").await, -333, "the fee is not given back");
    // Told again and again: it is our own refund, and no news.
    let body = webhook["body"].as_str().unwrap();
    for _ in 0..3 {
        let again = world.http.post(world.url("/webhooks/xendit")).header("X-Callback-Token", TOKEN);
        let again = again.header("Content-Type", "application/json").body(body.to_owned());
        assert_eq!(again.send().await.unwrap().status(), StatusCode::OK);
    }
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    assert!(!world.alert("payment_taken_back", &number).await);
    assert_eq!(world.order(&number).await.unwrap()["state"], "refunded");
    assert_eq!(world.refunds_sent(&number).await.len(), 1);
    world.assert_went_back_once(&number).await;
    let (code, text) = world.command(&["reconcile"]).await;
    assert_eq!(code, Some(0), "{text}");
}

/// One that was paid once cannot go back there: nobody asks for it, and it becomes store credit.
#[tokio::test]
async fn what_came_by_a_push_to_ovo_over_xendit_becomes_store_credit() {
    let world = over_xendit(Rows::Sqlite).await;
    let number = world.failed(json!({"payment_method": "ovo_push", "phone": "081234567890"})).await;
    let order = world.until(&number, "refunded").await;
    assert!(told(&order, "message:refunded") && !told(&order, "message:refund_sent"), "{order:#}");
    assert_eq!(world.charge_at_xendit(&number).await["channel_code"], "OVO");
    assert_eq!((world.wallet_change(&number).await, world.back_at_xendit(&number).await), (20_000, (0, 0)));
    assert!(world.refunds_sent(&number).await.is_empty());
    assert_eq!(world.file(&number).await["refunds"], json!([]));
    // Nor by a person, who is told why.
    let (done, text) = world.refunds(&number, &["--to", "source", "--by", "rina"]).await;
    assert!(!done && text.contains("cannot go back"), "{text}");
    world.assert_proofs().await;
    world.spend_wallet("budi", json!({})).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_refund_over_xendit_whose_answer_is_lost_is_found_and_made_once_on_sqlite() {
    lost(Rows::Sqlite).await;
}

#[tokio::test]
async fn a_refund_over_xendit_whose_answer_is_lost_is_found_and_made_once_on_postgres() {
    lost(Rows::postgres().await).await;
}

async fn lost(rows: Rows) {
    let world = over_xendit(rows).await;
    // Acted on, and answered with JSON that stops half-way.
    world.fault("xendit", "garbage", json!({"operation": "refund"})).await;
    world.fault("xendit", "drop_webhook", json!({"operation": "refunded"})).await;
    let number = world.failed(link()).await;
    let order = world.refund_ends(&number).await;
    assert!(told(&order, "message:refund_arrived"), "{order:#}");
    assert_eq!(world.refunds_sent(&number).await.len(), 1, "it was looked for in their list");
    world.assert_went_back_once(&number).await;
}

#[tokio::test]
async fn a_refund_over_xendit_that_never_arrived_is_sent_again_under_its_key() {
    for fault in ["error_500", "timeout", "rate_limited"] {
        let world = over_xendit(Rows::Sqlite).await;
        world.fault("xendit", fault, json!({"operation": "refund", "count": 2, "delay_ms": 1_000})).await;
        let number = world.failed(link()).await;
        world.refund_ends(&number).await;
        let sent = world.refunds_sent(&number).await;
        let key = json!(format!("{number}-R1"));
        assert_eq!(sent.len(), 3, "{fault}: {sent:#?}");
        assert!(
            sent.iter().all(|request| request["headers"]["idempotency-key"] == key),
            "{fault}: {sent:#?}"
        );
        world.assert_went_back_once(&number).await;
    }
}

#[tokio::test]
async fn xendit_without_our_money_makes_it_store_credit_and_calls_a_person() {
    let world = over_xendit(Rows::Sqlite).await;
    world.fault("xendit", "insufficient_balance", json!({})).await;
    let number = world.failed(link()).await;
    let order = world.until(&number, "refunded").await;
    assert!(told(&order, "message:refund_became_credit"), "{order:#}");
    assert_eq!(world.file(&number).await["refunds"][0]["refusal"], "insufficient_balance");
    assert_eq!((world.wallet_change(&number).await, world.back_at_xendit(&number).await), (20_000, (0, 0)));
    assert!(world.alert("gateway_refuses_us", "xendit").await);
    world.assert_proofs().await;
}

/// Whoever has seen one callback can write any other: neither end is believed before Xendit says it.
#[tokio::test]
async fn a_callback_about_a_refund_ends_nothing_that_xendit_does_not_confirm() {
    let world = over_xendit(Rows::Sqlite).await;
    let number = world.failed(link()).await;
    world.until_refund(&number, 1, "pending").await;
    let reference = format!("{number}-R1");
    for (event, status) in [("refund.succeeded", "SUCCEEDED"), ("refund.failed", "FAILED")] {
        let before = world.refund_questions().await;
        world.refund_callback(&reference, event, status).await;
        world.asked_of_refunds(before).await;
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        let order = world.order(&number).await.unwrap();
        assert_eq!(order["state"], "refunding", "{event}: {order:#}");
        assert_eq!(world.wallet_change(&number).await, 0, "{event}");
    }
    world.refund_ends(&number).await;
    // A lie that comes late gives nothing back a second time.
    world.refund_callback(&reference, "refund.failed", "FAILED").await;
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    assert_eq!(world.order(&number).await.unwrap()["state"], "refunded");
    world.assert_went_back_once(&number).await;
}

/// Taken on, and called off in Xendit's dashboard before it was done: nothing went back.
#[tokio::test]
async fn a_refund_over_xendit_that_comes_to_nothing_becomes_store_credit() {
    let world = over_xendit(Rows::Sqlite).await;
    let number = world.failed(link()).await;
    world.until_refund(&number, 1, "pending").await;
    let id = world.charge_at_xendit(&number).await["refunds"][0]["id"].as_str().unwrap().to_owned();
    let url = format!("{}/sandbox/xendit/refunds/{id}/cancel", world.simulators.base());
    let called_off = world.http.post(url).basic_auth(KEY, Some("")).send().await.unwrap();
    assert_eq!(called_off.json::<Value>().await.unwrap()["status"], "CANCELLED");
    // Xendit tells of such an end as of any other.
    world.refund_callback(&format!("{number}-R1"), "refund.failed", "CANCELLED").await;
    let order = world.refund_ends(&number).await;
    assert!(told(&order, "message:refund_became_credit"), "{order:#}");
    assert_eq!((world.wallet_change(&number).await, world.back_at_xendit(&number).await), (20_000, (0, 1)));
    for account in ["escrow", "refunding:xendit"] {
        assert_eq!(world.account(&number, account).await, 0, "{account}");
    }
    assert_eq!(world.refunds_sent(&number).await.len(), 1);
    world.assert_proofs().await;
    let (code, text) = world.command(&["reconcile"]).await;
    assert_eq!(code, Some(0), "{text}");
}

//! `loket reconcile` through the real program: ordinary purchases agree; each way in which the sides can differ is
//! named with what to do; and who does not answer agrees with nothing.

mod daily;
mod purchases;
mod settlement;
mod went_back;

use crate::{
    hands::{nap, patience},
    harness::{API_KEY, Rows, World},
};
use database::{Query, sql};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::Instant;
use vocabulary::Timestamp;

impl World {
    /// The exit code of `loket reconcile` and the report that it prints.
    async fn reconciled(&self, more: &[&str]) -> (Option<i32>, Value) {
        let arguments = [&["reconcile", "--json"][..], more].concat();
        let (code, text) = self.command(&arguments).await;
        let report = serde_json::Deserializer::from_str(&text).into_iter::<Value>().next();
        (code, report.and_then(Result::ok).unwrap_or_else(|| panic!("no report in {text}")))
    }

    /// All agree.
    async fn all_agree(&self) -> Value {
        let (code, report) = self.reconciled(&[]).await;
        assert_eq!((code, &report["agrees"]), (Some(0), &json!(true)), "{report:#}");
        report
    }

    /// They do not, and this is among what differs: of this kind and subject, with this in what to do.
    async fn differs(&self, kind: &str, subject: &str, action: &str) -> Value {
        let (code, report) = self.reconciled(&[]).await;
        assert_eq!((code, &report["agrees"]), (Some(4), &json!(false)), "{report:#}");
        let all = report["differences"].as_array().unwrap();
        let found = all.iter().find(|d| d["kind"] == kind && d["subject"] == subject);
        let found = found.unwrap_or_else(|| panic!("no {kind} of {subject} in {report:#}"));
        assert!(found["action"].as_str().unwrap().contains(action), "{found:#}");
        assert!(!found["cause"].as_str().unwrap().is_empty(), "{found:#}");
        let alert = format!("{kind}:{subject}");
        assert!(self.alert("reconciliation", &alert).await, "no alert {alert}");
        report
    }

    /// Changes a row of the shop behind its back.
    async fn plant(&self, statement: Query) {
        let rows = self.database().await;
        let mut tx = rows.write("test.plant").await.unwrap();
        assert_eq!(statement.run(&mut tx).await.unwrap(), 1);
        tx.commit().await.unwrap();
        rows.close().await;
    }

    /// Until a webhook about this was acted on: what comes after a lie is planted would be news.
    async fn until_heard(&self, reference: &str) {
        let (rows, started) = (self.database().await, Instant::now());
        loop {
            let mut tx = rows.read("test.heard").await.unwrap();
            let heard = sql!("SELECT COUNT(*) FROM webhook_inbox WHERE reference = $1 AND due_at IS NULL");
            if heard.bind(reference).one::<i64>(&mut tx).await.unwrap() > 0 {
                break;
            }
            drop(tx);
            patience(started, "the webhook");
            nap().await;
        }
        rows.close().await;
    }

    async fn close_shop(&mut self) {
        self.shop.take().unwrap().stop().await;
    }

    /// Business time, by the simulators.
    async fn now(&self) -> Timestamp {
        let books = self.books("").await;
        Timestamp::parse_rfc3339(books["clock"]["now"].as_str().unwrap()).unwrap()
    }

    async fn delivered(&self, key: &str, change: Value) -> String {
        let number = self.placed(key, change).await;
        self.paid(&number).await;
        self.until(&number, "delivered").await;
        number
    }
}

/// The kinds of what differs.
fn kinds(report: &Value) -> Vec<&str> {
    report["differences"].as_array().unwrap().iter().map(|d| d["kind"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn all_agree_after_ordinary_purchases_on_sqlite() {
    ordinary(Rows::Sqlite).await;
}

#[tokio::test]
async fn all_agree_after_ordinary_purchases_on_postgres() {
    ordinary(Rows::postgres().await).await;
}

async fn ordinary(rows: Rows) {
    let world = World::open(rows).await;
    world.all_agree().await;
    world.delivered("gopay", json!({"buyer": "budi"})).await;
    world.delivered("dana", json!({"buyer": "sari", "payment_method": "dana_qr"})).await;
    // The product is refused, the money becomes store credit, and something else is bought with it.
    world.script("fail", json!({"rc": "54"})).await;
    let failed = world.placed("failed", json!({"buyer": "rudi"})).await;
    world.paid(&failed).await;
    world.until(&failed, "refunded").await;
    world.spend_wallet("rudi", json!({})).await;
    // Declined, called off, and not paid yet.
    let declined = world.placed("declined", json!({"buyer": "wati"})).await;
    assert_eq!(world.pay(&declined, "deny").await.0, StatusCode::OK);
    world.until_payment(&declined, "denied").await;
    let cancelled = world.placed("cancelled", json!({"buyer": "joko"})).await;
    world.payable(&cancelled).await;
    let url = world.url(&format!("/api/v1/orders/{cancelled}/cancel"));
    assert!(world.http.post(url).bearer_auth(API_KEY).send().await.unwrap().status().is_success());
    world.until_payment(&cancelled, "cancelled").await;
    let open = world.placed("open", json!({"buyer": "tono"})).await;
    world.payable(&open).await;

    let report = world.all_agree().await;
    assert_eq!((&report["orders"], &report["attempts"]), (&json!(7), &json!(4)), "{report:#}");
    assert_eq!((&report["payments"], &report["payments_told"]), (&json!(6), &json!(6)), "{report:#}");
    assert_eq!(report["deposits"][0]["balance"], world.books("").await["digiflazz"]["deposit"]);
    assert!(report["unseen"].as_array().unwrap().len() >= 3, "it says what it cannot see: {report:#}");
    assert_eq!(world.printed(&["alerts", "--json"]).await, json!([]));
    let (code, text) = world.command(&["reconcile"]).await;
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("agree") && text.contains("cannot see") && text.contains("7 orders"), "{text}");
    // Nothing was bought and nothing changed by comparing.
    assert_eq!(world.requests("digiflazz", "/transaction", "").await.len(), 4);
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_missing_webhook_is_found_asked_about_and_over_on_sqlite() {
    missing_webhook(Rows::Sqlite).await;
}

#[tokio::test]
async fn a_missing_webhook_is_found_asked_about_and_over_on_postgres() {
    missing_webhook(Rows::postgres().await).await;
}

async fn missing_webhook(rows: Rows) {
    let mut world = World::open(rows).await;
    world.fault("midtrans", "drop_webhook", json!({"count": 1_000})).await;
    let number = world.placed("one", json!({})).await;
    world.payable(&number).await;
    // Nobody polls either while the shop is shut.
    world.close_shop().await;
    world.paid(&number).await;
    let reference = format!("{number}-P1");
    for _ in 0..2 {
        let report = world.differs("missing_webhook", &reference, "asks about it again").await;
        assert_eq!(kinds(&report), ["missing_webhook"], "{report:#}");
        assert_eq!(report["differences"][0]["asked_again"], true);
        assert!(report["differences"][0]["gateway"].as_str().unwrap().contains("Rp 20.000"), "{report:#}");
    }
    let alerts = world.printed(&["alerts", "--json"]).await;
    assert_eq!(alerts.as_array().unwrap().len(), 1, "one alert, however often it is found: {alerts:#}");
    let (code, text) = world.command(&["reconcile"]).await;
    assert_eq!(code, Some(4), "{text}");
    for expected in ["missing_webhook", reference.as_str(), "likely:", "do:", "they do NOT agree"] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
    world.open_shop(&[]).await.unwrap();
    world.until(&number, "delivered").await;
    world.all_agree().await;
    assert_eq!(world.printed(&["alerts", "--json"]).await, json!([]));
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_wrong_amount_is_found_until_a_person_has_decided() {
    let world = World::open(Rows::Sqlite).await;
    world.fault("midtrans", "impose_fee", json!({})).await;
    let number = world.placed("one", json!({})).await;
    world.paid(&number).await;
    world.until(&number, "needs_attention").await;
    let reference = format!("{number}-P1");
    let report = world.differs("wrong_amount", &reference, &format!("loket order approve {number}")).await;
    assert!(report["differences"][0]["cause"].as_str().unwrap().contains("fee on top"), "{report:#}");
    world.staff("approve", &number).await;
    world.until(&number, "delivered").await;
    world.all_agree().await;
    // A row that was changed by hand.
    world.plant(sql!("UPDATE payment SET amount = amount + 5, odd_amount = NULL").query()).await;
    world.differs("wrong_amount", &reference, "loket order show").await;
}

#[tokio::test]
async fn an_order_that_is_delivered_and_not_paid_is_found() {
    let mut world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", json!({})).await;
    world.payable(&number).await;
    world.close_shop().await;
    let now = world.now().await;
    let lie =
        sql!("UPDATE shop_order SET state = 'delivered', delivered_at = $2, due_at = NULL WHERE number = $1");
    world.plant(lie.bind(&number).bind(now)).await;
    let report = world.differs("delivered_unpaid", &number, &format!("loket order show {number}")).await;
    assert_eq!(kinds(&report), ["delivered_unpaid", "not_delivered_there"], "{report:#}");
    assert!(report["differences"][0]["gateway"].as_str().unwrap().contains("pending"), "{report:#}");
}

#[tokio::test]
async fn a_delivered_order_whose_supplier_says_failed_is_found() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.delivered("one", json!({})).await;
    world.all_agree().await;
    let reference = format!("{number}-F1");
    world.supplier_says(&reference, "Gagal", "02").await;
    let started = Instant::now();
    while world.reconciled(&[]).await.0 != Some(4) {
        patience(started, "the supplier's word");
        nap().await;
    }
    let report = world.differs("not_delivered_there", &reference, "loket order show").await;
    let found = report["differences"].as_array().unwrap().iter().find(|d| d["subject"] == reference).unwrap();
    assert!(found["supplier"].as_str().unwrap().contains("failed_provider (02)"), "{found:#}");
    assert_eq!(world.order(&number).await.unwrap()["state"], "delivered", "comparing changes nothing");
    // What is called failed here and was delivered there, and took its price from the deposit.
    let other = world.delivered("two", json!({"buyer": "sari"})).await;
    world.until_heard(&format!("{other}-F1")).await;
    let lie = sql!("UPDATE fulfilment_attempt SET state = 'failed' WHERE reference = $1");
    world.plant(lie.bind(format!("{other}-F1"))).await;
    world.differs("delivered_there", &format!("{other}-F1"), "loket order show").await;
}

#[tokio::test]
async fn what_was_paid_and_never_bought_is_found_and_a_deposit_that_was_filled_is_told() {
    let world = World::open(Rows::Sqlite).await;
    let deposit = world.books("").await["digiflazz"]["deposit"].as_i64().unwrap();
    assert_eq!(world.simulate("deposit", json!({"add": -deposit})).await.0, StatusCode::OK);
    let number = world.placed("one", json!({})).await;
    world.paid(&number).await;
    world.until(&number, "needs_attention").await;
    world.plant(sql!("UPDATE shop_order SET updated_at = updated_at - 700000").query()).await;
    let report = world.differs("paid_not_bought", &number, &format!("loket order retry {number}")).await;
    assert_eq!(kinds(&report), ["paid_not_bought"], "{report:#}");
    assert_eq!(world.simulate("deposit", json!({"add": 1_000_000})).await.0, StatusCode::OK);
    world.staff("retry", &number).await;
    world.until(&number, "delivered").await;
    let (code, report) = world.reconciled(&[]).await;
    assert_eq!((code, kinds(&report)), (Some(4), vec!["deposit"]), "{report:#}");
    let found = &report["differences"][0];
    assert!(found["supplier"].as_str().unwrap().contains("Rp 1.000.000 higher"), "{found:#}");
    assert!(found["cause"].as_str().unwrap().contains("the deposit was filled"), "{found:#}");
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_deposit_that_something_else_took_from_is_found_with_the_moment() {
    let world = World::open(Rows::Sqlite).await;
    world.delivered("one", json!({"buyer": "budi"})).await;
    assert_eq!(world.simulate("deposit", json!({"add": -5_000})).await.0, StatusCode::OK);
    world.delivered("two", json!({"buyer": "sari"})).await;
    let day = world.now().await.wib_day();
    let subject = format!("digiflazz/{day}");
    let report = world.differs("deposit", &subject, "loket alerts --resolve reconciliation").await;
    assert_eq!(kinds(&report), ["deposit"], "{report:#}");
    let found = &report["differences"][0];
    assert!(found["supplier"].as_str().unwrap().contains("Rp 5.000 lower"), "{found:#}");
    assert!(found["cause"].as_str().unwrap().contains("-Rp 5.000 between"), "{found:#}");
    // A person has found out, and says so.
    let (code, text) = world
        .command(&["alerts", "--resolve", "reconciliation", &format!("deposit:{subject}"), "--by", "rina"])
        .await;
    assert_eq!(code, Some(0), "{text}");
}

#[tokio::test]
async fn fees_that_are_not_those_of_the_configured_rate_are_found() {
    let mut world = World::open(Rows::Sqlite).await;
    world.delivered("one", json!({})).await;
    world.all_agree().await;
    world.configure("LOKET_RULES__GOPAY_FEE_BASIS_POINTS", "250");
    let day = world.now().await.wib_day();
    let report = world.differs("fee", &format!("midtrans/gopay_qr/{day}"), "settlement report").await;
    let found = &report["differences"][0];
    assert!(found["ledger"].as_str().unwrap().contains("Rp 400"), "{found:#}");
    assert!(found["gateway"].as_str().unwrap().contains("configuration it is Rp 500"), "{found:#}");
}

#[tokio::test]
async fn a_payment_that_we_do_not_know_is_found_by_its_webhook() {
    let mut world = World::announced(Rows::Sqlite).await;
    world.open_shop(&[]).await.unwrap();
    world.charge_beside("LK0000000001-P1", 50_000).await;
    world.paid("LK0000000001-P1").await;
    let started = Instant::now();
    while world.reconciled(&[]).await.0 != Some(4) {
        patience(started, "its webhook");
        nap().await;
    }
    let report = world.differs("unknown_payment", "LK0000000001-P1", "dashboard of midtrans").await;
    assert_eq!(kinds(&report), ["unknown_payment"], "{report:#}");
    assert!(report["differences"][0]["gateway"].as_str().unwrap().contains("Rp 50.000"), "{report:#}");
}

#[tokio::test]
async fn a_payment_that_the_gateway_does_not_know_is_found() {
    let mut world = World::open(Rows::Sqlite).await;
    let number = world.delivered("one", json!({})).await;
    world.close_shop().await;
    // The row of another payment, which nobody ever opened.
    let lie = sql!(
        "INSERT INTO payment (id, order_id, reference, sequence, method, gateway, amount, state, expires_at, settled_at,
                              created_at, updated_at)
         SELECT 'pay_01arz3ndektsv4rrffq69g5fav', order_id, $1, 7, method, gateway, amount, 'settled', expires_at, settled_at, created_at, updated_at
         FROM payment WHERE reference = $2"
    );
    let planted = format!("{number}-P7");
    world.plant(lie.bind(&planted).bind(format!("{number}-P1"))).await;
    let report = world.differs("payment_not_found", &planted, &format!("loket order show {number}")).await;
    assert_eq!(kinds(&report), ["payment_not_found"], "{report:#}");
}

#[tokio::test]
async fn parties_that_are_down_are_said_not_to_have_been_asked() {
    let mut world = World::open(Rows::Sqlite).await;
    world.delivered("one", json!({})).await;
    world.all_agree().await;
    world.simulators.kill().await;
    let (code, report) = world.reconciled(&[]).await;
    assert_eq!((code, &report["agrees"]), (Some(4), &json!(false)), "{report:#}");
    assert_eq!(report["differences"], json!([]), "silence is no difference");
    assert_eq!(report["payments_told"], 0);
    let silent: Vec<&str> =
        report["not_asked"].as_array().unwrap().iter().map(|s| s["party"].as_str().unwrap()).collect();
    assert_eq!(silent, ["midtrans", "digiflazz", "vip-reseller", "apigames"], "{report:#}");
    for party in silent {
        assert!(world.alert("reconciliation", &format!("not_asked:{party}")).await, "no alert about {party}");
    }
    let (code, text) = world.command(&["reconcile"]).await;
    assert_eq!(code, Some(4), "{text}");
    assert!(text.contains("midtrans could not be asked") && text.contains("does NOT show"), "{text}");
}

#[tokio::test]
async fn a_day_that_is_none_or_has_not_begun_is_refused() {
    let world = World::open(Rows::Sqlite).await;
    let (code, text) = world.command(&["reconcile", "--date", "2999-01-01"]).await;
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("has not begun"), "{text}");
    for date in ["yesterday", "2026-02-30", "22-11-2026"] {
        let (code, text) = world.command(&["reconcile", "--date", date]).await;
        assert_eq!(code, Some(2), "{text}");
        assert!(text.contains("write it as 2026-11-22"), "{text}");
    }
}

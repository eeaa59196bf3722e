//! What goes wrong with suppliers, and the rule that it implies, through the shop's public doors.

use crate::{
    hands::{hub_signature, hub_signature_with, nap, patience, sum, told},
    harness::{Rows, World},
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

async fn postgres() -> Rows {
    Rows::Postgres(testkit::empty_postgres().await)
}

/// A paid order whose purchase goes as scripted.
async fn bought(world: &World, outcome: &str, script: Value) -> String {
    world.script(outcome, script).await;
    let number = world.placed(&format!("{outcome}-order"), json!({"buyer": "budi"})).await;
    world.paid(&number).await;
    number
}

/// Business time passes until the order is in this state.
async fn in_time(world: &World, number: &str, state: &str, step: u64) -> Value {
    let started = Instant::now();
    loop {
        let order = world.order(number).await.unwrap();
        if order["state"] == state {
            return order;
        }
        patience(started, &format!("{state}: {order:#}"));
        world.advance(step).await.unwrap();
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

/// A slow supplier is told of three times, and then a person is called.
async fn slow_for_two_hours(world: &World, number: &str) {
    world.supplier_asked(&format!("{number}-F1"), 1).await;
    world.advance(5 * 60 + 1).await.unwrap();
    let order = world.until_told(number, "message:slow_5_minutes").await;
    assert!(!told(&order, "message:slow_30_minutes") && order["state"] == "fulfilling", "{order:#}");
    world.advance(25 * 60).await.unwrap();
    let order = world.until_told(number, "message:slow_30_minutes").await;
    assert!(!told(&order, "message:slow_120_minutes") && order["state"] == "fulfilling", "{order:#}");
    world.advance(90 * 60).await.unwrap();
    world.until_told(number, "message:slow_120_minutes").await;
    let order = world.until(number, "needs_attention").await;
    assert_eq!(order["attention"], "supplier_slow");
    assert!(world.alert("order_needs_attention", number).await);
}

#[tokio::test]
async fn a_slow_supplier_is_waited_for_and_a_failure_after_hours_is_refunded_on_sqlite() {
    slow_then_failed(Rows::Sqlite).await;
}

#[tokio::test]
async fn a_slow_supplier_is_waited_for_and_a_failure_after_hours_is_refunded_on_postgres() {
    slow_then_failed(postgres().await).await;
}

async fn slow_then_failed(rows: Rows) {
    let world = World::open(rows).await;
    let stock = world.stock("ML", "ML_86").await;
    let number = bought(&world, "pending_then_fail", json!({"then_after_ms": 6 * HOUR * 1_000})).await;
    slow_for_two_hours(&world, &number).await;
    let reference = format!("{number}-F1");
    let asked = world.requests("digiflazz", "/transaction", &reference).await.len();
    world.advance(HOUR).await.unwrap();
    world.supplier_asked(&reference, asked + 1).await;
    assert_eq!(world.order(&number).await.unwrap()["state"], "needs_attention", "time alone decides nothing");
    let (code, text) = world.command(&["order", "retry", &number]).await;
    assert_ne!(code, Some(0), "bought again while the supplier may still deliver: {text}");
    world.fault("digiflazz", "drop_webhook", json!({"count": 1_000})).await;
    in_time(&world, &number, "refunded", HOUR).await;
    assert_eq!(world.wallet_change(&number).await, 20_000);
    assert!(!world.alert("order_needs_attention", &number).await);
    assert_eq!(world.stock("ML", "ML_86").await, stock);
    world.assert_supplier_not_hurried(&number).await;
    world.spend_wallet("budi", json!({})).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_slow_supplier_that_delivers_after_a_person_was_called_delivers() {
    let world = World::open(Rows::Sqlite).await;
    let number = bought(&world, "pending_then_success", json!({"then_after_ms": 3 * HOUR * 1_000})).await;
    slow_for_two_hours(&world, &number).await;
    world.advance(HOUR).await.unwrap();
    in_time(&world, &number, "delivered", 901).await;
    assert!(!world.alert("order_needs_attention", &number).await);
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_supplier_not_hurried(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_failure_that_is_not_proven_is_asked_about_before_money_moves() {
    for rc in ["01", "70"] {
        let world = World::open(Rows::Sqlite).await;
        world.fault("digiflazz", "drop_webhook", json!({"count": 1_000})).await;
        let number = bought(&world, "fail_then_success", json!({"rc": rc, "then_after_ms": 30_000})).await;
        world.until_attempt(&number, "unknown").await;
        assert_eq!(world.order(&number).await.unwrap()["state"], "fulfilling");
        assert_eq!(world.wallet_change(&number).await, 0);
        world.advance(30).await.unwrap();
        tokio::time::sleep(Duration::from_millis(1_300)).await;
        assert_eq!(
            world.requests("digiflazz", "/transaction", &number).await.len(),
            1,
            "asked within a minute"
        );
        world.advance(40).await.unwrap();
        world.until(&number, "delivered").await;
        world.assert_paid_and_delivered_once(&number).await;
        world.assert_supplier_not_hurried(&number).await;
        world.assert_proofs().await;
    }
}

#[tokio::test]
async fn a_failure_that_is_said_twice_a_minute_apart_is_believed_and_refunded() {
    let world = World::open(Rows::Sqlite).await;
    let number = bought(&world, "fail", json!({"rc": "70"})).await;
    world.until_attempt(&number, "unknown").await;
    world.advance(70).await.unwrap();
    world.until(&number, "refunded").await;
    assert_eq!(world.wallet_change(&number).await, 20_000);
    assert_eq!(world.requests("digiflazz", "/transaction", &number).await.len(), 2);
    world.assert_supplier_not_hurried(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_delivery_after_a_person_refunded_is_a_loss_that_is_booked_and_reported_on_sqlite() {
    delivered_after_refund(Rows::Sqlite).await;
}

#[tokio::test]
async fn a_delivery_after_a_person_refunded_is_a_loss_that_is_booked_and_reported_on_postgres() {
    delivered_after_refund(postgres().await).await;
}

async fn delivered_after_refund(rows: Rows) {
    let world = World::open(rows).await;
    let number = bought(&world, "pending_then_success", json!({"then_after_ms": 4 * HOUR * 1_000})).await;
    slow_for_two_hours(&world, &number).await;
    world.staff("refund", &number).await;
    world.until(&number, "refunded").await;
    assert_eq!(world.wallet_change(&number).await, 20_000);
    let reference = format!("{number}-F1");
    let asked = world.requests("digiflazz", "/transaction", &reference).await.len();
    world.advance(HOUR).await.unwrap();
    world.supplier_asked(&reference, asked + 1).await;
    world.advance(2 * HOUR).await.unwrap();
    let started = Instant::now();
    while !world.alert("late_delivery", &number).await {
        patience(started, "the alert");
        nap().await;
    }
    assert_eq!(world.order(&number).await.unwrap()["state"], "refunded");
    let file = world.file(&number).await;
    let lines = file["ledger"].as_array().unwrap();
    let loss: Vec<_> =
        lines.iter().filter(|l| l["account"] == "loss:late_delivery").map(|l| l["amount"].as_i64()).collect();
    assert_eq!(loss, [Some(18_000)], "{lines:#?}");
    assert_eq!(world.wallet_change(&number).await, 20_000);
    world.assert_proofs().await;
    // The supplier takes even that back: no loss is left.
    world.supplier_says(&reference, "Gagal", "74").await;
    world.until_attempt(&number, "reversed").await;
    let file = world.file(&number).await;
    let lines = file["ledger"].as_array().unwrap();
    let loss = lines
        .iter()
        .filter(|l| l["account"] == "loss:late_delivery")
        .map(|l| l["amount"].as_i64().unwrap())
        .sum::<i64>();
    assert_eq!(loss, 0, "{lines:#?}");
    assert_eq!(world.wallet_change(&number).await, 20_000);
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_delivery_that_is_taken_back_is_refunded_reported_and_its_stock_put_back() {
    let world = World::open(Rows::Sqlite).await;
    let stock = world.stock("ML", "ML_86").await;
    let number = bought(&world, "success_then_refund", json!({"then_after_ms": 2 * HOUR * 1_000})).await;
    world.until(&number, "delivered").await;
    assert_eq!(world.stock("ML", "ML_86").await, stock - 1);
    world.assert_proofs().await;
    world.advance(2 * HOUR + 1).await.unwrap();
    world.until(&number, "refunded").await;
    assert!(world.alert("delivery_reversed", &number).await);
    assert_eq!(world.stock("ML", "ML_86").await, stock);
    assert_eq!(world.wallet_change(&number).await, 20_000);
    let books = world.books(&number).await;
    assert_eq!(books["digiflazz"]["transactions"][0]["rc"], "74");
    // The reversal again, and the success of before: old news.
    for webhook in world
        .webhooks("digiflazz", &number, "update")
        .await
        .iter()
        .chain(&world.webhooks("digiflazz", &number, "create").await)
    {
        let signature = webhook["headers"]["X-Hub-Signature"].as_str().unwrap();
        world.webhook_storm("digiflazz", Some(signature), webhook["body"].as_str().unwrap()).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(world.order(&number).await.unwrap()["state"], "refunded");
    assert_eq!(world.wallet_change(&number).await, 20_000);
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_purchase_without_an_answer_is_asked_about_under_its_reference_and_delivered_once() {
    let mut runs = tokio::task::JoinSet::new();
    for (fault, more) in [
        (None, json!({})),
        (Some("timeout_after_effect"), json!({"delay_ms": 4_000})),
        (Some("garbage"), json!({"count": 1})),
        (Some("error_500"), json!({})),
        (Some("redirect"), json!({})),
    ] {
        runs.spawn(unanswered(fault, more));
    }
    runs.join_all().await;
}

async fn unanswered(fault: Option<&str>, mut more: Value) {
    let world = World::open(Rows::Sqlite).await;
    world.fault("digiflazz", "drop_webhook", json!({"count": 1_000})).await;
    let outcome = match fault {
        Some(fault) => {
            more["operation"] = json!("transaction");
            world.fault("digiflazz", fault, more).await;
            "success"
        }
        None => "timeout_then_success",
    };
    let number = bought(&world, outcome, json!({})).await;
    let reference = format!("{number}-F1");
    world.supplier_asked(&reference, 1).await;
    // The lease of the row is over, and nobody has asked again: a minute has not passed.
    tokio::time::sleep(Duration::from_millis(4_500)).await;
    assert_eq!(world.requests("digiflazz", "/transaction", &number).await.len(), 1, "{fault:?}");
    assert_eq!(world.order(&number).await.unwrap()["state"], "fulfilling", "{fault:?}");
    world.advance(75).await.unwrap();
    in_time(&world, &number, "delivered", 61).await;
    for request in world.requests("digiflazz", "/transaction", &number).await {
        assert!(
            request["body"].as_str().unwrap().contains(&reference),
            "{fault:?}: another reference: {request}"
        );
    }
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_supplier_not_hurried(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn nothing_is_asked_about_a_purchase_that_is_older_than_85_days() {
    let world = World::open(Rows::Sqlite).await;
    let number = bought(&world, "pending", json!({})).await;
    let reference = format!("{number}-F1");
    world.supplier_asked(&reference, 1).await;
    world.advance(84 * DAY).await.unwrap();
    world.supplier_asked(&reference, 2).await;
    let order = world.until(&number, "needs_attention").await;
    assert!(!told(&order, "asking_stopped"), "{order:#}");
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let asked = world.requests("digiflazz", "/transaction", &reference).await.len();
    for days in [2, 10, 300] {
        world.advance(days * DAY).await.unwrap();
        world.until_told(&number, "asking_stopped").await;
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert_eq!(
            world.requests("digiflazz", "/transaction", &reference).await.len(),
            asked,
            "after {days} more days"
        );
    }
    let order = world.order(&number).await.unwrap();
    assert_eq!(order["state"], "needs_attention");
    assert!(world.alert("order_needs_attention", &number).await);
    let stops =
        order["timeline"].as_array().unwrap().iter().filter(|t| t["kind"] == "asking_stopped").count();
    assert_eq!(stops, 1);
    assert_eq!(world.books(&number).await["digiflazz"]["transactions"].as_array().unwrap().len(), 1);
    world.staff("refund", &number).await;
    world.until(&number, "refunded").await;
    assert_eq!(world.wallet_change(&number).await, 20_000);
    world.assert_proofs().await;
}

#[tokio::test]
async fn the_supplier_is_never_asked_twice_within_a_minute() {
    let world = World::open(Rows::Sqlite).await;
    let number = bought(&world, "pending", json!({})).await;
    let reference = format!("{number}-F1");
    world.supplier_asked(&reference, 1).await;
    for step in 0..40 {
        world.advance(20).await.unwrap();
        // A webhook that says nothing new is no reason to ask earlier.
        if step % 10 == 0 {
            let create = &world.webhooks("digiflazz", &number, "create").await[0];
            let signature = create["headers"]["X-Hub-Signature"].as_str().unwrap();
            assert_eq!(
                world.webhook("digiflazz", Some(signature), create["body"].as_str().unwrap()).await.0,
                StatusCode::OK
            );
        }
        tokio::time::sleep(Duration::from_millis(80)).await;
    }
    let asked = world.requests("digiflazz", "/transaction", &reference).await.len();
    assert!((3..=14).contains(&asked), "asked {asked} times in 800 s");
    world.assert_supplier_not_hurried(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_supplier_webhook_that_comes_many_times_at_once_delivers_once_on_sqlite() {
    supplier_webhook_many_times(Rows::Sqlite).await;
}

#[tokio::test]
async fn a_supplier_webhook_that_comes_many_times_at_once_delivers_once_on_postgres() {
    supplier_webhook_many_times(postgres().await).await;
}

async fn supplier_webhook_many_times(rows: Rows) {
    let world = World::open(rows).await;
    world.fault("digiflazz", "drop_webhook", json!({"operation": "update", "count": 10})).await;
    let number = bought(&world, "pending_then_success", json!({"then_after_ms": 500})).await;
    let started = Instant::now();
    let update = loop {
        if let Some(update) = world.webhooks("digiflazz", &number, "update").await.pop() {
            break update;
        }
        patience(started, "the supplier's word");
        nap().await;
    };
    let (signature, body) =
        (update["headers"]["X-Hub-Signature"].as_str().unwrap(), update["body"].as_str().unwrap());
    assert_eq!(signature, hub_signature(body), "signed by the contract");
    world.webhook_storm("digiflazz", Some(signature), body).await;
    world.until(&number, "delivered").await;
    world.webhook_storm("digiflazz", Some(signature), body).await;
    // Words from before are old news, in any order.
    let create = &world.webhooks("digiflazz", &number, "create").await[0];
    let (old_signature, old) =
        (create["headers"]["X-Hub-Signature"].as_str().unwrap(), create["body"].as_str().unwrap());
    world.webhook_storm("digiflazz", Some(old_signature), old).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let order = world.until(&number, "delivered").await;
    let told =
        order["timeline"].as_array().unwrap().iter().filter(|t| t["kind"] == "message:delivered").count();
    assert_eq!(told, 1, "{order:#}");
    let file = world.file(&number).await;
    let booked = file["ledger"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|l| l["kind"] == "delivery" && l["account"] == "revenue")
        .count();
    assert_eq!(booked, 1, "{file:#}");
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn forged_supplier_webhooks_are_refused_and_change_nothing() {
    let world = World::open(Rows::Sqlite).await;
    let number = bought(&world, "pending", json!({})).await;
    let reference = format!("{number}-F1");
    world.until_attempt(&number, "pending").await;
    let data = json!({"data": {
        "ref_id": reference, "customer_no": "111491774613486", "buyer_sku_code": "ml86", "message": "Transaksi Sukses",
        "status": "Sukses", "rc": "00", "buyer_last_saldo": 1, "sn": "FORGED", "price": 18_000, "tele": "@a/b", "wa": "1"
    }});
    let body = data.to_string();
    let signature = hub_signature(&body);
    let spaced = serde_json::to_string_pretty(&data).unwrap();
    let failed = body.replace("\"00\"", "\"02\"").replace("Sukses", "Gagal");
    for (label, given, body) in [
        ("no signature", None, body.as_str()),
        ("an empty signature", Some(String::new()), &body),
        ("only the prefix", Some("sha1=".to_owned()), &body),
        ("another secret", Some(hub_signature_with("guessed", &body)), &body),
        ("no secret", Some(hub_signature_with("", &body)), &body),
        ("without its prefix", Some(signature.trim_start_matches("sha1=").to_owned()), &body),
        ("cut short", Some(signature[..40].to_owned()), &body),
        ("other bytes of the same JSON", Some(signature.clone()), &spaced),
        ("another verdict", Some(signature.clone()), &failed),
        ("no JSON", None, "Sukses"),
    ] {
        let (status, text) = world.webhook("digiflazz", given.as_deref(), body).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{label}: {text}");
        let told = &hub_signature(body)[5..];
        assert!(!text.contains(told) && !text.to_lowercase().contains("sha1="), "{label}: {text}");
    }
    let gibberish = "{\"data\":7}";
    let (status, text) = world.webhook("digiflazz", Some(&hub_signature(gibberish)), gibberish).await;
    assert!(status.is_success() || status == StatusCode::BAD_REQUEST, "{text}");
    let ping = r#"{"sed":"AgXXtVAHp","hook_id":"1","hook":{"url":"x","type":"json","status":1}}"#;
    assert_eq!(world.webhook("digiflazz", Some(&hub_signature(ping)), ping).await.0, StatusCode::OK);
    let foreign = body.replace(&reference, "LK0000000000-F1");
    assert_eq!(world.webhook("digiflazz", Some(&hub_signature(&foreign)), &foreign).await.0, StatusCode::OK);
    let of_a_payment = body.replace(&reference, &format!("{number}-P1"));
    assert_eq!(
        world.webhook("digiflazz", Some(&hub_signature(&of_a_payment)), &of_a_payment).await.0,
        StatusCode::OK
    );
    tokio::time::sleep(Duration::from_millis(700)).await;
    let order = world.order(&number).await.unwrap();
    assert_eq!((&order["state"], &order["serial_number"]), (&json!("fulfilling"), &Value::Null));
    assert_eq!(world.file(&number).await["attempts"][0]["state"], "pending");
    // The same words with the right signature deliver: nothing but the signature kept them out.
    assert_eq!(world.webhook("digiflazz", Some(&signature), &body).await.0, StatusCode::OK);
    assert_eq!(world.until(&number, "delivered").await["serial_number"], "FORGED");
    world.assert_proofs().await;
}

#[tokio::test]
async fn forged_and_unsigned_webhooks_of_the_supplier_itself_are_made_good_by_asking() {
    for fault in ["forge_signature", "missing_signature"] {
        let world = World::open(Rows::Sqlite).await;
        world.fault("digiflazz", fault, json!({"operation": "update"})).await;
        let number = bought(&world, "pending_then_success", json!({"then_after_ms": 300})).await;
        let update = world.webhook_tried("digiflazz", &number, "update").await;
        assert_eq!(update["attempts"][0]["status"], 401);
        assert_eq!(world.order(&number).await.unwrap()["state"], "fulfilling");
        world.advance(70).await.unwrap();
        world.until(&number, "delivered").await;
        world.assert_paid_and_delivered_once(&number).await;
        world.assert_supplier_not_hurried(&number).await;
        world.assert_proofs().await;
    }
}

#[tokio::test]
async fn the_customer_number_is_player_and_zone_by_the_products_template() {
    let world = World::open(Rows::Sqlite).await;
    for (key, change, expected) in [
        ("a", json!({}), "111491774613486"),
        ("b", json!({"user_id": " 1114917746 ", "server_id": "(13486)"}), "111491774613486"),
        ("c", json!({"product_code": "FF_70", "user_id": "123456789", "server_id": null}), "123456789"),
    ] {
        let (status, order) = world.place(key, change).await.unwrap();
        if status != StatusCode::CREATED {
            assert_eq!((key, status), ("b", StatusCode::UNPROCESSABLE_ENTITY), "{order}");
            continue;
        }
        let number = order["number"].as_str().unwrap();
        world.paid(number).await;
        world.until(number, "delivered").await;
        let books = world.books(number).await;
        assert_eq!(books["digiflazz"]["transactions"][0]["customer_no"], expected);
    }
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_price_above_the_ceiling_buys_nothing_and_is_refunded() {
    let world = World::open(Rows::Sqlite).await;
    let number = bought(&world, "success", json!({"price": 18_001})).await;
    world.until(&number, "refunded").await;
    assert_eq!(world.wallet_change(&number).await, 20_000);
    let requests = world.requests("digiflazz", "/transaction", &number).await;
    assert!(requests[0]["body"].as_str().unwrap().contains("\"max_price\":18000"), "{requests:#?}");
    assert!(requests[0]["answer"].as_str().unwrap().contains("\"69\""), "{requests:#?}");
    assert_eq!(world.books(&number).await["digiflazz"]["transactions"], json!([]));
    world.change_catalog("20000,18000,", "20001,18001,").await;
    let request = world.http.post(world.url("/api/v1/quotes")).bearer_auth(crate::harness::API_KEY);
    let quote: Value =
        request.json(&json!({"product_code": "ML_86"})).send().await.unwrap().json().await.unwrap();
    assert_eq!(quote["price"], 20_001, "{quote}");
    world.script("success", json!({"price": 18_001})).await;
    let again = world.placed("again", json!({"buyer": "budi", "quote": quote["quote"]})).await;
    world.paid(&again).await;
    world.until(&again, "delivered").await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn an_empty_deposit_calls_a_person_and_a_retry_delivers_with_a_new_reference() {
    let world = World::open(Rows::Sqlite).await;
    let deposit = world.books("").await["digiflazz"]["deposit"].as_i64().unwrap();
    assert_eq!(world.simulate("deposit", json!({"add": -deposit})).await.0, StatusCode::OK);
    let number = world.placed("one", json!({})).await;
    world.paid(&number).await;
    let order = world.until(&number, "needs_attention").await;
    assert_eq!(order["attention"], "supplier_refuses_us");
    assert!(world.alert("supplier_refuses_us", "digiflazz").await);
    assert!(world.alert("order_needs_attention", &number).await);
    world.advance(2 * DAY).await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(world.order(&number).await.unwrap()["state"], "needs_attention");
    assert_eq!(world.wallet_change(&number).await, 0);
    assert_eq!(world.simulate("deposit", json!({"add": 1_000_000})).await.0, StatusCode::OK);
    world.staff("retry", &number).await;
    world.until(&number, "delivered").await;
    let books = world.books(&number).await;
    assert_eq!(books["digiflazz"]["transactions"][0]["ref_id"], format!("{number}-F2"));
    assert!(!world.alert("order_needs_attention", &number).await);
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_reference_that_is_not_unique_calls_a_person_and_is_never_refunded_by_itself() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", json!({})).await;
    let reference = format!("{number}-F1");
    // Somebody bought something else under our reference.
    let sign = sum("md5sum", format!("loketdev-loket-sandbox{reference}").as_bytes());
    let body = json!({"username": "loket", "buyer_sku_code": "ff70", "customer_no": "1", "ref_id": reference, "sign": sign});
    let url = format!("{}/sandbox/digiflazz/v1/transaction", world.simulators.base());
    let answer: Value = world.http.post(url).json(&body).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["data"]["status"], "Sukses", "{answer}");
    let (status, text) =
        world.webhook("digiflazz", Some(&hub_signature(&answer.to_string())), &answer.to_string()).await;
    assert_eq!(status, StatusCode::OK, "{text}");
    world.paid(&number).await;
    let order = world.until(&number, "needs_attention").await;
    assert_eq!(order["attention"], "supplier_odd");
    assert!(world.alert("order_needs_attention", &number).await);
    for _ in 0..4 {
        world.advance(DAY).await.unwrap();
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert_eq!(world.order(&number).await.unwrap()["state"], "needs_attention");
    assert_eq!(world.wallet_change(&number).await, 0);
    assert!(world.requests("digiflazz", "/transaction", &reference).await.len() >= 3, "asking goes on");
    let (code, text) = world.command(&["order", "retry", &number]).await;
    assert_ne!(code, Some(0), "{text}");
    world.staff("refund", &number).await;
    world.until(&number, "refunded").await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_proven_failure_is_refunded_at_once_and_a_success_after_it_is_a_loss() {
    let world = World::open(Rows::Sqlite).await;
    let stock = world.stock("ML", "ML_86").await;
    let number = bought(&world, "fail", json!({"rc": "54"})).await;
    world.until(&number, "refunded").await;
    assert_eq!(world.wallet_change(&number).await, 20_000);
    assert_eq!(world.stock("ML", "ML_86").await, stock);
    for action in ["retry", "refund"] {
        assert_ne!(world.command(&["order", action, &number]).await.0, Some(0), "{action} after the refund");
    }
    world.assert_proofs().await;
    world.supplier_says(&format!("{number}-F1"), "Sukses", "00").await;
    let started = Instant::now();
    while !world.alert("late_delivery", &number).await {
        patience(started, "the alert");
        nap().await;
    }
    assert_eq!(world.order(&number).await.unwrap()["state"], "refunded");
    let file = world.file(&number).await;
    assert!(
        file["ledger"]
            .as_array()
            .unwrap()
            .iter()
            .any(|l| l["account"] == "loss:late_delivery" && l["amount"] == 18_000),
        "{file:#}"
    );
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_success_of_a_refused_attempt_after_another_delivered_is_booked_and_reported() {
    let world = World::open(Rows::Sqlite).await;
    let deposit = world.books("").await["digiflazz"]["deposit"].as_i64().unwrap();
    assert_eq!(world.simulate("deposit", json!({"add": -deposit})).await.0, StatusCode::OK);
    let number = world.placed("one", json!({})).await;
    world.paid(&number).await;
    world.until(&number, "needs_attention").await;
    assert_eq!(world.simulate("deposit", json!({"add": 1_000_000})).await.0, StatusCode::OK);
    world.staff("retry", &number).await;
    world.until(&number, "delivered").await;
    world.supplier_says(&format!("{number}-F1"), "Sukses", "00").await;
    let started = Instant::now();
    while world.file(&number).await["attempts"][0]["state"] != "succeeded" {
        patience(started, "the first attempt's success");
        nap().await;
    }
    let file = world.file(&number).await;
    let supplier = file["ledger"].as_array().unwrap().iter().filter(|l| l["account"] == "supplier:digiflazz");
    let spent: i64 = supplier.map(|l| -l["amount"].as_i64().unwrap()).sum();
    assert_eq!(spent, 36_000, "the supplier took the price of both: {:#}", file["ledger"]);
    assert!(world.alert("late_delivery", &number).await, "nobody is told of the second delivery");
    world.assert_proofs().await;
}

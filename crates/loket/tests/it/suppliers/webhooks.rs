//! A supplier's webhooks: many at once, and forged.

use super::bought;
use crate::{
    hands::{hub_signature, hub_signature_with, nap, patience},
    harness::{Rows, World},
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_supplier_webhook_that_comes_many_times_at_once_delivers_once_on_sqlite() {
    supplier_webhook_many_times(Rows::Sqlite).await;
}

#[tokio::test]
async fn a_supplier_webhook_that_comes_many_times_at_once_delivers_once_on_postgres() {
    supplier_webhook_many_times(Rows::postgres().await).await;
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
    assert_eq!(world.inbox(body).await, (1, 48), "one row for what is said once");
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

//! Webhooks that somebody else made, or that say more than the gateway confirms.

use crate::{
    hands::{notification, sum},
    harness::{Rows, World},
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test]
async fn forged_webhooks_are_refused_and_change_nothing() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", json!({})).await;
    let reference = format!("{number}-P1");
    world.webhook_tried("midtrans", &number, "pending").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let good = notification(&reference, "200", "20000.00", "settlement");
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body.to_string()
    };
    let mut unsigned = good.clone();
    unsigned.as_object_mut().unwrap().remove("signature_key");
    let other_key = sum("sha512sum", format!("{reference}20020000.00SB-Mid-server-other").as_bytes());
    let started = Instant::now();
    let before = world.requests("midtrans", "/status", &reference).await.len();
    for (label, body, expected) in [
        ("another key", with("signature_key", json!(other_key)), 401),
        ("no signature", unsigned.to_string(), 401),
        ("an empty signature", with("signature_key", json!("")), 401),
        ("a signature of another type", with("signature_key", json!([1])), 401),
        ("another amount", with("gross_amount", json!("1.00")), 401),
        ("the same amount in other letters", with("gross_amount", json!("20000")), 401),
        ("another order", with("order_id", json!("LK0000000000-P1")), 401),
        ("no JSON", "settlement".to_owned(), 400),
        ("a list", format!("[{good}]"), 400),
        ("nothing", String::new(), 400),
        // The signed strings have no boundary: the same bytes, cut elsewhere, are signed as well.
        (
            "a moved boundary",
            {
                let mut body = good.clone();
                (body["order_id"], body["status_code"]) = (json!(format!("{reference}2")), json!("00"));
                body.to_string()
            },
            400,
        ),
    ] {
        let (status, text) = world.webhook("midtrans", None, &body).await;
        assert_eq!(status.as_u16(), expected, "{label}: {text}");
        assert!(
            !text.contains(good["signature_key"].as_str().unwrap()),
            "{label}: the answer tells the signature"
        );
    }
    let (status, _) = world.webhook("midtrans", None, &"x".repeat(3_000_000)).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    tokio::time::sleep(Duration::from_millis(700)).await;
    let order = world.order(&number).await.unwrap();
    assert_eq!((&order["state"], &order["payment"]["state"]), (&json!("awaiting_payment"), &json!("open")));
    let after = world.requests("midtrans", "/status", &reference).await.len();
    // By itself it is asked about every ten seconds.
    let by_itself = 1 + usize::try_from(started.elapsed().as_secs() / 10).unwrap();
    assert!(after <= before + by_itself, "forged webhooks made us ask {} times", after - before);
    assert_eq!(world.books(&number).await["digiflazz"]["transactions"], json!([]));
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_forged_webhook_of_a_real_settlement_is_refused_and_the_payment_found_by_asking() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", json!({})).await;
    world.fault("midtrans", "forge_signature", json!({"operation": "settlement"})).await;
    world.paid(&number).await;
    let webhook = world.webhook_tried("midtrans", &number, "settlement").await;
    assert_eq!(webhook["attempts"][0]["status"], 401);
    world.advance(20).await.unwrap();
    world.until(&number, "delivered").await;
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_signed_webhook_pays_nothing_that_the_gateway_does_not_confirm() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", json!({})).await;
    let reference = format!("{number}-P1");
    let genuine = world.webhook_tried("midtrans", &number, "pending").await;
    let genuine = genuine["body"].as_str().unwrap();
    let altered = genuine.replace("\"pending\"", "\"settlement\"");
    assert_ne!(altered, genuine);
    let claims = |code: &str, amount: &str| notification(&reference, code, amount, "settlement").to_string();
    let mut other_merchant = notification(&reference, "200", "20000.00", "settlement");
    other_merchant["merchant_id"] = json!("G999999999");
    for body in [
        altered,
        claims("200", "20000.00"),
        claims("200", "19999.00"),
        claims("200", "20001.00"),
        claims("200", "20000"),
        claims("202", "20000.00"),
        other_merchant.to_string(),
    ] {
        let before = world.requests("midtrans", "/status", &reference).await.len();
        let (status, text) = world.webhook("midtrans", None, &body).await;
        assert_eq!(status, StatusCode::OK, "{text}");
        // The fourth in ten seconds waits for their end.
        world.asked_again(&number, before).await;
        let order = world.order(&number).await.unwrap();
        assert_eq!(
            (&order["state"], &order["payment"]["state"]),
            (&json!("awaiting_payment"), &json!("open")),
            "{body}"
        );
    }
    world.paid(&number).await;
    world.until(&number, "delivered").await;
    // An old valid one again, after everything.
    let (status, _) = world.webhook("midtrans", None, genuine).await;
    assert_eq!(status, StatusCode::OK);
    let denied = notification(&reference, "202", "20000.00", "deny").to_string();
    assert_eq!(world.webhook("midtrans", None, &denied).await.0, StatusCode::OK);
    tokio::time::sleep(Duration::from_millis(500)).await;
    let order = world.until(&number, "delivered").await;
    assert_eq!(order["payment"]["state"], "settled");
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

//! What becomes of a transaction: status, cancel, expire, and the passing of time.

use crate::support::{SERVER_KEY, World, gopay};
use serde_json::json;

#[tokio::test]
async fn status_is_found_by_either_id_even_with_a_body() {
    let (world, _folder) = World::start().await;
    let charge = world.charge("LK0123456789-P1", 20_000).await;
    let transaction_id = charge["transaction_id"].as_str().unwrap();
    for id in ["LK0123456789-P1", transaction_id] {
        let request = world.request("GET", &format!("/sandbox/midtrans/v2/{id}/status"));
        let answer = world.send(request.basic_auth(SERVER_KEY, Some("")).body("{}")).await.json();
        assert_eq!(answer["status_code"], "201");
        assert_eq!(answer["transaction_status"], "pending");
        assert_eq!(answer["gross_amount"], "20000.00");
        assert_eq!(answer["transaction_id"], transaction_id);
        assert_eq!(answer["transaction_time"], charge["transaction_time"]);
    }
    assert_eq!(world.status("LK0123456789-P2").await["status_code"], "404");
}

#[tokio::test]
async fn every_state_has_its_code() {
    let (world, _folder) = World::start().await;
    for (order_id, outcome, code, status) in [
        ("LK0123456789-P1", "settle", "200", "settlement"),
        ("LK0123456789-P2", "deny", "202", "deny"),
        ("LK0123456789-P3", "expire", "407", "expire"),
    ] {
        world.charge(order_id, 20_000).await;
        let acted = world.pay(order_id, outcome).await;
        assert_eq!(acted.http, 200, "{}", acted.text);
        let answer = world.status(order_id).await;
        assert_eq!((&answer["status_code"], &answer["transaction_status"]), (&json!(code), &json!(status)));
    }
}

#[tokio::test]
async fn a_payment_that_nobody_makes_expires_by_itself() {
    let (world, _folder) = World::start().await;
    world.charge("LK0123456789-P1", 20_000).await;
    let mut custom = gopay("LK0123456789-P2", 20_000);
    custom["custom_expiry"] = json!({"expiry_duration": 1, "unit": "hour"});
    world.midtrans("POST", "/v2/charge", Some(custom)).await;
    world.advance(14 * 60).await;
    assert_eq!(world.status("LK0123456789-P1").await["transaction_status"], "pending");
    world.advance(61).await;
    let hooks = world.hooks.wait(3).await;
    let expired = hooks.iter().map(|h| h.json()).find(|h| h["transaction_status"] == "expire").unwrap();
    assert_eq!((&expired["order_id"], &expired["status_code"]), (&json!("LK0123456789-P1"), &json!("202")));
    let answer = world.status("LK0123456789-P1").await;
    assert_eq!((&answer["status_code"], &answer["transaction_status"]), (&json!("407"), &json!("expire")));
    assert_eq!(world.status("LK0123456789-P2").await["transaction_status"], "pending");
}

#[tokio::test]
async fn what_is_not_paid_can_be_called_off_once() {
    let (world, _folder) = World::start().await;
    for (order_id, verb, body, code, status) in [
        ("LK0123456789-P1", "cancel", Some(json!({})), "200", "cancel"),
        ("LK0123456789-P2", "cancel", None, "200", "cancel"),
        ("LK0123456789-P3", "expire", Some(json!({})), "407", "expire"),
    ] {
        world.charge(order_id, 20_000).await;
        let path = format!("/v2/{order_id}/{verb}");
        let answer = world.midtrans("POST", &path, body.clone()).await.json();
        assert_eq!((&answer["status_code"], &answer["transaction_status"]), (&json!(code), &json!(status)));
        assert_eq!(world.midtrans("POST", &path, body).await.json()["status_code"], "412");
    }
    let hooks = world.hooks.wait(6).await;
    let called_off = hooks.iter().map(|h| h.json()).filter(|h| h["status_code"] == "202").count();
    assert_eq!(called_off, 3);
}

#[tokio::test]
async fn what_is_paid_cannot_be_called_off() {
    let (world, _folder) = World::start().await;
    world.charge("LK0123456789-P1", 20_000).await;
    world.pay("LK0123456789-P1", "settle").await;
    for verb in ["cancel", "expire", "approve", "deny"] {
        let answer = world.midtrans("POST", &format!("/v2/LK0123456789-P1/{verb}"), Some(json!({}))).await;
        assert_eq!(answer.json()["status_code"], "412", "{verb}");
        let answer = world.midtrans("POST", &format!("/v2/none/{verb}"), Some(json!({}))).await;
        assert_eq!(answer.json()["status_code"], "404", "{verb}");
    }
    assert_eq!(world.status("LK0123456789-P1").await["transaction_status"], "settlement");
}

#[tokio::test]
async fn an_imposed_fee_shows_in_status_and_notification_only() {
    let (world, _folder) = World::start().await;
    world.fault("midtrans", "impose_fee", 1).await;
    assert_eq!(world.charge("LK0123456789-P1", 10_000).await["gross_amount"], "10000.00");
    world.pay("LK0123456789-P1", "settle").await;
    let status = world.status("LK0123456789-P1").await;
    let hook = world.hooks.wait(2).await[1].json();
    for body in [&status, &hook] {
        assert_eq!(body["gross_amount"], "10071.00");
        assert_eq!(body["metadata"]["extra_info"]["gross_amount_info"]["original_amount"], "10000.00");
        assert_eq!(body["signature_key"], crate::support::signature_key(body));
    }
    world.charge("LK0123456789-P2", 10_000).await;
    assert_eq!(world.status("LK0123456789-P2").await["gross_amount"], "10000.00");
}

#[tokio::test]
async fn a_status_may_be_spelled_in_capitals_or_unheard_of() {
    let (world, _folder) = World::start().await;
    world.charge("LK0123456789-P1", 10_000).await;
    for (fault, status) in [("upper_case_status", "PENDING"), ("unknown_status", "under_investigation")] {
        world
            .control("/sandbox/faults", json!({"target": "midtrans", "fault": fault, "operation": "status"}))
            .await;
        assert_eq!(world.status("LK0123456789-P1").await["transaction_status"], status);
        assert_eq!(world.status("LK0123456789-P1").await["transaction_status"], "pending");
    }
}

#[tokio::test]
async fn other_paths_and_methods_are_told_so() {
    let (world, _folder) = World::start().await;
    for (method, path, http) in [
        ("GET", "/v2/charge", 405),
        ("DELETE", "/v2/x/status", 405),
        ("POST", "/v2/gopay/x/qr-code", 405),
        ("POST", "/v2/nothing", 404),
        ("GET", "/", 404),
        ("GET", "/v2/x/status/b2c", 404),
    ] {
        let answer = world.midtrans(method, path, None).await;
        assert_eq!(answer.http, http, "{method} {path}");
        assert_eq!(answer.json()["status_code"], http.to_string());
    }
}

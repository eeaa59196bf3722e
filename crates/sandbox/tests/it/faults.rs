//! Faults: on requests, on webhooks, counted, and switched off.

use crate::support::{LONG_ENOUGH, World, eventually, purchase, signature_key};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

async fn arm(world: &World, body: Value) {
    let answer = world.control("/sandbox/faults", body).await;
    assert_eq!(answer.http, 200, "{}", answer.text);
}

fn gopay_request(world: &World, order_id: &str) -> reqwest::RequestBuilder {
    let request =
        world.request("POST", "/sandbox/midtrans/v2/charge").basic_auth(crate::support::SERVER_KEY, Some(""));
    request
        .header("content-type", "application/json")
        .body(crate::support::gopay(order_id, 20_000).to_string())
}

#[tokio::test]
async fn a_timeout_before_the_effect_leaves_nothing_and_one_after_it_does() {
    let (world, _folder) = World::start().await;
    for (order_id, fault, code) in [("before", "timeout", "404"), ("after", "timeout_after_effect", "201")] {
        arm(&world, json!({"target": "midtrans", "fault": fault, "count": 1, "delay_ms": 60_000})).await;
        let held = gopay_request(&world, order_id).timeout(LONG_ENOUGH).send().await;
        assert!(held.unwrap_err().is_timeout());
        assert_eq!(world.status(order_id).await["status_code"], code, "{fault}");
    }
    assert_eq!(
        world.charge("before", 20_000).await["status_code"],
        "201",
        "the same order id may be tried again"
    );
    let again = world.send(gopay_request(&world, "after")).await;
    assert_eq!(again.json()["status_code"], "406");
}

#[tokio::test]
async fn a_held_request_is_answered_when_its_time_is_over() {
    let (world, _folder) = World::start().await;
    arm(&world, json!({"target": "midtrans", "fault": "timeout", "delay_ms": 300})).await;
    let start = Instant::now();
    assert_eq!(world.send(gopay_request(&world, "a")).await.http, 504);
    assert!(start.elapsed() >= Duration::from_millis(300));
    arm(&world, json!({"target": "midtrans", "fault": "timeout_after_effect", "delay_ms": 300})).await;
    assert_eq!(world.send(gopay_request(&world, "a")).await.json()["status_code"], "201");
}

#[tokio::test]
async fn errors_and_limits_and_redirects_have_no_effect() {
    let (world, _folder) = World::start().await;
    for (fault, http) in [("error_500", 500), ("rate_limited", 429), ("redirect", 302)] {
        for target in ["midtrans", "digiflazz"] {
            world.fault(target, fault, 1).await;
            let answer = match target {
                "midtrans" => world.send(gopay_request(&world, "a")).await,
                _ => world.digiflazz("transaction", &purchase("REF-1", "ML_86", "123")).await,
            };
            assert_eq!(answer.http, http, "{target} {fault}");
            if fault == "rate_limited" {
                assert!(answer.headers.contains_key("retry-after"));
                // A gateway says so itself: a bare 429 proves nothing to whoever asked.
                assert_eq!(answer.text.contains("\"429\""), target == "midtrans");
            }
        }
    }
    let books = world.books().await;
    assert!(books["midtrans"]["transactions"].as_array().unwrap().is_empty());
    assert!(books["digiflazz"]["transactions"].as_array().unwrap().is_empty());
    assert_eq!(books["midtrans"]["requests"][0]["fault"], "redirect", "the log tells which fault struck");
}

#[tokio::test]
async fn garbage_is_html_or_half_a_json_after_the_effect() {
    let (world, _folder) = World::start().await;
    world.fault("digiflazz", "garbage", 2).await;
    for ref_id in ["A", "B"] {
        let answer = world.digiflazz("transaction", &purchase(ref_id, "ML_86", "123")).await;
        assert_eq!(answer.http, 200);
        assert!(serde_json::from_str::<Value>(&answer.text).is_err(), "{}", answer.text);
        assert_eq!(world.purchase(ref_id).await["deliveries"], 1);
    }
    assert_eq!(world.buy("C", "ML_86", "123").await["rc"], "00");
}

#[tokio::test]
async fn a_fault_can_wait_for_one_operation() {
    let (world, _folder) = World::start().await;
    arm(&world, json!({"target": "midtrans", "fault": "error_500", "count": 2, "operation": "status"})).await;
    world.charge("LK0123456789-P1", 20_000).await;
    for http in [500, 500, 200] {
        assert_eq!(world.midtrans("GET", "/v2/LK0123456789-P1/status", None).await.http, http);
    }
}

#[tokio::test]
async fn a_dropped_webhook_is_in_the_books_alone() {
    let (world, _folder) = World::start().await;
    arm(&world, json!({"target": "midtrans", "fault": "drop_webhook", "operation": "settlement"})).await;
    world.charge("LK0123456789-P1", 20_000).await;
    world.pay("LK0123456789-P1", "settle").await;
    world.hooks.wait(1).await;
    let got = world.hooks.settle().await;
    assert_eq!(got.iter().map(|h| h.json()["transaction_status"].clone()).collect::<Vec<_>>(), ["pending"]);
    assert_eq!(world.books().await["midtrans"]["webhooks"][0]["state"], "dropped");
    assert_eq!(world.status("LK0123456789-P1").await["transaction_status"], "settlement");
}

#[tokio::test]
async fn a_duplicated_webhook_comes_twice() {
    let (world, _folder) = World::start().await;
    world.fault("digiflazz", "duplicate_webhook", 1).await;
    world.buy("REF-1", "ML_86", "123").await;
    world.hooks.wait(2).await;
    let got = world.hooks.settle().await;
    assert_eq!(got.len(), 2);
    assert_eq!(got[0].raw, got[1].raw);
}

#[tokio::test]
async fn a_reordered_webhook_comes_after_the_next() {
    let (world, _folder) = World::start().await;
    world.fault("midtrans", "reorder_webhook", 1).await;
    world.charge("LK0123456789-P1", 20_000).await;
    assert!(world.hooks.settle().await.is_empty());
    world.pay("LK0123456789-P1", "settle").await;
    let got = world.hooks.wait(2).await;
    let order: Vec<Value> = got.iter().map(|h| h.json()["transaction_status"].clone()).collect();
    assert_eq!(order, ["settlement", "pending"]);
}

#[tokio::test]
async fn a_delayed_webhook_comes_in_its_own_time() {
    let (world, _folder) = World::start().await;
    arm(&world, json!({"target": "digiflazz", "fault": "delay_webhook", "delay_ms": 7_200_000})).await;
    world.buy("REF-1", "ML_86", "123").await;
    world.advance(7_100).await;
    assert!(world.hooks.settle().await.is_empty());
    world.advance(101).await;
    world.hooks.wait(1).await;
}

#[tokio::test]
async fn a_forged_webhook_has_a_wrong_signature_and_a_stripped_one_has_none() {
    let (world, _folder) = World::start().await;
    world.fault("midtrans", "forge_signature", 1).await;
    world.charge("a", 20_000).await;
    let forged = world.hooks.wait(1).await[0].json();
    assert_eq!(forged["signature_key"].as_str().unwrap().len(), 128);
    assert_ne!(forged["signature_key"], signature_key(&forged));
    world.fault("midtrans", "missing_signature", 1).await;
    world.charge("b", 20_000).await;
    assert!(world.hooks.wait(2).await[1].json().get("signature_key").is_none());

    world.fault("digiflazz", "forge_signature", 1).await;
    world.buy("A", "ML_86", "123").await;
    let forged = world.hooks.wait(3).await[2].header("x-hub-signature").unwrap().to_owned();
    assert_eq!(forged.len(), 45);
    world.fault("digiflazz", "missing_signature", 1).await;
    world.buy("B", "ML_86", "123").await;
    assert_eq!(world.hooks.wait(4).await[3].header("x-hub-signature"), None);
}

#[tokio::test]
async fn what_cannot_go_wrong_is_told_so() {
    let (world, _folder) = World::start().await;
    for (body, word) in [
        (json!({"target": "nobody", "fault": "timeout"}), "`midtrans`, `dana`, `xendit`, `digiflazz`"),
        (json!({"target": "midtrans", "fault": "explode"}), "`timeout_after_effect`"),
        (json!({"target": "digiflazz", "fault": "impose_fee"}), "`duplicate_webhook`"),
        (json!({"target": "midtrans", "fault": "timeout", "count": 0}), "count"),
        (json!({"target": "midtrans", "fault": "timeout", "delay_ms": -1}), "delay_ms"),
        (json!({"target": "midtrans", "fault": "timeout", "operation": "a b"}), "operation"),
        (json!({"target": "midtrans", "fault": "timeout", "reference": "a b"}), "reference"),
        (json!({"target": "midtrans"}), "fault"),
        (json!({"target": 5, "fault": "timeout"}), "string"),
    ] {
        let answer = world.control("/sandbox/faults", body.clone()).await;
        assert_eq!(answer.http, 422, "{body}");
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert!(answer.json()["detail"].as_str().unwrap().contains(word), "{body} → {}", answer.text);
    }
}

#[tokio::test]
async fn deleting_switches_all_faults_off() {
    let (world, _folder) = World::start().await;
    world.fault("midtrans", "error_500", 5).await;
    world.fault("digiflazz", "error_500", 5).await;
    assert_eq!(world.books().await["faults"].as_array().unwrap().len(), 2);
    let cleared = world.send(world.request("DELETE", "/sandbox/faults")).await;
    assert_eq!(cleared.json(), json!({"cleared": 2}));
    world.charge("a", 20_000).await;
    eventually("no faults", async || {
        Some(world.books().await).filter(|b| b["faults"].as_array().unwrap().is_empty())
    })
    .await;
}

#[tokio::test]
async fn a_fault_can_wait_for_what_is_about_one_reference() {
    let (world, _folder) = World::start().await;
    for (target, fault, reference, operation) in [
        ("midtrans", "error_500", "LK0123456789", "charge"),
        ("midtrans", "error_500", "LK0123456789", "status"),
        ("midtrans", "drop_webhook", "LK0123456789", "pending"),
        ("digiflazz", "error_500", "111491774613486", ""),
    ] {
        let body = json!({"target": target, "fault": fault, "reference": reference, "operation": operation});
        arm(&world, body).await;
    }
    // Another order is not touched, nor one whose number only begins like it.
    for other in ["LKOTHER00000-P1", "LK01234567-P1"] {
        assert_eq!(world.charge(other, 20_000).await["status_code"], "201");
    }
    assert_eq!(world.send(gopay_request(&world, "LK0123456789-P1")).await.http, 500);
    assert_eq!(world.charge("LK0123456789-P1", 20_000).await["status_code"], "201");
    for http in [500, 200] {
        assert_eq!(world.midtrans("GET", "/v2/LK0123456789-P1/status", None).await.http, http);
    }
    assert_eq!(world.buy("REF-1", "ML_86", "123").await["rc"], "00");
    let struck = world.digiflazz("transaction", &purchase("REF-2", "ML_86", "111491774613486")).await;
    assert_eq!(struck.http, 500);
    let books = world.books().await;
    let dropped: Vec<&Value> = books["midtrans"]["webhooks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|webhook| webhook["state"] == "dropped")
        .map(|webhook| &webhook["reference"])
        .collect();
    assert_eq!(dropped, ["LK0123456789-P1"]);
    let left: Vec<&Value> = books["faults"].as_array().unwrap().iter().map(|f| &f["remaining"]).collect();
    assert_eq!(left, [0, 0, 0, 0], "each struck once: {books:#}");
    assert_eq!(books["faults"][0]["reference"], "111491774613486");
}

#[tokio::test]
async fn a_webhook_is_overtaken_by_one_about_the_same_alone() {
    let (world, _folder) = World::start().await;
    world.fault("midtrans", "reorder_webhook", 1).await;
    world.charge("LK0123456789-P1", 20_000).await;
    world.charge("LK9876543210-P1", 20_000).await;
    world.hooks.wait(1).await;
    world.pay("LK0123456789-P1", "settle").await;
    let got = world.hooks.wait(3).await;
    let told: Vec<Value> = got.iter().map(|h| h.json()).collect();
    let told: Vec<(&str, &str)> = told
        .iter()
        .map(|h| (h["order_id"].as_str().unwrap(), h["transaction_status"].as_str().unwrap()))
        .collect();
    let (held, other) = ("LK0123456789-P1", "LK9876543210-P1");
    assert_eq!(told, [(other, "pending"), (held, "settlement"), (held, "pending")]);
}

#[tokio::test]
async fn the_faults_that_each_party_knows_are_listed() {
    let (world, _folder) = World::start().await;
    arm(&world, json!({"target": "dana", "fault": "garbage"})).await;
    let listed = world.send(world.request("GET", "/sandbox/faults")).await.json();
    assert_eq!(
        (&listed["armed"][0]["target"], &listed["armed"][0]["fault"]),
        (&json!("dana"), &json!("garbage"))
    );
    let known = listed["known"].as_array().unwrap();
    for party in known {
        for fault in party["faults"].as_array().unwrap() {
            arm(&world, json!({"target": party["target"], "fault": fault})).await;
        }
    }
    let of =
        |target: &str| known.iter().find(|party| party["target"] == target).unwrap()["faults"].to_string();
    assert!(of("midtrans").contains("impose_fee") && !of("dana").contains("impose_fee"), "{listed:#}");
}

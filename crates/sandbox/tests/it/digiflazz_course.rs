//! How purchases go when they do not simply succeed: scripts, test numbers, reversals.

use crate::support::{Hook, LONG_ENOUGH, World, purchase};
use serde_json::{Value, json};

const START: i64 = 100_000_000;

fn state(data: &Value) -> (String, String) {
    (data["status"].as_str().unwrap().into(), data["rc"].as_str().unwrap().into())
}

fn pair(status: &str, rc: &str) -> (String, String) {
    (status.into(), rc.into())
}

fn told(hook: &Hook) -> (String, (String, String)) {
    (hook.header("x-digiflazz-event").unwrap().into(), state(&hook.json()["data"]))
}

#[tokio::test]
async fn a_script_decides_the_first_answer_and_the_last() {
    for (script, first, last, deliveries, charged) in [
        (json!({"outcome": "pending_then_success"}), ("Pending", "03"), ("Sukses", "00"), 1, 18_000),
        (json!({"outcome": "pending_then_success", "rc": ""}), ("Pending", ""), ("Sukses", "00"), 1, 18_000),
        (
            json!({"outcome": "pending_then_success", "rc": "99"}),
            ("Pending", "99"),
            ("Sukses", "00"),
            1,
            18_000,
        ),
        (json!({"outcome": "pending_then_fail"}), ("Pending", "03"), ("Gagal", "02"), 0, 0),
        (json!({"outcome": "pending_then_fail", "rc": "54"}), ("Pending", "03"), ("Gagal", "54"), 0, 0),
        (json!({"outcome": "fail_then_success"}), ("Gagal", "01"), ("Sukses", "00"), 1, 18_000),
        (json!({"outcome": "fail_then_success", "rc": "70"}), ("Gagal", "70"), ("Sukses", "00"), 1, 18_000),
        (json!({"outcome": "success_then_refund"}), ("Sukses", "00"), ("Gagal", "74"), 1, 0),
        // A code that no document has.
        (
            json!({"outcome": "pending_then_success", "rc": "46"}),
            ("Pending", "46"),
            ("Sukses", "00"),
            1,
            18_000,
        ),
        (json!({"outcome": "fail_then_success", "rc": "46"}), ("Gagal", "46"), ("Sukses", "00"), 1, 18_000),
    ] {
        let (world, _folder) = World::start().await;
        let mut scripted = json!({"target": "digiflazz", "customer_no": "123", "then_after_ms": 600_000});
        scripted.as_object_mut().unwrap().extend(script.as_object().unwrap().clone());
        world.script(scripted).await;
        let answer = world.buy("REF-1", "ML_86", "123").await;
        assert_eq!(state(&answer), pair(first.0, first.1), "{script}");
        world.advance(601).await;
        let hooks = world.hooks.wait(2).await;
        assert_eq!(told(&hooks[0]), ("create".into(), pair(first.0, first.1)), "{script}");
        assert_eq!(told(&hooks[1]), ("update".into(), pair(last.0, last.1)), "{script}");
        assert_eq!(state(&world.buy("REF-1", "ML_86", "123").await), pair(last.0, last.1), "{script}");
        let booked = world.purchase("REF-1").await;
        assert_eq!(
            (&booked["deliveries"], &booked["charged"]),
            (&json!(deliveries), &json!(charged)),
            "{script}"
        );
        assert_eq!(world.deposit().await, START - charged, "{script}");
        assert_eq!(answer["sn"].as_str().unwrap().is_empty(), first.0 != "Sukses", "{script}");
    }
}

#[tokio::test]
async fn a_failure_at_once_is_final_and_costs_nothing() {
    let (world, _folder) = World::start().await;
    world.script(json!({"customer_no": "next", "outcome": "fail", "rc": "54"})).await;
    let failed = world.digiflazz("transaction", &purchase("REF-1", "ML_86", "123")).await;
    assert_eq!((failed.http, state(&failed.json()["data"])), (400, pair("Gagal", "54")));
    world.advance(61).await;
    assert_eq!(state(&world.buy("REF-1", "ML_86", "123").await), pair("Gagal", "54"));
    assert_eq!(world.deposit().await, START);
    assert_eq!(world.purchase("REF-1").await["deliveries"], 0);
}

#[tokio::test]
async fn a_rejection_leaves_no_transaction_so_that_a_second_send_buys() {
    for rc in ["44", "62", "68", "85"] {
        let (world, _folder) = World::start().await;
        world.script(json!({"outcome": "fail", "rc": rc})).await;
        assert_eq!(state(&world.buy("REF-1", "ML_86", "123").await), pair("Gagal", rc));
        assert!(world.books().await["digiflazz"]["transactions"].as_array().unwrap().is_empty());
        world.advance(61).await;
        assert_eq!(state(&world.buy("REF-1", "ML_86", "123").await), pair("Sukses", "00"));
    }
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_a_purchase_all_the_same() {
    let (world, _folder) = World::start().await;
    world
        .script(json!({"customer_no": "123", "outcome": "timeout_then_success", "then_after_ms": 60_000}))
        .await;
    let request =
        world.request("POST", "/sandbox/digiflazz/v1/transaction").header("content-type", "application/json");
    let request = request.body(purchase("REF-1", "ML_86", "123").to_string()).timeout(LONG_ENOUGH);
    assert!(request.send().await.unwrap_err().is_timeout());
    assert_eq!(world.purchase("REF-1").await["status"], "Pending");
    world.advance(61).await;
    assert_eq!(state(&world.buy("REF-1", "ML_86", "123").await), pair("Sukses", "00"));
    assert_eq!(world.purchase("REF-1").await["deliveries"], 1);
}

#[tokio::test]
async fn scripts_are_used_once_those_for_a_number_first() {
    let (world, _folder) = World::start().await;
    world.script(json!({"outcome": "pending"})).await;
    world.script(json!({"customer_no": "123", "outcome": "fail"})).await;
    world.script(json!({"customer_no": "123", "outcome": "fail", "rc": "53"})).await;
    assert_eq!(state(&world.buy("A", "ML_86", "123").await), pair("Gagal", "02"));
    assert_eq!(state(&world.buy("B", "ML_86", "123").await), pair("Gagal", "53"));
    assert_eq!(state(&world.buy("C", "ML_86", "123").await), pair("Pending", "03"));
    assert_eq!(state(&world.buy("D", "ML_86", "123").await), pair("Sukses", "00"));
}

#[tokio::test]
async fn the_price_may_have_moved_since_the_list() {
    let (world, _folder) = World::start().await;
    world.script(json!({"outcome": "success", "price": 19_000, "sn": "SERIAL-1"})).await;
    world.script(json!({"outcome": "success", "price": 19_000, "sn": "SERIAL-2"})).await;
    let mut guarded = purchase("A", "ML_86", "123");
    guarded["max_price"] = json!(18_000);
    assert_eq!(world.digiflazz("transaction", &guarded).await.json()["data"]["rc"], "69");
    let unguarded = world.buy("B", "ML_86", "123").await;
    assert_eq!((&unguarded["price"], &unguarded["sn"]), (&json!(19_000), &json!("SERIAL-2")));
    assert_eq!(world.deposit().await, START - 19_000);
}

#[tokio::test]
async fn the_test_numbers_go_as_documented() {
    for (customer_no, first, last) in [
        ("087800001230", ("Sukses", "00"), None),
        ("087800001232", ("Gagal", "02"), None),
        ("087800001233", ("Pending", "03"), Some(("Sukses", "00"))),
        ("087800001234", ("Pending", "03"), Some(("Gagal", "02"))),
        ("081200000000", ("Pending", ""), None),
    ] {
        let (world, _folder) = World::start().await;
        let mut body = purchase("REF-1", "xld10", customer_no);
        body["testing"] = json!(true);
        let answer = world.digiflazz("transaction", &body).await.json()["data"].clone();
        assert_eq!(state(&answer), pair(first.0, first.1), "{customer_no}");
        assert_eq!(answer["price"], 10_000);
        if customer_no == "087800001230" {
            assert_eq!(answer["sn"], "1234567890");
        }
        if let Some(last) = last {
            world.advance(2).await;
            assert_eq!(
                told(&world.hooks.wait(2).await[1]),
                ("update".into(), pair(last.0, last.1)),
                "{customer_no}"
            );
        }
    }
    let (world, _folder) = World::start().await;
    assert_eq!(world.buy("REF-1", "xld10", "087800001230").await["rc"], "43", "only in test mode");
}

#[tokio::test]
async fn a_code_that_no_document_has_stands_in_answers_and_webhooks_as_often_as_it_is_asked_for() {
    let (world, _folder) = World::start().await;
    world.fault("digiflazz", "unknown_status", 2).await;
    // The webhook is written before the answer.
    assert_eq!(state(&world.buy("REF-1", "ML_86", "123").await), pair("Sukses", "77"));
    assert_eq!(told(&world.hooks.wait(1).await[0]), ("create".into(), pair("Sukses", "77")));
    world.advance(61).await;
    assert_eq!(state(&world.buy("REF-1", "ML_86", "123").await), pair("Sukses", "00"));
    assert_eq!(world.purchase("REF-1").await["rc"], "00", "in the books it was another all the time");
}

#[tokio::test]
async fn what_cannot_be_scripted_is_told_so() {
    let (world, _folder) = World::start().await;
    for (body, word) in [
        (json!({"outcome": "partial"}), "partial"),
        (json!({"outcome": "explode"}), "pending_then_success"),
        (json!({"outcome": "success", "target": "discord"}), "digiflazz"),
        (json!({"outcome": "pending_then_fail", "rc": "46"}), "46"),
        (json!({"outcome": "success", "rc": "46"}), "46"),
        (json!({"outcome": "fail", "rc": "4-6"}), "4-6"),
        (json!({"outcome": "fail", "rc": "03"}), "03"),
        (json!({"outcome": "pending", "rc": "02"}), "02"),
        (json!({"outcome": "success", "rc": "00"}), "00"),
        (json!({"outcome": "success", "then_after_ms": -1}), "then_after_ms"),
        (json!({"outcome": "success", "customer_no": ""}), "customer_no"),
        (json!({"outcome": "success", "sn": "\u{0}"}), "sn"),
        (json!({"outcome": "success", "price": -1}), "price"),
        (json!({"outcome": "success", "colour": "red"}), "colour"),
    ] {
        let answer = world.control("/sandbox/supplier", body.clone()).await;
        assert_eq!(answer.http, 422, "{body}");
        assert!(answer.text.contains(word), "{body} → {}", answer.text);
    }
}

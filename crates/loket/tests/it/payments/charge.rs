//! A charge whose answer is late, lost or never given.

use crate::{
    hands::{millis, nap, patience},
    harness::{Rows, World},
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_webhook_before_the_answer_to_our_charge_pays() {
    // The first answer comes while the lease lasts, the second after it is over.
    tokio::join!(paid_before_the_answer(1_200), paid_before_the_answer(4_500));
}

async fn paid_before_the_answer(delay: u64) {
    let world = World::open(Rows::Sqlite).await;
    world.fault("midtrans", "timeout_after_effect", json!({"operation": "charge", "delay_ms": delay})).await;
    let paying = async {
        let started = Instant::now();
        let reference = loop {
            let books = world.books("").await;
            if let Some(reference) = books["midtrans"]["transactions"][0]["order_id"].as_str() {
                break reference.to_owned();
            }
            patience(started, "the charge");
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        let number = reference.trim_end_matches("-P1").to_owned();
        world.paid(&number).await;
        let webhook = world.webhook_tried("midtrans", &number, "settlement").await;
        assert_eq!(webhook["attempts"][0]["status"], 200);
        number
    };
    let (placed, number) = tokio::join!(world.placed("one", json!({})), paying);
    assert_eq!(placed, number);
    world.until(&number, "delivered").await;
    // The late answer finds everything done.
    tokio::time::sleep(Duration::from_millis(delay)).await;
    let order = world.until(&number, "delivered").await;
    assert_eq!(order["payment"]["state"], "settled");
    // The poll would come ten seconds after the answer: what came before it was a reason to ask at once.
    let charge = millis(&world.requests("midtrans", "/v2/charge", &number).await[0]);
    let asked = millis(&world.requests("midtrans", "/status", &number).await[0]);
    let held = i64::try_from(delay).unwrap();
    assert!(asked - charge < held + 9_000, "asked {} ms after the charge", asked - charge);
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_charge_whose_answer_is_lost_is_adopted_and_never_made_twice() {
    let world = World::open(Rows::Sqlite).await;
    // An odd count spoils the JSON, the last one answers HTML; a held answer is given up by us.
    for (fault, more) in [
        ("garbage", json!({"operation": "charge", "count": 1})),
        ("garbage", json!({"operation": "charge", "count": 2})),
        ("timeout_after_effect", json!({"operation": "charge", "delay_ms": 17_000})),
    ] {
        let label = format!("{fault} {more}");
        world.fault("midtrans", fault, more).await;
        let number = world.placed(&label.replace(' ', ""), json!({"buyer": "budi"})).await;
        world.paid(&number).await;
        world.until(&number, "delivered").await;
        world.clear_faults().await;
        let charges = world.requests("midtrans", "/v2/charge", &number).await;
        assert_eq!(charges.len(), 1, "{label}: {charges:#?}");
        world.assert_paid_and_delivered_once(&number).await;
    }
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_charge_that_never_arrived_is_sent_again_under_its_reference() {
    let world = World::open(Rows::Sqlite).await;
    let faults = ["error_500", "redirect", "rate_limited", "timeout"];
    for fault in faults {
        world.fault("midtrans", fault, json!({"operation": "charge", "count": 1, "delay_ms": 1_000})).await;
        let number = world.placed(fault, json!({"buyer": fault})).await;
        // One order meets one fault.
        world.payable(&number).await;
        world.paid(&number).await;
        world.until(&number, "delivered").await;
        world.assert_paid_and_delivered_once(&number).await;
    }
    let charges = world.requests("midtrans", "/v2/charge", "").await;
    let spoiled = charges.iter().filter(|c| !c["fault"].is_null()).count();
    assert_eq!((charges.len(), spoiled), (8, 4), "{charges:#?}");
    world.assert_proofs().await;
}

/// An order whose charge is held by the gateway until our own time-out of 15 s is over; where the
/// order and its charges stand once the buyer can pay.
async fn timed_out(fault: &str) -> (World, String, Vec<Value>) {
    let mut world = World::new(Rows::Sqlite).await;
    // The lease outlasts the time-out: nobody else takes the row up, the charge itself ends unanswered.
    world.configure("LOKET_WORKER__LEASE_SECONDS", "60");
    world.open_shop(&[]).await.unwrap();
    world.fault("midtrans", fault, json!({"operation": "charge", "delay_ms": 40_000})).await;
    // Nor does anything but the time-out itself give a reason to ask.
    world.fault("midtrans", "drop_webhook", json!({"operation": "pending"})).await;
    let number = world.placed("one", json!({})).await;
    // Sent, and nobody knows more.
    let order = world.until_payment(&number, "unknown").await;
    assert_eq!(order["state"], "awaiting_payment");
    let started = Instant::now();
    while world.order(&number).await.unwrap()["payment"]["state"] != "open" {
        assert!(started.elapsed() < Duration::from_secs(90), "nobody can pay {number}");
        nap().await;
    }
    let charges = world.requests("midtrans", "/v2/charge", &number).await;
    let asked = world.requests("midtrans", "/status", &number).await;
    let waited = millis(&asked[0]) - millis(&charges[0]);
    assert!((15_000..35_000).contains(&waited), "asked {waited} ms after the charge: {asked:#?}");
    let metrics = world.http.get(world.url("/metrics")).send().await.unwrap().text().await.unwrap();
    let timed_out = r#"loket_outside_call_seconds_count{call="midtrans.charge",outcome="unknown"} 1"#;
    assert!(metrics.contains(timed_out), "the time-out was not reached: {metrics}");
    (world, number, charges)
}

/// The buyer sees the code, pays it, and gets the product; one payment stands at the gateway.
async fn payable_once(world: &World, number: &str) {
    let order = world.order(number).await.unwrap();
    assert_eq!(order["state"], "awaiting_payment");
    let books = world.books(number).await;
    let payments = books["midtrans"]["transactions"].as_array().unwrap();
    assert_eq!(payments.len(), 1, "{books:#}");
    assert_eq!(order["payment"]["qr_string"], payments[0]["qr_string"], "the code of that payment");
    world.paid(number).await;
    world.until(number, "delivered").await;
    world.assert_paid_and_delivered_once(number).await;
    assert_eq!(world.wallet_change(number).await, 0);
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_charge_that_times_out_after_it_was_made_is_adopted_and_can_be_paid() {
    let (world, number, charges) = timed_out("timeout_after_effect").await;
    assert_eq!(charges.len(), 1, "{charges:#?}");
    payable_once(&world, &number).await;
    assert_eq!(world.requests("midtrans", "/v2/charge", &number).await.len(), 1);
}

#[tokio::test]
async fn a_charge_that_times_out_before_it_was_made_is_made_once_under_its_reference() {
    let (world, number, charges) = timed_out("timeout").await;
    let reference = format!("\"{number}-P1\"");
    let same = charges.iter().all(|c| c["body"].as_str().unwrap().contains(&reference));
    assert!(charges.len() == 2 && same, "{charges:#?}");
    let asked = world.requests("midtrans", "/status", &number).await;
    assert!(asked[0]["answer"].as_str().unwrap().contains("\"404\""), "{asked:#?}");
    assert!(millis(&asked[0]) <= millis(&charges[1]), "charged again before it was asked about");
    payable_once(&world, &number).await;
    assert_eq!(world.requests("midtrans", "/v2/charge", &number).await.len(), 2);
}

#[tokio::test]
async fn a_charge_under_a_reference_that_the_gateway_knows_already_is_adopted() {
    let world = World::open(Rows::Sqlite).await;
    world.fault("midtrans", "drop_webhook", json!({"operation": "pending", "count": 10})).await;
    // The gateway says that it is too busy, and has the payment all the same when we come again.
    world.fault("midtrans", "rate_limited", json!({"operation": "charge", "delay_ms": 60_000})).await;
    let number = world.placed("one", json!({})).await;
    let started = Instant::now();
    while world.requests("midtrans", "/v2/charge", &number).await.is_empty() {
        patience(started, "the charge");
        nap().await;
    }
    world.charge_beside(&format!("{number}-P1"), 20_000).await;
    world.advance(61).await.unwrap();
    while world.order(&number).await.unwrap()["payment"]["state"] != "open" {
        patience(started, "the payment");
        nap().await;
    }
    let charges = world.requests("midtrans", "/v2/charge", &number).await;
    assert_eq!(charges.len(), 3, "{charges:#?}");
    assert!(charges[2]["answer"].as_str().unwrap().contains("\"406\""), "{charges:#?}");
    payable_once(&world, &number).await;
    assert_eq!(world.requests("midtrans", "/v2/charge", &number).await.len(), 3);
}

#[tokio::test]
async fn a_gateway_that_hangs_keeps_nobody_else_waiting() {
    let mut world = World::new(Rows::Sqlite).await;
    world.configure("LOKET_WORKER__LEASE_SECONDS", "60");
    world.open_shop(&[]).await.unwrap();
    // Held for longer than any transaction may last.
    world.fault("midtrans", "timeout_after_effect", json!({"operation": "charge", "delay_ms": 14_000})).await;
    let slow = world.placed("slow", json!({"buyer": "budi"})).await;
    let other = world.placed("other", json!({"buyer": "sari"})).await;
    world.paid(&other).await;
    world.until(&other, "delivered").await;
    // What was sent is written down before anybody answers.
    assert_eq!(world.order(&slow).await.unwrap()["payment"]["state"], "unknown");
    world.paid(&slow).await;
    world.until(&slow, "delivered").await;
    for number in [&slow, &other] {
        world.assert_paid_and_delivered_once(number).await;
    }
    world.assert_proofs().await;
}

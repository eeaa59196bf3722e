//! What can be made to go wrong at DANA.

use crate::dana_support::{CREATE, Call, QUERY, code, question};
use crate::support::{Hook, LONG_ENOUGH, World, eventually};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

async fn arm(world: &World, body: Value) {
    let answer = world.control("/sandbox/faults", body).await;
    assert_eq!(answer.http, 200, "{}", answer.text);
}

fn is_signed(world: &World, hook: &Hook) -> bool {
    let hash = hex::encode(Sha256::digest(&hook.raw));
    let text = format!("POST:/v1.0/debit/notify:{hash}:{}", hook.header("x-timestamp").unwrap());
    hook.header("x-signature").is_some_and(|signature| world.is_gateways(&text, signature))
}

#[tokio::test]
async fn a_timeout_before_the_effect_leaves_nothing_and_one_after_it_does() {
    let (world, _folder) = World::start().await;
    for (reference, fault, expected) in
        [("BEFORE", "timeout", "4045501"), ("AFTER", "timeout_after_effect", "2005500")]
    {
        arm(&world, json!({"target": "dana", "fault": fault, "delay_ms": 60_000})).await;
        let call = Call::new(&world, CREATE, &world.order(reference, 1_000));
        let held = world.signed(&call).timeout(LONG_ENOUGH).send().await;
        assert!(held.unwrap_err().is_timeout());
        assert_eq!(world.dana_code(QUERY, &question(reference)).await, expected, "{fault}");
    }
}

#[tokio::test]
async fn errors_and_limits_are_in_danas_words_and_have_no_effect() {
    let (world, _folder) = World::start().await;
    for (fault, expected) in [("error_500", "5005401"), ("rate_limited", "4295400")] {
        arm(&world, json!({"target": "dana", "fault": fault, "operation": "create"})).await;
        assert_eq!(world.dana_code(QUERY, &question("A")).await, "4045501", "{fault} waits for an order");
        let answer = world.dana(CREATE, &world.order("A", 1_000)).await;
        assert_eq!(code(&answer), expected);
        assert_eq!(answer.headers.contains_key("retry-after"), fault == "rate_limited");
    }
    assert!(world.books().await["dana"]["transactions"].as_array().unwrap().is_empty());
    world.ordered(&world.order("A", 1_000)).await;
}

#[tokio::test]
async fn garbage_comes_after_the_effect() {
    let (world, _folder) = World::start().await;
    arm(&world, json!({"target": "dana", "fault": "garbage", "count": 2, "operation": "create"})).await;
    for reference in ["A", "B"] {
        let answer = world.dana(CREATE, &world.order(reference, 1_000)).await;
        assert!(serde_json::from_str::<Value>(&answer.text).is_err(), "{}", answer.text);
        assert_eq!(world.asked(reference).await["latestTransactionStatus"], "01");
    }
}

#[tokio::test]
async fn notifications_are_dropped_doubled_delayed_and_overtaken() {
    let (world, _folder) = World::start().await;
    let references = |hooks: &[Hook]| -> Vec<String> {
        hooks.iter().map(|h| h.json()["originalPartnerReferenceNo"].as_str().unwrap().to_owned()).collect()
    };
    world.fault("dana", "drop_webhook", 1).await;
    world.paid(&world.order("DROPPED", 1_000)).await;
    world.fault("dana", "duplicate_webhook", 1).await;
    world.paid(&world.order("DOUBLED", 1_000)).await;
    assert_eq!(references(&world.hooks.wait(2).await), ["DOUBLED", "DOUBLED"]);
    world.fault("dana", "reorder_webhook", 1).await;
    world.paid(&world.order("FIRST", 1_000)).await;
    assert_eq!(world.hooks.settle().await.len(), 2);
    world.paid(&world.order("SECOND", 1_000)).await;
    assert_eq!(references(&world.hooks.wait(3).await)[2..], ["SECOND"]);
    assert_eq!(world.hooks.settle().await.len(), 3, "it waits for one about the same");
    world.advance(61).await;
    assert_eq!(references(&world.hooks.wait(4).await)[3..], ["FIRST"], "and for no longer than a minute");
    arm(&world, json!({"target": "dana", "fault": "delay_webhook", "delay_ms": 120_000})).await;
    world.paid(&world.order("DELAYED", 1_000)).await;
    assert_eq!(world.hooks.settle().await.len(), 4);
    world.advance(121).await;
    let hooks = world.hooks.wait(5).await;
    assert_eq!(references(&hooks)[4..], ["DELAYED"]);
    assert!(hooks.iter().all(|hook| is_signed(&world, hook)));
}

#[tokio::test]
async fn a_forged_notification_stays_forged_and_one_without_signature_stays_without() {
    let (world, _folder) = World::start().await;
    world.hooks.will_answer(&[401, 401]);
    for (fault, has_signature) in [("forge_signature", true), ("missing_signature", false)] {
        let before = world.hooks.got().len();
        world.fault("dana", fault, 1).await;
        world.paid(&world.order(fault, 1_000)).await;
        world.hooks.wait(before + 1).await;
        eventually("written down", async || {
            let books = world.books().await;
            Some(()).filter(|()| books["dana"]["webhooks"][0]["attempts"].as_array().unwrap().len() == 1)
        })
        .await;
        world.advance(61).await;
        for hook in world.hooks.wait(before + 2).await.split_off(before) {
            assert_eq!(hook.header("x-signature").is_some(), has_signature, "{fault}");
            assert!(hook.header("x-timestamp").is_some() && !is_signed(&world, &hook), "{fault}");
        }
        world.hooks.will_answer(&[401]);
    }
}

#[tokio::test]
async fn a_state_can_be_told_in_a_word_that_nobody_knows() {
    let (world, _folder) = World::start().await;
    world.paid(&world.order("A", 1_000)).await;
    arm(&world, json!({"target": "dana", "fault": "unknown_status", "operation": "query"})).await;
    let told = world.asked("A").await;
    assert_eq!(told["latestTransactionStatus"], "99");
    assert_eq!(world.asked("A").await["latestTransactionStatus"], "00");
}

#[tokio::test]
async fn faults_that_do_not_fit_are_refused() {
    let (world, _folder) = World::start().await;
    for fault in
        ["impose_fee", "upper_case_status", "stale_requery", "body_only_errors", "http_status_errors"]
    {
        let answer = world.control("/sandbox/faults", json!({"target": "dana", "fault": fault})).await;
        assert_eq!(answer.http, 422, "{fault}");
    }
}

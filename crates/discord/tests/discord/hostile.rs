//! Whatever is signed and sent, the answer is one that Discord takes, and never an error of ours.

use crate::{
    envelope, limits,
    scene::{Scene, button},
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};

/// Something that nobody would put there.
fn odd() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(json!([])),
        Just(json!({})),
        any::<i64>().prop_map(|n| json!(n)),
        any::<bool>().prop_map(|b| json!(b)),
        "\\PC{0,40}".prop_map(|s| json!(s)),
        "[0-9]{1,30}".prop_map(|s| json!(s)),
        Just(json!("x".repeat(5_000))),
        Just(json!({"a": {"b": {"c": [1, 2, {"d": "e"}]}}})),
        Just(json!("ML_86")),
        Just(json!("\u{0}")),
    ]
}

/// Every place in an interaction.
fn places(part: &Value, here: String, found: &mut Vec<String>) {
    match part {
        Value::Object(fields) => fields.iter().for_each(|(k, v)| places(v, format!("{here}/{k}"), found)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, v)| places(v, format!("{here}/{n}"), found))
        }
        _ => {}
    }
    found.push(here);
}

#[test]
fn no_mutated_interaction_makes_an_error_or_breaks_a_limit() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (scene, seeds) = runtime.block_on(async {
        let scene = Scene::on_sqlite().await;
        let (_, card) = scene.bought("gopay_qr").await;
        let form = scene.command("topup", &[("game", "ML"), ("product", "ML_86")]).await;
        let form = form["data"]["custom_id"].as_str().unwrap().to_owned();
        let from = || scene.from();
        let seeds = vec![
            envelope::command(
                from(),
                "topup",
                &[("game", "ML"), ("product", "ML_86"), ("user_id", "123456789"), ("server", "1")],
            ),
            envelope::command(from(), "cek", &[("game", "FF"), ("user_id", "123456789")]),
            envelope::command(from(), "price", &[("game", "ML")]),
            envelope::autocomplete(from(), "topup", &[("game", "ML"), ("product", "8")]),
            envelope::component(from(), &button(&card, "Check status"), None),
            envelope::component(from(), &button(&card, "Pay in another way"), Some("gopay_link")),
            envelope::modal(from(), &form, &[("user_id", "123456789"), ("server", "1234")]),
        ];
        (scene, seeds)
    });
    let cases = seeds.into_iter().map(|seed| {
        let mut found = Vec::new();
        places(&seed, String::new(), &mut found);
        (seed, found)
    });
    let cases: Vec<(Value, Vec<String>)> = cases.collect();
    let strategy = (0..cases.len(), proptest::collection::vec((any::<prop::sample::Index>(), odd()), 1..4));
    let mut runner = TestRunner::new(Config { cases: 200, ..Config::default() });
    let tried = runner.run(&strategy, |(case, changes)| {
        let (seed, places) = &cases[case];
        let mut asked = seed.clone();
        for (place, value) in changes {
            if let Some(spot) = asked.pointer_mut(&places[place.index(places.len())]) {
                *spot = value;
            }
        }
        let outcome = runtime.block_on(scene.send_raw(asked.to_string().as_bytes()));
        prop_assert!(outcome.status == 200 || outcome.status == 400, "{} {}", outcome.status, asked);
        if outcome.status == 200 {
            limits::check(&outcome.json, asked["type"].as_u64().unwrap());
            limits::keep("interaction_response", &outcome.json);
        }
        Ok(())
    });
    tried.unwrap();
    let problems = runtime.block_on(scene.shop().check_ledger()).unwrap().problems;
    assert_eq!(problems, []);
}

#[test]
fn no_bytes_at_all_make_an_error() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let scene = runtime.block_on(Scene::on_sqlite());
    let bytes = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        "\\{\"type\":[0-9]{1,3}(,\"data\":(\\[\\]|\\{\\}|null))?\\}".prop_map(String::into_bytes),
        Just(format!("{{\"type\":2,\"data\":{}1{}}}", "[".repeat(5_000), "]".repeat(5_000)).into_bytes()),
    ];
    let mut runner = TestRunner::new(Config { cases: 200, ..Config::default() });
    let tried = runner.run(&bytes, |body| {
        let outcome = runtime.block_on(scene.send_raw(&body));
        prop_assert!(outcome.status == 200 || outcome.status == 400);
        Ok(())
    });
    tried.unwrap();
}

//! Faults of the two sources of account names.

use crate::support::{Answer, World};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const TARGETS: [&str; 2] = ["vip-reseller", "apigames"];
/// What both accept: md5 of `loketloket-sandbox`.
const SIGN: &str = "8179e4bb934000b48ab4cdc3504792f9";

fn question(world: &World, target: &str) -> reqwest::RequestBuilder {
    if target == "apigames" {
        let path = format!(
            "/sandbox/apigames/merchant/loket/cek-username/freefire?user_id=225009777&signature={SIGN}"
        );
        return world.request("GET", &path);
    }
    let body = format!("key=loket-sandbox&sign={SIGN}&type=get-nickname&code=free-fire&target=225009777");
    let request = world.request("POST", "/sandbox/vip-reseller/api/game-feature");
    request.header("content-type", "application/x-www-form-urlencoded").body(body)
}

fn name(answer: &Answer) -> String {
    let body = answer.json();
    let name = if body["data"].is_object() { &body["data"]["username"] } else { &body["data"] };
    name.as_str().unwrap_or_else(|| panic!("{body} has no name")).to_owned()
}

#[tokio::test]
async fn a_source_that_fails_says_no_name_and_the_other_still_does() {
    let (world, _folder) = World::start().await;
    for (target, other) in [("vip-reseller", "apigames"), ("apigames", "vip-reseller")] {
        for (fault, http) in [("error_500", 500), ("rate_limited", 429), ("redirect", 302)] {
            world.fault(target, fault, 1).await;
            let answer = world.send(question(&world, target)).await;
            assert_eq!(answer.http, http, "{target} {fault}");
            let from_other = name(&world.send(question(&world, other)).await);
            assert_eq!(from_other, name(&world.send(question(&world, target)).await));
            assert_eq!(world.books().await[target]["requests"][1]["fault"], fault);
        }
    }
}

#[tokio::test]
async fn a_source_that_hangs_is_waited_for_or_given_up() {
    let (world, _folder) = World::start().await;
    for target in TARGETS {
        for (fault, http) in [("timeout", 504), ("timeout_after_effect", 200)] {
            let arm = json!({"target": target, "fault": fault, "count": 2, "delay_ms": 1_500});
            assert_eq!(world.control("/sandbox/faults", arm).await.http, 200);
            let given_up = question(&world, target).timeout(Duration::from_millis(750)).send().await;
            assert!(given_up.unwrap_err().is_timeout(), "{target} {fault}");
            let start = Instant::now();
            assert_eq!(world.send(question(&world, target)).await.http, http, "{target} {fault}");
            assert!(start.elapsed() >= Duration::from_millis(1_500));
            name(&world.send(question(&world, target)).await);
        }
    }
}

#[tokio::test]
async fn garbage_is_html_or_half_an_answer() {
    let (world, _folder) = World::start().await;
    for target in TARGETS {
        world.fault(target, "garbage", 2).await;
        for _ in 0..2 {
            let answer = world.send(question(&world, target)).await;
            assert_eq!(answer.http, 200);
            assert!(serde_json::from_str::<Value>(&answer.text).is_err(), "{}", answer.text);
        }
        name(&world.send(question(&world, target)).await);
    }
}

#[tokio::test]
async fn a_fault_can_wait_for_one_operation() {
    let (world, _folder) = World::start().await;
    for (operation, path) in [
        ("merchant", format!("/merchant/loket?signature={SIGN}")),
        ("cek-username", format!("/merchant/loket/cek-username/higgs?user_id=1234&signature={SIGN}")),
    ] {
        let arm = json!({"target": "apigames", "fault": "error_500", "count": 1, "operation": operation});
        assert_eq!(world.control("/sandbox/faults", arm).await.http, 200);
        let other =
            if operation == "merchant" { "/merchant/loket/cek-username/higgs" } else { "/merchant/loket" };
        let spared = world.request("GET", &format!("/sandbox/apigames{other}?user_id=1234&signature={SIGN}"));
        assert_eq!(world.send(spared).await.http, 200);
        let struck = world.request("GET", &format!("/sandbox/apigames{path}"));
        assert_eq!(world.send(struck).await.http, 500);
    }
    let arm = json!({"target": "vip-reseller", "fault": "error_500", "operation": "profile"});
    assert_eq!(world.control("/sandbox/faults", arm).await.http, 200);
    name(&world.send(question(&world, "vip-reseller")).await);
    let profile = world.request("POST", "/sandbox/vip-reseller/api/profile");
    assert_eq!(world.send(profile).await.http, 500);
}

#[tokio::test]
async fn a_fault_that_could_never_strike_is_refused() {
    let (world, _folder) = World::start().await;
    for target in TARGETS {
        for fault in ["single_push", "app_deep_link", "impose_fee", "stale_requery"] {
            let answer = world.control("/sandbox/faults", json!({"target": target, "fault": fault})).await;
            assert_eq!(answer.http, 422, "{target} {fault}");
            let detail = answer.json()["detail"].as_str().unwrap().to_owned();
            assert!(detail.contains(target) && detail.contains("`garbage`"), "{detail}");
        }
    }
}

#[tokio::test]
async fn a_fault_of_one_source_does_not_spoil_the_other() {
    let (world, _folder) = World::start().await;
    world.fault("vip-reseller", "error_500", 1).await;
    name(&world.send(question(&world, "apigames")).await);
    assert_eq!(world.send(question(&world, "vip-reseller")).await.http, 500);
}

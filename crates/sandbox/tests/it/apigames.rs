//! Apigames as a source of account names.

use crate::support::{Answer, World, fields};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// md5 of `loket:loket-sandbox`.
const WITH_COLON: &str = "d7e9bc7da6e1bb566ac535c7ed181a17";
/// md5 of `loketloket-sandbox`.
const WITHOUT: &str = "8179e4bb934000b48ab4cdc3504792f9";

async fn get(world: &World, path: &str) -> Answer {
    world.send(world.request("GET", &format!("/sandbox/apigames{path}"))).await
}

/// A question for a name, with the right signature.
async fn ask(world: &World, game: &str, user_id: &str) -> Answer {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("user_id", user_id), ("signature", WITH_COLON)])
        .finish();
    get(world, &format!("/merchant/loket/cek-username/{game}?{query}")).await
}

#[track_caller]
fn assert_nobody(answer: &Answer) {
    let body = answer.json();
    assert_eq!((answer.http, &body["status"], &body["rc"]), (200, &json!(1), &json!(0)), "{body}");
    assert_eq!(body["message"], "Data Not Found");
    assert_eq!(body["data"], json!({"is_valid": false, "username": ""}));
}

#[track_caller]
fn assert_refused(answer: &Answer, http: u16, message: &str) {
    assert_eq!((answer.http, answer.json()), (http, json!({"error_msg": message, "status": 0})));
}

#[tokio::test]
async fn a_name_is_told_in_the_envelope_of_the_document() {
    let (world, _folder) = World::start().await;
    let answer = ask(&world, "freefire", "225009777").await;
    assert_eq!(answer.http, 200);
    let body = answer.json();
    assert_eq!(fields(&body), ["data", "message", "rc", "status", "ts"]);
    assert_eq!(
        (&body["status"], &body["rc"], &body["message"]),
        (&json!(1), &json!(0), &json!("Data Found"))
    );
    assert_eq!(fields(&body["data"]), ["is_valid", "username"]);
    assert_eq!(body["data"]["is_valid"], true);
    assert!(!body["data"]["username"].as_str().unwrap().is_empty());
    assert!(body["ts"].as_i64().unwrap() > 1_700_000_000);
}

#[tokio::test]
async fn both_sources_know_the_same_players() {
    let (world, _folder) = World::start().await;
    for (id, zone) in (0..20).map(|n| (136_216_325 + n * 37, 2_680 + n)) {
        let theirs = ask(&world, "mobilelegend", &format!("{id}{zone}")).await.json();
        let body = format!(
            "key=loket-sandbox&sign={WITHOUT}&type=get-nickname&code=mobile-legends&target={id}&additional_target={zone}"
        );
        let request = world.request("POST", "/sandbox/vip-reseller/api/game-feature");
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        let ours = world.send(request).await.json();
        assert_eq!(theirs["data"]["username"], ours["data"], "{id} ({zone})");
        assert!(ours["data"].is_string());
    }
}

#[tokio::test]
async fn the_games_of_the_document_are_answered_and_no_others() {
    let (world, _folder) = World::start().await;
    for (game, id) in [("mobilelegend", "111491774613486"), ("freefire", "225009777"), ("higgs", "12345678")]
    {
        assert_eq!(ask(&world, game, id).await.json()["data"]["is_valid"], true, "{game}");
    }
    for game in ["valorant", "mobile-legends", "FREEFIRE", "%00", "freefire%2F"] {
        assert_refused(&ask(&world, game, "225009777").await, 200, "Game not supported");
    }
}

#[tokio::test]
async fn special_endings_are_those_of_the_id_behind_any_zone() {
    let (world, _folder) = World::start().await;
    for (game, ending) in
        [("freefire", ""), ("higgs", ""), ("mobilelegend", "2685"), ("mobilelegend", "13486")]
    {
        assert_nobody(&ask(&world, game, &format!("136216404{ending}")).await);
        let answer = ask(&world, game, &format!("136216503{ending}")).await;
        assert_eq!(answer.http, 503, "{game}");
        assert!(serde_json::from_str::<Value>(&answer.text).is_err());
        assert_eq!(
            ask(&world, game, &format!("136216325{ending}")).await.json()["data"]["is_valid"],
            true,
            "{game}"
        );
    }
    let start = Instant::now();
    let slow = ask(&world, "mobilelegend", "1362169992685").await;
    assert_eq!(slow.json()["data"]["is_valid"], true);
    assert!(start.elapsed() >= Duration::from_secs(5));
}

#[tokio::test]
async fn both_readings_of_the_signature_are_accepted_and_no_third() {
    let (world, _folder) = World::start().await;
    let paths = ["/merchant/loket?", "/merchant/loket/cek-username/freefire?user_id=225009777&"];
    for path in paths {
        for signature in [WITH_COLON, WITHOUT] {
            let answer = get(&world, &format!("{path}signature={signature}")).await;
            assert_eq!(answer.json()["status"], 1, "{}", answer.text);
        }
        for query in [
            String::new(),
            "signature=".into(),
            "signature=0123456789abcdef0123456789abcdef".into(),
            format!("signature={}", WITHOUT.to_uppercase()),
            format!("signature={WITHOUT}0"),
            format!("sign={WITHOUT}"),
        ] {
            assert_refused(&get(&world, &format!("{path}{query}")).await, 200, "Signature not valid");
        }
    }
    let other = get(&world, &format!("/merchant/somebody?signature={WITHOUT}")).await;
    assert_refused(&other, 200, "Merchant not valid");
    world.fault("apigames", "http_status_errors", 1).await;
    assert_refused(&get(&world, "/merchant/loket?signature=x").await, 401, "Signature not valid");
}

#[tokio::test]
async fn the_merchant_has_a_balance() {
    let (world, _folder) = World::start().await;
    let body = get(&world, &format!("/merchant/loket?signature={WITH_COLON}")).await.json();
    assert_eq!((&body["status"], &body["rc"]), (&json!(1), &json!(0)));
    assert_eq!(body["data"]["merchant_id"], "loket");
    assert!(body["data"]["saldo"].as_i64().unwrap() > 0);
}

#[tokio::test]
async fn no_question_brings_it_down() {
    let (world, _folder) = World::start().await;
    assert_refused(&ask(&world, "freefire", "").await, 200, "user_id is required");
    for id in [
        "1",
        "abc",
        " 225009777",
        "-225009777",
        "225009777.0",
        "２２５００９７７７",
        "' OR 1=1--",
        "\u{0}",
        "\u{202E}777900522",
        "💎💎💎💎💎💎💎💎",
        &"9".repeat(5_000),
    ] {
        for game in ["mobilelegend", "freefire", "higgs"] {
            assert_nobody(&ask(&world, game, id).await);
        }
    }
    for query in ["user_id=%FF%FE", "user_id=%", "user_id[]=225009777", "&&&", "user_id=1&user_id=2"] {
        let path = format!("/merchant/loket/cek-username/freefire?signature={WITHOUT}&{query}");
        let answer = get(&world, &path).await;
        assert_eq!(answer.http, 200, "{query}");
        assert_ne!(answer.json()["data"]["is_valid"], true, "{query}");
    }
    for path in
        ["/", "/merchant", "/merchant/loket/cek-username", "/v2/transaksi/all", "/merchant/loket/a/b/c", "//"]
    {
        assert_refused(&get(&world, path).await, 404, "Path is not served here");
    }
    for method in ["POST", "DELETE", "OPTIONS"] {
        let answer = world.send(world.request(method, "/sandbox/apigames/merchant/loket")).await;
        assert_refused(&answer, 405, "Method not allowed");
    }
}

#[tokio::test]
async fn the_journal_has_every_request_and_no_signature() {
    let (world, _folder) = World::start().await;
    ask(&world, "freefire", "225009777").await;
    get(&world, &format!("/merchant/loket?signature={WITHOUT}")).await;
    let books = world.books().await;
    let paths: Vec<&Value> =
        books["apigames"]["requests"].as_array().unwrap().iter().map(|r| &r["path"]).collect();
    assert_eq!(
        paths,
        [
            "/merchant/loket?signature=***",
            "/merchant/loket/cek-username/freefire?user_id=225009777&signature=***"
        ]
    );
    assert!(!books.to_string().contains(WITHOUT) && !books.to_string().contains(WITH_COLON));
}

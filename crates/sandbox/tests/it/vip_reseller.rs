//! VIP Reseller as a source of account names.

use crate::support::{Answer, World, fields};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// md5 of `loket` and `loket-sandbox`.
const SIGN: &str = "8179e4bb934000b48ab4cdc3504792f9";

/// A call with these fields, after the right key and sign.
async fn call(world: &World, path: &str, fields: &[(&str, &str)]) -> Answer {
    let all = [&[("key", "loket-sandbox"), ("sign", SIGN)], fields].concat();
    raw(world, path, &all).await
}

async fn raw(world: &World, path: &str, fields: &[(&str, &str)]) -> Answer {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = world.request("POST", &format!("/sandbox/vip-reseller{path}"));
    world.send(request.header("content-type", "application/x-www-form-urlencoded").body(body)).await
}

/// A question for a name.
async fn ask(world: &World, code: &str, target: &str, additional: &str) -> Answer {
    let mut fields = vec![("type", "get-nickname"), ("code", code), ("target", target)];
    if !additional.is_empty() {
        fields.push(("additional_target", additional));
    }
    call(world, "/api/game-feature", &fields).await
}

async fn name(world: &World, code: &str, target: &str, additional: &str) -> String {
    let answer = ask(world, code, target, additional).await;
    assert_eq!(answer.json()["result"], true, "{}", answer.text);
    answer.json()["data"].as_str().unwrap().to_owned()
}

/// An error as the supplier words it; the word is part of the message.
#[track_caller]
fn assert_refused(answer: &Answer, word: &str) {
    let body = answer.json();
    assert_eq!(fields(&body), ["data", "message", "result"], "{body}");
    assert_eq!((answer.http, &body["result"], &body["data"]), (200, &json!(false), &Value::Null), "{body}");
    assert!(body["message"].as_str().unwrap().contains(word), "{body} does not say {word}");
}

#[tokio::test]
async fn a_name_is_told_in_the_envelope_of_the_document() {
    let (world, _folder) = World::start().await;
    let answer = ask(&world, "mobile-legends", "136216325", "2685").await;
    assert_eq!(answer.http, 200);
    assert_eq!(answer.headers["content-type"], "application/json");
    let body = answer.json();
    assert_eq!(fields(&body), ["data", "message", "result"]);
    assert_eq!((&body["result"], &body["message"]), (&json!(true), &json!("Success.")));
    assert!(!body["data"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn a_multipart_form_is_the_same_question() {
    let (world, _folder) = World::start().await;
    let parts = [
        ("key", "loket-sandbox"),
        ("sign", SIGN),
        ("type", "get-nickname"),
        ("code", "mobile-legends"),
        ("target", "136216325"),
        ("additional_target", "2685"),
    ];
    let part = |(name, value): &(&str, &str)| {
        format!("--XyZ\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body = format!("{}--XyZ--\r\n", parts.iter().map(part).collect::<String>());
    let request = world
        .request("POST", "/sandbox/vip-reseller/api/game-feature")
        .header("content-type", "multipart/form-data; boundary=XyZ")
        .body(body);
    let answer = world.send(request).await;
    assert_eq!(answer.json()["data"], json!(name(&world, "mobile-legends", "136216325", "2685").await));
}

#[tokio::test]
async fn every_game_of_the_list_is_answered() {
    let (world, _folder) = World::start().await;
    for (code, target, additional) in [
        ("mobile-legends", "1114917746", "13486"),
        ("mobile-legends-region", "1114917746", "13486"),
        ("free-fire", "225009777", ""),
        ("free-fire-max", "225009777", ""),
        ("pubgm", "5123456789", ""),
        ("valorant", "yuyun#123", ""),
        ("genshin-impact", "618285856", "os_usa"),
        ("honkai-star-rail", "600000001", "prod_official_usa"),
        ("pointblank", "wakwaw55", ""),
        ("call-of-duty-mobile", "11943769307349683075", ""),
        ("arena-of-valor", "124590895269021", ""),
        ("league-of-legends-wild-rift", "Westbourne#USA", ""),
    ] {
        let answer = ask(&world, code, target, additional).await;
        assert_eq!(answer.json()["result"], true, "{code}: {}", answer.text);
        let country = answer.json().get("country").cloned();
        assert_eq!(country.is_some(), code == "mobile-legends-region", "{code}: {}", answer.text);
    }
    assert_eq!(
        name(&world, "free-fire", "225009777", "").await,
        name(&world, "free-fire-max", "225009777", "").await
    );
    assert_eq!(
        name(&world, "mobile-legends", "1114917746", "13486").await,
        name(&world, "mobile-legends-region", "1114917746", "13486").await
    );
}

#[tokio::test]
async fn an_id_that_ends_in_404_does_not_exist() {
    let (world, _folder) = World::start().await;
    for (code, target, additional) in [
        ("free-fire", "225009404", ""),
        ("mobile-legends", "136216404", "2685"),
        ("valorant", "yuyun#404", ""),
        ("genshin-impact", "618285404", "os_usa"),
    ] {
        assert_refused(&ask(&world, code, target, additional).await, "tidak ditemukan");
    }
}

#[tokio::test]
async fn what_is_no_id_in_its_game_does_not_exist() {
    let (world, _folder) = World::start().await;
    for (code, target, additional) in [
        ("free-fire", "abc", ""),
        ("free-fire", "1", ""),
        ("valorant", "yuyun", ""),
        ("mobile-legends", "136216325", "abc"),
        ("genshin-impact", "118285856", "os_usa"),
        ("genshin-impact", "618285856", "os_asia"),
    ] {
        assert_refused(&ask(&world, code, target, additional).await, "tidak ditemukan");
    }
}

#[tokio::test]
async fn an_id_that_ends_in_503_gets_no_answer_of_the_supplier() {
    let (world, _folder) = World::start().await;
    let answer = ask(&world, "free-fire", "225009503", "").await;
    assert_eq!(answer.http, 503);
    assert!(serde_json::from_str::<Value>(&answer.text).is_err());
    name(&world, "free-fire", "225009504", "").await;
}

#[tokio::test]
async fn an_id_that_ends_in_999_is_answered_after_five_seconds() {
    let (world, _folder) = World::start().await;
    let start = Instant::now();
    let (slow, quick) = tokio::join!(ask(&world, "free-fire", "225009999", ""), async {
        name(&world, "free-fire", "225009998", "").await;
        start.elapsed()
    });
    assert_eq!(slow.json()["result"], true);
    assert!(start.elapsed() >= Duration::from_secs(5));
    assert!(quick < Duration::from_secs(5), "a slow account holds nobody else up");
}

#[tokio::test]
async fn a_wrong_key_or_sign_is_refused_before_anything_else() {
    let (world, _folder) = World::start().await;
    let question = [("type", "get-nickname"), ("code", "free-fire"), ("target", "225009777")];
    for (credentials, word) in [
        (vec![], "key dan sign"),
        (vec![("key", "loket-sandbox")], "key dan sign"),
        (vec![("sign", SIGN)], "key dan sign"),
        (vec![("key", ""), ("sign", "")], "key dan sign"),
        (vec![("key", "loket"), ("sign", SIGN)], "API Key"),
        (vec![("key", "loket-sandbox"), ("sign", "0123456789abcdef0123456789abcdef")], "Sign"),
        (vec![("key", "loket-sandbox"), ("sign", &SIGN.to_uppercase())], "Sign"),
        (vec![("key", "loket-sandbox"), ("sign", SIGN), ("sign", "x")], "Sign"),
    ] {
        let all = [credentials.as_slice(), &question].concat();
        assert_refused(&raw(&world, "/api/game-feature", &all).await, word);
        assert_refused(&raw(&world, "/api/profile", &all).await, word);
    }
}

#[tokio::test]
async fn what_is_missing_or_unknown_is_named() {
    let (world, _folder) = World::start().await;
    for (fields, word) in [
        (vec![], "type wajib"),
        (vec![("type", "steal")], "type tidak dikenal"),
        (vec![("type", "order")], "service dan data_no wajib"),
        (vec![("type", "get-nickname")], "code wajib"),
        (vec![("type", "get-nickname"), ("code", "chess")], "Code game"),
        (vec![("type", "get-nickname"), ("code", "free-fire")], "target wajib"),
        (vec![("type", "get-nickname"), ("code", "free-fire"), ("target", "")], "target wajib"),
    ] {
        assert_refused(&call(&world, "/api/game-feature", &fields).await, word);
    }
    for code in ["mobile-legends", "mobile-legends-region", "genshin-impact", "honkai-star-rail"] {
        assert_refused(&ask(&world, code, "600000001", "").await, "additional_target wajib");
    }
}

#[tokio::test]
async fn the_profile_tells_the_balance() {
    let (world, _folder) = World::start().await;
    let body = call(&world, "/api/profile", &[]).await.json();
    assert_eq!(body["result"], true);
    let names = ["balance", "full_name", "level", "point", "registered", "username"];
    assert_eq!(fields(&body["data"]), names);
    assert!(body["data"]["balance"].as_i64().unwrap() >= 100_000, "enough for the region of an account");
}

#[tokio::test]
async fn errors_show_in_the_http_status_when_that_is_switched_on() {
    let (world, _folder) = World::start().await;
    world.fault("vip-reseller", "http_status_errors", 1).await;
    let answer = ask(&world, "free-fire", "225009404", "").await;
    assert_eq!((answer.http, &answer.json()["result"]), (400, &json!(false)));
    assert_refused(&ask(&world, "free-fire", "225009404", "").await, "tidak ditemukan");
}

#[tokio::test]
async fn only_the_documented_paths_and_post_are_answered() {
    let (world, _folder) = World::start().await;
    for (method, path, http) in [
        ("GET", "/api/game-feature", 405),
        ("PUT", "/api/profile", 405),
        ("POST", "/game-feature", 404),
        ("POST", "/api/prepaid", 404),
        ("POST", "/", 404),
    ] {
        let answer = world.send(world.request(method, &format!("/sandbox/vip-reseller{path}"))).await;
        assert_eq!((answer.http, &answer.json()["result"]), (http, &json!(false)), "{method} {path}");
    }
}

#[tokio::test]
async fn no_form_brings_it_down() {
    let (world, _folder) = World::start().await;
    let good = format!("key=loket-sandbox&sign={SIGN}&type=get-nickname&code=free-fire&target=");
    let urlencoded = "application/x-www-form-urlencoded";
    let multipart = "multipart/form-data; boundary=x";
    let unfinished = "--x\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nloket-sandbox";
    let cases: Vec<(&str, Vec<u8>)> = vec![
        (urlencoded, Vec::new()),
        (urlencoded, vec![0xFF; 500]),
        (urlencoded, b"&&&=&%&%zz=%f".to_vec()),
        (urlencoded, format!("{good}{}", "9".repeat(60_000)).into_bytes()),
        (urlencoded, format!("{good}{}", "9".repeat(70_000)).into_bytes()),
        (urlencoded, format!("{good}%00%FF%F0%9F%92%A9").into_bytes()),
        (urlencoded, format!("{good}%E2%80%AE225009777").into_bytes()),
        (urlencoded, format!("{good}225009777' OR 1=1--").into_bytes()),
        (urlencoded, format!("{good}-225009777").into_bytes()),
        (multipart, Vec::new()),
        (multipart, unfinished.into()),
        (multipart, b"--x\r\n\r\n\r\n--x--".to_vec()),
        (multipart, vec![0; 2_000]),
        ("multipart/form-data", b"--x--".to_vec()),
        ("multipart/form-data; boundary=", b"--x--".to_vec()),
        ("multipart/form-data; boundary=\"", b"--x--".to_vec()),
        ("application/json", br#"{"key":"loket-sandbox","sign":"x"}"#.to_vec()),
        ("text/plain", good.clone().into_bytes()),
        ("\u{e9}", good.clone().into_bytes()),
    ];
    for (content_type, body) in cases {
        let shown = String::from_utf8_lossy(&body).chars().take(120).collect::<String>();
        let request = world.request("POST", "/sandbox/vip-reseller/api/game-feature");
        let answer = world.send(request.header("content-type", content_type).body(body)).await;
        let told = answer.json();
        assert_eq!((answer.http, &told["result"]), (200, &json!(false)), "{content_type}: {shown}");
        assert!(
            told["message"].as_str().is_some_and(|message| message.len() < 300),
            "{content_type}: {told}"
        );
    }
    let request = world.request("POST", "/sandbox/vip-reseller/api/game-feature");
    assert_eq!(world.send(request.body(good)).await.json()["result"], false, "no content type at all");
    name(&world, "free-fire", "225009777", "").await;
}

#[tokio::test]
async fn the_journal_has_every_request_and_no_key() {
    let (world, _folder) = World::start().await;
    name(&world, "free-fire", "225009777", "").await;
    ask(&world, "free-fire", "225009503", "").await;
    let books = world.books().await;
    let requests = books["vip-reseller"]["requests"].as_array().unwrap();
    assert_eq!(requests.len(), 2);
    assert_eq!((&requests[0]["status"], &requests[1]["status"]), (&json!(503), &json!(200)));
    let request = &requests[1];
    assert_eq!((&request["method"], &request["path"]), (&json!("POST"), &json!("/api/game-feature")));
    let body = request["body"].as_str().unwrap();
    assert_eq!(body, "key=***&sign=***&type=get-nickname&code=free-fire&target=225009777");
    assert!(request["answer"].as_str().unwrap().contains("Success."));
    assert!(!books.to_string().contains(SIGN));
}

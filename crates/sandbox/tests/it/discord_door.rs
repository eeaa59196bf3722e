//! The door of the API: names, tokens, paths, bodies, rate limits, faults.

use crate::{
    discord_support::{AGENT, APP, SHOP, panel, refused, refused_at, shop_command, start},
    support::{LONG_ENOUGH, World, eventually},
};
use serde_json::{Value, json};
use std::time::Duration;
use testkit::TempFolder;

#[tokio::test]
async fn who_does_not_name_itself_as_discord_wants_is_blocked() {
    let (world, _shop, _folder) = start().await;
    for agent in ["curl/8", "DiscordBot", "DiscordBot (nothing, 1)"] {
        let request = world.bare("GET", "/users/@me").header("user-agent", agent);
        let request = request.header("authorization", format!("Bot {}", sandbox::DISCORD_BOT_TOKEN));
        refused(&world.send(request).await, 403, 40333);
    }
}

#[tokio::test]
async fn a_wrong_bot_token_opens_nothing() {
    let (world, _shop, _folder) = start().await;
    for token in
        [None, Some("Bot wrong"), Some(sandbox::DISCORD_BOT_TOKEN), Some("Bearer loket-sandbox-bot-token")]
    {
        for (method, path) in [
            ("GET", "/users/@me".to_owned()),
            ("GET", "/applications/@me".to_owned()),
            ("GET", format!("/applications/{APP}/commands")),
            ("POST", format!("/channels/{SHOP}/messages")),
        ] {
            let mut request = world.bare(method, &path).header("user-agent", AGENT);
            if let Some(token) = token {
                request = request.header("authorization", token);
            }
            refused(&world.send(request).await, 401, 0);
        }
    }
}

#[tokio::test]
async fn the_bot_and_its_application_are_known() {
    let (world, shop, _folder) = start().await;
    let me = world.api("GET", "/users/@me", None).await.json();
    assert_eq!((&me["id"], &me["bot"]), (&json!(APP), &json!(true)));
    let app = world.api("GET", "/applications/@me", None).await.json();
    assert_eq!((&app["id"], &app["approximate_guild_count"]), (&json!(APP), &json!(1)));
    assert_eq!(app["verify_key"], world.sandbox.discord_public_key());
    assert_eq!(app["interactions_endpoint_url"], json!(shop.url));
    world.sandbox.set_discord_interactions_url(None);
    let app = world.api("GET", "/applications/@me", None).await.json();
    assert_eq!(app["interactions_endpoint_url"], Value::Null);
    refused(&world.api("PUT", "/applications/1/commands", Some(json!([]))).await, 403, 20012);
}

#[tokio::test]
async fn paths_methods_and_bodies_that_do_not_exist_are_refused() {
    let (world, _shop, _folder) = start().await;
    refused(&world.api("GET", "/guilds/1", None).await, 404, 0);
    refused(&world.api("DELETE", "/users/@me", None).await, 405, 0);
    let path = format!("/channels/{SHOP}/messages");
    let half = world
        .api_request("POST", &path, None)
        .header("content-type", "application/json")
        .body("{\"content\"");
    refused(&world.send(half).await, 400, 50109);
    let form = world.api_request("POST", &path, None).header("content-type", "text/plain").body("hi");
    refused_at(&world.send(form).await, "");
    let broken =
        world.api_request("POST", &path, None).header("content-type", "multipart/form-data; boundary=x");
    refused(&world.send(broken.body("nonsense")).await, 400, 50109);
    let huge = json!({"content": "x".repeat(26 * 1024 * 1024)});
    refused(&world.api("POST", &path, Some(huge)).await, 413, 40005);
}

/// In which a bucket is emptied. Long enough for what is asked within it, on a busy machine, too.
const WINDOW: Duration = Duration::from_secs(5);

async fn strict(per_bucket: u32, global: u32, invalid: u32) -> (World, TempFolder) {
    let folder = TempFolder::new("discord");
    let world = World::on(&folder, |settings| {
        settings.discord.limits.per_bucket = per_bucket;
        settings.discord.limits.window = WINDOW;
        settings.discord.limits.global_per_second = global;
        settings.discord.limits.invalid_per_ten_minutes = invalid;
    })
    .await;
    (world, folder)
}

#[tokio::test]
async fn a_bucket_tells_what_is_left_and_then_says_when_to_come_back() {
    let (world, _folder) = strict(2, 1_000, 1_000).await;
    for left in ["1", "0"] {
        let answer = world.post(json!({"content": "hi"})).await;
        assert_eq!((answer.http, &answer.headers["x-ratelimit-remaining"]), (200, &left.parse().unwrap()));
        assert_eq!(answer.headers["x-ratelimit-limit"], "2");
        for name in ["x-ratelimit-reset", "x-ratelimit-reset-after", "x-ratelimit-bucket"] {
            assert!(answer.headers.contains_key(name), "{name}");
        }
    }
    let answer = world.post(json!({"content": "hi"})).await;
    assert_eq!(answer.http, 429);
    assert_eq!(answer.headers["x-ratelimit-scope"], "user");
    let body = answer.json();
    assert_eq!(body["global"], false);
    let wait = body["retry_after"].as_f64().unwrap();
    assert!(wait > 0.0 && wait <= WINDOW.as_secs_f64(), "{wait}");
    assert_eq!(answer.headers["retry-after"], wait.ceil().to_string());
    let other = format!("/channels/{}/messages", sandbox::DISCORD_LOG_CHANNEL_ID);
    let answer = world.api("POST", &other, Some(json!({"content": "hi"}))).await;
    assert_eq!(answer.http, 200, "another channel is another bucket");
    world.advance(3_600).await;
    assert_eq!(world.post(json!({"content": "hi"})).await.http, 429, "rate limits run on real time");
    eventually("the window is over", async || {
        Some(world.post(json!({"content": "hi"})).await.http).filter(|http| *http == 200)
    })
    .await;
}

#[tokio::test]
async fn the_global_limit_counts_the_bot_and_not_its_interactions() {
    let (world, _folder) = strict(1_000, 1, 1_000).await;
    let mut last = None;
    for _ in 0..20 {
        let answer = world.api("GET", "/users/@me", None).await;
        if answer.http == 429 {
            last = Some(answer);
            break;
        }
    }
    let answer = last.expect("twenty requests within a second are more than one");
    assert_eq!(answer.headers["x-ratelimit-global"], "true");
    assert_eq!(answer.headers["x-ratelimit-scope"], "global");
    assert_eq!(answer.json()["global"], true);
    for _ in 0..20 {
        let answer = world.api("GET", &format!("/webhooks/{APP}/nothing/messages/@original"), None).await;
        refused(&answer, 404, 10015);
    }
}

#[tokio::test]
async fn an_address_that_asks_wrongly_too_often_is_shut_out() {
    let (world, _folder) = strict(1_000, 1_000, 3).await;
    let path = format!("/channels/{SHOP}/messages");
    for _ in 0..3 {
        refused(&world.send(world.bare("POST", &path).header("user-agent", AGENT)).await, 401, 0);
    }
    let answer = world.api("GET", "/users/@me", None).await;
    assert_eq!(answer.http, 403);
    assert!(answer.text.contains("1015") && answer.headers["content-type"] == "text/html; charset=utf-8");
    let answer = world.control("/sandbox/discord/limits", json!({"invalid_per_ten_minutes": 100})).await;
    assert_eq!(answer.json()["invalid_per_ten_minutes"], 100);
    assert_eq!(world.api("GET", "/users/@me", None).await.http, 200, "other limits start to count anew");
}

#[tokio::test]
async fn faults_spoil_requests_before_and_after_their_effect() {
    let (world, _shop, _folder) = start().await;
    let list = format!("/channels/{SHOP}/messages");
    let count = async || world.api("GET", &list, None).await.json().as_array().unwrap().len();
    for (fault, http, effect) in [("error_500", 500, 0), ("rate_limited", 429, 0)] {
        let fault = json!({"target": "discord", "fault": fault, "operation": "create_message"});
        assert_eq!(world.control("/sandbox/faults", fault).await.http, 200);
        assert_eq!(world.post(json!({"content": "hi"})).await.http, http);
        assert_eq!(count().await, effect);
    }
    let late = json!({"target": "discord", "fault": "timeout_after_effect", "delay_ms": 60_000, "operation": "create_message"});
    world.control("/sandbox/faults", late).await;
    let request = world.api_request("POST", &list, Some(json!({"content": "hi"})));
    assert!(request.timeout(LONG_ENOUGH).send().await.unwrap_err().is_timeout());
    assert_eq!(count().await, 1);
    world.control("/sandbox/faults", json!({"target": "discord", "fault": "garbage"})).await;
    let answer = world.post(json!({"content": "hi"})).await;
    assert!(serde_json::from_str::<Value>(&answer.text).is_err());
    for fault in ["reorder_webhook", "impose_fee", "body_only_errors"] {
        let answer = world.control("/sandbox/faults", json!({"target": "discord", "fault": fault})).await;
        assert_eq!(answer.http, 422, "{fault}");
    }
}

#[tokio::test]
async fn requests_are_in_the_journal_without_the_token() {
    let (world, _shop, _folder) = start().await;
    world.post(json!({"content": "hi"})).await;
    let books = world.books().await;
    let newest = &books["discord"]["requests"][0];
    assert_eq!(newest["path"], format!("/api/v10/channels/{SHOP}/messages"));
    assert_eq!(newest["headers"]["authorization"], "***");
    assert!(!books.to_string().contains("loket-sandbox-bot-token"));
}

#[tokio::test]
async fn every_payload_is_kept_with_what_became_of_it() {
    let (world, shop, _folder) = start().await;
    world.register(shop_command()).await;
    world.post(json!({"content": "hi"})).await;
    world.post(json!({"content": ""})).await;
    shop.will_say(panel());
    world.act(json!({"command": {"name": "shop"}})).await;
    let all = world.send(world.request("GET", "/sandbox/discord/payloads")).await.json();
    let all = all["payloads"].as_array().unwrap();
    let told: Vec<(&str, i64)> =
        all.iter().map(|p| (p["kind"].as_str().unwrap(), p["status"].as_i64().unwrap())).collect();
    let expected = [
        ("command_list", 200),
        ("message_create", 200),
        ("message_create", 400),
        ("interaction_response", 200),
    ];
    assert_eq!(told, expected);
    assert_eq!((&all[3]["interaction_type"], &all[3]["body"]), (&json!(2), &panel()));
    let rest = world.send(world.request("GET", "/sandbox/discord/payloads?after=3")).await.json();
    assert_eq!(rest["payloads"].as_array().unwrap().len(), 1);
}

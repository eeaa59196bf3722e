//! Calls as they go out, and every class of answer on a real socket.

use crate::{
    scene::{APPLICATION, Discord, made, refusal, rest},
    server::{Reply, answer, cut_short, nobody},
};
use discord::{File, Refusal};
use serde_json::json;
use std::time::Duration;
use vocabulary::Secret;

const TOKEN: &str = "aW50ZXJhY3Rpb24-_=";

#[tokio::test]
async fn calls_go_to_the_places_that_discord_names() {
    let discord = Discord::answering(|_| made("7"));
    let rest = discord.rest();
    let (token, body) = (Secret::new(TOKEN), json!({"content": "a"}));
    rest.edit_original(APPLICATION, &token, &body, &[]).await.unwrap();
    rest.follow_up(APPLICATION, &token, &body, &[]).await.unwrap();
    assert!(discord.server.seen().iter().all(|seen| seen.header("authorization").is_none()));
    assert_eq!(rest.dm_channel("80").await.unwrap(), "7");
    assert_eq!(discord.last_json(), json!({"recipient_id": "80"}));
    assert_eq!(rest.create_message("5", &body, &[], "n1").await.unwrap(), "7");
    assert_eq!(discord.last_json(), json!({"content": "a", "nonce": "n1", "enforce_nonce": true}));
    rest.edit_message("5", "6", &body, &[]).await.unwrap();
    assert_eq!(rest.create_private_thread("5", "Struk").await.unwrap(), "7");
    assert_eq!(
        discord.last_json(),
        json!({"name": "Struk", "type": 12, "auto_archive_duration": 10_080, "invitable": false})
    );
    rest.commands(None).await.unwrap();
    rest.put_commands(Some("100"), &json!([])).await.unwrap();
    rest.application().await.unwrap();
    assert_eq!(
        discord.lines(),
        [
            format!("PATCH /webhooks/{APPLICATION}/{TOKEN}/messages/@original"),
            format!("POST /webhooks/{APPLICATION}/{TOKEN}"),
            "POST /users/@me/channels".into(),
            "POST /channels/5/messages".into(),
            "PATCH /channels/5/messages/6".into(),
            "POST /channels/5/threads".into(),
            format!("GET /applications/{APPLICATION}/commands?with_localizations=true"),
            format!("PUT /applications/{APPLICATION}/guilds/100/commands"),
            "GET /applications/@me".into(),
        ]
    );
    let last = discord.last();
    assert_eq!(last.header("authorization"), Some("Bot bot-token"));
    let version = env!("CARGO_PKG_VERSION");
    let agent = format!("DiscordBot (https://shop.example, {version})");
    assert!(discord.server.seen().iter().all(|seen| seen.header("user-agent") == Some(&agent)));
}

#[tokio::test]
async fn the_threads_of_a_guild_are_told_or_it_is_not_known() {
    let discord = Discord::answering(|_| answer(200, &[], "{\"threads\":[{\"id\":\"9\"}],\"members\":[]}"));
    let rest = discord.rest();
    assert_eq!(rest.active_threads("100").await.unwrap(), [json!({"id": "9"})]);
    assert_eq!(discord.lines(), ["GET /guilds/100/threads/active"]);
    discord.now_answers(|_| made("7"));
    assert!(matches!(rest.active_threads("100").await, Err(Refusal::Unknown(_))));
    discord.now_answers(|_| refusal(404, 10_004));
    assert_eq!(rest.active_threads("100").await, Err(Refusal::Gone { code: 10_004 }));
}

#[tokio::test]
async fn a_picture_goes_along_in_several_parts() {
    let discord = Discord::answering(|_| made("7"));
    let files = [File { name: "qris.png".into(), bytes: b"picture\r\n--".to_vec() }];
    let body = json!({"content": "a"});
    discord.rest().edit_original(APPLICATION, &Secret::new(TOKEN), &body, &files).await.unwrap();
    let seen = discord.last();
    let kind = seen.header("content-type").unwrap();
    let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
    let parts: Vec<&str> = seen.body.split(&format!("--{boundary}")).collect();
    assert_eq!(parts.len(), 4);
    assert!(
        parts[1].ends_with(
            "\r\n\r\n{\"attachments\":[{\"filename\":\"qris.png\",\"id\":0}],\"content\":\"a\"}\r\n"
        )
    );
    assert!(parts[2].contains("name=\"files[0]\"; filename=\"qris.png\"\r\nContent-Type: image/png\r\n"));
    assert!(parts[2].ends_with("\r\n\r\npicture\r\n--\r\n"));
    assert_eq!(parts[3], "--\r\n");
}

async fn refused(reply: Reply) -> Refusal {
    let discord = Discord::answering(move |_| reply.clone());
    discord.rest().create_message("5", &json!({}), &[], "n").await.unwrap_err()
}

#[tokio::test]
async fn every_answer_has_its_class() {
    let limited = answer(
        429,
        &[("X-RateLimit-Scope", "user"), ("Retry-After", "2")],
        json!({"message": "You are being rate limited.", "retry_after": 1.5, "global": false}).to_string(),
    );
    assert_eq!(refused(limited).await, Refusal::RateLimited { after: Duration::from_millis(1_500) });
    assert_eq!(refused(refusal(404, 10_008)).await, Refusal::Gone { code: 10_008 });
    assert_eq!(refused(refusal(429, 30_046)).await, Refusal::Gone { code: 30_046 });
    assert_eq!(refused(refusal(400, 50_083)).await, Refusal::Gone { code: 50_083 });
    assert_eq!(refused(refusal(403, 50_007)).await, Refusal::Forbidden { code: 50_007 });
    assert!(matches!(refused(refusal(400, 50_035)).await, Refusal::Invalid { code: 50_035, .. }));
    assert_eq!(refused(refusal(401, 0)).await, Refusal::Unauthorized);
    assert!(matches!(refused(refusal(500, 0)).await, Refusal::Unknown(_)));
    assert!(matches!(refused(Reply::Bytes(Vec::new())).await, Refusal::Unknown(_)));
    assert!(matches!(refused(cut_short("{\"id\":")).await, Refusal::Unknown(_)));
    assert!(matches!(refused(answer(200, &[], "{}")).await, Refusal::Unknown(_)), "no id");
    let unsent = rest(&nobody()).create_message("5", &json!({}), &[], "n").await.unwrap_err();
    assert!(matches!(unsent, Refusal::NotSent(_)));
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_unknown_after_eight_seconds() {
    for reply in [Reply::Silence, Reply::Drip] {
        let discord = Discord::answering(move |_| reply.clone());
        let rest = discord.rest();
        let (outcome, waited) = discord.server.wait_out(rest.application()).await;
        assert!(matches!(outcome, Err(Refusal::Unknown(_))), "{outcome:?}");
        assert_eq!(waited.as_secs(), 8);
    }
}

#[tokio::test]
async fn a_bucket_that_is_empty_is_not_knocked_at_again() {
    let limited = |_: &str| {
        answer(
            429,
            &[
                ("X-RateLimit-Bucket", "abc"),
                ("X-RateLimit-Limit", "5"),
                ("X-RateLimit-Remaining", "0"),
                ("X-RateLimit-Reset-After", "20.5"),
                ("X-RateLimit-Scope", "user"),
            ],
            json!({"retry_after": 20.5, "global": false}).to_string(),
        )
    };
    let discord = Discord::answering(limited);
    let rest = discord.rest();
    rest.create_message("5", &json!({}), &[], "n").await.unwrap_err();
    let again = rest.create_message("5", &json!({}), &[], "n").await.unwrap_err();
    assert!(matches!(again, Refusal::RateLimited { after } if after > Duration::from_secs(15)), "{again:?}");
    assert_eq!(discord.lines().len(), 1, "the second call was sent");
    rest.create_message("6", &json!({}), &[], "n").await.unwrap_err();
    assert_eq!(discord.lines().len(), 2, "another channel has a bucket of its own");
}

#[tokio::test]
async fn a_global_limit_stops_every_call_of_the_bot() {
    let discord = Discord::answering(|_| {
        let told = json!({"retry_after": 30.0, "global": true}).to_string();
        answer(429, &[("X-RateLimit-Global", "true"), ("X-RateLimit-Scope", "global")], told)
    });
    let rest = discord.rest();
    rest.create_message("5", &json!({}), &[], "n").await.unwrap_err();
    let other = rest.dm_channel("80").await.unwrap_err();
    assert!(matches!(other, Refusal::RateLimited { after } if after > Duration::from_secs(25)), "{other:?}");
    discord.now_answers(|_| made("7"));
    rest.follow_up(APPLICATION, &Secret::new(TOKEN), &json!({}), &[]).await.unwrap();
    assert_eq!(discord.lines().len(), 2);
}

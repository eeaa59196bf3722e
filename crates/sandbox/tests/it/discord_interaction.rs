//! Interactions: what people do, how it is signed and sent, what may be answered, and what the token
//! opens afterwards.

use crate::{
    discord_support::{
        APP, BUYER, EPHEMERAL, GUILD, OTHER, SHOP, Says, Shop, V2, panel, refused, refused_at, shop_command,
        start,
    },
    support::{Answer, World},
};
use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Types `/shop` as BUYER; the shop answers with this.
async fn shop(world: &World, end: &Shop, says: Value) -> Value {
    end.will_say(says);
    world.act(json!({"user_id": BUYER, "command": {"name": "shop"}})).await
}

/// Opens the panel and gives the id of its message.
async fn open_panel(world: &World, end: &Shop) -> String {
    world.register(shop_command()).await;
    let seen = shop(world, end, panel()).await;
    assert_eq!((&seen["outcome"], &seen["ephemeral"]), (&json!("message"), &json!(true)), "{seen}");
    seen["message"]["id"].as_str().unwrap().to_owned()
}

fn click(message: &str, custom_id: &str) -> Value {
    json!({"user_id": BUYER, "component": {"message_id": message, "custom_id": custom_id}})
}

fn hook(token: &str, rest: &str) -> String {
    format!("/webhooks/{APP}/{token}{rest}")
}

/// A call with the token of an interaction alone: no bot token.
async fn by_token(world: &World, method: &str, path: &str, body: Value) -> Answer {
    let request = world.bare(method, path).header("user-agent", crate::discord_support::AGENT);
    world.send(request.header("content-type", "application/json").body(body.to_string())).await
}

fn token(seen: &Value) -> &str {
    seen["interaction"]["token"].as_str().unwrap()
}

#[tokio::test]
async fn a_ping_is_signed_and_answered_with_a_pong() {
    let (world, end, _folder) = start().await;
    end.will_say(json!({"type": 1}));
    assert_eq!(world.act(json!({"ping": {}})).await["outcome"], "pong");
    let got = end.got()[0].clone();
    let key: [u8; 32] = hex::decode(world.sandbox.discord_public_key()).unwrap().try_into().unwrap();
    let key = VerifyingKey::from_bytes(&key).unwrap();
    let signature = hex::decode(got.headers["x-signature-ed25519"].to_str().unwrap()).unwrap();
    let signed = [got.headers["x-signature-timestamp"].as_bytes(), got.raw.as_bytes()].concat();
    key.verify_strict(&signed, &Signature::from_slice(&signature).unwrap()).unwrap();
    assert_eq!((&got.json()["type"], got.json().get("data")), (&json!(1), None));
    for wrong in [json!({"type": 4, "data": {"content": "x"}}), json!({"type": 5})] {
        end.will_say(wrong);
        assert_eq!(world.act(json!({"ping": {}})).await["failure"]["reason"], "refused");
    }
}

#[tokio::test]
async fn a_forged_or_missing_signature_is_sent_when_a_fault_says_so() {
    let (world, end, _folder) = start().await;
    for (fault, has_one) in [("forge_signature", true), ("missing_signature", false)] {
        world.fault("discord", fault, 1).await;
        let denied =
            Says { status: 401, content_type: "text/plain", body: String::new(), after: Duration::ZERO };
        end.will(denied);
        let seen = world.act(json!({"ping": {}})).await;
        assert_eq!(
            (&seen["failure"]["reason"], &seen["failure"]["status"]),
            (&json!("http_status"), &json!(401))
        );
        let got = end.got().last().unwrap().clone();
        assert_eq!(got.headers.contains_key("x-signature-ed25519"), has_one);
        let key: [u8; 32] = hex::decode(world.sandbox.discord_public_key()).unwrap().try_into().unwrap();
        if let Some(signature) = got.headers.get("x-signature-ed25519") {
            let signature = Signature::from_slice(&hex::decode(signature).unwrap()).unwrap();
            let signed = [got.headers["x-signature-timestamp"].as_bytes(), got.raw.as_bytes()].concat();
            assert!(VerifyingKey::from_bytes(&key).unwrap().verify_strict(&signed, &signature).is_err());
        }
    }
}

#[tokio::test]
async fn a_command_carries_everything_that_discord_sends() {
    let (world, end, _folder) = start().await;
    world.register(shop_command()).await;
    world
        .user(
            json!({"id": BUYER, "username": "sari", "locale": "en-US", "permissions": "8", "roles": ["77"]}),
        )
        .await;
    shop(&world, &end, panel()).await;
    let sent = end.last();
    assert_eq!(
        (&sent["type"], &sent["version"], &sent["application_id"]),
        (&json!(2), &json!(1), &json!(APP))
    );
    assert_eq!(
        (&sent["guild_id"], &sent["channel_id"], &sent["context"]),
        (&json!(GUILD), &json!(SHOP), &json!(0))
    );
    assert_eq!((&sent["locale"], &sent["guild_locale"]), (&json!("en-US"), &json!("id")));
    assert_eq!(sent["member"]["user"]["username"], "sari");
    assert_eq!((&sent["member"]["permissions"], &sent["member"]["roles"]), (&json!("8"), &json!(["77"])));
    assert_eq!(sent["authorizing_integration_owners"], json!({"0": GUILD, "1": BUYER}));
    assert_eq!(sent["attachment_size_limit"], 10 * 1024 * 1024);
    assert_eq!(sent["entitlements"], json!([]));
    assert_eq!((&sent["data"]["name"], &sent["data"]["type"]), (&json!("shop"), &json!(1)));
    assert!(sent.get("user").is_none() && sent["token"].as_str().unwrap().len() > 40);
    end.will_say(panel());
    world.act(json!({"user_id": BUYER, "context": 1, "command": {"name": "shop"}})).await;
    let sent = end.last();
    assert_eq!((&sent["user"]["id"], &sent["context"]), (&json!(BUYER), &json!(1)));
    assert!(sent.get("member").is_none() && sent.get("guild_id").is_none());
}

#[tokio::test]
async fn what_is_ephemeral_is_seen_by_one_person_alone() {
    let (world, end, _folder) = start().await;
    world.user(json!({"id": OTHER})).await;
    let id = open_panel(&world, &end).await;
    assert_eq!(world.sees(BUYER).await[0]["message"]["id"], id.as_str());
    assert!(world.sees(OTHER).await.is_empty());
    let path = format!("/channels/{SHOP}/messages/{id}");
    refused(&world.api("PATCH", &path, Some(json!({"content": "x"}))).await, 404, 10008);
    let theirs = json!({"user_id": OTHER, "component": {"message_id": id, "custom_id": "buy"}});
    assert_eq!(world.control("/sandbox/discord/interactions", theirs).await.http, 404);
}

#[tokio::test]
async fn a_click_updates_the_message_that_it_is_on() {
    let (world, end, _folder) = start().await;
    let id = open_panel(&world, &end).await;
    end.will_say(json!({"type": 7, "data": {"content": "done", "components": []}}));
    let seen = world.act(click(&id, "buy")).await;
    assert_eq!((&seen["outcome"], &seen["message"]["id"]), (&json!("updated"), &json!(id)));
    assert_eq!((&seen["message"]["content"], &seen["ephemeral"]), (&json!("done"), &json!(true)));
    let sent = end.last();
    assert_eq!((&sent["type"], &sent["message"]["id"]), (&json!(3), &json!(id)));
    assert_eq!((&sent["data"]["custom_id"], &sent["data"]["component_type"]), (&json!("buy"), &json!(2)));
    assert_eq!(
        world.control("/sandbox/discord/interactions", click(&id, "buy")).await.http,
        404,
        "the button is gone"
    );
}

#[tokio::test]
async fn only_what_is_there_and_enabled_can_be_clicked_and_chosen() {
    let (world, end, _folder) = start().await;
    let id = open_panel(&world, &end).await;
    let choose = |values: Value| json!({"user_id": BUYER, "component": {"message_id": id, "custom_id": "nominal", "values": values}});
    for (deed, http, word) in [
        (click(&id, "off"), 409, "disabled"),
        (click(&id, "nothing"), 404, "nothing"),
        (click("1", "buy"), 404, "no message"),
        (choose(json!([])), 422, "between 1 and 2"),
        (choose(json!(["ML_86", "ML_172", "ML_257"])), 422, "between 1 and 2"),
        (choose(json!(["ML_86", "ML_86"])), 422, "twice"),
        (choose(json!(["FF_5"])), 422, "not among"),
        (
            json!({"user_id": BUYER, "component": {"message_id": id, "custom_id": "buy", "values": ["x"]}}),
            422,
            "no values",
        ),
    ] {
        let answer = world.control("/sandbox/discord/interactions", deed).await;
        assert_eq!(answer.http, http, "{}", answer.text);
        assert!(answer.json()["detail"].as_str().unwrap().contains(word), "{}", answer.text);
    }
    assert_eq!(end.got().len(), 1, "the shop heard of none of it");
    end.will_say(json!({"type": 6}));
    let seen = world.act(choose(json!(["ML_86", "ML_257"]))).await;
    assert_eq!(seen["outcome"], "deferred_update");
    assert_eq!(end.last()["data"]["values"], json!(["ML_86", "ML_257"]));
}

#[tokio::test]
async fn each_kind_of_interaction_takes_its_own_answers() {
    let (world, end, _folder) = start().await;
    let id = open_panel(&world, &end).await;
    let message = json!({"content": "x"});
    let modal = json!({"custom_id": "m", "title": "t", "components": [
        {"type": 18, "label": "l", "component": {"type": 4, "custom_id": "c", "style": 1}},
    ]});
    let command = json!({"user_id": BUYER, "command": {"name": "shop"}});
    for (deed, says, fits) in [
        (&command, json!({"type": 4, "data": message}), true),
        (&command, json!({"type": 5}), true),
        (&command, json!({"type": 9, "data": modal}), true),
        (&command, json!({"type": 6}), false),
        (&command, json!({"type": 7, "data": message}), false),
        (&command, json!({"type": 8, "data": {"choices": []}}), false),
        (&command, json!({"type": 1}), false),
        (&command, json!({"type": 4}), false),
        (&command, json!({}), false),
        (&click(&id, "buy"), json!({"type": 4, "data": message}), true),
        (&click(&id, "buy"), json!({"type": 5, "data": {"flags": 64}}), true),
        (&click(&id, "buy"), json!({"type": 6}), true),
        (&click(&id, "buy"), json!({"type": 7, "data": message}), true),
        (&click(&id, "buy"), json!({"type": 9, "data": modal}), true),
        (&click(&id, "buy"), json!({"type": 8, "data": {"choices": []}}), false),
    ] {
        end.will_say(says.clone());
        let seen = world.act(deed.clone()).await;
        assert_eq!(seen["outcome"] != "failed", fits, "{says}: {seen}");
        if !fits {
            assert_eq!(seen["failure"]["text"], "This interaction failed");
            assert_eq!(seen["failure"]["error"]["code"], 50035);
        }
    }
}

#[tokio::test]
async fn a_deferred_answer_takes_the_ephemeral_flag_and_no_other() {
    let (world, end, _folder) = start().await;
    world.register(shop_command()).await;
    for (flags, fits) in [(0, true), (EPHEMERAL, true), (V2, false), (EPHEMERAL | V2, false), (4, false)] {
        let seen = shop(&world, &end, json!({"type": 5, "data": {"flags": flags}})).await;
        assert_eq!(seen["outcome"] == "loading", fits, "{flags}: {seen}");
        if !fits {
            assert!(seen["failure"]["error"]["errors"]["data"]["flags"]["_errors"].is_array(), "{seen}");
        }
    }
}

#[tokio::test]
async fn a_deferred_answer_is_filled_in_through_its_token() {
    let (world, end, _folder) = start().await;
    world.register(shop_command()).await;
    let seen = shop(&world, &end, json!({"type": 5, "data": {"flags": EPHEMERAL}})).await;
    assert_eq!((&seen["outcome"], &seen["ephemeral"]), (&json!("loading"), &json!(true)));
    let original = hook(token(&seen), "/messages/@original");
    let v2 = json!({"flags": V2, "components": [{"type": 10, "content": "Total Rp20.000"}]});
    let answer = by_token(&world, "PATCH", &original, v2).await;
    assert_eq!(answer.http, 200, "{}", answer.text);
    assert_eq!(answer.json()["flags"], V2 | EPHEMERAL, "ephemeral stays, loading is over");
    let shown = world.sees(BUYER).await;
    assert_eq!((&shown[0]["loading"], &shown[0]["edits"]), (&json!(false), &json!(1)));
    assert_eq!(by_token(&world, "GET", &original, json!({})).await.json()["id"], seen["message"]["id"]);
    assert_eq!(by_token(&world, "DELETE", &original, json!({})).await.http, 204);
    refused(&by_token(&world, "GET", &original, json!({})).await, 404, 10008);
    assert!(world.sees(BUYER).await.is_empty());
}

#[tokio::test]
async fn somebody_who_waits_sees_the_deferred_answer_filled_in() {
    let (world, end, _folder) = start().await;
    world.register(shop_command()).await;
    end.will_say(json!({"type": 5}));
    let filling = async {
        loop {
            tokio::time::sleep(Duration::from_millis(30)).await;
            let Some(sent) = end.got().first().map(|got| got.json()) else { continue };
            let path = hook(sent["token"].as_str().unwrap(), "/messages/@original");
            if by_token(&world, "PATCH", &path, json!({"content": "there"})).await.http == 200 {
                break;
            }
        }
    };
    let deed = json!({"user_id": BUYER, "command": {"name": "shop"}, "wait_ms": 60_000});
    let (seen, ()) = tokio::join!(world.act(deed), filling);
    assert_eq!((&seen["outcome"], &seen["message"]["content"]), (&json!("message"), &json!("there")));
}

#[tokio::test]
async fn an_edit_before_discord_has_processed_the_answer_finds_no_webhook() {
    let (world, end, _folder) = start().await;
    world.register(shop_command()).await;
    end.will_say(json!({"type": 5}));
    let deed = json!({"user_id": BUYER, "command": {"name": "shop"}, "process_after_ms": 3_000});
    let early = async {
        while end.got().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        let sent = end.last();
        let path = hook(sent["token"].as_str().unwrap(), "/messages/@original");
        by_token(&world, "PATCH", &path, json!({"content": "x"})).await
    };
    let (seen, early) = tokio::join!(world.act(deed), early);
    refused(&early, 404, 10015);
    let path = hook(token(&seen), "/messages/@original");
    assert_eq!(by_token(&world, "PATCH", &path, json!({"content": "x"})).await.http, 200);
}

#[tokio::test]
async fn a_token_ends_after_fifteen_minutes_and_a_new_click_gives_a_new_one() {
    let (world, end, _folder) = start().await;
    let id = open_panel(&world, &end).await;
    end.will_say(json!({"type": 6}));
    let first = world.act(click(&id, "buy")).await;
    world.advance(899).await;
    let path = hook(token(&first), "/messages/@original");
    assert_eq!(by_token(&world, "PATCH", &path, json!({"content": "y"})).await.http, 200);
    world.advance(2).await;
    refused(&by_token(&world, "PATCH", &path, json!({"content": "z"})).await, 401, 50027);
    refused(&by_token(&world, "POST", &hook(token(&first), ""), json!({"content": "z"})).await, 401, 50027);
    end.will_say(json!({"type": 6}));
    let second = world.act(click(&id, "buy")).await;
    let path = hook(token(&second), "/messages/@original");
    assert_eq!(by_token(&world, "PATCH", &path, json!({"content": "z"})).await.json()["id"], id.as_str());
    refused(&by_token(&world, "PATCH", &hook("nobody", "/messages/@original"), json!({})).await, 404, 10015);
    let other_app = format!("/webhooks/1/{}/messages/@original", token(&second));
    refused(&by_token(&world, "PATCH", &other_app, json!({"content": "z"})).await, 404, 10015);
}

#[tokio::test]
async fn who_answers_late_or_badly_has_failed() {
    let (mut world, end, folder) = start().await;
    world.stop().await;
    let world = World::on(&folder, |settings| {
        settings.discord.interactions_url = Some(end.url.clone());
        settings.discord.answer_within = Duration::from_millis(1_500);
    })
    .await;
    world.register(shop_command()).await;
    let says = |status: u16, content_type, body: &str, after| Says {
        status,
        content_type,
        body: body.into(),
        after: Duration::from_millis(after),
    };
    let fine = panel().to_string();
    for (says, reason) in [
        (says(200, "application/json", &fine, 30_000), "timeout"),
        (says(202, "application/json", "", 0), "timeout"),
        (says(500, "application/json", &fine, 0), "http_status"),
        (says(302, "application/json", "", 0), "http_status"),
        (says(200, "text/html", &fine, 0), "not_json"),
        (says(200, "application/json", "{\"type\":", 0), "not_json"),
    ] {
        end.will(says);
        let start = Instant::now();
        let seen = world.act(json!({"user_id": BUYER, "command": {"name": "shop"}})).await;
        assert_eq!(
            (&seen["outcome"], &seen["failure"]["reason"]),
            (&json!("failed"), &json!(reason)),
            "{seen}"
        );
        assert!(start.elapsed() < Duration::from_secs(20));
        let path = hook(token(&seen), "/messages/@original");
        refused(&by_token(&world, "PATCH", &path, json!({"content": "late"})).await, 404, 10015);
        let id = seen["interaction"]["id"].as_str().unwrap();
        let path = format!("/interactions/{id}/{}/callback", token(&seen));
        refused(&by_token(&world, "POST", &path, panel()).await, 404, 10062);
    }
    let nobody = json!({"url": "http://127.0.0.1:9/", "command": {"name": "shop"}});
    assert_eq!(world.act(nobody).await["failure"]["reason"], "unreachable");
    world.fault("discord", "drop_webhook", 1).await;
    let seen = world.act(json!({"command": {"name": "shop"}})).await;
    assert_eq!(seen["failure"]["reason"], "dropped");
}

/// Lets the shop answer 202 and send the callback itself.
async fn with_callback(world: &World, end: &Shop, query: &str, says: Value) -> (Value, Answer) {
    end.will(Says {
        status: 202,
        content_type: "application/json",
        body: String::new(),
        after: Duration::ZERO,
    });
    let before = end.got().len();
    let calling = async {
        while end.got().len() == before {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let sent = end.last();
        let (id, token) = (sent["id"].as_str().unwrap(), sent["token"].as_str().unwrap());
        by_token(world, "POST", &format!("/interactions/{id}/{token}/callback{query}"), says).await
    };
    tokio::join!(world.act(json!({"user_id": BUYER, "command": {"name": "shop"}})), calling)
}

#[tokio::test]
async fn a_callback_answers_instead_of_the_http_response_and_only_once() {
    let (world, end, _folder) = start().await;
    world.register(shop_command()).await;
    let (seen, called) = with_callback(&world, &end, "", panel()).await;
    assert_eq!((called.http, called.text.as_str()), (204, ""));
    assert_eq!(seen["outcome"], "message");
    let (id, token) = (seen["interaction"]["id"].as_str().unwrap(), token(&seen));
    let path = format!("/interactions/{id}/{token}/callback");
    refused(&by_token(&world, "POST", &path, panel()).await, 400, 40060);
    refused(
        &by_token(&world, "POST", &format!("/interactions/{id}/wrong/callback"), panel()).await,
        404,
        10062,
    );
    refused(
        &by_token(&world, "POST", &format!("/interactions/1/{token}/callback"), panel()).await,
        404,
        10062,
    );

    let (seen, called) = with_callback(&world, &end, "?with_response=true", panel()).await;
    assert_eq!(called.http, 200);
    let told = called.json();
    assert_eq!(told["interaction"]["response_message_id"], seen["message"]["id"]);
    assert_eq!(told["interaction"]["response_message_ephemeral"], true);
    assert_eq!(
        (&told["resource"]["type"], &told["resource"]["message"]["content"]),
        (&json!(4), &json!("hi"))
    );
}

#[tokio::test]
async fn a_callback_that_is_refused_names_its_mistakes_below_data() {
    let (world, end, _folder) = start().await;
    world.register(shop_command()).await;
    let (_, called) =
        with_callback(&world, &end, "", json!({"type": 4, "data": {"content": "x".repeat(2_001)}})).await;
    refused_at(&called, "data.content");
}

#[tokio::test]
async fn follow_ups_are_messages_of_their_own() {
    let (world, end, _folder) = start().await;
    world.user(json!({"id": OTHER})).await;
    world.register(shop_command()).await;
    let seen = shop(&world, &end, panel()).await;
    let open = by_token(&world, "POST", &hook(token(&seen), ""), json!({"content": "for all"})).await.json();
    let own = by_token(&world, "POST", &hook(token(&seen), ""), json!({"content": "for one", "flags": 64}))
        .await
        .json();
    assert_eq!(world.sees(OTHER).await.len(), 1);
    assert_eq!(world.sees(BUYER).await.len(), 3);
    let path = hook(token(&seen), &format!("/messages/{}", own["id"].as_str().unwrap()));
    assert_eq!(
        by_token(&world, "PATCH", &path, json!({"content": "changed"})).await.json()["content"],
        "changed"
    );
    assert_eq!(by_token(&world, "DELETE", &path, json!({})).await.http, 204);
    let foreign = world.post(json!({"content": "another"})).await.json();
    let path = hook(token(&seen), &format!("/messages/{}", foreign["id"].as_str().unwrap()));
    refused(&by_token(&world, "PATCH", &path, json!({"content": "x"})).await, 404, 10008);
    let channel = format!("/channels/{SHOP}/messages/{}", open["id"].as_str().unwrap());
    assert_eq!(world.api("PATCH", &channel, Some(json!({"content": "by the bot"}))).await.http, 200);
}

#[tokio::test]
async fn the_first_follow_up_after_a_deferred_answer_fills_it_in() {
    let (world, end, _folder) = start().await;
    world.register(shop_command()).await;
    let seen = shop(&world, &end, json!({"type": 5})).await;
    let filled = by_token(&world, "POST", &hook(token(&seen), ""), json!({"content": "x"})).await.json();
    assert_eq!(filled["id"], seen["message"]["id"]);
    let next = by_token(&world, "POST", &hook(token(&seen), ""), json!({"content": "y"})).await.json();
    assert_ne!(next["id"], filled["id"]);
}

#[tokio::test]
async fn where_only_the_user_installed_it_five_follow_ups_are_all() {
    let (world, end, _folder) = start().await;
    world.register(shop_command()).await;
    end.will_say(panel());
    let deed = json!({"user_id": BUYER, "command": {"name": "shop"}, "authorizing_integration_owners": {"1": BUYER}});
    let seen = world.act(deed).await;
    for _ in 0..5 {
        assert_eq!(
            by_token(&world, "POST", &hook(token(&seen), ""), json!({"content": "x"})).await.http,
            200
        );
    }
    refused(&by_token(&world, "POST", &hook(token(&seen), ""), json!({"content": "x"})).await, 400, 40094);
}

#[tokio::test]
async fn an_interaction_can_arrive_twice_when_a_fault_says_so() {
    let (world, end, _folder) = start().await;
    world.register(shop_command()).await;
    world.fault("discord", "duplicate_webhook", 1).await;
    end.will_say(panel());
    assert_eq!(shop(&world, &end, panel()).await["outcome"], "message");
    let got = end.got();
    assert_eq!((got.len(), &got[0].raw), (2, &got[1].raw));
    assert_eq!(world.sees(BUYER).await.len(), 1);
}

#[tokio::test]
async fn people_messages_and_tokens_survive_a_restart() {
    let (mut world, end, folder) = start().await;
    let id = open_panel(&world, &end).await;
    let key = world.sandbox.discord_public_key();
    world.stop().await;
    let world =
        World::on(&folder, |settings| settings.discord.interactions_url = Some(end.url.clone())).await;
    assert_eq!(world.sandbox.discord_public_key(), key);
    assert_eq!(world.sees(BUYER).await[0]["message"]["id"], id.as_str());
    end.will_say(json!({"type": 7, "data": {"content": "still here"}}));
    assert_eq!(world.act(click(&id, "buy")).await["message"]["content"], "still here");
}

#[cfg(unix)]
#[tokio::test]
async fn the_key_is_made_once_and_its_seed_is_for_the_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let (world, _end, folder) = start().await;
    let (seed, public) =
        (sandbox::discord_key_path(folder.path()), sandbox::discord_public_key_path(folder.path()));
    assert_eq!(std::fs::metadata(&seed).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_to_string(&seed).unwrap().trim().len(), 64);
    assert_eq!(std::fs::read_to_string(&public).unwrap().trim(), world.sandbox.discord_public_key());
    let again = sandbox::discord_public_key(folder.path(), &vocabulary::Ids::random()).unwrap();
    assert_eq!(again, world.sandbox.discord_public_key());
    std::fs::write(&seed, "no key").unwrap();
    let error = sandbox::discord_public_key(folder.path(), &vocabulary::Ids::random()).unwrap_err();
    assert!(error.to_string().contains("discord.key.hex"), "{error}");
}

#[tokio::test]
async fn what_nobody_can_do_is_told_so() {
    let (world, _end, _folder) = start().await;
    world.register(shop_command()).await;
    world.user(json!({"id": OTHER, "guilds": []})).await;
    for (deed, http, word) in [
        (json!({}), 422, "name one of"),
        (json!({"ping": {}, "command": {"name": "shop"}}), 422, "name one of"),
        (json!({"command": {"name": "nothing"}}), 404, "register it first"),
        (json!({"user_id": "x", "ping": {}}), 422, "snowflake"),
        (json!({"user_id": OTHER, "command": {"name": "shop"}}), 409, "does not see"),
        (json!({"channel_id": "1", "command": {"name": "shop"}}), 404, "no channel"),
        (json!({"guild_id": "1", "command": {"name": "shop"}}), 404, "no channel"),
        (json!({"context": 1, "channel_id": SHOP, "command": {"name": "shop"}}), 422, "context"),
        (json!({"user": {"id": BUYER, "colour": 1}, "ping": {}}), 422, "colour"),
        (json!({"wait_ms": 10_000_000, "ping": {}}), 422, "wait_ms"),
        (json!({"modal": {"interaction_id": "1"}}), 404, "no modal"),
    ] {
        let answer = world.control("/sandbox/discord/interactions", deed.clone()).await;
        assert_eq!(answer.http, http, "{deed}: {}", answer.text);
        assert!(answer.json()["detail"].as_str().unwrap().contains(word), "{deed}: {}", answer.text);
    }
    world.sandbox.set_discord_interactions_url(None);
    let answer = world.control("/sandbox/discord/interactions", json!({"ping": {}})).await;
    assert_eq!(answer.http, 422, "{}", answer.text);
}

#[tokio::test]
async fn a_callback_brings_files_along() {
    let (world, end, _folder) = start().await;
    world.register(shop_command()).await;
    end.will(Says {
        status: 202,
        content_type: "application/json",
        body: String::new(),
        after: Duration::ZERO,
    });
    let calling = async {
        while end.got().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let sent = end.last();
        let path = format!(
            "/interactions/{}/{}/callback",
            sent["id"].as_str().unwrap(),
            sent["token"].as_str().unwrap()
        );
        let says = json!({"type": 4, "data": {"content": "QR", "flags": EPHEMERAL, "attachments": [{"id": 0, "filename": "q.txt"}]}});
        world.upload("POST", &path, says, &[("q.txt", b"content")]).await
    };
    let deed = json!({"user_id": BUYER, "command": {"name": "shop"}});
    let (seen, called) = tokio::join!(world.act(deed), calling);
    assert_eq!(called.http, 204, "{}", called.text);
    let attachment = &seen["message"]["attachments"][0];
    assert_eq!((&attachment["filename"], &attachment["ephemeral"]), (&json!("q.txt"), &json!(true)));
}

#[tokio::test]
async fn every_interaction_is_in_the_books_with_how_it_went() {
    let (world, end, _folder) = start().await;
    world.register(shop_command()).await;
    shop(&world, &end, panel()).await;
    shop(&world, &end, json!({"type": 1})).await;
    let all = world.send(world.request("GET", "/sandbox/discord/interactions")).await.json();
    let newest = &all["interactions"];
    assert_eq!((&newest[0]["state"], &newest[1]["state"]), (&json!("failed"), &json!("acknowledged")));
    assert!(newest[0]["failure"].as_str().unwrap().contains("refused"));
    assert_eq!(
        (&newest[1]["response_type"], &newest[1]["body"]["data"]["name"]),
        (&json!(4), &json!("shop"))
    );
}

//! Messages by the bot's own token: limits, files, nonces, permissions, direct messages, threads.

use crate::discord_support::{APP, BUYER, GUILD, OTHER, SHOP, V2, refused, refused_at, start};
use serde_json::{Value, json};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x20";

fn long(length: usize) -> String {
    "x".repeat(length)
}

#[tokio::test]
async fn a_message_is_made_read_changed_and_taken_away() {
    let (world, _shop, _folder) = start().await;
    let made = world.post(json!({"content": "hi", "embeds": [{"title": "t"}], "flags": 4096})).await.json();
    let (id, path) = (made["id"].as_str().unwrap(), format!("/channels/{SHOP}/messages"));
    assert_eq!((&made["author"]["id"], &made["flags"]), (&json!(APP), &json!(4096)));
    assert!(made["timestamp"].as_str().unwrap().ends_with("000+00:00"));
    let changed = world.api("PATCH", &format!("{path}/{id}"), Some(json!({"content": "ho"}))).await.json();
    assert_eq!((&changed["content"], &changed["embeds"][0]["title"]), (&json!("ho"), &json!("t")));
    assert!(changed["edited_timestamp"].is_string());
    assert_eq!(world.api("GET", &format!("{path}/{id}"), None).await.json(), changed);
    assert_eq!(world.api("GET", &path, None).await.json(), json!([changed]));
    assert_eq!(world.api("DELETE", &format!("{path}/{id}"), None).await.http, 204);
    for method in ["GET", "PATCH", "DELETE"] {
        let answer = world.api(method, &format!("{path}/{id}"), Some(json!({"content": "x"}))).await;
        refused(&answer, 404, 10008);
    }
    refused(&world.api("POST", "/channels/1/messages", Some(json!({"content": "x"}))).await, 404, 10003);
}

#[tokio::test]
async fn what_is_at_a_limit_is_taken_and_what_is_over_it_is_refused_by_its_path() {
    let (world, _shop, _folder) = start().await;
    let embed = |embed: Value| json!({"embeds": [embed]});
    let field = |name: &str, value: &str| embed(json!({"fields": [{"name": name, "value": value}]}));
    let row =
        |components: Value| json!({"content": "x", "components": [{"type": 1, "components": components}]});
    let button = |label: &str, id: &str| json!({"type": 2, "style": 1, "label": label, "custom_id": id});
    let options =
        |count: usize| (0..count).map(|i| json!({"label": "l", "value": i.to_string()})).collect::<Vec<_>>();
    let select = |count: usize| row(json!([{"type": 3, "custom_id": "s", "options": options(count)}]));
    let buttons = |count: usize| (0..count).map(|i| button("b", &i.to_string())).collect::<Vec<_>>();
    let rows = |count: usize| {
        let rows = (0..count).map(|i| json!({"type": 1, "components": [button("b", &i.to_string())]}));
        json!({"content": "x", "components": rows.collect::<Vec<_>>()})
    };
    for (fits, over, path) in [
        (json!({"content": long(2_000)}), json!({"content": long(2_001)}), "content"),
        (embed(json!({"title": long(256)})), embed(json!({"title": long(257)})), "embeds.0.title"),
        (
            embed(json!({"description": long(4_096)})),
            embed(json!({"description": long(4_097)})),
            "embeds.0.description",
        ),
        (field(&long(256), "v"), field(&long(257), "v"), "embeds.0.fields.0.name"),
        (field("n", &long(1_024)), field("n", &long(1_025)), "embeds.0.fields.0.value"),
        (field("n", "v"), field("", "v"), "embeds.0.fields.0.name"),
        (field("n", "v"), field("n", " "), "embeds.0.fields.0.value"),
        (
            embed(json!({"footer": {"text": long(2_048)}})),
            embed(json!({"footer": {"text": long(2_049)}})),
            "embeds.0.footer.text",
        ),
        (
            embed(json!({"author": {"name": long(256)}})),
            embed(json!({"author": {"name": long(257)}})),
            "embeds.0.author.name",
        ),
        (
            embed(json!({"title": "t", "color": 0xFF_FFFF})),
            embed(json!({"title": "t", "color": 0x100_0000})),
            "embeds.0.color",
        ),
        (
            embed(json!({"title": "t", "url": "https://a.b"})),
            embed(json!({"title": "t", "url": "a.b"})),
            "embeds.0.url",
        ),
        (
            embed(json!({"title": "t", "timestamp": "2026-11-22T05:00:00Z"})),
            embed(json!({"title": "t", "timestamp": "soon"})),
            "embeds.0.timestamp",
        ),
        (embed(json!({"title": "t"})), embed(json!({})), "embeds.0.description"),
        (
            embed(json!({"fields": vec![json!({"name": "n", "value": "v"}); 25]})),
            embed(json!({"fields": vec![json!({"name": "n", "value": "v"}); 26]})),
            "embeds.0.fields",
        ),
        (
            json!({"embeds": vec![json!({"title": "t"}); 10]}),
            json!({"embeds": vec![json!({"title": "t"}); 11]}),
            "embeds",
        ),
        (
            json!({"embeds": vec![json!({"description": long(2_000)}); 3]}),
            json!({"embeds": [{"description": long(4_000)}, {"description": long(2_001)}]}),
            "embeds",
        ),
        (json!({"content": "x", "nonce": long(25)}), json!({"content": "x", "nonce": long(26)}), "nonce"),
        (json!({"content": "x", "flags": 4}), json!({"content": "x", "flags": 64}), "flags"),
        (
            json!({"content": "x", "allowed_mentions": {"parse": []}}),
            json!({"content": "x", "allowed_mentions": {"parse": ["all"]}}),
            "allowed_mentions.parse.0",
        ),
        (rows(5), rows(6), "components"),
        (row(json!(buttons(5))), row(json!(buttons(6))), "components.0.components"),
        (
            row(json!([button(&long(80), "b")])),
            row(json!([button(&long(81), "b")])),
            "components.0.components.0.label",
        ),
        (
            row(json!([button("b", &long(100))])),
            row(json!([button("b", &long(101))])),
            "components.0.components.0.custom_id",
        ),
        (
            row(json!([button("b", "b")])),
            row(json!([button("b", "")])),
            "components.0.components.0.custom_id",
        ),
        (row(json!([button("b", "b")])), row(json!([button("", "b")])), "components.0.components.0"),
        (
            row(json!([{"type": 2, "style": 5, "label": "l", "url": "https://a.b"}])),
            row(json!([{"type": 2, "style": 5, "label": "l", "url": "javascript:alert(1)"}])),
            "components.0.components.0.url",
        ),
        (
            row(json!([{"type": 2, "style": 5, "label": "l", "url": "https://a.b"}])),
            row(json!([{"type": 2, "style": 5, "label": "l", "url": "https://a.b", "custom_id": "c"}])),
            "components.0.components.0.custom_id",
        ),
        (select(25), select(26), "components.0.components.0.options"),
        (select(1), select(0), "components.0.components.0.options"),
    ] {
        let answer = world.post(fits.clone()).await;
        assert_eq!(answer.http, 200, "{fits}: {}", answer.text);
        refused_at(&world.post(over).await, path);
    }
}

#[tokio::test]
async fn the_rules_that_no_schema_knows_are_kept() {
    let (world, _shop, _folder) = start().await;
    let button = |id: &str| json!({"type": 2, "style": 1, "label": "b", "custom_id": id});
    let select = |extra: Value| {
        let mut select = json!({"type": 3, "custom_id": "s", "options": [
            {"label": "a", "value": "1"}, {"label": "b", "value": "2"},
        ]});
        select.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        json!({"content": "x", "components": [{"type": 1, "components": [select]}]})
    };
    let row =
        |components: Value| json!({"content": "x", "components": [{"type": 1, "components": components}]});
    let text = json!({"type": 10, "content": "t"});
    for (message, path) in [
        (row(json!([button("a"), button("a")])), "components.0.components.1.custom_id"),
        (
            select(json!({"options": [{"label": "a", "value": "1"}, {"label": "b", "value": "1"}]})),
            "components.0.components.0.options.1.value",
        ),
        (select(json!({"max_values": 3})), "components.0.components.0.max_values"),
        (select(json!({"min_values": 2, "max_values": 1})), "components.0.components.0.max_values"),
        (row(json!([{"type": 5, "custom_id": "u"}, button("b")])), "components.0.components"),
        (json!({"flags": V2, "content": "x", "components": [text]}), "content"),
        (json!({"flags": V2, "embeds": [{"title": "t"}], "components": [text]}), "embeds"),
        (json!({"embeds": [{"fields": [{"name": "", "value": "v"}]}]}), "embeds.0.fields.0.name"),
    ] {
        refused_at(&world.post(message).await, path);
    }
}

#[tokio::test]
async fn components_v2_stand_where_they_may_and_no_more_than_forty() {
    let (world, _shop, _folder) = start().await;
    let text = |content: &str| json!({"type": 10, "content": content});
    let v2 = |components: Value| json!({"flags": V2, "components": components});
    let whole = v2(json!([
        {"type": 17, "accent_color": 255, "components": [
            text("# Mobile Legends"),
            {"type": 9, "components": [text("86")], "accessory": {"type": 2, "style": 1, "label": "Buy", "custom_id": "b"}},
            {"type": 14, "spacing": 2},
            {"type": 12, "items": [{"media": {"url": "https://example.com/a.png"}}]},
            {"type": 1, "components": [{"type": 3, "custom_id": "s", "options": [{"label": "a", "value": "1"}]}]},
        ]},
    ]));
    let made = world.post(whole).await.json();
    assert_eq!(made["flags"], V2);
    let ids: Vec<i64> = made["components"][0]["components"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["id"].as_i64().unwrap())
        .collect();
    assert_eq!(ids.iter().collect::<std::collections::HashSet<_>>().len(), 5, "every component got an id");
    assert_eq!(world.post(v2(json!(vec![text("x"); 40]))).await.http, 200);
    for (message, path) in [
        (json!({"content": "x", "components": [text("x")]}), "components.0.type"),
        (
            v2(json!([{"type": 17, "components": [{"type": 17, "components": [text("x")]}]}])),
            "components.0.components.0.type",
        ),
        (v2(json!([{"type": 2, "style": 1, "label": "b", "custom_id": "b"}])), "components.0.type"),
        (v2(json!([{"type": 17, "components": vec![text("x"); 40]}])), "components"),
        (v2(json!([text(&long(4_001))])), "components.0.content"),
        (v2(json!([text(&long(2_500)), text(&long(1_501))])), "components"),
        (v2(json!([{"type": 9, "components": [text("x")]}])), "components.0.accessory"),
        (
            v2(
                json!([{"type": 9, "components": vec![text("x"); 4], "accessory": {"type": 11, "media": {"url": "https://a.b"}}}]),
            ),
            "components.0.components",
        ),
        (v2(json!([{"type": 12, "items": []}])), "components.0.items"),
        (
            v2(json!([{"type": 12, "items": [{"media": {"url": "attachment://no.png"}}]}])),
            "components.0.items.0.media.url",
        ),
        (v2(json!([{"type": 13, "file": {"url": "https://a.b/c"}}])), "components.0.file.url"),
        (
            v2(json!([{"type": 10, "id": 7, "content": "a"}, {"type": 10, "id": 7, "content": "b"}])),
            "components.1.id",
        ),
        (v2(json!([{"type": 4, "custom_id": "t", "style": 1}])), "components.0.type"),
    ] {
        refused_at(&world.post(message).await, path);
    }
    refused(&world.post(v2(json!([]))).await, 400, 50006);
}

#[tokio::test]
async fn components_v2_are_never_taken_back() {
    let (world, _shop, _folder) = start().await;
    let old = world.post(json!({"content": "old", "embeds": [{"title": "t"}]})).await.json();
    let path = format!("/channels/{SHOP}/messages/{}", old["id"].as_str().unwrap());
    let components = json!([{"type": 10, "content": "new"}]);
    let half = json!({"flags": V2, "components": components});
    refused_at(&world.api("PATCH", &path, Some(half)).await, "content");
    let whole = json!({"flags": V2, "components": components, "content": null, "embeds": []});
    assert_eq!(world.api("PATCH", &path, Some(whole)).await.http, 200);
    refused_at(&world.api("PATCH", &path, Some(json!({"flags": 0, "content": "back"}))).await, "content");
    let kept = world.api("PATCH", &path, Some(json!({"flags": 0}))).await.json();
    assert_eq!(kept["flags"], V2);
}

#[tokio::test]
async fn nothing_is_no_message() {
    let (world, _shop, _folder) = start().await;
    for empty in [json!({}), json!({"content": " "}), json!({"content": "", "embeds": []})] {
        refused(&world.post(empty).await, 400, 50006);
    }
    let made = world.post(json!({"content": "hi"})).await.json();
    let path = format!("/channels/{SHOP}/messages/{}", made["id"].as_str().unwrap());
    for empty in [json!({}), json!({"content": ""}), json!({"content": null, "components": []})] {
        refused(&world.api("PATCH", &path, Some(empty)).await, 400, 50006);
    }
    assert_eq!(world.api("GET", &path, None).await.json(), made);
}

#[tokio::test]
async fn files_are_kept_when_they_are_listed_and_go_when_they_are_not() {
    let (world, _shop, _folder) = start().await;
    let path = format!("/channels/{SHOP}/messages");
    let message = json!({
        "flags": V2, "attachments": [{"id": 0, "filename": "qris.png", "description": "QR"}],
        "components": [{"type": 12, "items": [{"media": {"url": "attachment://qris.png"}}]}],
    });
    let answer = world.upload("POST", &path, message, &[("qris.png", PNG)]).await;
    assert_eq!(answer.http, 200, "{}", answer.text);
    let made = answer.json();
    let attachment = &made["attachments"][0];
    assert_eq!(
        (&attachment["filename"], &attachment["width"], &attachment["height"]),
        (&json!("qris.png"), &json!(16), &json!(32))
    );
    let media = &made["components"][0]["items"][0]["media"];
    assert_eq!((&media["url"], &media["attachment_id"]), (&attachment["url"], &attachment["id"]));
    let url = attachment["url"].as_str().unwrap().strip_prefix(&world.base).unwrap().to_owned();
    let file = world.request("GET", &url).send().await.unwrap();
    assert_eq!(file.headers()["content-type"], "image/png");
    assert_eq!(file.bytes().await.unwrap(), PNG);

    let one = format!("{path}/{}", made["id"].as_str().unwrap());
    let keep = json!({"attachments": [{"id": attachment["id"]}, {"id": "0", "filename": "b.txt"}]});
    let both = world.upload("PATCH", &one, keep, &[("b.txt", b"b")]).await.json();
    assert_eq!(both["attachments"].as_array().unwrap().len(), 2);
    let unlisted = world
        .upload("PATCH", &one, json!({"attachments": [{"id": attachment["id"]}]}), &[("c.txt", b"c")])
        .await;
    assert_eq!(unlisted.json()["attachments"].as_array().unwrap().len(), 1);
    refused_at(
        &world.api("PATCH", &one, Some(json!({"attachments": [{"id": "12345"}]}))).await,
        "attachments.0.id",
    );
    let text = json!({"attachments": [], "components": [{"type": 10, "content": "paid"}]});
    let gone = world.api("PATCH", &one, Some(text)).await.json();
    assert_eq!(gone["attachments"], json!([]));
    assert_eq!(world.request("GET", &url).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_picture_in_an_embed_is_one_of_the_files() {
    let (world, _shop, _folder) = start().await;
    let path = format!("/channels/{SHOP}/messages");
    let embed =
        |file: &str| json!({"embeds": [{"title": "t", "image": {"url": format!("attachment://{file}")}}]});
    let made = world.upload("POST", &path, embed("q.png"), &[("q.png", PNG)]).await.json();
    assert_eq!(made["embeds"][0]["image"]["url"], made["attachments"][0]["url"]);
    let made = world.upload("POST", &path, embed("q.pdf"), &[("q.pdf", b"%PDF")]).await.json();
    assert_eq!(made["embeds"][0].get("image"), None, "only pictures are shown");
    let twins =
        json!({"embeds": [{"title": "a", "url": "https://a.b"}, {"title": "b", "url": "https://a.b"}]});
    assert_eq!(world.post(twins).await.json()["embeds"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn too_many_and_too_large_files_are_refused() {
    let (world, _shop, _folder) = start().await;
    let path = format!("/channels/{SHOP}/messages");
    let many: Vec<(&str, &[u8])> = vec![("a.txt", b"a"); 11];
    refused_at(&world.upload("POST", &path, json!({}), &many).await, "attachments");
    let large = vec![0_u8; 10 * 1024 * 1024 + 1];
    refused(&world.upload("POST", &path, json!({}), &[("a.bin", &large)]).await, 413, 40005);
    let fits = vec![0_u8; 10 * 1024 * 1024];
    assert_eq!(world.upload("POST", &path, json!({}), &[("a.bin", &fits)]).await.http, 200);
}

#[tokio::test]
async fn the_same_nonce_makes_one_message_for_a_few_minutes() {
    let (world, _shop, _folder) = start().await;
    let message = json!({"content": "paid", "nonce": "LK0123456789-R", "enforce_nonce": true});
    let first = world.post(message.clone()).await.json();
    assert_eq!(world.post(message.clone()).await.json()["id"], first["id"]);
    let loose = json!({"content": "paid", "nonce": "LK0123456789-R"});
    assert_ne!(
        world.post(loose).await.json()["id"],
        first["id"],
        "nothing is enforced that was not asked for"
    );
    world.advance(600).await;
    assert_ne!(world.post(message).await.json()["id"], first["id"]);
}

#[tokio::test]
async fn permissions_of_the_bot_decide_in_channels() {
    let (world, _shop, _folder) = start().await;
    let channel = "1290000000000000900";
    let path = format!("/channels/{channel}/messages");
    let allow = async |bits: u64| {
        let body = json!({"id": channel, "name": "tight", "app_permissions": bits.to_string()});
        assert_eq!(world.control("/sandbox/discord/channels", body).await.http, 200);
    };
    let (view, send, embed, attach) = (1_u64 << 10, 1_u64 << 11, 1_u64 << 14, 1_u64 << 15);
    let text = json!({"content": "x"});
    let embeds = json!({"embeds": [{"title": "t"}]});
    allow(send).await;
    refused(&world.api("POST", &path, Some(text.clone())).await, 403, 50001);
    allow(view).await;
    refused(&world.api("POST", &path, Some(text.clone())).await, 403, 50013);
    allow(view | send).await;
    assert_eq!(world.api("POST", &path, Some(text)).await.http, 200);
    refused(&world.api("POST", &path, Some(embeds.clone())).await, 403, 50013);
    refused(&world.upload("POST", &path, json!({}), &[("a.txt", b"a")]).await, 403, 50013);
    refused(&world.api("GET", &path, None).await, 403, 50013);
    allow(view | send | embed | attach).await;
    assert_eq!(world.api("POST", &path, Some(embeds)).await.http, 200);
    assert_eq!(world.upload("POST", &path, json!({}), &[("a.txt", b"a")]).await.http, 200);
    let thread = json!({"name": "t", "type": 12});
    refused(&world.api("POST", &format!("/channels/{channel}/threads"), Some(thread)).await, 403, 50013);
}

#[tokio::test]
async fn direct_messages_reach_those_who_take_them() {
    let (world, _shop, _folder) = start().await;
    world.user(json!({"id": BUYER, "username": "sari"})).await;
    let open =
        async |id: &str| world.api("POST", "/users/@me/channels", Some(json!({"recipient_id": id}))).await;
    let dm = open(BUYER).await.json();
    assert_eq!((&dm["type"], &dm["recipients"][0]["username"]), (&json!(1), &json!("sari")));
    assert_eq!(open(BUYER).await.json()["id"], dm["id"]);
    let path = format!("/channels/{}/messages", dm["id"].as_str().unwrap());
    assert_eq!(world.api("POST", &path, Some(json!({"content": "receipt"}))).await.http, 200);
    assert_eq!(world.sees(BUYER).await[0]["message"]["content"], "receipt");
    world.user(json!({"id": OTHER})).await;
    assert!(world.sees(OTHER).await.is_empty());

    world.user(json!({"id": BUYER, "dms_open": false})).await;
    assert_eq!(open(BUYER).await.json()["id"], dm["id"], "the channel is given all the same");
    refused(&world.api("POST", &path, Some(json!({"content": "x"}))).await, 403, 50007);
    world.user(json!({"id": BUYER, "dms_open": true, "guilds": []})).await;
    refused(&world.api("POST", &path, Some(json!({"content": "x"}))).await, 403, 50278);
    refused(&open("1290000000000000999").await, 404, 10013);
    refused_at(&world.api("POST", "/users/@me/channels", Some(json!({}))).await, "recipient_id");
}

#[tokio::test]
async fn a_private_thread_is_seen_by_those_who_were_invited() {
    let (world, _shop, _folder) = start().await;
    world.user(json!({"id": BUYER})).await;
    world.user(json!({"id": OTHER})).await;
    let asked =
        json!({"name": "LK0123456789", "type": 12, "invitable": false, "auto_archive_duration": 1440});
    let answer = world.api("POST", &format!("/channels/{SHOP}/threads"), Some(asked)).await;
    assert_eq!(answer.http, 201, "{}", answer.text);
    let thread = answer.json();
    assert_eq!(
        (&thread["type"], &thread["guild_id"], &thread["parent_id"]),
        (&json!(12), &json!(GUILD), &json!(SHOP))
    );
    let path = format!("/channels/{}", thread["id"].as_str().unwrap());
    let invited = world.api("PUT", &format!("{path}/thread-members/{BUYER}"), None).await;
    assert_eq!(invited.http, 204);
    world.api("POST", &format!("{path}/messages"), Some(json!({"content": "help"}))).await;
    assert_eq!(world.sees(BUYER).await.len(), 1);
    assert!(world.sees(OTHER).await.is_empty());
    world.user(json!({"id": OTHER, "guilds": []})).await;
    refused(&world.api("PUT", &format!("{path}/thread-members/{OTHER}"), None).await, 403, 50001);
    for (bad, at) in [
        (json!({"type": 12}), "name"),
        (json!({"name": long(101), "type": 12}), "name"),
        (json!({"name": "x", "type": 12, "auto_archive_duration": 61}), "auto_archive_duration"),
    ] {
        refused_at(&world.api("POST", &format!("/channels/{SHOP}/threads"), Some(bad)).await, at);
    }
}

#[tokio::test]
async fn in_an_archived_thread_nothing_is_changed_until_a_new_message_wakes_it() {
    let (world, _shop, _folder) = start().await;
    world.user(json!({"id": BUYER})).await;
    let asked = json!({"name": "Struk 7K3QF0ZD", "type": 12});
    let made = world.api("POST", &format!("/channels/{SHOP}/threads"), Some(asked)).await.json();
    let thread = made["id"].as_str().unwrap();
    let path = format!("/channels/{thread}/messages");
    let first = world.api("POST", &path, Some(json!({"content": "a"}))).await.json();
    let first = format!("{path}/{}", first["id"].as_str().unwrap());
    let active = async || {
        let told = world.api("GET", &format!("/guilds/{GUILD}/threads/active"), None).await.json();
        let threads = told["threads"].as_array().unwrap().clone();
        threads.iter().map(|thread| thread["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(active().await, ["Struk 7K3QF0ZD"]);

    let control = "/sandbox/discord/channels";
    assert_eq!(world.control(control, json!({"id": thread, "archived": true})).await.http, 200);
    assert_eq!(active().await, Vec::<String>::new());
    refused(&world.api("PATCH", &first, Some(json!({"content": "b"}))).await, 400, 50083);
    refused(&world.api("PUT", &format!("/channels/{thread}/thread-members/{BUYER}"), None).await, 400, 50083);

    assert_eq!(world.api("POST", &path, Some(json!({"content": "c"}))).await.http, 200);
    assert_eq!(active().await, ["Struk 7K3QF0ZD"]);
    assert_eq!(world.api("PATCH", &first, Some(json!({"content": "b"}))).await.http, 200);
    refused(&world.api("GET", "/guilds/1/threads/active", None).await, 404, 10004);
    assert_ne!(
        world.control(control, json!({"id": SHOP, "archived": true})).await.http,
        200,
        "it is no thread"
    );
}

#[tokio::test]
async fn what_is_not_documented_can_be_switched() {
    let folder = testkit::TempFolder::new("discord");
    let world = crate::support::World::on(&folder, |settings| {
        settings.discord.text_sum_limit = false;
        settings.discord.dm_opens = Some(1);
    })
    .await;
    let text = |length: usize| json!({"type": 10, "content": long(length)});
    let message = json!({"flags": V2, "components": [text(4_000), text(4_000)]});
    assert_eq!(world.post(message).await.http, 200);
    let open = async |id: &str| {
        world.user(json!({"id": id})).await;
        world.api("POST", "/users/@me/channels", Some(json!({"recipient_id": id}))).await
    };
    assert_eq!(open(BUYER).await.http, 200);
    refused(&open(OTHER).await, 400, 40003);
    assert_eq!(open(BUYER).await.http, 200, "it is open already");
    world.advance(601).await;
    assert_eq!(open(OTHER).await.http, 200);
}

#[tokio::test]
async fn messages_of_a_channel_are_told_newest_first_and_as_many_as_asked() {
    let (world, _shop, _folder) = start().await;
    for content in ["a", "b", "c"] {
        world.post(json!({"content": content})).await;
    }
    let path = format!("/channels/{SHOP}/messages");
    let told = world.api("GET", &format!("{path}?limit=2"), None).await.json();
    assert_eq!((&told[0]["content"], &told[1]["content"]), (&json!("c"), &json!("b")));
    assert_eq!(told.as_array().unwrap().len(), 2);
    refused_at(&world.api("GET", &format!("{path}?limit=101"), None).await, "limit");
    let channel = world.api("GET", &format!("/channels/{SHOP}"), None).await.json();
    assert_eq!((&channel["name"], &channel["type"]), (&json!("topup"), &json!(0)));
}

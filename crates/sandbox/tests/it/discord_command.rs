//! Commands: what may be registered, what a day allows, and how people type them.

use crate::{
    discord_support::{APP, BUYER, GUILD, refused, refused_at, start},
    support::{Answer, World},
};
use serde_json::{Value, json};

async fn put(world: &World, commands: Value) -> Answer {
    world.api("PUT", &format!("/applications/{APP}/commands"), Some(commands)).await
}

fn named(name: &str) -> Value {
    json!({"name": name, "description": "d"})
}

fn topup() -> Value {
    json!([{
        "name": "topup", "description": "Top up a game", "name_localizations": {"id": "isi-ulang"},
        "contexts": [0, 1], "integration_types": [0, 1], "options": [
            {"type": 3, "name": "game", "description": "Game", "required": true, "choices": [
                {"name": "Mobile Legends", "value": "ML"}, {"name": "Free Fire", "value": "FF"},
            ]},
            {"type": 3, "name": "nominal", "description": "Nominal", "required": true, "autocomplete": true, "max_length": 20},
            {"type": 4, "name": "count", "description": "How many", "min_value": 1, "max_value": 5},
            {"type": 6, "name": "for", "description": "For whom"},
        ],
    }, {
        "name": "admin", "description": "Staff", "default_member_permissions": "32", "contexts": [0], "options": [
            {"type": 2, "name": "order", "description": "Orders", "options": [
                {"type": 1, "name": "approve", "description": "Approve", "options": [
                    {"type": 3, "name": "number", "description": "Number", "required": true},
                ]},
            ]},
        ],
    }])
}

#[tokio::test]
async fn commands_are_replaced_as_a_whole_and_keep_their_ids() {
    let (world, _shop, _folder) = start().await;
    let first = put(&world, json!([named("a"), named("b")])).await.json();
    let second = put(&world, json!([named("b"), {"name": "c", "description": "new"}])).await.json();
    assert_eq!((&second[0]["id"], &second[0]["version"]), (&first[1]["id"], &first[1]["version"]));
    let third = put(&world, json!([{"name": "b", "description": "changed"}])).await.json();
    assert_eq!(third[0]["id"], first[1]["id"]);
    assert_ne!(third[0]["version"], first[1]["version"]);
    let path = format!("/applications/{APP}/commands");
    assert_eq!(world.api("GET", &path, None).await.json(), third);
    assert_eq!(third[0]["application_id"], APP);
    let guild = format!("/applications/{APP}/guilds/{GUILD}/commands");
    let own = world.api("PUT", &guild, Some(json!([named("x")]))).await.json();
    assert_eq!(own[0]["guild_id"], GUILD);
    assert_eq!(world.api("GET", &path, None).await.json().as_array().unwrap().len(), 1);
    refused(
        &world.api("PUT", &format!("/applications/{APP}/guilds/1/commands"), Some(json!([]))).await,
        403,
        50001,
    );
}

#[tokio::test]
async fn localizations_are_told_when_they_are_asked_for() {
    let (world, _shop, _folder) = start().await;
    put(&world, topup()).await;
    let path = format!("/applications/{APP}/commands");
    assert!(world.api("GET", &path, None).await.json()[0].get("name_localizations").is_none());
    let full = world.api("GET", &format!("{path}?with_localizations=true"), None).await.json();
    assert_eq!(full[0]["name_localizations"], json!({"id": "isi-ulang"}));
    assert_eq!(full[1]["default_member_permissions"], "32");
}

#[tokio::test]
async fn what_a_command_may_not_be_is_refused_by_its_path() {
    let (world, _shop, _folder) = start().await;
    let with = |options: Value| json!([{"name": "a", "description": "d", "options": options}]);
    let option = |extra: Value| {
        let mut option = json!({"type": 3, "name": "o", "description": "d"});
        option.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        option
    };
    let one = |extra: Value| with(json!([option(extra)]));
    let many = |count: usize| {
        with(json!((0..count).map(|i| option(json!({"name": format!("o{i}")}))).collect::<Vec<_>>()))
    };
    let choices = |count: usize| {
        one(
            json!({"choices": (0..count).map(|i| json!({"name": "c", "value": i.to_string()})).collect::<Vec<_>>()}),
        )
    };
    let long = |length: usize| "x".repeat(length);
    let large = |length: usize| {
        let choices: Vec<Value> = (0..25).map(|_| json!({"name": long(100), "value": long(100)})).collect();
        let wide = option(json!({"choices": choices}));
        let mut rest = wide.clone();
        rest["name"] = json!("p");
        rest["choices"] = json!(choices[..14]);
        json!([{"name": "a", "description": long(length), "options": [wide, rest]}])
    };
    for (fits, over, path) in [
        (json!([named(&long(32))]), json!([named(&long(33))]), "0.name"),
        (json!([named("cek_id-2")]), json!([named("cek id")]), "0.name"),
        (json!([named("harga")]), json!([named("Harga")]), "0.name"),
        (json!([named("ราคา")]), json!([named("a/b")]), "0.name"),
        (json!([named("a")]), json!([named("")]), "0.name"),
        (json!([named("a")]), json!([named("a"), named("a")]), "1.name"),
        (
            json!([{"name": "a", "description": long(100)}]),
            json!([{"name": "a", "description": long(101)}]),
            "0.description",
        ),
        (json!([named("a")]), json!([{"name": "a"}]), "0.description"),
        (
            json!([{"name": "Cek Pesanan", "type": 2}]),
            json!([{"name": "Cek", "type": 2, "description": "d"}]),
            "0.description",
        ),
        (many(25), many(26), "0.options"),
        (choices(25), choices(26), "0.options.0.choices"),
        (
            one(json!({"choices": [{"name": "n", "value": long(100)}]})),
            one(json!({"choices": [{"name": "n", "value": long(101)}]})),
            "0.options.0.choices.0.value",
        ),
        (
            one(json!({"autocomplete": true})),
            one(json!({"autocomplete": true, "choices": [{"name": "n", "value": "v"}]})),
            "0.options.0.autocomplete",
        ),
        (
            one(json!({"min_length": 0, "max_length": 6000})),
            one(json!({"max_length": 0})),
            "0.options.0.max_length",
        ),
        (
            one(json!({"type": 4, "max_value": 9_007_199_254_740_991_i64})),
            one(json!({"type": 4, "max_value": 9_007_199_254_740_992_i64})),
            "0.options.0.max_value",
        ),
        (
            with(json!([option(json!({"required": true})), option(json!({"name": "p"}))])),
            with(json!([option(json!({})), option(json!({"name": "p", "required": true}))])),
            "0.options.1",
        ),
        (many(2), with(json!([option(json!({})), option(json!({}))])), "0.options.1.name"),
        (
            with(json!([{"type": 1, "name": "s", "description": "d"}])),
            with(json!([{"type": 1, "name": "s", "description": "d"}, option(json!({}))])),
            "0.options",
        ),
        (
            topup(),
            with(json!([{"type": 2, "name": "g", "description": "d", "options": [option(json!({}))]}])),
            "0.options.0.options.0.type",
        ),
        (
            json!([{"name": "a", "description": "d", "name_localizations": {"id": "harga"}}]),
            json!([{"name": "a", "description": "d", "name_localizations": {"id-ID": "harga"}}]),
            "0.name_localizations.id-ID",
        ),
        (
            json!([{"name": "a", "description": "d", "contexts": [0, 1, 2]}]),
            json!([{"name": "a", "description": "d", "contexts": [0, 3]}]),
            "0.contexts.1",
        ),
        (
            json!([{"name": "a", "description": "d", "default_member_permissions": "0"}]),
            json!([{"name": "a", "description": "d", "default_member_permissions": "all"}]),
            "0.default_member_permissions",
        ),
        // a (1) + o, d, p, d (4) + 39 choices of 200 (7800) + description.
        (
            large(100),
            json!([large(100)[0].clone(), {"name": "b", "description": "d", "options": vec![0; 26]}]),
            "1.options",
        ),
    ] {
        let answer = put(&world, fits.clone()).await;
        assert_eq!(answer.http, 200, "{fits}: {}", answer.text);
        refused_at(&put(&world, over).await, path);
    }
    let mut heavy = large(100);
    heavy[0]["options"].as_array_mut().unwrap().push(option(json!({"name": "q", "description": long(95)})));
    refused_at(&put(&world, heavy).await, "0");
    let guild = format!("/applications/{APP}/guilds/{GUILD}/commands");
    let global_only = json!([{"name": "a", "description": "d", "contexts": [0]}]);
    refused_at(&world.api("PUT", &guild, Some(global_only)).await, "0.contexts");
    refused_at(&put(&world, json!({})).await, "");
}

#[tokio::test]
async fn there_are_so_many_commands_of_each_kind() {
    let (world, _shop, _folder) = start().await;
    let some = |kind: i64, count: usize| {
        (0..count).map(|i| json!({"name": format!("c{i}"), "type": kind, "description": if kind == 1 { "d" } else { "" }})).collect::<Vec<_>>()
    };
    for (kind, most) in [(1, 100), (2, 15), (3, 15)] {
        assert_eq!(put(&world, json!(some(kind, most))).await.http, 200, "{kind}");
        refused(&put(&world, json!(some(kind, most + 1))).await, 400, 30032);
    }
    refused_at(&put(&world, json!(some(1, 131))).await, "");
}

#[tokio::test]
async fn two_hundred_new_commands_a_day_and_no_more() {
    let (world, _shop, _folder) = start().await;
    let batch = |prefix: &str| json!((0..100).map(|i| named(&format!("{prefix}{i}"))).collect::<Vec<_>>());
    assert_eq!(put(&world, batch("a")).await.http, 200);
    assert_eq!(put(&world, batch("b")).await.http, 200);
    assert_eq!(put(&world, batch("b")).await.http, 200, "what is there already is not new");
    let answer = put(&world, json!([named("one-more")])).await;
    refused(&answer, 429, 30034);
    assert!(answer.json()["retry_after"].as_f64().unwrap() > 80_000.0);
    world.advance(86_401).await;
    assert_eq!(put(&world, json!([named("one-more")])).await.http, 200);
}

#[tokio::test]
async fn a_command_is_typed_as_the_client_allows() {
    let (world, end, _folder) = start().await;
    put(&world, topup()).await;
    let deed = |options: Value| json!({"user_id": BUYER, "command": {"name": "topup", "options": options}});
    for (options, word) in [
        (json!({"game": "ML"}), "`nominal` is required"),
        (json!({"game": "XX", "nominal": "86"}), "no choice"),
        (json!({"game": "ML", "nominal": "x".repeat(21)}), "does not take"),
        (json!({"game": "ML", "nominal": "86", "count": 6}), "does not take"),
        (json!({"game": "ML", "nominal": "86", "count": "2"}), "does not take"),
        (json!({"game": "ML", "nominal": "86", "other": 1}), "no option `other`"),
        (json!({"game": "ML", "nominal": "86", "for": "1290000000000000999"}), "no user"),
    ] {
        let answer = world.control("/sandbox/discord/interactions", deed(options)).await;
        assert!((404..=422).contains(&answer.http), "{}", answer.text);
        assert!(answer.json()["detail"].as_str().unwrap().contains(word), "{}", answer.text);
    }
    end.will_say(json!({"type": 4, "data": {"content": "ok"}}));
    let seen = world.act(deed(json!({"nominal": "anything", "game": "ML", "for": BUYER}))).await;
    assert_eq!(seen["outcome"], "message", "a value that is no suggestion is sent all the same");
    let data = &end.last()["data"];
    assert_eq!(data["options"][0], json!({"name": "game", "type": 3, "value": "ML"}));
    assert_eq!(data["options"][1]["value"], "anything");
    assert_eq!(data["resolved"]["users"][BUYER]["id"], BUYER);
    assert!(data["resolved"]["members"][BUYER]["permissions"].is_string());
}

#[tokio::test]
async fn a_staff_command_is_for_those_who_may_and_where_it_may_be() {
    let (world, end, _folder) = start().await;
    put(&world, topup()).await;
    let deed = |context: i64| json!({"user_id": BUYER, "context": context, "command": {"name": "admin order approve", "options": {"number": "LK0123456789"}}});
    assert_eq!(world.control("/sandbox/discord/interactions", deed(0)).await.http, 409);
    world.user(json!({"id": BUYER, "permissions": ((1_u64 << 10) | 32).to_string()})).await;
    assert_eq!(
        world.control("/sandbox/discord/interactions", deed(1)).await.http,
        409,
        "not in direct messages"
    );
    end.will_say(json!({"type": 4, "data": {"content": "ok"}}));
    assert_eq!(world.act(deed(0)).await["outcome"], "message");
    let nested = json!([{"name": "order", "type": 2, "options": [
        {"name": "approve", "type": 1, "options": [{"name": "number", "type": 3, "value": "LK0123456789"}]},
    ]}]);
    assert_eq!(end.last()["data"]["options"], nested);
    let bare = json!({"user_id": BUYER, "command": {"name": "admin order"}});
    assert_eq!(world.control("/sandbox/discord/interactions", bare).await.http, 422);
}

#[tokio::test]
async fn autocomplete_suggests_at_most_twenty_five() {
    let (world, end, _folder) = start().await;
    put(&world, topup()).await;
    let deed = json!({"user_id": BUYER, "autocomplete": {"name": "topup", "options": {"game": "ML", "nominal": "8"}, "focused": "nominal"}});
    let says = |count: usize| {
        let choices: Vec<Value> = (0..count).map(|i| json!({"name": "n", "value": i.to_string()})).collect();
        json!({"type": 8, "data": {"choices": choices}})
    };
    for count in [0, 25] {
        end.will_say(says(count));
        let seen = world.act(deed.clone()).await;
        assert_eq!(
            (&seen["outcome"], &seen["choices"]),
            (&json!("choices"), &says(count)["data"]["choices"])
        );
    }
    let sent = end.last();
    assert_eq!((&sent["type"], &sent["data"]["options"][1]["focused"]), (&json!(4), &json!(true)));
    assert!(sent["data"]["options"][0].get("focused").is_none());
    for wrong in [
        says(26),
        json!({"type": 8, "data": {"choices": [{"name": "", "value": "x"}]}}),
        json!({"type": 8, "data": {"choices": [{"name": "n", "value": "x".repeat(101)}]}}),
        json!({"type": 8, "data": {"choices": [{"name": "n", "value": 5}]}}),
        json!({"type": 8}),
        json!({"type": 4, "data": {"content": "x"}}),
    ] {
        end.will_say(wrong.clone());
        assert_eq!(world.act(deed.clone()).await["failure"]["error"]["code"], 50035, "{wrong}");
    }
    let plain = json!({"autocomplete": {"name": "topup", "options": {"game": "M"}, "focused": "game"}});
    assert_eq!(world.control("/sandbox/discord/interactions", plain).await.http, 422);
}

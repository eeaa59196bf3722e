//! Modals: what Discord shows, and how it lets people fill it in.

use crate::{
    discord_support::{BUYER, OTHER, Shop, panel, shop_command, start},
    support::World,
};
use serde_json::{Value, json};

fn modal(components: Value) -> Value {
    json!({"type": 9, "data": {"custom_id": "account", "title": "Akun", "components": components}})
}

fn label(component: Value) -> Value {
    json!({"type": 18, "label": "User ID", "component": component})
}

fn input(extra: Value) -> Value {
    let mut input = json!({"type": 4, "custom_id": "user_id", "style": 1});
    input.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    input
}

async fn open(world: &World, end: &Shop, says: Value) -> Value {
    end.will_say(says);
    world.act(json!({"user_id": BUYER, "command": {"name": "shop"}})).await
}

#[tokio::test]
async fn a_modal_within_its_limits_is_shown_and_any_other_fails() {
    let (world, end, _folder) = start().await;
    world.register(shop_command()).await;
    let long = |length: usize| "x".repeat(length);
    let titled = |title: &str| json!({"type": 9, "data": {"custom_id": "m", "title": title, "components": [label(input(json!({})))]}});
    let many = |count: usize| {
        modal(json!(
            (0..count).map(|i| label(input(json!({"custom_id": i.to_string()})))).collect::<Vec<_>>()
        ))
    };
    let one = |component: Value| modal(json!([label(component)]));
    let select = |extra: Value| {
        let mut select = json!({"type": 3, "custom_id": "s", "options": [{"label": "a", "value": "1"}]});
        select.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        one(select)
    };
    let options =
        |count: usize| (0..count).map(|i| json!({"label": "l", "value": i.to_string()})).collect::<Vec<_>>();
    for (says, fits, path) in [
        (many(1), true, ""),
        (many(5), true, ""),
        (many(6), false, "components"),
        (many(0), false, "components"),
        (titled(&long(45)), true, ""),
        (titled(&long(46)), false, "title"),
        (modal(json!([{"type": 10, "content": "read this"}, label(input(json!({})))])), true, ""),
        (modal(json!([{"type": 2, "style": 1, "label": "b", "custom_id": "b"}])), false, "components.0.type"),
        (
            modal(json!([label(input(json!({}))), label(input(json!({})))])),
            false,
            "components.1.component.custom_id",
        ),
        (one(input(json!({"label": "own"}))), false, "components.0.component.label"),
        (one(input(json!({"placeholder": long(101)}))), false, "components.0.component.placeholder"),
        (one(input(json!({"min_length": 5, "max_length": 4}))), false, "components.0.component.min_length"),
        (one(input(json!({"max_length": 4001}))), false, "components.0.component.max_length"),
        (one(input(json!({"style": 3}))), false, "components.0.component.style"),
        (
            modal(json!([{"type": 18, "label": long(46), "component": input(json!({}))}])),
            false,
            "components.0.label",
        ),
        (
            modal(
                json!([{"type": 18, "label": "l", "description": long(101), "component": input(json!({}))}]),
            ),
            false,
            "components.0.description",
        ),
        (modal(json!([{"type": 1, "components": [input(json!({"label": "old"}))]}])), true, ""),
        (select(json!({})), true, ""),
        (select(json!({"min_values": 0})), false, "components.0.component.min_values"),
        (select(json!({"min_values": 0, "required": false})), true, ""),
        (select(json!({"disabled": true})), false, "components.0.component.disabled"),
        (one(json!({"type": 21, "custom_id": "r", "options": options(2)})), true, ""),
        (
            one(json!({"type": 21, "custom_id": "r", "options": options(1)})),
            false,
            "components.0.component.options",
        ),
        (one(json!({"type": 22, "custom_id": "r", "options": options(10)})), true, ""),
        (
            one(json!({"type": 22, "custom_id": "r", "options": options(11)})),
            false,
            "components.0.component.options",
        ),
        (one(json!({"type": 23, "custom_id": "r"})), true, ""),
        (
            one(json!({"type": 2, "style": 1, "label": "b", "custom_id": "b"})),
            false,
            "components.0.component.type",
        ),
    ] {
        let seen = open(&world, &end, says.clone()).await;
        assert_eq!(seen["outcome"] == "modal", fits, "{says}: {seen}");
        if fits {
            assert_eq!(seen["modal"], says["data"]);
        } else {
            let mut here = &seen["failure"]["error"]["errors"]["data"];
            for step in path.split('.') {
                here = &here[step];
            }
            assert!(here["_errors"].is_array(), "{path}: {seen}");
        }
    }
}

#[tokio::test]
async fn a_modal_is_filled_in_as_the_client_allows() {
    let (world, end, _folder) = start().await;
    world.register(shop_command()).await;
    let opened = open(&world, &end, modal(json!([
        label(input(json!({"min_length": 6, "max_length": 12}))),
        {"type": 18, "label": "Zone", "component": {"type": 4, "custom_id": "zone", "style": 1, "required": false, "value": "2001"}},
        {"type": 18, "label": "Server", "component": {"type": 3, "custom_id": "server", "options": [
            {"label": "Asia", "value": "asia"}, {"label": "Europe", "value": "eu"},
        ]}},
        {"type": 18, "label": "Sure", "component": {"type": 23, "custom_id": "sure"}},
    ]))).await;
    let id = opened["interaction"]["id"].as_str().unwrap();
    let send = |values: Value| json!({"user_id": BUYER, "modal": {"interaction_id": id, "values": values}});
    for (values, word) in [
        (json!({"server": ["asia"]}), "required"),
        (json!({"user_id": "12345", "server": ["asia"]}), "between 6 and 12"),
        (json!({"user_id": "1234567890123", "server": ["asia"]}), "between 6 and 12"),
        (json!({"user_id": "123456"}), "between 1 and 1"),
        (json!({"user_id": "123456", "server": ["moon"]}), "not among"),
        (json!({"user_id": "123456", "server": ["asia"], "other": "x"}), "no field `other`"),
        (json!({"user_id": 123456, "server": ["asia"]}), "text"),
    ] {
        let answer = world.control("/sandbox/discord/interactions", send(values)).await;
        assert_eq!(answer.http, 422, "{}", answer.text);
        assert!(answer.json()["detail"].as_str().unwrap().contains(word), "{}", answer.text);
    }
    let theirs = json!({"user_id": OTHER, "modal": {"interaction_id": id, "values": {}}});
    assert_eq!(world.control("/sandbox/discord/interactions", theirs).await.http, 409);

    let fine = send(json!({"user_id": "123456", "server": "asia", "sure": true}));
    end.will_say(json!({"type": 9, "data": opened["modal"]}));
    let failed = world.act(fine.clone()).await;
    assert_eq!(failed["failure"]["error"]["code"], 50035, "a modal is no answer to a modal");
    end.will_say(json!({"type": 4, "data": {"content": "Halo", "flags": 64}}));
    assert_eq!(world.act(fine.clone()).await["outcome"], "message", "what failed can be sent again");
    let sent = end.last();
    assert_eq!((&sent["type"], &sent["data"]["custom_id"]), (&json!(5), &json!("account")));
    let values: Vec<Value> = sent["data"]["components"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let inner = &row["component"];
            json!([inner["custom_id"], inner.get("value").or(inner.get("values"))])
        })
        .collect();
    let expected = json!([["user_id", "123456"], ["zone", "2001"], ["server", ["asia"]], ["sure", true]]);
    assert_eq!(json!(values), expected);
    assert_eq!(world.control("/sandbox/discord/interactions", fine).await.http, 409, "it was taken");
}

#[tokio::test]
async fn a_modal_from_a_button_may_update_its_message() {
    let (world, end, _folder) = start().await;
    world.register(shop_command()).await;
    let shown = open(&world, &end, panel()).await;
    let message = &shown["message"]["id"];
    end.will_say(modal(json!([label(input(json!({})))])));
    let opened =
        world.act(json!({"user_id": BUYER, "component": {"message_id": message, "custom_id": "buy"}})).await;
    let id = &opened["interaction"]["id"];
    end.will_say(json!({"type": 7, "data": {"content": "123456"}}));
    let seen = world
        .act(json!({"user_id": BUYER, "modal": {"interaction_id": id, "values": {"user_id": "123456"}}}))
        .await;
    assert_eq!((&seen["outcome"], &seen["message"]["id"]), (&json!("updated"), message));
    assert_eq!(end.last()["message"]["id"], *message);

    let opened = open(&world, &end, modal(json!([label(input(json!({})))]))).await;
    let id = &opened["interaction"]["id"];
    end.will_say(json!({"type": 7, "data": {"content": "x"}}));
    let seen = world
        .act(json!({"user_id": BUYER, "modal": {"interaction_id": id, "values": {"user_id": "1"}}}))
        .await;
    assert_eq!(seen["outcome"], "failed", "a modal from a command has no message to update");
}

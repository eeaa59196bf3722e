//! The examples of the judge from outside (judges/fixtures/discord): what Discord's own schemas and
//! rules take, the simulator takes, and what they refuse it refuses.

use crate::{
    discord_support::{APP, BUYER, SHOP, Shop, panel, shop_command, start},
    support::World,
};
use serde_json::{Value, json};
use std::path::Path;

fn examples(folder: &str) -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../judges/fixtures/discord").join(folder);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut all = Vec::new();
    for file in files {
        let content: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        match content {
            Value::Array(list) => all.extend(list.into_iter().map(|one| (name.clone(), one))),
            one => all.push((name, one)),
        }
    }
    assert!(!all.is_empty());
    all
}

/// Whether the simulated Discord takes a payload of this kind, and what it says.
async fn taken(world: &World, end: &Shop, kind: &str, body: Value) -> (bool, String) {
    let files: &[(&str, &[u8])] = if body.get("attachments").is_some_and(|list| *list != json!([])) {
        &[("qris.png", b"\x89PNG\r\n\x1a\n")]
    } else {
        &[]
    };
    let posted = format!("/channels/{SHOP}/messages");
    let answer = match kind {
        "interaction_response" => {
            end.will_say(panel());
            let shown = world.act(json!({"user_id": BUYER, "command": {"name": "shop"}})).await;
            let click = json!({"message_id": shown["message"]["id"], "custom_id": "buy"});
            let typing = json!({"name": "find", "options": {"what": "x"}, "focused": "what"});
            let deed = match body["type"].as_i64() {
                Some(1) => json!({"user_id": BUYER, "ping": {}}),
                Some(8) => json!({"user_id": BUYER, "autocomplete": typing}),
                _ => json!({"user_id": BUYER, "component": click}),
            };
            end.will_say(body);
            let seen = world.act(deed).await;
            return (seen["outcome"] != "failed", seen.to_string());
        }
        "message_create" => world.upload("POST", &posted, body, files).await,
        "message_edit" => {
            let old = world.post(json!({"content": "old"})).await.json();
            world.api("PATCH", &format!("{posted}/{}", old["id"].as_str().unwrap()), Some(body)).await
        }
        "webhook_edit" | "follow_up" => {
            end.will_say(if kind == "follow_up" { panel() } else { json!({"type": 5}) });
            let seen = world.act(json!({"user_id": BUYER, "command": {"name": "shop"}})).await;
            let hook = format!("/webhooks/{APP}/{}", seen["interaction"]["token"].as_str().unwrap());
            match kind {
                "follow_up" => world.upload("POST", &hook, body, files).await,
                _ => world.upload("PATCH", &format!("{hook}/messages/@original"), body, files).await,
            }
        }
        "thread_create" => world.api("POST", &format!("/channels/{SHOP}/threads"), Some(body)).await,
        "command_list" => {
            let guild = format!("/applications/{APP}/commands");
            let answer = world.api("PUT", &guild, Some(body)).await;
            world.register(commands()).await;
            answer
        }
        other => panic!("no such kind: {other}"),
    };
    (answer.http < 300, answer.text)
}

fn commands() -> Value {
    let mut commands = shop_command();
    commands.as_array_mut().unwrap().push(json!({"name": "find", "description": "d", "options": [
        {"type": 3, "name": "what", "description": "d", "autocomplete": true},
    ]}));
    commands
}

#[tokio::test]
async fn what_the_judge_takes_the_simulator_takes() {
    let (world, end, _folder) = start().await;
    world.register(commands()).await;
    for (name, example) in examples("good") {
        let (taken, said) =
            taken(&world, &end, example["kind"].as_str().unwrap(), example["body"].clone()).await;
        assert!(taken, "{name}: {}: {said}", example["body"]);
    }
}

#[tokio::test]
async fn what_the_judge_refuses_the_simulator_refuses() {
    let (world, end, _folder) = start().await;
    world.register(commands()).await;
    // Discord passes over fields that it does not know; only the judge reports a misspelling.
    let passed_over = ["schema_misspelt_field", "schema_misspelt_inside", "unknown_kind"];
    for (name, example) in
        examples("bad").into_iter().filter(|(name, _)| !passed_over.contains(&name.as_str()))
    {
        let (taken, said) =
            taken(&world, &end, example["kind"].as_str().unwrap(), example["body"].clone()).await;
        assert!(!taken, "{name}: {}: {said}", example["body"]);
    }
}

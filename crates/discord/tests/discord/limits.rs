//! Discord's limits, held against every answer and everything that is sent: those of the documents and the
//! rules that no schema catches (contracts/discord §1.1, §1.4–1.7, §6); and twilight's types and checks,
//! written by others.

use serde_json::{Value, json};
use std::{collections::BTreeSet, fs::OpenOptions, io::Write, path::Path};
use twilight_model::{
    channel::message::{AllowedMentions, Component, Embed},
    http::interaction::InteractionResponse,
};

const EPHEMERAL: u64 = 64;
const V2: u64 = 32_768;

/// Where payloads are kept for a judge from outside, when there is one.
const PAYLOADS: &str = "LOKET_TEST_PAYLOADS";

/// Keeps what is sent for the judge, as a line of a file of this process.
pub(crate) fn keep(kind: &str, body: &Value) {
    let Some(folder) = std::env::var_os(PAYLOADS) else { return };
    let path = Path::new(&folder).join(format!("discord-{}.jsonl", std::process::id()));
    let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
    writeln!(file, "{}", json!({"kind": kind, "body": body})).unwrap();
}

/// The answer may be given to an interaction of this type.
pub(crate) fn check(reply: &Value, inbound: u64) {
    let kind = reply["type"].as_u64().unwrap();
    let allowed: &[u64] = match inbound {
        1 => &[1],
        2 => &[4, 5, 9],
        3 => &[4, 5, 6, 7, 9],
        4 => &[8],
        5 => &[4, 5],
        _ => &[4],
    };
    assert!(allowed.contains(&kind), "{kind} answers {inbound}: {reply}");
    let data = &reply["data"];
    match kind {
        1 | 6 => assert!(data.is_null(), "{reply}"),
        4 | 7 => {
            let flags = data["flags"].as_u64().unwrap();
            assert_eq!(flags & !(EPHEMERAL | V2), 0, "{flags}");
            assert_eq!(kind == 4, flags & EPHEMERAL != 0, "whatever is new is for the reader alone");
            message(data);
        }
        5 => assert_eq!(data["flags"], EPHEMERAL, "nothing else may be set when deferring"),
        8 => choices(data["choices"].as_array().unwrap()),
        9 => modal(data),
        other => panic!("no such answer: {other}"),
    }
    let typed: InteractionResponse =
        serde_json::from_value(reply.clone()).unwrap_or_else(|e| panic!("{e}: {reply}"));
    assert_eq!(typed.kind as u64, kind);
}

/// A message of components, in an answer or an edit.
pub(crate) fn message(body: &Value) {
    assert!(body["flags"].as_u64().unwrap() & V2 != 0);
    for forbidden in ["content", "embeds", "poll", "sticker_ids"] {
        assert!(body[forbidden].is_null(), "{forbidden} beside components: {body}");
    }
    let mentions: AllowedMentions = serde_json::from_value(body["allowed_mentions"].clone()).unwrap();
    assert!(mentions.parse.is_empty() && mentions.users.is_empty(), "nobody is called");
    let mut seen = Seen::default();
    let top = body["components"].as_array().unwrap();
    assert!(!top.is_empty(), "an empty message");
    top.iter().for_each(|part| seen.part(part, false));
    assert!(seen.parts <= 40, "{} parts", seen.parts);
    assert!(seen.text <= 4_000, "{} characters", seen.text);
    let typed: Vec<Component> = serde_json::from_value(body["components"].clone()).unwrap();
    twilight_validate::message::components(&typed, true).unwrap_or_else(|e| panic!("{e}: {body}"));
    let known = |part: &Component| !matches!(part, Component::Unknown(_));
    assert!(typed.iter().all(known), "{body}");
}

/// A message that is sent or edited: of components, or an older one with text and embeds.
pub(crate) fn sent(body: &Value) {
    if body["flags"].as_u64().unwrap_or(0) & V2 != 0 { message(body) } else { legacy(body) }
}

/// An older message: text, embeds and rows of buttons.
fn legacy(body: &Value) {
    let content = body["content"].as_str().unwrap_or_default();
    assert!(units(content) <= 2_000, "{} characters", units(content));
    let embeds: Vec<Value> = body["embeds"].as_array().cloned().unwrap_or_default();
    assert!(!content.trim().is_empty() || !embeds.is_empty(), "an empty message: {body}");
    assert!(embeds.len() <= 10, "{} embeds", embeds.len());
    let sum: usize = embeds.iter().map(embed).sum();
    assert!(sum <= 6_000, "{sum} characters in all embeds");
    if !body["nonce"].is_null() {
        length(&body["nonce"], 1, 25);
    }
    match &body["allowed_mentions"] {
        Value::Null => assert!(!content.contains('@'), "who is called is not said: {body}"),
        mentions => {
            let mentions: AllowedMentions = serde_json::from_value(mentions.clone()).unwrap();
            assert!(mentions.parse.is_empty() && mentions.roles.is_empty(), "nobody else is called: {body}");
            assert!(mentions.users.iter().all(|user| content.contains(&format!("<@{user}>"))), "{body}");
        }
    }
    let rows: Vec<Value> = body["components"].as_array().cloned().unwrap_or_default();
    assert!(rows.len() <= 5, "{} rows", rows.len());
    let mut seen = Seen::default();
    for row in &rows {
        assert_eq!(row["type"], 1, "{row}");
        seen.row(row["components"].as_array().unwrap());
    }
    let typed: Vec<Component> = serde_json::from_value(rows.into()).unwrap();
    twilight_validate::message::components(&typed, false).unwrap_or_else(|e| panic!("{e}: {body}"));
    let typed: Vec<Embed> = embeds.into_iter().map(typed_embed).collect();
    twilight_validate::message::embeds(&typed).unwrap_or_else(|e| panic!("{e}: {body}"));
}

/// Characters of an embed that count towards the sum of a message.
fn embed(embed: &Value) -> usize {
    let mut sum = 0;
    for (text, most) in [
        (&embed["title"], 256),
        (&embed["description"], 4_096),
        (&embed["footer"]["text"], 2_048),
        (&embed["author"]["name"], 256),
    ] {
        if !text.is_null() {
            length(text, 0, most);
            sum += units(text.as_str().unwrap());
        }
    }
    assert!(embed["color"].as_u64().is_none_or(|colour| colour <= 0xFF_FFFF), "{embed}");
    let fields = embed["fields"].as_array().cloned().unwrap_or_default();
    assert!(fields.len() <= 25, "{} fields", fields.len());
    for field in &fields {
        for (key, most) in [("name", 256), ("value", 1_024)] {
            length(&field[key], 1, most);
            let text = field[key].as_str().unwrap();
            assert!(!text.trim().is_empty(), "an empty {key}: {field}");
            sum += units(text);
        }
    }
    sum
}

/// Twilight knows only embeds that Discord has given their type.
fn typed_embed(mut embed: Value) -> Embed {
    embed["type"] = json!("rich");
    serde_json::from_value(embed).unwrap()
}

fn modal(data: &Value) {
    length(&data["title"], 1, 45);
    let parts = data["components"].as_array().unwrap();
    assert!((1..=5).contains(&parts.len()), "{} parts in a form", parts.len());
    let mut seen = Seen::default();
    seen.id(&data["custom_id"]);
    for part in parts {
        assert_eq!(part["type"], 18, "{part}");
        length(&part["label"], 1, 45);
        length(&part["description"], 1, 100);
        let input = &part["component"];
        assert_eq!(input["type"], 4, "{input}");
        assert!(input["label"].is_null() && input["disabled"].is_null(), "{input}");
        assert!([1, 2].contains(&input["style"].as_u64().unwrap()));
        length(&input["placeholder"], 0, 100);
        let most = input["max_length"].as_u64().unwrap();
        assert!((1..=4_000).contains(&most) && input["min_length"].as_u64().unwrap() <= most);
        if !input["value"].is_null() {
            length(&input["value"], 0, usize::try_from(most).unwrap());
        }
        seen.id(&input["custom_id"]);
    }
}

fn choices(choices: &[Value]) {
    assert!(choices.len() <= 25, "{}", choices.len());
    let values: BTreeSet<&str> = choices.iter().map(|c| c["value"].as_str().unwrap()).collect();
    assert_eq!(values.len(), choices.len(), "a choice twice");
    for choice in choices {
        length(&choice["name"], 1, 100);
        length(&choice["value"], 1, 100);
    }
}

#[derive(Default)]
struct Seen {
    ids: BTreeSet<String>,
    parts: usize,
    text: usize,
}

impl Seen {
    fn part(&mut self, part: &Value, inside: bool) {
        self.parts += 1;
        match part["type"].as_u64().unwrap() {
            1 => self.row(part["components"].as_array().unwrap()),
            10 => {
                length(&part["content"], 1, 4_000);
                self.text += part["content"].as_str().unwrap().encode_utf16().count();
            }
            12 => {
                let items = part["items"].as_array().unwrap();
                assert!((1..=10).contains(&items.len()));
                items.iter().for_each(|item| length(&item["description"], 1, 1_024));
            }
            14 => {}
            17 => {
                assert!(!inside, "a container in a container");
                let children = part["components"].as_array().unwrap();
                assert!(!children.is_empty());
                children.iter().for_each(|child| self.part(child, true));
            }
            other => panic!("a message has no component {other}"),
        }
    }

    fn row(&mut self, parts: &[Value]) {
        let selects = parts.iter().filter(|p| p["type"] == 3).count();
        assert!(
            selects == 0 && (1..=5).contains(&parts.len()) || selects == 1 && parts.len() == 1,
            "{parts:?}"
        );
        self.parts += parts.len();
        for part in parts {
            match part["type"].as_u64().unwrap() {
                2 => self.button(part),
                3 => self.select(part),
                other => panic!("a row has no component {other}"),
            }
        }
    }

    fn button(&mut self, button: &Value) {
        length(&button["label"], 1, 80);
        if button["style"] == 5 {
            length(&button["url"], 1, 512);
            assert!(button["custom_id"].is_null());
        } else {
            assert!((1..=4).contains(&button["style"].as_u64().unwrap()));
            self.id(&button["custom_id"]);
        }
    }

    fn select(&mut self, select: &Value) {
        self.id(&select["custom_id"]);
        length(&select["placeholder"], 1, 150);
        let options = select["options"].as_array().unwrap();
        assert!((1..=25).contains(&options.len()), "{} options", options.len());
        let values: BTreeSet<&str> = options.iter().map(|o| o["value"].as_str().unwrap()).collect();
        assert_eq!(values.len(), options.len(), "a value twice: {select}");
        let (least, most) = (select["min_values"].as_u64().unwrap(), select["max_values"].as_u64().unwrap());
        assert!(least <= most && usize::try_from(most).unwrap() <= options.len(), "{select}");
        for option in options {
            length(&option["label"], 1, 100);
            length(&option["value"], 1, 100);
            if !option["description"].is_null() {
                length(&option["description"], 1, 100);
            }
        }
    }

    fn id(&mut self, id: &Value) {
        length(id, 1, 100);
        assert!(self.ids.insert(id.as_str().unwrap().to_owned()), "{id} twice in one message");
    }
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

fn length(text: &Value, least: usize, most: usize) {
    let length = units(text.as_str().unwrap_or_else(|| panic!("no text: {text}")));
    assert!((least..=most).contains(&length), "{length} characters, {least} to {most} may be: {text}");
}

/// The checks go red for what they are there for.
#[test]
fn what_discord_refuses_is_seen() {
    let good = || {
        let select = json!({"type": 3, "custom_id": "s", "placeholder": "p", "min_values": 1, "max_values": 1,
            "options": [{"label": "a", "value": "a"}, {"label": "b", "value": "b"}]});
        json!({"type": 4, "data": {"flags": 32_832, "allowed_mentions": {"parse": []}, "components": [{"type": 17,
            "components": [{"type": 10, "content": "x"}, {"type": 1, "components": [select]}, {"type": 1,
            "components": [{"type": 2, "style": 1, "label": "l", "custom_id": "b"}]}]}]}})
    };
    check(&good(), 2);
    let children = "/data/components/0/components";
    let broken: Vec<(&str, Value)> = vec![
        ("/data/content", json!("x")),
        ("/data/embeds", json!([{}])),
        ("/data/allowed_mentions", json!({"parse": ["users"]})),
        ("/data/flags", json!(32_768)),
        ("/data/components", json!([])),
        (&*format!("{children}/0/content"), json!("")),
        (&*format!("{children}/0/content"), json!("x".repeat(4_001))),
        (&*format!("{children}/1/components/0/custom_id"), json!("b")),
        (&*format!("{children}/1/components/0/custom_id"), json!("i".repeat(101))),
        (&*format!("{children}/1/components/0/max_values"), json!(3)),
        (&*format!("{children}/1/components/0/options/1/value"), json!("a")),
        (&*format!("{children}/1/components/0/options/1/label"), json!("l".repeat(101))),
        (&*format!("{children}/2/components/0/label"), json!("l".repeat(81))),
        (&*format!("{children}/2/components/0/type"), json!(3)),
    ]
    .into_iter()
    .map(|(place, value): (&str, Value)| (Box::leak(place.to_owned().into_boxed_str()) as &str, value))
    .collect();
    for (place, value) in broken {
        let mut reply = good();
        let (parent, key) = place.rsplit_once('/').unwrap();
        match reply.pointer_mut(parent).unwrap() {
            Value::Array(list) => list[key.parse::<usize>().unwrap()] = value,
            object => object[key] = value,
        }
        assert!(std::panic::catch_unwind(|| check(&reply, 2)).is_err(), "{place} was let through: {reply}");
    }
    let deferred = json!({"type": 5, "data": {"flags": 32_832}});
    assert!(std::panic::catch_unwind(|| check(&deferred, 2)).is_err());
    assert!(std::panic::catch_unwind(|| check(&json!({"type": 7, "data": good()["data"]}), 2)).is_err());
    let field = |n: usize| {
        json!({"type": 18, "label": "l", "description": "d", "component": {"type": 4, "custom_id": n.to_string(),
            "style": 1, "placeholder": "p", "min_length": 0, "max_length": 9}})
    };
    let form = |n: usize| {
        let fields: Vec<Value> = (0..n).map(field).collect();
        json!({"type": 9, "data": {"custom_id": "m", "title": "t", "components": fields}})
    };
    check(&form(5), 2);
    assert!(std::panic::catch_unwind(|| check(&form(6), 2)).is_err());
    assert!(std::panic::catch_unwind(|| check(&form(2), 5)).is_err(), "no form answers a form");
}

#[test]
fn what_discord_refuses_in_a_message_with_embeds_is_seen() {
    let good = || {
        json!({"content": "<@1>", "nonce": "n", "allowed_mentions": {"parse": [], "users": ["1"]},
            "embeds": [{"title": "t", "description": "", "color": 1, "fields": [{"name": "n", "value": "v"}]}],
            "components": [{"type": 1, "components": [{"type": 2, "style": 5, "label": "l", "url": "https://a.b"}]}]})
    };
    sent(&good());
    sent(&json!({"content": "x"}));
    let field = |name: &str, value: &str| json!([{"name": name, "value": value}]);
    let broken = [
        ("/content", json!("x".repeat(2_001))),
        ("/content", json!("<@2>")),
        ("/nonce", json!("n".repeat(26))),
        ("/allowed_mentions", json!({"parse": ["users"]})),
        ("/allowed_mentions", Value::Null),
        ("/embeds", json!(vec![json!({"title": "t"}); 11])),
        ("/embeds", json!(vec![json!({"description": "x".repeat(3_001)}); 2])),
        ("/embeds/0/title", json!("x".repeat(257))),
        ("/embeds/0/description", json!("x".repeat(4_097))),
        ("/embeds/0/color", json!(0x100_0000)),
        ("/embeds/0/fields", field("", "v")),
        ("/embeds/0/fields", field("n", "")),
        ("/embeds/0/fields", field("n", " \n")),
        ("/embeds/0/fields", field("n", &"🎮".repeat(513))),
        ("/embeds/0/fields", json!(vec![json!({"name": "n", "value": "v"}); 26])),
        ("/components/0/type", json!(2)),
        ("/components/0/components/0/url", json!("")),
        ("/components/0/components", json!([])),
    ];
    for (place, value) in broken {
        let mut body = good();
        *body.pointer_mut(place).unwrap() = value;
        assert!(std::panic::catch_unwind(|| sent(&body)).is_err(), "{place} was let through: {body}");
    }
    assert!(std::panic::catch_unwind(|| sent(&json!({"content": " ", "embeds": []}))).is_err());
}

//! Interactions as Discord sends them, made from the facts: the envelope with every field that is always
//! there, for a server, a direct message, and an application that a user installed (contracts/discord §1.1).

use serde_json::{Value, json};

pub(crate) const APPLICATION: &str = "1100000000000000001";
pub(crate) const BUYER: &str = "80351110224678912";
pub(crate) const OTHER: &str = "80351110224678913";
/// The interaction that made the message which is pressed on.
const MADE_BY: &str = "1199999999999999999";
pub(crate) const GUILD: &str = "290926798626357999";

/// Where somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Server,
    DirectMessage,
    /// In somebody's private channel, with the application installed to the user.
    UserInstall,
}

pub(crate) const PLACES: [Place; 3] = [Place::Server, Place::DirectMessage, Place::UserInstall];

/// Who asks, where, in which language; and the number of the interaction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct From<'a> {
    pub(crate) id: u64,
    pub(crate) user: &'a str,
    pub(crate) place: Place,
    pub(crate) locale: &'a str,
}

pub(crate) fn ping() -> Value {
    json!({"application_id": APPLICATION, "id": "1", "token": "t", "type": 1, "version": 1,
        "user": user(BUYER), "entitlements": [], "authorizing_integration_owners": {},
        "attachment_size_limit": 10_485_760})
}

pub(crate) fn command(from: From<'_>, name: &str, options: &[(&str, &str)]) -> Value {
    let options: Vec<Value> =
        options.iter().map(|(name, value)| json!({"name": name, "type": 3, "value": value})).collect();
    envelope(from, 2, &json!({"id": "771825006014889984", "name": name, "type": 1, "options": options}))
}

/// The last option is the one that is being typed.
pub(crate) fn autocomplete(from: From<'_>, name: &str, options: &[(&str, &str)]) -> Value {
    let mut interaction = command(from, name, options);
    interaction["type"] = json!(4);
    let last = options.len() - 1;
    interaction["data"]["options"][last]["focused"] = json!(true);
    interaction
}

/// A button when there is no value, else a select; below a message of ours that only the reader sees.
pub(crate) fn component(from: From<'_>, custom_id: &str, value: Option<&str>) -> Value {
    let data = match value {
        None => json!({"component_type": 2, "custom_id": custom_id, "id": 7}),
        Some(value) => json!({"component_type": 3, "custom_id": custom_id, "values": [value], "id": 7}),
    };
    let mut interaction = envelope(from, 3, &data);
    interaction["message"] = message();
    interaction
}

pub(crate) fn modal(from: From<'_>, custom_id: &str, fields: &[(&str, &str)]) -> Value {
    let fields: Vec<Value> = fields
        .iter()
        .enumerate()
        .map(|(n, (id, value))| {
            json!({"type": 18, "id": n * 2 + 1, "component":
                {"type": 4, "id": n * 2 + 2, "custom_id": id, "value": value}})
        })
        .collect();
    let mut interaction = envelope(from, 5, &json!({"custom_id": custom_id, "components": fields}));
    interaction["message"] = message();
    interaction
}

fn envelope(from: From<'_>, kind: u8, data: &Value) -> Value {
    let mut all = json!({
        "id": from.id.to_string(), "application_id": APPLICATION, "type": kind, "data": data,
        "token": format!("aW50ZXJhY3Rpb24-{}", from.id), "version": 1, "locale": from.locale,
        "app_permissions": "562949953421311", "entitlements": [], "attachment_size_limit": 10_485_760,
        "channel_id": "645027906669510667",
    });
    match from.place {
        Place::Server => {
            all["guild_id"] = json!(GUILD);
            all["guild"] = json!({"id": GUILD, "locale": "en-US", "features": []});
            all["guild_locale"] = json!("en-US");
            all["channel"] = json!({"id": "645027906669510667", "type": 0, "guild_id": GUILD,
                "name": "topup", "permissions": "2147483647"});
            all["member"] = json!({"user": user(from.user), "roles": [], "permissions": "2147483647", "flags": 0,
                "deaf": false, "mute": false, "joined_at": "2020-02-29T12:00:00.000000+00:00", "nick": null});
            all["context"] = json!(0);
            all["authorizing_integration_owners"] = json!({"0": GUILD});
        }
        Place::DirectMessage => {
            all["channel"] = json!({"id": "645027906669510667", "type": 1});
            all["user"] = user(from.user);
            all["context"] = json!(1);
            all["authorizing_integration_owners"] = json!({"0": "0"});
        }
        Place::UserInstall => {
            all["channel"] = json!({"id": "645027906669510667", "type": 3});
            all["user"] = user(from.user);
            all["context"] = json!(2);
            all["authorizing_integration_owners"] = json!({"1": from.user});
        }
    }
    all
}

fn user(id: &str) -> Value {
    json!({"id": id, "username": "pembeli", "discriminator": "0", "global_name": "Pembeli",
        "avatar": "a_d5efa99b3eeaa7dd43acca82f5692432", "public_flags": 0, "bot": false})
}

fn message() -> Value {
    json!({"id": "845027738276462632", "channel_id": "645027906669510667", "type": 0, "content": "",
        "flags": 32_832, "attachments": [], "embeds": [], "mentions": [], "mention_roles": [],
        "mention_everyone": false, "pinned": false, "tts": false, "timestamp": "2026-11-22T05:00:00.000000+00:00",
        "edited_timestamp": null, "components": [],
        "interaction_metadata": {"id": MADE_BY, "type": 2, "user": user(BUYER), "authorizing_integration_owners": {}},
        "author": {"id": APPLICATION, "username": "loket", "discriminator": "0", "avatar": null, "bot": true}})
}

//! Registering the commands: what Discord has is compared with what we have, and replaced only when it
//! differs, because new commands are counted (contracts/discord §1.4).

use crate::rest::{Refusal, Rest};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What became of the commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// Names of commands that Discord did not have.
    pub added: Vec<String>,
    /// Names of commands that Discord had in another form.
    pub changed: Vec<String>,
    /// Names of commands that Discord had and we do not.
    pub removed: Vec<String>,
    /// Whether they were replaced: not when nothing differs, nor when it was only a look.
    pub replaced: bool,
}

/// Why the commands could not be registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// Discord refuses.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What Discord has, or what we have, is no list of commands.
    #[error("Discord answered with something that is no list of commands")]
    NoList,
}

impl Registered {
    /// Whether Discord had just what we have.
    pub fn is_same(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }
}

/// Registers these commands for the application, or for one guild; only looks when `dry_run`.
///
/// # Errors
/// When Discord refuses.
pub async fn register(
    rest: &Rest,
    commands: &Value,
    guild: Option<&str>,
    dry_run: bool,
) -> Result<Registered, RegisterError> {
    let known = rest.commands(guild).await?;
    let (known, wanted) = known.as_array().zip(commands.as_array()).ok_or(RegisterError::NoList)?;
    let mut registered = compare(known, wanted, guild.is_some());
    if !registered.is_same() && !dry_run {
        rest.put_commands(guild, commands).await?;
        registered.replaced = true;
    }
    Ok(registered)
}

fn compare(known: &[Value], wanted: &[Value], of_guild: bool) -> Registered {
    let by_key = |list: &[Value]| -> BTreeMap<(i64, String), Value> {
        list.iter().map(|command| (key(command), normal(command, of_guild))).collect()
    };
    let (known, wanted) = (by_key(known), by_key(wanted));
    let names = |keys: Vec<&(i64, String)>| keys.into_iter().map(|(_, name)| name.clone()).collect();
    Registered {
        added: names(wanted.keys().filter(|key| !known.contains_key(key)).collect()),
        changed: names(
            wanted
                .iter()
                .filter(|(key, command)| known.get(key).is_some_and(|known| known != *command))
                .map(|(key, _)| key)
                .collect(),
        ),
        removed: names(known.keys().filter(|key| !wanted.contains_key(key)).collect()),
        replaced: false,
    }
}

/// Type (1, CHAT_INPUT, when none is named) and name: unique together.
fn key(command: &Value) -> (i64, String) {
    let kind = command.get("type").and_then(Value::as_i64).unwrap_or(1);
    (kind, command.get("name").and_then(Value::as_str).unwrap_or_default().to_owned())
}

/// A command without what Discord adds (ids, version, defaults), so that equal ones look equal.
fn normal(command: &Value, of_guild: bool) -> Value {
    let mut command = without_defaults(command);
    if let Some(fields) = command.as_object_mut() {
        for added in [
            "id",
            "application_id",
            "guild_id",
            "version",
            "dm_permission",
            "default_permission",
            "handler",
            "name_localized",
            "description_localized",
        ] {
            fields.remove(added);
        }
        if fields.get("type").and_then(Value::as_i64) == Some(1) {
            fields.remove("type");
        }
        for list in ["contexts", "integration_types"] {
            match fields.get_mut(list).and_then(Value::as_array_mut) {
                // A guild's commands have neither.
                _ if of_guild => {
                    fields.remove(list);
                }
                Some(numbers) => numbers.sort_by_key(Value::as_i64),
                None => {}
            }
        }
        // Without the field Discord fills in where the application can be installed: a guild, commonly.
        if fields.get("integration_types").is_some_and(|types| *types == serde_json::json!([0])) {
            fields.remove("integration_types");
        }
    }
    command
}

/// Leaves out what means the same as its absence: null, false, empty lists and empty objects.
fn without_defaults(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(name, _)| !name.ends_with("_localized"));
            let fields = fields.map(|(name, value)| (name.clone(), without_defaults(value)));
            Value::Object(fields.filter(|(_, value)| !is_default(value)).collect::<Map<_, _>>())
        }
        Value::Array(list) => Value::Array(list.iter().map(without_defaults).collect()),
        other => other.clone(),
    }
}

fn is_default(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ours() -> Value {
        json!({
            "name": "price", "description": "Prices", "name_localizations": {"id": "harga"},
            "contexts": [0, 1], "integration_types": [0],
            "options": [{"type": 3, "name": "game", "description": "Which game", "autocomplete": true, "required": false}],
        })
    }

    fn theirs() -> Value {
        json!({
            "id": "1", "application_id": "2", "version": "3", "type": 1, "nsfw": false,
            "default_member_permissions": null, "dm_permission": true, "name": "price", "description": "Prices",
            "name_localizations": {"id": "harga"}, "description_localizations": null, "contexts": [1, 0],
            "integration_types": [0],
            "options": [{"type": 3, "name": "game", "description": "Which game", "autocomplete": true}],
        })
    }

    #[test]
    fn what_discord_adds_is_no_difference() {
        assert!(compare(&[theirs()], &[ours()], false).is_same());
        let mut of_guild = theirs();
        of_guild["contexts"] = Value::Null;
        of_guild["guild_id"] = "5".into();
        assert!(compare(&[of_guild], &[ours()], true).is_same());
    }

    #[test]
    fn every_real_difference_is_seen() {
        let change = |path: &str, value: Value| {
            let mut command = ours();
            *command.pointer_mut(path).unwrap() = value;
            compare(&[theirs()], &[command], false).changed
        };
        for (path, value) in [
            ("/description", json!("Costs")),
            ("/name_localizations/id", json!("tarif")),
            ("/contexts", json!([0])),
            ("/integration_types", json!([0, 1])),
            ("/options/0/required", json!(true)),
            ("/options/0/name", json!("title")),
            ("/options", json!([])),
        ] {
            assert_eq!(change(path, value), ["price"], "{path}");
        }
        let other = json!({"name": "help", "description": "Help"});
        let message = json!({"name": "price", "type": 3});
        let found = compare(&[theirs(), message], &[ours(), other], false);
        assert_eq!(
            (found.added, found.changed, found.removed),
            (vec!["help".into()], vec![], vec!["price".into()])
        );
    }
}

//! Somebody types a command: it must be registered and shown to them, and its options must be filled
//! in as the client demands (contracts/discord §1.4). While they type, nothing is demanded.

use super::{
    super::{
        commands::{self, Command},
        interactions::{AUTOCOMPLETE, COMMAND},
        places::{Channel, User},
    },
    Deed, resolved,
};
use crate::problem::Problem;
use database::WriteTx;
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// With its group and subcommand: `admin order approve`.
    name: String,
    /// 1 chat input, 2 user, 3 message.
    r#type: Option<i64>,
    #[serde(default)]
    options: Map<String, Value>,
    /// The option that is being typed in; for autocomplete.
    focused: Option<String>,
    /// Whom or what a context menu was opened on.
    target_id: Option<String>,
}

pub(super) async fn run(
    tx: &mut WriteTx,
    asked: &Asked,
    user: &User,
    channel: Channel,
    typing: bool,
) -> Result<Deed, Problem> {
    let kind = asked.r#type.unwrap_or(1);
    let mut words = asked.name.split_whitespace();
    let name = if kind == 1 { words.next().unwrap_or_default() } else { asked.name.as_str() };
    let guild = channel.guild_id.clone();
    let (command, of_guild) = find(tx, name, kind, guild.as_deref()).await?;
    allowed(&command, user, &channel)?;
    let mut data = json!({"id": command.id, "name": command.name, "type": kind});
    let mut chosen = Vec::new();
    if kind == 1 {
        let path: Vec<&str> = words.collect();
        let mut leaf = &command.body;
        let mut steps = Vec::new();
        for step in path {
            let next = options_of(leaf)
                .iter()
                .find(|o| text(o, "name") == step && matches!(number(o, "type"), 1 | 2));
            leaf = next
                .ok_or_else(|| Problem::not_found(format!("/{} has no subcommand `{step}`", command.name)))?;
            steps.push((step, number(leaf, "type")));
        }
        if options_of(leaf).iter().any(|option| matches!(number(option, "type"), 1 | 2)) {
            return Err(Problem::invalid(format!("/{} is invoked with a subcommand", asked.name)));
        }
        let mut options = filled_in(leaf, asked, typing, &mut chosen)?;
        for (step, kind) in steps.into_iter().rev() {
            options = vec![json!({"name": step, "type": kind, "options": options})];
        }
        if !options.is_empty()
            && let Some(fields) = data.as_object_mut()
        {
            fields.insert("options".into(), Value::Array(options));
        }
    } else {
        let target = asked.target_id.clone();
        let target = target.ok_or_else(|| Problem::invalid("a context menu needs a target_id"))?;
        if kind == 2 {
            chosen.push((6, target.clone()));
        }
        if let Some(fields) = data.as_object_mut() {
            fields.insert("target_id".into(), json!(target));
        }
    }
    let resolved = resolved(tx, &chosen, guild.as_deref()).await?;
    if let Some(fields) = data.as_object_mut() {
        if let Some(resolved) = resolved {
            fields.insert("resolved".into(), resolved);
        }
        if of_guild {
            fields.insert("guild_id".into(), json!(guild));
        }
    }
    let kind = if typing { AUTOCOMPLETE } else { COMMAND };
    Ok(Deed { kind, data: Some(data), channel, source: None, opened_by: None })
}

/// A command of the guild, else a global one.
async fn find(
    tx: &mut WriteTx,
    name: &str,
    kind: i64,
    guild: Option<&str>,
) -> Result<(Command, bool), Problem> {
    let fits = |command: &Command| command.kind == kind && command.name == name;
    if let Some(guild) = guild
        && let Some(command) = commands::all(tx, guild).await?.into_iter().find(fits)
    {
        return Ok((command, true));
    }
    let global = commands::all(tx, "").await?.into_iter().find(fits);
    let command = global
        .ok_or_else(|| Problem::not_found(format!("there is no command `{name}`: register it first")))?;
    Ok((command, false))
}

/// Whether the client shows the command to this member in this place.
fn allowed(command: &Command, user: &User, channel: &Channel) -> Result<(), Problem> {
    let context = if channel.guild_id.is_some() { 0 } else { 1 };
    let contexts = command.body.get("contexts").and_then(Value::as_array);
    let shown = contexts.is_none_or(|contexts| contexts.contains(&json!(context)));
    let in_dms = command.body.get("dm_permission") != Some(&Value::Bool(false));
    if !shown || (context != 0 && !in_dms) {
        return Err(Problem::conflict(format!("/{} is not shown in this place", command.name)));
    }
    let bits = command.body.get("default_member_permissions");
    let bits = bits.and_then(|bits| bits.as_str().map_or_else(|| bits.as_u64(), |text| text.parse().ok()));
    // `"0"` is for administrators alone.
    let needed = bits.map(|bits| if bits == 0 { 1 << 3 } else { bits });
    if context == 0 && needed.is_some_and(|needed| !user.may(needed)) {
        return Err(Problem::conflict(format!("/{} is not shown to {}", command.name, user.username)));
    }
    Ok(())
}

/// The options as the client sends them, in the order of the definition.
fn filled_in(
    leaf: &Value,
    asked: &Asked,
    typing: bool,
    chosen: &mut Vec<(i64, String)>,
) -> Result<Vec<Value>, Problem> {
    let options = options_of(leaf);
    if let Some(unknown) =
        asked.options.keys().find(|name| !options.iter().any(|o| text(o, "name") == **name))
    {
        return Err(Problem::invalid(format!("/{} has no option `{unknown}`", asked.name)));
    }
    let mut filled = Vec::new();
    for option in options {
        let (name, kind) = (text(option, "name"), number(option, "type"));
        let focused = typing && asked.focused.as_deref() == Some(name);
        match asked.options.get(name) {
            Some(value) => {
                if !focused {
                    fits(option, value).map_err(|why| Problem::invalid(format!("option `{name}` {why}")))?;
                }
                if let (6..=9, Some(id)) = (kind, value.as_str()) {
                    chosen.push((kind, id.to_owned()));
                }
                let mut entry = json!({"name": name, "type": kind, "value": value});
                if let (true, Some(fields)) = (focused, entry.as_object_mut()) {
                    if option.get("autocomplete") != Some(&Value::Bool(true)) {
                        return Err(Problem::invalid(format!("option `{name}` has no autocomplete")));
                    }
                    fields.insert("focused".into(), json!(true));
                }
                filled.push(entry);
            }
            None if !typing && option.get("required") == Some(&Value::Bool(true)) => {
                return Err(Problem::invalid(format!("option `{name}` is required")));
            }
            None => {}
        }
    }
    if typing && !filled.iter().any(|option| option.get("focused").is_some()) {
        return Err(Problem::invalid(
            "`focused` names the option that is being typed in, which has a value in `options`",
        ));
    }
    Ok(filled)
}

/// Whether the client lets a value pass.
fn fits(option: &Value, value: &Value) -> Result<(), String> {
    let limit = |name: &str| option.get(name).and_then(Value::as_i64);
    let well = match number(option, "type") {
        3 => value.as_str().is_some_and(|text| {
            let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
            (limit("min_length").unwrap_or(0)..=limit("max_length").unwrap_or(6_000)).contains(&length)
        }),
        4 => value.as_i64().is_some_and(|number| {
            number >= limit("min_value").unwrap_or(i64::MIN)
                && number <= limit("max_value").unwrap_or(i64::MAX)
        }),
        5 => value.is_boolean(),
        10 => value.is_number(),
        11 => false,
        _ => value.as_str().is_some_and(|id| id.parse::<u64>().is_ok()),
    };
    if !well {
        return Err(format!("does not take {value}"));
    }
    let choices = option.get("choices").and_then(Value::as_array).filter(|choices| !choices.is_empty());
    match choices {
        Some(choices) if !choices.iter().any(|choice| choice.get("value") == Some(value)) => {
            Err(format!("has no choice {value}"))
        }
        _ => Ok(()),
    }
}

fn options_of(holder: &Value) -> &[Value] {
    holder.get("options").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn text<'v>(holder: &'v Value, name: &str) -> &'v str {
    holder.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn number(holder: &Value, name: &str) -> i64 {
    holder.get(name).and_then(Value::as_i64).unwrap_or_default()
}

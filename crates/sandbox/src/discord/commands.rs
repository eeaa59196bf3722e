//! The commands of the application (contracts/discord §1.4): a list that is put as a whole, counts for
//! each kind, and 200 new ones a day.

use super::{
    check::command::{self, MOST_IN_A_CALL},
    form::Form,
    payloads::{self, Kind},
    places,
    refusal::{At, DAILY_COMMANDS, Known, MISSING_ACCESS, Mistakes, Refusal, TOO_MANY_COMMANDS, mistake},
    settings::DISCORD_APPLICATION_ID,
};
use crate::exchange::Reply;
use database::{Error, FromRow, Json, ReadTx, Row, WriteTx, sql};
use serde_json::{Map, Value, json};
use std::{collections::HashSet, time::Duration};
use vocabulary::Timestamp;

const DAY: Duration = Duration::from_secs(86_400);
/// New commands in a day, for each guild and for the global ones.
const DAILY_CREATES: i64 = 200;
/// How many there may be of each type: chat input, user, message, entry point.
const MOST: [(i64, usize); 4] = [(1, 100), (2, 15), (3, 15), (4, 1)];

/// A command as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Command {
    pub(crate) id: String,
    pub(crate) kind: i64,
    pub(crate) name: String,
    version: String,
    /// As it was put, without what is null.
    pub(crate) body: Value,
}

impl FromRow for Command {
    fn from_row(row: &Row) -> Result<Self, Error> {
        let Json(body) = row.get("body")?;
        Ok(Command {
            id: row.get("id")?,
            kind: row.get("kind")?,
            name: row.get("name")?,
            version: row.get("version")?,
            body,
        })
    }
}

/// The commands of a guild, or the global ones (an empty text).
pub(crate) async fn all(tx: &mut ReadTx, guild: &str) -> Result<Vec<Command>, Error> {
    sql!("SELECT * FROM world_discord_command WHERE guild_id = $1 ORDER BY id LIMIT 200")
        .bind(guild)
        .all(tx)
        .await
}

/// `GET …/commands`. Localizations are told when they are asked for.
pub(crate) async fn get(
    tx: &mut WriteTx,
    guild: Option<&str>,
    query: Option<&str>,
) -> Result<Reply, Refusal> {
    check_guild(tx, guild).await?;
    let localized = query.unwrap_or_default().split('&').any(|pair| pair == "with_localizations=true");
    let all = all(tx, guild.unwrap_or_default()).await?;
    let told: Vec<Value> = all.iter().map(|command| shown(command, guild, localized)).collect();
    Ok(Reply::json(200, &told).plain_http())
}

/// `PUT …/commands`: everything is replaced; what was there under the same name keeps its id.
pub(crate) async fn put(
    tx: &mut WriteTx,
    guild: Option<&str>,
    list: &Value,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    let outcome = replace(tx, guild, list, now).await;
    let status = match &outcome {
        Ok(reply) => reply.status,
        Err(Refusal::Api(error)) => error.http,
        Err(Refusal::Books(_)) => 503,
    };
    payloads::keep(tx, Kind::CommandList, None, list, status, now).await?;
    outcome
}

async fn replace(
    tx: &mut WriteTx,
    guild: Option<&str>,
    list: &Value,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    check_guild(tx, guild).await?;
    let list = check(list, guild.is_some())?;
    let scope = guild.unwrap_or_default();
    let old = all(tx, scope).await?;
    let mut new = Vec::new();
    let mut created = 0_i64;
    for command in list {
        let form = Form(command);
        let kind = form.kind().unwrap_or(1);
        let name = form.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        let body = kept(command);
        let before = old.iter().find(|old| old.kind == kind && old.name == name);
        let next = match before {
            Some(before) if before.body == body => before.clone(),
            Some(before) => {
                let version = places::snowflake(tx, now).await?;
                Command { id: before.id.clone(), kind, name, version, body }
            }
            None => {
                created += 1;
                let id = places::snowflake(tx, now).await?;
                Command { version: id.clone(), id, kind, name, body }
            }
        };
        new.push(next);
    }
    count_creates(tx, scope, created, now).await?;
    sql!("DELETE FROM world_discord_command WHERE guild_id = $1").bind(scope).run(tx).await?;
    for command in &new {
        sql!(
            "INSERT INTO world_discord_command (id, guild_id, kind, name, version, body)
             VALUES ($1, $2, $3, $4, $5, $6)"
        )
        .bind(&command.id)
        .bind(scope)
        .bind(command.kind)
        .bind(&command.name)
        .bind(&command.version)
        .bind(Json(&command.body))
        .run(tx)
        .await?;
    }
    let told: Vec<Value> = new.iter().map(|command| shown(command, guild, true)).collect();
    Ok(Reply::json(200, &told).plain_http())
}

fn check(list: &Value, in_guild: bool) -> Result<&[Value], Refusal> {
    let at = At::default();
    let Some(list) = list.as_array() else {
        return Err(mistake(&at, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType"));
    };
    if list.len() > MOST_IN_A_CALL {
        let message = format!("Must be {MOST_IN_A_CALL} or fewer in length.");
        return Err(mistake(&at, "BASE_TYPE_MAX_LENGTH", message));
    }
    let (mut mistakes, mut names) = (Mistakes::default(), HashSet::new());
    for (index, command) in list.iter().enumerate() {
        let (form, at) = (Form(command), at.nth(index));
        command::check(form, &at, in_guild, &mut mistakes);
        let name = (form.kind().unwrap_or(1), form.get("name").and_then(Value::as_str).unwrap_or_default());
        if !names.insert(name) {
            let message = "Application command names must be unique";
            mistakes.add(&at.to("name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", message);
        }
    }
    mistakes.check()?;
    for (kind, most) in MOST {
        if list.iter().filter(|command| Form(command).kind().unwrap_or(1) == kind).count() > most {
            let Known(http, code, message) = TOO_MANY_COMMANDS;
            return Err(with_message((http, code, format!("{message} ({most})")), None));
        }
    }
    Ok(list)
}

fn with_message((http, code, message): (u16, i64, String), retry_after: Option<f64>) -> Refusal {
    Refusal::Api(Box::new(super::refusal::ApiError { http, code, message, errors: None, retry_after }))
}

async fn check_guild(tx: &mut ReadTx, guild: Option<&str>) -> Result<(), Refusal> {
    match guild {
        Some(id) if places::guild(tx, id).await?.is_none() => Err(MISSING_ACCESS.into()),
        _ => Ok(()),
    }
}

/// Counts new commands within a day of business time; refuses what would be over the limit.
async fn count_creates(tx: &mut WriteTx, scope: &str, created: i64, now: Timestamp) -> Result<(), Refusal> {
    let since = now.minus(DAY);
    let lately: Vec<(Timestamp, i64)> = sql!(
        "SELECT at, count FROM world_discord_command_creation WHERE guild_id = $1 AND at > $2 ORDER BY at LIMIT 500"
    )
    .bind(scope)
    .bind(since)
    .all(tx)
    .await?;
    let sum: i64 = lately.iter().map(|(_, count)| count).sum();
    if created > 0 && sum + created > DAILY_CREATES {
        let first = lately.first().map_or(now, |(at, _)| *at);
        let wait = first.plus(DAY).since(now).as_secs_f64();
        let Known(http, code, message) = DAILY_COMMANDS;
        return Err(with_message((http, code, message.to_owned()), Some(wait)));
    }
    if created > 0 {
        sql!(
            "INSERT INTO world_discord_command_creation (guild_id, at, count) VALUES ($1, $2, $3)
             ON CONFLICT (guild_id, at) DO UPDATE SET count = world_discord_command_creation.count + excluded.count"
        )
        .bind(scope)
        .bind(now)
        .bind(created)
        .run(tx)
        .await?;
        sql!("DELETE FROM world_discord_command_creation WHERE guild_id = $1 AND at <= $2")
            .bind(scope)
            .bind(since)
            .run(tx)
            .await?;
    }
    Ok(())
}

/// The fields of a command that are kept: those that Discord knows and that are not null.
fn kept(command: &Value) -> Value {
    let known = [
        "type",
        "name",
        "name_localizations",
        "description",
        "description_localizations",
        "options",
        "default_member_permissions",
        "dm_permission",
        "contexts",
        "integration_types",
        "nsfw",
        "handler",
    ];
    let fields = command.as_object().into_iter().flatten();
    let fields = fields.filter(|(name, value)| known.contains(&name.as_str()) && !value.is_null());
    Value::Object(fields.map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// A command as Discord tells it.
fn shown(command: &Command, guild: Option<&str>, localized: bool) -> Value {
    let mut fields = command.body.as_object().cloned().unwrap_or_default();
    if !localized {
        drop_localizations(&mut fields);
    }
    fields.insert("id".into(), json!(command.id));
    fields.insert("application_id".into(), json!(DISCORD_APPLICATION_ID));
    fields.insert("version".into(), json!(command.version));
    fields.insert("type".into(), json!(command.kind));
    let permissions = fields.get("default_member_permissions");
    let permissions = permissions.map(|bits| bits.as_str().map_or_else(|| bits.to_string(), str::to_owned));
    fields.insert("default_member_permissions".into(), json!(permissions));
    fields.entry("description").or_insert(json!(""));
    fields.entry("nsfw").or_insert(json!(false));
    match guild {
        Some(guild) => drop(fields.insert("guild_id".into(), json!(guild))),
        None => {
            fields.entry("dm_permission").or_insert(json!(true));
            fields.entry("contexts").or_insert(Value::Null);
            fields.entry("integration_types").or_insert(json!([0]));
        }
    }
    Value::Object(fields)
}

fn drop_localizations(fields: &mut Map<String, Value>) {
    fields.remove("name_localizations");
    fields.remove("description_localizations");
    for name in ["options", "choices"] {
        let list = fields.get_mut(name).and_then(Value::as_array_mut);
        for entry in list.into_iter().flatten().filter_map(Value::as_object_mut) {
            drop_localizations(entry);
        }
    }
}

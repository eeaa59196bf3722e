//! The controls of the simulated Discord: people, guilds and channels, what each person sees (as JSON
//! and as a page), what the bot has sent, rate limits, and the files behind attachments.

use super::{
    act,
    interactions::{self, TOKEN_LIFE},
    messages, payloads,
    places::{self, Channel, User},
    screen,
    settings::{DISCORD_GUILD_ID, DiscordLimits},
    sight::{self, Seen},
};
use crate::{
    controls::{json, read},
    exchange,
    problem::Problem,
    world::{Target, World},
};
use axum::{
    Router,
    extract::{Path, Query, Request, State},
    http::header,
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use database::WriteTx;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::{sync::Arc, time::Duration};

/// What the bot may do in a channel when nobody says: everything that the shop needs
/// (contracts/discord §1.9).
const USUAL_PERMISSIONS: &str = "2252160859491328";

/// The API, the controls, and the files.
pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/sandbox/discord/api/{*path}", any(api))
        .route("/sandbox/discord/interactions", post(act::interact).get(sent))
        .route("/sandbox/discord/users", post(put_user).get(users))
        .route("/sandbox/discord/guilds", post(put_guild))
        .route("/sandbox/discord/channels", post(put_channel).get(channels))
        .route("/sandbox/discord/messages", get(seen))
        .route("/sandbox/discord/screen", get(screen::show))
        .route("/sandbox/discord/payloads", get(all_payloads))
        .route("/sandbox/discord/limits", post(set_limits))
        .route("/sandbox/discord/attachments/{channel}/{id}/{name}", get(file))
}

async fn api(State(world): State<Arc<World>>, request: Request) -> Response {
    exchange::exchange(world, Target::Discord, request).await
}

/// Writes down what is new about a person; what is not said stays as it was.
pub(super) async fn learn_user(tx: &mut WriteTx, facts: Map<String, Value>) -> Result<User, Problem> {
    let id = facts.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    if id.is_empty() || id.parse::<u64>().is_err() {
        return Err(Problem::invalid("a user has an id, which is a snowflake: digits alone, in quotes"));
    }
    let known = places::user(tx, &id).await?.unwrap_or_else(|| User::somebody(&id));
    let mut whole = serde_json::to_value(&known).map_err(|e| Problem::invalid(e.to_string()))?;
    if let Some(fields) = whole.as_object_mut() {
        fields.extend(facts);
    }
    let user: User = serde_json::from_value(whole).map_err(|e| Problem::invalid(e.to_string()))?;
    if user.permissions.parse::<u64>().is_err() {
        return Err(Problem::invalid(
            "permissions is a bit set in text, such as `\"8\"` for an administrator",
        ));
    }
    for guild in &user.guilds {
        if places::guild(tx, guild).await?.is_none() {
            return Err(Problem::not_found(format!("there is no guild {guild}")));
        }
    }
    places::save_user(tx, &user).await?;
    Ok(user)
}

async fn put_user(State(world): State<Arc<World>>, request: Request) -> Result<Response, Problem> {
    let facts: Map<String, Value> = read(request).await?;
    let mut tx = world.db.write("world.discord.user").await?;
    let user = learn_user(&mut tx, facts).await?;
    tx.commit().await?;
    Ok(json(&user))
}

async fn users(State(world): State<Arc<World>>) -> Result<Response, Problem> {
    let mut tx = world.db.read("world.discord.look").await?;
    Ok(json(&json!({"users": places::users(&mut tx).await?})))
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct GuildAsked {
    id: String,
    name: String,
    #[serde(default = "indonesian")]
    locale: String,
}

fn indonesian() -> String {
    "id".into()
}

async fn put_guild(State(world): State<Arc<World>>, request: Request) -> Result<Response, Problem> {
    let asked: GuildAsked = read(request).await?;
    snowflake(&asked.id)?;
    let mut tx = world.db.write("world.discord.guild").await?;
    places::save_guild(&mut tx, &asked.id, &asked.name, &asked.locale).await?;
    tx.commit().await?;
    Ok(json(&asked))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChannelAsked {
    /// A new one when it is left out.
    id: Option<String>,
    guild_id: Option<String>,
    name: Option<String>,
    /// What the bot may do in it, as a bit set in text.
    app_permissions: Option<String>,
    /// Whether a thread sleeps, as it does after a week without a word.
    archived: Option<bool>,
}

async fn put_channel(State(world): State<Arc<World>>, request: Request) -> Result<Response, Problem> {
    let asked: ChannelAsked = read(request).await?;
    let mut tx = world.db.write("world.discord.channel").await?;
    let now = world.now();
    let known = match &asked.id {
        Some(id) => {
            snowflake(id)?;
            places::channel(&mut tx, id).await?
        }
        None => None,
    };
    let mut channel = match known {
        Some(channel) => channel,
        None => {
            let guild = asked.guild_id.clone().unwrap_or_else(|| DISCORD_GUILD_ID.into());
            if places::guild(&mut tx, &guild).await?.is_none() {
                return Err(Problem::not_found(format!("there is no guild {guild}")));
            }
            let id = match asked.id {
                Some(id) => id,
                None => places::snowflake(&mut tx, now).await?,
            };
            Channel {
                id,
                kind: 0,
                guild_id: Some(guild),
                parent_id: None,
                recipient_id: None,
                name: "channel".into(),
                app_permissions: USUAL_PERMISSIONS.into(),
                body: json!({}),
                created_at: now,
            }
        }
    };
    if let Some(name) = asked.name {
        channel.name = name;
    }
    if let Some(bits) = asked.app_permissions {
        if bits.parse::<u64>().is_err() {
            return Err(Problem::invalid("app_permissions is a bit set in text"));
        }
        channel.app_permissions = bits;
    }
    if let Some(archived) = asked.archived {
        if channel.kind != places::PRIVATE_THREAD {
            return Err(Problem::invalid("only a thread can be archived"));
        }
        channel.set_archived(archived, now);
    }
    places::save_channel(&mut tx, &channel).await?;
    tx.commit().await?;
    Ok(json(&shown(&channel)))
}

async fn channels(State(world): State<Arc<World>>) -> Result<Response, Problem> {
    let mut tx = world.db.read("world.discord.look").await?;
    let all = places::channels(&mut tx).await?;
    Ok(json(&json!({"channels": all.iter().map(shown).collect::<Vec<_>>()})))
}

fn shown(channel: &Channel) -> Value {
    json!({
        "id": channel.id, "type": channel.kind, "guild_id": channel.guild_id, "parent_id": channel.parent_id,
        "recipient_id": channel.recipient_id, "name": channel.name, "app_permissions": channel.app_permissions,
        "archived": channel.is_archived(),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeenAsked {
    user_id: Option<String>,
    channel_id: Option<String>,
    limit: Option<i64>,
}

/// Everything that a person sees, oldest first: in channels and threads, in direct messages, and what
/// is for their eyes only. Without a person: everything there is.
async fn seen(State(world): State<Arc<World>>, Query(asked): Query<SeenAsked>) -> Result<Response, Problem> {
    let limit = asked.limit.unwrap_or(200).clamp(1, 1_000);
    let mut tx = world.db.read("world.discord.look").await?;
    let user = sight::person(&mut tx, asked.user_id.as_deref()).await?;
    let found = sight::latest(&mut tx, user.as_ref(), asked.channel_id.as_deref(), limit).await?;
    let told: Vec<Value> = found
        .into_iter()
        .map(|Seen { message, channel }| {
            json!({
                "loading": message.loading(), "ephemeral": message.ephemeral_to.is_some(),
                "ephemeral_to": message.ephemeral_to, "interaction_id": message.interaction_id,
                "edits": message.edits, "channel": shown(&channel), "message": message.body,
            })
        })
        .collect();
    Ok(json(&json!({"messages": told})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PayloadsAsked {
    #[serde(default)]
    after: i64,
    limit: Option<i64>,
}

/// The payloads that the bot has sent, oldest first, with what became of each: `limit` of them (all that
/// are kept, when nothing is said) after the one with the number `after`.
async fn all_payloads(
    State(world): State<Arc<World>>,
    Query(asked): Query<PayloadsAsked>,
) -> Result<Response, Problem> {
    let mut tx = world.db.read("world.discord.look").await?;
    let all = payloads::after(&mut tx, asked.after, asked.limit).await?;
    let told: Vec<Value> = all
        .into_iter()
        .map(|sent| {
            json!({
                "seq": sent.seq, "kind": sent.kind.as_str(), "interaction_type": sent.interaction_type,
                "status": sent.status, "at": sent.at.rfc3339(), "body": sent.body,
            })
        })
        .collect();
    Ok(json(&json!({"payloads": told})))
}

/// The newest interactions, with how far each is.
async fn sent(State(world): State<Arc<World>>) -> Result<Response, Problem> {
    let mut tx = world.db.read("world.discord.look").await?;
    let all = interactions::newest(&mut tx, 1_000).await?;
    let told: Vec<Value> = all
        .into_iter()
        .map(|i| {
            json!({
                "id": i.id, "token": i.token, "type": i.kind, "user_id": i.user_id, "channel_id": i.channel_id,
                "state": i.state.as_str(), "response_type": i.response_type, "original_id": i.original_id,
                "opened_by": i.opened_by, "follow_ups": i.follow_ups, "failure": i.failure,
                "created_at": i.created_at.rfc3339(),
                "token_valid_until": i.created_at.plus(TOKEN_LIFE).rfc3339(), "body": i.body,
            })
        })
        .collect();
    Ok(json(&json!({"interactions": told})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitsAsked {
    per_bucket: Option<u32>,
    window_ms: Option<u64>,
    global_per_second: Option<u32>,
    invalid_per_ten_minutes: Option<u32>,
}

/// Sets rate limits, and forgets what was counted so far.
async fn set_limits(State(world): State<Arc<World>>, request: Request) -> Result<Response, Problem> {
    let asked: LimitsAsked = read(request).await?;
    let now = world.discord.limits.get();
    let limits = DiscordLimits {
        per_bucket: asked.per_bucket.unwrap_or(now.per_bucket),
        window: asked.window_ms.map_or(now.window, Duration::from_millis),
        global_per_second: asked.global_per_second.unwrap_or(now.global_per_second),
        invalid_per_ten_minutes: asked.invalid_per_ten_minutes.unwrap_or(now.invalid_per_ten_minutes),
    };
    world.discord.limits.set(limits);
    Ok(json(&json!({
        "per_bucket": limits.per_bucket,
        "window_ms": u64::try_from(limits.window.as_millis()).unwrap_or(u64::MAX),
        "global_per_second": limits.global_per_second,
        "invalid_per_ten_minutes": limits.invalid_per_ten_minutes,
    })))
}

/// The file behind an attachment.
async fn file(
    State(world): State<Arc<World>>,
    Path((_, id, _)): Path<(String, String, String)>,
) -> Result<Response, Problem> {
    let mut tx = world.db.read("world.discord.look").await?;
    let found = messages::file(&mut tx, &id).await?;
    let (content_type, content) =
        found.ok_or_else(|| Problem::not_found("This content is no longer available."))?;
    Ok((
        [(header::CONTENT_TYPE, content_type), (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned())],
        content,
    )
        .into_response())
}

fn snowflake(id: &str) -> Result<(), Problem> {
    match id.parse::<u64>() {
        Ok(_) => Ok(()),
        Err(_) => Err(Problem::invalid(format!("`{id}` is no snowflake"))),
    }
}

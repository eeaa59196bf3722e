//! `POST /sandbox/discord/interactions`: somebody types a command, clicks, or sends a modal. The
//! interaction is signed and sent to the shop as Discord would; the answer is what they would see.

mod command;
mod component;
mod deliver;
mod envelope;
mod modal;

use super::{
    controls,
    interactions::{self, Interaction, State},
    messages::{self, Stored},
    places::{self, Channel, User},
    settings::{DISCORD_APPLICATION_ID, DISCORD_GUILD_ID, DISCORD_SHOP_CHANNEL_ID},
};
use crate::{
    controls::{json, read},
    faults::{self, Fault},
    problem::Problem,
    world::{Target, World},
};
use axum::{
    extract::{Request, State as Shared},
    response::Response,
};
use database::WriteTx;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{sync::Arc, time::Duration};

/// Somebody of whom nothing is said.
const DEFAULT_USER: &str = "1290000000000000200";
/// Longest wait that can be asked for.
const LONGEST_MS: u64 = 60_000;
/// `attachment_size_limit`, unless something else is asked for.
const ATTACHMENT_LIMIT: u64 = 10 * 1024 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// The shop's interactions endpoint; the "dashboard" one when it is left out.
    url: Option<String>,
    /// Who acts, with what is to be known about them from now on.
    user: Option<Map<String, Value>>,
    user_id: Option<String>,
    guild_id: Option<String>,
    channel_id: Option<String>,
    /// 0 guild, 1 direct messages with the bot, 2 other private channels.
    context: Option<i64>,
    locale: Option<String>,
    /// Where the application is installed, when it is not both: `{"1": user}`.
    authorizing_integration_owners: Option<Map<String, Value>>,
    attachment_size_limit: Option<u64>,
    command: Option<command::Asked>,
    autocomplete: Option<command::Asked>,
    component: Option<component::Asked>,
    modal: Option<modal::Asked>,
    ping: Option<Nothing>,
    /// How long Discord takes to process the answer, instead of the setting.
    process_after_ms: Option<u64>,
    /// How long to wait for a deferred answer to be filled in.
    #[serde(default)]
    wait_ms: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// What somebody does, ready to be sent.
pub(super) struct Deed {
    /// Interaction type.
    kind: i64,
    /// `data`; absent for a ping.
    data: Option<Value>,
    channel: Channel,
    source: Option<Stored>,
    opened_by: Option<String>,
}

/// What they see.
#[derive(Serialize)]
struct Seen {
    interaction: InteractionSeen,
    /// `message`, `loading`, `updated`, `deferred_update`, `modal`, `choices`, `pong`, `other` or `failed`.
    outcome: &'static str,
    response_type: Option<i64>,
    ephemeral: Option<bool>,
    message: Option<Value>,
    modal: Option<Value>,
    choices: Option<Value>,
    failure: Option<deliver::Failure>,
    took_ms: u64,
}

#[derive(Serialize)]
struct InteractionSeen {
    id: String,
    token: String,
    r#type: i64,
    channel_id: String,
    user_id: String,
}

pub(super) async fn interact(
    Shared(world): Shared<Arc<World>>,
    request: Request,
) -> Result<Response, Problem> {
    let asked: Asked = read(request).await?;
    let process_after =
        asked.process_after_ms.map_or(world.settings.discord.processing, Duration::from_millis);
    if asked.wait_ms > LONGEST_MS || process_after > Duration::from_millis(LONGEST_MS) {
        return Err(Problem::invalid(format!("wait_ms and process_after_ms are at most {LONGEST_MS}")));
    }
    let url = asked.url.clone().or_else(|| world.discord.interactions_url());
    let url = url.ok_or_else(|| {
        Problem::invalid(
            "the application has no interactions endpoint: name one as `url`, or set it in the dashboard",
        )
    })?;
    let wait = Duration::from_millis(asked.wait_ms);
    let (interaction, spoiled) = prepare(&world, asked).await?;
    let real_start = world.clock().real_now();
    let delivered = deliver::deliver(&world, &url, &interaction, &spoiled, process_after).await?;
    let took_ms = u64::try_from(world.clock().real_now().since(real_start).as_millis()).unwrap_or(u64::MAX);
    let seen = look(&world, &interaction.id, delivered, took_ms, wait).await?;
    Ok(json(&seen))
}

/// The faults that spoil how an interaction is sent.
#[derive(Default)]
struct Spoiled {
    dropped: bool,
    twice: bool,
    delay: Option<Duration>,
    signature: Option<Fault>,
}

/// Builds the interaction from the facts and writes it down.
async fn prepare(world: &World, asked: Asked) -> Result<(Interaction, Spoiled), Problem> {
    let mut tx = world.db.write("world.discord.act").await?;
    let now = world.now();
    let user = who(&mut tx, &asked).await?;
    let deed = deed(world, &mut tx, &asked, &user).await?;
    if deed.kind != interactions::PING && !places::sees(&mut tx, &user, &deed.channel).await? {
        return Err(Problem::conflict(format!("{} does not see channel {}", user.username, deed.channel.id)));
    }
    let id = places::snowflake(&mut tx, now).await?;
    let token = format!("{}{}", world.settings.ids.token(), world.settings.ids.token());
    let body = envelope::build(&mut tx, &asked, &user, &deed, (&id, &token)).await?;
    let interaction = Interaction {
        id,
        token,
        kind: deed.kind,
        user_id: user.id,
        channel_id: deed.channel.id,
        source_message_id: deed.source.map(|source| source.id),
        opened_by: deed.opened_by,
        state: State::Sent,
        response_type: None,
        original_id: None,
        shown: None,
        submitted: false,
        follow_ups: 0,
        failure: None,
        real_at: world.clock().real_now(),
        created_at: now,
        body,
    };
    let text = interaction.body.to_string();
    let event = (word(interaction.kind), text.as_str());
    let mut spoiled = Spoiled::default();
    for fault in [Fault::ForgeSignature, Fault::MissingSignature] {
        if faults::strike(&mut tx, Target::Discord, fault, event).await?.is_some() {
            spoiled.signature = Some(fault);
        }
    }
    spoiled.dropped = faults::strike(&mut tx, Target::Discord, Fault::DropWebhook, event).await?.is_some();
    spoiled.twice = faults::strike(&mut tx, Target::Discord, Fault::DuplicateWebhook, event).await?.is_some();
    let delay = faults::strike(&mut tx, Target::Discord, Fault::DelayWebhook, event).await?;
    spoiled.delay = delay.map(|struck| struck.delay());
    interactions::insert(&mut tx, &interaction).await?;
    tx.commit().await?;
    Ok((interaction, spoiled))
}

/// One word for what somebody does; a fault can wait for it.
fn word(kind: i64) -> &'static str {
    match kind {
        interactions::COMMAND => "command",
        interactions::COMPONENT => "component",
        interactions::AUTOCOMPLETE => "autocomplete",
        interactions::MODAL_SUBMIT => "modal",
        _ => "ping",
    }
}

async fn who(tx: &mut WriteTx, asked: &Asked) -> Result<User, Problem> {
    let named = asked.user.as_ref().and_then(|user| user.get("id")).and_then(Value::as_str);
    let id = asked.user_id.as_deref().or(named).unwrap_or(DEFAULT_USER);
    if named.is_some_and(|named| named != id) {
        return Err(Problem::invalid("`user_id` and `user.id` name two people"));
    }
    let mut facts = asked.user.clone().unwrap_or_default();
    facts.insert("id".into(), Value::String(id.to_owned()));
    controls::learn_user(tx, facts).await
}

async fn deed(world: &World, tx: &mut WriteTx, asked: &Asked, user: &User) -> Result<Deed, Problem> {
    let count = usize::from(asked.command.is_some())
        + usize::from(asked.autocomplete.is_some())
        + usize::from(asked.component.is_some())
        + usize::from(asked.modal.is_some())
        + usize::from(asked.ping.is_some());
    if count != 1 {
        return Err(Problem::invalid(
            "name one of `command`, `autocomplete`, `component`, `modal` and `ping`",
        ));
    }
    if let Some(component) = &asked.component {
        return component::click(tx, component, user).await;
    }
    if let Some(modal) = &asked.modal {
        return modal::submit(tx, modal, user).await;
    }
    let channel = place(world, tx, asked, user).await?;
    if let Some(typed) = &asked.command {
        return command::run(tx, typed, user, channel, false).await;
    }
    if let Some(typed) = &asked.autocomplete {
        return command::run(tx, typed, user, channel, true).await;
    }
    Ok(Deed { kind: interactions::PING, data: None, channel, source: None, opened_by: None })
}

/// Where it happens: in the channel that is named, in direct messages, else in the shop's channel.
async fn place(world: &World, tx: &mut WriteTx, asked: &Asked, user: &User) -> Result<Channel, Problem> {
    if let Some(id) = &asked.channel_id {
        let channel = places::channel(tx, id).await?;
        let channel = channel.ok_or_else(|| Problem::not_found(format!("there is no channel {id}")))?;
        if asked.guild_id.is_some() && asked.guild_id != channel.guild_id {
            return Err(Problem::invalid(format!("channel {id} is in another guild")));
        }
        return Ok(channel);
    }
    if asked.context.is_some_and(|context| context != 0) {
        return Ok(places::dm(tx, &user.id, world.now()).await?.0);
    }
    let guild = asked.guild_id.as_deref().unwrap_or(DISCORD_GUILD_ID);
    let found = if guild == DISCORD_GUILD_ID {
        places::channel(tx, DISCORD_SHOP_CHANNEL_ID).await?
    } else {
        let all = places::channels(tx).await?;
        all.into_iter().find(|channel| channel.guild_id.as_deref() == Some(guild) && channel.kind == 0)
    };
    found.ok_or_else(|| Problem::not_found(format!("guild {guild} has no channel")))
}

/// What the person sees in the end.
async fn look(
    world: &World,
    id: &str,
    delivered: deliver::Delivered,
    took_ms: u64,
    wait: Duration,
) -> Result<Seen, Problem> {
    let (interaction, message) = view(world, id).await?;
    let (failure, before) = match delivered {
        deliver::Delivered::Answered(edits) => (None, edits),
        deliver::Delivered::Failed(failure) => (Some(failure), 0),
    };
    let message = if matches!(interaction.response_type, Some(5 | 6)) && failure.is_none() {
        filled_in(world, id, before, wait).await?
    } else {
        message
    };
    let outcome = match interaction.response_type {
        _ if failure.is_some() => "failed",
        Some(1) => "pong",
        Some(4) => "message",
        Some(5) if message.as_ref().is_some_and(Stored::loading) => "loading",
        Some(5) => "message",
        Some(6) if message.as_ref().is_some_and(|message| message.edits == before) => "deferred_update",
        Some(6 | 7) => "updated",
        Some(8) => "choices",
        Some(9) => "modal",
        _ => "other",
    };
    let shown = interaction.shown.clone();
    let (modal, choices) = match interaction.response_type {
        Some(9) => (shown, None),
        Some(8) => (None, shown.and_then(|data| data.get("choices").cloned())),
        _ => (None, None),
    };
    Ok(Seen {
        outcome,
        response_type: interaction.response_type,
        ephemeral: message.as_ref().map(|message| message.ephemeral_to.is_some()),
        message: message.map(|message| message.body),
        modal,
        choices,
        failure,
        took_ms,
        interaction: InteractionSeen {
            id: interaction.id,
            token: interaction.token,
            r#type: interaction.kind,
            channel_id: interaction.channel_id,
            user_id: interaction.user_id,
        },
    })
}

async fn view(world: &World, id: &str) -> Result<(Interaction, Option<Stored>), Problem> {
    let mut tx = world.db.read("world.discord.look").await?;
    let interaction = interactions::get(&mut tx, id).await?;
    let interaction = interaction.ok_or_else(|| Problem::not_found("the interaction is gone"))?;
    let message = match &interaction.original_id {
        Some(id) => messages::get(&mut tx, id).await?,
        None => None,
    };
    Ok((interaction, message))
}

/// Waits until a deferred answer was filled in, or the time is over.
async fn filled_in(world: &World, id: &str, before: i64, wait: Duration) -> Result<Option<Stored>, Problem> {
    let end = tokio::time::Instant::now() + wait;
    loop {
        let (_, message) = view(world, id).await?;
        let done = message.as_ref().is_none_or(|message| message.edits != before);
        if done || tokio::time::Instant::now() >= end {
            return Ok(message);
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}

/// Users, members, channels and roles that were chosen, as `resolved`.
async fn resolved(
    tx: &mut WriteTx,
    chosen: &[(i64, String)],
    guild: Option<&str>,
) -> Result<Option<Value>, Problem> {
    let (mut users, mut members, mut channels, mut roles) = (Map::new(), Map::new(), Map::new(), Map::new());
    for (kind, id) in chosen {
        let user = matches!(kind, 6 | 9).then_some(places::user(tx, id).await?).flatten();
        match (kind, user) {
            (6 | 9, Some(user)) => {
                users.insert(id.clone(), user.json());
                if guild.is_some_and(|guild| user.guilds.iter().any(|own| own == guild)) {
                    members.insert(id.clone(), Value::Object(user.member()));
                }
            }
            (6, None) => return Err(Problem::not_found(format!("there is no user {id}"))),
            (7, _) => {
                let channel = places::channel(tx, id).await?;
                let channel =
                    channel.ok_or_else(|| Problem::not_found(format!("there is no channel {id}")))?;
                let mut shown = channel.partial();
                if let Some(fields) = shown.as_object_mut() {
                    fields.insert("app_permissions".into(), Value::String(channel.app_permissions));
                }
                channels.insert(id.clone(), shown);
            }
            _ => {
                roles.insert(id.clone(), role(id));
            }
        }
    }
    let parts = [("users", users), ("members", members), ("channels", channels), ("roles", roles)];
    let parts = parts.into_iter().filter(|(_, part)| !part.is_empty());
    let parts: Map<String, Value> =
        parts.map(|(name, part)| (name.to_owned(), Value::Object(part))).collect();
    Ok((!parts.is_empty()).then_some(Value::Object(parts)))
}

/// A role; the simulator knows only that it exists.
fn role(id: &str) -> Value {
    serde_json::json!({
        "id": id, "name": format!("role-{id}"), "color": 0, "colors": {
            "primary_color": 0, "secondary_color": null, "tertiary_color": null,
        },
        "hoist": false, "icon": null, "unicode_emoji": null, "position": 1, "permissions": "0",
        "managed": false, "mentionable": false, "flags": 0, "description": null,
    })
}

/// The application, where the envelope names it.
const APPLICATION: &str = DISCORD_APPLICATION_ID;

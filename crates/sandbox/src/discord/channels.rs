//! What the bot does with its own token: direct messages, messages in channels, private threads.

use super::{
    body::Payload,
    check::message::Purpose,
    form::{self, Form},
    messages::{self, Stored},
    payloads::{self, Kind},
    places::{
        self, ATTACH_FILES, CREATE_PRIVATE_THREADS, Channel, DM, EMBED_LINKS, PRIVATE_THREAD, READ_HISTORY,
        SEND_IN_THREADS, SEND_MESSAGES,
    },
    refusal::{
        At, CLOSED_DMS, DMS_TOO_FAST, MISSING_ACCESS, Mistakes, NO_MUTUAL_GUILD, NOT_THE_AUTHOR, Refusal,
        UNKNOWN_CHANNEL, UNKNOWN_GUILD, UNKNOWN_MESSAGE, UNKNOWN_USER, WRONG_CHANNEL,
    },
    settings::DISCORD_APPLICATION_ID,
};
use crate::{exchange::Reply, world::World};
use database::{Error, WriteTx};
use serde_json::{Value, json};
use std::time::Duration;
use vocabulary::Timestamp;

/// `POST /users/@me/channels`. The channel is given whether they take messages or not.
pub(crate) async fn open_dm(
    world: &World,
    tx: &mut WriteTx,
    payload: &Payload,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    let mut mistakes = Mistakes::default();
    let id = Form(&payload.json).snowflake("recipient_id", &At::default(), true, &mut mistakes);
    mistakes.check()?;
    let Some(user) = places::user(tx, &id.unwrap_or_default()).await? else {
        return Err(UNKNOWN_USER.into());
    };
    let since = now.minus(Duration::from_secs(600));
    let opened = usize::try_from(places::dms_since(tx, since).await?).unwrap_or(usize::MAX);
    let (channel, new) = places::dm(tx, &user.id, now).await?;
    if new && world.settings.discord.dm_opens.is_some_and(|most| opened >= most) {
        places::forget_channel(tx, &channel.id).await?;
        return Err(DMS_TOO_FAST.into());
    }
    let told = json!({
        "id": channel.id, "type": DM, "flags": 0, "last_message_id": null, "recipients": [user.json()],
    });
    Ok(Reply::json(200, &told).plain_http())
}

/// `GET /channels/{id}`.
pub(crate) async fn get_channel(tx: &mut WriteTx, id: &str) -> Result<Reply, Refusal> {
    let channel = places::known_channel(tx, id).await?;
    channel.require(0)?;
    let mut told = thread_or_channel(tx, &channel).await?;
    if let (Some(recipient), Some(fields)) = (&channel.recipient_id, told.as_object_mut()) {
        let user = places::user(tx, recipient).await?;
        fields.insert("recipients".into(), json!(user.iter().map(places::User::json).collect::<Vec<_>>()));
    }
    Ok(Reply::json(200, &told).plain_http())
}

/// `POST /channels/{id}/messages`.
pub(crate) async fn create(
    world: &World,
    tx: &mut WriteTx,
    channel: &str,
    payload: &Payload,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    let outcome = post(world, tx, channel, payload, now).await;
    payloads::keep(tx, Kind::MessageCreate, None, &payload.json, status_of(&outcome), now).await?;
    outcome
}

async fn post(
    world: &World,
    tx: &mut WriteTx,
    channel: &str,
    payload: &Payload,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    let mut channel = places::known_channel(tx, channel).await?;
    may_write(tx, &channel, payload).await?;
    let form = Form(&payload.json);
    let nonce =
        form.get("nonce").map(|nonce| nonce.as_str().map_or_else(|| nonce.to_string(), str::to_owned));
    if form.get("enforce_nonce") == Some(&Value::Bool(true))
        && let Some(nonce) = &nonce
        && let Some(same) = messages::by_nonce(tx, nonce, now).await?
    {
        return Ok(Reply::json(200, &same.body).plain_http());
    }
    let mut message = messages::blank(tx, &channel.id, 0, 0, now).await?;
    let how = (Purpose::Create, &At::default());
    messages::write(world, tx, &mut message, payload, how, now).await?;
    message.nonce = nonce;
    messages::insert(tx, &message).await?;
    if channel.is_archived() {
        // Whoever writes in an archived thread wakes it.
        channel.set_archived(false, now);
        places::save_channel(tx, &channel).await?;
    }
    Ok(Reply::json(200, &message.body).plain_http())
}

/// Closed direct messages and no common guild are ordinary answers; in guilds permissions decide.
async fn may_write(tx: &mut WriteTx, channel: &Channel, payload: &Payload) -> Result<(), Refusal> {
    if let Some(recipient) = &channel.recipient_id {
        let user = places::user(tx, recipient).await?;
        return match user {
            Some(user) if user.guilds.is_empty() => Err(NO_MUTUAL_GUILD.into()),
            Some(user) if !user.dms_open => Err(CLOSED_DMS.into()),
            Some(_) => Ok(()),
            None => Err(UNKNOWN_USER.into()),
        };
    }
    let mut bits = if channel.kind == PRIVATE_THREAD { SEND_IN_THREADS } else { SEND_MESSAGES };
    if Form(&payload.json).get("embeds").and_then(Value::as_array).is_some_and(|list| !list.is_empty()) {
        bits |= EMBED_LINKS;
    }
    if !payload.files.is_empty() {
        bits |= ATTACH_FILES;
    }
    channel.require(bits)
}

/// `GET /channels/{id}/messages`, newest first, 50 unless `limit` says otherwise.
pub(crate) async fn list(tx: &mut WriteTx, channel: &str, query: Option<&str>) -> Result<Reply, Refusal> {
    let channel = places::known_channel(tx, channel).await?;
    channel.require(READ_HISTORY)?;
    let limit = query.and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("limit=")));
    let limit = match limit.map(str::parse::<i64>) {
        None => 50,
        Some(Ok(limit @ 1..=100)) => limit,
        Some(_) => {
            let message = "int value should be between 1 and 100.";
            return Err(super::refusal::mistake(&At::default().to("limit"), "NUMBER_TYPE_RANGE", message));
        }
    };
    let all = messages::latest(tx, &channel.id, limit).await?;
    let bodies: Vec<Value> = all.into_iter().map(|message| message.body).collect();
    Ok(Reply::json(200, &bodies).plain_http())
}

/// `GET /channels/{id}/messages/{id}`.
pub(crate) async fn get(tx: &mut WriteTx, channel: &str, id: &str) -> Result<Reply, Refusal> {
    let message = find(tx, channel, id, READ_HISTORY).await?;
    Ok(Reply::json(200, &message.body).plain_http())
}

/// `PATCH /channels/{id}/messages/{id}`.
pub(crate) async fn edit(
    world: &World,
    tx: &mut WriteTx,
    (channel, id): (&str, &str),
    payload: &Payload,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    let outcome = change(world, tx, (channel, id), payload, now).await;
    payloads::keep(tx, Kind::MessageEdit, None, &payload.json, status_of(&outcome), now).await?;
    outcome
}

async fn change(
    world: &World,
    tx: &mut WriteTx,
    (channel, id): (&str, &str),
    payload: &Payload,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    let mut message = find(tx, channel, id, 0).await?;
    let author = message.body.get("author").and_then(|author| author.get("id")).and_then(Value::as_str);
    if author != Some(DISCORD_APPLICATION_ID) {
        return Err(NOT_THE_AUTHOR.into());
    }
    places::known_channel(tx, channel).await?.require_awake()?;
    messages::write(world, tx, &mut message, payload, (Purpose::Edit, &At::default()), now).await?;
    messages::update(tx, &mut message, now).await?;
    Ok(Reply::json(200, &message.body).plain_http())
}

/// `DELETE /channels/{id}/messages/{id}`.
pub(crate) async fn delete(tx: &mut WriteTx, channel: &str, id: &str) -> Result<Reply, Refusal> {
    let message = find(tx, channel, id, 0).await?;
    messages::delete(tx, &message.id).await?;
    Ok(Reply::json(204, &()).plain_http().without_body())
}

/// A message that everybody in the channel sees: an ephemeral one is unknown to the bot's token.
async fn find(tx: &mut WriteTx, channel: &str, id: &str, bits: u64) -> Result<Stored, Refusal> {
    let channel = places::known_channel(tx, channel).await?;
    channel.require(bits)?;
    let message = messages::get(tx, id).await?;
    let message = message.filter(|m| m.channel_id == channel.id && m.ephemeral_to.is_none());
    message.ok_or_else(|| UNKNOWN_MESSAGE.into())
}

/// `POST /channels/{id}/threads`: a private thread. The bot is its first member.
pub(crate) async fn create_thread(
    tx: &mut WriteTx,
    parent: &str,
    payload: &Payload,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    let outcome = thread(tx, parent, payload, now).await;
    payloads::keep(tx, Kind::ThreadCreate, None, &payload.json, status_of(&outcome), now).await?;
    outcome
}

async fn thread(tx: &mut WriteTx, parent: &str, payload: &Payload, now: Timestamp) -> Result<Reply, Refusal> {
    let parent = places::known_channel(tx, parent).await?;
    parent.require(CREATE_PRIVATE_THREADS)?;
    if parent.kind != 0 {
        return Err(WRONG_CHANNEL.into());
    }
    let (form, at, mut mistakes) = (Form(&payload.json), At::default(), Mistakes::default());
    let name = form.text("name", &at, (1, 100), true, &mut mistakes).unwrap_or_default();
    let minutes = form.int("auto_archive_duration", &at, (60, 10_080), &mut mistakes).unwrap_or(4_320);
    if ![60, 1_440, 4_320, 10_080].contains(&minutes) {
        let message = "Value must be one of {60, 1440, 4320, 10080}.";
        mistakes.add(&at.to("auto_archive_duration"), "BASE_TYPE_CHOICES", message);
    }
    // Without a type Discord makes a private thread, too.
    if form.get("type").is_some_and(|kind| *kind != json!(PRIVATE_THREAD)) {
        let message = "The simulated Discord makes private threads (12) alone.";
        mistakes.add(&at.to("type"), "BASE_TYPE_CHOICES", message);
    }
    let invitable = form.flag("invitable", &at, &mut mistakes).unwrap_or(true);
    form.int("rate_limit_per_user", &at, (0, 21_600), &mut mistakes);
    mistakes.check()?;
    let channel = Channel {
        id: places::snowflake(tx, now).await?,
        kind: PRIVATE_THREAD,
        guild_id: parent.guild_id.clone(),
        parent_id: Some(parent.id.clone()),
        recipient_id: None,
        name: name.to_owned(),
        app_permissions: parent.app_permissions.clone(),
        body: places::thread_metadata(minutes, invitable, now),
        created_at: now,
    };
    places::save_channel(tx, &channel).await?;
    places::join_thread(tx, &channel.id, DISCORD_APPLICATION_ID, now).await?;
    Ok(Reply::json(201, &thread_or_channel(tx, &channel).await?).plain_http())
}

/// `GET /guilds/{id}/threads/active`: the threads that are not archived, newest first.
pub(crate) async fn active_threads(tx: &mut WriteTx, guild: &str) -> Result<Reply, Refusal> {
    if places::guild(tx, guild).await?.is_none() {
        return Err(UNKNOWN_GUILD.into());
    }
    let mut threads = Vec::new();
    for channel in places::channels(tx).await?.into_iter().rev() {
        let here = channel.kind == PRIVATE_THREAD && channel.guild_id.as_deref() == Some(guild);
        if here && !channel.is_archived() {
            threads.push(thread_or_channel(tx, &channel).await?);
        }
    }
    let members: Vec<Value> = threads.iter().filter_map(|thread| thread.get("member").cloned()).collect();
    Ok(Reply::json(200, &json!({"threads": threads, "members": members})).plain_http())
}

async fn thread_or_channel(tx: &mut WriteTx, channel: &Channel) -> Result<Value, Error> {
    let mut told = channel.partial();
    let members = places::thread_members(tx, &channel.id).await?;
    if channel.kind == PRIVATE_THREAD
        && let Some(fields) = told.as_object_mut()
    {
        fields.remove("position");
        fields.remove("nsfw");
        fields.insert("owner_id".into(), json!(DISCORD_APPLICATION_ID));
        fields.insert("member_count".into(), json!(members));
        fields.insert("message_count".into(), json!(0));
        fields.insert("total_message_sent".into(), json!(0));
        fields.insert("rate_limit_per_user".into(), json!(0));
        fields.insert(
            "member".into(),
            json!({
                "id": channel.id, "user_id": DISCORD_APPLICATION_ID, "flags": 0,
                "join_timestamp": form::time(channel.created_at),
            }),
        );
    }
    Ok(told)
}

/// `PUT /channels/{id}/thread-members/{user}`. Whoever is invited must be in the guild and see the
/// channel that the thread hangs on.
pub(crate) async fn join(
    tx: &mut WriteTx,
    channel: &str,
    user: &str,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    let channel = places::known_channel(tx, channel).await?;
    channel.require(SEND_IN_THREADS)?;
    if channel.kind != PRIVATE_THREAD {
        return Err(WRONG_CHANNEL.into());
    }
    channel.require_awake()?;
    let Some(user) = places::user(tx, user).await? else { return Err(UNKNOWN_USER.into()) };
    let parent = match &channel.parent_id {
        Some(parent) => places::channel(tx, parent).await?,
        None => None,
    };
    let Some(parent) = parent else { return Err(UNKNOWN_CHANNEL.into()) };
    if !places::sees(tx, &user, &parent).await? {
        return Err(MISSING_ACCESS.into());
    }
    places::join_thread(tx, &channel.id, &user.id, now).await?;
    Ok(Reply::json(204, &()).plain_http().without_body())
}

fn status_of(outcome: &Result<Reply, Refusal>) -> u16 {
    match outcome {
        Ok(reply) => reply.status,
        Err(Refusal::Api(error)) => error.http,
        Err(Refusal::Books(_)) => 503,
    }
}

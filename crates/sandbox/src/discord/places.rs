//! Who and what there is: guilds, channels, direct messages, threads, and people with their settings.

use super::{
    form,
    refusal::{MISSING_ACCESS, MISSING_PERMISSIONS, Refusal, THREAD_ARCHIVED, UNKNOWN_CHANNEL},
    settings::{DISCORD_APPLICATION_ID, DISCORD_GUILD_ID},
};
use database::{Error, FromRow, Json, ReadTx, Row, WriteTx, report_sql, sql};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use vocabulary::Timestamp;

/// A direct message.
pub(crate) const DM: i64 = 1;
/// A private thread.
pub(crate) const PRIVATE_THREAD: i64 = 12;

pub(crate) const VIEW_CHANNEL: u64 = 1 << 10;
pub(crate) const SEND_MESSAGES: u64 = 1 << 11;
pub(crate) const EMBED_LINKS: u64 = 1 << 14;
pub(crate) const ATTACH_FILES: u64 = 1 << 15;
pub(crate) const READ_HISTORY: u64 = 1 << 16;
pub(crate) const CREATE_PRIVATE_THREADS: u64 = 1 << 36;
pub(crate) const SEND_IN_THREADS: u64 = 1 << 38;
/// What an ordinary member may do: see, write, embed, attach, read, use commands, write in threads.
const MEMBER_PERMISSIONS: u64 =
    VIEW_CHANNEL | SEND_MESSAGES | EMBED_LINKS | ATTACH_FILES | READ_HISTORY | (1 << 31) | SEND_IN_THREADS;
/// All of them, for a member who is an administrator.
const ADMINISTRATOR: u64 = 1 << 3;

/// A person and their settings.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) username: String,
    pub(crate) global_name: Option<String>,
    /// The language of their client.
    pub(crate) locale: String,
    /// Whether they take direct messages from the bot.
    pub(crate) dms_open: bool,
    /// The guilds that they are in together with the bot.
    pub(crate) guilds: Vec<String>,
    pub(crate) roles: Vec<String>,
    /// Permissions in guilds, as a bit set in text.
    pub(crate) permissions: String,
    pub(crate) nick: Option<String>,
}

impl Default for User {
    fn default() -> Self {
        User {
            id: String::new(),
            username: String::new(),
            global_name: None,
            locale: "id".into(),
            dms_open: true,
            guilds: vec![DISCORD_GUILD_ID.into()],
            roles: Vec::new(),
            permissions: MEMBER_PERMISSIONS.to_string(),
            nick: None,
        }
    }
}

impl User {
    /// Somebody of whom nothing but the id is known.
    pub(crate) fn somebody(id: &str) -> User {
        let tail = id.get(id.len().saturating_sub(4)..).unwrap_or(id);
        User { id: id.into(), username: format!("pembeli_{tail}"), ..User::default() }
    }

    /// As Discord shows them.
    pub(crate) fn json(&self) -> Value {
        json!({
            "id": self.id, "username": self.username, "global_name": self.global_name, "avatar": null,
            "discriminator": "0", "public_flags": 0, "flags": 0, "primary_guild": null,
            "avatar_decoration_data": null,
        })
    }

    /// As a member, without the user.
    pub(crate) fn member(&self) -> Map<String, Value> {
        let member = json!({
            "avatar": null, "banner": null, "communication_disabled_until": null, "deaf": false, "mute": false,
            "flags": 0, "joined_at": "2025-01-02T03:04:05.000000+00:00", "nick": self.nick, "pending": false,
            "premium_since": null, "roles": self.roles, "permissions": self.permissions,
        });
        match member {
            Value::Object(fields) => fields,
            _ => Map::new(),
        }
    }

    /// Whether they may do all of this.
    pub(crate) fn may(&self, bits: u64) -> bool {
        let own = self.permissions.parse::<u64>().unwrap_or(0);
        own & ADMINISTRATOR != 0 || own & bits == bits
    }
}

/// The bot, as it signs its messages.
pub(crate) fn bot() -> Value {
    json!({
        "id": DISCORD_APPLICATION_ID, "username": "loket", "global_name": null, "avatar": null,
        "discriminator": "0", "public_flags": 0, "flags": 0, "bot": true, "primary_guild": null,
        "avatar_decoration_data": null,
    })
}

/// A channel, a direct message or a thread.
#[derive(Clone, Debug)]
pub(crate) struct Channel {
    pub(crate) id: String,
    pub(crate) kind: i64,
    pub(crate) guild_id: Option<String>,
    pub(crate) parent_id: Option<String>,
    pub(crate) recipient_id: Option<String>,
    pub(crate) name: String,
    /// What the bot may do in it.
    pub(crate) app_permissions: String,
    /// What only a thread has.
    pub(crate) body: Value,
    pub(crate) created_at: Timestamp,
}

impl FromRow for Channel {
    fn from_row(row: &Row) -> Result<Self, Error> {
        let Json(body) = row.get("body")?;
        Ok(Channel {
            id: row.get("id")?,
            kind: row.get("kind")?,
            guild_id: row.get("guild_id")?,
            parent_id: row.get("parent_id")?,
            recipient_id: row.get("recipient_id")?,
            name: row.get("name")?,
            app_permissions: row.get("app_permissions")?,
            body,
            created_at: row.get("created_at")?,
        })
    }
}

impl Channel {
    /// As an interaction carries it.
    pub(crate) fn partial(&self) -> Value {
        let mut channel = json!({
            "id": self.id, "type": self.kind, "flags": 0, "last_message_id": null,
            "permissions": self.app_permissions,
        });
        if let Some(fields) = channel.as_object_mut() {
            match &self.guild_id {
                Some(guild) => {
                    fields.insert("guild_id".into(), json!(guild));
                    fields.insert("name".into(), json!(self.name));
                    fields.insert("parent_id".into(), json!(self.parent_id));
                    fields.insert("position".into(), json!(0));
                    fields.insert("nsfw".into(), json!(false));
                }
                None => drop(fields.remove("permissions")),
            }
            if self.kind == PRIVATE_THREAD {
                fields.insert("thread_metadata".into(), self.body.clone());
            }
        }
        channel
    }

    /// Refuses when the bot may not see the channel (50001) or lacks one of these (50013).
    pub(crate) fn require(&self, bits: u64) -> Result<(), Refusal> {
        if self.kind == DM {
            return Ok(());
        }
        let own = self.app_permissions.parse::<u64>().unwrap_or(0);
        if own & VIEW_CHANNEL == 0 {
            return Err(MISSING_ACCESS.into());
        }
        if own & bits != bits { Err(MISSING_PERMISSIONS.into()) } else { Ok(()) }
    }

    /// Whether it is a thread that sleeps.
    pub(crate) fn is_archived(&self) -> bool {
        self.body.get("archived") == Some(&Value::Bool(true))
    }

    /// Refuses what cannot be done in an archived thread (50083).
    pub(crate) fn require_awake(&self) -> Result<(), Refusal> {
        if self.is_archived() { Err(THREAD_ARCHIVED.into()) } else { Ok(()) }
    }

    /// Archives a thread, or wakes it.
    pub(crate) fn set_archived(&mut self, archived: bool, now: Timestamp) {
        if let Some(fields) = self.body.as_object_mut() {
            fields.insert("archived".into(), json!(archived));
            fields.insert("archive_timestamp".into(), json!(form::time(now)));
        }
    }
}

/// The next snowflake: later than every one before, whatever the clock says.
pub(crate) async fn snowflake(tx: &mut WriteTx, now: Timestamp) -> Result<String, Error> {
    /// Discord's first second, in milliseconds since the Unix epoch.
    const DISCORD_EPOCH: i64 = 1_420_070_400_000;
    /// Below this a snowflake has fewer than 19 digits and would not sort as text.
    const SMALLEST: i64 = 1_300_000_000_000_000_000;
    let latest: i64 = sql!("SELECT latest FROM world_discord_counter WHERE id = 1").query().one(tx).await?;
    let by_clock = now.millis().saturating_sub(DISCORD_EPOCH).clamp(0, i64::MAX >> 22) << 22;
    let next = by_clock.max(SMALLEST).max(latest.saturating_add(1));
    sql!("UPDATE world_discord_counter SET latest = $1 WHERE id = 1").bind(next).run(tx).await?;
    Ok(next.to_string())
}

/// A person who is known.
pub(crate) async fn user(tx: &mut ReadTx, id: &str) -> Result<Option<User>, Error> {
    let found: Option<Json<User>> =
        sql!("SELECT body FROM world_discord_user WHERE id = $1").bind(id).optional(tx).await?;
    Ok(found.map(|Json(user)| user))
}

/// Everybody who is known.
pub(crate) async fn users(tx: &mut ReadTx) -> Result<Vec<User>, Error> {
    let all: Vec<Json<User>> =
        report_sql!("SELECT body FROM world_discord_user ORDER BY id LIMIT 1000").query().all(tx).await?;
    Ok(all.into_iter().map(|Json(user)| user).collect())
}

/// Writes a person down.
pub(crate) async fn save_user(tx: &mut WriteTx, user: &User) -> Result<(), Error> {
    sql!(
        "INSERT INTO world_discord_user (id, body) VALUES ($1, $2)
         ON CONFLICT (id) DO UPDATE SET body = excluded.body"
    )
    .bind(&user.id)
    .bind(Json(user))
    .run(tx)
    .await?;
    Ok(())
}

/// A guild's name and language.
pub(crate) async fn guild(tx: &mut ReadTx, id: &str) -> Result<Option<(String, String)>, Error> {
    sql!("SELECT name, locale FROM world_discord_guild WHERE id = $1").bind(id).optional(tx).await
}

/// Writes a guild down.
pub(crate) async fn save_guild(tx: &mut WriteTx, id: &str, name: &str, locale: &str) -> Result<(), Error> {
    sql!(
        "INSERT INTO world_discord_guild (id, name, locale) VALUES ($1, $2, $3)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, locale = excluded.locale"
    )
    .bind(id)
    .bind(name)
    .bind(locale)
    .run(tx)
    .await?;
    Ok(())
}

/// A channel, where it exists.
pub(crate) async fn channel(tx: &mut ReadTx, id: &str) -> Result<Option<Channel>, Error> {
    sql!("SELECT * FROM world_discord_channel WHERE id = $1").bind(id).optional(tx).await
}

/// A channel, or 10003.
pub(crate) async fn known_channel(tx: &mut ReadTx, id: &str) -> Result<Channel, Refusal> {
    channel(tx, id).await?.ok_or_else(|| UNKNOWN_CHANNEL.into())
}

/// Every channel.
pub(crate) async fn channels(tx: &mut ReadTx) -> Result<Vec<Channel>, Error> {
    report_sql!("SELECT * FROM world_discord_channel ORDER BY id LIMIT 1000").query().all(tx).await
}

/// Writes a channel down.
pub(crate) async fn save_channel(tx: &mut WriteTx, channel: &Channel) -> Result<(), Error> {
    sql!(
        "INSERT INTO world_discord_channel
            (id, kind, guild_id, parent_id, recipient_id, name, app_permissions, body, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, app_permissions = excluded.app_permissions,
            body = excluded.body"
    )
    .bind(&channel.id)
    .bind(channel.kind)
    .bind(channel.guild_id.as_ref())
    .bind(channel.parent_id.as_ref())
    .bind(channel.recipient_id.as_ref())
    .bind(&channel.name)
    .bind(&channel.app_permissions)
    .bind(Json(&channel.body))
    .bind(channel.created_at)
    .run(tx)
    .await?;
    Ok(())
}

/// The direct messages between the bot and a person, opened when there are none; tells whether they
/// are new.
pub(crate) async fn dm(tx: &mut WriteTx, user_id: &str, now: Timestamp) -> Result<(Channel, bool), Error> {
    let found: Option<Channel> = sql!("SELECT * FROM world_discord_channel WHERE recipient_id = $1")
        .bind(user_id)
        .optional(tx)
        .await?;
    if let Some(channel) = found {
        return Ok((channel, false));
    }
    let channel = Channel {
        id: snowflake(tx, now).await?,
        kind: DM,
        guild_id: None,
        parent_id: None,
        recipient_id: Some(user_id.into()),
        name: String::new(),
        app_permissions: u64::MAX.to_string(),
        body: json!({}),
        created_at: now,
    };
    save_channel(tx, &channel).await?;
    Ok((channel, true))
}

/// How many direct messages were opened since then, and when the first of them was.
pub(crate) async fn dms_since(tx: &mut ReadTx, since: Timestamp) -> Result<i64, Error> {
    report_sql!("SELECT COUNT(*) FROM world_discord_channel WHERE kind = 1 AND created_at > $1")
        .bind(since)
        .one(tx)
        .await
}

/// Whether somebody is in a thread.
pub(crate) async fn in_thread(tx: &mut ReadTx, channel_id: &str, user_id: &str) -> Result<bool, Error> {
    let found: Option<String> =
        sql!("SELECT user_id FROM world_discord_thread_member WHERE channel_id = $1 AND user_id = $2")
            .bind(channel_id)
            .bind(user_id)
            .optional(tx)
            .await?;
    Ok(found.is_some())
}

/// Adds somebody to a thread; again does nothing.
pub(crate) async fn join_thread(
    tx: &mut WriteTx,
    channel_id: &str,
    user_id: &str,
    now: Timestamp,
) -> Result<(), Error> {
    sql!(
        "INSERT INTO world_discord_thread_member (channel_id, user_id, joined_at) VALUES ($1, $2, $3)
         ON CONFLICT (channel_id, user_id) DO NOTHING"
    )
    .bind(channel_id)
    .bind(user_id)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

/// How many are in a thread.
pub(crate) async fn thread_members(tx: &mut ReadTx, channel_id: &str) -> Result<i64, Error> {
    sql!("SELECT COUNT(*) FROM world_discord_thread_member WHERE channel_id = $1")
        .bind(channel_id)
        .one(tx)
        .await
}

/// Whether a person sees what is written in a channel.
pub(crate) async fn sees(tx: &mut ReadTx, user: &User, channel: &Channel) -> Result<bool, Error> {
    match (&channel.recipient_id, &channel.guild_id) {
        (Some(recipient), _) => Ok(*recipient == user.id),
        (None, Some(_)) if channel.kind == PRIVATE_THREAD => in_thread(tx, &channel.id, &user.id).await,
        (None, Some(guild)) => Ok(user.guilds.contains(guild) && user.may(VIEW_CHANNEL)),
        (None, None) => Ok(false),
    }
}

/// What only a thread has.
pub(crate) fn thread_metadata(minutes: i64, invitable: bool, now: Timestamp) -> Value {
    json!({
        "archived": false, "archive_timestamp": form::time(now), "auto_archive_duration": minutes,
        "locked": false, "create_timestamp": form::time(now), "invitable": invitable,
    })
}

/// Takes back a channel in which nothing was said.
pub(crate) async fn forget_channel(tx: &mut WriteTx, id: &str) -> Result<(), Error> {
    sql!("DELETE FROM world_discord_channel WHERE id = $1").bind(id).run(tx).await?;
    Ok(())
}

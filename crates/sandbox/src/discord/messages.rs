//! Messages as Discord keeps them, with their files, and how one is made of what was sent.

use super::{
    body::Payload,
    check::{
        component::{self, Shown},
        embed,
        message::{self, EPHEMERAL, IS_COMPONENTS_V2, LOADING, Purpose, SUPPRESS_EMBEDS},
    },
    form::{self, Form},
    places,
    refusal::{At, EMPTY_MESSAGE, Refusal},
};
use crate::world::World;
use database::{Error, FromRow, Json, ReadTx, Row, WriteTx, sql};
use serde_json::{Value, json};
use std::time::Duration;
use vocabulary::Timestamp;

/// How long a nonce is remembered: "the past few minutes".
const NONCE_WINDOW: Duration = Duration::from_secs(300);
/// Characters of all text displays of a message together.
const TEXT_SUM: usize = 4_000;
/// File names that an embed shows as a picture.
const PICTURES: [&str; 5] = ["jpg", "jpeg", "png", "webp", "gif"];

/// A message.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) id: String,
    pub(crate) channel_id: String,
    /// The only one who sees it.
    pub(crate) ephemeral_to: Option<String>,
    /// The interaction that it was made through.
    pub(crate) interaction_id: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) edits: i64,
    pub(crate) created_at: Timestamp,
    /// As Discord shows it.
    pub(crate) body: Value,
}

impl FromRow for Stored {
    fn from_row(row: &Row) -> Result<Self, Error> {
        let Json(body) = row.get("body")?;
        Ok(Stored {
            id: row.get("id")?,
            channel_id: row.get("channel_id")?,
            ephemeral_to: row.get("ephemeral_to")?,
            interaction_id: row.get("interaction_id")?,
            nonce: row.get("nonce")?,
            edits: row.get("edits")?,
            created_at: row.get("created_at")?,
            body,
        })
    }
}

impl Stored {
    /// Whether it is the "thinking…" of a deferred answer.
    pub(crate) fn loading(&self) -> bool {
        message::flags(Form(&self.body)) & LOADING != 0
    }
}

/// A message with nothing in it yet.
pub(crate) async fn blank(
    tx: &mut WriteTx,
    channel_id: &str,
    kind: i64,
    flags: i64,
    now: Timestamp,
) -> Result<Stored, Error> {
    let id = places::snowflake(tx, now).await?;
    let body = json!({
        "id": id, "type": kind, "channel_id": channel_id, "author": places::bot(), "content": "",
        "mentions": [], "mention_roles": [], "mention_everyone": false, "attachments": [], "embeds": [],
        "components": [], "timestamp": form::time(now), "edited_timestamp": null, "pinned": false, "tts": false,
        "flags": flags,
    });
    Ok(Stored {
        id,
        channel_id: channel_id.into(),
        ephemeral_to: None,
        interaction_id: None,
        nonce: None,
        edits: 0,
        created_at: now,
        body,
    })
}

/// Writes into `stored` what a payload says, and its files into the books. The message itself is not
/// stored yet. What the payload does not name stays.
pub(crate) async fn write(
    world: &World,
    tx: &mut WriteTx,
    stored: &mut Stored,
    payload: &Payload,
    (purpose, at): (Purpose, &At),
    now: Timestamp,
) -> Result<(), Refusal> {
    let limit = world.settings.discord.text_sum_limit.then_some(TEXT_SUM);
    let edited = matches!(purpose, Purpose::Edit | Purpose::TokenEdit).then(|| stored.body.clone());
    let files = message::check(payload, at, purpose, edited.as_ref(), limit)?;
    let form = Form(&payload.json);
    let named = ["content", "embeds", "components", "attachments", "flags", "allowed_mentions"];
    let says_something = named.iter().any(|name| form.names(name)) || !payload.files.is_empty();
    if edited.is_some() && !says_something {
        return Err(EMPTY_MESSAGE.into());
    }
    if would_be_empty(form, &stored.body, &files) {
        return Err(EMPTY_MESSAGE.into());
    }
    // Nothing is written before it is sure that nothing is refused.
    let attachments = attachments(world, tx, stored, payload, &files, now).await?;
    let Some(body) = stored.body.as_object_mut() else { return Err(EMPTY_MESSAGE.into()) };
    if form.names("content") {
        body.insert(
            "content".into(),
            json!(form.get("content").and_then(Value::as_str).unwrap_or_default().trim()),
        );
    }
    let shown = |file: &str| shown(&attachments, file);
    if form.names("embeds") {
        let picture = |file: &str| {
            let ending = file.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
            shown(file).filter(|_| PICTURES.contains(&ending.as_str())).map(|file| file.url)
        };
        let embeds = form.get("embeds").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        body.insert("embeds".into(), Value::Array(embed::stored(embeds, picture)));
    }
    if form.names("components") {
        let components =
            form.get("components").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        body.insert("components".into(), Value::Array(component::stored(components, &shown)));
    }
    body.insert("attachments".into(), Value::Array(attachments));
    let old_flags = body.get("flags").and_then(Value::as_i64).unwrap_or(0);
    body.insert("flags".into(), json!(new_flags(old_flags, form, purpose)));
    if let Some(nonce) = form.get("nonce").filter(|_| purpose == Purpose::Create) {
        body.insert("nonce".into(), nonce.clone());
    }
    Ok(())
}

/// Flags after a change: Components V2 is never taken back, whether a message is ephemeral never changes.
fn new_flags(old: i64, form: Form<'_>, purpose: Purpose) -> i64 {
    let asked = message::flags(form);
    match purpose {
        Purpose::Create => asked,
        Purpose::Answer => asked | (old & EPHEMERAL),
        Purpose::Edit | Purpose::TokenEdit => {
            let suppress =
                if form.get("flags").is_some() { asked & SUPPRESS_EMBEDS } else { old & SUPPRESS_EMBEDS };
            (old & !LOADING & !SUPPRESS_EMBEDS) | suppress | (asked & IS_COMPONENTS_V2)
        }
    }
}

/// Whether a message would say nothing: what is named counts, else what was there.
fn would_be_empty(form: Form<'_>, old: &Value, files: &message::Files) -> bool {
    let filled = |name: &str| match form.0.get(name).or_else(|| old.get(name)) {
        Some(Value::String(text)) => !text.trim().is_empty(),
        Some(Value::Array(list)) => !list.is_empty(),
        _ => false,
    };
    let has_files = !files.kept.is_empty() || !files.added.is_empty();
    !has_files && !["content", "embeds", "components"].iter().any(|name| filled(name))
}

fn shown(attachments: &[Value], file: &str) -> Option<Shown> {
    let found = attachments.iter().find(|a| a.get("filename").and_then(Value::as_str) == Some(file))?;
    let text = |name: &str| found.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    Some(Shown {
        id: text("id"),
        url: text("url"),
        content_type: text("content_type"),
        name: text("filename"),
        size: found.get("size").and_then(Value::as_i64).unwrap_or_default(),
    })
}

async fn attachments(
    world: &World,
    tx: &mut WriteTx,
    stored: &Stored,
    payload: &Payload,
    files: &message::Files,
    now: Timestamp,
) -> Result<Vec<Value>, Error> {
    let old = stored.body.get("attachments").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut list = Vec::new();
    for mut attachment in old {
        let id = attachment.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        match files.kept.iter().find(|(kept, _)| *kept == id) {
            Some((_, description)) => {
                if let (Some(description), Some(fields)) = (description, attachment.as_object_mut()) {
                    fields.insert("description".into(), json!(description));
                }
                list.push(attachment);
            }
            None => {
                sql!("DELETE FROM world_discord_attachment WHERE id = $1").bind(id).run(tx).await?;
            }
        }
    }
    for (place, name, description) in &files.added {
        let Some(upload) = payload.files.get(*place) else { continue };
        let id = places::snowflake(tx, now).await?;
        let base = world.base_url();
        let url = format!("{base}/sandbox/discord/attachments/{}/{id}/{}", stored.channel_id, in_url(name));
        let mut attachment = json!({
            "id": id, "filename": name, "size": upload.content.len(), "url": url, "proxy_url": url,
            "content_type": upload.content_type,
        });
        if let Some(fields) = attachment.as_object_mut() {
            if let Some(description) = description {
                fields.insert("description".into(), json!(description));
            }
            if let Some((width, height)) = png_size(&upload.content) {
                fields.insert("width".into(), json!(width));
                fields.insert("height".into(), json!(height));
            }
            if stored.ephemeral_to.is_some() {
                fields.insert("ephemeral".into(), json!(true));
            }
        }
        sql!(
            "INSERT INTO world_discord_attachment (id, message_id, filename, content_type, content)
             VALUES ($1, $2, $3, $4, $5)"
        )
        .bind(&id)
        .bind(&stored.id)
        .bind(name)
        .bind(&upload.content_type)
        .bind(upload.content.as_slice())
        .run(tx)
        .await?;
        list.push(attachment);
    }
    Ok(list)
}

/// A file name as a part of a path.
fn in_url(name: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    name.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// Width and height, for a PNG.
fn png_size(content: &[u8]) -> Option<(u32, u32)> {
    content.starts_with(b"\x89PNG\r\n\x1a\n").then_some(())?;
    let number = |from: usize| Some(u32::from_be_bytes(content.get(from..from + 4)?.try_into().ok()?));
    Some((number(16)?, number(20)?))
}

/// Writes a new message down.
pub(crate) async fn insert(tx: &mut WriteTx, stored: &Stored) -> Result<(), Error> {
    sql!(
        "INSERT INTO world_discord_message (id, channel_id, ephemeral_to, interaction_id, nonce, edits, created_at, body)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    )
    .bind(&stored.id)
    .bind(&stored.channel_id)
    .bind(stored.ephemeral_to.as_ref())
    .bind(stored.interaction_id.as_ref())
    .bind(stored.nonce.as_ref())
    .bind(stored.edits)
    .bind(stored.created_at)
    .bind(Json(&stored.body))
    .run(tx)
    .await?;
    Ok(())
}

/// Writes down that a message has changed.
pub(crate) async fn update(tx: &mut WriteTx, stored: &mut Stored, now: Timestamp) -> Result<(), Error> {
    stored.edits += 1;
    if let Some(body) = stored.body.as_object_mut() {
        body.insert("edited_timestamp".into(), json!(form::time(now)));
    }
    sql!("UPDATE world_discord_message SET body = $2, edits = $3 WHERE id = $1")
        .bind(&stored.id)
        .bind(Json(&stored.body))
        .bind(stored.edits)
        .run(tx)
        .await?;
    Ok(())
}

/// Takes a message and its files away.
pub(crate) async fn delete(tx: &mut WriteTx, id: &str) -> Result<(), Error> {
    sql!("DELETE FROM world_discord_attachment WHERE message_id = $1").bind(id).run(tx).await?;
    sql!("DELETE FROM world_discord_message WHERE id = $1").bind(id).run(tx).await?;
    Ok(())
}

/// A message.
pub(crate) async fn get(tx: &mut ReadTx, id: &str) -> Result<Option<Stored>, Error> {
    sql!("SELECT * FROM world_discord_message WHERE id = $1").bind(id).optional(tx).await
}

/// The message that was made with this nonce a few minutes ago.
pub(crate) async fn by_nonce(tx: &mut ReadTx, nonce: &str, now: Timestamp) -> Result<Option<Stored>, Error> {
    sql!("SELECT * FROM world_discord_message WHERE nonce = $1 AND created_at > $2 ORDER BY id LIMIT 1")
        .bind(nonce)
        .bind(now.minus(NONCE_WINDOW))
        .optional(tx)
        .await
}

/// The latest messages of a channel that everybody there sees, newest first.
pub(crate) async fn latest(tx: &mut ReadTx, channel_id: &str, limit: i64) -> Result<Vec<Stored>, Error> {
    sql!(
        "SELECT * FROM world_discord_message WHERE channel_id = $1 AND ephemeral_to IS NULL
         ORDER BY id DESC LIMIT $2"
    )
    .bind(channel_id)
    .bind(limit)
    .all(tx)
    .await
}

/// The latest messages of a channel, those for single persons among them, newest first.
pub(crate) async fn everything(tx: &mut ReadTx, channel_id: &str, limit: i64) -> Result<Vec<Stored>, Error> {
    sql!("SELECT * FROM world_discord_message WHERE channel_id = $1 ORDER BY id DESC LIMIT $2")
        .bind(channel_id)
        .bind(limit)
        .all(tx)
        .await
}

/// A file's type and content.
pub(crate) async fn file(tx: &mut ReadTx, id: &str) -> Result<Option<(String, Vec<u8>)>, Error> {
    sql!("SELECT content_type, content FROM world_discord_attachment WHERE id = $1")
        .bind(id)
        .optional(tx)
        .await
}

//! A member in front of a Discord client: types commands, presses buttons, fills in forms, and sees what
//! Discord shows them. Discord (its simulator) signs what they do and sends it to the shop.

use super::door::Door;
use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};

/// How long a member waits for something to appear.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a deferred answer may take, in milliseconds.
const ANSWER_MS: u64 = 10_000;
/// How often a member looks.
const LOOK: Duration = Duration::from_millis(100);

/// A text in Indonesian and in English, as the shop says it.
pub(super) type Words = (&'static str, &'static str);

/// A member.
pub(super) struct Member<'d> {
    door: &'d Door,
    id: String,
    locale: &'static str,
    /// Writes to the application directly, instead of in the shop's channel.
    in_direct_messages: bool,
}

impl<'d> Member<'d> {
    /// Somebody new on Discord.
    pub(super) async fn join(
        door: &'d Door,
        (id, name): (String, &str),
        locale: &'static str,
        (dms_open, in_direct_messages): (bool, bool),
    ) -> Result<Member<'d>> {
        let user = json!({
            "id": id, "username": name.to_lowercase(), "global_name": name, "locale": locale,
            "dms_open": dms_open,
        });
        door.post("/sandbox/discord/users", &user).await?;
        Ok(Member { door, id, locale, in_direct_messages })
    }

    /// The word that this member's client shows.
    pub(super) fn word(&self, words: Words) -> &'static str {
        if self.locale == "id" { words.0 } else { words.1 }
    }

    /// Types a command; the answer is what they see.
    pub(super) async fn command(&self, name: &str, options: &[(&str, &str)]) -> Result<Seen> {
        let options: Map<String, Value> =
            options.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let mut deed = json!({ "command": { "name": name, "options": options } });
        if let (true, Some(deed)) = (self.in_direct_messages, deed.as_object_mut()) {
            deed.insert("context".into(), json!(1));
        }
        self.act(deed).await
    }

    /// Presses the button with this label.
    pub(super) async fn press(&self, message: &Value, label: Words) -> Result<Seen> {
        let label = self.word(label);
        let button = find(message, &|part| part.get("type") == Some(&json!(2)) && says(part, "label", label))
            .ok_or_else(|| anyhow!("there is no button `{label}` to press"))?;
        self.component(message, &button, None).await
    }

    /// Picks from the menu of the message.
    pub(super) async fn pick(&self, message: &Value, value: &str) -> Result<Seen> {
        let menu = find(message, &|part| part.get("type") == Some(&json!(3)))
            .ok_or_else(|| anyhow!("there is no menu to pick `{value}` from"))?;
        self.component(message, &menu, Some(value)).await
    }

    /// Fills in the form that was opened, and sends it.
    pub(super) async fn fill(&self, form: &Seen, fields: &[(&str, &str)]) -> Result<Seen> {
        let opened = form.interaction.as_str();
        let shown = form.modal.as_ref().context("no form was opened")?;
        let wanted = |name: &str| {
            find(shown, &|part| part.get("custom_id").and_then(Value::as_str) == Some(name)).is_some()
        };
        let values: Map<String, Value> = fields
            .iter()
            .filter(|(name, _)| wanted(name))
            .map(|(name, value)| ((*name).to_owned(), json!(value)))
            .collect();
        self.act(json!({ "modal": { "interaction_id": opened, "values": values } })).await
    }

    /// Everything that this member sees.
    pub(super) async fn messages(&self) -> Result<Vec<Shown>> {
        let path = format!("/sandbox/discord/messages?user_id={}&limit=50", self.id);
        let answer = self.door.get(&path).await?;
        let all = answer.get("messages").and_then(Value::as_array).cloned().unwrap_or_default();
        Ok(all.iter().map(Shown::read).collect())
    }

    /// Waits until a message fits, and gives the latest that does.
    pub(super) async fn wait_for(&self, what: &str, fits: impl Fn(&Shown) -> bool) -> Result<Shown> {
        let started = Instant::now();
        loop {
            if let Some(found) = self.messages().await?.into_iter().rev().find(|shown| fits(shown)) {
                return Ok(found);
            }
            if started.elapsed() > PATIENCE {
                bail!("{what} did not appear within {} seconds", PATIENCE.as_secs());
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn component(&self, message: &Value, part: &Value, value: Option<&str>) -> Result<Seen> {
        let mut click = json!({ "message_id": message.get("id"), "custom_id": part.get("custom_id") });
        if let (Some(value), Some(click)) = (value, click.as_object_mut()) {
            click.insert("values".into(), json!([value]));
        }
        self.act(json!({ "component": click })).await
    }

    async fn act(&self, mut deed: Value) -> Result<Seen> {
        if let Some(deed) = deed.as_object_mut() {
            deed.insert("user_id".into(), json!(self.id));
            deed.insert("wait_ms".into(), json!(ANSWER_MS));
        }
        let answer = self.door.post("/sandbox/discord/interactions", &deed).await?;
        let outcome = answer.get("outcome").and_then(Value::as_str).unwrap_or_default();
        if matches!(outcome, "failed" | "loading" | "deferred_update" | "other") {
            let failure = answer.get("failure").filter(|failure| !failure.is_null());
            bail!("Discord shows *{outcome}*: {}", failure.unwrap_or(&Value::Null));
        }
        Ok(Seen {
            interaction: answer
                .pointer("/interaction/id")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            message: answer.get("message").filter(|message| !message.is_null()).cloned(),
            modal: answer.get("modal").filter(|modal| !modal.is_null()).cloned(),
        })
    }
}

/// What a member sees after doing something: a message, or a form.
pub(super) struct Seen {
    interaction: String,
    pub(super) message: Option<Value>,
    pub(super) modal: Option<Value>,
}

impl Seen {
    /// The message.
    pub(super) fn message(&self) -> Result<&Value> {
        self.message.as_ref().context("there is no message to see")
    }
}

/// A message in a channel.
pub(super) struct Shown {
    pub(super) message: Value,
    /// Seen by this member alone.
    pub(super) ephemeral: bool,
    /// Of the channel: 0 in a server, 1 direct messages, 12 a private thread.
    pub(super) channel_kind: i64,
}

impl Shown {
    /// A message that was answered with.
    pub(super) fn of(message: &Value) -> Shown {
        Shown { message: message.clone(), ephemeral: true, channel_kind: 0 }
    }

    fn read(all: &Value) -> Shown {
        Shown {
            message: all.get("message").cloned().unwrap_or_default(),
            ephemeral: all.get("ephemeral") == Some(&Value::Bool(true)),
            channel_kind: all.pointer("/channel/type").and_then(Value::as_i64).unwrap_or_default(),
        }
    }

    /// Whether this text stands anywhere in it.
    pub(super) fn says(&self, text: &str) -> bool {
        let is_there = |part: &Value| {
            ["content", "label", "title", "description", "value", "name"]
                .iter()
                .any(|field| part.get(field).and_then(Value::as_str).is_some_and(|said| said.contains(text)))
        };
        is_there(&self.message) || find(&self.message, &is_there).is_some()
    }

    /// Address of the picture that is attached.
    pub(super) fn picture(&self) -> Option<&str> {
        self.message.pointer("/attachments/0/url").and_then(Value::as_str)
    }

    /// Where the button that opens a page leads.
    pub(super) fn link(&self) -> Option<String> {
        let button = find(&self.message, &|part| part.get("style") == Some(&json!(5)))?;
        button.get("url").and_then(Value::as_str).map(str::to_owned)
    }
}

fn says(part: &Value, field: &str, text: &str) -> bool {
    part.get(field).and_then(Value::as_str) == Some(text)
}

/// The first part of a message or form that fits, however deep.
fn find(holder: &Value, fits: &dyn Fn(&Value) -> bool) -> Option<Value> {
    let lists = ["components", "embeds", "fields"].iter().filter_map(|name| holder.get(name)?.as_array());
    let singles = ["component", "accessory"].iter().filter_map(|name| holder.get(name));
    for part in lists.flatten().chain(singles) {
        if fits(part) {
            return Some(part.clone());
        }
        if let Some(found) = find(part, fits) {
            return Some(found);
        }
    }
    None
}

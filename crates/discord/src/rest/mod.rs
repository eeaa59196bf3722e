//! Discord's REST interface, as far as the shop uses it (contracts/discord §1.2, §1.4, §1.5, §1.8): a call
//! is made once and never repeated here; what became of it is told in our words.

mod answer;
mod limits;
mod multipart;

pub use answer::Refusal;
pub(crate) use answer::THREAD_ARCHIVED;
pub use multipart::File;

use limits::Limits;
use outside::{Http, Method, Request};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use vocabulary::Secret;

/// Where Discord is.
pub const API: &str = "https://discord.com";
/// How long a call may take. Some five of them fit into the lease of a row.
const TIMEOUT: Duration = Duration::from_secs(8);
/// Type of a private thread.
const PRIVATE_THREAD: u8 = 12;
/// What the user agent names when the shop has no address of its own.
const ABOUT: &str = "https://loket.example";

/// Who we are to Discord.
#[derive(Clone, Debug)]
pub struct RestSettings {
    /// Where Discord is; [`API`], or a simulator. `/api/v10` is put behind it.
    pub base_url: String,
    /// Id of the application.
    pub application_id: String,
    /// Token of its bot.
    pub bot_token: Secret,
    /// Where one can read who we are: the shop's own address.
    pub about: Option<String>,
}

/// The client. Cheap to clone; clones share their restraint. A process has one for a bot.
#[derive(Clone)]
pub struct Rest(Arc<Inner>);

struct Inner {
    http: Http,
    base: String,
    user_agent: String,
    settings: RestSettings,
    limits: Limits,
}

impl Rest {
    /// A client. Must be made within a runtime.
    pub fn new(http: Http, settings: RestSettings) -> Rest {
        let base = format!("{}/api/v10/", settings.base_url.trim_end_matches('/'));
        let about = settings.about.as_deref().unwrap_or(ABOUT);
        // Without this form Cloudflare lets nobody in (contracts/discord §1.8).
        let user_agent = format!("DiscordBot ({about}, {})", env!("CARGO_PKG_VERSION"));
        Rest(Arc::new(Inner { http, base, user_agent, settings, limits: Limits::new() }))
    }

    /// Id of the application that this is.
    pub fn application_id(&self) -> &str {
        &self.0.settings.application_id
    }

    /// Puts this in the place of the first answer to an interaction. Possible for 15 minutes.
    ///
    /// # Errors
    /// [`Refusal::Gone`] also for a moment after the answer was given, before Discord has taken it in.
    pub async fn edit_original(
        &self,
        application: &str,
        token: &Secret,
        body: &Value,
        files: &[File],
    ) -> Result<Value, Refusal> {
        let path =
            format!("webhooks/{}/{}/messages/@original", segment(application), segment(token.expose()));
        self.send("discord.edit_original", Method::Patch, &path, Some((body, files))).await
    }

    /// A further answer to an interaction.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub async fn follow_up(
        &self,
        application: &str,
        token: &Secret,
        body: &Value,
        files: &[File],
    ) -> Result<Value, Refusal> {
        let path = format!("webhooks/{}/{}", segment(application), segment(token.expose()));
        self.send("discord.follow_up", Method::Post, &path, Some((body, files))).await
    }

    /// The channel of direct messages with a user; the same one each time.
    ///
    /// # Errors
    /// See [`Refusal`]. That the user takes no messages is told by [`Rest::create_message`] only.
    pub async fn dm_channel(&self, user: &str) -> Result<String, Refusal> {
        let body = json!({ "recipient_id": user });
        id_in(&self.send("discord.dm_channel", Method::Post, "users/@me/channels", Some((&body, &[]))).await?)
    }

    /// A new message; its id. Said twice with one nonce (25 characters at most) within a few minutes it
    /// is there once.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub async fn create_message(
        &self,
        channel: &str,
        body: &Value,
        files: &[File],
        nonce: &str,
    ) -> Result<String, Refusal> {
        let mut body = body.clone();
        if let Some(fields) = body.as_object_mut() {
            fields.insert("nonce".into(), nonce.into());
            fields.insert("enforce_nonce".into(), true.into());
        }
        let path = format!("channels/{}/messages", segment(channel));
        id_in(&self.send("discord.create_message", Method::Post, &path, Some((&body, files))).await?)
    }

    /// Changes a message of ours.
    ///
    /// # Errors
    /// [`Refusal::Gone`] with 30046 when it is too old to be changed again, with 50083 in an archived thread.
    pub async fn edit_message(
        &self,
        channel: &str,
        message: &str,
        body: &Value,
        files: &[File],
    ) -> Result<Value, Refusal> {
        let path = format!("channels/{}/messages/{}", segment(channel), segment(message));
        self.send("discord.edit_message", Method::Patch, &path, Some((body, files))).await
    }

    /// A private thread on a channel; its id. Nobody is in it yet.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub async fn create_private_thread(&self, channel: &str, name: &str) -> Result<String, Refusal> {
        let path = format!("channels/{}/threads", segment(channel));
        let name: String = name.chars().take(100).collect();
        let body = json!({
            "name": name, "type": PRIVATE_THREAD, "auto_archive_duration": 10_080, "invitable": false,
        });
        id_in(&self.send("discord.create_thread", Method::Post, &path, Some((&body, &[]))).await?)
    }

    /// The threads of a guild that are not archived, as far as the bot sees them.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub async fn active_threads(&self, guild: &str) -> Result<Vec<Value>, Refusal> {
        let path = format!("guilds/{}/threads/active", segment(guild));
        let mut told = self.send("discord.active_threads", Method::Get, &path, None).await?;
        match told.get_mut("threads").map(Value::take) {
            Some(Value::Array(threads)) => Ok(threads),
            _ => Err(Refusal::Unknown("an answer without threads".into())),
        }
    }

    /// Lets a user into a private thread; once more changes nothing.
    ///
    /// # Errors
    /// See [`Refusal`]: [`Refusal::Forbidden`] for somebody who does not see the channel above it.
    pub async fn add_to_thread(&self, thread: &str, user: &str) -> Result<(), Refusal> {
        let path = format!("channels/{}/thread-members/{}", segment(thread), segment(user));
        self.send("discord.add_to_thread", Method::Put, &path, None).await.map(|_| ())
    }

    /// The commands that Discord has: of the application, or of one guild.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub async fn commands(&self, guild: Option<&str>) -> Result<Value, Refusal> {
        // Without this the localised names are left out.
        let path = format!("{}?with_localizations=true", self.commands_path(guild));
        self.send("discord.commands", Method::Get, &path, None).await
    }

    /// Puts these in the place of all commands.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub async fn put_commands(&self, guild: Option<&str>, commands: &Value) -> Result<Value, Refusal> {
        let path = self.commands_path(guild);
        self.send("discord.put_commands", Method::Put, &path, Some((commands, &[]))).await
    }

    /// The application that the bot's token belongs to.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub async fn application(&self) -> Result<Value, Refusal> {
        self.send("discord.application", Method::Get, "applications/@me", None).await
    }

    fn commands_path(&self, guild: Option<&str>) -> String {
        let application = segment(self.application_id());
        match guild {
            Some(guild) => format!("applications/{application}/guilds/{}/commands", segment(guild)),
            None => format!("applications/{application}/commands"),
        }
    }

    async fn send(
        &self,
        name: &'static str,
        method: Method,
        path: &str,
        body: Option<(&Value, &[File])>,
    ) -> Result<Value, Refusal> {
        let Inner { http, base, user_agent, settings, limits } = &*self.0;
        let route = path.split('?').next().unwrap_or(path);
        let as_bot = limits::is_of_bot(route);
        let mut headers = vec![("User-Agent", user_agent.clone())];
        if as_bot {
            headers.push(("Authorization", format!("Bot {}", settings.bot_token.expose())));
        }
        let body = body.map(|(json, files)| {
            let (kind, bytes) = multipart::body(json, files);
            headers.push(("Content-Type", kind));
            bytes
        });
        let permit = limits.turn(method, route).await?;
        let request = Request { name, method, url: format!("{base}{path}"), headers, body, timeout: TIMEOUT };
        let answered = http.call(request).await;
        let outcome = answer::read(answered.as_ref(), as_bot);
        if let Ok(answer) = &answered {
            limits.note(permit, route, answer, outcome.as_ref().err());
        }
        if let Err(Refusal::Invalid { code, message }) = &outcome {
            tracing::error!(call = name, code, "{name}: Discord takes what we sent for wrong: {message}");
        }
        outcome
    }
}

/// The id of what was made.
fn id_in(made: &Value) -> Result<String, Refusal> {
    let id = made.get("id").and_then(Value::as_str);
    id.map(str::to_owned).ok_or_else(|| Refusal::Unknown("an answer without an id".into()))
}

/// A part of a path: nothing in it leads elsewhere.
fn segment(text: &str) -> String {
    if text.chars().all(|c| c == '.') {
        return "_".into();
    }
    let mut written = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~=".contains(&byte) {
            written.push(char::from(byte));
        } else {
            written.push_str(&format!("%{byte:02X}"));
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_path_stays_a_part() {
        assert_eq!(segment("aW50-ZXJ_h.b3I="), "aW50-ZXJ_h.b3I=");
        assert_eq!(segment("1/../2?x#y"), "1%2F..%2F2%3Fx%23y");
        assert_eq!(segment(".."), "_");
        assert_eq!(segment(""), "_");
    }
}

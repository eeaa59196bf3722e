//! Discord (contracts/discord): its REST side at `/sandbox/discord/api/v10/…`, and the people in front
//! of their clients, whose commands, clicks and modals it signs and sends to the shop.
//!
//! It checks what Discord checks and refuses in its words. Rate limits and the three seconds of a first
//! answer run on real time; the fifteen minutes of a token, nonces and daily counts on business time.

mod act;
mod body;
mod channels;
mod check;
mod commands;
pub(crate) mod controls;
mod form;
mod interactions;
mod keys;
mod limits;
mod messages;
mod payloads;
mod places;
mod refusal;
mod respond;
mod route;
mod screen;
mod settings;
mod sight;
mod webhooks;

pub use keys::{discord_key_path, discord_public_key, discord_public_key_path};
pub use settings::{
    DISCORD_APPLICATION_ID, DISCORD_BOT_TOKEN, DISCORD_GUILD_ID, DISCORD_LOG_CHANNEL_ID,
    DISCORD_SHOP_CHANNEL_ID, DISCORD_STAFF_CHANNEL_ID, DiscordLimits, DiscordSettings,
};

use crate::{
    Error as OpenError, Settings,
    exchange::{Incoming, Reply},
    world::World,
};
use database::{Error, WriteTx};
use keys::Keys;
use limits::{Limits, Verdict};
use refusal::{BAD_AGENT, METHOD, NOT_FOUND, NOT_YOUR_APP, Refusal, UNAUTHORIZED};
use route::{NoRoute, Route};
use serde_json::{Value, json};
use std::sync::{PoisonError, RwLock};
use subtle::ConstantTimeEq;
use vocabulary::Timestamp;
use webhooks::Address;

/// How much of a request is read.
pub(crate) const REQUEST_LIMIT: usize = body::REQUEST_LIMIT;

/// What Discord has in memory: its key, the "dashboard", and what was asked for lately.
pub(crate) struct Discord {
    keys: Keys,
    limits: Limits,
    interactions_url: RwLock<Option<String>>,
    /// Sends the interactions.
    http: reqwest::Client,
}

impl Discord {
    pub(crate) fn open(settings: &Settings) -> Result<Discord, OpenError> {
        let http =
            reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build()?;
        Ok(Discord {
            keys: Keys::ensure(&settings.data_dir, &settings.ids)?,
            limits: Limits::new(settings.discord.limits),
            interactions_url: RwLock::new(settings.discord.interactions_url.clone()),
            http,
        })
    }

    pub(crate) fn public_key(&self) -> String {
        self.keys.public_hex()
    }

    pub(crate) fn set_interactions_url(&self, url: Option<&str>) {
        *self.interactions_url.write().unwrap_or_else(PoisonError::into_inner) = url.map(str::to_owned);
    }

    fn interactions_url(&self) -> Option<String> {
        self.interactions_url.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The word for what a request does; empty for a path that leads nowhere.
pub(crate) fn operation(incoming: &Incoming) -> &'static str {
    Route::of(&incoming.method, &incoming.path).map_or("", |route| route.operation())
}

/// Answers one request.
pub(crate) async fn answer(
    world: &World,
    tx: &mut WriteTx,
    incoming: &Incoming,
    now: Timestamp,
) -> Result<Reply, Error> {
    let real_now = world.clock().real_now();
    let limits = &world.discord.limits;
    if let Some(page) = limits.shut_out(incoming.peer, real_now) {
        return Ok(page);
    }
    let reply = match pass(world, tx, incoming, now).await {
        Ok(reply) => reply,
        Err(Refusal::Api(error)) => error.reply(),
        Err(Refusal::Books(error)) => return Err(error),
    };
    limits.note(incoming.peer, reply.status, real_now);
    Ok(reply)
}

async fn pass(
    world: &World,
    tx: &mut WriteTx,
    incoming: &Incoming,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    if !well_named(incoming.header("user-agent").unwrap_or_default()) {
        return Err(BAD_AGENT.into());
    }
    let route = Route::of(&incoming.method, &incoming.path).map_err(|no| match no {
        NoRoute::Path => Refusal::from(NOT_FOUND),
        NoRoute::Method => Refusal::from(METHOD),
    })?;
    if !route.is_about_an_interaction() && !knows_the_token(incoming) {
        return Err(UNAUTHORIZED.into());
    }
    let headers = match world.discord.limits.take(&route, world.clock().real_now()) {
        Verdict::Pass(headers) => headers,
        Verdict::Stop(reply) => return Ok(reply),
    };
    let mut reply = match act(world, tx, &route, incoming, now).await {
        Ok(reply) => reply,
        Err(Refusal::Api(error)) => error.reply(),
        Err(books) => return Err(books),
    };
    reply.headers.extend(headers);
    Ok(reply)
}

async fn act(
    world: &World,
    tx: &mut WriteTx,
    route: &Route,
    incoming: &Incoming,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    let payload = body::read(incoming).await?;
    let query = incoming.query.as_deref();
    match route {
        Route::PutCommands { app, guild } => {
            own(app)?;
            commands::put(tx, guild.as_deref(), &payload.json, now).await
        }
        Route::GetCommands { app, guild } => {
            own(app)?;
            commands::get(tx, guild.as_deref(), query).await
        }
        Route::Me => Ok(Reply::json(200, &me()).plain_http()),
        Route::Application => Ok(Reply::json(200, &application(world)).plain_http()),
        Route::OpenDm => channels::open_dm(world, tx, &payload, now).await,
        Route::GetChannel { channel } => channels::get_channel(tx, channel).await,
        Route::CreateMessage { channel } => channels::create(world, tx, channel, &payload, now).await,
        Route::GetMessages { channel } => channels::list(tx, channel, query).await,
        Route::GetMessage { channel, message } => channels::get(tx, channel, message).await,
        Route::EditMessage { channel, message } => {
            channels::edit(world, tx, (channel, message), &payload, now).await
        }
        Route::DeleteMessage { channel, message } => channels::delete(tx, channel, message).await,
        Route::CreateThread { channel } => channels::create_thread(tx, channel, &payload, now).await,
        Route::JoinThread { channel, user } => channels::join(tx, channel, user, now).await,
        Route::ActiveThreads { guild } => channels::active_threads(tx, guild).await,
        Route::Callback { id, token } => {
            let with_response = query.unwrap_or_default().split('&').any(|pair| pair == "with_response=true");
            webhooks::callback(world, tx, (id, token), payload, with_response, now).await
        }
        Route::FollowUp { app, token } => {
            webhooks::follow_up(world, tx, &Address { app, token, message: None }, &payload, now).await
        }
        Route::GetAnswer { app, token, message } => {
            webhooks::get(tx, &Address { app, token, message: message.as_deref() }, now).await
        }
        Route::EditAnswer { app, token, message } => {
            let address = Address { app, token, message: message.as_deref() };
            webhooks::edit(world, tx, &address, &payload, now).await
        }
        Route::DeleteAnswer { app, token, message } => {
            webhooks::delete(tx, &Address { app, token, message: message.as_deref() }, now).await
        }
    }
}

/// `DiscordBot ($url, $version)`, perhaps with more behind it.
fn well_named(agent: &str) -> bool {
    let inner =
        agent.strip_prefix("DiscordBot (").and_then(|rest| rest.split_once(')')).map(|(inner, _)| inner);
    let parts = inner.and_then(|inner| inner.split_once(','));
    parts.is_some_and(|(url, version)| reqwest::Url::parse(url.trim()).is_ok() && !version.trim().is_empty())
}

fn knows_the_token(incoming: &Incoming) -> bool {
    let given = incoming.header("authorization").and_then(|value| value.strip_prefix("Bot "));
    given.is_some_and(|given| bool::from(given.as_bytes().ct_eq(DISCORD_BOT_TOKEN.as_bytes())))
}

fn own(app: &str) -> Result<(), Refusal> {
    if app == DISCORD_APPLICATION_ID { Ok(()) } else { Err(NOT_YOUR_APP.into()) }
}

/// The bot as it sees itself.
fn me() -> Value {
    let mut bot = places::bot();
    if let Some(fields) = bot.as_object_mut() {
        fields.insert("mfa_enabled".into(), json!(true));
        fields.insert("locale".into(), json!("en-US"));
        fields.insert("verified".into(), json!(true));
        fields.insert("email".into(), Value::Null);
    }
    bot
}

/// The application as its owner sees it.
fn application(world: &World) -> Value {
    json!({
        "id": DISCORD_APPLICATION_ID, "name": "loket", "icon": null, "description": "", "type": null,
        "flags": 0, "flags_new": "0", "bot": places::bot(), "bot_public": false, "bot_require_code_grant": false,
        "verify_key": world.discord.public_key(), "redirect_uris": [], "team": null,
        "interactions_endpoint_url": world.discord.interactions_url(),
        "role_connections_verification_url": null, "owner": places::User::somebody("1290000000000000002").json(),
        "approximate_guild_count": 1, "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0, "explicit_content_filter": 0, "eligible_oauth2_scopes": [],
        "integration_types_config": {"0": {}, "1": {}}, "rpc_origins": [], "summary": "",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_names_itself_by_address_and_version() {
        for (agent, well) in [
            ("DiscordBot (https://example.com, 1.0)", true),
            ("DiscordBot (https://example.com, 0.18.0) Twilight-rs", true),
            ("DiscordBot (example, 1.0)", false),
            ("DiscordBot (https://example.com)", false),
            ("DiscordBot", false),
            ("curl/8.0", false),
            ("", false),
        ] {
            assert_eq!(well_named(agent), well, "{agent}");
        }
    }
}

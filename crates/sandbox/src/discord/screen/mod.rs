//! `GET /sandbox/discord/screen`: what somebody sees in their client, as a page without a script that
//! can be saved and opened from disk. It only shows: looking changes nothing, and no button can be
//! pressed.

mod component;
mod control;
mod embed;
mod inline;
mod links;
mod markdown;
mod media;
mod message;
mod modal;
mod moment;
mod reader;
mod style;

use super::{
    interactions::{self, Interaction},
    places::{self, Channel, User},
    sight::{self, Seen},
};
use crate::{problem::Problem, world::World};
use axum::{
    extract::{Query, State},
    http::header,
    response::{IntoResponse, Response},
};
use database::ReadTx;
use maud::{DOCTYPE, PreEscaped, html};
use media::Files;
use reader::Reader;
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

/// How many messages are shown when nobody says.
const USUAL_LIMIT: i64 = 50;
/// The answer to an interaction that opens a modal.
const MODAL: i64 = 9;
/// Pictures are in the page itself, so that nothing is loaded from anywhere.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// What the address of a screen asks for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// Who looks; without anybody, everything there is can be seen.
    user_id: Option<String>,
    channel_id: Option<String>,
    /// This message alone.
    message_id: Option<String>,
    /// The interaction whose modal lies over the messages.
    interaction_id: Option<String>,
    limit: Option<i64>,
    /// The time on the reader's own clock. Real time when it is left out: a client knows nothing of
    /// business time.
    now: Option<String>,
}

/// A message on the screen, with the files that it can show.
struct Shown {
    seen: Seen,
    files: Files,
}

/// `GET /sandbox/discord/screen`. Changes nothing.
pub(super) async fn show(
    State(world): State<Arc<World>>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let now = match asked.now.as_deref() {
        Some(text) => moment::read(text).ok_or_else(|| {
            Problem::invalid("`now` is a time such as `2026-11-22T05:00:00Z`, or seconds since 1970")
        })?,
        None => world.clock().real_now(),
    };
    let mut tx = world.db.read("world.discord.look").await?;
    let opener = opener(&mut tx, asked.interaction_id.as_deref()).await?;
    // A modal is on one screen alone, so whoever names it looks with the eyes of its person.
    let user_id = asked.user_id.as_deref().or(opener.as_ref().map(|opener| opener.user_id.as_str()));
    let user = sight::person(&mut tx, user_id).await?;
    if let (Some(opener), Some(user)) = (&opener, &user)
        && opener.user_id != user.id
    {
        let message = format!("interaction {} is not one of user {}", opener.id, user.id);
        return Err(Problem::not_found(message));
    }
    let shown = messages(&mut tx, &asked, user.as_ref()).await?;
    let reader = Reader::of(&mut tx, user.as_ref(), now).await?;
    let modal = opener.filter(|opener| opener.response_type == Some(MODAL)).and_then(|opener| opener.shown);
    Ok(page(&shown, modal.as_ref(), &reader))
}

async fn opener(tx: &mut ReadTx, id: Option<&str>) -> Result<Option<Interaction>, Problem> {
    let Some(id) = id else { return Ok(None) };
    let found = interactions::get(tx, id).await?;
    Ok(Some(found.ok_or_else(|| Problem::not_found(format!("there is no interaction {id}")))?))
}

async fn messages(tx: &mut ReadTx, asked: &Asked, user: Option<&User>) -> Result<Vec<Shown>, Problem> {
    if let Some(id) = &asked.channel_id
        && places::channel(tx, id).await?.is_none()
    {
        return Err(Problem::not_found(format!("there is no channel {id}")));
    }
    let all = match &asked.message_id {
        Some(id) => {
            let seen = sight::one(tx, user, id).await?;
            let seen = seen
                .filter(|seen| asked.channel_id.as_ref().is_none_or(|channel| *channel == seen.channel.id));
            vec![seen.ok_or_else(|| Problem::not_found(format!("no message {id} can be seen there")))?]
        }
        None => {
            let limit = asked.limit.unwrap_or(USUAL_LIMIT).clamp(1, 1_000);
            sight::latest(tx, user, asked.channel_id.as_deref(), limit).await?
        }
    };
    let mut shown = Vec::new();
    for seen in all {
        let files = Files::of(tx, &seen.message).await?;
        shown.push(Shown { seen, files });
    }
    Ok(shown)
}

fn page(shown: &[Shown], modal: Option<&Value>, reader: &Reader) -> Response {
    let name = reader.user.as_deref().map(|id| reader.person(id));
    let title = match name {
        Some(name) => format!("Discord · {name}"),
        None => "Discord".to_owned(),
    };
    let note =
        reader.locale.pick("Simulator — bukan Discord sungguhan", "Simulator — this is not the real Discord");
    let document = html! {
        (DOCTYPE)
        html lang=(reader.locale.as_str()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (title) }
                style { (PreEscaped(style::CSS)) }
            }
            body {
                header {
                    h1 { (title) }
                    p .note { (note) }
                }
                main {
                    @for group in shown.chunk_by(|a, b| a.seen.channel.id == b.seen.channel.id) {
                        @if let Some(first) = group.first() {
                            h2 { (place(&first.seen.channel, reader)) }
                        }
                        @for one in group {
                            (message::message(one, reader))
                        }
                    }
                    @if shown.is_empty() {
                        p .nothing { (reader.locale.pick("Belum ada pesan di sini.", "There is no message here.")) }
                    }
                }
                @if let Some(modal) = modal {
                    (modal::modal(modal, reader))
                }
            }
        }
    };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, document.into_string()).into_response()
}

/// Where messages stand: `#topup`, a thread, or direct messages, named after the other one in them.
fn place(channel: &Channel, reader: &Reader) -> String {
    match &channel.recipient_id {
        Some(recipient) if reader.user.as_ref() == Some(recipient) => format!("@{}", reader::BOT),
        Some(recipient) => format!("@{}", reader.person(recipient)),
        None if channel.kind == places::PRIVATE_THREAD => format!("🧵 {}", channel.name),
        None => format!("#{}", channel.name),
    }
}

/// A list of a payload; empty when there is none.
fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// A text of a payload, where it says something.
fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
}

/// Whether a payload says yes to something.
fn yes(value: &Value, name: &str) -> bool {
    value.get(name) == Some(&Value::Bool(true))
}

//! An interaction on its way to the shop: signed, sent, and answered within three seconds, or failed
//! (contracts/discord §1.2, §1.3). No transaction is open while it is sent.

use super::{
    super::{
        body::Payload,
        interactions::{self, Interaction, State},
        messages,
        payloads::{self, Kind},
        refusal::Refusal,
        respond,
    },
    Spoiled,
};
use crate::{faults::Fault, problem::Problem, world::World};
use database::{Error, ReadTx};
use serde::Serialize;
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

/// How often it is looked whether a callback has come.
const LOOK: Duration = Duration::from_millis(15);
/// What the client shows.
const FAILED: &str = "This interaction failed";

/// Why the person sees a failure.
#[derive(Debug, Serialize)]
pub(super) struct Failure {
    /// What the client shows.
    text: &'static str,
    /// `timeout`, `unreachable`, `dropped`, `http_status`, `not_json` or `refused`.
    reason: &'static str,
    detail: String,
    /// The status of the shop's answer.
    status: Option<u16>,
    /// For `refused`: what Discord says about the answer.
    error: Option<Value>,
}

/// What came back in the HTTP response.
enum Came {
    /// An answer to be processed.
    Answer(Value),
    /// Nothing: the answer comes through the callback.
    Nothing,
    Failed(Failure),
}

/// What became of it.
pub(super) enum Delivered {
    /// The person sees what the shop answered; the message of the answer had been edited this often by then.
    Answered(i64),
    /// The person sees a failure.
    Failed(Failure),
}

/// Sends it and processes the answer.
pub(super) async fn deliver(
    world: &World,
    url: &str,
    interaction: &Interaction,
    spoiled: &Spoiled,
    process_after: Duration,
) -> Result<Delivered, Problem> {
    let end = Instant::now() + world.settings.discord.answer_within;
    let body = serde_json::to_string(&interaction.body).unwrap_or_default();
    if let Some(delay) = spoiled.delay {
        tokio::time::sleep(delay.min(world.settings.discord.answer_within)).await;
    }
    let came = if spoiled.dropped {
        Came::Failed(failure("dropped", "a fault kept it from being sent"))
    } else if spoiled.twice {
        let (first, _) =
            tokio::join!(send(world, url, &body, spoiled, end), send(world, url, &body, spoiled, end));
        first
    } else {
        send(world, url, &body, spoiled, end).await
    };
    let delivered = match came {
        Came::Answer(answer) => {
            tokio::time::sleep(process_after).await;
            process(world, &interaction.id, answer).await?
        }
        Came::Nothing => wait_for_callback(world, &interaction.id, end).await?,
        Came::Failed(failure) => Delivered::Failed(failure),
    };
    match delivered {
        Delivered::Answered(edits) => Ok(Delivered::Answered(edits)),
        Delivered::Failed(failure) => close(world, &interaction.id, failure).await,
    }
}

async fn send(world: &World, url: &str, body: &str, spoiled: &Spoiled, end: Instant) -> Came {
    let timestamp = (world.clock().real_now().millis() / 1_000).to_string();
    let mut signature = world.discord.keys.sign(&timestamp, body.as_bytes());
    if spoiled.signature == Some(Fault::ForgeSignature) {
        signature = world.discord.keys.sign(&timestamp, b"something else");
    }
    let mut request = world
        .discord
        .http
        .post(url)
        .header("content-type", "application/json")
        .header("user-agent", "Discord-Interactions/1.0 (+https://discord.com)")
        .header("x-signature-timestamp", &timestamp)
        .body(body.to_owned());
    if spoiled.signature != Some(Fault::MissingSignature) {
        request = request.header("x-signature-ed25519", signature);
    }
    let work = async {
        let response = request.send().await?;
        let status = response.status().as_u16();
        let content_type = response.headers().get("content-type").and_then(|v| v.to_str().ok());
        let content_type = content_type.unwrap_or_default().to_owned();
        Ok::<_, reqwest::Error>((status, content_type, response.bytes().await?))
    };
    match tokio::time::timeout_at(end, work).await {
        Err(_) => Came::Failed(failure("timeout", "no answer in time")),
        Ok(Err(error)) => Came::Failed(failure("unreachable", &error.without_url().to_string())),
        Ok(Ok((status, content_type, bytes))) => judge(status, &content_type, &bytes),
    }
}

/// A 200 with JSON is an answer, a 202 (or nothing at all) leaves it to the callback.
fn judge(status: u16, content_type: &str, bytes: &[u8]) -> Came {
    let failed =
        |reason, detail: &str| Came::Failed(Failure { status: Some(status), ..failure(reason, detail) });
    match status {
        202 | 204 if bytes.is_empty() => Came::Nothing,
        200 if !content_type.starts_with("application/json") => {
            failed("not_json", &format!("the content type is `{content_type}`, not application/json"))
        }
        200 => match serde_json::from_slice::<Value>(bytes) {
            Ok(answer) => Came::Answer(answer),
            Err(error) => failed("not_json", &error.to_string()),
        },
        _ => failed("http_status", &format!("the endpoint answered {status}")),
    }
}

fn failure(reason: &'static str, detail: &str) -> Failure {
    Failure { text: FAILED, reason, detail: detail.into(), status: None, error: None }
}

/// Takes the answer that came inside the HTTP response, as a callback would be taken.
async fn process(world: &World, id: &str, answer: Value) -> Result<Delivered, Problem> {
    let mut tx = world.db.write("world.discord.answer").await?;
    let now = world.now();
    let Some(mut interaction) = interactions::get(&mut tx, id).await? else {
        return Err(Problem::not_found("the interaction is gone"));
    };
    if interaction.state == State::Acknowledged {
        // The callback came first; what is in the response is one answer too many.
        return Ok(Delivered::Answered(edits(&mut tx, &interaction).await?));
    }
    let outcome = respond::apply(world, &mut tx, &mut interaction, Payload::of(answer.clone()), now).await;
    let (delivered, status) = match outcome {
        Ok(()) => (Delivered::Answered(edits(&mut tx, &interaction).await?), 200),
        Err(Refusal::Api(error)) => {
            let refused = failure("refused", &error.message);
            let refused = Failure { status: Some(200), error: Some(error.body()), ..refused };
            (Delivered::Failed(refused), error.http)
        }
        Err(Refusal::Books(error)) => return Err(error.into()),
    };
    payloads::keep(&mut tx, Kind::InteractionResponse, Some(interaction.kind), &answer, status, now).await?;
    tx.commit().await?;
    Ok(delivered)
}

/// How often the message of an answer was edited until now: an edit that comes after this fills in what was deferred.
async fn edits(tx: &mut ReadTx, interaction: &Interaction) -> Result<i64, Error> {
    let Some(id) = &interaction.original_id else { return Ok(0) };
    Ok(messages::get(tx, id).await?.map_or(0, |message| message.edits))
}

async fn wait_for_callback(world: &World, id: &str, end: Instant) -> Result<Delivered, Problem> {
    loop {
        let mut tx = world.db.read("world.discord.look").await?;
        if let Some(interaction) = interactions::get(&mut tx, id).await?
            && interaction.state == State::Acknowledged
        {
            return Ok(Delivered::Answered(edits(&mut tx, &interaction).await?));
        }
        drop(tx);
        if Instant::now() >= end {
            return Ok(Delivered::Failed(failure("timeout", "202, and no callback in time")));
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Writes the failure down, unless a callback was quicker: then the person sees what it brought.
async fn close(world: &World, id: &str, failed: Failure) -> Result<Delivered, Problem> {
    let mut tx = world.db.write("world.discord.failed").await?;
    let Some(mut interaction) = interactions::get(&mut tx, id).await? else {
        return Ok(Delivered::Failed(failed));
    };
    if interaction.state == State::Acknowledged {
        return Ok(Delivered::Answered(edits(&mut tx, &interaction).await?));
    }
    interaction.state = State::Failed;
    interaction.failure = Some(format!("{}: {}", failed.reason, failed.detail));
    interactions::save(&mut tx, &interaction).await?;
    tx.commit().await?;
    Ok(Delivered::Failed(failed))
}

//! What the token of an interaction opens (contracts/discord §1.2): the callback, `@original`, and
//! follow-ups. None of it needs the bot token.

use super::{
    body::Payload,
    check::message::{EPHEMERAL, Purpose, flags},
    form::Form,
    interactions::{self, Interaction, State},
    messages::{self, Stored},
    payloads::{self, Kind},
    refusal::{At, Refusal, TOO_MANY_FOLLOW_UPS, UNKNOWN_INTERACTION, UNKNOWN_MESSAGE},
    respond,
};
use crate::{exchange::Reply, world::World};
use database::WriteTx;
use serde_json::json;
use vocabulary::Timestamp;

/// Follow-ups of an interaction where the application is installed for the user alone.
const USER_INSTALL_FOLLOW_UPS: i64 = 5;

/// Whose messages are meant: application id, token, and the message (`None` for `@original`).
pub(crate) struct Address<'a> {
    pub(crate) app: &'a str,
    pub(crate) token: &'a str,
    pub(crate) message: Option<&'a str>,
}

/// `POST /interactions/{id}/{token}/callback`.
pub(crate) async fn callback(
    world: &World,
    tx: &mut WriteTx,
    (id, token): (&str, &str),
    payload: Payload,
    with_response: bool,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    let found = interactions::get(tx, id).await?.filter(|i| i.token == token);
    let Some(mut interaction) = found else { return Err(UNKNOWN_INTERACTION.into()) };
    let json = payload.json.clone();
    let outcome = answer_in_time(world, tx, &mut interaction, payload, now).await;
    let status = status_of(&outcome, 204);
    payloads::keep(tx, Kind::InteractionResponse, Some(interaction.kind), &json, status, now).await?;
    outcome?;
    if !with_response {
        return Ok(Reply::json(204, &()).plain_http().without_body());
    }
    let message = match &interaction.original_id {
        Some(id) => messages::get(tx, id).await?,
        None => None,
    };
    let mut told = json!({"interaction": {
        "id": interaction.id, "type": interaction.kind, "channel_id": interaction.channel_id,
    }});
    if let (Some(message), Some(fields)) =
        (message, told.get_mut("interaction").and_then(|i| i.as_object_mut()))
    {
        fields.insert("response_message_id".into(), json!(message.id));
        fields.insert("response_message_loading".into(), json!(message.loading()));
        fields.insert("response_message_ephemeral".into(), json!(message.ephemeral_to.is_some()));
        if let Some(fields) = told.as_object_mut() {
            fields.insert(
                "resource".into(),
                json!({"type": interaction.response_type, "message": message.body}),
            );
        }
    }
    Ok(Reply::json(200, &told).plain_http())
}

/// Three seconds after it was sent an interaction is unknown.
async fn answer_in_time(
    world: &World,
    tx: &mut WriteTx,
    interaction: &mut Interaction,
    payload: Payload,
    now: Timestamp,
) -> Result<(), Refusal> {
    let age = world.clock().real_now().since(interaction.real_at);
    if interaction.state == State::Sent && age > world.settings.discord.answer_within {
        return Err(UNKNOWN_INTERACTION.into());
    }
    respond::apply(world, tx, interaction, payload, now).await
}

fn status_of<T>(outcome: &Result<T, Refusal>, success: u16) -> u16 {
    match outcome {
        Ok(_) => success,
        Err(Refusal::Api(error)) => error.http,
        Err(Refusal::Books(_)) => 503,
    }
}

/// `GET …/messages/{id}`.
pub(crate) async fn get(tx: &mut WriteTx, address: &Address<'_>, now: Timestamp) -> Result<Reply, Refusal> {
    let (_, message) = find(tx, address, now).await?;
    Ok(Reply::json(200, &message.body).plain_http())
}

/// `DELETE …/messages/{id}`.
pub(crate) async fn delete(
    tx: &mut WriteTx,
    address: &Address<'_>,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    let (_, message) = find(tx, address, now).await?;
    messages::delete(tx, &message.id).await?;
    Ok(Reply::json(204, &()).plain_http().without_body())
}

/// `PATCH …/messages/{id}`.
pub(crate) async fn edit(
    world: &World,
    tx: &mut WriteTx,
    address: &Address<'_>,
    payload: &Payload,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    let outcome = change(world, tx, address, payload, now).await;
    payloads::keep(tx, Kind::WebhookEdit, None, &payload.json, status_of(&outcome, 200), now).await?;
    outcome
}

async fn change(
    world: &World,
    tx: &mut WriteTx,
    address: &Address<'_>,
    payload: &Payload,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    let (_, mut message) = find(tx, address, now).await?;
    let how = (Purpose::TokenEdit, &At::default());
    messages::write(world, tx, &mut message, payload, how, now).await?;
    messages::update(tx, &mut message, now).await?;
    Ok(Reply::json(200, &message.body).plain_http())
}

/// `POST /webhooks/{app}/{token}`. Right after a deferred answer it edits the loading message, as
/// Discord still does.
pub(crate) async fn follow_up(
    world: &World,
    tx: &mut WriteTx,
    address: &Address<'_>,
    payload: &Payload,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    let outcome = follow(world, tx, address, payload, now).await;
    payloads::keep(tx, Kind::FollowUp, None, &payload.json, status_of(&outcome, 200), now).await?;
    outcome
}

async fn follow(
    world: &World,
    tx: &mut WriteTx,
    address: &Address<'_>,
    payload: &Payload,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    let mut interaction = interactions::by_token(tx, address.app, address.token, now).await?;
    if let Some(id) = &interaction.original_id
        && messages::get(tx, id).await?.is_some_and(|message| message.loading())
    {
        return change(world, tx, &Address { message: None, ..*address }, payload, now).await;
    }
    if interaction.user_installed_only() && interaction.follow_ups >= USER_INSTALL_FOLLOW_UPS {
        return Err(TOO_MANY_FOLLOW_UPS.into());
    }
    let ephemeral = flags(Form(&payload.json)) & EPHEMERAL;
    let mut message = respond::begin(tx, &interaction, ephemeral, now).await?;
    if let Some(body) = message.body.as_object_mut() {
        body.insert("type".into(), json!(0));
    }
    messages::write(world, tx, &mut message, payload, (Purpose::Answer, &At::default()), now).await?;
    messages::insert(tx, &message).await?;
    interaction.follow_ups += 1;
    interactions::save(tx, &interaction).await?;
    Ok(Reply::json(200, &message.body).plain_http())
}

/// A message that the token opens: `@original`, or one that was made through this interaction.
async fn find(
    tx: &mut WriteTx,
    address: &Address<'_>,
    now: Timestamp,
) -> Result<(Interaction, Stored), Refusal> {
    let interaction = interactions::by_token(tx, address.app, address.token, now).await?;
    let id = match address.message {
        Some(id) => Some(id.to_owned()),
        None => interaction.original_id.clone(),
    };
    let message = match id {
        Some(id) => messages::get(tx, &id).await?,
        None => None,
    };
    let own = |message: &Stored| {
        message.interaction_id.as_ref() == Some(&interaction.id)
            || interaction.original_id.as_ref() == Some(&message.id)
    };
    match message.filter(own) {
        Some(message) => Ok((interaction, message)),
        None => Err(UNKNOWN_MESSAGE.into()),
    }
}

//! The first answer to an interaction (contracts/discord §1.1): the same rules whether it comes inside
//! the HTTP response or through the callback.

use super::{
    body::Payload,
    check::{
        command,
        message::{EPHEMERAL, LOADING, Purpose, flags},
        modal,
    },
    form::Form,
    interactions::{self, AUTOCOMPLETE, COMMAND, COMPONENT, Interaction, MODAL_SUBMIT, PING, State},
    messages::{self, Stored},
    places,
    refusal::{ALREADY_ACKNOWLEDGED, At, Mistakes, Refusal, UNKNOWN_INTERACTION, UNKNOWN_MESSAGE, mistake},
};
use crate::world::World;
use database::{Error, WriteTx};
use serde_json::{Value, json};
use vocabulary::Timestamp;

const PONG: i64 = 1;
const MESSAGE: i64 = 4;
const DEFERRED_MESSAGE: i64 = 5;
const DEFERRED_UPDATE: i64 = 6;
const UPDATE: i64 = 7;
const CHOICES: i64 = 8;
const MODAL: i64 = 9;
const PREMIUM: i64 = 10;
const ACTIVITY: i64 = 12;

/// Takes the first answer, or refuses it and leaves the interaction as it was.
pub(crate) async fn apply(
    world: &World,
    tx: &mut WriteTx,
    interaction: &mut Interaction,
    payload: Payload,
    now: Timestamp,
) -> Result<(), Refusal> {
    match interaction.state {
        State::Sent => {}
        State::Acknowledged => return Err(ALREADY_ACKNOWLEDGED.into()),
        State::Failed => return Err(UNKNOWN_INTERACTION.into()),
    }
    let kind = check_type(interaction, &payload.json)?;
    let at = At::default().to("data");
    match kind {
        MESSAGE => {
            if Form(&payload.json).get("data").is_none() {
                return Err(mistake(&at, "BASE_TYPE_REQUIRED", "This field is required"));
            }
            let payload = payload.data();
            let ephemeral = flags(Form(&payload.json)) & EPHEMERAL;
            let mut message = begin(tx, interaction, ephemeral, now).await?;
            messages::write(world, tx, &mut message, &payload, (Purpose::Answer, &at), now).await?;
            messages::insert(tx, &message).await?;
            interaction.original_id = Some(message.id);
        }
        DEFERRED_MESSAGE => {
            let data = payload.data().json;
            let asked = flags(Form(&data));
            if asked & !EPHEMERAL != 0 {
                let message = "Only the flag EPHEMERAL (64) can be set on a deferred message";
                return Err(mistake(&at.to("flags"), "BITFIELD_FLAG_INVALID", message));
            }
            let message = begin(tx, interaction, asked | LOADING, now).await?;
            messages::insert(tx, &message).await?;
            interaction.original_id = Some(message.id);
        }
        DEFERRED_UPDATE => interaction.original_id = Some(source(tx, interaction).await?.id),
        UPDATE => {
            let mut message = source(tx, interaction).await?;
            if Form(&payload.json).get("data").is_some() {
                let payload = payload.data();
                messages::write(world, tx, &mut message, &payload, (Purpose::TokenEdit, &at), now).await?;
                messages::update(tx, &mut message, now).await?;
            }
            interaction.original_id = Some(message.id);
        }
        CHOICES => {
            let data = payload.data().json;
            let mut mistakes = Mistakes::default();
            if Form(&data).get("choices").is_none() {
                mistakes.add(&at.to("choices"), "BASE_TYPE_REQUIRED", "This field is required");
            }
            command::check_choices(Form(&data), &at, focused_type(interaction), &mut mistakes);
            mistakes.check()?;
            interaction.shown = Some(data);
        }
        MODAL => {
            let data = payload.data().json;
            let mut mistakes = Mistakes::default();
            modal::check(Form(&data), &at, &mut mistakes);
            mistakes.check()?;
            interaction.shown = Some(data);
        }
        // A pong, a premium prompt, an activity: nothing that is kept.
        _ => {}
    }
    interaction.response_type = Some(kind);
    interaction.state = State::Acknowledged;
    interactions::save(tx, interaction).await?;
    if let Some(opened_by) = &interaction.opened_by {
        interactions::mark_submitted(tx, opened_by).await?;
    }
    Ok(())
}

/// Which types of answers an interaction takes. That a modal opened from a component may update the
/// message is told by a library alone, so it is allowed, not demanded.
fn check_type(interaction: &Interaction, json: &Value) -> Result<i64, Refusal> {
    let from_component = interaction.source_message_id.is_some();
    let allowed: &[i64] = match interaction.kind {
        PING => &[PONG],
        COMMAND => &[MESSAGE, DEFERRED_MESSAGE, MODAL, PREMIUM, ACTIVITY],
        COMPONENT => &[MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, MODAL, ACTIVITY],
        AUTOCOMPLETE => &[CHOICES],
        MODAL_SUBMIT if from_component => &[MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE],
        _ => &[MESSAGE, DEFERRED_MESSAGE],
    };
    let kind = Form(json).kind().filter(|kind| allowed.contains(kind));
    kind.ok_or_else(|| {
        let allowed: Vec<String> = allowed.iter().map(i64::to_string).collect();
        let message = format!(
            "An interaction of type {} takes answers of type {}.",
            interaction.kind,
            allowed.join(", ")
        );
        mistake(&At::default().to("type"), "BASE_TYPE_CHOICES", message)
    })
}

/// The type of the option that the user is typing in.
fn focused_type(interaction: &Interaction) -> i64 {
    fn find(options: &Value) -> Option<i64> {
        options.as_array()?.iter().find_map(|option| {
            if option.get("focused") == Some(&Value::Bool(true)) {
                return option.get("type").and_then(Value::as_i64);
            }
            option.get("options").and_then(find)
        })
    }
    interaction.body.get("data").and_then(|data| data.get("options")).and_then(find).unwrap_or(3)
}

async fn source(tx: &mut WriteTx, interaction: &Interaction) -> Result<Stored, Refusal> {
    let Some(id) = &interaction.source_message_id else { return Err(UNKNOWN_MESSAGE.into()) };
    messages::get(tx, id).await?.ok_or_else(|| UNKNOWN_MESSAGE.into())
}

/// A message of this interaction with nothing in it yet.
pub(crate) async fn begin(
    tx: &mut WriteTx,
    interaction: &Interaction,
    flags: i64,
    now: Timestamp,
) -> Result<Stored, Error> {
    // A slash command's answer is CHAT_INPUT_COMMAND (20).
    let kind = if interaction.kind == COMMAND { 20 } else { 0 };
    let mut message = messages::blank(tx, &interaction.channel_id, kind, flags, now).await?;
    message.interaction_id = Some(interaction.id.clone());
    message.ephemeral_to = (flags & EPHEMERAL != 0).then(|| interaction.user_id.clone());
    let metadata = metadata(tx, interaction).await?;
    if let Some(body) = message.body.as_object_mut() {
        body.insert("webhook_id".into(), json!(super::settings::DISCORD_APPLICATION_ID));
        body.insert("application_id".into(), json!(super::settings::DISCORD_APPLICATION_ID));
        body.insert("interaction_metadata".into(), metadata);
    }
    Ok(message)
}

/// `interaction_metadata` of a message.
async fn metadata(tx: &mut WriteTx, interaction: &Interaction) -> Result<Value, Error> {
    let mut metadata = plain_metadata(tx, interaction).await?;
    if interaction.kind == MODAL_SUBMIT
        && let Some(opened_by) = &interaction.opened_by
        && let Some(opener) = interactions::get(tx, opened_by).await?
    {
        let opener = plain_metadata(tx, &opener).await?;
        if let Some(fields) = metadata.as_object_mut() {
            fields.insert("triggering_interaction_metadata".into(), opener);
        }
    }
    Ok(metadata)
}

async fn plain_metadata(tx: &mut WriteTx, interaction: &Interaction) -> Result<Value, Error> {
    let user = places::user(tx, &interaction.user_id).await?;
    let user = user.unwrap_or_else(|| places::User::somebody(&interaction.user_id));
    let mut metadata = json!({
        "id": interaction.id, "type": interaction.kind, "user": user.json(),
        "authorizing_integration_owners": interaction.body.get("authorizing_integration_owners"),
    });
    if interaction.kind == COMPONENT
        && let Some(fields) = metadata.as_object_mut()
    {
        fields.insert("interacted_message_id".into(), json!(interaction.source_message_id));
    }
    Ok(metadata)
}

//! Interactions as Discord keeps them: whose they are, whether they were answered in time, and which
//! message `@original` is.

use super::refusal::{EXPIRED_TOKEN, Refusal, UNKNOWN_WEBHOOK};
use super::settings::DISCORD_APPLICATION_ID;
use database::{Error, FromRow, Json, ReadTx, Row, WriteTx, sql};
use serde_json::Value;
use std::time::Duration;
use vocabulary::Timestamp;

/// How long the token of an interaction is valid (contracts/discord §1.2), in business time.
pub(crate) const TOKEN_LIFE: Duration = Duration::from_secs(900);

pub(crate) const PING: i64 = 1;
pub(crate) const COMMAND: i64 = 2;
pub(crate) const COMPONENT: i64 = 3;
pub(crate) const AUTOCOMPLETE: i64 = 4;
pub(crate) const MODAL_SUBMIT: i64 = 5;

vocabulary::text_enum!(
    /// How far an interaction is.
    pub(crate) enum State {
        /// On its way; no first answer yet.
        Sent = "sent",
        /// Answered in time.
        Acknowledged = "acknowledged",
        /// Not answered in time, or with something that cannot be shown.
        Failed = "failed",
    }
);
database::text_column!(State);

/// One interaction.
#[derive(Clone, Debug)]
pub(crate) struct Interaction {
    pub(crate) id: String,
    pub(crate) token: String,
    pub(crate) kind: i64,
    pub(crate) user_id: String,
    pub(crate) channel_id: String,
    /// The message that its component, or the component that opened its modal, is on.
    pub(crate) source_message_id: Option<String>,
    /// The interaction that opened the modal which this one submits.
    pub(crate) opened_by: Option<String>,
    pub(crate) state: State,
    pub(crate) response_type: Option<i64>,
    /// What `@original` is.
    pub(crate) original_id: Option<String>,
    /// The modal or the choices that were answered with.
    pub(crate) shown: Option<Value>,
    /// Its modal was submitted with success.
    pub(crate) submitted: bool,
    pub(crate) follow_ups: i64,
    pub(crate) failure: Option<String>,
    /// When it was sent, in real time.
    pub(crate) real_at: Timestamp,
    pub(crate) created_at: Timestamp,
    /// The envelope that was sent.
    pub(crate) body: Value,
}

impl FromRow for Interaction {
    fn from_row(row: &Row) -> Result<Self, Error> {
        let Json(body) = row.get("body")?;
        let shown: Option<Json<Value>> = row.get("shown")?;
        Ok(Interaction {
            id: row.get("id")?,
            token: row.get("token")?,
            kind: row.get("kind")?,
            user_id: row.get("user_id")?,
            channel_id: row.get("channel_id")?,
            source_message_id: row.get("source_message_id")?,
            opened_by: row.get("opened_by")?,
            state: row.get("state")?,
            response_type: row.get("response_type")?,
            original_id: row.get("original_id")?,
            shown: shown.map(|Json(shown)| shown),
            submitted: row.get("submitted")?,
            follow_ups: row.get("follow_ups")?,
            failure: row.get("failure")?,
            real_at: row.get("real_at")?,
            created_at: row.get("created_at")?,
            body,
        })
    }
}

impl Interaction {
    /// Whether the application is installed for the user alone where this happened.
    pub(crate) fn user_installed_only(&self) -> bool {
        let owners = self.body.get("authorizing_integration_owners").and_then(Value::as_object);
        owners.is_some_and(|owners| owners.len() == 1 && owners.contains_key("1"))
    }
}

/// Writes a new interaction down.
pub(crate) async fn insert(tx: &mut WriteTx, i: &Interaction) -> Result<(), Error> {
    sql!(
        "INSERT INTO world_discord_interaction
            (id, token, kind, user_id, channel_id, source_message_id, opened_by, state, response_type, original_id,
             shown, submitted, follow_ups, failure, real_at, created_at, body)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)"
    )
    .bind(&i.id)
    .bind(&i.token)
    .bind(i.kind)
    .bind(&i.user_id)
    .bind(&i.channel_id)
    .bind(i.source_message_id.as_ref())
    .bind(i.opened_by.as_ref())
    .bind(i.state)
    .bind(i.response_type)
    .bind(i.original_id.as_ref())
    .bind(i.shown.as_ref().map(Json))
    .bind(i.submitted)
    .bind(i.follow_ups)
    .bind(i.failure.as_ref())
    .bind(i.real_at)
    .bind(i.created_at)
    .bind(Json(&i.body))
    .run(tx)
    .await?;
    Ok(())
}

/// Writes down what has changed about one.
pub(crate) async fn save(tx: &mut WriteTx, i: &Interaction) -> Result<(), Error> {
    sql!(
        "UPDATE world_discord_interaction
         SET state = $2, response_type = $3, original_id = $4, shown = $5, submitted = $6, follow_ups = $7,
             failure = $8
         WHERE id = $1"
    )
    .bind(&i.id)
    .bind(i.state)
    .bind(i.response_type)
    .bind(i.original_id.as_ref())
    .bind(i.shown.as_ref().map(Json))
    .bind(i.submitted)
    .bind(i.follow_ups)
    .bind(i.failure.as_ref())
    .run(tx)
    .await?;
    Ok(())
}

/// One by its id.
pub(crate) async fn get(tx: &mut ReadTx, id: &str) -> Result<Option<Interaction>, Error> {
    sql!("SELECT * FROM world_discord_interaction WHERE id = $1").bind(id).optional(tx).await
}

/// The newest.
pub(crate) async fn newest(tx: &mut ReadTx, limit: i64) -> Result<Vec<Interaction>, Error> {
    sql!("SELECT * FROM world_discord_interaction ORDER BY id DESC LIMIT $1").bind(limit).all(tx).await
}

/// The interaction whose token gives access to its messages: unknown until it was answered (10015, as
/// in the race of contracts/discord §1.2), and refused fifteen minutes after it came into being (50027).
pub(crate) async fn by_token(
    tx: &mut ReadTx,
    app: &str,
    token: &str,
    now: Timestamp,
) -> Result<Interaction, Refusal> {
    if app != DISCORD_APPLICATION_ID {
        return Err(UNKNOWN_WEBHOOK.into());
    }
    let found: Option<Interaction> =
        sql!("SELECT * FROM world_discord_interaction WHERE token = $1").bind(token).optional(tx).await?;
    let Some(interaction) = found else { return Err(UNKNOWN_WEBHOOK.into()) };
    if now.since(interaction.created_at) >= TOKEN_LIFE {
        return Err(EXPIRED_TOKEN.into());
    }
    if interaction.state != State::Acknowledged {
        return Err(UNKNOWN_WEBHOOK.into());
    }
    Ok(interaction)
}

/// Notes that the modal which an interaction opened was taken.
pub(crate) async fn mark_submitted(tx: &mut WriteTx, id: &str) -> Result<(), Error> {
    sql!("UPDATE world_discord_interaction SET submitted = 1 WHERE id = $1").bind(id).run(tx).await?;
    Ok(())
}

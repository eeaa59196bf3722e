//! Every payload that the bot has sent, with what became of it: to be judged by others.

use database::{Error, FromRow, Json, ReadTx, Row, WriteTx, sql};
use serde_json::Value;
use vocabulary::Timestamp;

/// How many are kept.
const KEPT: i64 = 10_000;

vocabulary::text_enum!(
    /// What a payload is.
    pub(crate) enum Kind {
        /// The first answer to an interaction, by HTTP or by callback.
        InteractionResponse = "interaction_response",
        /// A message in a channel.
        MessageCreate = "message_create",
        /// A change of one.
        MessageEdit = "message_edit",
        /// A change through the token of an interaction.
        WebhookEdit = "webhook_edit",
        /// A further message through the token of an interaction.
        FollowUp = "follow_up",
        /// The list of commands.
        CommandList = "command_list",
        /// A thread.
        ThreadCreate = "thread_create",
    }
);
database::text_column!(Kind);

/// One payload.
pub(crate) struct Sent {
    pub(crate) seq: i64,
    pub(crate) kind: Kind,
    /// For an answer: the type of the interaction that it answers.
    pub(crate) interaction_type: Option<i64>,
    /// What was answered; for an answer inside an HTTP response, 200 or 400 as a callback would get.
    pub(crate) status: i64,
    pub(crate) at: Timestamp,
    pub(crate) body: Value,
}

impl FromRow for Sent {
    fn from_row(row: &Row) -> Result<Self, Error> {
        let Json(body) = row.get("body")?;
        Ok(Sent {
            seq: row.get("seq")?,
            kind: row.get("kind")?,
            interaction_type: row.get("interaction_type")?,
            status: row.get("status")?,
            at: row.get("at")?,
            body,
        })
    }
}

/// Writes a payload down.
pub(crate) async fn keep(
    tx: &mut WriteTx,
    kind: Kind,
    interaction_type: Option<i64>,
    body: &Value,
    status: u16,
    now: Timestamp,
) -> Result<(), Error> {
    let newest: Option<i64> = sql!("SELECT MAX(seq) FROM world_discord_payload").query().one(tx).await?;
    let seq = newest.unwrap_or(0).saturating_add(1);
    sql!(
        "INSERT INTO world_discord_payload (seq, kind, interaction_type, status, at, body)
         VALUES ($1, $2, $3, $4, $5, $6)"
    )
    .bind(seq)
    .bind(kind)
    .bind(interaction_type)
    .bind(i64::from(status))
    .bind(now)
    .bind(Json(body))
    .run(tx)
    .await?;
    sql!("DELETE FROM world_discord_payload WHERE seq <= $1").bind(seq.saturating_sub(KEPT)).run(tx).await?;
    Ok(())
}

/// Those after a place, oldest first; all that are kept without a limit.
pub(crate) async fn after(tx: &mut ReadTx, seq: i64, limit: Option<i64>) -> Result<Vec<Sent>, Error> {
    sql!("SELECT * FROM world_discord_payload WHERE seq > $1 ORDER BY seq LIMIT $2")
        .bind(seq)
        .bind(limit.unwrap_or(KEPT).clamp(1, KEPT))
        .all(tx)
        .await
}

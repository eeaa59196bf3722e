//! What staff ask for under a key of theirs, as a request over HTTP does whose answer may be lost: it is carried out
//! once. What became of it is kept with the key in the transaction that carries it out, so that whoever comes with the
//! key again hears of it, and a key alone never passes for a decision.

use database::{Error, WriteTx, sql};
use serde_json::Value;
use vocabulary::{IdempotencyKey, Timestamp};

/// The key of a request, and what was asked for under it.
#[derive(Clone, Debug)]
pub struct Once<'a> {
    /// Whose key it is: keys of others are other keys.
    pub owner: &'a str,
    /// Their key.
    pub key: &'a IdempotencyKey,
    /// Hash of what is asked for.
    pub request_hash: &'a str,
}

/// What became of a decision that comes with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decided<T> {
    /// It was made now.
    Now(T),
    /// It was made before under this key: nothing was done now.
    Before,
}

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// Nothing: it is carried out now.
    Nothing,
    /// What was answered when it was carried out.
    Answer(Value),
    /// It was taken by an older version, which decided after that, or never did.
    Unanswered,
    /// It belongs to another request.
    OfAnother,
}

/// What is known of this key. The caller holds the row of the order, or of the buyer: of two requests with one key at
/// the same moment the second sees what became of the first.
pub(crate) async fn known(tx: &mut WriteTx, once: &Once<'_>) -> Result<Known, Error> {
    let known: Option<(String, Option<String>)> =
        sql!("SELECT body_hash, answer FROM idempotency_key WHERE owner = $1 AND key = $2")
            .bind(once.owner)
            .bind(once.key)
            .optional(tx)
            .await?;
    match known {
        None => Ok(Known::Nothing),
        Some((hash, _)) if hash != once.request_hash => Ok(Known::OfAnother),
        Some((_, None)) => Ok(Known::Unanswered),
        Some((_, Some(answer))) => {
            serde_json::from_str(&answer).map(Known::Answer).map_err(|_| unreadable(once))
        }
    }
}

/// Keeps the answer under the key, with the id of what it is about: of an order, as the column is called, or of a
/// buyer. False when another request with the same key came first.
pub(crate) async fn remember(
    tx: &mut WriteTx,
    once: &Once<'_>,
    about: &str,
    answer: &Value,
    now: Timestamp,
) -> Result<bool, Error> {
    let stored = sql!(
        "INSERT INTO idempotency_key (owner, key, body_hash, order_id, created_at, answer)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (owner, key) DO NOTHING"
    )
    .bind(once.owner)
    .bind(once.key)
    .bind(once.request_hash)
    .bind(about)
    .bind(now)
    .bind(answer.to_string())
    .run(tx)
    .await?;
    Ok(stored > 0)
}

/// What stands under a key is not what this version keeps there.
pub(crate) fn unreadable(once: &Once<'_>) -> Error {
    let reason = format!("the answer under {} cannot be read", once.key.as_str());
    Error::Column { column: "answer".into(), reason }
}

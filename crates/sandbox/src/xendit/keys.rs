//! What makes a repetition harmless, and what makes too many calls wait: idempotency keys, and the counter
//! behind the headers that tell the limit (contracts/payments §3.1, §3.3).

use super::refusal::Refusal;
use crate::exchange::{Incoming, Reply};
use axum::http::HeaderName;
use database::{Error, FromRow, Row, WriteTx, sql};
use vocabulary::Timestamp;

/// As the newer library names it, and as the older one does.
const HEADERS: [&str; 2] = ["idempotency-key", "x-idempotency-key"];
const MINUTE_MS: i64 = 60_000;

/// What was answered under a key.
struct Stored {
    content: String,
    status: i64,
    answer: String,
}

impl FromRow for Stored {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Stored { content: row.get("content")?, status: row.get("status")?, answer: row.get("answer")? })
    }
}

/// The key of a call, if it has one.
pub(super) fn key(incoming: &Incoming) -> Option<&str> {
    HEADERS.into_iter().find_map(|name| incoming.header(name)).filter(|key| !key.is_empty())
}

/// What was answered to the same call under the same key, which is one within its scope. Another call under
/// it is refused; that the code of that is this one is UNVERIFIED.
pub(super) async fn replay(
    tx: &mut WriteTx,
    scope: &str,
    key: &str,
    content: &[u8],
) -> Result<Option<Result<Reply, Refusal>>, Error> {
    let stored: Option<Stored> =
        sql!("SELECT content, status, answer FROM world_xendit_key WHERE operation = $1 AND key = $2")
            .bind(scope)
            .bind(key)
            .optional(tx)
            .await?;
    let Some(stored) = stored else { return Ok(None) };
    if stored.content != String::from_utf8_lossy(content) {
        return Ok(Some(Err(Refusal::new(
            409,
            "IDEMPOTENCY_ERROR",
            "The idempotency key was used for another request",
        ))));
    }
    let mut reply = Reply::json(u16::try_from(stored.status).unwrap_or(200), &()).plain_http();
    reply.body = stored.answer.into_bytes();
    Ok(Some(Ok(reply)))
}

/// Keeps a success for repetitions. What failed may be tried again under its key; whether it may at the
/// real one is UNVERIFIED.
pub(super) async fn keep(
    tx: &mut WriteTx,
    scope: &str,
    key: &str,
    content: &[u8],
    reply: &Reply,
) -> Result<(), Error> {
    if !(200..300).contains(&reply.status) {
        return Ok(());
    }
    sql!(
        "INSERT INTO world_xendit_key (operation, key, content, status, answer) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (operation, key) DO NOTHING"
    )
    .bind(scope)
    .bind(key)
    .bind(String::from_utf8_lossy(content).as_ref())
    .bind(i64::from(reply.status))
    .bind(String::from_utf8_lossy(&reply.body).as_ref())
    .run(tx)
    .await?;
    Ok(())
}

/// What is left of the limit of an operation in this minute of business time.
pub(super) struct Allowance {
    limit: i64,
    left: i64,
    reset_seconds: i64,
    /// Whether this call is one too many.
    pub(super) exceeded: bool,
}

impl Allowance {
    /// Counts a call.
    pub(super) async fn take(
        tx: &mut WriteTx,
        operation: &str,
        limit: u32,
        now: Timestamp,
    ) -> Result<Allowance, Error> {
        let (minute, limit) = (now.millis().div_euclid(MINUTE_MS), i64::from(limit));
        sql!(
            "INSERT INTO world_xendit_rate (operation, minute, used) VALUES ($1, $2, 1)
             ON CONFLICT (operation) DO UPDATE SET
                used = CASE WHEN world_xendit_rate.minute = $2 THEN world_xendit_rate.used + 1 ELSE 1 END,
                minute = $2"
        )
        .bind(operation)
        .bind(minute)
        .run(tx)
        .await?;
        let used: i64 =
            sql!("SELECT used FROM world_xendit_rate WHERE operation = $1").bind(operation).one(tx).await?;
        let rest = MINUTE_MS.saturating_sub(now.millis().rem_euclid(MINUTE_MS));
        Ok(Allowance {
            limit,
            left: limit.saturating_sub(used).max(0),
            reset_seconds: rest.saturating_add(999).div_euclid(1_000),
            exceeded: used > limit,
        })
    }

    /// Writes it into the headers of an answer. That the last one counts seconds is UNVERIFIED.
    pub(super) fn tell(&self, mut reply: Reply) -> Reply {
        for (name, value) in [
            ("rate-limit-limit", self.limit),
            ("rate-limit-remaining", self.left),
            ("rate-limit-reset", self.reset_seconds),
        ] {
            reply.headers.push((HeaderName::from_static(name), value.to_string()));
        }
        reply
    }
}

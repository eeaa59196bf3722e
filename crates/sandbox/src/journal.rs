//! The log of requests that each party got, newest first and capped. Credentials are masked.

use crate::{
    exchange::{Incoming, Reply},
    faults::Fault,
    mask,
    world::Target,
};
use axum::http::{HeaderMap, header};
use database::{Error, FromRow, Json, ReadTx, Row, WriteTx, sql};
use std::collections::BTreeMap;
use vocabulary::Timestamp;

/// How many requests are kept for each party.
pub(crate) const KEPT: i64 = 1_000;
/// How much of a body is kept.
const BODY_BYTES: usize = 4_096;

/// One request as it was logged.
pub(crate) struct Logged {
    pub(crate) seq: i64,
    pub(crate) at: Timestamp,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
    pub(crate) status: i64,
    pub(crate) answer: String,
    pub(crate) fault: Option<Fault>,
}

impl FromRow for Logged {
    fn from_row(row: &Row) -> Result<Self, Error> {
        let Json(headers) = row.get("headers")?;
        Ok(Logged {
            seq: row.get("seq")?,
            at: row.get("at")?,
            method: row.get("method")?,
            path: row.get("path")?,
            headers,
            body: row.get("body")?,
            status: row.get("status")?,
            answer: row.get("answer")?,
            fault: row.get("fault")?,
        })
    }
}

/// Writes down a request and what will be answered.
pub(crate) async fn record(
    tx: &mut WriteTx,
    target: Target,
    incoming: &Incoming,
    reply: &Reply,
    fault: Option<Fault>,
    now: Timestamp,
) -> Result<(), Error> {
    let newest: Option<i64> =
        sql!("SELECT MAX(seq) FROM world_request WHERE target = $1").bind(target).one(tx).await?;
    let seq = newest.unwrap_or(0).saturating_add(1);
    let answer = if reply.is_text() {
        shorten(&reply.body)
    } else {
        format!("<{} of {} bytes>", reply.content_type, reply.body.len())
    };
    sql!(
        "INSERT INTO world_request (target, seq, at, method, path, headers, body, status, answer, fault)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    )
    .bind(target)
    .bind(seq)
    .bind(now)
    .bind(incoming.method.as_str())
    .bind(shorten(mask::path(&incoming.full_path()).as_bytes()))
    .bind(Json(masked(&incoming.headers)))
    .bind(shorten(&mask::body(incoming.header("content-type"), &incoming.body)))
    .bind(i64::from(reply.status))
    .bind(answer)
    .bind(fault)
    .run(tx)
    .await?;
    sql!("DELETE FROM world_request WHERE target = $1 AND seq <= $2")
        .bind(target)
        .bind(seq.saturating_sub(KEPT))
        .run(tx)
        .await?;
    Ok(())
}

/// What was logged for a party, newest first.
pub(crate) async fn all(tx: &mut ReadTx, target: Target) -> Result<Vec<Logged>, Error> {
    sql!(
        "SELECT seq, at, method, path, headers, body, status, answer, fault FROM world_request
         WHERE target = $1 ORDER BY seq DESC LIMIT 1000"
    )
    .bind(target)
    .all(tx)
    .await
}

fn masked(headers: &HeaderMap) -> BTreeMap<String, String> {
    let secret = [header::AUTHORIZATION, header::COOKIE, header::PROXY_AUTHORIZATION];
    let shown = headers.iter().map(|(name, value)| {
        let value = if secret.contains(name) { "***".into() } else { shorten(value.as_bytes()) };
        (name.to_string(), value)
    });
    shown.take(64).collect()
}

/// Text of at most [`BODY_BYTES`] without NUL, which not every database stores.
fn shorten(bytes: &[u8]) -> String {
    let kept = bytes.get(..BODY_BYTES).unwrap_or(bytes);
    String::from_utf8_lossy(kept).replace('\0', "\u{FFFD}")
}

//! A wish of staff that comes twice under one key, as a request over HTTP does whose answer was lost: it is carried
//! out once, and the second gets the answer that the first got.

use super::{error::RefundError, request::RefundAnswer};
use database::{Error, WriteTx, sql};
use serde_json::{Value, json};
use std::str::FromStr;
use vocabulary::{IdempotencyKey, OrderId, Rupiah, Timestamp};

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

/// The answer that was given under this key before.
pub(super) async fn replayed(tx: &mut WriteTx, once: &Once<'_>) -> Result<Option<RefundAnswer>, RefundError> {
    let known: Option<(String, Option<String>)> =
        sql!("SELECT body_hash, answer FROM idempotency_key WHERE owner = $1 AND key = $2")
            .bind(once.owner)
            .bind(once.key)
            .optional(tx)
            .await?;
    match known {
        None => Ok(None),
        Some((hash, answer)) if hash == once.request_hash => {
            let read = answer.as_deref().and_then(|text| serde_json::from_str(text).ok());
            let answer = read.as_ref().and_then(from_json).ok_or_else(|| {
                let reason = format!("the answer under {} cannot be read", once.key.as_str());
                Error::Column { column: "answer".into(), reason }
            })?;
            Ok(Some(answer))
        }
        Some(_) => Err(RefundError::KeyReused),
    }
}

/// Keeps the answer under the key. False when another request with the same key came first.
pub(super) async fn remember(
    tx: &mut WriteTx,
    once: &Once<'_>,
    order: &OrderId,
    answer: &RefundAnswer,
    now: Timestamp,
) -> Result<bool, Error> {
    let stored = sql!(
        "INSERT INTO idempotency_key (owner, key, body_hash, order_id, created_at, answer)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (owner, key) DO NOTHING"
    )
    .bind(once.owner)
    .bind(once.key)
    .bind(once.request_hash)
    .bind(order)
    .bind(now)
    .bind(as_json(answer).to_string())
    .run(tx)
    .await?;
    Ok(stored > 0)
}

fn as_json(answer: &RefundAnswer) -> Value {
    json!({
        "request": answer.request.as_str(), "amount": answer.amount.get(), "to": answer.target.as_str(),
        "not_to_source": answer.not_to_source, "waits": answer.waits, "state": answer.state.as_str(),
    })
}

fn from_json(read: &Value) -> Option<RefundAnswer> {
    fn word<T: FromStr>(read: &Value, name: &str) -> Option<T> {
        read.get(name)?.as_str()?.parse().ok()
    }
    Some(RefundAnswer {
        request: word(read, "request")?,
        amount: Rupiah::new(read.get("amount")?.as_i64()?),
        target: word(read, "to")?,
        not_to_source: read.get("not_to_source")?.as_str().map(str::to_owned),
        waits: read.get("waits")?.as_bool()?,
        state: word(read, "state")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{OrderState, RefundTarget};
    use vocabulary::{Ids, RefundRequestId};

    #[test]
    fn an_answer_reads_back_as_it_was_given() {
        for (why, waits) in [(None, true), (Some("it was paid too long ago".to_owned()), false)] {
            let answer = RefundAnswer {
                request: RefundRequestId::new(&Ids::seeded(1), Timestamp::from_millis(1_795_323_600_000)),
                amount: Rupiah::new(20_000),
                target: RefundTarget::Wallet,
                not_to_source: why,
                waits,
                state: OrderState::NeedsAttention,
            };
            assert_eq!(from_json(&as_json(&answer)), Some(answer));
        }
        assert_eq!(from_json(&json!({"amount": 1})), None);
    }
}

//! A refund that is wanted twice under one key is given once, and the second request gets the answer that the first
//! got.

use super::{error::RefundError, request::RefundAnswer};
use crate::once::{self, Known, Once};
use database::{Error, WriteTx};
use serde_json::{Value, json};
use std::str::FromStr;
use vocabulary::{OrderId, Rupiah, Timestamp};

/// The answer that was given under this key before.
pub(super) async fn replayed(tx: &mut WriteTx, once: &Once<'_>) -> Result<Option<RefundAnswer>, RefundError> {
    match once::known(tx, once).await? {
        Known::Nothing => Ok(None),
        Known::Answer(answer) => Ok(Some(from_json(&answer).ok_or_else(|| once::unreadable(once))?)),
        Known::Unanswered => Err(once::unreadable(once).into()),
        Known::OfAnother => Err(RefundError::KeyReused),
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
    once::remember(tx, once, order.as_str(), &as_json(answer), now).await
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

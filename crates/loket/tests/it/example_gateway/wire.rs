//! Their JSON and our types. Lenient in what is read: a field that is not known is passed over, a word that is
//! not known is no payment, and an answer that is not about this payment says nothing.

use outside::Answer;
use payments::{
    ChargeOutcome, ChargeRequest, Notification, Observation, ObservedState, Opened, RefusalReason, Sent,
    StatusOutcome,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use vocabulary::Rupiah;

/// What opens a payment.
pub(super) fn charge(request: &ChargeRequest) -> Vec<u8> {
    let body = json!({
        "id": request.reference.to_string(),
        "amount": request.amount.get(),
        "expires_at_ms": request.expires_at.millis(),
        "notify_url": request.notify_url,
    });
    body.to_string().into_bytes()
}

/// What an answer to that means.
pub(super) fn charged(request: &ChargeRequest, answer: &Answer) -> ChargeOutcome {
    let unknown = || ChargeOutcome::Unknown {
        reason: format!("HTTP {}", answer.status),
        retry_after: answer.retry_after,
    };
    match (answer.status, read(&answer.body)) {
        (201, Some(body)) if is_about(&body, &request.reference.to_string()) => match opened(&body) {
            Some(opened) => ChargeOutcome::Opened(opened),
            None => unknown(),
        },
        (409, Some(_)) => ChargeOutcome::Exists,
        (400 | 401 | 403, Some(body)) => ChargeOutcome::Refused {
            code: answer.status.to_string(),
            message: body["error"].as_str().unwrap_or_default().to_owned(),
            reason: RefusalReason::Other,
        },
        // A bare one may be said by somebody between, after it was acted on.
        (429, Some(body)) if body["error"] == "too many" => {
            ChargeOutcome::NotOpened { reason: "too many".into(), retry_after: answer.retry_after }
        }
        _ => unknown(),
    }
}

/// What an answer to a question means.
pub(super) fn status(sent: &Sent, answer: &Answer) -> StatusOutcome {
    match (answer.status, read(&answer.body)) {
        (200, Some(body)) if is_about(&body, &sent.reference.to_string()) => {
            let stated = body["state"].as_str().unwrap_or_default().to_owned();
            StatusOutcome::Found(Observation {
                state: state(&stated),
                stated,
                amount: body["amount"].as_i64().map(Rupiah::new),
                given_back: None,
                refunds: None,
                opened: opened(&body).unwrap_or_default(),
            })
        }
        // Nothing but its own word means that there is nothing.
        (404, Some(body)) if body["error"] == "no such payment" => StatusOutcome::NotFound,
        _ => StatusOutcome::Unknown {
            reason: format!("HTTP {}", answer.status),
            retry_after: answer.retry_after,
        },
    }
}

/// Which payment a webhook is about.
pub(super) fn notification(body: &[u8]) -> Option<Notification> {
    let body = read(body)?;
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    Some(Notification { reference: text("id")?, stated: text("state").unwrap_or_default() })
}

/// Hex SHA-256 of the key and the body, to the byte.
pub(super) fn signature(key: &str, body: &[u8]) -> String {
    hex::encode(Sha256::new().chain_update(key.as_bytes()).chain_update(body).finalize())
}

fn state(word: &str) -> ObservedState {
    match word {
        "waiting" => ObservedState::Pending,
        "paid" => ObservedState::Settled,
        "closed" => ObservedState::Cancelled,
        "expired" => ObservedState::Expired,
        _ => ObservedState::Unrecognised,
    }
}

fn opened(body: &Value) -> Option<Opened> {
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    let redirect_url = Some(text("page")?);
    Some(Opened { transaction_id: text("number")?, redirect_url, ..Opened::default() })
}

fn is_about(body: &Value, reference: &str) -> bool {
    body["id"] == reference
}

fn read(body: &[u8]) -> Option<Value> {
    serde_json::from_slice::<Value>(body).ok().filter(Value::is_object)
}

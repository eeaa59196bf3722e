//! Their JSON and our types. Lenient in what is read: a field that is not known is passed over, a word that is not
//! known decides nothing, and an answer that is not about this order says nothing.

use outside::Answer;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use suppliers::{Deposit, Purchase, Report, SupplierWebhook, Verdict};
use vocabulary::Rupiah;

/// What orders, and asks.
pub(super) fn order(purchase: &Purchase) -> Vec<u8> {
    let body = json!({
        "id": purchase.reference.to_string(),
        "product": purchase.sku,
        "account": purchase.customer_no,
        "most": purchase.max_price.get(),
        "notify_url": purchase.notify_url,
    });
    body.to_string().into_bytes()
}

/// What an answer to that means.
pub(super) fn report(reference: &str, answer: &Answer) -> Report {
    let unknown = || Report::bare(Verdict::Unknown, format!("HTTP {}", answer.status));
    match (answer.status, read(&answer.body)) {
        (200, Some(body)) if body["id"] == reference => stated(&body),
        // Refusals in its own words prove that nothing was bought.
        (409, Some(body)) if body["error"] == "above the most" => {
            Report::bare(Verdict::FailedPrice, "above the most")
        }
        (402, Some(body)) if body["error"] == "no deposit" => {
            Report::bare(Verdict::RefusedBalance, "no deposit")
        }
        (401, Some(_)) => Report::bare(Verdict::RefusedConfiguration, "the key is not known"),
        _ => unknown(),
    }
}

/// What is left of the deposit.
pub(super) fn balance(answer: &Answer) -> Deposit {
    match read(&answer.body).and_then(|body| body["left"].as_i64()) {
        Some(left) if answer.status == 200 => Deposit::Left(Rupiah::new(left)),
        _ => Deposit::Silent { reason: format!("HTTP {}", answer.status) },
    }
}

/// What a webhook says.
pub(super) fn news(body: &[u8]) -> Option<SupplierWebhook> {
    let body = read(body)?;
    let reference = body["id"].as_str()?.to_owned();
    Some(SupplierWebhook::News { reference, report: stated(&body) })
}

/// Hex SHA-256 of the key and the body, to the byte.
pub(super) fn signature(key: &str, body: &[u8]) -> String {
    hex::encode(Sha256::new().chain_update(key.as_bytes()).chain_update(body).finalize())
}

fn stated(body: &Value) -> Report {
    let word = body["state"].as_str().unwrap_or_default();
    let verdict = match word {
        "taken" => Verdict::Pending,
        "done" => Verdict::Succeeded,
        "failed" => Verdict::FailedProvider,
        "" => Verdict::Unknown,
        _ => Verdict::UnknownWord,
    };
    Report {
        code: Some(word.to_owned()).filter(|word| !word.is_empty()),
        serial_number: body["serial"].as_str().map(str::to_owned),
        price: body["price"].as_i64().map(Rupiah::new),
        ..Report::bare(verdict, word)
    }
}

fn read(body: &[u8]) -> Option<Value> {
    serde_json::from_slice::<Value>(body).ok().filter(Value::is_object)
}

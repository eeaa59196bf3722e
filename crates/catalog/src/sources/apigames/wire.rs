//! Apigames' JSON and our words (`contracts/suppliers.md` §2.2).

use crate::{
    sources::{object, rupiah, text, truth, unclear},
    validation::{Nickname, Word},
};
use outside::Answer;
use serde_json::Value;
use vocabulary::Rupiah;

/// `{status:1, rc:0, message:"Data Found"|"Data Not Found", data:{is_valid, username}, ts}`.
pub(super) fn word(answer: &Answer) -> Word {
    let fields = match object(answer) {
        Ok(fields) => fields,
        Err(word) => return word,
    };
    let data = match fields.get("data") {
        Some(Value::Object(data)) => data.clone(),
        _ => serde_json::Map::new(),
    };
    // An error has `error_msg` instead, and `status` 0.
    let message = [text(&fields, "message"), text(&fields, "error_msg")].join(" ");
    let message = message.trim();
    let (taken, name) = (text(&fields, "status") == "1", text(&data, "username"));
    match (truth(&data, "is_valid"), name.is_empty()) {
        (Some(true), false) if taken => Word::Found { nickname: Nickname::clean(&name) },
        (Some(false) | None, true) if taken && text(&fields, "rc") == "0" && nobody(message) => {
            Word::NotFound
        }
        _ => unclear(answer, message),
    }
}

fn nobody(message: &str) -> bool {
    message.trim_end_matches('.').eq_ignore_ascii_case("data not found")
}

/// Our deposit, or their message instead.
pub(super) fn balance(answer: &Answer) -> Result<Rupiah, String> {
    let fields = object(answer).map_err(|_| format!("HTTP {} without readable JSON", answer.status))?;
    let balance = match fields.get("data") {
        Some(Value::Object(data)) => rupiah(data, "saldo"),
        _ => None,
    };
    balance.ok_or_else(|| {
        let message = [text(&fields, "message"), text(&fields, "error_msg")].join(" ");
        format!("HTTP {}: {}", answer.status, message.trim())
    })
}

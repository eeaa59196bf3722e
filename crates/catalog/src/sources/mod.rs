//! Parties that can be asked for the name behind an account. Each is a folder: `mod.rs` says how to
//! call, `wire.rs` turns their JSON into our words, leniently in what it reads; what is not
//! understood proves nothing.

pub mod apigames;
pub mod codashop;
pub mod digiflazz;
pub mod vip_reseller;

use crate::validation::Word;
use outside::{Answer, CallError};
use serde_json::{Map, Value};
use vocabulary::Rupiah;

/// Why our account at a source could not be looked at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// No connection, or no answer in time.
    #[error(transparent)]
    NoAnswer(#[from] CallError),
    /// An answer without a balance: a refused key, an address that is not on their list.
    #[error("no balance: {0}")]
    Refused(String),
}

/// The object of an answer, or why there is none.
fn object(answer: &Answer) -> Result<Map<String, Value>, Word> {
    match serde_json::from_slice(&answer.body) {
        Ok(Value::Object(fields)) => Ok(fields),
        _ => Err(Word::Down { why: format!("HTTP {} without readable JSON", answer.status) }),
    }
}

/// What an answer is worth that was understood as JSON and says neither yes nor no. An error of their
/// server is no word of theirs.
fn unclear(answer: &Answer, message: &str) -> Word {
    let why = format!("HTTP {}: {message}", answer.status);
    if answer.status >= 500 || answer.status == 429 { Word::Down { why } } else { Word::Unclear { why } }
}

/// A field that is a string or a number, without blanks around it; empty when it is missing.
fn text(fields: &Map<String, Value>, name: &str) -> String {
    match fields.get(name) {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// A field that says yes or no, as people's JSON does.
fn truth(fields: &Map<String, Value>, name: &str) -> Option<bool> {
    match fields.get(name)? {
        Value::Bool(truth) => Some(*truth),
        Value::Number(number) => number.as_i64().map(|n| n != 0),
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// A whole amount of rupiah; a fraction is cut off.
fn rupiah(fields: &Map<String, Value>, name: &str) -> Option<Rupiah> {
    let text = text(fields, name);
    text.split('.').next().and_then(|whole| whole.parse().ok()).map(Rupiah::new)
}

/// Lower-case hex MD5 of these parts, one after the other.
pub(crate) fn md5_hex(parts: &[&str]) -> String {
    use md5::{Digest as _, Md5};
    let hash = parts.iter().fold(Md5::new(), |hash, part| hash.chain_update(part.as_bytes()));
    hex::encode(hash.finalize())
}

/// A body or query in the form that browsers send.
fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

//! A callback (webhook). It carries a token that never changes, and nothing of its body is signed
//! (`contracts/payments.md` §3.5): whoever has seen one can write any other. So a believed one is a
//! reason to ask, and nothing that it says is a fact.

use super::body::{self, clip};
use crate::{Notification, WebhookRefusal};
use serde_json::Value;
use subtle::ConstantTimeEq;
use vocabulary::Secret;

/// Where Xendit sends them, below our public address.
pub(super) const PATH: &str = "/webhooks/xendit";
/// The header with the token.
pub(super) const HEADER: &str = "x-callback-token";
/// The longest reference that is taken.
const LONGEST: usize = 255;

/// Reads a callback that has one of the tokens. All three generations name our reference at one place.
pub(super) fn verify<'k>(
    headers: &[(String, String)],
    body: &[u8],
    tokens: impl Iterator<Item = &'k Secret>,
) -> Result<Notification, WebhookRefusal> {
    let mut given = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(HEADER));
    // Of two nobody knows which one counts.
    let (Some((_, token)), None) = (given.next(), given.next()) else {
        return Err(WebhookRefusal::BadSignature);
    };
    // Every token is tried, so that the time tells nothing about which one fits.
    if !tokens.fold(false, |fits, ours| is_token(token, ours) | fits) {
        return Err(WebhookRefusal::BadSignature);
    }
    let malformed = |why: &str| WebhookRefusal::Malformed(why.to_owned());
    let body = body::parse(body).ok_or_else(|| malformed("it is not a JSON object"))?;
    let reference = body::string(&body, &["data", "reference_id"]).unwrap_or_default();
    if reference.is_empty() || reference.len() > LONGEST || reference.chars().any(char::is_control) {
        return Err(malformed("`data.reference_id` is no reference"));
    }
    Ok(Notification { reference: reference.to_owned(), stated: stated(&body) })
}

/// Takes the same time wherever the first difference is. An empty token is nobody's.
fn is_token(given: &str, ours: &Secret) -> bool {
    let same: bool = ours.expose().as_bytes().ct_eq(given.as_bytes()).into();
    same && !ours.is_empty()
}

fn stated(body: &Value) -> String {
    let event = body::string(body, &["event"]).unwrap_or_default();
    let status = body::string(body, &["data", "status"]).unwrap_or_default();
    clip(format!("{event} {status}").trim())
}

//! A notification (webhook): believed when its signature fits, and even then only a reason to ask
//! (`contracts/payments.md` §1.8, §0.4).

use super::{
    body::{Body, clip},
    signature,
};
use crate::{Notification, WebhookRefusal};
use vocabulary::Secret;

/// The only codes that a notification has. The four signed strings have no boundary between them,
/// so a signature over any other code proves nothing (§1.8).
const CODES: [&str; 3] = ["200", "201", "202"];

/// Reads a notification that is signed with one of the keys.
pub(super) fn verify<'k>(
    body: &[u8],
    keys: impl Iterator<Item = &'k Secret>,
) -> Result<Notification, WebhookRefusal> {
    let malformed = |why: &str| WebhookRefusal::Malformed(why.to_owned());
    let body = Body::parse(body).ok_or_else(|| malformed("it is not a JSON object"))?;
    let field =
        |name: &str| body.string(name).ok_or_else(|| malformed(&format!("`{name}` is missing or no text")));
    let (order_id, code, amount) = (field("order_id")?, field("status_code")?, field("gross_amount")?);
    let given = body.string("signature_key").unwrap_or_default();
    // Every key is tried, so that the time tells nothing about which one fits.
    let fits = keys.fold(false, |fits, key| signature::fits(given, order_id, code, amount, key) | fits);
    if !fits {
        return Err(WebhookRefusal::BadSignature);
    }
    if !CODES.contains(&code) {
        return Err(malformed("`status_code` is not one that a notification has"));
    }
    if order_id.is_empty() || order_id.chars().any(char::is_control) {
        return Err(malformed("`order_id` is no order id"));
    }
    let stated = body.text("transaction_status").map(|word| clip(&word)).unwrap_or_default();
    Ok(Notification { reference: order_id.to_owned(), stated })
}

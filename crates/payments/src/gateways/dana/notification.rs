//! A notification (webhook): believed when DANA's signature fits, and even then only a reason to ask
//! (`contracts/payments.md` §2.6, §0.4).

use super::{
    body::{Body, clip},
    keys::VerifyingKey,
    signature,
};
use crate::{Notification, WebhookRefusal};
use std::time::Duration;
use vocabulary::Timestamp;

/// The path that DANA signs, whatever address it was sent to. Our door is exactly there.
pub(super) const PATH: &str = "/v1.0/debit/notify";
/// How far the signed time may be from ours before it is remarked upon.
const WINDOW: Duration = Duration::from_secs(600);
/// The longest reference and time that are taken.
const LONGEST: usize = 64;

/// Reads a notification that is signed with one of the keys and is for this merchant.
///
/// One that was signed long ago is taken as well, and remarked upon. It proves that DANA said so
/// once, and all that follows from any is that DANA is asked what holds now: somebody who sends an old
/// one again makes us ask, a few times in ten seconds at most, and nothing else. Refusing it would lose
/// the ones that DANA itself sends late, or with its clock wrong (§9 row 14), and its schedule of
/// repetitions is not known.
pub(super) fn verify(
    headers: &[(String, String)],
    body: &[u8],
    keys: &[&VerifyingKey],
    merchant_id: &str,
    real_now: Timestamp,
) -> Result<Notification, WebhookRefusal> {
    let header =
        |name: &str| headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.trim());
    let (given, time) = (header("x-signature"), header("x-timestamp"));
    let (Some(given), Some(time)) = (given, time.filter(|t| t.len() <= LONGEST)) else {
        return Err(WebhookRefusal::BadSignature);
    };
    if !signature::fits(keys, given, PATH, body, time) {
        return Err(WebhookRefusal::BadSignature);
    }
    let malformed = |why: &str| WebhookRefusal::Malformed(why.to_owned());
    let body = Body::parse(body).ok_or_else(|| malformed("it is not a JSON object"))?;
    // DANA signs for every merchant with one key.
    if body.string(&["merchantId"]) != Some(merchant_id) {
        return Err(malformed("`merchantId` is not ours"));
    }
    let reference = body.string(&["originalPartnerReferenceNo"]).unwrap_or_default();
    if reference.is_empty() || reference.len() > LONGEST || reference.chars().any(char::is_control) {
        return Err(malformed("`originalPartnerReferenceNo` is no reference"));
    }
    if !is_fresh(time, real_now) {
        tracing::info!(
            payment.reference = %reference, signed_at = %clip(time),
            "a notification of DANA about {reference} was signed at another time ({}); DANA is asked what holds now", clip(time)
        );
    }
    let stated = [body.text(&["latestTransactionStatus"]), body.text(&["transactionStatusDesc"])];
    let stated: Vec<String> = stated.into_iter().flatten().collect();
    Ok(Notification { reference: reference.to_owned(), stated: clip(&stated.join(" ")) })
}

fn is_fresh(time: &str, real_now: Timestamp) -> bool {
    let signed = Timestamp::parse_rfc3339(time);
    signed.is_ok_and(|signed| real_now.since(signed) <= WINDOW && signed.since(real_now) <= WINDOW)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_ten_minutes_either_way_whatever_the_offset_is_written_as() {
        let now = Timestamp::parse_rfc3339("2026-11-22T12:00:00+07:00").unwrap();
        for (time, fresh) in [
            ("2026-11-22T12:00:00+07:00", true),
            ("2026-11-22T05:00:00Z", true),
            ("2026-11-22T05:09:59.934Z", true),
            ("2026-11-22T11:50:00+07:00", true),
            ("2026-11-22T11:49:59+07:00", false),
            ("2026-11-22T12:10:01+07:00", false),
            ("2025-11-22T12:00:00+07:00", false),
            ("yesterday", false),
            ("", false),
        ] {
            assert_eq!(is_fresh(time, now), fresh, "{time}");
        }
    }
}

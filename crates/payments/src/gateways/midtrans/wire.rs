//! Midtrans' JSON and our types, both ways, without I/O (`contracts/payments.md` §1.3, §1.7, §1.9).
//! The code in the body counts first and the HTTP status second; what is not understood is
//! *unknown*, never a failure and never a payment.

use super::{
    address::BaseUrl,
    body::{Body, clip},
};
use crate::{ChargeOutcome, ChargeRequest, CloseOutcome, Observation, ObservedState, Opened, StatusOutcome};
use outside::Answer;
use serde_json::json;
use vocabulary::Reference;

/// A GoPay QR code lives at least this long (§1.3).
const SHORTEST_EXPIRY_S: i64 = 20;
/// And at most this long.
const LONGEST_EXPIRY_S: i64 = 7 * 86_400;
/// Characters of an item's name and id that are sent.
const ITEM_CHARS: usize = 50;

/// The body of a GoPay charge, or `None` when its time is over already.
pub(super) fn charge_body(request: &ChargeRequest) -> Option<Vec<u8>> {
    let (duration, unit) = expiry(request)?;
    let amount = request.amount.get();
    let clipped = |text: &str| text.chars().take(ITEM_CHARS).collect::<String>();
    let body = json!({
        "payment_type": "gopay",
        "transaction_details": {"order_id": request.reference.to_string(), "gross_amount": amount},
        "item_details": [{
            "id": clipped(&request.item_code),
            "price": amount,
            "quantity": 1,
            "name": clipped(&request.item_name),
        }],
        "custom_expiry": {
            "order_time": format!("{} +0700", request.now.wib()),
            "expiry_duration": duration,
            "unit": unit,
        },
    });
    Some(body.to_string().into_bytes())
}

/// How long the payment lives from `order_time`, which has whole seconds; so that it never ends
/// after ours does, unless ours ends sooner than the gateway can.
fn expiry(request: &ChargeRequest) -> Option<(i64, &'static str)> {
    let second = |t: vocabulary::Timestamp| t.millis().div_euclid(1_000);
    let left = second(request.expires_at).saturating_sub(second(request.now));
    if left <= 0 {
        return None;
    }
    let seconds = left.clamp(SHORTEST_EXPIRY_S, LONGEST_EXPIRY_S);
    Some(if seconds % 60 == 0 { (seconds / 60, "minute") } else { (seconds, "second") })
}

/// What an answer to a charge means.
pub(super) fn charge_outcome(reference: &Reference, answer: &Answer, base: &BaseUrl) -> ChargeOutcome {
    let body = Body::parse(&answer.body);
    let reason = || said(answer, body.as_ref());
    let Some((body, code)) = body.as_ref().and_then(|b| Some((b, b.code()?))) else {
        return match answer.status {
            429 => ChargeOutcome::NotOpened { reason: reason(), retry_after: answer.retry_after },
            _ => ChargeOutcome::Unknown { reason: reason() },
        };
    };
    let word = body.word("transaction_status").unwrap_or_default();
    match (code, word.as_str()) {
        (200 | 201, _) if !names(body, reference) => {
            ChargeOutcome::Unknown { reason: format!("the answer is about another order: {}", reason()) }
        }
        (200 | 201, "pending") => ChargeOutcome::Opened(opened(body, base)),
        (200 | 201, "") => ChargeOutcome::Unknown { reason: reason() },
        (200 | 201, _) => ChargeOutcome::Exists,
        (202, "deny" | "cancel" | "expire" | "failure") => refused(code, body),
        (406, _) => ChargeOutcome::Exists,
        (429, _) => ChargeOutcome::NotOpened { reason: reason(), retry_after: answer.retry_after },
        (407, _) => ChargeOutcome::Unknown { reason: reason() },
        (400..=499, _) => refused(code, body),
        _ => ChargeOutcome::Unknown { reason: reason() },
    }
}

fn refused(code: u16, body: &Body) -> ChargeOutcome {
    ChargeOutcome::Refused { code: code.to_string(), message: body.message() }
}

/// What an answer to a question about the state means.
pub(super) fn status_outcome(reference: &Reference, answer: &Answer, base: &BaseUrl) -> StatusOutcome {
    let body = Body::parse(&answer.body);
    let unknown = |why: &str| StatusOutcome::Unknown {
        reason: format!("{why}{}", said(answer, body.as_ref())),
        retry_after: answer.retry_after,
    };
    let Some((body, code)) = body.as_ref().and_then(|b| Some((b, b.code()?))) else {
        return unknown("");
    };
    match code {
        404 => StatusOutcome::NotFound,
        200 | 201 | 202 | 407 if !names(body, reference) => unknown("the answer is about another order: "),
        200 | 201 | 202 | 407 => match stated(code, body) {
            Some(stated) => StatusOutcome::Found(observation(code, body, &stated, base)),
            None => unknown(""),
        },
        _ => unknown(""),
    }
}

/// The word for the state. An answer 407 ("expired transaction") says it with its code alone.
fn stated(code: u16, body: &Body) -> Option<String> {
    body.text("transaction_status").or_else(|| (code == 407).then(|| "expire".to_owned()))
}

fn observation(code: u16, body: &Body, stated: &str, base: &BaseUrl) -> Observation {
    let fraud = body.word("fraud_status");
    let state = state(code, &stated.to_ascii_lowercase(), fraud.as_deref());
    let (state, amount) = match body.is_foreign() {
        true => (ObservedState::Suspicious, None),
        false => (state, body.amount()),
    };
    let stated = match (state, fraud) {
        (ObservedState::Suspicious, Some(fraud)) => {
            format!("{} (fraud_status {})", clip(stated), clip(&fraud))
        }
        _ => clip(stated),
    };
    Observation { state, stated, amount, opened: opened(body, base) }
}

/// The rule of §1.7: paid is only a settlement (or capture) with code 200 that nobody suspects.
pub(super) fn state(code: u16, word: &str, fraud: Option<&str>) -> ObservedState {
    let trusted = matches!(fraud, None | Some("accept"));
    match word {
        "settlement" | "capture" if !trusted => ObservedState::Suspicious,
        "settlement" | "capture" if code == 200 => ObservedState::Settled,
        "pending" if matches!(fraud, Some("challenge" | "deny" | "denied")) => ObservedState::Suspicious,
        "pending" => ObservedState::Pending,
        "deny" | "failure" => ObservedState::Denied,
        "cancel" => ObservedState::Cancelled,
        "expire" => ObservedState::Expired,
        // Either way the money is with the buyer again.
        "refund" | "chargeback" => ObservedState::Refunded,
        "partial_refund" | "partial_chargeback" => ObservedState::PartlyRefunded,
        "authorize" => ObservedState::Suspicious,
        _ => ObservedState::Unrecognised,
    }
}

/// What an answer to cancel or expire means.
pub(super) fn close_outcome(reference: &Reference, answer: &Answer) -> CloseOutcome {
    let body = Body::parse(&answer.body);
    let unknown = || CloseOutcome::Unknown { reason: said(answer, body.as_ref()) };
    let Some((body, code)) = body.as_ref().and_then(|b| Some((b, b.code()?))) else {
        return unknown();
    };
    match (code, body.word("transaction_status").as_deref()) {
        (404, _) => CloseOutcome::NotFound,
        (412, _) | (407, None) => CloseOutcome::CannotClose,
        (200 | 201 | 202 | 407, Some(word)) if names(body, reference) => {
            match state(code, word, body.word("fraud_status").as_deref()) {
                ObservedState::Cancelled | ObservedState::Expired | ObservedState::Denied => {
                    CloseOutcome::Closed
                }
                ObservedState::Pending | ObservedState::Unrecognised => unknown(),
                _ => CloseOutcome::CannotClose,
            }
        }
        _ => unknown(),
    }
}

fn names(body: &Body, reference: &Reference) -> bool {
    body.string("order_id") == Some(&reference.to_string())
}

/// What the buyer needs, as far as the answer tells.
fn opened(body: &Body, base: &BaseUrl) -> Opened {
    Opened {
        transaction_id: body.text("transaction_id").unwrap_or_default(),
        qr_string: body.text("qr_string"),
        qr_image_url: pictures(body, base).into_iter().next(),
        deep_link: body.action("deeplink-redirect").map(clip).filter(|link| !link.is_empty()),
        expires_at: body.time("expiry_time"),
    }
}

/// Addresses of the picture of the QR code, best first: those that the answer names, as far as we
/// are willing to open them, and the well-known one (§1.2).
pub(super) fn pictures(body: &Body, base: &BaseUrl) -> Vec<String> {
    let named = ["generate-qr-code-v2", "generate-qr-code"].into_iter().filter_map(|name| body.action(name));
    let mut found: Vec<String> = named.filter(|url| base.trusts(url)).map(str::to_owned).collect();
    let kind = match body.word("payment_type").as_deref() {
        Some("qris") => Some("qris"),
        Some("gopay") | None => Some("gopay"),
        Some(_) => None,
    };
    if let (Some(kind), Some(id)) = (kind, body.text("transaction_id").filter(|id| is_plain_id(id))) {
        found.push(base.join(&format!("/v2/{kind}/{id}/qr-code")));
    }
    let mut seen: Vec<String> = Vec::new();
    found.retain(|url| {
        !seen.contains(url) && {
            seen.push(url.clone());
            true
        }
    });
    found
}

/// Safe to put into a path.
fn is_plain_id(id: &str) -> bool {
    id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// An answer in a few words, for staff.
fn said(answer: &Answer, body: Option<&Body>) -> String {
    match body {
        None => format!("HTTP {} without a readable body", answer.status),
        Some(body) => {
            let code = body.text("status_code").map_or_else(|| "none".to_owned(), |c| clip(&c));
            format!("HTTP {}, status_code {code}: {}", answer.status, body.message())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn answer(status: u16, body: &[u8]) -> Answer {
        Answer { status, retry_after: None, body: body.to_vec() }
    }

    fn read(status: u16, body: &[u8]) -> (ChargeOutcome, StatusOutcome, CloseOutcome) {
        let (base, reference) =
            (BaseUrl::new("https://api.midtrans.com"), "LK0123456789-P1".parse().unwrap());
        let answer = answer(status, body);
        (
            charge_outcome(&reference, &answer, &base),
            status_outcome(&reference, &answer, &base),
            close_outcome(&reference, &answer),
        )
    }

    proptest! {
        #[test]
        fn no_bytes_are_a_payment(status in 100u16..600, body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let (charge, state, close) = read(status, &body);
            let is_nothing = matches!(charge, ChargeOutcome::Unknown { .. } | ChargeOutcome::NotOpened { .. });
            prop_assert!(is_nothing);
            let is_unknown = matches!(state, StatusOutcome::Unknown { .. });
            prop_assert!(is_unknown);
            let is_unknown = matches!(close, CloseOutcome::Unknown { .. });
            prop_assert!(is_unknown);
        }

        #[test]
        fn only_one_shape_of_answer_is_settled(
            http in 100u16..600,
            code in "200|201|202|407|[0-9]{1,4}",
            order in "LK0123456789-P1|LK0123456789-P2|.{0,12}",
            word in "(?i)settlement|capture|pending|expire|.{0,12}",
            fraud in proptest::option::of("(?i)accept|challenge|deny|.{0,6}"),
            currency in proptest::option::of("IDR|idr|USD|.{0,4}"),
        ) {
            let body = json!({
                "status_code": code, "order_id": order, "transaction_status": word, "fraud_status": fraud,
                "currency": currency, "gross_amount": "275000.00", "transaction_id": order,
            });
            let (_, state, _) = read(http, body.to_string().as_bytes());
            if let StatusOutcome::Found(Observation { state: ObservedState::Settled, .. }) = state {
                prop_assert_eq!((code.as_str(), order.as_str()), ("200", "LK0123456789-P1"));
                let word = word.trim().to_ascii_lowercase();
                prop_assert!(word == "settlement" || word == "capture");
                let accepted = fraud.is_none_or(|f| f.trim().is_empty() || f.trim().eq_ignore_ascii_case("accept"));
                let rupiah = currency.is_none_or(|c| c.trim().eq_ignore_ascii_case("IDR"));
                prop_assert!(accepted && rupiah);
            }
        }
    }
}

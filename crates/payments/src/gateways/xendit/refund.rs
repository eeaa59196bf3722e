//! Giving money back through Xendit, without I/O (`contracts/payments.md` §3.4). Our key is both the
//! idempotency key and the `reference_id` of the refund, so that a repetition is the same refund and a lost
//! one is found in the list of its payment request. What somebody gave back otherwise stands there without it.

use super::{
    body::{self, Money, clip, said},
    codes::{self, Refunding},
    wire::pause,
};
use crate::{ListedRefund, RefundOutcome, RefundRefusal, RefundRequest};
use outside::Answer;
use serde_json::{Value, json};

/// The body of a refund of this payment request. It comes from what is stored: a repetition has the same
/// content. Their list of reasons has none for what could not be delivered.
pub(super) fn body(request: &RefundRequest, payment_request: &str) -> Vec<u8> {
    json!({
        "payment_request_id": payment_request,
        "reference_id": request.key.to_string(),
        "currency": "IDR",
        "amount": request.amount.get(),
        "reason": "CANCELLATION",
    })
    .to_string()
    .into_bytes()
}

/// What an answer to a refund means.
pub(super) fn outcome(request: &RefundRequest, payment_request: &str, answer: &Answer) -> RefundOutcome {
    let body = body::parse(&answer.body);
    let reason = || said(answer, body.as_ref());
    let unknown = || RefundOutcome::Unknown { reason: reason(), retry_after: pause(answer) };
    if let (200..=299, Some(body)) = (answer.status, &body) {
        let ours = is_ours(request, body)
            && body::string(body, &["payment_request_id"]).is_none_or(|named| named == payment_request);
        return if ours { stands(body).unwrap_or_else(unknown) } else { unknown() };
    }
    let code = body.as_ref().and_then(|body| body::word(body, &["error_code"]));
    match codes::refunding(answer.status, code.as_deref()) {
        Refunding::Refused(reason) => RefundOutcome::Refused {
            reason,
            code: code.as_deref().map(clip).unwrap_or_default(),
            message: body
                .as_ref()
                .and_then(|body| body::string(body, &["message"]))
                .map(clip)
                .unwrap_or_default(),
        },
        Refunding::Exists => RefundOutcome::Exists,
        Refunding::Later => RefundOutcome::NotTaken { reason: reason(), retry_after: pause(answer) },
        Refunding::Unknown => unknown(),
    }
}

/// What the answer to a question about one refund says.
pub(super) fn told(request: &RefundRequest, answer: &Answer) -> RefundOutcome {
    let body = body::parse(&answer.body);
    let unknown =
        || RefundOutcome::Unknown { reason: said(answer, body.as_ref()), retry_after: pause(answer) };
    let found = body.as_ref().filter(|body| answer.status == 200 && is_ours(request, body));
    found.and_then(stands).unwrap_or_else(unknown)
}

/// What the list of refunds of a payment request says of ours: it stands there under our key, or it does not,
/// because what was given back in the dashboard has no key of ours.
pub(super) fn listed(request: &RefundRequest, answer: &Answer) -> RefundOutcome {
    let body = body::parse(&answer.body);
    let because = |why: &str| RefundOutcome::Unknown {
        reason: format!("{why}{}", said(answer, body.as_ref())),
        retry_after: pause(answer),
    };
    let unknown = || because("");
    let all = body.as_ref().filter(|_| answer.status == 200).and_then(|body| body.get("data")?.as_array());
    let (Some(body), Some(all)) = (&body, all) else { return unknown() };
    let key = request.key.to_string();
    let mut ours = all.iter().filter(|refund| body::string(refund, &["reference_id"]) == Some(&key));
    match ours.next() {
        // More than one under our key, or one of another amount: what that is, a person has to see.
        Some(refund) if ours.next().is_none() && is_ours(request, refund) => match stands(refund) {
            // It came to nothing, and somebody may have given the money back otherwise: the others say so.
            Some(refused @ RefundOutcome::Refused { .. }) => {
                match all_of(body, all).map(|all| request.by_list(&all)) {
                    Some(Ok(RefundOutcome::NotFound)) => refused,
                    Some(Ok(told)) => told,
                    Some(Err(why)) => because(&why),
                    None => unknown(),
                }
            }
            told => told.unwrap_or_else(unknown),
        },
        Some(_) => unknown(),
        None => match all_of(body, all).map(|all| request.by_list(&all)) {
            Some(told) => told.unwrap_or_else(|why| because(&why)),
            None => unknown(),
        },
    }
}

/// All refunds that have given something back, when this list has all of them and says so.
fn all_of(body: &Value, listed: &[Value]) -> Option<Vec<ListedRefund>> {
    let has_more = body.get("has_more").and_then(Value::as_bool).unwrap_or(false);
    if has_more { None } else { went_back(listed) }
}

/// Those of the listed refunds that have given something back; `None` when that cannot be told, or not yet.
fn went_back(all: &[Value]) -> Option<Vec<ListedRefund>> {
    let mut back = Vec::new();
    for refund in all {
        match (body::word(refund, &["status"])?.as_str(), body::money(refund, &["amount"])) {
            ("SUCCEEDED", Money::Rupiah(amount)) if !body::is_foreign(refund) => {
                back.push(ListedRefund {
                    key: body::string(refund, &["reference_id"]).map(str::to_owned),
                    amount,
                });
            }
            ("FAILED" | "CANCELLED", _) => {}
            _ => return None,
        }
    }
    Some(back)
}

/// Whether an object is this refund, as far as it says what it is.
fn is_ours(request: &RefundRequest, body: &Value) -> bool {
    let named = body::string(body, &["reference_id"]).is_none_or(|named| named == request.key.to_string());
    let amount = match body::money(body, &["amount"]) {
        Money::Absent => true,
        Money::Rupiah(amount) => amount == request.amount,
        Money::Unreadable => false,
    };
    named && amount && !body::is_foreign(body)
}

/// How a refund stands; `None` when its word is none that we know.
fn stands(body: &Value) -> Option<RefundOutcome> {
    let refund_id = body::id(body, &["id"]).map(str::to_owned);
    let word = body::word(body, &["status"])?;
    let failure = body::word(body, &["failure_code"]);
    match word.as_str() {
        "SUCCEEDED" => Some(RefundOutcome::Done { refund_id }),
        "PENDING" => Some(RefundOutcome::Pending { refund_id, stated: clip(&word) }),
        // It was taken on and came to nothing.
        "FAILED" | "CANCELLED" => Some(RefundOutcome::Refused {
            reason: failure.as_deref().map_or(RefundRefusal::Other, codes::refund_failure),
            code: clip(failure.as_deref().unwrap_or(&word)),
            message: format!("the refund is {}", word.to_ascii_lowercase()),
        }),
        _ => None,
    }
}

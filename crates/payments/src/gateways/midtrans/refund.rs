//! Giving money back through Midtrans, without I/O (`contracts/payments.md` §1.7, §1.9). The key makes a
//! repeated request the same refund; without one Midtrans makes one of its own, and gives back twice.
//!
//! What became of a refund is told by the state of its payment: the list of refunds names ours, or shows that it
//! is not there. Where there is no such list, or not of all that went back, the sum shows it.

use super::{
    body::{Body, clip},
    wire::{names, said},
};
use crate::{RefundOutcome, RefundRefusal, RefundRequest};
use outside::Answer;
use serde_json::json;

/// Characters of a reason that are sent (§1.9).
const REASON_CHARS: usize = 255;

/// The body of a refund. It comes from what is stored, so that a repetition has the same content.
pub(super) fn body(request: &RefundRequest) -> Vec<u8> {
    let reason: String = request.reason.chars().filter(|c| !c.is_control()).take(REASON_CHARS).collect();
    json!({
        "refund_key": request.key.to_string(),
        "amount": request.amount.get(),
        "reason": reason,
    })
    .to_string()
    .into_bytes()
}

/// What an answer to a refund means.
pub(super) fn outcome(request: &RefundRequest, answer: &Answer) -> RefundOutcome {
    let body = Body::parse(&answer.body);
    let reason = || said(answer, body.as_ref());
    let unknown = || RefundOutcome::Unknown { reason: reason(), retry_after: answer.retry_after };
    let not_taken = || RefundOutcome::NotTaken { reason: reason(), retry_after: answer.retry_after };
    let Some((body, code)) = body.as_ref().and_then(|b| Some((b, b.code()?))) else {
        // Whatever the status is: it may be that of somebody between, who has passed it on.
        return unknown();
    };
    match code {
        200 if is_given_back(request, body) => RefundOutcome::Done { refund_id: id(body) },
        406 => RefundOutcome::Exists,
        // It does not take our key, or nothing at all from us now.
        401 | 410 | 411 | 429 => not_taken(),
        400..=499 => {
            let message = body.message();
            RefundOutcome::Refused { reason: refusal(code, &message), code: code.to_string(), message }
        }
        _ => unknown(),
    }
}

/// Whether an answer says that just this went back.
fn is_given_back(request: &RefundRequest, body: &Body) -> bool {
    let word = body.word("transaction_status").unwrap_or_default();
    // The answer to a refund names the amount of that refund alone.
    let is_ours = body.text("refund_key").is_none_or(|key| key == request.key.to_string())
        && (body.text("refund_amount").is_none() || body.refunded() == Some(request.amount));
    matches!(word.as_str(), "refund" | "partial_refund")
        && names(body, &request.payment.reference)
        && !body.is_foreign()
        && is_ours
}

/// Why it is refused, by the code, and by what is said beside it.
fn refusal(code: u16, message: &str) -> RefundRefusal {
    let said = message.to_ascii_lowercase();
    match code {
        _ if said.contains("insufficient") => RefundRefusal::InsufficientBalance,
        412 if said.contains("window") || said.contains("expired") => RefundRefusal::WindowOver,
        404 | 407 | 412 => RefundRefusal::WrongState,
        402 => RefundRefusal::NotRefundable,
        414 => RefundRefusal::Amount,
        _ => RefundRefusal::Other,
    }
}

fn id(body: &Body) -> Option<String> {
    body.text("refund_chargeback_id").map(|id| clip(&id))
}

/// What the state of the payment says of a refund.
pub(super) fn status_outcome(request: &RefundRequest, answer: &Answer) -> RefundOutcome {
    let body = Body::parse(&answer.body);
    let unknown = |why: &str| RefundOutcome::Unknown {
        reason: format!("{why}{}", said(answer, body.as_ref())),
        retry_after: answer.retry_after,
    };
    let Some((body, code)) = body.as_ref().and_then(|b| Some((b, b.code()?))) else {
        return unknown("");
    };
    if code != 200 {
        return unknown("");
    }
    if !names(body, &request.payment.reference) || body.is_foreign() {
        return unknown("the answer is about another payment: ");
    }
    match body.word("transaction_status").as_deref() {
        Some("settlement" | "capture") => RefundOutcome::NotFound,
        Some(word @ ("refund" | "partial_refund")) => {
            seen(request, body, word).unwrap_or_else(|why| unknown(&why))
        }
        _ => unknown(""),
    }
}

/// What is told of the refunds of a payment from which something went back; why that leaves it open, if it does.
fn seen(request: &RefundRequest, body: &Body, word: &str) -> Result<RefundOutcome, String> {
    let key = request.key.to_string();
    let listed = body.refunds().unwrap_or_default();
    if let Some(ours) = listed.iter().find(|refund| refund.text("refund_key").as_deref() == Some(&key)) {
        let is_whole = ours.refunded() == Some(request.amount);
        let another = || "there is another amount under our key: ".to_owned();
        return is_whole.then(|| RefundOutcome::Done { refund_id: id(ours) }).ok_or_else(another);
    }
    if let Some(listed) = body.listed() {
        return request.by_list(&listed);
    }
    let back = body.refunded().or_else(|| (word == "refund").then_some(request.payment.amount));
    let unclear = || "how much went back in all fits no refund of ours: ".to_owned();
    back.and_then(|back| request.by_sum(back)).ok_or_else(unclear)
}

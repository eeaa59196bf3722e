//! Giving money back through DANA, without I/O (`contracts/payments.md` §2.4, §2.5). `partnerRefundNo` makes
//! a repeated request the same refund.
//!
//! DANA has no question about one refund: what became of it is told by how much of its payment went back.

use super::{
    body::{Body, clip, said},
    codes::{self, Asked, Refunding},
    state::given_back,
    wire::{Merchant, money, names},
};
use crate::{RefundOutcome, RefundRequest};
use outside::Answer;
use serde_json::json;

/// Characters of a reason that are sent.
const REASON_CHARS: usize = 255;

/// The body of a refund. It comes from what is stored: DANA answers another content under the same number
/// with 4045818. An answer at once is asked for; one that takes longer says so.
pub(super) fn body(request: &RefundRequest, merchant: &Merchant) -> Vec<u8> {
    let reason: String = request.reason.chars().filter(|c| !c.is_control()).take(REASON_CHARS).collect();
    json!({
        "merchantId": merchant.merchant_id,
        "originalPartnerReferenceNo": request.payment.reference.to_string(),
        "partnerRefundNo": request.key.to_string(),
        "refundAmount": money(request.amount),
        "reason": reason,
        "additionalInfo": {"asyncRefund": "false"},
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
    let refund_id = body.text(&["refundNo"]).map(|id| clip(&id));
    match codes::refunding(&code) {
        Refunding::Done | Refunding::InProgress if !is_ours(request, body) => unknown(),
        Refunding::Done => RefundOutcome::Done { refund_id },
        Refunding::InProgress => RefundOutcome::Pending { refund_id, stated: reason() },
        Refunding::Exists => RefundOutcome::Exists,
        Refunding::Refused(reason) => {
            RefundOutcome::Refused { reason, code: clip(&code), message: body.message() }
        }
        Refunding::Later => not_taken(),
        Refunding::Unknown => unknown(),
    }
}

/// Whether the answer is about this refund, as far as it says what it is about.
fn is_ours(request: &RefundRequest, body: &Body) -> bool {
    let fits = |field: &str, ours: String| body.text(&[field]).is_none_or(|named| named == ours);
    fits("partnerRefundNo", request.key.to_string())
        && fits("originalPartnerReferenceNo", request.payment.reference.to_string())
}

/// What the state of the payment says of a refund. One that is in progress is not counted there, so that
/// nothing is found of it; the same sent again is answered that it is in progress.
pub(super) fn status_outcome(request: &RefundRequest, merchant: &Merchant, answer: &Answer) -> RefundOutcome {
    let body = Body::parse(&answer.body);
    let unknown = |why: &str| RefundOutcome::Unknown {
        reason: format!("{why}{}", said(answer, body.as_ref())),
        retry_after: answer.retry_after,
    };
    let Some((body, code)) = body.as_ref().and_then(|b| Some((b, b.code()?))) else {
        return unknown("");
    };
    let is_answered = codes::asked(&code) == Some(Asked::Answered);
    if !is_answered || !names(body, "originalPartnerReferenceNo", &request.payment.reference) {
        return unknown("");
    }
    let named = [body.text(&["merchantId"]), body.text(&["additionalInfo", "merchantId"])];
    if named.into_iter().flatten().any(|named| named != merchant.merchant_id) {
        return unknown("the answer is about another merchant: ");
    }
    let outcome = given_back(body).and_then(|back| request.by_sum(back));
    outcome.unwrap_or_else(|| unknown("how much went back in all fits no refund of ours: "))
}

//! What Xendit's answers say of a payment (`contracts/payments.md` §3.3, §3.5). Paid is what they call
//! succeeded, for our reference and in rupiah; an amount is compared, never credited. A request that ended
//! may have been paid all the same ("stays EXPIRED although paid"), so its payments are looked at, too.

use super::{
    body::{self, Money, clip, said},
    codes,
    wire::{is_payable, names, opened, pause},
};
use crate::{
    ListedRefund, Observation, ObservedState, Opened, Sent, StatusOutcome, gateways::address::BaseUrl,
};
use outside::Answer;
use serde_json::Value;
use vocabulary::Rupiah;

/// What is found under our reference.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "one answer at a time, which is read at once")]
pub(super) enum Looked {
    /// One payment request.
    One(Value),
    /// More than one: their reference is not unique, and a repetition without a key makes another.
    Several(Vec<Value>),
    /// None.
    Nothing,
    /// No usable answer.
    Unknown(StatusOutcome),
}

/// The state that an object names.
pub(super) fn of(body: &Value) -> ObservedState {
    let word = body::word(body, &["status"]).unwrap_or_default();
    codes::state(&word, body::word(body, &["failure_code"]).as_deref())
}

/// The answer to a question about one payment request.
pub(super) fn one(sent: &Sent, answer: &Answer) -> Looked {
    let body = body::parse(&answer.body);
    match (answer.status, body) {
        (200, Some(body)) if names(&body, &sent.reference) => Looked::One(body),
        (200, Some(body)) => unknown(answer, Some(&body), "the answer is about another payment: "),
        (status, Some(body))
            if codes::is_not_found(status, body::word(&body, &["error_code"]).as_deref()) =>
        {
            Looked::Nothing
        }
        (_, body) => unknown(answer, body.as_ref(), ""),
    }
}

/// The answer to a question about our reference. A list with others in it is no answer to that: then the
/// reference was not looked at, and ours may be on another page of it.
pub(super) fn listed(sent: &Sent, answer: &Answer) -> Looked {
    let body = body::parse(&answer.body);
    let all = body.as_ref().filter(|_| answer.status == 200).and_then(|body| body.get("data")?.as_array());
    let (Some(body), Some(all)) = (&body, all) else { return unknown(answer, body.as_ref(), "") };
    let mut ours: Vec<Value> = all.iter().filter(|one| names(one, &sent.reference)).cloned().collect();
    let more = body.get("has_more").and_then(Value::as_bool).unwrap_or(false);
    match (ours.len(), all.len()) {
        (0, 0) if !more => Looked::Nothing,
        (0, _) => unknown(answer, None, "the list is about other payments: "),
        (1, _) => Looked::One(ours.remove(0)),
        _ => Looked::Several(ours),
    }
}

fn unknown(answer: &Answer, body: Option<&Value>, why: &str) -> Looked {
    Looked::Unknown(StatusOutcome::Unknown {
        reason: format!("{why}{}", said(answer, body)),
        retry_after: pause(answer),
    })
}

/// What one payment request says.
pub(super) fn observation(sent: &Sent, body: &Value, base: &BaseUrl) -> Observation {
    let foreign = body::is_foreign(body);
    let state = if foreign { ObservedState::Suspicious } else { of(body) };
    let words = ["status", "failure_code"].map(|name| body::string(body, &[name]).unwrap_or_default());
    let amount = match body::money(body, &["amount"]) {
        Money::Rupiah(amount) if !foreign => Some(amount),
        _ => None,
    };
    Observation {
        state,
        stated: clip(words.join(" ").trim()),
        amount,
        given_back: None,
        refunds: None,
        opened: opened(sent.method, body, base, sent.now),
    }
}

/// One that can be paid, and with what is not known: their answer lacks it yet.
pub(super) fn lacks_page(sent: &Sent, seen: &Observation) -> bool {
    seen.state == ObservedState::Pending && !sent.was_open && !is_payable(sent.method, &seen.opened)
}

/// What several requests under one reference say: money of each that was paid is counted, because all of
/// it came from our buyer; without any a person looks, because one may be paid yet.
pub(super) fn of_several(sent: &Sent, requests: &[Value], base: &BaseUrl) -> Observation {
    let seen: Vec<Observation> = requests.iter().map(|request| observation(sent, request, base)).collect();
    let paid: Vec<&Observation> = seen.iter().filter(|seen| seen.state == ObservedState::Settled).collect();
    let stated: Vec<&str> = seen.iter().map(|seen| seen.stated.as_str()).collect();
    let stated = clip(&format!("{} payment requests under one reference: {}", seen.len(), stated.join(", ")));
    let sum = || paid.iter().try_fold(Rupiah::ZERO, |sum, seen| sum.checked_add(seen.amount?));
    match paid.first() {
        Some(first) => Observation {
            state: ObservedState::Settled,
            stated,
            amount: sum(),
            given_back: None,
            refunds: None,
            opened: first.opened.clone(),
        },
        None => Observation {
            state: ObservedState::Suspicious,
            stated,
            amount: None,
            given_back: None,
            refunds: None,
            opened: Opened::default(),
        },
    }
}

/// Whether a request has ended without money, by its own word.
pub(super) fn has_ended(state: ObservedState) -> bool {
    matches!(state, ObservedState::Denied | ObservedState::Cancelled | ObservedState::Expired)
}

/// What the list of payments of a method adds to a request that has ended: money that came in all the same
/// counts. `None` when the list says nothing more.
pub(super) fn paid_all_the_same(sent: &Sent, ended: &Observation, answer: &Answer) -> Option<Observation> {
    let body = body::parse(&answer.body).filter(|_| answer.status == 200)?;
    let paid: Vec<&Value> = body::list(&body, &["data"])
        .iter()
        .filter(|payment| is_of(sent, ended, payment) && of(payment) == ObservedState::Settled)
        .collect();
    if paid.is_empty() {
        return None;
    }
    let amount = paid.iter().try_fold(Rupiah::ZERO, |sum, payment| match body::money(payment, &["amount"]) {
        Money::Rupiah(amount) if !body::is_foreign(payment) => sum.checked_add(amount),
        _ => None,
    });
    Some(Observation {
        state: ObservedState::Settled,
        stated: clip(&format!("{}, and a payment of it SUCCEEDED", ended.stated)),
        amount,
        ..ended.clone()
    })
}

/// Whether a payment belongs to our request. The list is of a method that nothing else uses; what a
/// payment names is looked at all the same.
fn is_of(sent: &Sent, ended: &Observation, payment: &Value) -> bool {
    let named = body::string(payment, &["payment_request_id"]);
    match named.filter(|id| !id.is_empty()) {
        Some(id) => id == ended.opened.transaction_id,
        None => names(payment, &sent.reference),
    }
}

/// What the list of refunds adds to a request that was paid. `None` when it cannot be read.
pub(super) fn after_refunds(sent: &Sent, paid: Observation, answer: &Answer) -> Option<Observation> {
    let body = body::parse(&answer.body).filter(|_| answer.status == 200)?;
    let mut refunds = Vec::new();
    for refund in body.get("data")?.as_array()? {
        let is_ours = body::string(refund, &["payment_request_id"]) == Some(&paid.opened.transaction_id);
        if is_ours && body::word(refund, &["status"]).as_deref() == Some("SUCCEEDED") {
            let Money::Rupiah(amount) = body::money(refund, &["amount"]) else { return None };
            let key = body::string(refund, &["reference_id"]).map(str::to_owned);
            refunds.push(ListedRefund { key, amount });
        }
    }
    let back = Rupiah::checked_sum(refunds.iter().map(|refund| refund.amount))?;
    if !back.is_positive() {
        return Some(paid);
    }
    let whole = back >= paid.amount.unwrap_or(sent.amount);
    let state = if whole { ObservedState::Refunded } else { ObservedState::PartlyRefunded };
    // Of one page of a longer list nobody knows what else there is.
    let has_more = body.get("has_more").and_then(Value::as_bool).unwrap_or(false);
    Some(Observation {
        state,
        given_back: Some(back),
        refunds: (!has_more).then_some(refunds),
        stated: clip(&format!("{}, refunded", paid.stated)),
        ..paid
    })
}

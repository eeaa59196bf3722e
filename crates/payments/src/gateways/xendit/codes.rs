//! Xendit's words, as data (`contracts/payments.md` §3.2–§3.4): the states of a payment request, why one
//! failed, and the error codes of its calls. A word that is in no table says nothing.

use super::body;
use crate::{ObservedState, RefundRefusal};
use outside::Answer;

/// What an error code means for a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Created {
    /// Refused, and nothing opened.
    Refused,
    /// The same, because of what this payment is.
    ThisPayment,
    /// Refused because of the details of the payer.
    Payer,
    /// There may be one under this key or reference: ask.
    Exists,
    /// Not looked at: the same may be sent later.
    Later,
    /// It may have been opened or not.
    Unknown,
}

/// What an error code means for a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refunding {
    /// Refused, and nothing given back.
    Refused(RefundRefusal),
    /// There may be one under this key, or another is on its way: ask.
    Exists,
    /// Not looked at: the same may be sent later.
    Later,
    /// It may have been given back or not.
    Unknown,
}

const STATES: [(&str, ObservedState); 10] = [
    ("PENDING", ObservedState::Pending),
    ("REQUIRES_ACTION", ObservedState::Pending),
    ("ACCEPTING_PAYMENTS", ObservedState::Pending),
    ("SUCCEEDED", ObservedState::Settled),
    ("FAILED", ObservedState::Denied),
    ("CANCELED", ObservedState::Cancelled),
    ("EXPIRED", ObservedState::Expired),
    // The money was with them, and went back.
    ("VOIDED", ObservedState::Refunded),
    // Held and not taken: we ask for no such thing, so a person looks.
    ("AWAITING_CAPTURE", ObservedState::Suspicious),
    ("AUTHORIZED", ObservedState::Suspicious),
];

/// Why a payment request failed, as far as that changes how it is told. Every other reason is a refusal:
/// the word `FAILED` decides, and the money that comes after all is found by asking on.
const FAILURES: [(&str, ObservedState); 9] = [
    ("PAYMENT_REQUEST_EXPIRED", ObservedState::Expired),
    ("USER_DID_NOT_AUTHORIZE", ObservedState::Expired),
    ("USER_DECLINED_PAYMENT", ObservedState::Denied),
    ("USER_DEVICE_UNREACHABLE", ObservedState::Denied),
    ("INSUFFICIENT_BALANCE", ObservedState::Denied),
    ("ACCOUNT_NOT_ACTIVATED", ObservedState::Denied),
    ("ACCOUNT_ACCESS_BLOCKED", ObservedState::Denied),
    ("TIMEOUT_ERROR", ObservedState::Denied),
    ("PARTNER_TIMEOUT_ERROR", ObservedState::Denied),
];

const CREATE: [(&str, Created); 26] = [
    ("API_VALIDATION_ERROR", Created::ThisPayment),
    ("INVALID_VALUE_ERROR", Created::ThisPayment),
    ("UNSUPPORTED_CURRENCY", Created::Refused),
    ("INVALID_PAYMENT_METHOD", Created::Refused),
    ("CHANNEL_CODE_NOT_SUPPORTED_ERROR", Created::Refused),
    ("MAX_AMOUNT_LIMIT_ERROR", Created::ThisPayment),
    ("MIN_AMOUNT_LIMIT_ERROR", Created::ThisPayment),
    ("OPERATION_NOT_ALLOWED", Created::Refused),
    ("INVALID_API_KEY", Created::Refused),
    ("INVALID_MERCHANT_CREDENTIALS", Created::Refused),
    ("INVALID_MERCHANT_SETTINGS", Created::Refused),
    ("UNAUTHORIZED", Created::Refused),
    ("REQUEST_FORBIDDEN_ERROR", Created::Refused),
    ("CHANNEL_NOT_ACTIVATED", Created::Refused),
    ("FEATURE_NOT_ACTIVATED", Created::Refused),
    ("ACCOUNT_ACCESS_BLOCKED", Created::Refused),
    ("CALLBACK_URL_NOT_FOUND", Created::Refused),
    ("INVALID_PAYMENT_DETAILS", Created::Payer),
    ("INVALID_ACCOUNT_DETAILS", Created::Payer),
    ("ACCOUNT_NOT_ACTIVATED", Created::Payer),
    ("IDEMPOTENCY_ERROR", Created::Exists),
    ("DUPLICATE_ERROR", Created::Exists),
    ("DUPLICATE_REFERENCE", Created::Exists),
    ("RATE_LIMIT_EXCEEDED", Created::Later),
    // A limit, though it comes as a bad request.
    ("PAYMENT_REQUEST_RATE_LIMITED", Created::Later),
    // What had happened before it failed is not told. So are all that are not listed.
    ("SERVER_ERROR", Created::Unknown),
];

/// A key of ours that is not taken means that the same is sent again once it is.
const REFUND: [(&str, Refunding); 17] = [
    ("REFUND_AMOUNT_EXCEEDED", Refunding::Refused(RefundRefusal::Amount)),
    ("PARTIAL_REFUND_COUNTS_EXCEEDED", Refunding::Refused(RefundRefusal::Amount)),
    ("PARTIAL_REFUND_NOT_SUPPORTED", Refunding::Refused(RefundRefusal::Amount)),
    ("REFUND_NOT_SUPPORTED", Refunding::Refused(RefundRefusal::NotRefundable)),
    ("INELIGIBLE_TRANSACTION_STATUS", Refunding::Refused(RefundRefusal::WrongState)),
    ("DATA_NOT_FOUND", Refunding::Refused(RefundRefusal::WrongState)),
    ("INSUFFICIENT_BALANCE", Refunding::Refused(RefundRefusal::InsufficientBalance)),
    ("API_VALIDATION_ERROR", Refunding::Refused(RefundRefusal::Other)),
    ("REFUND_IN_PROGRESS", Refunding::Exists),
    ("IDEMPOTENCY_ERROR", Refunding::Exists),
    ("DUPLICATE_ERROR", Refunding::Exists),
    ("INVALID_API_KEY", Refunding::Later),
    ("INVALID_MERCHANT_CREDENTIALS", Refunding::Later),
    ("REQUEST_FORBIDDEN_ERROR", Refunding::Later),
    ("RATE_LIMIT_EXCEEDED", Refunding::Later),
    ("TEMPORARILY_UNAVAILABLE", Refunding::Later),
    ("SERVER_ERROR", Refunding::Unknown),
];

/// What is said of a key that is not theirs (§3.2). That of a channel's own credentials is another matter.
const NOT_OUR_KEY: [&str; 2] = ["INVALID_API_KEY", "UNAUTHORIZED"];

const NOT_FOUND: [&str; 2] = ["DATA_NOT_FOUND", "DATA_NOT_FOUND_ERROR"];

/// The state behind a word; one that is not listed may be anything.
pub(super) fn state(word: &str, failure: Option<&str>) -> ObservedState {
    match look_up(&STATES, word) {
        Some(ObservedState::Denied) => {
            failure.and_then(|failure| look_up(&FAILURES, failure)).unwrap_or(ObservedState::Denied)
        }
        Some(state) => state,
        None => ObservedState::Unrecognised,
    }
}

/// What an answer to a charge means that is no success. A refusal is one only from the caller's side of
/// HTTP: what broke on theirs may have opened something. A limit is theirs when it has a code of theirs: a bare status
/// may be that of somebody between.
pub(super) fn created(status: u16, code: Option<&str>) -> Created {
    let meaning = code.and_then(|code| look_up(&CREATE, code));
    match (status, meaning) {
        (429, _) if code.is_some() => Created::Later,
        (409, None | Some(Created::Refused | Created::ThisPayment | Created::Payer)) => Created::Exists,
        (400..=499, Some(meaning)) => meaning,
        _ => Created::Unknown,
    }
}

/// What an answer to a refund means that is no success. As with a charge, a refusal comes from the caller's
/// side of HTTP, and a limit has a code of theirs.
pub(super) fn refunding(status: u16, code: Option<&str>) -> Refunding {
    let meaning = code.and_then(|code| look_up(&REFUND, code));
    match (status, meaning) {
        (429, _) if code.is_some() => Refunding::Later,
        (409, None | Some(Refunding::Refused(_))) => Refunding::Exists,
        (400..=499, Some(meaning)) => meaning,
        _ => Refunding::Unknown,
    }
}

/// Why a refund that was taken on came to nothing.
pub(super) fn refund_failure(code: &str) -> RefundRefusal {
    match look_up(&REFUND, code) {
        Some(Refunding::Refused(reason)) => reason,
        _ => RefundRefusal::Other,
    }
}

/// Whether a call was refused because of its key, so that nothing of it was looked at. Xendit's own word is needed:
/// an HTTP status may be that of somebody between.
pub(super) fn is_about_our_key(answer: &Answer) -> bool {
    let code = body::parse(&answer.body).and_then(|body| body::word(&body, &["error_code"]));
    answer.status == 401 && code.is_some_and(|code| NOT_OUR_KEY.contains(&code.as_str()))
}

/// Whether an answer says that nothing is there. An error page of somebody in between does not.
pub(super) fn is_not_found(status: u16, code: Option<&str>) -> bool {
    status == 404 && code.is_some_and(|code| NOT_FOUND.contains(&code))
}

fn look_up<T: Copy>(table: &[(&str, T)], word: &str) -> Option<T> {
    table.iter().find(|(known, _)| *known == word).map(|(_, meaning)| *meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_read_as_the_contract_means_it_and_any_other_as_pending_with_an_alert() {
        use ObservedState as S;
        for (word, failure, expected) in [
            ("PENDING", None, S::Pending),
            ("REQUIRES_ACTION", None, S::Pending),
            ("ACCEPTING_PAYMENTS", None, S::Pending),
            ("SUCCEEDED", None, S::Settled),
            ("SUCCEEDED", Some("TIMEOUT_ERROR"), S::Settled),
            ("FAILED", None, S::Denied),
            ("FAILED", Some("SOMETHING_NEW"), S::Denied),
            ("FAILED", Some("PAYMENT_REQUEST_EXPIRED"), S::Expired),
            ("FAILED", Some("USER_DID_NOT_AUTHORIZE"), S::Expired),
            ("FAILED", Some("USER_DECLINED_PAYMENT"), S::Denied),
            ("FAILED", Some("USER_DEVICE_UNREACHABLE"), S::Denied),
            ("FAILED", Some("INSUFFICIENT_BALANCE"), S::Denied),
            ("FAILED", Some("ACCOUNT_NOT_ACTIVATED"), S::Denied),
            ("FAILED", Some("ACCOUNT_ACCESS_BLOCKED"), S::Denied),
            ("FAILED", Some("TIMEOUT_ERROR"), S::Denied),
            ("FAILED", Some("PARTNER_TIMEOUT_ERROR"), S::Denied),
            ("CANCELED", None, S::Cancelled),
            ("EXPIRED", None, S::Expired),
            ("VOIDED", None, S::Refunded),
            ("AWAITING_CAPTURE", None, S::Suspicious),
            ("AUTHORIZED", None, S::Suspicious),
            // Their own word for "we do not know".
            ("UNKNOWN", None, S::Unrecognised),
            ("COMPLETED", None, S::Unrecognised),
            ("", None, S::Unrecognised),
        ] {
            assert_eq!(state(word, failure), expected, "{word} {failure:?}");
        }
        assert!(STATES.iter().all(|(word, _)| state(word, None) != S::Unrecognised));
    }

    #[test]
    fn every_error_code_of_a_charge_is_read_as_the_contract_means_it() {
        use Created as C;
        for (status, code, expected) in [
            (400, "API_VALIDATION_ERROR", C::ThisPayment),
            (400, "INVALID_VALUE_ERROR", C::ThisPayment),
            (400, "UNSUPPORTED_CURRENCY", C::Refused),
            (400, "INVALID_PAYMENT_METHOD", C::Refused),
            (400, "CHANNEL_CODE_NOT_SUPPORTED_ERROR", C::Refused),
            (400, "MAX_AMOUNT_LIMIT_ERROR", C::ThisPayment),
            (400, "MIN_AMOUNT_LIMIT_ERROR", C::ThisPayment),
            (403, "OPERATION_NOT_ALLOWED", C::Refused),
            (401, "INVALID_API_KEY", C::Refused),
            (401, "INVALID_MERCHANT_CREDENTIALS", C::Refused),
            (403, "INVALID_MERCHANT_SETTINGS", C::Refused),
            (401, "UNAUTHORIZED", C::Refused),
            (403, "REQUEST_FORBIDDEN_ERROR", C::Refused),
            (403, "CHANNEL_NOT_ACTIVATED", C::Refused),
            (403, "FEATURE_NOT_ACTIVATED", C::Refused),
            (403, "ACCOUNT_ACCESS_BLOCKED", C::Refused),
            (404, "CALLBACK_URL_NOT_FOUND", C::Refused),
            (400, "INVALID_PAYMENT_DETAILS", C::Payer),
            (400, "INVALID_ACCOUNT_DETAILS", C::Payer),
            (400, "ACCOUNT_NOT_ACTIVATED", C::Payer),
            (400, "IDEMPOTENCY_ERROR", C::Exists),
            (409, "DUPLICATE_ERROR", C::Exists),
            (409, "DUPLICATE_REFERENCE", C::Exists),
            // As their own list has it for a duplicate.
            (409, "DATA_NOT_FOUND", C::Exists),
            (409, "API_VALIDATION_ERROR", C::Exists),
            (429, "RATE_LIMIT_EXCEEDED", C::Later),
            (429, "SOMETHING_NEW", C::Later),
            (400, "PAYMENT_REQUEST_RATE_LIMITED", C::Later),
            (500, "SERVER_ERROR", C::Unknown),
            (503, "CHANNEL_UNAVAILABLE", C::Unknown),
            (503, "ISSUER_UNAVAILABLE", C::Unknown),
            // A refusal from their side of HTTP is none.
            (503, "CHANNEL_NOT_ACTIVATED", C::Unknown),
            (200, "API_VALIDATION_ERROR", C::Unknown),
            (302, "API_VALIDATION_ERROR", C::Unknown),
            (400, "SOMETHING_NEW", C::Unknown),
        ] {
            assert_eq!(created(status, Some(code)), expected, "{status} {code}");
        }
        assert_eq!((created(400, None), created(409, None)), (C::Unknown, C::Exists));
        assert_eq!(created(429, None), C::Unknown, "nobody knows who says so");
    }

    #[test]
    fn every_error_code_of_a_refund_is_read_as_the_contract_means_it() {
        use RefundRefusal as R;
        use Refunding as F;
        for (status, code, expected) in [
            (400, "REFUND_AMOUNT_EXCEEDED", F::Refused(R::Amount)),
            (400, "PARTIAL_REFUND_COUNTS_EXCEEDED", F::Refused(R::Amount)),
            (403, "PARTIAL_REFUND_NOT_SUPPORTED", F::Refused(R::Amount)),
            (403, "REFUND_NOT_SUPPORTED", F::Refused(R::NotRefundable)),
            (400, "INELIGIBLE_TRANSACTION_STATUS", F::Refused(R::WrongState)),
            (404, "DATA_NOT_FOUND", F::Refused(R::WrongState)),
            (400, "INSUFFICIENT_BALANCE", F::Refused(R::InsufficientBalance)),
            (400, "API_VALIDATION_ERROR", F::Refused(R::Other)),
            // Another one on its way, or ours: nobody may give back twice for not looking.
            (400, "REFUND_IN_PROGRESS", F::Exists),
            (400, "IDEMPOTENCY_ERROR", F::Exists),
            (409, "DUPLICATE_ERROR", F::Exists),
            (409, "DATA_NOT_FOUND", F::Exists),
            (409, "SOMETHING_NEW", F::Exists),
            (401, "INVALID_API_KEY", F::Later),
            (401, "INVALID_MERCHANT_CREDENTIALS", F::Later),
            (403, "REQUEST_FORBIDDEN_ERROR", F::Later),
            (429, "RATE_LIMIT_EXCEEDED", F::Later),
            (400, "TEMPORARILY_UNAVAILABLE", F::Later),
            // The same word from behind may come after the effect.
            (503, "TEMPORARILY_UNAVAILABLE", F::Unknown),
            (500, "SERVER_ERROR", F::Unknown),
            (503, "INSUFFICIENT_BALANCE", F::Unknown),
            (200, "INSUFFICIENT_BALANCE", F::Unknown),
            (400, "SOMETHING_NEW", F::Unknown),
        ] {
            assert_eq!(refunding(status, Some(code)), expected, "{status} {code}");
        }
        assert_eq!(refund_failure("INSUFFICIENT_BALANCE"), R::InsufficientBalance);
        for code in ["SERVER_ERROR", "RATE_LIMIT_EXCEEDED", "SOMETHING_NEW"] {
            assert_eq!(refund_failure(code), R::Other, "{code}");
        }
    }

    #[test]
    fn only_their_own_word_says_that_nothing_is_there() {
        assert!(is_not_found(404, Some("DATA_NOT_FOUND")) && is_not_found(404, Some("DATA_NOT_FOUND_ERROR")));
        for (status, code) in
            [(404, None), (404, Some("CALLBACK_URL_NOT_FOUND")), (409, Some("DATA_NOT_FOUND"))]
        {
            assert!(!is_not_found(status, code), "{status} {code:?}");
        }
    }
}

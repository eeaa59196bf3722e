//! What Core's answers mean, without I/O (`contracts/payments.md` §1.3–§1.5, §1.7, §1.9).
//! The code in the body counts first and the HTTP status second; what is not understood is
//! *unknown*, never a failure and never a payment.

use super::{
    address::{BaseUrl, opens_app},
    body::{Body, clip},
    charge::PUSH,
    qr, snap,
};
use crate::{
    ChargeOutcome, ChargeRequest, CloseOutcome, Observation, ObservedState, Opened, RefusalReason, Sent,
    StatusOutcome,
};
use outside::Answer;
use vocabulary::{PayPoint, PaymentMethod, Reference, Rupiah};

/// Whether a call was refused because of its key, so that nothing of it was looked at. Midtrans' own word is
/// needed: an HTTP status may be that of somebody between. Snap has no code in its body, and says it there.
pub(super) fn is_about_our_key(answer: &Answer) -> bool {
    let Some(body) = Body::parse(&answer.body) else { return false };
    match body.code() {
        Some(code) => code == 401,
        None => answer.status == 401 && body.complaints().next().is_some(),
    }
}

/// What an answer to a charge means.
pub(super) fn charge_outcome(request: &ChargeRequest, answer: &Answer, base: &BaseUrl) -> ChargeOutcome {
    let body = Body::parse(&answer.body);
    let reason = || said(answer, body.as_ref());
    let Some((body, code)) = body.as_ref().and_then(|b| Some((b, b.code()?))) else {
        // Whatever its status is: somebody between may have said that, after it was acted on.
        return ChargeOutcome::Unknown { reason: reason(), retry_after: answer.retry_after };
    };
    let word = body.word("transaction_status").unwrap_or_default();
    match (code, word.as_str()) {
        (200..=202, _) if !names(body, &request.reference) => ChargeOutcome::Unknown {
            reason: format!("the answer is about another order: {}", reason()),
            retry_after: None,
        },
        (200 | 201, "pending") if let Some(why) = unfit(request.amount, body) => {
            ChargeOutcome::Unfit { transaction_id: id(body), reason: why }
        }
        (200 | 201, "pending") => match opened_by(request, body, base) {
            opened if request.method.pay_point().is_some() && opened.payment_code.is_none() => {
                ChargeOutcome::Unknown {
                    reason: format!("the answer has no number to pay to: {}", reason()),
                    retry_after: None,
                }
            }
            opened => ChargeOutcome::Opened(opened),
        },
        (200 | 201, "") => ChargeOutcome::Unknown { reason: reason(), retry_after: None },
        (200 | 201, _) => ChargeOutcome::Exists,
        // There is one, and it has ended: that is asked for. So is one that stands in the way of ours.
        (202, "deny" | "cancel" | "expire" | "failure") | (406 | 409 | 412, _) => ChargeOutcome::Exists,
        (429, _) => ChargeOutcome::NotOpened { reason: reason(), retry_after: answer.retry_after },
        (407, _) => ChargeOutcome::Unknown { reason: reason(), retry_after: None },
        (404, _) if request.method == PaymentMethod::OvoPush && is_about_phone(body) => {
            refused(code, body, RefusalReason::UnknownPhone)
        }
        // What they document as a refusal (§1.3). Of any other code nobody knows what came before it.
        (400..=405 | 408 | 410 | 411 | 413 | 414, _) => refused(code, body, refusal(code)),
        _ => ChargeOutcome::Unknown { reason: reason(), retry_after: None },
    }
}

fn refused(code: u16, body: &Body, reason: RefusalReason) -> ChargeOutcome {
    ChargeOutcome::Refused { code: code.to_string(), message: body.message(), reason }
}

/// Whether what they do not take is in this payment: values, types and words of it. The rest is about us.
pub(super) fn refusal(code: u16) -> RefusalReason {
    match code {
        400 | 408 | 413 => RefusalReason::ThisPayment,
        _ => RefusalReason::Other,
    }
}

/// "User with requested phone number doesn't exist" (§1.5).
fn is_about_phone(body: &Body) -> bool {
    body.message().to_ascii_lowercase().contains("phone")
}

/// Why what was opened asks the buyer for something else than we asked for, as far as the answer tells. (A fee
/// that is put on top may show in the amount, in the link, or in the QR code alone, which is read elsewhere.)
fn unfit(ours: Rupiah, body: &Body) -> Option<String> {
    if body.is_foreign() {
        return Some("it is not for rupiah".to_owned());
    }
    if let Some(named) = body.text("gross_amount")
        && body.amount() != Some(ours)
    {
        return Some(format!("it is for {} instead of {ours}", clip(&named)));
    }
    let asked = body.asked_by_link().filter(|asked| *asked != ours)?;
    Some(format!("its link asks for {asked} instead of {ours}"))
}

/// The same of one that is asked about. What a buyer sees already was for our amount; a fee that shows in the
/// state alone is put on top of what comes in, and is compared then.
fn unfit_now(sent: &Sent, body: &Body) -> Option<String> {
    if !sent.was_open {
        return unfit(sent.amount, body);
    }
    let asked = body.asked_by_link().filter(|asked| *asked != sent.amount)?;
    Some(format!("its link asks for {asked} instead of {}", sent.amount))
}

fn id(body: &Body) -> String {
    body.text("transaction_id").unwrap_or_default()
}

/// What the buyer of this charge needs. A push without an expiry of its own has the one of §1.5.
fn opened_by(request: &ChargeRequest, body: &Body, base: &BaseUrl) -> Opened {
    let paid = (request.method, request.amount);
    let mut opened = of_method(request.method, opened(body, base, paid), body);
    if request.method == PaymentMethod::OvoPush {
        opened.expires_at = body.time("expiry_time").or(Some(request.now.plus(PUSH)));
    }
    opened
}

/// What of it belongs to this method: a push has neither code nor link, and its time is fixed. The time of
/// a push that somebody started on a page is not the page's. Where a number is paid to, there is nothing
/// else, and a code for any wallet opens no app.
fn of_method(method: PaymentMethod, opened: Opened, body: &Body) -> Opened {
    if let Some(point) = method.pay_point() {
        return Opened {
            transaction_id: opened.transaction_id,
            payment_code: body.payment_code(point),
            expires_at: opened.expires_at,
            ..Opened::default()
        };
    }
    match method {
        PaymentMethod::Qris => Opened { deep_link: None, ..opened },
        PaymentMethod::OvoPush => Opened {
            transaction_id: opened.transaction_id,
            expires_at: opened.expires_at.or_else(|| Some(body.time("transaction_time")?.plus(PUSH))),
            ..Opened::default()
        },
        PaymentMethod::OvoLink => Opened { transaction_id: opened.transaction_id, ..Opened::default() },
        _ => opened,
    }
}

/// What an answer to a question about the state means.
pub(super) fn status_outcome(sent: &Sent, answer: &Answer, base: &BaseUrl) -> StatusOutcome {
    let body = Body::parse(&answer.body);
    let unknown = |why: &str| StatusOutcome::Unknown {
        reason: format!("{why}{}", said(answer, body.as_ref())),
        retry_after: answer.retry_after,
    };
    let Some((body, code)) = body.as_ref().and_then(|b| Some((b, b.code()?))) else {
        return unknown("");
    };
    match code {
        404 => snap::unused(sent).map_or(StatusOutcome::NotFound, StatusOutcome::Found),
        200 | 201 | 202 | 407 if !names(body, &sent.reference) => {
            unknown("the answer is about another order: ")
        }
        200 | 201 | 202 | 407 => match stated(code, body) {
            Some(stated) => {
                let seen = observation(code, body, &stated, (base, sent));
                let opened = of_method(sent.method, seen.opened, body);
                StatusOutcome::Found(snap::seen_on_page(sent, Observation { opened, ..seen }))
            }
            None => unknown(""),
        },
        _ => unknown(""),
    }
}

/// The word for the state. An answer 407 ("expired transaction") says it with its code alone.
fn stated(code: u16, body: &Body) -> Option<String> {
    body.text("transaction_status").or_else(|| (code == 407).then(|| "expire".to_owned()))
}

fn observation(code: u16, body: &Body, stated: &str, (base, sent): (&BaseUrl, &Sent)) -> Observation {
    // Cash at a till has no fraud check, and their own example of a paid one does not name the field.
    let at_a_till = matches!(sent.method.pay_point(), Some(PayPoint::Store(_)))
        && body.word("payment_type").as_deref() == Some("cstore");
    let fraud = body.fraud().or_else(|| at_a_till.then(|| "accept".to_owned()));
    let state = state(code, &stated.to_ascii_lowercase(), fraud.as_deref());
    let (state, amount) = match body.is_foreign() {
        true => (ObservedState::Suspicious, None),
        false => (state, body.amount()),
    };
    // Of what a bank took back `refund_amount` says nothing.
    let is_refund = !body.is_foreign() && stated.to_ascii_lowercase().ends_with("refund");
    let given_back = if is_refund { body.refunded() } else { None };
    let refunds = if is_refund { body.listed() } else { None };
    let stated = match (state, fraud) {
        (ObservedState::Suspicious, Some(fraud)) => {
            format!("{} (fraud_status {})", clip(stated), clip(&fraud))
        }
        (ObservedState::Suspicious, None) => format!("{} (no fraud_status)", clip(stated)),
        _ => clip(stated),
    };
    let opened = opened(body, base, (sent.method, sent.amount));
    let seen = Observation { state, stated, amount, given_back, refunds, opened };
    match unfit_now(sent, body).filter(|_| state == ObservedState::Pending) {
        Some(why) => Observation {
            state: ObservedState::Unfit,
            stated: why,
            opened: Opened { transaction_id: seen.opened.transaction_id, ..Opened::default() },
            ..seen
        },
        None => seen,
    }
}

/// The rule of §1.7: paid is only a settlement (or capture) with code 200 whose `fraud_status` is
/// `accept`. One that says nothing of it is not paid: it is asked about again, and a person hears of it
/// (cash at a till excepted, see `observation`).
pub(super) fn state(code: u16, word: &str, fraud: Option<&str>) -> ObservedState {
    match word {
        "settlement" | "capture" if fraud != Some("accept") => ObservedState::Suspicious,
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
            match state(code, word, body.fraud().as_deref()) {
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

pub(super) fn names(body: &Body, reference: &Reference) -> bool {
    body.string("order_id") == Some(&reference.to_string())
}

/// What the buyer needs, as far as the answer tells.
fn opened(body: &Body, base: &BaseUrl, paid: (PaymentMethod, Rupiah)) -> Opened {
    Opened {
        transaction_id: id(body),
        qr_string: body.text("qr_string").filter(|text| qr::objection(text, paid).is_none()),
        qr_image_url: pictures(body, base).into_iter().next(),
        deep_link: body.action("deeplink-redirect").filter(|link| opens_app(link)).map(str::to_owned),
        redirect_url: None,
        payment_code: None,
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
pub(super) fn said(answer: &Answer, body: Option<&Body>) -> String {
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
    use serde_json::json;
    use std::time::Duration;
    use vocabulary::{PhoneNumber, Timestamp};

    const METHODS: [PaymentMethod; 8] = [
        PaymentMethod::GopayQr,
        PaymentMethod::GopayLink,
        PaymentMethod::OvoPush,
        PaymentMethod::OvoLink,
        PaymentMethod::Qris,
        PaymentMethod::VaBca,
        PaymentMethod::VaPermata,
        PaymentMethod::CstoreIndomaret,
    ];

    fn request(method: PaymentMethod) -> ChargeRequest {
        let now = Timestamp::from_millis(0);
        ChargeRequest {
            reference: "LK0123456789-P1".parse().unwrap(),
            method,
            amount: Rupiah::new(275_000),
            item_code: "ML_86".into(),
            item_name: "Diamonds".into(),
            now,
            expires_at: now.plus(Duration::from_secs(900)),
            notify_url: None,
            return_url: None,
            phone: PhoneNumber::parse("081234567890").ok(),
        }
    }

    fn read(
        method: PaymentMethod,
        was_open: bool,
        status: u16,
        body: &[u8],
    ) -> (ChargeOutcome, StatusOutcome, CloseOutcome) {
        let (base, request) = (BaseUrl::new("https://api.midtrans.com"), request(method));
        let sent = Sent {
            reference: request.reference.clone(),
            method,
            amount: request.amount,
            transaction_id: None,
            was_open,
            closing: None,
            expires_at: request.expires_at,
            now: request.now,
        };
        let answer = Answer { status, retry_after: None, headers: Vec::new(), body: body.to_vec() };
        (
            charge_outcome(&request, &answer, &base),
            status_outcome(&sent, &answer, &base),
            close_outcome(&sent.reference, &answer),
        )
    }

    proptest! {
        #[test]
        fn no_bytes_are_a_payment(
            method in proptest::sample::select(&METHODS[..]),
            was_open in any::<bool>(),
            status in 100u16..600,
            body in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            let (charge, state, close) = read(method, was_open, status, &body);
            let is_nothing = matches!(charge, ChargeOutcome::Unknown { .. } | ChargeOutcome::NotOpened { .. });
            prop_assert!(is_nothing);
            let is_unknown = matches!(state, StatusOutcome::Unknown { .. });
            prop_assert!(is_unknown);
            let is_unknown = matches!(close, CloseOutcome::Unknown { .. });
            prop_assert!(is_unknown);
        }

        #[test]
        fn only_one_shape_of_answer_is_settled(
            method in proptest::sample::select(&METHODS[..]),
            was_open in any::<bool>(),
            http in 100u16..600,
            code in "200|201|202|404|407|[0-9]{1,4}",
            order in "LK0123456789-P1|LK0123456789-P2|.{0,12}",
            word in "(?i)settlement|capture|pending|expire|.{0,12}",
            fraud in proptest::option::of("(?i)accept|challenge|deny|.{0,6}"),
            currency in proptest::option::of("IDR|idr|USD|.{0,4}"),
            kind in "gopay|ovo|qris|bank_transfer|cstore|.{0,6}",
        ) {
            let body = json!({
                "status_code": code, "order_id": order, "transaction_status": word, "fraud_status": fraud,
                "currency": currency, "gross_amount": "275000.00", "transaction_id": order,
                "payment_type": kind, "payer_phone_number": "081234567890", "expiry_time": "1970-01-01 07:01:05",
            });
            let (charge, state, _) = read(method, was_open, http, body.to_string().as_bytes());
            let shown = format!("{charge:?} {state:?}");
            prop_assert!(!shown.contains("081234567890"), "{}", shown);
            if let ChargeOutcome::Opened(opened) = charge {
                prop_assert!(matches!(code.as_str(), "200" | "201") && order == "LK0123456789-P1");
                let is_push = matches!(method, PaymentMethod::OvoPush | PaymentMethod::OvoLink);
                prop_assert!(method.pay_point().is_none(), "no number is in the answer");
                prop_assert!(!is_push || (opened.qr_image_url.is_none() && opened.deep_link.is_none()));
            }
            if let StatusOutcome::Found(Observation { state: ObservedState::Settled, .. }) = state {
                prop_assert_eq!((code.as_str(), order.as_str()), ("200", "LK0123456789-P1"));
                let word = word.trim().to_ascii_lowercase();
                prop_assert!(word == "settlement" || word == "capture");
                let cash = method == PaymentMethod::CstoreIndomaret && kind == "cstore";
                let silent = fraud.as_ref().is_none_or(|f| f.trim().is_empty());
                let accepted =
                    cash && silent || fraud.is_some_and(|f| f.trim().eq_ignore_ascii_case("accept"));
                let rupiah = currency.is_none_or(|c| c.trim().eq_ignore_ascii_case("IDR"));
                prop_assert!(accepted && rupiah);
            }
        }
    }
}

//! Xendit's JSON and our types, both ways, without I/O (`contracts/payments.md` §3.3). What is not
//! understood is *unknown*, never a failure and never a payment.

use super::{
    body::{self, clip, said},
    codes::{self, Created},
    state,
};
use crate::{
    ChargeOutcome, ChargeRequest, CloseOutcome, ObservedState, Opened, RefusalReason,
    gateways::address::BaseUrl,
};
use outside::Answer;
use serde_json::{Value, json};
use std::time::Duration;
use vocabulary::{PaymentMethod, PhoneNumber, Reference, Timestamp};

/// Characters of the description that are sent, of 1000 that are taken (§3.4).
const DESCRIPTION_CHARS: usize = 100;
/// How long a push lives: the buyer has 55 s (§3.2), and it is over when 65 s are (§3.6).
pub(super) const PUSH: Duration = Duration::from_secs(65);
/// The longest pause that a limit can ask for. What stands in its header is not described further.
const LONGEST_RESET_S: u64 = 3_600;

/// Why a charge is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Senseless {
    /// Xendit is not asked for this method.
    Method,
    /// A push to nobody.
    Phone,
}

/// The body of a payment request. Everything in it comes from what is stored, so that a repetition under
/// the same key has the same content.
pub(super) fn create_body(request: &ChargeRequest) -> Result<Vec<u8>, Senseless> {
    let (channel, properties) = match request.method {
        PaymentMethod::OvoPush => {
            let phone = request.phone.as_ref().ok_or(Senseless::Phone)?;
            ("OVO", json!({"mobile_number": international(phone)}))
        }
        PaymentMethod::DanaLink => ("DANA", return_urls(request)),
        _ => return Err(Senseless::Method),
    };
    let body = json!({
        "reference_id": request.reference.to_string(),
        "amount": request.amount.get(),
        "currency": "IDR",
        "country": "ID",
        "description": description(request),
        "payment_method": {
            "type": "EWALLET",
            // One order, one payment: a method that could be used again would be an open door.
            "reusability": "ONE_TIME_USE",
            "ewallet": {"channel_code": channel, "channel_properties": properties},
        },
    });
    Ok(body.to_string().into_bytes())
}

/// `+6281234567890` for `081234567890`.
fn international(phone: &PhoneNumber) -> String {
    let local = phone.local();
    format!("+62{}", local.strip_prefix('0').unwrap_or(local))
}

fn return_urls(request: &ChargeRequest) -> Value {
    match &request.return_url {
        Some(url) => json!({"success_return_url": url, "failure_return_url": url, "cancel_return_url": url}),
        None => json!({}),
    }
}

fn description(request: &ChargeRequest) -> String {
    let plain =
        |text: &str| text.chars().filter(|c| !c.is_control()).take(DESCRIPTION_CHARS).collect::<String>();
    let name = plain(&request.item_name);
    if name.trim().is_empty() { plain(&request.item_code) } else { name }
}

/// What an answer to a charge means.
pub(super) fn charge_outcome(request: &ChargeRequest, answer: &Answer, base: &BaseUrl) -> ChargeOutcome {
    let body = body::parse(&answer.body);
    let reason = || said(answer, body.as_ref());
    if let (200..=299, Some(body)) = (answer.status, &body) {
        return taken(request, body, base, &reason());
    }
    let code = body.as_ref().and_then(|body| body::word(body, &["error_code"]));
    let message = || {
        let message = body.as_ref().and_then(|body| body::string(body, &["message"]));
        clip(message.unwrap_or_default())
    };
    let refused = |because: RefusalReason| ChargeOutcome::Refused {
        code: code.as_deref().map(clip).unwrap_or_default(),
        message: message(),
        reason: because,
    };
    match codes::created(answer.status, code.as_deref()) {
        Created::Refused => refused(RefusalReason::Other),
        Created::ThisPayment => refused(RefusalReason::ThisPayment),
        // Nobody gave a number for anything but a push.
        Created::Payer if request.method == PaymentMethod::OvoPush => refused(RefusalReason::UnknownPhone),
        Created::Payer => refused(RefusalReason::Other),
        Created::Exists => ChargeOutcome::Exists,
        Created::Later => ChargeOutcome::NotOpened { reason: reason(), retry_after: pause(answer) },
        Created::Unknown => ChargeOutcome::Unknown { reason: reason(), retry_after: pause(answer) },
    }
}

/// A success: also the answer to a repetition under the same key.
fn taken(request: &ChargeRequest, body: &Value, base: &BaseUrl, said: &str) -> ChargeOutcome {
    if !names(body, &request.reference) {
        return ChargeOutcome::Unknown {
            reason: format!("the answer is about another payment: {said}"),
            retry_after: None,
        };
    }
    match state::of(body) {
        ObservedState::Pending => match opened(request.method, body, base, request.now) {
            opened if is_payable(request.method, &opened) => ChargeOutcome::Opened(opened),
            _ => ChargeOutcome::Unknown {
                reason: format!("the answer has nothing to pay with: {said}"),
                retry_after: None,
            },
        },
        // It is further than just opened. That is for a question.
        _ => ChargeOutcome::Exists,
    }
}

/// What the buyer needs, as far as the answer tells.
pub(super) fn opened(method: PaymentMethod, body: &Value, base: &BaseUrl, now: Timestamp) -> Opened {
    let transaction_id = body::id(body, &["id"]).unwrap_or_default().to_owned();
    match method {
        PaymentMethod::DanaLink => {
            Opened { transaction_id, redirect_url: page(body, base), ..Opened::default() }
        }
        _ => {
            let made = body::string(body, &["created"]).and_then(|time| Timestamp::parse_rfc3339(time).ok());
            // A clock of theirs that is ahead of ours gives nobody more time.
            let made = made.filter(|made| *made <= now).unwrap_or(now);
            Opened { transaction_id, expires_at: Some(made.plus(PUSH)), ..Opened::default() }
        }
    }
}

/// Whether the buyer can pay with that.
pub(super) fn is_payable(method: PaymentMethod, opened: &Opened) -> bool {
    method != PaymentMethod::DanaLink || opened.redirect_url.is_some()
}

/// The page of the wallet: of several the one for any browser first.
fn page(body: &Value, base: &BaseUrl) -> Option<String> {
    let actions = body::list(body, &["actions"]);
    let of = |kind: &str| {
        let fits = |action: &&Value| {
            let is_for_buyer =
                body::word(action, &["action"]).is_some_and(|a| a == "AUTH" || a == "PRESENT_TO_CUSTOMER");
            is_for_buyer && body::word(action, &["url_type"]).as_deref() == Some(kind)
        };
        let urls = actions.iter().filter(fits).filter_map(|action| body::string(action, &["url"]));
        urls.into_iter().find(|url| base.may_show(url)).map(str::to_owned)
    };
    of("WEB").or_else(|| of("MOBILE"))
}

/// Whether an object is about this reference.
pub(super) fn names(body: &Value, reference: &Reference) -> bool {
    body::string(body, &["reference_id"]) == Some(&reference.to_string())
}

/// How long a limit asks us to wait.
pub(super) fn pause(answer: &Answer) -> Option<Duration> {
    let reset = || {
        let seconds: u64 = answer.header("rate-limit-reset")?.trim().parse().ok()?;
        (answer.status == 429 && seconds <= LONGEST_RESET_S).then(|| Duration::from_secs(seconds))
    };
    answer.retry_after.or_else(reset)
}

/// How a payment that is open can be closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Their own address for it.
    Named(String),
    /// The payment method behind it, which nobody else uses, is ended.
    Method(String),
}

/// The way to close this payment request, if there is one.
pub(super) fn way_to_close(body: &Value, base: &BaseUrl) -> Option<Way> {
    let named = body::list(body, &["actions"]).iter().find_map(|action| {
        let is = |name: &str, word: &str| body::word(action, &[name]).as_deref() == Some(word);
        let fits = is("action", "CANCEL") && is("url_type", "API") && is("method", "POST");
        // Our key goes to their own address only.
        body::string(action, &["url"]).filter(|url| fits && base.is_home_of(url))
    });
    let method = || body::id(body, &["payment_method", "id"]).map(|id| Way::Method(id.to_owned()));
    named.map(|url| Way::Named(url.to_owned())).or_else(method)
}

/// What an answer to closing means. It is asked about afterwards in any case.
pub(super) fn close_outcome(answer: &Answer) -> CloseOutcome {
    let body = body::parse(&answer.body);
    let unknown = || CloseOutcome::Unknown { reason: said(answer, body.as_ref()) };
    let Some(found) = &body else { return unknown() };
    let code = body::word(found, &["error_code"]);
    match answer.status {
        200..=299 => match body::word(found, &["status"]).as_deref() {
            Some("CANCELED" | "EXPIRED" | "VOIDED" | "INACTIVE") => CloseOutcome::Closed,
            Some("SUCCEEDED" | "FAILED") => CloseOutcome::CannotClose,
            _ => unknown(),
        },
        404 if codes::is_not_found(404, code.as_deref()) => CloseOutcome::NotFound,
        400 | 403 | 409 if code.is_some() => CloseOutcome::CannotClose,
        _ => unknown(),
    }
}

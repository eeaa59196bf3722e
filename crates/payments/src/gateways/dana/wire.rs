//! DANA's JSON and our types, both ways, without I/O (`contracts/payments.md` §2.3, §2.4). The code
//! in the body counts; what is not understood is *unknown*, never a failure and never a payment.

use super::{
    body::{Body, clip, said},
    codes::{self, Closing, Created},
    option,
    signature::time,
};
use crate::{
    ChargeOutcome, ChargeRequest, CloseOutcome, Opened, RefusalReason, gateways::address::BaseUrl, qris,
};
use outside::Answer;
use serde_json::{Value, json};
use vocabulary::{PaymentMethod, Reference, Rupiah};

/// Merchant category: digital games.
const MCC: &str = "5816";
/// Characters of the title that are sent.
const TITLE_CHARS: usize = 64;
/// Digits of a number that somebody types at an ATM.
const NUMBER_DIGITS: usize = 32;
/// The longest id of theirs that is taken (§2.6).
const ID_CHARS: usize = 64;

/// Who we are with DANA.
#[derive(Clone, Debug)]
pub(super) struct Merchant {
    pub(super) merchant_id: String,
    pub(super) store_id: String,
}

/// The body of an order. Everything in it comes from what is stored, so that a repetition has the
/// same content: DANA answers another one under the same reference with 4045418.
pub(super) fn create_body(request: &ChargeRequest, merchant: &Merchant) -> Vec<u8> {
    let amount = money(request.amount);
    let mut body = json!({
        "partnerReferenceNo": request.reference.to_string(),
        "merchantId": merchant.merchant_id,
        "amount": amount,
        // Cut to the second: it never ends after ours.
        "validUpTo": time(option::valid_up_to(request)),
        "urlParams": url_params(request),
        "additionalInfo": {
            "mcc": MCC,
            "envInfo": {"sourcePlatform": "IPG", "terminalType": "SYSTEM", "orderTerminalType": "WEB"},
            "order": {"orderTitle": title(request), "scenario": scenario(request.method)},
        },
    });
    let Some(fields) = body.as_object_mut() else { return Vec::new() };
    if let Some((method, option)) = option::named(request.method) {
        let mut detail = json!({"payMethod": method, "payOption": option, "transAmount": amount});
        if let (Some(phone), Some(detail)) = (&request.phone, detail.as_object_mut())
            && request.method.needs_phone()
        {
            detail.insert("additionalInfo".into(), json!({"phoneNumber": phone.local()}));
        }
        fields.insert("payOptionDetails".into(), json!([detail]));
    }
    if option::is_code(request.method) {
        fields.insert("externalStoreId".into(), json!(merchant.store_id));
    }
    body.to_string().into_bytes()
}

/// Who chooses how it is paid: we, or the buyer on DANA's page. With `API` and `BALANCE` DANA wants the
/// buyer's phone number (§2.3), which we do not ask for; its own page does.
fn scenario(method: PaymentMethod) -> &'static str {
    if option::named(method).is_some() { "API" } else { "REDIRECT" }
}

fn title(request: &ChargeRequest) -> String {
    let plain = |text: &str| text.chars().filter(|c| !c.is_control()).take(TITLE_CHARS).collect::<String>();
    Some(plain(&request.item_name))
        .filter(|t| !t.trim().is_empty())
        .unwrap_or_else(|| plain(&request.item_code))
}

fn url_params(request: &ChargeRequest) -> Vec<Value> {
    let param = |url: &Option<String>, kind: &str, deep: &str| {
        url.as_ref().map(|url| json!({"url": url, "type": kind, "isDeeplink": deep}))
    };
    let back = param(&request.return_url, "PAY_RETURN", "Y");
    back.into_iter().chain(param(&request.notify_url, "NOTIFICATION", "N")).collect()
}

/// An amount as they write it: always two decimals.
pub(super) fn money(amount: Rupiah) -> Value {
    json!({"value": format!("{}.00", amount.get()), "currency": "IDR"})
}

/// What an answer to an order means.
pub(super) fn charge_outcome(request: &ChargeRequest, answer: &Answer, base: &BaseUrl) -> ChargeOutcome {
    let body = Body::parse(&answer.body);
    let reason = || said(answer, body.as_ref());
    let Some((body, code)) = body.as_ref().and_then(|b| Some((b, b.code()?))) else {
        return match answer.status {
            429 => ChargeOutcome::NotOpened { reason: reason(), retry_after: answer.retry_after },
            _ => ChargeOutcome::Unknown { reason: reason() },
        };
    };
    let refused = |reason| ChargeOutcome::Refused { code: clip(&code), message: body.message(), reason };
    match codes::created(&code) {
        Created::Opened if !names(body, "partnerReferenceNo", &request.reference) => {
            ChargeOutcome::Unknown { reason: format!("the answer is about another order: {}", reason()) }
        }
        Created::Opened => match opened(request, body, base) {
            Some(opened) => ChargeOutcome::Opened(opened),
            None => {
                ChargeOutcome::Unknown { reason: format!("the answer has nothing to pay with: {}", reason()) }
            }
        },
        Created::Exists => ChargeOutcome::Exists,
        Created::Refused => refused(RefusalReason::Other),
        Created::ThisPayment => refused(RefusalReason::ThisPayment),
        Created::Later => ChargeOutcome::NotOpened { reason: reason(), retry_after: answer.retry_after },
        Created::Unknown => ChargeOutcome::Unknown { reason: reason() },
    }
}

/// What the buyer needs in order to pay; `None` when it is not there, or not fit to be shown, so that the
/// same is sent again. Of a push the buyer needs nothing.
fn opened(request: &ChargeRequest, body: &Body, base: &BaseUrl) -> Option<Opened> {
    let code = || body.text(&["additionalInfo", "paymentCode"]);
    let opened = Opened { transaction_id: id(body, "referenceNo"), ..Opened::default() };
    Some(match request.method {
        method if option::is_code(method) => {
            Opened { qr_string: Some(code().filter(|code| may_show(code, request))?), ..opened }
        }
        PaymentMethod::OvoPush => Opened { expires_at: Some(option::valid_up_to(request)), ..opened },
        method if method.pay_point().is_some() => {
            Opened { payment_code: Some(code().filter(|code| is_number(code))?), ..opened }
        }
        _ => {
            let page = body.text(&["webRedirectUrl"]).filter(|url| base.trusts(url));
            Opened { redirect_url: Some(page?), ..opened }
        }
    })
}

/// Whether the buyer may be shown this QR code. The same field holds other things for other methods.
fn may_show(code: &str, request: &ChargeRequest) -> bool {
    let checked = qris::check(code, request.amount);
    if let Err(why) = &checked {
        tracing::error!(
            payment.reference = %request.reference, %why,
            "the QR code of DANA for {} is not shown: {why}", request.reference
        );
    }
    checked.is_ok()
}

/// Whether it is a number that one can transfer to.
fn is_number(code: &str) -> bool {
    (1..=NUMBER_DIGITS).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit())
}

/// DANA's own id, when it is one.
pub(super) fn id(body: &Body, field: &str) -> String {
    body.text(&[field]).filter(|id| id.len() <= ID_CHARS).unwrap_or_default()
}

/// Whether the answer is about this reference.
pub(super) fn names(body: &Body, field: &str, reference: &Reference) -> bool {
    body.string(&[field]) == Some(&reference.to_string())
}

/// The body of a question. `54` is the service that it was opened with, the QR code too: `47` is for
/// codes of the acquirer's own interface.
pub(super) fn query_body(reference: &Reference, merchant: &Merchant) -> Vec<u8> {
    json!({
        "originalPartnerReferenceNo": reference.to_string(),
        "serviceCode": "54",
        "merchantId": merchant.merchant_id,
    })
    .to_string()
    .into_bytes()
}

/// The body of a request to cancel.
pub(super) fn cancel_body(reference: &Reference, merchant: &Merchant, reason: &str) -> Vec<u8> {
    json!({
        "originalPartnerReferenceNo": reference.to_string(),
        "merchantId": merchant.merchant_id,
        "reason": reason,
    })
    .to_string()
    .into_bytes()
}

/// What an answer to a request to cancel means.
pub(super) fn close_outcome(reference: &Reference, answer: &Answer) -> CloseOutcome {
    let body = Body::parse(&answer.body);
    let unknown = || CloseOutcome::Unknown { reason: said(answer, body.as_ref()) };
    let Some((body, code)) = body.as_ref().and_then(|b| Some((b, b.code()?))) else {
        return unknown();
    };
    match codes::closing(&code) {
        Some(Closing::Done) if names(body, "originalPartnerReferenceNo", reference) => CloseOutcome::Closed,
        Some(Closing::Impossible) => CloseOutcome::CannotClose,
        Some(Closing::NotFound) => CloseOutcome::NotFound,
        _ => unknown(),
    }
}

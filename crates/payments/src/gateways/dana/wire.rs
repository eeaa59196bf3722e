//! DANA's JSON and our types, both ways, without I/O (`contracts/payments.md` §2.3, §2.4). The code
//! in the body counts; what is not understood is *unknown*, never a failure and never a payment.

use super::{
    body::{Body, clip, said},
    codes::{self, Closing, Created},
    signature::time,
};
use crate::{ChargeOutcome, ChargeRequest, CloseOutcome, Opened, RefusalReason, gateways::address::BaseUrl};
use outside::Answer;
use serde_json::{Value, json};
use vocabulary::{PaymentMethod, Reference, Rupiah};

/// Merchant category: digital games.
const MCC: &str = "5816";
/// Characters of the title that are sent.
const TITLE_CHARS: usize = 64;
/// The longest text of a QR code that is taken: more than that no phone reads off a screen.
const QR_CHARS: usize = 1_000;
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
        "validUpTo": time(request.expires_at),
        "urlParams": url_params(request),
        "additionalInfo": {
            "mcc": MCC,
            "envInfo": {"sourcePlatform": "IPG", "terminalType": "SYSTEM", "orderTerminalType": "WEB"},
            "order": {"orderTitle": title(request), "scenario": scenario(request.method)},
        },
    });
    if let (PaymentMethod::DanaQr, Some(fields)) = (request.method, body.as_object_mut()) {
        let qris = json!({
            "payMethod": "NETWORK_PAY", "payOption": "NETWORK_PAY_PG_QRIS", "transAmount": amount,
        });
        fields.insert("payOptionDetails".into(), json!([qris]));
        fields.insert("externalStoreId".into(), json!(merchant.store_id));
    }
    body.to_string().into_bytes()
}

/// Who chooses how it is paid: we, or the buyer on DANA's page. With `API` and `BALANCE` DANA wants the
/// buyer's phone number (§2.3), which we do not ask for; its own page does.
fn scenario(method: PaymentMethod) -> &'static str {
    if method == PaymentMethod::DanaQr { "API" } else { "REDIRECT" }
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
fn money(amount: Rupiah) -> Value {
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
    match codes::created(&code) {
        Created::Opened if !names(body, "partnerReferenceNo", &request.reference) => {
            ChargeOutcome::Unknown { reason: format!("the answer is about another order: {}", reason()) }
        }
        Created::Opened => match opened(request.method, body, base) {
            Some(opened) => ChargeOutcome::Opened(opened),
            None => {
                ChargeOutcome::Unknown { reason: format!("the answer has nothing to pay with: {}", reason()) }
            }
        },
        Created::Exists => ChargeOutcome::Exists,
        Created::Refused => ChargeOutcome::Refused {
            code: clip(&code),
            message: body.message(),
            reason: RefusalReason::Other,
        },
        Created::Later => ChargeOutcome::NotOpened { reason: reason(), retry_after: answer.retry_after },
        Created::Unknown => ChargeOutcome::Unknown { reason: reason() },
    }
}

/// What the buyer needs in order to pay; `None` when it is not there, so that the same is sent again.
fn opened(method: PaymentMethod, body: &Body, base: &BaseUrl) -> Option<Opened> {
    let code = body.text(&["additionalInfo", "paymentCode"]);
    let page = body.text(&["webRedirectUrl"]);
    let opened = Opened {
        transaction_id: id(body, "referenceNo"),
        qr_string: code.filter(|code| method == PaymentMethod::DanaQr && is_qris(code)),
        redirect_url: page.filter(|url| method == PaymentMethod::DanaLink && base.trusts(url)),
        ..Opened::default()
    };
    (opened.qr_string.is_some() || opened.redirect_url.is_some()).then_some(opened)
}

/// Whether a text begins as every merchant QR code of EMVCo does (§5). The same field holds other
/// things for other methods.
fn is_qris(code: &str) -> bool {
    code.starts_with("000201") && code.len() <= QR_CHARS && code.bytes().all(|b| (b' '..=b'~').contains(&b))
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

//! DANA's JSON and our types, both ways, without I/O (`contracts/payments.md` §2.3, §2.4). The code
//! in the body counts; what is not understood is *unknown*, never a failure and never a payment.

use super::{
    body::{Body, clip, said},
    codes::{self, Closing, Created},
    option,
    signature::time,
};
use crate::{
    ChargeOutcome, ChargeRequest, CloseOutcome, Opened, RefusalReason,
    gateways::address::BaseUrl,
    qris::{self, QrisError},
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
            // We choose how it is paid, and not the buyer on DANA's page (`REDIRECT`).
            "order": {"orderTitle": title(request), "scenario": "API"},
        },
    });
    let Some(fields) = body.as_object_mut() else { return Vec::new() };
    if let Some((method, option)) = option::named(request.method) {
        let mut detail = json!({"payMethod": method, "payOption": option, "transAmount": amount});
        // What DANA's library calls a wallet (`NETWORK_PAY`) or a card wants the buyer's number (§2.3). The balance is
        // neither, and its page asks for the number: the vendor's own acceptance tests send it without one.
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
        // Whatever its status is: somebody between may have said that, after it was acted on.
        return ChargeOutcome::Unknown { reason: reason(), retry_after: answer.retry_after };
    };
    let refused = |reason| ChargeOutcome::Refused { code: clip(&code), message: body.message(), reason };
    match codes::created(&code) {
        Created::Opened if !names(body, "partnerReferenceNo", &request.reference) => ChargeOutcome::Unknown {
            reason: format!("the answer is about another order: {}", reason()),
            retry_after: None,
        },
        Created::Opened => match opened(request, body, base) {
            Ok(opened) => ChargeOutcome::Opened(opened),
            Err(Useless::Nothing) => ChargeOutcome::Unknown {
                reason: format!("the answer has nothing to pay with: {}", reason()),
                retry_after: None,
            },
            Err(Useless::Unfit(why)) => ChargeOutcome::Unfit {
                transaction_id: id(body, "referenceNo"),
                reason: format!("its QR code is not shown: {why}"),
            },
        },
        Created::Exists => ChargeOutcome::Exists,
        Created::Refused => refused(RefusalReason::Other),
        Created::ThisPayment => refused(RefusalReason::ThisPayment),
        Created::Later => ChargeOutcome::NotOpened { reason: reason(), retry_after: answer.retry_after },
        Created::Unknown => ChargeOutcome::Unknown { reason: reason(), retry_after: None },
    }
}

/// Why an answer is of no use to the buyer.
enum Useless {
    /// There is nothing to pay with, or nothing whole: the same is sent again.
    Nothing,
    /// What there is asks for something else than we do, and would the next time.
    Unfit(QrisError),
}

/// What the buyer needs in order to pay. Of a push the buyer needs nothing.
fn opened(request: &ChargeRequest, body: &Body, base: &BaseUrl) -> Result<Opened, Useless> {
    let code = || body.text(&["additionalInfo", "paymentCode"]).ok_or(Useless::Nothing);
    let opened = Opened { transaction_id: id(body, "referenceNo"), ..Opened::default() };
    Ok(match request.method {
        method if option::is_code(method) => Opened { qr_string: Some(fit(code()?, request)?), ..opened },
        PaymentMethod::OvoPush => Opened { expires_at: Some(option::valid_up_to(request)), ..opened },
        method if method.pay_point().is_some() => {
            let number = Some(code()?).filter(|code| is_number(code));
            Opened { payment_code: Some(number.ok_or(Useless::Nothing)?), ..opened }
        }
        _ => {
            let page = body.text(&["webRedirectUrl"]).filter(|url| base.trusts(url));
            Opened { redirect_url: Some(page.ok_or(Useless::Nothing)?), ..opened }
        }
    })
}

/// The QR code, when the buyer may be shown it. The same field holds other things for other methods; what is no
/// whole code says nothing of what it asks for.
fn fit(code: String, request: &ChargeRequest) -> Result<String, Useless> {
    let Err(why) = qris::check(&code, request.amount) else { return Ok(code) };
    tracing::error!(
        payment.reference = %request.reference, %why,
        "the QR code of DANA for {} is not shown: {why}", request.reference
    );
    Err(match why {
        QrisError::NotQris | QrisError::Malformed | QrisError::Checksum => Useless::Nothing,
        QrisError::Foreign | QrisError::Static | QrisError::Amount | QrisError::OnTop => Useless::Unfit(why),
    })
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

//! What Midtrans is asked for, without I/O: the bodies of charges by each method, and what they share
//! with Snap's page (`contracts/payments.md` §1.3–§1.5).

use crate::{ChargeOutcome, ChargeRequest, RefusalReason};
use serde_json::{Value, json};
use std::time::Duration;
use vocabulary::{PayPoint, PaymentMethod, Timestamp};

/// How long a push to the buyer's OVO app lives, which nobody can change (§1.5).
pub(super) const PUSH: Duration = Duration::from_secs(65);
/// How long it may live at most: 60 to 70 seconds are tolerated (§1.5).
pub(super) const LONGEST_PUSH: Duration = Duration::from_secs(70);
/// A payment whose expiry is asked for lives at least this long (§1.3).
pub(super) const SHORTEST: Duration = Duration::from_secs(20);
/// And at most this long.
pub(super) const LONGEST_EXPIRY_S: i64 = 7 * 86_400;
/// With less than this left nobody is given a number to transfer to: typing it takes a while, and money
/// that comes after its end comes for nothing.
pub(super) const SHORTEST_TRANSFER: Duration = Duration::from_secs(120);
/// Nor sent to a till.
pub(super) const SHORTEST_TILL: Duration = Duration::from_secs(300);
/// Who issues the QR code that any wallet pays (§1.4).
const ACQUIRER: &str = "gopay";
/// Characters of an item's name and id that are sent.
const ITEM_CHARS: usize = 50;

/// Why a charge makes no sense and is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Senseless {
    /// Midtrans does not collect by this method here.
    Method(PaymentMethod),
    /// The method does not carry the amount.
    Amount,
    /// A push to nobody.
    Phone,
    /// It would be open longer than the buyer may pay.
    TooLate,
}

impl From<Senseless> for ChargeOutcome {
    fn from(why: Senseless) -> Self {
        let refused = |code: &str, message: String| ChargeOutcome::Refused {
            code: code.to_owned(),
            message,
            reason: RefusalReason::ThisPayment,
        };
        match why {
            Senseless::Method(method) => refused("method", format!("Midtrans is not asked for {method}")),
            Senseless::Amount => {
                refused("amount", "the amount is outside what the method carries".to_owned())
            }
            Senseless::Phone => {
                refused("phone", "a push needs the buyer's phone number, and none is given".to_owned())
            }
            Senseless::TooLate => {
                ChargeOutcome::NotOpened { reason: "its time is over".into(), retry_after: None }
            }
        }
    }
}

/// The body of a charge.
pub(super) fn body(request: &ChargeRequest) -> Result<Vec<u8>, Senseless> {
    let body = match request.method {
        PaymentMethod::GopayQr | PaymentMethod::GopayLink => gopay(request).ok_or(Senseless::TooLate)?,
        PaymentMethod::OvoPush => ovo(request).ok_or(Senseless::Phone)?,
        PaymentMethod::Qris => {
            timed(request, "qris", Some(json!({"acquirer": ACQUIRER}))).ok_or(Senseless::TooLate)?
        }
        other => {
            let point = other.pay_point().ok_or(Senseless::Method(other))?;
            numbered(request, point).ok_or(Senseless::TooLate)?
        }
    };
    Ok(body.to_string().into_bytes())
}

fn gopay(request: &ChargeRequest) -> Option<Value> {
    // The app comes back with `result=success` or `failure`, which is nobody's word (§1.3).
    let back = match request.method {
        PaymentMethod::GopayLink => request.return_url.as_ref(),
        _ => None,
    };
    timed(request, "gopay", back.map(|back| json!({"enable_callback": true, "callback_url": back})))
}

/// A charge that is answered with the number that the buyer pays to.
fn numbered(request: &ChargeRequest, point: PayPoint) -> Option<Value> {
    match point {
        PayPoint::Bank(bank) => timed(request, "bank_transfer", Some(json!({"bank": bank.as_str()}))),
        PayPoint::Store(store) => timed(request, "cstore", Some(json!({"store": store.as_str()}))),
    }
}

/// A charge that says until when it may be paid, and what belongs to its type, under the type's name.
fn timed(request: &ChargeRequest, payment_type: &str, own: Option<Value>) -> Option<Value> {
    let (duration, unit) = expiry(request)?;
    let mut body = json!({
        "payment_type": payment_type,
        "transaction_details": details(request),
        "item_details": items(request),
        "custom_expiry": {
            "order_time": start(request),
            "expiry_duration": duration,
            "unit": unit,
        },
    });
    if let (Some(own), Some(fields)) = (own, body.as_object_mut()) {
        fields.insert(payment_type.to_owned(), own);
    }
    Some(body)
}

/// Its expiry is fixed, and no other may be asked for (§1.5).
fn ovo(request: &ChargeRequest) -> Option<Value> {
    let phone = request.phone.as_ref()?;
    Some(json!({
        "payment_type": "ovo",
        "transaction_details": details(request),
        "ovo": {"payer_phone_number": phone.local()},
    }))
}

/// Our reference and our amount, as a whole number.
pub(super) fn details(request: &ChargeRequest) -> Value {
    json!({"order_id": request.reference.to_string(), "gross_amount": request.amount.get()})
}

/// One item that makes up the whole amount.
pub(super) fn items(request: &ChargeRequest) -> Value {
    let clipped = |text: &str| text.chars().take(ITEM_CHARS).collect::<String>();
    json!([{
        "id": clipped(&request.item_code),
        "price": request.amount.get(),
        "quantity": 1,
        "name": clipped(&request.item_name),
    }])
}

/// The moment that an expiry counts from, in whole seconds.
fn start(request: &ChargeRequest) -> String {
    format!("{} +0700", request.now.wib())
}

/// Whole seconds from [`start`] to the moment after which nobody may be able to pay.
pub(super) fn seconds_left(request: &ChargeRequest) -> i64 {
    let second = |t: Timestamp| t.millis().div_euclid(1_000);
    second(request.expires_at).saturating_sub(second(request.now))
}

/// How long the payment lives from `order_time`, so that it never ends after ours does. `None` when ours
/// ends sooner than the gateway can.
fn expiry(request: &ChargeRequest) -> Option<(i64, &'static str)> {
    let left = seconds_left(request);
    if left < i64::try_from(SHORTEST.as_secs()).ok()? {
        return None;
    }
    let seconds = left.min(LONGEST_EXPIRY_S);
    Some(if seconds % 60 == 0 { (seconds / 60, "minute") } else { (seconds, "second") })
}

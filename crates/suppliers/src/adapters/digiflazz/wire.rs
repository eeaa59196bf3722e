//! Digiflazz' JSON and our types, both ways, without I/O (`contracts/suppliers.md` §1.3, §1.5).
//! The body is read whatever the HTTP status is (§1.1); what is not understood is *unknown*,
//! never a failure and never a delivery.

use super::{
    Settings,
    codes::{self, Status},
    signature,
};
use crate::{Ask, Purchase, Report, SupplierWebhook, Verdict, WebhookRefusal};
use outside::Answer;
use serde_json::{Map, Value, json};
use vocabulary::{Reference, Rupiah};

/// Characters of a message that are kept, for staff.
const MESSAGE_CHARS: usize = 300;
/// Characters of a code that are kept: theirs have two.
const CODE_CHARS: usize = 16;

/// The body of a purchase: the same at every send (§1.3).
pub(super) fn purchase_body(settings: &Settings, purchase: &Purchase) -> Vec<u8> {
    let reference = purchase.reference.to_string();
    let mut body = json!({
        "username": settings.username,
        "buyer_sku_code": purchase.sku,
        "customer_no": purchase.customer_no,
        "ref_id": reference,
        "sign": signature::sign(&settings.username, &settings.api_key, &reference),
        "max_price": purchase.max_price.get(),
    });
    if let Some(fields) = body.as_object_mut() {
        // Without it a number with a dot is not passed on to the seller, and a Zepetto id may have one.
        if purchase.customer_no.contains('.') {
            fields.insert("allow_dot".into(), Value::Bool(true));
        }
        if let Some(url) = &purchase.notify_url {
            fields.insert("cb_url".into(), Value::String(url.clone()));
        }
    }
    body.to_string().into_bytes()
}

/// The body of a question about our deposit.
pub(super) fn balance_body(settings: &Settings) -> Vec<u8> {
    let sign = signature::sign(&settings.username, &settings.api_key, "depo");
    json!({"cmd": "deposit", "username": settings.username, "sign": sign}).to_string().into_bytes()
}

/// What an answer means for the attempt.
pub(super) fn report(reference: &Reference, ask: Ask, answer: &Answer) -> Report {
    let Some(data) = Data::of_answer(&answer.body) else {
        return Report::bare(Verdict::Unknown, format!("HTTP {} without readable data", answer.status));
    };
    let report = data.report(ask);
    match data.text("ref_id") {
        Some(theirs) if theirs == reference.to_string() => report,
        Some(theirs) => {
            let message = format!("the answer is about {}, not about {reference}", clip(&theirs, 64));
            Report::bare(Verdict::UnknownAlarm, message)
        }
        // A refusal before there is a transaction may come without its fields.
        None if data.is_about_a_transaction() && !decides_nothing(report.verdict) => {
            Report { verdict: Verdict::Unknown, ..report }
        }
        None => report,
    }
}

/// Whether it leaves the attempt open, whatever it is about.
fn decides_nothing(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Pending | Verdict::UnknownWord)
}

/// Reads a webhook whose signature fits. It is about an attempt that was sent, so it means what an
/// answer to a later send means.
pub(super) fn webhook(body: &[u8]) -> Result<SupplierWebhook, WebhookRefusal> {
    let malformed = |why: &str| WebhookRefusal::Malformed(why.to_owned());
    let Ok(Value::Object(mut fields)) = serde_json::from_slice(body) else {
        return Err(malformed("it is not a JSON object"));
    };
    let data = match fields.remove("data") {
        Some(Value::Object(data)) => Data(data),
        Some(_) => return Err(malformed("`data` is no object")),
        // "Your endpoint should tolerate a body without `data`" (§1.5).
        None => return Ok(SupplierWebhook::Ping),
    };
    let reference = data.text("ref_id").filter(|reference| !reference.chars().any(char::is_control));
    let reference = reference.ok_or_else(|| malformed("`data.ref_id` is missing"))?;
    Ok(SupplierWebhook::News { reference, report: data.report(Ask::Again) })
}

/// Our deposit, or their code and message instead.
pub(super) fn balance(answer: &Answer) -> Result<Rupiah, String> {
    let data = Data::of_answer(&answer.body)
        .ok_or_else(|| format!("HTTP {} without readable data", answer.status))?;
    data.floor("deposit").ok_or_else(|| {
        let code = data.code().unwrap_or_else(|| "none".to_owned());
        format!("HTTP {}, rc {code}: {}", answer.status, data.message())
    })
}

/// The object that every answer and webhook wraps in `data`. A field of another type than expected
/// counts as missing, and fields that we do not know are ignored.
pub(super) struct Data(pub(super) Map<String, Value>);

impl Data {
    pub(super) fn of_answer(body: &[u8]) -> Option<Data> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(mut fields)) => match fields.remove("data") {
                Some(Value::Object(data)) => Some(Data(data)),
                _ => None,
            },
            _ => None,
        }
    }

    fn report(&self, ask: Ask) -> Report {
        let code = self.code();
        let rc = code.as_deref().unwrap_or_default();
        let word = self.text("status").unwrap_or_default();
        let verdict = codes::verdict(Status::read(&word), rc, ask);
        let shown = clip(&word, CODE_CHARS);
        let message = match self.message() {
            none if none.is_empty() && matches!(verdict, Verdict::Unknown | Verdict::UnknownWord) => {
                format!("status \"{shown}\" with rc \"{rc}\" decides nothing")
            }
            message => message,
        };
        // What nobody knows is what a person has to read: of the two it is the code, if that is unknown.
        let code = match verdict {
            Verdict::UnknownWord if rc.is_empty() || codes::find(rc).is_some() => Some(shown),
            _ => code,
        };
        Report {
            verdict,
            message,
            serial_number: self.text("sn").map(|sn| sn.replace('\0', "")).filter(|sn| !sn.is_empty()),
            price: self.whole("price"),
            balance: self.floor("buyer_last_saldo"),
            number: None,
            code,
        }
    }

    /// True unless the code is known to be given without a transaction.
    fn is_about_a_transaction(&self) -> bool {
        self.code().and_then(|rc| codes::find(&rc)).is_none_or(codes::Code::has_transaction)
    }

    /// The response code, none when empty. A number gets back the zero that JSON took from it.
    pub(super) fn code(&self) -> Option<String> {
        let code = match self.0.get("rc")? {
            Value::Number(number) => format!("{:0>2}", number.to_string()),
            _ => self.text("rc")?,
        };
        Some(clip(&code, CODE_CHARS))
    }

    pub(super) fn message(&self) -> String {
        clip(&self.text("message").unwrap_or_default(), MESSAGE_CHARS)
    }

    /// A field that is a string or a number, without blanks around it; none when empty.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let text = match self.0.get(name)? {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        (!text.is_empty()).then_some(text)
    }

    /// A whole amount of rupiah: an integer or digits, not negative.
    fn whole(&self, name: &str) -> Option<Rupiah> {
        let text = self.text(name)?;
        let digits = text.strip_suffix(".0").unwrap_or(&text);
        let plain = digits.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| digits.parse().ok()).flatten().map(Rupiah::new)
    }

    /// An amount that may have a fraction, rounded down.
    pub(super) fn floor(&self, name: &str) -> Option<Rupiah> {
        let text = self.text(name)?;
        if let Ok(whole) = text.parse() {
            return Some(Rupiah::new(whole));
        }
        let floored = text.parse::<f64>().ok()?.floor();
        // Every whole number up to here has an exact double.
        (floored.abs() <= 9_007_199_254_740_992.0)
            .then(|| format!("{floored:.0}").parse().ok())
            .flatten()
            .map(Rupiah::new)
    }
}

/// A text of theirs for our logs and screens: one line, no control characters, of bounded length.
pub(super) fn clip(text: &str, chars: usize) -> String {
    text.chars().take(chars).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

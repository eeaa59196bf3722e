//! Apigames' JSON and our types, both ways, without I/O (`contracts/suppliers.md` §2.2). An HTTP error says nothing
//! about a purchase, whatever its body is; what is not understood is *unknown*, never a failure.

use super::{Settings, words};
use crate::{
    Named, Purchase, Report, SupplierWebhook, Verdict, WebhookRefusal,
    adapters::{fields::Fields, sign, tujuan::Tujuan},
};
use outside::Answer;
use serde_json::json;
use vocabulary::{Reference, Rupiah};

/// An answer whose envelope can be read. `status: 1` says that the call was taken, not what became of it.
enum Told {
    Taken(Fields),
    Refused(String),
}

/// `md5("merchant_id:secret:ref_id")`: of purchases, questions about them and callbacks.
pub(super) fn signature(settings: &Settings, ref_id: &str) -> String {
    sign::md5_hex(&[&settings.merchant_id, ":", settings.secret.expose(), ":", ref_id])
}

/// The body of a purchase.
pub(super) fn purchase_body(settings: &Settings, purchase: &Purchase, tujuan: Tujuan<'_>) -> Vec<u8> {
    let ref_id = purchase.reference.to_string();
    let signature = signature(settings, &ref_id);
    let body = json!({
        "ref_id": ref_id,
        "merchant_id": settings.merchant_id,
        "produk": purchase.sku,
        "tujuan": tujuan.id,
        "server_id": tujuan.zone.unwrap_or_default(),
        "signature": signature,
    });
    body.to_string().into_bytes()
}

/// The body of a question about a purchase.
pub(super) fn question_body(settings: &Settings, reference: &Reference) -> Vec<u8> {
    let ref_id = reference.to_string();
    let signature = signature(settings, &ref_id);
    json!({"merchant_id": settings.merchant_id, "ref_id": ref_id, "signature": signature})
        .to_string()
        .into_bytes()
}

fn told(answer: &Answer) -> Result<Told, String> {
    if answer.status >= 400 {
        return Err(format!("HTTP {}", answer.status));
    }
    let unreadable = || format!("HTTP {} without a readable answer", answer.status);
    let fields = Fields::of_body(&answer.body).ok_or_else(unreadable)?;
    match (fields.text("status").as_deref(), fields.object("data")) {
        (Some("1"), Some(data)) => Ok(Told::Taken(data)),
        (Some("0"), None) => Ok(Told::Refused(fields.message("error_msg"))),
        _ => Err(unreadable()),
    }
}

/// What the answer to a purchase says of it. Who refuses it bought nothing; their words are not documented but
/// for one, so a person reads them, and nobody is refunded or served elsewhere because of them.
pub(super) fn bought(reference: &Reference, answer: &Answer) -> Report {
    match told(answer) {
        Err(why) => Report::bare(Verdict::Unknown, why),
        Ok(Told::Refused(message)) => Report::bare(Verdict::RefusedConfiguration, message),
        Ok(Told::Taken(data)) => report(reference, &data),
    }
}

/// What the answer to a question says of a purchase. That the question is refused says nothing about it.
pub(super) fn asked(reference: &Reference, answer: &Answer) -> Result<Report, String> {
    match told(answer)? {
        Told::Refused(message) => Ok(Report::bare(Verdict::Unknown, message)),
        Told::Taken(data) => Ok(report(reference, &data)),
    }
}

fn report(reference: &Reference, data: &Fields) -> Report {
    match data.text("ref_id") {
        Some(theirs) if theirs == reference.to_string() => {}
        Some(_) => {
            let text = format!("the answer is about {}, not about {reference}", data.message("ref_id"));
            return Report::bare(Verdict::UnknownAlarm, text);
        }
        None => return Report::bare(Verdict::Unknown, "the answer does not say what it is about"),
    }
    let status = data.word("status").unwrap_or_default();
    let message = data.message("message");
    Report {
        verdict: words::verdict(&status),
        message: if message.is_empty() { format!("status \"{status}\"") } else { message },
        serial_number: data.serial("sn"),
        // `price` is in a unit of the product's own.
        price: data.object("product_detail").and_then(|detail| detail.whole("price_rp")),
        balance: data.floor("last_balance"),
        number: data.number("trx_id"),
        code: Some(status).filter(|status| !status.is_empty()),
    }
}

/// Our deposit, or their message instead.
pub(super) fn balance(answer: &Answer) -> Result<Rupiah, String> {
    match told(answer)? {
        Told::Refused(message) => Err(format!("HTTP {}: {message}", answer.status)),
        Told::Taken(data) => {
            data.floor("saldo").ok_or_else(|| format!("HTTP {} without a balance", answer.status))
        }
    }
}

/// The reference that a callback names: what its signature covers, and all of it.
pub(super) fn named(body: &[u8]) -> Option<String> {
    let fields = Fields::of_body(body)?;
    fields.text("ref_id").filter(|reference| !reference.chars().any(char::is_control))
}

/// Reads a callback whose signature fits its reference. Whatever else it says is not signed.
pub(super) fn webhook(body: &[u8]) -> Result<SupplierWebhook, WebhookRefusal> {
    let reference = named(body).ok_or_else(|| WebhookRefusal::Malformed("`ref_id` is missing".into()))?;
    Ok(SupplierWebhook::Hint(Named::Reference(reference)))
}

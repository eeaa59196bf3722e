//! VIP Reseller's JSON and our types, without I/O (`contracts/suppliers.md` §2.1). The body is read whatever the
//! HTTP status is; what is not understood is *unknown*, never a failure and never a delivery.

use super::words;
use crate::{
    ListedPurchase, Named, Report, SupplierWebhook, Verdict, WebhookRefusal,
    adapters::{fields::Fields, tujuan::Tujuan},
};
use outside::Answer;
use serde_json::Value;
use vocabulary::Rupiah;

/// An answer whose envelope can be read.
pub(super) enum Told {
    /// `result: true`.
    Yes(Fields),
    /// `result: false`, and why; `bare` when no `data` came with it, as it is documented.
    No { message: String, bare: bool },
}

/// One purchase in an answer.
#[derive(Clone, Debug)]
pub(super) struct Row(Fields);

/// Reads the envelope, or says what there is instead.
pub(super) fn told(answer: &Answer) -> Result<Told, String> {
    let unreadable = || format!("HTTP {} without a readable answer", answer.status);
    let fields = Fields::of_body(&answer.body).ok_or_else(unreadable)?;
    match fields.get("result") {
        Some(Value::Bool(true)) => Ok(Told::Yes(fields)),
        Some(Value::Bool(false)) if answer.status < 500 => {
            let bare = fields.get("data").is_none_or(Value::is_null);
            Ok(Told::No { message: fields.message("message"), bare })
        }
        _ => Err(unreadable()),
    }
}

/// What the answer to an order says of it. `tujuan` is what was ordered for.
pub(super) fn ordered(tujuan: Tujuan<'_>, answer: &Answer) -> Report {
    match told(answer) {
        Err(why) => Report::bare(Verdict::Unknown, why),
        Ok(Told::No { message, bare: true }) => Report::bare(words::refusal(&message), message),
        Ok(Told::No { message, bare: false }) => Report::bare(
            Verdict::UnknownAlarm,
            format!("it is refused, and something came of it all the same: {message}"),
        ),
        Ok(Told::Yes(fields)) => match fields.object("data").map(Row) {
            None => Report::bare(Verdict::Unknown, "it was accepted, and nothing is said of it"),
            Some(row) if !row.may_be_for(tujuan) => {
                Report::bare(Verdict::UnknownAlarm, "the answer to our order is about another account")
            }
            Some(row) => row.report(),
        },
    }
}

/// The purchases of a list.
pub(super) fn rows(fields: &Fields) -> Vec<Row> {
    fields.objects("data").unwrap_or_default().into_iter().map(Row).collect()
}

/// The name of a product, by its own answer.
pub(super) fn product_name(answer: &Answer) -> Option<String> {
    match told(answer) {
        Ok(Told::Yes(fields)) => rows(&fields).first().and_then(|row| row.0.word("name")),
        _ => None,
    }
}

/// Our deposit, or their message instead.
pub(super) fn balance(answer: &Answer) -> Result<Rupiah, String> {
    match told(answer)? {
        Told::No { message, .. } => Err(format!("HTTP {}: {message}", answer.status)),
        Told::Yes(fields) => {
            let balance = fields.object("data").and_then(|data| data.floor("balance"));
            balance.ok_or_else(|| format!("HTTP {} without a balance", answer.status))
        }
    }
}

/// Reads a callback. Whatever it says of the purchase is not signed: that it names one is all that counts. `data`
/// is an object, or for other goods than ours a list.
pub(super) fn webhook(body: &[u8]) -> Result<SupplierWebhook, WebhookRefusal> {
    let malformed = |why: &str| WebhookRefusal::Malformed(why.to_owned());
    let fields = Fields::of_body(body).ok_or_else(|| malformed("it is not a JSON object"))?;
    let Some(data) = fields.objects("data") else { return Ok(SupplierWebhook::Ping) };
    let number = data.first().and_then(|data| data.number("trxid"));
    let number = number.ok_or_else(|| malformed("`data.trxid` is missing"))?;
    Ok(SupplierWebhook::Hint(Named::Number(number)))
}

impl Row {
    /// Their number of it.
    pub(super) fn number(&self) -> Option<String> {
        self.0.number("trxid")
    }

    /// It as a purchase of the list; `None` without a number.
    pub(super) fn listed(&self) -> Option<ListedPurchase> {
        let (id, zone) = (self.0.text("data").unwrap_or_default(), self.0.text("zone"));
        let report = self.report();
        Some(ListedPurchase {
            number: self.number()?,
            customer_no: zone.map_or_else(|| id.clone(), |zone| format!("{id}|{zone}")),
            product: self.0.text("service").unwrap_or_default(),
            verdict: report.verdict,
            price: report.price,
        })
    }

    /// Whether it is for this account and no other.
    pub(super) fn is_for(&self, tujuan: Tujuan<'_>) -> bool {
        let zone = self.0.text("zone");
        self.0.text("data").as_deref() == Some(tujuan.id) && zone.as_deref() == tujuan.zone
    }

    /// Whether nothing in it says that it is for another account: the answer to an order may leave it out.
    fn may_be_for(&self, tujuan: Tujuan<'_>) -> bool {
        let fits = |name: &str, ours: Option<&str>| {
            let theirs = self.0.text(name);
            theirs.is_none_or(|theirs| ours == Some(theirs.as_str()))
        };
        fits("data", Some(tujuan.id)) && fits("zone", tujuan.zone)
    }

    /// Whether it is a purchase of the product with this name. Purchases show the name, with or without the
    /// game before it, where orders have the code.
    pub(super) fn is_of(&self, product: &str) -> bool {
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let (product, bought) = (plain(product), plain(&self.0.text("service").unwrap_or_default()));
        !product.is_empty()
            && bought
                .strip_suffix(product.as_str())
                .is_some_and(|game| game.is_empty() || game.ends_with(' '))
    }

    /// What it means for the attempt that it is.
    pub(super) fn report(&self) -> Report {
        let status = self.0.word("status").unwrap_or_default();
        let note = self.0.message("note");
        let verdict = words::verdict(&status, &note);
        Report {
            verdict,
            // In a status that nobody knows the note may be a serial number, which is not for the words.
            message: match verdict {
                Verdict::Unknown | Verdict::UnknownWord => format!("status \"{status}\""),
                _ if note.is_empty() => format!("status \"{status}\""),
                _ => note,
            },
            serial_number: self.0.serial("note").filter(|_| verdict == Verdict::Succeeded),
            price: self.0.whole("price"),
            // Whether it is what was left before or after is documented nowhere.
            balance: None,
            number: self.number(),
            code: Some(status).filter(|status| !status.is_empty()),
        }
    }
}

//! The account's book: what came in by charges of any generation, and what went back. It is the books and
//! the refunds, told in other words; nothing is written here, and what lies on the shelf is not in it. That
//! Xendit takes no fee and has not settled yet, that a refund without a reference has that of its payment,
//! and the word for one that was called off, are UNVERIFIED.

use super::{Asked, Outcome, forms::reply, no_such_path};
use crate::{
    world::World,
    xendit::{
        BUSINESS_ID,
        books::{self, Charge, Status},
        channel::Kind,
        read,
        refund::{self, Refund, RefundStatus},
        refusal::Refusal,
    },
};
use database::{Error, WriteTx};
use serde_json::{Value, json};
use std::borrow::Cow;
use vocabulary::Timestamp;

const LISTED: usize = 10;
const MOST_LISTED: usize = 50;

/// What can be asked for, by the library, of which here little ever is in the book. That another word is
/// refused is UNVERIFIED.
const TYPES: [&str; 13] = [
    "BATCH_DISBURSEMENT",
    "DISBURSEMENT",
    "PAYMENT",
    "REMITTANCE",
    "REMITTANCE_PAYOUT",
    "REMITTANCE_COLLECTION",
    "TRANSFER",
    "PLATFORM_FEE",
    "REFUND",
    "CASHBACK",
    "TOPUP",
    "WITHDRAWAL",
    "OTHER",
];
const STATUSES: [&str; 5] = ["SUCCESS", "PENDING", "FAILED", "REVERSED", "VOIDED"];
const CATEGORIES: [&str; 14] = [
    "BANK",
    "CARDLESS_CREDIT",
    "PAYLATER",
    "CARDS",
    "CASH",
    "DIRECT_DEBIT",
    "EWALLET",
    "INVOICE",
    "QR_CODE",
    "RETAIL_OUTLET",
    "VIRTUAL_ACCOUNT",
    "XENPLATFORM",
    "DIRECT_BANK_TRANSFER",
    "OTHER",
];

/// Answers one call.
pub(super) async fn answer(
    _: &World,
    tx: &mut WriteTx,
    asked: &Asked<'_>,
    _: Timestamp,
) -> Result<Outcome, Error> {
    match (asked.method.as_str(), asked.parts.as_slice()) {
        ("GET", ["transactions"]) => list(tx, asked.query).await,
        ("GET", ["transactions", id]) => get(tx, id).await,
        _ => Ok(no_such_path()),
    }
}

/// One line of the book.
struct Entry {
    id: String,
    /// When it came to be, by which the book is in order.
    created_at: Timestamp,
    told: Value,
}

impl Entry {
    fn payment(charge: &Charge, paid_at: Timestamp) -> Entry {
        let status = if charge.status == Status::Voided { "VOIDED" } else { "SUCCESS" };
        let id = format!("txn_{}", charge.payment_id.trim_start_matches("py-"));
        let told = json!({
            "id": id,
            "product_id": charge.id,
            "type": "PAYMENT",
            "status": status,
            "channel_category": category(charge),
            "channel_code": charge.channel.bank(),
            "account_identifier": charge.phone(),
            "reference_id": charge.reference_id,
            "currency": "IDR",
            "amount": charge.amount,
            "cashflow": "MONEY_IN",
            "settlement_status": "PENDING",
            "estimated_settlement_time": null,
            "business_id": BUSINESS_ID,
            "fee": fee(),
            "created": paid_at.rfc3339(),
            "updated": charge.updated_at.rfc3339(),
        });
        Entry { id, created_at: paid_at, told }
    }

    fn refund(charge: &Charge, refund: &Refund) -> Entry {
        let status = match refund.status {
            RefundStatus::Pending => "PENDING",
            RefundStatus::Succeeded => "SUCCESS",
            RefundStatus::Failed => "FAILED",
            RefundStatus::Cancelled => "VOIDED",
        };
        let id = format!("txn_{}", refund.id.trim_start_matches("rfd-"));
        let told = json!({
            "id": id,
            "product_id": refund.id,
            "type": "REFUND",
            "status": status,
            "channel_category": category(charge),
            "channel_code": charge.channel.bank(),
            "account_identifier": charge.phone(),
            "reference_id": refund.reference_id.as_ref().unwrap_or(&charge.reference_id),
            "currency": "IDR",
            "amount": refund.amount,
            "cashflow": "MONEY_OUT",
            "settlement_status": null,
            "estimated_settlement_time": null,
            "business_id": BUSINESS_ID,
            "fee": fee(),
            "created": refund.created_at.rfc3339(),
            "updated": refund.updated_at.rfc3339(),
        });
        Entry { id, created_at: refund.created_at, told }
    }

    /// Whether what is told by this name is one of these words.
    fn is(&self, name: &str, words: &[Cow<'_, str>]) -> bool {
        let word = self.told.get(name).and_then(Value::as_str).unwrap_or_default();
        words.iter().any(|asked| asked == word)
    }
}

fn category(charge: &Charge) -> &'static str {
    match charge.channel.kind() {
        Kind::Push | Kind::Page => "EWALLET",
        Kind::Qr => "QR_CODE",
        Kind::Number => "VIRTUAL_ACCOUNT",
        Kind::Till => "RETAIL_OUTLET",
    }
}

fn fee() -> Value {
    json!({
        "xendit_fee": 0,
        "value_added_tax": 0,
        "xendit_withholding_tax": null,
        "third_party_withholding_tax": null,
        "status": "NOT_APPLICABLE",
    })
}

/// The book, the newest line first.
async fn book(tx: &mut WriteTx) -> Result<Vec<Entry>, Error> {
    let mut book = Vec::new();
    for charge in books::newest(tx).await? {
        let Some(paid_at) = charge.paid_at else { continue };
        book.push(Entry::payment(&charge, paid_at));
        let refunds = refund::of_charge(tx, &charge.id).await?;
        book.extend(refunds.iter().map(|refund| Entry::refund(&charge, refund)));
    }
    book.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
    Ok(book)
}

async fn get(tx: &mut WriteTx, id: &str) -> Result<Outcome, Error> {
    match book(tx).await?.into_iter().find(|entry| entry.id == id) {
        Some(entry) => Ok(reply(&entry.told)),
        None => Ok(Err(Refusal::not_found("transaction"))),
    }
}

/// The lines that fit: the newest first, or those behind or before one that is named.
async fn list(tx: &mut WriteTx, query: &str) -> Result<Outcome, Error> {
    let mut entries = book(tx).await?;
    let asked: Vec<(Cow<'_, str>, Cow<'_, str>)> = form_urlencoded::parse(query.as_bytes()).collect();
    match select(&mut entries, &asked) {
        Ok(limit) => Ok(reply(&page(&entries, limit))),
        Err(refusal) => Ok(Err(refusal)),
    }
}

/// Leaves the entries that are asked for; returns how many of them are told.
fn select(entries: &mut Vec<Entry>, asked: &[(Cow<'_, str>, Cow<'_, str>)]) -> Result<usize, Refusal> {
    let mut limit = LISTED;
    // First the places, which are those of the whole book.
    for (name, value) in asked {
        match name.as_ref() {
            "after_id" => {
                let at = place(entries, value)?;
                entries.drain(..=at);
            }
            "before_id" => {
                let at = place(entries, value)?;
                entries.truncate(at);
            }
            _ => {}
        }
    }
    for (name, value) in asked {
        // A list is sent as one name several times.
        let values: Vec<Cow<'_, str>> =
            asked.iter().filter(|(other, _)| other == name).map(|(_, value)| value.clone()).collect();
        match name.as_ref() {
            "after_id" | "before_id" => {}
            "types" => {
                read::one_of(name, value, &TYPES)?;
                entries.retain(|entry| entry.is("type", &values));
            }
            "statuses" => {
                read::one_of(name, value, &STATUSES)?;
                entries.retain(|entry| entry.is("status", &values));
            }
            "channel_categories" => {
                read::one_of(name, value, &CATEGORIES)?;
                entries.retain(|entry| entry.is("channel_category", &values));
            }
            "currency" if value.len() != 3 || !value.bytes().all(|b| b.is_ascii_uppercase()) => {
                return Err(Refusal::invalid("currency is a code of three capitals"));
            }
            "reference_id" | "product_id" | "account_identifier" | "currency" => {
                entries.retain(|entry| entry.is(name, &values));
            }
            "amount" => {
                let amount =
                    read::whole(value).ok_or_else(|| Refusal::invalid("amount is a whole number"))?;
                entries.retain(|entry| entry.told.get("amount").and_then(Value::as_i64) == Some(amount));
            }
            "limit" => limit = read::limit(value, MOST_LISTED)?,
            other => return Err(Refusal::invalid(format!("a list by {other} is not simulated"))),
        }
    }
    Ok(limit)
}

fn place(entries: &[Entry], id: &str) -> Result<usize, Refusal> {
    let at = entries.iter().position(|entry| entry.id == id);
    at.ok_or_else(|| Refusal::not_found("transaction"))
}

fn page(entries: &[Entry], limit: usize) -> Value {
    let data: Vec<&Value> = entries.iter().take(limit).map(|entry| &entry.told).collect();
    let has_more = entries.len() > limit;
    let last = entries.get(limit.saturating_sub(1)).filter(|_| has_more);
    let next = |last: &Entry| {
        let href = format!("/transactions?after_id={}&limit={limit}", last.id);
        json!({"href": href, "rel": "next", "method": "GET"})
    };
    let links: Vec<Value> = last.map(next).into_iter().collect();
    json!({"has_more": has_more, "data": data, "links": links})
}

//! Xendit's own page on which a buyer chooses how to pay: made, asked about, listed and ended. There is
//! nothing at the address of one, so that nobody pays it here. For how long one waits that does not say and
//! for how long it can, that what is bought costs whole rupiah, and the codes of refusals that no model of the
//! library has, are UNVERIFIED.

use super::{
    Asked, Outcome,
    forms::{fields, flag, has, is_email, is_over, object_id, reply, rupiah, told_as, url},
    item, no_such_path,
};
use crate::{
    shelf::{self, Item},
    world::{Target, World},
    xendit::{
        BUSINESS_ID,
        read::{self, Object},
        refusal::Refusal,
    },
};
use database::{Error, WriteTx};
use serde_json::{Value, json};
use std::time::Duration;
use vocabulary::Timestamp;

const PRODUCT: &str = "invoice";
const PENDING: &str = "PENDING";
const EXPIRED: &str = "EXPIRED";
/// How long one waits, in seconds, and how long it can: a year.
const WAITS: i64 = 86_400;
const LONGEST: i64 = 365 * 86_400;
const LISTED: usize = 10;
const MOST_LISTED: usize = 100;
/// Where one can stand, by the library.
const STATUSES: [&str; 4] = [PENDING, "PAID", "SETTLED", EXPIRED];

/// What a buyer can choose, by the names with which a merchant limits it.
const BANKS: [&str; 5] = ["BCA", "BNI", "BRI", "MANDIRI", "PERMATA"];
const OUTLETS: [&str; 2] = ["ALFAMART", "INDOMARET"];
const WALLETS: [&str; 5] = ["OVO", "DANA", "LINKAJA", "SHOPEEPAY", "ASTRAPAY"];
const CODES: [&str; 1] = ["QRIS"];
const LATER: [&str; 1] = ["KREDIVO"];
const CARD: &str = "CREDIT_CARD";

/// Answers one call.
pub(super) async fn answer(
    world: &World,
    tx: &mut WriteTx,
    asked: &Asked<'_>,
    now: Timestamp,
) -> Result<Outcome, Error> {
    match (asked.method.as_str(), asked.parts.as_slice()) {
        ("POST", ["v2", "invoices"]) => create(world, tx, &asked.body, now).await,
        ("GET", ["v2", "invoices"]) => list(tx, asked.query, now).await,
        ("GET", ["v2", "invoices", id]) => get(tx, id, now).await,
        ("POST", ["invoices", id, "expire!"]) => expire(tx, id, now).await,
        _ => Ok(no_such_path()),
    }
}

async fn create(world: &World, tx: &mut WriteTx, body: &Object, now: Timestamp) -> Result<Outcome, Error> {
    let invoice = match read_invoice(world, body, now) {
        Ok(invoice) => invoice,
        Err(refusal) => return Ok(Err(refusal)),
    };
    shelf::insert(tx, &invoice).await?;
    Ok(reply(&told(&invoice, now)))
}

fn read_invoice(world: &World, body: &Object, now: Timestamp) -> Result<Item, Refusal> {
    let reference = read::required(body, "external_id", 255)?;
    let amount = read::amount(body, "amount")?;
    rupiah(body)?;
    let email = read::text(body, "payer_email", 254)?;
    if email.is_some_and(|email| !is_email(email)) {
        return Err(Refusal::new(400, "EMAIL_FORMAT_ERROR", "payer_email is no address"));
    }
    let ways = ways(body)?;
    let offered = |names: &[&'static str]| -> Vec<&'static str> {
        let chosen = |name: &&str| ways.as_ref().is_none_or(|ways| ways.contains(name));
        names.iter().copied().filter(chosen).collect()
    };
    let named = |names: &[&'static str], field: &str| -> Vec<Value> {
        offered(names).into_iter().map(|name| json!({field: name})).collect()
    };
    let banks: Vec<Value> = offered(&BANKS).into_iter().map(|code| bank(code, amount)).collect();
    let outlet = |name: &str| json!({"retail_outlet_name": name, "transfer_amount": amount});
    let outlets: Vec<Value> = offered(&OUTLETS).into_iter().map(outlet).collect();
    let id = object_id(world);
    let mut invoice = fields(json!({
        "user_id": BUSINESS_ID,
        "merchant_name": "LOKET SANDBOX",
        "merchant_profile_picture_url": "",
        "amount": amount,
        "currency": "IDR",
        "payer_email": email,
        "description": read::description(body)?,
        "expiry_date": now.plus(waits(body)?).rfc3339(),
        "invoice_url": format!("{}/sandbox/xendit/web/{id}", world.base_url()),
        "available_banks": banks,
        "available_retail_outlets": outlets,
        "available_ewallets": named(&WALLETS, "ewallet_type"),
        "available_qr_codes": named(&CODES, "qr_code_type"),
        "available_direct_debits": [],
        "available_paylaters": named(&LATER, "paylater_type"),
        "should_exclude_credit_card": offered(&[CARD]).is_empty(),
        "should_send_email": flag(body, "should_send_email")?.unwrap_or_default(),
    }));
    invoice.extend(repeated(body)?);
    Ok(item(PRODUCT, id, reference, PENDING, invoice, now))
}

/// How long it is to wait.
fn waits(body: &Object) -> Result<Duration, Refusal> {
    let seconds = match body.get("invoice_duration") {
        None | Some(Value::Null) => Some(WAITS),
        Some(Value::Number(number)) => read::whole(&number.to_string()),
        Some(_) => None,
    };
    let seconds = seconds.filter(|seconds| (1..=LONGEST).contains(seconds));
    let seconds = seconds.and_then(|seconds| u64::try_from(seconds).ok());
    let invalid = || Refusal::invalid(format!("invoice_duration is from 1 to {LONGEST} seconds"));
    Ok(Duration::from_secs(seconds.ok_or_else(invalid)?))
}

/// To what the merchant limits the buyer, if to anything.
fn ways(body: &Object) -> Result<Option<Vec<&str>>, Refusal> {
    let Some(given) = body.get("payment_methods").filter(|given| !given.is_null()) else {
        return Ok(None);
    };
    let names: Option<Vec<&str>> =
        given.as_array().and_then(|names| names.iter().map(Value::as_str).collect());
    let names = names.filter(|names| !names.is_empty());
    let names = names.ok_or_else(|| Refusal::invalid("payment_methods is a list of names"))?;
    let offered = BANKS.iter().chain(&OUTLETS).chain(&WALLETS).chain(&CODES).chain(&LATER).chain([&CARD]);
    if let Some(name) = names.iter().find(|name| offered.clone().all(|offered| offered != *name)) {
        let message = format!("{name} is not offered");
        return Err(Refusal::new(400, "UNAVAILABLE_PAYMENT_METHOD_ERROR", message));
    }
    Ok(Some(names))
}

fn bank(code: &str, amount: i64) -> Value {
    json!({
        "bank_code": code,
        "collection_type": "POOL",
        "transfer_amount": amount,
        "bank_branch": "Virtual Account",
        "account_holder_name": "LOKET SANDBOX",
        "identity_amount": 0,
    })
}

/// What is told as it was sent.
fn repeated(body: &Object) -> Result<Object, Refusal> {
    for name in ["success_redirect_url", "failure_redirect_url"] {
        url(body, name)?;
    }
    for name in ["customer", "customer_notification_preference", "channel_properties"] {
        read::object(body, name)?;
    }
    read::metadata(body)?;
    read::text(body, "locale", 8)?;
    flag(body, "should_authenticate_credit_card")?;
    flag(body, "fixed_va")?;
    for item in lines(body, "items")? {
        read::required(item, "name", 255)?;
        read::amount(item, "price")?;
        read::amount(item, "quantity")?;
    }
    for fee in lines(body, "fees")? {
        read::required(fee, "type", 255)?;
        if fee.get("value").is_none_or(|value| !value.is_number()) {
            return Err(Refusal::invalid("value of fees is a number"));
        }
    }
    let names = [
        "success_redirect_url",
        "failure_redirect_url",
        "customer",
        "customer_notification_preference",
        "channel_properties",
        "metadata",
        "locale",
        "should_authenticate_credit_card",
        "fixed_va",
        "items",
        "fees",
    ];
    let sent = names.into_iter().filter(|name| has(body, name));
    Ok(sent.filter_map(|name| Some((name.to_owned(), body.get(name)?.clone()))).collect())
}

/// The lines of a list, which may be left out.
fn lines<'a>(body: &'a Object, name: &str) -> Result<Vec<&'a Object>, Refusal> {
    let Some(given) = body.get(name).filter(|given| !given.is_null()) else { return Ok(Vec::new()) };
    let lines: Option<Vec<&Object>> =
        given.as_array().and_then(|lines| lines.iter().map(Value::as_object).collect());
    lines.ok_or_else(|| Refusal::invalid(format!("{name} is a list of objects")))
}

async fn get(tx: &mut WriteTx, id: &str, now: Timestamp) -> Result<Outcome, Error> {
    match shelf::find(tx, Target::Xendit, PRODUCT, id).await? {
        Some(invoice) => Ok(reply(&told(&invoice, now))),
        None => Ok(Err(not_found())),
    }
}

/// Calls one off that waits for its buyer.
async fn expire(tx: &mut WriteTx, id: &str, now: Timestamp) -> Result<Outcome, Error> {
    let Some(mut invoice) = shelf::find(tx, Target::Xendit, PRODUCT, id).await? else {
        return Ok(Err(not_found()));
    };
    if word(&invoice, now) != PENDING {
        return Ok(Err(Refusal::ineligible("the invoice does not wait for a payment")));
    }
    invoice.status = EXPIRED.to_owned();
    invoice.updated_at = now;
    shelf::save(tx, &invoice).await?;
    Ok(reply(&told(&invoice, now)))
}

/// What a list is limited to.
#[derive(Default)]
struct Wanted {
    reference: Option<String>,
    statuses: Vec<String>,
    after: Option<Timestamp>,
    before: Option<Timestamp>,
    last: Option<String>,
    limit: Option<usize>,
}

impl Wanted {
    fn read(query: &str) -> Result<Wanted, Refusal> {
        let mut wanted = Wanted::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let moment = || {
                let moment = Timestamp::parse_rfc3339(&value).ok();
                moment.ok_or_else(|| Refusal::invalid(format!("{name} is a moment")))
            };
            match name.as_ref() {
                "external_id" => wanted.reference = Some(value.into_owned()),
                "statuses" => {
                    read::one_of(&name, &value, &STATUSES)?;
                    wanted.statuses.push(value.into_owned());
                }
                "created_after" => wanted.after = Some(moment()?),
                "created_before" => wanted.before = Some(moment()?),
                "last_invoice" | "last_invoice_id" => wanted.last = Some(value.into_owned()),
                "limit" => wanted.limit = Some(read::limit(&value, MOST_LISTED)?),
                other => return Err(Refusal::invalid(format!("a list by {other} is not simulated"))),
            }
        }
        Ok(wanted)
    }

    fn has(&self, invoice: &Item, now: Timestamp) -> bool {
        (self.statuses.is_empty() || self.statuses.iter().any(|status| status == word(invoice, now)))
            && self.after.is_none_or(|after| invoice.created_at > after)
            && self.before.is_none_or(|before| invoice.created_at < before)
    }
}

/// The invoices that fit, the newest first; where a last one is named, those after it.
async fn list(tx: &mut WriteTx, query: &str, now: Timestamp) -> Result<Outcome, Error> {
    let wanted = match Wanted::read(query) {
        Ok(wanted) => wanted,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut found = match &wanted.reference {
        Some(reference) => shelf::of_reference(tx, Target::Xendit, PRODUCT, reference).await?,
        None => shelf::newest(tx, Target::Xendit, PRODUCT).await?,
    };
    if let Some(last) = &wanted.last {
        let at = found.iter().position(|invoice| invoice.id == *last);
        let Some(at) = at else { return Ok(Err(not_found())) };
        found.drain(..=at);
    }
    found.retain(|invoice| wanted.has(invoice, now));
    let data: Vec<Object> =
        found.iter().take(wanted.limit.unwrap_or(LISTED)).map(|invoice| told(invoice, now)).collect();
    Ok(reply(&data))
}

/// Where one stands now: its time may be over.
fn word(invoice: &Item, now: Timestamp) -> &str {
    match invoice.status == PENDING && is_over(invoice, "expiry_date", now) {
        true => EXPIRED,
        false => &invoice.status,
    }
}

fn told(invoice: &Item, now: Timestamp) -> Object {
    let mut told = told_as(invoice, word(invoice, now));
    told.insert("created".to_owned(), json!(invoice.created_at.rfc3339()));
    told.insert("updated".to_owned(), json!(invoice.updated_at.rfc3339()));
    told
}

fn not_found() -> Refusal {
    Refusal::new(404, "INVOICE_NOT_FOUND_ERROR", "there is no such invoice")
}

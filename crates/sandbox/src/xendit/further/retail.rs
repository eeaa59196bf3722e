//! Codes that are told at a till, of their own interface, older than payment requests. The codes of refusals,
//! the form of a payment code and how long one lasts that does not say are UNVERIFIED.

use super::{
    Asked, Outcome,
    forms::{fields, flag, has, is_over, object_id, reply, take, to_come, told_as},
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
use serde_json::json;
use std::time::Duration;
use vocabulary::Timestamp;

const PRODUCT: &str = "payment-code";
const NUMBERS: &str = "payment-code-number";
const ACTIVE: &str = "ACTIVE";
const OUTLETS: [&str; 2] = ["ALFAMART", "INDOMARET"];
/// What every code begins with.
const PREFIX: &str = "LOKET";
/// How long one can be paid by that does not say.
const LASTS: Duration = Duration::from_secs(31 * 365 * 86_400);

/// Answers one call.
pub(super) async fn answer(
    world: &World,
    tx: &mut WriteTx,
    asked: &Asked<'_>,
    now: Timestamp,
) -> Result<Outcome, Error> {
    match (asked.method.as_str(), asked.parts.as_slice()) {
        ("POST", ["fixed_payment_code"]) => create(world, tx, &asked.body, now).await,
        ("GET", ["fixed_payment_code", id]) => get(tx, id, now).await,
        ("PATCH", ["fixed_payment_code", id]) => update(tx, id, &asked.body, now).await,
        _ => Ok(no_such_path()),
    }
}

async fn create(world: &World, tx: &mut WriteTx, body: &Object, now: Timestamp) -> Result<Outcome, Error> {
    let (code, number) = match read_code(world, body, now) {
        Ok(read) => read,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if !take(tx, (NUMBERS, &number), &code.id, now).await? {
        let message = "another payment code is the same";
        return Ok(Err(Refusal::new(400, "DUPLICATE_PAYMENT_CODE_ERROR", message)));
    }
    shelf::insert(tx, &code).await?;
    Ok(reply(&told(&code, now)))
}

/// What is asked for, and the number that no other may have.
fn read_code(world: &World, body: &Object, now: Timestamp) -> Result<(Item, String), Refusal> {
    let reference = read::required(body, "external_id", 255)?;
    let outlet = read::required(body, "retail_outlet_name", 32)?;
    if !OUTLETS.contains(&outlet) {
        let message = format!("{outlet} takes no codes");
        return Err(Refusal::new(400, "RETAIL_OUTLET_NOT_SUPPORTED_ERROR", message));
    }
    read::required(body, "name", 250)?;
    read::amount(body, "expected_amount")?;
    let number = match read::text(body, "payment_code", 12)? {
        Some(given) if given.bytes().all(|byte| byte.is_ascii_alphanumeric()) => format!("{PREFIX}{given}"),
        Some(_) => return Err(Refusal::invalid("payment_code is of letters and digits")),
        None => format!("{PREFIX}{:012}", world.settings.ids.below(1_000_000_000_000)),
    };
    let mut code = fields(json!({
        "owner_id": BUSINESS_ID,
        "retail_outlet_name": outlet,
        "prefix": PREFIX,
        "payment_code": number,
        "type": "USER",
        "is_single_use": flag(body, "is_single_use")?.unwrap_or_default(),
        "expiration_date": now.plus(LASTS).rfc3339(),
    }));
    code.extend(terms(body, now)?);
    let code = item(PRODUCT, object_id(world), reference, ACTIVE, code, now);
    Ok((code, format!("{outlet}:{number}")))
}

/// What is set at first and can be changed: as much of it as was sent.
fn terms(body: &Object, now: Timestamp) -> Result<Object, Refusal> {
    let mut terms = Object::new();
    if let Some(name) = read::text(body, "name", 250)? {
        terms.insert("name".to_owned(), json!(name));
    }
    if has(body, "expected_amount") {
        terms.insert("expected_amount".to_owned(), json!(read::amount(body, "expected_amount")?));
    }
    if let Some(end) = to_come(body, "expiration_date", now)? {
        terms.insert("expiration_date".to_owned(), json!(end.rfc3339()));
    }
    Ok(terms)
}

async fn get(tx: &mut WriteTx, id: &str, now: Timestamp) -> Result<Outcome, Error> {
    match shelf::find(tx, Target::Xendit, PRODUCT, id).await? {
        Some(code) => Ok(reply(&told(&code, now))),
        None => Ok(Err(not_found())),
    }
}

async fn update(tx: &mut WriteTx, id: &str, body: &Object, now: Timestamp) -> Result<Outcome, Error> {
    let Some(mut code) = shelf::find(tx, Target::Xendit, PRODUCT, id).await? else {
        return Ok(Err(not_found()));
    };
    if word(&code, now) != ACTIVE {
        let message = "the payment code is not active any more";
        return Ok(Err(Refusal::new(400, "INACTIVE_FIXED_PAYMENT_CODE_ERROR", message)));
    }
    match terms(body, now) {
        Ok(terms) => code.body.extend(terms),
        Err(refusal) => return Ok(Err(refusal)),
    }
    code.updated_at = now;
    shelf::save(tx, &code).await?;
    Ok(reply(&told(&code, now)))
}

/// Where a code stands now: its time may be over.
fn word(code: &Item, now: Timestamp) -> &str {
    if is_over(code, "expiration_date", now) { "EXPIRED" } else { &code.status }
}

fn told(code: &Item, now: Timestamp) -> Object {
    told_as(code, word(code, now))
}

fn not_found() -> Refusal {
    Refusal::new(404, "FIXED_PAYMENT_CODE_NOT_FOUND_ERROR", "there is no such payment code")
}

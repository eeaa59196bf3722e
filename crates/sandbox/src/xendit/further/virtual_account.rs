//! Virtual accounts of their own interface, older than payment requests, and what was paid to them. That one
//! is active at once, the form of a number, how long one lasts that does not say, and the codes of refusals
//! but for that of an account that is not there, are UNVERIFIED.

use super::{
    Asked, Outcome,
    forms::{BANKS, fields, flag, has, is_over, object_id, reply, take, to_come, told_as},
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

const PRODUCT: &str = "virtual-account";
const NUMBERS: &str = "virtual-account-number";
const PAYMENTS: &str = "virtual-account-payment";
const ACTIVE: &str = "ACTIVE";
const INACTIVE: &str = "INACTIVE";
/// What every number begins with.
const MERCHANT_CODE: &str = "8808";
/// How long one can be paid to that does not say.
const LASTS: Duration = Duration::from_secs(31 * 365 * 86_400);

/// Answers one call.
pub(super) async fn answer(
    world: &World,
    tx: &mut WriteTx,
    asked: &Asked<'_>,
    now: Timestamp,
) -> Result<Outcome, Error> {
    match (asked.method.as_str(), asked.parts.as_slice()) {
        ("POST", ["callback_virtual_accounts"]) => create(world, tx, &asked.body, now).await,
        ("GET", ["callback_virtual_accounts", id]) => get(tx, id, now).await,
        ("PATCH", ["callback_virtual_accounts", id]) => update(tx, id, &asked.body, now).await,
        ("POST", ["callback_virtual_accounts", named, "simulate_payment"]) => {
            match named.strip_prefix("external_id=") {
                Some(reference) => pay(world, tx, reference, &asked.body, now).await,
                None => Ok(no_such_path()),
            }
        }
        ("GET", ["callback_virtual_account_payments", named]) => match named.strip_prefix("payment_id=") {
            Some(id) => payment(tx, id).await,
            None => Ok(no_such_path()),
        },
        _ => Ok(no_such_path()),
    }
}

async fn create(world: &World, tx: &mut WriteTx, body: &Object, now: Timestamp) -> Result<Outcome, Error> {
    let account = match read_account(world, body, now) {
        Ok(account) => account,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let number = format!("{}:{}", text(&account, "bank_code"), text(&account, "account_number"));
    if !take(tx, (NUMBERS, &number), &account.id, now).await? {
        let message = "another account has this number";
        return Ok(Err(Refusal::new(400, "DUPLICATE_CALLBACK_VIRTUAL_ACCOUNT_ERROR", message)));
    }
    shelf::insert(tx, &account).await?;
    Ok(reply(&told(&account, now)))
}

fn read_account(world: &World, body: &Object, now: Timestamp) -> Result<Item, Refusal> {
    let reference = read::required(body, "external_id", 255)?;
    let bank = read::required(body, "bank_code", 32)?;
    if !BANKS.contains(&bank) {
        let message = format!("{bank} has no virtual accounts");
        return Err(Refusal::new(400, "BANK_NOT_SUPPORTED_ERROR", message));
    }
    let number = match read::text(body, "virtual_account_number", 12)? {
        Some(digits) if digits.bytes().all(|digit| digit.is_ascii_digit()) => digits.to_owned(),
        Some(_) => return Err(Refusal::invalid("virtual_account_number is of digits")),
        None => format!("{:012}", world.settings.ids.below(1_000_000_000_000)),
    };
    let is_closed = flag(body, "is_closed")?.unwrap_or_default();
    let terms = terms(body, now)?;
    if is_closed && !terms.contains_key("expected_amount") {
        return Err(Refusal::invalid("expected_amount is required where is_closed is true"));
    }
    let mut account = fields(json!({
        "owner_id": BUSINESS_ID,
        "bank_code": bank,
        "merchant_code": MERCHANT_CODE,
        "name": read::required(body, "name", 250)?,
        "account_number": format!("{MERCHANT_CODE}{number}"),
        "is_closed": is_closed,
        "is_single_use": false,
        "expiration_date": now.plus(LASTS).rfc3339(),
        "currency": "IDR",
        "country": "ID",
    }));
    account.extend(terms);
    Ok(item(PRODUCT, object_id(world), reference, ACTIVE, account, now))
}

/// What is set at first and can be changed: as much of it as was sent.
fn terms(body: &Object, now: Timestamp) -> Result<Object, Refusal> {
    let mut terms = Object::new();
    for name in ["suggested_amount", "expected_amount"] {
        if has(body, name) {
            terms.insert(name.to_owned(), json!(read::amount(body, name)?));
        }
    }
    if let Some(end) = to_come(body, "expiration_date", now)? {
        terms.insert("expiration_date".to_owned(), json!(end.rfc3339()));
    }
    if let Some(once) = flag(body, "is_single_use")? {
        terms.insert("is_single_use".to_owned(), json!(once));
    }
    if let Some(description) = read::description(body)? {
        terms.insert("description".to_owned(), json!(description));
    }
    Ok(terms)
}

async fn get(tx: &mut WriteTx, id: &str, now: Timestamp) -> Result<Outcome, Error> {
    match shelf::find(tx, Target::Xendit, PRODUCT, id).await? {
        Some(account) => Ok(reply(&told(&account, now))),
        None => Ok(Err(not_found())),
    }
}

async fn update(tx: &mut WriteTx, id: &str, body: &Object, now: Timestamp) -> Result<Outcome, Error> {
    let Some(mut account) = shelf::find(tx, Target::Xendit, PRODUCT, id).await? else {
        return Ok(Err(not_found()));
    };
    if word(&account, now) != ACTIVE {
        return Ok(Err(inactive()));
    }
    match terms(body, now) {
        Ok(terms) => account.body.extend(terms),
        Err(refusal) => return Ok(Err(refusal)),
    }
    account.updated_at = now;
    shelf::save(tx, &account).await?;
    Ok(reply(&told(&account, now)))
}

/// What the test mode has in place of somebody who pays to the newest account of this reference. The number
/// of the payment, which the real one tells in a callback alone, stands in the answer.
async fn pay(
    world: &World,
    tx: &mut WriteTx,
    reference: &str,
    body: &Object,
    now: Timestamp,
) -> Result<Outcome, Error> {
    let amount = match read::amount(body, "amount") {
        Ok(amount) => amount,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let accounts = shelf::of_reference(tx, Target::Xendit, PRODUCT, reference).await?;
    let Some(mut account) = accounts.into_iter().next() else { return Ok(Err(not_found())) };
    if word(&account, now) != ACTIVE {
        return Ok(Err(inactive()));
    }
    let expected = account.body.get("expected_amount").and_then(Value::as_i64);
    if is_set(&account, "is_closed") && expected != Some(amount) {
        let message = "to this account exactly the expected amount is paid";
        return Ok(Err(Refusal::new(400, "INVALID_AMOUNT_ERROR", message)));
    }
    let payment_id = world.uuid();
    let paid = fields(json!({
        "payment_id": payment_id,
        "callback_virtual_account_id": account.id,
        "merchant_code": text(&account, "merchant_code"),
        "account_number": text(&account, "account_number"),
        "bank_code": text(&account, "bank_code"),
        "amount": amount,
        "transaction_timestamp": now.rfc3339(),
        "sender_name": "LOKET SANDBOX",
    }));
    let payment = item(PAYMENTS, payment_id, reference, "COMPLETED", paid, now);
    shelf::insert(tx, &payment).await?;
    if is_set(&account, "is_single_use") {
        account.status = INACTIVE.to_owned();
    }
    account.updated_at = now;
    shelf::save(tx, &account).await?;
    let answer = json!({
        "status": "COMPLETED", "message": "The simulated payment was made", "payment_id": payment.id,
    });
    Ok(reply(&answer))
}

async fn payment(tx: &mut WriteTx, id: &str) -> Result<Outcome, Error> {
    let Some(payment) = shelf::find(tx, Target::Xendit, PAYMENTS, id).await? else {
        let code = "CALLBACK_VIRTUAL_ACCOUNT_PAYMENT_NOT_FOUND_ERROR";
        return Ok(Err(Refusal::new(404, code, "there is no such payment")));
    };
    Ok(reply(&told_as(&payment, &payment.status)))
}

/// Where an account stands now: its time may be over.
fn word(account: &Item, now: Timestamp) -> &str {
    if is_over(account, "expiration_date", now) { INACTIVE } else { &account.status }
}

fn text<'a>(account: &'a Item, name: &str) -> &'a str {
    account.body.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn is_set(account: &Item, name: &str) -> bool {
    account.body.get(name).and_then(Value::as_bool).unwrap_or_default()
}

fn told(account: &Item, now: Timestamp) -> Object {
    told_as(account, word(account, now))
}

fn inactive() -> Refusal {
    Refusal::new(400, "INACTIVE_VIRTUAL_ACCOUNT_ERROR", "the account is not active any more")
}

fn not_found() -> Refusal {
    Refusal::new(404, "CALLBACK_VIRTUAL_ACCOUNT_NOT_FOUND_ERROR", "there is no such account")
}

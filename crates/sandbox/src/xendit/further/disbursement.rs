//! Money to bank accounts, to one or many at once, in the older interface. Codes of refusals, how long it
//! takes, that it always arrives, which banks there are and how an account number looks are UNVERIFIED.
//! After many at once nothing can be asked; that their parts are not found one by one either is UNVERIFIED.

use super::super::{
    BUSINESS_ID,
    read::{self, Object},
    refusal::Refusal,
};
use super::{Asked, Outcome, forms, item, no_such_path};
use crate::{
    shelf::{self, Item},
    world::{Target, World},
};
use axum::http::Method;
use database::{Error, WriteTx};
use serde_json::{Value, json};
use std::time::Duration;
use vocabulary::Timestamp;

const SINGLE: &str = "disbursement";
const BATCH: &str = "batch-disbursement";

/// How long money is on its way.
const TAKES: Duration = Duration::from_secs(900);

/// Answers one call.
pub(super) async fn answer(
    world: &World,
    tx: &mut WriteTx,
    asked: &Asked<'_>,
    now: Timestamp,
) -> Result<Outcome, Error> {
    match (asked.method, asked.parts.as_slice()) {
        (&Method::POST, ["disbursements"]) => create(world, tx, &asked.body, now).await,
        (&Method::GET, ["disbursements"]) => of_external_id(tx, asked.query, now).await,
        (&Method::GET, ["disbursements", id]) => get(tx, id, now).await,
        (&Method::POST, ["batch_disbursements"]) => create_batch(world, tx, &asked.body, now).await,
        _ => Ok(no_such_path()),
    }
}

async fn create(world: &World, tx: &mut WriteTx, body: &Object, now: Timestamp) -> Result<Outcome, Error> {
    let disbursement = match read_single(world, body, now) {
        Ok(disbursement) => disbursement,
        Err(refusal) => return Ok(Err(refusal)),
    };
    shelf::insert(tx, &disbursement).await?;
    Ok(forms::reply(&told(&disbursement, now)))
}

fn read_single(world: &World, body: &Object, now: Timestamp) -> Result<Item, Refusal> {
    let external_id = read::required(body, "external_id", 255)?;
    check_account(body, "account_number")?;
    let mut kept = forms::fields(json!({
        "user_id": BUSINESS_ID,
        "external_id": external_id,
        "amount": read::amount(body, "amount")?,
        "bank_code": read::required(body, "bank_code", 64)?,
        "account_holder_name": read::required(body, "account_holder_name", 250)?,
        "disbursement_description": read::required(body, "description", 1_000)?,
    }));
    kept.extend(forms::emails(body)?);
    Ok(item(SINGLE, forms::object_id(world), external_id, "PENDING", kept, now))
}

/// A bank that is known, and a number as accounts have them.
fn check_account(body: &Object, number: &str) -> Result<(), Refusal> {
    let bank = read::required(body, "bank_code", 64)?;
    if !forms::BANKS.contains(&bank) {
        return Err(Refusal::new(400, "BANK_CODE_NOT_SUPPORTED_ERROR", format!("{bank} is no bank here")));
    }
    if read::required(body, number, 32)?.bytes().all(|b| b.is_ascii_digit()) {
        Ok(())
    } else {
        Err(Refusal::new(400, "RECIPIENT_ACCOUNT_NUMBER_ERROR", format!("{number} is digits")))
    }
}

/// One as it is told: it has arrived when its time is over. Its account number is not told.
fn told(disbursement: &Item, now: Timestamp) -> Object {
    let status = match disbursement.status.as_str() {
        "PENDING" if now >= disbursement.created_at.plus(TAKES) => "COMPLETED",
        status => status,
    };
    forms::told(disbursement, json!({"id": disbursement.id, "status": status}))
}

fn nothing() -> Refusal {
    Refusal::new(404, "DIRECT_DISBURSEMENT_NOT_FOUND_ERROR", "there is no such disbursement")
}

async fn get(tx: &mut WriteTx, id: &str, now: Timestamp) -> Result<Outcome, Error> {
    let disbursement = shelf::find(tx, Target::Xendit, SINGLE, id).await?;
    Ok(disbursement.map_or_else(|| Err(nothing()), |disbursement| forms::reply(&told(&disbursement, now))))
}

/// All with an external id, the newest first.
async fn of_external_id(tx: &mut WriteTx, query: &str, now: Timestamp) -> Result<Outcome, Error> {
    let Some(external_id) = forms::given(query, "external_id") else {
        return Ok(Err(Refusal::invalid("external_id is required")));
    };
    let disbursements = shelf::of_reference(tx, Target::Xendit, SINGLE, &external_id).await?;
    if disbursements.is_empty() {
        return Ok(Err(nothing()));
    }
    let all: Vec<Object> = disbursements.iter().map(|disbursement| told(disbursement, now)).collect();
    Ok(forms::reply(&all))
}

async fn create_batch(
    world: &World,
    tx: &mut WriteTx,
    body: &Object,
    now: Timestamp,
) -> Result<Outcome, Error> {
    let batch = match read_batch(world, body, now) {
        Ok(batch) => batch,
        Err(refusal) => return Ok(Err(refusal)),
    };
    shelf::insert(tx, &batch).await?;
    Ok(forms::reply(&json!({
        "status": batch.status,
        "reference": batch.reference,
        "total_uploaded_amount": forms::number(&batch, "total_uploaded_amount"),
        "total_uploaded_count": forms::number(&batch, "total_uploaded_count"),
        "created": batch.created_at.rfc3339(),
        "id": batch.id,
    })))
}

fn read_batch(world: &World, body: &Object, now: Timestamp) -> Result<Item, Refusal> {
    let reference = read::required(body, "reference", 255)?;
    let invalid = || Refusal::invalid("disbursements is a list of objects, at least one");
    let given = body.get("disbursements").and_then(Value::as_array).filter(|all| !all.is_empty());
    let given = given.ok_or_else(invalid)?;
    let (mut total, mut count) = (0_i64, 0_i64);
    for one in given {
        total = total.saturating_add(read_part(one.as_object().ok_or_else(invalid)?)?);
        count = count.saturating_add(1);
    }
    let kept = forms::fields(json!({
        "total_uploaded_amount": total, "total_uploaded_count": count, "disbursements": given,
    }));
    Ok(item(BATCH, forms::object_id(world), reference, "UPLOADING", kept, now))
}

/// What one of many is worth, if it is complete.
fn read_part(one: &Object) -> Result<i64, Refusal> {
    check_account(one, "bank_account_number")?;
    for (name, most) in [("external_id", 255), ("bank_account_name", 250), ("description", 1_000)] {
        read::required(one, name, most)?;
    }
    forms::emails(one)?;
    read::amount(one, "amount")
}

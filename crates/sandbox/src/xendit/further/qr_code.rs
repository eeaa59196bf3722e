//! QRIS codes of their own interface, older than payment requests: for one amount and one payment, known by
//! the merchant's own id. That a second one by that id is refused, and by this code, is UNVERIFIED.

use super::{
    Asked, Outcome,
    forms::{fields, reply, told_as, url},
    item, no_such_path,
};
use crate::{
    qris,
    shelf::{self, Item},
    world::{Target, World},
    xendit::{
        channel::Channel,
        read::{self, Object},
        refusal::Refusal,
        route::ACQUIRER,
    },
};
use database::{Error, WriteTx};
use serde_json::json;
use vocabulary::Timestamp;

const PRODUCT: &str = "qr-code";
const PAYMENTS: &str = "qr-code-payment";
const ACTIVE: &str = "ACTIVE";

/// Answers one call.
pub(super) async fn answer(
    world: &World,
    tx: &mut WriteTx,
    asked: &Asked<'_>,
    now: Timestamp,
) -> Result<Outcome, Error> {
    match (asked.method.as_str(), asked.parts.as_slice()) {
        ("POST", ["qr_codes"]) => create(world, tx, &asked.body, now).await,
        ("GET", ["qr_codes", reference]) => get(tx, reference).await,
        ("POST", ["qr_codes", reference, "payments", "simulate"]) => pay(world, tx, reference, now).await,
        _ => Ok(no_such_path()),
    }
}

async fn create(world: &World, tx: &mut WriteTx, body: &Object, now: Timestamp) -> Result<Outcome, Error> {
    let code = match read_code(world, body, now) {
        Ok(code) => code,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if find(tx, &code.reference).await?.is_some() {
        return Ok(Err(Refusal::new(409, "DUPLICATE_ERROR", "there is a code with this external_id")));
    }
    shelf::insert(tx, &code).await?;
    Ok(reply(&told(&code)))
}

fn read_code(world: &World, body: &Object, now: Timestamp) -> Result<Item, Refusal> {
    let reference = read::required(body, "external_id", 255)?;
    if read::required(body, "type", 32)? != "DYNAMIC" {
        return Err(Refusal::invalid("type is DYNAMIC: others are not simulated"));
    }
    let Some(callback_url) = url(body, "callback_url")? else {
        return Err(Refusal::invalid("callback_url is required"));
    };
    let amount = read::carried(Channel::Qris, read::amount(body, "amount")?)?;
    let label = format!("{:012}", world.settings.ids.below(1_000_000_000_000));
    let code = fields(json!({
        "amount": amount,
        "qr_string": qris::payload(&ACQUIRER, amount, reference, &label),
        "callback_url": callback_url,
        "type": "DYNAMIC",
    }));
    Ok(item(PRODUCT, format!("qr_{}", world.uuid()), reference, ACTIVE, code, now))
}

async fn find(tx: &mut WriteTx, reference: &str) -> Result<Option<Item>, Error> {
    let found = shelf::of_reference(tx, Target::Xendit, PRODUCT, reference).await?;
    Ok(found.into_iter().next())
}

async fn get(tx: &mut WriteTx, reference: &str) -> Result<Outcome, Error> {
    match find(tx, reference).await? {
        Some(code) => Ok(reply(&told(&code))),
        None => Ok(Err(not_found())),
    }
}

/// What the test mode has in place of a buyer who scans it.
async fn pay(world: &World, tx: &mut WriteTx, reference: &str, now: Timestamp) -> Result<Outcome, Error> {
    let Some(mut code) = find(tx, reference).await? else { return Ok(Err(not_found())) };
    if code.status != ACTIVE {
        return Ok(Err(Refusal::ineligible("the code was paid")));
    }
    code.status = "INACTIVE".to_owned();
    code.updated_at = now;
    shelf::save(tx, &code).await?;
    let known = |name: &str| code.body.get(name).cloned().unwrap_or_default();
    let paid = fields(json!({
        "amount": known("amount"),
        "created": now.rfc3339(),
        "qr_code": {
            "id": code.id,
            "external_id": code.reference,
            "qr_string": known("qr_string"),
            "type": known("type"),
        },
    }));
    let payment = item(PAYMENTS, format!("qrpy_{}", world.uuid()), reference, "COMPLETED", paid, now);
    shelf::insert(tx, &payment).await?;
    Ok(reply(&told_as(&payment, &payment.status)))
}

fn told(code: &Item) -> Object {
    let mut told = told_as(code, &code.status);
    told.insert("created".to_owned(), json!(code.created_at.rfc3339()));
    told.insert("updated".to_owned(), json!(code.updated_at.rfc3339()));
    told
}

fn not_found() -> Refusal {
    Refusal::new(404, "QR_CODE_NOT_FOUND_ERROR", "there is no such code")
}

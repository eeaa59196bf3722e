//! Cards: an amount that is authorised and then captured or let go, or charged at once, and what is given
//! back of it. Codes of refusals, that an external id serves once, the word for what was let go, and that a
//! refund costs no fee are UNVERIFIED. Tokens are made by a page of Xendit's that is not simulated: any id
//! of their form is taken for one.

use super::super::{
    BUSINESS_ID, oldest,
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
use serde_json::json;
use vocabulary::Timestamp;

const CHARGE: &str = "card-charge";
const REFUND: &str = "card-refund";

/// Kept of a charge and not told: how much of it was given back.
const REFUNDED: &str = "refunded";

/// Answers one call.
pub(super) async fn answer(
    world: &World,
    tx: &mut WriteTx,
    asked: &Asked<'_>,
    now: Timestamp,
) -> Result<Outcome, Error> {
    match (asked.method, asked.parts.as_slice()) {
        (&Method::POST, ["credit_card_charges"]) => create(world, tx, &asked.body, now).await,
        (&Method::GET, ["credit_card_charges", id]) => get(tx, id).await,
        (&Method::POST, ["credit_card_charges", id, "capture"]) => capture(tx, id, &asked.body, now).await,
        (&Method::POST, ["credit_card_charges", id, "auth_reversal"]) => {
            reverse(world, tx, id, &asked.body, now).await
        }
        (&Method::POST, ["credit_card_charges", id, "refunds"]) => {
            refund(world, tx, id, &asked.body, now).await
        }
        _ => Ok(no_such_path()),
    }
}

/// Authorises an amount, or charges it at once.
async fn create(world: &World, tx: &mut WriteTx, body: &Object, now: Timestamp) -> Result<Outcome, Error> {
    let charge = match read_charge(world, body, now) {
        Ok(charge) => charge,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if !shelf::of_reference(tx, Target::Xendit, CHARGE, &charge.reference).await?.is_empty() {
        let message = "The external_id was used before";
        return Ok(Err(Refusal::new(400, "EXTERNAL_ID_ALREADY_USED_ERROR", message)));
    }
    shelf::insert(tx, &charge).await?;
    Ok(forms::reply(&told(&charge)))
}

fn read_charge(world: &World, body: &Object, now: Timestamp) -> Result<Item, Refusal> {
    if !forms::is_object_id(read::required(body, "token_id", 64)?) {
        return Err(Refusal::new(404, "TOKEN_NOT_FOUND_ERROR", "there is no such token"));
    }
    let external_id = read::required(body, "external_id", 255)?;
    let amount = read::amount(body, "amount")?;
    forms::rupiah(body)?;
    let cvn = read::text(body, "card_cvn", 4)?;
    if cvn.is_some_and(|cvn| cvn.len() < 3 || !cvn.bytes().all(|b| b.is_ascii_digit())) {
        return Err(Refusal::invalid("card_cvn is three or four digits"));
    }
    read::object(body, "billing_details")?;
    let (status, captured) = match forms::flag(body, "capture")?.unwrap_or(true) {
        true => ("CAPTURED", amount),
        false => ("AUTHORIZED", 0),
    };
    let mut kept = forms::fields(json!({
        "authorized_amount": amount,
        "capture_amount": captured,
        "currency": "IDR",
        "business_id": BUSINESS_ID,
        "merchant_id": "loket_sandbox",
        "merchant_reference_code": forms::object_id(world),
        "external_id": external_id,
        "eci": "07",
        "charge_type": "MULTIPLE_USE_TOKEN",
        "masked_card_number": "400000XXXXXX0002",
        "card_brand": "VISA",
        "card_type": "CREDIT",
        "descriptor": read::text(body, "descriptor", 64)?.unwrap_or("LOKET SANDBOX"),
        "bank_reconciliation_id": format!("{:022}", world.settings.ids.below(1_000_000_000_000_000_000)),
        "approval_code": "831000",
        "metadata": forms::metadata(body)?,
        REFUNDED: 0,
    }));
    if let Some(label) = read::text(body, "mid_label", 64)? {
        kept.insert("mid_label".to_owned(), json!(label));
    }
    for name in ["promotion", "installment"] {
        if let Some(given) = read::object(body, name)? {
            kept.insert(name.to_owned(), json!(given));
        }
    }
    Ok(item(CHARGE, forms::object_id(world), external_id, status, kept, now))
}

fn told(charge: &Item) -> Object {
    let more = json!({
        "id": charge.id, "status": charge.status, "created": charge.created_at.rfc3339(),
    });
    let mut told = forms::told(charge, more);
    told.remove(REFUNDED);
    told
}

async fn get(tx: &mut WriteTx, id: &str) -> Result<Outcome, Error> {
    let charge = shelf::find(tx, Target::Xendit, CHARGE, id).await?;
    Ok(charge.map_or_else(|| Err(nothing()), |charge| forms::reply(&told(&charge))))
}

fn nothing() -> Refusal {
    Refusal::not_found("charge")
}

/// Takes what was authorised, once: all of it or less.
async fn capture(tx: &mut WriteTx, id: &str, body: &Object, now: Timestamp) -> Result<Outcome, Error> {
    let Some(mut charge) = shelf::find(tx, Target::Xendit, CHARGE, id).await? else {
        return Ok(Err(nothing()));
    };
    let amount = match read_capture(&charge, body) {
        Ok(amount) => amount,
        Err(refusal) => return Ok(Err(refusal)),
    };
    (charge.status, charge.updated_at) = ("CAPTURED".to_owned(), now);
    charge.body.insert("capture_amount".to_owned(), json!(amount));
    shelf::save(tx, &charge).await?;
    Ok(forms::reply(&told(&charge)))
}

fn read_capture(charge: &Item, body: &Object) -> Result<i64, Refusal> {
    let (amount, most) = (oldest::amount(body)?, forms::number(charge, "authorized_amount"));
    if charge.status != "AUTHORIZED" {
        return Err(Refusal::ineligible("only what is authorised can be captured"));
    }
    if amount > most {
        let message = format!("{most} was authorised");
        return Err(Refusal::new(400, "CAPTURE_AMOUNT_EXCEEDED", message));
    }
    Ok(amount)
}

/// Lets go of what was authorised. Told is the external id of the charge, as in the library's example.
async fn reverse(
    world: &World,
    tx: &mut WriteTx,
    id: &str,
    body: &Object,
    now: Timestamp,
) -> Result<Outcome, Error> {
    let Some(mut charge) = shelf::find(tx, Target::Xendit, CHARGE, id).await? else {
        return Ok(Err(nothing()));
    };
    if let Err(refusal) = read::required(body, "external_id", 255) {
        return Ok(Err(refusal));
    }
    if charge.status != "AUTHORIZED" {
        return Ok(Err(Refusal::ineligible("only what is authorised can be let go")));
    }
    (charge.status, charge.updated_at) = ("REVERSED".to_owned(), now);
    shelf::save(tx, &charge).await?;
    Ok(forms::reply(&json!({
        "status": "SUCCEEDED",
        "currency": "IDR",
        "credit_card_charge_id": charge.id,
        "business_id": BUSINESS_ID,
        "external_id": charge.reference,
        "amount": forms::number(&charge, "authorized_amount"),
        "created": now.rfc3339(),
        "id": forms::object_id(world),
    })))
}

/// Gives back what was captured, all of it or in parts. There is no call that asks how a refund ended.
async fn refund(
    world: &World,
    tx: &mut WriteTx,
    id: &str,
    body: &Object,
    now: Timestamp,
) -> Result<Outcome, Error> {
    let Some(mut charge) = shelf::find(tx, Target::Xendit, CHARGE, id).await? else {
        return Ok(Err(nothing()));
    };
    let (amount, external_id) = match read_refund(&charge, body) {
        Ok(wanted) => wanted,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let refunded = forms::number(&charge, REFUNDED).saturating_add(amount);
    charge.body.insert(REFUNDED.to_owned(), json!(refunded));
    charge.updated_at = now;
    shelf::save(tx, &charge).await?;
    let kept = forms::fields(json!({
        "currency": "IDR",
        "credit_card_charge_id": charge.id,
        "user_id": BUSINESS_ID,
        "amount": amount,
        "external_id": external_id,
        "fee_refund_amount": 0,
    }));
    let refund = item(REFUND, forms::object_id(world), external_id, "REQUESTED", kept, now);
    shelf::insert(tx, &refund).await?;
    let more = json!({
        "id": refund.id, "status": refund.status, "created": now.rfc3339(), "updated": now.rfc3339(),
    });
    Ok(forms::reply(&forms::told(&refund, more)))
}

fn read_refund<'a>(charge: &Item, body: &'a Object) -> Result<(i64, &'a str), Refusal> {
    let (amount, external_id) = (oldest::amount(body)?, read::required(body, "external_id", 255)?);
    if charge.status != "CAPTURED" {
        return Err(Refusal::ineligible("only what was captured can be refunded"));
    }
    let left = forms::number(charge, "capture_amount").saturating_sub(forms::number(charge, REFUNDED));
    if amount > left {
        return Err(Refusal::new(400, "REFUND_AMOUNT_EXCEEDED", format!("{left} is left of the charge")));
    }
    Ok((amount, external_id))
}

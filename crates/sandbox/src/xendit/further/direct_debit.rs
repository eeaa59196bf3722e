//! Direct debit: bank cards that a customer has linked, and payments from them that the bank asks a code
//! for. Customers and linked accounts are made by calls that are not simulated: any id of their form is
//! taken for one, which is UNVERIFIED. So are the codes of refusals, that a code is asked for unless that
//! is switched off, that a wrong one can be followed by a right one, and that without one a payment is
//! complete at once.

use super::super::{
    oldest,
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
use vocabulary::Timestamp;

const METHOD: &str = "linked-method";
const PAYMENT: &str = "direct-debit";

/// The code that is right in the test mode, by the library's own example.
const OTP: &str = "222000";
/// The one bank that is simulated.
const BANK: &str = "DC_BRI";

/// Answers one call.
pub(super) async fn answer(
    world: &World,
    tx: &mut WriteTx,
    asked: &Asked<'_>,
    now: Timestamp,
) -> Result<Outcome, Error> {
    match (asked.method, asked.parts.as_slice()) {
        (&Method::POST, ["payment_methods"]) => create_method(world, tx, &asked.body, now).await,
        (&Method::GET, ["payment_methods"]) => methods(tx, asked.query).await,
        (&Method::POST, ["direct_debits"]) => create(world, tx, &asked.body, now).await,
        (&Method::GET, ["direct_debits"]) => list(tx, asked.query).await,
        (&Method::GET, ["direct_debits", id]) => get(tx, id).await,
        (&Method::POST, ["direct_debits", id, "validate_otp"]) => validate(tx, id, &asked.body, now).await,
        _ => Ok(no_such_path()),
    }
}

/// Makes a method to pay by of a linked account.
async fn create_method(
    world: &World,
    tx: &mut WriteTx,
    body: &Object,
    now: Timestamp,
) -> Result<Outcome, Error> {
    let method = match read_method(world, body, now) {
        Ok(method) => method,
        Err(refusal) => return Ok(Err(refusal)),
    };
    shelf::insert(tx, &method).await?;
    Ok(forms::reply(&told(&method)))
}

fn read_method(world: &World, body: &Object, now: Timestamp) -> Result<Item, Refusal> {
    let customer = read::required(body, "customer_id", 64)?;
    if !forms::is_uuid("", customer) && !forms::is_uuid("cust-", customer) {
        return Err(Refusal::not_found("customer"));
    }
    match read::required(body, "type", 32)? {
        "DEBIT_CARD" => {}
        "BANK_ACCOUNT" => return Err(Refusal::invalid("type BANK_ACCOUNT is not simulated")),
        _ => return Err(Refusal::invalid("type is DEBIT_CARD or BANK_ACCOUNT")),
    }
    let properties = read::object(body, "properties")?;
    let account = properties.map(|properties| read::required(properties, "id", 64)).transpose()?;
    let account = account.ok_or_else(|| Refusal::invalid("properties is required"))?;
    if !forms::is_uuid("la-", account) {
        return Err(Refusal::not_found("linked account"));
    }
    let kept = forms::fields(json!({
        "customer_id": customer,
        "type": "DEBIT_CARD",
        "properties": {
            "id": account,
            "currency": "IDR",
            "card_expiry": "06/24",
            "description": "",
            "channel_code": BANK,
            "card_last_four": "8888",
        },
        "metadata": forms::metadata(body)?,
    }));
    Ok(item(METHOD, format!("pm-{}", world.uuid()), customer, "ACTIVE", kept, now))
}

/// Something as it is told, a method or a payment.
fn told(item: &Item) -> Object {
    let more = json!({
        "id": item.id, "status": item.status,
        "created": item.created_at.rfc3339(), "updated": item.updated_at.rfc3339(),
    });
    forms::told(item, more)
}

/// The methods of a customer, the newest first.
async fn methods(tx: &mut WriteTx, query: &str) -> Result<Outcome, Error> {
    of_reference(tx, METHOD, query, "customer_id").await
}

/// The payments with a reference, the newest first.
async fn list(tx: &mut WriteTx, query: &str) -> Result<Outcome, Error> {
    of_reference(tx, PAYMENT, query, "reference_id").await
}

async fn of_reference(tx: &mut WriteTx, product: &str, query: &str, name: &str) -> Result<Outcome, Error> {
    let Some(reference) = forms::given(query, name) else {
        return Ok(Err(Refusal::invalid(format!("{name} is required"))));
    };
    let items = shelf::of_reference(tx, Target::Xendit, product, &reference).await?;
    let all: Vec<Object> = items.iter().map(told).collect();
    Ok(forms::reply(&all))
}

/// Asks the bank for a payment.
async fn create(world: &World, tx: &mut WriteTx, body: &Object, now: Timestamp) -> Result<Outcome, Error> {
    let payment = match read_payment(world, body, now) {
        Ok(payment) => payment,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let method = payment.body.get("payment_method_id").and_then(Value::as_str).unwrap_or_default();
    if shelf::find(tx, Target::Xendit, METHOD, method).await?.is_none() {
        return Ok(Err(Refusal::not_found("payment method")));
    }
    shelf::insert(tx, &payment).await?;
    Ok(forms::reply(&told(&payment)))
}

fn read_payment(world: &World, body: &Object, now: Timestamp) -> Result<Item, Refusal> {
    let reference = read::reference(body)?;
    read::rupiah(body)?;
    let amount = oldest::amount(body)?;
    forms::url(body, "callback_url")?.ok_or_else(|| Refusal::invalid("callback_url is required"))?;
    let basket = match body.get("basket") {
        None | Some(Value::Null) => Value::Null,
        Some(Value::Array(basket)) if basket.iter().all(Value::is_object) => json!(basket),
        Some(_) => return Err(Refusal::invalid("basket is a list of objects")),
    };
    let asks = forms::flag(body, "enable_otp")?.unwrap_or(true);
    let kept = forms::fields(json!({
        "failure_code": null,
        "otp_mobile_number": null,
        "otp_expiration_timestamp": null,
        "reference_id": reference,
        "payment_method_id": read::required(body, "payment_method_id", 64)?,
        "channel_code": BANK,
        "currency": "IDR",
        "amount": amount,
        "is_otp_required": asks,
        "basket": basket,
        "description": read::description(body)?.unwrap_or_default(),
        "metadata": read::metadata(body)?,
    }));
    let status = if asks { "PENDING" } else { "COMPLETED" };
    Ok(item(PAYMENT, format!("ddpy-{}", world.uuid()), &reference, status, kept, now))
}

async fn get(tx: &mut WriteTx, id: &str) -> Result<Outcome, Error> {
    let payment = shelf::find(tx, Target::Xendit, PAYMENT, id).await?;
    Ok(payment.map_or_else(|| Err(nothing()), |payment| forms::reply(&told(&payment))))
}

fn nothing() -> Refusal {
    Refusal::not_found("direct debit payment")
}

/// Takes the code that the bank sent to its customer.
async fn validate(tx: &mut WriteTx, id: &str, body: &Object, now: Timestamp) -> Result<Outcome, Error> {
    let Some(mut payment) = shelf::find(tx, Target::Xendit, PAYMENT, id).await? else {
        return Ok(Err(nothing()));
    };
    let code = match read::required(body, "otp_code", 16) {
        Ok(code) => code,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if payment.status != "PENDING" {
        return Ok(Err(Refusal::ineligible("the payment does not wait for a code")));
    }
    if code != OTP {
        return Ok(Err(Refusal::new(400, "INVALID_OTP", "the code is not the one that was sent")));
    }
    (payment.status, payment.updated_at) = ("COMPLETED".to_owned(), now);
    shelf::save(tx, &payment).await?;
    Ok(forms::reply(&told(&payment)))
}

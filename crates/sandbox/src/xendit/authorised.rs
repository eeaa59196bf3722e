//! Payment requests of the second generation by a card or a bank account, which Loket never makes. They wait
//! for something of the merchant's own: a capture of what was authorised, or the code that the bank sent to
//! its customer. They lie on the shelf, and only the calls of this file know them: they are in no list, and
//! neither refunds nor the calls of payment methods find them. Paths and shapes are those of xendit-python;
//! what is refused, by which code, and that one capture ends a request are UNVERIFIED.

use super::{
    BUSINESS_ID,
    books::Generation,
    further::item,
    of_generation,
    read::{self, Object},
    refusal::Refusal,
};
use crate::{
    exchange::Reply,
    shelf::{self, Item},
    world::{Target, World},
};
use database::{Error, WriteTx};
use serde_json::{Value, json};
use vocabulary::Timestamp;

const PRODUCT: &str = "payment-request";
const CAPTURES: &str = "capture";
const REQUIRES_ACTION: &str = "REQUIRES_ACTION";
const AWAITING_CAPTURE: &str = "AWAITING_CAPTURE";
const SUCCEEDED: &str = "SUCCEEDED";
/// What the bank sends to its customer, in the test mode. UNVERIFIED.
const SENT: &str = "333000";
const LISTED: usize = 10;
const MOST_LISTED: usize = 100;

/// Whether a body asks for one of these.
pub(super) fn is_asked(body: &Object) -> bool {
    let kind = body.get("payment_method").and_then(|method| method.get("type")).and_then(Value::as_str);
    matches!(kind, Some("CARD" | "DIRECT_DEBIT"))
}

/// Makes a payment request.
pub(super) async fn create(
    world: &World,
    tx: &mut WriteTx,
    body: &Object,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    let request = match read_request(world, body, now) {
        Ok(request) => request,
        Err(refusal) => return Ok(Err(refusal)),
    };
    shelf::insert(tx, &request).await?;
    Ok(Ok(Reply::json(201, &told(world, &request)).plain_http()))
}

fn read_request(world: &World, body: &Object, now: Timestamp) -> Result<Item, Refusal> {
    let reference = read::reference(body)?;
    read::rupiah(body)?;
    let amount = read::amount(body, "amount")?;
    let capture = read::text(body, "capture_method", 32)?.unwrap_or("AUTOMATIC");
    let empty = Object::new();
    let method = read::object(body, "payment_method")?.unwrap_or(&empty);
    if read::required(method, "reusability", 32)? != "ONE_TIME_USE" {
        return Err(Refusal::invalid("reusability is ONE_TIME_USE: others are not simulated"));
    }
    let kind = read::required(method, "type", 32)?;
    let (status, card, debit) = match (kind, capture) {
        ("CARD", "MANUAL") => (AWAITING_CAPTURE, card(world, method, now)?, Value::Null),
        ("CARD", "AUTOMATIC") => (SUCCEEDED, card(world, method, now)?, Value::Null),
        ("DIRECT_DEBIT", "AUTOMATIC") => (REQUIRES_ACTION, Value::Null, debit(method, now)?),
        _ => return Err(Refusal::invalid(format!("capture_method of a {kind} is not {capture}"))),
    };
    let body = json!({
        "amount": amount,
        "capture_method": capture,
        "description": read::description(body)?,
        "metadata": read::metadata(body)?,
        "payment_id": format!("py-{}", world.uuid()),
        "payment_method": {
            "id": format!("pm-{}", world.uuid()),
            "type": kind,
            "reusability": "ONE_TIME_USE",
            "reference_id": world.uuid(),
            "description": null,
            "created": now.rfc3339(),
            "card": card,
            "direct_debit": debit,
            "ewallet": null,
            "over_the_counter": null,
            "virtual_account": null,
            "qr_code": null,
            "metadata": null,
        },
    });
    let body = body.as_object().cloned().unwrap_or_default();
    Ok(item(PRODUCT, format!("pr-{}", world.uuid()), &reference, status, body, now))
}

/// A card, without the question of the bank that issued it.
fn card(world: &World, method: &Object, now: Timestamp) -> Result<Value, Refusal> {
    let card = read::object(method, "card")?.ok_or_else(|| Refusal::invalid("card is required"))?;
    let properties = read::object(card, "channel_properties")?
        .ok_or_else(|| Refusal::invalid("channel_properties is required"))?;
    if properties.get("skip_three_d_secure").and_then(Value::as_bool) != Some(true) {
        return Err(Refusal::invalid("skip_three_d_secure is true: anything else is not simulated"));
    }
    let details = read::object(card, "card_information")?
        .ok_or_else(|| Refusal::invalid("card_information is required"))?;
    let number = digits(details, "card_number", 12, 19)?;
    let (first, last) = (number.get(..6).unwrap_or_default(), end(number));
    let network = match number.bytes().next() {
        Some(b'4') => "VISA",
        Some(b'5') => "MASTERCARD",
        Some(b'3') => "JCB",
        _ => return Err(Refusal::invalid("card_number is of no network that is known")),
    };
    let month = digits(details, "expiry_month", 2, 2)?;
    let year = digits(details, "expiry_year", 4, 4)?;
    check_expiry(month, year, now)?;
    Ok(json!({
        "currency": "IDR",
        "channel_properties": properties,
        "card_information": {
            "token_id": world.uuid(),
            "masked_card_number": format!("{first}XXXXXX{last}"),
            "expiry_month": month,
            "expiry_year": year,
            "cardholder_name": read::text(details, "cardholder_name", 255)?,
            "fingerprint": world.uuid(),
            "type": "CREDIT",
            "network": network,
            "country": "ID",
            "issuer": "LOKET SANDBOX",
        },
        "card_verification_results": null,
    }))
}

/// A bank account, by the debit card that belongs to it. Other banks have a page, which is not simulated.
fn debit(method: &Object, now: Timestamp) -> Result<Value, Refusal> {
    let debit =
        read::object(method, "direct_debit")?.ok_or_else(|| Refusal::invalid("direct_debit is required"))?;
    let code = read::required(debit, "channel_code", 64)?;
    if code != "BRI" {
        let message = format!("{code} is not simulated for a DIRECT_DEBIT");
        return Err(Refusal::new(400, "CHANNEL_CODE_NOT_SUPPORTED_ERROR", message));
    }
    let properties = read::object(debit, "channel_properties")?
        .ok_or_else(|| Refusal::invalid("channel_properties is required"))?;
    let expiry = read::required(properties, "card_expiry", 5)?;
    let (month, year) = expiry.split_once('/').unwrap_or_default();
    check_expiry(month, &format!("20{year}"), now)?;
    Ok(json!({
        "channel_code": code,
        "channel_properties": properties,
        "type": "DEBIT_CARD",
        "bank_account": null,
        "debit_card": {
            "mobile_number": read::required(properties, "mobile_number", 20)?,
            "card_last_four": digits(properties, "card_last_four", 4, 4)?,
            "card_expiry": expiry,
            "email": read::text(properties, "email", 255)?,
        },
    }))
}

/// Fails unless a card is good to the end of this month, and that is not over.
fn check_expiry(month: &str, year: &str, now: Timestamp) -> Result<(), Refusal> {
    let are_digits = month.bytes().chain(year.bytes()).all(|digit| digit.is_ascii_digit());
    let is_month = are_digits && (month.len(), year.len()) == (2, 4) && ("01"..="12").contains(&month);
    let (last, today) = (format!("{year}-{month}"), now.rfc3339());
    if is_month && today.get(..7).is_some_and(|this| this <= last.as_str()) {
        Ok(())
    } else {
        Err(Refusal::invalid("the card is good until a month that is not over"))
    }
}

fn digits<'a>(parent: &'a Object, name: &str, least: usize, most: usize) -> Result<&'a str, Refusal> {
    let text = read::required(parent, name, most)?;
    if text.len() < least || !text.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(Refusal::invalid(format!("{name} is of {least} to {most} digits")));
    }
    Ok(text)
}

/// The last four digits.
fn end(number: &str) -> &str {
    number.get(number.len().saturating_sub(4)..).unwrap_or_default()
}

pub(super) async fn get(world: &World, tx: &mut WriteTx, id: &str) -> Result<Result<Reply, Refusal>, Error> {
    match find(tx, id).await? {
        Some(request) => Ok(Ok(Reply::json(200, &told(world, &request)).plain_http())),
        None => Ok(Err(not_found())),
    }
}

/// Takes the code that the bank sent to its customer.
pub(super) async fn authorize(
    world: &World,
    tx: &mut WriteTx,
    id: &str,
    body: &Object,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    let code = match read::required(body, "auth_code", 64) {
        Ok(code) => code,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut request = match standing(tx, id, REQUIRES_ACTION).await? {
        Ok(request) => request,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if code != SENT {
        return Ok(Err(Refusal::new(400, "INVALID_OTP_ERROR", "this is not the code that was sent")));
    }
    succeed(tx, &mut request, now).await?;
    Ok(Ok(Reply::json(200, &told(world, &request)).plain_http()))
}

/// Takes what was authorised, or a part of it; the rest is free again.
pub(super) async fn capture(
    world: &World,
    tx: &mut WriteTx,
    id: &str,
    body: &Object,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    let (amount, reference) = match read_capture(body) {
        Ok(read) => read,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut request = match standing(tx, id, AWAITING_CAPTURE).await? {
        Ok(request) => request,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let authorised = request.body.get("amount").and_then(Value::as_i64).unwrap_or_default();
    if amount > authorised {
        let message = format!("{authorised} was authorised");
        return Ok(Err(Refusal::new(400, "CAPTURE_AMOUNT_EXCEEDED", message)));
    }
    succeed(tx, &mut request, now).await?;
    let id = format!("cptr-{}", world.uuid());
    let captured = json!({
        "id": id,
        "payment_request_id": request.id,
        "payment_id": known(&request, "payment_id"),
        "reference_id": reference.unwrap_or(&request.reference),
        "currency": "IDR",
        "authorized_amount": authorised,
        "captured_amount": amount,
        "status": SUCCEEDED,
        "payment_method": method(&request),
        "failure_code": null,
        "customer_id": null,
        "metadata": known(&request, "metadata"),
        "channel_properties": null,
        "created": now.rfc3339(),
        "updated": now.rfc3339(),
    });
    let captured = captured.as_object().cloned().unwrap_or_default();
    let captured = item(CAPTURES, id, &request.id, SUCCEEDED, captured, now);
    shelf::insert(tx, &captured).await?;
    Ok(Ok(Reply::json(200, &captured.body).plain_http()))
}

fn read_capture(body: &Object) -> Result<(i64, Option<&str>), Refusal> {
    Ok((read::amount(body, "capture_amount")?, read::text(body, "reference_id", 255)?))
}

/// The captures of a payment request; one of a wallet has none.
pub(super) async fn captures(
    tx: &mut WriteTx,
    id: &str,
    query: &str,
) -> Result<Result<Reply, Refusal>, Error> {
    let mut limit = LISTED;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if name != "limit" {
            return Ok(Err(Refusal::invalid(format!("a list by {name} is not simulated"))));
        }
        match read::limit(&value, MOST_LISTED) {
            Ok(asked) => limit = asked,
            Err(refusal) => return Ok(Err(refusal)),
        }
    }
    if find(tx, id).await?.is_none() && of_generation(tx, id, Generation::Second).await?.is_none() {
        return Ok(Err(not_found()));
    }
    let captures = shelf::of_reference(tx, Target::Xendit, CAPTURES, id).await?;
    let data: Vec<&Object> = captures.iter().take(limit).map(|capture| &capture.body).collect();
    let body = json!({"data": data, "has_more": captures.len() > limit});
    Ok(Ok(Reply::json(200, &body).plain_http()))
}

async fn find(tx: &mut WriteTx, id: &str) -> Result<Option<Item>, Error> {
    shelf::find(tx, Target::Xendit, PRODUCT, id).await
}

/// The request, if it stands there. One of a wallet never waits for the merchant.
async fn standing(tx: &mut WriteTx, id: &str, status: &str) -> Result<Result<Item, Refusal>, Error> {
    let elsewhere = || Refusal::ineligible(format!("the payment request is not {status}"));
    match find(tx, id).await? {
        Some(request) if request.status == status => Ok(Ok(request)),
        Some(_) => Ok(Err(elsewhere())),
        None => {
            let wallet = of_generation(tx, id, Generation::Second).await?;
            Ok(Err(wallet.map_or_else(not_found, |_| elsewhere())))
        }
    }
}

async fn succeed(tx: &mut WriteTx, request: &mut Item, now: Timestamp) -> Result<(), Error> {
    request.status = SUCCEEDED.to_owned();
    request.updated_at = now;
    shelf::save(tx, request).await
}

fn known(request: &Item, name: &str) -> Value {
    request.body.get(name).cloned().unwrap_or_default()
}

/// The payment method of a request, as it stands in it.
fn method(request: &Item) -> Value {
    let status = match request.status.as_str() {
        REQUIRES_ACTION => "PENDING",
        AWAITING_CAPTURE => "ACTIVE",
        _ => "INACTIVE",
    };
    let mut method = known(request, "payment_method");
    if let Some(method) = method.as_object_mut() {
        method.insert("status".to_owned(), json!(status));
        method.insert("updated".to_owned(), json!(request.updated_at.rfc3339()));
    }
    method
}

fn told(world: &World, request: &Item) -> Value {
    let action = |action: &str, path: &str| {
        let url = format!("{}/sandbox/xendit/payment_requests/{}/{path}", world.base_url(), request.id);
        json!([{"action": action, "url_type": "API", "method": "POST", "url": url, "qr_code": null}])
    };
    let actions = match request.status.as_str() {
        REQUIRES_ACTION => action("AUTH", "auth"),
        AWAITING_CAPTURE => action("CAPTURE", "captures"),
        _ => json!([]),
    };
    json!({
        "id": request.id,
        "created": request.created_at.rfc3339(),
        "updated": request.updated_at.rfc3339(),
        "reference_id": request.reference,
        "business_id": BUSINESS_ID,
        "customer_id": null,
        "customer": null,
        "amount": known(request, "amount"),
        "min_amount": null,
        "max_amount": null,
        "country": "ID",
        "currency": "IDR",
        "payment_method": method(request),
        "description": known(request, "description"),
        "metadata": known(request, "metadata"),
        "capture_method": known(request, "capture_method"),
        "initiator": null,
        "card_verification_results": null,
        "status": request.status,
        "actions": actions,
        "failure_code": null,
        "channel_properties": null,
        "shipping_information": null,
        "items": null,
    })
}

fn not_found() -> Refusal {
    Refusal::not_found("payment request")
}

//! The second generation: payment requests with an idempotency key, found by the merchant's reference, and
//! the payment method behind each (contracts/payments §3.3; paths and shapes as in the vendor's library).

use super::{
    BUSINESS_ID, Wanted,
    books::{self, Charge, Generation, Status},
    channel::{Channel, Kind},
    notify, of_generation, open, page,
    read::{self, Object},
    refusal::Refusal,
};
use crate::{exchange::Reply, world::World};
use database::{Error, WriteTx};
use serde_json::{Value, json};
use vocabulary::Timestamp;

const LISTED: usize = 10;
const MOST_LISTED: usize = 50;

/// Makes a payment request.
pub(super) async fn create(
    world: &World,
    tx: &mut WriteTx,
    body: &Object,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    let wanted = match read_request(body) {
        Ok(wanted) => wanted,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let charge = open(world, tx, wanted, now).await?;
    Ok(Ok(Reply::json(201, &told(world, tx, &charge).await?).plain_http()))
}

fn read_request(body: &Object) -> Result<Wanted, Refusal> {
    read::rupiah(body)?;
    if read::text(body, "country", 2)?.is_some_and(|country| country != "ID") {
        return Err(Refusal::invalid("country is ID"));
    }
    let method = read::object(body, "payment_method")?
        .ok_or_else(|| Refusal::invalid("payment_method is required"))?;
    if read::required(method, "reusability", 32)? != "ONE_TIME_USE" {
        return Err(Refusal::invalid("reusability is ONE_TIME_USE: others are not simulated"));
    }
    let (kind, name) = match read::required(method, "type", 32)? {
        "EWALLET" => ("EWALLET", "ewallet"),
        "QR_CODE" => ("QR_CODE", "qr_code"),
        "VIRTUAL_ACCOUNT" => ("VIRTUAL_ACCOUNT", "virtual_account"),
        "OVER_THE_COUNTER" => ("OVER_THE_COUNTER", "over_the_counter"),
        other => return Err(Refusal::invalid(format!("payment_method.type {other} is not simulated"))),
    };
    let details =
        read::object(method, name)?.ok_or_else(|| Refusal::invalid(format!("{name} is required")))?;
    let code = read::required(details, "channel_code", 64)?;
    let channel = Channel::ALL.iter().find(|channel| channel.second() == Some((kind, code)));
    let channel = *channel.ok_or_else(|| {
        Refusal::new(400, "CHANNEL_CODE_NOT_SUPPORTED_ERROR", format!("{code} is no {kind} in ID"))
    })?;
    Ok(Wanted {
        generation: Generation::Second,
        reference_id: read::reference(body)?,
        channel,
        properties: read::properties(channel, details, (&["mobile_number"], "success_return_url"))?,
        amount: read::carried(channel, read::amount(body, "amount")?)?,
        description: read::description(body)?,
        metadata: read::metadata(body)?,
    })
}

pub(super) async fn get(world: &World, tx: &mut WriteTx, id: &str) -> Result<Result<Reply, Refusal>, Error> {
    match of_generation(tx, id, Generation::Second).await? {
        Some(charge) => Ok(Ok(Reply::json(200, &told(world, tx, &charge).await?).plain_http())),
        None => Ok(Err(Refusal::not_found("payment request"))),
    }
}

/// The payment requests with these references or ids, the newest first.
pub(super) async fn list(
    world: &World,
    tx: &mut WriteTx,
    query: &str,
) -> Result<Result<Reply, Refusal>, Error> {
    let (mut references, mut ids, mut limit) = (Vec::new(), Vec::new(), LISTED);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "reference_id" => references.push(value.into_owned()),
            "id" => ids.push(value.into_owned()),
            "limit" => match value.parse() {
                Ok(asked) if (1..=MOST_LISTED).contains(&asked) => limit = asked,
                _ => return Ok(Err(Refusal::invalid(format!("limit is from 1 to {MOST_LISTED}")))),
            },
            _ => {}
        }
    }
    let mut found = Vec::new();
    for reference in &references {
        found.extend(books::of_reference(tx, reference).await?);
    }
    for id in &ids {
        found.extend(books::find(tx, id).await?);
    }
    if references.is_empty() && ids.is_empty() {
        found = books::newest_of(tx, Generation::Second).await?;
    }
    found.retain(|charge| charge.generation == Generation::Second);
    let has_more = found.len() > limit;
    let mut data = Vec::new();
    for charge in found.iter().take(limit) {
        data.push(told(world, tx, charge).await?);
    }
    Ok(Ok(Reply::json(200, &json!({"data": data, "has_more": has_more})).plain_http()))
}

/// The payment method behind a request.
pub(super) async fn method(tx: &mut WriteTx, id: &str) -> Result<Result<Reply, Refusal>, Error> {
    match of_method(tx, id).await? {
        Some(charge) => Ok(Ok(Reply::json(200, &method_alone(&charge)).plain_http())),
        None => Ok(Err(Refusal::not_found("payment method"))),
    }
}

/// Ends a payment method. That the request which waits on it ends with it, and with this word, is UNVERIFIED.
pub(super) async fn expire(
    tx: &mut WriteTx,
    id: &str,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    let Some(mut charge) = of_method(tx, id).await? else {
        return Ok(Err(Refusal::not_found("payment method")));
    };
    if charge.status != Status::Pending {
        return Ok(Err(Refusal::new(400, "INVALID_PAYMENT_METHOD", "the payment method is not active")));
    }
    charge.status = Status::Expired;
    charge.updated_at = now;
    books::save(tx, &charge).await?;
    Ok(Ok(Reply::json(200, &method_alone(&charge)).plain_http()))
}

/// What was paid by a payment method.
pub(super) async fn payments(tx: &mut WriteTx, id: &str) -> Result<Result<Reply, Refusal>, Error> {
    let Some(charge) = of_method(tx, id).await? else {
        return Ok(Err(Refusal::not_found("payment method")));
    };
    let data: Vec<Value> = payment(&charge).into_iter().collect();
    Ok(Ok(Reply::json(200, &json!({"data": data, "has_more": false})).plain_http()))
}

async fn of_method(tx: &mut WriteTx, id: &str) -> Result<Option<Charge>, Error> {
    Ok(books::of_method(tx, id).await?.filter(|charge| charge.generation == Generation::Second))
}

/// A request as this generation tells it.
async fn told(world: &World, tx: &mut WriteTx, charge: &Charge) -> Result<Value, Error> {
    let waits_for_page = charge.status == Status::Pending && charge.channel.kind() == Kind::Page;
    let word = if waits_for_page { "REQUIRES_ACTION" } else { charge.status.as_str() };
    let word = notify::word(tx, word, ("status", charge.reference_id.as_str())).await?;
    Ok(json!({
        "id": charge.id,
        "created": charge.created_at.rfc3339(),
        "updated": charge.updated_at.rfc3339(),
        "reference_id": charge.reference_id,
        "business_id": BUSINESS_ID,
        "customer_id": null,
        "customer": null,
        "amount": charge.amount,
        "min_amount": null,
        "max_amount": null,
        "country": "ID",
        "currency": "IDR",
        "payment_method": method_of(charge),
        "description": charge.description,
        "metadata": charge.metadata,
        "capture_method": "AUTOMATIC",
        "initiator": null,
        "card_verification_results": null,
        "status": word,
        "actions": actions(world, charge),
        "failure_code": failure(charge),
        "channel_properties": null,
        "shipping_information": null,
        "items": null,
    }))
}

fn actions(world: &World, charge: &Charge) -> Vec<Value> {
    if charge.status != Status::Pending {
        return Vec::new();
    }
    if let Some(url) = page(world, charge) {
        let link = |kind: &str| json!({"action": "AUTH", "url_type": kind, "method": "GET", "url": url, "qr_code": null});
        return vec![link("MOBILE"), link("WEB")];
    }
    let shown = charge.code.as_ref().filter(|_| charge.channel.kind() == Kind::Qr);
    let code = |code: &String| json!({"action": "PRESENT_TO_CUSTOMER", "url_type": "API", "method": null, "url": null, "qr_code": code});
    shown.map(code).into_iter().collect()
}

/// The method as it stands in a request.
fn method_of(charge: &Charge) -> Value {
    let (kind, code) = charge.channel.second().unwrap_or(("EWALLET", "OVO"));
    let mut properties = charge.properties.clone();
    if let Some(properties) = properties.as_object_mut() {
        let (name, code) = match charge.channel.kind() {
            Kind::Qr => ("qr_string", charge.code.as_ref()),
            Kind::Number => ("virtual_account_number", charge.code.as_ref()),
            Kind::Till => ("payment_code", charge.code.as_ref()),
            Kind::Push | Kind::Page => ("", None),
        };
        if let Some(code) = code {
            properties.insert(name.to_owned(), json!(code));
        }
    }
    let details = |of: &str| {
        let mut details = json!({"channel_code": code, "channel_properties": properties});
        if let ("EWALLET", Some(details)) = (of, details.as_object_mut()) {
            let account =
                json!({"name": null, "account_details": null, "balance": null, "point_balance": null});
            details.insert("account".to_owned(), account);
        }
        if kind == of { details } else { Value::Null }
    };
    json!({
        "id": charge.payment_method_id,
        "type": kind,
        "reusability": "ONE_TIME_USE",
        "status": method_status(charge.status),
        "created": charge.created_at.rfc3339(),
        "updated": charge.updated_at.rfc3339(),
        "description": null,
        "reference_id": format!("{}-method", charge.reference_id),
        "card": null,
        "direct_debit": null,
        "ewallet": details("EWALLET"),
        "over_the_counter": details("OVER_THE_COUNTER"),
        "virtual_account": details("VIRTUAL_ACCOUNT"),
        "qr_code": details("QR_CODE"),
        "metadata": null,
    })
}

/// The method asked about by itself.
fn method_alone(charge: &Charge) -> Value {
    let mut method = method_of(charge);
    if let Some(method) = method.as_object_mut() {
        for (name, value) in [
            ("business_id", json!(BUSINESS_ID)),
            ("customer_id", Value::Null),
            ("customer", Value::Null),
            ("country", json!("ID")),
            ("actions", json!([])),
            ("billing_information", Value::Null),
            ("failure_code", Value::Null),
        ] {
            method.insert(name.to_owned(), value);
        }
    }
    method
}

fn method_status(status: Status) -> &'static str {
    match status {
        Status::Pending => "ACTIVE",
        Status::Succeeded | Status::Voided => "INACTIVE",
        Status::Failed => "FAILED",
        Status::Expired | Status::Canceled => "EXPIRED",
    }
}

/// The payment of a request, once there is one: also of a request that stays ended although it was paid.
pub(super) fn payment(charge: &Charge) -> Option<Value> {
    let status = match charge.status {
        _ if charge.is_paid() => "SUCCEEDED",
        Status::Failed => "FAILED",
        _ => return None,
    };
    Some(json!({
        "id": charge.payment_id,
        "payment_request_id": charge.id,
        "reference_id": charge.reference_id,
        "customer_id": null,
        "currency": "IDR",
        "amount": charge.amount,
        "country": "ID",
        "status": status,
        "payment_method": method_of(charge),
        "channel_properties": null,
        "payment_detail": null,
        "failure_code": failure(charge),
        "created": charge.created_at.rfc3339(),
        "updated": charge.updated_at.rfc3339(),
        "metadata": charge.metadata,
    }))
}

fn failure(charge: &Charge) -> Option<&str> {
    charge.failure_code.as_deref().filter(|_| charge.status == Status::Failed)
}

//! The second generation: payment requests with an idempotency key, found by the merchant's reference, as
//! the contract has them (§3.3; paths and shapes as in the vendor's library). The payment method behind each is
//! in `methods.rs`.

use super::{
    BUSINESS_ID, Wanted, authorised,
    books::{self, Charge, Generation, Status},
    channel::Kind,
    methods::{self, Method},
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
    if authorised::is_asked(body) {
        return authorised::create(world, tx, body, now).await;
    }
    let earlier = match read::text(body, "payment_method_id", 64) {
        Ok(None) => None,
        Ok(Some(id)) => match methods::unused(tx, id).await? {
            Some(method) => Some(method),
            None => {
                return Ok(Err(Refusal::new(
                    400,
                    "INVALID_PAYMENT_METHOD",
                    "the payment method is not active",
                )));
            }
        },
        Err(refusal) => return Ok(Err(refusal)),
    };
    let wanted = match read_request(body, earlier) {
        Ok(wanted) => wanted,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let charge = open(world, tx, wanted, now).await?;
    Ok(Ok(Reply::json(201, &told(world, tx, &charge).await?).plain_http()))
}

/// Reads a request: by a payment method of its own, or by `earlier`, which was made before and waits for one.
fn read_request(body: &Object, earlier: Option<Method>) -> Result<Wanted, Refusal> {
    read::rupiah(body)?;
    if read::text(body, "country", 2)?.is_some_and(|country| country != "ID") {
        return Err(Refusal::invalid("country is ID"));
    }
    let asked = read::object(body, "payment_method")?;
    let (payment_method_id, channel, properties) = match (asked, earlier) {
        (Some(method), None) => {
            let (channel, properties) = methods::read(method)?;
            (None, channel, properties)
        }
        (None, Some(method)) => (Some(method.id), method.channel, method.properties),
        _ => return Err(Refusal::invalid("one of payment_method and payment_method_id is required")),
    };
    Ok(Wanted {
        generation: Generation::Second,
        reference_id: read::reference(body)?,
        payment_method_id,
        channel,
        properties,
        amount: read::carried(channel, read::amount(body, "amount")?)?,
        description: read::description(body)?,
        metadata: read::metadata(body)?,
    })
}

pub(super) async fn get(world: &World, tx: &mut WriteTx, id: &str) -> Result<Result<Reply, Refusal>, Error> {
    match of_generation(tx, id, Generation::Second).await? {
        Some(charge) => Ok(Ok(Reply::json(200, &told(world, tx, &charge).await?).plain_http())),
        None => authorised::get(world, tx, id).await,
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
            "limit" => match read::limit(&value, MOST_LISTED) {
                Ok(asked) => limit = asked,
                Err(refusal) => return Ok(Err(refusal)),
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
        "payment_method": methods::of_charge(charge),
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
        "payment_method": methods::of_charge(charge),
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

//! The third generation, which no published library speaks (contracts/payments §3.4). It has no idempotency
//! key: the same again is another request. What OVO needs to know is UNVERIFIED, so either name is taken.

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
    let reference_id = read::reference(body)?;
    for (name, only) in [("type", "PAY"), ("country", "ID")] {
        if read::required(body, name, 32)? != only {
            return Err(Refusal::new(400, "INVALID_VALUE_ERROR", format!("{name} is {only}")));
        }
    }
    read::rupiah(body)?;
    let amount = read::amount(body, "request_amount")?;
    if read::text(body, "capture_method", 32)?.is_some_and(|method| method != "AUTOMATIC") {
        return Err(Refusal::new(400, "INVALID_VALUE_ERROR", "capture_method is AUTOMATIC"));
    }
    let code = read::required(body, "channel_code", 64)?;
    let unknown = || Refusal::new(400, "INVALID_VALUE_ERROR", format!("channel_code {code} is not known"));
    let channel: Channel = code.parse().map_err(|_| unknown())?;
    if read::object(body, "channel_properties")?.is_none() {
        return Err(Refusal::invalid("channel_properties is required"));
    }
    let phones: &[&str] = &["account_mobile_number", "mobile_number"];
    Ok(Wanted {
        generation: Generation::Third,
        reference_id,
        payment_method_id: None,
        channel,
        properties: read::properties(channel, body, (phones, "success_return_url"))?,
        amount: read::carried(channel, amount)?,
        description: read::description(body)?,
        metadata: read::metadata(body)?,
    })
}

pub(super) async fn get(world: &World, tx: &mut WriteTx, id: &str) -> Result<Result<Reply, Refusal>, Error> {
    match of_generation(tx, id, Generation::Third).await? {
        Some(charge) => Ok(Ok(Reply::json(200, &told(world, tx, &charge).await?).plain_http())),
        None => Ok(Err(Refusal::not_found("payment request"))),
    }
}

/// Calls a request off. Its page was not read for the contract: what it answers is UNVERIFIED.
pub(super) async fn cancel(
    world: &World,
    tx: &mut WriteTx,
    id: &str,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    let Some(mut charge) = of_generation(tx, id, Generation::Third).await? else {
        return Ok(Err(Refusal::not_found("payment request")));
    };
    if charge.status != Status::Pending {
        return Ok(Err(Refusal::ineligible("the payment request does not wait for a payment")));
    }
    charge.status = Status::Canceled;
    charge.updated_at = now;
    books::save(tx, &charge).await?;
    Ok(Ok(Reply::json(200, &told(world, tx, &charge).await?).plain_http()))
}

async fn told(world: &World, tx: &mut WriteTx, charge: &Charge) -> Result<Value, Error> {
    let page = page(world, charge);
    let word = match charge.status {
        Status::Pending if page.is_some() => "REQUIRES_ACTION",
        Status::Pending => "ACCEPTING_PAYMENTS",
        Status::Voided => Status::Canceled.as_str(),
        status => status.as_str(),
    };
    let word = notify::word(tx, word, ("status", charge.reference_id.as_str())).await?;
    let paid = charge.is_paid() || charge.status == Status::Failed;
    Ok(json!({
        "payment_request_id": charge.id,
        "business_id": BUSINESS_ID,
        "reference_id": charge.reference_id,
        "type": "PAY",
        "country": "ID",
        "currency": "IDR",
        "request_amount": charge.amount,
        "capture_method": "AUTOMATIC",
        "channel_code": charge.channel.as_str(),
        "channel_properties": charge.properties,
        "latest_payment_id": paid.then_some(&charge.payment_id),
        "actions": actions(charge, page.as_deref()),
        "status": word,
        "failure_code": charge.failure_code.as_deref().filter(|_| charge.status != Status::Pending),
        "description": charge.description,
        "metadata": charge.metadata,
        "created": charge.created_at.rfc3339(),
        "updated": charge.updated_at.rfc3339(),
    }))
}

fn actions(charge: &Charge, page: Option<&str>) -> Vec<Value> {
    if charge.status != Status::Pending {
        return Vec::new();
    }
    let action = |kind: &str, descriptor: &str, value: &str| json!({"type": kind, "descriptor": descriptor, "value": value});
    let code = charge.code.as_deref().unwrap_or_default();
    match (charge.channel.kind(), page) {
        (Kind::Page, Some(url)) => vec![action("REDIRECT_CUSTOMER", "WEB_URL", url)],
        (Kind::Qr, _) => vec![action("PRESENT_TO_CUSTOMER", "QR_STRING", code)],
        (Kind::Number, _) => vec![action("PRESENT_TO_CUSTOMER", "VIRTUAL_ACCOUNT_NUMBER", code)],
        (Kind::Till, _) => vec![action("PRESENT_TO_CUSTOMER", "PAYMENT_CODE", code)],
        (Kind::Push | Kind::Page, _) => Vec::new(),
    }
}

//! Callbacks: a token in the header that is always the same, and a body that nobody signs
//! (contracts/payments §3.5).

use super::{
    BUSINESS_ID,
    books::{Charge, Generation, Status},
    legacy, oldest, second,
};
use crate::{
    deliveries::{self, Webhook},
    faults::{self, Fault, Occasion},
    settings::XENDIT_CALLBACK_TOKEN,
    world::{Target, World},
};
use database::{Error, WriteTx};
use serde_json::{Value, json};
use std::time::Duration;
use vocabulary::Timestamp;

const TOKEN: &str = "x-callback-token";
/// A word for a state that nobody knows.
const UNKNOWN: &str = "UNDER_REVIEW";

/// A state's word; a fault may make it one that nobody knows.
pub(super) async fn word<'a>(
    tx: &mut WriteTx,
    word: &'static str,
    occasion: impl Into<Occasion<'a>>,
) -> Result<&'static str, Error> {
    let struck = faults::strike(tx, Target::Xendit, Fault::UnknownStatus, occasion).await?;
    Ok(if struck.is_some() { UNKNOWN } else { word })
}

/// Queues what there is to say about a charge. The names of events of the first and second generation are
/// from memory: UNVERIFIED. About the end of a request nobody paid the second says nothing.
pub(super) async fn charge(
    world: &World,
    tx: &mut WriteTx,
    charge: &Charge,
    now: Timestamp,
) -> Result<(), Error> {
    match charge.generation {
        Generation::Oldest => match oldest::callback(tx, charge).await? {
            Some((body, url)) => post(tx, charge, event_word(charge), (body, url), now).await,
            None => Ok(()),
        },
        Generation::Legacy => {
            let event = if charge.status == Status::Voided { "ewallet.void" } else { "ewallet.capture" };
            let told =
                word(tx, charge.status.as_str(), (event_word(charge), charge.reference_id.as_str())).await?;
            let data = serde_json::to_value(legacy::told(world, charge, told, 0)).unwrap_or_default();
            send(tx, charge, (event, data), now).await
        }
        Generation::Second => {
            let Some(mut data) = second::payment(charge) else { return Ok(()) };
            let (event, plain) = if charge.is_paid() {
                ("payment.succeeded", "SUCCEEDED")
            } else {
                ("payment.failed", "FAILED")
            };
            let told = word(tx, plain, (event_word(charge), charge.reference_id.as_str())).await?;
            if let Some(status) = data.get_mut("status") {
                *status = json!(told);
            }
            send(tx, charge, (event, data), now).await
        }
        Generation::Third => third(tx, charge, now).await,
    }
}

/// The third generation: amounts are texts in its published example, and numbers in its schema.
async fn third(tx: &mut WriteTx, charge: &Charge, now: Timestamp) -> Result<(), Error> {
    let (event, plain) = match charge.status {
        _ if charge.is_paid() => ("payment.capture", "SUCCEEDED"),
        Status::Expired => ("payment_request.expiry", "EXPIRED"),
        Status::Failed => ("payment.failure", "FAILED"),
        _ => return Ok(()),
    };
    let told = word(tx, plain, (event_word(charge), charge.reference_id.as_str())).await?;
    let amount = charge.amount.to_string();
    let captures = charge.paid_at.filter(|_| charge.is_paid()).map(|paid_at| {
        json!([{
            "capture_id": charge.payment_id.replacen("py-", "cptr-", 1), "capture_amount": amount,
            "capture_timestamp": paid_at.rfc3339(),
        }])
    });
    let data = json!({
        "payment_id": charge.payment_id,
        "business_id": BUSINESS_ID,
        "payment_request_id": charge.id,
        "reference_id": charge.reference_id,
        "type": "PAY",
        "country": "ID",
        "currency": "IDR",
        "status": told,
        "request_amount": amount,
        "captures": captures,
        "capture_method": "AUTOMATIC",
        "channel_code": charge.channel.as_str(),
        "channel_properties": charge.properties,
        "payment_details": null,
        "failure_code": charge.failure_code,
        "created": charge.created_at.rfc3339(),
        "updated": charge.updated_at.rfc3339(),
        "metadata": charge.metadata,
    });
    send(tx, charge, (event, data), now).await
}

/// Queues how a refund ended.
pub(super) async fn refund(
    _: &World,
    tx: &mut WriteTx,
    data: &Value,
    charge: &Charge,
    now: Timestamp,
) -> Result<(), Error> {
    send(tx, charge, ("refund.succeeded", data.clone()), now).await
}

/// What happened, as a fault can name it: one word.
fn event_word(charge: &Charge) -> &'static str {
    match charge.status {
        _ if charge.is_paid() => "succeeded",
        Status::Expired => "expired",
        Status::Voided => "voided",
        _ => "failed",
    }
}

async fn send(
    tx: &mut WriteTx,
    charge: &Charge,
    (event, data): (&str, Value),
    now: Timestamp,
) -> Result<(), Error> {
    let told = if event.starts_with("refund.") { "refunded" } else { event_word(charge) };
    let body = json!({
        "event": event, "business_id": BUSINESS_ID, "created": now.rfc3339(), "data": data,
    });
    post(tx, charge, told, (body, None), now).await
}

/// Queues a callback with this body: to this address, or to the one in the dashboard.
async fn post(
    tx: &mut WriteTx,
    charge: &Charge,
    told: &'static str,
    (body, url): (Value, Option<String>),
    now: Timestamp,
) -> Result<(), Error> {
    let mut headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    let occasion = (told, charge.reference_id.as_str());
    if faults::strike(tx, Target::Xendit, Fault::ForgeSignature, occasion).await?.is_some() {
        headers.push((TOKEN.to_owned(), "somebody-elses-token".to_owned()));
    } else if faults::strike(tx, Target::Xendit, Fault::MissingSignature, occasion).await?.is_none() {
        headers.push((TOKEN.to_owned(), XENDIT_CALLBACK_TOKEN.to_owned()));
    }
    let webhook = Webhook {
        target: Target::Xendit,
        reference: charge.reference_id.clone(),
        event: told.to_owned(),
        url,
        headers,
        body: body.to_string(),
    };
    deliveries::enqueue(tx, &webhook, Duration::ZERO, now).await
}

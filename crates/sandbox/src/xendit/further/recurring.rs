//! What is charged again by itself: made, changed, paused, resumed and stopped. Only the first of its
//! invoices counts as made, nothing is charged as time passes, and no page is behind the address that is
//! told. Codes of refusals, and what can be done when, are UNVERIFIED.

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
use vocabulary::Timestamp;

const PRODUCT: &str = "recurring-payment";
const INTERVALS: [&str; 3] = ["DAY", "WEEK", "MONTH"];
const WHEN_MISSED: [&str; 2] = ["IGNORE", "STOP"];

/// Answers one call.
pub(super) async fn answer(
    world: &World,
    tx: &mut WriteTx,
    asked: &Asked<'_>,
    now: Timestamp,
) -> Result<Outcome, Error> {
    match (asked.method, asked.parts.as_slice()) {
        (&Method::POST, ["recurring_payments"]) => create(world, tx, &asked.body, now).await,
        (&Method::GET, ["recurring_payments", id]) => get(tx, id).await,
        (&Method::PATCH, ["recurring_payments", id]) => edit(tx, id, &asked.body, now).await,
        (&Method::POST, ["recurring_payments", id, verb]) => turn(tx, id, verb, now).await,
        _ => Ok(no_such_path()),
    }
}

async fn create(world: &World, tx: &mut WriteTx, body: &Object, now: Timestamp) -> Result<Outcome, Error> {
    let subscription = match read_subscription(world, body, now) {
        Ok(subscription) => subscription,
        Err(refusal) => return Ok(Err(refusal)),
    };
    shelf::insert(tx, &subscription).await?;
    Ok(forms::reply(&told(&subscription)))
}

fn read_subscription(world: &World, body: &Object, now: Timestamp) -> Result<Item, Refusal> {
    let external_id = read::required(body, "external_id", 255)?;
    for name in ["amount", "interval", "interval_count"] {
        if !forms::has(body, name) {
            return Err(Refusal::invalid(format!("{name} is required")));
        }
    }
    forms::rupiah(body)?;
    let mut kept = forms::fields(json!({
        "should_send_email": false,
        "missed_payment_action": "IGNORE",
        "recurrence_progress": 1,
        "recharge": forms::flag(body, "recharge")?.unwrap_or(true),
        "user_id": BUSINESS_ID,
        "external_id": external_id,
        "payer_email": forms::email(body, "payer_email")?,
        "description": read::required(body, "description", 1_000)?,
        "start_date": forms::to_come(body, "start_date", now)?.unwrap_or(now).rfc3339(),
        "currency": "IDR",
        "last_created_invoice_url": format!("https://invoices.example/{}", forms::object_id(world)),
    }));
    kept.extend(changeable(body)?);
    for name in ["success_redirect_url", "failure_redirect_url"] {
        if let Some(url) = forms::url(body, name)? {
            kept.insert(name.to_owned(), json!(url));
        }
    }
    if let Some(total) = forms::count(body, "total_recurrence")? {
        kept.insert("total_recurrence".to_owned(), json!(total));
    }
    if let Some(at_once) = forms::flag(body, "charge_immediately")? {
        kept.insert("charge_immediately".to_owned(), json!(at_once));
    }
    Ok(item(PRODUCT, forms::object_id(world), external_id, "ACTIVE", kept, now))
}

/// What can be given at the beginning and changed afterwards, as far as it was given.
fn changeable(body: &Object) -> Result<Object, Refusal> {
    let mut given = Object::new();
    let mut keep = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            given.insert(name.to_owned(), value);
        }
    };
    if forms::has(body, "amount") {
        keep("amount", Some(json!(read::amount(body, "amount")?)));
    }
    for name in ["interval_count", "invoice_duration"] {
        keep(name, forms::count(body, name)?.map(|count| json!(count)));
    }
    keep("should_send_email", forms::flag(body, "should_send_email")?.map(|flag| json!(flag)));
    for name in ["credit_card_token", "payment_method_id", "customer_id"] {
        keep(name, read::text(body, name, 64)?.map(|id| json!(id)));
    }
    keep("interval", one_of(body, "interval", &INTERVALS)?);
    keep("missed_payment_action", one_of(body, "missed_payment_action", &WHEN_MISSED)?);
    Ok(given)
}

fn one_of(body: &Object, name: &str, words: &[&str]) -> Result<Option<Value>, Refusal> {
    let Some(word) = read::text(body, name, 32)? else { return Ok(None) };
    read::one_of(name, word, words)?;
    Ok(Some(json!(word)))
}

fn told(subscription: &Item) -> Object {
    let more = json!({
        "id": subscription.id, "status": subscription.status,
        "created": subscription.created_at.rfc3339(), "updated": subscription.updated_at.rfc3339(),
    });
    forms::told(subscription, more)
}

async fn get(tx: &mut WriteTx, id: &str) -> Result<Outcome, Error> {
    let subscription = shelf::find(tx, Target::Xendit, PRODUCT, id).await?;
    Ok(subscription.map_or_else(|| Err(nothing()), |subscription| forms::reply(&told(&subscription))))
}

fn nothing() -> Refusal {
    Refusal::not_found("recurring payment")
}

/// Changes what is not stopped.
async fn edit(tx: &mut WriteTx, id: &str, body: &Object, now: Timestamp) -> Result<Outcome, Error> {
    let Some(mut subscription) = shelf::find(tx, Target::Xendit, PRODUCT, id).await? else {
        return Ok(Err(nothing()));
    };
    let changes = match changeable(body) {
        Ok(changes) => changes,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if subscription.status == "STOPPED" {
        return Ok(Err(Refusal::ineligible("the recurring payment is stopped")));
    }
    subscription.body.extend(changes);
    subscription.updated_at = now;
    shelf::save(tx, &subscription).await?;
    Ok(forms::reply(&told(&subscription)))
}

/// Stops, pauses or resumes.
async fn turn(tx: &mut WriteTx, id: &str, verb: &str, now: Timestamp) -> Result<Outcome, Error> {
    let (from, to): (&[&str], &str) = match verb {
        "stop!" => (&["ACTIVE", "PAUSED"], "STOPPED"),
        "pause!" => (&["ACTIVE"], "PAUSED"),
        "resume!" => (&["PAUSED"], "ACTIVE"),
        _ => return Ok(no_such_path()),
    };
    let Some(mut subscription) = shelf::find(tx, Target::Xendit, PRODUCT, id).await? else {
        return Ok(Err(nothing()));
    };
    if !from.contains(&subscription.status.as_str()) {
        let message = format!("the recurring payment is {}", subscription.status);
        return Ok(Err(Refusal::ineligible(message)));
    }
    (subscription.status, subscription.updated_at) = (to.to_owned(), now);
    shelf::save(tx, &subscription).await?;
    Ok(forms::reply(&told(&subscription)))
}

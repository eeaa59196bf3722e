//! Money out of the account that is no refund: by a link that somebody gets by e-mail (older), and to an
//! account (newer). Codes of refusals, how long a payout is on its way, that it always arrives, and in
//! which order payouts are listed are UNVERIFIED. Nobody ever takes what waits behind a link.

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

const LINK: &str = "payout-link";
const PAYOUT: &str = "payout";

/// How long a link can be used, by the library's own example.
const LINK_LIVES: Duration = Duration::from_secs(86_400);
/// How long money to an account is on its way.
const TAKES: Duration = Duration::from_secs(900);
const LISTED: usize = 10;
const MOST_LISTED: usize = 100;
const ACCOUNT_TYPES: [&str; 5] =
    ["NATIONAL_ID", "MOBILE_NO", "PASSPORT", "BUSINESS_REGISTRATION", "BANK_ACCOUNT"];

/// Answers one call.
pub(super) async fn answer(
    world: &World,
    tx: &mut WriteTx,
    asked: &Asked<'_>,
    now: Timestamp,
) -> Result<Outcome, Error> {
    match (asked.method, asked.parts.as_slice()) {
        (&Method::POST, ["payouts"]) => create_link(world, tx, &asked.body, now).await,
        (&Method::GET, ["payouts", id]) => get_link(tx, id, now).await,
        (&Method::POST, ["payouts", id, "void"]) => void(tx, id, now).await,
        (&Method::POST, ["v2", "payouts"]) => create(world, tx, &asked.body, now).await,
        (&Method::GET, ["v2", "payouts"]) => list(tx, asked.query, now).await,
        (&Method::GET, ["v2", "payouts", id]) => get(tx, id, now).await,
        (&Method::POST, ["v2", "payouts", id, "cancel"]) => cancel(tx, id, now).await,
        _ => Ok(no_such_path()),
    }
}

fn nothing() -> Refusal {
    Refusal::not_found("payout")
}

async fn create_link(
    world: &World,
    tx: &mut WriteTx,
    body: &Object,
    now: Timestamp,
) -> Result<Outcome, Error> {
    let link = match read_link(world, body, now) {
        Ok(link) => link,
        Err(refusal) => return Ok(Err(refusal)),
    };
    shelf::insert(tx, &link).await?;
    Ok(forms::reply(&told_link(&link, now)))
}

fn read_link(world: &World, body: &Object, now: Timestamp) -> Result<Item, Refusal> {
    let external_id = read::required(body, "external_id", 255)?;
    let id = world.uuid();
    let kept = forms::fields(json!({
        "external_id": external_id,
        "amount": read::amount(body, "amount")?,
        "merchant_name": "Loket Sandbox",
        "expiration_timestamp": now.plus(LINK_LIVES).rfc3339(),
        "email": forms::email(body, "email")?,
    }));
    Ok(item(LINK, id, external_id, "PENDING", kept, now))
}

/// Where a link stands: nobody takes the money, so that one that waits ends with its time.
fn link_status(link: &Item, now: Timestamp) -> &str {
    match link.status.as_str() {
        "PENDING" if now >= link.created_at.plus(LINK_LIVES) => "EXPIRED",
        status => status,
    }
}

/// A link as it is told. There is no page behind its address.
fn told_link(link: &Item, now: Timestamp) -> Object {
    let status = link_status(link, now);
    let more = json!({"id": link.id, "status": status, "created": link.created_at.rfc3339()});
    let mut told = forms::told(link, more);
    if status == "PENDING" {
        told.insert("payout_url".to_owned(), json!(format!("https://payouts.example/{}", link.id)));
    }
    told
}

async fn get_link(tx: &mut WriteTx, id: &str, now: Timestamp) -> Result<Outcome, Error> {
    let link = shelf::find(tx, Target::Xendit, LINK, id).await?;
    Ok(link.map_or_else(|| Err(nothing()), |link| forms::reply(&told_link(&link, now))))
}

/// Takes a link back that nobody has used.
async fn void(tx: &mut WriteTx, id: &str, now: Timestamp) -> Result<Outcome, Error> {
    let Some(mut link) = shelf::find(tx, Target::Xendit, LINK, id).await? else {
        return Ok(Err(nothing()));
    };
    if link_status(&link, now) != "PENDING" {
        return Ok(Err(Refusal::ineligible("only a payout that waits can be voided")));
    }
    (link.status, link.updated_at) = ("VOIDED".to_owned(), now);
    shelf::save(tx, &link).await?;
    Ok(forms::reply(&told_link(&link, now)))
}

async fn create(world: &World, tx: &mut WriteTx, body: &Object, now: Timestamp) -> Result<Outcome, Error> {
    let payout = match read_payout(world, body, now) {
        Ok(payout) => payout,
        Err(refusal) => return Ok(Err(refusal)),
    };
    shelf::insert(tx, &payout).await?;
    Ok(forms::reply(&told(&payout)))
}

fn read_payout(world: &World, body: &Object, now: Timestamp) -> Result<Item, Refusal> {
    let reference = read::reference(body)?;
    read::rupiah(body)?;
    let code = read::required(body, "channel_code", 64)?;
    if !code.starts_with("ID_") {
        return Err(Refusal::new(400, "CHANNEL_CODE_NOT_SUPPORTED", format!("{code} is no channel in ID")));
    }
    let receipt = match read::object(body, "receipt_notification")? {
        Some(receipt) => Value::Object(forms::emails(receipt)?),
        None => Value::Null,
    };
    let kept = forms::fields(json!({
        "reference_id": reference,
        "channel_code": code,
        "channel_properties": account(body)?,
        "amount": read::amount(body, "amount")?,
        "currency": "IDR",
        "description": read::description(body)?,
        "receipt_notification": receipt,
        "metadata": read::metadata(body)?,
        "business_id": BUSINESS_ID,
        "estimated_arrival_time": now.plus(TAKES).rfc3339(),
    }));
    Ok(item(PAYOUT, format!("disb-{}", world.uuid()), &reference, "ACCEPTED", kept, now))
}

/// Whose account the money goes to.
fn account(body: &Object) -> Result<Object, Refusal> {
    let properties = read::object(body, "channel_properties")?
        .ok_or_else(|| Refusal::invalid("channel_properties is required"))?;
    read::required(properties, "account_number", 100)?;
    read::text(properties, "account_holder_name", 250)?;
    let of_type = read::text(properties, "account_type", 32)?;
    if of_type.is_some_and(|of_type| !ACCOUNT_TYPES.contains(&of_type)) {
        return Err(Refusal::invalid(format!("account_type is one of {}", ACCOUNT_TYPES.join(", "))));
    }
    Ok(properties.clone())
}

fn told(payout: &Item) -> Object {
    let more = json!({
        "id": payout.id, "status": payout.status,
        "created": payout.created_at.rfc3339(), "updated": payout.updated_at.rfc3339(),
    });
    forms::told(payout, more)
}

/// A payout as it stands now: one that nobody called off has arrived when its time is over.
fn moved_on(mut payout: Item, now: Timestamp) -> Item {
    let arrival = payout.created_at.plus(TAKES);
    if payout.status == "ACCEPTED" && now >= arrival {
        (payout.status, payout.updated_at) = ("SUCCEEDED".to_owned(), arrival);
    }
    payout
}

async fn get(tx: &mut WriteTx, id: &str, now: Timestamp) -> Result<Outcome, Error> {
    let payout = shelf::find(tx, Target::Xendit, PAYOUT, id).await?;
    Ok(payout.map_or_else(|| Err(nothing()), |payout| forms::reply(&told(&moved_on(payout, now)))))
}

/// The payouts with a reference, the newest first.
async fn list(tx: &mut WriteTx, query: &str, now: Timestamp) -> Result<Outcome, Error> {
    let Some(reference) = forms::given(query, "reference_id") else {
        return Ok(Err(Refusal::invalid("reference_id is required")));
    };
    if forms::given(query, "before_id").is_some() {
        return Ok(Err(Refusal::invalid("a list by before_id is not simulated")));
    }
    let asked = forms::given(query, "limit").map(|limit| read::limit(&limit, MOST_LISTED));
    let limit = match asked.transpose() {
        Ok(limit) => limit.unwrap_or(LISTED),
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut payouts = shelf::of_reference(tx, Target::Xendit, PAYOUT, &reference).await?;
    if let Some(after) = forms::given(query, "after_id") {
        payouts = payouts.into_iter().skip_while(|payout| payout.id != after).skip(1).collect();
    }
    let has_more = payouts.len() > limit;
    let data: Vec<Object> =
        payouts.into_iter().take(limit).map(|payout| told(&moved_on(payout, now))).collect();
    Ok(forms::reply(&json!({"data": data, "has_more": has_more})))
}

/// Calls off a payout that is on its way.
async fn cancel(tx: &mut WriteTx, id: &str, now: Timestamp) -> Result<Outcome, Error> {
    let Some(payout) = shelf::find(tx, Target::Xendit, PAYOUT, id).await? else {
        return Ok(Err(nothing()));
    };
    let mut payout = moved_on(payout, now);
    if payout.status != "ACCEPTED" {
        return Ok(Err(Refusal::ineligible("only a payout that is on its way can be called off")));
    }
    (payout.status, payout.updated_at) = ("CANCELLED".to_owned(), now);
    shelf::save(tx, &payout).await?;
    Ok(forms::reply(&told(&payout)))
}

//! Subscriptions, which the shop does not sell: made, asked about, changed, and switched off and on again.
//! Here none of them ever charges anything. The contract has none of it; fields, words and errors are those of
//! the vendor's reference (docs.midtrans.com, "Subscription API"); the errors have a form of their own.

use super::{Refusal, read, read_object};
use crate::{
    exchange::{Incoming, Reply},
    shelf::{self, Item},
    world::{Target, World},
};
use axum::http::Method;
use database::{Error, WriteTx};
use serde::Serialize;
use serde_json::{Map, Value};
use std::time::Duration;
use vocabulary::Timestamp;

const PRODUCT: &str = "subscription";
const ACTIVE: &str = "active";
const INACTIVE: &str = "inactive";
const DAY: Duration = Duration::from_secs(86_400);
/// How long an idempotency key stands for what it made.
const KEY_HOLDS: Duration = Duration::from_secs(3 * 60);
/// How long the name of one may be: order ids are made of it.
const NAME_LENGTH: usize = 40;
/// The most that is charged at a time.
const HIGHEST: u64 = 99_999_999_999;
/// The most intervals that are counted.
const HIGHEST_COUNT: u32 = 1_000;
const UPDATED: &str = "Subscription is updated.";

#[derive(Serialize)]
struct Said<'a> {
    status_message: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    validation_message: &'a [String],
}

/// Answers one call; `rest` is what follows `/v1/subscriptions`.
pub(super) async fn answer(
    world: &World,
    tx: &mut WriteTx,
    incoming: &Incoming,
    rest: &[&str],
    now: Timestamp,
) -> Result<Reply, Error> {
    let (post, get) = (incoming.method == Method::POST, incoming.method == Method::GET);
    match rest {
        [] if post => create(world, tx, incoming, now).await,
        [id] if get => Ok(match find(tx, id).await? {
            Some(subscription) => Reply::json(200, &told(&subscription)),
            None => unknown(),
        }),
        [id] if incoming.method == Method::PATCH => update(tx, incoming, id, now).await,
        [id, "enable"] if post => switch(tx, id, ACTIVE, now).await,
        [id, "disable"] if post => switch(tx, id, INACTIVE, now).await,
        [] | [_] | [_, "enable" | "disable"] => Ok(said(405, "HTTP method is not allowed.")),
        _ => Ok(said(404, "The requested resource is not found.")),
    }
}

/// Makes one. The body is looked at before the idempotency key.
async fn create(
    world: &World,
    tx: &mut WriteTx,
    incoming: &Incoming,
    now: Timestamp,
) -> Result<Reply, Error> {
    let body = match read_object(incoming).and_then(|body| read_new(&body, now)) {
        Ok(body) => body,
        Err(refusal) => return Ok(refused(&refusal)),
    };
    let key = incoming.header("idempotency-key").unwrap_or_default();
    if !key.is_empty() {
        let made = shelf::of_reference(tx, Target::Midtrans, PRODUCT, key).await?;
        if let Some(earlier) = made.first().filter(|earlier| now.since(earlier.created_at) <= KEY_HOLDS) {
            return Ok(Reply::json(200, &told(earlier)));
        }
    }
    let subscription = Item {
        party: Target::Midtrans,
        product: PRODUCT.to_owned(),
        id: world.uuid(),
        reference: key.to_owned(),
        status: ACTIVE.to_owned(),
        body,
        created_at: now,
        updated_at: now,
    };
    shelf::insert(tx, &subscription).await?;
    Ok(Reply::json(200, &told(&subscription)))
}

async fn update(tx: &mut WriteTx, incoming: &Incoming, id: &str, now: Timestamp) -> Result<Reply, Error> {
    let Some(mut subscription) = find(tx, id).await? else { return Ok(unknown()) };
    match read_object(incoming).and_then(|body| read_update(&body, &subscription.body)) {
        Ok(body) => subscription.body = body,
        Err(refusal) => return Ok(refused(&refusal)),
    }
    subscription.updated_at = now;
    shelf::save(tx, &subscription).await?;
    Ok(said(200, UPDATED))
}

/// Switches one on or off. One that is so already stays so, and the answer is the same (UNVERIFIED).
async fn switch(tx: &mut WriteTx, id: &str, status: &str, now: Timestamp) -> Result<Reply, Error> {
    let Some(mut subscription) = find(tx, id).await? else { return Ok(unknown()) };
    subscription.status = status.to_owned();
    subscription.updated_at = now;
    shelf::save(tx, &subscription).await?;
    Ok(said(200, UPDATED))
}

async fn find(tx: &mut WriteTx, id: &str) -> Result<Option<Item>, Error> {
    shelf::find(tx, Target::Midtrans, PRODUCT, id).await
}

fn told(subscription: &Item) -> Map<String, Value> {
    let mut told = subscription.body.clone();
    let more = [
        ("id", Value::from(subscription.id.as_str())),
        ("status", Value::from(subscription.status.as_str())),
        ("created_at", Value::from(subscription.created_at.wib())),
        ("transaction_ids", Value::Array(Vec::new())),
    ];
    told.extend(more.into_iter().map(|(name, value)| (name.to_owned(), value)));
    told
}

fn said(status: u16, status_message: &str) -> Reply {
    Reply::json(status, &Said { status_message, validation_message: &[] }).plain_http()
}

fn unknown() -> Reply {
    said(404, "Subscription doesn't exist.")
}

/// A body that is not as it has to be, whatever is wrong with it.
fn refused(refusal: &Refusal) -> Reply {
    let message = [refusal.message.clone()];
    let validation_message =
        if refusal.fields.is_empty() { message.as_slice() } else { refusal.fields.as_slice() };
    let status_message = "One or more parameters in the payload is invalid.";
    Reply::json(400, &Said { status_message, validation_message }).plain_http()
}

fn read_new(body: &Map<String, Value>, now: Timestamp) -> Result<Map<String, Value>, Refusal> {
    let mut kept = read_terms(body)?;
    let payment_type = required(body, "payment_type")?;
    if !["credit_card", "gopay"].contains(&payment_type) {
        return Err(Refusal::invalid("subscription.payment_type must be credit_card or gopay"));
    }
    if payment_type == "gopay" && !kept.contains_key("gopay") {
        return Err(no_account());
    }
    kept.insert("payment_type".to_owned(), Value::from(payment_type));
    kept.insert("schedule".to_owned(), Value::Object(read_schedule(body, now)?));
    for name in ["metadata", "customer_details"] {
        copy(body, &mut kept, name)?;
    }
    Ok(kept)
}

/// What can be changed. Of the schedule that is `interval` alone, which counts from the next charge on; when
/// that is stays as it was.
fn read_update(
    body: &Map<String, Value>,
    before: &Map<String, Value>,
) -> Result<Map<String, Value>, Refusal> {
    let mut kept = before.clone();
    kept.extend(read_terms(body)?);
    let Some(asked) = read::object(body, "schedule")? else { return Ok(kept) };
    let interval = whole(asked, "interval")?;
    if let (Some(interval), Some(Value::Object(schedule))) = (interval, kept.get_mut("schedule")) {
        schedule.insert("interval".to_owned(), Value::from(interval));
    }
    for name in ["interval_unit", "max_interval"] {
        let was = before.get("schedule").and_then(|schedule| schedule.get(name));
        if asked.get(name).is_some_and(|wanted| was != Some(wanted)) {
            return Err(Refusal::invalid(format!("subscription.schedule.{name} can not be updated")));
        }
    }
    Ok(kept)
}

/// What a new one and a changed one have to say both.
fn read_terms(body: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    let name = required(body, "name")?;
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_~.".contains(&b);
    if name.len() > NAME_LENGTH || !name.bytes().all(fits) {
        let form =
            format!("subscription.name must have 1 to {NAME_LENGTH} characters of A-Z a-z 0-9 - _ ~ .");
        return Err(Refusal::invalid(form));
    }
    let amount = required(body, "amount")?;
    let is_whole = !amount.is_empty() && amount.bytes().all(|b| b.is_ascii_digit());
    if !is_whole || !amount.parse::<u64>().is_ok_and(|amount| (1..=HIGHEST).contains(&amount)) {
        return Err(Refusal::invalid(format!("subscription.amount must be from 1 to {HIGHEST}")));
    }
    if required(body, "currency")? != "IDR" {
        return Err(Refusal::invalid("subscription.currency must be IDR"));
    }
    required(body, "token")?;
    let mut kept = Map::new();
    for name in ["name", "amount", "currency", "token"] {
        kept.extend(body.get(name).map(|value| (name.to_owned(), value.clone())));
    }
    copy(body, &mut kept, "retry_schedule")?;
    if let Some(gopay) = read_gopay(body)? {
        kept.insert("gopay".to_owned(), Value::Object(gopay.clone()));
    }
    Ok(kept)
}

/// `gopay`, if it is there: it says from which account.
fn read_gopay(body: &Map<String, Value>) -> Result<Option<&Map<String, Value>>, Refusal> {
    let Some(gopay) = read::object(body, "gopay")? else { return Ok(None) };
    match read::text(gopay, "account_id")? {
        None | Some("") => Err(no_account()),
        Some(_) => Ok(Some(gopay)),
    }
}

fn no_account() -> Refusal {
    Refusal::invalid("subscription.gopay.account_id is required")
}

/// `schedule` as it is told: when it was charged last, and when it will be. Whether a time that is over can
/// be its start is UNVERIFIED: here it cannot.
fn read_schedule(body: &Map<String, Value>, now: Timestamp) -> Result<Map<String, Value>, Refusal> {
    let invalid = |what: &str| Refusal::invalid(format!("subscription.schedule{what}"));
    let schedule = read::object(body, "schedule")?.ok_or_else(|| invalid(" is required"))?;
    let interval = whole(schedule, "interval")?.ok_or_else(|| invalid(".interval is required"))?;
    let unit = read::text(schedule, "interval_unit")?.ok_or_else(|| invalid(".interval_unit is required"))?;
    let start = read::start(schedule, "start_time", "subscription.schedule", now)?;
    if start < now {
        return Err(invalid(".start_time is over already"));
    }
    let after_now = match unit {
        "day" => Some(now.plus(DAY.saturating_mul(interval))),
        "week" => Some(now.plus(DAY.saturating_mul(interval).saturating_mul(7))),
        "month" => months_later(now, interval),
        _ => return Err(invalid(".interval_unit must be day, week or month")),
    };
    let after_now = after_now.ok_or_else(|| invalid(".interval is too long"))?;
    let (previous, next) =
        if start > now { (Value::Null, start) } else { (Value::from(start.wib()), after_now) };
    let mut kept = Map::new();
    kept.extend(whole(schedule, "max_interval")?.map(|most| ("max_interval".to_owned(), Value::from(most))));
    let told = [
        ("interval", Value::from(interval)),
        ("interval_unit", Value::from(unit)),
        ("current_interval", Value::from(0)),
        ("start_time", Value::from(start.wib())),
        ("previous_execution_at", previous),
        ("next_execution_at", Value::from(next.wib())),
    ];
    kept.extend(told.into_iter().map(|(name, value)| (name.to_owned(), value)));
    Ok(kept)
}

/// The same day and hour so many months later; the last day of a month that has no such day.
fn months_later(at: Timestamp, months: u32) -> Option<Timestamp> {
    let text = at.wib();
    let (date, time) = text.split_once(' ')?;
    let mut parts = date.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let count = year.checked_mul(12)?.checked_add(month)?.checked_sub(1)?.checked_add(i64::from(months))?;
    let (year, month) = (count.div_euclid(12), count.rem_euclid(12).saturating_add(1));
    let on = |day: i64| Timestamp::parse_wib(&format!("{year:04}-{month:02}-{day:02} {time}")).ok();
    (1..=day).rev().take(4).find_map(on)
}

/// A number from 1 on, if it is there. That there is a highest, and which, is UNVERIFIED.
fn whole(parent: &Map<String, Value>, name: &str) -> Result<Option<u32>, Refusal> {
    let number = match parent.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number.as_u64().and_then(|number| u32::try_from(number).ok()),
        Some(_) => return Err(Refusal::wrong_type(&format!("subscription.schedule.{name}"))),
    };
    let number = number.filter(|number| (1..=HIGHEST_COUNT).contains(number));
    let form = || Refusal::invalid(format!("subscription.schedule.{name} must be from 1 to {HIGHEST_COUNT}"));
    number.map(Some).ok_or_else(form)
}

fn required<'a>(body: &'a Map<String, Value>, name: &str) -> Result<&'a str, Refusal> {
    let text = read::text(body, name)?.filter(|text| !text.is_empty());
    text.ok_or_else(|| Refusal::invalid(format!("subscription.{name} is required")))
}

/// Keeps an object as it came, if it is there.
fn copy(body: &Map<String, Value>, kept: &mut Map<String, Value>, name: &str) -> Result<(), Refusal> {
    if let Some(object) = read::object(body, name)? {
        kept.insert(name.to_owned(), Value::Object(object.clone()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_later_is_the_same_day_or_the_last_of_the_month() {
        for (from, months, to) in [
            ("2026-11-22 12:00:00", 1, "2026-12-22 12:00:00"),
            ("2026-12-22 12:00:00", 1, "2027-01-22 12:00:00"),
            ("2027-01-31 23:59:59", 1, "2027-02-28 23:59:59"),
            ("2027-12-31 00:00:00", 2, "2028-02-29 00:00:00"),
            ("2026-11-22 12:00:00", 26, "2029-01-22 12:00:00"),
        ] {
            let later = months_later(Timestamp::parse_wib(from).unwrap(), months).unwrap();
            assert_eq!(later.wib(), to, "{from} and {months}");
        }
        assert_eq!(months_later(Timestamp::parse_wib("2026-11-22 12:00:00").unwrap(), u32::MAX), None);
    }
}

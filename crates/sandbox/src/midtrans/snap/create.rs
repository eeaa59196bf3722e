//! `POST /snap/v1/transactions`: reads and checks what the page is for. Fields and limits that
//! contracts/payments does not name (`expiry`, `page_expiry`, `callbacks`) are as Midtrans' public pages
//! tell them, and not verified.

use super::books::{self, Checkout};
use crate::{
    exchange::Incoming,
    midtrans::{
        Refusal,
        books::{self as transactions, PaymentType},
        card,
        charge::{LONGEST_EXPIRY, SHORTEST_EXPIRY},
        read, read_object,
    },
    world::World,
};
use database::{Error, WriteTx};
use serde_json::{Map, Value};
use std::{ops::RangeInclusive, time::Duration};
use vocabulary::Timestamp;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);
/// How long a page lives when nobody says.
const PAGE_LIFE: Duration = DAY;
/// What `page_expiry` may be.
const PAGE_LIVES: RangeInclusive<Duration> = MINUTE.saturating_mul(5)..=DAY.saturating_mul(7);
/// What `expiry` may be for DANA (contracts/payments §1.6).
const DANA_EXPIRIES: RangeInclusive<Duration> = MINUTE.saturating_mul(15)..=DAY;
/// What this merchant's account may offer on the page, in the order in which it does.
const ACTIVE: [PaymentType; 3] = [PaymentType::Ovo, PaymentType::Gopay, PaymentType::Dana];

/// Makes a page.
pub(super) async fn create(
    world: &World,
    tx: &mut WriteTx,
    incoming: &Incoming,
    now: Timestamp,
) -> Result<Result<Checkout, Refusal>, Error> {
    let token = world.uuid();
    let page = match read_object(incoming).and_then(|body| read_page(&body, incoming, token, now)) {
        Ok(page) => page,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let charged = !transactions::of_order(tx, &page.order_id).await?.is_empty()
        || card::has_order(tx, &page.order_id).await?;
    if charged || !books::insert(tx, &page).await? {
        return Ok(Err(Refusal::invalid("transaction_details.order_id has already been taken")));
    }
    Ok(Ok(page))
}

fn read_page(
    body: &Map<String, Value>,
    incoming: &Incoming,
    token: String,
    now: Timestamp,
) -> Result<Checkout, Refusal> {
    let details = read::details(body)?;
    let order_id = read::order_id(details)?;
    let named = read_methods(body)?;
    let mut methods = named.clone().unwrap_or_else(|| ACTIVE.to_vec());
    let highest = methods.iter().map(|method| read::highest(*method)).max().unwrap_or_default();
    let amount = read::amount(details, &(1..=highest))?;
    read::check_items(body, amount)?;
    methods.retain(|method| amount <= read::highest(*method));
    let pay_by = match read_expiry(body, now)? {
        None => None,
        // The contract: a push has its own time, on a page as well (§0.2). Refused rather than ignored, so
        // that a shop which counts on its own expiry hears of it; the page has a time of its own.
        Some(_) if methods == [PaymentType::Ovo] => {
            return Err(Refusal::invalid("expiry is not supported by ovo; the page takes page_expiry"));
        }
        Some((pay_by, duration)) => {
            if !DANA_EXPIRIES.contains(&duration) {
                let is_named = named.is_some_and(|named| named.contains(&PaymentType::Dana));
                if is_named {
                    return Err(Refusal::invalid("expiry must be from 15 minutes to 1 day for dana"));
                }
                methods.retain(|method| *method != PaymentType::Dana);
            }
            Some(pay_by)
        }
    };
    let callbacks = read::object(body, "callbacks")?;
    let dana = read::object(body, "dana")?;
    Ok(Checkout {
        token,
        order_id: order_id.to_owned(),
        amount,
        methods,
        finish_url: callbacks.map(|c| read::url(c, "finish")).transpose()?.flatten(),
        gopay_callback_url: read::gopay_callback(body)?,
        dana_callback_url: dana.map(|d| read::url(d, "callback_url")).transpose()?.flatten(),
        notify_urls: read::notify_urls(incoming)?,
        created_at: now,
        page_ends_at: now.plus(read_page_life(body)?),
        pay_by,
        closed_at: None,
    })
}

/// `enabled_payments`; `None` when the merchant leaves it to the account. Methods that the account does
/// not have are passed over.
fn read_methods(body: &Map<String, Value>) -> Result<Option<Vec<PaymentType>>, Refusal> {
    let named = match body.get("enabled_payments") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(named)) => named,
        Some(_) => return Err(Refusal::wrong_type("enabled_payments")),
    };
    let mut methods = Vec::new();
    for name in named {
        let name = name.as_str().ok_or_else(|| Refusal::wrong_type("enabled_payments"))?;
        let method = ACTIVE.into_iter().find(|method| method.as_str() == name);
        methods.extend(method.filter(|method| !methods.contains(method)));
    }
    if methods.is_empty() {
        return Err(Refusal::invalid("enabled_payments holds no payment method that is active"));
    }
    Ok(Some(methods))
}

/// `expiry`: until when, and how long that is.
fn read_expiry(body: &Map<String, Value>, now: Timestamp) -> Result<Option<(Timestamp, Duration)>, Refusal> {
    let Some(expiry) = read::object(body, "expiry")? else { return Ok(None) };
    let duration = read_duration(expiry, "expiry")?;
    if !(SHORTEST_EXPIRY..=LONGEST_EXPIRY).contains(&duration) {
        return Err(Refusal::invalid("expiry.duration must be at least 20 seconds and at most 7 days"));
    }
    let pay_by = read::start(expiry, "start_time", "expiry", now)?.plus(duration);
    if pay_by <= now {
        return Err(Refusal::invalid("expiry is over already"));
    }
    Ok(Some((pay_by, duration)))
}

fn read_page_life(body: &Map<String, Value>) -> Result<Duration, Refusal> {
    let Some(expiry) = read::object(body, "page_expiry")? else { return Ok(PAGE_LIFE) };
    let life = read_duration(expiry, "page_expiry")?;
    if !PAGE_LIVES.contains(&life) {
        return Err(Refusal::invalid("page_expiry must be from 5 minutes to 7 days"));
    }
    Ok(life)
}

/// `duration` and `unit`, which Snap takes in the plural as well.
fn read_duration(expiry: &Map<String, Value>, path: &str) -> Result<Duration, Refusal> {
    let unit = read::text(expiry, "unit")?.unwrap_or("minute");
    read::duration(expiry, "duration", unit.strip_suffix('s').unwrap_or(unit), path)
}

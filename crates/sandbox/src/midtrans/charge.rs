//! `POST /v2/charge`: reads and checks the request, writes the transaction down, says how to pay.

use super::{
    Refusal,
    body::amount_text,
    books::{self, PaymentType, Status, Transaction},
    notify, qr_id, read_object,
};
use crate::{
    exchange::{Incoming, Reply},
    faults::{self, Fault},
    settings::MIDTRANS_MERCHANT_ID,
    world::{Target, World},
};
use database::{Error, WriteTx};
use serde::Serialize;
use serde_json::{Map, Value};
use std::time::Duration;
use vocabulary::Timestamp;

const DEFAULT_EXPIRY: Duration = Duration::from_secs(15 * 60);
const SHORTEST_EXPIRY: Duration = Duration::from_secs(20);
const LONGEST_EXPIRY: Duration = Duration::from_secs(7 * 86_400);
/// How many addresses a notification header may name.
const MAX_NOTIFY_URLS: usize = 2;

/// A charge that may be made.
struct Charge {
    payment_type: PaymentType,
    order_id: String,
    amount: i64,
    acquirer: Option<String>,
    callback_url: Option<String>,
    expires_at: Timestamp,
    notify_urls: Vec<Option<String>>,
}

#[derive(Serialize)]
struct GopayAnswer {
    status_code: &'static str,
    status_message: &'static str,
    transaction_id: String,
    order_id: String,
    gross_amount: String,
    payment_type: &'static str,
    transaction_time: String,
    transaction_status: &'static str,
    actions: Vec<Action>,
    channel_response_code: &'static str,
    channel_response_message: &'static str,
    currency: &'static str,
    expiry_time: String,
}

#[derive(Serialize)]
struct QrisAnswer {
    status_code: &'static str,
    status_message: &'static str,
    transaction_id: String,
    order_id: String,
    merchant_id: &'static str,
    gross_amount: String,
    currency: &'static str,
    payment_type: &'static str,
    transaction_time: String,
    transaction_status: &'static str,
    fraud_status: &'static str,
    acquirer: Option<String>,
    actions: Vec<Action>,
    expiry_time: String,
}

#[derive(Serialize)]
struct Action {
    name: &'static str,
    method: &'static str,
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<[(); 0]>,
}

/// Makes a charge.
pub(super) async fn charge(
    world: &World,
    tx: &mut WriteTx,
    incoming: &Incoming,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    let charge = match read_object(incoming).and_then(|body| read(&body, incoming, now)) {
        Ok(charge) => charge,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let fee_is_imposed = faults::strike(tx, Target::Midtrans, Fault::ImposeFee, "charge").await?.is_some();
    let transaction = Transaction {
        transaction_id: world.uuid(),
        order_id: charge.order_id,
        payment_type: charge.payment_type,
        acquirer: charge.acquirer,
        amount: charge.amount,
        imposed_fee: if fee_is_imposed { imposed_fee(charge.amount) } else { 0 },
        status: Status::Pending,
        callback_url: charge.callback_url,
        notify_urls: charge.notify_urls,
        transaction_at: now,
        expires_at: charge.expires_at,
        settled_at: None,
        times_settled: 0,
        refunded: 0,
    };
    if !books::insert(tx, &transaction).await? {
        let text = "The request could not be completed due to a conflict with the current state of the target resource, please try again: duplicate order ID";
        return Ok(Err(Refusal::new(406, text)));
    }
    notify::notify(world, tx, &transaction, now).await?;
    Ok(Ok(match transaction.payment_type {
        PaymentType::Gopay => Reply::json(200, &gopay_answer(world, &transaction)),
        PaymentType::Qris => Reply::json(200, &qris_answer(world, &transaction)),
    }))
}

/// What "Automatic Fee Imposition" adds, so that the merchant keeps the whole price at a fee of
/// 0.7 %: 10000 becomes 10071.
fn imposed_fee(amount: i64) -> i64 {
    amount.saturating_mul(1_000).saturating_add(992).saturating_div(993).saturating_sub(amount)
}

fn read(body: &Map<String, Value>, incoming: &Incoming, now: Timestamp) -> Result<Charge, Refusal> {
    let payment_type = match text(body, "payment_type")? {
        Some("gopay") => PaymentType::Gopay,
        Some("qris") => PaymentType::Qris,
        Some(_) => return Err(Refusal::new(402, "Payment channel is not activated.")),
        None => return Err(Refusal::invalid("payment_type is required")),
    };
    let details = object(body, "transaction_details")?
        .ok_or_else(|| Refusal::invalid("transaction_details is required"))?;
    let order_id = text(details, "order_id")?
        .ok_or_else(|| Refusal::invalid("transaction_details.order_id is required"))?;
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_~.".contains(&b);
    if order_id.is_empty() || order_id.len() > 50 || !order_id.bytes().all(fits) {
        return Err(Refusal::invalid(
            "transaction_details.order_id must have 1 to 50 characters of A-Z a-z 0-9 - _ ~ .",
        ));
    }
    let amount = read_amount(details, payment_type)?;
    check_items(body, amount)?;
    let gopay = object(body, "gopay")?;
    let callback = match gopay {
        Some(gopay) if gopay.get("enable_callback") == Some(&Value::Bool(true)) => {
            text(gopay, "callback_url")?
        }
        _ => None,
    };
    let acquirer = match (payment_type, object(body, "qris")?) {
        (PaymentType::Gopay, _) => None,
        (PaymentType::Qris, None) => Some("gopay".to_owned()),
        (PaymentType::Qris, Some(qris)) => match text(qris, "acquirer")? {
            None | Some("gopay") => Some("gopay".to_owned()),
            Some("airpay shopee") => Some("airpay shopee".to_owned()),
            Some(_) => return Err(Refusal::invalid("qris.acquirer must be gopay or airpay shopee")),
        },
    };
    Ok(Charge {
        payment_type,
        order_id: order_id.to_owned(),
        amount,
        acquirer,
        callback_url: callback.filter(|url| url.len() <= 2_048).map(str::to_owned),
        expires_at: read_expiry(body, now)?,
        notify_urls: read_notify_urls(incoming)?,
    })
}

fn read_amount(details: &Map<String, Value>, payment_type: PaymentType) -> Result<i64, Refusal> {
    let amount = match details.get("gross_amount") {
        None | Some(Value::Null) => {
            return Err(Refusal::invalid("transaction_details.gross_amount is required"));
        }
        Some(Value::Number(number)) => number.as_i64(),
        Some(_) => return Err(Refusal::wrong_type("transaction_details.gross_amount")),
    };
    let highest = match payment_type {
        PaymentType::Gopay => 20_000_000,
        PaymentType::Qris => 10_000_000,
    };
    amount.filter(|amount| (1..=highest).contains(amount)).ok_or_else(|| {
        Refusal::invalid(format!(
            "transaction_details.gross_amount must be a whole number from 1 to {highest}"
        ))
    })
}

fn check_items(body: &Map<String, Value>, amount: i64) -> Result<(), Refusal> {
    let items = match body.get("item_details") {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::Array(items)) => items,
        Some(_) => return Err(Refusal::wrong_type("item_details")),
    };
    let number = |item: &Value, name: &str| {
        let value = item.get(name).and_then(Value::as_i64);
        value.map(i128::from).ok_or_else(|| Refusal::wrong_type(&format!("item_details.{name}")))
    };
    let mut sum: i128 = 0;
    for item in items {
        let line = number(item, "price")?.saturating_mul(number(item, "quantity")?);
        sum = sum.saturating_add(line);
    }
    if sum != i128::from(amount) {
        return Err(Refusal::invalid(
            "transaction_details.gross_amount is not equal to the sum of item_details",
        ));
    }
    Ok(())
}

fn read_expiry(body: &Map<String, Value>, now: Timestamp) -> Result<Timestamp, Refusal> {
    let Some(expiry) = object(body, "custom_expiry")? else {
        return Ok(now.plus(DEFAULT_EXPIRY));
    };
    let unit = match text(expiry, "unit")? {
        Some("second") => 1,
        None | Some("minute") => 60,
        Some("hour") => 3_600,
        Some("day") => 86_400,
        Some(_) => return Err(Refusal::invalid("custom_expiry.unit must be second, minute, hour or day")),
    };
    let duration = match expiry.get("expiry_duration") {
        Some(Value::Number(number)) => number.as_u64().unwrap_or(0),
        None | Some(Value::Null) => 0,
        Some(_) => return Err(Refusal::wrong_type("custom_expiry.expiry_duration")),
    };
    let duration = Duration::from_secs(duration.saturating_mul(unit));
    if !(SHORTEST_EXPIRY..=LONGEST_EXPIRY).contains(&duration) {
        return Err(Refusal::invalid(
            "custom_expiry.expiry_duration must be at least 20 seconds and at most 7 days",
        ));
    }
    let start = match text(expiry, "order_time")? {
        None => now,
        Some(time) => read_order_time(time).ok_or_else(|| {
            Refusal::invalid("custom_expiry.order_time must look like 2016-12-07 11:54:12 +0700")
        })?,
    };
    let expires_at = start.plus(duration);
    if expires_at <= now {
        return Err(Refusal::invalid("custom_expiry is over already"));
    }
    Ok(expires_at)
}

/// `2016-12-07 11:54:12 +0700`.
fn read_order_time(text: &str) -> Option<Timestamp> {
    let (date, rest) = text.split_once(' ')?;
    let (time, offset) = rest.split_once(' ')?;
    let (hours, minutes) = offset.split_at_checked(3).filter(|(_, m)| m.len() == 2)?;
    Timestamp::parse_rfc3339(&format!("{date}T{time}{hours}:{minutes}")).ok()
}

/// Where notifications go: the header that overrides wins over the one that appends.
fn read_notify_urls(incoming: &Incoming) -> Result<Vec<Option<String>>, Refusal> {
    if let Some(urls) = incoming.header("x-override-notification") {
        return urls_of("X-Override-Notification", urls);
    }
    let mut all = vec![None];
    if let Some(urls) = incoming.header("x-append-notification") {
        all.extend(urls_of("X-Append-Notification", urls)?);
    }
    Ok(all)
}

fn urls_of(header: &str, value: &str) -> Result<Vec<Option<String>>, Refusal> {
    let urls: Vec<&str> = value.split(',').map(str::trim).filter(|url| !url.is_empty()).collect();
    let is_url = |url: &&str| url.starts_with("http://") || url.starts_with("https://");
    if urls.is_empty() || urls.len() > MAX_NOTIFY_URLS || !urls.iter().all(is_url) {
        return Err(Refusal::invalid(format!("{header} must hold one or two URLs, separated by a comma")));
    }
    Ok(urls.into_iter().map(|url| Some(url.to_owned())).collect())
}

fn object<'a>(parent: &'a Map<String, Value>, name: &str) -> Result<Option<&'a Map<String, Value>>, Refusal> {
    match parent.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(_) => Err(Refusal::wrong_type(name)),
    }
}

fn text<'a>(parent: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Refusal> {
    match parent.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Refusal::wrong_type(name)),
    }
}

fn action(name: &'static str, url: String) -> Action {
    Action { name, method: "GET", url, fields: None }
}

fn gopay_answer(world: &World, t: &Transaction) -> GopayAnswer {
    let (api, id) = (format!("{}/sandbox/midtrans", world.base_url()), &t.transaction_id);
    let callback = t
        .callback_url
        .as_ref()
        .map(|url| format!("&callback_url={}", percent_encoded(&with_order(url, &t.order_id))));
    let deeplink = format!(
        "gojek://gopay/merchanttransfer?tref={id}&amount={}&activity=GP:RR{}",
        t.amount,
        callback.unwrap_or_default()
    );
    GopayAnswer {
        status_code: "201",
        status_message: "GO-PAY billing created",
        transaction_id: id.clone(),
        order_id: t.order_id.clone(),
        gross_amount: amount_text(t.amount),
        payment_type: t.payment_type.as_str(),
        transaction_time: t.transaction_at.wib(),
        transaction_status: t.status.as_str(),
        actions: vec![
            action("generate-qr-code", format!("{api}/v2/gopay/{id}/qr-code")),
            action("generate-qr-code-v2", format!("{api}/v4/qris/gopay/{}/qr-code", qr_id(id))),
            action("deeplink-redirect", deeplink),
            action("get-status", format!("{api}/v2/{id}/status")),
            Action { name: "cancel", method: "POST", url: format!("{api}/v2/{id}/cancel"), fields: Some([]) },
        ],
        channel_response_code: "200",
        channel_response_message: "Success",
        currency: "IDR",
        expiry_time: t.expires_at.wib(),
    }
}

fn qris_answer(world: &World, t: &Transaction) -> QrisAnswer {
    let (api, id) = (format!("{}/sandbox/midtrans", world.base_url()), &t.transaction_id);
    QrisAnswer {
        status_code: "201",
        status_message: "QRIS transaction is created",
        transaction_id: id.clone(),
        order_id: t.order_id.clone(),
        merchant_id: MIDTRANS_MERCHANT_ID,
        gross_amount: amount_text(t.amount),
        currency: "IDR",
        payment_type: t.payment_type.as_str(),
        transaction_time: t.transaction_at.wib(),
        transaction_status: t.status.as_str(),
        fraud_status: "accept",
        acquirer: t.acquirer.clone(),
        actions: vec![
            action("generate-qr-code", format!("{api}/v2/qris/{id}/qr-code")),
            action("generate-qr-code-v2", format!("{api}/v4/qris/gopay/{}/qr-code", qr_id(id))),
        ],
        expiry_time: t.expires_at.wib(),
    }
}

fn with_order(url: &str, order_id: &str) -> String {
    format!("{url}{}order_id={order_id}", if url.contains('?') { '&' } else { '?' })
}

fn percent_encoded(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_imposed_fee_is_that_of_the_reported_case() {
        assert_eq!(imposed_fee(10_000), 71);
        assert_eq!(imposed_fee(1), 1);
    }

    #[test]
    fn an_order_time_has_an_offset() {
        let read = read_order_time("2016-12-07 11:54:12 +0700").unwrap();
        assert_eq!(read.rfc3339(), "2016-12-07T04:54:12.000Z");
        for text in
            ["", "2016-12-07", "2016-12-07 11:54:12", "2016-12-07 11:54:12 +07", "2016-12-07 11:54:12 é0700"]
        {
            assert_eq!(read_order_time(text), None, "{text:?}");
        }
    }
}

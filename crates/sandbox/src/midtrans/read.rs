//! What charges and Snap pages have in common in their requests: ids, amounts, items, expiries, and the
//! addresses of notifications.

use super::{Refusal, books::PaymentType};
use crate::exchange::Incoming;
use serde_json::{Map, Value};
use std::{ops::RangeInclusive, time::Duration};
use vocabulary::Timestamp;

/// How many addresses a notification header may name.
const MAX_NOTIFY_URLS: usize = 2;
/// The longest URL that is kept.
const MAX_URL: usize = 2_048;

/// A field that is an object, if it is there.
pub(super) fn object<'a>(
    parent: &'a Map<String, Value>,
    name: &str,
) -> Result<Option<&'a Map<String, Value>>, Refusal> {
    match parent.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(_) => Err(Refusal::wrong_type(name)),
    }
}

/// A field that is text, if it is there.
pub(super) fn text<'a>(parent: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Refusal> {
    match parent.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Refusal::wrong_type(name)),
    }
}

/// A field that is a URL, if it is there; one that nobody could follow counts as absent.
pub(super) fn url(parent: &Map<String, Value>, name: &str) -> Result<Option<String>, Refusal> {
    let fits = |url: &&str| url.len() <= MAX_URL && !url.contains(char::is_control);
    Ok(text(parent, name)?.filter(fits).map(str::to_owned))
}

/// `gopay.callback_url`, when callbacks are enabled.
pub(super) fn gopay_callback(body: &Map<String, Value>) -> Result<Option<String>, Refusal> {
    match object(body, "gopay")? {
        Some(gopay) if gopay.get("enable_callback") == Some(&Value::Bool(true)) => url(gopay, "callback_url"),
        _ => Ok(None),
    }
}

/// `transaction_details`.
pub(super) fn details(body: &Map<String, Value>) -> Result<&Map<String, Value>, Refusal> {
    object(body, "transaction_details")?.ok_or_else(|| Refusal::invalid("transaction_details is required"))
}

/// `transaction_details.order_id`.
pub(super) fn order_id(details: &Map<String, Value>) -> Result<&str, Refusal> {
    let order_id = text(details, "order_id")?
        .ok_or_else(|| Refusal::invalid("transaction_details.order_id is required"))?;
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_~.".contains(&b);
    if order_id.is_empty() || order_id.len() > 50 || !order_id.bytes().all(fits) {
        return Err(Refusal::invalid(
            "transaction_details.order_id must have 1 to 50 characters of A-Z a-z 0-9 - _ ~ .",
        ));
    }
    Ok(order_id)
}

/// The most that can be paid at once by this method (contracts/payments §1.10), if its bank or store sets
/// no other limit.
pub(super) fn highest(payment_type: PaymentType) -> i64 {
    match payment_type {
        PaymentType::Gopay | PaymentType::Dana => 20_000_000,
        PaymentType::Qris => 10_000_000,
        PaymentType::Ovo => 99_999_999,
        PaymentType::BankTransfer | PaymentType::Cstore => i64::MAX,
    }
}

/// `transaction_details.gross_amount`, within these limits.
pub(super) fn amount(details: &Map<String, Value>, limits: &RangeInclusive<i64>) -> Result<i64, Refusal> {
    let amount = match details.get("gross_amount") {
        None | Some(Value::Null) => {
            return Err(Refusal::invalid("transaction_details.gross_amount is required"));
        }
        Some(Value::Number(number)) => number.as_i64(),
        Some(_) => return Err(Refusal::wrong_type("transaction_details.gross_amount")),
    };
    amount.filter(|amount| limits.contains(amount)).ok_or_else(|| {
        Refusal::invalid(format!(
            "transaction_details.gross_amount must be a whole number from {} to {}",
            limits.start(),
            limits.end()
        ))
    })
}

/// Whether `item_details`, if there are any, add up to the amount.
pub(super) fn check_items(body: &Map<String, Value>, amount: i64) -> Result<(), Refusal> {
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

/// A duration of `count` units, where `count` is a whole number in `parent`; zero when it is not there.
pub(super) fn duration(
    parent: &Map<String, Value>,
    count: &str,
    unit: &str,
    path: &str,
) -> Result<Duration, Refusal> {
    let seconds = match unit {
        "second" => 1,
        "minute" => 60,
        "hour" => 3_600,
        "day" => 86_400,
        _ => return Err(Refusal::invalid(format!("{path}.unit must be second, minute, hour or day"))),
    };
    let number = match parent.get(count) {
        Some(Value::Number(number)) => number.as_u64().unwrap_or(0),
        None | Some(Value::Null) => 0,
        Some(_) => return Err(Refusal::wrong_type(&format!("{path}.{count}"))),
    };
    Ok(Duration::from_secs(number.saturating_mul(seconds)))
}

/// A time such as `2016-12-07 11:54:12 +0700`; `now` when it is not there.
pub(super) fn start(
    parent: &Map<String, Value>,
    name: &str,
    path: &str,
    now: Timestamp,
) -> Result<Timestamp, Refusal> {
    let Some(time) = text(parent, name)? else { return Ok(now) };
    time_with_offset(time)
        .ok_or_else(|| Refusal::invalid(format!("{path}.{name} must look like 2016-12-07 11:54:12 +0700")))
}

/// `2016-12-07 11:54:12 +0700`.
fn time_with_offset(text: &str) -> Option<Timestamp> {
    let (date, rest) = text.split_once(' ')?;
    let (time, offset) = rest.split_once(' ')?;
    let (hours, minutes) = offset.split_at_checked(3).filter(|(_, m)| m.len() == 2)?;
    Timestamp::parse_rfc3339(&format!("{date}T{time}{hours}:{minutes}")).ok()
}

/// Where notifications go: the header that overrides wins over the one that appends.
pub(super) fn notify_urls(incoming: &Incoming) -> Result<Vec<Option<String>>, Refusal> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_time_has_an_offset() {
        let read = time_with_offset("2016-12-07 11:54:12 +0700").unwrap();
        assert_eq!(read.rfc3339(), "2016-12-07T04:54:12.000Z");
        for text in
            ["", "2016-12-07", "2016-12-07 11:54:12", "2016-12-07 11:54:12 +07", "2016-12-07 11:54:12 é0700"]
        {
            assert_eq!(time_with_offset(text), None, "{text:?}");
        }
    }
}

//! Reading what a merchant sends: texts of limited length, whole rupiah as numbers.

use super::{
    channel::{Channel, Kind},
    refusal::Refusal,
};
use serde_json::{Map, Value};

pub(super) type Object = Map<String, Value>;

/// The longest reference (contracts/payments §3.4).
const REFERENCE_LENGTH: usize = 255;
const DESCRIPTION_LENGTH: usize = 1_000;
const METADATA_KEYS: usize = 50;

/// The object that a body has to be.
pub(super) fn body(bytes: &[u8]) -> Result<Object, Refusal> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Refusal::invalid("the body is a JSON object")),
        Err(error) => Err(Refusal::invalid(format!("the body is no JSON: {error}"))),
    }
}

/// An optional text of at most `most` characters.
pub(super) fn text<'a>(parent: &'a Object, name: &str, most: usize) -> Result<Option<&'a str>, Refusal> {
    match parent.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if (1..=most).contains(&text.chars().count()) && !text.contains('\0') => {
            Ok(Some(text))
        }
        Some(_) => Err(Refusal::invalid(format!("{name} is a text of 1 to {most} characters"))),
    }
}

/// A text that has to be there.
pub(super) fn required<'a>(parent: &'a Object, name: &str, most: usize) -> Result<&'a str, Refusal> {
    text(parent, name, most)?.ok_or_else(|| Refusal::invalid(format!("{name} is required")))
}

/// An optional object.
pub(super) fn object<'a>(parent: &'a Object, name: &str) -> Result<Option<&'a Object>, Refusal> {
    match parent.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(_) => Err(Refusal::invalid(format!("{name} is an object"))),
    }
}

/// The merchant's reference.
pub(super) fn reference(body: &Object) -> Result<String, Refusal> {
    required(body, "reference_id", REFERENCE_LENGTH).map(str::to_owned)
}

pub(super) fn description(body: &Object) -> Result<Option<String>, Refusal> {
    Ok(text(body, "description", DESCRIPTION_LENGTH)?.map(str::to_owned))
}

pub(super) fn metadata(body: &Object) -> Result<Value, Refusal> {
    match object(body, "metadata")? {
        Some(metadata) if metadata.len() > METADATA_KEYS => {
            Err(Refusal::invalid(format!("metadata has at most {METADATA_KEYS} keys")))
        }
        Some(metadata) => Ok(Value::Object(metadata.clone())),
        None => Ok(Value::Null),
    }
}

/// The currency, which is rupiah.
pub(super) fn rupiah(body: &Object) -> Result<(), Refusal> {
    match required(body, "currency", 3)? {
        "IDR" => Ok(()),
        other => Err(Refusal::new(400, "UNSUPPORTED_CURRENCY", format!("{other} is not supported"))),
    }
}

/// A number of whole rupiah, more than none: `25000` is as good as `25000.0`, a text is not.
pub(super) fn amount(body: &Object, name: &str) -> Result<i64, Refusal> {
    let amount = match body.get(name) {
        Some(Value::Number(number)) => whole(&number.to_string()),
        None | Some(Value::Null) => return Err(Refusal::invalid(format!("{name} is required"))),
        Some(_) => None,
    };
    amount
        .filter(|amount| *amount > 0)
        .ok_or_else(|| Refusal::invalid(format!("{name} is a number of whole rupiah, more than none")))
}

/// A number without a fraction, also where it is written with one.
pub(super) fn whole(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    fraction.bytes().all(|b| b == b'0').then(|| whole.parse().ok()).flatten()
}

/// How many are listed at most. A library may write the number with a point.
pub(super) fn limit(text: &str, most: usize) -> Result<usize, Refusal> {
    let limit = whole(text).and_then(|limit| usize::try_from(limit).ok());
    let limit = limit.filter(|limit| (1..=most).contains(limit));
    limit.ok_or_else(|| Refusal::invalid(format!("limit is from 1 to {most}")))
}

/// Fails unless a word is one of those that can be said by this name.
pub(super) fn one_of(name: &str, word: &str, words: &[&str]) -> Result<(), Refusal> {
    if words.contains(&word) {
        Ok(())
    } else {
        Err(Refusal::invalid(format!("{name} is one of {}", words.join(", "))))
    }
}

/// An amount that the channel carries.
pub(super) fn carried(channel: Channel, amount: i64) -> Result<i64, Refusal> {
    let (least, most) = channel.limits();
    if (least..=most).contains(&amount) {
        Ok(amount)
    } else {
        Err(Refusal::invalid(format!("amount for {channel} is from {least} to {most}")))
    }
}

/// What a channel needs to know: a phone for a push, an address to come back to for a page. `names` are what
/// the generation calls them.
pub(super) fn properties(
    channel: Channel,
    parent: &Object,
    names: (&[&str], &str),
) -> Result<Value, Refusal> {
    let given = object(parent, "channel_properties")?;
    let empty = Object::new();
    let properties = given.unwrap_or(&empty);
    let (phones, back) = names;
    match channel.kind() {
        Kind::Push => {
            let phone = phones.iter().find_map(|name| properties.get(*name)?.as_str());
            let phone = phone.ok_or_else(|| Refusal::invalid("channel_properties has no mobile number"))?;
            check_phone(phone)?;
        }
        Kind::Page => {
            let url = required(properties, back, 2_048)?;
            if !url.starts_with("https://") && !url.starts_with("http://") {
                return Err(Refusal::invalid(format!("{back} is a URL")));
            }
        }
        Kind::Number | Kind::Till => {
            required(properties, "customer_name", 250)?;
        }
        Kind::Qr => {}
    }
    Ok(Value::Object(properties.clone()))
}

/// `+62` and nine to twelve digits. A number that ends in `404` is nobody's at OVO, as with the other
/// gateways; that this is the answer then is UNVERIFIED.
fn check_phone(phone: &str) -> Result<(), Refusal> {
    let digits = phone.strip_prefix("+62").unwrap_or_default();
    if !(9..=12).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Refusal::invalid("mobile_number looks like +6281234567890"));
    }
    if digits.ends_with("404") {
        return Err(Refusal::new(
            400,
            "INVALID_PAYMENT_DETAILS",
            "the mobile number is not registered with OVO",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_amount_is_a_number_and_whole() {
        for (value, expected) in [(json!(25_000), 25_000), (json!(25_000.0), 25_000), (json!(1), 1)] {
            assert_eq!(
                amount(json!({"amount": value}).as_object().unwrap(), "amount"),
                Ok(expected),
                "{value}"
            );
        }
        for value in [json!("25000"), json!(0), json!(-1), json!(1.5), json!(null), json!([1]), json!(1e30)] {
            let refusal = amount(json!({"amount": value}).as_object().unwrap(), "amount").unwrap_err();
            assert_eq!((refusal.status, refusal.code), (400, "API_VALIDATION_ERROR"), "{value}");
        }
    }

    #[test]
    fn a_phone_is_written_as_in_other_countries() {
        assert_eq!(check_phone("+6281234567890"), Ok(()));
        for phone in ["081234567890", "6281234567890", "+62812", "+62812345678a0", "+62812345678901234"] {
            assert_eq!(check_phone(phone).unwrap_err().code, "API_VALIDATION_ERROR", "{phone}");
        }
        assert_eq!(check_phone("+6281234567404").unwrap_err().code, "INVALID_PAYMENT_DETAILS");
    }
}

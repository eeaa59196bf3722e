//! Reading what a merchant sends: texts of limited length, money with two decimals, times in WIB.

use super::refusal::Refusal;
use serde_json::{Map, Value};
use vocabulary::Timestamp;

pub(super) type Object = Map<String, Value>;

/// An optional text of at most `most` characters; `path` is how the field is named to the caller.
pub(super) fn text<'a>(
    parent: &'a Object,
    name: &str,
    path: &str,
    most: usize,
) -> Result<Option<&'a str>, Refusal> {
    match parent.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) if text.chars().count() <= most && !text.chars().any(char::is_control) => {
            Ok(Some(text))
        }
        Some(Value::String(_)) => Err(Refusal::format(path)
            .because(format!("{path} has at most {most} characters, none of them a control"))),
        Some(_) => Err(Refusal::format(path).because(format!("{path} is a text"))),
    }
}

/// A text that has to be there.
pub(super) fn required<'a>(
    parent: &'a Object,
    name: &str,
    path: &str,
    most: usize,
) -> Result<&'a str, Refusal> {
    text(parent, name, path, most)?.ok_or_else(|| Refusal::mandatory(path))
}

/// An optional object.
pub(super) fn object<'a>(parent: &'a Object, name: &str, path: &str) -> Result<Option<&'a Object>, Refusal> {
    match parent.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(_) => Err(Refusal::format(path).because(format!("{path} is an object"))),
    }
}

/// An optional list.
pub(super) fn list<'a>(parent: &'a Object, name: &str, path: &str) -> Result<Option<&'a [Value]>, Refusal> {
    match parent.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(list)) => Ok(Some(list)),
        Some(_) => Err(Refusal::format(path).because(format!("{path} is a list"))),
    }
}

/// Money that has to be there, in whole rupiah: `{"value":"25000.00","currency":"IDR"}`.
pub(super) fn money(parent: &Object, name: &str) -> Result<i64, Refusal> {
    let amount = fee(parent, name)?;
    if amount > 0 {
        Ok(amount)
    } else {
        Err(Refusal::format(name).because(format!("{name}.value is more than none")))
    }
}

/// Like [`money`], but it can be none.
pub(super) fn fee(parent: &Object, name: &str) -> Result<i64, Refusal> {
    let money = object(parent, name, name)?.ok_or_else(|| Refusal::mandatory(name))?;
    let value = match money.get("value") {
        None | Some(Value::Null) => return Err(Refusal::mandatory(&format!("{name}.value"))),
        Some(Value::String(value)) => value,
        Some(_) => return Err(Refusal::format(name).because(format!("{name}.value is a text"))),
    };
    match money.get("currency") {
        None | Some(Value::Null) => return Err(Refusal::mandatory(&format!("{name}.currency"))),
        Some(currency) if currency.as_str() == Some("IDR") => {}
        Some(_) => return Err(Refusal::format(name).because(format!("{name}.currency is IDR"))),
    }
    whole_rupiah(value).ok_or_else(|| {
        Refusal::format(name).because(format!("{name}.value looks like 25000.00: whole rupiah"))
    })
}

/// `^\d{1,16}\.\d{2}$`, and the two decimals are zeros: a rupiah has no cents.
fn whole_rupiah(value: &str) -> Option<i64> {
    let whole = value.strip_suffix(".00")?;
    let fits = (1..=16).contains(&whole.len()) && whole.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| whole.parse().ok()).flatten()
}

/// `2026-11-22T12:00:00+07:00`, and nothing else: not another offset, not `Z`, no fraction.
pub(super) fn wib_time(text: &str) -> Option<Timestamp> {
    let form = "dddd-dd-ddTdd:dd:dd+07:00";
    let fits = text.len() == form.len()
        && text.bytes().zip(form.bytes()).all(|(b, f)| if f == b'd' { b.is_ascii_digit() } else { b == f });
    fits.then(|| Timestamp::parse_rfc3339(text).ok()).flatten()
}

/// How DANA writes an amount.
pub(super) fn amount_text(amount: i64) -> String {
    format!("{amount}.00")
}

/// How DANA writes a time.
pub(super) fn time_text(time: Timestamp) -> String {
    format!("{}+07:00", time.wib().replace(' ', "T"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn money_has_one_to_sixteen_digits_and_two_decimals() {
        for (value, expected) in [("25000.00", 25_000), ("1.00", 1), ("0000000000000001.00", 1)] {
            let body = json!({"amount": {"value": value, "currency": "IDR"}});
            assert_eq!(money(body.as_object().unwrap(), "amount"), Ok(expected), "{value}");
        }
        for value in [
            json!("1500"),
            json!("1500.0"),
            json!("1500.000"),
            json!("1.500,00"),
            json!("-1.00"),
            json!("+1.00"),
            json!(" 1.00"),
            json!(".00"),
            json!("0.00"),
            json!("1.50"),
            json!("10000000000000000.00"),
            json!("१.00"),
            json!(1500),
            json!(1500.00),
            json!(["1500.00"]),
        ] {
            let body = json!({"amount": {"value": value, "currency": "IDR"}});
            let refusal = money(body.as_object().unwrap(), "amount").unwrap_err();
            assert_eq!((refusal.status, refusal.reason), (400, "01"), "{value}");
            assert_eq!(refusal.message, "Invalid Field Format amount", "{value}");
        }
        for body in [json!({}), json!({"amount": {}}), json!({"amount": {"value": "1.00"}})] {
            assert_eq!(money(body.as_object().unwrap(), "amount").unwrap_err().reason, "02", "{body}");
        }
    }

    #[test]
    fn a_time_is_in_wib_and_says_so() {
        let time = wib_time("2026-11-22T12:00:00+07:00").unwrap();
        assert_eq!(time.rfc3339(), "2026-11-22T05:00:00.000Z");
        assert_eq!(time_text(time), "2026-11-22T12:00:00+07:00");
        for text in [
            "",
            "2026-11-22T05:00:00Z",
            "2026-11-22T12:00:00.000+07:00",
            "2026-11-22T12:00:00+08:00",
            "2026-11-22 12:00:00+07:00",
            "2026-13-22T12:00:00+07:00",
            "2026-11-22T12:00:00 07:00",
            "２026-11-22T12:00:00+07:0",
        ] {
            assert_eq!(wib_time(text), None, "{text:?}");
        }
    }
}

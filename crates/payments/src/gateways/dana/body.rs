//! A JSON object of DANA's read leniently: a field of another type than expected counts as missing,
//! and fields that we do not know are ignored.

pub(super) use crate::gateways::told::clip;
use outside::Answer;
use serde_json::{Map, Value};
use vocabulary::Rupiah;

/// One JSON object of theirs.
#[derive(Debug)]
pub(super) struct Body(Map<String, Value>);

/// An amount that they name, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Money {
    /// None is named.
    Absent,
    /// So many whole rupiah.
    Rupiah(Rupiah),
    /// Something that is no whole amount.
    Unreadable,
    /// An amount in another currency.
    Foreign,
}

impl Body {
    /// Reads bytes as one JSON object.
    pub(super) fn parse(bytes: &[u8]) -> Option<Body> {
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(fields)) => Some(Body(fields)),
            _ => None,
        }
    }

    fn at(&self, path: &[&str]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.0.get(*first)?, |value, name| value.get(name)).filter(|v| !v.is_null())
    }

    /// A field that is a string, exactly as received.
    pub(super) fn string(&self, path: &[&str]) -> Option<&str> {
        self.at(path)?.as_str()
    }

    /// A field that is a string or a number, without blanks around it; none when empty.
    pub(super) fn text(&self, path: &[&str]) -> Option<String> {
        let text = match self.at(path)? {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        (!text.is_empty() && !text.chars().any(char::is_control)).then_some(text)
    }

    /// The response code, which counts before the HTTP status.
    pub(super) fn code(&self) -> Option<String> {
        self.text(&["responseCode"])
    }

    /// What they say about it, cut short and on one line.
    pub(super) fn message(&self) -> String {
        clip(self.string(&["responseMessage"]).unwrap_or_default())
    }

    /// An amount: `{"value":"25000.00","currency":"IDR"}`.
    pub(super) fn money(&self, path: &[&str]) -> Money {
        let Some(money) = self.at(path) else { return Money::Absent };
        let currency = money.get("currency").filter(|currency| !currency.is_null());
        if currency.is_some_and(|c| !c.as_str().is_some_and(|c| c.trim().eq_ignore_ascii_case("IDR"))) {
            return Money::Foreign;
        }
        let value = match money.get("value") {
            Some(Value::String(text)) => amount(text.trim()),
            Some(Value::Number(number)) => amount(&number.to_string()),
            _ => None,
        };
        value.map_or(Money::Unreadable, Money::Rupiah)
    }
}

/// Exactly whole rupiah: digits, and at most a fraction of zeros. Nothing is rounded.
fn amount(text: &str) -> Option<Rupiah> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "00"));
    let plain = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || !plain(fraction) || fraction.bytes().any(|b| b != b'0') {
        return None;
    }
    whole.parse().ok().map(Rupiah::new)
}

/// An answer in a few words, for staff.
pub(super) fn said(answer: &Answer, body: Option<&Body>) -> String {
    match body {
        None => format!("HTTP {} without a readable body", answer.status),
        Some(body) => {
            let code = body.code().map_or_else(|| "none".to_owned(), |code| clip(&code));
            format!("HTTP {}, responseCode {code}: {}", answer.status, body.message())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_rupiah_are_an_amount() {
        for (json, expected) in [
            (r#"{"value":"25000.00","currency":"IDR"}"#, Money::Rupiah(Rupiah::new(25_000))),
            (r#"{"value":"25000","currency":"idr"}"#, Money::Rupiah(Rupiah::new(25_000))),
            (r#"{"value":25000}"#, Money::Rupiah(Rupiah::new(25_000))),
            (r#"{"value":"0.00","currency":null}"#, Money::Rupiah(Rupiah::ZERO)),
            (r#"{"value":"25000.50","currency":"IDR"}"#, Money::Unreadable),
            (r#"{"value":"25,000.00","currency":"IDR"}"#, Money::Unreadable),
            (r#"{"value":"-1.00","currency":"IDR"}"#, Money::Unreadable),
            (r#"{"value":"1e5","currency":"IDR"}"#, Money::Unreadable),
            (r#"{"value":"9223372036854775808.00","currency":"IDR"}"#, Money::Unreadable),
            (r#"{"value":["25000.00"],"currency":"IDR"}"#, Money::Unreadable),
            (r#"{"currency":"IDR"}"#, Money::Unreadable),
            (r#""25000.00""#, Money::Unreadable),
            (r#"{"value":"25000.00","currency":"USD"}"#, Money::Foreign),
            (r#"{"value":"25000.00","currency":360}"#, Money::Foreign),
            ("null", Money::Absent),
        ] {
            let body = Body::parse(format!(r#"{{"a":{{"b":{json}}}}}"#).as_bytes()).unwrap();
            assert_eq!(body.money(&["a", "b"]), expected, "{json}");
        }
        let body = Body::parse(br#"{"a":1}"#).unwrap();
        assert_eq!((body.money(&["b"]), body.money(&["a", "b"])), (Money::Absent, Money::Absent));
    }

    #[test]
    fn a_field_of_another_type_is_missing() {
        let body = Body::parse(br#"{"responseCode":2005400,"x":{},"y":" ","z":{"q":["w"]}}"#).unwrap();
        assert_eq!(body.code().as_deref(), Some("2005400"));
        for path in [&["x"][..], &["y"], &["z", "q"], &["z", "q", "w"], &["no"], &[]] {
            assert_eq!(body.text(path), None, "{path:?}");
        }
    }
}

//! JSON of Xendit's read leniently: a field of another type than expected counts as missing, fields that
//! we do not know are ignored, and an amount is a number or a text (`contracts/payments.md` §3.5).

pub(super) use crate::gateways::told::clip;
use outside::Answer;
use serde_json::Value;
use vocabulary::Rupiah;

/// The longest id of theirs that is taken; those of the contract have 39 characters.
const ID_CHARS: usize = 64;

/// An amount that they name, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Money {
    /// None is named.
    Absent,
    /// So many whole rupiah.
    Rupiah(Rupiah),
    /// Something that is no whole amount.
    Unreadable,
}

/// The JSON object in an answer or a webhook.
pub(super) fn parse(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(bytes).ok().filter(Value::is_object)
}

fn at<'a>(body: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(body, |value, name| value.get(name)).filter(|value| !value.is_null())
}

/// A field that is a string, exactly as received.
pub(super) fn string<'a>(body: &'a Value, path: &[&str]) -> Option<&'a str> {
    at(body, path)?.as_str()
}

/// A field that is a list; empty when there is none.
pub(super) fn list<'a>(body: &'a Value, path: &[&str]) -> &'a [Value] {
    at(body, path).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// A word of theirs: in capital letters, without blanks around it; none when empty.
pub(super) fn word(body: &Value, path: &[&str]) -> Option<String> {
    let word = string(body, path)?.trim().to_ascii_uppercase();
    (!word.is_empty() && !word.chars().any(char::is_control)).then_some(word)
}

/// An id of theirs that is safe to put into a path.
pub(super) fn id<'a>(body: &'a Value, path: &[&str]) -> Option<&'a str> {
    string(body, path).filter(|id| is_id(id))
}

/// Whether a text is one.
pub(super) fn is_id(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (1..=ID_CHARS).contains(&text.len()) && text.bytes().all(plain)
}

/// An amount: `25000`, `25000.0`, `"25000"` or `"25000.00"`.
pub(super) fn money(body: &Value, path: &[&str]) -> Money {
    let amount = match at(body, path) {
        None => return Money::Absent,
        Some(Value::String(text)) => amount(text.trim()),
        Some(Value::Number(number)) => amount(&number.to_string()),
        Some(_) => None,
    };
    amount.map_or(Money::Unreadable, Money::Rupiah)
}

/// Exactly whole rupiah: digits, and at most a fraction of zeros. Nothing is rounded.
fn amount(text: &str) -> Option<Rupiah> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let plain = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || !plain(fraction) || fraction.bytes().any(|b| b != b'0') {
        return None;
    }
    whole.parse().ok().map(Rupiah::new)
}

/// True when a currency is named that is not rupiah.
pub(super) fn is_foreign(body: &Value) -> bool {
    at(body, &["currency"]).is_some() && word(body, &["currency"]).as_deref() != Some("IDR")
}

/// An answer in a few words, for staff.
pub(super) fn said(answer: &Answer, body: Option<&Value>) -> String {
    match body {
        None => format!("HTTP {} without a readable body", answer.status),
        Some(body) => {
            let code = word(body, &["error_code"]).map_or_else(|| "no error_code".to_owned(), |c| clip(&c));
            let message = string(body, &["message"]).map(clip).unwrap_or_default();
            format!("HTTP {}, {code}: {message}", answer.status)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_amount_is_a_number_or_a_text_and_whole() {
        for (value, expected) in [
            (json!(25_000), Money::Rupiah(Rupiah::new(25_000))),
            (json!(25_000.0), Money::Rupiah(Rupiah::new(25_000))),
            (json!("25000"), Money::Rupiah(Rupiah::new(25_000))),
            (json!("25000.00"), Money::Rupiah(Rupiah::new(25_000))),
            (json!(" 25000 "), Money::Rupiah(Rupiah::new(25_000))),
            (json!(null), Money::Absent),
            (json!(25_000.5), Money::Unreadable),
            (json!("25,000"), Money::Unreadable),
            (json!("25.000,00"), Money::Unreadable),
            (json!(-25_000), Money::Unreadable),
            (json!("+25000"), Money::Unreadable),
            (json!("25e3"), Money::Unreadable),
            (json!(""), Money::Unreadable),
            (json!([25_000]), Money::Unreadable),
            (json!("9223372036854775808"), Money::Unreadable),
        ] {
            assert_eq!(money(&json!({"a": {"b": value}}), &["a", "b"]), expected, "{value}");
        }
        assert_eq!(money(&json!({}), &["a", "b"]), Money::Absent);
    }

    #[test]
    fn an_id_cannot_leave_its_place_in_a_path() {
        for (id, good) in [
            ("pr-1fdaf346-dd2e-4b6c-b938-124c7167a822", true),
            ("ewc_a1", true),
            ("", false),
            ("pr-1/../x", false),
            ("pr-1?x=y", false),
            ("pr-1#", false),
            ("pr%2F", false),
            ("pr 1", false),
            ("pr-é", false),
        ] {
            assert_eq!(is_id(id), good, "{id}");
        }
        assert!(!is_id(&"a".repeat(65)));
    }

    #[test]
    fn nobody_s_phone_number_is_repeated() {
        assert_eq!(clip("no +6281234567890 here, 25000"), "no +*********7890 here, 25000");
        assert_eq!(clip("a\nb 081234567890"), "a b ********7890");
    }
}

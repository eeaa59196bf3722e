//! The fields of a supplier's JSON object, read leniently: a field of another type than expected counts as
//! missing, and fields that we do not know are ignored.

use serde_json::{Map, Value};
use vocabulary::Rupiah;

/// Characters of a message that are kept, for staff.
const MESSAGE_CHARS: usize = 300;
/// Characters of a word or number of theirs that are kept.
const WORD_CHARS: usize = 64;
/// Every whole number up to here has an exact double.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A JSON object of theirs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// The object that a body is.
    pub(super) fn of_body(body: &[u8]) -> Option<Fields> {
        Fields::of(serde_json::from_slice(body).ok()?)
    }

    fn of(value: Value) -> Option<Fields> {
        match value {
            Value::Object(fields) => Some(Fields(fields)),
            _ => None,
        }
    }

    /// A field, whatever it is.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// An object inside.
    pub(super) fn object(&self, name: &str) -> Option<Fields> {
        Fields::of(self.0.get(name)?.clone())
    }

    /// The objects of a list inside; one object that stands where a list is expected is a list of one.
    pub(super) fn objects(&self, name: &str) -> Option<Vec<Fields>> {
        match self.0.get(name)? {
            Value::Array(list) => Some(list.iter().cloned().filter_map(Fields::of).collect()),
            Value::Object(fields) => Some(vec![Fields(fields.clone())]),
            _ => None,
        }
    }

    /// A field that is a string or a number, without blanks around it; none when empty.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let text = match self.0.get(name)? {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        (!text.is_empty()).then_some(text)
    }

    /// A word of theirs: one short line.
    pub(super) fn word(&self, name: &str) -> Option<String> {
        self.text(name).map(|text| clip(&text, WORD_CHARS))
    }

    /// A number of theirs: something that can be sent back to them and kept in a list with spaces between.
    pub(super) fn number(&self, name: &str) -> Option<String> {
        self.text(name).filter(|text| text.len() <= WORD_CHARS && text.bytes().all(|b| b.is_ascii_graphic()))
    }

    /// A message of theirs, for staff.
    pub(super) fn message(&self, name: &str) -> String {
        clip(&self.text(name).unwrap_or_default(), MESSAGE_CHARS)
    }

    /// What a buyer redeems or keeps as proof.
    pub(super) fn serial(&self, name: &str) -> Option<String> {
        self.text(name).map(|sn| sn.replace('\0', "")).filter(|sn| !sn.is_empty())
    }

    /// A whole amount of rupiah: an integer or digits, not negative.
    pub(super) fn whole(&self, name: &str) -> Option<Rupiah> {
        let text = self.text(name)?;
        let digits = text.strip_suffix(".0").unwrap_or(&text);
        let plain = digits.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| digits.parse().ok()).flatten().map(Rupiah::new)
    }

    /// An amount that may have a fraction, rounded down.
    pub(super) fn floor(&self, name: &str) -> Option<Rupiah> {
        let text = self.text(name)?;
        if let Ok(whole) = text.parse() {
            return Some(Rupiah::new(whole));
        }
        let floored = text.parse::<f64>().ok()?.floor();
        (floored.abs() <= EXACT).then(|| format!("{floored:.0}").parse().ok()).flatten().map(Rupiah::new)
    }
}

/// A text of theirs for our logs and screens: one line, no control characters, of bounded length.
fn clip(text: &str, chars: usize) -> String {
    text.chars().take(chars).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

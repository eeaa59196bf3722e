//! Reading the fields of a form, each with its limits; what does not fit is noted with its path.

use super::refusal::{At, Mistakes};
use serde_json::Value;

/// One object of a form.
#[derive(Clone, Copy)]
pub(crate) struct Form<'f>(pub(crate) &'f Value);

impl<'f> Form<'f> {
    /// A field that is there and not null.
    pub(crate) fn get(&self, name: &str) -> Option<&'f Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// Whether a field is there, be it null.
    pub(crate) fn names(&self, name: &str) -> bool {
        self.0.get(name).is_some()
    }

    /// The `type`, where it is a number.
    pub(crate) fn kind(&self) -> Option<i64> {
        self.get("type").and_then(Value::as_i64)
    }

    /// A text of `least` to `most` characters.
    pub(crate) fn text(
        &self,
        name: &str,
        at: &At,
        (least, most): (usize, usize),
        required: bool,
        mistakes: &mut Mistakes,
    ) -> Option<&'f str> {
        let at = at.to(name);
        let Some(value) = self.get(name) else {
            if required {
                mistakes.add(&at, "BASE_TYPE_REQUIRED", "This field is required");
            }
            return None;
        };
        let Some(text) = value.as_str() else {
            mistakes.add(&at, "STRING_TYPE_CONVERT", "Could not interpret value as string.");
            return None;
        };
        let length = text.chars().count();
        if required && least > 0 && text.trim().is_empty() {
            mistakes.add(&at, "BASE_TYPE_REQUIRED", "This field is required");
            return None;
        }
        if length > most && least == 0 {
            mistakes.add(&at, "BASE_TYPE_MAX_LENGTH", format!("Must be {most} or fewer in length."));
            return None;
        }
        if length < least || length > most {
            mistakes.add(
                &at,
                "BASE_TYPE_BAD_LENGTH",
                format!("Must be between {least} and {most} in length."),
            );
            return None;
        }
        Some(text)
    }

    /// A whole number within limits.
    pub(crate) fn int(
        &self,
        name: &str,
        at: &At,
        (least, most): (i64, i64),
        mistakes: &mut Mistakes,
    ) -> Option<i64> {
        let value = self.get(name)?;
        let at = at.to(name);
        let Some(number) = value.as_i64() else {
            mistakes.add(&at, "NUMBER_TYPE_COERCE", format!("Value \"{value}\" is not int."));
            return None;
        };
        if number < least || number > most {
            mistakes.add(
                &at,
                "NUMBER_TYPE_RANGE",
                format!("int value should be between {least} and {most}."),
            );
            return None;
        }
        Some(number)
    }

    /// Yes or no; `None` when it is not there.
    pub(crate) fn flag(&self, name: &str, at: &At, mistakes: &mut Mistakes) -> Option<bool> {
        let value = self.get(name)?;
        if value.as_bool().is_none() {
            mistakes.add(&at.to(name), "BOOLEAN_TYPE_CONVERT", "Must be either true or false.");
        }
        value.as_bool()
    }

    /// A list of `least` to `most` elements; empty when it is not there or not well.
    pub(crate) fn list(
        &self,
        name: &str,
        at: &At,
        (least, most): (usize, usize),
        mistakes: &mut Mistakes,
    ) -> &'f [Value] {
        let at = at.to(name);
        let Some(value) = self.get(name) else {
            if least > 0 {
                mistakes.add(&at, "BASE_TYPE_REQUIRED", "This field is required");
            }
            return &[];
        };
        let Some(list) = value.as_array() else {
            mistakes.add(&at, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType");
            return &[];
        };
        if list.len() < least || list.len() > most {
            let message = if least == 0 {
                format!("Must be {most} or fewer in length.")
            } else {
                format!("Must be between {least} and {most} in length.")
            };
            let code = if least == 0 { "BASE_TYPE_MAX_LENGTH" } else { "BASE_TYPE_BAD_LENGTH" };
            mistakes.add(&at, code, message);
            return &[];
        }
        list
    }

    /// A field that must be an object, where it is there.
    pub(crate) fn object(&self, name: &str, at: &At, mistakes: &mut Mistakes) -> Option<Form<'f>> {
        let value = self.get(name)?;
        if !value.is_object() {
            mistakes.add(&at.to(name), "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType");
            return None;
        }
        Some(Form(value))
    }

    /// An address of at most `most` characters with one of these schemes.
    pub(crate) fn url(
        &self,
        name: &str,
        at: &At,
        most: usize,
        schemes: &[&str],
        mistakes: &mut Mistakes,
    ) -> Option<&'f str> {
        let text = self.text(name, at, (0, most), false, mistakes)?;
        let at = at.to(name);
        match reqwest::Url::parse(text) {
            Ok(url) if schemes.contains(&url.scheme()) => Some(text),
            Ok(url) => {
                mistakes.add(
                    &at,
                    "URL_TYPE_INVALID_SCHEME",
                    format!(
                        "Scheme \"{}\" is not supported. Scheme must be one of {schemes:?}.",
                        url.scheme()
                    ),
                );
                None
            }
            Err(_) => {
                mistakes.add(&at, "URL_TYPE_INVALID_URL", "Not a well formed URL.");
                None
            }
        }
    }

    /// A snowflake.
    pub(crate) fn snowflake(
        &self,
        name: &str,
        at: &At,
        required: bool,
        mistakes: &mut Mistakes,
    ) -> Option<String> {
        let at = at.to(name);
        let Some(value) = self.get(name) else {
            if required {
                mistakes.add(&at, "BASE_TYPE_REQUIRED", "This field is required");
            }
            return None;
        };
        let id = snowflake_text(value);
        if id.is_none() {
            mistakes.add(&at, "NUMBER_TYPE_COERCE", format!("Value {value} is not snowflake."));
        }
        id
    }
}

/// A snowflake as text, from text or from a number.
pub(crate) fn snowflake_text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.as_u64()?.to_string(),
        _ => return None,
    };
    let well = text.parse::<u64>().is_ok_and(|number| number.to_string() == text);
    well.then_some(text)
}

/// `2026-11-22T05:00:00.000000+00:00`, as Discord writes a time.
pub(crate) fn time(at: vocabulary::Timestamp) -> String {
    at.rfc3339().replace('Z', "000+00:00")
}

//! A request body, read leniently: unknown keys are ignored, wrong types are not.

use crate::exchange::Incoming;
use serde_json::{Map, Value};

/// The body of a call.
pub(super) struct Request(Map<String, Value>);

/// Reads the body, or says what is wrong with it.
pub(super) fn read(incoming: &Incoming) -> Result<Request, String> {
    if incoming.unreadable {
        return Err("body terlalu besar atau terputus".into());
    }
    let content_type = incoming.header("content-type").unwrap_or_default().to_ascii_lowercase();
    if !content_type.starts_with("application/json") {
        return Err("Content-Type harus application/json".into());
    }
    match serde_json::from_slice(&incoming.body) {
        Ok(Value::Object(object)) => Ok(Request(object)),
        Ok(_) => Err("bukan objek JSON".into()),
        Err(error) => Err(format!("JSON tidak terbaca: {error}")),
    }
}

impl Request {
    /// A text that is not empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// A whole number, when it is given; a text of digits counts, too.
    pub(super) fn whole(&self, name: &str) -> Result<Option<i64>, String> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Number(number)) => {
                number.as_i64().map(Some).ok_or_else(|| format!("{name} harus bilangan bulat"))
            }
            Some(Value::String(text)) => {
                text.parse().map(Some).map_err(|_| format!("{name} harus bilangan bulat"))
            }
            Some(_) => Err(format!("{name} harus bilangan bulat")),
        }
    }

    /// True, false, or not given, which is false.
    pub(super) fn flag(&self, name: &str) -> Result<bool, String> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(format!("{name} harus true atau false")),
        }
    }
}

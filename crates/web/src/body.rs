//! Reading a JSON body field by field, so that everything that is wrong with it is told at once,
//! each with its place; unknown and repeated fields included.

use crate::{
    problem::{FieldProblem, Kind, Problem},
    words::{Words, words},
};
use axum::{
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse as _,
};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use std::{fmt, str::FromStr};
use vocabulary::Rupiah;

/// The most rupiah that a body can name.
const MOST_RUPIAH: u64 = 1_000_000_000_000;

/// The fields of a JSON object, taken one after the other.
pub(crate) struct Fields {
    entries: Vec<(String, Value)>,
    problems: Vec<FieldProblem>,
}

/// The body as received, at most [`crate::BODY_LIMIT`] bytes.
pub(crate) struct RawBody(pub(crate) Bytes);

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        received(request, state, Problem::too_large).await.map(RawBody)
    }
}

/// A file as received, at most `most` bytes; `too_large` says that it has more.
pub(crate) async fn file(
    mut request: Request,
    most: usize,
    too_large: impl FnOnce() -> Problem,
) -> Result<Bytes, Problem> {
    DefaultBodyLimit::max(most).apply(&mut request);
    received(request, &(), too_large).await
}

async fn received<S: Send + Sync>(
    request: Request,
    state: &S,
    too_large: impl FnOnce() -> Problem,
) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state).await.map_err(|rejection| {
        if rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE {
            too_large()
        } else {
            malformed(words("Isi permintaan terputus.", "The body broke off."))
        }
    })
}

/// The fields of a body whatever its content type says: for controls that are tried with a plain
/// `curl -d`.
pub(crate) struct AnyFields(pub(crate) Fields);

impl<S: Send + Sync> FromRequest<S> for AnyFields {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let RawBody(bytes) = RawBody::from_request(request, state).await?;
        Fields::parse(&bytes).map(AnyFields)
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            let detail =
                words("Kirim Content-Type: application/json.", "Send Content-Type: application/json.");
            return Err(Problem::new(Kind::UnsupportedMediaType, detail));
        }
        let RawBody(bytes) = RawBody::from_request(request, state).await?;
        Fields::parse(&bytes)
    }
}

impl Fields {
    fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        match serde_json::from_slice::<Entries>(bytes) {
            Ok(Entries { entries, repeated }) => {
                let twice = |name: String| {
                    FieldProblem::new(&name, words("Isian ini ada dua kali.", "This field is there twice."))
                };
                Ok(Fields { entries, problems: repeated.into_iter().map(twice).collect() })
            }
            Err(error) if error.is_data() => {
                let detail = words("Isi harus berupa objek JSON.", "The body must be a JSON object.");
                Err(Problem::fields(vec![FieldProblem { pointer: String::new(), detail }]))
            }
            Err(error) => Err(malformed(words(
                format!("Isi bukan JSON yang benar (baris {}, kolom {}).", error.line(), error.column()),
                format!("The body is not JSON (line {}, column {}).", error.line(), error.column()),
            ))),
        }
    }

    /// A text that must be there.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        if self.entries.iter().all(|(n, v)| n != name || v.is_null()) {
            self.take(name);
            self.refuse(name, words("Isian ini wajib ada.", "This field is required."));
            return None;
        }
        self.optional_text(name)
    }

    /// A text that may be left out (or null).
    pub(crate) fn optional_text(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            Value::Null => None,
            Value::String(text) => Some(text),
            _ => {
                self.refuse(
                    name,
                    words("Isian ini harus berupa teks dalam tanda kutip.", "This field must be a string."),
                );
                None
            }
        }
    }

    /// A word that must be there and must be read as `T`.
    pub(crate) fn parsed<T: FromStr>(&mut self, name: &str, rule: Words) -> Option<T> {
        let text = self.text(name)?;
        self.read(name, &text, rule)
    }

    /// A word that may be left out, and must be read as `T` when it is there.
    pub(crate) fn optional_parsed<T: FromStr>(&mut self, name: &str, rule: Words) -> Option<T> {
        let text = self.optional_text(name)?;
        self.read(name, &text, rule)
    }

    /// A whole number from `least` to `most` that must be there.
    pub(crate) fn number(&mut self, name: &str, (least, most): (u64, u64)) -> Option<u64> {
        let number = self.take(name).as_ref().and_then(Value::as_u64).filter(|n| (least..=most).contains(n));
        if number.is_none() {
            let rule = words(
                format!("Isi dengan bilangan bulat {least} sampai {most}."),
                format!("This field must be a whole number from {least} to {most}."),
            );
            self.refuse(name, rule);
        }
        number
    }

    /// A whole number from `least` to `most` that may be left out (or null).
    pub(crate) fn optional_number(&mut self, name: &str, within: (u64, u64)) -> Option<u64> {
        match self.take(name)? {
            Value::Null => None,
            given => {
                self.entries.push((name.to_owned(), given));
                self.number(name, within)
            }
        }
    }

    /// An amount in whole rupiah, at least so much, that must be there.
    pub(crate) fn rupiah(&mut self, name: &str, least: u64) -> Option<Rupiah> {
        self.number(name, (least, MOST_RUPIAH)).and_then(rupiah)
    }

    /// An amount in whole rupiah, at least so much, that may be left out (or null).
    pub(crate) fn optional_rupiah(&mut self, name: &str, least: u64) -> Option<Rupiah> {
        self.optional_number(name, (least, MOST_RUPIAH)).and_then(rupiah)
    }

    /// Refuses a field.
    pub(crate) fn refuse(&mut self, name: &str, detail: Words) {
        self.problems.push(FieldProblem::new(name, detail));
    }

    /// What was read, if nothing is wrong and nothing is left over.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub(crate) fn finish<T>(mut self, read: Option<T>) -> Result<T, Problem> {
        for (name, _) in self.entries.iter().take(20) {
            let shown: String = name.chars().take(64).collect();
            let unknown = words("Isian ini tidak dikenal.", "This field is not known.");
            self.problems.push(FieldProblem::new(&shown, unknown));
        }
        match read {
            Some(read) if self.problems.is_empty() => Ok(read),
            _ => Err(Problem::fields(self.problems)),
        }
    }

    fn read<T: FromStr>(&mut self, name: &str, text: &str, rule: Words) -> Option<T> {
        let read = text.parse().ok();
        if read.is_none() {
            self.refuse(name, rule);
        }
        read
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        let place = self.entries.iter().position(|(n, _)| n == name)?;
        Some(self.entries.swap_remove(place).1)
    }
}

fn rupiah(amount: u64) -> Option<Rupiah> {
    i64::try_from(amount).ok().map(Rupiah::new)
}

fn malformed(detail: Words) -> Problem {
    Problem::new(Kind::Malformed, detail)
}

fn is_json(headers: &HeaderMap) -> bool {
    let text = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// A JSON object whose repeated names are noticed instead of silently overwritten.
struct Entries {
    entries: Vec<(String, Value)>,
    repeated: Vec<String>,
}

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Entries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut read = Entries { entries: Vec::new(), repeated: Vec::new() };
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if read.entries.iter().any(|(n, _)| *n == name) {
                        if read.repeated.len() < 20 && !read.repeated.contains(&name) {
                            read.repeated.push(name);
                        }
                    } else if read.entries.len() < 100 {
                        read.entries.push((name, value));
                    }
                }
                Ok(read)
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

//! What several of these products have in common: how their things are told from what was kept of them, and
//! forms of what a merchant sends that payment requests do not have.

use super::super::{
    read::{self, Object},
    refusal::Refusal,
};
use super::{Outcome, item};
use crate::{
    exchange::Reply,
    shelf::{self, Item},
    world::{Target, World, uuid_bits},
};
use database::{Error, WriteTx};
use serde::Serialize;
use serde_json::{Value, json};
use vocabulary::Timestamp;

/// The banks that the older products know. UNVERIFIED.
pub(super) const BANKS: [&str; 7] = ["BCA", "BNI", "BRI", "BSI", "CIMB", "MANDIRI", "PERMATA"];

/// The fields of an object.
pub(super) fn fields(object: Value) -> Object {
    match object {
        Value::Object(fields) => fields,
        _ => Object::new(),
    }
}

/// Something as it is told: what was kept of it, and more.
pub(super) fn told(item: &Item, more: Value) -> Object {
    let mut told = item.body.clone();
    told.extend(fields(more));
    told
}

/// The same with the names that all of the older products have.
pub(super) fn told_as(item: &Item, status: &str) -> Object {
    told(item, json!({"id": item.id, "external_id": item.reference, "status": status}))
}

/// An answer to what was done or asked.
pub(super) fn reply(body: &impl Serialize) -> Outcome {
    Ok(Reply::json(200, body).plain_http())
}

/// A number that was kept of something, or none.
pub(super) fn number(item: &Item, name: &str) -> i64 {
    item.body.get(name).and_then(Value::as_i64).unwrap_or_default()
}

/// A new id as the older products have them: 24 hexadecimal digits.
pub(super) fn object_id(world: &World) -> String {
    world.uuid().chars().filter(|c| *c != '-').take(24).collect()
}

/// Whether a text has the form of such an id.
pub(super) fn is_object_id(text: &str) -> bool {
    text.len() == 24 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Whether a text is a UUID behind some letters.
pub(super) fn is_uuid(prefix: &str, text: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|uuid| uuid.len() == 36 && uuid_bits(uuid).is_some())
}

/// What a query gives under a name.
pub(super) fn given(query: &str, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(given, _)| given == name).map(|(_, value)| value.into_owned())
}

/// Whether something was sent by this name.
pub(super) fn has(body: &Object, name: &str) -> bool {
    body.get(name).is_some_and(|value| !value.is_null())
}

/// An optional yes or no.
pub(super) fn flag(body: &Object, name: &str) -> Result<Option<bool>, Refusal> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(_) => Err(Refusal::invalid(format!("{name} is true or false"))),
    }
}

/// An optional whole number, more than none.
pub(super) fn count(body: &Object, name: &str) -> Result<Option<i64>, Refusal> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_i64().filter(|count| *count > 0) {
            Some(count) => Ok(Some(count)),
            None => Err(Refusal::invalid(format!("{name} is a whole number, more than none"))),
        },
    }
}

/// The currency, where it can be left out: rupiah.
pub(super) fn rupiah(body: &Object) -> Result<(), Refusal> {
    if has(body, "currency") { read::rupiah(body) } else { Ok(()) }
}

/// An optional address of a page.
pub(super) fn url<'a>(body: &'a Object, name: &str) -> Result<Option<&'a str>, Refusal> {
    let url = read::text(body, name, 2_048)?;
    match url.is_none_or(|url| url.starts_with("https://") || url.starts_with("http://")) {
        true => Ok(url),
        false => Err(Refusal::invalid(format!("{name} is a URL"))),
    }
}

/// An address of e-mail that has to be there.
pub(super) fn email<'a>(body: &'a Object, name: &str) -> Result<&'a str, Refusal> {
    let email = read::required(body, name, 254)?;
    if is_email(email) { Ok(email) } else { Err(Refusal::invalid(format!("{name} is an e-mail address"))) }
}

/// Addresses of e-mail that are told of something, by the three ways to address; those that were given.
pub(super) fn emails(body: &Object) -> Result<Object, Refusal> {
    let mut given = Object::new();
    for name in ["email_to", "email_cc", "email_bcc"] {
        match body.get(name) {
            None | Some(Value::Null) => {}
            Some(Value::Array(all)) if all.iter().all(|one| one.as_str().is_some_and(is_email)) => {
                if !all.is_empty() {
                    given.insert(name.to_owned(), json!(all));
                }
            }
            Some(_) => return Err(Refusal::invalid(format!("{name} is a list of e-mail addresses"))),
        }
    }
    Ok(given)
}

/// Whether a text has the form of an address of e-mail.
pub(super) fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(who, at)| !who.is_empty() && at.contains('.') && !at.contains('@'))
}

/// What the merchant keeps with something: as given, or nothing in it.
pub(super) fn metadata(body: &Object) -> Result<Value, Refusal> {
    match read::metadata(body)? {
        Value::Null => Ok(json!({})),
        metadata => Ok(metadata),
    }
}

/// An optional moment that is still to come.
pub(super) fn to_come(body: &Object, name: &str, now: Timestamp) -> Result<Option<Timestamp>, Refusal> {
    let Some(text) = read::text(body, name, 64)? else { return Ok(None) };
    let moment = Timestamp::parse_rfc3339(text).ok().filter(|moment| *moment > now);
    moment.map(Some).ok_or_else(|| Refusal::invalid(format!("{name} is a moment that is still to come")))
}

/// Whether the moment that something tells by this name is over.
pub(super) fn is_over(item: &Item, name: &str, now: Timestamp) -> bool {
    let end = item.body.get(name).and_then(Value::as_str);
    end.and_then(|end| Timestamp::parse_rfc3339(end).ok()).is_some_and(|end| end <= now)
}

/// Takes a number that no two can have; false if it is taken.
pub(super) async fn take(
    tx: &mut WriteTx,
    (numbers, number): (&str, &str),
    owner: &str,
    now: Timestamp,
) -> Result<bool, Error> {
    if shelf::find(tx, Target::Xendit, numbers, number).await?.is_some() {
        return Ok(false);
    }
    shelf::insert(tx, &item(numbers, number.to_owned(), owner, "TAKEN", Object::new(), now)).await?;
    Ok(true)
}

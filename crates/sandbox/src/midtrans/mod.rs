//! The simulated Midtrans: Core and Snap. Who may call it, and which call is which.

mod answer;
mod body;
mod books;
mod buyer;
mod card;
mod channel;
mod charge;
mod modify;
mod notify;
mod ovo;
mod qr;
mod read;
mod refund;
pub(crate) mod snap;
mod subscription;

pub(crate) use answer::wallet_url;
pub(crate) use body::status_answer_code;
pub(crate) use books::{
    PaymentType, Refund, Status, Transaction, due_next as next_due, find, moved, newest, of_order, refunds,
    waiting,
};
pub(crate) use buyer::{Candidates, Chosen, candidates, choose, settle};
pub(crate) use channel::Channel;
pub(crate) use ovo::{ACCEPT_WINDOW, Phone};
pub(crate) use qr::payload as qr_payload;

use crate::{
    exchange::{Incoming, Reply},
    faults::Fault,
    settings::MIDTRANS_SERVER_KEY,
    worker,
    world::{World, uuid_bits, uuid_text},
};
use axum::http::Method;
use base64::{Engine, engine::general_purpose::STANDARD};
use database::{Error, WriteTx};
use serde::Serialize;
use subtle::ConstantTimeEq;
use vocabulary::Timestamp;

/// Why a call is refused, in the vendor's codes.
#[derive(Debug)]
struct Refusal {
    code: u16,
    message: String,
    fields: Vec<String>,
}

#[derive(Serialize)]
struct RefusalBody<'a> {
    status_code: String,
    status_message: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    validation_messages: &'a [String],
    id: String,
}

impl Refusal {
    fn new(code: u16, message: &str) -> Self {
        Refusal { code, message: message.into(), fields: Vec::new() }
    }

    fn invalid(field: impl Into<String>) -> Self {
        Refusal {
            code: 400,
            message: "One or more parameters in the payload is invalid.".into(),
            fields: vec![field.into()],
        }
    }

    fn wrong_type(field: &str) -> Self {
        Refusal {
            code: 408,
            message: "Wrong data type.".into(),
            fields: vec![format!("{field} has the wrong data type")],
        }
    }

    fn not_found() -> Self {
        Refusal::new(404, "Transaction doesn't exist.")
    }

    fn cannot_modify() -> Self {
        Refusal::new(412, "Merchant cannot modify the status of the transaction.")
    }

    fn reply(&self, world: &World) -> Reply {
        let body = RefusalBody {
            status_code: self.code.to_string(),
            status_message: &self.message,
            validation_messages: &self.fields,
            id: world.uuid(),
        };
        Reply::json(self.code, &body)
    }
}

/// What it says itself of a call that it does nothing about (§1.3: 429). Everything else is said by who stands in
/// front of it.
pub(crate) fn without_effect(world: &World, path: &str, fault: Fault) -> Option<Reply> {
    const TOO_MANY: &str = "Too many requests.";
    match fault {
        Fault::RateLimited if path.starts_with("/snap/") => Some(snap::refused(429, &[TOO_MANY.to_owned()])),
        Fault::RateLimited => Some(Refusal::new(429, TOO_MANY).reply(world).plain_http()),
        _ => None,
    }
}

/// Answers one call.
pub(crate) async fn answer(
    world: &World,
    tx: &mut WriteTx,
    incoming: &Incoming,
    now: Timestamp,
) -> Result<Reply, Error> {
    worker::catch_up(world, tx, now).await?;
    let segments: Vec<&str> = incoming.path.split('/').filter(|s| !s.is_empty()).collect();
    if let ["v2", "gopay" | "qris", id, "qr-code"] | ["v4", "qris", "gopay", id, "qr-code"] =
        segments.as_slice()
    {
        return qr_image(world, tx, incoming, id).await;
    }
    if let ["snap", "v1", rest @ ..] = segments.as_slice() {
        return snap::answer(world, tx, incoming, rest, now).await;
    }
    if !is_authorised(incoming) {
        let text = "Transaction cannot be authorized with the current client/server key.";
        return Ok(Refusal::new(401, text).reply(world).plain_http());
    }
    if incoming.unreadable {
        return Ok(Refusal::new(413, "The request body is too large or broke off.").reply(world));
    }
    if let ["v1", "subscriptions", rest @ ..] = segments.as_slice() {
        return subscription::answer(world, tx, incoming, rest, now).await;
    }
    let (post, get) = (incoming.method == Method::POST, incoming.method == Method::GET);
    let outcome = match segments.as_slice() {
        ["v2", "charge"] if post => charge::charge(world, tx, incoming, now).await?,
        ["v2", "capture"] if post => card::capture(tx, incoming, now).await?,
        ["v2", id, "status"] if get => modify::status(world, tx, incoming, id, now).await?,
        ["v2", id, "status", "b2b"] if get => modify::status_of_all(tx, incoming, id, now).await?,
        ["v2", id, "cancel"] if post => modify::cancel(world, tx, incoming, id, now).await?,
        ["v2", id, "expire"] if post => modify::expire(world, tx, incoming, id, now).await?,
        ["v2", id, verb @ ("approve" | "deny")] if post => {
            card::review(tx, id, *verb == "approve", now).await?
        }
        ["v2", id, "refund"] | ["v2", id, "refund", "online", "direct"] if post => {
            refund::refund(world, tx, incoming, id, now).await?
        }
        ["v2", "charge" | "capture"]
        | ["v2", _, "status" | "cancel" | "expire" | "refund" | "approve" | "deny"]
        | ["v2", _, "status", "b2b"]
        | ["v2", _, "refund", "online", "direct"] => {
            return Ok(Refusal::new(405, "HTTP method is not allowed.").reply(world).plain_http());
        }
        _ => return Ok(Refusal::new(404, "The requested resource is not found.").reply(world).plain_http()),
    };
    Ok(outcome.unwrap_or_else(|refusal| refusal.reply(world)))
}

/// Lets payments expire whose time is over.
pub(crate) async fn expire_due(world: &World, tx: &mut WriteTx, now: Timestamp) -> Result<(), Error> {
    for mut transaction in books::due(tx, now).await? {
        transaction.status = Status::Expire;
        books::save(tx, &transaction).await?;
        notify::notify(world, tx, &transaction, now).await?;
    }
    Ok(())
}

/// The transaction that a call is about. One of DANA is found only by its transaction id and only when
/// the call says where it came from (contracts/payments §1.6; `expire` is taken to be alike).
async fn addressed(tx: &mut WriteTx, incoming: &Incoming, id: &str) -> Result<Option<Transaction>, Error> {
    let from_snap = incoming.header("transaction-source") == Some("SNAP_API");
    let found = books::find(tx, id).await?;
    Ok(found.filter(|t| t.payment_type != PaymentType::Dana || (from_snap && t.transaction_id == id)))
}

/// The QR code's picture needs no key: it is what a merchant's page links to.
async fn qr_image(world: &World, tx: &mut WriteTx, incoming: &Incoming, id: &str) -> Result<Reply, Error> {
    if incoming.method != Method::GET {
        return Ok(Refusal::new(405, "HTTP method is not allowed.").reply(world).plain_http());
    }
    let id = read_qr_id(id).unwrap_or_else(|| id.to_owned());
    let found = books::find(tx, &id).await?.filter(|t| t.transaction_id == id && t.has_qr());
    let Some(transaction) = found else {
        return Ok(Refusal::not_found().reply(world).plain_http());
    };
    match vocabulary::qr::png(&qr::payload(&transaction)) {
        Ok(image) => Ok(Reply::png(image)),
        Err(error) => Ok(Refusal::new(500, &error.to_string()).reply(world).plain_http()),
    }
}

/// The id in the address of the second kind of picture: `A1…ID`.
fn qr_id(transaction_id: &str) -> String {
    format!("A1{:032X}ID", uuid_bits(transaction_id).unwrap_or_default())
}

fn read_qr_id(id: &str) -> Option<String> {
    let hex = id.strip_prefix("A1")?.strip_suffix("ID")?;
    uuid_bits(hex).map(uuid_text)
}

fn is_authorised(incoming: &Incoming) -> bool {
    let given = incoming.header("authorization").and_then(|v| v.split_once(' '));
    let Some((scheme, credentials)) = given else { return false };
    let expected = credentials_of(MIDTRANS_SERVER_KEY);
    scheme.eq_ignore_ascii_case("basic")
        && bool::from(credentials.trim().as_bytes().ct_eq(expected.as_bytes()))
}

/// Basic credentials: the server key as user name, and no password.
fn credentials_of(server_key: &str) -> String {
    STANDARD.encode(format!("{server_key}:"))
}

/// A body that must be a JSON object; an empty one counts as `{}` where `optional`.
fn read_object(incoming: &Incoming) -> Result<serde_json::Map<String, serde_json::Value>, Refusal> {
    let malformed = |why: String| {
        Refusal::new(
            413,
            &format!("The request cannot be processed due to malformed syntax in the request body: {why}"),
        )
    };
    let content_type = incoming.header("content-type").unwrap_or_default().to_ascii_lowercase();
    if !incoming.body.is_empty() && !content_type.starts_with("application/json") {
        return Err(malformed("Content-Type is not application/json".into()));
    }
    match serde_json::from_slice(&incoming.body) {
        Ok(serde_json::Value::Object(object)) => Ok(object),
        Ok(_) => Err(malformed("not an object".into())),
        Err(error) => Err(malformed(error.to_string())),
    }
}

/// Like [`read_object`], where no body at all is fine, too.
fn read_optional_object(incoming: &Incoming) -> Result<serde_json::Map<String, serde_json::Value>, Refusal> {
    if incoming.body.is_empty() { Ok(serde_json::Map::new()) } else { read_object(incoming) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_those_of_the_vectors() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/fixtures/midtrans_signatures.json")).unwrap();
        let vector = &vectors["midtrans_basic_auth"];
        let header =
            format!("Authorization: Basic {}", credentials_of(vector["server_key"].as_str().unwrap()));
        assert_eq!(header, vector["header"].as_str().unwrap());
    }

    #[test]
    fn the_id_of_the_second_picture_leads_back_to_the_transaction() {
        let id = "b58dcdee-8b8c-4d5c-9d3a-0f0f0f0f0f0f";
        assert!(qr_id(id).starts_with("A1") && qr_id(id).ends_with("ID"));
        assert_eq!(read_qr_id(&qr_id(id)).as_deref(), Some(id));
        assert_eq!(read_qr_id("A1xyzID"), None);
        assert_eq!(read_qr_id(id), None);
    }
}

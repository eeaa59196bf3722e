//! Xendit (`contracts/payments.md` §3): an adapter in front of a party that answers as it is told.

mod charge;
mod close;
mod keys;
mod refund;
mod status;
mod trouble;
mod webhook;

use crate::{
    kept::keep,
    server::{Reply, Seen, Server, answer},
};
use outside::Http;
use payments::{
    ChargeRequest, Sent,
    gateways::xendit::{Settings, Xendit},
};
use serde_json::{Value, json};
use vocabulary::{PaymentMethod, PhoneNumber, Rupiah, Secret, Timestamp};

/// The reference in every fixture.
const REFERENCE: &str = "LK0123456789-P1";
/// Their id in every fixture.
const ID: &str = "pr-1fdaf346-dd2e-4b6c-b938-124c7167a822";
const METHOD: &str = "pm-6e1b1a8e-c6c7-4ab4-81a6-893be9d924ab";
const VECTORS: &str = include_str!("../../fixtures/xendit_vectors.json");
const OVO: &str = include_str!("../../fixtures/xendit/v2_ovo_response.json");
const DANA: &str = include_str!("../../fixtures/xendit/v2_dana_response.json");

fn vector(name: &str) -> String {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    vectors.pointer(name).unwrap().as_str().unwrap().to_owned()
}

fn token() -> String {
    vector("/webhook_header/x-callback-token")
}

fn settings(base_url: &str) -> Settings {
    Settings {
        base_url: base_url.to_owned(),
        secret_key: Secret::new(vector("/secret_key")),
        callback_token: Secret::new(token()),
        previous_secret_key: None,
        previous_callback_token: None,
        previous_until: None,
    }
}

fn xendit(base_url: &str) -> Xendit {
    Xendit::new(Http::new().unwrap(), settings(base_url))
}

/// A party with this rule, and the adapter in front of it.
fn scene(rule: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> (Server, Xendit) {
    let server = Server::start(move |seen| {
        keep("xendit", seen, || vector("/secret_key"));
        rule(seen)
    });
    let gateway = xendit(&server.url);
    (server, gateway)
}

/// A charge as in §3.3.
fn charge_request(method: PaymentMethod) -> ChargeRequest {
    let now = Timestamp::parse_rfc3339("2026-11-22T05:00:00Z").unwrap();
    ChargeRequest {
        reference: REFERENCE.parse().unwrap(),
        method,
        amount: Rupiah::new(25_000),
        item_code: "ML_86".into(),
        item_name: "86 Diamonds".into(),
        now,
        expires_at: now.plus(std::time::Duration::from_secs(900)),
        notify_url: Some("https://store.example/webhooks/xendit".into()),
        return_url: Some("https://store.example/pay/return".into()),
        phone: Some(PhoneNumber::parse("081234567890").unwrap()),
    }
}

/// The payment of [`charge_request`], open and with its id.
fn sent(method: PaymentMethod) -> Sent {
    let request = charge_request(method);
    Sent {
        reference: request.reference,
        method: request.method,
        amount: request.amount,
        transaction_id: Some(ID.into()),
        was_open: true,
        closing: None,
        expires_at: request.expires_at,
        now: request.now,
    }
}

/// The same after a charge whose answer was lost.
fn lost(method: PaymentMethod) -> Sent {
    Sent { transaction_id: None, was_open: false, ..sent(method) }
}

/// A fixture with some fields changed, each by its JSON pointer; `null` takes one away.
fn with(fixture: &str, changes: &[(&str, Value)]) -> String {
    let mut body: Value = serde_json::from_str(fixture).unwrap();
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        match value {
            Value::Null => drop(parent.remove(name)),
            value => drop(parent.insert(name.to_owned(), value.clone())),
        }
    }
    body.to_string()
}

/// The fixture in this state.
fn in_state(fixture: &str, status: &str) -> String {
    with(fixture, &[("/status", json!(status))])
}

/// A list as they answer it.
fn list(items: &[&str]) -> String {
    format!(r#"{{"data":[{}],"has_more":false}}"#, items.join(","))
}

/// A party that has this request, and lists these payments and refunds of it.
fn party(request: String, payments: String, refunds: String) -> (Server, Xendit) {
    scene(move |seen| match seen.line.as_str() {
        line if line.starts_with("GET /payment_requests?") => answer(200, &[], list(&[&request])),
        line if line.starts_with("GET /payment_requests/") => answer(200, &[], &request),
        line if line.ends_with("/payments") => answer(200, &[], &payments),
        line if line.starts_with("GET /refunds?") => answer(200, &[], &refunds),
        line => panic!("{line}"),
    })
}

fn nothing() -> String {
    list(&[])
}

/// A payment of the fixture's request, as they list it.
fn payment(status: &str, amount: impl Into<Value>) -> String {
    let amount: Value = amount.into();
    json!({
        "id": "py-1", "payment_request_id": ID, "reference_id": REFERENCE, "currency": "IDR", "amount": amount,
        "status": status,
    })
    .to_string()
}

/// A refund of it, as they list it.
fn given(status: &str, amount: impl Into<Value>) -> String {
    let amount: Value = amount.into();
    json!({
        "id": "rfd-1", "payment_request_id": ID, "reference_id": "LK0123456789-R9", "currency": "IDR",
        "amount": amount, "status": status,
    })
    .to_string()
}

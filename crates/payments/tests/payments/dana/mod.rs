//! DANA (`contracts/payments.md` §2): an adapter in front of a party that answers as it is told.

mod charge;
mod close;
mod keys;
mod options;
mod refund;
mod status;
mod trouble;
mod webhook;

use crate::{
    kept::keep,
    server::{Reply, Seen, Server},
};
use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    rsa::{KeyPair, KeySize},
    signature::KeyPair as _,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use outside::Http;
use payments::{
    ChargeRequest, Sent,
    gateways::dana::{Dana, Settings},
};
use serde_json::Value;
use std::sync::LazyLock;
use vocabulary::{Clock, Ids, PaymentMethod, Rupiah, Secret, Timestamp};

/// The merchant of the contract's vectors.
const MERCHANT: &str = "216620000220693657669";
/// The reference in every fixture.
const REFERENCE: &str = "LK0123456789-P1";
/// Real time in every test.
const REAL_NOW: &str = "2026-11-22T12:00:00+07:00";

/// Our key, and DANA's; made anew for each run.
static OURS: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate(KeySize::Rsa2048).unwrap());
static THEIRS: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate(KeySize::Rsa2048).unwrap());

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

fn private_pem(pair: &KeyPair) -> String {
    let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    pem("PRIVATE KEY", der.as_ref())
}

fn public_pem(pair: &KeyPair) -> String {
    let der: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    pem("PUBLIC KEY", der.as_ref())
}

fn settings(base_url: &str) -> Settings {
    Settings {
        base_url: base_url.to_owned(),
        origin: "https://store.example".into(),
        partner_id: "partner-1".into(),
        merchant_id: MERCHANT.into(),
        store_id: "STORE-01".into(),
        private_key: Secret::new(private_pem(&OURS)),
        previous_private_key: None,
        gateway_public_key: public_pem(&THEIRS),
        previous_gateway_public_key: None,
        previous_until: None,
    }
}

fn with_settings(settings: Settings) -> Dana {
    let clock = Clock::manual(Timestamp::parse_rfc3339(REAL_NOW).unwrap());
    // Business time is ahead, as it may be in the sandbox; signatures must not care.
    clock.raise_offset_ms(86_400_000);
    Dana::new(Http::new().unwrap(), settings, clock, Ids::seeded(1)).unwrap()
}

fn dana(base_url: &str) -> Dana {
    with_settings(settings(base_url))
}

/// A party with this rule, and the adapter in front of it.
fn scene(rule: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> (Server, Dana) {
    let server = Server::start(move |seen| {
        keep("dana", seen, || private_pem(&OURS));
        rule(seen)
    });
    let gateway = dana(&server.url);
    (server, gateway)
}

/// An order as in §2.3.
fn charge_request(method: PaymentMethod) -> ChargeRequest {
    ChargeRequest {
        reference: REFERENCE.parse().unwrap(),
        method,
        amount: Rupiah::new(25_000),
        item_code: "ML_86".into(),
        item_name: "86 Diamonds".into(),
        now: Timestamp::parse_wib("2026-11-22 12:00:00").unwrap(),
        expires_at: Timestamp::parse_wib("2026-11-22 12:30:00").unwrap(),
        notify_url: Some("https://store.example/v1.0/debit/notify".into()),
        return_url: Some("https://store.example/pay/return".into()),
        phone: None,
    }
}

/// The payment of [`charge_request`], to ask about or to close.
fn sent() -> Sent {
    let request = charge_request(PaymentMethod::DanaQr);
    Sent {
        reference: request.reference,
        method: request.method,
        amount: request.amount,
        transaction_id: None,
        was_open: true,
        closing: None,
        expires_at: request.expires_at,
        now: request.now,
    }
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

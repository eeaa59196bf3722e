//! A Midtrans adapter in front of a party that answers as it is told.

use crate::{
    kept::keep,
    server::{Reply, Seen, Server},
};
use outside::Http;
use payments::{
    ChargeRequest, Sent,
    gateways::midtrans::{Midtrans, Settings},
};
use serde_json::Value;
use vocabulary::{PaymentMethod, Reference, Rupiah, Secret, Timestamp};

/// The key of the contract's vectors.
pub(crate) const KEY: &str = "SB-Mid-server-TESTKEY0001";
/// The reference in every fixture.
pub(crate) const REFERENCE: &str = "LK0123456789-P1";
/// A QRIS code for the amount of [`charge_request`]: the synthetic one of `vectors/payments.json` otherwise.
pub(crate) const QRIS: &str = "00020101021226690017ID.CO.EXAMPLE.WWW011893600914000000000102150000000000000010303UMI51440014ID.CO.QRIS.WWW0215ID10200000000010303UMI52045816530336054062750005802ID5918DISCORD TOPUP TEST6007JAKARTA61051011062070703A0163043930";

pub(crate) fn reference() -> Reference {
    REFERENCE.parse().unwrap()
}

/// The charge of [`charge_request`], to ask about or to close.
pub(crate) fn sent() -> Sent {
    let request = charge_request();
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

pub(crate) fn settings(base_url: &str) -> Settings {
    Settings {
        base_url: base_url.to_owned(),
        snap_url: Some(format!("{base_url}/snap/v1")),
        server_key: Secret::new(KEY),
        previous_server_key: None,
        previous_until: None,
    }
}

pub(crate) fn midtrans(base_url: &str) -> Midtrans {
    Midtrans::new(Http::new().unwrap(), settings(base_url))
}

/// A party with this rule, and the adapter in front of it.
pub(crate) fn scene(rule: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> (Server, Midtrans) {
    let server = Server::start(move |seen| {
        keep("midtrans", seen, || KEY.to_owned());
        as_asked(seen, rule(seen))
    });
    let gateway = midtrans(&server.url);
    (server, gateway)
}

/// The contract's examples answer other amounts than they were asked for. A payment is for what it was opened for.
fn as_asked(seen: &Seen, reply: Reply) -> Reply {
    let Reply::Bytes(bytes) = &reply else { return reply };
    let Some(text) = std::str::from_utf8(bytes).ok() else { return reply };
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return reply };
    let asked: Value = serde_json::from_str(&seen.body).unwrap_or_default();
    let asked = asked["transaction_details"]["gross_amount"].as_i64();
    let mut told = body.replace("amount=10000&", &format!("amount={}&", asked.unwrap_or(275_000)));
    for (example, asked) in [10_000, 30_000].into_iter().zip(asked.into_iter().cycle()) {
        let gross = |amount: i64| format!("\"gross_amount\":\"{amount}.00\"");
        told = told.replace(&gross(example), &gross(asked));
    }
    let length = |body: &str| format!("Content-Length: {}", body.len());
    let head = head.replace(&length(body), &length(&told));
    Reply::Bytes([head.as_bytes(), b"\r\n\r\n", told.as_bytes()].concat())
}

/// A charge as in §1.3.
pub(crate) fn charge_request() -> ChargeRequest {
    ChargeRequest {
        reference: reference(),
        method: PaymentMethod::GopayQr,
        amount: Rupiah::new(275_000),
        item_code: "ML_86".into(),
        item_name: "Mobile Legends 86 Diamonds".into(),
        now: Timestamp::parse_wib("2016-12-07 11:54:12").unwrap(),
        expires_at: Timestamp::parse_wib("2016-12-07 12:54:12").unwrap(),
        notify_url: None,
        return_url: None,
        phone: None,
    }
}

/// A fixture with the addresses that it names at the party that was asked.
pub(crate) fn at_home(fixture: &str, request: &Seen) -> String {
    fixture.replace("$BASE", &format!("http://{}", request.header("host").unwrap()))
}

/// A fixture with some fields changed; `null` takes one away.
pub(crate) fn with(fixture: &str, changes: &Value) -> String {
    let mut body: Value = serde_json::from_str(fixture).unwrap();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(body.as_object_mut().unwrap().remove(name)),
            value => body[name] = value.clone(),
        }
    }
    body.to_string()
}

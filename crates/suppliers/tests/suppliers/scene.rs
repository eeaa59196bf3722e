//! A Digiflazz adapter in front of a party that answers as it is told.

use crate::server::{Reply, Seen, Server};
use outside::Http;
use serde_json::Value;
use suppliers::{
    Ask, Purchase,
    adapters::digiflazz::{Digiflazz, Settings},
};
use vocabulary::{Rupiah, Secret, Timestamp};

/// The moment of every send.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_795_323_600_000);

/// The reference in every fixture.
pub(crate) const REFERENCE: &str = "LK0123456789-F1";

pub(crate) fn settings(base_url: &str) -> Settings {
    Settings {
        base_url: base_url.to_owned(),
        username: "testuser".into(),
        api_key: Secret::new("dev-0000"),
        webhook_secret: Secret::new("somesecretvalue"),
        previous_webhook_secret: None,
        previous_until: None,
    }
}

pub(crate) fn digiflazz(base_url: &str) -> Digiflazz {
    Digiflazz::new(Http::new().unwrap(), settings(base_url))
}

/// A party with this rule, and the adapter in front of it.
pub(crate) fn scene(rule: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> (Server, Digiflazz) {
    let server = Server::start(rule);
    let supplier = digiflazz(&server.url);
    (server, supplier)
}

pub(crate) fn purchase(ask: Ask) -> Purchase {
    Purchase {
        reference: REFERENCE.parse().unwrap(),
        sku: "xld10".into(),
        customer_no: "087800001230".into(),
        max_price: Rupiah::new(10_500),
        ask,
        first_sent_at: NOW,
        now: NOW,
        notify_url: None,
        number: None,
        others: None,
    }
}

/// A fixture with some fields of its `data` changed; `null` takes one away.
pub(crate) fn with(fixture: &str, changes: &Value) -> String {
    let mut body: Value = serde_json::from_str(fixture).unwrap();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(body["data"].as_object_mut().unwrap().remove(name)),
            value => body["data"][name] = value.clone(),
        }
    }
    body.to_string()
}

//! A gateway that is registered in these tests alone: one line makes its keys known, connects it, and has production
//! and the keys of before looked at.

use super::{Connected, Parts, Previous, Registration, connect, dana, midtrans, xendit};
use crate::{
    config::{
        Config,
        tests::{PRODUCTION, Parties, load, load_with},
    },
    suppliers,
};
use outside::{Http, Pending};
use payments::{
    ChargeOutcome, ChargeRequest, CloseOutcome, Gateway, LostCharge, Notification, RefundOutcome,
    RefundRequest, Sent, StatusOutcome, WebhookRefusal,
};
use std::{sync::Arc, time::Duration};
use vocabulary::{Clock, Ids, PaymentMethod, Timestamp};

const KEY: &str = "example.key";
const PREVIOUS_KEY: &str = "example.previous_key";

const EXAMPLE: Registration = Registration {
    name: "example",
    keys: &[KEY, "example.settlement"],
    previous: Some(Previous { until: "example.previous_until", keys: &[PREVIOUS_KEY] }),
    problems,
    connect: open,
    check: |_, _| Box::pin(async { Vec::new() }),
};

/// All that there are, and the line of this one.
const REGISTERED: &[Registration] =
    &[midtrans::REGISTRATION, dana::REGISTRATION, xendit::REGISTRATION, EXAMPLE];

fn problems(config: &Config) -> Vec<String> {
    if config.given(KEY).is_some() { Vec::new() } else { vec![format!("`{KEY}` is missing")] }
}

fn open(config: &Config, _: &Parts<'_>) -> Connected<dyn Gateway> {
    Ok(config.given(KEY).map(|_| Arc::new(Example) as Arc<dyn Gateway>))
}

/// Nobody speaks to it.
struct Example;

impl Gateway for Example {
    fn name(&self) -> &'static str {
        "example"
    }
    fn methods(&self) -> &'static [PaymentMethod] {
        &[PaymentMethod::DanaLink]
    }
    fn webhook_path(&self) -> &'static str {
        "/webhooks/example"
    }
    fn shortest(&self, _: PaymentMethod) -> Duration {
        Duration::ZERO
    }
    fn lost_charge(&self, _: PaymentMethod) -> LostCharge {
        LostCharge::Ask
    }
    fn charge<'a>(&'a self, _: &'a ChargeRequest) -> Pending<'a, ChargeOutcome> {
        Box::pin(async { ChargeOutcome::Unknown { reason: "silence".into(), retry_after: None } })
    }
    fn status<'a>(&'a self, _: &'a Sent) -> Pending<'a, StatusOutcome> {
        Box::pin(async { StatusOutcome::Unknown { reason: "silence".into(), retry_after: None } })
    }
    fn cancel<'a>(&'a self, _: &'a Sent) -> Pending<'a, CloseOutcome> {
        Box::pin(async { CloseOutcome::CannotClose })
    }
    fn expire<'a>(&'a self, _: &'a Sent) -> Pending<'a, CloseOutcome> {
        Box::pin(async { CloseOutcome::CannotClose })
    }
    fn refund<'a>(&'a self, _: &'a RefundRequest) -> Pending<'a, RefundOutcome> {
        Box::pin(async { RefundOutcome::Unknown { reason: "silence".into(), retry_after: None } })
    }
    fn refund_status<'a>(&'a self, _: &'a RefundRequest) -> Pending<'a, RefundOutcome> {
        Box::pin(async { RefundOutcome::Unknown { reason: "silence".into(), retry_after: None } })
    }
    fn verify_webhook(&self, _: &[(String, String)], _: &[u8]) -> Result<Notification, WebhookRefusal> {
        Err(WebhookRefusal::BadSignature)
    }
}

#[test]
fn a_line_of_registration_is_all_that_the_program_needs_of_a_gateway() {
    let parties = Parties { gateways: REGISTERED, suppliers: suppliers::ALL };
    let key = ("LOKET_EXAMPLE__KEY", "the-key");
    let before = ("LOKET_EXAMPLE__PREVIOUS_KEY", "the-key-before");
    let until = ("LOKET_EXAMPLE__PREVIOUS_UNTIL", "2026-12-31");
    // Without the line nobody knows it.
    let unknown = load(&[key]).unwrap_err().to_string();
    assert!(unknown.contains(KEY), "{unknown}");

    let (http, clock, ids) = (Http::new().unwrap(), Clock::system(), Ids::seeded(1));
    let parts = Parts { http: &http, clock: &clock, ids: &ids, public_url: None, simulators: None };
    let connected = |config: &Config| -> Vec<&'static str> {
        let gateways = connect(REGISTERED, config, &parts).unwrap();
        gateways.iter().map(|gateway| gateway.name()).collect()
    };
    let nothing = load_with(parties, &[]).unwrap();
    assert!(connected(&nothing).is_empty(), "this shop has no account there");
    let config = load_with(parties, &[key, before, until]).unwrap();
    assert_eq!(connected(&config), ["example"]);

    // Its key of before is one, and has an end.
    let given: Vec<_> = config.rotation.given().iter().map(|given| (given.key, given.end)).collect();
    assert_eq!(given, [(PREVIOUS_KEY, "example.previous_until")]);
    assert_eq!(config.given(PREVIOUS_KEY), Some("the-key-before"));
    assert_eq!(config.rotation.until("example"), Timestamp::parse_rfc3339("2026-12-31T17:00:00Z").ok());
    assert!(parts.until(&config, "example").is_some() && parts.until(&config, "midtrans").is_none());
    let soon = [key, before, ("LOKET_EXAMPLE__PREVIOUS_UNTIL", "soon")];
    let error = load_with(parties, &soon).unwrap_err().to_string();
    assert!(error.contains("example.previous_until"), "{error}");
    let misspelt = load_with(parties, &[("LOKET_EXAMPLE__PREVIOUS_KEYS", "x")]).unwrap_err().to_string();
    assert!(misspelt.contains("LOKET_EXAMPLE__PREVIOUS_KEY)"), "{misspelt}");

    // Production asks it what is missing.
    let error = load_with(parties, &PRODUCTION).unwrap_err().to_string();
    assert!(error.contains(KEY), "{error}");
    load_with(parties, &[PRODUCTION.to_vec(), vec![key]].concat()).unwrap();
}

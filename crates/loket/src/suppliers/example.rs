//! A supplier that is registered in these tests alone: one line makes its keys known, connects it, and has production
//! and the keys of before looked at.

use super::{Registration, apigames, connect, digiflazz, vip_reseller};
use crate::{
    config::{
        Config,
        tests::{PRODUCTION, Parties, load, load_with},
    },
    gateways::{self, Connected, Parts, Previous},
};
use outside::{Http, Pending};
use std::sync::Arc;
use suppliers::{
    Capabilities, Purchase, Report, Supplier, SupplierWebhook, Verdict, WebhookRefusal,
    adapters::digiflazz::CAPABILITIES,
};
use vocabulary::{Clock, Ids};

const KEY: &str = "example.key";
const PREVIOUS_KEY: &str = "example.previous_key";

const EXAMPLE: Registration = Registration {
    name: "example",
    keys: &[KEY],
    previous: Some(Previous { until: "example.previous_until", keys: &[PREVIOUS_KEY] }),
    problems,
    connect: open,
    check: |_, _| Box::pin(async { Vec::new() }),
};

/// All that there are, and the line of this one.
const REGISTERED: &[Registration] =
    &[digiflazz::REGISTRATION, vip_reseller::REGISTRATION, apigames::REGISTRATION, EXAMPLE];

fn problems(config: &Config) -> Vec<String> {
    if config.given(KEY).is_some() { Vec::new() } else { vec![format!("`{KEY}` is missing")] }
}

fn open(config: &Config, _: &Parts<'_>) -> Connected<dyn Supplier> {
    Ok(config.given(KEY).map(|_| Arc::new(Example) as Arc<dyn Supplier>))
}

/// Nobody speaks to it.
struct Example;

impl Supplier for Example {
    fn name(&self) -> &'static str {
        "example"
    }
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }
    fn purchase<'a>(&'a self, _: &'a Purchase) -> Pending<'a, Report> {
        Box::pin(async { Report::bare(Verdict::NotSent, "nobody is there") })
    }
    fn read_webhook(&self, _: &[(String, String)], _: &[u8]) -> Result<SupplierWebhook, WebhookRefusal> {
        Err(WebhookRefusal::BadSignature)
    }
}

#[test]
fn a_line_of_registration_is_all_that_the_program_needs_of_a_supplier() {
    let parties = Parties { gateways: gateways::ALL, suppliers: REGISTERED };
    let key = ("LOKET_EXAMPLE__KEY", "the-key");
    let before = ("LOKET_EXAMPLE__PREVIOUS_KEY", "the-key-before");
    // Without the line nobody knows it.
    let unknown = load(&[key]).unwrap_err().to_string();
    assert!(unknown.contains(KEY), "{unknown}");

    let (http, clock, ids) = (Http::new().unwrap(), Clock::system(), Ids::seeded(1));
    let parts = Parts { http: &http, clock: &clock, ids: &ids, public_url: None, simulators: None };
    let connected = |config: &Config| -> Vec<&'static str> {
        let suppliers = connect(REGISTERED, config, &parts).unwrap();
        suppliers.iter().map(|supplier| supplier.name()).collect()
    };
    let nothing = load_with(parties, &[]).unwrap();
    assert!(!connected(&nothing).contains(&"example"), "this shop has no account there");
    let config = load_with(parties, &[key, before]).unwrap();
    assert!(connected(&config).contains(&"example"));
    let given: Vec<_> = config.rotation.given().iter().map(|given| (given.key, given.end)).collect();
    assert_eq!(given, [(PREVIOUS_KEY, "example.previous_until")]);

    // Production asks it what is missing.
    let error = load_with(parties, &PRODUCTION).unwrap_err().to_string();
    assert!(error.contains(KEY), "{error}");
    load_with(parties, &[PRODUCTION.to_vec(), vec![key]].concat()).unwrap();
}

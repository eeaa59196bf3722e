//! One example, two sides: what a contract shows is a fixture of the adapter that meets the party and
//! of the simulator that plays it. The two do not know each other, so each has its own copy, and a copy
//! that drifts would let both be wrong together.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has to stop, and say where")]

use std::{collections::BTreeMap, fs, path::Path};
use xtask::workspace::Workspace;

const SIMULATORS: &str = "sandbox";

/// The adapters' crates, and which of their fixtures the simulator has, too. What is not listed may be on
/// one side alone: an answer of a method that is not simulated, an account of the past.
const SHARED: [(&str, &[&str]); 2] = [
    (
        "payments",
        &[
            "midtrans/further_methods.json",
            "midtrans/gopay_charge_request.json",
            "midtrans/gopay_charge_response.json",
            "midtrans/settlement_notification.json",
            "midtrans_signatures.json",
            "qris.json",
            // Xendit's first and third generation are the simulator's alone, but for what they call us with.
            "xendit/error.json",
            "xendit/legacy_callback.json",
            "xendit/refund_request.json",
            "xendit/refund_response.json",
            "xendit/v2_callback.json",
            "xendit/v2_dana_request.json",
            "xendit/v2_dana_response.json",
            "xendit/v2_ovo_request.json",
            "xendit/v2_ovo_response.json",
            "xendit/v3_callback.json",
            "xendit_vectors.json",
        ],
    ),
    (
        "suppliers",
        &[
            "apigames/bad_signature.json",
            "apigames/pending.json",
            "apigames/purchase_request.json",
            "digiflazz/balance.json",
            "digiflazz/balance_request.json",
            "digiflazz/dev_key_pending.json",
            "digiflazz/observed_pending.json",
            "digiflazz/ping.json",
            "digiflazz/price_list.json",
            "digiflazz/price_list_limit.json",
            "digiflazz/price_list_request.json",
            "digiflazz/purchase_request.json",
            "digiflazz/purchase_with_dot_request.json",
            "digiflazz/signs.json",
            "digiflazz/success.json",
            "digiflazz/webhook.json",
            "digiflazz_rc.csv",
            "vip_reseller/no_balance.json",
            "vip_reseller/order.json",
            "vip_reseller/order_request.txt",
            "vip_reseller/status.json",
        ],
    ),
];

/// The fixtures of a crate, and the text of its code.
#[derive(Clone, Default)]
struct Side {
    fixtures: BTreeMap<String, Vec<u8>>,
    code: String,
}

impl Side {
    fn load(name: &str) -> Side {
        let folder = Workspace::load().unwrap().root.join("crates").join(name);
        let mut code = String::new();
        for part in ["src", "tests"] {
            for (path, bytes) in files(&folder.join(part)) {
                if path.ends_with(".rs") {
                    code.push_str(&String::from_utf8(bytes).unwrap());
                }
            }
        }
        Side { fixtures: files(&folder.join("tests/fixtures")), code }
    }

    /// True when a test is compiled with this fixture in it.
    fn uses(&self, fixture: &str) -> bool {
        let named = |macro_name: &str| {
            let mut calls = self.code.split(macro_name).skip(1);
            calls.any(|rest| {
                rest.split_once("\")").is_some_and(|(path, _)| path.ends_with(&format!("fixtures/{fixture}")))
            })
        };
        named("include_str!(\"") || named("include_bytes!(\"")
    }
}

/// Every file below a folder, by its path from there.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            found.extend(
                files(&entry.path()).into_iter().map(|(path, bytes)| (format!("{name}/{path}"), bytes)),
            );
        } else {
            found.insert(name, fs::read(entry.path()).unwrap());
        }
    }
    found
}

/// What keeps an example from holding both sides to the same thing.
fn faults(adapter: &Side, simulator: &Side, shared: &[&str]) -> Vec<String> {
    let mut faults = Vec::new();
    for (who, side) in [("adapter", adapter), ("simulator", simulator)] {
        for fixture in shared {
            if !side.fixtures.contains_key(*fixture) {
                faults.push(format!("{fixture}: the {who} lacks it"));
            } else if !side.uses(fixture) {
                faults.push(format!("{fixture}: no test of the {who} uses it"));
            }
        }
    }
    for (name, bytes) in &adapter.fixtures {
        if simulator.fixtures.get(name).is_some_and(|twin| twin != bytes) {
            faults.push(format!("{name}: the copies differ"));
        }
    }
    faults
}

#[test]
fn the_listed_examples_of_the_contracts_are_fixtures_of_adapter_and_simulator() {
    let simulator = Side::load(SIMULATORS);
    for (name, shared) in SHARED {
        assert_eq!(faults(&Side::load(name), &simulator, shared), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn an_example_that_is_missing_unused_or_different_on_one_side_is_seen() {
    let side = |text: &str, code: &str| Side {
        fixtures: BTreeMap::from([("a/b.json".to_owned(), text.as_bytes().to_vec())]),
        code: code.to_owned(),
    };
    let using = r#"const X: &str = include_str!("../fixtures/a/b.json"); let v = f("c");"#;
    let shared = ["a/b.json"];
    let good = side("{}", using);
    let seen = |adapter: &Side, simulator: &Side| faults(adapter, simulator, &shared);
    assert!(seen(&good, &good).is_empty());
    assert!(seen(&good, &side("{}", "include_bytes!(\"../fixtures/a/b.json\")")).is_empty());
    assert_eq!(seen(&good, &side("{} ", using)), ["a/b.json: the copies differ"]);
    assert_eq!(seen(&good, &side("{}", "")), ["a/b.json: no test of the simulator uses it"]);
    let elsewhere = side("{}", r#"include_str!("../fixtures/b.json"); "fixtures/a/b.json""#);
    assert_eq!(seen(&elsewhere, &good), ["a/b.json: no test of the adapter uses it"]);
    assert_eq!(seen(&Side::default(), &good), ["a/b.json: the adapter lacks it"]);
}

//! The matrix: a purchase through each fault, at each party that it touches, by each way to pay, on both
//! databases. The program is asked what there is ([`grid`]), a line says how each must end or why it cannot be
//! ([`lists`]), and the books of the simulators say how it did end ([`judge`]).

mod grid;
mod judge;
mod lists;
mod purchase;
mod run;
mod shown;

use crate::harness::{Loket, Rows};
use grid::{Known, Lines, Place, grid};
use judge::Ended;
use lists::{FAULTS, METHODS, PARTIES, Part};
use purchase::Purchase;
use serde_json::Value;
use testkit::TempFolder;
use tokio::task::JoinSet;
use vocabulary::PaymentMethod;

const LINES: Lines = Lines { methods: METHODS, parties: PARTIES, faults: FAULTS };

/// What the program knows, asked of the program.
async fn known() -> Known {
    let folder = TempFolder::new("matrix");
    let data = folder.path().display().to_string();
    let simulators =
        Loket::start(&["sandbox", "--listen", "127.0.0.1:0", "--data-dir", &data], &[]).await.unwrap();
    let listed: Value =
        reqwest::get(format!("{}/sandbox/faults", simulators.base())).await.unwrap().json().await.unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let parties = listed["known"].as_array().unwrap().iter();
    Known {
        methods: PaymentMethod::ALL.iter().map(PaymentMethod::to_string).collect(),
        parties: parties
            .map(|party| {
                (text(&party["target"]), party["faults"].as_array().unwrap().iter().map(text).collect())
            })
            .collect(),
    }
}

async fn places() -> Vec<Place> {
    grid(&known().await, LINES)
        .unwrap_or_else(|wrong| panic!("the matrix is not whole:\n{}", wrong.join("\n")))
}

/// Makes every purchase of the matrix, prints what became of them, and fails if one did not end right. What is to
/// go wrong at each party goes wrong in a shop of its own, all of them at the same time.
async fn judged<F>(engine: &str, rows: impl Fn() -> F)
where
    F: Future<Output = Rows>,
{
    let places = places().await;
    let mut shops = JoinSet::new();
    for party in PARTIES.iter().filter(|party| party.elsewhere.is_none()) {
        let numbered = places.iter().enumerate().filter(|(_, place)| place.party.name == party.name);
        let purchases: Vec<Purchase> =
            numbered.filter_map(|(index, place)| Purchase::of(*place, index + 1)).collect();
        shops.spawn(run::run(rows().await, party, purchases));
    }
    let (mut ends, mut together) = (Vec::new(), Vec::new());
    for judged in shops.join_all().await {
        ends.extend(judged.ends);
        together.extend(judged.together);
    }
    println!("{}", shown::table(engine, &places, &ends));
    let bad = |(purchase, end): &Ended| Some(format!("{}: {}", purchase.label(), end.as_ref().err()?));
    let wrong: Vec<String> = ends.iter().filter_map(bad).chain(together).collect();
    assert!(wrong.is_empty(), "of {} purchases:\n{}", ends.len(), wrong.join("\n"));
}

#[tokio::test]
async fn every_fault_party_and_way_to_pay_has_its_cell() {
    let places = places().await;
    let nine =
        ["timeout", "timeout_after_effect", "error_500", "garbage", "drop_webhook", "duplicate_webhook"];
    let nine = nine.into_iter().chain(["reorder_webhook", "delay_webhook", "forge_signature"]);
    for fault in nine {
        for method in METHODS {
            let at = |part: Part| {
                let made = |place: &&Place| {
                    place.fault.name == fault && place.method.name == method.name && place.party.part == part
                };
                places.iter().filter(made).filter(|place| matches!(place.cell, lists::Cell::Ends(_))).count()
            };
            let (gateways, suppliers) = (at(Part::Gateway), at(Part::Supplier));
            assert_eq!(gateways, method.carried_by.len(), "{fault} under {}", method.name);
            assert!(suppliers > 0, "{fault} under {}", method.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_purchase_ends_right_under_every_fault_at_every_party_by_every_way_to_pay_on_sqlite() {
    judged("SQLite", || async { Rows::Sqlite }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_purchase_ends_right_under_every_fault_at_every_party_by_every_way_to_pay_on_postgres() {
    judged("PostgreSQL", Rows::postgres).await;
}

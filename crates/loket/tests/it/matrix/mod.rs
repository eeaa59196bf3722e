//! The matrix: a purchase through each fault, at each party that it touches, by each way to pay, on both
//! databases. The program is asked what there is ([`grid`]), a line says how each must end or why it cannot be
//! ([`lists`]), and the books of the simulators say how it did end ([`judge`]).

mod adapters;
mod grid;
mod judge;
mod lists;
mod purchase;
mod run;
mod shown;

use crate::harness::{Loket, Rows};
use adapters::Declared;
use grid::{Known, Lines, Place, grid};
use judge::Ended;
use lists::{Cell, FAULTS, FITS_AND_YET, METHODS, PARTIES, Part, Party};
use purchase::Purchase;
use serde_json::Value;
use std::{collections::BTreeSet, sync::Arc};
use testkit::TempFolder;
use tokio::{sync::Semaphore, task::JoinSet};
use vocabulary::PaymentMethod;

/// More at once only wait for one another.
const SHOPS_AT_ONCE: usize = 4;
const LINES: Lines = Lines { methods: METHODS, parties: PARTIES, faults: FAULTS, spared: FITS_AND_YET };

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
        gateways: adapters::declared(folder.path()),
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
/// go wrong at each party goes wrong in a shop of its own, several of them at the same time.
async fn judged<F>(engine: &str, rows: impl Fn() -> F)
where
    F: Future<Output = Rows>,
{
    let places = places().await;
    let wanted = Wanted::read();
    let mut all: Vec<(&'static Party, Vec<Purchase>)> = Vec::new();
    for party in PARTIES {
        let here = |place: &Place| place.party.title() == party.title() && wanted.has(place);
        let numbered = places.iter().enumerate().filter(|(_, place)| here(place));
        all.push((party, numbered.filter_map(|(index, place)| Purchase::of(*place, index + 1)).collect()));
    }
    all.retain(|(_, purchases)| !purchases.is_empty());
    // Who takes longest begins first: a member does more than one thing to buy.
    all.sort_by_key(|(party, purchases)| std::cmp::Reverse((party.part == Part::Chat, purchases.len())));
    let turn = Arc::new(Semaphore::new(SHOPS_AT_ONCE));
    let mut shops = JoinSet::new();
    for (party, purchases) in all {
        let (rows, turn) = (rows().await, Arc::clone(&turn));
        shops.spawn(async move {
            let _turn = turn.acquire_owned().await.unwrap();
            run::run(rows, party, purchases).await
        });
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
    assert!(wanted.is_all(), "{} purchases ended right, and they are only a part of the matrix", ends.len());
}

/// Which purchases are made: with `LOKET_MATRIX` only some, for whoever works on them, and then the test fails in any
/// case. Words with commas between, of which a place has one; several such lists with spaces between, and it has one
/// of each: `LOKET_MATRIX="xendit timeout,garbage"`.
struct Wanted(Vec<Vec<String>>);

impl Wanted {
    fn read() -> Self {
        let text = std::env::var("LOKET_MATRIX").unwrap_or_default();
        let list = |words: &str| words.split(',').map(str::to_owned).collect();
        Wanted(text.split_whitespace().map(list).collect())
    }

    fn has(&self, place: &Place) -> bool {
        let title = place.party.title().replace(", giving back", "+back");
        let named = [title.as_str(), place.fault.name, place.method.name];
        self.0.iter().all(|words| words.iter().any(|word| named.contains(&word.as_str())))
    }

    fn is_all(&self) -> bool {
        self.0.is_empty()
    }
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
                let is_one = |place: &&Place| !matches!(place.cell, Cell::Empty(_));
                places.iter().filter(made).filter(is_one).count()
            };
            assert_eq!(at(Part::Gateway), method.carried_by.len(), "{fault} under {}", method.name);
            assert_eq!(at(Part::Supplier), 3, "{fault} under {}", method.name);
            // DANA tells nothing of a refund.
            let tell = |gateway: &&&str| {
                !fault.ends_with("_webhook") && fault != "forge_signature" || **gateway != "dana"
            };
            let back = method.back_over.iter().filter(tell).count();
            assert_eq!(at(Part::Returns), back, "{fault} under {}, given back", method.name);
        }
    }
}

#[tokio::test]
async fn what_another_way_to_pay_stands_for_is_made_by_that() {
    let stood_for = PARTIES.iter().filter(|party| !party.by.is_empty()).map(|party| party.name);
    assert_eq!(
        stood_for.collect::<Vec<_>>(),
        ["vip-reseller", "apigames"],
        "who is bought from by all others"
    );
    let places = places().await;
    for place in &places {
        let Cell::As(other) = place.cell else { continue };
        let made = |one: &&Place| {
            one.method.name == other
                && one.fault.name == place.fault.name
                && one.party.title() == place.party.title()
        };
        let made = places.iter().find(made).map(|one| one.cell);
        assert!(matches!(made, Some(Cell::Ends(_))), "{} at {}", place.fault.name, place.party.name);
    }
}

/// The adapters are made by hand here, and a party that only the program knows would be asked nothing.
#[tokio::test]
async fn every_gateway_and_supplier_that_is_registered_is_asked_and_has_its_line() {
    let gateways = adapters::registered("gateways");
    let declared: BTreeSet<String> =
        known().await.gateways.iter().map(|declared| declared.gateway.to_owned()).collect();
    assert_eq!(declared, gateways, "make its adapter in matrix/adapters.rs");
    let suppliers = adapters::registered("suppliers");
    for (part, registered) in [(Part::Gateway, gateways), (Part::Supplier, suppliers)] {
        let lines = PARTIES.iter().filter(|party| party.part == part);
        let lines: BTreeSet<String> = lines.map(|party| party.name.to_owned()).collect();
        assert_eq!(lines, registered, "write its line in PARTIES (matrix/lists.rs)");
    }
}

/// What goes back where is what the adapters say in the terms of each way to pay.
#[tokio::test]
async fn what_can_go_back_to_where_it_came_from_has_its_cells() {
    let known = known().await;
    for method in METHODS {
        let gives_back = |declared: &&Declared| declared.gives_back.iter().any(|name| name == method.name);
        let over = known.gateways.iter().filter(gives_back).map(|declared| declared.gateway);
        assert_eq!(method.back_over, over.collect::<Vec<_>>(), "{}", method.name);
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

//! Where an order is bought, through the public doors: another seller after a failure, and a line of paid orders
//! before an empty deposit.

use super::bought;
use crate::{
    hands::told,
    harness::{Rows, World},
};
use reqwest::StatusCode;
use serde_json::{Value, json};

impl World {
    /// 86 diamonds can be bought of another seller, too.
    pub(super) async fn another_seller(&self) {
        let (code, catalog) = self.command(&["catalog", "export"]).await;
        assert_eq!(code, Some(0), "{catalog}");
        let lines = catalog.lines().map(|line| match line {
            header if header.starts_with("category_code") => format!("{header},routes"),
            ml_86 if ml_86.contains(",ML_86,") => format!("{ml_86},digiflazz ml86b1"),
            other => format!("{other},"),
        });
        let path = self.folder().join("routes.csv");
        std::fs::write(&path, lines.collect::<Vec<_>>().join("\n")).unwrap();
        let (code, text) = self.command(&["catalog", "import", path.to_str().unwrap()]).await;
        assert_eq!(code, Some(0), "{text}");
        assert!(text.contains("ML_86: routes  -> digiflazz ml86b1 {user_id}{zone_id}"), "{text}");
    }

    /// What the supplier's own books hold of an order: code, reference, and how often it was delivered.
    pub(super) async fn purchases(&self, number: &str) -> Vec<(String, String, i64)> {
        let books = self.books(number).await;
        let mut found: Vec<(String, String, i64)> = books["digiflazz"]["transactions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|t| {
                let text = |key: &str| t[key].as_str().unwrap().to_owned();
                (text("buyer_sku_code"), text("ref_id"), t["deliveries"].as_i64().unwrap())
            })
            .collect();
        found.sort_by(|a, b| a.1.cmp(&b.1));
        found
    }
}

async fn delivered_by_the_second(world: &World, number: &str) {
    world.until(number, "delivered").await;
    let expected = [("ml86".into(), format!("{number}-F1"), 0), ("ml86b1".into(), format!("{number}-F2"), 1)];
    assert_eq!(world.purchases(number).await, expected);
    assert_eq!(world.wallet_change(number).await, 0);
    world.assert_proofs().await;
}

async fn the_second_delivers(rows: Rows) {
    let world = World::open(rows).await;
    world.another_seller().await;
    let number = bought(&world, "fail", json!({"rc": "55"})).await;
    delivered_by_the_second(&world, &number).await;
    let file = world.file(&number).await;
    let (first, second) = (&file["attempts"][0], &file["attempts"][1]);
    assert_eq!(first["routing"][0]["taken"], true, "{file:#}");
    assert_eq!(second["routing"][0]["why"], "it has failed for this order", "{file:#}");
    assert_eq!(second["routing"][1]["taken"], true, "{file:#}");
    let (_, text) = world.command(&["order", "show", &number]).await;
    assert!(text.contains("it has failed for this order") && text.contains("taken"), "{text}");
    let routes = world.printed(&["catalog", "routes", "ML_86", "--json"]).await;
    let skus: Vec<&Value> = routes.as_array().unwrap().iter().map(|route| &route["sku"]).collect();
    assert_eq!(skus, ["ml86", "ml86b1"]);
}

#[tokio::test]
async fn a_proven_failure_is_made_good_by_another_seller_on_sqlite() {
    the_second_delivers(Rows::Sqlite).await;
}

#[tokio::test]
async fn a_proven_failure_is_made_good_by_another_seller_on_postgres() {
    the_second_delivers(Rows::postgres().await).await;
}

#[tokio::test]
async fn a_wrong_account_is_refunded_though_there_is_another_seller() {
    let world = World::open(Rows::Sqlite).await;
    world.another_seller().await;
    let number = bought(&world, "fail", json!({"rc": "54"})).await;
    world.until(&number, "refunded").await;
    assert_eq!(world.purchases(&number).await, [("ml86".into(), format!("{number}-F1"), 0)]);
    world.assert_proofs().await;
}

/// The program dies before or after it has written down that the first seller failed.
async fn dies_between_two_sellers(rows: Rows, point: &str) {
    let mut world = World::new(rows).await;
    let point = ("LOKET_CRASH_AT".to_owned(), point.to_owned());
    world.open_shop(&[point]).await.unwrap();
    world.another_seller().await;
    world.script("fail", json!({"rc": "55"})).await;
    let number = world.placed("one", json!({"buyer": "budi"})).await;
    world.paid(&number).await;
    let started = std::time::Instant::now();
    while !world.shop_is_dead() {
        crate::hands::patience(started, "the end of the program");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    world.open_shop(&[]).await.unwrap();
    // What was asked before it died may be asked about again after a minute.
    for _ in 0..3 {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        world.advance(61).await.unwrap();
    }
    delivered_by_the_second(&world, &number).await;
}

#[tokio::test]
async fn a_death_between_two_sellers_buys_once_on_sqlite() {
    for point in ["before commit attempt.record #1", "after commit attempt.record #1"] {
        dies_between_two_sellers(Rows::Sqlite, point).await;
    }
}

#[tokio::test]
async fn a_death_between_two_sellers_buys_once_on_postgres() {
    for point in ["before commit attempt.record #1", "after commit attempt.record #1"] {
        dies_between_two_sellers(Rows::postgres().await, point).await;
    }
}

async fn a_line(rows: Rows) {
    let mut world = World::open(rows).await;
    let deposit = world.books("").await["digiflazz"]["deposit"].as_i64().unwrap();
    assert_eq!(world.simulate("deposit", json!({"add": -deposit})).await.0, StatusCode::OK);
    let mut line = Vec::new();
    for buyer in ["ani", "budi", "cici"] {
        line.push(world.placed(buyer, json!({"buyer": buyer})).await);
    }
    for number in &line {
        world.payable(number).await;
        world.paid(number).await;
        let order = world.until(number, "needs_attention").await;
        assert_eq!(order["attention"], "waits_for_supplier");
        world.until_told(number, "message:waits_for_supplier").await;
    }
    assert!(world.alert("supplier_refuses_us", "digiflazz").await);
    let alerts = world.printed(&["alerts", "--json"]).await;
    assert_eq!(alerts.as_array().unwrap().len(), 1, "one for the supplier, none for an order: {alerts:#}");
    // Nobody else begins to pay for what cannot be delivered.
    let (status, refused) = world.place("doni", json!({"buyer": "doni"})).await.unwrap();
    assert_eq!(
        (status, &refused["code"]),
        (StatusCode::CONFLICT, &json!("not-available-now")),
        "{refused:#}"
    );
    // The program dies and comes back, and nobody loses their place.
    world.shop.as_mut().unwrap().kill().await;
    world.open_shop(&[]).await.unwrap();
    assert_eq!(world.simulate("deposit", json!({"add": 1_000_000})).await.0, StatusCode::OK);
    for _ in 0..4 {
        world.advance(120).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    }
    let mut served = Vec::new();
    for number in &line {
        let order = world.until(number, "delivered").await;
        assert!(told(&order, "message:delivered"), "{order:#}");
        let books = world.books(number).await;
        let purchases = books["digiflazz"]["transactions"].as_array().unwrap().clone();
        assert_eq!(purchases.len(), 1, "{books:#}");
        served.push(purchases[0]["created_at"].to_string());
    }
    assert!(served.is_sorted(), "{served:?}");
    assert!(!world.alert("supplier_refuses_us", "digiflazz").await);
    world.assert_proofs().await;
}

#[tokio::test]
async fn paid_orders_wait_in_line_for_an_empty_deposit_and_go_on_by_themselves_on_sqlite() {
    a_line(Rows::Sqlite).await;
}

#[tokio::test]
async fn paid_orders_wait_in_line_for_an_empty_deposit_and_go_on_by_themselves_on_postgres() {
    a_line(Rows::postgres().await).await;
}

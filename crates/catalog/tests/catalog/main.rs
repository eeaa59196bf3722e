//! The promises of the catalog. What touches a database runs on both engines.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has to stop, and say where"
)]

mod accounts;
mod bought_names;
mod export;
mod extended;
mod faults;
mod file;
mod import;
mod preview;
#[path = "../../../outside/tests/outside/server.rs"]
mod server;
mod shop;
mod sources;
mod template;
mod validation;

use catalog::{Catalog, ImportReport};
use database::Database;
use vocabulary::{CategoryCode, ProductCode, Timestamp};

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

const HEADER: &str = "category_code,category_name,category_icon,category_active,code,name,price,cost,stock,\
                      minimum_stock,supplier,supplier_sku,customer_template,description,active";

/// A file of the given rows.
fn table(rows: &[&str]) -> String {
    format!("{HEADER}\n{}\n", rows.join("\n"))
}

fn parsed(text: &str) -> Catalog {
    catalog::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

fn category(code: &str) -> CategoryCode {
    code.parse().unwrap()
}

fn product(code: &str) -> ProductCode {
    code.parse().unwrap()
}

async fn seed(db: &Database, file: &Catalog) -> ImportReport {
    let mut tx = db.write("test").await.unwrap();
    let report = catalog::seed_in_tx(&mut tx, file, NOW).await.unwrap();
    tx.commit().await.unwrap();
    report
}

async fn import(db: &Database, file: &Catalog) -> ImportReport {
    let mut tx = db.write("test").await.unwrap();
    let report = catalog::import_in_tx(&mut tx, file, NOW).await.unwrap();
    tx.commit().await.unwrap();
    report
}

/// A database that holds the base catalog.
async fn seeded(db: &Database) -> Catalog {
    let base = catalog::base().unwrap();
    seed(db, &base).await;
    base
}

//! Bringing a catalog file into the database. [`seed_in_tx`] adds what is missing and leaves the
//! rest to the owner's later edits; [`import_in_tx`] makes the database agree with the file and
//! tells each changed field, for the audit. What the file does not name is left alone, and so is
//! the place of what is there; stock is never touched here.
//!
//! First every missing row is inserted, then the rows that were there are read under a lock and
//! compared, so that two imports at the same moment report exactly what each of them changed. Rows
//! are always taken in the order of their codes: two imports never wait for each other.

use crate::{
    Catalog, CategoryEntry, InitialStock, ProductEntry, RouteEntry,
    file::by_product,
    route::{self, all_routes},
};
use database::{Error, WriteTx, report_sql, sql};
use std::{
    collections::{BTreeMap, HashSet},
    fmt,
};
use vocabulary::{CategoryCode, ProductCode, Timestamp};

/// What a seed or an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Categories that are new.
    pub added_categories: Vec<CategoryCode>,
    /// Products that are new.
    pub added: Vec<ProductCode>,
    /// Fields that have another value now. A seed never changes one.
    pub changed: Vec<Change>,
    /// Number of products of the file that were there and were left as they are.
    pub unchanged: usize,
    /// The stock that the file gives each of its products to start with. Whoever keeps the stock
    /// makes the rows that are missing.
    pub stock: Vec<(ProductCode, InitialStock)>,
}

/// One field that an import changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it belongs to.
    pub subject: Subject,
    /// Name of the field (`price`).
    pub field: &'static str,
    /// Its value before, amounts as plain digits.
    pub before: String,
    /// Its value now.
    pub after: String,
}

/// What a change belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A category.
    Category(CategoryCode),
    /// A product.
    Product(ProductCode),
}

/// Adds the categories and products of the file that the database does not have.
pub async fn seed_in_tx(tx: &mut WriteTx, file: &Catalog, now: Timestamp) -> Result<ImportReport, Error> {
    let mut report = ImportReport { stock: initial_stock(file), ..ImportReport::default() };
    report.added_categories = add_categories(tx, file, now).await?;
    report.added = add_products(tx, file, now).await?;
    report.unchanged = file.products().len().saturating_sub(report.added.len());
    Ok(report)
}

/// Adds what is missing and changes what differs.
pub async fn import_in_tx(tx: &mut WriteTx, file: &Catalog, now: Timestamp) -> Result<ImportReport, Error> {
    let mut report = seed_in_tx(tx, file, now).await?;
    let categories = change_categories(tx, file, now).await?;
    let (products, unchanged) = change_products(tx, file, now, report.added.len()).await?;
    report.changed = categories.into_iter().chain(products).collect();
    report.unchanged = unchanged;
    Ok(report)
}

fn initial_stock(file: &Catalog) -> Vec<(ProductCode, InitialStock)> {
    file.products().iter().map(|product| (product.code.clone(), product.stock)).collect()
}

async fn add_categories(
    tx: &mut WriteTx,
    file: &Catalog,
    now: Timestamp,
) -> Result<Vec<CategoryCode>, Error> {
    let known: Vec<(CategoryCode, i64)> =
        report_sql!("SELECT code, position FROM category").query().all(tx).await?;
    let (known, mut position) = known_and_next(known);
    let mut missing = BTreeMap::new();
    for entry in file.categories().iter().filter(|entry| !known.contains(&entry.code)) {
        missing.insert(&entry.code, (entry, position));
        position = position.saturating_add(1);
    }
    let mut added = Vec::new();
    for (code, (entry, position)) in missing {
        let inserted = sql!(
            "INSERT INTO category (code, name, icon, active, position, updated_at) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (code) DO NOTHING"
        )
        .bind(code)
        .bind(&entry.name)
        .bind(&entry.icon)
        .bind(entry.active)
        .bind(position)
        .bind(now)
        .run(tx)
        .await?;
        if inserted > 0 {
            added.push(code.clone());
        }
    }
    Ok(added)
}

async fn add_products(tx: &mut WriteTx, file: &Catalog, now: Timestamp) -> Result<Vec<ProductCode>, Error> {
    let known: Vec<(ProductCode, i64)> =
        report_sql!("SELECT code, position FROM product").query().all(tx).await?;
    let (known, mut position) = known_and_next(known);
    let mut missing = BTreeMap::new();
    for entry in file.products().iter().filter(|entry| !known.contains(&entry.code)) {
        missing.insert(&entry.code, (entry, position));
        position = position.saturating_add(1);
    }
    let mut added = Vec::new();
    for (code, (entry, position)) in missing {
        let inserted = sql!(
            "INSERT INTO product (code, category_code, name, price, cost, description, supplier, supplier_sku,
                                  customer_template, active, position, updated_at, seller)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
             ON CONFLICT (code) DO NOTHING"
        )
        .bind(code)
        .bind(&entry.category)
        .bind(&entry.name)
        .bind(entry.price)
        .bind(entry.cost)
        .bind(&entry.description)
        .bind(&entry.supplier)
        .bind(&entry.supplier_sku)
        .bind(&entry.customer_template)
        .bind(entry.active)
        .bind(position)
        .bind(now)
        .bind(entry.seller.as_deref().unwrap_or_default())
        .run(tx)
        .await?;
        if inserted > 0 {
            added.push(code.clone());
            store_routes(tx, code, entry.routes.as_deref().unwrap_or_default(), now).await?;
        }
    }
    Ok(added)
}

/// Makes these the further routes of a product.
async fn store_routes(
    tx: &mut WriteTx,
    product: &ProductCode,
    routes: &[RouteEntry],
    now: Timestamp,
) -> Result<(), Error> {
    sql!("DELETE FROM product_route WHERE product_code = $1").bind(product).run(tx).await?;
    for (rank, route) in (2_i64..).zip(routes) {
        sql!(
            "INSERT INTO product_route (product_code, rank, supplier, supplier_sku, customer_template, active, updated_at, seller)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        )
        .bind(product)
        .bind(rank)
        .bind(&route.supplier)
        .bind(&route.supplier_sku)
        .bind(&route.customer_template)
        .bind(route.active)
        .bind(now)
        .bind(&route.seller)
        .run(tx)
        .await?;
    }
    Ok(())
}

/// The codes that are there, and the place after the last of them.
fn known_and_next<Code: std::hash::Hash + Eq>(known: Vec<(Code, i64)>) -> (HashSet<Code>, i64) {
    let next = known.iter().map(|(_, position)| position.saturating_add(1)).max().unwrap_or(0);
    (known.into_iter().map(|(code, _)| code).collect(), next)
}

async fn change_categories(tx: &mut WriteTx, file: &Catalog, now: Timestamp) -> Result<Vec<Change>, Error> {
    let stored: Vec<CategoryEntry> = report_sql!(
        sqlite: "SELECT code, name, icon, active FROM category ORDER BY code",
        postgres: "SELECT code, name, icon, active FROM category ORDER BY code FOR NO KEY UPDATE",
    )
    .query()
    .all(tx)
    .await?;
    let wanted: BTreeMap<_, _> = file.categories().iter().map(|entry| (&entry.code, entry)).collect();
    let mut changes = Vec::new();
    for before in &stored {
        let Some(entry) = wanted.get(&before.code) else { continue };
        let found = differences(
            &Subject::Category(before.code.clone()),
            &category_fields(before),
            &category_fields(entry),
        );
        if found.is_empty() {
            continue;
        }
        changes.extend(found);
        sql!("UPDATE category SET name = $1, icon = $2, active = $3, updated_at = $4 WHERE code = $5")
            .bind(&entry.name)
            .bind(&entry.icon)
            .bind(entry.active)
            .bind(now)
            .bind(&entry.code)
            .run(tx)
            .await?;
    }
    Ok(changes)
}

/// The changed fields, and the number of products that were there and agreed.
async fn change_products(
    tx: &mut WriteTx,
    file: &Catalog,
    now: Timestamp,
    added: usize,
) -> Result<(Vec<Change>, usize), Error> {
    let mut stored: Vec<ProductEntry> = report_sql!(
        sqlite: "SELECT category_code, code, name, price, cost, supplier, supplier_sku, customer_template,
                        description, active, seller FROM product ORDER BY code",
        postgres: "SELECT category_code, code, name, price, cost, supplier, supplier_sku, customer_template,
                          description, active, seller FROM product ORDER BY code FOR NO KEY UPDATE",
    )
    .query()
    .all(tx)
    .await?;
    let mut routes = by_product(all_routes(tx).await?);
    for product in &mut stored {
        product.routes = Some(routes.remove(&product.code).unwrap_or_default());
    }
    let wanted: BTreeMap<_, _> = file.products().iter().map(|entry| (&entry.code, entry)).collect();
    let (mut changes, mut agreeing) = (Vec::new(), 0usize);
    for before in &stored {
        let Some(entry) = wanted.get(&before.code) else { continue };
        let found = differences(
            &Subject::Product(before.code.clone()),
            &product_fields(before, before),
            &product_fields(entry, before),
        );
        if found.is_empty() {
            agreeing = agreeing.saturating_add(1);
            continue;
        }
        changes.extend(found);
        sql!(
            "UPDATE product SET category_code = $1, name = $2, price = $3, cost = $4, description = $5,
                    supplier = $6, supplier_sku = $7, customer_template = $8, active = $9, updated_at = $10,
                    seller = $12
             WHERE code = $11"
        )
        .bind(&entry.category)
        .bind(&entry.name)
        .bind(entry.price)
        .bind(entry.cost)
        .bind(&entry.description)
        .bind(&entry.supplier)
        .bind(&entry.supplier_sku)
        .bind(&entry.customer_template)
        .bind(entry.active)
        .bind(now)
        .bind(&entry.code)
        .bind(entry.seller.as_deref().or(before.seller.as_deref()).unwrap_or_default())
        .run(tx)
        .await?;
        if let Some(routes) = &entry.routes {
            store_routes(tx, &entry.code, routes, now).await?;
        }
    }
    Ok((changes, agreeing.saturating_sub(added)))
}

type Fields<const N: usize> = [(&'static str, String); N];

fn category_fields(entry: &CategoryEntry) -> Fields<3> {
    [("name", entry.name.clone()), ("icon", entry.icon.clone()), ("active", entry.active.to_string())]
}

/// The fields of `entry`; what it does not say about routes and their sellers is as `before`.
fn product_fields(entry: &ProductEntry, before: &ProductEntry) -> Fields<11> {
    let routes = entry.routes.as_ref().or(before.routes.as_ref());
    [
        ("category", entry.category.to_string()),
        ("name", entry.name.clone()),
        ("price", entry.price.get().to_string()),
        ("cost", entry.cost.get().to_string()),
        ("description", entry.description.clone()),
        ("supplier", entry.supplier.clone()),
        ("supplier_sku", entry.supplier_sku.clone()),
        ("customer_template", entry.customer_template.to_string()),
        ("active", entry.active.to_string()),
        ("seller", entry.seller.clone().or_else(|| before.seller.clone()).unwrap_or_default()),
        ("routes", routes.map(|routes| route::as_text(routes)).unwrap_or_default()),
    ]
}

fn differences<const N: usize>(subject: &Subject, before: &Fields<N>, after: &Fields<N>) -> Vec<Change> {
    let pairs = before.iter().zip(after).filter(|((_, before), (_, after))| before != after);
    pairs
        .map(|((field, before), (_, after))| Change {
            subject: subject.clone(),
            field,
            before: before.clone(),
            after: after.clone(),
        })
        .collect()
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Category(code) => f.pad(code.as_str()),
            Subject::Product(code) => f.pad(code.as_str()),
        }
    }
}

//! Writing the file: what the database holds, in the form that [`parse`](super::parse) reads.

use crate::route::{self, Route, RouteEntry, all_routes};

use super::{Catalog, CategoryEntry, Column, InitialStock, ProductEntry};
use database::{Error, FromRow, ReadTx, Row, report_sql};
use std::{collections::HashMap, fmt};
use vocabulary::{CategoryCode, ProductCode};

/// The whole catalog as a file. `stock` tells what is on hand of a product and its minimum, which
/// this crate does not know; a product that it does not know gets 0.
pub async fn export(
    tx: &mut ReadTx,
    stock: impl Fn(&ProductCode) -> Option<InitialStock>,
) -> Result<String, Error> {
    let categories = report_sql!("SELECT code, name, icon, active FROM category ORDER BY position, code");
    let products = report_sql!(
        "SELECT p.category_code, p.code, p.name, p.price, p.cost, p.supplier, p.supplier_sku,
                p.customer_template, p.description, p.active, p.seller
         FROM product p JOIN category c ON c.code = p.category_code
         ORDER BY c.position, c.code, p.position, p.code"
    );
    let categories = categories.query().all(tx).await?;
    let mut products: Vec<ProductEntry> = products.query().all(tx).await?;
    let mut routes = by_product(all_routes(tx).await?);
    for product in &mut products {
        product.routes = Some(routes.remove(&product.code).unwrap_or_default());
        product.stock = stock(&product.code).unwrap_or_default();
    }
    Ok(Catalog { categories, products }.to_string())
}

/// The further routes of each product, in their order.
pub(crate) fn by_product(routes: Vec<Route>) -> HashMap<ProductCode, Vec<RouteEntry>> {
    let mut found: HashMap<ProductCode, Vec<RouteEntry>> = HashMap::new();
    for route in routes.into_iter().filter(|route| route.rank > 1) {
        let Route { product, supplier, supplier_sku, customer_template, active, seller, .. } = route;
        let entry = RouteEntry { supplier, supplier_sku, customer_template, active, seller };
        found.entry(product).or_default().push(entry);
    }
    found
}

impl fmt::Display for Catalog {
    /// The file: categories in their order, each with its products in theirs. It has a column for routes when a
    /// product has more than its own, and one for sellers when one is noted.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let routed = self.products.iter().any(|p| p.routes.as_ref().is_some_and(|routes| !routes.is_empty()));
        let noted = self.products.iter().any(|p| p.seller.as_ref().is_some_and(|seller| !seller.is_empty()));
        let is_written = |column: &Column| match column {
            Column::Routes => routed,
            Column::Seller => noted,
            _ => true,
        };
        let columns: Vec<Column> = Column::ALL.iter().copied().filter(is_written).collect();
        line(f, columns.iter().map(|c| c.as_str().to_owned()))?;
        let mut by_category: HashMap<&CategoryCode, Vec<&ProductEntry>> = HashMap::new();
        for product in &self.products {
            by_category.entry(&product.category).or_default().push(product);
        }
        for category in &self.categories {
            let Some(products) = by_category.get(&category.code) else {
                line(f, columns.iter().map(|column| of_category(category, *column).unwrap_or_default()))?;
                continue;
            };
            for product in products {
                let value =
                    |column| of_category(category, column).unwrap_or_else(|| of_product(product, column));
                line(f, columns.iter().map(|column| value(*column)))?;
            }
        }
        Ok(())
    }
}

fn of_category(category: &CategoryEntry, column: Column) -> Option<String> {
    match column {
        Column::CategoryCode => Some(category.code.to_string()),
        Column::CategoryName => Some(category.name.clone()),
        Column::CategoryIcon => Some(category.icon.clone()),
        Column::CategoryActive => Some(yes_or_no(category.active)),
        _ => None,
    }
}

fn of_product(product: &ProductEntry, column: Column) -> String {
    match column {
        Column::CategoryCode => product.category.to_string(),
        Column::CategoryName | Column::CategoryIcon | Column::CategoryActive => String::new(),
        Column::Code => product.code.to_string(),
        Column::Name => product.name.clone(),
        Column::Price => product.price.get().to_string(),
        Column::Cost => product.cost.get().to_string(),
        Column::Stock => product.stock.on_hand.to_string(),
        Column::MinimumStock => product.stock.minimum.to_string(),
        Column::Supplier => product.supplier.clone(),
        Column::SupplierSku => product.supplier_sku.clone(),
        Column::CustomerTemplate => product.customer_template.to_string(),
        Column::Description => product.description.clone(),
        Column::Active => yes_or_no(product.active),
        Column::Routes => product.routes.as_deref().map(route::as_text).unwrap_or_default(),
        Column::Seller => product.seller.clone().unwrap_or_default(),
    }
}

fn yes_or_no(value: bool) -> String {
    if value { "yes" } else { "no" }.to_owned()
}

fn line(f: &mut fmt::Formatter<'_>, fields: impl Iterator<Item = String>) -> fmt::Result {
    let quote = |field: String| match field.contains([',', ';', '"', '#']) {
        true => format!("\"{}\"", field.replace('"', "\"\"")),
        false => field,
    };
    writeln!(f, "{}", fields.map(quote).collect::<Vec<_>>().join(","))
}

impl FromRow for CategoryEntry {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(CategoryEntry {
            code: row.get("code")?,
            name: row.get("name")?,
            icon: row.get("icon")?,
            active: row.get("active")?,
        })
    }
}

impl FromRow for ProductEntry {
    /// The stock is left at 0: the catalog's tables do not hold it. The routes are another table's.
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(ProductEntry {
            category: row.get("category_code")?,
            code: row.get("code")?,
            name: row.get("name")?,
            price: row.get("price")?,
            cost: row.get("cost")?,
            stock: InitialStock::default(),
            supplier: row.get("supplier")?,
            supplier_sku: row.get("supplier_sku")?,
            customer_template: row.get("customer_template")?,
            description: row.get("description")?,
            active: row.get("active")?,
            routes: None,
            seller: Some(row.get("seller")?),
        })
    }
}

//! Where else a product can be bought: the routes beside the supplier and code that its own row names.

use crate::{CustomerTemplate, Product};
use database::{Error, FromRow, ReadTx, Row, report_sql, sql};
use std::fmt;
use vocabulary::{CategoryCode, ProductCode};

/// A product has at most so many routes beside its own.
pub const MAX_ROUTES: usize = 9;

/// The word that switches a route off in the catalog file.
pub(crate) const OFF: &str = "off";
/// What stands between two routes in the catalog file.
pub(crate) const THEN: &str = ">";

/// One way to buy a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The product.
    pub product: ProductCode,
    /// Its place in the owner's order: 1 is what the product's own row names.
    pub rank: u32,
    /// The supplier's name.
    pub supplier: String,
    /// The supplier's code of the product.
    pub supplier_sku: String,
    /// How the account becomes the supplier's customer number.
    pub customer_template: CustomerTemplate,
    /// Whether it is switched on.
    pub active: bool,
    /// Who sells it at the supplier, as the owner notes it; empty when nothing is noted.
    pub seller: String,
}

/// A further route in the catalog file; its rank is its place there, from 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteEntry {
    /// The supplier's name.
    pub supplier: String,
    /// The supplier's code of the product.
    pub supplier_sku: String,
    /// How the account becomes the supplier's customer number.
    pub customer_template: CustomerTemplate,
    /// Whether it is switched on.
    pub active: bool,
    /// Who sells it at the supplier, as the owner notes it; empty when nothing is noted.
    pub seller: String,
}

impl fmt::Display for RouteEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.supplier, self.supplier_sku, self.customer_template)?;
        if !self.active {
            write!(f, " {OFF}")?;
        }
        if self.seller.is_empty() { Ok(()) } else { write!(f, " [{}]", self.seller) }
    }
}

/// Routes as the catalog file has them, in their order.
pub(crate) fn as_text(routes: &[RouteEntry]) -> String {
    routes.iter().map(RouteEntry::to_string).collect::<Vec<_>>().join(&format!(" {THEN} "))
}

impl Product {
    /// The route that its own row names.
    pub fn own_route(&self) -> Route {
        Route {
            product: self.code.clone(),
            rank: 1,
            supplier: self.supplier.clone(),
            supplier_sku: self.supplier_sku.clone(),
            customer_template: self.customer_template.clone(),
            active: true,
            seller: self.seller.clone(),
        }
    }
}

/// The further routes of a product, in their order, those too that are switched off.
pub async fn further_routes(tx: &mut ReadTx, product: &ProductCode) -> Result<Vec<Route>, Error> {
    sql!("SELECT * FROM product_route WHERE product_code = $1 ORDER BY rank").bind(product).all(tx).await
}

/// The further routes of the products of a category, in their order.
pub async fn further_routes_of_category(
    tx: &mut ReadTx,
    category: &CategoryCode,
) -> Result<Vec<Route>, Error> {
    sql!(
        "SELECT r.* FROM product p JOIN product_route r ON r.product_code = p.code
         WHERE p.category_code = $1 AND p.active = 1 ORDER BY r.product_code, r.rank"
    )
    .bind(category)
    .all(tx)
    .await
}

/// Every route of every product, in the order of the catalog.
pub async fn all_routes(tx: &mut ReadTx) -> Result<Vec<Route>, Error> {
    report_sql!(
        "SELECT product_code, rank, supplier, supplier_sku, customer_template, active, seller FROM (
             SELECT p.code AS product_code, 1 AS rank, p.supplier, p.supplier_sku, p.customer_template, 1 AS active,
                    p.seller
             FROM product p
             UNION ALL
             SELECT r.product_code, r.rank, r.supplier, r.supplier_sku, r.customer_template, r.active, r.seller
             FROM product_route r
         ) AS routes ORDER BY product_code, rank"
    )
    .query()
    .all(tx)
    .await
}

impl FromRow for Route {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Route {
            product: row.get("product_code")?,
            rank: row.get("rank")?,
            supplier: row.get("supplier")?,
            supplier_sku: row.get("supplier_sku")?,
            customer_template: row.get("customer_template")?,
            active: row.get("active")?,
            seller: row.get("seller")?,
        })
    }
}

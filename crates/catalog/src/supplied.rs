//! What a product costs and whether it is offered, as its supplier's prices have it: the one place besides an
//! import that changes them.

use database::{Error, FromRow, ReadTx, Row, WriteTx, report_sql, sql};
use vocabulary::{CategoryCode, ProductCode, Rupiah, Timestamp};

vocabulary::text_enum!(
    /// Why a product is not offered though its owner has it switched on.
    pub enum KeptOff {
        /// Its price leaves too little above what its supplier asks now.
        Margin = "margin",
        /// Its supplier's price is not believed.
        Doubtful = "doubtful",
        /// Its supplier does not list it.
        NotListed = "not_listed",
        /// What its supplier sells under this code is the check of an account.
        AccountCheck = "account_check",
    }
);
database::text_column!(KeptOff);

/// A product as it is, or can be, bought from one supplier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Supplied {
    /// Its code.
    pub code: ProductCode,
    /// Its category.
    pub category: CategoryCode,
    /// Its name (`86 Diamond`).
    pub name: String,
    /// The supplier's code of it.
    pub sku: String,
    /// What a buyer pays.
    pub price: Rupiah,
    /// The most that the shop pays for it.
    pub cost: Rupiah,
    /// Whether its owner has it and its category switched on.
    pub wanted: bool,
    /// Why it is not offered all the same.
    pub kept_off: Option<KeptOff>,
}

impl FromRow for Supplied {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Supplied {
            code: row.get("code")?,
            category: row.get("category_code")?,
            name: row.get("name")?,
            sku: row.get("supplier_sku")?,
            price: row.get("price")?,
            cost: row.get("cost")?,
            wanted: row.get("wanted")?,
            kept_off: row.get("kept_off")?,
        })
    }
}

/// The products that are kept off sale, and why.
pub async fn kept_off(tx: &mut ReadTx) -> Result<Vec<(ProductCode, KeptOff)>, Error> {
    report_sql!("SELECT code, kept_off FROM product WHERE kept_off IS NOT NULL ORDER BY code")
        .query()
        .all(tx)
        .await
}

/// The products of a supplier, switched on or off, by their codes.
pub async fn supplied(tx: &mut ReadTx, supplier: &str) -> Result<Vec<Supplied>, Error> {
    report_sql!(
        "SELECT p.code, p.category_code, p.name, p.supplier_sku, p.price, p.cost, p.active * c.active AS wanted, p.kept_off
         FROM product p JOIN category c ON c.code = p.category_code WHERE p.supplier = $1 ORDER BY p.code"
    )
    .bind(supplier)
    .all(tx)
    .await
}

/// What can be bought of a supplier by the further routes of products, switched on or off: each product with the code
/// that it has on the route, wanted only if the route is switched on as well.
pub async fn supplied_routes(tx: &mut ReadTx, supplier: &str) -> Result<Vec<Supplied>, Error> {
    sql!(
        "SELECT p.code, p.category_code, p.name, r.supplier_sku, p.price, p.cost,
                p.active * c.active * r.active AS wanted, p.kept_off
         FROM product_route r JOIN product p ON p.code = r.product_code JOIN category c ON c.code = p.category_code
         WHERE r.supplier = $1 ORDER BY p.code, r.rank"
    )
    .bind(supplier)
    .all(tx)
    .await
}

/// The products of a supplier as [`supplied`] has them, held until the transaction ends, so that an import waits or is
/// waited for.
pub async fn supplied_locked(tx: &mut WriteTx, supplier: &str) -> Result<Vec<Supplied>, Error> {
    report_sql!(
        sqlite: "SELECT p.code, p.category_code, p.name, p.supplier_sku, p.price, p.cost, p.active * c.active AS wanted, p.kept_off
                 FROM product p JOIN category c ON c.code = p.category_code WHERE p.supplier = $1 ORDER BY p.code",
        postgres: "SELECT p.code, p.category_code, p.name, p.supplier_sku, p.price, p.cost, p.active * c.active AS wanted, p.kept_off
                   FROM product p JOIN category c ON c.code = p.category_code WHERE p.supplier = $1 ORDER BY p.code
                   FOR NO KEY UPDATE OF p",
    )
    .bind(supplier)
    .all(tx)
    .await
}

/// Gives a product whose row the caller holds this price, cost and standing.
pub async fn set_supplied(
    tx: &mut WriteTx,
    product: &ProductCode,
    (price, cost, kept_off): (Rupiah, Rupiah, Option<KeptOff>),
    now: Timestamp,
) -> Result<(), Error> {
    sql!("UPDATE product SET price = $2, cost = $3, kept_off = $4, updated_at = $5 WHERE code = $1")
        .bind(product)
        .bind(price)
        .bind(cost)
        .bind(kept_off)
        .bind(now)
        .run(tx)
        .await?;
    Ok(())
}

//! How much there is of a product, now.

use database::{Error, FromRow, ReadTx, Row, report_sql, sql};
use vocabulary::{CategoryCode, ProductCode};

/// The stock of one product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// The product.
    pub product: ProductCode,
    /// Pieces in the shop, held ones included.
    pub on_hand: u32,
    /// Pieces held for orders.
    pub reserved: u32,
    /// The owner wants to be told when the available stock is not above this.
    pub minimum: u32,
}

impl Level {
    /// Pieces that can be sold: on hand minus reserved.
    pub fn available(&self) -> u32 {
        self.on_hand.saturating_sub(self.reserved)
    }
}

/// Pieces of a product that can be sold; `None` for a product without a stock row.
pub async fn available(tx: &mut ReadTx, product: &ProductCode) -> Result<Option<u32>, Error> {
    Ok(level(tx, product).await?.map(|level| level.available()))
}

/// The stock of one product; `None` for a product without a stock row.
pub async fn level(tx: &mut ReadTx, product: &ProductCode) -> Result<Option<Level>, Error> {
    sql!("SELECT product_code, on_hand, reserved, minimum FROM stock WHERE product_code = $1")
        .bind(product)
        .optional(tx)
        .await
}

/// The stock of the products of a category, in one look.
pub async fn levels_of_category(tx: &mut ReadTx, category: &CategoryCode) -> Result<Vec<Level>, Error> {
    sql!(
        "SELECT s.product_code, s.on_hand, s.reserved, s.minimum
         FROM product p JOIN stock s ON s.product_code = p.code WHERE p.category_code = $1"
    )
    .bind(category)
    .all(tx)
    .await
}

/// The stock of every product, by code.
pub async fn levels(tx: &mut ReadTx) -> Result<Vec<Level>, Error> {
    report_sql!("SELECT product_code, on_hand, reserved, minimum FROM stock ORDER BY product_code")
        .query()
        .all(tx)
        .await
}

impl FromRow for Level {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Level {
            product: row.get("product_code")?,
            on_hand: row.get("on_hand")?,
            reserved: row.get("reserved")?,
            minimum: row.get("minimum")?,
        })
    }
}

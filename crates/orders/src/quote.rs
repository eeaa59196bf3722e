//! Quotes: a price promise with an expiry.

use crate::Shop;
use catalog::Product;
use database::{Error, FromRow, ReadTx, Row, WriteTx, sql};
use vocabulary::{ProductCode, QuoteId, Rupiah, Timestamp};

/// A price that the shop stands by until it expires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Its id.
    pub id: QuoteId,
    /// For what.
    pub product: ProductCode,
    /// What the buyer pays.
    pub price: Rupiah,
    /// What it may cost us at most.
    pub cost: Rupiah,
    /// Until when.
    pub expires_at: Timestamp,
}

/// Why there is no quote.
#[derive(Debug, thiserror::Error)]
pub enum QuoteError {
    /// No such product, or it is not for sale.
    #[error("there is no product `{0}` for sale")]
    UnknownProduct(ProductCode),
    /// The database refused.
    #[error(transparent)]
    Database(#[from] Error),
}

impl FromRow for Quote {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Quote {
            id: row.get("id")?,
            product: row.get("product_code")?,
            price: row.get("price")?,
            cost: row.get("cost")?,
            expires_at: row.get("expires_at")?,
        })
    }
}

impl Shop {
    /// Promises the present price of a product.
    ///
    /// # Errors
    /// [`QuoteError::UnknownProduct`] when it is not for sale.
    pub async fn quote(&self, product: &ProductCode) -> Result<Quote, QuoteError> {
        let mut tx = self.db.write("quote.make").await?;
        let unknown = || QuoteError::UnknownProduct(product.clone());
        let found = catalog::product(&mut tx, product).await?.ok_or_else(unknown)?;
        if !self.is_for_sale(&mut tx, &found).await? {
            return Err(unknown());
        }
        let quote = store(&mut tx, self, &found).await?;
        tx.commit().await?;
        Ok(quote)
    }

    /// The promise with this id, as long as the shop stands by it.
    pub async fn standing_quote(&self, id: &QuoteId) -> Result<Option<Quote>, Error> {
        let now = self.clock.now();
        let found = find(&mut self.db.read("quote.look").await?, id).await?;
        Ok(found.filter(|quote| now < quote.expires_at))
    }
}

/// Stores a promise of the product's present price.
pub(crate) async fn store(tx: &mut WriteTx, shop: &Shop, product: &Product) -> Result<Quote, Error> {
    let now = shop.clock.now();
    let quote = Quote {
        id: QuoteId::new(&shop.ids, now),
        product: product.code.clone(),
        price: product.price,
        cost: product.cost,
        expires_at: now.plus(shop.rules.quote_valid),
    };
    sql!("INSERT INTO quote (id, product_code, price, cost, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(&quote.id)
        .bind(&quote.product)
        .bind(quote.price)
        .bind(quote.cost)
        .bind(now)
        .bind(quote.expires_at)
        .run(tx)
        .await?;
    Ok(quote)
}

/// The quote with this id.
pub(crate) async fn find(tx: &mut ReadTx, id: &QuoteId) -> Result<Option<Quote>, Error> {
    sql!("SELECT id, product_code, price, cost, expires_at FROM quote WHERE id = $1")
        .bind(id)
        .optional(tx)
        .await
}

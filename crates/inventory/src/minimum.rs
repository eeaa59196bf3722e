//! The minimum that the alert levels of a product are measured by.

use database::{Error, WriteTx, sql};
use vocabulary::ProductCode;

/// What [`set_minimum`] did.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MinimumOutcome {
    /// The minimum is now the one given.
    Changed,
    /// It was that already.
    Unchanged,
    /// The product has no stock row.
    UnknownProduct,
}

/// Sets the minimum of a product. No pieces move, so there is no movement.
pub async fn set_minimum(
    tx: &mut WriteTx,
    product: &ProductCode,
    minimum: u32,
) -> Result<MinimumOutcome, Error> {
    let changed = sql!("UPDATE stock SET minimum = $1 WHERE product_code = $2 AND minimum <> $1")
        .bind(minimum)
        .bind(product)
        .run(tx)
        .await?;
    if changed > 0 {
        return Ok(MinimumOutcome::Changed);
    }
    Ok(match crate::level(tx, product).await? {
        Some(_) => MinimumOutcome::Unchanged,
        None => MinimumOutcome::UnknownProduct,
    })
}

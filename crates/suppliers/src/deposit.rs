//! What is left of our deposit at each supplier, by the newest word about it.

use database::{Error, FromRow, ReadTx, Row, WriteTx, sql};
use vocabulary::{Rupiah, Timestamp};

/// What a supplier last said of our deposit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepositSeen {
    /// Whose word it is.
    pub supplier: String,
    /// What is left, in whole rupiah rounded down.
    pub left: Rupiah,
    /// When the question was sent that it answers.
    pub seen_at: Timestamp,
}

impl FromRow for DepositSeen {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(DepositSeen {
            supplier: row.get("supplier")?,
            left: row.get("left_over")?,
            seen_at: row.get("seen_at")?,
        })
    }
}

/// What a supplier last said of our deposit; none when it never did.
pub async fn deposit_seen(tx: &mut ReadTx, supplier: &str) -> Result<Option<DepositSeen>, Error> {
    sql!("SELECT supplier, left_over, seen_at FROM supplier_deposit WHERE supplier = $1")
        .bind(supplier)
        .optional(tx)
        .await
}

/// Keeps what a supplier said of our deposit, unless something newer is known. True when it was kept.
pub async fn store_deposit(tx: &mut WriteTx, seen: &DepositSeen) -> Result<bool, Error> {
    let kept = sql!(
        "INSERT INTO supplier_deposit (supplier, left_over, seen_at) VALUES ($1, $2, $3)
         ON CONFLICT (supplier) DO UPDATE SET left_over = excluded.left_over, seen_at = excluded.seen_at
         WHERE supplier_deposit.seen_at <= excluded.seen_at"
    )
    .bind(&seen.supplier)
    .bind(seen.left)
    .bind(seen.seen_at)
    .run(tx)
    .await?;
    Ok(kept > 0)
}

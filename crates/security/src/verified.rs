//! Buyers whom a person has verified, and why. What it was before stands in the audit trail.

use database::{Error, FromRow, ReadTx, Row, WriteTx, sql};
use vocabulary::{Actor, BuyerId, Timestamp};

/// That somebody has verified a buyer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Why, in the words of whoever did.
    pub reason: String,
    /// Who did.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

impl FromRow for Verified {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Verified { reason: row.get("reason")?, by: row.get("verified_by")?, at: row.get("verified_at")? })
    }
}

/// Keeps that a buyer is verified; who has been keeps the first reason. True when new.
pub async fn buyer_verify(
    tx: &mut WriteTx,
    buyer: &BuyerId,
    reason: &str,
    by: &Actor,
    now: Timestamp,
) -> Result<bool, Error> {
    let added = sql!(
        "INSERT INTO verified_buyer (buyer, reason, verified_by, verified_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (buyer) DO NOTHING"
    )
    .bind(buyer)
    .bind(reason)
    .bind(by)
    .bind(now)
    .run(tx)
    .await?;
    Ok(added > 0)
}

/// The buyer is verified no more. True when they were.
pub async fn buyer_unverify(tx: &mut WriteTx, buyer: &BuyerId) -> Result<bool, Error> {
    let gone = sql!("DELETE FROM verified_buyer WHERE buyer = $1").bind(buyer).run(tx).await?;
    Ok(gone > 0)
}

/// Who verified this buyer and why, if somebody has.
pub async fn buyer_verified(tx: &mut ReadTx, buyer: &BuyerId) -> Result<Option<Verified>, Error> {
    sql!("SELECT reason, verified_by, verified_at FROM verified_buyer WHERE buyer = $1")
        .bind(buyer)
        .optional(tx)
        .await
}

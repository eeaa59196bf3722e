//! Buyers and addresses that may not buy.

use database::{Error, ReadTx, WriteTx, sql};
use vocabulary::{Actor, Timestamp};

vocabulary::text_enum!(
    /// What a blacklist entry is about.
    pub enum Listed {
        /// A buyer.
        Buyer = "buyer",
        /// An IP address.
        Ip = "ip",
    }
);
database::text_column!(Listed);

/// Puts somebody on the blacklist; an entry that is there keeps its first reason. True when new.
pub async fn blacklist_add(
    tx: &mut WriteTx,
    listed: Listed,
    value: &str,
    reason: &str,
    by: &Actor,
    now: Timestamp,
) -> Result<bool, Error> {
    let added = sql!(
        "INSERT INTO blacklist_entry (kind, value, reason, added_by, added_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (kind, value) DO NOTHING"
    )
    .bind(listed)
    .bind(value)
    .bind(reason)
    .bind(by)
    .bind(now)
    .run(tx)
    .await?;
    Ok(added > 0)
}

/// Why this value is on the blacklist, if it is.
pub async fn blacklist_find(tx: &mut ReadTx, listed: Listed, value: &str) -> Result<Option<String>, Error> {
    sql!("SELECT reason FROM blacklist_entry WHERE kind = $1 AND value = $2")
        .bind(listed)
        .bind(value)
        .optional(tx)
        .await
}

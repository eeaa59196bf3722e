//! The number of a wallet that a buyer asked us to remember: encrypted, shown by its mask only.

use crate::StoredPhone;
use database::{Error, ReadTx, WriteTx, sql};
use vocabulary::{BuyerId, Timestamp};

/// Remembers the number of this buyer in place of an earlier one.
pub async fn remember_phone(
    tx: &mut WriteTx,
    buyer: &BuyerId,
    phone: &StoredPhone,
    now: Timestamp,
) -> Result<(), Error> {
    sql!(
        "INSERT INTO payer_phone (buyer, sealed, mask, updated_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (buyer) DO UPDATE SET sealed = $2, mask = $3, updated_at = $4"
    )
    .bind(buyer)
    .bind(&phone.sealed)
    .bind(&phone.mask)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

/// The number that this buyer asked us to remember.
pub async fn remembered_phone(tx: &mut ReadTx, buyer: &BuyerId) -> Result<Option<StoredPhone>, Error> {
    let found: Option<(String, String)> =
        sql!("SELECT sealed, mask FROM payer_phone WHERE buyer = $1").bind(buyer).optional(tx).await?;
    Ok(found.map(|(sealed, mask)| StoredPhone { sealed, mask }))
}

/// Forgets the number of this buyer. True when there was one.
pub async fn forget_phone(tx: &mut WriteTx, buyer: &BuyerId) -> Result<bool, Error> {
    let gone = sql!("DELETE FROM payer_phone WHERE buyer = $1").bind(buyer).run(tx).await?;
    Ok(gone > 0)
}

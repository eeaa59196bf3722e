//! What parties hold for products that Loket does not use: enough for the vendors' own libraries to make, ask
//! about and call off what they can, and no more. Nothing here is money of the shop's, so it stands in no
//! books that the shop is compared with, and no webhook tells of it.

use crate::world::Target;
use database::{Error, FromRow, Json, ReadTx, Row, WriteTx, report_sql, sql};
use serde_json::{Map, Value};
use vocabulary::Timestamp;

/// One thing of one product: an invoice, a subscription, a payout.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) party: Target,
    /// Whose things are told apart by `id`, in the simulator's own words: `invoice`.
    pub(crate) product: String,
    /// The party's own id.
    pub(crate) id: String,
    /// The merchant's reference, which others of the product may have as well; empty for none.
    pub(crate) reference: String,
    /// The party's word for where it stands.
    pub(crate) status: String,
    /// Everything else that is told of it, in the party's own names.
    pub(crate) body: Map<String, Value>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

impl FromRow for Item {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Item {
            party: row.get("party")?,
            product: row.get("product")?,
            id: row.get("id")?,
            reference: row.get("reference")?,
            status: row.get("status")?,
            body: row.get::<Json<Map<String, Value>>>("body")?.0,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
        })
    }
}

/// Writes something new down.
pub(crate) async fn insert(tx: &mut WriteTx, item: &Item) -> Result<(), Error> {
    sql!(
        "INSERT INTO world_shelf (party, product, id, reference, status, body, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    )
    .bind(item.party)
    .bind(&item.product)
    .bind(&item.id)
    .bind(&item.reference)
    .bind(&item.status)
    .bind(Json(&item.body))
    .bind(item.created_at)
    .bind(item.updated_at)
    .run(tx)
    .await?;
    Ok(())
}

/// Writes down what has changed about something: where it stands, and what is told of it.
pub(crate) async fn save(tx: &mut WriteTx, item: &Item) -> Result<(), Error> {
    sql!(
        "UPDATE world_shelf SET status = $4, body = $5, updated_at = $6
         WHERE party = $1 AND product = $2 AND id = $3"
    )
    .bind(item.party)
    .bind(&item.product)
    .bind(&item.id)
    .bind(&item.status)
    .bind(Json(&item.body))
    .bind(item.updated_at)
    .run(tx)
    .await?;
    Ok(())
}

/// The one with this id of the party's.
pub(crate) async fn find(
    tx: &mut ReadTx,
    party: Target,
    product: &str,
    id: &str,
) -> Result<Option<Item>, Error> {
    sql!("SELECT * FROM world_shelf WHERE party = $1 AND product = $2 AND id = $3")
        .bind(party)
        .bind(product)
        .bind(id)
        .optional(tx)
        .await
}

/// Those with this reference of the merchant's, newest first.
pub(crate) async fn of_reference(
    tx: &mut ReadTx,
    party: Target,
    product: &str,
    reference: &str,
) -> Result<Vec<Item>, Error> {
    sql!(
        "SELECT * FROM world_shelf WHERE party = $1 AND product = $2 AND reference = $3
         ORDER BY created_at DESC, id DESC LIMIT 100"
    )
    .bind(party)
    .bind(product)
    .bind(reference)
    .all(tx)
    .await
}

/// The newest hundred of a product.
pub(crate) async fn newest(tx: &mut ReadTx, party: Target, product: &str) -> Result<Vec<Item>, Error> {
    report_sql!(
        "SELECT * FROM world_shelf WHERE party = $1 AND product = $2 ORDER BY created_at DESC, id DESC LIMIT 100"
    )
    .bind(party)
    .bind(product)
    .all(tx)
    .await
}

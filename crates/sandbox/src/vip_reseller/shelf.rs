//! What the simulated VIP Reseller sells now: the products that the world was opened with, and what has become of
//! them since.

use crate::{settings::SupplierProduct, world::World};
use database::{Error, FromRow, ReadTx, Row, WriteTx, report_sql, sql};
use vocabulary::Rupiah;

/// What has become of a product; nothing where there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) sku: String,
    pub(crate) price: Option<i64>,
    pub(crate) stock: Option<i64>,
    pub(crate) available: Option<bool>,
}

impl FromRow for Change {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Change {
            sku: row.get("sku")?,
            price: row.get("price")?,
            stock: row.get("stock")?,
            available: row.get("available")?,
        })
    }
}

/// All products, in the order of the world.
pub(super) async fn all(world: &World, tx: &mut ReadTx) -> Result<Vec<SupplierProduct>, Error> {
    let changes: Vec<Change> = report_sql!("SELECT * FROM world_vip_listing").query().all(tx).await?;
    let of = |sku: &str| changes.iter().find(|change| change.sku == sku);
    Ok(world.settings.products.iter().map(|product| stands(product, of(&product.sku))).collect())
}

/// One product, if there is such a one.
pub(super) async fn find(
    world: &World,
    tx: &mut ReadTx,
    sku: &str,
) -> Result<Option<SupplierProduct>, Error> {
    let Some(product) = crate::goods::product(world, sku) else { return Ok(None) };
    let change: Option<Change> =
        sql!("SELECT * FROM world_vip_listing WHERE sku = $1").bind(sku).optional(tx).await?;
    Ok(Some(stands(product, change.as_ref())))
}

/// Notes what has become of a product, beside what had before.
pub(crate) async fn change(tx: &mut WriteTx, change: &Change) -> Result<(), Error> {
    sql!(
        "INSERT INTO world_vip_listing (sku, price, stock, available) VALUES ($1, $2, $3, $4)
         ON CONFLICT (sku) DO UPDATE SET price = COALESCE(excluded.price, world_vip_listing.price),
             stock = COALESCE(excluded.stock, world_vip_listing.stock),
             available = COALESCE(excluded.available, world_vip_listing.available)"
    )
    .bind(&change.sku)
    .bind(change.price)
    .bind(change.stock)
    .bind(change.available)
    .run(tx)
    .await?;
    Ok(())
}

fn stands(product: &SupplierProduct, change: Option<&Change>) -> SupplierProduct {
    let Some(change) = change else { return product.clone() };
    let stock = change.stock.map(|stock| u32::try_from(stock).unwrap_or(0));
    SupplierProduct {
        price: change.price.map_or(product.price, Rupiah::new),
        stock: stock.or(product.stock),
        active: change.available.unwrap_or(product.active),
        ..product.clone()
    }
}

//! What the simulated Digiflazz sells now: the products that the world was opened with, and what has become of
//! them since.

use crate::{settings::SupplierProduct, world::World};
use database::{Error, FromRow, ReadTx, Row, WriteTx, report_sql, sql};
use vocabulary::Rupiah;

/// A product as it stands now.
#[derive(Clone, Debug)]
pub(crate) struct OnShelf {
    /// With its present price, stock, hours and name.
    pub(crate) product: SupplierProduct,
    pub(crate) buyer_active: bool,
    pub(crate) seller_active: bool,
    /// What the list says that it costs.
    pub(crate) list_price: Rupiah,
}

/// What has become of a product; nothing where there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) sku: String,
    pub(crate) name: Option<String>,
    pub(crate) price: Option<i64>,
    pub(crate) list_price: Option<i64>,
    pub(crate) buyer_active: Option<bool>,
    pub(crate) seller_active: Option<bool>,
    pub(crate) stock: Option<i64>,
    pub(crate) unlimited: Option<bool>,
    pub(crate) multi: Option<bool>,
    pub(crate) cut_off: Option<(String, String)>,
    pub(crate) gone: Option<bool>,
}

impl FromRow for Change {
    fn from_row(row: &Row) -> Result<Self, Error> {
        let ends: (Option<String>, Option<String>) = (row.get("cut_off_start")?, row.get("cut_off_end")?);
        Ok(Change {
            sku: row.get("sku")?,
            name: row.get("name")?,
            price: row.get("price")?,
            list_price: row.get("list_price")?,
            buyer_active: row.get("buyer_active")?,
            seller_active: row.get("seller_active")?,
            stock: row.get("stock")?,
            unlimited: row.get("unlimited")?,
            multi: row.get("multi")?,
            cut_off: ends.0.zip(ends.1),
            gone: row.get("gone")?,
        })
    }
}

/// What can be had now, in the order of the world.
pub(super) async fn all(world: &World, tx: &mut ReadTx) -> Result<Vec<OnShelf>, Error> {
    let changes: Vec<Change> = report_sql!("SELECT * FROM world_digiflazz_listing").query().all(tx).await?;
    let of = |sku: &str| changes.iter().find(|change| change.sku == sku).cloned();
    let products = world.settings.products.iter();
    Ok(products.filter_map(|product| stands(product, of(&product.sku).unwrap_or_default())).collect())
}

/// One product, if it can be had at all.
pub(super) async fn find(world: &World, tx: &mut ReadTx, sku: &str) -> Result<Option<OnShelf>, Error> {
    let Some(product) = world.settings.products.iter().find(|product| product.sku == sku) else {
        return Ok(None);
    };
    let change: Option<Change> =
        sql!("SELECT * FROM world_digiflazz_listing WHERE sku = $1").bind(sku).optional(tx).await?;
    Ok(stands(product, change.unwrap_or_default()))
}

/// Notes what has become of a product, beside what had before.
pub(crate) async fn change(tx: &mut WriteTx, change: &Change) -> Result<(), Error> {
    let ends = change.cut_off.as_ref();
    sql!(
        "INSERT INTO world_digiflazz_listing
            (sku, name, price, list_price, buyer_active, seller_active, stock, unlimited, multi, cut_off_start,
             cut_off_end, gone)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         ON CONFLICT (sku) DO UPDATE SET
             name = COALESCE(excluded.name, world_digiflazz_listing.name),
             price = COALESCE(excluded.price, world_digiflazz_listing.price),
             list_price = COALESCE(excluded.list_price, world_digiflazz_listing.list_price),
             buyer_active = COALESCE(excluded.buyer_active, world_digiflazz_listing.buyer_active),
             seller_active = COALESCE(excluded.seller_active, world_digiflazz_listing.seller_active),
             stock = COALESCE(excluded.stock, world_digiflazz_listing.stock),
             unlimited = COALESCE(excluded.unlimited, world_digiflazz_listing.unlimited),
             multi = COALESCE(excluded.multi, world_digiflazz_listing.multi),
             cut_off_start = COALESCE(excluded.cut_off_start, world_digiflazz_listing.cut_off_start),
             cut_off_end = COALESCE(excluded.cut_off_end, world_digiflazz_listing.cut_off_end),
             gone = COALESCE(excluded.gone, world_digiflazz_listing.gone)"
    )
    .bind(&change.sku)
    .bind(change.name.as_ref())
    .bind(change.price)
    .bind(change.list_price)
    .bind(change.buyer_active)
    .bind(change.seller_active)
    .bind(change.stock)
    .bind(change.unlimited)
    .bind(change.multi)
    .bind(ends.map(|ends| ends.0.as_str()))
    .bind(ends.map(|ends| ends.1.as_str()))
    .bind(change.gone)
    .run(tx)
    .await?;
    Ok(())
}

/// A product that can be bought whatever the world sells: that of the vendor's test mode.
pub(super) fn always(product: SupplierProduct) -> OnShelf {
    OnShelf { list_price: product.price, product, buyer_active: true, seller_active: true }
}

fn stands(product: &SupplierProduct, change: Change) -> Option<OnShelf> {
    if change.gone == Some(true) {
        return None;
    }
    let price = change.price.map_or(product.price, Rupiah::new);
    let stock = match (change.unlimited, change.stock) {
        (Some(true), _) => None,
        (_, Some(stock)) => u32::try_from(stock).ok(),
        _ => product.stock,
    };
    let name = change.name.unwrap_or_else(|| product.name.clone());
    let cut_off = change.cut_off.unwrap_or_else(|| product.cut_off.clone());
    let multi = change.multi.unwrap_or(product.multi);
    Some(OnShelf {
        buyer_active: change.buyer_active.unwrap_or(product.active),
        seller_active: change.seller_active.unwrap_or(product.active),
        list_price: change.list_price.map_or(price, Rupiah::new),
        product: SupplierProduct { price, stock, name, cut_off, multi, ..product.clone() },
    })
}

//! Game categories, as the shop shows them.

use database::{Error, FromRow, ReadTx, Row, sql};
use vocabulary::CategoryCode;

/// A game whose products the shop sells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Its code (`ML`).
    pub code: CategoryCode,
    /// Its name (`Mobile Legends`).
    pub name: String,
    /// An emoji; may be empty.
    pub icon: String,
    /// False when the owner has switched it off: neither it nor its products are shown.
    pub active: bool,
    /// Its place among the categories.
    pub position: i64,
}

/// The categories that are switched on, in their order.
pub async fn categories(tx: &mut ReadTx) -> Result<Vec<Category>, Error> {
    sql!("SELECT code, name, icon, active, position FROM category WHERE active = 1 ORDER BY position, code")
        .query()
        .all(tx)
        .await
}

/// One category, switched on or off.
pub async fn category(tx: &mut ReadTx, code: &CategoryCode) -> Result<Option<Category>, Error> {
    sql!("SELECT code, name, icon, active, position FROM category WHERE code = $1")
        .bind(code)
        .optional(tx)
        .await
}

impl FromRow for Category {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Category {
            code: row.get("code")?,
            name: row.get("name")?,
            icon: row.get("icon")?,
            active: row.get("active")?,
            position: row.get("position")?,
        })
    }
}

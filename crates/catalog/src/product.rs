//! Game products (denominations), as the shop sells and buys them.

use crate::{
    CustomerTemplate, KeptOff,
    account::{self, AccountProblem, ServerRule, server_rule},
};
use database::{Error, FromRow, ReadTx, Row, sql};
use vocabulary::{Account, CategoryCode, ProductCode, Rupiah};

/// One denomination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Its code (`ML_86`).
    pub code: ProductCode,
    /// The category that it is shown in.
    pub category: CategoryCode,
    /// Its name (`86 Diamond`).
    pub name: String,
    /// What a buyer pays.
    pub price: Rupiah,
    /// What the shop expects to pay, and the most that it pays when it buys for this price.
    pub cost: Rupiah,
    /// A line for the buyer; may be empty.
    pub description: String,
    /// True when the product and its category are switched on: only then it may be sold.
    pub active: bool,
    /// Why it is not offered by the supplier that its own row names, for as long as that lasts. Another route may
    /// deliver it all the same.
    pub kept_off: Option<KeptOff>,
    /// The supplier's name (`digiflazz`).
    pub supplier: String,
    /// The supplier's code of the product (`ml86`).
    pub supplier_sku: String,
    /// How the account becomes the supplier's customer number.
    pub customer_template: CustomerTemplate,
    /// Who sells it at the supplier, as the owner notes it; empty when nothing is noted.
    pub seller: String,
    /// Its place within the category.
    pub position: i64,
}

impl Product {
    /// What one sale leaves after the cost.
    pub fn margin(&self) -> Rupiah {
        Rupiah::new(self.price.get().saturating_sub(self.cost.get()))
    }

    /// Reads the account that this product is bought for. Of a game without a rule the template tells
    /// whether there is a zone: one that would go nowhere is refused, and so is one that is missing.
    ///
    /// # Errors
    /// What is wrong with it, with a message for the buyer.
    pub fn account(&self, user_id: &str, server_id: Option<&str>) -> Result<Account, AccountProblem> {
        let account = account::parse(&self.category, user_id, server_id)?;
        let by_template = server_rule(&self.category) == ServerRule::Optional;
        match (account.server_id().is_some(), self.customer_template.wants_zone()) {
            (true, false) if by_template => Err(AccountProblem::ServerNotUsed),
            (false, true) if by_template => Err(AccountProblem::ServerMissing),
            _ => Ok(account),
        }
    }
}

/// The products of a category that are switched on, in their order, those too that their own supplier keeps off
/// sale. Empty for a category that is switched off or unknown.
pub async fn products_of(tx: &mut ReadTx, category: &CategoryCode) -> Result<Vec<Product>, Error> {
    sql!(
        "SELECT p.code, p.category_code, p.name, p.price, p.cost, p.description, p.supplier, p.supplier_sku,
                p.customer_template, p.seller, p.position,
                p.kept_off, p.active * c.active AS active
         FROM product p JOIN category c ON c.code = p.category_code
         WHERE p.category_code = $1 AND p.active = 1 AND c.active = 1
         ORDER BY p.position, p.code"
    )
    .bind(category)
    .all(tx)
    .await
}

/// One product, sold or not.
pub async fn product(tx: &mut ReadTx, code: &ProductCode) -> Result<Option<Product>, Error> {
    sql!(
        "SELECT p.code, p.category_code, p.name, p.price, p.cost, p.description, p.supplier, p.supplier_sku,
                p.customer_template, p.seller, p.position,
                p.kept_off, p.active * c.active AS active
         FROM product p JOIN category c ON c.code = p.category_code
         WHERE p.code = $1"
    )
    .bind(code)
    .optional(tx)
    .await
}

impl FromRow for Product {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Product {
            code: row.get("code")?,
            category: row.get("category_code")?,
            name: row.get("name")?,
            price: row.get("price")?,
            cost: row.get("cost")?,
            description: row.get("description")?,
            active: row.get("active")?,
            kept_off: row.get("kept_off")?,
            supplier: row.get("supplier")?,
            supplier_sku: row.get("supplier_sku")?,
            customer_template: row.get("customer_template")?,
            seller: row.get("seller")?,
            position: row.get("position")?,
        })
    }
}

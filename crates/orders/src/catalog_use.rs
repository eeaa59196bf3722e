//! The catalog and the stock together: what can be bought now, whether an account exists, and seeding,
//! importing and restocking with an audit entry for every change.

use crate::Shop;
use catalog::{
    Asker, Catalog, Category, Checked, ImportReport, InitialStock, Product, ProductEntry, Subject, TooMany,
    Validation,
};
use database::{Error, WriteTx};
use inventory::{AddOutcome, Addition, CreateOutcome, Level, MinimumOutcome, Quantity};
use std::{collections::HashMap, time::Duration};
use vocabulary::{Account, Actor, CategoryCode, ProductCode};

/// How long taking over a file may take: ten thousand products at most.
const FILE_LIMIT: Duration = Duration::from_secs(60);

/// A product with what is left of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The product.
    pub product: Product,
    /// Pieces that can be bought.
    pub available: u32,
}

/// What a seed or an import did.
#[derive(Clone, Debug)]
pub struct CatalogReport {
    /// What happened to categories and products.
    pub import: ImportReport,
    /// How many stock rows are new.
    pub stock_rows_added: usize,
}

/// What the check of an account found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validated {
    /// The game.
    pub game: Category,
    /// The account, cleaned; `None` when the id could not be read as one.
    pub account: Option<Account>,
    /// Whether it exists.
    pub validation: Validation,
    /// True when the buyer should be asked once more before buying for this account, because nobody
    /// could say whether it exists and the owner wants that for this game.
    pub confirm: bool,
}

/// Why an account was not checked.
#[derive(Debug, thiserror::Error)]
pub enum ValidateError {
    /// The shop does not have this game, or it is switched off.
    #[error("there is no game `{0}`")]
    UnknownGame(CategoryCode),
    /// The asker, or their group, caused too many look-ups. It says nothing about the account.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The database refused.
    #[error(transparent)]
    Database(#[from] Error),
}

/// Why nothing was restocked.
#[derive(Debug, thiserror::Error)]
pub enum RestockError {
    /// The product has no stock row.
    #[error("there is no product `{0}`")]
    UnknownProduct(ProductCode),
    /// More than the shop can hold.
    #[error("`{0}` would have more pieces than the shop can count")]
    TooMany(ProductCode),
    /// The database refused.
    #[error(transparent)]
    Database(#[from] Error),
}

impl Shop {
    /// The active categories, in their order.
    pub async fn categories(&self) -> Result<Vec<Category>, Error> {
        catalog::categories(&mut self.db.read("catalog.categories").await?).await
    }

    /// The category with what can be bought of it now; `None` for an unknown or inactive one.
    pub async fn offers(&self, code: &CategoryCode) -> Result<Option<(Category, Vec<Offer>)>, Error> {
        let mut tx = self.db.read("catalog.offers").await?;
        let Some(category) = catalog::category(&mut tx, code).await?.filter(|c| c.active) else {
            return Ok(None);
        };
        let levels = inventory::levels_of_category(&mut tx, code).await?;
        let available = |product: &ProductCode| {
            levels.iter().find(|level| level.product == *product).map_or(0, Level::available)
        };
        let mut products = catalog::products_of(&mut tx, code).await?;
        products.retain(|product| available(&product.code) > 0);
        let offers = self.deliverable(&mut tx, code, products).await?.into_iter();
        let offers = offers.map(|product| Offer { available: available(&product.code), product });
        Ok(Some((category, offers.collect())))
    }

    /// Checks a game account for somebody who may buy for it. Outside parties are asked, with no
    /// transaction open; the answer comes within two seconds, whatever they do.
    ///
    /// # Errors
    /// Why it was not checked.
    pub async fn validate_account(
        &self,
        game: &CategoryCode,
        user_id: &str,
        server_id: Option<&str>,
        asker: &Asker,
    ) -> Result<Validated, ValidateError> {
        let category = {
            let mut tx = self.db.read("catalog.validate").await?;
            catalog::category(&mut tx, game).await?
        };
        let game = category.filter(|c| c.active).ok_or_else(|| ValidateError::UnknownGame(game.clone()))?;
        let found = self.validator.check(&game.code, user_id, server_id, asker).await?;
        let Checked { account, validation, confirm } = found;
        Ok(Validated { game, account, validation, confirm })
    }

    /// Adds what is missing of a catalog, and the stock rows; changes nothing that is there.
    pub async fn seed_catalog(&self, file: &Catalog, actor: &Actor) -> Result<CatalogReport, Error> {
        let mut tx = self.db.write_within("catalog.seed", FILE_LIMIT).await?;
        let import = catalog::seed_in_tx(&mut tx, file, self.clock.now()).await?;
        self.finish_import(tx, (file, import), actor).await
    }

    /// Makes the catalog agree with a file. All of it or nothing.
    pub async fn import_catalog(&self, file: &Catalog, actor: &Actor) -> Result<CatalogReport, Error> {
        let mut tx = self.db.write_within("catalog.import", FILE_LIMIT).await?;
        let import = catalog::import_in_tx(&mut tx, file, self.clock.now()).await?;
        for (product, stock) in &import.stock {
            if inventory::set_minimum(&mut tx, product, stock.minimum).await? == MinimumOutcome::Changed {
                let values = (None, Some(stock.minimum.to_string()));
                self.audit_catalog(&mut tx, actor, "stock.minimum", product.as_str(), values).await?;
            }
        }
        let report = self.finish_import(tx, (file, import), actor).await?;
        for supplier in self.suppliers.iter() {
            // What the file says is in; the next look at the supplier's prices sees to the rest.
            if let Err(error) = self.follow_prices(supplier.name()).await {
                tracing::warn!(%error, "the prices of {} were not looked at: {error}", supplier.name());
            }
        }
        Ok(report)
    }

    async fn finish_import(
        &self,
        mut tx: WriteTx,
        (file, import): (&Catalog, ImportReport),
        actor: &Actor,
    ) -> Result<CatalogReport, Error> {
        let now = self.clock.now();
        let mut stock_rows_added = 0;
        for (product, stock) in &import.stock {
            let made = inventory::create_if_missing(
                &mut tx,
                &self.ids,
                product,
                stock.on_hand,
                stock.minimum,
                actor,
                now,
            );
            if made.await? == CreateOutcome::Created {
                stock_rows_added += 1;
            }
        }
        let names: HashMap<_, _> = file.categories().iter().map(|entry| (&entry.code, &entry.name)).collect();
        for code in &import.added_categories {
            let values = (None, names.get(code).copied().cloned());
            self.audit_catalog(&mut tx, actor, "catalog.category_added", code.as_str(), values).await?;
        }
        let products: HashMap<_, _> = file.products().iter().map(|entry| (&entry.code, entry)).collect();
        for code in &import.added {
            let costs =
                |entry: &&ProductEntry| format!("price {}, cost {}", entry.price.get(), entry.cost.get());
            let values = (None, products.get(code).map(costs));
            self.audit_catalog(&mut tx, actor, "catalog.product_added", code.as_str(), values).await?;
        }
        for change in &import.changed {
            let subject = match &change.subject {
                Subject::Category(code) => code.as_str(),
                Subject::Product(code) => code.as_str(),
            };
            let values = (Some(change.before.clone()), Some(change.after.clone()));
            self.audit_catalog(&mut tx, actor, &format!("catalog.{}", change.field), subject, values).await?;
        }
        tx.commit().await?;
        Ok(CatalogReport { import, stock_rows_added })
    }

    async fn audit_catalog(
        &self,
        tx: &mut WriteTx,
        actor: &Actor,
        action: &str,
        subject: &str,
        (before, after): (Option<String>, Option<String>),
    ) -> Result<(), Error> {
        let entry = security::Entry { actor, action, subject, before, after, source: None };
        security::record(tx, &self.ids, self.clock.now(), &entry).await
    }

    /// The catalog as a file that can be imported again.
    pub async fn export_catalog(&self) -> Result<String, Error> {
        let mut tx = self.db.read("catalog.export").await?;
        let levels: HashMap<ProductCode, InitialStock> = inventory::levels(&mut tx)
            .await?
            .into_iter()
            .map(|Level { product, on_hand, minimum, .. }| (product, InitialStock { on_hand, minimum }))
            .collect();
        catalog::export(&mut tx, |code| levels.get(code).copied()).await
    }

    /// Adds pieces to the stock of a product; tells how many can be bought now.
    ///
    /// # Errors
    /// Why nothing was added.
    pub async fn restock(
        &self,
        product: &ProductCode,
        quantity: Quantity,
        actor: &Actor,
    ) -> Result<u32, RestockError> {
        let now = self.clock.now();
        let mut tx = self.db.write("stock.add").await?;
        let addition = Addition { quantity, reason: "restocked", reference: None };
        match inventory::add(&mut tx, &self.ids, product, addition, actor, now).await? {
            AddOutcome::Added => {}
            AddOutcome::UnknownProduct => return Err(RestockError::UnknownProduct(product.clone())),
            _ => return Err(RestockError::TooMany(product.clone())),
        }
        let available = inventory::available(&mut tx, product).await?.unwrap_or(0);
        let values = (None, Some(format!("+{quantity}, {available} available")));
        self.audit_catalog(&mut tx, actor, "stock.added", product.as_str(), values).await?;
        tx.commit().await?;
        Ok(available)
    }
}

//! The way to an order: product, account, agreement, payment. Every step can be taken again, and the
//! order is placed once for its draft.

mod check;
mod form;
mod pay;

pub(crate) use check::{agree, leave, recheck, settle, submitted};
pub(crate) use form::{edit, form, picked};
pub(crate) use pay::place;

use crate::{
    DraftId, commands,
    desk::Desk,
    draft::{self, Draft},
    inbound::Inbound,
    trouble::Trouble,
};
use catalog::{Category, Product};
use orders::Shop;
use vocabulary::ProductCode;

/// A product that is for sale, with its game.
async fn product(shop: &Shop, code: &ProductCode) -> Result<(Category, Product), Trouble> {
    let mut tx = shop.db.read("discord.product").await?;
    let product = catalog::product(&mut tx, code).await?.filter(|product| product.active);
    let product = product.ok_or_else(Trouble::no_product)?;
    let game = catalog::category(&mut tx, &product.category).await?.ok_or_else(Trouble::no_product)?;
    Ok((game, product))
}

/// A draft of the reader's.
async fn draft(desk: &Desk, asked: &Inbound, id: &DraftId) -> Result<Draft, Trouble> {
    draft::find(&desk.shop, id, &commands::buyer(asked)?).await?.ok_or_else(Trouble::gone)
}

//! The way to an order: product, account, agreement, payment. Every step can be taken again, and the
//! order is placed once for its draft.

mod agree;
mod check;
mod form;
mod pay;

pub(crate) use agree::{agree, leave};
pub(crate) use check::{again, recheck, settle, submitted};
pub(crate) use form::{edit, form, picked};
pub(crate) use pay::place;

use crate::{
    DraftId,
    commands::{self, reader},
    desk::Desk,
    draft::{self, Draft},
    inbound::Inbound,
    order_presses,
    reply::Reply,
    trouble::Trouble,
    views::account,
};
use catalog::{Category, Product};
use orders::Shop;
use std::ops::ControlFlow;
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

/// A draft of the reader's that may still become an order; else its end, as it is told.
async fn open(desk: &Desk, asked: &Inbound, id: &DraftId) -> Result<ControlFlow<Reply, Draft>, Trouble> {
    let draft = draft(desk, asked, id).await?;
    if let Some(number) = &draft.order {
        return Ok(ControlFlow::Break(order_presses::show(desk, asked, number).await?));
    }
    if draft.left {
        let card = account::left(reader(desk, asked), &draft);
        return Ok(ControlFlow::Break(Reply::here(asked.own_message, card)));
    }
    Ok(ControlFlow::Continue(draft))
}

/// The question whether the account is the right one.
async fn confirm(desk: &Desk, asked: &Inbound, draft: &Draft) -> Result<Reply, Trouble> {
    let (game, product) = product(&desk.shop, &draft.product).await?;
    let card = account::confirm(reader(desk, asked), &game, &product, draft);
    Ok(Reply::here(asked.own_message, card))
}

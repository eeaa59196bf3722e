//! `/history` and `/saldo`: the buyer's orders and store credit.

use super::{buyer, reader};
use crate::{desk::Desk, inbound::Inbound, reply::Reply, screen::OWNER, trouble::Trouble, views::history};
use vocabulary::OrderId;

/// Orders on one page.
const PAGE: u32 = 10;

/// A page of the buyer's orders: the newest, or those older than one.
pub(crate) async fn page(desk: &Desk, asked: &Inbound, after: Option<&OrderId>) -> Result<Reply, Trouble> {
    let page = desk.shop.orders_of_buyer(OWNER, &buyer(asked)?, after, PAGE).await?;
    let offset_ms = desk.shop.clock.offset_ms();
    let card = history::orders(reader(desk, asked), &page, after.is_none(), offset_ms);
    Ok(Reply::here(asked.own_message, card))
}

/// The store credit of the reader.
pub(crate) async fn balance(desk: &Desk, asked: &Inbound) -> Result<Reply, Trouble> {
    let balance = desk.shop.wallet_balance(&buyer(asked)?).await?;
    let takes_deposits = desk.shop.deposit_bounds().is_some();
    Ok(Reply::Show(history::balance(reader(desk, asked), balance, takes_deposits)))
}

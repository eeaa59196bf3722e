//! The commands, and what is proposed while one is typed.

pub(crate) mod cek;
pub(crate) mod definitions;
pub(crate) mod history;
pub(crate) mod price;
mod propose;
pub(crate) mod topup;

pub(crate) use propose::autocomplete;

use crate::{
    desk::Desk,
    inbound::{Inbound, Named},
    reply::Reply,
    screen,
    trouble::Trouble,
    views::{self, Reader},
};
use catalog::Category;
use orders::Shop;
use vocabulary::BuyerId;

/// Answers a command.
pub(crate) async fn run(desk: &Desk, asked: &Inbound, name: &str, options: &Named) -> Result<Reply, Trouble> {
    match name {
        "price" => price::run(desk, asked, options).await,
        "cek" => cek::run(desk, asked, options).await,
        "topup" => topup::run(desk, asked, options).await,
        "saldo" => history::balance(desk, asked).await,
        "history" => history::page(desk, asked, None).await,
        "help" => Ok(Reply::Show(views::help::help(reader(desk, asked)))),
        _ => Err(Trouble::told(
            "Perintah itu belum ada di toko ini. Coba /help.",
            "This shop does not have that command. Try /help.",
        )),
    }
}

/// Whom the answer is for.
pub(crate) fn reader<'a>(desk: &'a Desk, asked: &'a Inbound) -> Reader<'a> {
    Reader { vault: &desk.shop.vault, user: &asked.user, locale: asked.locale }
}

/// The buyer who asks.
pub(crate) fn buyer(asked: &Inbound) -> Result<BuyerId, Trouble> {
    screen::buyer(&asked.user).ok_or_else(Trouble::gone)
}

/// The game that was typed or chosen: its code or its name, in any case.
pub(crate) async fn game(shop: &Shop, typed: &str) -> Result<Category, Trouble> {
    let typed = typed.to_lowercase();
    let fits =
        |game: &Category| game.code.as_str().to_lowercase() == typed || game.name.to_lowercase() == typed;
    shop.categories().await?.into_iter().find(fits).ok_or_else(Trouble::no_game)
}

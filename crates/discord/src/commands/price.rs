//! `/price [game]`: the games, or what is sold of one. From the database alone, answered directly.

use super::{game, reader};
use crate::{
    desk::Desk,
    inbound::{Inbound, Named},
    reply::Reply,
    trouble::Trouble,
    views::catalogue,
};
use vocabulary::CategoryCode;

pub(crate) async fn run(desk: &Desk, asked: &Inbound, options: &Named) -> Result<Reply, Trouble> {
    match options.get("game") {
        None => games(desk, asked, 0).await,
        Some(typed) => {
            // What was chosen from the proposals is a code: one look is enough.
            if let Ok(code) = typed.to_uppercase().parse()
                && let Some((game, offers)) = desk.shop.offers(&code).await?
            {
                return Ok(Reply::here(
                    asked.own_message,
                    catalogue::products(reader(desk, asked), &game, &offers, 0),
                ));
            }
            let code = game(&desk.shop, typed).await?.code;
            products(desk, asked, &code, 0).await
        }
    }
}

/// A page of the games.
pub(crate) async fn games(desk: &Desk, asked: &Inbound, page: u16) -> Result<Reply, Trouble> {
    let games = desk.shop.categories().await?;
    Ok(Reply::here(asked.own_message, catalogue::games(reader(desk, asked), &games, page)))
}

/// A game was picked.
pub(crate) async fn picked(desk: &Desk, asked: &Inbound, value: Option<&str>) -> Result<Reply, Trouble> {
    let code = value.and_then(|value| value.parse().ok()).ok_or_else(Trouble::no_game)?;
    products(desk, asked, &code, 0).await
}

/// A page of the products of a game.
pub(crate) async fn products(
    desk: &Desk,
    asked: &Inbound,
    code: &CategoryCode,
    page: u16,
) -> Result<Reply, Trouble> {
    let (game, offers) = desk.shop.offers(code).await?.ok_or_else(Trouble::no_game)?;
    let card = catalogue::products(reader(desk, asked), &game, &offers, page);
    Ok(Reply::here(asked.own_message, card))
}

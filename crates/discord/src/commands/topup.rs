//! `/topup [game] [product] [user_id] [server]`: begins where the buyer's words end.

use super::{game, price, reader};
use crate::{
    desk::Desk,
    inbound::{Inbound, Named},
    reply::Reply,
    topup,
    trouble::Trouble,
    views::catalogue,
};
use vocabulary::ProductCode;

pub(crate) async fn run(desk: &Desk, asked: &Inbound, options: &Named) -> Result<Reply, Trouble> {
    let product = options.get("product");
    let typed_game = options.get("game");
    let chosen = match (typed_game, product) {
        (None, None) => return price::games(desk, asked, 0).await,
        (None, Some(product)) => product.parse::<ProductCode>().map_err(|_| Trouble::no_product())?,
        (Some(typed), product) => {
            let code = game(&desk.shop, typed).await?.code;
            let (game, offers) = desk.shop.offers(&code).await?.ok_or_else(Trouble::no_game)?;
            let wanted = product.map(str::to_lowercase);
            let fits = |o: &&orders::Offer| {
                wanted.as_deref().is_some_and(|wanted| {
                    o.product.code.as_str().to_lowercase() == wanted
                        || o.product.name.to_lowercase() == wanted
                })
            };
            match offers.iter().find(fits) {
                Some(offer) => offer.product.code.clone(),
                None => return Ok(Reply::Show(catalogue::products(reader(desk, asked), &game, &offers, 0))),
            }
        }
    };
    match options.get("user_id") {
        None => topup::form(desk, asked, &chosen).await,
        Some(_) => topup::submitted(desk, asked, &chosen, options).await,
    }
}

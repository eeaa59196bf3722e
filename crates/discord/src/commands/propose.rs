//! What is proposed while a command is typed: at most 25, found by code or name. What is typed in the end
//! may be none of them, and is read anew.

use crate::{desk::Desk, inbound::Named, reply::Reply, trouble::Trouble, views::cut};

const MOST: usize = 25;

pub(crate) async fn autocomplete(desk: &Desk, options: &Named, focused: &str) -> Result<Reply, Trouble> {
    let typed = options.get(focused).unwrap_or_default().to_lowercase();
    let found = match focused {
        "game" => games(desk, &typed).await?,
        "product" => products(desk, options.get("game"), &typed).await?,
        _ => Vec::new(),
    };
    Ok(Reply::Choices(found))
}

async fn games(desk: &Desk, typed: &str) -> Result<Vec<(String, String)>, Trouble> {
    let games = desk.shop.categories().await?.into_iter();
    let fitting = games.filter(|g| fits(typed, &[g.code.as_str(), &g.name]));
    let choice = |g: catalog::Category| (cut(&crate::views::catalogue::label(&g), 100), g.code.to_string());
    Ok(fitting.take(MOST).map(choice).collect())
}

async fn products(desk: &Desk, game: Option<&str>, typed: &str) -> Result<Vec<(String, String)>, Trouble> {
    let Some(game) = game else { return Ok(Vec::new()) };
    let Ok(game) = super::game(&desk.shop, game).await else { return Ok(Vec::new()) };
    let Some((_, offers)) = desk.shop.offers(&game.code).await? else { return Ok(Vec::new()) };
    let fitting = offers.into_iter().filter(|o| fits(typed, &[o.product.code.as_str(), &o.product.name]));
    let choice = |o: orders::Offer| {
        let name = format!("{} · {}", cut(&o.product.name, 70), o.product.price);
        (name, o.product.code.to_string())
    };
    Ok(fitting.take(MOST).map(choice).collect())
}

fn fits(typed: &str, names: &[&str]) -> bool {
    names.iter().any(|name| name.to_lowercase().contains(typed))
}

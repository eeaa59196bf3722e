//! `GET /api/v1/game/price/{code}`: the price list as data and as the text that a chat shows.

use crate::{
    app::App,
    game::{ProductBody, offers},
    headers::Segment,
    problem::{Problem, ProblemBody},
};
use axum::{Json, extract::State};
use orders::Offer;
use serde::Serialize;
use utoipa::ToSchema;

/// The price list of a game.
#[derive(Serialize, ToSchema)]
pub(crate) struct PriceBody {
    /// Name of the game.
    #[schema(example = "Mobile Legends")]
    game: String,
    /// The list as text, one product a line.
    #[schema(example = "86 Diamond: Rp 20.000\n172 Diamond: Rp 40.000")]
    prices: String,
    /// The list as data.
    items: Vec<ProductBody>,
}

/// The price list of a game.
#[utoipa::path(get, path = "/api/v1/game/price/{code}", tag = "game",
    params(("code" = String, Path, description = "Code of the game, in any case", example = "ML")),
    responses(
        (status = 200, description = "What can be bought now", body = PriceBody),
        (status = 404, description = "No such game", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The database cannot answer now", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn price(
    State(app): State<App>,
    Segment(code): Segment,
) -> Result<Json<PriceBody>, Problem> {
    let (category, offers) = offers(&app, &code).await?;
    let lines: Vec<String> = offers.iter().map(line).collect();
    Ok(Json(PriceBody {
        game: category.name,
        prices: lines.join("\n"),
        items: offers.iter().map(ProductBody::from).collect(),
    }))
}

fn line(offer: &Offer) -> String {
    format!("{}: {}", offer.product.name, offer.product.price)
}

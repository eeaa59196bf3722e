//! `GET /api/v1/game/products/{code}`.

use crate::{
    app::App,
    game::{ProductBody, offers},
    headers::Segment,
    problem::{Problem, ProblemBody},
};
use axum::{Json, extract::State};

/// What can be bought of a game now. What is sold out or switched off is not listed.
#[utoipa::path(get, path = "/api/v1/game/products/{code}", tag = "game",
    params(("code" = String, Path, description = "Code of the game, in any case", example = "ML")),
    responses(
        (status = 200, description = "Its products, in the shop's order", body = [ProductBody]),
        (status = 404, description = "No such game", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The database cannot answer now", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn products(
    State(app): State<App>,
    Segment(code): Segment,
) -> Result<Json<Vec<ProductBody>>, Problem> {
    let (_, offers) = offers(&app, &code).await?;
    Ok(Json(offers.iter().map(ProductBody::from).collect()))
}

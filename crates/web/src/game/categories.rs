//! `GET /api/v1/game/categories`.

use crate::{
    app::App,
    problem::{Problem, ProblemBody},
};
use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

/// A game.
#[derive(Serialize, ToSchema)]
pub(crate) struct CategoryBody {
    /// The same as `code`.
    #[schema(example = "ML")]
    id: String,
    /// Name of the game.
    #[schema(example = "Mobile Legends")]
    name: String,
    /// Code of the game.
    #[schema(example = "ML")]
    code: String,
    /// An emoji; may be empty.
    #[schema(example = "⚔️")]
    icon: String,
}

/// The games of the shop.
#[utoipa::path(get, path = "/api/v1/game/categories", tag = "game", responses(
    (status = 200, description = "The active games, in the shop's order", body = [CategoryBody]),
    (status = 503, description = "The database cannot answer now", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(crate) async fn categories(State(app): State<App>) -> Result<Json<Vec<CategoryBody>>, Problem> {
    let categories = app.shop.categories().await?;
    let body = categories.into_iter().map(|category| CategoryBody {
        id: category.code.to_string(),
        name: category.name,
        code: category.code.to_string(),
        icon: category.icon,
    });
    Ok(Json(body.collect()))
}

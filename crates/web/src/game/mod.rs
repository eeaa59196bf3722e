//! What is for sale: games, their products, prices, and the check of an account id. Open to all.

mod categories;
mod price;
mod products;
mod validate;

use crate::{
    app::App,
    problem::{Kind, Problem},
    words::words,
};
use catalog::Category;
use orders::Offer;
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use vocabulary::CategoryCode;

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Tag::openapi())
        .routes(routes!(categories::categories))
        .routes(routes!(products::products))
        .routes(routes!(price::price))
        .routes(routes!(validate::validate))
}

#[derive(OpenApi)]
#[openapi(tags((name = "game", description = "What is for sale. No key needed.")))]
struct Tag;

/// A product that can be bought now.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProductBody {
    /// The same as `code`.
    #[schema(example = "ML_86")]
    id: String,
    /// Name of the denomination.
    #[schema(example = "86 Diamond")]
    name: String,
    /// Code of the product, as orders name it.
    #[schema(example = "ML_86")]
    code: String,
    /// Price in whole rupiah.
    #[schema(example = 20000)]
    price: i64,
    /// Pieces that can be bought now.
    #[schema(example = 100)]
    stock: u32,
    /// A line about it; may be empty.
    description: String,
}

impl From<&Offer> for ProductBody {
    fn from(offer: &Offer) -> Self {
        ProductBody {
            id: offer.product.code.to_string(),
            name: offer.product.name.clone(),
            code: offer.product.code.to_string(),
            price: offer.product.price.get(),
            stock: offer.available,
            description: offer.product.description.clone(),
        }
    }
}

/// The game with this code, in any case, and what can be bought of it.
async fn offers(app: &App, code: &str) -> Result<(Category, Vec<Offer>), Problem> {
    let unknown = || {
        Problem::new(
            Kind::NotFound,
            words("Tidak ada game dengan kode ini.", "There is no game with this code."),
        )
    };
    let code: CategoryCode = code.parse().map_err(|_| unknown())?;
    app.shop.offers(&code).await?.ok_or_else(unknown)
}

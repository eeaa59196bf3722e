//! `POST /api/v1/quotes`: a price promise, so that a shown price is the price that is paid.

use crate::{
    app::App,
    auth::Caller,
    body::Fields,
    problem::{Problem, ProblemBody},
    words::words,
};
use axum::{Json, extract::State, http::StatusCode};
use orders::QuoteError;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use vocabulary::ProductCode;

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(quote))
}

/// What a price is wanted for.
#[derive(ToSchema)]
#[schema(as = MakeQuote)]
#[expect(dead_code, reason = "describes the body; it is read field by field")]
pub(crate) struct MakeQuoteBody {
    /// Code of the product, in any case.
    #[schema(example = "ML_86")]
    product_code: String,
}

/// A price promise.
#[derive(Serialize, ToSchema)]
#[schema(as = Quote)]
pub(crate) struct QuoteBody {
    /// Name it as `quote` in the order.
    #[schema(example = "quo_01kasr5v6d1fs0v9k3m2q8x7yz")]
    quote: String,
    /// For what.
    #[schema(example = "ML_86")]
    product_code: String,
    /// The promised price in whole rupiah.
    #[schema(example = 20000)]
    price: i64,
    /// Until when (RFC 3339, UTC).
    #[schema(example = "2026-11-22T05:05:00.000Z")]
    expires_at: String,
}

/// Promises the present price of a product for a few minutes.
#[utoipa::path(post, path = "/api/v1/quotes", tag = "orders", request_body = MakeQuoteBody, security(("api_key" = [])), responses(
    (status = 201, description = "The promise", body = QuoteBody),
    (status = 400, description = "The body is not JSON", body = ProblemBody, content_type = "application/problem+json"),
    (status = 401, description = "No API key, or a wrong one", body = ProblemBody, content_type = "application/problem+json"),
    (status = 413, description = "The body is too large", body = ProblemBody, content_type = "application/problem+json"),
    (status = 415, description = "Not sent as JSON", body = ProblemBody, content_type = "application/problem+json"),
    (status = 422, description = "No such product for sale", body = ProblemBody, content_type = "application/problem+json"),
    (status = 503, description = "The database cannot answer now", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(crate) async fn quote(
    State(app): State<App>,
    _: Caller,
    mut fields: Fields,
) -> Result<(StatusCode, Json<QuoteBody>), Problem> {
    let unknown = || words("Produk ini tidak dijual.", "This product is not for sale.");
    let product = fields.parsed::<ProductCode>("product_code", unknown());
    let product = fields.finish(product)?;
    let quote = app.shop.quote(&product).await.map_err(|error| match error {
        QuoteError::UnknownProduct(_) => Problem::field("product_code", unknown()),
        QuoteError::Database(error) => error.into(),
    })?;
    let body = QuoteBody {
        quote: quote.id.to_string(),
        product_code: quote.product.to_string(),
        price: quote.price.get(),
        expires_at: quote.expires_at.rfc3339(),
    };
    Ok((StatusCode::CREATED, Json(body)))
}

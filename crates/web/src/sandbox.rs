//! Controls of the shop's own side of the sandbox: business time and stock. Not routed in
//! production.

use crate::{
    app::App,
    body::AnyFields,
    problem::{Kind, Problem, ProblemBody},
    words::words,
};
use axum::{Json, extract::State};
use inventory::Quantity;
use orders::RestockError;
use serde::Serialize;
use std::time::Duration;
use utoipa::{OpenApi, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use vocabulary::{Actor, ProductCode};

/// The furthest that one call moves time: ten years.
const MOST_SECONDS: u64 = 10 * 366 * 86_400;

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Tag::openapi()).routes(routes!(advance_clock)).routes(routes!(add_stock))
}

#[derive(OpenApi)]
#[openapi(tags((name = "sandbox", description = "Controls that exist in sandbox mode only.")))]
struct Tag;

/// How far time is to be moved.
#[derive(ToSchema)]
#[schema(as = AdvanceClock)]
#[expect(dead_code, reason = "describes the body; it is read field by field")]
pub(crate) struct AdvanceClockBody {
    /// Seconds to move forward; there is no way back.
    #[schema(example = 900)]
    advance_seconds: u64,
}

/// What time it is now.
#[derive(Serialize, ToSchema)]
#[schema(as = Clock)]
pub(crate) struct ClockBody {
    /// How far business time is ahead of real time.
    #[schema(example = 900_000)]
    offset_ms: i64,
    /// Business time (RFC 3339, UTC).
    #[schema(example = "2026-11-22T05:15:00.000Z")]
    now: String,
}

/// What is to be added to the stock.
#[derive(ToSchema)]
#[schema(as = AddStock)]
#[expect(dead_code, reason = "describes the body; it is read field by field")]
pub(crate) struct AddStockBody {
    /// Code of the product, in any case.
    #[schema(example = "ML_86")]
    product_code: String,
    /// Pieces to add, 1 to 1 000 000.
    #[schema(example = 10)]
    add: u32,
}

/// What can be bought now.
#[derive(Serialize, ToSchema)]
#[schema(as = Stock)]
pub(crate) struct StockBody {
    /// The product.
    #[schema(example = "ML_86")]
    product_code: String,
    /// Pieces that can be bought.
    #[schema(example = 110)]
    available: u32,
}

/// Moves business time forward, for the shop and its simulators.
#[utoipa::path(post, path = "/sandbox/clock", tag = "sandbox", request_body = AdvanceClockBody, responses(
    (status = 200, description = "The new time", body = ClockBody),
    (status = 422, description = "Not a number of seconds", body = ProblemBody, content_type = "application/problem+json"),
    (status = 503, description = "A clock could not be moved; call again", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(crate) async fn advance_clock(
    State(app): State<App>,
    AnyFields(mut fields): AnyFields,
) -> Result<Json<ClockBody>, Problem> {
    let seconds = fields.number("advance_seconds", (0, MOST_SECONDS));
    let seconds = fields.finish(seconds)?;
    let offset_ms = match &app.settings.clock_control {
        Some(control) => control(seconds).await.map_err(|why| Problem::unavailable(&why))?,
        None => app.shop.advance_clock(Duration::from_secs(seconds)).await?,
    };
    app.shop.clock.raise_offset_ms(offset_ms);
    Ok(Json(ClockBody { offset_ms, now: app.shop.clock.now().rfc3339() }))
}

/// Adds pieces of a product to the stock.
#[utoipa::path(post, path = "/sandbox/stock", tag = "sandbox", request_body = AddStockBody, responses(
    (status = 200, description = "What can be bought now", body = StockBody),
    (status = 409, description = "More than the shop can count", body = ProblemBody, content_type = "application/problem+json"),
    (status = 422, description = "No such product, or not a number of pieces", body = ProblemBody, content_type = "application/problem+json"),
    (status = 503, description = "The database cannot answer now", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(crate) async fn add_stock(
    State(app): State<App>,
    AnyFields(mut fields): AnyFields,
) -> Result<Json<StockBody>, Problem> {
    let unknown = || words("Tidak ada produk dengan kode ini.", "There is no product with this code.");
    let product = fields.parsed::<ProductCode>("product_code", unknown());
    let pieces = fields.number("add", (1, u64::from(Quantity::MAX)));
    let quantity = pieces.and_then(|n| i64::try_from(n).ok()).and_then(|n| Quantity::new(n).ok());
    let (product, quantity) = fields.finish(product.zip(quantity))?;
    let restocked = app.shop.restock(&product, quantity, &Actor::staff("sandbox")).await;
    let available = restocked.map_err(|error| match error {
        RestockError::UnknownProduct(_) => Problem::field("product_code", unknown()),
        RestockError::TooMany(_) => Problem::new(
            Kind::NotPossible,
            words(
                "Stoknya akan lebih besar dari yang bisa dihitung.",
                "There would be more pieces than the shop can count.",
            ),
        ),
        RestockError::Database(error) => error.into(),
    })?;
    Ok(Json(StockBody { product_code: product.to_string(), available }))
}

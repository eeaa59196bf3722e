//! Orders over the API: place, look at, list and cancel. A caller sees only its own.

mod cancel;
mod cursor;
mod deposit;
mod list;
mod payment;
mod place;
mod request;
mod show;
mod wait;
mod wire;

use crate::{
    app::App,
    problem::{Kind, Problem},
    words::words,
};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};
use vocabulary::OrderNumber;

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Tag::openapi())
        .routes(routes!(place::place, list::list))
        .routes(routes!(show::show))
        .routes(routes!(cancel::cancel))
        .routes(routes!(payment::pay_by))
        .routes(routes!(deposit::deposit))
}

#[derive(OpenApi)]
#[openapi(tags((name = "orders", description = "Buying. Needs an API key; a key sees only its own orders.")))]
struct Tag;

/// The number in a path. What is no number is no order.
fn number(text: &str) -> Result<OrderNumber, Problem> {
    text.parse().map_err(|_| unknown_order())
}

fn unknown_order() -> Problem {
    let detail =
        words("Tidak ada pesanan Anda dengan nomor ini.", "There is no order of yours with this number.");
    Problem::new(Kind::NotFound, detail)
}

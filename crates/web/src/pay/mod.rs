//! The page on which a buyer pays, watches the order, and gets what was bought. Who has the address
//! may look; looking changes nothing. They may also choose how the order is paid, which spends
//! nothing that belongs to the buyer.

pub(crate) mod assets;
mod choice;
mod codes;
mod forms;
mod live;
mod notice;
mod origin;
mod page;
mod paying;
mod qr;
mod region;
mod situation;
mod told;
mod ways;

use crate::{
    app::App,
    html::errors_as_pages,
    problem::{Kind, Problem},
    words::words,
};
use axum::{Router, extract::DefaultBodyLimit, middleware, routing::get};
use orders::{OrderState, OrderView};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Routes that the API's description tells of.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Tag::openapi()).routes(routes!(qr::svg)).routes(routes!(qr::png))
}

#[derive(OpenApi)]
#[openapi(tags((name = "pay", description = "What belongs to the pay page. The token in the address is the secret.")))]
struct Tag;

/// The page and what it is made of.
pub(crate) fn pages() -> Router<App> {
    let forms = Router::new()
        .route("/pay/{token}/method", get(forms::back).post(forms::method))
        .route("/pay/{token}/phone", get(forms::back).post(forms::phone))
        .layer(DefaultBodyLimit::max(forms::FORM_LIMIT));
    Router::new()
        .route("/pay/{token}", get(page::page))
        .merge(forms)
        .layer(middleware::from_fn(errors_as_pages))
        .route("/assets/pay.css", get(assets::css))
        .route("/assets/pay.js", get(assets::js))
}

/// Streams, which no time-out may end.
pub(crate) fn streams() -> Router<App> {
    Router::new().route("/pay/{token}/events", get(live::events))
}

/// What a page shows.
pub(crate) struct Seen {
    /// The order with its payment.
    pub(crate) view: OrderView,
    /// Mask of the phone number that its buyer asked us to remember, where one is needed.
    pub(crate) remembered: Option<String>,
}

/// What the page with this token shows.
async fn seen(app: &App, token: &str) -> Result<Seen, Problem> {
    let view = order(app, token).await?;
    let order = &view.order;
    let needed = order.state == OrderState::AwaitingPayment && order.method.needs_phone();
    let remembered = if needed { app.shop.remembered_phone_mask(&order.buyer).await? } else { None };
    Ok(Seen { view, remembered })
}

/// The order whose page has this token. What cannot be a token is not asked for.
async fn order(app: &App, token: &str) -> Result<OrderView, Problem> {
    let unknown = || {
        Problem::new(
            Kind::NotFound,
            words(
                "Halaman bayar ini tidak ada. Periksa lagi tautannya.",
                "There is no such pay page. Check the link again.",
            ),
        )
    };
    let plausible = token.len() == 32 && token.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
    if !plausible {
        return Err(unknown());
    }
    app.shop.order_by_pay_token(token).await?.ok_or_else(unknown)
}

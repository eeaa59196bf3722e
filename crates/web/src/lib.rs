//! The HTTP face of the shop: the API, the buyer's pay page, the doors for webhooks, health,
//! metrics and the API's own description. It calls use cases of `orders` and words their answers;
//! it decides nothing about money.

mod app;
mod auth;
mod body;
mod discord;
mod docs;
mod door;
mod game;
mod headers;
mod health;
mod html;
mod landing;
mod links;
mod metrics;
mod orders_api;
mod pay;
mod payable;
mod problem;
mod proxies;
mod quotes;
mod sandbox;
mod serve;
mod socket;
mod staff_api;
mod webhooks;
mod words;

pub use app::{ApiKey, ClockControl, WebSettings};
pub use docs::openapi;
pub use proxies::{NotAProxy, TrustedProxies};
pub use serve::serve;

use app::App;
use axum::{Router, extract::DefaultBodyLimit, http::StatusCode, middleware, routing::get};
use std::time::Duration;
use tokio::sync::watch;
use tower_http::timeout::TimeoutLayer;

/// The most bytes of a request body that are read.
pub(crate) const BODY_LIMIT: usize = 64 * 1024;
/// How long an answer may take. Streams are not bound by it.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Every route of the shop. `stopping` turns true when the program is about to end: open streams
/// end then, and the shop is no longer ready.
pub fn router(shop: orders::Shop, settings: WebSettings, stopping: watch::Receiver<bool>) -> Router {
    let sandbox = settings.sandbox;
    let (described, document) = docs::described(sandbox).split_for_parts();
    let other_doors = webhooks::of_the_others(&shop, |path| document.paths.paths.contains_key(path));
    let app = App::new(shop, settings, stopping);
    let answers = described
        .merge(other_doors)
        .merge(pay::pages())
        .merge(docs::routes(document))
        .route("/", get(landing::landing).layer(middleware::from_fn(html::errors_as_pages)))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST_TIMEOUT));
    answers
        .merge(pay::streams())
        .fallback(|| async { problem::Problem::not_found() })
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn_with_state(app.clone(), door::door))
        .with_state(app)
}

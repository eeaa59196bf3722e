//! What staff do over the API: look at orders and their evidence, buyers, alerts, suppliers and comparisons, decide,
//! refund, and the word of a second person; keep settlement reports, and the catalog. A key of its own for each of them
//! says who it is.

mod accept;
mod alerts;
mod asking;
mod buyers;
mod catalog;
mod decide;
mod decision;
mod evidence;
mod orders;
mod reconcile;
mod refund;
mod refund_settle;
mod refused;
mod settlements;
mod suppliers;

use crate::{
    app::{ApiKey, App},
    auth,
    problem::{Kind, Problem},
    words::words,
};
use axum::{extract::FromRequestParts, http::request::Parts};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};
use vocabulary::{Actor, OrderNumber};

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Tag::openapi())
        .routes(routes!(orders::list))
        .routes(routes!(orders::show))
        .routes(routes!(orders::reveal))
        .routes(routes!(evidence::show))
        .routes(routes!(evidence::reveal))
        .routes(routes!(decide::approve))
        .routes(routes!(decide::reject))
        .routes(routes!(decide::retry))
        .routes(routes!(decide::settle))
        .routes(routes!(buyers::show))
        .routes(routes!(buyers::verify))
        .routes(routes!(buyers::unverify))
        .routes(routes!(alerts::list))
        .routes(routes!(alerts::close))
        .routes(routes!(reconcile::stored, reconcile::run))
        .routes(routes!(settlements::list, settlements::import))
        .routes(routes!(settlements::withdraw))
        .routes(routes!(catalog::export, catalog::import))
        .routes(routes!(suppliers::deposits))
        .routes(routes!(suppliers::prices))
        .routes(routes!(accept::accept))
        .routes(routes!(asking::sync))
        .routes(routes!(asking::deposit))
        .routes(routes!(suppliers::routes))
        .routes(routes!(refund::refund))
        .routes(routes!(refund::approve))
        .routes(routes!(refund::reject))
        .routes(routes!(refund_settle::settle))
}

#[derive(OpenApi)]
#[openapi(tags((name = "staff", description = "For those who run the shop. Needs a staff key; no other key opens these doors.")))]
struct Tag;

/// A member of staff. A handler that takes one is authorised.
#[derive(Clone, Debug)]
pub(crate) struct Staff {
    key: ApiKey,
}

impl Staff {
    /// Who it is, for the audit trail and for the rule of two people: the name that their key belongs to.
    pub(crate) fn actor(&self) -> Actor {
        Actor::staff(&self.key.id)
    }
}

impl FromRequestParts<App> for Staff {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        auth::bearer(parts, &app.settings.staff_keys).map(|key| Staff { key })
    }
}

/// The number in a path. What is no number is no order.
fn number(text: &str) -> Result<OrderNumber, Problem> {
    text.parse().map_err(|_| unknown_order())
}

fn unknown_order() -> Problem {
    Problem::new(
        Kind::NotFound,
        words("Tidak ada pesanan dengan nomor ini.", "There is no order with this number."),
    )
}

/// The largest page of a list.
const LARGEST_PAGE: u32 = 200;

/// How many a page of a list has, by its parameter `limit`.
fn page_limit(text: Option<&str>) -> Result<u32, Problem> {
    let Some(text) = text else { return Ok(50) };
    text.parse().ok().filter(|n| (1..=LARGEST_PAGE).contains(n)).ok_or_else(|| wrong("limit"))
}

/// A parameter that cannot be accepted.
fn wrong(name: &str) -> Problem {
    let detail = words(format!("Periksa parameter: {name}."), format!("Look at the parameter: {name}."));
    Problem::new(Kind::InvalidParameter, detail)
}

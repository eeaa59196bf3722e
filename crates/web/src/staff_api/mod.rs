//! What staff do over the API: refunds, and the word of a second person. A key of its own for each of them says
//! who it is.

mod refund;

use crate::{
    app::{ApiKey, App},
    auth,
    problem::Problem,
};
use axum::{extract::FromRequestParts, http::request::Parts};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};
use vocabulary::Actor;

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Tag::openapi())
        .routes(routes!(refund::refund))
        .routes(routes!(refund::approve))
        .routes(routes!(refund::reject))
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

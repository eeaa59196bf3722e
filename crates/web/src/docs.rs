//! The API's own description, made from the code: `GET /openapi.json` and its page at `/docs`.

use crate::{
    app::App, discord, game, health, metrics, orders_api, pay, quotes, sandbox, staff_api, webhooks,
};
use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::{Config, SwaggerUi};

/// What the page may do: its own scripts and styles (which set styles of elements), nothing else.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Loket",
        description = "Top-ups for games, bought by a machine: look at what is for sale, place an order with an `Idempotency-Key`, send the buyer to `payment.pay_url`, and watch the order until it is `delivered`.\n\n\
            Money is whole rupiah. Times are RFC 3339 in UTC. Every error is an RFC 9457 problem whose `type` is stable; texts are Indonesian, or English with `Accept-Language: en`. Every answer carries `X-Request-Id`.",
        license(name = "AGPL-3.0-or-later", identifier = "AGPL-3.0-or-later"),
    ),
    modifiers(&Key),
)]
struct Base;

struct Key;

impl Modify for Key {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme =
            HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("Your API key.")).build();
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("api_key", SecurityScheme::Http(scheme));
    }
}

/// The description of the API, as a shop in production serves it.
pub fn openapi() -> utoipa::openapi::OpenApi {
    described(false).into_openapi()
}

/// Every route that the description tells of.
pub(crate) fn described(with_sandbox: bool) -> OpenApiRouter<App> {
    let router = OpenApiRouter::with_openapi(Base::openapi())
        .merge(game::routes())
        .merge(quotes::routes())
        .merge(orders_api::routes())
        .merge(staff_api::routes())
        .merge(pay::routes())
        .merge(webhooks::routes())
        .merge(discord::routes())
        .merge(health::routes())
        .merge(metrics::routes());
    if with_sandbox { router.merge(sandbox::routes()) } else { router }
}

/// The description and its page.
pub(crate) fn routes(document: utoipa::openapi::OpenApi) -> Router<App> {
    let json = move || async move { axum::Json(document).into_response() };
    let page: Router<App> = SwaggerUi::new("/docs").config(Config::from("/openapi.json")).into();
    page.layer(middleware::from_fn(loosen)).route("/openapi.json", get(json))
}

async fn loosen(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

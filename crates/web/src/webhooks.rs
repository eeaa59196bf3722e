//! The doors for gateways and suppliers: the body goes to the inbox as it came, to the byte. What
//! is answered tells the sender whether to send it again. DANA's is in `webhooks/dana.rs`. Whoever is connected
//! and has none here gets one where it says that its webhooks come in.

mod dana;

use crate::{
    app::App,
    body::RawBody,
    problem::{Kind, Problem, ProblemBody},
    words::words,
};
use axum::{Json, Router, extract::State, http::HeaderMap, routing::post};
use orders::{IncomingWebhook, Receipt, Shop};
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa::{OpenApi, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Tag::openapi())
        .routes(routes!(midtrans))
        .routes(routes!(digiflazz))
        .routes(routes!(vip_reseller))
        .routes(routes!(apigames))
        .routes(routes!(dana::notify))
        .routes(routes!(xendit))
}

/// A door for each gateway and supplier that is connected and has none of its own in the description.
pub(crate) fn of_the_others(shop: &Shop, has_one: impl Fn(&str) -> bool) -> Router<App> {
    let gateways = shop.gateways.iter().map(|gateway| (gateway.name(), gateway.webhook_path()));
    let suppliers = shop.suppliers.iter();
    let suppliers = suppliers.filter_map(|supplier| Some((supplier.name(), supplier.webhook_path()?)));
    let (mut router, mut opened) = (Router::new(), BTreeSet::new());
    for (name, path) in gateways.chain(suppliers) {
        if has_one(path) {
            continue;
        }
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "/-_.".contains(c);
        if !path.starts_with('/') || !path.chars().all(is_plain) || !opened.insert(path) {
            tracing::error!(
                sender = name,
                path,
                "{name} has no door for its webhooks: `{path}` cannot be one"
            );
            continue;
        }
        let door = move |State(app): State<App>, headers: HeaderMap, RawBody(body): RawBody| async move {
            take(&app, name, &headers, &body).await
        };
        router = router.route(path, post(door));
    }
    router
}

#[derive(OpenApi)]
#[openapi(tags((name = "webhooks", description = "For gateways and suppliers: verified over the raw bytes, where the sender signs them.")))]
struct Tag;

/// The webhook is stored.
#[derive(Serialize, ToSchema)]
pub(crate) struct TakenBody {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

/// News of a payment, from Midtrans.
#[utoipa::path(post, path = "/webhooks/midtrans", tag = "webhooks",
    request_body(content = Object, content_type = "application/json", description = "As Midtrans sends it"),
    responses(
        (status = 200, description = "Stored; sent again, it changes nothing", body = TakenBody),
        (status = 400, description = "Not a notification of Midtrans", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "The signature does not fit", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Could not be stored: send it again", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn midtrans(
    State(app): State<App>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<TakenBody>, Problem> {
    take(&app, "midtrans", &headers, &body).await
}

/// News of a payment or a refund, from Xendit. The token says who speaks, and nothing signs what is said.
#[utoipa::path(post, path = "/webhooks/xendit", tag = "webhooks",
    request_body(content = Object, content_type = "application/json", description = "As Xendit sends it, with `x-callback-token`"),
    responses(
        (status = 200, description = "Stored; sent again, it changes nothing", body = TakenBody),
        (status = 400, description = "Not a callback of Xendit", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "The token is not ours", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Could not be stored: send it again", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn xendit(
    State(app): State<App>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<TakenBody>, Problem> {
    take(&app, "xendit", &headers, &body).await
}

/// News of a fulfilment, from Digiflazz.
#[utoipa::path(post, path = "/webhooks/digiflazz", tag = "webhooks",
    request_body(content = Object, content_type = "application/json", description = "As Digiflazz sends it, with `X-Hub-Signature`"),
    responses(
        (status = 200, description = "Stored; sent again, it changes nothing", body = TakenBody),
        (status = 400, description = "Not a webhook of Digiflazz", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "The signature does not fit", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Could not be stored: send it again", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn digiflazz(
    State(app): State<App>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<TakenBody>, Problem> {
    take(&app, "digiflazz", &headers, &body).await
}

/// A callback about a fulfilment, from VIP Reseller: a reason to ask, whatever it says.
#[utoipa::path(post, path = "/webhooks/vip-reseller", tag = "webhooks",
    request_body(content = Object, content_type = "application/json", description = "As VIP Reseller sends it, with `X-Client-Signature`"),
    responses(
        (status = 200, description = "Stored; sent again, it changes nothing", body = TakenBody),
        (status = 400, description = "Not a callback of VIP Reseller", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "The signature does not fit", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "VIP Reseller is not connected", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Could not be stored: send it again", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn vip_reseller(
    State(app): State<App>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<TakenBody>, Problem> {
    take(&app, "vip-reseller", &headers, &body).await
}

/// A callback about a fulfilment, from Apigames: a reason to ask, whatever it says.
#[utoipa::path(post, path = "/webhooks/apigames", tag = "webhooks",
    request_body(content = Object, content_type = "application/json", description = "As Apigames sends it, with `X-Apigames-Authorization`"),
    responses(
        (status = 200, description = "Stored; sent again, it changes nothing", body = TakenBody),
        (status = 400, description = "Not a callback of Apigames", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "The signature does not fit", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Apigames is not connected", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Could not be stored: send it again", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn apigames(
    State(app): State<App>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<TakenBody>, Problem> {
    take(&app, "apigames", &headers, &body).await
}

/// Checks and stores a webhook.
async fn receive(
    app: &App,
    source: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Receipt, database::Error> {
    let readable = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let headers: Vec<(String, String)> = headers.iter().map(readable).collect();
    app.shop.receive_webhook(&IncomingWebhook { source, headers: &headers, body }).await
}

async fn take(app: &App, source: &str, headers: &HeaderMap, body: &[u8]) -> Result<Json<TakenBody>, Problem> {
    // Whatever kept it from being stored, the sender must send it again.
    let receipt = receive(app, source, headers, body).await.map_err(|e| Problem::unavailable(&e))?;
    match receipt {
        Receipt::Taken => Ok(Json(TakenBody { status: "ok" })),
        Receipt::Refused => Err(Problem::new(
            Kind::WebhookRefused,
            words("Tanda tangannya tidak cocok.", "The signature does not fit."),
        )),
        Receipt::Unreadable => Err(Problem::new(
            Kind::Malformed,
            words("Isinya bukan notifikasi yang dikenal.", "The body is not a notification of this sender."),
        )),
        Receipt::UnknownSource => Err(Problem::not_found()),
    }
}

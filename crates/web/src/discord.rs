//! The door for Discord: the body goes on as it came, to the byte, with the two headers that sign it.

use crate::{
    app::App,
    body::RawBody,
    problem::{Kind, Problem, ProblemBody},
    words::words,
};
use axum::{Json, extract::DefaultBodyLimit, extract::State, http::HeaderMap};
use discord::BODY_LIMIT;
use serde_json::Value;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The route.
pub(crate) fn routes() -> OpenApiRouter<App> {
    let routes = OpenApiRouter::with_openapi(Tag::openapi()).routes(routes!(interactions));
    routes.layer(DefaultBodyLimit::max(BODY_LIMIT))
}

#[derive(OpenApi)]
#[openapi(tags((name = "discord", description = "For Discord: interactions, signed over the timestamp and the raw bytes.")))]
struct Tag;

/// An interaction, from Discord. Answered within three seconds.
#[utoipa::path(post, path = "/discord/interactions", tag = "discord",
    params(
        ("X-Signature-Ed25519" = String, Header, description = "128 hexadecimal digits"),
        ("X-Signature-Timestamp" = String, Header, description = "Seconds, at most ten minutes from now"),
    ),
    request_body(content = Object, content_type = "application/json", description = "As Discord sends it"),
    responses(
        (status = 200, description = "The answer, as Discord reads it", body = Object),
        (status = 400, description = "Signed, but not an interaction", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "The signature does not fit", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "The shop has no desk on Discord", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn interactions(
    State(app): State<App>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<Value>, Problem> {
    let desk = app.settings.discord.as_ref().ok_or_else(Problem::not_found)?;
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let (signature, timestamp) = (header("x-signature-ed25519"), header("x-signature-timestamp"));
    let outcome = discord::interaction(desk, signature, timestamp, &body).await;
    match outcome.status {
        200 => Ok(Json(outcome.json)),
        401 => Err(Problem::new(
            Kind::WebhookRefused,
            words("Tanda tangannya tidak cocok.", "The signature does not fit."),
        )),
        _ => Err(Problem::new(
            Kind::Malformed,
            words("Isinya bukan interaksi Discord.", "The body is not an interaction of Discord."),
        )),
    }
}

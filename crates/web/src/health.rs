//! `GET /healthz` (the process answers) and `GET /readyz` (it can do its work).

use crate::{
    app::App,
    problem::{Kind, Problem, ProblemBody},
    words::words,
};
use axum::{Json, extract::State};
use serde::Serialize;
use std::{sync::atomic::Ordering, time::Duration};
use utoipa::{OpenApi, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

/// A worker that gave no sign of life for so long counts as dead.
const HEARTBEAT_LIMIT: Duration = Duration::from_secs(30);
/// How long the database may take to answer.
const DATABASE_LIMIT: Duration = Duration::from_secs(2);

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Tag::openapi()).routes(routes!(healthz)).routes(routes!(readyz))
}

#[derive(OpenApi)]
#[openapi(tags((name = "operation", description = "For operators and their machines.")))]
struct Tag;

/// A sign of life.
#[derive(Serialize, ToSchema)]
pub(crate) struct StatusBody {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

/// Says that the process answers.
#[utoipa::path(get, path = "/healthz", tag = "operation", responses(
    (status = 200, description = "It answers", body = StatusBody),
))]
pub(crate) async fn healthz() -> Json<StatusBody> {
    Json(StatusBody { status: "ok" })
}

/// Says whether the shop can do its work: database reachable, schema up to date, worker alive, and
/// not about to end.
#[utoipa::path(get, path = "/readyz", tag = "operation", responses(
    (status = 200, description = "It can", body = StatusBody),
    (status = 503, description = "It cannot; `detail` names what is missing", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(crate) async fn readyz(State(app): State<App>) -> Result<Json<StatusBody>, Problem> {
    let mut missing = Vec::new();
    if *app.stopping.borrow() {
        missing.push("shutdown");
    }
    if let Err(what) = database(&app).await {
        missing.push(what);
    }
    if !worker_alive(&app) {
        missing.push("worker");
    }
    if missing.is_empty() {
        return Ok(Json(StatusBody { status: "ok" }));
    }
    let missing = missing.join(", ");
    tracing::warn!(missing, "not ready: {missing}");
    Err(Problem::new(
        Kind::Unavailable,
        words(format!("Belum siap: {missing}."), format!("Not ready: {missing}.")),
    ))
}

async fn database(app: &App) -> Result<(), &'static str> {
    if !app.migrated.load(Ordering::Relaxed) {
        match app.shop.schema_is_current().await {
            Ok(true) => app.migrated.store(true, Ordering::Relaxed),
            Ok(false) => return Err("migrations"),
            Err(error) => {
                tracing::warn!(%error, "the schema could not be looked at: {error}");
                return Err("database");
            }
        }
    }
    app.shop.answers(DATABASE_LIMIT).await.map_err(|error| {
        tracing::warn!(%error, "the database does not answer: {error}");
        "database"
    })
}

fn worker_alive(app: &App) -> bool {
    let Some(heartbeat) = &app.settings.worker_heartbeat else { return true };
    let silent_ms = app.shop.clock.real_now().millis().saturating_sub(heartbeat.load(Ordering::Relaxed));
    u128::try_from(silent_ms).unwrap_or(0) <= HEARTBEAT_LIMIT.as_millis()
}

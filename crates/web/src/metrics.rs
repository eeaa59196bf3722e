//! `GET /metrics`: what was counted since the start, and what stands in the database now.

use crate::{
    app::App,
    problem::{Kind, Problem, ProblemBody},
    words::words,
};
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use database::Error;
use notifications::{AlertKind, open_alerts};
use std::collections::HashSet;
use utoipa_axum::{router::OpenApiRouter, routes};
use vocabulary::Timestamp;

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(metrics))
}

/// Figures for Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "operation", responses(
    (status = 200, description = "Prometheus text format", body = String, content_type = "text/plain"),
    (status = 404, description = "This process collects none", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(crate) async fn metrics(State(app): State<App>) -> Result<Response, Problem> {
    let Some(handle) = &app.settings.metrics else {
        let detail = words("Proses ini tidak mengumpulkan metrik.", "This process collects no metrics.");
        return Err(Problem::new(Kind::NotFound, detail));
    };
    // Figures of the process are worth having when the database is down, then most of all.
    let up = match look(&app).await {
        Ok(()) => 1.0,
        Err(error) => {
            tracing::warn!(%error, "the metrics lack what stands in the database: {error}");
            0.0
        }
    };
    ::metrics::gauge!("loket_database_up").set(up);
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render())
        .into_response())
}

/// Sets the gauges of what stands in the database.
async fn look(app: &App) -> Result<(), Error> {
    let now = app.shop.clock.now();
    let mut tx = app.shop.db.read("metrics.look").await?;
    let alerts = open_alerts(&mut tx).await?;
    for kind in AlertKind::ALL {
        let open = alerts.iter().filter(|alert| alert.kind == *kind).count();
        ::metrics::gauge!("loket_open_alerts", "kind" => kind.as_str()).set(open as f64);
    }
    let calls = [AlertKind::OrderNeedsAttention, AlertKind::AmountMismatch];
    let orders: HashSet<&str> = alerts
        .iter()
        .filter(|alert| calls.contains(&alert.kind))
        .map(|alert| alert.subject.as_str())
        .collect();
    ::metrics::gauge!("loket_orders_needing_attention").set(orders.len() as f64);
    ::metrics::gauge!("loket_audit_unsealed_entries").set(security::unsealed(&mut tx).await? as f64);
    let payment = payments::next_payment_due(&mut tx).await?;
    let attempt = suppliers::next_attempt_due(&mut tx).await?;
    for (queue, due) in [("payment", payment), ("attempt", attempt)] {
        ::metrics::gauge!("loket_queue_overdue_seconds", "queue" => queue).set(overdue_seconds(now, due));
    }
    ::metrics::gauge!("loket_clock_offset_seconds").set(app.shop.clock.offset_ms() as f64 / 1e3);
    Ok(())
}

/// For how long the work that should be done first has been due.
fn overdue_seconds(now: Timestamp, due: Option<Timestamp>) -> f64 {
    due.map_or(0.0, |due| now.since(due).as_secs_f64())
}

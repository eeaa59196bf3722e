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
use orders::Backlog;
use utoipa_axum::{router::OpenApiRouter, routes};

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
    let standing = app.shop.standing().await?;
    for (kind, open) in standing.open_alerts {
        ::metrics::gauge!("loket_open_alerts", "kind" => kind.as_str()).set(open as f64);
    }
    ::metrics::gauge!("loket_orders_needing_attention").set(standing.orders_needing_attention as f64);
    ::metrics::gauge!("loket_audit_unsealed_entries").set(standing.audit_unsealed as f64);
    for Backlog { queue, overdue, oldest } in standing.queues {
        ::metrics::gauge!("loket_queue_overdue_rows", "queue" => queue).set(overdue as f64);
        ::metrics::gauge!("loket_queue_overdue_seconds", "queue" => queue).set(oldest.as_secs_f64());
    }
    for supplier in standing.suppliers {
        let name = supplier.name;
        // What was never told has no figure: a zero would be a lie.
        if let Some(left) = supplier.deposit {
            ::metrics::gauge!("loket_supplier_deposit_rupiah", "supplier" => name).set(left as f64);
        }
        if let Some(lasts) = supplier.lasts {
            ::metrics::gauge!("loket_supplier_deposit_lasts_seconds", "supplier" => name)
                .set(lasts.as_secs_f64());
        }
        if let Some(age) = supplier.prices_age {
            ::metrics::gauge!("loket_supplier_prices_age_seconds", "supplier" => name).set(age.as_secs_f64());
        }
    }
    ::metrics::gauge!("loket_clock_offset_seconds").set(app.shop.clock.offset_ms() as f64 / 1e3);
    Ok(())
}

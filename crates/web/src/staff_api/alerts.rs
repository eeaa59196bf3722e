//! `GET /api/v1/staff/alerts` and `POST /api/v1/staff/alerts/close`: what a person should look at, and saying that it
//! was done.

use crate::{
    app::App,
    body::Fields,
    problem::{Kind, Problem, ProblemBody},
    staff_api::{
        Staff,
        refused::{NotAnswered, NotJson, NotRead},
    },
    words::words,
};
use axum::{Json, extract::State};
use notifications::AlertKind;
use serde::Serialize;
use utoipa::ToSchema;

/// How many are listed.
const LISTED: u32 = 1_000;

/// The open alerts.
#[derive(Serialize, ToSchema)]
#[schema(as = Alerts)]
pub(crate) struct AlertsBody {
    /// The oldest of them, at most 1000: the cause of many others is commonly the first.
    data: Vec<AlertBody>,
    /// How many are open.
    open: i64,
}

/// An open alert.
#[derive(Serialize, ToSchema)]
#[schema(as = Alert)]
pub(crate) struct AlertBody {
    /// What it is about.
    #[schema(example = "order_needs_attention")]
    kind: &'static str,
    /// Which order, payment or party.
    #[schema(example = "LK7Q2M9XK4VT")]
    subject: String,
    /// What happened and what to do, in English.
    message: String,
    /// Since when (RFC 3339, UTC).
    opened_at: String,
}

/// An alert that is closed.
#[derive(ToSchema)]
#[schema(as = CloseAlert)]
#[expect(dead_code, reason = "it describes the body, which is read field by field")]
pub(crate) struct CloseBody {
    /// As it is listed.
    #[schema(example = "parked")]
    kind: String,
    /// As it is listed.
    #[schema(example = "ord_01kasr5v6d1fs0v9k3m2q8x7yz")]
    subject: String,
}

/// An alert that was closed.
#[derive(Serialize, ToSchema)]
#[schema(as = AlertClosed)]
pub(crate) struct ClosedBody {
    kind: &'static str,
    subject: String,
    /// Whether a parked row is taken up again.
    taken_up: bool,
}

/// The open alerts, oldest first.
#[utoipa::path(get, path = "/api/v1/staff/alerts", tag = "staff", security(("api_key" = [])), responses(
    (status = 200, description = "The open alerts", body = AlertsBody),
    NotAnswered,
))]
pub(crate) async fn list(State(app): State<App>, _staff: Staff) -> Result<Json<AlertsBody>, Problem> {
    let (alerts, open) = app.shop.alerts(LISTED).await?;
    let data = alerts.into_iter().map(|alert| AlertBody {
        kind: alert.kind.as_str(),
        subject: alert.subject,
        message: alert.message,
        opened_at: alert.opened_at.rfc3339(),
    });
    Ok(Json(AlertsBody { data: data.collect(), open }))
}

/// Closes an alert. The row of one that is `parked` is taken up again.
#[utoipa::path(post, path = "/api/v1/staff/alerts/close", tag = "staff", request_body = CloseBody, security(("api_key" = [])), responses(
    (status = 200, description = "It is closed", body = ClosedBody),
    (status = 404, description = "No such alert is open", body = ProblemBody, content_type = "application/problem+json"),
    NotAnswered,
    NotRead,
    NotJson,
))]
pub(crate) async fn close(
    State(app): State<App>,
    staff: Staff,
    mut fields: Fields,
) -> Result<Json<ClosedBody>, Problem> {
    let kind = fields
        .parsed::<AlertKind>("kind", words("Tidak ada alert jenis ini.", "There is no alert of this kind."));
    let subject = fields.text("subject");
    let (kind, subject) = fields.finish(kind.zip(subject))?;
    if !app.shop.resolve_alert(kind, &subject, &staff.actor()).await? {
        let detail = words("Alert ini tidak terbuka.", "No such alert is open.");
        return Err(Problem::new(Kind::NotFound, detail));
    }
    Ok(Json(ClosedBody { kind: kind.as_str(), subject, taken_up: kind == AlertKind::Parked }))
}

//! `GET /api/v1/staff/reconciliations/{date}` reads what the daily run found; `POST` there compares the day now.

use crate::{
    app::App,
    headers::Segment,
    problem::{Kind, Problem, ProblemBody},
    staff_api::{Staff, refused::NotAnswered},
    words::words,
};
use axum::{Json, extract::State};
use orders::Report;
use serde::Serialize;
use utoipa::ToSchema;
use vocabulary::WibDay;

/// What a comparison of ledger, gateways and suppliers found.
#[derive(Serialize, ToSchema)]
#[schema(as = Reconciliation)]
pub(crate) struct ReportBody {
    /// The day (WIB).
    #[schema(example = "2026-11-22")]
    date: String,
    /// When it was compared (RFC 3339, UTC).
    at: String,
    /// Whether this is the daily run, as it was stored.
    stored: bool,
    /// Whether everybody was asked and all say the same.
    agrees: bool,
    orders: usize,
    payments: usize,
    /// Of how many payments their gateway told.
    payments_told: usize,
    attempts: usize,
    /// How many lines of settlement reports were looked at.
    settlement_lines: usize,
    differences: Vec<DifferenceBody>,
    not_asked: Vec<NotAskedBody>,
    notes: Vec<NoteBody>,
    /// What cannot be seen at a party, and why.
    unseen: Vec<UnseenBody>,
    /// What was left of our deposits when suppliers were asked.
    deposits: Vec<DepositBody>,
    /// The newest purchases of our account at suppliers that list them.
    purchases: Vec<PurchasesBody>,
}

/// One thing in which the sides do not agree.
#[derive(Serialize, ToSchema)]
#[schema(as = Difference)]
pub(crate) struct DifferenceBody {
    kind: &'static str,
    subject: String,
    ledger: String,
    gateway: Option<String>,
    supplier: Option<String>,
    /// Why that is likely so.
    cause: String,
    /// What to do.
    action: String,
    /// Whether the payment is asked about once more by itself.
    asked_again: bool,
}

/// Who could not be asked.
#[derive(Serialize, ToSchema)]
#[schema(as = NotAsked)]
pub(crate) struct NotAskedBody {
    party: String,
    count: usize,
    first: String,
    why: String,
}

/// What is worth knowing besides.
#[derive(Serialize, ToSchema)]
#[schema(as = ReconciliationNote)]
pub(crate) struct NoteBody {
    subject: String,
    text: String,
}

/// What cannot be seen.
#[derive(Serialize, ToSchema)]
#[schema(as = Unseen)]
pub(crate) struct UnseenBody {
    party: String,
    what: String,
}

/// What was left of our deposit at a supplier.
#[derive(Serialize, ToSchema)]
#[schema(as = ReconciliationDeposit)]
pub(crate) struct DepositBody {
    supplier: String,
    /// When the supplier said so (RFC 3339, UTC).
    at: String,
    /// In whole rupiah.
    balance: i64,
}

/// The purchases that a supplier lists.
#[derive(Serialize, ToSchema)]
#[schema(as = ReconciliationPurchases)]
pub(crate) struct PurchasesBody {
    supplier: String,
    /// Its own numbers of them.
    numbers: Vec<String>,
}

impl ReportBody {
    fn new(report: &Report, stored: bool) -> Self {
        ReportBody {
            date: report.day.to_string(),
            at: report.at.rfc3339(),
            stored,
            agrees: report.agrees(),
            orders: report.counts.orders,
            payments: report.counts.payments,
            payments_told: report.counts.told,
            attempts: report.counts.attempts,
            settlement_lines: report.counts.settlement_lines,
            differences: (report.differences.iter())
                .map(|d| DifferenceBody {
                    kind: d.kind.as_str(),
                    subject: d.subject.clone(),
                    ledger: d.ledger.clone(),
                    gateway: d.gateway.clone(),
                    supplier: d.supplier.clone(),
                    cause: d.cause.clone(),
                    action: d.action.clone(),
                    asked_again: d.asked_again,
                })
                .collect(),
            not_asked: (report.not_asked.iter())
                .map(|s| NotAskedBody {
                    party: s.party.clone(),
                    count: s.count,
                    first: s.first.clone(),
                    why: s.why.clone(),
                })
                .collect(),
            notes: (report.notes.iter())
                .map(|n| NoteBody { subject: n.subject.clone(), text: n.text.clone() })
                .collect(),
            unseen: (report.unseen.iter())
                .map(|u| UnseenBody { party: u.party.clone(), what: u.what.clone() })
                .collect(),
            deposits: (report.deposits.iter())
                .map(|d| DepositBody {
                    supplier: d.supplier.clone(),
                    at: d.at.rfc3339(),
                    balance: d.balance.get(),
                })
                .collect(),
            purchases: (report.purchases.iter())
                .map(|(supplier, numbers)| PurchasesBody {
                    supplier: supplier.clone(),
                    numbers: numbers.clone(),
                })
                .collect(),
        }
    }
}

/// What the daily run found of a day.
#[utoipa::path(get, path = "/api/v1/staff/reconciliations/{date}", tag = "staff", security(("api_key" = [])),
    params(("date" = String, Path, description = "The day (WIB)", example = "2026-11-22")),
    responses(
        (status = 200, description = "The stored run", body = ReportBody),
        (status = 400, description = "This is no day", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No run of that day is stored", body = ProblemBody, content_type = "application/problem+json"),
        NotAnswered,
    ))]
pub(crate) async fn stored(
    State(app): State<App>,
    _staff: Staff,
    Segment(text): Segment,
) -> Result<Json<ReportBody>, Problem> {
    let report = app.shop.stored_reconciliation(day(&text)?).await?.ok_or_else(|| {
        let detail = words(
            "Belum ada pembandingan harian yang tersimpan untuk hari ini.",
            "No daily run of that day is stored.",
        );
        Problem::new(Kind::NotFound, detail)
    })?;
    Ok(Json(ReportBody::new(&report, true)))
}

/// Compares ledger, gateways and suppliers for a day, now. Nothing is bought and nothing is decided by it. A day with
/// so many payments that they cannot be asked about within half a minute is for the command line.
#[utoipa::path(post, path = "/api/v1/staff/reconciliations/{date}", tag = "staff", security(("api_key" = [])),
    params(("date" = String, Path, description = "The day (WIB), today at the latest", example = "2026-11-22")),
    responses(
        (status = 200, description = "What was found", body = ReportBody),
        (status = 400, description = "This is no day, or it has not begun", body = ProblemBody, content_type = "application/problem+json"),
        (status = 408, description = "It takes longer than a request may", body = ProblemBody, content_type = "application/problem+json"),
        NotAnswered,
    ))]
pub(crate) async fn run(
    State(app): State<App>,
    _staff: Staff,
    Segment(text): Segment,
) -> Result<Json<ReportBody>, Problem> {
    let day = day(&text)?;
    if day > app.shop.clock.now().wib_day() {
        return Err(no_day());
    }
    let report = app.shop.reconcile(day).await?;
    Ok(Json(ReportBody::new(&report, false)))
}

fn day(text: &str) -> Result<WibDay, Problem> {
    text.parse().map_err(|_| no_day())
}

fn no_day() -> Problem {
    let detail = words(
        "Isi hari (WIB) yang sudah dimulai, seperti 2026-11-22.",
        "Name a day (WIB) that has begun, as in 2026-11-22.",
    );
    Problem::new(Kind::InvalidParameter, detail)
}

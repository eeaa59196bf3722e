//! `GET /api/v1/staff/settlements` lists the settlement reports that count, `POST` there keeps another, written as the
//! configuration says of its gateway, and `POST …/{id}/withdraw` lets one count no more. The comparison takes them up.

use crate::{
    app::App,
    body,
    headers::Segment,
    problem::{FieldProblem, Kind, Problem, ProblemBody},
    staff_api::{Staff, page_limit, refused::NotAnswered, wrong},
    words::words,
};
use axum::{
    Json,
    extract::{Query, Request, State, rejection::QueryRejection},
};
use orders::{ImportedSettlement, SettlementImport, SettlementImportError, Withdrawal};
use payments::{SettlementReport, UnreadableLine};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vocabulary::WibDay;

/// The largest file that is read here. What is larger is for the command line.
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// The longest name of a file that is kept.
const NAME_CHARS: usize = 200;

/// Which reports.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Page {
    /// How many reports, 1 to 200. Default 50.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, example = 50)]
    limit: Option<String>,
}

/// What a report is about.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct About {
    /// Whose it is.
    #[param(example = "midtrans")]
    gateway: String,
    /// Name of the file, for people.
    #[param(example = "midtrans-2026-11-23.csv")]
    file: Option<String>,
    /// The first day (WIB) that it is about. Default: by its lines.
    #[param(example = "2026-11-23")]
    from: Option<String>,
    /// The last day. Default: `from`, or by its lines.
    until: Option<String>,
    /// `true` only says what would be read.
    #[param(value_type = Option<bool>)]
    dry_run: Option<String>,
}

/// The reports that count.
#[derive(Serialize, ToSchema)]
#[schema(as = Settlements)]
pub(crate) struct ReportsBody {
    /// Newest first.
    data: Vec<ReportBody>,
}

/// A settlement report.
#[derive(Serialize, ToSchema)]
#[schema(as = Settlement)]
pub(crate) struct ReportBody {
    #[schema(example = "set_0123456789abcdef0123")]
    id: String,
    gateway: String,
    file: String,
    /// Whether it lists by the day on which it was `settled` or `paid`.
    lists: &'static str,
    from: String,
    until: String,
    /// How many lines were read.
    lines: i64,
    unreadable: Vec<LineBody>,
    imported_at: String,
    /// When it was first compared whole.
    compared_at: Option<String>,
}

/// A line that could not be read.
#[derive(Serialize, ToSchema)]
#[schema(as = UnreadableLine)]
pub(crate) struct LineBody {
    /// Where it stands in the file, from 1.
    line: i64,
    /// What is wrong with it.
    reason: String,
    /// Its fields.
    text: String,
}

/// What came of an import.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportedSettlement)]
pub(crate) struct ImportedBody {
    #[schema(example = "set_0123456789abcdef0123")]
    id: String,
    gateway: String,
    /// Whether it lists by the day on which it was `settled` or `paid`.
    lists: &'static str,
    from: String,
    until: String,
    kinds: Vec<KindBody>,
    /// Which column was taken for what.
    columns: Vec<ColumnBody>,
    /// What was kept of payments, in whole rupiah, where the file says so.
    fees: i64,
    /// Lines that could not be read. They are kept as they are.
    unreadable: Vec<LineBody>,
    /// Lines with sums, which were passed over.
    totals: Vec<i64>,
    /// Whether the same was imported before: nothing was changed.
    was_there: bool,
    /// How many earlier readings of the same file it took the place of.
    replaced: u64,
    /// Whether it counts now.
    kept: bool,
}

/// The lines of one kind.
#[derive(Serialize, ToSchema)]
#[schema(as = SettlementKind)]
pub(crate) struct KindBody {
    kind: &'static str,
    lines: usize,
    /// Their sum, in whole rupiah.
    amount: i64,
}

/// A column of the file.
#[derive(Serialize, ToSchema)]
#[schema(as = SettlementColumn)]
pub(crate) struct ColumnBody {
    /// What it was taken for.
    column: String,
    /// What the file calls it.
    name: String,
}

/// A report that counts no more.
#[derive(Serialize, ToSchema)]
#[schema(as = SettlementWithdrawn)]
pub(crate) struct WithdrawnBody {
    id: String,
    /// `withdrawn`.
    settlement: &'static str,
    /// Who had withdrawn it before: nothing was changed now. Left out when it counted until now.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<WithdrawnBeforeBody>,
}

/// That a report was withdrawn before.
#[derive(Serialize, ToSchema)]
#[schema(as = SettlementWithdrawnBefore)]
pub(crate) struct WithdrawnBeforeBody {
    /// By whom.
    by: String,
    /// When (RFC 3339, UTC).
    at: String,
}

impl ReportBody {
    fn new(report: &SettlementReport) -> Self {
        ReportBody {
            id: report.id.clone(),
            gateway: report.gateway.clone(),
            file: report.name.clone(),
            lists: report.lists.as_str(),
            from: report.first_day.to_string(),
            until: report.last_day.to_string(),
            lines: report.lines,
            unreadable: unread(&report.unreadable),
            imported_at: report.imported_at.rfc3339(),
            compared_at: report.compared_at.map(|at| at.rfc3339()),
        }
    }
}

impl ImportedBody {
    fn new(import: &SettlementImport<'_>, imported: &ImportedSettlement) -> Self {
        let (from, until) = imported.days;
        ImportedBody {
            id: imported.id.clone(),
            gateway: import.gateway.to_owned(),
            lists: imported.lists.as_str(),
            from: from.to_string(),
            until: until.to_string(),
            kinds: (imported.kinds.iter())
                .map(|(kind, lines, sum)| KindBody { kind: kind.as_str(), lines: *lines, amount: sum.get() })
                .collect(),
            columns: (imported.columns.iter())
                .map(|(column, name)| ColumnBody { column: column.clone(), name: name.clone() })
                .collect(),
            fees: imported.fees.get(),
            unreadable: unread(&imported.unreadable),
            totals: imported.totals.clone(),
            was_there: imported.was_there,
            replaced: imported.replaced,
            // One that is only read may be there already.
            kept: imported.was_there || !import.dry_run,
        }
    }
}

fn unread(lines: &[UnreadableLine]) -> Vec<LineBody> {
    let told = |bad: &UnreadableLine| LineBody {
        line: bad.line,
        reason: bad.reason.clone(),
        text: bad.text.clone(),
    };
    lines.iter().map(told).collect()
}

/// The settlement reports that count, with the lines that could not be read.
#[utoipa::path(get, path = "/api/v1/staff/settlements", tag = "staff", params(Page), security(("api_key" = [])), responses(
    (status = 200, description = "The reports", body = ReportsBody),
    (status = 400, description = "A parameter is wrong", body = ProblemBody, content_type = "application/problem+json"),
    NotAnswered,
))]
pub(crate) async fn list(
    State(app): State<App>,
    _staff: Staff,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<ReportsBody>, Problem> {
    let Query(page) = page.map_err(|_| wrong("limit"))?;
    let limit = page_limit(page.limit.as_deref())?;
    let reports = app.shop.settlements(limit).await?;
    Ok(Json(ReportsBody { data: reports.iter().map(ReportBody::new).collect() }))
}

/// Keeps a settlement report for the comparison, with every line that could not be read. The same file about the same
/// days changes nothing when it comes again.
#[utoipa::path(post, path = "/api/v1/staff/settlements", tag = "staff", params(About), security(("api_key" = [])),
    request_body(content = String, content_type = "text/csv", description = "The file as its gateway's dashboard gives it, in UTF-8, at most 8 MiB"),
    responses(
        (status = 200, description = "What was read", body = ImportedBody),
        (status = 400, description = "A parameter is wrong, or the file broke off on its way", body = ProblemBody, content_type = "application/problem+json"),
        (status = 408, description = "It takes longer than a request may: send it again, or divide it", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The file is too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Nothing of the file can be read, or nobody says which days it is about", body = ProblemBody, content_type = "application/problem+json"),
        NotAnswered,
    ))]
pub(crate) async fn import(
    State(app): State<App>,
    staff: Staff,
    about: Result<Query<About>, QueryRejection>,
    request: Request,
) -> Result<Json<ImportedBody>, Problem> {
    let Query(about) = about.map_err(|_| wrong("gateway, file, from, until, dry_run"))?;
    let mut profiles = app.settings.settlement_profiles.iter();
    let known = profiles.find(|(gateway, _)| *gateway == about.gateway);
    let (gateway, profile) = known.ok_or_else(|| wrong("gateway"))?;
    let dry_run = match about.dry_run.as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(wrong("dry_run")),
    };
    let days = days(about.from.as_deref(), about.until.as_deref())?;
    let name = about.file.as_deref().unwrap_or_default();
    if name.chars().count() > NAME_CHARS || name.chars().any(char::is_control) {
        return Err(wrong("file"));
    }
    let bytes = body::file(request, MOST_BYTES, too_large).await?;
    let actor = staff.actor();
    let import = SettlementImport { gateway, name, bytes: &bytes, profile, days, actor: &actor, dry_run };
    match app.shop.import_settlement(&import).await {
        Ok(imported) => Ok(Json(ImportedBody::new(&import, &imported))),
        Err(SettlementImportError::Database(error)) => Err(error.into()),
        Err(error) => Err(unreadable(&error)),
    }
}

/// Lets a report count no more that was imported by mistake. Imported again it counts again; withdrawn again it is told
/// who had done so.
#[utoipa::path(post, path = "/api/v1/staff/settlements/{id}/withdraw", tag = "staff", security(("api_key" = [])),
    params(("id" = String, Path, description = "Id of the report", example = "set_0123456789abcdef0123")),
    responses(
        (status = 200, description = "It counts no more", body = WithdrawnBody),
        (status = 404, description = "No report with this id was imported", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Another reading of the same file has taken its place", body = ProblemBody, content_type = "application/problem+json"),
        NotAnswered,
    ))]
pub(crate) async fn withdraw(
    State(app): State<App>,
    staff: Staff,
    Segment(id): Segment,
) -> Result<Json<WithdrawnBody>, Problem> {
    let before = match app.shop.withdraw_settlement(&id, &staff.actor()).await? {
        Withdrawal::Now => None,
        Withdrawal::Before { by, at } => Some(WithdrawnBeforeBody { by, at: at.rfc3339() }),
        Withdrawal::Replaced => {
            let detail = words(
                "Berkas yang sama sudah diimpor lagi dan dibaca dengan cara lain. Yang berlaku adalah laporan itu.",
                "Another reading of the same file has taken its place: that report counts.",
            );
            return Err(Problem::new(Kind::NotPossible, detail));
        }
        Withdrawal::Unknown => {
            let detail = words(
                "Tidak ada laporan settlement dengan id ini.",
                "There is no settlement report with this id.",
            );
            return Err(Problem::new(Kind::NotFound, detail));
        }
    };
    Ok(Json(WithdrawnBody { id, settlement: "withdrawn", before }))
}

/// The days that are named.
fn days(from: Option<&str>, until: Option<&str>) -> Result<Option<(WibDay, WibDay)>, Problem> {
    let day = |name: &str, text: &str| text.parse::<WibDay>().map_err(|_| wrong(name));
    let Some(from) = from else {
        return if until.is_none() { Ok(None) } else { Err(wrong("from")) };
    };
    let from = day("from", from)?;
    let until = until.map_or(Ok(from), |until| day("until", until))?;
    if until < from { Err(wrong("until")) } else { Ok(Some((from, until))) }
}

/// Staff read the reason in the words of the command line.
fn unreadable(error: &SettlementImportError) -> Problem {
    let detail = words(error.to_string(), error.to_string());
    Problem::fields(vec![FieldProblem { pointer: String::new(), detail }])
}

fn too_large() -> Problem {
    let most = MOST_BYTES / 1024 / 1024;
    let detail = words(
        format!("Paling besar {most} MiB. Bagi berkasnya, atau impor dengan `loket settlement import`."),
        format!("At most {most} MiB are read. Divide the file, or import it by `loket settlement import`."),
    );
    Problem::new(Kind::TooLarge, detail)
}

//! `GET /api/v1/staff/catalog` is the catalog as the file that its owner edits, and `POST` there makes the catalog agree
//! with such a file: all of it, or nothing, and then everything that is wrong with it is told.

use crate::{
    app::App,
    body,
    problem::{FieldProblem, Kind, Problem, ProblemBody},
    staff_api::{Staff, refused::NotAnswered},
    words::words,
};
use axum::{
    Json,
    extract::{Request, State},
    http::header,
    response::{IntoResponse, Response},
};
use catalog::{FileError, FileProblem, MAX_BYTES};
use orders::CatalogReport;
use serde::Serialize;
use utoipa::ToSchema;

/// How many faults of a file are told: who mends those finds the others by sending it again.
const TOLD: usize = 100;

/// What an import did.
#[derive(Serialize, ToSchema)]
#[schema(as = CatalogImported)]
pub(crate) struct ImportedBody {
    /// How many categories are new.
    added_categories: usize,
    /// Products that are new.
    added: Vec<String>,
    /// Fields that have another value now. Each has its entry in the audit trail.
    changed: Vec<ChangeBody>,
    /// How many products of the file were there and are as it says.
    unchanged: usize,
    /// Of how many products a stock is counted from now on. What is on hand of the others is not touched.
    stock_rows_added: usize,
}

/// A field that an import changed.
#[derive(Serialize, ToSchema)]
#[schema(as = CatalogChange)]
pub(crate) struct ChangeBody {
    /// Code of the category or product.
    #[schema(example = "ML_86")]
    subject: String,
    #[schema(example = "price")]
    field: &'static str,
    #[schema(example = "20000")]
    before: String,
    #[schema(example = "20500")]
    after: String,
}

impl ImportedBody {
    fn new(report: &CatalogReport) -> Self {
        let import = &report.import;
        let changed = import.changed.iter().map(|change| ChangeBody {
            subject: change.subject.to_string(),
            field: change.field,
            before: change.before.clone(),
            after: change.after.clone(),
        });
        ImportedBody {
            added_categories: import.added_categories.len(),
            added: import.added.iter().map(ToString::to_string).collect(),
            changed: changed.collect(),
            unchanged: import.unchanged,
            stock_rows_added: report.stock_rows_added,
        }
    }
}

/// The whole catalog as a CSV file, which can be edited and sent back: categories and products with prices, costs, stock
/// and where each is bought.
#[utoipa::path(get, path = "/api/v1/staff/catalog", tag = "staff", security(("api_key" = [])), responses(
    (status = 200, description = "The file", body = String, content_type = "text/csv"),
    NotAnswered,
))]
pub(crate) async fn export(State(app): State<App>, _staff: Staff) -> Result<Response, Problem> {
    let file = app.shop.export_catalog().await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"catalog.csv\""),
    ];
    Ok((headers, file).into_response())
}

/// Makes the catalog agree with a file, every change under your name in the audit trail. What the file does not name is
/// left alone, and stock that is counted already is not touched, apart from its minimum. Sent again it changes nothing.
#[utoipa::path(post, path = "/api/v1/staff/catalog", tag = "staff", security(("api_key" = [])),
    request_body(content = String, content_type = "text/csv", description = "The file, as `GET` gives it, in UTF-8, at most 4 MiB and 10000 rows"),
    responses(
        (status = 200, description = "What was changed", body = ImportedBody),
        (status = 400, description = "The file broke off on its way, and nothing was changed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 408, description = "It takes longer than a request may. Send it again, and if it is too long then, too, by the command line: what was taken over already changes nothing", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The file is too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Something is wrong with the file, and nothing was changed. `pointer` is `/`, the line, `/`, and the column; the first 100 faults are told", body = ProblemBody, content_type = "application/problem+json"),
        NotAnswered,
    ))]
pub(crate) async fn import(
    State(app): State<App>,
    staff: Staff,
    request: Request,
) -> Result<Json<ImportedBody>, Problem> {
    let bytes = body::file(request, MAX_BYTES, too_large).await?;
    let file = catalog::parse(&bytes).map_err(|error| faults(&error))?;
    let report = app.shop.import_catalog(&file, &staff.actor()).await?;
    Ok(Json(ImportedBody::new(&report)))
}

/// Staff read the faults in the words of the command line.
fn faults(error: &FileError) -> Problem {
    let all = error.problems.len();
    let told = all.min(TOLD);
    let detail = words(
        format!(
            "Katalog tidak diimpor dan tidak ada yang berubah: ada {all} kesalahan, {told} disebut di sini."
        ),
        format!("Nothing was imported and nothing was changed: {all} faults, of which {told} are told here."),
    );
    Problem::fields(error.problems.iter().take(TOLD).map(fault).collect()).saying(detail)
}

fn fault(problem: &FileProblem) -> FieldProblem {
    let pointer = match problem.column {
        Some(column) => format!("/{}/{column}", problem.line),
        None => format!("/{}", problem.line),
    };
    let detail = words(problem.to_string(), problem.to_string());
    FieldProblem { pointer, detail }
}

fn too_large() -> Problem {
    let most = MAX_BYTES / 1024 / 1024;
    let detail = words(format!("Paling besar {most} MiB."), format!("At most {most} MiB are read."));
    Problem::new(Kind::TooLarge, detail)
}

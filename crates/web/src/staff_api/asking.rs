//! `POST /api/v1/staff/suppliers/{name}/sync` and `…/deposit`: a supplier is asked for its prices, or for what is left of
//! our deposit, at this moment. What it says is kept, and what follows from it is done, also when the caller does not wait
//! for that.

use crate::{
    app::App,
    headers::Segment,
    problem::{Problem, ProblemBody},
    staff_api::{
        Staff,
        refused::NotAnswered,
        suppliers::{SupplierBody, connected},
    },
};
use axum::{Json, extract::State};
use database::Error;
use orders::{Applied, ListOutcome, Synced};
use serde::Serialize;
use suppliers::Deposit;
use tracing::Instrument as _;
use utoipa::ToSchema;
use vocabulary::{ProductCode, Rupiah};

/// What came of asking for prices.
#[derive(Serialize, ToSchema)]
#[schema(as = SupplierSynced)]
pub(crate) struct SyncedBody {
    #[schema(example = "digiflazz")]
    supplier: String,
    /// `kept`, `not_told` (it has no list), `too_soon`, or `silent` (no usable answer).
    #[schema(example = "kept")]
    outcome: &'static str,
    /// How many products it lists, and how many entries could not be read; null where nothing was kept.
    entries: Option<usize>,
    unreadable: Option<usize>,
    /// Why there was no usable answer.
    reason: Option<String>,
    /// When it may be asked again.
    again_at: Option<String>,
    /// Products whose cost has moved, by what is known now.
    costs: Vec<MovedBody>,
    /// Products whose price has followed.
    prices: Vec<MovedBody>,
    /// Products that are kept off sale from now on.
    kept_off: Vec<KeptOffBody>,
    /// Products that are offered again.
    back: Vec<String>,
}

/// An amount that has moved, in whole rupiah.
#[derive(Serialize, ToSchema)]
#[schema(as = SupplierMoved)]
pub(crate) struct MovedBody {
    #[schema(example = "ML_86")]
    product: String,
    before: i64,
    after: i64,
}

/// A product that is kept off sale.
#[derive(Serialize, ToSchema)]
#[schema(as = SupplierKeptOff)]
pub(crate) struct KeptOffBody {
    #[schema(example = "ML_86")]
    product: String,
    why: &'static str,
}

/// Our deposit at a supplier that was asked for it.
#[derive(Serialize, ToSchema)]
#[schema(as = SupplierDepositAsked)]
pub(crate) struct AskedBody {
    #[serde(flatten)]
    deposit: SupplierBody,
    /// Why it has not told now; then the rest is what was known before.
    silent: Option<String>,
}

impl SyncedBody {
    fn new(supplier: &str, synced: Synced) -> Self {
        let Synced { list, applied: Applied { costs, prices, kept_off, back } } = synced;
        let body = SyncedBody {
            supplier: supplier.to_owned(),
            outcome: "kept",
            entries: None,
            unreadable: None,
            reason: None,
            again_at: None,
            costs: costs.iter().map(MovedBody::new).collect(),
            prices: prices.iter().map(MovedBody::new).collect(),
            kept_off: kept_off
                .iter()
                .map(|(product, why)| KeptOffBody { product: product.to_string(), why: why.as_str() })
                .collect(),
            back: back.iter().map(ToString::to_string).collect(),
        };
        match list {
            ListOutcome::Kept { entries, unreadable } => {
                SyncedBody { entries: Some(entries), unreadable: Some(unreadable), ..body }
            }
            ListOutcome::NotTold => SyncedBody { outcome: "not_told", ..body },
            ListOutcome::TooSoon { again_at } => {
                SyncedBody { outcome: "too_soon", again_at: Some(again_at.rfc3339()), ..body }
            }
            ListOutcome::Silent { reason } => SyncedBody { outcome: "silent", reason: Some(reason), ..body },
        }
    }
}

impl MovedBody {
    fn new((product, before, after): &(ProductCode, Rupiah, Rupiah)) -> Self {
        MovedBody { product: product.to_string(), before: before.get(), after: after.get() }
    }
}

/// Asks a supplier for its prices, not more often than it allows, and lets costs and what is for sale follow.
#[utoipa::path(post, path = "/api/v1/staff/suppliers/{name}/sync", tag = "staff", security(("api_key" = [])),
    params(("name" = String, Path, description = "The supplier", example = "digiflazz")),
    responses(
        (status = 200, description = "What came of it", body = SyncedBody),
        (status = 404, description = "No such supplier is connected", body = ProblemBody, content_type = "application/problem+json"),
        (status = 408, description = "The answer takes longer than a request may; it is taken over when it comes", body = ProblemBody, content_type = "application/problem+json"),
        NotAnswered,
    ))]
pub(crate) async fn sync(
    State(app): State<App>,
    _staff: Staff,
    Segment(name): Segment,
) -> Result<Json<SyncedBody>, Problem> {
    let (shop, supplier) = (app.shop.clone(), connected(&app, &name)?.clone());
    let name = supplier.name();
    let synced = to_its_end(async move { shop.sync_prices(&supplier).await }).await?;
    Ok(Json(SyncedBody::new(name, synced)))
}

/// Asks a supplier what is left of our deposit, and says how long that lasts.
#[utoipa::path(post, path = "/api/v1/staff/suppliers/{name}/deposit", tag = "staff", security(("api_key" = [])),
    params(("name" = String, Path, description = "The supplier", example = "digiflazz")),
    responses(
        (status = 200, description = "What is left", body = AskedBody),
        (status = 404, description = "No such supplier is connected", body = ProblemBody, content_type = "application/problem+json"),
        (status = 408, description = "The answer takes longer than a request may; it is taken over when it comes", body = ProblemBody, content_type = "application/problem+json"),
        NotAnswered,
    ))]
pub(crate) async fn deposit(
    State(app): State<App>,
    _staff: Staff,
    Segment(name): Segment,
) -> Result<Json<AskedBody>, Problem> {
    let (shop, supplier) = (app.shop.clone(), connected(&app, &name)?.clone());
    let name = supplier.name();
    let asked = to_its_end(async move {
        let told = shop.watch_deposit(&supplier).await?;
        let forecast = shop.deposit_forecast(name).await?;
        Ok::<_, Error>((told, forecast))
    });
    let (told, forecast) = asked.await?;
    let silent = match told {
        Deposit::Silent { reason } => Some(reason),
        Deposit::Left(_) | Deposit::NotTold => None,
    };
    Ok(Json(AskedBody { deposit: SupplierBody::new(name, &forecast), silent }))
}

/// Does what was begun to its end, whether or not the caller still waits: half of it would be that a supplier was asked,
/// and that nobody knows.
async fn to_its_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::spawn(work.in_current_span()).await {
        Ok(done) => Ok(done?),
        Err(error) => Err(Problem::internal(&error)),
    }
}

//! `GET /api/v1/staff/suppliers`, `…/suppliers/{name}/prices` and `GET /api/v1/staff/routes`: what is known of our
//! deposits and of suppliers' prices, and where products are bought. Nobody is asked: that is in `asking.rs`.

use crate::{
    app::App,
    headers::Segment,
    problem::{Kind, Problem, ProblemBody},
    staff_api::{Staff, refused::NotAnswered, wrong},
    words::words,
};
use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use orders::{DepositForecast, Judged, JudgedRoute};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use suppliers::{Listing, Supplier};
use utoipa::{IntoParams, ToSchema};
use vocabulary::{ProductCode, Timestamp};

/// The suppliers that are connected.
#[derive(Serialize, ToSchema)]
#[schema(as = Suppliers)]
pub(crate) struct SuppliersBody {
    data: Vec<SupplierBody>,
}

/// Our deposit at a supplier, as it was last told.
#[derive(Serialize, ToSchema)]
#[schema(as = SupplierDeposit)]
pub(crate) struct SupplierBody {
    #[schema(example = "digiflazz")]
    supplier: String,
    /// What is left, in whole rupiah; null when nobody has told.
    left: Option<i64>,
    seen_at: Option<String>,
    spent_last_day: i64,
    spent_last_week: i64,
    /// How long it lasts at that pace.
    lasts_hours: Option<u64>,
}

/// What a supplier last said of our products.
#[derive(Serialize, ToSchema)]
#[schema(as = SupplierPrices)]
pub(crate) struct PricesBody {
    supplier: String,
    data: Vec<PriceBody>,
    /// What can be bought there by further routes.
    further: Vec<FurtherPriceBody>,
    /// What it lists and is no product of ours, when `all` is `true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    others: Option<Vec<ListingBody>>,
}

/// Which prices.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// `true` also tells what is listed there and is no product of ours.
    #[param(value_type = Option<bool>)]
    all: Option<String>,
}

/// What it said of one.
#[derive(Serialize, ToSchema)]
#[schema(as = SupplierPrice)]
pub(crate) struct PriceBody {
    product: String,
    sku: String,
    /// What the supplier asks.
    asks: Option<i64>,
    /// The most that we pay.
    cost: i64,
    /// What a buyer pays.
    price: i64,
    /// When it was told.
    seen_at: Option<String>,
    /// Why that price is not believed.
    doubt: Option<&'static str>,
    /// Why it cannot be bought there at this moment, by what was told.
    unsellable: Option<&'static str>,
    /// Why the product is not offered.
    kept_off: Option<&'static str>,
}

/// What it said of one that is on a further route.
#[derive(Serialize, ToSchema)]
#[schema(as = SupplierFurtherPrice)]
pub(crate) struct FurtherPriceBody {
    product: String,
    sku: String,
    /// What the supplier asks.
    asks: Option<i64>,
    /// What the product costs by its own route.
    cost: i64,
    /// About what it may cost here, by the word of a member of staff.
    accepted: Option<i64>,
    /// When it was told.
    seen_at: Option<String>,
    /// Why that price is not believed.
    doubt: Option<&'static str>,
    /// Why it cannot be bought there at this moment, by what was told.
    unsellable: Option<&'static str>,
}

/// Something that a supplier lists.
#[derive(Serialize, ToSchema)]
#[schema(as = SupplierListing)]
pub(crate) struct ListingBody {
    sku: String,
    name: String,
    brand: String,
    seller: String,
    /// What the supplier asks.
    asks: i64,
    /// When it was told.
    seen_at: String,
}

/// Which routes.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Only of this product.
    #[param(example = "ML_86")]
    product: Option<String>,
}

/// Where products are bought.
#[derive(Serialize, ToSchema)]
#[schema(as = Routes)]
pub(crate) struct RoutesBody {
    data: Vec<RouteBody>,
}

/// One way to buy a product.
#[derive(Serialize, ToSchema)]
#[schema(as = Route)]
pub(crate) struct RouteBody {
    product: String,
    /// Its place in the owner's order, from 1.
    rank: u32,
    supplier: String,
    sku: String,
    customer_template: String,
    active: bool,
    /// Who sells it there, as the owner notes it, and by the newest list of the supplier; empty where nobody is named.
    seller: String,
    listed_seller: String,
    /// Whether one of the two is not bought from.
    seller_refused: bool,
    /// Why the product is kept off sale, if it is.
    kept_off: Option<&'static str>,
}

impl SupplierBody {
    pub(super) fn new(supplier: &str, forecast: &DepositForecast) -> Self {
        SupplierBody {
            supplier: supplier.to_owned(),
            left: forecast.seen.as_ref().map(|seen| seen.left.get()),
            seen_at: forecast.seen.as_ref().map(|seen| seen.seen_at.rfc3339()),
            spent_last_day: forecast.spending.last_day.get(),
            spent_last_week: forecast.spending.last_week.get(),
            lasts_hours: forecast.lasts.map(|lasts| lasts.as_secs() / 3_600),
        }
    }
}

impl PriceBody {
    fn new(judged: &Judged, now: Timestamp) -> Self {
        let listing = judged.listing.as_ref();
        PriceBody {
            product: judged.product.code.to_string(),
            sku: judged.product.sku.clone(),
            asks: listing.map(|listing| listing.price.get()),
            cost: judged.product.cost.get(),
            price: judged.product.price.get(),
            seen_at: listing.map(|listing| listing.seen_at.rfc3339()),
            doubt: judged.doubt.map(|doubt| doubt.as_str()),
            unsellable: listing.and_then(|listing| listing.trouble(now)).map(|why| why.as_str()),
            kept_off: judged.product.kept_off.map(|why| why.as_str()),
        }
    }
}

impl FurtherPriceBody {
    fn new(judged: &JudgedRoute, now: Timestamp) -> Self {
        let listing = judged.listing.as_ref();
        FurtherPriceBody {
            product: judged.product.code.to_string(),
            sku: judged.product.sku.clone(),
            asks: listing.map(|listing| listing.price.get()),
            cost: judged.product.cost.get(),
            accepted: judged.accepted.map(|price| price.get()),
            seen_at: listing.map(|listing| listing.seen_at.rfc3339()),
            doubt: judged.doubt.map(|doubt| doubt.as_str()),
            unsellable: listing.and_then(|listing| listing.trouble(now)).map(|why| why.as_str()),
        }
    }
}

impl ListingBody {
    fn new(listing: Listing) -> Self {
        ListingBody {
            asks: listing.price.get(),
            seen_at: listing.seen_at.rfc3339(),
            sku: listing.sku,
            name: listing.name,
            brand: listing.brand,
            seller: listing.seller,
        }
    }
}

/// The supplier of this name.
pub(super) fn connected<'a>(app: &'a App, name: &str) -> Result<&'a Arc<dyn Supplier>, Problem> {
    app.shop.supplier(name).ok_or_else(|| {
        let detail = words("Pemasok ini tidak terhubung.", "No such supplier is connected.");
        Problem::new(Kind::NotFound, detail)
    })
}

/// The suppliers that are connected, and our deposit with each as it was last told.
#[utoipa::path(get, path = "/api/v1/staff/suppliers", tag = "staff", security(("api_key" = [])), responses(
    (status = 200, description = "The suppliers", body = SuppliersBody),
    NotAnswered,
))]
pub(crate) async fn deposits(State(app): State<App>, _staff: Staff) -> Result<Json<SuppliersBody>, Problem> {
    let mut data = Vec::new();
    for supplier in app.shop.suppliers.iter() {
        let forecast = app.shop.deposit_forecast(supplier.name()).await?;
        data.push(SupplierBody::new(supplier.name(), &forecast));
    }
    Ok(Json(SuppliersBody { data }))
}

/// What a supplier last said of our products, beside what we pay and take.
#[utoipa::path(get, path = "/api/v1/staff/suppliers/{name}/prices", tag = "staff", security(("api_key" = [])),
    params(("name" = String, Path, description = "The supplier", example = "digiflazz"), Wanted),
    responses(
        (status = 200, description = "Its prices", body = PricesBody),
        (status = 400, description = "A parameter is wrong", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such supplier is connected", body = ProblemBody, content_type = "application/problem+json"),
        NotAnswered,
    ))]
pub(crate) async fn prices(
    State(app): State<App>,
    _staff: Staff,
    Segment(name): Segment,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<PricesBody>, Problem> {
    let Query(wanted) = wanted.map_err(|_| wrong("all"))?;
    let all = match wanted.all.as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(wrong("all")),
    };
    let supplier = connected(&app, &name)?.name();
    let (listed, now) = (app.shop.listed(supplier).await?, app.shop.clock.now());
    let further = app.shop.listed_further(supplier).await?;
    let further = further.iter().map(|judged| FurtherPriceBody::new(judged, now)).collect();
    let others = match all {
        true => Some(app.shop.listed_beside(supplier).await?.into_iter().map(ListingBody::new).collect()),
        false => None,
    };
    let data = listed.iter().map(|judged| PriceBody::new(judged, now)).collect();
    Ok(Json(PricesBody { supplier: supplier.to_owned(), data, further, others }))
}

/// Where every product is bought, or one of them, in the order of the catalog, who sells there, and which are kept off
/// sale.
#[utoipa::path(get, path = "/api/v1/staff/routes", tag = "staff", params(Which), security(("api_key" = [])), responses(
    (status = 200, description = "The routes", body = RoutesBody),
    (status = 400, description = "A parameter is wrong", body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, description = "No such product", body = ProblemBody, content_type = "application/problem+json"),
    NotAnswered,
))]
pub(crate) async fn routes(
    State(app): State<App>,
    _staff: Staff,
    which: Result<Query<Which>, QueryRejection>,
) -> Result<Json<RoutesBody>, Problem> {
    let Query(which) = which.map_err(|_| wrong("product"))?;
    let product = which.product.map(|text| text.parse::<ProductCode>()).transpose();
    let product = product.map_err(|_| wrong("product"))?;
    let routes = app.shop.routes(product.as_ref()).await?;
    if product.is_some() && routes.is_empty() {
        let detail = words("Tidak ada produk dengan kode ini.", "There is no product with this code.");
        return Err(Problem::new(Kind::NotFound, detail));
    }
    let data = routes.into_iter().map(|view| RouteBody {
        product: view.route.product.to_string(),
        rank: view.route.rank,
        supplier: view.route.supplier,
        sku: view.route.supplier_sku,
        customer_template: view.route.customer_template.to_string(),
        active: view.route.active,
        seller: view.route.seller,
        listed_seller: view.listed_seller,
        seller_refused: view.is_refused,
        kept_off: view.kept_off.map(|why| why.as_str()),
    });
    Ok(Json(RoutesBody { data: data.collect() }))
}

//! `GET /api/v1/orders`: the caller's orders, newest first, in keyset pages.

use crate::{
    app::App,
    auth::Caller,
    orders_api::{cursor, wire::SummaryBody},
    problem::{Kind, Problem, ProblemBody},
    words::words,
};
use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use orders::OrdersPage;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The largest page.
const LARGEST_PAGE: u32 = 200;

/// Which page.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Page {
    /// How many orders, 1 to 200. Default 50.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, example = 50)]
    limit: Option<String>,
    /// `next_cursor` of the page before.
    after: Option<String>,
}

/// A page of orders.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrderPage {
    /// The orders, newest first.
    data: Vec<SummaryBody>,
    /// Send it as `after` to get the next page; null on the last one.
    next_cursor: Option<String>,
    /// Whether there are more.
    has_more: bool,
}

/// The orders of this key, newest first.
#[utoipa::path(get, path = "/api/v1/orders", tag = "orders", params(Page), security(("api_key" = [])), responses(
    (status = 200, description = "A page of orders", body = OrderPage, headers(("Link" = String, description = "`rel=\"next\"`: the next page"))),
    (status = 400, description = "`limit` or `after` is wrong", body = ProblemBody, content_type = "application/problem+json"),
    (status = 401, description = "No API key, or a wrong one", body = ProblemBody, content_type = "application/problem+json"),
    (status = 503, description = "The database cannot answer now", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(page) = page.map_err(|_| unreadable())?;
    let limit = match page.limit.as_deref() {
        None => 50,
        Some(text) => text.parse().ok().filter(|n| (1..=LARGEST_PAGE).contains(n)).ok_or_else(wrong_limit)?,
    };
    let after = page.after.as_deref().map(|text| cursor::read(&caller, text)).transpose()?;

    let OrdersPage { orders, has_more } = app.shop.orders_page(caller.id(), after.as_ref(), limit).await?;
    let next_cursor = orders.last().filter(|_| has_more).map(|last| cursor::write(&caller, &last.id));
    let next = next_cursor.as_ref().map(|mark| {
        format!("<{}>; rel=\"next\"", app.address(&format!("/api/v1/orders?limit={limit}&after={mark}")))
    });
    let data = orders.iter().map(SummaryBody::from).collect();
    let mut response = Json(OrderPage { data, next_cursor, has_more }).into_response();
    if let Some(link) = next.and_then(|link| HeaderValue::try_from(link).ok()) {
        response.headers_mut().insert(header::LINK, link);
    }
    Ok(response)
}

fn unreadable() -> Problem {
    let detail = words(
        "Yang dikenal hanya `limit` dan `after`.",
        "Only `limit` and `after` are known here, each once.",
    );
    Problem::new(Kind::InvalidParameter, detail)
}

fn wrong_limit() -> Problem {
    let detail = words("`limit` harus 1 sampai 200.", "`limit` must be 1 to 200.");
    Problem::new(Kind::InvalidParameter, detail)
}

//! `GET /api/v1/orders/{number}`.

use crate::{
    app::App,
    auth::Caller,
    headers::Segment,
    orders_api::{number, unknown_order, wire::OrderBody},
    problem::{Problem, ProblemBody},
};
use axum::{Json, extract::State};

/// An order, as it stands now.
#[utoipa::path(get, path = "/api/v1/orders/{number}", tag = "orders", security(("api_key" = [])),
    params(("number" = String, Path, description = "Number of the order", example = "LK7Q2M9XK4VT")),
    responses(
        (status = 200, description = "The order", body = OrderBody),
        (status = 401, description = "No API key, or a wrong one", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such order of this key", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The database cannot answer now", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn show(
    State(app): State<App>,
    caller: Caller,
    Segment(text): Segment,
) -> Result<Json<OrderBody>, Problem> {
    let view = app.shop.order_view(&number(&text)?, caller.id()).await?.ok_or_else(unknown_order)?;
    Ok(Json(OrderBody::new(&app, &view)))
}

//! `POST /api/v1/orders/{number}/cancel`: withdraws an order that is not paid.

use crate::{
    app::App,
    auth::Caller,
    headers::Segment,
    orders_api::{number, unknown_order, wire::OrderBody},
    problem::{Kind, Problem, ProblemBody},
    words::words,
};
use axum::{Json, extract::State};
use orders::ActionError;

/// Withdraws an order while it is unpaid. Doing it again changes nothing.
#[utoipa::path(post, path = "/api/v1/orders/{number}/cancel", tag = "orders", security(("api_key" = [])),
    params(("number" = String, Path, description = "Number of the order", example = "LK7Q2M9XK4VT")),
    responses(
        (status = 200, description = "The cancelled order", body = OrderBody),
        (status = 401, description = "No API key, or a wrong one", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such order of this key", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "It cannot be cancelled any more", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The database cannot answer now", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Segment(text): Segment,
) -> Result<Json<OrderBody>, Problem> {
    let number = number(&text)?;
    app.shop.cancel(&number, caller.id()).await.map_err(refusal)?;
    let view = app.shop.order_view(&number, caller.id()).await?.ok_or_else(unknown_order)?;
    Ok(Json(OrderBody::new(&app, &view)))
}

fn refusal(error: ActionError) -> Problem {
    match error {
        ActionError::UnknownOrder(_) => unknown_order(),
        ActionError::NotPossible { state, .. } => Problem::new(
            Kind::NotPossible,
            words(
                format!("Pesanan ini sudah {state}: tidak bisa dibatalkan lagi."),
                format!("The order is {state}: it cannot be cancelled."),
            ),
        ),
        ActionError::AttemptOpen(_)
        | ActionError::MoneyGone(_)
        | ActionError::NoRoute(_)
        | ActionError::PartDelivered(_)
        | ActionError::PartUnclear(_)
        | ActionError::NameOdd { .. }
        | ActionError::OtherOdd { .. }
        | ActionError::SaidAlready { .. }
        | ActionError::RefundWaits(_)
        | ActionError::NotRefunded(_)
        | ActionError::KeyReused
        | ActionError::OutcomeUnknown(_)
        | ActionError::NoLongerPossible(_) => Problem::plain(Kind::NotPossible),
        ActionError::Database(error) => error.into(),
    }
}

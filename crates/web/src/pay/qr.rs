//! The QR code as a picture of our own: `GET /pay/{token}/qr.svg` and `qr.png`.

use crate::{
    app::App,
    headers::Segment,
    pay::order,
    payable::payable,
    problem::{Kind, Problem, ProblemBody},
    words::words,
};
use axum::{
    extract::State,
    http::{HeaderName, header},
    response::{IntoResponse, Response},
};

/// Other sites may show the picture (its address is the secret).
const SHOWN_ELSEWHERE: (HeaderName, &str) =
    (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin");

/// The QR code of an order as SVG.
#[utoipa::path(get, path = "/pay/{token}/qr.svg", tag = "pay",
    params(("token" = String, Path, description = "The secret of the pay page")),
    responses(
        (status = 200, description = "The QR code", body = String, content_type = "image/svg+xml"),
        (status = 404, description = "No such page, or no QR code (yet, or any more)", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn svg(State(app): State<App>, Segment(token): Segment) -> Result<Response, Problem> {
    let picture = vocabulary::qr::svg(&text(&app, &token).await?).map_err(|e| Problem::internal(&e))?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml"), SHOWN_ELSEWHERE], picture).into_response())
}

/// The QR code of an order as PNG.
#[utoipa::path(get, path = "/pay/{token}/qr.png", tag = "pay",
    params(("token" = String, Path, description = "The secret of the pay page")),
    responses(
        (status = 200, description = "The QR code", body = Vec<u8>, content_type = "image/png"),
        (status = 404, description = "No such page, or no QR code (yet, or any more)", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn png(State(app): State<App>, Segment(token): Segment) -> Result<Response, Problem> {
    let picture = vocabulary::qr::png(&text(&app, &token).await?).map_err(|e| Problem::internal(&e))?;
    Ok(([(header::CONTENT_TYPE, "image/png"), SHOWN_ELSEWHERE], picture).into_response())
}

async fn text(app: &App, token: &str) -> Result<String, Problem> {
    let view = order(app, token).await?;
    let open = payable(&view.order, view.payment.as_ref(), app.shop.clock.now());
    open.and_then(|p| p.opened.qr_string.clone()).ok_or_else(|| {
        let detail = words(
            "Sekarang tidak ada kode QR untuk membayar pesanan ini.",
            "There is no QR code to pay this order with at the moment.",
        );
        Problem::new(Kind::NotFound, detail)
    })
}

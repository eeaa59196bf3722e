//! `POST /api/v1/orders`: buys something, once for each `Idempotency-Key`.

use crate::{
    app::App,
    auth::Caller,
    body::Fields,
    headers::{Key, Peer, Reader},
    orders_api::{
        request::{PlaceOrder, not_for, not_offered, resting, unknown_quote},
        wait::payable,
        wire::OrderBody,
    },
    problem::{Kind, Problem, ProblemBody},
    words::words,
};
use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use catalog::account::AccountField;
use orders::{Origin, PlaceError, Placed, Placement};

/// Places an order. The answer waits a moment for the QR code; when it is not there yet, it appears
/// on the pay page and in the order.
#[utoipa::path(post, path = "/api/v1/orders", tag = "orders", request_body = PlaceOrder, security(("api_key" = [])),
    params(("Idempotency-Key" = String, Header, description = "A unique text of your own, 1 to 255 visible ASCII characters. The same request with the same key gets the same order.", example = "8a1f0c1e-order-1")),
    responses(
        (status = 201, description = "The order, as it stands now", body = OrderBody, headers(
            ("Location" = String, description = "Address of the order"),
            ("Idempotency-Replayed" = String, description = "`true` when the key had been used for the same request before: nothing was done now"),
        )),
        (status = 400, description = "No Idempotency-Key, or the body is not JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "No API key, or a wrong one", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Out of stock, no supplier can deliver it now, quote expired, not enough store credit, or too many orders of this buyer are unpaid", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "Not sent as JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A field cannot be accepted, or the key was used for another request", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Unknown whether it was placed: send the same again with the same key", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn place(
    State(app): State<App>,
    caller: Caller,
    Reader(locale): Reader,
    Key(key): Key,
    Peer(ip): Peer,
    fields: Fields,
) -> Result<Response, Problem> {
    let asked = PlaceOrder::read(&app, fields)?;
    let before_marks = asked.hash_before_marks();
    let placement = Placement {
        owner: caller.id().to_owned(),
        key,
        request_hash: asked.hash(&app),
        buyer: asked.buyer_of(caller.id())?,
        product: asked.product_code,
        user_id: asked.user_id,
        server_id: asked.server_id,
        method: asked.payment_method,
        phone: asked.phone.clone(),
        quote: asked.quote,
        locale,
        ip,
        origin: Origin::default(),
    };
    let placed = match (app.shop.place(&placement).await, before_marks) {
        // An older version may have stored the key: then the same request gets its order all the same. A
        // key that is known places nothing, whatever the hash is.
        (Err(PlaceError::KeyReused), Some(request_hash)) => {
            app.shop.place(&Placement { request_hash, ..placement.clone() }).await
        }
        (placed, _) => placed,
    };
    let product = placement.product.as_str();
    let placed = placed.map_err(|error| refusal(&app, error, product))?;
    placed_order(&app, &caller, &placed).await
}

/// The answer to whoever placed an order, when it can be paid or a moment has passed.
pub(super) async fn placed_order(app: &App, caller: &Caller, placed: &Placed) -> Result<Response, Problem> {
    let view = payable(app, &placed.number, caller.id()).await?;
    let body = Json(OrderBody::new(app, &view));
    let mut response = (StatusCode::CREATED, body).into_response();
    let headers = response.headers_mut();
    if let Ok(place) = HeaderValue::from_str(&app.address(&format!("/api/v1/orders/{}", placed.number))) {
        headers.insert(header::LOCATION, place);
    }
    if placed.replayed {
        headers.insert("idempotency-replayed", HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// Why there is no order, in the caller's words.
pub(super) fn refusal(app: &App, error: PlaceError, product: &str) -> Problem {
    match error {
        PlaceError::UnknownProduct(_) => {
            Problem::field("product_code", words("Produk ini tidak dijual.", "This product is not for sale."))
        }
        PlaceError::Account(problem) => {
            let field = match problem.field() {
                AccountField::UserId => "user_id",
                AccountField::ServerId => "server_id",
            };
            let texts =
                [vocabulary::Locale::Indonesian, vocabulary::Locale::English].map(|l| problem.message(l));
            let [indonesian, english] = texts;
            Problem::field(field, words(indonesian, english))
        }
        PlaceError::OutOfStock(code) => Problem::new(
            Kind::OutOfStock,
            words(format!("{code} sedang habis."), format!("{code} is sold out at the moment.")),
        ),
        PlaceError::NotNow { product, why } => {
            let (indonesian, english) = why.words((product.as_str(), product.as_str()));
            Problem::new(Kind::NotAvailableNow, words(indonesian, english))
        }
        PlaceError::UnknownQuote => Problem::field("quote", unknown_quote()),
        PlaceError::QuoteOfOtherProduct(code) => Problem::field(
            "quote",
            words(format!("Janji harga ini untuk {code}."), format!("This quote is for {code}.")),
        ),
        PlaceError::QuoteExpired => {
            Problem::new(Kind::QuoteExpired, words("Minta janji harga yang baru.", "Ask for a new quote."))
        }
        PlaceError::MethodUnavailable(_) => Problem::field("payment_method", not_offered(app)),
        PlaceError::NotForAmount { method, bill } => {
            Problem::field("payment_method", not_for(app, method, bill))
        }
        PlaceError::MethodResting(method) => Problem::field("payment_method", resting(app, method)),
        PlaceError::WalletNotEnough { balance, amount } => Problem::new(
            Kind::WalletNotEnough,
            words(
                format!("Saldo {balance}, harga {amount}."),
                format!("The wallet holds {balance}, the order costs {amount}."),
            ),
        ),
        PlaceError::TooManyUnpaid(whose) => {
            let (indonesian, english) = whose.words(("", ""));
            Problem::new(Kind::TooManyUnpaid, words(indonesian, english))
        }
        PlaceError::KeyReused => Problem::new(
            Kind::IdempotencyKeyReused,
            words(
                "Kunci ini sudah dipakai untuk permintaan lain. Pakai kunci baru untuk permintaan baru.",
                "This key was used for another request. Use a new key for a new request.",
            ),
        ),
        PlaceError::NotSetUp(why) => {
            Problem::internal(&format!("{product} cannot be bought from its supplier as it is set up: {why}"))
        }
        PlaceError::Database(error) => error.into(),
    }
}

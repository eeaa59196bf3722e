//! `POST /api/v1/orders/{number}/payment`: another way to pay an order that is not paid.

use crate::{
    app::App,
    auth::Caller,
    body::Fields,
    headers::Segment,
    orders_api::{
        number,
        request::{method, not_a_phone, not_for, not_offered, resting},
        unknown_order,
        wait::payable,
        wire::OrderBody,
    },
    problem::{Kind, Problem, ProblemBody},
    words::words,
};
use axum::{Json, extract::State};
use orders::{PayError, WayToPay};
use utoipa::ToSchema;
use vocabulary::{Locale, PaymentMethod, PhoneNumber};

/// How an order is to be paid instead.
#[derive(ToSchema)]
#[schema(as = PayAnotherWay)]
pub(crate) struct PayAnotherWay {
    /// How it is paid, as in `POST /api/v1/orders`. With `wallet` the store credit of the order's buyer
    /// is taken at once.
    #[schema(value_type = String, example = "ovo_push")]
    payment_method: PaymentMethod,
    /// The buyer's number with the wallet, for `ovo_push`. Without it the buyer gives it on the pay page.
    #[schema(value_type = Option<String>, example = "081234567890")]
    phone: Option<PhoneNumber>,
}

impl PayAnotherWay {
    fn read(app: &App, mut fields: Fields) -> Result<Self, Problem> {
        let method = method(app, &mut fields);
        let phone = fields.optional_parsed("phone", not_a_phone());
        fields.finish(method.map(|payment_method| PayAnotherWay { payment_method, phone }))
    }
}

/// Pays an order in another way while it is unpaid. The payment before is closed at its gateway; if
/// money comes in for both all the same, the first pays the order and the second becomes store
/// credit. Asking again for the way that is open changes nothing. The answer waits a moment for what
/// the buyer needs.
#[utoipa::path(post, path = "/api/v1/orders/{number}/payment", tag = "orders", request_body = PayAnotherWay, security(("api_key" = [])),
    params(("number" = String, Path, description = "Number of the order", example = "LK7Q2M9XK4VT")),
    responses(
        (status = 200, description = "The order, as it stands now", body = OrderBody),
        (status = 400, description = "The body is not JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "No API key, or a wrong one", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such order of this key", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "It cannot be paid any more, too little time is left, too many payments were opened, or not enough store credit", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "Not sent as JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A field cannot be accepted", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The database cannot answer now: send the same again", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn pay_by(
    State(app): State<App>,
    caller: Caller,
    Segment(text): Segment,
    fields: Fields,
) -> Result<Json<OrderBody>, Problem> {
    let number = number(&text)?;
    let asked = PayAnotherWay::read(&app, fields)?;
    let way = WayToPay { phone: asked.phone, ..WayToPay::by(asked.payment_method) };
    app.shop.pay_by(&number, caller.id(), &way).await.map_err(|error| refusal(&app, error))?;
    let view = payable(&app, &number, caller.id()).await?;
    Ok(Json(OrderBody::new(&app, &view)))
}

/// Why it is not paid in this way, in the caller's words.
fn refusal(app: &App, error: PayError) -> Problem {
    match error {
        PayError::UnknownOrder => unknown_order(),
        PayError::NotPayable { state, .. } => Problem::new(
            Kind::NotPossible,
            words(
                format!("Pesanan ini sudah {state}: cara bayarnya tidak bisa diganti lagi."),
                format!("The order is {state}: it cannot be paid in another way."),
            ),
        ),
        PayError::MethodUnavailable(_) => Problem::field("payment_method", not_offered(app)),
        PayError::NotForAmount { method, bill } => {
            Problem::field("payment_method", not_for(app, method, bill))
        }
        PayError::MethodResting(method) => Problem::field("payment_method", resting(app, method)),
        PayError::TooLate(method) => Problem::new(
            Kind::NotPossible,
            words(
                format!("Sisa waktu pesanan ini terlalu sedikit untuk {}.", method.label(Locale::Indonesian)),
                format!("Too little time is left for {}.", method.label(Locale::English)),
            ),
        ),
        PayError::TooMany => Problem::new(
            Kind::NotPossible,
            words(
                "Terlalu banyak pembayaran dibuka untuk pesanan ini. Pakai yang masih terbuka, tunggu dua menit, atau pesan lagi.",
                "Too many payments were opened for this order. Use the one that is open, wait two minutes, or order again.",
            ),
        ),
        PayError::BeyondDailyLimit => Problem::new(
            Kind::NotPossible,
            words(
                "Dengan cara ini, pembeli membayar lebih dari batas hariannya. Batalkan pesanan ini dan pesan lagi dengan cara bayar ini: toko memeriksanya dulu.",
                "Paid in this way, the buyer would pay more than the daily limit. Cancel the order and order again with this way to pay: the shop looks at it first.",
            ),
        ),
        PayError::NothingRemembered => Problem::field(
            "phone",
            words("Tidak ada nomor yang tersimpan.", "No phone number is remembered."),
        ),
        PayError::WalletNotEnough { balance, amount } => Problem::new(
            Kind::WalletNotEnough,
            words(
                format!("Saldo {balance}, harga {amount}."),
                format!("The wallet holds {balance}, the order costs {amount}."),
            ),
        ),
        PayError::Database(error) => error.into(),
    }
}

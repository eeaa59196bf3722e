//! `POST /api/v1/staff/suppliers/{name}/accept`: a member of staff has looked at a seller, and says that what a further
//! route costs there is right, though it is far from what the product costs.

use crate::{
    app::App,
    body::Fields,
    headers::Segment,
    problem::{Kind, Problem, ProblemBody},
    staff_api::{
        Staff,
        refused::{NotAnswered, NotJson, NotRead},
        suppliers::connected,
    },
    words::words,
};
use axum::{Json, extract::State};
use orders::PriceWord;
use serde::Serialize;
use utoipa::ToSchema;

/// A price that is right.
#[derive(ToSchema)]
#[schema(as = AcceptPrice)]
#[expect(dead_code, reason = "it describes the body, which is read field by field")]
pub(crate) struct AcceptBody {
    /// The supplier's code, as a further route names it.
    #[schema(example = "ml86b1")]
    sku: String,
    /// About what it may cost, in whole rupiah.
    #[schema(example = 12_500)]
    price: i64,
}

/// A price that was accepted: it holds until another one is said.
#[derive(Serialize, ToSchema)]
#[schema(as = PriceAccepted)]
pub(crate) struct AcceptedBody {
    #[schema(example = "digiflazz")]
    supplier: &'static str,
    sku: String,
    price: i64,
}

/// Says about what a further route may cost. What a product is bought as first has that in its cost, which is imported.
#[utoipa::path(post, path = "/api/v1/staff/suppliers/{name}/accept", tag = "staff", request_body = AcceptBody, security(("api_key" = [])),
    params(("name" = String, Path, description = "The supplier", example = "digiflazz")),
    responses(
        (status = 200, description = "It is known", body = AcceptedBody),
        (status = 404, description = "No such supplier is connected, no product has such a further route, or the supplier has not listed it", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "It is what a product is bought as first: that has it in its cost, which is imported", body = ProblemBody, content_type = "application/problem+json"),
        NotAnswered,
        NotRead,
        NotJson,
    ))]
pub(crate) async fn accept(
    State(app): State<App>,
    staff: Staff,
    Segment(name): Segment,
    mut fields: Fields,
) -> Result<Json<AcceptedBody>, Problem> {
    let supplier = connected(&app, &name)?.name();
    let (sku, price) = (fields.text("sku"), fields.rupiah("price", 1));
    let (sku, price) = fields.finish(sku.zip(price))?;
    let detail = match app.shop.accept_price(supplier, (&sku, price), &staff.actor()).await? {
        PriceWord::Accepted => return Ok(Json(AcceptedBody { supplier, sku, price: price.get() })),
        PriceWord::IsOwn(product) => {
            let detail = words(
                format!("Ini kode utama {product}: impor biayanya lewat katalog."),
                format!("{product} is bought as this first: import what it may cost as its cost."),
            );
            return Err(Problem::new(Kind::NotPossible, detail));
        }
        PriceWord::NoRoute => {
            words("Tidak ada rute lanjutan dengan kode ini.", "No product has a further route by this code.")
        }
        PriceWord::NotListed => {
            words("Pemasok belum mencantumkan kode ini.", "The supplier has not listed this code.")
        }
    };
    Err(Problem::new(Kind::NotFound, detail))
}

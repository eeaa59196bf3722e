//! `GET /api/v1/staff/buyers?buyer=…`: how far a buyer is known, and what that allows within a day. `POST
//! …/buyers/verify` keeps that a person has looked who it is, and `…/buyers/unverify` takes that back: each once for its
//! `Idempotency-Key`, under the name of whoever holds the staff key. Ids of buyers have slashes in them, which not every
//! proxy leaves alone: they stand in no path.

use crate::{
    app::App,
    body::Fields,
    headers::Key,
    problem::{Kind, Problem, ProblemBody},
    staff_api::{
        Staff,
        decision::{BodyRefused, NotDecided, hash_of, replayed},
        orders::RecordBody,
        refused::{NotAnswered, NotJson},
        wrong,
    },
    words::{Words, words},
};
use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    response::{IntoResponse, Response},
};
use orders::{BuyerError, BuyerView, Decided, Once};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, IntoResponses, ToSchema};
use vocabulary::BuyerId;

/// Which buyer.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Id of the buyer, as an order has it.
    #[param(example = "api:sandbox/budi")]
    buyer: String,
}

/// A buyer, as staff see one.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffBuyer)]
pub(crate) struct BuyerBody {
    #[schema(example = "api:sandbox/budi")]
    buyer: String,
    /// `basic`, `regular` or `verified`.
    #[schema(example = "regular")]
    tier: &'static str,
    first_order_at: String,
    /// Who has looked who it is, and why; null when nobody has.
    verified: Option<VerifiedBody>,
    /// Purchases that were delivered and not refunded, and how many days ago the first of them was delivered.
    kept: i64,
    first_kept_days: Option<u64>,
    #[serde(flatten)]
    record: RecordBody,
    /// What counts against the limit of this WIB day already, in whole rupiah.
    today: i64,
    /// Above this a person decides about an order; null where there is no limit.
    daily_limit: Option<i64>,
}

/// That a person has looked who a buyer is.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffBuyerVerified)]
pub(crate) struct VerifiedBody {
    because: String,
    by: String,
    at: String,
}

/// What is decided about a buyer.
#[derive(ToSchema)]
#[schema(as = DecideBuyer)]
#[expect(dead_code, reason = "it describes the body, which is read field by field")]
pub(crate) struct DecideBody {
    /// Id of the buyer, as an order has it.
    #[schema(example = "api:sandbox/budi")]
    buyer: String,
    /// Why, for the audit trail, which keeps it for ever: one line of at most 500 characters, and no number of a
    /// document.
    #[schema(example = "came by with the card")]
    because: String,
}

/// Why nothing was changed about a buyer.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it describes answers, which are made of problems")]
pub(super) enum BuyerRefused {
    /// Nobody of this id ever ordered anything
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(ProblemBody),
    /// The buyer is verified already, or is not; nothing was changed
    #[response(status = 409, content_type = "application/problem+json")]
    NotPossible(ProblemBody),
}

impl BuyerBody {
    fn new(buyer: &BuyerView) -> Self {
        BuyerBody {
            buyer: buyer.buyer.to_string(),
            tier: buyer.tier.as_str(),
            first_order_at: buyer.first_seen_at.rfc3339(),
            verified: buyer.verified.as_ref().map(|verified| VerifiedBody {
                because: verified.reason.clone(),
                by: verified.by.to_string(),
                at: verified.at.rfc3339(),
            }),
            kept: buyer.facts.kept_orders,
            first_kept_days: buyer.facts.first_kept.map(|age| age.as_secs() / 86_400),
            record: RecordBody::new(buyer.record),
            today: buyer.facts.today.get(),
            daily_limit: buyer.daily_limit.map(|limit| limit.get()),
        }
    }
}

/// The tier of a buyer and why, how the buyer's purchases ended, and what counts against the limit of today.
#[utoipa::path(get, path = "/api/v1/staff/buyers", tag = "staff", params(Which), security(("api_key" = [])), responses(
    (status = 200, description = "The buyer", body = BuyerBody),
    (status = 400, description = "A parameter is wrong", body = ProblemBody, content_type = "application/problem+json"),
    (status = 404, description = "Nobody of this id ever ordered anything", body = ProblemBody, content_type = "application/problem+json"),
    NotAnswered,
))]
pub(crate) async fn show(
    State(app): State<App>,
    _staff: Staff,
    which: Result<Query<Which>, QueryRejection>,
) -> Result<Json<BuyerBody>, Problem> {
    let Query(which) = which.map_err(|_| wrong("buyer"))?;
    let buyer: BuyerId = which.buyer.parse().map_err(|_| wrong("buyer"))?;
    let view = app.shop.buyer(&buyer).await?.ok_or_else(unknown_buyer)?;
    Ok(Json(BuyerBody::new(&view)))
}

/// Keeps that you have looked who a buyer is: from the next order on the limit of verified buyers counts. What is held
/// already stays held.
#[utoipa::path(post, path = "/api/v1/staff/buyers/verify", tag = "staff", request_body = DecideBody, security(("api_key" = [])),
    params(("Idempotency-Key" = String, Header, description = "A unique text of your own. A decision is made at most once under it; sent again, the answer says how the buyer stands.", example = "rina-verify-1")),
    responses(
        (status = 200, description = "The buyer as it stands now", body = BuyerBody, headers(
            ("Idempotency-Replayed" = String, description = "`true` when the key had been used for the same decision before: nothing was done now"))),
        NotDecided,
        BodyRefused,
        NotJson,
        BuyerRefused,
    ))]
pub(crate) async fn verify(
    State(app): State<App>,
    staff: Staff,
    Key(key): Key,
    fields: Fields,
) -> Result<Response, Problem> {
    let asked = Asked::read(fields)?;
    let (actor, hash) = (staff.actor(), asked.hash("buyer-verify"));
    let once = Once { owner: actor.as_str(), key: &key, request_hash: &hash };
    let changed = app.shop.verify_buyer_once(&asked.buyer, &asked.because, &actor, &once).await;
    end(&app, &asked.buyer, changed).await
}

/// Takes that back: the buyer's orders say again what tier it is.
#[utoipa::path(post, path = "/api/v1/staff/buyers/unverify", tag = "staff", request_body = DecideBody, security(("api_key" = [])),
    params(("Idempotency-Key" = String, Header, description = "As with `verify`", example = "rina-unverify-1")),
    responses(
        (status = 200, description = "The buyer as it stands now", body = BuyerBody, headers(
            ("Idempotency-Replayed" = String, description = "`true` when the key had been used for the same decision before: nothing was done now"))),
        NotDecided,
        BodyRefused,
        NotJson,
        BuyerRefused,
    ))]
pub(crate) async fn unverify(
    State(app): State<App>,
    staff: Staff,
    Key(key): Key,
    fields: Fields,
) -> Result<Response, Problem> {
    let asked = Asked::read(fields)?;
    let (actor, hash) = (staff.actor(), asked.hash("buyer-unverify"));
    let once = Once { owner: actor.as_str(), key: &key, request_hash: &hash };
    let changed = app.shop.unverify_buyer_once(&asked.buyer, &asked.because, &actor, &once).await;
    end(&app, &asked.buyer, changed).await
}

/// What is asked for.
struct Asked {
    buyer: BuyerId,
    because: String,
}

impl Asked {
    fn read(mut fields: Fields) -> Result<Self, Problem> {
        let rule = words(
            "Isi dengan id pembeli, seperti dalam pesanannya.",
            "This field is the id of the buyer, as an order has it.",
        );
        let buyer = fields.parsed("buyer", rule);
        let because = fields.text("because").map(|because| because.trim().to_owned());
        fields.finish(buyer.zip(because).map(|(buyer, because)| Asked { buyer, because }))
    }

    fn hash(&self, action: &str) -> String {
        hash_of(self.buyer.as_str(), &format!("{action} {}", self.because))
    }
}

/// What became of a decision. Of one that was made before: how the buyer stands by now.
async fn end(
    app: &App,
    buyer: &BuyerId,
    changed: Result<Decided<BuyerView>, BuyerError>,
) -> Result<Response, Problem> {
    match changed {
        Ok(Decided::Now(view)) => Ok(Json(BuyerBody::new(&view)).into_response()),
        Ok(Decided::Before) => {
            let view = app.shop.buyer(buyer).await?.ok_or_else(unknown_buyer)?;
            Ok(replayed(Json(BuyerBody::new(&view))))
        }
        Err(error) => Err(refusal(error)),
    }
}

/// Why nothing was changed.
fn refusal(error: BuyerError) -> Problem {
    let english = error.to_string();
    let not_possible = |indonesian: String| Problem::new(Kind::NotPossible, words(indonesian, english));
    match error {
        BuyerError::Unknown(_) => unknown_buyer(),
        BuyerError::NoReason => Problem::field("because", no_reason()),
        BuyerError::AlreadyVerified { buyer, by } => {
            not_possible(format!("Pembeli {buyer} sudah diverifikasi oleh {by}."))
        }
        BuyerError::NotVerified(buyer) => not_possible(format!("Pembeli {buyer} tidak terverifikasi.")),
        BuyerError::KeyReused => Problem::plain(Kind::IdempotencyKeyReused),
        BuyerError::Database(error) => error.into(),
    }
}

fn no_reason() -> Words {
    words(
        "Tulis alasannya dalam satu baris, paling banyak 500 karakter.",
        "Say why, on one line of at most 500 characters.",
    )
}

fn unknown_buyer() -> Problem {
    Problem::new(Kind::NotFound, words("Tidak ada pembeli dengan id ini.", "There is no buyer with this id."))
}

//! `POST /api/v1/staff/orders/{number}/approve`, `…/reject`, `…/retry` and `…/settle`: each is made once for its
//! `Idempotency-Key`, under the name of whoever holds the staff key.

use crate::{
    body::Fields,
    problem::{Kind, Problem},
    staff_api::{
        decision::{
            BodyRefused, Decision, Incoming, KeyRefused, NotDecided, OrderRefused, not_decided, replayed,
        },
        refused::NotJson,
        unknown_order,
    },
    words::words,
};
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use orders::{ActionError, Approved, Decided, OrderState, SettleError, StaffAction};
use serde::Serialize;
use utoipa::ToSchema;
use vocabulary::OrderNumber;

/// Where an order stands after a decision.
#[derive(Serialize, ToSchema)]
#[schema(as = Decided)]
pub(crate) struct DecidedBody {
    /// Number of the order.
    number: String,
    /// Where it stands now.
    state: &'static str,
    /// Whether a second person has to say the same first: nothing has happened yet. Left out of the answer to a
    /// decision that is sent again.
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_for_second_person: Option<bool>,
}

/// What whoever approves has seen.
#[derive(ToSchema)]
#[schema(as = Approve)]
#[expect(dead_code, reason = "it describes the body, which is read field by field")]
pub(crate) struct ApproveBody {
    /// What came in, in whole rupiah, where that is not the price: it has to be named where more is missing than one
    /// person may give away.
    #[schema(example = 15_000)]
    paid: Option<u64>,
}

/// What the rest of an order was worth of which a part was delivered.
#[derive(ToSchema)]
#[schema(as = SettlePart)]
#[expect(dead_code, reason = "it describes the body, which is read field by field")]
pub(crate) struct SettleBody {
    /// What of its price goes back to the buyer, in whole rupiah: what the gateway has given back counts, the rest becomes store credit; 0 when the buyer has got what was missing in another way.
    #[schema(example = 5_000)]
    give_back: u64,
}

impl DecidedBody {
    fn new(number: &OrderNumber, state: OrderState, waits: Option<bool>) -> Self {
        DecidedBody { number: number.to_string(), state: state.as_str(), waits_for_second_person: waits }
    }
}

/// Lets a held order go on, or takes an odd amount as paid. Where more is missing than one person may give away, two
/// have to name what came in.
#[utoipa::path(post, path = "/api/v1/staff/orders/{number}/approve", tag = "staff", request_body = ApproveBody, security(("api_key" = [])),
    params(("number" = String, Path, description = "Number of the order", example = "LK7Q2M9XK4VT"),
        ("Idempotency-Key" = String, Header, description = "A unique text of your own. A decision is made at most once under it; sent again, the answer says how the order stands.", example = "rina-approve-1")),
    responses(
        (status = 200, description = "Where the order stands now", body = DecidedBody, headers(
            ("Idempotency-Replayed" = String, description = "`true` when the key had been used for the same decision before: nothing was done now"))),
        NotDecided,
        BodyRefused,
        NotJson,
        OrderRefused,
    ))]
pub(crate) async fn approve(incoming: Incoming, mut fields: Fields) -> Result<Response, Problem> {
    let paid = fields.optional_rupiah("paid", 0);
    let paid = fields.finish(Some(paid))?;
    let named = paid.map_or_else(String::new, |paid| paid.get().to_string());
    let decision = incoming.about_order(&format!("approve {named}"))?;
    let shop = &decision.app().shop;
    let approved = shop.approve_once(decision.number(), paid, decision.actor(), &decision.once()).await;
    end(&decision, approved.map_err(SettleError::Action)).await
}

/// Refuses a held order, or gives an odd amount back as store credit.
#[utoipa::path(post, path = "/api/v1/staff/orders/{number}/reject", tag = "staff", security(("api_key" = [])),
    params(("number" = String, Path, description = "Number of the order", example = "LK7Q2M9XK4VT"),
        ("Idempotency-Key" = String, Header, description = "As with `approve`", example = "rina-reject-1")),
    responses(
        (status = 200, description = "Where the order stands now", body = DecidedBody),
        NotDecided,
        KeyRefused,
        OrderRefused,
    ))]
pub(crate) async fn reject(incoming: Incoming) -> Result<Response, Problem> {
    decide(incoming, StaffAction::Reject).await
}

/// Buys the product again, when nothing that was tried may still deliver.
#[utoipa::path(post, path = "/api/v1/staff/orders/{number}/retry", tag = "staff", security(("api_key" = [])),
    params(("number" = String, Path, description = "Number of the order", example = "LK7Q2M9XK4VT"),
        ("Idempotency-Key" = String, Header, description = "As with `approve`", example = "rina-retry-1")),
    responses(
        (status = 200, description = "Where the order stands now", body = DecidedBody),
        NotDecided,
        KeyRefused,
        OrderRefused,
    ))]
pub(crate) async fn retry(incoming: Incoming) -> Result<Response, Problem> {
    decide(incoming, StaffAction::Retry).await
}

/// Settles an order of which a part was delivered: so much is the buyer's, and the rest of its price is earned.
#[utoipa::path(post, path = "/api/v1/staff/orders/{number}/settle", tag = "staff", request_body = SettleBody, security(("api_key" = [])),
    params(("number" = String, Path, description = "Number of the order", example = "LK7Q2M9XK4VT"),
        ("Idempotency-Key" = String, Header, description = "As with `approve`", example = "rina-settle-1")),
    responses(
        (status = 200, description = "Where the order stands now", body = DecidedBody),
        NotDecided,
        BodyRefused,
        NotJson,
        OrderRefused,
    ))]
pub(crate) async fn settle(incoming: Incoming, mut fields: Fields) -> Result<Response, Problem> {
    let give_back = fields.rupiah("give_back", 0);
    let give_back = fields.finish(give_back)?;
    let decision = incoming.about_order(&format!("settle {}", give_back.get()))?;
    let shop = &decision.app().shop;
    let settled =
        shop.settle_part_once(decision.number(), give_back, decision.actor(), &decision.once()).await;
    end(&decision, settled).await
}

async fn decide(incoming: Incoming, action: StaffAction) -> Result<Response, Problem> {
    let decision = incoming.about_order(action.as_str())?;
    let shop = &decision.app().shop;
    let decided = shop.decide_once(decision.number(), action, decision.actor(), &decision.once()).await;
    end(&decision, decided.map_err(SettleError::Action)).await
}

/// What became of a decision. Of one that was made before: how the order stands by now.
async fn end(
    decision: &Decision,
    outcome: Result<Decided<Approved>, SettleError>,
) -> Result<Response, Problem> {
    let number = decision.number();
    match outcome {
        Ok(Decided::Now(Approved { state, waits })) => {
            Ok(Json(DecidedBody::new(number, state, Some(waits))).into_response())
        }
        Ok(Decided::Before) => {
            let shop = &decision.app().shop;
            let id = shop.order_id(number).await?.ok_or_else(unknown_order)?;
            let view = shop.order_view_by_id(&id).await?.ok_or_else(unknown_order)?;
            Ok(replayed(Json(DecidedBody::new(number, view.order.state, None))))
        }
        Err(SettleError::Action(ActionError::Database(error))) => Err(error.into()),
        Err(error) => Err(refusal(&error)),
    }
}

/// Why nothing was done. What has no words of its own in Indonesian is told in those of the command line.
fn refusal(error: &SettleError) -> Problem {
    if let SettleError::Action(action) = error
        && let Some(problem) = not_decided(action)
    {
        return problem;
    }
    let english = error.to_string();
    let indonesian = match error {
        SettleError::NoShare { amount, .. } => {
            let rule = words(
                format!("Isi dengan bilangan bulat 0 sampai {}.", amount.get()),
                format!("This field must be a whole number from 0 to {}.", amount.get()),
            );
            return Problem::field("give_back", rule);
        }
        SettleError::Action(ActionError::NotPossible { number, state, .. }) => {
            format!("Pesanan {number} berstatus {state}: ini tidak bisa dilakukan.")
        }
        SettleError::Action(ActionError::AttemptOpen(number)) => {
            format!("Pesanan {number}: pemasok masih bisa mengirim. Tunggu pemasok, atau kembalikan uangnya.")
        }
        SettleError::Action(ActionError::MoneyGone(number)) => {
            format!("Pesanan {number}: uangnya sudah dikembalikan oleh penyedia pembayaran.")
        }
        SettleError::Action(ActionError::PartUnclear(number)) => format!(
            "Pesanan {number}: penyedia pembayaran sudah mengembalikan sebagian uangnya dan tidak menyebut berapa. Kembalikan juga sisanya di sana; sampai itu selesai tidak ada yang dikreditkan di sini."
        ),
        SettleError::Action(ActionError::NoRoute(number)) => format!(
            "Pesanan {number}: tidak ada pemasok yang terhubung dan aktif yang menjualnya untuk akun ini hari ini."
        ),
        SettleError::Action(ActionError::NoLongerPossible(number)) => format!(
            "Pesanan {number} tidak bisa dijalankan lagi dengan harganya. Tolak, dan uangnya menjadi saldo."
        ),
        _ => english.clone(),
    };
    Problem::new(Kind::NotPossible, words(indonesian, english))
}

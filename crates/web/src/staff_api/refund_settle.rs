//! `POST /api/v1/staff/refunds/{reference}/settle`: how a refund ended of which its gateway does not tell, by what a
//! person saw in its dashboard; by what two have seen where one may not say it alone.

use crate::{
    body::Fields,
    problem::{Kind, Problem},
    staff_api::{
        decision::{BodyRefused, Incoming, NotDecided, OrderRefused, replayed},
        refund::refusal,
        refused::NotJson,
    },
    words::words,
};
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use orders::{Decided, Settled};
use payments::{ByHand, Refund};
use serde::Serialize;
use utoipa::ToSchema;
use vocabulary::Reference;

/// How a refund ended, as a person saw it in the dashboard of its gateway.
#[derive(ToSchema)]
#[schema(as = SettleRefund)]
#[expect(dead_code, reason = "it describes the body, which is read field by field")]
pub(crate) struct SettleBody {
    /// `given-back`: the money is with the buyer. `not-given-back`: it is not, and nothing of it is under way there;
    /// it becomes store credit. Whoever says so of what was given back gives it twice.
    #[schema(example = "given-back")]
    ended: String,
}

/// Where a refund stands after somebody said how it ended.
#[derive(Serialize, ToSchema)]
#[schema(as = RefundSettled)]
pub(crate) struct SettledBody {
    /// Key of the refund.
    #[schema(example = "LK7Q2M9XK4VT-R1")]
    refund: String,
    /// Where it stands now.
    state: &'static str,
    /// How much it is, in whole rupiah.
    amount: i64,
    /// Whether a second person has to say the same first: it has not ended yet. Left out of the answer to a decision
    /// that is sent again.
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_for_second_person: Option<bool>,
}

impl SettledBody {
    fn new(refund: &Refund, waits: Option<bool>) -> Self {
        SettledBody {
            refund: refund.reference.to_string(),
            state: refund.state.as_str(),
            amount: refund.amount.get(),
            waits_for_second_person: waits,
        }
    }
}

/// Says how a refund ended that takes too long, an hour after it was begun at the earliest. Where more was given alone
/// on its order than one person may, another has to say the same, having looked, too.
#[utoipa::path(post, path = "/api/v1/staff/refunds/{reference}/settle", tag = "staff", request_body = SettleBody, security(("api_key" = [])),
    params(("reference" = String, Path, description = "Key of the refund, as its order and the alert `refund_slow` have it", example = "LK7Q2M9XK4VT-R1"),
        ("Idempotency-Key" = String, Header, description = "As with `approve`", example = "rina-refund-settle-1")),
    responses(
        (status = 200, description = "Where the refund stands now", body = SettledBody, headers(
            ("Idempotency-Replayed" = String, description = "`true` when the key had been used for the same decision before: nothing was done now"))),
        NotDecided,
        BodyRefused,
        NotJson,
        OrderRefused,
    ))]
pub(crate) async fn settle(incoming: Incoming, mut fields: Fields) -> Result<Response, Problem> {
    let rule =
        words("Isi dengan given-back atau not-given-back.", "This field is given-back or not-given-back.");
    let said = fields.parsed::<ByHand>("ended", rule);
    let said = fields.finish(said)?;
    let reference: Reference = incoming.subject.parse().map_err(|_| unknown_refund())?;
    let what = format!("refund-settle {reference} {said}");
    let decision = incoming.about(reference.order().clone(), &what);
    let shop = &decision.app().shop;
    let settled = shop.settle_refund_once(&reference, said, decision.actor(), &decision.once()).await;
    let (refund, waits) = match settled.map_err(refusal)? {
        Decided::Now(Settled::Ended(refund)) => (refund, false),
        Decided::Now(Settled::Waits(refund)) => (refund, true),
        Decided::Before => {
            let file = shop.order_file(decision.number()).await?;
            let refunds = file.map(|file| file.refunds).unwrap_or_default();
            let refund = refunds.iter().find(|refund| refund.reference == reference);
            let refund = refund.ok_or_else(unknown_refund)?;
            return Ok(replayed(Json(SettledBody::new(refund, None))));
        }
    };
    Ok(Json(SettledBody::new(&refund, Some(waits))).into_response())
}

fn unknown_refund() -> Problem {
    Problem::new(
        Kind::NotFound,
        words("Tidak ada pengembalian dana dengan kunci ini.", "There is no refund with this key."),
    )
}

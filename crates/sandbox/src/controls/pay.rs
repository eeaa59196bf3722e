//! `POST /sandbox/pay`: acts as the buyer in the wallet app.

use crate::{
    midtrans::{self, Acted, NotPayable, Outcome, Transaction},
    problem::Problem,
    world::World,
};
use axum::{
    extract::{Request, State},
    response::Response,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    reference: String,
    outcome: Option<String>,
    /// Lets a payment settle whose time was over, as a wallet that books late would.
    #[serde(default)]
    late: bool,
}

#[derive(Serialize)]
struct Done {
    simulator: &'static str,
    order_id: String,
    transaction_id: String,
    outcome: &'static str,
    transaction_status: &'static str,
    gross_amount: i64,
}

pub(super) async fn pay(State(world): State<Arc<World>>, request: Request) -> Result<Response, Problem> {
    let asked: Asked = super::read(request).await?;
    let outcome = asked.outcome.as_deref().unwrap_or(Outcome::Settle.as_str());
    let outcome: Outcome = outcome
        .parse()
        .map_err(|_| Problem::invalid(format!("outcome is one of {}", super::listed(Outcome::ALL))))?;
    let reference = asked.reference.trim();
    if reference.is_empty() || reference.len() > 1_024 || reference.contains('\0') {
        return Err(Problem::invalid(
            "reference is an order number, or any reference that a simulator knows",
        ));
    }
    let acted = if asked.late { Acted::Late } else { Acted::WhilePending };
    let transaction = midtrans::act_as_buyer(&world, reference, outcome, acted).await.map_err(problem)?;
    Ok(super::json(&done(transaction, outcome)))
}

/// What the buyer hears when nothing can be done.
pub(crate) fn problem(why: NotPayable) -> Problem {
    match why {
        NotPayable::Unknown => {
            Problem::not_found("no simulator knows this reference, and none came within 5 seconds")
        }
        NotPayable::Final(t) => {
            Problem::conflict(format!("{} is {}: it does not wait for a buyer", t.order_id, t.status))
        }
        NotPayable::Database(error) => error.into(),
    }
}

fn done(t: Transaction, outcome: Outcome) -> Done {
    Done {
        simulator: "midtrans",
        order_id: t.order_id,
        transaction_id: t.transaction_id,
        outcome: outcome.as_str(),
        transaction_status: t.status.as_str(),
        gross_amount: t.amount,
    }
}

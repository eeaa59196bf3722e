//! `POST /sandbox/pay`: acts as the buyer in the wallet app.

use crate::{
    buyer::{self, Acted, NotPayable, Outcome, Payment},
    midtrans::{self, Chosen, snap::NotChosen},
    problem::Problem,
    world::{Target, World},
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
    /// On a Snap page where nothing was chosen yet: `ovo`, `gopay` or `dana`.
    method: Option<String>,
    /// The phone for OVO on such a page.
    phone: Option<String>,
}

#[derive(Serialize)]
struct Done {
    simulator: &'static str,
    /// The merchant's reference.
    order_id: String,
    /// The gateway's own.
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
    let chosen = chosen(asked.method.as_deref(), asked.phone.as_deref())?;
    let payment = buyer::act_as_buyer(&world, reference, outcome, acted, chosen).await.map_err(problem)?;
    Ok(super::json(&done(&payment, outcome)))
}

fn chosen(method: Option<&str>, phone: Option<&str>) -> Result<Chosen, Problem> {
    let method = method.map(str::parse).transpose();
    let phone = phone.map(midtrans::Phone::typed).transpose();
    Ok(Chosen {
        method: method.map_err(|_| Problem::invalid("method is one of `ovo`, `gopay`, `dana`"))?,
        phone: phone.map_err(|_| Problem::invalid("phone is a number such as 081234567890"))?,
    })
}

/// What the buyer hears when nothing can be done.
pub(crate) fn problem(why: NotPayable) -> Problem {
    match why {
        NotPayable::Unknown => {
            Problem::not_found("no simulator knows this reference, and none came within 5 seconds")
        }
        NotPayable::Final(payment) => Problem::conflict(format!(
            "{} is {}: it does not wait for a buyer",
            payment.order_id(),
            payment.status()
        )),
        NotPayable::NotTakenBack(payment) => Problem::conflict(format!(
            "{} is {}: nothing was paid at a till that could be taken back",
            payment.order_id(),
            payment.status()
        )),
        NotPayable::TooLate(t) => Problem::conflict(format!(
            "{} can no longer be accepted: OVO gives the buyer {} s, and expires it soon after",
            t.order_id,
            midtrans::ACCEPT_WINDOW.as_secs()
        )),
        NotPayable::NotChosen(page, why) => not_chosen(&page.order_id, &why),
        NotPayable::Database(error) => error.into(),
    }
}

fn not_chosen(order_id: &str, why: &NotChosen) -> Problem {
    match why {
        NotChosen::Over => Problem::conflict(format!("the Snap page of {order_id} is over")),
        NotChosen::NotOffered => {
            Problem::invalid(format!("the Snap page of {order_id} does not offer this method"))
        }
        NotChosen::NotRegistered => Problem::invalid("this phone number is not registered with OVO"),
        NotChosen::TooOften => Problem::conflict(format!("{order_id} was tried too often")),
        NotChosen::Database(_) => Problem::conflict(format!("{order_id} could not be chosen")),
    }
}

fn done(payment: &Payment, outcome: Outcome) -> Done {
    Done {
        simulator: match payment {
            Payment::Midtrans(_) => Target::Midtrans.as_str(),
            Payment::Dana(_) => Target::Dana.as_str(),
            Payment::Xendit(_) => Target::Xendit.as_str(),
        },
        order_id: payment.order_id().to_owned(),
        transaction_id: payment.id().to_owned(),
        outcome: outcome.as_str(),
        transaction_status: payment.status(),
        gross_amount: payment.amount(),
    }
}

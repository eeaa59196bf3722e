//! `POST /sandbox/supplier`: scripts the supplier's answer.

use crate::{
    digiflazz::{self, Script, ScriptOutcome},
    goods,
    problem::Problem,
    world::{Target, World},
};
use axum::{
    extract::{Request, State},
    response::Response,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The longest time until the second half of an outcome: a hundred days.
const MOST_MS: i64 = 100 * 86_400_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    target: Option<String>,
    customer_no: Option<String>,
    outcome: String,
    rc: Option<String>,
    then_after_ms: Option<i64>,
    /// What the seller asks now, when it is not the price of the list.
    price: Option<i64>,
    sn: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Shown {
    target: &'static str,
    customer_no: String,
    outcome: &'static str,
    rc: Option<String>,
    then_after_ms: i64,
    price: Option<i64>,
    sn: Option<String>,
}

/// How a script that waits is shown.
pub(super) fn shown(script: Script) -> Shown {
    Shown {
        target: Target::Digiflazz.as_str(),
        customer_no: script.customer_no,
        outcome: script.outcome.as_str(),
        rc: script.rc,
        then_after_ms: script.then_after_ms,
        price: script.price,
        sn: script.sn,
    }
}

/// How a script of another supplier is shown.
pub(super) fn shown_goods(script: goods::Script) -> Shown {
    Shown {
        target: script.target.as_str(),
        customer_no: script.customer_no,
        outcome: script.outcome.as_str(),
        rc: None,
        then_after_ms: script.then_after_ms,
        price: script.price,
        sn: script.note,
    }
}

pub(super) async fn script(State(world): State<Arc<World>>, request: Request) -> Result<Response, Problem> {
    let asked: Asked = super::read(request).await?;
    let target = super::supplier_named(asked.target.as_deref())?;
    if target != Target::Digiflazz {
        let script = check_goods(target, asked)?;
        let mut tx = world.db.write("world.script").await?;
        goods::add_script(&mut tx, &script).await?;
        tx.commit().await?;
        return Ok(super::json(&shown_goods(script)));
    }
    let script = check(asked)?;
    let mut tx = world.db.write("world.script").await?;
    digiflazz::add_script(&mut tx, &script).await?;
    tx.commit().await?;
    Ok(super::json(&shown(script)))
}

/// A script of a supplier without response codes; `sn` is its note, which says why a purchase failed, too.
fn check_goods(target: Target, asked: Asked) -> Result<goods::Script, Problem> {
    let fitting = || goods::Outcome::ALL.iter().filter(|outcome| outcome.fits(target));
    let outcome = asked.outcome.parse::<goods::Outcome>().ok().filter(|outcome| outcome.fits(target));
    let outcome = outcome.ok_or_else(|| {
        Problem::invalid(format!("outcome is, for {target}, one of {}", super::listed(fitting())))
    })?;
    if asked.rc.is_some() {
        return Err(Problem::invalid(format!("{target} has no response codes: rc is for digiflazz")));
    }
    let Common { customer_no, then_after_ms } = common(&asked)?;
    Ok(goods::Script { target, customer_no, outcome, then_after_ms, price: asked.price, note: asked.sn })
}

fn check(asked: Asked) -> Result<Script, Problem> {
    if asked.outcome == "partial" {
        return Err(Problem::invalid("Digiflazz delivers all or nothing: `partial` is not possible there"));
    }
    let outcome: ScriptOutcome = asked
        .outcome
        .parse()
        .map_err(|_| Problem::invalid(format!("outcome is one of {}", super::listed(ScriptOutcome::ALL))))?;
    if let Some(rc) = asked.rc.as_deref() {
        check_rc(outcome, rc)?;
    }
    let Common { customer_no, then_after_ms } = common(&asked)?;
    Ok(Script { customer_no, outcome, rc: asked.rc, then_after_ms, price: asked.price, sn: asked.sn })
}

/// What scripts of all suppliers have.
struct Common {
    customer_no: String,
    then_after_ms: i64,
}

fn common(asked: &Asked) -> Result<Common, Problem> {
    let customer_no = asked.customer_no.clone().unwrap_or_else(|| "next".into());
    let plain = |text: &str, most: usize| {
        !text.is_empty() && text.len() <= most && text.bytes().all(|b| (b' '..0x7F).contains(&b))
    };
    if !plain(&customer_no, 128) {
        return Err(Problem::invalid(
            "customer_no is `next` or a customer number of visible ASCII characters",
        ));
    }
    if asked.sn.as_deref().is_some_and(|sn| !plain(sn, 255)) {
        return Err(Problem::invalid("sn has 1 to 255 visible ASCII characters"));
    }
    let then_after_ms = asked.then_after_ms.unwrap_or(1_000);
    if !(0..=MOST_MS).contains(&then_after_ms) {
        return Err(Problem::invalid(format!("then_after_ms is from 0 to {MOST_MS}")));
    }
    if asked.price.is_some_and(|price| !(0..=1_000_000_000).contains(&price)) {
        return Err(Problem::invalid("price is whole rupiah from 0 to 1000000000"));
    }
    Ok(Common { customer_no, then_after_ms })
}

/// A code that this outcome can show: that of the undecided answer, or that of the failure. One that no document has
/// stands beside either word, where it is clear which.
fn check_rc(outcome: ScriptOutcome, rc: &str) -> Result<(), Problem> {
    use ScriptOutcome as O;
    let Some(code) = digiflazz::code(rc) else {
        let plain = (1..=8).contains(&rc.len()) && rc.bytes().all(|b| b.is_ascii_alphanumeric());
        let fits = !matches!(outcome, O::Success | O::SuccessThenRefund | O::PendingThenFail);
        let why = || {
            format!(
                "rc `{rc}` is in no document: such a code has up to 8 letters and digits, and does not fit the outcomes success, success_then_refund and pending_then_fail"
            )
        };
        return if plain && fits { Ok(()) } else { Err(Problem::invalid(why())) };
    };
    let fits = match outcome {
        O::Success | O::SuccessThenRefund => false,
        O::Fail | O::FailThenSuccess => code.status == digiflazz::Status::Failed,
        O::Pending | O::PendingThenSuccess | O::TimeoutThenSuccess => {
            code.status == digiflazz::Status::Pending
        }
        O::PendingThenFail => code.status != digiflazz::Status::Success,
    };
    let why = format!("rc `{rc}` ({}) does not fit the outcome `{outcome}`", code.status);
    if fits { Ok(()) } else { Err(Problem::invalid(why)) }
}

//! `POST /sandbox/faults`, `DELETE /sandbox/faults`, and `GET /sandbox/faults`: which there are.

use crate::{
    faults::{self, Armed, Fault},
    problem::Problem,
    world::{Target, World},
};
use axum::{
    extract::{Request, State},
    response::Response,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The longest hold or delay: a day.
const MOST_MS: i64 = 86_400_000;
const MOST_TIMES: i64 = 1_000_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    target: String,
    fault: String,
    count: Option<i64>,
    delay_ms: Option<i64>,
    /// Limits it to one operation or webhook event (`charge`, `status`, `settlement`, `update`).
    operation: Option<String>,
    /// Limits it to requests and webhooks in which this stands: an order number, a customer number, a user's id.
    reference: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Shown {
    target: &'static str,
    fault: &'static str,
    operation: Option<String>,
    reference: Option<String>,
    /// Negative for no end.
    remaining: i64,
    delay_ms: Option<i64>,
}

/// The faults that a party knows.
#[derive(Serialize)]
struct Known {
    target: &'static str,
    faults: Vec<&'static str>,
}

#[derive(Serialize)]
struct Listed {
    known: Vec<Known>,
    armed: Vec<Shown>,
}

#[derive(Serialize)]
struct Cleared {
    cleared: u64,
}

/// How a fault that is on is shown.
pub(super) fn shown(armed: Armed) -> Shown {
    Shown {
        target: armed.target.as_str(),
        fault: armed.fault.as_str(),
        operation: Some(armed.operation).filter(|o| !o.is_empty()),
        reference: Some(armed.reference).filter(|r| !r.is_empty()),
        remaining: armed.remaining,
        delay_ms: armed.delay_ms,
    }
}

pub(super) async fn arm(State(world): State<Arc<World>>, request: Request) -> Result<Response, Problem> {
    let asked: Asked = super::read(request).await?;
    let armed = check(asked)?;
    let mut tx = world.db.write("world.fault").await?;
    faults::arm(&mut tx, &armed).await?;
    tx.commit().await?;
    Ok(super::json(&shown(armed)))
}

pub(super) async fn list(State(world): State<Arc<World>>) -> Result<Response, Problem> {
    let known = Target::ALL.iter().map(|target| Known {
        target: target.as_str(),
        faults: Fault::ALL.iter().filter(|fault| fault.fits(*target)).map(|fault| fault.as_str()).collect(),
    });
    let armed = faults::armed(&mut world.db.read("world.look").await?).await?;
    Ok(super::json(&Listed { known: known.collect(), armed: armed.into_iter().map(shown).collect() }))
}

pub(super) async fn clear(State(world): State<Arc<World>>) -> Result<Response, Problem> {
    let mut tx = world.db.write("world.fault").await?;
    let cleared = faults::clear(&mut tx).await?;
    tx.commit().await?;
    Ok(super::json(&Cleared { cleared }))
}

fn check(asked: Asked) -> Result<Armed, Problem> {
    let target: Target = asked
        .target
        .parse()
        .map_err(|_| Problem::invalid(format!("target is one of {}", super::listed(Target::ALL))))?;
    let fault = asked.fault.parse::<Fault>().ok().filter(|fault| fault.fits(target)).ok_or_else(|| {
        let known = Fault::ALL.iter().filter(|fault| fault.fits(target));
        Problem::invalid(format!("fault is, for {target}, one of {}", super::listed(known)))
    })?;
    let count = asked.count.unwrap_or_else(|| fault.default_count());
    if asked.count.is_some_and(|count| !(1..=MOST_TIMES).contains(&count)) {
        return Err(Problem::invalid(format!("count is from 1 to {MOST_TIMES}")));
    }
    if asked.delay_ms.is_some_and(|delay| !(0..=MOST_MS).contains(&delay)) {
        return Err(Problem::invalid(format!("delay_ms is from 0 to {MOST_MS}")));
    }
    let is_word = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    let operation = asked.operation.unwrap_or_default();
    if operation.len() > 64 || !is_word(&operation) {
        return Err(Problem::invalid("operation is one word, such as `charge` or `settlement`"));
    }
    let reference = asked.reference.unwrap_or_default();
    if reference.len() > 64 || !is_word(&reference) {
        return Err(Problem::invalid("reference is one word, such as the number of an order"));
    }
    Ok(Armed { target, fault, operation, reference, remaining: count, delay_ms: asked.delay_ms })
}

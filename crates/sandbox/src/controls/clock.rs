//! `POST /sandbox/clock`: moves business time forward.

use crate::{problem::Problem, world::World};
use axum::{
    extract::{Request, State},
    response::Response,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How far time may be moved in one call: ten years.
const MOST_SECONDS: u64 = 10 * 366 * 86_400;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    advance_seconds: u64,
}

#[derive(Serialize)]
struct Told {
    offset_ms: i64,
    now: String,
}

pub(super) async fn advance(State(world): State<Arc<World>>, request: Request) -> Result<Response, Problem> {
    let asked: Asked = super::read(request).await?;
    if asked.advance_seconds > MOST_SECONDS {
        return Err(Problem::invalid(format!("advance_seconds is at most {MOST_SECONDS}")));
    }
    let offset_ms = world.advance(asked.advance_seconds).await?;
    Ok(super::json(&Told { offset_ms, now: world.now().rfc3339() }))
}

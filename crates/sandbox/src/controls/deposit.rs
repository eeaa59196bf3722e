//! `POST /sandbox/deposit`: fills or drains the shop's deposit at the supplier.

use crate::{digiflazz, problem::Problem, world::World};
use axum::{
    extract::{Request, State},
    response::Response,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The most that a deposit may hold: a quadrillion rupiah.
const MOST: i64 = 1_000_000_000_000_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Whole rupiah; negative to drain.
    add: i64,
}

#[derive(Serialize)]
struct Told {
    deposit: i64,
}

pub(super) async fn add(State(world): State<Arc<World>>, request: Request) -> Result<Response, Problem> {
    let asked: Asked = super::read(request).await?;
    let mut tx = world.db.write("world.deposit").await?;
    let deposit = digiflazz::deposit(&mut tx).await?.saturating_add(asked.add);
    if !(0..=MOST).contains(&deposit) {
        return Err(Problem::invalid(format!("the deposit would be {deposit}: it stays from 0 to {MOST}")));
    }
    digiflazz::set_deposit(&mut tx, deposit).await?;
    tx.commit().await?;
    Ok(super::json(&Told { deposit }))
}

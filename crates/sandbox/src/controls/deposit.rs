//! `POST /sandbox/deposit`: fills or drains the shop's deposit at a supplier.

use crate::{
    digiflazz, goods,
    problem::Problem,
    world::{Target, World},
};
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
    /// Which supplier; Digiflazz when nobody says.
    target: Option<String>,
    /// Whole rupiah; negative to drain.
    add: i64,
}

#[derive(Serialize)]
struct Told {
    deposit: i64,
}

pub(super) async fn add(State(world): State<Arc<World>>, request: Request) -> Result<Response, Problem> {
    let asked: Asked = super::read(request).await?;
    let target = super::supplier_named(asked.target.as_deref())?;
    let mut tx = world.db.write("world.deposit").await?;
    let deposit = match target {
        Target::Digiflazz => digiflazz::deposit(&mut tx).await?,
        other => goods::deposit(&mut tx, other).await?,
    };
    let deposit = deposit.saturating_add(asked.add);
    if !(0..=MOST).contains(&deposit) {
        return Err(Problem::invalid(format!("the deposit would be {deposit}: it stays from 0 to {MOST}")));
    }
    match target {
        Target::Digiflazz => digiflazz::set_deposit(&mut tx, deposit).await?,
        other => goods::set_deposit(&mut tx, other, deposit).await?,
    }
    tx.commit().await?;
    Ok(super::json(&Told { deposit }))
}

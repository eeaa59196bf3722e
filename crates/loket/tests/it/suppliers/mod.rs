//! What goes wrong with suppliers, and the rule that it implies, through the shop's public doors
//! (`contracts/suppliers.md` §6).

mod asking;
mod doubt;
mod first_buy;
mod names;
mod others;
mod partly;
mod prices;
mod refused;
mod routes;
mod slow;
mod taken_back;
mod vip_prices;
mod waiting;
mod webhooks;

pub(crate) use partly::in_part;

use crate::{hands::patience, harness::World};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// A paid order whose purchase goes as scripted.
async fn bought(world: &World, outcome: &str, script: Value) -> String {
    world.script(outcome, script).await;
    let number = world.placed(&format!("{outcome}-order"), json!({"buyer": "budi"})).await;
    world.paid(&number).await;
    number
}

/// Business time passes until the order is in this state.
async fn in_time(world: &World, number: &str, state: &str, step: u64) -> Value {
    let started = Instant::now();
    loop {
        let order = world.order(number).await.unwrap();
        if order["state"] == state {
            return order;
        }
        patience(started, &format!("{state}: {order:#}"));
        world.advance(step).await.unwrap();
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

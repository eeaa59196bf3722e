//! The first purchase of a product of a supplier: whether its code delivers what the owner thinks, at that price and
//! in that form, shows only when it has delivered once. Until then one order at a time tries it.

use crate::{Attempt, AttemptState};
use database::{Error, ReadTx, sql};
use std::time::Duration;
use vocabulary::{AttemptId, OrderId, Timestamp};

/// Nobody waits for another order's first purchase for longer than this after that was begun. Who is let through then
/// has begun one as well, for which those that are left wait: of many that wait, one a minute buys.
const PATIENCE: Duration = Duration::from_secs(60);
/// Nobody waits for first purchases of others for longer than this after the own order was paid, however many of
/// them were begun meanwhile.
const LONGEST: Duration = Duration::from_secs(300);

/// Which products are tried with one order first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FirstBuyRules {
    /// Whether any are.
    pub probe: bool,
    /// Suppliers and their codes for which the owner answers.
    pub vouched: Vec<(String, String)>,
}

impl FirstBuyRules {
    /// Whether a first purchase of this code of this supplier is a probe.
    pub fn wants_probe(&self, supplier: &str, sku: &str) -> bool {
        self.probe && !self.vouched.iter().any(|(name, code)| name == supplier && code == sku)
    }
}

/// What stands of the first purchase of a product at a supplier, for one order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// It has delivered, or nobody wants to know.
    NotNeeded,
    /// Nothing was delivered yet, and nothing is on its way: this order is the probe.
    ThisOrder,
    /// What another order bought there first is not decided. The order waits for that until then, and afterwards
    /// takes the route if there is no other, unless yet another order was quicker.
    Undecided(Timestamp),
}

impl Probe {
    /// Of a product that has never delivered, for an order that was paid then; `attempts` are those at it.
    pub fn of<'a>(
        attempts: impl IntoIterator<Item = &'a Attempt>,
        order: &OrderId,
        paid_at: Timestamp,
    ) -> Probe {
        let others =
            attempts.into_iter().filter(|attempt| attempt.order != *order && attempt.state.is_open());
        match others.map(|attempt| attempt.created_at).max() {
            Some(begun) => Probe::Undecided(begun.plus(PATIENCE).min(paid_at.plus(LONGEST))),
            None => Probe::ThisOrder,
        }
    }
}

/// Whether a code of a supplier has ever delivered, for whichever product and order.
pub async fn has_delivered(tx: &mut ReadTx, supplier: &str, sku: &str) -> Result<bool, Error> {
    let found: Option<AttemptId> =
        sql!("SELECT id FROM fulfilment_attempt WHERE supplier = $1 AND sku = $2 AND state = $3 LIMIT 1")
            .bind(supplier)
            .bind(sku)
            .bind(AttemptState::Succeeded)
            .optional(tx)
            .await?;
    Ok(found.is_some())
}

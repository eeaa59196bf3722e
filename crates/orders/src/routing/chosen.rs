//! The choice of a route for a paid order, and that of several orders one at a time tries who is on trial.

use super::{
    candidate::{Asking, Known},
    tried::failed_there,
};
use crate::{Order, Shop};
use catalog::Route;
use database::{Error, ReadTx, WriteTx, sql};
use suppliers::{Attempt, Candidate, Choice, Wish, choose};

impl Shop {
    /// The choice for an order. Who is left alone after failures gets one order at a time: of several that choose in
    /// the same moment, on whichever node, one after the other looks who is on trial already.
    pub(super) async fn chosen(
        &self,
        tx: &mut WriteTx,
        order: &Order,
        before: &[Attempt],
        routes: &[Route],
    ) -> Result<(Vec<Candidate>, Choice), Error> {
        let (candidates, choice) = self.looked_through(tx, order, before, routes).await?;
        let taken = choice.taken.and_then(|place| candidates.get(place));
        if !taken.is_some_and(Candidate::is_on_trial) {
            return Ok((candidates, choice));
        }
        one_trial_at_a_time(tx).await?;
        self.looked_through(tx, order, before, routes).await
    }

    async fn looked_through(
        &self,
        tx: &mut ReadTx,
        order: &Order,
        before: &[Attempt],
        routes: &[Route],
    ) -> Result<(Vec<Candidate>, Choice), Error> {
        let counted = before.iter().filter(|attempt| failed_there(attempt)).count();
        let may_try = counted < usize::try_from(self.rules.max_attempts).unwrap_or(usize::MAX);
        let ceiling = self.ceiling(order.amount, order.cost);
        let may_buy_blind = self.may_buy_blind(order.amount, ceiling);
        let wish = Wish { ceiling, may_try, may_buy_blind, now: self.clock.now() };
        let asking = Asking { order: Some(order), account: Some(&order.account), before, wish };
        let candidates = self.candidates(tx, routes, &asking, &mut Known::default()).await?;
        let choice = choose(&candidates, wish);
        Ok((candidates, choice))
    }
}

/// Waits until no other transaction chooses somebody who is on trial, and keeps others waiting until this one ends.
/// One lock for all, so that two that want two of them do not wait for each other. On SQLite one transaction writes
/// at a time anyway.
async fn one_trial_at_a_time(tx: &mut WriteTx) -> Result<(), Error> {
    let lock = sql!(sqlite: "SELECT 1", postgres: "SELECT 1 FROM pg_advisory_xact_lock(7561402)");
    lock.query().run(tx).await?;
    Ok(())
}

//! Work on what suppliers are asked again and again.

use crate::{
    ListOutcome, Shop,
    watch::{self, Subject, after_silence},
};
use database::{Claim, Error};
use suppliers::Deposit;

/// Asks what a claimed row is about, and lets follow what was told. A lease may run out meanwhile: then another
/// process asks too, which the supplier's pace forbids and the adapter says, and nothing is done twice.
pub(super) async fn work(shop: &Shop, claim: &Claim) -> Result<(), Error> {
    let Some(row) = watch::find(shop, claim).await? else { return Ok(()) };
    let Some(supplier) = shop.supplier(&row.supplier).cloned() else {
        // Taken out of the configuration since; it is due again when it is connected and the program starts.
        return watch::forget(shop, claim).await;
    };
    let now = shop.clock.now();
    let again_at = match row.subject {
        Subject::Prices => {
            let synced = shop.sync_prices(&supplier).await?;
            let applied = &synced.applied;
            if *applied != crate::Applied::default() {
                let (costs, off, back) = (applied.costs.len(), applied.kept_off.len(), applied.back.len());
                tracing::info!(
                    supplier = row.supplier,
                    "prices of {}: {costs} costs moved, {off} products are kept off sale, {back} are back",
                    row.supplier
                );
            }
            match synced.list {
                ListOutcome::TooSoon { again_at } => Some(again_at),
                ListOutcome::Silent { .. } => Some(after_silence(now)),
                ListOutcome::Kept { .. } | ListOutcome::NotTold => None,
            }
        }
        Subject::Deposit => match shop.watch_deposit(&supplier).await? {
            Deposit::Silent { .. } => Some(after_silence(now)),
            Deposit::Left(_) | Deposit::NotTold => None,
        },
    };
    watch::done(shop, claim, (&row, now), again_at).await
}

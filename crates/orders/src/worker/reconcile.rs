//! The daily comparison of ledger, gateways and suppliers, once for each day, whichever worker it is.

use crate::{Shop, reconcile};
use database::{Claim, Error};
use tokio::task::JoinSet;

/// Compares the day of a claimed row and stores what was found. It may take longer than a lease, which is
/// lengthened as it goes; whoever loses it stops asking.
///
/// The comparison is a task of its own: while the lease waits for the writer of SQLite, it goes on and gives the
/// writer back.
pub(super) async fn work(shop: &Shop, claim: &Claim) -> Result<(), Error> {
    let day = reconcile::day_of(claim)?;
    let mut comparing = JoinSet::new();
    let beside = shop.clone();
    comparing.spawn(async move { beside.reconcile(day).await });
    let report = tokio::select! {
        ended = comparing.join_next() => match ended {
            Some(Ok(report)) => report?,
            Some(Err(error)) => {
                tracing::error!(day = %day, "the comparison of {day} broke off ({error}); it is taken up again");
                return Ok(());
            }
            None => return Ok(()),
        },
        () = lost(shop, claim) => return Ok(()),
    };
    if !reconcile::keep(shop, claim, &report).await? {
        return Ok(());
    }
    let (differences, silent) = (report.differences.len(), report.not_asked.len());
    if report.agrees() {
        let orders = report.counts.orders;
        tracing::info!(day = %day, orders, "ledger, gateways and suppliers agree for {day}: {orders} orders");
    } else {
        tracing::warn!(
            day = %day, differences, silent,
            "the comparison of {day} found {differences} differences, and {silent} parties could not be asked: `loket reconcile --date {day} --stored`"
        );
    }
    Ok(())
}

/// Lengthens the lease until it is lost. A database that is busy has not taken it away.
async fn lost(shop: &Shop, claim: &Claim) {
    loop {
        tokio::time::sleep(shop.rules.lease / 3).await;
        match reconcile::extend(shop, claim).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => tracing::warn!("the lease of a comparison could not be lengthened: {error}"),
        }
    }
}

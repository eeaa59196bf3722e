//! The daily comparison of ledger, gateways and suppliers, once for each day, whichever worker it is.

use crate::{Shop, reconcile};
use database::{Claim, Error};

/// Compares the day of a claimed row and stores what was found. It may take longer than a lease, which is
/// lengthened as it goes; whoever loses it stops asking.
///
/// Both are polled all the time: on SQLite one may stand in line for the writer behind the other.
pub(super) async fn work(shop: &Shop, claim: &Claim) -> Result<(), Error> {
    let day = reconcile::day_of(claim)?;
    let report = tokio::select! {
        report = shop.reconcile(day) => report?,
        lost = hold(shop, claim) => return lost,
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

/// Lengthens the lease until it is lost.
async fn hold(shop: &Shop, claim: &Claim) -> Result<(), Error> {
    loop {
        tokio::time::sleep(shop.rules.lease / 3).await;
        if !reconcile::extend(shop, claim).await? {
            return Ok(());
        }
    }
}

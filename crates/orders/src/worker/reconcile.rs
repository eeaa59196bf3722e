//! The daily comparison of ledger, gateways and suppliers, once for each day, whichever worker it is. Settlement reports
//! that are more than one run compares are gone on with in the same row, part by part.

use crate::{
    Shop,
    reconcile::{self, Compared},
};
use database::{Claim, Error};
use std::time::Duration;
use tokio::task::JoinSet;
use vocabulary::{Timestamp, WibDay};

/// How long after a part of the settlement reports the next one is compared: orders come first.
const NEXT_PART: Duration = Duration::from_secs(3 * 60);

/// Compares the day of a claimed row and stores what was found. It may take longer than a lease, which is
/// lengthened as it goes; whoever loses it stops asking.
///
/// The comparison is a task of its own: while the lease waits for the writer of SQLite, it goes on and gives the
/// writer back.
pub(super) async fn work(shop: &Shop, claim: &Claim) -> Result<(), Error> {
    let day = reconcile::day_of(claim)?;
    // A day that was compared is due again for the next part alone.
    let before = shop.stored_reconciliation(day).await?;
    let is_next_part = before.is_some();
    let mut comparing = JoinSet::new();
    let beside = shop.clone();
    comparing.spawn(async move {
        match before {
            None => beside.reconcile_day(day).await,
            Some(before) => beside.reconcile_next_part(before).await,
        }
    });
    let compared = tokio::select! {
        ended = comparing.join_next() => match ended {
            Some(Ok(compared)) => compared?,
            Some(Err(error)) => {
                tracing::error!(day = %day, "the comparison of {day} broke off ({error}); it is taken up again");
                return Ok(());
            }
            None => return Ok(()),
        },
        () = lost(shop, claim) => return Ok(()),
    };
    let next_part = next_part(shop, day, &compared).await?;
    let report = compared.report;
    if !reconcile::keep(shop, claim, &report, next_part).await? {
        return Ok(());
    }
    if is_next_part {
        let lines = report.counts.settlement_lines;
        tracing::info!(day = %day, lines, "{lines} lines of settlement reports are compared by now in the run of {day}");
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

/// When the next part of the settlement reports is compared, if there is one: where this run has brought them no
/// further, they wait for the next day's; and when that has come, it goes on.
async fn next_part(shop: &Shop, day: WibDay, compared: &Compared) -> Result<Option<Timestamp>, Error> {
    if !compared.goes_on {
        return Ok(None);
    }
    let latest = shop.latest_reconciliation().await?;
    let is_latest = latest.is_none_or(|latest| latest.day <= day);
    Ok(is_latest.then(|| shop.clock.now().plus(NEXT_PART)))
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

//! `reconcile`: ledger, gateways and suppliers compared, for a day in WIB. Our rows are read at one moment, the
//! parties are asked with no transaction open, and a pure comparison names every difference. Nothing is changed but
//! alerts and moments at which payments are due.

mod act;
mod ask;
mod attempt;
mod balance;
mod compare;
mod gather;
mod listed;
mod payment;
mod report;
mod rows;
mod settled;
mod settled_days;
mod settled_known;
mod settled_missing;
mod settled_once;
mod settled_rows;
#[cfg(test)]
mod settled_tests;
mod stored;
mod view;

pub use report::{Counts, DepositReading, Difference, DifferenceKind, NotAsked, Note, Report, Unseen};
pub use stored::StoredRun;
pub(crate) use stored::{QUEUE, day_of, extend, keep, park, plan, unpark};

use crate::Shop;
use database::Error;
use vocabulary::WibDay;

/// What was found of a day, and whether there is a next part of the settlement reports.
pub(crate) struct Compared {
    pub(crate) report: Report,
    pub(crate) goes_on: bool,
}

impl Shop {
    /// Compares ledger, gateways and suppliers for a day (so far, when it is today), with all that is not decided
    /// yet. May run beside a serving process.
    ///
    /// # Errors
    /// When the database refuses. A party that does not answer is no error: the report says so.
    pub async fn reconcile(&self, day: WibDay) -> Result<Report, Error> {
        Ok(self.reconcile_day(day).await?.report)
    }

    /// The same, and whether there is a next part of the settlement reports.
    pub(crate) async fn reconcile_day(&self, day: WibDay) -> Result<Compared, Error> {
        let gathered = gather::gather(self, day).await?;
        let goes_on = act::record(self, &gathered).await?;
        Ok(Compared { report: gathered.report, goes_on })
    }

    /// Compares the next part of the settlement reports alone. `before` is what was found of the day up to now, to
    /// which this is added.
    pub(crate) async fn reconcile_next_part(&self, before: Report) -> Result<Compared, Error> {
        let gathered = gather::gather_settlement(self, before.day).await?;
        let goes_on = act::record(self, &gathered).await?;
        Ok(Compared { report: before.with_part(gathered.report), goes_on })
    }
}

#[cfg(test)]
mod compare_tests;
#[cfg(test)]
mod lie_tests;
#[cfg(test)]
mod payment_tests;
#[cfg(test)]
mod scene_tests;

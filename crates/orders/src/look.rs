//! How the shop stands now, for those who watch over it: probes and the figures of `/metrics`.

use crate::{MIGRATIONS, Shop, order, setting, watch, worker};
use database::Error;
use notifications::{AlertKind, open_alert_counts};
use std::time::Duration;

/// What stands in the database, at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How many alerts are open, of every kind there is.
    pub open_alerts: Vec<(AlertKind, i64)>,
    /// How many orders wait for a person.
    pub orders_needing_attention: i64,
    /// How many audit entries are committed and not chained yet.
    pub audit_unsealed: i64,
    /// Every queue of the worker.
    pub queues: Vec<Backlog>,
    /// What is known of each connected supplier.
    pub suppliers: Vec<SupplierStanding>,
}

/// What is known of a supplier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SupplierStanding {
    /// Its name.
    pub name: &'static str,
    /// What is left of our deposit, in whole rupiah; none when it never told.
    pub deposit: Option<i64>,
    /// How long that lasts; none when nobody knows.
    pub lasts: Option<Duration>,
    /// How old what it said of its products is; none when it never did.
    pub prices_age: Option<Duration>,
}

/// What a queue of the worker is behind with. Rows that are worked on at this moment count until
/// they are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// Its name in logs and figures (`payment`).
    pub queue: &'static str,
    /// How many rows are due and not done.
    pub overdue: i64,
    /// For how long the one that should be done first has been due, in business time; zero when
    /// none is.
    pub oldest: Duration,
}

impl Shop {
    /// What stands in the database now.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn standing(&self) -> Result<Standing, Error> {
        let now = self.clock.now();
        let mut tx = self.db.read("shop.standing").await?;
        let mut suppliers = Vec::with_capacity(self.suppliers.len());
        for name in self.suppliers.iter().map(|supplier| supplier.name()) {
            let left = suppliers::deposit_seen(&mut tx, name).await?.map(|seen| seen.left);
            let spending = suppliers::spending(&mut tx, name, now).await?;
            suppliers.push(SupplierStanding {
                name,
                deposit: left.map(vocabulary::Rupiah::get),
                lasts: left.and_then(|left| spending.lasts(left)),
                prices_age: watch::told_at(&mut tx, name).await?.map(|at| now.since(at)),
            });
        }
        Ok(Standing {
            open_alerts: open_alert_counts(&mut tx).await?,
            orders_needing_attention: order::needing_attention(&mut tx).await?,
            audit_unsealed: security::unsealed(&mut tx).await?,
            queues: worker::backlog(&mut tx, now).await?,
            suppliers,
        })
    }

    /// Reads something, however little, to see that the database answers `within` this time.
    ///
    /// # Errors
    /// When it does not.
    pub async fn answers(&self, within: Duration) -> Result<(), Error> {
        let mut tx = self.db.read_within("shop.answers", within).await?;
        setting::mode(&mut tx).await.map(drop)
    }

    /// Whether the database has the schema that this program works with.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn schema_is_current(&self) -> Result<bool, Error> {
        Ok(self.db.pending(&MIGRATIONS).await?.is_empty())
    }
}

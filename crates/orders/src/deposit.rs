//! What is left of our deposit at a supplier: asked for, learned from its answers to purchases, and how long it
//! lasts. What follows is an alert, which closes by itself.

use crate::{
    Shop,
    watch::{self, Subject},
};
use database::{Error, WriteTx};
use notifications::{AlertKind, alert_open, alert_resolve};
use std::{sync::Arc, time::Duration};
use suppliers::{Deposit, DepositSeen, Spending, Supplier};
use vocabulary::Rupiah;

/// How deposits are watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepositRules {
    /// How often is asked what is left; `None`: never by itself.
    pub every: Option<Duration>,
    /// Below this a person is called.
    pub low: Rupiah,
    /// So does a deposit that lasts no longer than this; zero calls nobody.
    pub low_time: Duration,
}

impl Default for DepositRules {
    fn default() -> Self {
        DepositRules {
            every: Some(Duration::from_secs(10 * 60)),
            low: Rupiah::new(500_000),
            low_time: Duration::from_secs(24 * 3_600),
        }
    }
}

/// A deposit, and how long it lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepositForecast {
    /// What the supplier last said; none when it never did.
    pub seen: Option<DepositSeen>,
    /// What was bought there in the last days.
    pub spending: Spending,
    /// How long what is left lasts at that pace, from the moment at which it was told; none when nobody knows.
    pub lasts: Option<Duration>,
}

impl Shop {
    /// What is known of our deposit at a supplier. Nobody is asked.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn deposit_forecast(&self, supplier: &str) -> Result<DepositForecast, Error> {
        let mut tx = self.db.read("deposit.look").await?;
        let seen = suppliers::deposit_seen(&mut tx, supplier).await?;
        let spending = suppliers::spending(&mut tx, supplier, self.clock.now()).await?;
        let lasts = seen.as_ref().and_then(|seen| spending.lasts(seen.left));
        Ok(DepositForecast { seen, spending, lasts })
    }

    /// Asks a supplier what is left of our deposit, keeps it, and calls a person when that is little.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn watch_deposit(&self, supplier: &Arc<dyn Supplier>) -> Result<Deposit, Error> {
        let (name, now) = (supplier.name(), self.clock.now());
        let told = supplier.deposit().await;
        match &told {
            Deposit::Left(left) => {
                let mut tx = self.db.write("deposit.record").await?;
                let seen = DepositSeen { supplier: name.to_owned(), left: *left, seen_at: now };
                suppliers::store_deposit(&mut tx, &seen).await?;
                watch::note_told(self, &mut tx, (name, Subject::Deposit), now).await?;
                self.alert_about_deposit(&mut tx, name).await?;
                tx.commit().await?;
            }
            Deposit::NotTold => {}
            Deposit::Silent { reason } => {
                watch::silent(self, name, Subject::Deposit, (now, reason)).await?;
            }
        }
        Ok(told)
    }

    async fn alert_about_deposit(&self, tx: &mut WriteTx, supplier: &str) -> Result<(), Error> {
        let (rules, now) = (&self.rules.deposit, self.clock.now());
        let Some(seen) = suppliers::deposit_seen(tx, supplier).await? else { return Ok(()) };
        let lasts = suppliers::spending(tx, supplier, now).await?.lasts(seen.left);
        let low = (seen.left < rules.low || seen.left <= Rupiah::ZERO).then(|| {
            format!("{} is left of our deposit at {supplier}, less than {}: fill it", seen.left, rules.low)
        });
        let soon = lasts.filter(|lasts| *lasts < rules.low_time).map(|lasts| {
            format!(
                "our deposit at {supplier} ({}) lasts {} hours more, as fast as it was spent in the last days: fill it",
                seen.left,
                lasts.as_secs() / 3_600
            )
        });
        for (kind, message) in [(AlertKind::DepositLow, low), (AlertKind::DepositRunsOut, soon)] {
            match message {
                Some(message) => {
                    alert_open(tx, &self.ids, now, (kind, supplier, &message)).await?;
                }
                None => {
                    alert_resolve(tx, kind, supplier, now).await?;
                }
            }
        }
        Ok(())
    }
}

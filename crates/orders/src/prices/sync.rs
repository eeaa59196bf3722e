//! Asking a supplier for its list, and keeping what it says, with what is to be thought of it.

use super::{
    Applied,
    apply::by_code,
    further,
    judge::{Known, judge},
};
use crate::{
    Shop,
    watch::{self, Subject},
};
use database::Error;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use suppliers::{Doubt, ListAsk, Listing, PriceList, Supplier};
use vocabulary::Timestamp;

/// How many entries are kept in one transaction, so that buyers wait for it no longer than for each other.
const AT_ONCE: usize = 200;
/// How long that may take.
const WITHIN: Duration = Duration::from_secs(30);

/// So many prices that were believed and are not any more, and more than half of all that were: then it is the
/// list that is wrong, and not each of them.
const MANY: usize = 4;

/// How much of what a supplier sells was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Its whole list: of what it lacks nothing is known by now.
    All,
    /// One product of it: all else stands as it was told before.
    One,
}

/// What came of asking for a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListOutcome {
    /// It was told, and kept.
    Kept {
        /// How many entries.
        entries: usize,
        /// How many could not be read.
        unreadable: usize,
    },
    /// The supplier has no list.
    NotTold,
    /// It may not be asked yet.
    TooSoon {
        /// When it may.
        again_at: Timestamp,
    },
    /// No usable answer.
    Silent {
        /// Why.
        reason: String,
    },
}

/// What a sync did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Synced {
    /// What came of asking.
    pub list: ListOutcome,
    /// What followed for the products, by what is known.
    pub applied: Applied,
}

impl Shop {
    /// Asks a supplier for its list, keeps it, and lets the products follow. May run beside a serving process.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn sync_prices(&self, supplier: &Arc<dyn Supplier>) -> Result<Synced, Error> {
        let (name, now) = (supplier.name(), self.clock.now());
        let last_asked_at = watch::asked_at(self, name, Subject::Prices).await?;
        let ask = ListAsk { sku: None, now, last_asked_at };
        let list = match supplier.price_list(&ask).await {
            PriceList::Told { listings, unreadable }
                if listings.is_empty() || unreadable > listings.len() =>
            {
                let all = listings.len().saturating_add(unreadable);
                let reason = format!("{unreadable} of {all} entries cannot be read");
                self.told_nothing(name, now, reason).await?
            }
            PriceList::Told { listings, unreadable } => {
                if unreadable > 0 {
                    tracing::warn!(
                        supplier = name,
                        unreadable,
                        "{unreadable} entries of the list of {name} cannot be read"
                    );
                }
                let entries = listings.len();
                let skus = listings.iter().map(|listing| listing.sku.clone()).collect();
                match self.keep_list(name, listings, Told::All).await? {
                    Some(reason) => self.told_nothing(name, now, reason).await?,
                    None => {
                        watch::told(self, name, Subject::Prices, now).await?;
                        self.refusals_are_over(name, now, &skus).await?;
                        ListOutcome::Kept { entries, unreadable }
                    }
                }
            }
            PriceList::NotTold => ListOutcome::NotTold,
            PriceList::TooSoon { again_at } => ListOutcome::TooSoon { again_at },
            PriceList::Silent { reason } => self.told_nothing(name, now, reason).await?,
        };
        let applied = self.follow_prices(name).await?;
        Ok(Synced { list, applied })
    }

    /// Notes that no list came that says anything.
    async fn told_nothing(
        &self,
        supplier: &str,
        asked_at: Timestamp,
        reason: String,
    ) -> Result<ListOutcome, Error> {
        watch::silent(self, supplier, Subject::Prices, (asked_at, &reason)).await?;
        Ok(ListOutcome::Silent { reason })
    }

    /// Keeps a list with the doubts about it in the same rows: at no moment does a price stand there that nobody
    /// has looked at. Nothing of it is kept when the list itself is not believed: why not.
    pub(super) async fn keep_list(
        &self,
        supplier: &str,
        mut listings: Vec<Listing>,
        how_much: Told,
    ) -> Result<Option<String>, Error> {
        let mut tx = self.db.read("prices.look").await?;
        let products = catalog::supplied(&mut tx, supplier).await?;
        let before = by_code(suppliers::listings(&mut tx, supplier).await?);
        let mut told = by_code(listings.clone());
        if how_much == Told::One {
            let told_now = std::mem::replace(&mut told, before.clone());
            told.extend(told_now);
        }
        let routes = further::judged(self, &mut tx, supplier, (&products, &told)).await?;
        drop(tx);
        let now = self.clock.now();
        let known = Known { listings: &told, list_at: Some(now) };
        let judged = judge(&products, known, &self.rules.prices, now);
        let own = judged.into_iter().filter_map(|judged| Some((judged.product.sku, judged.doubt?)));
        let doubts: BTreeMap<String, Doubt> = own.chain(further::doubts(&routes)).collect();
        let bought = products.iter().chain(routes.iter().map(|route| &route.product));
        let skus: BTreeSet<&str> = bought.map(|product| product.sku.as_str()).collect();
        let was_believed = |sku: &str| before.get(sku).is_some_and(|listing| listing.doubt.is_none());
        let believed: Vec<&str> = skus.into_iter().filter(|sku| was_believed(sku)).collect();
        let lost = believed.iter().filter(|sku| doubts.contains_key(**sku)).count();
        if lost >= MANY && lost.saturating_mul(2) > believed.len() {
            let all = believed.len();
            return Ok(Some(format!("{lost} of {all} prices that were believed cannot be, all at once")));
        }
        // Whoever follows the list at the same moment goes through its rows in the same order.
        listings.sort_by(|a, b| a.sku.cmp(&b.sku));
        for listing in &mut listings {
            listing.doubt = doubts.get(&listing.sku).copied();
        }
        for some in listings.chunks(AT_ONCE) {
            let mut tx = self.db.write_within("prices.keep", WITHIN).await?;
            for listing in some {
                suppliers::store_listing(&mut tx, listing).await?;
            }
            tx.commit().await?;
        }
        Ok(None)
    }
}

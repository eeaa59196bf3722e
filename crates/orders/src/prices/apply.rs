//! Carries out what was judged, in one transaction with the audit entries and alerts of it.

use super::{
    doubt_subject,
    further::{self, JudgedRoute},
    judge::{self, Judged, Known},
    refused_subject,
};
use crate::{Shop, watch};
use catalog::KeptOff;
use database::{Error, ReadTx, WriteTx};
use notifications::{AlertKind, alert_open, alert_resolve, open_alerts_of};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use suppliers::{Doubt, Listing};
use vocabulary::{Actor, ProductCode, Rupiah, Timestamp};

/// How long going through all products of a supplier may take.
const WITHIN: Duration = Duration::from_secs(60);
/// How many alerts one run opens at most; one more says how many there are.
const MOST_ALERTS: usize = 100;

/// What followed for the products of a supplier.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Products whose cost has moved, with the cost before and now.
    pub costs: Vec<(ProductCode, Rupiah, Rupiah)>,
    /// Products whose price has moved.
    pub prices: Vec<(ProductCode, Rupiah, Rupiah)>,
    /// Products that are kept off sale from now on.
    pub kept_off: Vec<(ProductCode, KeptOff)>,
    /// Products that are offered again.
    pub back: Vec<ProductCode>,
}

impl Shop {
    /// The products of a supplier with what it last said of them and what is to be thought of that. Changes
    /// nothing.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn listed(&self, supplier: &str) -> Result<Vec<Judged>, Error> {
        let mut tx = self.db.read("prices.look").await?;
        let products = catalog::supplied(&mut tx, supplier).await?;
        let listings = by_code(suppliers::listings(&mut tx, supplier).await?);
        let known = Known { listings: &listings, list_at: list_at(&mut tx, supplier, &listings).await? };
        Ok(judge::judge(&products, known, &self.rules.prices, self.clock.now()))
    }

    /// What a supplier lists and is no product of ours.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn listed_beside(&self, supplier: &str) -> Result<Vec<Listing>, Error> {
        let mut tx = self.db.read("prices.look").await?;
        let mut products = catalog::supplied(&mut tx, supplier).await?;
        products.extend(catalog::supplied_routes(&mut tx, supplier).await?);
        let mut listings = suppliers::listings(&mut tx, supplier).await?;
        listings.retain(|listing| products.iter().all(|product| product.sku != listing.sku));
        Ok(listings)
    }

    /// Judges the products of a supplier by what is known of its list, and lets cost, price and standing follow. Of what
    /// is bought there by further routes only the doubts are kept.
    ///
    /// # Errors
    /// When the database refuses; then nothing was changed.
    pub async fn follow_prices(&self, supplier: &str) -> Result<Applied, Error> {
        let now = self.clock.now();
        let mut tx = self.db.write_within("prices.follow", WITHIN).await?;
        let products = catalog::supplied_locked(&mut tx, supplier).await?;
        let listings = by_code(suppliers::listings(&mut tx, supplier).await?);
        let known = Known { listings: &listings, list_at: list_at(&mut tx, supplier, &listings).await? };
        let judged = judge::judge(&products, known, &self.rules.prices, now);
        let routes = further::judged(self, &mut tx, supplier, (&products, &listings)).await?;
        let (mut applied, mut changed) = (Applied::default(), false);
        // Whoever keeps the list at the same moment goes through its rows in the same order.
        let own = judged.iter().map(|judged| (&judged.listing, judged.doubt));
        let all = own.chain(routes.iter().map(|route| (&route.listing, route.doubt)));
        // Several products may be bought by one code: what is odd for one of them is bought for none.
        let mut doubts: BTreeMap<&str, Option<Doubt>> = BTreeMap::new();
        for (listing, doubt) in all {
            let Some(listing) = listing else { continue };
            let of_sku = doubts.entry(&listing.sku).or_default();
            *of_sku = doubt.or(*of_sku);
        }
        for (sku, doubt) in doubts {
            if listings.get(sku).is_some_and(|listing| listing.doubt != doubt) {
                suppliers::store_doubt(&mut tx, supplier, sku, doubt).await?;
                changed = true;
            }
        }
        for judged in &judged {
            if judged.changes() {
                self.change(&mut tx, judged, &mut applied).await?;
                changed = true;
            }
        }
        changed |= self.alert_about(&mut tx, supplier, (&judged, &routes)).await?;
        if changed {
            tx.commit().await?;
        }
        Ok(applied)
    }

    /// What was refused before is listed anew: what the list says of these products holds now, and nobody need look at
    /// them any more because of a refusal.
    pub(super) async fn refusals_are_over(
        &self,
        supplier: &str,
        asked_at: Timestamp,
        told: &BTreeSet<String>,
    ) -> Result<(), Error> {
        let (kind, now) = (AlertKind::ProductKeptOff, self.clock.now());
        let begin = refused_subject(supplier, "");
        let mut tx = self.db.write("prices.refused").await?;
        let mut changed = false;
        for alert in open_alerts_of(&mut tx, kind).await? {
            let of = alert.subject.strip_prefix(&begin).filter(|sku| told.contains(*sku));
            if of.is_some() && alert.opened_at < asked_at {
                changed |= alert_resolve(&mut tx, kind, &alert.subject, now).await?;
            }
        }
        if changed {
            tx.commit().await?;
        }
        Ok(())
    }

    async fn change(&self, tx: &mut WriteTx, judged: &Judged, applied: &mut Applied) -> Result<(), Error> {
        let (before, now) = (&judged.product, self.clock.now());
        let standing = (judged.price, judged.cost, judged.kept_off);
        catalog::set_supplied(tx, &before.code, standing, now).await?;
        let word = |kept_off: Option<KeptOff>| kept_off.map_or("no".to_owned(), |why| why.to_string());
        let mut fields: Vec<(&str, String, String)> = Vec::new();
        if judged.cost != before.cost {
            applied.costs.push((before.code.clone(), before.cost, judged.cost));
            fields.push(("catalog.cost", before.cost.get().to_string(), judged.cost.get().to_string()));
        }
        if judged.price != before.price {
            applied.prices.push((before.code.clone(), before.price, judged.price));
            fields.push(("catalog.price", before.price.get().to_string(), judged.price.get().to_string()));
        }
        if judged.kept_off != before.kept_off {
            match judged.kept_off {
                Some(why) => applied.kept_off.push((before.code.clone(), why)),
                None => applied.back.push(before.code.clone()),
            }
            fields.push(("catalog.kept_off", word(before.kept_off), word(judged.kept_off)));
        }
        let actor = Actor::system();
        for (action, old, new) in fields {
            let entry = security::Entry {
                actor: &actor,
                action,
                subject: before.code.as_str(),
                before: Some(old),
                after: Some(new),
                source: None,
            };
            security::record(tx, &self.ids, now, &entry).await?;
        }
        Ok(())
    }

    /// One alert for each product that its owner wants to sell and that is kept off, and for each further route whose
    /// price is not believed, up to a number; they close when that is over. True when any was opened or closed.
    async fn alert_about(
        &self,
        tx: &mut WriteTx,
        supplier: &str,
        (all, routes): (&[Judged], &[JudgedRoute]),
    ) -> Result<bool, Error> {
        let (kind, now) = (AlertKind::ProductKeptOff, self.clock.now());
        let doubtful = further::told(routes, supplier, now);
        let open = further::open_alerts(tx, supplier, now).await?;
        let (mut changed, mut off) = (false, 0_usize);
        for judged in all {
            let subject = judged.product.code.as_str();
            let told = judged.kept_off.filter(|_| judged.product.wanted);
            // The reason may have become another: the alert says the one that holds.
            if judged.product.kept_off.is_some() && judged.product.kept_off != told {
                changed |= alert_resolve(tx, kind, subject, now).await?;
            }
            if let Some(why) = told {
                off = off.saturating_add(1);
                if off <= MOST_ALERTS {
                    let message = in_words(judged, why, supplier);
                    changed |= alert_open(tx, &self.ids, now, (kind, subject, &message)).await?;
                }
            }
        }
        // Of who has further routes only no row was locked until now: whoever follows the same prices at this moment,
        // with another list before them, goes through these alerts in the same order, and each of them once.
        let skus: BTreeSet<&String> = open.keys().chain(doubtful.keys()).collect();
        for sku in skus {
            let (subject, told) = (doubt_subject(supplier, sku), doubtful.get(sku));
            // The price is believed, or another one, by now.
            if open.get(sku).is_some_and(|message| Some(message) != told) {
                changed |= alert_resolve(tx, kind, &subject, now).await?;
            }
            if let Some(message) = told {
                off = off.saturating_add(1);
                if off <= MOST_ALERTS {
                    changed |= alert_open(tx, &self.ids, now, (kind, &subject, message)).await?;
                }
            }
        }
        let more = format!("more:{supplier}");
        if off > MOST_ALERTS {
            let message = format!(
                "{off} products and further routes of {supplier} are kept off sale, these are the first {MOST_ALERTS}: `loket supplier prices {supplier}`"
            );
            changed |= alert_open(tx, &self.ids, now, (kind, &more, &message)).await?;
        } else {
            changed |= alert_resolve(tx, kind, &more, now).await?;
        }
        Ok(changed)
    }
}

/// When the whole list of a supplier was last told; where that is noted nowhere, its newest entry says so.
async fn list_at(
    tx: &mut ReadTx,
    supplier: &str,
    listings: &BTreeMap<String, Listing>,
) -> Result<Option<Timestamp>, Error> {
    let noted = watch::told_at(tx, supplier).await?;
    Ok(noted.or_else(|| listings.values().map(|listing| listing.seen_at).max()))
}

pub(super) fn by_code(listings: Vec<Listing>) -> BTreeMap<String, Listing> {
    listings.into_iter().map(|listing| (listing.sku.clone(), listing)).collect()
}

/// Why a product is kept off sale and what to do, for staff.
fn in_words(judged: &Judged, why: KeptOff, supplier: &str) -> String {
    let Judged { product, listing, doubt, .. } = judged;
    let asks = listing.as_ref().map_or_else(
        || format!("{supplier} does not list {}", product.sku),
        |listing| format!("{supplier} asks {} for {} ({})", listing.price, product.sku, listing.name),
    );
    let because = match (why, doubt) {
        (KeptOff::Margin, _) => format!(
            "at {} that leaves too little: raise the price (`loket catalog import`), or it comes back when theirs falls",
            product.price
        ),
        (KeptOff::Doubtful, Some(Doubt::NotPositive)) => {
            "which cannot be: ask them, or choose another seller there".to_owned()
        }
        (KeptOff::Doubtful, Some(Doubt::Outlier)) => format!(
            "for which a unit costs far from what it does in other packs, a bait or a stale entry: look at the seller there; if it is right, import {} as its cost",
            listing.as_ref().map_or(product.cost, |listing| listing.price)
        ),
        (KeptOff::Doubtful, _) => format!(
            "too far from {} at once: look at the seller there; if it is right, import it as its cost",
            product.cost
        ),
        (KeptOff::NotListed, _) => {
            "set it up in their member area, or import the code that it has there".to_owned()
        }
        (KeptOff::AccountCheck, _) => {
            "which tells the name of an account and is nothing to sell: import another code".to_owned()
        }
    };
    format!("{} is kept off sale, unless another of its routes is open: {asks}, {because}", product.code)
}

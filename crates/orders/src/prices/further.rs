//! What suppliers ask for what can be bought of them by further routes. It is judged like the rest, and nothing about the
//! product follows it: neither its cost nor whether it is kept off sale. What is not believed is bought there by nobody,
//! and a person is told, who may say that the price is right.

use super::{
    apply::by_code,
    doubt_subject,
    judge::{self, PriceRules},
};
use crate::Shop;
use catalog::Supplied;
use database::{Error, ReadTx};
use notifications::{AlertKind, open_alerts_after};
use std::collections::{BTreeMap, BTreeSet};
use suppliers::{Doubt, Listing, STALE_AFTER};
use vocabulary::{Actor, ProductCode, Rupiah, Timestamp};

/// A further route of a product, and what is to be thought of what is asked there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedRoute {
    /// The product, with the code that it has on this route.
    pub product: Supplied,
    /// What the supplier last said of it.
    pub listing: Option<Listing>,
    /// What it may cost there by the word of a person.
    pub accepted: Option<Rupiah>,
    /// Why that price is not believed.
    pub doubt: Option<Doubt>,
}

/// What became of the word that a price is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PriceWord {
    /// It is known from now on.
    Accepted,
    /// It is how this product is bought first: its cost is what says so.
    IsOwn(ProductCode),
    /// No product has a further route there.
    NoRoute,
    /// The supplier has never listed it.
    NotListed,
}

impl Shop {
    /// What can be bought of a supplier by further routes, with what it last said of that and what is to be thought of
    /// it. Changes nothing.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn listed_further(&self, supplier: &str) -> Result<Vec<JudgedRoute>, Error> {
        let mut tx = self.db.read("prices.look").await?;
        let products = catalog::supplied(&mut tx, supplier).await?;
        let listings = by_code(suppliers::listings(&mut tx, supplier).await?);
        judged(self, &mut tx, supplier, (&products, &listings)).await
    }

    /// Notes, audited under the name of `actor`, that a further route may cost about so much, though that is far from
    /// what its product costs. It holds until another price is said.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn accept_price(
        &self,
        supplier: &str,
        (sku, price): (&str, Rupiah),
        actor: &Actor,
    ) -> Result<PriceWord, Error> {
        let now = self.clock.now();
        let mut tx = self.db.write("prices.accept").await?;
        let products = catalog::supplied(&mut tx, supplier).await?;
        if let Some(own) = products.into_iter().find(|product| product.sku == sku) {
            return Ok(PriceWord::IsOwn(own.code));
        }
        let routes = catalog::supplied_routes(&mut tx, supplier).await?;
        if routes.iter().all(|route| route.sku != sku) {
            return Ok(PriceWord::NoRoute);
        }
        // Whoever says another price at the same moment waits, and has this one as the one before theirs.
        if !suppliers::hold_listing(&mut tx, supplier, sku).await? {
            return Ok(PriceWord::NotListed);
        }
        let accepted = suppliers::accepted_prices(&mut tx, supplier).await?;
        let before = accepted.into_iter().find(|(of, _)| of == sku).map(|(_, price)| price);
        if before == Some(price) {
            drop(tx);
        } else {
            suppliers::accept_price(&mut tx, supplier, sku, price).await?;
            let entry = security::Entry {
                actor,
                action: "supplier.price_accepted",
                subject: &format!("{supplier}/{sku}"),
                before: before.map(|price| price.get().to_string()),
                after: Some(price.get().to_string()),
                source: None,
            };
            security::record(&mut tx, &self.ids, now, &entry).await?;
            tx.commit().await?;
        }
        self.follow_prices(supplier).await?;
        Ok(PriceWord::Accepted)
    }
}

/// What can be bought of a supplier by further routes, judged by what it lists.
pub(super) async fn judged(
    shop: &Shop,
    tx: &mut ReadTx,
    supplier: &str,
    (products, listings): (&[Supplied], &BTreeMap<String, Listing>),
) -> Result<Vec<JudgedRoute>, Error> {
    let routes = catalog::supplied_routes(tx, supplier).await?;
    let accepted: BTreeMap<String, Rupiah> =
        suppliers::accepted_prices(tx, supplier).await?.into_iter().collect();
    Ok(judge_routes((products, &routes), listings, &accepted, &shop.rules.prices))
}

/// Judges what can be bought by further routes, beside the products that are bought of the same supplier first. What is
/// one of those as well is left out: it is judged as that.
pub(super) fn judge_routes(
    (products, routes): (&[Supplied], &[Supplied]),
    listings: &BTreeMap<String, Listing>,
    accepted: &BTreeMap<String, Rupiah>,
    rules: &PriceRules,
) -> Vec<JudgedRoute> {
    let own: BTreeSet<&str> = products.iter().map(|product| product.sku.as_str()).collect();
    let all: Vec<Supplied> = products.iter().chain(routes).cloned().collect();
    let further = routes.iter().filter(|route| !own.contains(route.sku.as_str()));
    let mut judged: Vec<JudgedRoute> = further
        .map(|product| {
            let accepted = accepted.get(&product.sku).copied();
            let known: Vec<Rupiah> = accepted.into_iter().chain([product.cost]).collect();
            let doubt = judge::doubt(product, &known, &all, listings, rules);
            let listing = listings.get(&product.sku).cloned();
            JudgedRoute { product: product.clone(), listing, accepted, doubt }
        })
        .collect();
    // Several products may have the same there: what is odd for one of them is bought for none.
    let doubts: BTreeMap<String, Doubt> = doubts(&judged).collect();
    for route in &mut judged {
        route.doubt = doubts.get(&route.product.sku).copied();
    }
    judged
}

/// The doubts about further routes, by the codes that they are about.
pub(super) fn doubts(routes: &[JudgedRoute]) -> impl Iterator<Item = (String, Doubt)> {
    routes.iter().filter_map(|route| Some((route.product.sku.clone(), route.doubt?)))
}

/// What staff were told before of further routes whose price is not believed, and is open, by the codes that it is about.
pub(super) async fn open_alerts(
    tx: &mut ReadTx,
    supplier: &str,
    now: Timestamp,
) -> Result<BTreeMap<String, String>, Error> {
    let begin = doubt_subject(supplier, "");
    let open = open_alerts_after(tx, AlertKind::ProductKeptOff, now, &begin).await?;
    let of_routes = open
        .into_iter()
        .filter_map(|alert| Some((alert.subject.strip_prefix(&begin)?.to_owned(), alert.message)));
    Ok(of_routes.collect())
}

/// What staff are told of the further routes whose price is not believed, by the codes that it is about. What was last
/// listed long ago counts no more, for good or ill.
pub(super) fn told(routes: &[JudgedRoute], supplier: &str, now: Timestamp) -> BTreeMap<String, String> {
    let mut doubtful: BTreeMap<&str, (Vec<&str>, &Listing, Doubt)> = BTreeMap::new();
    for route in routes.iter().filter(|route| route.product.wanted) {
        let fresh = route.listing.as_ref().filter(|listing| now.since(listing.seen_at) < STALE_AFTER);
        let (Some(listing), Some(doubt)) = (fresh, route.doubt) else { continue };
        let of_sku = doubtful.entry(&route.product.sku).or_insert((Vec::new(), listing, doubt));
        of_sku.0.push(route.product.code.as_str());
    }
    let told = doubtful.into_iter().map(|(sku, (codes, listing, doubt))| {
        (sku.to_owned(), in_words(&codes.join(", "), (supplier, listing), doubt))
    });
    told.collect()
}

/// Why nothing is bought by a further route and what to do, for staff.
fn in_words(codes: &str, (supplier, listing): (&str, &Listing), doubt: Doubt) -> String {
    let Listing { sku, price, name, .. } = listing;
    let if_right = |far: &str| {
        format!(
            "{far}, a bait or a stale entry: look at the seller there; if it is right, `loket supplier accept {supplier} {sku} {}`",
            price.get()
        )
    };
    let because = match doubt {
        Doubt::NotPositive => "which cannot be: ask them, or switch the route off".to_owned(),
        Doubt::Jump => if_right("too far from what the product costs"),
        Doubt::Outlier => if_right("for which a unit costs far from what it does in other packs"),
    };
    format!(
        "{codes} is not bought by this further route: {supplier} asks {price} for {sku} ({name}), {because}"
    )
}

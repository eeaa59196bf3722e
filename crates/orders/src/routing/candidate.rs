//! What is known of each route at this moment, in which [`suppliers::choose`] chooses: read off rows that every node
//! sees.

use super::{
    LINE_PAUSE,
    tried::{failed_there, is_of},
};
use crate::{Order, Shop, line};
use catalog::Route;
use database::{Error, ReadTx};
use std::collections::HashMap;
use suppliers::{
    Attempt, AttemptState, Candidate, Health, Listing, Probe, Scope, Unsellable, Wish, deposit_empty_until,
    is_bought_today, is_troubled, refused_since,
};
use vocabulary::{OrderId, Rupiah, Timestamp};

/// What is known of the suppliers, read once for several products.
#[derive(Default)]
pub(super) struct Known {
    attempts: HashMap<String, Vec<Attempt>>,
    deposits: HashMap<String, Option<suppliers::DepositSeen>>,
    first_in_line: HashMap<String, Option<OrderId>>,
}

/// For whom the routes are looked at.
pub(super) struct Asking<'a> {
    /// The order, when there is one.
    pub(super) order: Option<&'a Order>,
    /// The account, when it is known.
    pub(super) account: Option<&'a vocabulary::Account>,
    /// What was tried for the order.
    pub(super) before: &'a [Attempt],
    pub(super) wish: Wish,
}

impl Shop {
    pub(super) async fn candidates(
        &self,
        tx: &mut ReadTx,
        routes: &[Route],
        asking: &Asking<'_>,
        known: &mut Known,
    ) -> Result<Vec<Candidate>, Error> {
        let mut candidates = Vec::with_capacity(routes.len());
        for route in routes {
            candidates.push(self.candidate(tx, route, asking, known).await?);
        }
        Ok(candidates)
    }

    async fn candidate(
        &self,
        tx: &mut ReadTx,
        route: &Route,
        asking: &Asking<'_>,
        known: &mut Known,
    ) -> Result<Candidate, Error> {
        let now = asking.wish.now;
        let supplier = self.supplier(&route.supplier);
        let mut candidate = Candidate {
            rank: route.rank,
            supplier: route.supplier.clone(),
            sku: route.supplier_sku.clone(),
            misfit: None,
            active: route.active,
            capabilities: supplier.map(|supplier| supplier.capabilities()),
            listing: None,
            refused: None,
            troubled: false,
            supplier_health: Health::UNKNOWN,
            product_health: Health::UNKNOWN,
            empty_until: None,
            line_until: None,
            kept_off: None,
            tried: asking.before.iter().any(|a| is_of(a, route) && failed_there(a)),
            bought_today: false,
            refused_seller: None,
            probe: Probe::NotNeeded,
        };
        if supplier.is_none() || !route.active {
            return Ok(candidate);
        }
        candidate.listing = suppliers::listing(tx, &route.supplier, &route.supplier_sku).await?;
        let listed = candidate.listing.as_ref().map_or("", |listing| listing.seller.as_str());
        let refused = self.rules.refused_sellers.first_of([route.seller.as_str(), listed]);
        candidate.refused_seller = refused.map(str::to_owned);
        self.look_at_account(tx, route, asking, &mut candidate).await?;
        let of_sku =
            suppliers::attempts_of_sku_lately(tx, (&route.supplier, &route.supplier_sku), now).await?;
        candidate.refused = refused_since(&of_sku, candidate.listing.as_ref());
        candidate.troubled = is_troubled(&of_sku, now);
        let most = self.rules.supplier_circuit_failures;
        candidate.product_health = Health::borne(Scope::Product, most, &of_sku, now);
        candidate.probe = self.probe(tx, route, asking.order, &of_sku).await?;
        known.read(tx, &route.supplier, now).await?;
        let attempts = known.attempts.get(&route.supplier).map(Vec::as_slice).unwrap_or_default();
        candidate.supplier_health = Health::borne(Scope::Supplier, most, attempts, now);
        let need = price_of(candidate.listing.as_ref(), now).unwrap_or(asking.wish.ceiling);
        let seen = known.deposits.get(&route.supplier).and_then(Option::as_ref);
        candidate.empty_until = deposit_empty_until(attempts, seen, need, now);
        let first = known.first_in_line.get(&route.supplier).and_then(Option::as_ref);
        let is_first = first.is_none_or(|first| asking.order.is_some_and(|order| order.id == *first));
        candidate.line_until = (!is_first).then(|| now.plus(LINE_PAUSE));
        Ok(candidate)
    }

    /// What stands of the first purchase there, for an order; `of_sku` are the attempts at it of the last day.
    async fn probe(
        &self,
        tx: &mut ReadTx,
        route: &Route,
        order: Option<&Order>,
        of_sku: &[Attempt],
    ) -> Result<Probe, Error> {
        let (supplier, sku) = (route.supplier.as_str(), route.supplier_sku.as_str());
        let Some(order) = order.filter(|_| self.rules.first_buy.wants_probe(supplier, sku)) else {
            return Ok(Probe::NotNeeded);
        };
        let lately = of_sku.iter().any(|attempt| attempt.state == AttemptState::Succeeded);
        if lately || suppliers::has_delivered(tx, supplier, sku).await? {
            return Ok(Probe::NotNeeded);
        }
        Ok(Probe::of(of_sku, &order.id, order.paid_at.unwrap_or_else(|| self.clock.now())))
    }

    /// What depends on the account: whether it fits, and what it has had today.
    async fn look_at_account(
        &self,
        tx: &mut ReadTx,
        route: &Route,
        asking: &Asking<'_>,
        candidate: &mut Candidate,
    ) -> Result<(), Error> {
        let Some(account) = asking.account else { return Ok(()) };
        let number = match asking.order {
            Some(order) if route.rank == 1 => Ok(order.customer_no.clone()),
            _ => route.customer_template.fill(account),
        };
        match number {
            Err(error) => candidate.misfit = Some(error.to_string()),
            Ok(number) if candidate.listing.as_ref().is_some_and(|listing| !listing.multi) => {
                let key = (route.supplier.as_str(), route.supplier_sku.as_str(), number.as_str());
                let mut bought = suppliers::attempts_for_account(tx, key, asking.wish.now).await?;
                bought.retain(|attempt| asking.order.is_none_or(|order| order.id != attempt.order));
                candidate.bought_today = is_bought_today(&bought, asking.wish.now);
            }
            Ok(_) => {}
        }
        Ok(())
    }
}

impl Known {
    async fn read(&mut self, tx: &mut ReadTx, supplier: &str, now: Timestamp) -> Result<(), Error> {
        if !self.attempts.contains_key(supplier) {
            self.attempts.insert(supplier.to_owned(), suppliers::attempts_lately(tx, supplier, now).await?);
            self.deposits.insert(supplier.to_owned(), suppliers::deposit_seen(tx, supplier).await?);
            self.first_in_line.insert(supplier.to_owned(), line::first_in_line(tx, supplier, now).await?);
        }
        Ok(())
    }
}

/// What a product costs by its supplier's word, when that is fresh enough.
fn price_of(listing: Option<&Listing>, now: Timestamp) -> Option<Rupiah> {
    listing.filter(|listing| listing.trouble(now) != Some(Unsellable::Stale)).map(|listing| listing.price)
}

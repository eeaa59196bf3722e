//! Where an order is bought: what is known of each route of its product is gathered here, `suppliers::choose`
//! chooses, and what follows is said in the words of an order. Everything is read off rows that every node sees.

use crate::{Order, Shop, line, worker::waiting::next_word};
use catalog::{Product, Route};
use database::{Error, ReadTx, WriteTx, sql};
use std::{collections::HashMap, time::Duration};
use suppliers::{
    Attempt, AttemptState, Candidate, Capabilities, Choice, Health, Listing, Obstacle, Probe, Scope,
    Unsellable, Verdict, Wish, choose, deposit_empty_until, is_bought_today, is_troubled, not_before,
    refused_since,
};
use vocabulary::{OrderId, Rupiah, Timestamp};

/// How soon an order is looked at again that waits for the deposit behind others.
const LINE_PAUSE: Duration = Duration::from_secs(60);
/// How soon an order is looked at again that waits for the first purchase of another.
const PROBE_PAUSE: Duration = Duration::from_secs(2);
/// A paid order waits for a supplier that opens again within this time; for a later one nobody waits.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);

/// The route that an order takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) supplier: String,
    pub(crate) sku: String,
    pub(crate) customer_no: String,
    /// Not to be bought above this.
    pub(crate) max_price: Rupiah,
    /// Why, for staff.
    pub(crate) routing: String,
    /// Not to be sent before this moment.
    pub(crate) not_before: Option<Timestamp>,
}

/// What an order waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wait {
    /// The supplier that will be asked first.
    pub(crate) supplier: String,
    /// When it is looked at again.
    pub(crate) until: Timestamp,
    /// The suppliers whose deposits it waits for, in line with others.
    pub(crate) lines: Vec<String>,
    /// When the supplier opens again, where that is what is waited for.
    pub(crate) opens_at: Option<Timestamp>,
    /// Whether it waits for another order's first purchase, which takes some minutes at most.
    pub(crate) for_probe: bool,
    /// Why, for staff.
    pub(crate) why: String,
}

/// What is to be done about a paid order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// Buy it there.
    Buy(Way),
    /// Nobody sells it at this moment.
    Wait(Wait),
    /// Nobody sells it, and waiting does not change that.
    Nothing {
        /// Why, for staff.
        why: String,
        /// Whether it is because of what it costs by now.
        price_moved: bool,
    },
}

impl Wait {
    /// Whether it waits for a deposit, in line with others.
    pub(crate) fn in_line(&self) -> bool {
        !self.lines.is_empty()
    }

    /// Whether it is over so soon that nobody is told of it.
    pub(crate) fn is_short(&self) -> bool {
        self.for_probe && !self.in_line()
    }
}

impl Plan {
    fn nothing(why: &str) -> Plan {
        Plan::Nothing { why: why.to_owned(), price_moved: false }
    }

    /// Whether nobody sells it because of what it costs by now.
    pub(crate) fn price_moved(&self) -> bool {
        matches!(self, Plan::Nothing { price_moved: true, .. })
    }

    /// Where it is bought.
    pub(crate) fn way(&self) -> Option<&Way> {
        match self {
            Plan::Buy(way) => Some(way),
            _ => None,
        }
    }

    /// What it waits for.
    pub(crate) fn wait(&self) -> Option<&Wait> {
        match self {
            Plan::Wait(wait) => Some(wait),
            _ => None,
        }
    }
}

/// Why something cannot be bought now, for whoever wants to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotNow {
    /// Every supplier that has it is closed at this hour; the first opens then.
    ClosedUntil(Timestamp),
    /// No supplier has any.
    SoldOut,
    /// The account has had it today, and it is sold once a day.
    BoughtToday,
    /// No supplier delivers it now.
    Unavailable,
    /// No supplier that could is connected, or the account fits none.
    NotSetUp,
}

impl NotNow {
    /// What the buyer is told, in Indonesian and in English; the product is named as `what` in each.
    pub fn words(self, (produk, product): (&str, &str)) -> (String, String) {
        match self {
            NotNow::ClosedUntil(opens) => {
                let wib = opens.wib();
                let time = wib.get(11..16).unwrap_or_default();
                (
                    format!("{produk} sedang tutup di pemasok dan buka lagi pukul {time} WIB."),
                    format!("{product} is closed at its supplier and opens again at {time} WIB."),
                )
            }
            NotNow::SoldOut => (
                format!("{produk} sedang habis di pemasok."),
                format!("{product} is sold out at its supplier at the moment."),
            ),
            NotNow::BoughtToday => (
                format!(
                    "{produk} hanya dijual sekali sehari untuk satu akun, dan akun ini sudah membelinya hari ini. Coba lagi besok."
                ),
                format!(
                    "{product} is sold once a day for one account, and this one has had it today. Try again tomorrow."
                ),
            ),
            NotNow::Unavailable | NotNow::NotSetUp => (
                format!("{produk} sedang tidak bisa dikirim oleh pemasok. Coba lagi sebentar lagi."),
                format!("{product} cannot be delivered by any supplier right now. Try again in a while."),
            ),
        }
    }
}

/// What is known of the suppliers, read once for several products.
#[derive(Default)]
struct Known {
    attempts: HashMap<String, Vec<Attempt>>,
    deposits: HashMap<String, Option<suppliers::DepositSeen>>,
    first_in_line: HashMap<String, Option<OrderId>>,
}

/// For whom the routes are looked at.
struct Asking<'a> {
    /// The order, when there is one.
    order: Option<&'a Order>,
    /// The account, when it is known.
    account: Option<&'a vocabulary::Account>,
    /// What was tried for the order.
    before: &'a [Attempt],
    wish: Wish,
}

impl Shop {
    /// What is to be done about a paid order: `before` is what was tried for it and counts.
    pub(crate) async fn plan(
        &self,
        tx: &mut WriteTx,
        order: &Order,
        before: &[Attempt],
    ) -> Result<Plan, Error> {
        let routes = routes_of(tx, order).await?;
        let (candidates, choice) = self.chosen(tx, order, before, &routes).await?;
        if let Some(place) = choice.taken {
            return self.way(tx, order, &routes, place, choice.explained()).await;
        }
        let now = self.clock.now();
        let why = in_words(&choice);
        let passing = choice.passing();
        let in_time = |until: Timestamp| until.since(now) <= LONGEST_WAIT;
        let first = passing.iter().find(|(_, obstacle)| obstacle.until().is_some_and(in_time));
        let Some((first, obstacle)) = first else {
            return Ok(Plan::Nothing { why, price_moved: price_moved(order, &routes, &choice, before) });
        };
        // Who waits for a deposit stands in the line of every supplier that is short of one: whichever is filled,
        // it is the turn of who was paid first.
        let short = candidates
            .iter()
            .zip(&choice.obstacles)
            .filter(|(_, obstacle)| matches!(obstacle, Some(Obstacle::Empty(_) | Obstacle::InLine(_))));
        let mut lines: Vec<String> = Vec::new();
        for (candidate, _) in short {
            if !lines.contains(&candidate.supplier) {
                lines.push(candidate.supplier.clone());
            }
        }
        let named = lines.first().or(candidates.get(*first).map(|candidate| &candidate.supplier));
        let Some(supplier) = named.cloned() else { return Ok(Plan::nothing(&why)) };
        // Who waits in line is called when it moves, and looks by itself as well; and whose buyer is to hear of it
        // is looked at then.
        let until = obstacle.until().unwrap_or(now).max(now.plus(Duration::from_secs(1)));
        let word = order.paid_at.and_then(|paid_at| next_word(paid_at, now));
        let until = word.map_or(until, |word| until.min(word));
        let for_probe = choice.obstacles.iter().any(|o| matches!(o, Some(Obstacle::OnProbe(_))));
        let until = if for_probe { until.min(now.plus(PROBE_PAUSE)) } else { until };
        Ok(Plan::Wait(Wait {
            supplier,
            until: if lines.is_empty() { until } else { until.min(now.plus(LINE_PAUSE)) },
            opens_at: match obstacle {
                Obstacle::Closed(opens) if lines.is_empty() => Some(*opens),
                _ => None,
            },
            lines,
            for_probe,
            why,
        }))
    }

    /// Where a person's retry is bought: where it would be anyway, and where nothing can be, on the first route
    /// that is connected: who retries has mended what stood in the way. Nobody mends by that what the owner has
    /// switched off or does not buy from its seller, what is no product, and what the account has had today.
    pub(crate) async fn plan_by_hand(&self, tx: &mut WriteTx, order: &Order) -> Result<Option<Way>, Error> {
        let routes = routes_of(tx, order).await?;
        let (candidates, choice) = self.chosen(tx, order, &[], &routes).await?;
        let possible = |candidate: &Candidate| {
            let is_check = candidate.listing.as_ref().is_some_and(Listing::is_account_check);
            let fits = candidate.capabilities.is_some() && candidate.misfit.is_none();
            let is_allowed = candidate.active && candidate.refused_seller.is_none();
            fits && is_allowed && !is_check && !candidate.bought_today
        };
        let place = choice.taken.or_else(|| candidates.iter().position(possible));
        let Some(place) = place else { return Ok(None) };
        let mut considered = choice.considered.clone();
        for (at, one) in considered.iter_mut().enumerate() {
            if choice.taken.is_none() && at == place {
                one.taken = true;
                one.why = format!("a person wants it, although: {}", one.why);
            }
        }
        let routing = serde_json::to_string(&considered).unwrap_or_default();
        match self.way(tx, order, &routes, place, routing).await? {
            Plan::Buy(way) => Ok(Some(way)),
            _ => Ok(None),
        }
    }

    /// The choice for an order. Who is left alone after failures gets one order at a time: of several that choose in
    /// the same moment, on whichever node, one after the other looks who is on trial already.
    async fn chosen(
        &self,
        tx: &mut WriteTx,
        order: &Order,
        before: &[Attempt],
        routes: &[Route],
    ) -> Result<(Vec<Candidate>, Choice), Error> {
        let (candidates, choice) = self.looked_through(tx, order, before, routes).await?;
        let taken = choice.taken.and_then(|place| candidates.get(place));
        if !taken.is_some_and(Candidate::is_on_trial) {
            return Ok((candidates, choice));
        }
        one_trial_at_a_time(tx).await?;
        self.looked_through(tx, order, before, routes).await
    }

    async fn looked_through(
        &self,
        tx: &mut ReadTx,
        order: &Order,
        before: &[Attempt],
        routes: &[Route],
    ) -> Result<(Vec<Candidate>, Choice), Error> {
        let counted = before.iter().filter(|attempt| failed_there(attempt)).count();
        let may_try = counted < usize::try_from(self.rules.max_attempts).unwrap_or(usize::MAX);
        let ceiling = self.ceiling(order.amount, order.cost);
        let may_buy_blind = self.may_buy_blind(order.amount, ceiling);
        let wish = Wish { ceiling, may_try, may_buy_blind, now: self.clock.now() };
        let asking = Asking { order: Some(order), account: Some(&order.account), before, wish };
        let candidates = self.candidates(tx, routes, &asking, &mut Known::default()).await?;
        let choice = choose(&candidates, wish);
        Ok((candidates, choice))
    }

    async fn way(
        &self,
        tx: &mut ReadTx,
        order: &Order,
        routes: &[Route],
        place: usize,
        routing: String,
    ) -> Result<Plan, Error> {
        let Some(route) = routes.get(place) else { return Ok(Plan::nothing("no route")) };
        let Some(customer_no) = customer_no(order, route) else {
            return Ok(Plan::nothing("the account does not fit the route"));
        };
        let key = (route.supplier.as_str(), route.supplier_sku.as_str(), customer_no.as_str());
        let now = self.clock.now();
        let attempts = suppliers::attempts_for_account(tx, key, now).await?;
        let pause = self.supplier(&route.supplier).map(|supplier| supplier.capabilities().min_requery);
        Ok(Plan::Buy(Way {
            supplier: route.supplier.clone(),
            sku: route.supplier_sku.clone(),
            not_before: not_before(&attempts, pause.unwrap_or_default()),
            customer_no,
            max_price: self.ceiling(order.amount, order.cost),
            routing,
        }))
    }

    /// The most that may be spent on something that is sold for `price` and may cost `cost`: what leaves the
    /// margin that the owner wants.
    pub(crate) fn ceiling(&self, price: Rupiah, cost: Rupiah) -> Rupiah {
        let basis_points = i128::from(self.rules.min_margin_basis_points);
        // Rounded up: never a rupiah less than is wanted.
        let margin = i128::from(price.get()).saturating_mul(basis_points).saturating_add(9_999) / 10_000;
        let left = i64::try_from(i128::from(price.get()).saturating_sub(margin)).unwrap_or(0);
        cost.min(Rupiah::new(left))
    }

    /// Whether a sale for `price` that may cost `ceiling` leaves what the owner wants where a supplier's price is
    /// seen only afterwards.
    fn may_buy_blind(&self, price: Rupiah, ceiling: Rupiah) -> bool {
        let left = i128::from(price.get()).saturating_sub(ceiling.get().into());
        let least = i128::from(price.get()).saturating_mul(self.rules.blind_margin_basis_points.into());
        left.saturating_mul(10_000) >= least
    }

    async fn candidates(
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

    /// Why a product cannot be bought now (for this account, when it is known); none when it can.
    pub(crate) async fn not_now(
        &self,
        tx: &mut ReadTx,
        product: &Product,
        account: &vocabulary::Account,
    ) -> Result<Option<NotNow>, Error> {
        let routes = routes_now(tx, product).await?;
        self.looked_at(tx, product, &routes, Some(account), &mut Known::default()).await
    }

    /// Whether a product that is switched on is for sale: one whose own supplier keeps it off sale is, as long as
    /// another of its routes is open.
    pub(crate) async fn is_for_sale(&self, tx: &mut ReadTx, product: &Product) -> Result<bool, Error> {
        if !product.active || product.kept_off.is_none() {
            return Ok(product.active);
        }
        let routes = routes_now(tx, product).await?;
        Ok(self.looked_at(tx, product, &routes, None, &mut Known::default()).await?.is_none())
    }

    /// Those of these products of one category that somebody delivers now.
    pub(crate) async fn deliverable(
        &self,
        tx: &mut ReadTx,
        category: &vocabulary::CategoryCode,
        products: Vec<Product>,
    ) -> Result<Vec<Product>, Error> {
        let further = catalog::further_routes_of_category(tx, category).await?;
        let (mut known, mut found) = (Known::default(), Vec::with_capacity(products.len()));
        for product in products {
            let mut routes = vec![product.own_route()];
            let own = further.iter().filter(|route| route.product == product.code).cloned();
            routes.extend(distinct(&routes, own.collect()));
            if self.looked_at(tx, &product, &routes, None, &mut known).await?.is_none() {
                found.push(product);
            }
        }
        Ok(found)
    }

    async fn looked_at(
        &self,
        tx: &mut ReadTx,
        product: &Product,
        routes: &[Route],
        account: Option<&vocabulary::Account>,
        known: &mut Known,
    ) -> Result<Option<NotNow>, Error> {
        let ceiling = self.ceiling(product.price, product.cost);
        let may_buy_blind = self.may_buy_blind(product.price, ceiling);
        let wish = Wish { ceiling, may_try: true, may_buy_blind, now: self.clock.now() };
        let asking = Asking { order: None, account, before: &[], wish };
        let mut candidates = self.candidates(tx, routes, &asking, known).await?;
        if let Some(own) = candidates.iter_mut().find(|candidate| candidate.rank == 1) {
            own.kept_off = product.kept_off.map(|why| why.to_string());
        }
        let choice = choose(&candidates, wish);
        Ok(choice.taken.is_none().then(|| told(&choice)))
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

/// Waits until no other transaction chooses somebody who is on trial, and keeps others waiting until this one ends.
/// One lock for all, so that two that want two of them do not wait for each other. On SQLite one transaction writes
/// at a time anyway.
async fn one_trial_at_a_time(tx: &mut WriteTx) -> Result<(), Error> {
    let lock = sql!(sqlite: "SELECT 1", postgres: "SELECT 1 FROM pg_advisory_xact_lock(7561402)");
    lock.query().run(tx).await?;
    Ok(())
}

/// The routes of a product, as the catalog names them now.
async fn routes_now(tx: &mut ReadTx, product: &Product) -> Result<Vec<Route>, Error> {
    let mut routes = vec![product.own_route()];
    routes.extend(distinct(&routes, catalog::further_routes(tx, &product.code).await?));
    Ok(routes)
}

/// The routes of an order: first that which it was placed with, then what the catalog names now.
async fn routes_of(tx: &mut ReadTx, order: &Order) -> Result<Vec<Route>, Error> {
    let product = catalog::product(tx, &order.product).await?;
    let mut routes = Vec::new();
    if let Some(product) = product {
        let own = product.own_route();
        let further = catalog::further_routes(tx, &order.product).await?;
        let is_placed =
            |route: &&Route| route.supplier == order.supplier && route.supplier_sku == order.supplier_sku;
        // Who sells there is noted with the route, wherever that stands now.
        let seller = std::iter::once(&own).chain(&further).find(is_placed).map(|route| route.seller.clone());
        let placed = Route {
            supplier: order.supplier.clone(),
            supplier_sku: order.supplier_sku.clone(),
            seller: seller.unwrap_or_default(),
            ..own.clone()
        };
        routes.push(placed);
        // The owner has moved the product elsewhere since.
        let moved = Route { rank: 2, ..own };
        routes.extend(distinct(&routes, vec![moved]));
        routes.extend(distinct(&routes, further));
    }
    Ok(routes)
}

/// Those of `more` that are not among `routes` already.
fn distinct(routes: &[Route], more: Vec<Route>) -> Vec<Route> {
    let same = |a: &Route, b: &Route| a.supplier == b.supplier && a.supplier_sku == b.supplier_sku;
    more.into_iter().filter(|route| !routes.iter().any(|other| same(other, route))).collect()
}

/// The number that an order's account has on a route. On the first it was settled when the order was placed.
fn customer_no(order: &Order, route: &Route) -> Option<String> {
    match route.rank {
        1 => Some(order.customer_no.clone()),
        _ => route.customer_template.fill(&order.account).ok(),
    }
}

/// Whether an order that nobody sells is one whose price moved: where it was placed it costs more than it might then,
/// by the list or by the answer, or that was the last answer of all. What another route is listed at proves nothing: it
/// may have been too dear all the time. Neither does what costs too much only since the owner wants a larger margin.
fn price_moved(order: &Order, routes: &[Route], choice: &Choice, before: &[Attempt]) -> bool {
    let too_dear =
        |attempt: &Attempt| attempt.verdict == Some(Verdict::FailedPrice) && attempt.max_price >= order.cost;
    let first = choice.obstacles.first().and_then(Option::as_ref);
    let listed = matches!(first, Some(Obstacle::TooDear { listed, .. }) if *listed > order.cost);
    let own = routes.first();
    let answered = before.iter().any(|a| too_dear(a) && own.is_some_and(|route| is_of(a, route)));
    listed || answered || before.last().is_some_and(too_dear)
}

fn is_of(attempt: &Attempt, route: &Route) -> bool {
    attempt.supplier == route.supplier && attempt.sku == route.supplier_sku
}

/// Whether something was tried there, and came to nothing. Where we were refused before anything was bought, it
/// has not been tried.
fn failed_there(attempt: &Attempt) -> bool {
    let ended = matches!(attempt.state, AttemptState::Failed | AttemptState::Reversed);
    let refused =
        matches!(attempt.verdict, Some(Verdict::RefusedBalance | Verdict::RefusedConfiguration) | None);
    ended && !refused
}

/// Whether another route may be tried after a failure of this kind: never when the account was at fault, and
/// never after a word that leaves open what happened. A refusal that no document explains is such a word.
pub(crate) fn may_fail_over(can: Capabilities, verdict: Verdict) -> bool {
    match verdict {
        Verdict::FailedPrice | Verdict::FailedUnproven | Verdict::RefusedBalance => true,
        said if said.is_failure_of_provider() => true,
        Verdict::RefusedConfiguration => can.refusals_are_documented,
        _ => false,
    }
}

/// What a product costs by its supplier's word, when that is fresh enough.
fn price_of(listing: Option<&Listing>, now: Timestamp) -> Option<Rupiah> {
    listing.filter(|listing| listing.trouble(now) != Some(Unsellable::Stale)).map(|listing| listing.price)
}

fn in_words(choice: &Choice) -> String {
    let each = choice.considered.iter().map(|one| format!("{} {}: {}", one.supplier, one.sku, one.why));
    each.collect::<Vec<_>>().join("; ")
}

/// What a buyer is told of a choice in which nothing was taken: what will be over first.
fn told(choice: &Choice) -> NotNow {
    let obstacles = || choice.obstacles.iter().flatten();
    let opens = obstacles().filter_map(|obstacle| match obstacle {
        Obstacle::Closed(opens) => Some(*opens),
        _ => None,
    });
    if let Some(opens) = opens.min() {
        NotNow::ClosedUntil(opens)
    } else if obstacles().any(|obstacle| *obstacle == Obstacle::BoughtToday) {
        NotNow::BoughtToday
    } else if obstacles().any(|obstacle| *obstacle == Obstacle::NotSold(Unsellable::Empty)) {
        NotNow::SoldOut
    } else if obstacles().all(|o| {
        matches!(
            o,
            Obstacle::NotConnected
                | Obstacle::SwitchedOff
                | Obstacle::RefusedSeller(_)
                | Obstacle::Misfit(_)
                | Obstacle::WantsAddress
        )
    }) {
        NotNow::NotSetUp
    } else {
        NotNow::Unavailable
    }
}

//! What is to be done about a paid order: where it is bought, what it waits for, or that nobody sells it.

use super::{
    LINE_PAUSE,
    routes::{customer_no, routes_of},
    tried::is_of,
};
use crate::{Order, Shop, worker::waiting::next_word};
use catalog::Route;
use database::{Error, ReadTx, WriteTx};
use std::time::Duration;
use suppliers::{Attempt, Candidate, Choice, Listing, Obstacle, Verdict, not_before};
use vocabulary::{Rupiah, Timestamp};

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

fn in_words(choice: &Choice) -> String {
    let each = choice.considered.iter().map(|one| format!("{} {}: {}", one.supplier, one.sku, one.why));
    each.collect::<Vec<_>>().join("; ")
}

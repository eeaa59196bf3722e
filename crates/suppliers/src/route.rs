//! Where an order is bought: the choice among the routes of its product. Pure; what is known of each goes in, and
//! which one is taken comes out, with the reason for every other.

use crate::{Capabilities, Circuit, Fault, Health, Listing, Probe, Unsellable};
use serde::Serialize;
use std::{fmt, time::Duration};
use vocabulary::{Rupiah, Timestamp};

/// How old a price may be that is relied on where the supplier takes no limit.
const PRICE_FRESH: Duration = Duration::from_secs(3_600);

/// One way to buy a product, and what is known of it now.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Its place in the owner's order, from 1.
    pub rank: u32,
    /// Who delivers.
    pub supplier: String,
    /// The supplier's code of the product.
    pub sku: String,
    /// Whether the account fits what this supplier wants: why not, if it does not.
    pub misfit: Option<String>,
    /// Whether the owner has it switched on.
    pub active: bool,
    /// What the supplier can do; none when it is not connected.
    pub capabilities: Option<Capabilities>,
    /// What the supplier says of the product; none when nothing is known.
    pub listing: Option<Listing>,
    /// Why a purchase of it was refused, where the supplier has not told of it since.
    pub refused: Option<Unsellable>,
    /// Whether it has trouble at its seller at this moment.
    pub troubled: bool,
    /// How the supplier has served lately.
    pub supplier_health: Health,
    /// How this product of it has.
    pub product_health: Health,
    /// Until when our deposit there is held to be too small.
    pub empty_until: Option<Timestamp>,
    /// When others who wait for that deposit have to be served first, until when at least.
    pub line_until: Option<Timestamp>,
    /// Why it is kept off sale, by whoever compares prices; none for an order that is paid already.
    pub kept_off: Option<String>,
    /// Whether it has failed for this order.
    pub tried: bool,
    /// Whether the account has had this product today, or may yet get it.
    pub bought_today: bool,
    /// Who sells it there, by the owner's note or the supplier's list, if that is one who is not bought from.
    pub refused_seller: Option<String>,
    /// What stands of the first purchase of it, where it never delivered; nothing for who only looks.
    pub probe: Probe,
}

impl Candidate {
    /// Whether an order there is a trial, of which there is one at a time: after failures, or because nothing was
    /// ever delivered there.
    pub fn is_on_trial(&self) -> bool {
        self.is_half_open() || self.probe != Probe::NotNeeded
    }

    fn is_half_open(&self) -> bool {
        [self.supplier_health.circuit, self.product_health.circuit].contains(&Circuit::HalfOpen)
    }

    fn is_undecided(&self) -> bool {
        matches!(self.probe, Probe::Undecided(_))
    }
}

/// What is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// The most that it may cost us.
    pub ceiling: Rupiah,
    /// Whether another attempt may be made for the order.
    pub may_try: bool,
    /// Whether enough is left to buy where nobody knows the price before.
    pub may_buy_blind: bool,
    /// Business time.
    pub now: Timestamp,
}

/// Why a route is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Its supplier is not connected.
    NotConnected,
    /// The owner has switched it off.
    SwitchedOff,
    /// Its seller, of this name, is not bought from.
    RefusedSeller(String),
    /// The account does not fit it.
    Misfit(String),
    /// Its supplier wants the player's internet address, which the shop does not have.
    WantsAddress,
    /// It has failed for this order.
    Tried,
    /// No more attempts are made for this order.
    UsedUp,
    /// The supplier sells it to nobody now, or not to us.
    NotSold(Unsellable),
    /// Its price is not followed, for this reason.
    KeptOff(String),
    /// It is closed at this hour.
    Closed(Timestamp),
    /// It costs more than it may.
    TooDear {
        /// What it costs by the supplier's list.
        listed: Rupiah,
        /// What it may cost.
        ceiling: Rupiah,
    },
    /// Nobody knows what it costs there before it is bought, and its supplier takes no limit.
    Blind,
    /// Nothing may be spent on it: the price leaves less than the margin that the owner wants.
    NoMargin,
    /// The account has had it today, and its seller sells it once a day.
    BoughtToday,
    /// It is left alone for a while.
    LeftAlone(Fault, Timestamp),
    /// Our deposit is too small.
    Empty(Timestamp),
    /// Others wait for the deposit, and were paid for before.
    InLine(Timestamp),
    /// Nothing was ever delivered there, and what another order bought first is not decided.
    OnProbe(Timestamp),
}

impl Obstacle {
    /// When it may be over by itself; none when only somebody can change it, or it is for ever.
    pub fn until(&self) -> Option<Timestamp> {
        match self {
            Obstacle::Closed(until)
            | Obstacle::LeftAlone(_, until)
            | Obstacle::Empty(until)
            | Obstacle::InLine(until)
            | Obstacle::OnProbe(until) => Some(*until),
            _ => None,
        }
    }
}

/// What became of one route, for staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Considered {
    /// Its place in the owner's order, from 1.
    pub rank: u32,
    /// Who would deliver.
    pub supplier: String,
    /// The supplier's code of the product.
    pub sku: String,
    /// Whether it is the one.
    pub taken: bool,
    /// Why, or why not.
    pub why: String,
}

/// The choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Place in the list of candidates of the one that is taken.
    pub taken: Option<usize>,
    /// What stands against each candidate, in their order; none of the one taken and of those that could have been.
    pub obstacles: Vec<Option<Obstacle>>,
    /// What became of each, in the owner's order.
    pub considered: Vec<Considered>,
}

impl Choice {
    /// The obstacles that are over by themselves, with the places of their candidates: the soonest first.
    pub fn passing(&self) -> Vec<(usize, &Obstacle)> {
        let all = self.obstacles.iter().enumerate();
        let mut passing: Vec<_> = all
            .filter_map(|(place, obstacle)| obstacle.as_ref().map(|obstacle| (place, obstacle)))
            .filter(|(_, obstacle)| obstacle.until().is_some())
            .collect();
        passing.sort_by_key(|(place, obstacle)| (obstacle.until(), *place));
        passing
    }

    /// The choice as it is kept with an attempt.
    pub fn explained(&self) -> String {
        serde_json::to_string(&self.considered).unwrap_or_default()
    }
}

/// Chooses. A route on which nothing stands in the way is taken: of those that deliver well the first in the
/// owner's order, and only without any of them one that does not, or one whose first purchase has been undecided for
/// long. What is not known stands against nobody.
pub fn choose(candidates: &[Candidate], wish: Wish) -> Choice {
    let obstacles: Vec<Option<Obstacle>> =
        candidates.iter().map(|candidate| obstacle(candidate, wish)).collect();
    let poor = |candidate: &Candidate| {
        candidate.troubled || candidate.product_health.is_poor() || candidate.supplier_health.is_poor()
    };
    let later = |candidate: &Candidate| poor(candidate) || candidate.is_undecided();
    let taken = candidates
        .iter()
        .zip(&obstacles)
        .enumerate()
        .filter(|(_, (_, obstacle))| obstacle.is_none())
        .min_by_key(|(place, (candidate, _))| (later(candidate), candidate.rank, *place))
        .map(|(place, _)| place);
    let mut considered: Vec<Considered> = candidates
        .iter()
        .zip(&obstacles)
        .enumerate()
        .map(|(place, (candidate, obstacle))| {
            let is_taken = taken == Some(place);
            let why = match obstacle {
                Some(obstacle) => obstacle.to_string(),
                None if is_taken => record(candidate),
                None if candidate.is_undecided() => "its first purchase there is not decided".to_owned(),
                None if candidate.troubled => "it has trouble at its seller".to_owned(),
                None if poor(candidate) => format!("another delivers better ({})", record(candidate)),
                None => "another comes first".to_owned(),
            };
            Considered {
                rank: candidate.rank,
                supplier: candidate.supplier.clone(),
                sku: candidate.sku.clone(),
                taken: is_taken,
                why,
            }
        })
        .collect();
    considered.sort_by_key(|considered| considered.rank);
    Choice { taken, obstacles, considered }
}

/// What stands against a route: of several things that which lasts longest.
fn obstacle(candidate: &Candidate, wish: Wish) -> Option<Obstacle> {
    let Some(capabilities) = candidate.capabilities else { return Some(Obstacle::NotConnected) };
    if !candidate.active {
        return Some(Obstacle::SwitchedOff);
    }
    if let Some(seller) = &candidate.refused_seller {
        return Some(Obstacle::RefusedSeller(seller.clone()));
    }
    if let Some(why) = &candidate.misfit {
        return Some(Obstacle::Misfit(why.clone()));
    }
    if capabilities.needs_end_user_ip {
        return Some(Obstacle::WantsAddress);
    }
    if candidate.tried {
        return Some(Obstacle::Tried);
    }
    if let Some(why) = &candidate.kept_off {
        return Some(Obstacle::KeptOff(why.clone()));
    }
    if !wish.may_try {
        return Some(Obstacle::UsedUp);
    }
    if !wish.ceiling.is_positive() {
        return Some(Obstacle::NoMargin);
    }
    // What the supplier said too long ago is not known any more.
    let known = |listing: &&Listing| listing.trouble(wish.now) != Some(Unsellable::Stale);
    let listing = candidate.listing.as_ref().filter(known);
    let trouble = listing.and_then(|listing| listing.trouble(wish.now));
    if let Some(trouble) = trouble.filter(|trouble| *trouble != Unsellable::Closed) {
        return Some(Obstacle::NotSold(trouble));
    }
    if let Some(refused) = candidate.refused {
        return Some(Obstacle::NotSold(refused));
    }
    if let Some(listed) = listing.map(|listing| listing.price).filter(|price| *price > wish.ceiling) {
        return Some(Obstacle::TooDear { listed, ceiling: wish.ceiling });
    }
    if is_blind(candidate, capabilities, wish) {
        return Some(Obstacle::Blind);
    }
    if candidate.bought_today && listing.is_some_and(|listing| !listing.multi) {
        return Some(Obstacle::BoughtToday);
    }
    if let Some(opens) = listing.and_then(|listing| listing.opens_at(wish.now)) {
        return Some(Obstacle::Closed(opens));
    }
    if let Some(until) = candidate.empty_until {
        return Some(Obstacle::Empty(until));
    }
    for health in [&candidate.supplier_health, &candidate.product_health] {
        if let Circuit::Open { until, why } = health.circuit {
            return Some(Obstacle::LeftAlone(why, until));
        }
    }
    if let Some(until) = candidate.line_until {
        return Some(Obstacle::InLine(until));
    }
    match candidate.probe {
        Probe::Undecided(until) if wish.now < until => Some(Obstacle::OnProbe(until)),
        _ => None,
    }
}

/// Whether it would be bought at whatever it costs: the supplier takes no limit, its price is not read before the
/// send, and no fresh word about it is known. Of a supplier that never told of it nothing fresh can be had: there
/// it is bought when enough is left for a surprise.
fn is_blind(candidate: &Candidate, can: Capabilities, wish: Wish) -> bool {
    if can.price_guard || can.reads_price_first {
        return false;
    }
    match &candidate.listing {
        Some(listing) => wish.now.since(listing.seen_at) >= PRICE_FRESH,
        None => !wish.may_buy_blind,
    }
}

/// How a route has served, in words.
fn record(candidate: &Candidate) -> String {
    let health = &candidate.product_health;
    let decided = health.delivered.saturating_add(health.failed);
    let begin = match candidate.probe {
        _ if candidate.is_half_open() => "on trial after failures",
        Probe::NotNeeded => "the first that can deliver",
        Probe::ThisOrder => {
            "the first that can deliver; nothing was ever delivered there, so this order is the probe"
        }
        Probe::Undecided(_) => {
            "nothing was ever delivered there, and nobody waits longer for its first purchase"
        }
    };
    match health.middle {
        Some(middle) => format!(
            "{begin}; {} of {decided} delivered lately, in {} s in the middle",
            health.delivered,
            middle.as_secs()
        ),
        None if decided > 0 => format!("{begin}; {} of {decided} delivered lately", health.delivered),
        None => begin.to_owned(),
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Obstacle::NotConnected => f.write_str("its supplier is not connected"),
            Obstacle::SwitchedOff => f.write_str("it is switched off"),
            Obstacle::RefusedSeller(seller) => write!(f, "its seller, {seller}, is not bought from"),
            Obstacle::Misfit(why) => write!(f, "the account does not fit it: {why}"),
            Obstacle::WantsAddress => {
                f.write_str("its supplier wants the player's internet address, which the shop does not have")
            }
            Obstacle::Tried => f.write_str("it has failed for this order"),
            Obstacle::UsedUp => f.write_str("no more attempts are made for this order"),
            Obstacle::NotSold(trouble) => write!(f, "the supplier does not sell it now: {trouble}"),
            Obstacle::KeptOff(why) => write!(f, "kept off sale: {why}"),
            Obstacle::Closed(until) => write!(f, "closed until {} WIB", until.wib()),
            Obstacle::TooDear { listed, ceiling } => {
                write!(f, "it costs {listed} by the supplier's list, and may cost {ceiling}")
            }
            Obstacle::Blind => {
                f.write_str("its supplier takes no limit for the price, and what it costs now is not known")
            }
            Obstacle::NoMargin => f.write_str("the price leaves less than the margin that is wanted"),
            Obstacle::BoughtToday => f.write_str("the account has had it today, and it is sold once a day"),
            Obstacle::LeftAlone(why, until) => write!(f, "left alone until {} WIB: {why}", until.wib()),
            Obstacle::Empty(until) => {
                write!(f, "the deposit is too small; looked at again at {} WIB", until.wib())
            }
            Obstacle::InLine(_) => f.write_str("orders that were paid for before wait for the deposit"),
            Obstacle::OnProbe(until) => write!(
                f,
                "nothing was ever delivered there, and what another order bought first is not decided; waited for until {} WIB at most",
                until.wib()
            ),
        }
    }
}

#[cfg(test)]
#[path = "route_tests.rs"]
mod tests;

//! What is to be thought of a supplier's prices, and what follows for the products that are bought there. Pure.

use catalog::{KeptOff, Supplied};
use std::{collections::BTreeMap, time::Duration};
use suppliers::{Doubt, Listing, STALE_AFTER};
use vocabulary::{Rupiah, Timestamp};

/// Of fewer of its like nobody can say what is usual.
const LEAST_OTHERS: usize = 4;
/// Prices of single units are compared in millionths of a rupiah.
const FINE: i128 = 1_000_000;

/// How prices are followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceRules {
    /// How often the lists are asked for; `None`: never by itself.
    pub every: Option<Duration>,
    /// A cost that moves further than this at once is not believed, in percent of the higher of the two: what is
    /// believed on the way down is believed on the way back.
    pub most_jump_percent: u32,
    /// A unit that costs this much less than of its like, or as much more in proportion, is not believed; 0
    /// compares nothing.
    pub most_off_trend_percent: u32,
    /// What must be left of the selling price above the cost, in basis points of that price.
    pub least_margin_basis_points: u32,
    /// Whether the selling price follows the cost, as cost / 0.9.
    pub price_follows: bool,
}

impl Default for PriceRules {
    fn default() -> Self {
        PriceRules {
            every: Some(Duration::from_secs(15 * 60)),
            // Lists move by up to 20 % (contracts/suppliers §6 row 11).
            most_jump_percent: 30,
            // Small packs cost up to half more for a unit than large ones.
            most_off_trend_percent: 40,
            least_margin_basis_points: 300,
            price_follows: false,
        }
    }
}

/// What follows for one product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// How it stands before.
    pub product: Supplied,
    /// What its supplier last said of it.
    pub listing: Option<Listing>,
    /// Why that price is not believed.
    pub doubt: Option<Doubt>,
    /// What it is to be sold for, and what it may cost.
    pub price: Rupiah,
    /// See `price`.
    pub cost: Rupiah,
    /// Why it is not to be offered.
    pub kept_off: Option<KeptOff>,
}

impl Judged {
    /// Whether anything is to be changed about the product.
    pub(super) fn changes(&self) -> bool {
        let before = (self.product.price, self.product.cost, self.product.kept_off);
        before != (self.price, self.cost, self.kept_off)
    }
}

/// What a supplier has said of what it sells.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    /// By its codes.
    pub(super) listings: &'a BTreeMap<String, Listing>,
    /// When its whole list was last told: some of it may have been told since, each by itself, and what that does not
    /// name is gone from no list.
    pub(super) list_at: Option<Timestamp>,
}

/// Judges the products of one supplier by what is known of its list.
pub(super) fn judge(
    products: &[Supplied],
    Known { listings, list_at }: Known<'_>,
    rules: &PriceRules,
    now: Timestamp,
) -> Vec<Judged> {
    let is_old = |at: Timestamp| now.since(at) >= STALE_AFTER;
    let silent = list_at.is_none_or(is_old);
    // A list in which nothing is ours is somebody else's, or none: it says nothing about what it lacks.
    let is_ours = products.iter().any(|product| listings.contains_key(&product.sku));
    let doubts: Vec<Option<Doubt>> =
        products.iter().map(|product| doubt(product, &[product.cost], products, listings, rules)).collect();
    let judged = products.iter().zip(doubts).map(|(product, doubt)| {
        let listing = listings.get(&product.sku);
        let (price, cost, kept_off) = match listing {
            // It tells no prices, or nobody follows them: nothing speaks against the product.
            _ if list_at.is_none() || silent && rules.every.is_none() => (product.price, product.cost, None),
            // Nothing new was told of it: what stood stands.
            None if silent => (product.price, product.cost, product.kept_off),
            Some(listing) if silent && is_old(listing.seen_at) => {
                (product.price, product.cost, product.kept_off)
            }
            None if is_ours => (product.price, product.cost, Some(KeptOff::NotListed)),
            None => (product.price, product.cost, product.kept_off),
            Some(listing) if is_old(listing.seen_at) => {
                (product.price, product.cost, Some(KeptOff::NotListed))
            }
            Some(listing) if listing.is_account_check() => {
                (product.price, product.cost, Some(KeptOff::AccountCheck))
            }
            Some(_) if doubt.is_some() => (product.price, product.cost, Some(KeptOff::Doubtful)),
            Some(listing) => follow(product, listing.price, rules),
        };
        Judged { product: product.clone(), listing: listing.cloned(), doubt, price, cost, kept_off }
    });
    judged.collect()
}

/// Takes a believed price over, if the product can be sold at it.
fn follow(product: &Supplied, told: Rupiah, rules: &PriceRules) -> (Rupiah, Rupiah, Option<KeptOff>) {
    let by_rule = rules.price_follows && told != product.cost;
    let price = if by_rule { with_margin(told).unwrap_or(product.price) } else { product.price };
    if leaves_enough(price, told, rules) {
        (price, told, None)
    } else {
        // It is not bought while it is kept off: what stood stands until it can be sold again.
        (product.price, product.cost, Some(KeptOff::Margin))
    }
}

/// Cost / 0.9, in whole rupiah, upwards: the rule of the base catalog.
fn with_margin(cost: Rupiah) -> Option<Rupiah> {
    cost.get().checked_mul(10)?.checked_add(8)?.checked_div(9).map(Rupiah::new)
}

/// Whether a sale at this price leaves what the owner wants above the cost.
fn leaves_enough(price: Rupiah, cost: Rupiah, rules: &PriceRules) -> bool {
    let margin = i128::from(price.get()) - i128::from(cost.get());
    let least = i128::from(price.get()).saturating_mul(i128::from(rules.least_margin_basis_points));
    margin >= 0 && margin.saturating_mul(10_000) >= least
}

/// Why the price that is told for a product is not believed, where it may cost about one of `known`. One that is the
/// same was believed already, by a person who said so or before.
pub(super) fn doubt(
    product: &Supplied,
    known: &[Rupiah],
    all: &[Supplied],
    listings: &BTreeMap<String, Listing>,
    rules: &PriceRules,
) -> Option<Doubt> {
    let told = listings.get(&product.sku)?.price;
    if !told.is_positive() {
        return Some(Doubt::NotPositive);
    }
    if known.contains(&told) {
        return None;
    }
    if known.iter().all(|cost| is_jump(*cost, told, rules)) {
        return Some(Doubt::Jump);
    }
    is_off_trend(product, all, listings, rules).then_some(Doubt::Outlier)
}

fn is_jump(old: Rupiah, new: Rupiah, rules: &PriceRules) -> bool {
    let (old, new) = (i128::from(old.get()), i128::from(new.get()));
    let most = old.max(new).saturating_mul(rules.most_jump_percent.into());
    (new - old).saturating_abs().saturating_mul(100) > most
}

/// Whether a unit of a product costs far less, or more, than of the others of its kind.
fn is_off_trend(
    product: &Supplied,
    all: &[Supplied],
    listings: &BTreeMap<String, Listing>,
    rules: &PriceRules,
) -> bool {
    let keep = 100_i128 - i128::from(rules.most_off_trend_percent.min(100));
    let unit_price = |product: &Supplied| {
        let (count, unit) = units(&product.name)?;
        let told =
            listings.get(&product.sku).map(|listing| listing.price).filter(|price| price.is_positive())?;
        let each = i128::from(told.get()).saturating_mul(FINE).checked_div(i128::from(count))?;
        Some((unit, each))
    };
    let Some((unit, ours)) = unit_price(product).filter(|_| keep < 100) else { return false };
    let others = all.iter().filter(|other| other.code != product.code && other.category == product.category);
    let mut like: Vec<i128> =
        others.filter_map(unit_price).filter(|(of, _)| *of == unit).map(|(_, each)| each).collect();
    if like.len() < LEAST_OTHERS {
        return false;
    }
    like.sort_unstable();
    let Some(usual) = like.get(like.len() / 2) else { return false };
    ours.saturating_mul(100) < usual.saturating_mul(keep)
        || ours.saturating_mul(keep) > usual.saturating_mul(100)
}

/// How many of what a product is, when its name begins with that: `86 Diamond`, `1.000 Diamonds`.
pub(super) fn units(name: &str) -> Option<(u32, String)> {
    let mut words = name.split_whitespace();
    let (count, unit) = (words.next()?, words.next()?);
    let digits: String = count.split(['.', ',']).collect();
    let count = digits.parse::<u32>().ok().filter(|count| *count > 0)?;
    let unit = unit.to_lowercase();
    let unit = unit.strip_suffix('s').unwrap_or(&unit);
    unit.chars().all(char::is_alphabetic).then(|| (count, unit.to_owned()))
}

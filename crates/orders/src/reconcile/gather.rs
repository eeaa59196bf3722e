//! Gathering the sides of a day: our rows first, then everybody is asked, then our rows again, because they go on
//! changing while others are asked. What differs is looked at once more a moment later.

use super::{
    act, ask,
    compare::{Found, compare},
    listed,
    report::{DepositReading, Report, Unseen},
    rows::{self, Ours},
    settled::{Progress, SettlementSides},
    settled_rows::{self, Bounds},
    stored,
    view::{Closing, DepositSides, Reading, Sides},
};
use crate::Shop;
use database::Error;
use payments::{Fee, Payment};
use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};
use vocabulary::{PaymentMethod, WibDay};

/// How long reading our rows may take.
const LIMIT: Duration = Duration::from_secs(300);
/// How long reading of settlement reports may take: nothing else waits for them longer.
const SETTLEMENT_LIMIT: Duration = Duration::from_secs(60);
/// How long to wait before what differs is looked at once more: a webhook that is on its way has come by then.
const SECOND_LOOK: Duration = Duration::from_secs(2);

/// A deposit: what is left, and what was left at the beginning.
struct AskedDeposit {
    supplier: &'static str,
    opening: Option<Reading>,
    closing: Closing,
}

/// All sides of a day, compared.
pub(super) struct Gathered {
    /// What was found.
    pub(super) report: Report,
    /// The subjects about which everybody was heard.
    pub(super) looked_at: BTreeSet<String>,
    /// The alerts that stay open all the same.
    pub(super) still_open: BTreeSet<String>,
    /// The alerts that differences with settlement reports raise.
    pub(super) of_settlement: BTreeSet<String>,
    /// How far the settlement reports were compared that never were whole.
    pub(super) settlements: Vec<Progress>,
}

/// Gathers all sides of a day and compares them.
pub(super) async fn gather(shop: &Shop, day: WibDay) -> Result<Gathered, Error> {
    let deposits = deposits(shop, day).await?;
    let purchases = ask::purchases(shop).await;
    let first = look(shop, day).await?;
    let mut sides = Sides {
        gateways: ask::gateways(shop, &first.payments).await,
        suppliers: ask::suppliers(shop, &first.attempts).await,
        strangers: ask::strangers(shop, first.strangers).await,
        rates: rates(shop, &first.payments),
        ..nothing_of(shop, day)
    };
    let mut seen = first.payments;
    let mut found = Found::default();
    let mut bounds = Bounds::of(&shop.rules);
    for pause in [Duration::ZERO, SECOND_LOOK] {
        tokio::time::sleep(pause).await;
        let ours = look(shop, day).await?;
        let changed = changed(&seen, &ours.payments);
        sides.gateways.extend(ask::gateways(shop, &changed).await);
        sides.now = shop.clock.now();
        sides.orders = ours.orders;
        sides.deposits = with_purchases(shop, day, &deposits).await?;
        sides.listed = listed::known(shop, day, &purchases).await?;
        seen = ours.payments;
        found = compared(shop, &mut sides, &mut bounds).await;
        if let Some(why) = &ours.cut {
            found.silence("orders", "orders", why);
        }
        if found.differences.is_empty() && sides.settlement.silent.is_none() {
            break;
        }
    }
    let Found { counts, differences, not_asked, notes, looked_at, still_open, of_settlement, .. } = found;
    let report = Report {
        day,
        at: sides.now,
        counts,
        differences,
        not_asked,
        notes,
        unseen: unseen(shop),
        deposits: deposits.iter().filter_map(reading).collect(),
        purchases: listed::numbers(&purchases),
    };
    let settlements = sides.settlement.progress;
    Ok(Gathered { report, looked_at, still_open, of_settlement, settlements })
}

/// Gathers the next part of the settlement reports alone, in the run of a day, and compares it with our rows. Nobody is
/// asked.
pub(super) async fn gather_settlement(shop: &Shop, day: WibDay) -> Result<Gathered, Error> {
    let mut sides = nothing_of(shop, day);
    let mut found = Found::default();
    let mut bounds = Bounds::of(&shop.rules);
    for pause in [Duration::ZERO, SECOND_LOOK] {
        tokio::time::sleep(pause).await;
        sides.now = shop.clock.now();
        found = compared(shop, &mut sides, &mut bounds).await;
        if found.differences.is_empty() && sides.settlement.silent.is_none() {
            break;
        }
    }
    let Found { counts, differences, not_asked, notes, looked_at, mut still_open, of_settlement, .. } = found;
    // What else of the day was left out is left out still.
    still_open.insert(act::subject(act::MORE, &day.to_string()));
    let report = Report {
        day,
        at: sides.now,
        counts,
        differences,
        not_asked,
        notes,
        unseen: Vec::new(),
        deposits: Vec::new(),
        purchases: Vec::new(),
    };
    let settlements = sides.settlement.progress;
    Ok(Gathered { report, looked_at, still_open, of_settlement, settlements })
}

/// The sides of a day before anything is known of them.
fn nothing_of(shop: &Shop, day: WibDay) -> Sides {
    Sides {
        day,
        now: shop.clock.now(),
        orders: Vec::new(),
        gateways: HashMap::new(),
        suppliers: HashMap::new(),
        strangers: Vec::new(),
        rates: HashMap::new(),
        deposits: Vec::new(),
        listed: Vec::new(),
        settlement: SettlementSides::default(),
    }
}

/// Compares all sides, with as much of the settlement reports as there can be alerts about: the next run goes on where
/// this one stops, and nothing that was found is left out. When they cannot be read, all else is compared, and the
/// next look tries less of them.
async fn compared(shop: &Shop, sides: &mut Sides, bounds: &mut Bounds) -> Found {
    loop {
        sides.settlement = settled(shop, sides.day, *bounds).await.unwrap_or_else(|error| {
            tracing::warn!("settlement reports could not be read to be compared: {error}");
            let silent = Some(format!("they could not be read: {error}"));
            SettlementSides { silent, ..SettlementSides::default() }
        });
        if sides.settlement.silent.is_some() {
            *bounds = bounds.after_a_failure();
        }
        let found = compare(sides);
        let news = found.of_settlement.difference(&sides.settlement.open).count();
        let taken = sides.settlement.taken.min(bounds.news);
        if news <= act::MOST_ALERTS || taken <= 1 {
            return found;
        }
        let fits = taken.saturating_mul(act::MOST_ALERTS).checked_div(news).unwrap_or(taken);
        bounds.news = fits.clamp(1, taken.saturating_sub(1));
    }
}

async fn settled(shop: &Shop, day: WibDay, bounds: Bounds) -> Result<SettlementSides, Error> {
    let mut tx = shop.db.read_within("reconcile.settled", SETTLEMENT_LIMIT).await?;
    settled_rows::settled(&mut tx, day, bounds).await
}

async fn look(shop: &Shop, day: WibDay) -> Result<Ours, Error> {
    rows::of_day(&mut shop.db.read_within("reconcile.look", LIMIT).await?, day).await
}

/// The payments that have moved on since they were asked about, and those that are new.
fn changed(before: &[Payment], after: &[Payment]) -> Vec<Payment> {
    let before: HashMap<String, &Payment> =
        before.iter().map(|payment| (payment.reference.to_string(), payment)).collect();
    let moved = after.iter().filter(|payment| {
        before.get(&payment.reference.to_string()).is_none_or(|then| {
            (then.state, then.odd_amount, then.settled_at)
                != (payment.state, payment.odd_amount, payment.settled_at)
                || (then.refunding, then.refunded, then.given_back, then.charged_back)
                    != (payment.refunding, payment.refunded, payment.given_back, payment.charged_back)
        })
    });
    moved.cloned().collect()
}

/// What is left of our deposits, and what was left at the beginning: by the readings of the daily runs of this
/// day and of the day before. A day that is over and was compared ends with its own reading.
async fn deposits(shop: &Shop, day: WibDay) -> Result<Vec<AskedDeposit>, Error> {
    let (before, own) = {
        let mut tx = shop.db.read("reconcile.stored").await?;
        (stored::read(&mut tx, day.day_before()).await?, stored::read(&mut tx, day).await?)
    };
    let kept = |report: Option<&Report>, supplier: &str| {
        let reading = report?.deposits.iter().find(|reading| reading.supplier == supplier)?;
        Some(Reading { asked_at: reading.asked_at, at: reading.at, balance: reading.balance })
    };
    let mut deposits = Vec::new();
    for supplier in shop.suppliers.iter() {
        let name = supplier.name();
        let closing = match kept(own.as_ref(), name) {
            Some(reading) => Closing::Read(reading),
            None => ask::deposit(shop, &**supplier).await,
        };
        deposits.push(AskedDeposit { supplier: name, opening: kept(before.as_ref(), name), closing });
    }
    Ok(deposits)
}

/// The deposits with the purchases that may have moved them.
async fn with_purchases(
    shop: &Shop,
    day: WibDay,
    deposits: &[AskedDeposit],
) -> Result<Vec<DepositSides>, Error> {
    let mut tx = shop.db.read_within("reconcile.look", LIMIT).await?;
    let mut sides = Vec::with_capacity(deposits.len());
    for deposit in deposits {
        let from = deposit.opening.map_or(day.start(), |opening| opening.asked_at);
        let mut closing = deposit.closing.clone();
        let (mut attempts, mut names) = (Vec::new(), Vec::new());
        if let Closing::Read(reading) = &deposit.closing {
            let window = (from, reading.at);
            let bought = rows::purchases(&mut tx, deposit.supplier, window).await?;
            match bought.zip(rows::names(&mut tx, deposit.supplier, window).await?) {
                Some(both) => (attempts, names) = both,
                None => closing = Closing::Silent("there are too many purchases to be compared".to_owned()),
            }
        }
        let supplier = shop.supplier(deposit.supplier);
        sides.push(DepositSides {
            supplier: deposit.supplier.to_owned(),
            opening: deposit.opening,
            closing,
            attempts,
            names,
            keeps_of_failures: supplier.is_some_and(|s| s.capabilities().keeps_of_failures),
        });
    }
    Ok(sides)
}

fn reading(deposit: &AskedDeposit) -> Option<DepositReading> {
    let Closing::Read(reading) = &deposit.closing else { return None };
    let Reading { asked_at, at, balance } = *reading;
    Some(DepositReading { supplier: deposit.supplier.to_owned(), asked_at, at, balance })
}

fn unseen(shop: &Shop) -> Vec<Unseen> {
    let gateways = shop.gateways.iter().map(|gateway| (gateway.name(), gateway.unseen()));
    let suppliers = shop.suppliers.iter().map(|supplier| (supplier.name(), supplier.unseen()));
    let mut unseen = Vec::new();
    for (party, all) in gateways.chain(suppliers) {
        unseen.extend(all.iter().map(|what| Unseen { party: party.to_owned(), what: (*what).to_owned() }));
    }
    unseen
}

/// What each gateway keeps of a payment by each method, those too that are not connected any more.
fn rates(shop: &Shop, payments: &[Payment]) -> HashMap<(String, PaymentMethod), Fee> {
    let connected = shop.gateways.iter().map(|gateway| gateway.name());
    let names: BTreeSet<&str> = connected.chain(payments.iter().map(|p| p.gateway.as_str())).collect();
    let rate = |name: &str, method| ((name.to_owned(), method), shop.fee_terms(name, method));
    names.into_iter().flat_map(|name| PaymentMethod::ALL.iter().map(move |m| rate(name, *m))).collect()
}

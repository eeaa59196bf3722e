//! How a supplier and its products have served lately, read off the attempts themselves: nothing is kept beside
//! them, so every node that reads the same rows comes to the same answer.

use crate::{Attempt, AttemptState, DepositSeen, Verdict};
use database::{Error, ReadTx, sql};
use std::time::Duration;
use vocabulary::{Rupiah, Timestamp};

/// Attempts older than this say nothing about today.
const WINDOW: Duration = Duration::from_secs(24 * 3_600);
/// How many attempts are looked at, the newest of them.
const MOST: i64 = 50;
/// So many attempts in a row without an answer, or with one that is not believed, and a supplier is left alone, if
/// its owner says nothing else.
pub const SILENT_IN_A_ROW: u32 = 3;
/// So many failures of one product in a row, and it is left alone.
const FAILED_IN_A_ROW: u32 = 5;
/// How long somebody is left alone at first; each further failure doubles it.
const PAUSE: Duration = Duration::from_secs(60);
/// The same for a supplier that refuses us: only a person can mend that.
const PAUSE_REFUSED: Duration = Duration::from_secs(5 * 60);
/// The longest that somebody is left alone.
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);
/// A send that is not answered after this long says that its supplier is silent.
const SILENCE: Duration = Duration::from_secs(60);
/// How long a product stays closed that cost us more than the most that we pay.
const LOSS_PAUSE: Duration = WINDOW;
/// So many deliveries after their failure had been believed, and a product's failures are believed no more.
const LATE_DELIVERIES: usize = 2;
/// How old a supplier's word about our deposit may be to keep us from buying.
const DEPOSIT_FRESH: Duration = Duration::from_secs(15 * 60);
/// How soon an empty deposit is looked at again.
const DEPOSIT_PAUSE: Duration = Duration::from_secs(60);
/// With fewer decided attempts than this, their share says nothing.
const ENOUGH: usize = 5;
/// A product is slow whose deliveries take longer than this, the one in the middle.
const SLOW: Duration = Duration::from_secs(5 * 60);

/// What the health is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// A whole supplier: does it answer us?
    Supplier,
    /// One of its products: does its seller deliver?
    Product,
}

/// Whether somebody is sent orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Circuit {
    /// Yes.
    Closed,
    /// After a pause: the next order is a trial.
    HalfOpen,
    /// Not before this moment.
    Open {
        /// Until when.
        until: Timestamp,
        /// Why.
        why: Fault,
    },
}

vocabulary::text_enum!(
    /// Why somebody is left alone.
    pub enum Fault {
        /// No usable answer, several times in a row.
        Silent = "silent",
        /// The product failed several times in a row.
        Fails = "fails",
        /// It refuses us: keys or access.
        Refuses = "refuses_us",
        /// It cost more than the most that we pay.
        CostsMore = "costs_more",
        /// It delivered what it had said to have failed, more than once.
        DeliversLate = "delivers_late",
        /// A trial is on its way.
        OnTrial = "on_trial",
    }
);

/// How somebody has served lately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    /// How many attempts were delivered.
    pub delivered: usize,
    /// How many failed for reasons of the supplier or its seller.
    pub failed: usize,
    /// How long a delivery took, the one in the middle.
    pub middle: Option<Duration>,
    /// Whether it is sent orders.
    pub circuit: Circuit,
}

/// What one attempt says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Good,
    Bad(Fault),
    /// Nothing about the matter, or nothing yet.
    None,
}

impl Health {
    /// Of somebody of whom nothing is known.
    pub const UNKNOWN: Health = Health { delivered: 0, failed: 0, middle: None, circuit: Circuit::Closed };

    /// What these attempts say of it at `now`.
    pub fn of<'a>(scope: Scope, attempts: impl IntoIterator<Item = &'a Attempt>, now: Timestamp) -> Health {
        Health::borne(scope, SILENT_IN_A_ROW, attempts, now)
    }

    /// The same, of somebody who is left alone after `most` attempts in a row without an answer.
    pub fn borne<'a>(
        scope: Scope,
        most: u32,
        attempts: impl IntoIterator<Item = &'a Attempt>,
        now: Timestamp,
    ) -> Health {
        let mut attempts: Vec<&Attempt> = attempts.into_iter().collect();
        attempts.sort_by_key(|attempt| std::cmp::Reverse((heard_at(attempt), attempt.reference.to_string())));
        let delivered = || attempts.iter().filter(|attempt| attempt.state == AttemptState::Succeeded);
        let mut times: Vec<Duration> =
            delivered().filter_map(|attempt| Some(attempt.ended_at?.since(attempt.first_sent_at?))).collect();
        times.sort();
        let failed = attempts.iter().filter(|a| {
            a.state == AttemptState::Failed
                && a.verdict
                    .is_some_and(|said| said.is_failure_of_provider() || said == Verdict::FailedUnproven)
        });
        Health {
            delivered: delivered().count(),
            failed: failed.count(),
            middle: times.get(times.len() / 2).copied(),
            circuit: match losses(scope, &attempts, now) {
                Some(open) => open,
                None => circuit((scope, most), &attempts, now),
            },
        }
    }

    /// Whether another is better, where there is one: fewer than half are delivered, or they take long.
    pub fn is_poor(&self) -> bool {
        let decided = self.delivered.saturating_add(self.failed);
        let rarely = decided >= ENOUGH && self.delivered.saturating_mul(2) < decided;
        rarely || self.delivered >= ENOUGH && self.middle.is_some_and(|middle| middle > SLOW)
    }
}

/// When something was last heard of an attempt. Of one that nobody speaks of nothing is heard, however often we
/// ask: it is as old as its first send.
fn heard_at(attempt: &Attempt) -> Timestamp {
    if matches!(attempt.state, AttemptState::Sent | AttemptState::Unknown) {
        return attempt.first_sent_at.unwrap_or(attempt.created_at);
    }
    // Of one that could not be sent nothing was heard when it was given up, but when it was last tried.
    if matches!(attempt.verdict, Some(Verdict::NotSent | Verdict::NotTold)) {
        return attempt.answered_at.max(attempt.last_asked_at).unwrap_or(attempt.created_at);
    }
    attempt.ended_at.max(attempt.answered_at).max(attempt.last_asked_at).unwrap_or(attempt.created_at)
}

fn sign(scope: Scope, attempt: &Attempt, now: Timestamp) -> Sign {
    use AttemptState as S;
    use Verdict as V;
    match (attempt.state, attempt.verdict, scope) {
        (S::Succeeded | S::PartlySucceeded, ..) => Sign::Good,
        (S::Reversed, _, Scope::Product) => Sign::Bad(Fault::Fails),
        (S::Reversed | S::Pending, _, Scope::Supplier) => Sign::Good,
        (S::Failed, Some(V::FailedUnproven), _) => Sign::Bad(Fault::Silent),
        (S::Failed, Some(V::FailedCustomer), _) => Sign::Good,
        (S::Failed, Some(said), Scope::Product) if said.is_failure_of_provider() => Sign::Bad(Fault::Fails),
        (S::Failed, Some(said), Scope::Supplier) if said.is_failure() => Sign::Good,
        (S::Failed, Some(V::RefusedConfiguration), Scope::Supplier) => Sign::Bad(Fault::Refuses),
        (S::Unknown, Some(V::UnknownAlarm), _) => Sign::None,
        (S::Unknown, ..) | (S::Intended | S::Failed, Some(V::NotSent), _) => Sign::Bad(Fault::Silent),
        // It answers, and not of this product: that keeps nobody from its others.
        (S::Intended | S::Failed, Some(V::NotTold), Scope::Product) => Sign::Bad(Fault::Silent),
        (S::Sent, ..) if now.since(heard_at(attempt)) >= SILENCE => Sign::Bad(Fault::Silent),
        _ => Sign::None,
    }
}

/// Whether it was sent, or is to be sent at once, and nobody has heard of it.
fn is_on_its_way(attempt: &Attempt) -> bool {
    match attempt.state {
        AttemptState::Intended => attempt.verdict.is_none(),
        AttemptState::Sent => true,
        _ => false,
    }
}

/// `attempts` are sorted, those first that were heard of last.
fn circuit((scope, most): (Scope, u32), attempts: &[&Attempt], now: Timestamp) -> Circuit {
    let (mut silent, mut fails, mut refuses) = (0_u32, 0_u32, 0_u32);
    let mut newest = None;
    for attempt in attempts {
        match sign(scope, attempt, now) {
            Sign::Good => break,
            Sign::None => continue,
            Sign::Bad(Fault::Refuses) => refuses = refuses.saturating_add(1),
            Sign::Bad(Fault::Fails) => fails = fails.saturating_add(1),
            Sign::Bad(_) => silent = silent.saturating_add(1),
        }
        newest = newest.or(Some(heard_at(attempt)));
    }
    let Some(newest) = newest else { return Circuit::Closed };
    let (why, too_many, pause) = if refuses > 0 {
        (Fault::Refuses, refuses.saturating_sub(1), PAUSE_REFUSED)
    } else if silent >= most {
        (Fault::Silent, silent.saturating_sub(most), PAUSE)
    } else if fails >= FAILED_IN_A_ROW {
        (Fault::Fails, fails.saturating_sub(FAILED_IN_A_ROW), PAUSE)
    } else {
        return Circuit::Closed;
    };
    after_pause(attempts, newest, doubled(pause, too_many), why, now)
}

/// Open for this long after `newest`, and then one order on trial at a time.
fn after_pause(
    attempts: &[&Attempt],
    newest: Timestamp,
    pause: Duration,
    why: Fault,
    now: Timestamp,
) -> Circuit {
    let until = newest.plus(pause);
    if now < until {
        return Circuit::Open { until, why };
    }
    let trial = attempts.iter().find(|attempt| attempt.created_at >= until && is_on_its_way(attempt));
    match trial {
        Some(_) => Circuit::Open { until: now.plus(PAUSE), why: Fault::OnTrial },
        None => Circuit::HalfOpen,
    }
}

fn doubled(pause: Duration, times: u32) -> Duration {
    pause.saturating_mul(2_u32.saturating_pow(times.min(10))).min(LONGEST_PAUSE)
}

/// A product that loses money is closed, whatever else is said of it.
fn losses(scope: Scope, attempts: &[&Attempt], now: Timestamp) -> Option<Circuit> {
    if scope == Scope::Supplier {
        return None;
    }
    let lately = |attempt: &&&Attempt| {
        attempt.state == AttemptState::Succeeded && now.since(heard_at(attempt)) < LOSS_PAUSE
    };
    let open = |attempt: &Attempt, why| Circuit::Open { until: heard_at(attempt).plus(LOSS_PAUSE), why };
    let dear = attempts.iter().filter(lately).find(|a| a.price.is_some_and(|price| price > a.max_price));
    if let Some(dear) = dear {
        return Some(open(dear, Fault::CostsMore));
    }
    let mut late = attempts.iter().filter(lately).filter(|attempt| attempt.failed_at.is_some());
    let first = late.next()?;
    (late.count().saturating_add(1) >= LATE_DELIVERIES).then(|| open(first, Fault::DeliversLate))
}

/// Until when our deposit at a supplier is held to be too small to buy for `need`; none when it is not. What is
/// on its way is reserved. A refusal for it counts until the supplier takes an order again, or tells of more; in
/// between one order at a time is a trial, ever more rarely.
pub fn deposit_empty_until(
    attempts: &[Attempt],
    seen: Option<&DepositSeen>,
    need: Rupiah,
    now: Timestamp,
) -> Option<Timestamp> {
    let refused = |attempt: &&Attempt| {
        attempt.state == AttemptState::Failed && attempt.verdict == Some(Verdict::RefusedBalance)
    };
    let taken = |attempt: &&Attempt| sign(Scope::Supplier, attempt, now) == Sign::Good;
    let accepted = attempts.iter().filter(taken).filter_map(|attempt| attempt.first_sent_at).max();
    let since: Vec<&Attempt> = attempts
        .iter()
        .filter(refused)
        .filter(|attempt| accepted.is_none_or(|accepted| heard_at(attempt) > accepted))
        .collect();
    let newest = since.iter().map(|attempt| heard_at(attempt)).max();
    let known = seen.filter(|seen| newest.is_none_or(|refused| seen.seen_at > refused));
    if let Some(known) = known {
        let reserved = attempts
            .iter()
            .filter(|a| is_on_its_way(a) && a.first_sent_at.is_none_or(|sent| sent >= known.seen_at))
            .fold(0_i64, |sum, attempt| sum.saturating_add(attempt.max_price.get()));
        let enough = known.left.get().saturating_sub(reserved) >= need.get();
        let fresh = now.since(known.seen_at) < DEPOSIT_FRESH;
        return (!enough && fresh).then(|| now.plus(DEPOSIT_PAUSE));
    }
    let newest = newest?;
    let times = u32::try_from(since.len()).unwrap_or(u32::MAX).saturating_sub(1);
    let until = newest.plus(doubled(DEPOSIT_PAUSE, times));
    if now < until {
        return Some(until);
    }
    let trial = attempts.iter().any(|attempt| attempt.created_at >= until && is_on_its_way(attempt));
    trial.then(|| now.plus(DEPOSIT_PAUSE))
}

/// The newest attempts at a supplier, of the last day.
pub async fn attempts_lately(tx: &mut ReadTx, supplier: &str, now: Timestamp) -> Result<Vec<Attempt>, Error> {
    sql!(
        "SELECT * FROM fulfilment_attempt WHERE supplier = $1 AND created_at > $2 ORDER BY created_at DESC LIMIT $3"
    )
    .bind(supplier)
    .bind(now.minus(WINDOW))
    .bind(MOST)
    .all(tx)
    .await
}

/// The newest attempts at one product of a supplier, of the last day.
pub async fn attempts_of_sku_lately(
    tx: &mut ReadTx,
    (supplier, sku): (&str, &str),
    now: Timestamp,
) -> Result<Vec<Attempt>, Error> {
    sql!(
        "SELECT * FROM fulfilment_attempt WHERE supplier = $1 AND sku = $2 AND created_at > $3
         ORDER BY created_at DESC LIMIT $4"
    )
    .bind(supplier)
    .bind(sku)
    .bind(now.minus(WINDOW))
    .bind(MOST)
    .all(tx)
    .await
}

/// The attempts at one product for one customer number, since a day before the WIB day of `now` began.
pub async fn attempts_for_account(
    tx: &mut ReadTx,
    (supplier, sku, customer_no): (&str, &str, &str),
    now: Timestamp,
) -> Result<Vec<Attempt>, Error> {
    sql!(
        "SELECT * FROM fulfilment_attempt WHERE supplier = $1 AND sku = $2 AND customer_no = $3 AND created_at >= $4
         ORDER BY created_at DESC LIMIT $5"
    )
    .bind(supplier)
    .bind(sku)
    .bind(customer_no)
    .bind(now.wib_day().start().minus(WINDOW))
    .bind(MOST)
    .all(tx)
    .await
}

/// Whether one of these was delivered on the WIB day of `now`, or may yet be.
pub fn is_bought_today(attempts: &[Attempt], now: Timestamp) -> bool {
    let today = now.wib_day().start();
    attempts.iter().any(|attempt| match attempt.state {
        AttemptState::Succeeded | AttemptState::PartlySucceeded => {
            attempt.first_sent_at.unwrap_or(attempt.created_at) >= today
                || attempt.ended_at.is_some_and(|ended| ended >= today)
        }
        state => state.is_live(),
    })
}

/// Before when the same product is not sent for the same number again, though under another reference: a minute
/// after the last purchase of it failed (`contracts/suppliers.md` §1.4).
pub fn not_before(attempts: &[Attempt], pause: Duration) -> Option<Timestamp> {
    let nothing_happened = |attempt: &&Attempt| {
        matches!(
            attempt.verdict,
            None | Some(
                Verdict::FailedPrice
                    | Verdict::RefusedBalance
                    | Verdict::RefusedConfiguration
                    | Verdict::NotSent
                    | Verdict::NotTold
            )
        )
    };
    let failed = attempts.iter().filter(|a| a.state == AttemptState::Failed && !nothing_happened(a));
    failed.map(heard_at).max().map(|last| last.plus(pause))
}

#[cfg(test)]
#[path = "health_tests.rs"]
mod tests;

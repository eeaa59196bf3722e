//! The circuits of gateways (and of whatever else is called and may fail): in a row each, because the process
//! that offers a way to pay is not always the one that calls the gateway. Each process keeps what it saw last,
//! at most a second old; whoever takes an order looks into the rows in its own transaction.
//!
//! A gateway has one circuit for each part of it that fails together ([`Gateway::line`]: no answer, no usable
//! one), and one for each method that it refuses to us (`midtrans/ovo_push`: switched off, or not agreed). Pauses
//! are in business time, like everything that the worker tries again.

use crate::Shop;
use database::{Error, FromRow, ReadTx, Row, WriteTx, sql};
use notifications::{AlertKind, alert_open, alert_resolve};
use outside::{Admission, Circuit, Patience, Rest};
use payments::{Gateway, Payment};
use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
    time::Duration,
};
use vocabulary::{PaymentMethod, Timestamp};

/// What a gateway is borne with; after how many failures it is left alone is the owner's to say.
pub(crate) const PATIENCE: Patience = Patience {
    failures: 5,
    within: Duration::from_secs(300),
    rest: Duration::from_secs(30),
    longest_rest: Duration::from_secs(300),
    // Longer than any call may take.
    probe: Duration::from_secs(60),
};

/// How many payments are kept in mind that failed. More than failures that open a circuit; an owner who bears more
/// has so many payments that one more time of the same tells little.
const MOST_KNOWN: usize = 100;

/// A circuit as its row has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCircuit {
    /// Whose it is: `midtrans`, or `midtrans/ovo_push`.
    pub name: String,
    /// How it stands.
    pub circuit: Circuit,
    /// What the failures were about, each once, with blanks between; while a call tries whether it is back, what
    /// that is about.
    about: Option<String>,
    /// The last failure, in words for staff.
    pub why: Option<String>,
}

/// What one process saw of the circuits last.
#[derive(Debug, Default)]
pub struct Circuits(RwLock<HashMap<String, Circuit>>);

/// What an answer says of whoever gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// It works.
    Fine,
    /// No answer, or none that says anything, to a charge.
    Failed(String),
    /// The same, to a question.
    Silent(String),
    /// It answers, and does not let us collect by this method.
    Refuses(String),
    /// It answers a question, and what it opened by this method is not fit to be paid. Whether it opens payments is
    /// another matter.
    Unfit(String),
    /// Nothing that counts.
    Nothing,
}

impl FromRow for StoredCircuit {
    fn from_row(row: &Row) -> Result<Self, Error> {
        let until: Option<Timestamp> = row.get("rest_until")?;
        let pause = row.get::<Option<i64>>("rest_ms")?.and_then(|ms| u64::try_from(ms).ok());
        let probing = row.get::<bool>("probing")?;
        let rest = until.map(|until| Rest {
            until,
            pause: pause.map_or(PATIENCE.rest, Duration::from_millis),
            probing,
        });
        Ok(StoredCircuit {
            name: row.get("name")?,
            circuit: Circuit {
                failures: u32::try_from(row.get::<i64>("failures")?).unwrap_or(u32::MAX),
                since: row.get("failing_since")?,
                rest,
            },
            about: row.get("about")?,
            why: row.get("why")?,
        })
    }
}

impl StoredCircuit {
    /// Whether a failure about this counts. What goes wrong with one payment time and again is one failure; and
    /// whether the party is back is told by the call that tries it alone.
    fn counts(&self, about: &str) -> bool {
        let is_known = self.about.as_deref().is_some_and(|all| all.split(' ').any(|one| one == about));
        self.circuit.rest.map_or(!is_known, |rest| rest.probing && is_known)
    }

    /// Keeps in mind that this failed. What failed before it counts no longer when counting began anew.
    fn remember(&mut self, about: &str) {
        let begins = self.circuit.failures <= 1 || self.circuit.rest.is_some();
        let before = self.about.take().filter(|_| !begins);
        let mut all: Vec<&str> = before.as_deref().into_iter().flat_map(|all| all.split(' ')).collect();
        all.push(about);
        let first = all.len().saturating_sub(MOST_KNOWN);
        self.about = Some(all.split_off(first).join(" "));
    }
}

impl Shop {
    /// Takes over how the circuits stand, as any process may have left them.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn refresh_circuits(&self) -> Result<(), Error> {
        let mut tx = self.db.read("circuit.refresh").await?;
        self.see_circuits(&mut tx).await
    }

    /// The same, in a transaction that decides by it.
    pub(crate) async fn see_circuits(&self, tx: &mut ReadTx) -> Result<(), Error> {
        let rows = circuits(tx).await?;
        let now = self.clock.now();
        for row in &rows {
            let open = row.circuit.rests_until(now).is_some();
            metrics::gauge!("loket_circuit_open", "circuit" => row.name.clone())
                .set(f64::from(u8::from(open)));
        }
        let seen = rows.into_iter().map(|row| (row.name, row.circuit)).collect();
        *self.circuits.0.write().unwrap_or_else(PoisonError::into_inner) = seen;
        Ok(())
    }

    /// Until when this gateway is left alone for payments by this method, if it is, by what was seen last.
    pub fn rests_until(&self, gateway: &dyn Gateway, method: PaymentMethod) -> Option<Timestamp> {
        let (now, seen) = (self.clock.now(), self.circuits.0.read().unwrap_or_else(PoisonError::into_inner));
        names(gateway, method).iter().filter_map(|name| seen.get(name)?.rests_until(now)).max()
    }
}

/// Whether a payment may be opened over this rail now. What is admitted as a try is noted as one.
pub(crate) async fn admit(
    tx: &mut WriteTx,
    (gateway, method): (&dyn Gateway, PaymentMethod),
    about: &str,
    now: Timestamp,
) -> Result<Admission, Error> {
    let mut open = Vec::new();
    for name in names(gateway, method) {
        // Locked only where it is open: the way of every order must not pass one row.
        if find(tx, &name).await?.is_some_and(|row| row.circuit.rest.is_some()) {
            open.extend(locked(tx, &name).await?);
        }
    }
    if let Some(until) = open.iter().filter_map(|row| row.circuit.rests_until(now)).max() {
        return Ok(Admission::Wait(until));
    }
    let mut admission = Admission::Free;
    for row in &mut open {
        if row.circuit.admit(now, &PATIENCE) == Admission::Probe {
            admission = Admission::Probe;
            row.about = Some(about.to_owned());
            store(tx, row, now).await?;
        }
    }
    Ok(admission)
}

/// Notes what an answer says of a rail: opens its circuit when it has failed too often, closes it when it works.
/// True while whatever answers for it fails.
pub(crate) async fn hear(
    shop: &Shop,
    tx: &mut WriteTx,
    (gateway, method): (&dyn Gateway, PaymentMethod),
    (heard, about): (&Heard, &str),
) -> Result<bool, Error> {
    let [line, refused] = names(gateway, method);
    match heard {
        Heard::Nothing => {}
        Heard::Fine => {
            succeeded(shop, tx, &line).await?;
            succeeded(shop, tx, &refused).await?;
        }
        Heard::Failed(why) | Heard::Silent(why) => failed(shop, tx, &line, (about, why)).await?,
        Heard::Refuses(why) => {
            succeeded(shop, tx, &line).await?;
            failed(shop, tx, &refused, (about, why)).await?;
        }
        Heard::Unfit(why) => failed(shop, tx, &refused, (about, why)).await?,
    }
    Ok(find(tx, &line).await?.is_some_and(|row| row.circuit.rest.is_some()))
}

/// One call to whoever has this circuit failed.
async fn failed(shop: &Shop, tx: &mut WriteTx, name: &str, (about, why): (&str, &str)) -> Result<(), Error> {
    if find(tx, name).await?.is_some_and(|row| !row.counts(about)) {
        return Ok(());
    }
    let now = shop.clock.now();
    sql!("INSERT INTO circuit (name, updated_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
        .bind(name)
        .bind(now)
        .run(tx)
        .await?;
    let Some(mut row) = locked(tx, name).await?.filter(|row| row.counts(about)) else { return Ok(()) };
    let patience = Patience { failures: shop.rules.circuit_failures, ..PATIENCE };
    let opened = row.circuit.failed(now, &patience);
    row.remember(about);
    row.why = Some(why.chars().filter(|c| !c.is_control()).take(300).collect());
    store(tx, &row, now).await?;
    if let (true, Some(rest)) = (opened, row.circuit.rest) {
        let seconds = rest.pause.as_secs();
        tracing::warn!(circuit = name, seconds, "{name} is left alone for {seconds} s: {why}");
        let message = format!(
            "{name} fails again and again ({}): what it would collect goes over another gateway where there is one, and is not offered where there is none; it is tried by itself until it works",
            row.why.unwrap_or_default()
        );
        alert_open(tx, &shop.ids, now, (AlertKind::CircuitOpen, name, &message)).await?;
    }
    Ok(())
}

/// One call to whoever has this circuit was answered.
async fn succeeded(shop: &Shop, tx: &mut WriteTx, name: &str) -> Result<(), Error> {
    if find(tx, name).await?.is_none_or(|row| row.circuit.is_quiet()) {
        return Ok(());
    }
    let now = shop.clock.now();
    let Some(mut row) = locked(tx, name).await? else { return Ok(()) };
    let was_open = row.circuit.succeeded();
    (row.about, row.why) = (None, None);
    store(tx, &row, now).await?;
    if was_open {
        tracing::info!(circuit = name, "{name} works again");
        alert_resolve(tx, AlertKind::CircuitOpen, name, now).await?;
    }
    Ok(())
}

/// The circuit of what answers for this method, and that of the method itself.
fn names(gateway: &dyn Gateway, method: PaymentMethod) -> [String; 2] {
    [gateway.line(method).to_owned(), of_method(gateway.name(), method)]
}

fn of_method(gateway: &str, method: PaymentMethod) -> String {
    format!("{gateway}/{method}")
}

/// What a payment's method is called at its gateway, in circuits and alerts: `midtrans/qris`.
pub(crate) fn method_of(payment: &Payment) -> String {
    of_method(&payment.gateway, payment.method)
}

/// Every circuit that ever failed, by name.
pub async fn circuits(tx: &mut ReadTx) -> Result<Vec<StoredCircuit>, Error> {
    sql!("SELECT * FROM circuit ORDER BY name").query().all(tx).await
}

async fn find(tx: &mut ReadTx, name: &str) -> Result<Option<StoredCircuit>, Error> {
    sql!("SELECT * FROM circuit WHERE name = $1").bind(name).optional(tx).await
}

async fn locked(tx: &mut WriteTx, name: &str) -> Result<Option<StoredCircuit>, Error> {
    sql!(
        sqlite: "SELECT * FROM circuit WHERE name = $1",
        postgres: "SELECT * FROM circuit WHERE name = $1 FOR UPDATE"
    )
    .bind(name)
    .optional(tx)
    .await
}

async fn store(tx: &mut WriteTx, row: &StoredCircuit, now: Timestamp) -> Result<(), Error> {
    let rest = row.circuit.rest;
    sql!(
        "UPDATE circuit SET failures = $2, failing_since = $3, about = $4, why = $5, rest_until = $6, rest_ms = $7,
                probing = $8, updated_at = $9
         WHERE name = $1"
    )
    .bind(&row.name)
    .bind(i64::from(row.circuit.failures))
    .bind(row.circuit.since)
    .bind(&row.about)
    .bind(&row.why)
    .bind(rest.map(|rest| rest.until))
    .bind(rest.map(|rest| i64::try_from(rest.pause.as_millis()).unwrap_or(i64::MAX)))
    .bind(rest.is_some_and(|rest| rest.probing))
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payment_that_fails_again_is_one_failure_and_of_a_try_only_its_own_counts() {
        for (probing, same, another) in
            [(None, false, true), (Some(false), false, false), (Some(true), true, false)]
        {
            let until = Timestamp::from_millis(0);
            let rest = probing.map(|probing| Rest { until, pause: PATIENCE.rest, probing });
            let row = StoredCircuit {
                name: "midtrans".into(),
                circuit: Circuit { rest, ..Circuit::default() },
                about: Some("P1".into()),
                why: None,
            };
            assert_eq!((row.counts("P1"), row.counts("P2")), (same, another), "probing {probing:?}");
        }
    }

    #[test]
    fn payments_that_fail_in_turn_are_one_failure_each_until_counting_begins_anew() {
        let now = |s: u64| Timestamp::from_millis(0).plus(Duration::from_secs(s));
        let mut row =
            StoredCircuit { name: "midtrans".into(), circuit: Circuit::default(), about: None, why: None };
        let fails = |row: &mut StoredCircuit, about: &str, at: u64| {
            let counts = row.counts(about);
            if counts {
                row.circuit.failed(now(at), &PATIENCE);
                row.remember(about);
            }
            counts
        };
        let turns: Vec<bool> = (0..12).map(|turn| fails(&mut row, ["P1", "P2", "P3"][turn % 3], 1)).collect();
        assert_eq!(turns.iter().filter(|counts| **counts).count(), 3, "{turns:?}");
        assert_eq!((row.circuit.failures, row.circuit.rest), (3, None));
        assert!(fails(&mut row, "P", 1), "a part of a name is another");
        // All of that is long ago.
        assert!(fails(&mut row, "P9", 1_000));
        assert_eq!((row.circuit.failures, row.about.as_deref()), (1, Some("P9")));
        assert!(fails(&mut row, "P1", 1_001));
        for other in 0..3 * MOST_KNOWN {
            row.circuit.rest = None;
            row.remember(&format!("Q{other}"));
        }
        assert_eq!(row.about.as_ref().map(|all| all.split(' ').count()), Some(MOST_KNOWN));
        // The one that opens it is the last word about it.
        while row.circuit.rest.is_none() {
            let next = format!("R{}", row.circuit.failures);
            fails(&mut row, &next, 1_002);
        }
        assert!(!row.counts("new"), "one of several that were under way");
    }
}

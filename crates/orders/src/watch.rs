//! What suppliers are asked again and again: one row for each question to each supplier, which is the queue of that
//! work. Every process may work on it, one does.

use crate::Shop;
use database::{Claim, Error, FromRow, ReadTx, Row, RowQueue, WriteTx, queue_sql, sql};
use notifications::{AlertKind, alert_open, alert_resolve};
use std::time::Duration;
use vocabulary::Timestamp;

/// What the id of a row begins with.
const PREFIX: &str = "sup_";
/// When a row is due that was just made, and how soon is asked again after silence. No supplier's list may be asked
/// for more often than this, however often the program is started.
const FIRST_AFTER: Duration = Duration::from_secs(5 * 60);
/// After this long without an answer a person is called.
const SILENT_FOR: Duration = Duration::from_secs(3_600);

vocabulary::text_enum!(
    /// What is asked.
    pub(crate) enum Subject {
        /// What can be bought, and for how much.
        Prices = "prices",
        /// What is left of our deposit.
        Deposit = "deposit",
    }
);
database::text_column!(Subject);

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Watch {
    pub(crate) supplier: String,
    pub(crate) subject: Subject,
    pub(crate) fence: i64,
}

impl FromRow for Watch {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Watch { supplier: row.get("supplier")?, subject: row.get("subject")?, fence: row.get("fence")? })
    }
}

/// How often is asked; `None`: never.
fn every(shop: &Shop, subject: Subject) -> Option<Duration> {
    match subject {
        Subject::Prices => shop.rules.prices.every,
        Subject::Deposit => shop.rules.deposit.every,
    }
}

fn id(supplier: &str, subject: Subject) -> String {
    format!("{PREFIX}{subject}_{supplier}")
}

/// Makes sure that each connected supplier has its rows, and that those are due that are to be asked. The worker
/// sees to it at its start, and each day.
pub(crate) async fn plan(shop: &Shop) -> Result<(), Error> {
    let now = shop.clock.now();
    let mut tx = shop.db.write("watch.plan").await?;
    let mut changed = 0;
    for supplier in shop.suppliers.iter() {
        for subject in Subject::ALL {
            let added = sql!(
                "INSERT INTO supplier_watch (id, supplier, subject, created_at) VALUES ($1, $2, $3, $4)
                 ON CONFLICT DO NOTHING"
            )
            .bind(id(supplier.name(), *subject))
            .bind(supplier.name())
            .bind(*subject)
            .bind(now)
            .run(&mut tx)
            .await?;
            let due = every(shop, *subject).map(|_| now.plus(FIRST_AFTER));
            // What was parked is due again as well: whoever started the program has looked at it.
            let moved = match due {
                Some(due) => {
                    sql!("UPDATE supplier_watch SET due_at = $2 WHERE id = $1 AND due_at IS NULL")
                        .bind(id(supplier.name(), *subject))
                        .bind(due)
                        .run(&mut tx)
                        .await?
                }
                None => {
                    sql!("UPDATE supplier_watch SET due_at = NULL WHERE id = $1 AND due_at IS NOT NULL")
                        .bind(id(supplier.name(), *subject))
                        .run(&mut tx)
                        .await?
                }
            };
            changed = added.max(moved).max(changed);
        }
    }
    if changed > 0 {
        tx.commit().await?;
    }
    Ok(())
}

/// The row of a claim, if it still holds.
pub(crate) async fn find(shop: &Shop, claim: &Claim) -> Result<Option<Watch>, Error> {
    let mut tx = shop.db.read("watch.look").await?;
    let found: Option<Watch> = sql!("SELECT supplier, subject, fence FROM supplier_watch WHERE id = $1")
        .bind(&claim.id)
        .optional(&mut tx)
        .await?;
    Ok(found.filter(|watch| watch.fence == claim.fence))
}

/// When this was last asked, by whichever process.
pub(crate) async fn asked_at(
    shop: &Shop,
    supplier: &str,
    subject: Subject,
) -> Result<Option<Timestamp>, Error> {
    let mut tx = shop.db.read("watch.look").await?;
    let found: Option<Option<Timestamp>> = sql!("SELECT asked_at FROM supplier_watch WHERE id = $1")
        .bind(id(supplier, subject))
        .optional(&mut tx)
        .await?;
    Ok(found.flatten())
}

/// When a supplier last told its prices.
pub(crate) async fn told_at(tx: &mut ReadTx, supplier: &str) -> Result<Option<Timestamp>, Error> {
    let found: Option<Option<Timestamp>> = sql!("SELECT told_at FROM supplier_watch WHERE id = $1")
        .bind(id(supplier, Subject::Prices))
        .optional(tx)
        .await?;
    Ok(found.flatten())
}

/// Notes that the question that was asked at this moment was answered.
pub(crate) async fn told(
    shop: &Shop,
    supplier: &str,
    subject: Subject,
    asked_at: Timestamp,
) -> Result<(), Error> {
    let mut tx = shop.db.write("watch.told").await?;
    note_told(shop, &mut tx, (supplier, subject), asked_at).await?;
    tx.commit().await
}

/// The same in a transaction of the caller's.
pub(crate) async fn note_told(
    shop: &Shop,
    tx: &mut WriteTx,
    (supplier, subject): (&str, Subject),
    asked_at: Timestamp,
) -> Result<(), Error> {
    let now = shop.clock.now();
    sql!(
        "INSERT INTO supplier_watch (id, supplier, subject, created_at, asked_at, told_at) VALUES ($1, $2, $3, $4, $5, $5)
         ON CONFLICT (id) DO UPDATE SET asked_at = excluded.asked_at, told_at = excluded.told_at, silence = NULL"
    )
    .bind(id(supplier, subject))
    .bind(supplier)
    .bind(subject)
    .bind(now)
    .bind(asked_at)
    .run(tx)
    .await?;
    alert_resolve(tx, AlertKind::SupplierSilent, &silence(supplier, subject), now).await?;
    Ok(())
}

/// Notes that there was no usable answer, and calls a person when there has been none for long.
pub(crate) async fn silent(
    shop: &Shop,
    supplier: &str,
    subject: Subject,
    (asked_at, reason): (Timestamp, &str),
) -> Result<(), Error> {
    let now = shop.clock.now();
    let mut tx = shop.db.write("watch.silent").await?;
    let reason: String = reason.chars().take(300).collect();
    let since: Timestamp = sql!(
        "INSERT INTO supplier_watch (id, supplier, subject, created_at, asked_at, silence) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO UPDATE SET asked_at = excluded.asked_at, silence = excluded.silence
         RETURNING COALESCE(told_at, created_at)"
    )
    .bind(id(supplier, subject))
    .bind(supplier)
    .bind(subject)
    .bind(now)
    .bind(asked_at)
    .bind(&reason)
    .one(&mut tx)
    .await?;
    if now.since(since) >= SILENT_FOR {
        let what = match subject {
            Subject::Prices => "its prices: those that are known grow old, and nothing follows them",
            Subject::Deposit => "what is left of our deposit",
        };
        let message = format!(
            "{supplier} has not told {what}, since {} WIB ({reason}): `loket doctor`, then `loket supplier sync {supplier}`",
            since.wib()
        );
        let alert = (AlertKind::SupplierSilent, silence(supplier, subject));
        alert_open(&mut tx, &shop.ids, now, (alert.0, &alert.1, &message)).await?;
    }
    tx.commit().await
}

/// The subject of an alert about silence.
fn silence(supplier: &str, subject: Subject) -> String {
    format!("{supplier}/{subject}")
}

/// Ends the work on a claimed row that began at `started`: it is due again after its interval, or at this moment, or
/// sooner where somebody hastened it meanwhile (what is claimed is not due in the future by itself).
pub(crate) async fn done(
    shop: &Shop,
    claim: &Claim,
    (watch, started): (&Watch, Timestamp),
    again_at: Option<Timestamp>,
) -> Result<(), Error> {
    let now = shop.clock.now();
    let next = every(shop, watch.subject).map(|every| again_at.unwrap_or(now.plus(every)).max(now));
    let mut tx = shop.db.write("watch.done").await?;
    let changed = sql!(
        "UPDATE supplier_watch SET due_at = CASE WHEN due_at > $4 AND due_at < $3 THEN due_at ELSE $3 END,
                                   lease_until = NULL, claims = 0
         WHERE id = $1 AND fence = $2"
    )
    .bind(&claim.id)
    .bind(claim.fence)
    .bind(next)
    .bind(started)
    .run(&mut tx)
    .await?;
    if changed > 0 {
        tx.commit().await?;
    }
    Ok(())
}

/// Ends the work on a claimed row whose supplier is not connected any more.
pub(crate) async fn forget(shop: &Shop, claim: &Claim) -> Result<(), Error> {
    let mut tx = shop.db.write("watch.done").await?;
    if park(&mut tx, claim).await? {
        tx.commit().await?;
    }
    Ok(())
}

/// Asks this sooner than is planned, as soon as it may be asked for again. While it is being asked, what is told may
/// be older than the reason to ask: then it is asked once more after this.
pub(crate) async fn hasten(
    shop: &Shop,
    tx: &mut WriteTx,
    supplier: &str,
    subject: Subject,
) -> Result<(), Error> {
    let (id, now, real_now) = (id(supplier, subject), shop.clock.now(), shop.clock.real_now());
    let found: Option<(Option<Timestamp>, Option<Timestamp>)> =
        sql!("SELECT asked_at, lease_until FROM supplier_watch WHERE id = $1").bind(&id).optional(tx).await?;
    let Some((asked, lease_until)) = found else { return Ok(()) };
    let is_asked_now = lease_until.is_some_and(|until| until > real_now);
    let asked = if is_asked_now { Some(now) } else { asked };
    let soon = asked.map_or(now, |at| at.plus(FIRST_AFTER).max(now));
    sql!(
        "UPDATE supplier_watch SET due_at = $2 WHERE id = $1 AND (due_at > $2 OR (due_at <= $3 AND lease_until > $4))"
    )
    .bind(&id)
    .bind(soon)
    .bind(now)
    .bind(real_now)
    .run(tx)
    .await?;
    Ok(())
}

/// When a silent supplier is asked again.
pub(crate) fn after_silence(now: Timestamp) -> Timestamp {
    now.plus(FIRST_AFTER)
}

/// The questions that are due.
pub(crate) const QUEUE: RowQueue = queue_sql!("supplier_watch");

/// Asks this no more until the next start, because it makes no progress.
pub(crate) async fn park(tx: &mut WriteTx, claim: &Claim) -> Result<bool, Error> {
    let parked = sql!(
        "UPDATE supplier_watch SET due_at = NULL, lease_until = NULL, claims = 0 WHERE id = $1 AND fence = $2"
    )
    .bind(&claim.id)
    .bind(claim.fence)
    .run(tx)
    .await?;
    Ok(parked > 0)
}

/// Takes a parked row up again. True when it was parked.
pub(crate) async fn unpark(tx: &mut WriteTx, id: &str, now: Timestamp) -> Result<bool, Error> {
    let changed = sql!("UPDATE supplier_watch SET due_at = $2, claims = 0 WHERE id = $1 AND due_at IS NULL")
        .bind(id)
        .bind(now)
        .run(tx)
        .await?;
    Ok(changed > 0)
}

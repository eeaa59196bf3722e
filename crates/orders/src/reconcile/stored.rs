//! The daily run: one row for each day, due at 03:10 WIB of the day after, and what it found.

use super::report::{Kept, Report};
use crate::Shop;
use database::{Claim, Error, Json, ReadTx, RowQueue, WriteTx, queue_sql, sql};
use std::time::Duration;
use vocabulary::{Timestamp, WibDay};

/// When a day is compared, counted from its end: what was paid and bought at its last moment is decided by then.
const AFTER_THE_DAY: Duration = Duration::from_secs(3 * 3_600 + 10 * 60);
/// What the id of a row begins with.
const PREFIX: &str = "rec_";

/// A stored report in a few words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredRun {
    /// The day.
    pub day: WibDay,
    /// When it was compared.
    pub at: Timestamp,
    /// How many differences were found, and parties that could not be asked.
    pub differences: i64,
}

impl Shop {
    /// What the daily run found of a day, if there was one.
    ///
    /// # Errors
    /// When the database cannot answer, or what is stored cannot be read.
    pub async fn stored_reconciliation(&self, day: WibDay) -> Result<Option<Report>, Error> {
        read(&mut self.db.read("reconcile.stored").await?, day).await
    }

    /// The latest day of which a report is stored.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn latest_reconciliation(&self) -> Result<Option<StoredRun>, Error> {
        let mut tx = self.db.read("reconcile.stored").await?;
        let found: Option<(WibDay, Timestamp, i64)> = sql!(
            "SELECT day, done_at, differences FROM reconciliation WHERE done_at IS NOT NULL ORDER BY day DESC LIMIT 1"
        )
        .query()
        .optional(&mut tx)
        .await?;
        Ok(found.map(|(day, at, differences)| StoredRun { day, at, differences }))
    }
}

/// Makes sure that a day has its row. The worker sees to it when a day begins, so that a day on which nobody
/// worked has none.
pub(crate) async fn plan(shop: &Shop, day: WibDay) -> Result<(), Error> {
    let mut tx = shop.db.write("reconcile.plan").await?;
    let added = sql!(
        "INSERT INTO reconciliation (id, day, created_at, due_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
    )
    .bind(format!("{PREFIX}{day}"))
    .bind(day)
    .bind(shop.clock.now())
    .bind(due_at(day))
    .run(&mut tx)
    .await?;
    if added > 0 {
        tx.commit().await?;
    }
    Ok(())
}

/// When a day is to be compared.
pub(crate) fn due_at(day: WibDay) -> Timestamp {
    day.end().plus(AFTER_THE_DAY)
}

/// The day of a claimed row.
pub(crate) fn day_of(claim: &Claim) -> Result<WibDay, Error> {
    let text = claim.id.strip_prefix(PREFIX).unwrap_or(&claim.id);
    text.parse().map_err(|error: vocabulary::ParseDayError| Error::Column {
        column: "id".into(),
        reason: error.to_string(),
    })
}

/// Lengthens the lease of a claimed row, as comparing may take longer than one. False when another worker has
/// claimed it since.
pub(crate) async fn extend(shop: &Shop, claim: &Claim) -> Result<bool, Error> {
    let mut tx = shop.db.write("reconcile.lease").await?;
    let changed = sql!("UPDATE reconciliation SET lease_until = $3 WHERE id = $1 AND fence = $2")
        .bind(&claim.id)
        .bind(claim.fence)
        .bind(shop.clock.real_now().plus(shop.rules.lease))
        .run(&mut tx)
        .await?;
    if changed > 0 {
        tx.commit().await?;
    }
    Ok(changed > 0)
}

/// Stores what was found, if the claim still holds, and when the next part of the settlement reports is compared, if
/// there is one. False when another worker has claimed the row since.
pub(crate) async fn keep(
    shop: &Shop,
    claim: &Claim,
    report: &Report,
    next_part: Option<Timestamp>,
) -> Result<bool, Error> {
    let found = report.differences.len().saturating_add(report.not_asked.len());
    let mut tx = shop.db.write("reconcile.keep").await?;
    let changed = sql!(
        "UPDATE reconciliation SET done_at = $3, report = $4, differences = $5, due_at = $6, lease_until = NULL, claims = 0
         WHERE id = $1 AND fence = $2"
    )
    .bind(&claim.id)
    .bind(claim.fence)
    .bind(report.at)
    .bind(Json(report.keep()))
    .bind(i64::try_from(found).unwrap_or(i64::MAX))
    .bind(next_part)
    .run(&mut tx)
    .await?;
    if changed > 0 {
        tx.commit().await?;
    }
    Ok(changed > 0)
}

/// The stored report of a day.
pub(super) async fn read(tx: &mut ReadTx, day: WibDay) -> Result<Option<Report>, Error> {
    let kept: Option<Json<Kept>> =
        sql!("SELECT report FROM reconciliation WHERE day = $1 AND report IS NOT NULL")
            .bind(day)
            .optional(tx)
            .await?;
    let unreadable = |reason| Error::Column { column: "report".into(), reason };
    kept.map(|Json(kept)| kept.read().map_err(unreadable)).transpose()
}

/// The days that are due.
pub(crate) const QUEUE: RowQueue = queue_sql!("reconciliation");

/// Compares this day no more by itself, because it makes no progress.
pub(crate) async fn park(tx: &mut WriteTx, claim: &Claim) -> Result<bool, Error> {
    let parked = sql!(
        "UPDATE reconciliation SET due_at = NULL, lease_until = NULL, claims = 0 WHERE id = $1 AND fence = $2"
    )
    .bind(&claim.id)
    .bind(claim.fence)
    .run(tx)
    .await?;
    Ok(parked > 0)
}

/// Takes a parked row up again. True when it was parked (or had nothing due).
pub(crate) async fn unpark(tx: &mut WriteTx, id: &str, now: Timestamp) -> Result<bool, Error> {
    let changed = sql!("UPDATE reconciliation SET due_at = $2, claims = 0 WHERE id = $1 AND due_at IS NULL")
        .bind(id)
        .bind(now)
        .run(tx)
        .await?;
    Ok(changed > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_compared_at_ten_past_three_of_the_day_after() {
        let day: WibDay = "2026-11-30".parse().unwrap();
        assert_eq!(due_at(day).wib(), "2026-12-01 03:10:00");
        let claim = |id: &str| Claim { id: id.to_owned(), fence: 1, claims: 1 };
        assert_eq!(day_of(&claim("rec_2026-11-30")).unwrap(), day);
        assert!(day_of(&claim("rec_today")).is_err());
    }
}

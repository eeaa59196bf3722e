//! Settlement reports as they are kept: whole, also what could not be read. A file that is read again in another way
//! takes the place of its first reading; nothing is deleted.

use super::{LineKind, ListedBy, SettlementLine, UnreadableLine};
use database::{Error, FromRow, Json, ReadTx, Row, WriteTx, report_sql, sql};
use serde::{Deserialize, Serialize};
use vocabulary::{Timestamp, WibDay};

/// How many lines there are of one name at most.
const MOST_OF_A_NAME: u32 = 1_000;

/// How far a report is compared that is not compared whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettlementPlace {
    /// Its lines up to this one.
    Line(i64),
    /// All of them, and it was looked in it for what was paid up to this moment (in milliseconds) and id.
    Paid(i64, String),
    /// For all that was paid, and for what went back up to this moment and id.
    Back(i64, String),
}

impl Default for SettlementPlace {
    fn default() -> Self {
        SettlementPlace::Line(0)
    }
}

/// A report that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettlementReport {
    /// Its id: the same for the same file, read in the same way, about the same days.
    pub id: String,
    /// Whose it is.
    pub gateway: String,
    /// The name of the file.
    pub name: String,
    /// By which day it lists.
    pub lists: ListedBy,
    /// Whether refunds would stand in it.
    pub lists_refunds: bool,
    /// The first day that it is about.
    pub first_day: WibDay,
    /// And the last.
    pub last_day: WibDay,
    /// How many lines were read.
    pub lines: i64,
    /// What could not be read.
    pub unreadable: Vec<UnreadableLine>,
    /// When it was imported.
    pub imported_at: Timestamp,
    /// How far it is compared, as long as it was not compared whole.
    pub place: SettlementPlace,
    /// When it was first compared whole.
    pub compared_at: Option<Timestamp>,
}

/// A report that is to be kept.
#[derive(Clone, Debug)]
pub struct SettlementIntent<'a> {
    /// Its id.
    pub id: &'a str,
    /// Whose it is.
    pub gateway: &'a str,
    /// A digest of the file.
    pub digest: &'a str,
    /// The name of the file.
    pub name: &'a str,
    /// By which day it lists.
    pub lists: ListedBy,
    /// Whether refunds would stand in it.
    pub lists_refunds: bool,
    /// The first and the last day that it is about.
    pub days: (WibDay, WibDay),
    /// How many lines were read.
    pub lines: i64,
    /// What could not be read.
    pub unreadable: &'a [UnreadableLine],
}

impl FromRow for SettlementReport {
    fn from_row(row: &Row) -> Result<Self, Error> {
        let Json(unreadable) = row.get("unreadable")?;
        let place: Option<Json<SettlementPlace>> = row.get("place")?;
        Ok(SettlementReport {
            id: row.get("id")?,
            gateway: row.get("gateway")?,
            name: row.get("name")?,
            lists: row.get("lists")?,
            lists_refunds: row.get("lists_refunds")?,
            first_day: row.get("first_day")?,
            last_day: row.get("last_day")?,
            lines: row.get("lines")?,
            unreadable,
            imported_at: row.get("imported_at")?,
            place: place.map(|Json(place)| place).unwrap_or_default(),
            compared_at: row.get("compared_at")?,
        })
    }
}

impl FromRow for SettlementLine {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(SettlementLine {
            line: row.get("line")?,
            kind: row.get("kind")?,
            reference: row.get("reference")?,
            their_id: row.get("their_id")?,
            gross: row.get("gross")?,
            fee: row.get("fee")?,
            paid_at: row.get("paid_at")?,
            settled_at: row.get("settled_at")?,
            word: row.get("word")?,
        })
    }
}

/// Begins to keep a report. Until [`settlement_complete`] it counts as not there.
pub async fn settlement_begin(
    tx: &mut WriteTx,
    report: &SettlementIntent<'_>,
    now: Timestamp,
) -> Result<(), Error> {
    sql!(
        "INSERT INTO settlement_report (id, gateway, digest, name, lists, lists_refunds, first_day, last_day, lines,
                                        unreadable, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING"
    )
    .bind(report.id)
    .bind(report.gateway)
    .bind(report.digest)
    .bind(report.name)
    .bind(report.lists)
    .bind(i64::from(report.lists_refunds))
    .bind(report.days.0)
    .bind(report.days.1)
    .bind(report.lines)
    .bind(Json(report.unreadable))
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

/// Keeps lines of a report that was begun; those that are there already stay as they are.
pub async fn settlement_keep_lines(
    tx: &mut WriteTx,
    report: &SettlementIntent<'_>,
    lines: &[SettlementLine],
) -> Result<(), Error> {
    for line in lines {
        sql!(
            "INSERT INTO settlement_line (report_id, line, gateway, kind, reference, their_id, gross, fee, paid_at,
                                          settled_at, word)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING"
        )
        .bind(report.id)
        .bind(line.line)
        .bind(report.gateway)
        .bind(line.kind)
        .bind(&line.reference)
        .bind(&line.their_id)
        .bind(line.gross)
        .bind(line.fee)
        .bind(line.paid_at)
        .bind(line.settled_at)
        .bind(&line.word)
        .run(tx)
        .await?;
    }
    Ok(())
}

/// Lets a report count whose lines are all kept, in the place of other readings of the same file. How many it
/// replaced. Files in which nothing stands are the same on every day on which nothing was settled.
pub async fn settlement_complete(
    tx: &mut WriteTx,
    report: &SettlementIntent<'_>,
    now: Timestamp,
) -> Result<u64, Error> {
    let replaced = sql!(
        "UPDATE settlement_report SET replaced_at = $4
         WHERE gateway = $1 AND digest = $2 AND id <> $3 AND imported_at IS NOT NULL AND replaced_at IS NULL
         AND (lines > 0 OR (first_day <= $6 AND last_day >= $5))"
    )
    .bind(report.gateway)
    .bind(report.digest)
    .bind(report.id)
    .bind(now)
    .bind(report.days.0)
    .bind(report.days.1)
    .run(tx)
    .await?;
    sql!(
        "UPDATE settlement_report SET imported_at = $2, replaced_at = NULL, place = NULL, compared_at = NULL
         WHERE id = $1"
    )
    .bind(report.id)
    .bind(now)
    .run(tx)
    .await?;
    Ok(replaced)
}

/// Lets a report count no more, because it was imported by mistake. True when it counted.
pub async fn settlement_withdraw(tx: &mut WriteTx, id: &str, now: Timestamp) -> Result<bool, Error> {
    let changed = sql!(
        "UPDATE settlement_report SET replaced_at = $2
         WHERE id = $1 AND imported_at IS NOT NULL AND replaced_at IS NULL"
    )
    .bind(id)
    .bind(now)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// Whether a report counted once, and counts no more: it was withdrawn, or another reading of the same file has taken
/// its place.
pub async fn settlement_counted_before(tx: &mut ReadTx, id: &str) -> Result<bool, Error> {
    let found: Option<String> = sql!(
        "SELECT id FROM settlement_report WHERE id = $1 AND imported_at IS NOT NULL AND replaced_at IS NOT NULL"
    )
    .bind(id)
    .optional(tx)
    .await?;
    Ok(found.is_some())
}

/// Notes how far a report was compared, if it still stands where that began: of two who compare it at once one goes on.
pub async fn settlement_go_on(
    tx: &mut WriteTx,
    id: &str,
    (from, to): (&SettlementPlace, &SettlementPlace),
) -> Result<bool, Error> {
    let changed = sql!(
        "UPDATE settlement_report SET place = $3 WHERE id = $1 AND compared_at IS NULL AND COALESCE(place, $4) = $2"
    )
    .bind(id)
    .bind(Json(from))
    .bind(Json(to))
    .bind(Json(SettlementPlace::default()))
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// Notes that a report was compared to its end, if it still stands where that began.
pub async fn settlement_mark_compared(
    tx: &mut WriteTx,
    id: &str,
    from: &SettlementPlace,
    now: Timestamp,
) -> Result<bool, Error> {
    let changed = sql!(
        "UPDATE settlement_report SET compared_at = $2
         WHERE id = $1 AND compared_at IS NULL AND COALESCE(place, $4) = $3"
    )
    .bind(id)
    .bind(now)
    .bind(Json(from))
    .bind(Json(SettlementPlace::default()))
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// The report with this id, when it counts.
pub async fn settlement_report(tx: &mut ReadTx, id: &str) -> Result<Option<SettlementReport>, Error> {
    sql!("SELECT * FROM settlement_report WHERE id = $1 AND imported_at IS NOT NULL AND replaced_at IS NULL")
        .bind(id)
        .optional(tx)
        .await
}

/// The reports that count, newest first.
pub async fn settlement_reports(tx: &mut ReadTx, limit: u32) -> Result<Vec<SettlementReport>, Error> {
    report_sql!(
        "SELECT * FROM settlement_report WHERE imported_at IS NOT NULL AND replaced_at IS NULL
         ORDER BY imported_at DESC, id LIMIT $1"
    )
    .bind(limit)
    .all(tx)
    .await
}

/// The reports that count and reach to this day or further, and those that were never compared.
pub async fn settlement_reports_since(tx: &mut ReadTx, day: WibDay) -> Result<Vec<SettlementReport>, Error> {
    report_sql!(
        "SELECT * FROM settlement_report
         WHERE imported_at IS NOT NULL AND replaced_at IS NULL AND (last_day >= $1 OR compared_at IS NULL)
         ORDER BY imported_at, id"
    )
    .bind(day)
    .all(tx)
    .await
}

/// The lines of a report after one of them, so many of them.
pub async fn settlement_lines_after(
    tx: &mut ReadTx,
    id: &str,
    line: i64,
    limit: u32,
) -> Result<Vec<SettlementLine>, Error> {
    sql!("SELECT * FROM settlement_line WHERE report_id = $1 AND line > $2 ORDER BY line LIMIT $3")
        .bind(id)
        .bind(line)
        .bind(limit)
        .all(tx)
        .await
}

/// The lines of fees of a report after one of its lines, so many of them.
pub async fn settlement_fees_after(
    tx: &mut ReadTx,
    id: &str,
    line: i64,
    limit: u32,
) -> Result<Vec<SettlementLine>, Error> {
    report_sql!(
        "SELECT * FROM settlement_line WHERE report_id = $1 AND line > $2 AND kind = $3 ORDER BY line LIMIT $4"
    )
    .bind(id)
    .bind(line)
    .bind(LineKind::Fee)
    .bind(limit)
    .all(tx)
    .await
}

/// By which moments the payments are listed that stand in a report after one of its lines: one of each day in WIB, and
/// none where the file does not say.
pub async fn settlement_moments_after(
    tx: &mut ReadTx,
    (id, lists): (&str, ListedBy),
    line: i64,
) -> Result<Vec<Option<Timestamp>>, Error> {
    report_sql!(
        "SELECT MIN(moment) FROM
             (SELECT CASE WHEN $3 = 'paid' THEN COALESCE(paid_at, settled_at)
                          ELSE COALESCE(settled_at, paid_at) END AS moment
              FROM settlement_line WHERE report_id = $1 AND line > $2 AND kind = $4) listed
         GROUP BY (moment + 25200000) / 86400000"
    )
    .bind(id)
    .bind(line)
    .bind(lists)
    .bind(LineKind::Payment)
    .all(tx)
    .await
}

/// What the reports of a gateway that count say under these names, which may be references or ids of theirs: each line
/// with the id of its report; a line that is there by both of its names is there twice.
pub async fn settlement_lines_about(
    tx: &mut ReadTx,
    gateway: &str,
    names: &[&str],
) -> Result<Vec<(String, SettlementLine)>, Error> {
    let limit = u32::try_from(names.len()).unwrap_or(u32::MAX).saturating_mul(MOST_OF_A_NAME);
    let by_reference: Vec<Kept> = report_sql!(
        sqlite: "SELECT l.* FROM settlement_line l JOIN settlement_report r ON r.id = l.report_id
         WHERE l.gateway = $1 AND l.reference IN (SELECT value FROM json_each($2))
         AND r.imported_at IS NOT NULL AND r.replaced_at IS NULL ORDER BY l.report_id, l.line LIMIT $3",
        postgres: "SELECT l.* FROM settlement_line l JOIN settlement_report r ON r.id = l.report_id
         WHERE l.gateway = $1 AND l.reference IN (SELECT json_array_elements_text(CAST($2 AS JSON)))
         AND r.imported_at IS NOT NULL AND r.replaced_at IS NULL ORDER BY l.report_id, l.line LIMIT $3"
    )
    .bind(gateway)
    .bind(Json(names))
    .bind(limit)
    .all(tx)
    .await?;
    let by_their_id: Vec<Kept> = report_sql!(
        sqlite: "SELECT l.* FROM settlement_line l JOIN settlement_report r ON r.id = l.report_id
         WHERE l.gateway = $1 AND l.their_id IN (SELECT value FROM json_each($2))
         AND r.imported_at IS NOT NULL AND r.replaced_at IS NULL ORDER BY l.report_id, l.line LIMIT $3",
        postgres: "SELECT l.* FROM settlement_line l JOIN settlement_report r ON r.id = l.report_id
         WHERE l.gateway = $1 AND l.their_id IN (SELECT json_array_elements_text(CAST($2 AS JSON)))
         AND r.imported_at IS NOT NULL AND r.replaced_at IS NULL ORDER BY l.report_id, l.line LIMIT $3"
    )
    .bind(gateway)
    .bind(Json(names))
    .bind(limit)
    .all(tx)
    .await?;
    Ok(by_reference.into_iter().chain(by_their_id).map(|kept| (kept.report, kept.line)).collect())
}

struct Kept {
    report: String,
    line: SettlementLine,
}

impl FromRow for Kept {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Kept { report: row.get("report_id")?, line: SettlementLine::from_row(row)? })
    }
}

//! Settlement reports: importing what a gateway says that it paid out, as the owner has it from the dashboard. The
//! comparison takes them up from there (`reconcile/settled.rs`).

use crate::Shop;
use database::{Error, ReadTx};
use payments::{
    LineKind, ListedBy, SETTLEMENT_READER, SettlementFile, SettlementIntent, SettlementLine,
    SettlementProfile, SettlementReport, SettlementUnreadable, UnreadableLine, read_settlement,
};
use serde_json::json;
use sha2::{Digest, Sha256};
use vocabulary::{Actor, Rupiah, Timestamp, WibDay};

/// How many lines are kept in one transaction: others wait for the writer meanwhile.
const AT_ONCE: usize = 200;
/// How much of a digest makes an id.
const ID_BYTES: usize = 10;
/// What the audit trail calls an import, and withdrawing one.
const IMPORTED: &str = "settlement.imported";
const WITHDRAWN: &str = "settlement.withdrawn";

/// A report that is to be imported.
#[derive(Clone, Debug)]
pub struct SettlementImport<'a> {
    /// Whose it is.
    pub gateway: &'a str,
    /// The name of the file.
    pub name: &'a str,
    /// The file.
    pub bytes: &'a [u8],
    /// How it is written.
    pub profile: &'a SettlementProfile,
    /// The first and the last day that it is about; by its own lines when nobody says.
    pub days: Option<(WibDay, WibDay)>,
    /// Who imports it.
    pub actor: &'a Actor,
    /// Whether it is only to be read.
    pub dry_run: bool,
}

/// What came of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedSettlement {
    /// The id of the report.
    pub id: String,
    /// The days that it is about.
    pub days: (WibDay, WibDay),
    /// By which day it lists.
    pub lists: ListedBy,
    /// Which column was taken for what.
    pub columns: Vec<(String, String)>,
    /// How many lines of each kind, and their sum.
    pub kinds: Vec<(LineKind, usize, Rupiah)>,
    /// What was kept of payments, where the file says so.
    pub fees: Rupiah,
    /// What could not be read. It is kept as well.
    pub unreadable: Vec<UnreadableLine>,
    /// Lines that hold sums.
    pub totals: Vec<i64>,
    /// Whether the same was imported before: nothing was changed.
    pub was_there: bool,
    /// How many earlier readings of the same file it took the place of.
    pub replaced: u64,
}

/// Why a report was not imported.
#[derive(Debug, thiserror::Error)]
pub enum SettlementImportError {
    /// Nothing of it can be read.
    #[error(transparent)]
    Unreadable(#[from] SettlementUnreadable),
    /// Not one line of it could be read.
    #[error("no line can be read; line {line}: {reason}")]
    NoLine {
        /// The first of them.
        line: i64,
        /// Why not.
        reason: String,
    },
    /// Nobody says which days it is about.
    #[error("no line says when it was paid or settled: say which days the report is about")]
    NoDays,
    /// The database refuses.
    #[error(transparent)]
    Database(#[from] Error),
}

/// What came of withdrawing a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Withdrawal {
    /// It counts no more.
    Now,
    /// It was withdrawn before: nothing was changed.
    Before {
        /// By whom.
        by: String,
        /// When.
        at: Timestamp,
    },
    /// Another reading of the same file has taken its place: that one counts.
    Replaced,
    /// None of this id was imported.
    Unknown,
}

impl Shop {
    /// Keeps a settlement report for the comparison. The same file, read in the same way, about the same days
    /// changes nothing when it comes again; read in another way, or by another version, it takes the place of its
    /// first reading.
    ///
    /// # Errors
    /// When nothing of it can be read, or the database refuses.
    pub async fn import_settlement(
        &self,
        import: &SettlementImport<'_>,
    ) -> Result<ImportedSettlement, SettlementImportError> {
        let file = read_settlement(import.bytes, import.profile)?;
        if file.lines.is_empty()
            && let Some(first) = file.unreadable.first()
        {
            return Err(SettlementImportError::NoLine { line: first.line, reason: first.reason.clone() });
        }
        let days = import.days.or_else(|| days_of(&file)).ok_or(SettlementImportError::NoDays)?;
        let digest = hex::encode(Sha256::digest(import.bytes));
        let id = id_of(import, days, &digest);
        let intent = SettlementIntent {
            id: &id,
            gateway: import.gateway,
            digest: &digest,
            name: import.name,
            lists: file.lists,
            lists_refunds: file.lists_refunds,
            days,
            lines: i64::try_from(file.lines.len()).unwrap_or(i64::MAX),
            unreadable: &file.unreadable,
        };
        let known = payments::settlement_report(&mut self.db.read("settlement.look").await?, &id).await?;
        let mut replaced = 0;
        if known.is_none() && !import.dry_run {
            self.keep_settlement(&intent, &file.lines).await?;
            replaced = self.complete_settlement(&intent, import.actor).await?;
        }
        Ok(ImportedSettlement {
            days,
            lists: file.lists,
            kinds: sums(&file.lines),
            fees: sum(file.lines.iter().filter_map(|line| line.fee)),
            columns: file.columns,
            unreadable: file.unreadable,
            totals: file.totals,
            was_there: known.is_some(),
            replaced,
            id,
        })
    }

    async fn keep_settlement(
        &self,
        intent: &SettlementIntent<'_>,
        lines: &[SettlementLine],
    ) -> Result<(), Error> {
        let mut tx = self.db.write("settlement.begin").await?;
        payments::settlement_begin(&mut tx, intent, self.clock.now()).await?;
        tx.commit().await?;
        for some in lines.chunks(AT_ONCE) {
            let mut tx = self.db.write("settlement.lines").await?;
            payments::settlement_keep_lines(&mut tx, intent, some).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn complete_settlement(&self, intent: &SettlementIntent<'_>, actor: &Actor) -> Result<u64, Error> {
        let now = self.clock.now();
        let mut tx = self.db.write("settlement.complete").await?;
        let replaced = payments::settlement_complete(&mut tx, intent, now).await?;
        let after = json!({
            "gateway": intent.gateway, "file": intent.name, "sha256": intent.digest, "lines": intent.lines,
            "from": intent.days.0.to_string(), "until": intent.days.1.to_string(),
        });
        let entry = security::Entry {
            actor,
            action: IMPORTED,
            subject: intent.id,
            before: None,
            after: Some(after.to_string()),
            source: None,
        };
        security::record(&mut tx, &self.ids, now, &entry).await?;
        tx.commit().await?;
        Ok(replaced)
    }

    /// Lets a report count no more that was imported by mistake.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn withdraw_settlement(&self, id: &str, actor: &Actor) -> Result<Withdrawal, Error> {
        let now = self.clock.now();
        let mut tx = self.db.write("settlement.withdraw").await?;
        if !payments::settlement_withdraw(&mut tx, id, now).await? {
            return why_it_does_not_count(&mut tx, id).await;
        }
        let entry = security::Entry {
            actor,
            action: WITHDRAWN,
            subject: id,
            before: None,
            after: None,
            source: None,
        };
        security::record(&mut tx, &self.ids, now, &entry).await?;
        tx.commit().await?;
        Ok(Withdrawal::Now)
    }

    /// The reports that count, newest first.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn settlements(&self, limit: u32) -> Result<Vec<SettlementReport>, Error> {
        payments::settlement_reports(&mut self.db.read("settlement.look").await?, limit).await
    }
}

/// Why there is no report of this id that counts. Its row says only that it counts no more; what was done to it last
/// stands in the audit trail.
async fn why_it_does_not_count(tx: &mut ReadTx, id: &str) -> Result<Withdrawal, Error> {
    if !payments::settlement_counted_before(tx, id).await? {
        return Ok(Withdrawal::Unknown);
    }
    let mut entries = security::entries_about(tx, id).await?.into_iter();
    let last = entries.rfind(|entry| [IMPORTED, WITHDRAWN].contains(&entry.action.as_str()));
    Ok(match last {
        Some(entry) if entry.action == WITHDRAWN => Withdrawal::Before { by: entry.actor, at: entry.at },
        _ => Withdrawal::Replaced,
    })
}

/// The first and the last day of its lines.
fn days_of(file: &SettlementFile) -> Option<(WibDay, WibDay)> {
    let moments = || file.lines.iter().filter_map(|line| line.listed_at(file.lists)).map(Timestamp::wib_day);
    Some((moments().min()?, moments().max()?))
}

fn id_of(import: &SettlementImport<'_>, (first, last): (WibDay, WibDay), digest: &str) -> String {
    let how = format!("{:?}\nreader {SETTLEMENT_READER}", import.profile);
    let text = format!("{}\n{first}\n{last}\n{digest}\n{how}", import.gateway);
    let hash = Sha256::digest(text.as_bytes());
    let some: Vec<u8> = hash.iter().take(ID_BYTES).copied().collect();
    format!("set_{}", hex::encode(some))
}

fn sums(lines: &[SettlementLine]) -> Vec<(LineKind, usize, Rupiah)> {
    let of = |kind: LineKind| {
        let of_kind = || lines.iter().filter(move |line| line.kind == kind);
        (kind, of_kind().count(), sum(of_kind().map(|line| line.gross)))
    };
    LineKind::ALL.iter().map(|kind| of(*kind)).filter(|(_, count, _)| *count > 0).collect()
}

fn sum(amounts: impl Iterator<Item = Rupiah>) -> Rupiah {
    Rupiah::new(amounts.fold(0_i64, |sum, amount| sum.saturating_add(amount.get())))
}

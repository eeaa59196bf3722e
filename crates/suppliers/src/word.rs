//! What suppliers said of our attempts, as it came in. Of a purchase that is final this is all that there is to
//! compare with, where its supplier cannot be asked about it without being asked to buy.

use crate::{Attempt, Report, Source, Verdict};
use database::{Error, FromRow, ReadTx, Row, WriteTx, sql};
use vocabulary::{Reference, Rupiah, Timestamp};

database::text_column!(Verdict);

/// One thing that a supplier said of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Its number among what was said of the attempt, from 1.
    pub sequence: i64,
    /// What it means for the attempt.
    pub verdict: Verdict,
    /// The supplier's code.
    pub code: Option<String>,
    /// What the supplier takes for it.
    pub price: Option<Rupiah>,
    /// What is left of our deposit there.
    pub balance: Option<Rupiah>,
    /// When the question was sent that it answers; none for a webhook.
    pub asked_at: Option<Timestamp>,
    /// When it came in.
    pub at: Timestamp,
}

impl FromRow for Word {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Word {
            sequence: row.get("sequence")?,
            verdict: row.get("verdict")?,
            code: row.get("code")?,
            price: row.get("price")?,
            balance: row.get("balance")?,
            asked_at: row.get("asked_at")?,
            at: row.get("at")?,
        })
    }
}

/// Keeps what a supplier said of an attempt whose row the caller holds, unless it says nothing, or the same as
/// the last time.
pub async fn record_word(
    tx: &mut WriteTx,
    attempt: &Attempt,
    (report, source): (&Report, Source),
    now: Timestamp,
) -> Result<(), Error> {
    use Verdict as V;
    if matches!(report.verdict, V::Unknown | V::UnknownAlarm | V::NotSent | V::NotTold) {
        return Ok(());
    }
    let asked_at = match source {
        Source::Answer => attempt.last_asked_at,
        Source::Webhook => None,
    };
    let last: Option<Word> =
        sql!("SELECT * FROM supplier_word WHERE reference = $1 ORDER BY sequence DESC LIMIT 1")
            .bind(&attempt.reference)
            .optional(tx)
            .await?;
    if last.as_ref().is_some_and(|last| repeats(last, report, asked_at)) {
        return Ok(());
    }
    let sequence = last.map_or(0, |last| last.sequence).saturating_add(1);
    sql!(
        "INSERT INTO supplier_word (reference, sequence, supplier, verdict, code, price, balance, asked_at, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    )
    .bind(&attempt.reference)
    .bind(sequence)
    .bind(&attempt.supplier)
    .bind(report.verdict)
    .bind(&report.code)
    .bind(report.price)
    .bind(report.balance)
    .bind(asked_at)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

/// Whether it adds nothing to what was said last. An answer to a question of ours adds when that was.
fn repeats(last: &Word, report: &Report, asked_at: Option<Timestamp>) -> bool {
    last.verdict == report.verdict
        && last.code == report.code
        && last.price == report.price
        && last.balance == report.balance
        && (last.asked_at.is_some() || asked_at.is_none())
}

/// What its supplier said of an attempt, oldest first.
pub async fn words_of(tx: &mut ReadTx, reference: &Reference) -> Result<Vec<Word>, Error> {
    sql!("SELECT * FROM supplier_word WHERE reference = $1 ORDER BY sequence").bind(reference).all(tx).await
}

//! Scripts for the supplier's next answers: durable, used once, by customer number or for whoever
//! comes next.

use database::{Error, FromRow, ReadTx, Row, WriteTx, report_sql, sql};
use std::time::Duration;

vocabulary::text_enum!(
    /// How a purchase goes.
    pub(crate) enum ScriptOutcome {
        /// Delivered at once.
        Success = "success",
        /// Failed at once.
        Fail = "fail",
        /// Undecided for good.
        Pending = "pending",
        /// Undecided, then delivered.
        PendingThenSuccess = "pending_then_success",
        /// Undecided, then failed.
        PendingThenFail = "pending_then_fail",
        /// Failed, then delivered all the same.
        FailThenSuccess = "fail_then_success",
        /// No answer in time, and delivered later.
        TimeoutThenSuccess = "timeout_then_success",
        /// Delivered, then taken back.
        SuccessThenRefund = "success_then_refund",
    }
);
database::text_column!(ScriptOutcome);

/// The customer number of a script that is for whoever comes next.
pub(crate) const NEXT: &str = "next";

/// One script.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) customer_no: String,
    pub(crate) outcome: ScriptOutcome,
    pub(crate) rc: Option<String>,
    pub(crate) then_after_ms: i64,
    /// What the seller asks now, when it is not the price of the list.
    pub(crate) price: Option<i64>,
    pub(crate) sn: Option<String>,
}

struct Stored {
    seq: i64,
    script: Script,
}

impl FromRow for Stored {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Stored { seq: row.get("seq")?, script: Script::from_row(row)? })
    }
}

impl FromRow for Script {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Script {
            customer_no: row.get("customer_no")?,
            outcome: row.get("outcome")?,
            rc: row.get("rc")?,
            then_after_ms: row.get("then_after_ms")?,
            price: row.get("price")?,
            sn: row.get("sn")?,
        })
    }
}

impl Script {
    /// What happens when nobody has said anything: success at once.
    pub(super) fn usual() -> Self {
        Script::of(ScriptOutcome::Success, None)
    }

    /// A script without extras.
    pub(super) fn of(outcome: ScriptOutcome, rc: Option<&str>) -> Self {
        Script {
            customer_no: NEXT.into(),
            outcome,
            rc: rc.map(str::to_owned),
            then_after_ms: 1_000,
            price: None,
            sn: None,
        }
    }

    /// How long until the second half happens.
    pub(super) fn then_after(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.then_after_ms).unwrap_or(0))
    }
}

/// Adds a script to the end of the queue.
pub(crate) async fn add(tx: &mut WriteTx, script: &Script) -> Result<(), Error> {
    let newest: Option<i64> = sql!("SELECT MAX(seq) FROM world_digiflazz_script").query().one(tx).await?;
    sql!(
        "INSERT INTO world_digiflazz_script (seq, customer_no, outcome, rc, then_after_ms, price, sn)
         VALUES ($1, $2, $3, $4, $5, $6, $7)"
    )
    .bind(newest.unwrap_or(0).saturating_add(1))
    .bind(&script.customer_no)
    .bind(script.outcome)
    .bind(script.rc.as_ref())
    .bind(script.then_after_ms)
    .bind(script.price)
    .bind(script.sn.as_ref())
    .run(tx)
    .await?;
    Ok(())
}

/// Takes the script for this customer number, else the one for whoever comes next.
pub(super) async fn take(tx: &mut WriteTx, customer_no: &str) -> Result<Option<Script>, Error> {
    let stored: Option<Stored> = sql!(
        "SELECT * FROM world_digiflazz_script WHERE customer_no = $1 OR customer_no = 'next'
         ORDER BY CASE WHEN customer_no = 'next' THEN 1 ELSE 0 END, seq LIMIT 1"
    )
    .bind(customer_no)
    .optional(tx)
    .await?;
    let Some(stored) = stored else { return Ok(None) };
    sql!("DELETE FROM world_digiflazz_script WHERE seq = $1").bind(stored.seq).run(tx).await?;
    Ok(Some(stored.script))
}

/// The scripts that wait, oldest first.
pub(crate) async fn all(tx: &mut ReadTx) -> Result<Vec<Script>, Error> {
    report_sql!("SELECT * FROM world_digiflazz_script ORDER BY seq LIMIT 1000").query().all(tx).await
}

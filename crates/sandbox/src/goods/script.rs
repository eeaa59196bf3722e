//! Scripts for how the next orders go: durable, used once, by account or for whoever comes next.

use crate::world::Target;
use database::{Error, FromRow, ReadTx, Row, WriteTx, report_sql, sql};
use std::time::Duration;

vocabulary::text_enum!(
    /// How an order goes.
    pub(crate) enum Outcome {
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
        /// Undecided, then a part is delivered.
        Partial = "partial",
        /// A part is delivered, and later the rest.
        PartialThenSuccess = "partial_then_success",
        /// A part is delivered, and later it is called failed.
        PartialThenFail = "partial_then_fail",
        /// The party's own source says something that it does not know, then it is delivered.
        UnclearThenSuccess = "unclear_then_success",
    }
);
database::text_column!(Outcome);

/// The account of a script that is for whoever comes next.
pub(crate) const NEXT: &str = "next";

/// One script.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) target: Target,
    /// The account, without its zone.
    pub(crate) customer_no: String,
    pub(crate) outcome: Outcome,
    pub(crate) then_after_ms: i64,
    /// What is taken for it, when it is not the price of the list.
    pub(crate) price: Option<i64>,
    /// The serial number, or why it failed.
    pub(crate) note: Option<String>,
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
            target: row.get("target")?,
            customer_no: row.get("customer_no")?,
            outcome: row.get("outcome")?,
            then_after_ms: row.get("then_after_ms")?,
            price: row.get("price")?,
            note: row.get("note")?,
        })
    }
}

impl Outcome {
    /// Whether this party knows such an outcome: VIP Reseller has no words for a part, nor for what is unclear.
    pub(crate) fn fits(self, target: Target) -> bool {
        let parts = matches!(
            self,
            Outcome::Partial
                | Outcome::PartialThenSuccess
                | Outcome::PartialThenFail
                | Outcome::UnclearThenSuccess
        );
        target == Target::Apigames || (target == Target::VipReseller && !parts)
    }
}

impl Script {
    /// What happens when nobody has said anything: it is taken, and delivered a second later.
    pub(super) fn usual(target: Target) -> Self {
        Script {
            target,
            customer_no: NEXT.into(),
            outcome: Outcome::PendingThenSuccess,
            then_after_ms: 1_000,
            price: None,
            note: None,
        }
    }

    /// How long until the second half happens.
    pub(super) fn then_after(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.then_after_ms).unwrap_or(0))
    }
}

/// Adds a script to the end of the queue.
pub(crate) async fn add(tx: &mut WriteTx, script: &Script) -> Result<(), Error> {
    let newest: Option<i64> = sql!("SELECT MAX(seq) FROM world_goods_script").query().one(tx).await?;
    sql!(
        "INSERT INTO world_goods_script (seq, target, customer_no, outcome, then_after_ms, price, note)
         VALUES ($1, $2, $3, $4, $5, $6, $7)"
    )
    .bind(newest.unwrap_or(0).saturating_add(1))
    .bind(script.target)
    .bind(&script.customer_no)
    .bind(script.outcome)
    .bind(script.then_after_ms)
    .bind(script.price)
    .bind(script.note.as_ref())
    .run(tx)
    .await?;
    Ok(())
}

/// Takes the script for this account, else the one for whoever comes next.
pub(super) async fn take(tx: &mut WriteTx, target: Target, account: &str) -> Result<Option<Script>, Error> {
    let stored: Option<Stored> = sql!(
        "SELECT * FROM world_goods_script WHERE target = $1 AND (customer_no = $2 OR customer_no = 'next')
         ORDER BY CASE WHEN customer_no = 'next' THEN 1 ELSE 0 END, seq LIMIT 1"
    )
    .bind(target)
    .bind(account)
    .optional(tx)
    .await?;
    let Some(stored) = stored else { return Ok(None) };
    sql!("DELETE FROM world_goods_script WHERE seq = $1").bind(stored.seq).run(tx).await?;
    Ok(Some(stored.script))
}

/// The scripts of a party that wait, oldest first.
pub(crate) async fn all(tx: &mut ReadTx, target: Target) -> Result<Vec<Script>, Error> {
    report_sql!("SELECT * FROM world_goods_script WHERE target = $1 ORDER BY seq LIMIT 1000")
        .bind(target)
        .all(tx)
        .await
}

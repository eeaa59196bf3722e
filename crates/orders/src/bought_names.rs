//! The books of names that are bought: what each took from a deposit is booked with the answer that says so, as an
//! expense of the shop and of no order.

use crate::Shop;
use catalog::{NameBooks, NameMoney, NameOutcome, NameQuestion, NameTold, NameTurn};
use database::{Database, Error, ReadTx, WriteTx, report_sql};
use ledger::{Account, Entry, Kind, LedgerError};
use outside::Pending;
use suppliers::{Report, Verdict};
use vocabulary::{Ids, Rupiah, Timestamp};

/// The purchases of names in this database.
#[derive(Clone)]
pub struct BoughtNames {
    db: Database,
    ids: Ids,
}

impl BoughtNames {
    /// Those of this database.
    pub fn new(db: Database, ids: Ids) -> Self {
        BoughtNames { db, ids }
    }
}

impl NameBooks for BoughtNames {
    fn begin<'a>(
        &'a self,
        question: &'a NameQuestion,
        now: Timestamp,
    ) -> Pending<'a, Result<NameTurn, Error>> {
        Box::pin(async move {
            let mut tx = self.db.write("name_check.begin").await?;
            let turn = catalog::name_check_begin(&mut tx, question, now).await?;
            if matches!(turn, NameTurn::Ask { .. }) {
                tx.commit().await?;
            }
            Ok(turn)
        })
    }

    fn again<'a>(&'a self, reference: &'a str, now: Timestamp) -> Pending<'a, Result<bool, Error>> {
        Box::pin(async move {
            let mut tx = self.db.write("name_check.again").await?;
            let noted = catalog::name_check_again(&mut tx, reference, now).await?;
            if noted {
                tx.commit().await?;
            }
            Ok(noted)
        })
    }

    fn record<'a>(
        &'a self,
        reference: &'a str,
        told: &'a NameTold,
        now: Timestamp,
    ) -> Pending<'a, Result<(), Error>> {
        Box::pin(async move {
            let mut tx = self.db.write("name_check.record").await?;
            told_in_tx(&mut tx, &self.ids, (reference, told), now).await?;
            tx.commit().await
        })
    }
}

/// Takes over what a webhook says of a purchase of a name. False when it is about none.
pub(crate) async fn hear(
    shop: &Shop,
    tx: &mut WriteTx,
    (supplier, reference): (&str, &str),
    report: &Report,
) -> Result<bool, Error> {
    if !catalog::is_name_check(tx, supplier, reference).await? {
        return Ok(false);
    }
    let outcome = match report.verdict {
        Verdict::Succeeded => NameOutcome::Bought(report.price),
        Verdict::Reversed => NameOutcome::TakenBack,
        verdict if verdict.is_failure() => NameOutcome::Refused,
        _ => NameOutcome::Unknown,
    };
    // That the number is wrong is an answer, and is told again to whoever asks again.
    let is_over = match report.verdict {
        Verdict::FailedCustomer => false,
        verdict => verdict == Verdict::Reversed || verdict.is_failure(),
    };
    let told = NameTold { outcome, code: report.code.clone(), is_over };
    told_in_tx(tx, &shop.ids, (reference, &told), shop.clock.now()).await
}

/// Stores what was said of a purchase and books what it changes. False when no row has the reference.
async fn told_in_tx(
    tx: &mut WriteTx,
    ids: &Ids,
    (reference, told): (&str, &NameTold),
    now: Timestamp,
) -> Result<bool, Error> {
    let Some(money) = catalog::name_check_told(tx, reference, told, now).await? else { return Ok(false) };
    let entry = |kind| Entry { kind, reference: reference.to_owned(), order: None, postings: Vec::new() };
    let entry = match money {
        NameMoney::Nothing => return Ok(true),
        NameMoney::Taken { supplier, price } => {
            entry(Kind::NameCheck).moving(Account::NameChecks, Account::Supplier(supplier), price)
        }
        NameMoney::GivenBack { supplier, price } => {
            entry(Kind::NameCheckReversal).moving(Account::Supplier(supplier), Account::NameChecks, price)
        }
    };
    match ledger::post(tx, ids, now, &entry).await {
        Ok(_) => Ok(true),
        Err(LedgerError::Database(error)) => Err(error),
        Err(error) => Err(Error::Column { column: "name_check".to_owned(), reason: error.to_string() }),
    }
}

/// Each name that was bought is booked with its price, and nothing else is.
pub(crate) async fn check(tx: &mut ReadTx, problems: &mut Vec<(String, String)>) -> Result<(), Error> {
    let wrong: Vec<(String, String, i64, i64)> = report_sql!(
        "SELECT n.reference, n.state, n.due, n.booked FROM (
             SELECT c.reference, c.state, CASE WHEN c.state = 'bought' THEN COALESCE(c.price, 0) ELSE 0 END AS due,
                    CAST((SELECT COALESCE(SUM(p.amount), 0) FROM ledger_transaction t
                          JOIN ledger_posting p ON p.transaction_id = t.id
                          WHERE t.reference = c.reference AND t.kind IN ('name_check', 'name_check_reversal')
                          AND p.account = 'name_checks') AS BIGINT) AS booked
             FROM name_check c) n
         WHERE n.booked <> n.due ORDER BY n.reference LIMIT 100"
    )
    .query()
    .all(tx)
    .await?;
    problems.extend(wrong.into_iter().map(|(reference, state, due, booked)| {
        let (due, booked) = (Rupiah::new(due), Rupiah::new(booked));
        (reference, format!("is a name that is {state}: {booked} stands booked for it, {due} expected"))
    }));
    let orphans: Vec<String> = report_sql!(
        "SELECT t.reference FROM ledger_transaction t WHERE t.kind IN ('name_check', 'name_check_reversal')
         AND NOT EXISTS (SELECT 1 FROM name_check c WHERE c.reference = t.reference)
         ORDER BY t.reference LIMIT 100"
    )
    .query()
    .all(tx)
    .await?;
    problems.extend(orphans.into_iter().map(|reference| (reference, "is booked and is no name".into())));
    Ok(())
}

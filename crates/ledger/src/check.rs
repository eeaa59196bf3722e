//! Proofs: every transaction sums to zero, every wallet is what its postings say.

use crate::Account;
use database::{Error, FromRow, ReadTx, Row, report_sql};
use vocabulary::{OrderId, Rupiah};

/// Something that does not add up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is about.
    pub subject: String,
    /// What is wrong.
    pub problem: String,
}

/// What the ledger holds of one order, by kind of account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderMoney {
    /// The order.
    pub order: Option<OrderId>,
    /// Still in escrow (positive: owed to the buyer or to be earned).
    pub escrow: Rupiah,
    /// Earned.
    pub revenue: Rupiah,
    /// Came in for this order, from gateways and from the wallet, and was not taken back since.
    pub received: Rupiah,
    /// Went back out of escrow: to the wallet, or on its way to where it came from.
    pub refunded: Rupiah,
    /// Left escrow because the gateway had given back a part, when the rest was refunded or a share was settled.
    pub part_back: Rupiah,
}

/// The balance of every account, by name. Positive is a debit balance.
pub async fn balances(tx: &mut ReadTx) -> Result<Vec<(Account, Rupiah)>, Error> {
    report_sql!(
        "SELECT account, CAST(SUM(amount) AS BIGINT) FROM ledger_posting GROUP BY account ORDER BY account"
    )
    .query()
    .all(tx)
    .await
}

/// Transactions that do not sum to zero, or that have no lines, and the sum of everything.
pub async fn check_sums(tx: &mut ReadTx) -> Result<Vec<Finding>, Error> {
    let crooked: Vec<(String, i64, i64)> = report_sql!(
        "SELECT t.id, CAST(COALESCE(SUM(p.amount), 0) AS BIGINT), COUNT(p.line) FROM ledger_transaction t
         LEFT JOIN ledger_posting p ON p.transaction_id = t.id
         GROUP BY t.id HAVING COALESCE(SUM(p.amount), 0) <> 0 OR COUNT(p.line) < 2 ORDER BY t.id LIMIT 100"
    )
    .query()
    .all(tx)
    .await?;
    let mut findings: Vec<Finding> = crooked
        .into_iter()
        .map(|(id, sum, lines)| Finding {
            subject: id,
            problem: format!("{lines} lines that sum to {sum} instead of 0"),
        })
        .collect();
    let total: i64 = report_sql!("SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM ledger_posting")
        .query()
        .one(tx)
        .await?;
    if total != 0 {
        findings.push(Finding {
            subject: "all postings".into(),
            problem: format!("sum to {total} instead of 0"),
        });
    }
    Ok(findings)
}

/// Wallets whose balance is not what their postings say.
pub async fn wallet_findings(tx: &mut ReadTx) -> Result<Vec<Finding>, Error> {
    let wrong: Vec<(String, i64, i64)> = report_sql!(
        "SELECT w.buyer, w.balance, CAST(COALESCE(SUM(p.amount), 0) AS BIGINT) FROM wallet w
         LEFT JOIN ledger_posting p ON p.account = 'wallet:' || w.buyer
         GROUP BY w.buyer, w.balance HAVING w.balance <> -COALESCE(SUM(p.amount), 0) ORDER BY w.buyer LIMIT 100"
    )
    .query()
    .all(tx)
    .await?;
    let orphans: Vec<(String, i64)> = report_sql!(
        "SELECT p.account, CAST(SUM(p.amount) AS BIGINT) FROM ledger_posting p
         WHERE p.account LIKE 'wallet:%' AND NOT EXISTS (SELECT 1 FROM wallet w WHERE p.account = 'wallet:' || w.buyer)
         GROUP BY p.account HAVING SUM(p.amount) <> 0 ORDER BY p.account LIMIT 100"
    )
    .query()
    .all(tx)
    .await?;
    let wrong = wrong.into_iter().map(|(buyer, balance, sum)| Finding {
        subject: format!("wallet of {buyer}"),
        problem: format!("balance is {balance}, postings say {}", sum.saturating_neg()),
    });
    let orphans = orphans.into_iter().map(|(account, sum)| Finding {
        subject: account,
        problem: format!("postings say {}, there is no balance", sum.saturating_neg()),
    });
    Ok(wrong.chain(orphans).collect())
}

impl FromRow for OrderMoney {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(OrderMoney {
            order: Some(row.get("order_id")?),
            escrow: row.get("escrow")?,
            revenue: row.get("revenue")?,
            received: row.get("received")?,
            refunded: row.get("refunded")?,
            part_back: row.get("part_back")?,
        })
    }
}

/// What the ledger holds of every order that has postings. For the proof against the orders.
pub async fn money_of_order(tx: &mut ReadTx) -> Result<Vec<OrderMoney>, Error> {
    report_sql!(
        "SELECT t.order_id,
                CAST(-SUM(CASE WHEN p.account = 'escrow' THEN p.amount ELSE 0 END) AS BIGINT) AS escrow,
                CAST(-SUM(CASE WHEN p.account = 'revenue' THEN p.amount ELSE 0 END) AS BIGINT) AS revenue,
                CAST(-SUM(CASE WHEN p.account = 'escrow' AND t.kind IN ('payment', 'wallet_payment', 'payment_taken_back', 'payment_part_taken_back', 'chargeback_covered') THEN p.amount ELSE 0 END) AS BIGINT) AS received,
                CAST(SUM(CASE WHEN p.account = 'escrow' AND t.kind IN ('refund', 'refund_begun') THEN p.amount ELSE 0 END) AS BIGINT) AS refunded,
                CAST(SUM(CASE WHEN p.account = 'escrow' AND t.kind = 'payment_part_taken_back' THEN p.amount ELSE 0 END) AS BIGINT) AS part_back
         FROM ledger_transaction t JOIN ledger_posting p ON p.transaction_id = t.id
         WHERE t.order_id IS NOT NULL GROUP BY t.order_id"
    )
    .query()
    .all(tx)
    .await
}

//! `ledger check`, of money that was taken back after it had gone further: store credit leaves the wallet that it went
//! into as far as it is there, and what a bank takes back of what had gone back before is a loss, in all its steps.

use database::{Error, ReadTx, report_sql};
use vocabulary::Rupiah;

/// The subject, then the problem.
type Problems = Vec<(String, String)>;

/// Everything about such money that does not add up.
pub(crate) async fn check(tx: &mut ReadTx, problems: &mut Problems) -> Result<(), Error> {
    check_credit(tx, problems).await?;
    check_emptied(tx, problems).await?;
    check_charged_back(tx, problems).await
}

/// What is taken back of store credit comes out of its buyer's wallet and out of the loss, and out of nothing else;
/// of what paid a purchase nothing comes out of a wallet, and out of escrow or the loss alone, unless a part of it was
/// settled.
async fn check_credit(tx: &mut ReadTx, problems: &mut Problems) -> Result<(), Error> {
    let wrong: Vec<(String, String, Rupiah, Rupiah, Rupiah)> = report_sql!(
        "SELECT reference, what, got, lost, other FROM (
             SELECT t.reference, o.kind AS what, o.share_back,
                 CAST((SELECT COUNT(*) FROM ledger_transaction c
                       WHERE c.reference = p.reference AND c.kind = 'payment_credit') AS BIGINT) AS credits,
                 CAST((SELECT COALESCE(SUM(l.amount), 0) FROM ledger_posting l
                       WHERE l.transaction_id = t.id AND l.account = 'wallet:' || o.buyer) AS BIGINT) AS got,
                 CAST((SELECT COALESCE(SUM(l.amount), 0) FROM ledger_posting l
                       WHERE l.transaction_id = t.id AND l.account = 'loss:chargeback') AS BIGINT) AS lost,
                 CAST((SELECT COALESCE(SUM(l.amount), 0) FROM ledger_posting l
                       WHERE l.transaction_id = t.id AND l.account = 'escrow') AS BIGINT) AS escrow,
                 CAST((SELECT COALESCE(SUM(ABS(l.amount)), 0) FROM ledger_posting l
                       WHERE l.transaction_id = t.id AND l.account LIKE 'wallet:%'
                       AND l.account <> 'wallet:' || o.buyer) AS BIGINT) AS other
             FROM ledger_transaction t JOIN payment p ON p.order_id = t.order_id
             AND (t.reference = p.reference OR t.reference LIKE p.reference || '/%')
             JOIN shop_order o ON o.id = p.order_id
             WHERE t.kind IN ('payment_taken_back', 'payment_part_taken_back')
         ) AS taken
         WHERE other <> 0 OR got < 0 OR lost < 0
         OR (what <> 'deposit' AND credits = 0 AND got <> 0)
         -- Of what was settled as a part, what went back beyond the share is lost.
         OR (escrow <> 0 AND (got <> 0 OR (lost <> 0 AND (credits <> 0 OR share_back IS NULL))))
         ORDER BY reference LIMIT 100"
    )
    .query()
    .all(tx)
    .await?;
    problems.extend(wrong.into_iter().map(|(reference, what, got, lost, other)| {
        let found = format!("{got} out of its buyer's wallet, {other} at other wallets, {lost} lost");
        (reference, format!("is a {what} that was taken back: {found}"))
    }));
    Ok(())
}

/// Of store credit that was taken back nothing is lost that its buyer still had. What else moved in that wallet
/// within the same minute may have been booked in another order than its times say, so then nothing is said.
async fn check_emptied(tx: &mut ReadTx, problems: &mut Problems) -> Result<(), Error> {
    let kept: Vec<(String, String, Rupiah, Rupiah)> = report_sql!(
        "SELECT reference, what, lost, kept FROM (
             SELECT t.reference, o.kind AS what,
                 CAST((SELECT COALESCE(SUM(l.amount), 0) FROM ledger_posting l
                       WHERE l.transaction_id = t.id AND l.account = 'loss:chargeback') AS BIGINT) AS lost,
                 CAST((SELECT COALESCE(-SUM(l.amount), 0) FROM ledger_posting l
                       JOIN ledger_transaction b ON b.id = l.transaction_id
                       WHERE l.account = 'wallet:' || o.buyer AND b.at <= t.at) AS BIGINT) AS kept,
                 (SELECT COUNT(*) FROM ledger_posting l JOIN ledger_transaction b ON b.id = l.transaction_id
                  WHERE l.account = 'wallet:' || o.buyer AND b.id <> t.id
                  AND b.at BETWEEN t.at - 60000 AND t.at + 60000) AS beside
             FROM ledger_transaction t JOIN payment p ON p.order_id = t.order_id
             AND (t.reference = p.reference OR t.reference LIKE p.reference || '/%')
             JOIN shop_order o ON o.id = p.order_id
             WHERE t.kind IN ('payment_taken_back', 'payment_part_taken_back')
             AND (o.kind = 'deposit' OR EXISTS (SELECT 1 FROM ledger_transaction c
                                                WHERE c.reference = p.reference AND c.kind = 'payment_credit'))
         ) AS taken
         WHERE lost > 0 AND kept <> 0 AND beside = 0 ORDER BY reference LIMIT 100"
    )
    .query()
    .all(tx)
    .await?;
    problems.extend(kept.into_iter().map(|(reference, what, lost, kept)| {
        let what = if what == "deposit" { "a deposit" } else { "store credit" };
        (reference, format!("was {what}, of which {lost} is booked as lost while its buyer still had {kept}"))
    }));
    Ok(())
}

/// What a bank took back of what had gone back before is a loss of as much as the payment says, in all its steps, and
/// stands nowhere else. It is no more than the payment brought.
async fn check_charged_back(tx: &mut ReadTx, problems: &mut Problems) -> Result<(), Error> {
    let wrong: Vec<(String, Rupiah, Rupiah, Rupiah, Rupiah)> = report_sql!(
        "SELECT reference, due, moved, lost, went FROM (
             SELECT p.reference, COALESCE(p.charged_back, 0) AS due,
                 CASE WHEN p.odd_amount > 0 THEN p.odd_amount ELSE p.amount END AS brought,
                 CAST((SELECT COALESCE(SUM(l.amount), 0) FROM ledger_transaction t
                       JOIN ledger_posting l ON l.transaction_id = t.id AND l.amount > 0
                       WHERE t.kind = 'payment_charged_back' AND t.order_id = p.order_id
                       AND (t.reference = p.reference OR t.reference LIKE p.reference || '/%')) AS BIGINT) AS moved,
                 CAST((SELECT COALESCE(SUM(l.amount), 0) FROM ledger_transaction t
                       JOIN ledger_posting l ON l.transaction_id = t.id AND l.account = 'loss:chargeback'
                       WHERE t.kind = 'payment_charged_back' AND t.order_id = p.order_id
                       AND (t.reference = p.reference OR t.reference LIKE p.reference || '/%')) AS BIGINT) AS lost,
                 CAST((SELECT COALESCE(-SUM(l.amount), 0) FROM ledger_transaction t
                       JOIN ledger_posting l ON l.transaction_id = t.id AND l.account = 'gateway:' || p.gateway
                       WHERE t.kind = 'payment_charged_back' AND t.order_id = p.order_id
                       AND (t.reference = p.reference OR t.reference LIKE p.reference || '/%')) AS BIGINT) AS went
             FROM payment p
             WHERE p.charged_back IS NOT NULL
             OR EXISTS (SELECT 1 FROM ledger_transaction t
                        WHERE t.kind = 'payment_charged_back' AND t.order_id = p.order_id
                        AND (t.reference = p.reference OR t.reference LIKE p.reference || '/%'))
         ) AS charged
         WHERE moved <> due OR lost <> due OR went <> due OR due > brought
         ORDER BY reference LIMIT 100"
    )
    .query()
    .all(tx)
    .await?;
    problems.extend(wrong.into_iter().map(|(reference, due, moved, lost, went)| {
        let found = format!("{moved} is booked for that, {lost} lost and {went} out of its gateway");
        (reference, format!("a bank took back {due} of what had gone back before: {found}"))
    }));
    Ok(())
}

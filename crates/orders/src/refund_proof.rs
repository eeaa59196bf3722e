//! `ledger check`, of refunds to where the money came from: each left what it was given out of, is on its way,
//! and ended once, at the gateway or in the buyer's wallet; and no payment gives back more than it brought.

use database::{Error, ReadTx, report_sql};
use vocabulary::Rupiah;

/// The subject, then the problem.
type Problems = Vec<(String, String)>;

/// Everything about such refunds that does not add up.
pub(crate) async fn check(tx: &mut ReadTx, problems: &mut Problems) -> Result<(), Error> {
    check_postings(tx, problems).await?;
    check_payments(tx, problems).await?;
    check_strangers(tx, problems).await
}

/// What is booked of each is its amount, from where it came and to where it went, as its state says.
async fn check_postings(tx: &mut ReadTx, problems: &mut Problems) -> Result<(), Error> {
    let wrong: Vec<(String, String, Rupiah, Rupiah, Rupiah, Rupiah)> = report_sql!(
        "SELECT reference, state, amount, began, on_way, arrived + credited AS ended FROM (
             SELECT r.reference, r.state, r.amount,
                 CAST((SELECT COALESCE(SUM(l.amount), 0) FROM ledger_transaction t
                       JOIN ledger_posting l ON l.transaction_id = t.id
                       AND l.account = CASE r.origin WHEN 'escrow' THEN 'escrow' ELSE 'wallet:' || o.buyer END
                       WHERE t.reference = r.reference AND t.order_id = r.order_id
                       AND t.kind = CASE r.origin WHEN 'escrow' THEN 'refund_begun' ELSE 'payout_begun' END)
                      AS BIGINT) AS began,
                 CAST((SELECT COALESCE(-SUM(l.amount), 0) FROM ledger_transaction t
                       JOIN ledger_posting l ON l.transaction_id = t.id AND l.account = 'refunding:' || r.gateway
                       WHERE t.reference = r.reference) AS BIGINT) AS on_way,
                 CAST((SELECT COALESCE(-SUM(l.amount), 0) FROM ledger_transaction t
                       JOIN ledger_posting l ON l.transaction_id = t.id AND l.account = 'gateway:' || r.gateway
                       WHERE t.reference = r.reference AND t.kind = 'refund_done') AS BIGINT) AS arrived,
                 CAST((SELECT COALESCE(-SUM(l.amount), 0) FROM ledger_transaction t
                       JOIN ledger_posting l ON l.transaction_id = t.id AND l.account = 'wallet:' || o.buyer
                       WHERE t.reference = r.reference AND t.kind = 'refund_credited') AS BIGINT) AS credited
             FROM refund r JOIN shop_order o ON o.id = r.order_id
         ) AS refunds
         WHERE began <> amount
         OR on_way <> CASE WHEN state IN ('done', 'refused') THEN 0 ELSE amount END
         OR arrived <> CASE WHEN state = 'done' THEN amount ELSE 0 END
         OR credited <> CASE WHEN state = 'refused' THEN amount ELSE 0 END
         ORDER BY reference LIMIT 100"
    )
    .query()
    .all(tx)
    .await?;
    problems.extend(wrong.into_iter().map(|(reference, state, amount, began, on_way, ended)| {
        let found =
            format!("{began} was taken, {on_way} is on its way, {ended} left the gateway or became credit");
        (reference, format!("refund of {amount} is {state}: {found}"))
    }));
    Ok(())
}

/// A payment knows what its refunds are and were, and they are no more than it brought.
async fn check_payments(tx: &mut ReadTx, problems: &mut Problems) -> Result<(), Error> {
    let wrong: Vec<(String, Rupiah, Rupiah, Rupiah, Rupiah, Rupiah)> = report_sql!(
        "SELECT reference, brought, refunding, refunded, live, done FROM (
             SELECT p.reference, p.refunding, p.refunded,
                 CASE WHEN p.odd_amount > 0 THEN p.odd_amount ELSE p.amount END AS brought,
                 CAST((SELECT COALESCE(SUM(r.amount), 0) FROM refund r WHERE r.payment_id = p.id
                       AND r.state NOT IN ('done', 'refused')) AS BIGINT) AS live,
                 CAST((SELECT COALESCE(SUM(r.amount), 0) FROM refund r WHERE r.payment_id = p.id
                       AND r.state = 'done') AS BIGINT) AS done
             FROM payment p WHERE p.refunding > 0 OR p.refunded > 0
             OR EXISTS (SELECT 1 FROM refund r WHERE r.payment_id = p.id)
         ) AS paid
         WHERE refunding <> live OR refunded <> done OR refunding + refunded > brought
         ORDER BY reference LIMIT 100"
    )
    .query()
    .all(tx)
    .await?;
    problems.extend(wrong.into_iter().map(|(reference, brought, refunding, refunded, live, done)| {
        let found = format!("{refunding} on its way and {refunded} back");
        (reference, format!("brought {brought} and says {found}; its refunds say {live} and {done}"))
    }));
    Ok(())
}

/// Nothing is booked as such a refund that is none.
async fn check_strangers(tx: &mut ReadTx, problems: &mut Problems) -> Result<(), Error> {
    let orphans: Vec<(String, String)> = report_sql!(
        "SELECT t.reference, t.kind FROM ledger_transaction t
         WHERE t.kind IN ('refund_begun', 'payout_begun', 'refund_done', 'refund_credited')
         AND NOT EXISTS (SELECT 1 FROM refund r WHERE r.reference = t.reference AND r.order_id = t.order_id)
         ORDER BY t.reference LIMIT 100"
    )
    .query()
    .all(tx)
    .await?;
    problems.extend(
        orphans
            .into_iter()
            .map(|(reference, kind)| (reference, format!("{kind} is booked for no refund of it"))),
    );
    Ok(())
}

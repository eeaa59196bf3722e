//! `ledger check`, in rupiah: what is booked has the amount, the accounts and the order of what it records.

use database::{Error, ReadTx, report_sql};
use vocabulary::Rupiah;

/// The subject, then the problem.
type Problems = Vec<(String, String)>;

/// Everything that is booked at another amount than it has, or to somebody else.
pub(crate) async fn check(tx: &mut ReadTx, problems: &mut Problems) -> Result<(), Error> {
    check_payments(tx, problems).await?;
    check_gateways(tx, problems).await?;
    check_fees(tx, problems).await?;
    check_goods(tx, problems).await?;
    check_refunds(tx, problems).await?;
    check_parts(tx, problems).await?;
    check_whose(tx, problems).await
}

/// What pays an order is its amount; what is credited is what came in, at most that. It comes from the gateway
/// or the buyer's wallet, goes into escrow or the buyer's wallet, and nowhere else.
async fn check_payments(tx: &mut ReadTx, problems: &mut Problems) -> Result<(), Error> {
    let wrong: Vec<(String, String, Rupiah, Rupiah, Rupiah, Rupiah)> = report_sql!(
        "SELECT reference, kind, due, moved, taken, given FROM (
             SELECT t.reference, t.kind,
                 CASE WHEN t.kind <> 'payment_credit' OR COALESCE(p.odd_amount, p.amount) > o.amount THEN o.amount
                      ELSE COALESCE(p.odd_amount, p.amount) END AS due,
                 CAST((SELECT COALESCE(SUM(l.amount), 0) FROM ledger_posting l
                       WHERE l.transaction_id = t.id AND l.amount > 0) AS BIGINT) AS moved,
                 CAST((SELECT COALESCE(SUM(l.amount), 0) FROM ledger_posting l
                       WHERE l.transaction_id = t.id
                       AND l.account = CASE t.kind WHEN 'wallet_payment' THEN 'wallet:' || o.buyer
                                                   ELSE 'gateway:' || p.gateway END) AS BIGINT) AS taken,
                 CAST((SELECT COALESCE(-SUM(l.amount), 0) FROM ledger_posting l
                       WHERE l.transaction_id = t.id
                       AND l.account = CASE t.kind WHEN 'payment_credit' THEN 'wallet:' || o.buyer
                                                   ELSE 'escrow' END) AS BIGINT) AS given
             FROM ledger_transaction t JOIN payment p ON p.reference = t.reference
             JOIN shop_order o ON o.id = p.order_id
             WHERE t.kind IN ('payment', 'wallet_payment', 'payment_credit')
         ) AS booked WHERE moved <> due OR taken <> due OR given <> due ORDER BY reference LIMIT 100"
    )
    .query()
    .all(tx)
    .await?;
    problems.extend(wrong.into_iter().map(|(reference, kind, due, moved, taken, given)| {
        let found = format!("moves {moved}, of that {taken} from where it came in and {given} to whom it is");
        (reference, format!("{kind} {found}; {due} expected"))
    }));
    Ok(())
}

/// The gateway holds what came in, until it is booked as given back: all of it, or a part.
async fn check_gateways(tx: &mut ReadTx, problems: &mut Problems) -> Result<(), Error> {
    let wrong: Vec<(String, Rupiah, Rupiah, Rupiah, Rupiah)> = report_sql!(
        "SELECT reference, brought, came, part, went FROM (
             SELECT p.reference, p.given_back, p.refunded + p.refunding AS ours,
                 CASE WHEN p.odd_amount > 0 THEN p.odd_amount ELSE o.amount END AS brought,
                 CAST((SELECT COALESCE(SUM(l.amount), 0) FROM ledger_transaction t
                       JOIN ledger_posting l ON l.transaction_id = t.id AND l.account = 'gateway:' || p.gateway
                       WHERE t.reference = p.reference
                       AND t.kind IN ('payment', 'payment_credit', 'payment_difference')) AS BIGINT) AS came,
                 CAST((SELECT COALESCE(-SUM(l.amount), 0) FROM ledger_transaction t
                       JOIN ledger_posting l ON l.transaction_id = t.id AND l.account = 'gateway:' || p.gateway
                       WHERE t.kind = 'payment_part_taken_back' AND t.order_id = p.order_id
                       AND (t.reference = p.reference OR t.reference LIKE p.reference || '/%')) AS BIGINT) AS part,
                 CAST((SELECT COALESCE(-SUM(l.amount), 0) FROM ledger_transaction t
                       JOIN ledger_posting l ON l.transaction_id = t.id AND l.account = 'gateway:' || p.gateway
                       WHERE t.reference = p.reference AND t.kind = 'payment_taken_back') AS BIGINT) AS went,
                 CAST((SELECT COUNT(*) FROM ledger_transaction t
                       WHERE t.reference = p.reference AND t.kind = 'payment_part_taken_back') AS BIGINT) AS parts,
                 CAST((SELECT COUNT(*) FROM ledger_transaction t
                       WHERE t.reference = p.reference AND t.kind = 'payment_taken_back') AS BIGINT) AS backs
             FROM payment p JOIN shop_order o ON o.id = p.order_id
             WHERE EXISTS (SELECT 1 FROM ledger_transaction t WHERE t.reference = p.reference
                           AND t.kind IN ('payment', 'payment_credit'))
         ) AS held
         WHERE came <> brought
         OR (backs > 0 AND went + part + ours <> brought)
         OR (parts > 0 AND (part <= 0 OR part >= brought))
         -- A gateway that says less later, or nothing of how much, is no proof against what was booked.
         OR (parts > 0 AND given_back > 0 AND part > given_back)
         ORDER BY reference LIMIT 100"
    )
    .query()
    .all(tx)
    .await?;
    problems.extend(wrong.into_iter().map(|(reference, brought, came, part, went)| {
        let booked = format!("booked at its gateway as {came} in, {part} back in part and {went} back");
        (reference, format!("brought {brought} and is {booked}"))
    }));
    Ok(())
}

/// What the gateway keeps of a payment is booked as it was reckoned on the day on which the money came in.
async fn check_fees(tx: &mut ReadTx, problems: &mut Problems) -> Result<(), Error> {
    let wrong: Vec<(String, Option<Rupiah>, Rupiah, Rupiah)> = report_sql!(
        "SELECT reference, fee, booked, kept FROM (
             SELECT p.reference, p.fee,
                 CAST((SELECT COALESCE(SUM(l.amount), 0) FROM ledger_transaction t
                       JOIN ledger_posting l ON l.transaction_id = t.id AND l.account = 'fee'
                       WHERE t.reference = p.reference AND t.kind = 'fee') AS BIGINT) AS booked,
                 CAST((SELECT COALESCE(-SUM(l.amount), 0) FROM ledger_transaction t
                       JOIN ledger_posting l ON l.transaction_id = t.id AND l.account = 'gateway:' || p.gateway
                       WHERE t.reference = p.reference AND t.kind = 'fee') AS BIGINT) AS kept
             FROM payment p
             WHERE EXISTS (SELECT 1 FROM ledger_transaction t WHERE t.reference = p.reference
                           AND t.kind IN ('payment', 'payment_credit', 'fee'))
         ) AS fees
         WHERE fee IS NULL OR booked <> fee OR kept <> fee ORDER BY reference LIMIT 100"
    )
    .query()
    .all(tx)
    .await?;
    problems.extend(wrong.into_iter().map(|(reference, fee, booked, kept)| {
        let due = fee.map_or_else(|| "none".to_owned(), |fee| fee.to_string());
        let found = format!("{booked} is booked as its fee and {kept} as kept by its gateway");
        (reference, format!("{found}; {due} expected"))
    }));
    Ok(())
}

/// What an attempt that delivered took is its price, or our limit where the supplier named none: as the cost
/// of what is earned, or as a loss. What is taken back is the same, the other way round.
async fn check_goods(tx: &mut ReadTx, problems: &mut Problems) -> Result<(), Error> {
    let wrong: Vec<(String, String, Rupiah, Rupiah, Rupiah, Rupiah)> = report_sql!(
        "SELECT reference, kind, price, cost, paid, earned FROM (
             SELECT t.reference, t.kind,
                 CASE WHEN t.kind IN ('reversal', 'late_delivery_reversal') THEN -1 ELSE 1 END AS turn,
                 CASE WHEN a.price > 0 THEN a.price ELSE a.max_price END AS price,
                 CASE WHEN t.kind = 'part_delivery'
                           OR (t.kind = 'reversal' AND EXISTS (SELECT 1 FROM ledger_transaction s
                                   WHERE s.reference = t.reference AND s.kind = 'part_delivery'))
                      THEN o.amount - COALESCE(o.share_back, o.amount)
                      WHEN t.kind IN ('delivery', 'reversal') THEN o.amount ELSE 0 END AS due,
                 CAST((SELECT COALESCE(SUM(l.amount), 0) FROM ledger_posting l
                       WHERE l.transaction_id = t.id AND l.amount > 0) AS BIGINT) AS moved,
                 CAST((SELECT COALESCE(SUM(l.amount), 0) FROM ledger_posting l
                       WHERE l.transaction_id = t.id
                       AND l.account = CASE WHEN t.kind IN ('delivery', 'part_delivery', 'reversal') THEN 'cost'
                                            ELSE 'loss:late_delivery' END) AS BIGINT) AS cost,
                 CAST((SELECT COALESCE(-SUM(l.amount), 0) FROM ledger_posting l
                       WHERE l.transaction_id = t.id AND l.account = 'supplier:' || a.supplier) AS BIGINT) AS paid,
                 CAST((SELECT COALESCE(-SUM(l.amount), 0) FROM ledger_posting l
                       WHERE l.transaction_id = t.id AND l.account = 'revenue') AS BIGINT) AS earned
             FROM ledger_transaction t JOIN fulfilment_attempt a ON a.reference = t.reference
             JOIN shop_order o ON o.id = a.order_id
             WHERE t.kind IN ('delivery', 'part_delivery', 'reversal', 'late_delivery', 'late_delivery_reversal')
         ) AS booked
         WHERE cost <> turn * price OR paid <> turn * price OR earned <> turn * due OR moved <> price + due
         ORDER BY reference LIMIT 100"
    )
    .query()
    .all(tx)
    .await?;
    problems.extend(wrong.into_iter().map(|(reference, kind, price, cost, paid, earned)| {
        let found = format!("costs {cost}, takes {paid} from the supplier and earns {earned}");
        (reference, format!("{kind} {found}; its price is {price}"))
    }));
    Ok(())
}

/// What is refunded goes into the wallet of the order's buyer, and nowhere else.
async fn check_refunds(tx: &mut ReadTx, problems: &mut Problems) -> Result<(), Error> {
    let wrong: Vec<(String, Rupiah, Rupiah)> = report_sql!(
        "SELECT reference, moved, given FROM (
             SELECT t.reference,
                 CAST((SELECT COALESCE(SUM(l.amount), 0) FROM ledger_posting l
                       WHERE l.transaction_id = t.id AND l.amount > 0) AS BIGINT) AS moved,
                 CAST((SELECT COALESCE(-SUM(l.amount), 0) FROM ledger_posting l
                       WHERE l.transaction_id = t.id AND l.account = 'wallet:' || o.buyer) AS BIGINT) AS given
             FROM ledger_transaction t JOIN shop_order o ON o.id = t.order_id
             WHERE t.kind = 'refund'
         ) AS refund WHERE given <> moved ORDER BY reference LIMIT 100"
    )
    .query()
    .all(tx)
    .await?;
    problems.extend(wrong.into_iter().map(|(reference, moved, given)| {
        (reference, format!("{moved} is refunded, and its buyer's wallet gets {given} of it"))
    }));
    Ok(())
}

/// What a gateway had given back a part of is not refunded whole.
async fn check_parts(tx: &mut ReadTx, problems: &mut Problems) -> Result<(), Error> {
    let whole: Vec<(String, String, Option<Rupiah>)> = report_sql!(
        "SELECT r.reference, p.reference, p.given_back FROM ledger_transaction r
         JOIN payment p ON p.order_id = r.order_id AND p.given_back_at < r.at
         WHERE r.kind = 'refund'
         AND EXISTS (SELECT 1 FROM ledger_transaction t WHERE t.reference = p.reference AND t.kind = 'payment')
         AND NOT EXISTS (SELECT 1 FROM ledger_transaction t WHERE t.reference = p.reference
                         AND t.kind = 'payment_part_taken_back')
         ORDER BY r.reference LIMIT 100"
    )
    .query()
    .all(tx)
    .await?;
    problems.extend(whole.into_iter().map(|(reference, payment, back)| {
        let back =
            back.filter(|back| back.is_positive()).map_or_else(|| "a part".to_owned(), |b| b.to_string());
        (reference, format!("is refunded whole, and the gateway had given back {back} of {payment}"))
    }));
    Ok(())
}

/// What is booked of a payment or an attempt is booked for its order.
async fn check_whose(tx: &mut ReadTx, problems: &mut Problems) -> Result<(), Error> {
    let wrong: Vec<(String, String)> = report_sql!(
        "SELECT t.reference, t.kind FROM ledger_transaction t
         LEFT JOIN payment p ON p.reference = t.reference
         LEFT JOIN fulfilment_attempt a ON a.reference = t.reference
         WHERE COALESCE(p.order_id, a.order_id) <> COALESCE(t.order_id, '')
         ORDER BY t.reference LIMIT 100"
    )
    .query()
    .all(tx)
    .await?;
    problems.extend(
        wrong.into_iter().map(|(reference, kind)| (reference, format!("{kind} is booked for another order"))),
    );
    Ok(())
}

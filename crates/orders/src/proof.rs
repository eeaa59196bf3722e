//! `ledger check`: every sum, and that payments, orders, stock and ledger agree, at one moment.

use crate::{Attention, OrderState, Shop, amounts, bought_names, refund_proof, taken_proof};
use database::{Error, ReadTx, report_sql};
use ledger::{Account, OrderMoney};
use std::{collections::HashMap, time::Duration};
use vocabulary::{OrderId, OrderNumber, Rupiah};

/// How long reading everything may take.
const LIMIT: Duration = Duration::from_secs(300);

/// What the proof has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The balance of every account, by name.
    pub balances: Vec<(Account, Rupiah)>,
    /// How many orders were looked at.
    pub orders: usize,
    /// What does not add up: nothing, when all is well. The subject, then the problem.
    pub problems: Vec<(String, String)>,
}

impl Shop {
    /// Proves that the books are right. May run beside a serving process: it sees one moment.
    pub async fn check_ledger(&self) -> Result<Proof, Error> {
        let mut tx = self.db.read_within("ledger.check", LIMIT).await?;
        let mut problems: Vec<(String, String)> = Vec::new();
        for finding in
            ledger::check_sums(&mut tx).await?.into_iter().chain(ledger::wallet_findings(&mut tx).await?)
        {
            problems.push((finding.subject, finding.problem));
        }
        let orders = check_orders(&mut tx, &mut problems).await?;
        check_payments(&mut tx, &mut problems).await?;
        check_odd_money(&mut tx, &mut problems).await?;
        check_taken_back(&mut tx, &mut problems).await?;
        check_goods(&mut tx, &mut problems).await?;
        amounts::check(&mut tx, &mut problems).await?;
        refund_proof::check(&mut tx, &mut problems).await?;
        taken_proof::check(&mut tx, &mut problems).await?;
        bought_names::check(&mut tx, &mut problems).await?;
        check_held_stock(&mut tx, &mut problems).await?;
        for finding in inventory::check(&mut tx).await? {
            problems.push((format!("stock of {}", finding.product), finding.to_string()));
        }
        Ok(Proof { balances: ledger::balances(&mut tx).await?, orders, problems })
    }
}

/// Each order's money stands where its state says.
async fn check_orders(tx: &mut ReadTx, problems: &mut Vec<(String, String)>) -> Result<usize, Error> {
    let money: HashMap<OrderId, OrderMoney> = ledger::money_of_order(tx)
        .await?
        .into_iter()
        .filter_map(|m| m.order.clone().map(|order| (order, m)))
        .collect();
    type Line = (OrderId, OrderNumber, OrderState, Option<Attention>, Rupiah, Option<Rupiah>);
    let orders: Vec<Line> =
        report_sql!("SELECT id, number, state, attention, amount, share_back FROM shop_order")
            .query()
            .all(tx)
            .await?;
    let nothing = OrderMoney::default();
    for (id, number, state, attention, amount, share) in &orders {
        let books = money.get(id).unwrap_or(&nothing);
        let in_escrow = state.holds_money()
            || (*state == OrderState::NeedsAttention && *attention != Some(Attention::OddMoney));
        let expected = |yes: bool| if yes { *amount } else { Rupiah::ZERO };
        let (refunded, delivered) = (*state == OrderState::Refunded, *state == OrderState::Delivered);
        // What is the buyer's of what was delivered in part: all of it, once that was taken back as well.
        let share = share.map(|share| if refunded { *amount } else { share });
        let share = share.filter(|_| refunded || delivered);
        // What of that the gateway has given back, whole or in part, is not credited.
        let went_back = |share: Rupiah| {
            let gone = amount.checked_sub(books.received).unwrap_or_default();
            gone.clamp(Rupiah::ZERO, share.max(Rupiah::ZERO))
        };
        // Of what the gateway has given back in part, the rest is refunded.
        let back = match share {
            Some(share) => went_back(share),
            None if refunded => books.part_back,
            None => Rupiah::ZERO,
        };
        let part_back = if share.is_some() { books.part_back.min(back) } else { back };
        let rest = amount.checked_sub(back).unwrap_or(*amount);
        // What is on its way back to where it came from has left escrow, and all of it.
        let is_sent = *state == OrderState::Refunding && books.refunded == *amount;
        let sent = if is_sent { *amount } else { Rupiah::ZERO };
        let held = if is_sent { Rupiah::ZERO } else { expected(in_escrow) };
        // Of what was delivered in part a share went back, and the rest of its amount is earned.
        let earned = amount.checked_sub(share.unwrap_or_default()).unwrap_or(*amount);
        let credited = share.and_then(|share| share.checked_sub(back)).unwrap_or(sent);
        for (what, found, due) in [
            ("in escrow", books.escrow, held),
            ("earned", books.revenue, if delivered { earned } else { Rupiah::ZERO }),
            ("received", books.received, if refunded || delivered { rest } else { expected(in_escrow) }),
            ("refunded", books.refunded, if refunded { rest } else { credited }),
            ("given back in part", books.part_back, part_back),
        ] {
            if found != due {
                problems.push((number.to_string(), format!("is {state}: {found} {what}, {due} expected")));
            }
        }
    }
    let known: std::collections::HashSet<&OrderId> = orders.iter().map(|(id, ..)| id).collect();
    for id in money.keys().filter(|id| !known.contains(id)) {
        problems.push((id.to_string(), "has postings and no order".into()));
    }
    Ok(orders.len())
}

/// Each payment that came in is booked once, and nothing is booked for one that did not.
async fn check_payments(tx: &mut ReadTx, problems: &mut Vec<(String, String)>) -> Result<(), Error> {
    let wrong: Vec<(String, String, i64)> = report_sql!(
        "SELECT p.reference, p.state, (SELECT COUNT(*) FROM ledger_transaction t WHERE t.reference = p.reference
                 AND t.kind IN ('payment', 'wallet_payment', 'payment_credit')) AS booked
         FROM payment p
         WHERE (SELECT COUNT(*) FROM ledger_transaction t WHERE t.reference = p.reference
                AND t.kind IN ('payment', 'wallet_payment', 'payment_credit'))
               <> CASE WHEN p.state IN ('settled', 'refunding', 'partly_refunded', 'refunded')
                       AND p.settled_at IS NOT NULL THEN 1 ELSE 0 END
         -- Of an amount that nobody could read a person has decided: booked as paid, or nothing to give back.
         AND NOT (COALESCE(p.odd_amount, 1) = 0 AND p.state IN ('settled', 'refunding', 'partly_refunded', 'refunded')
                  AND (SELECT COUNT(*) FROM ledger_transaction t WHERE t.reference = p.reference
                       AND t.kind IN ('payment', 'wallet_payment', 'payment_credit')) <= 1)
         ORDER BY p.reference LIMIT 100"
    )
    .query()
    .all(tx)
    .await?;
    for (reference, state, booked) in wrong {
        problems.push((reference, format!("payment is {state} and booked {booked} times")));
    }
    let orphans: Vec<String> = report_sql!(
        "SELECT t.reference FROM ledger_transaction t WHERE t.kind IN ('payment', 'wallet_payment', 'payment_credit', 'fee', 'payment_difference',
                                                                        'payment_taken_back', 'payment_part_taken_back', 'payment_charged_back')
         AND NOT EXISTS (SELECT 1 FROM payment p WHERE p.reference = t.reference)
         -- What goes back bit by bit is booked in steps.
         AND NOT EXISTS (SELECT 1 FROM payment p WHERE p.order_id = t.order_id
                         AND t.kind IN ('payment_part_taken_back', 'payment_charged_back')
                         AND t.reference LIKE p.reference || '/%')
         ORDER BY t.reference LIMIT 100"
    )
    .query()
    .all(tx)
    .await?;
    problems.extend(orphans.into_iter().map(|reference| (reference, "is booked and is no payment".into())));
    Ok(())
}

/// Each payment of an odd amount was decided about, or waits for a person who can.
async fn check_odd_money(tx: &mut ReadTx, problems: &mut Vec<(String, String)>) -> Result<(), Error> {
    let stuck: Vec<(String, OrderState)> = report_sql!(
        "SELECT p.reference, o.state FROM payment p JOIN shop_order o ON o.id = p.order_id
         WHERE p.state = 'unknown' AND p.odd_amount IS NOT NULL
         AND NOT (o.state = 'needs_attention' AND COALESCE(o.attention, '') = 'odd_money')
         ORDER BY p.reference LIMIT 100"
    )
    .query()
    .all(tx)
    .await?;
    problems.extend(stuck.into_iter().map(|(reference, state)| {
        (reference, format!("an odd amount came in, and nobody can decide about it: its order is {state}"))
    }));
    Ok(())
}

/// What a gateway took back is booked as taken back. Of an order whose money stands in escrow that waits
/// until it is decided what becomes of the order.
async fn check_taken_back(tx: &mut ReadTx, problems: &mut Vec<(String, String)>) -> Result<(), Error> {
    let missing: Vec<(String, OrderState)> = report_sql!(
        "SELECT p.reference, o.state FROM payment p JOIN shop_order o ON o.id = p.order_id
         WHERE p.state = 'refunded'
         AND EXISTS (SELECT 1 FROM ledger_transaction t WHERE t.reference = p.reference
                     AND (t.kind = 'payment_credit'
                          OR (t.kind = 'payment' AND o.state NOT IN ('paid', 'fulfilling', 'failed', 'refunding', 'needs_attention'))))
         AND NOT EXISTS (SELECT 1 FROM ledger_transaction t WHERE t.reference = p.reference AND t.kind = 'payment_taken_back')
         -- What refunds of ours gave back is booked by them.
         AND p.refunded + p.refunding < p.amount
         ORDER BY p.reference LIMIT 100"
    )
    .query()
    .all(tx)
    .await?;
    problems.extend(missing.into_iter().map(|(reference, state)| {
        (reference, format!("was taken back at the gateway, and that is not booked: its order is {state}"))
    }));
    Ok(())
}

/// No order that is over keeps stock from others.
async fn check_held_stock(tx: &mut ReadTx, problems: &mut Vec<(String, String)>) -> Result<(), Error> {
    let held: Vec<(String, OrderState)> = report_sql!(
        "SELECT o.number, o.state FROM reservation r JOIN shop_order o ON o.id = r.order_id
         WHERE r.state = 'held' ORDER BY o.number"
    )
    .query()
    .all(tx)
    .await?;
    let over = held.into_iter().filter(|(_, state)| state.is_final()).take(100);
    problems.extend(over.map(|(number, state)| (number, format!("is {state} and still holds stock"))));
    Ok(())
}

/// Each delivery is booked, as revenue or as a loss, and nothing else is.
async fn check_goods(tx: &mut ReadTx, problems: &mut Vec<(String, String)>) -> Result<(), Error> {
    let wrong: Vec<(String, String, i64)> = report_sql!(
        "SELECT a.reference, a.state,
                CAST((SELECT COALESCE(SUM(CASE WHEN t.kind IN ('delivery', 'part_delivery', 'late_delivery') THEN 1 ELSE -1 END), 0)
                 FROM ledger_transaction t WHERE t.reference = a.reference
                 AND t.kind IN ('delivery', 'part_delivery', 'late_delivery', 'reversal', 'late_delivery_reversal')) AS BIGINT) AS booked
         FROM fulfilment_attempt a JOIN shop_order o ON o.id = a.order_id
         WHERE (SELECT COALESCE(SUM(CASE WHEN t.kind IN ('delivery', 'part_delivery', 'late_delivery') THEN 1 ELSE -1 END), 0)
                FROM ledger_transaction t WHERE t.reference = a.reference
                AND t.kind IN ('delivery', 'part_delivery', 'late_delivery', 'reversal', 'late_delivery_reversal'))
               -- What arrived in part is booked when a person has said what it is worth, or as a part too many.
               <> CASE WHEN a.state = 'succeeded' THEN 1
                       WHEN a.state <> 'partly_succeeded' THEN 0
                       WHEN COALESCE(o.attention, '') <> 'partly_delivered' THEN 1
                       WHEN EXISTS (SELECT 1 FROM ledger_transaction t
                                    WHERE t.reference = a.reference AND t.kind = 'late_delivery') THEN 1
                       ELSE 0 END
         ORDER BY a.reference LIMIT 100"
    )
    .query()
    .all(tx)
    .await?;
    for (reference, state, booked) in wrong {
        problems
            .push((reference, format!("attempt is {state} and its delivery stands booked {booked} times")));
    }
    Ok(())
}

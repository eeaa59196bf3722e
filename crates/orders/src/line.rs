//! Who waits for which supplier's deposit. An order stands in the line of every supplier that could deliver it and
//! is short of one; in each line who was paid first is served first, so that whichever deposit is filled, nobody is
//! served before somebody who was paid earlier and could have been served there as well. Who is called keeps its
//! place until its supplier has taken the order: one that is refused once more is still the first.

use database::{Error, ReadTx, WriteTx, sql};
use std::time::Duration;
use vocabulary::{OrderId, Timestamp};

/// Nobody waits longer than this behind an order that is being tried somewhere.
const LONGEST_TRIAL: Duration = Duration::from_secs(120);

/// The order that is served first of those that wait for this supplier's deposit: the one that was paid first.
/// One that is parked waits for a person, and nobody waits behind it.
pub(crate) async fn first_in_line(
    tx: &mut ReadTx,
    supplier: &str,
    now: Timestamp,
) -> Result<Option<OrderId>, Error> {
    sql!(
        "SELECT o.id FROM supplier_line l JOIN shop_order o ON o.id = l.order_id
         WHERE l.supplier = $1 AND (o.due_at IS NOT NULL OR o.state = 'fulfilling' AND o.updated_at > $2)
         ORDER BY o.paid_at, o.id LIMIT 1"
    )
    .bind(supplier)
    .bind(now.minus(LONGEST_TRIAL))
    .optional(tx)
    .await
}

/// Calls the first of those that wait for this supplier's deposit: it may be its turn.
pub(crate) async fn call_the_first(tx: &mut WriteTx, supplier: &str, now: Timestamp) -> Result<(), Error> {
    let Some(first) = first_in_line(tx, supplier, now).await? else { return Ok(()) };
    sql!("UPDATE shop_order SET due_at = $2 WHERE id = $1 AND waits_for IS NOT NULL AND due_at > $2")
        .bind(first)
        .bind(now)
        .run(tx)
        .await?;
    Ok(())
}

/// Puts an order that is locked into the lines of these suppliers and no others, and calls who comes first now in
/// those that it leaves.
pub(crate) async fn stand_in(
    tx: &mut WriteTx,
    order: &OrderId,
    suppliers: &[String],
    now: Timestamp,
) -> Result<(), Error> {
    let before: Vec<String> =
        sql!("SELECT supplier FROM supplier_line WHERE order_id = $1 ORDER BY supplier")
            .bind(order)
            .all(tx)
            .await?;
    for supplier in suppliers.iter().filter(|supplier| !before.contains(supplier)) {
        sql!("INSERT INTO supplier_line (order_id, supplier) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(order)
            .bind(supplier)
            .run(tx)
            .await?;
    }
    for supplier in before.iter().filter(|supplier| !suppliers.contains(supplier)) {
        sql!("DELETE FROM supplier_line WHERE order_id = $1 AND supplier = $2")
            .bind(order)
            .bind(supplier)
            .run(tx)
            .await?;
        call_the_first(tx, supplier, now).await?;
    }
    Ok(())
}

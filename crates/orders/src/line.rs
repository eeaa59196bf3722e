//! Who waits for which supplier's deposit. An order stands in the line of every supplier that could deliver it and
//! is short of one; in each line who was paid first is served first, so that whichever deposit is filled, nobody is
//! served before somebody who was paid earlier and could have been served there as well. Who is called keeps its
//! place until its supplier has taken the order: one that is refused once more is still the first.

use crate::Shop;
use database::{Error, ReadTx, WriteTx, sql};
use std::time::Duration;
use vocabulary::{OrderId, Timestamp};

/// Nobody waits longer than this behind an order that is being tried somewhere.
const LONGEST_TRIAL: Duration = Duration::from_secs(120);
/// Who could not be called, because somebody was at its row, is called so long after.
const AGAIN: Duration = Duration::from_millis(300);
/// As often: whoever stood in the way may take as long as a transaction may.
const TRIES: u32 = 3;

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

/// Calls the first of those that wait for this supplier's deposit: it may be its turn. The caller has rows of its own,
/// so nobody waits here for a row that another has, who may wait for one of the caller's: then it is called a moment
/// later, by nobody who holds anything.
pub(crate) async fn call_the_first(
    shop: &Shop,
    tx: &mut WriteTx,
    supplier: &str,
    now: Timestamp,
) -> Result<(), Error> {
    let Some(first) = first_in_line(tx, supplier, now).await? else { return Ok(()) };
    let called = sql!(
        sqlite: "UPDATE shop_order SET due_at = $2 WHERE id = $1 AND waits_for IS NOT NULL AND due_at > $2",
        postgres: "UPDATE shop_order SET due_at = $2
                   WHERE id = (SELECT id FROM shop_order WHERE id = $1 AND waits_for IS NOT NULL AND due_at > $2
                               FOR UPDATE SKIP LOCKED)"
    )
    .bind(&first)
    .bind(now)
    .run(tx)
    .await?;
    if called == 0 && sleeps(tx, &first, now).await? {
        tokio::spawn(call_later(shop.clone(), supplier.to_owned()));
    }
    Ok(())
}

/// Whether it waits, and is looked at later.
async fn sleeps(tx: &mut ReadTx, order: &OrderId, now: Timestamp) -> Result<bool, Error> {
    let found: Option<OrderId> =
        sql!("SELECT id FROM shop_order WHERE id = $1 AND waits_for IS NOT NULL AND due_at > $2")
            .bind(order)
            .bind(now)
            .optional(tx)
            .await?;
    Ok(found.is_some())
}

/// Calls whoever is the first by then, and waits for the row. That it fails is no harm: who waits looks by itself,
/// too.
async fn call_later(shop: Shop, supplier: String) {
    for _ in 0..TRIES {
        tokio::time::sleep(AGAIN).await;
        match call_now(&shop, &supplier).await {
            Ok(true) => return,
            Ok(false) => {}
            Err(error) => {
                tracing::debug!(%error, "the next who waits for {supplier} cannot be called now: {error}");
            }
        }
    }
}

async fn call_now(shop: &Shop, supplier: &str) -> Result<bool, Error> {
    let now = shop.clock.now();
    let mut tx = shop.db.write("line.call").await?;
    let Some(first) = first_in_line(&mut tx, supplier, now).await? else { return Ok(true) };
    let called =
        sql!("UPDATE shop_order SET due_at = $2 WHERE id = $1 AND waits_for IS NOT NULL AND due_at > $2")
            .bind(first)
            .bind(now)
            .run(&mut tx)
            .await?;
    tx.commit().await?;
    Ok(called > 0)
}

/// Puts an order that is locked into the lines of these suppliers and no others, and calls who comes first now in
/// those that it leaves.
pub(crate) async fn stand_in(
    shop: &Shop,
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
        call_the_first(shop, tx, supplier, now).await?;
    }
    Ok(())
}

//! Who may make what is to be there once: the message about an order, and a buyer's thread on a channel. The
//! rows are for every process on the database; a claim ends by itself when whoever holds it dies.

use super::CARRY_WITHIN;
use database::{Error, WriteTx, sql};
use std::time::Duration;
use vocabulary::{BuyerId, OrderId, OutboxMessageId, Timestamp};

/// How long a claim holds, in real time.
const LEASE: Duration = Duration::from_secs(60);
const _: () =
    assert!(LEASE.as_secs() > CARRY_WITHIN.as_secs(), "whoever holds a claim is done before it ends");

/// The right to carry what belongs into the message about an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReceiptClaim {
    /// What a new message is sent under.
    pub(super) nonce: String,
    /// How often it was claimed under this nonce: a message may have been sent before the last time.
    tries: i64,
}

impl ReceiptClaim {
    /// Whether a message may have been sent under the nonce already, and is there with what it said then.
    pub(super) fn is_again(&self) -> bool {
        self.tries > 1
    }
}

/// The right to make a buyer's thread on a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ThreadClaim {
    /// The last word of its name.
    pub(super) mark: String,
    tries: i64,
}

impl ThreadClaim {
    /// Whether the thread may have been made under this name already.
    pub(super) fn is_again(&self) -> bool {
        self.tries > 1
    }
}

/// Claims the message about an order for an outbox message; `None` while another one is carried. The same
/// one, carried again, gets it at once.
pub(super) async fn receipt(
    tx: &mut WriteTx,
    order: &OrderId,
    (holder, nonce): (&OutboxMessageId, &str),
    real_now: Timestamp,
) -> Result<Option<ReceiptClaim>, Error> {
    let claimed: Option<(String, i64)> = sql!(
        "INSERT INTO discord_receipt_claim (order_id, holder, nonce, tries, lease_until) VALUES ($1, $2, $3, 1, $4)
         ON CONFLICT (order_id) DO UPDATE SET holder = excluded.holder, lease_until = excluded.lease_until,
            tries = discord_receipt_claim.tries + 1
         WHERE discord_receipt_claim.lease_until <= $5 OR discord_receipt_claim.holder = excluded.holder
         RETURNING nonce, tries"
    )
    .bind(order)
    .bind(holder)
    .bind(nonce)
    .bind(real_now.plus(LEASE))
    .bind(real_now)
    .optional(tx)
    .await?;
    Ok(claimed.map(|(nonce, tries)| ReceiptClaim { nonce, tries }))
}

/// It is known what became of it: the next message begins anew.
pub(super) async fn settle_receipt(
    tx: &mut WriteTx,
    order: &OrderId,
    holder: &OutboxMessageId,
) -> Result<(), Error> {
    sql!("DELETE FROM discord_receipt_claim WHERE order_id = $1 AND holder = $2")
        .bind(order)
        .bind(holder)
        .run(tx)
        .await?;
    Ok(())
}

/// It is not done, or not known: whatever is carried next goes on under the same nonce.
pub(super) async fn pause_receipt(
    tx: &mut WriteTx,
    order: &OrderId,
    holder: &OutboxMessageId,
) -> Result<(), Error> {
    sql!("UPDATE discord_receipt_claim SET lease_until = 0 WHERE order_id = $1 AND holder = $2")
        .bind(order)
        .bind(holder)
        .run(tx)
        .await?;
    Ok(())
}

/// Claims the making of a buyer's thread on a channel, under a name that ends in `mark` unless it was begun
/// under another; `None` while somebody else makes it, or when there is one other than `refused`, which is
/// the one that takes nothing any more.
pub(super) async fn thread(
    tx: &mut WriteTx,
    (buyer, parent): (&BuyerId, &str),
    refused: Option<&str>,
    (holder, mark): (&OutboxMessageId, &str),
    real_now: Timestamp,
) -> Result<Option<ThreadClaim>, Error> {
    let claimed: Option<(String, i64)> = sql!(
        "INSERT INTO discord_thread (buyer, parent_id, mark, tries, holder, lease_until) VALUES ($1, $2, $3, 1, $4, $5)
         ON CONFLICT (buyer, parent_id) DO UPDATE SET
            mark = CASE WHEN discord_thread.thread_id IS NULL THEN discord_thread.mark ELSE excluded.mark END,
            tries = CASE WHEN discord_thread.thread_id IS NULL THEN discord_thread.tries + 1 ELSE 1 END,
            thread_id = NULL, holder = excluded.holder, lease_until = excluded.lease_until
         WHERE (discord_thread.lease_until <= $6 OR discord_thread.holder = excluded.holder)
            AND (discord_thread.thread_id IS NULL OR discord_thread.thread_id = $7)
         RETURNING mark, tries"
    )
    .bind(buyer)
    .bind(parent)
    .bind(mark)
    .bind(holder)
    .bind(real_now.plus(LEASE))
    .bind(real_now)
    .bind(refused)
    .optional(tx)
    .await?;
    Ok(claimed.map(|(mark, tries)| ThreadClaim { mark, tries }))
}

/// The thread is there.
pub(super) async fn settle_thread(
    tx: &mut WriteTx,
    (buyer, parent): (&BuyerId, &str),
    holder: &OutboxMessageId,
    thread: &str,
) -> Result<(), Error> {
    sql!("UPDATE discord_thread SET thread_id = $4, lease_until = 0 WHERE buyer = $1 AND parent_id = $2 AND holder = $3")
        .bind(buyer)
        .bind(parent)
        .bind(holder)
        .bind(thread)
        .run(tx)
        .await?;
    Ok(())
}

/// It is not known whether it is there: whoever makes it next looks for it first.
pub(super) async fn pause_thread(
    tx: &mut WriteTx,
    (buyer, parent): (&BuyerId, &str),
    holder: &OutboxMessageId,
) -> Result<(), Error> {
    sql!("UPDATE discord_thread SET lease_until = 0 WHERE buyer = $1 AND parent_id = $2 AND holder = $3")
        .bind(buyer)
        .bind(parent)
        .bind(holder)
        .run(tx)
        .await?;
    Ok(())
}

/// It was certainly not made.
pub(super) async fn forget_thread(
    tx: &mut WriteTx,
    (buyer, parent): (&BuyerId, &str),
    holder: &OutboxMessageId,
) -> Result<(), Error> {
    sql!(
        "DELETE FROM discord_thread WHERE buyer = $1 AND parent_id = $2 AND holder = $3 AND thread_id IS NULL"
    )
    .bind(buyer)
    .bind(parent)
    .bind(holder)
    .run(tx)
    .await?;
    Ok(())
}

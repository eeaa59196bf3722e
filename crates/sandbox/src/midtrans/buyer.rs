//! Acting as the buyer in the wallet app: paying, declining, or letting the time pass.

use super::{
    books::{self, Status, Transaction},
    notify, qris,
};
use crate::{worker, world::World};
use database::{Error, ReadTx, WriteTx};
use std::time::Duration;
use tokio::time::Instant;
use vocabulary::{OrderNumber, Timestamp};

/// How long a transaction that is on its way is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is looked for when nothing is committed here.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

vocabulary::text_enum!(
    /// What the buyer does.
    pub(crate) enum Outcome {
        /// Pays.
        Settle = "settle",
        /// Declines.
        Deny = "deny",
        /// Does nothing until the time is over.
        Expire = "expire",
    }
);

/// When a transaction may be acted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Acted {
    /// While it is pending, as in the app.
    WhilePending,
    /// Also after its time was over: a payment that the wallet's side books late.
    Late,
}

/// Why the buyer cannot act.
#[derive(Debug)]
pub(crate) enum NotPayable {
    /// No such transaction, and none came.
    Unknown,
    /// It is not waiting for the buyer.
    Final(Box<Transaction>),
    /// The books failed.
    Database(Error),
}

impl From<Error> for NotPayable {
    fn from(error: Error) -> Self {
        NotPayable::Database(error)
    }
}

enum Found {
    Payable(Box<Transaction>),
    /// Only such as cannot be acted on; another may be on its way.
    Final(Box<Transaction>),
    Nothing,
}

/// Does what the buyer would do, and lets Midtrans tell the merchant.
pub(crate) async fn act_as_buyer(
    world: &World,
    reference: &str,
    outcome: Outcome,
    acted: Acted,
) -> Result<Transaction, NotPayable> {
    let deadline = Instant::now() + PATIENCE;
    let mut commits = world.db.commits();
    loop {
        commits.mark_unchanged();
        let mut tx = world.db.write("world.pay").await?;
        let now = world.now();
        worker::catch_up(world, &mut tx, now).await?;
        let found = look_up(&mut tx, reference, acted).await?;
        if let Found::Payable(transaction) = found {
            let transaction = settle(world, &mut tx, *transaction, outcome, now).await?;
            tx.commit().await?;
            world.wake.notify_one();
            return Ok(transaction);
        }
        drop(tx);
        if let Found::Final(transaction) = found
            && (Instant::now() >= deadline || !may_be_replaced(&transaction, reference))
        {
            return Err(NotPayable::Final(transaction));
        }
        if Instant::now() >= deadline {
            return Err(NotPayable::Unknown);
        }
        // Looks again when something was written, and now and then in any case.
        let _ = tokio::time::timeout(LOOK_AGAIN, commits.changed()).await;
    }
}

async fn settle(
    world: &World,
    tx: &mut WriteTx,
    mut transaction: Transaction,
    outcome: Outcome,
    now: Timestamp,
) -> Result<Transaction, Error> {
    transaction.status = match outcome {
        Outcome::Settle => Status::Settlement,
        Outcome::Deny => Status::Deny,
        Outcome::Expire => Status::Expire,
    };
    if outcome == Outcome::Settle {
        transaction.settled_at = Some(now);
        transaction.times_settled = transaction.times_settled.saturating_add(1);
    }
    books::save(tx, &transaction).await?;
    notify::notify(world, tx, &transaction, now).await?;
    Ok(transaction)
}

/// The reference may be an order number, an order id, a transaction id, or the text of a QR code.
async fn look_up(tx: &mut ReadTx, reference: &str, acted: Acted) -> Result<Found, Error> {
    let payable = |t: &Transaction| match acted {
        Acted::WhilePending => t.status == Status::Pending,
        Acted::Late => matches!(t.status, Status::Pending | Status::Expire | Status::Cancel),
    };
    let scanned = qris::transaction_of(reference);
    let candidates = match (
        books::find(tx, scanned.as_deref().unwrap_or(reference)).await?,
        reference.parse::<OrderNumber>(),
    ) {
        (Some(transaction), _) => vec![transaction],
        (None, Ok(number)) => books::of_number(tx, number.as_str()).await?,
        (None, Err(_)) => Vec::new(),
    };
    if let Some(pending) = candidates
        .iter()
        .find(|t| t.status == Status::Pending)
        .or_else(|| candidates.iter().find(|t| payable(t)))
    {
        return Ok(Found::Payable(Box::new(pending.clone())));
    }
    let paid = candidates.iter().find(|t| t.times_settled > 0).or(candidates.first());
    Ok(paid.map_or(Found::Nothing, |t| Found::Final(Box::new(t.clone()))))
}

/// Whether another transaction of the same order may still come: the order was not paid, and the
/// reference names the order rather than one transaction.
fn may_be_replaced(transaction: &Transaction, reference: &str) -> bool {
    transaction.times_settled == 0
        && reference.parse::<OrderNumber>().is_ok()
        && transaction.order_id != reference
}

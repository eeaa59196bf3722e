//! The worker: claims what is due, does the outside call with no transaction open, and writes the
//! outcome back under the fencing number of its claim. Any number of workers may run.

mod attempt;
mod courier;
mod heard;
mod inbox;
mod order;
mod payment;
mod reconcile;
mod refund;
mod reversed;
mod unsent;
pub(crate) mod waiting;
mod watch;

use crate::{Backlog, Shop, alert_over};
use database::{Claim, Error, ReadTx, RowQueue};
use notifications::{AlertKind, alert_open};
use std::{collections::HashMap, time::Duration};
use tokio::task::JoinSet;
use vocabulary::{Timestamp, WibDay};

/// The longest sleep: other processes may have put work there.
const LONGEST_SLEEP: Duration = Duration::from_millis(1000);
/// How often a row may be claimed without making progress before it is parked.
const CLAIMS_BEFORE_PARKING: i64 = 20;

/// Frees what a worker that died had claimed. Only for a process that knows to be the only one: on
/// SQLite, under the serving lock. Elsewhere leases run out by themselves.
///
/// # Errors
/// When the database refuses.
pub async fn free_leases(shop: &Shop) -> Result<(), Error> {
    let mut tx = shop.db.write("worker.free_leases").await?;
    for queue in QUEUES {
        queue.rows().free_leases(&mut tx).await?;
    }
    tx.commit().await
}

/// The tables that are worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Queue {
    Inbox,
    Orders,
    Payments,
    Refunds,
    Attempts,
    Messages,
    Screens,
    Reconciliation,
    Watches,
}

const QUEUES: [Queue; 9] = [
    Queue::Inbox,
    Queue::Orders,
    Queue::Payments,
    Queue::Attempts,
    Queue::Refunds,
    Queue::Screens,
    Queue::Messages,
    Queue::Reconciliation,
    Queue::Watches,
];

impl Queue {
    /// How many rows of it are worked on at once. Each has its own share: a gateway that hangs must
    /// not keep anybody's product from being bought.
    fn share(self) -> usize {
        match self {
            Queue::Inbox | Queue::Orders | Queue::Refunds => 4,
            Queue::Payments | Queue::Attempts => 12,
            Queue::Messages | Queue::Screens => 8,
            Queue::Reconciliation => 1,
            Queue::Watches => 2,
        }
    }

    /// Its rows.
    fn rows(self) -> RowQueue {
        match self {
            Queue::Inbox => crate::inbox::QUEUE,
            Queue::Orders => crate::order::QUEUE,
            Queue::Payments => payments::PAYMENT_QUEUE,
            Queue::Refunds => payments::REFUND_QUEUE,
            Queue::Attempts => suppliers::ATTEMPT_QUEUE,
            Queue::Messages => notifications::MESSAGE_QUEUE,
            Queue::Screens => notifications::SCREEN_QUEUE,
            Queue::Reconciliation => crate::reconcile::QUEUE,
            Queue::Watches => crate::watch::QUEUE,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Queue::Inbox => "webhook",
            Queue::Orders => "order",
            Queue::Payments => "payment",
            Queue::Refunds => "refund",
            Queue::Attempts => "attempt",
            Queue::Messages => "message",
            Queue::Screens => "screen",
            Queue::Reconciliation => "reconciliation",
            Queue::Watches => "supplier_watch",
        }
    }
}

/// Works until `shutdown` completes, then finishes what is under way (within the lease) and returns.
pub async fn run(shop: Shop, shutdown: impl Future<Output = ()> + Send) {
    tokio::pin!(shutdown);
    let sealer = tokio::spawn(seal_audit(shop.clone()));
    let mut jobs = Jobs::default();
    loop {
        // Subscribed before looking, so that nothing that is committed meanwhile is slept over.
        let mut commits = shop.db.commits();
        commits.mark_unchanged();
        jobs.tidy();
        let pause = match take_up(&shop, &mut jobs).await {
            Ok(pause) => pause,
            Err(error) => {
                tracing::error!(%error, "the worker cannot look for work: {error}");
                LONGEST_SLEEP
            }
        };
        tokio::select! {
            () = &mut shutdown => break,
            () = jobs.one_done() => {}
            _ = commits.changed() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
    sealer.abort();
    let finish = async { while jobs.running.join_next().await.is_some() {} };
    if tokio::time::timeout(Duration::from_secs(10), finish).await.is_err() {
        tracing::warn!("stopped while work was under way; it is taken up again at the next start");
    }
}

/// What is under way, by queue.
#[derive(Default)]
struct Jobs {
    running: JoinSet<Queue>,
    by_queue: HashMap<Queue, usize>,
    /// The day that has its row for the daily comparison.
    planned: Option<WibDay>,
    /// When it was last looked which alerts are over.
    looked: Option<Timestamp>,
}

impl Jobs {
    fn under_way(&self, queue: Queue) -> usize {
        self.by_queue.get(&queue).copied().unwrap_or(0)
    }

    fn start(&mut self, queue: Queue, job: impl Future<Output = ()> + Send + 'static) {
        let count = self.by_queue.entry(queue).or_insert(0);
        *count = count.saturating_add(1);
        self.running.spawn(async move {
            // A job that panics must give its place back as well.
            if tokio::spawn(job).await.is_err() {
                tracing::error!("work on a {} ended in a panic; the row is taken up again", queue.name());
            }
            queue
        });
    }

    fn tidy(&mut self) {
        while let Some(done) = self.running.try_join_next() {
            self.ended(done.ok());
        }
    }

    /// Completes when one job has ended; never while there is none.
    async fn one_done(&mut self) {
        match self.running.join_next().await {
            Some(done) => self.ended(done.ok()),
            None => std::future::pending().await,
        }
    }

    fn ended(&mut self, queue: Option<Queue>) {
        if let Some(count) = queue.and_then(|queue| self.by_queue.get_mut(&queue)) {
            *count = count.saturating_sub(1);
        }
    }
}

/// Claims what is due and starts a job for each row; says how long to sleep.
async fn take_up(shop: &Shop, jobs: &mut Jobs) -> Result<Duration, Error> {
    shop.refresh_clock().await?;
    shop.refresh_circuits().await?;
    let (now, real_now) = (shop.clock.now(), shop.clock.real_now());
    let today = now.wib_day();
    if jobs.planned != Some(today) {
        crate::reconcile::plan(shop, today).await?;
        crate::watch::plan(shop).await?;
        jobs.planned = Some(today);
    }
    if jobs.looked.is_none_or(|at| now >= at.plus(alert_over::EVERY)) {
        jobs.looked = Some(now);
        // An alert that stays open longer keeps nobody's order waiting.
        if let Err(error) = shop.close_what_is_over().await {
            tracing::error!(%error, "alerts that are over were not closed: {error}");
        }
    }
    let mut next = now.plus(LONGEST_SLEEP);
    for queue in QUEUES {
        let Some(due) = earliest(shop, queue).await? else { continue };
        if due > now {
            next = next.min(due);
            continue;
        }
        let room = queue.share().saturating_sub(jobs.under_way(queue));
        if room == 0 {
            continue;
        }
        let limit = i64::try_from(room).unwrap_or(1);
        let claims = claim(shop, queue, (now, real_now, real_now.plus(shop.rules.lease)), limit).await?;
        for claim in claims {
            let shop = shop.clone();
            jobs.start(queue, async move { work(&shop, queue, claim).await });
        }
    }
    Ok(next.since(now).max(Duration::from_millis(5)))
}

async fn earliest(shop: &Shop, queue: Queue) -> Result<Option<Timestamp>, Error> {
    let mut tx = shop.db.read("worker.look").await?;
    queue.rows().next_due(&mut tx).await
}

/// What every queue is behind with at `now`.
pub(crate) async fn backlog(tx: &mut ReadTx, now: Timestamp) -> Result<Vec<Backlog>, Error> {
    let mut backlogs = Vec::with_capacity(QUEUES.len());
    for queue in QUEUES {
        let (overdue, first) = queue.rows().overdue(tx, now).await?;
        let oldest = first.map_or(Duration::ZERO, |due| now.since(due));
        backlogs.push(Backlog { queue: queue.name(), overdue, oldest });
    }
    Ok(backlogs)
}

async fn claim(
    shop: &Shop,
    queue: Queue,
    times: (Timestamp, Timestamp, Timestamp),
    limit: i64,
) -> Result<Vec<Claim>, Error> {
    let mut tx = shop.db.write("worker.claim").await?;
    let claims = queue.rows().claim(&mut tx, times, limit).await?;
    if !claims.is_empty() {
        tx.commit().await?;
    }
    Ok(claims)
}

/// Works on one row. A failure is logged; the row is claimed again when its lease is over.
async fn work(shop: &Shop, queue: Queue, claim: Claim) {
    let outcome = if claim.claims > CLAIMS_BEFORE_PARKING {
        park(shop, queue, &claim).await
    } else {
        match queue {
            Queue::Inbox => inbox::work(shop, &claim).await,
            Queue::Orders => order::work(shop, &claim).await,
            Queue::Payments => payment::work(shop, &claim).await,
            Queue::Refunds => refund::work(shop, &claim).await,
            Queue::Attempts => attempt::work(shop, &claim).await,
            Queue::Messages => courier::carry(shop, &claim).await,
            Queue::Screens => courier::refresh(shop, &claim).await,
            Queue::Reconciliation => reconcile::work(shop, &claim).await,
            Queue::Watches => watch::work(shop, &claim).await,
        }
    };
    if let Err(error) = outcome {
        let name = queue.name();
        tracing::error!(row = claim.id, claims = claim.claims, %error, "work on {name} {} failed: {error}", claim.id);
        metrics::counter!("loket_worker_failures_total", "queue" => name).increment(1);
    }
}

/// Takes a row that makes no progress out of the queue, and calls a person. Nothing is deleted.
async fn park(shop: &Shop, queue: Queue, claim: &Claim) -> Result<(), Error> {
    let now = shop.clock.now();
    let mut tx = shop.db.write("worker.park").await?;
    let parked = match queue {
        Queue::Inbox => crate::inbox::park(&mut tx, claim, now).await?,
        Queue::Orders => crate::order::park(&mut tx, &parse(&claim.id)?, claim.fence).await?,
        Queue::Payments => payments::park_payment(&mut tx, &parse(&claim.id)?, claim.fence, now).await?,
        Queue::Refunds => payments::park_refund(&mut tx, &parse(&claim.id)?, claim.fence, now).await?,
        Queue::Attempts => suppliers::park_attempt(&mut tx, &parse(&claim.id)?, claim.fence, now).await?,
        Queue::Messages => notifications::message_waits(&mut tx, claim, "parked", None).await?,
        Queue::Screens => notifications::drop_screen(&mut tx, claim, "parked", now).await?,
        Queue::Reconciliation => crate::reconcile::park(&mut tx, claim).await?,
        Queue::Watches => crate::watch::park(&mut tx, claim).await?,
    };
    if parked {
        let message = format!(
            "{} {} was taken up {CLAIMS_BEFORE_PARKING} times without making progress; see the log, then restart it by hand",
            queue.name(),
            claim.id
        );
        alert_open(&mut tx, &shop.ids, now, (AlertKind::Parked, &claim.id, &message)).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Chains audit entries as they are committed, and never later than a second after.
async fn seal_audit(shop: Shop) {
    loop {
        let mut commits = shop.db.commits();
        commits.mark_unchanged();
        match seal_once(&shop).await {
            Ok(0) => {}
            Ok(_) => continue,
            Err(error) => tracing::debug!(%error, "the audit chain was not extended now: {error}"),
        }
        tokio::select! {
            _ = commits.changed() => tokio::time::sleep(Duration::from_millis(200)).await,
            () = tokio::time::sleep(LONGEST_SLEEP) => {}
        }
    }
}

async fn seal_once(shop: &Shop) -> Result<usize, Error> {
    if security::unsealed(&mut shop.db.read("audit.look").await?).await? == 0 {
        return Ok(0);
    }
    let mut tx = shop.db.write("audit.seal").await?;
    let sealed = security::seal(&mut tx, shop.clock.now()).await?;
    tx.commit().await?;
    Ok(sealed)
}

/// An id that one of our own rows holds.
fn parse<T: std::str::FromStr>(id: &str) -> Result<T, Error>
where
    T::Err: std::fmt::Display,
{
    id.parse().map_err(|e: T::Err| Error::Column { column: "id".into(), reason: e.to_string() })
}

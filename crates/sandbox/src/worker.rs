//! What the outside world does by itself: payments expire, the supplier makes up its mind, webhooks
//! go out. A reconciler: it looks at what is due, does it, and sleeps until the next thing is due.

use crate::{
    dana,
    deliveries::{self, Delivery},
    digiflazz, goods, midtrans,
    world::World,
    xendit,
};
use database::{Error, WriteTx};
use std::{collections::HashMap, future::Future, sync::Arc, time::Duration};
use tokio::task::JoinSet;
use vocabulary::Timestamp;

/// Longest sleep: business time may be moved by another clock than ours.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
/// Shortest sleep, so that a webhook that is due but must wait for another does not spin the loop.
const SHORTEST_SLEEP: Duration = Duration::from_millis(25);
/// How long webhooks on their way may take after the end was asked for.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Webhooks on their way: which transaction each is about, and its text.
type InFlight = HashMap<i64, (String, String)>;

pub(crate) async fn run(world: Arc<World>, shutdown: impl Future<Output = ()> + Send) {
    let mut shutdown = std::pin::pin!(shutdown);
    let mut sending: JoinSet<i64> = JoinSet::new();
    let mut in_flight = InFlight::new();
    loop {
        let pause = match round(&world, &mut sending, &mut in_flight).await {
            Ok(pause) => pause,
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the sandbox could not do what is due: {error}"
                );
                LONGEST_SLEEP
            }
        };
        tokio::select! {
            () = &mut shutdown => break,
            () = world.wake.notified() => {}
            Some(done) = sending.join_next(), if !sending.is_empty() => forget(done, &mut in_flight),
            () = tokio::time::sleep(pause) => {}
        }
    }
    world.closing.send_replace(true);
    let rest = async { while sending.join_next().await.is_some() {} };
    if tokio::time::timeout(LAST_WORDS, rest).await.is_err() {
        tracing::info!(
            "webhooks of the sandbox are still on their way; they are sent again after the next start"
        );
    }
}

/// Does what time has brought about: expiries and outcomes. Also called before a request is acted
/// on, so that an answer never depends on how fast the worker is.
pub(crate) async fn catch_up(world: &World, tx: &mut WriteTx, now: Timestamp) -> Result<(), Error> {
    midtrans::expire_due(world, tx, now).await?;
    dana::close_due(world, tx, now).await?;
    xendit::move_on(world, tx, now).await?;
    digiflazz::decide_due(world, tx, now).await?;
    goods::decide_due(world, tx, now).await
}

async fn round(
    world: &Arc<World>,
    sending: &mut JoinSet<i64>,
    in_flight: &mut InFlight,
) -> Result<Duration, Error> {
    let now = world.now();
    let mut tx = world.db.read("world.due").await?;
    let due = [
        midtrans::next_due(&mut tx).await?,
        dana::next_due(&mut tx).await?,
        xendit::next_due(&mut tx).await?,
        digiflazz::next_due(&mut tx).await?,
        goods::next_due(&mut tx).await?,
    ];
    drop(tx);
    if due.iter().flatten().any(|due| *due <= now) {
        let mut tx = world.db.write("world.due").await?;
        catch_up(world, &mut tx, now).await?;
        tx.commit().await?;
    }
    let mut tx = world.db.read("world.due").await?;
    let webhooks = deliveries::due(&mut tx, now).await?;
    let next = [
        midtrans::next_due(&mut tx).await?,
        dana::next_due(&mut tx).await?,
        xendit::next_due(&mut tx).await?,
        digiflazz::next_due(&mut tx).await?,
        goods::next_due(&mut tx).await?,
        deliveries::next_due(&mut tx).await?,
    ];
    drop(tx);
    for webhook in webhooks {
        if may_leave(&webhook, in_flight) {
            in_flight.insert(webhook.seq, (webhook.reference.clone(), webhook.body.clone()));
            let world = Arc::clone(world);
            sending.spawn(async move {
                let seq = webhook.seq;
                if let Err(error) = deliveries::send(&world, webhook).await {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "a webhook's fate could not be written down: {error}"
                    );
                }
                seq
            });
        }
    }
    let pause = next.iter().flatten().min().map_or(LONGEST_SLEEP, |next| next.since(now));
    Ok(pause.clamp(SHORTEST_SLEEP, LONGEST_SLEEP))
}

/// Webhooks about one transaction go out in order; only copies of one leave side by side.
fn may_leave(webhook: &Delivery, in_flight: &InFlight) -> bool {
    let blocked =
        |(reference, body): &(String, String)| *reference == webhook.reference && *body != webhook.body;
    !in_flight.contains_key(&webhook.seq) && !in_flight.values().any(blocked)
}

fn forget(done: Result<i64, tokio::task::JoinError>, in_flight: &mut InFlight) {
    match done {
        Ok(seq) => drop(in_flight.remove(&seq)),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a webhook could not be sent: {error}");
        }
    }
}

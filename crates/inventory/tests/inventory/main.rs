//! The promises of the stock, on both engines.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has to stop, and say where"
)]

mod lifecycle;
mod proof;
mod races;

use database::{Database, Error, WriteTx};
use inventory::{Quantity, ReserveOutcome};
use vocabulary::{Actor, Ids, OrderId, ProductCode, Timestamp};

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);
const LATER: Timestamp = Timestamp::from_millis(1_795_000_900_000);

/// A shop counter: a database with the schema, and what every call needs.
#[derive(Clone)]
struct Counter {
    db: Database,
    ids: Ids,
    actor: Actor,
}

impl Counter {
    /// A counter that has `on_hand` pieces of `ML_86`.
    async fn with_stock(db: &Database, on_hand: u32) -> Self {
        let counter = Counter { db: db.clone(), ids: Ids::random(), actor: Actor::staff("sari") };
        let mut tx = counter.write().await;
        let created =
            inventory::create_if_missing(&mut tx, &counter.ids, &ml_86(), on_hand, 5, &counter.actor, NOW)
                .await;
        assert_eq!(created.unwrap(), inventory::CreateOutcome::Created);
        tx.commit().await.unwrap();
        counter
    }

    async fn write(&self) -> WriteTx {
        self.db.write("test").await.unwrap()
    }

    fn order(&self) -> OrderId {
        OrderId::new(&self.ids, NOW)
    }

    async fn reserve(&self, order: &OrderId, pieces: i64) -> ReserveOutcome {
        let mut tx = self.write().await;
        let quantity = Quantity::new(pieces).unwrap();
        let outcome =
            inventory::reserve(&mut tx, &self.ids, order, &ml_86(), quantity, &self.actor, NOW).await;
        tx.commit().await.unwrap();
        outcome.unwrap()
    }

    /// (on hand, reserved) as stored; fails when the books do not agree.
    async fn counts(&self) -> (u32, u32) {
        let mut tx = self.db.read("test").await.unwrap();
        assert_eq!(inventory::check(&mut tx).await.unwrap(), []);
        let level = inventory::level(&mut tx, &ml_86()).await.unwrap().unwrap();
        assert_eq!(inventory::available(&mut tx, &ml_86()).await.unwrap(), Some(level.available()));
        assert_eq!(inventory::levels(&mut tx).await.unwrap(), std::slice::from_ref(&level));
        (level.on_hand, level.reserved)
    }
}

/// Runs one verb (`commit`, `release`, `put_back`, `reserve_again`) in a transaction of its own.
macro_rules! run {
    ($counter:expr, $verb:ident, $order:expr) => {{
        let counter: &crate::Counter = &$counter;
        let mut tx = counter.write().await;
        let outcome =
            inventory::$verb(&mut tx, &counter.ids, $order, "a reason", &counter.actor, crate::LATER).await;
        tx.commit().await.unwrap();
        outcome.unwrap()
    }};
}
pub(crate) use run;

fn ml_86() -> ProductCode {
    "ML_86".parse().unwrap()
}

fn refused<T: std::fmt::Debug>(outcome: &Result<T, Error>) {
    assert!(matches!(outcome, Err(Error::Statement { .. } | Error::Column { .. })), "{outcome:?}");
}

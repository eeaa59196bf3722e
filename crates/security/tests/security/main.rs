//! The audit trail: what was recorded stays, and whoever touches it past the database is found out.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has to stop, and say where")]

mod chain;
mod tampering;

use database::{Database, sql};
use security::{Entry, Verification};
use std::time::Duration;
use vocabulary::{Actor, Ids, Timestamp};

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);
const LONG: Duration = Duration::from_secs(60);

/// Records `count` entries in one transaction.
async fn record(db: &Database, ids: &Ids, count: u64) {
    let mut tx = db.write_within("test.record", LONG).await.unwrap();
    for n in 0..count {
        let entry = Entry {
            actor: &Actor::system(),
            action: "order.paid",
            subject: "LK0123456789",
            before: Some("awaiting_payment".into()),
            after: Some(format!("paid {n}")),
            source: Some("127.0.0.1".into()),
        };
        let at = NOW.plus(Duration::from_millis(n));
        security::record(&mut tx, ids, at, &entry).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// Chains everything that is recorded.
async fn seal_all(db: &Database) {
    loop {
        let mut tx = db.write_within("test.seal", LONG).await.unwrap();
        let sealed = security::seal(&mut tx, NOW).await.unwrap();
        tx.commit().await.unwrap();
        if sealed == 0 {
            return;
        }
    }
}

async fn verify(db: &Database) -> Verification {
    let mut tx = db.read_within("test.verify", LONG).await.unwrap();
    security::verify(&mut tx).await.unwrap()
}

/// How many are chained and how many are not, and the head; fails when the chain is broken.
async fn holds(db: &Database) -> (i64, i64, String) {
    match verify(db).await {
        Verification::Holds { sealed, unsealed, head } => (sealed, unsealed, head),
        broken @ Verification::Broken { .. } => panic!("{broken:?}"),
    }
}

/// The entry at this place of the chain.
async fn entry_at(db: &Database, position: i64) -> String {
    let mut tx = db.read("test").await.unwrap();
    sql!("SELECT entry_id FROM audit_seal WHERE position = $1").bind(position).one(&mut tx).await.unwrap()
}

//! An undisturbed chain holds, whoever and however many extend it.

use crate::{LONG, NOW, holds, record, seal_all};
use database::sql;
use testkit::on_both_shops;
use tokio::task::JoinSet;
use vocabulary::Ids;

on_both_shops!(fn what_is_recorded_is_chained_and_the_chain_holds(db) {
    let ids = Ids::random();
    let (sealed, unsealed, empty) = holds(&db).await;
    assert_eq!((sealed, unsealed), (0, 0));
    // More than one batch of the sequencer, and more than one page of the proof.
    record(&db, &ids, 1_003).await;
    let (sealed, unsealed, still_empty) = holds(&db).await;
    assert_eq!((sealed, unsealed, &still_empty), (0, 1_003, &empty));
    seal_all(&db).await;
    let (sealed, unsealed, head) = holds(&db).await;
    assert_eq!((sealed, unsealed), (1_003, 0));
    assert_ne!(head, empty);
    // Later entries leave what was chained as it is, and move the head.
    record(&db, &ids, 2).await;
    assert_eq!(holds(&db).await, (1_003, 2, head.clone()));
    seal_all(&db).await;
    let (sealed, unsealed, later) = holds(&db).await;
    assert_eq!((sealed, unsealed), (1_005, 0));
    assert_ne!(later, head);
});

on_both_shops!(fn an_entry_is_recorded_with_what_it_records_or_not_at_all(db) {
    let ids = Ids::random();
    let mut tx = db.write("test").await.unwrap();
    let entry = security::Entry {
        actor: &vocabulary::Actor::system(), action: "x", subject: "y", before: None, after: None, source: None,
    };
    security::record(&mut tx, &ids, NOW, &entry).await.unwrap();
    drop(tx);
    let (sealed, unsealed, _) = holds(&db).await;
    assert_eq!((sealed, unsealed), (0, 0));
    let mut tx = db.read("test").await.unwrap();
    assert_eq!(security::entries_about(&mut tx, "y").await.unwrap(), []);
});

on_both_shops!(fn two_sequencers_at_once_never_fork_the_chain(db) {
    let mut tasks = JoinSet::new();
    for _ in 0..2 {
        let own = db.second().await;
        tasks.spawn(async move {
            let ids = Ids::random();
            for _ in 0..30 {
                record(&own, &ids, 5).await;
            }
        });
    }
    for _ in 0..4 {
        let own = db.second().await;
        tasks.spawn(async move {
            for _ in 0..60 {
                let mut tx = own.write_within("test.seal", LONG).await.unwrap();
                // Who finds the place taken gives up and looks again: that is no failure.
                if security::seal(&mut tx, NOW).await.is_ok() {
                    tx.commit().await.unwrap();
                }
                tokio::task::yield_now().await;
            }
        });
    }
    tasks.join_all().await;
    seal_all(&db).await;
    let (sealed, unsealed, _) = holds(&db).await;
    assert_eq!((sealed, unsealed), (300, 0));
    let mut tx = db.read("test").await.unwrap();
    let (first, last, entries): (i64, i64, i64) =
        sql!("SELECT MIN(position), MAX(position), COUNT(DISTINCT entry_id) FROM audit_seal")
            .query().one(&mut tx).await.unwrap();
    assert_eq!((first, last, entries), (1, 300, 300));
});

//! The row is the queue: each due row goes to one worker, and comes back when its lease is over.

use crate::MIGRATIONS;
use database::{Claim, Database, queue_sql, sql};
use std::collections::HashSet;
use testkit::on_both;
use tokio::task::JoinSet;
use vocabulary::Timestamp;

const LEASE_UNTIL: i64 = 2_000;

async fn fill(db: &Database, rows: i64) {
    db.migrate(&MIGRATIONS).await.unwrap();
    let mut tx = db.write("fill").await.unwrap();
    for n in 0..rows {
        let insert = sql!("INSERT INTO job (id, due_at) VALUES ($1, $2)");
        insert.bind(format!("job_{n:04}")).bind(n).run(&mut tx).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// Claims at business time `now` and real time `real_now`.
async fn claim(db: &Database, now: i64, real_now: i64, limit: i64) -> Vec<Claim> {
    let mut tx = db.write("claim").await.unwrap();
    let [now, real_now, lease_until] = [now, real_now, LEASE_UNTIL].map(Timestamp::from_millis);
    let claims = queue_sql!("job").claim(&mut tx, (now, real_now, lease_until), limit).await.unwrap();
    tx.commit().await.unwrap();
    claims
}

on_both!(fn eight_workers_claim_six_hundred_due_rows_once_each(db) {
    fill(&db, 600).await;
    let mut workers = JoinSet::new();
    for _ in 0..8 {
        let own = db.second().await;
        workers.spawn(async move {
            let mut mine = Vec::new();
            // On PostgreSQL a worker may find all due rows locked by others and get none.
            let mut empty = 0;
            while empty < 3 {
                let claims = claim(&own, 1_000, 1_000, 7).await;
                empty = if claims.is_empty() { empty + 1 } else { 0 };
                mine.extend(claims);
            }
            mine
        });
    }
    let all: Vec<Claim> = workers.join_all().await.concat();
    assert_eq!(all.len(), 600);
    assert!(all.iter().all(|c| (c.fence, c.claims) == (1, 1)));
    assert_eq!(all.iter().map(|c| &c.id).collect::<HashSet<_>>().len(), 600);
    assert_eq!(claim(&db, 1_000, LEASE_UNTIL - 1, 600).await, []);
});

on_both!(fn the_earliest_are_claimed_first_and_what_is_not_due_is_left(db) {
    fill(&db, 10).await;
    let ids = |claims: Vec<Claim>| {
        let mut ids: Vec<String> = claims.into_iter().map(|c| c.id).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(claim(&db, 4, 0, 3).await), ["job_0000", "job_0001", "job_0002"]);
    assert_eq!(ids(claim(&db, 4, 0, 9).await), ["job_0003", "job_0004"]);
    assert_eq!(claim(&db, 4, 0, 9).await, []);
    let mut tx = db.write("test").await.unwrap();
    sql!("UPDATE job SET due_at = NULL").query().run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(claim(&db, i64::MAX, i64::MAX, 9).await, []);
});

on_both!(fn a_lease_that_is_over_is_claimed_again_under_a_higher_fence(db) {
    fill(&db, 1).await;
    let claimed = |fence, claims| vec![Claim { id: "job_0000".into(), fence, claims }];
    assert_eq!(claim(&db, 10, 1_000, 5).await, claimed(1, 1));
    // Business time that is moved forward takes no work away.
    assert_eq!(claim(&db, i64::MAX, LEASE_UNTIL - 1, 5).await, []);
    assert_eq!(claim(&db, 10, LEASE_UNTIL, 5).await, claimed(2, 2));

    // Who outslept its lease changes nothing; who holds it does.
    let mut tx = db.write("test").await.unwrap();
    let store = sql!("UPDATE job SET due_at = NULL, lease_until = NULL, claims = 0 WHERE id = 'job_0000' AND fence = $1");
    assert_eq!(store.bind(1_i64).run(&mut tx).await.unwrap(), 0);
    assert_eq!(store.bind(2_i64).run(&mut tx).await.unwrap(), 1);
});

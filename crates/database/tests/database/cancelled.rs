//! A caller that goes away while a transaction is being opened (a browser that hangs up) leaves no
//! connection behind that is in an unknown state: sqlx issue 4393.

use crate::{MIGRATIONS, add, notes};
use database::{Database, Engine, sql};
use std::time::Duration;
use testkit::on_both;
use tokio::task::JoinSet;

/// Begins to open a transaction and goes away, at a moment that depends on `n`.
async fn give_up(db: &Database, n: u64) {
    let patience = async {
        match n % 4 {
            0 => {}
            1 => tokio::task::yield_now().await,
            _ => tokio::time::sleep(Duration::from_micros(n.wrapping_mul(37) % 1_500)).await,
        }
    };
    if n.is_multiple_of(3) {
        tokio::select! { biased; tx = db.read("gone") => drop(tx), () = patience => {} }
    } else {
        tokio::select! { biased; tx = db.write("gone") => drop(tx), () = patience => {} }
    }
}

on_both!(fn a_begin_that_is_dropped_half_way_spoils_no_connection(db) {
    db.migrate(&MIGRATIONS).await.unwrap();
    let mut callers = JoinSet::new();
    for caller in 0..8_u64 {
        let db: Database = (*db).clone();
        callers.spawn(async move {
            for n in 0..60 {
                give_up(&db, caller.wrapping_mul(61).wrapping_add(n)).await;
            }
        });
    }
    callers.join_all().await;

    let other = db.second().await;
    for n in 1..=200_i64 {
        add(&db, &format!("after_{n}")).await.unwrap();
        // A transaction that was still open underneath would keep this from the other process.
        assert_eq!(notes(&other).await, n);
        assert_eq!(notes(&db).await, n);
    }
    if db.engine() == Engine::Postgres {
        assert_eq!(left_open(&other).await, 0);
    }
    every_connection_is_free(&db).await;
});

/// Transactions that nobody works in, of other connections, once rollbacks had time to arrive.
async fn left_open(db: &Database) -> i64 {
    let mut open = 0;
    for _ in 0..1_200 {
        let mut tx = db.read("look").await.unwrap();
        open = sql!(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
             AND state LIKE 'idle in transaction%'"
        )
        .query()
        .one(&mut tx)
        .await
        .unwrap();
        if open == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    open
}

/// As many transactions as there are connections can be open at once, each of its own kind.
async fn every_connection_is_free(db: &Database) {
    let (readers, writers) = if db.engine() == Engine::Sqlite { (4, 1) } else { (8, 8) };
    let mut open = (Vec::new(), Vec::new());
    for _ in 0..readers {
        let mut tx = db.read("all").await.unwrap();
        let insert = sql!("INSERT INTO note (id, body) VALUES ('no', 'x') RETURNING id").query();
        assert!(insert.all::<String>(&mut tx).await.is_err(), "a reader got a transaction that can write");
        open.0.push(tx);
    }
    for n in 0..writers {
        let mut tx = db.write("all").await.unwrap();
        sql!("INSERT INTO note (id, body) VALUES ($1, 'x')")
            .bind(format!("held_{n}"))
            .run(&mut tx)
            .await
            .unwrap();
        open.1.push(tx);
    }
}

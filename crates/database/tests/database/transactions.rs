//! A transaction changes all or nothing, sees one moment, and ends in time.

use crate::{MIGRATIONS, add, notes};
use database::{Database, Engine, Error, Sql, sql};
use std::time::{Duration, Instant};
use testkit::on_both;

const INSERT: Sql = sql!("INSERT INTO note (id, body) VALUES ($1, 'x')");
/// For what cannot be done within it, however fast the machine is.
const SHORT: Duration = Duration::from_millis(60);
/// For a transaction that begins and changes something within it, on a busy machine, too, and then outlasts it.
const LIMIT: Duration = Duration::from_millis(300);

/// The database still takes and shows changes, on every connection that it has.
async fn goes_on_working(db: &Database, before: i64) {
    for n in 1..=20 {
        add(db, &format!("after_{n}")).await.unwrap();
        assert_eq!(notes(db).await, before + n);
    }
}

on_both!(fn what_is_committed_stays_and_is_seen_by_others(db) {
    db.migrate(&MIGRATIONS).await.unwrap();
    let other = db.second().await;
    let mut commits = db.commits();
    commits.mark_unchanged();
    let mut tx = db.write("test").await.unwrap();
    assert_eq!(INSERT.bind("a").run(&mut tx).await.unwrap(), 1);
    assert_eq!(notes(&other).await, 0, "seen before it was committed");
    assert!(!commits.has_changed().unwrap());
    tx.commit().await.unwrap();
    assert!(commits.has_changed().unwrap());
    assert_eq!(notes(&other).await, 1);
    db.close().await;
    assert_eq!(notes(&db.second().await).await, 1);
});

on_both!(fn a_transaction_that_is_dropped_never_happened(db) {
    db.migrate(&MIGRATIONS).await.unwrap();
    for n in 0..30 {
        let mut tx = db.write("test").await.unwrap();
        INSERT.bind(format!("dropped_{n}")).run(&mut tx).await.unwrap();
        drop(tx);
        let mut tx = db.write("test").await.unwrap();
        let seen: i64 = sql!("SELECT COUNT(*) FROM note").query().one(&mut tx).await.unwrap();
        assert_eq!(seen, 0, "the next transaction sees what was dropped");
    }
    goes_on_working(&db, 0).await;
});

on_both!(fn a_commit_after_a_failed_statement_changes_nothing_and_says_so(db) {
    db.migrate(&MIGRATIONS).await.unwrap();
    add(&db, "taken").await.unwrap();
    let mut tx = db.write("test").await.unwrap();
    INSERT.bind("first").run(&mut tx).await.unwrap();
    let refused = INSERT.bind("taken").run(&mut tx).await;
    assert!(matches!(&refused, Err(e @ Error::Statement { .. }) if !e.is_transient()), "{refused:?}");
    let committed = tx.commit().await;
    assert!(matches!(committed, Err(Error::Aborted { transaction: "test" })), "{committed:?}");
    assert_eq!(notes(&db).await, 1);
    goes_on_working(&db, 1).await;
});

on_both!(fn a_reader_sees_one_moment_while_others_commit(db) {
    db.migrate(&MIGRATIONS).await.unwrap();
    add(&db, "before").await.unwrap();
    let mut reader = db.read("test").await.unwrap();
    for n in 0..5 {
        let seen: i64 = sql!("SELECT COUNT(*) FROM note").query().one(&mut reader).await.unwrap();
        assert_eq!(seen, 1);
        add(&db, &format!("meanwhile_{n}")).await.unwrap();
    }
    assert_eq!(notes(&db).await, 6);
});

on_both!(fn a_reader_cannot_write(db) {
    db.migrate(&MIGRATIONS).await.unwrap();
    for statement in [
        sql!("INSERT INTO note (id, body) VALUES ('a', 'x') RETURNING id"),
        sql!("UPDATE note SET body = 'y' RETURNING id"),
        sql!("DELETE FROM note RETURNING id"),
    ] {
        let mut reader = db.read("test").await.unwrap();
        let outcome = statement.query().all::<String>(&mut reader).await;
        assert!(matches!(outcome, Err(Error::Statement { .. })), "{outcome:?}");
    }
    goes_on_working(&db, 0).await;
});

on_both!(fn a_statement_past_the_deadline_changes_nothing_and_frees_the_database(db) {
    db.migrate(&MIGRATIONS).await.unwrap();
    let mut tx = db.write_within("test", LIMIT).await.unwrap();
    INSERT.bind("late").run(&mut tx).await.unwrap();
    // More than the limit of work on either engine, also on a fast machine. SQLite does it to its end, and keeps
    // others from writing so long: not so much that they wait in vain on a slow machine.
    let slow = sql!(
        sqlite: "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000000) SELECT COUNT(*) FROM n",
        postgres: "SELECT 1 FROM pg_sleep(1.5)"
    );
    let outcome = slow.query().one::<i64>(&mut tx).await;
    assert!(matches!(&outcome, Err(e @ Error::Deadline { transaction: "test" }) if e.is_transient()), "{outcome:?}");
    let after = INSERT.bind("later").run(&mut tx).await;
    assert!(after.is_err(), "the connection was given up");
    assert!(matches!(tx.commit().await, Err(Error::Aborted { .. })));
    assert_eq!(notes(&db).await, 0);
    // A slow machine takes longer over it than another transaction waits.
    let started = Instant::now();
    while db.write("test").await.is_err() {
        assert!(started.elapsed() < Duration::from_secs(60), "it keeps others from writing");
    }
    goes_on_working(&db, 0).await;
});

on_both!(fn a_use_case_that_sleeps_past_the_deadline_changes_nothing(db) {
    db.migrate(&MIGRATIONS).await.unwrap();
    let mut tx = db.write_within("test", LIMIT).await.unwrap();
    INSERT.bind("late").run(&mut tx).await.unwrap();
    tokio::time::sleep(LIMIT * 2).await;
    let outcome = INSERT.bind("later").run(&mut tx).await;
    assert!(matches!(outcome, Err(Error::Deadline { transaction: "test" })), "{outcome:?}");
    drop(tx);
    assert_eq!(notes(&db).await, 0);
    goes_on_working(&db, 0).await;
});

on_both!(fn a_commit_past_the_deadline_is_not_begun(db) {
    db.migrate(&MIGRATIONS).await.unwrap();
    let mut tx = db.write_within("test", LIMIT).await.unwrap();
    INSERT.bind("late").run(&mut tx).await.unwrap();
    tokio::time::sleep(LIMIT * 2).await;
    let outcome = tx.commit().await;
    assert!(matches!(outcome, Err(Error::Deadline { transaction: "test" })), "{outcome:?}");
    assert_eq!(notes(&db).await, 0);
    goes_on_working(&db, 0).await;
});

/// Only PostgreSQL can be made to take its time over a `COMMIT`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_without_an_answer_is_unknown_and_can_be_read_back() {
    let db = testkit::empty_postgres().await;
    db.migrate(&MIGRATIONS).await.unwrap();
    let mut tx = db.write("test").await.unwrap();
    for statement in [
        "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(2); RETURN NULL; END $$",
        "CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT ON note DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION dawdle()",
    ] {
        Sql::same(statement).query().run(&mut tx).await.unwrap();
    }
    tx.commit().await.unwrap();

    let mut tx = db.write_within("test", LIMIT).await.unwrap();
    INSERT.bind("late").run(&mut tx).await.unwrap();
    let outcome = tx.commit().await;
    assert!(matches!(&outcome, Err(e @ Error::OutcomeUnknown { .. }) if e.is_transient()), "{outcome:?}");
    // What the caller does then: ask by the key, until the other connection has ended.
    let (mut there, mut asked) = (0, 0);
    while there == 0 && asked < 1_200 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        (there, asked) = (notes(&db).await, asked + 1);
    }
    assert_eq!(there, 1, "no cancel request is sent, so the server finishes what it was told");
}

on_both!(fn who_waits_too_long_for_a_connection_gets_out_of_the_way(db) {
    db.migrate(&MIGRATIONS).await.unwrap();
    // As many as there are connections for writing.
    let count = if db.engine() == Engine::Sqlite { 1 } else { 16 };
    let mut held = Vec::new();
    for _ in 0..count {
        held.push(db.write("holder").await.unwrap());
    }
    for _ in 0..5 {
        let outcome = db.write_within("waiter", SHORT).await;
        assert!(matches!(outcome, Err(Error::Deadline { transaction: "waiter" })));
    }
    drop(held);
    goes_on_working(&db, 0).await;
});

on_both!(fn two_processes_write_at_once_and_both_get_through(db) {
    db.migrate(&MIGRATIONS).await.unwrap();
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..4 {
        let other = db.second().await;
        writers.spawn(async move {
            for n in 0..50 {
                // Reading first is what makes a deferred transaction fail with SQLITE_BUSY.
                let mut tx = other.write("test").await.unwrap();
                let _: i64 = sql!("SELECT COUNT(*) FROM note").query().one(&mut tx).await.unwrap();
                INSERT.bind(format!("{writer}_{n}")).run(&mut tx).await.unwrap();
                tx.commit().await.unwrap();
            }
        });
    }
    writers.join_all().await;
    assert_eq!(notes(&db).await, 200);
});

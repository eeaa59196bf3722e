//! The schema is brought up to date once, whoever starts, and never against a newer or other one.

use crate::{MIGRATIONS, SCHEMA, add, notes};
use database::{Error, Migrations, Step};
use testkit::on_both;
use tokio::task::JoinSet;

const FIRST: Step = Step { name: "0001_note", sql: SCHEMA };
const SECOND: Step = Step { name: "0002_more", sql: "CREATE TABLE more (id TEXT NOT NULL PRIMARY KEY)" };
const CHANGED: Step = Step { name: "0001_note", sql: "CREATE TABLE note (id TEXT NOT NULL PRIMARY KEY)" };
const BROKEN: Step = Step { name: "0002_broken", sql: "CREATE TABLE half (id TEXT); CREATE NONSENSE" };
const NAMELESS: Step = Step { name: "first", sql: SCHEMA };

macro_rules! steps {
    ($($step:expr),+) => {
        Migrations { sqlite: &[$($step),+], postgres: &[$($step),+] }
    };
}

fn refused(outcome: &Result<(), Error>, why: &str) {
    assert!(matches!(outcome, Err(Error::Migration(text)) if text.contains(why)), "{why}: {outcome:?}");
}

on_both!(fn a_second_start_applies_nothing_and_loses_nothing(db) {
    db.migrate(&MIGRATIONS).await.unwrap();
    add(&db, "a").await.unwrap();
    db.migrate(&MIGRATIONS).await.unwrap();
    db.second().await.migrate(&MIGRATIONS).await.unwrap();
    assert_eq!(notes(&db).await, 1);
    db.migrate(&steps!(FIRST, SECOND)).await.unwrap();
    assert_eq!(notes(&db).await, 1);
});

on_both!(fn what_is_pending_is_named_in_order(db) {
    let both = steps!(FIRST, SECOND);
    assert_eq!(db.pending(&both).await.unwrap(), ["0001_note", "0002_more"]);
    db.migrate(&MIGRATIONS).await.unwrap();
    assert_eq!(db.pending(&both).await.unwrap(), ["0002_more"]);
    db.migrate(&both).await.unwrap();
    assert_eq!(db.pending(&both).await.unwrap(), [] as [&str; 0]);
});

on_both!(fn a_step_that_has_changed_is_refused(db) {
    db.migrate(&MIGRATIONS).await.unwrap();
    refused(&db.migrate(&steps!(CHANGED)).await, "changed since it was applied");
    refused(&db.migrate(&steps!(CHANGED, SECOND)).await, "changed since it was applied");
    assert_eq!(db.pending(&steps!(FIRST, SECOND)).await.unwrap(), ["0002_more"]);
    // A refusal keeps nobody else from migrating.
    db.second().await.migrate(&steps!(FIRST, SECOND)).await.unwrap();
});

/// A step over a large table takes longer than a statement of an order may.
#[tokio::test]
async fn a_step_may_take_longer_than_a_statement() {
    const SLOW: Step = Step { name: "0002_slow", sql: "SELECT pg_sleep(5.5)" };
    let db = testkit::empty_postgres().await;
    db.migrate(&steps!(FIRST, SLOW)).await.unwrap();
}

on_both!(fn a_database_that_is_newer_than_the_program_is_refused(db) {
    db.migrate(&steps!(FIRST, SECOND)).await.unwrap();
    refused(&db.migrate(&MIGRATIONS).await, "newer than the program");
    add(&db, "still_there").await.unwrap();
});

on_both!(fn a_step_without_a_number_is_refused(db) {
    refused(&db.migrate(&steps!(NAMELESS)).await, "does not start with a number");
});

on_both!(fn a_step_that_fails_leaves_nothing_behind(db) {
    db.migrate(&MIGRATIONS).await.unwrap();
    assert!(matches!(db.migrate(&steps!(FIRST, BROKEN)).await, Err(Error::Migration(_))));
    add(&db, "works").await.unwrap();
    let mut tx = db.read("test").await.unwrap();
    let half = database::sql!("SELECT COUNT(*) FROM half").query().one::<i64>(&mut tx).await;
    assert!(half.is_err(), "half of the step is there");
});

on_both!(fn processes_that_start_at_once_migrate_once(db) {
    let mut starts = JoinSet::new();
    for _ in 0..4 {
        let other = db.second().await;
        starts.spawn(async move { other.migrate(&steps!(FIRST, SECOND)).await });
    }
    for outcome in starts.join_all().await {
        outcome.unwrap();
    }
    assert_eq!(notes(&db).await, 0);
});

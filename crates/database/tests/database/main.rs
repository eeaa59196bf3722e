//! What the rest of the shop may rely on, on both engines.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has to stop, and say where")]

mod cancelled;
mod claim;
mod migrations;
mod transactions;

use database::{Database, Migrations, Step, sql};

/// A small schema: notes, and a table that is worked on.
const SCHEMA: &str = "
    CREATE TABLE note (id TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL);
    CREATE TABLE job (
        id TEXT NOT NULL PRIMARY KEY,
        due_at BIGINT,
        lease_until BIGINT,
        fence BIGINT NOT NULL DEFAULT 0,
        claims BIGINT NOT NULL DEFAULT 0
    );
    CREATE INDEX job_due ON job (due_at) WHERE due_at IS NOT NULL;";

const MIGRATIONS: Migrations = Migrations {
    sqlite: &[Step { name: "0001_note", sql: SCHEMA }],
    postgres: &[Step { name: "0001_note", sql: SCHEMA }],
};

/// Adds a note in a transaction of its own.
async fn add(db: &Database, id: &str) -> Result<(), database::Error> {
    let mut tx = db.write("note.add").await?;
    sql!("INSERT INTO note (id, body) VALUES ($1, 'x')").bind(id).run(&mut tx).await?;
    tx.commit().await
}

/// How many notes a new transaction sees.
async fn notes(db: &Database) -> i64 {
    let mut tx = db.read("note.count").await.unwrap();
    sql!("SELECT COUNT(*) FROM note").query().one(&mut tx).await.unwrap()
}

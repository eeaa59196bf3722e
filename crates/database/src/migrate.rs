//! Migrations: forward only, the same names on both engines, applied once each under a lock.

use crate::{Database, Error, connect::Inner};
use sqlx::{
    Connection, Executor, SqlSafeStr,
    migrate::{Migrate, Migration, MigrationType, Migrator},
};

/// All migrations of one schema, in order, for both engines.
#[derive(Clone, Copy, Debug)]
pub struct Migrations {
    /// Steps for SQLite.
    pub sqlite: &'static [Step],
    /// Steps for PostgreSQL, with the same names.
    pub postgres: &'static [Step],
}

/// One migration: `NNNN_name` and its statements.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// File name without its ending. Its leading number orders the steps.
    pub name: &'static str,
    /// The statements.
    pub sql: &'static str,
}

impl Database {
    /// Brings the schema up to date. Safe to call from several processes at once.
    ///
    /// # Errors
    /// [`Error::Migration`] when a step fails, when a step that was applied has changed since, or
    /// when the database is newer than this program.
    pub async fn migrate(&self, migrations: &Migrations) -> Result<(), Error> {
        match &self.inner {
            Inner::Sqlite(db) => {
                let mut guard = db.exclusive().await?;
                let conn = guard.as_mut().ok_or(Error::Unavailable(sqlx::Error::PoolClosed))?;
                let migrator = migrator(migrations.sqlite)?;
                // No lock here spans processes: who finds a step done by another one looks again.
                loop {
                    let before = applied(conn).await?.len();
                    let outcome = migrator.run_direct(None, conn, false).await;
                    if outcome.is_ok() || applied(conn).await?.len() <= before {
                        break outcome;
                    }
                }
            }
            Inner::Postgres(db) => {
                // A connection of its own, closed afterwards: a refused migration leaves its lock
                // behind, and a step over a large table may take longer than a statement of an order.
                let mut conn = db.exclusive().await?.detach();
                let statement = "SET statement_timeout = 0";
                conn.execute(statement).await.map_err(|e| Error::statement(statement, e))?;
                let outcome = migrator(migrations.postgres)?.run_direct(None, &mut conn, false).await;
                let _ = conn.close().await;
                outcome
            }
        }
        .map_err(|e| explain(&e))
    }

    /// Names of the steps that are not applied yet, oldest first.
    pub async fn pending(&self, migrations: &Migrations) -> Result<Vec<&'static str>, Error> {
        let (steps, applied) = match &self.inner {
            Inner::Sqlite(db) => {
                let mut guard = db.exclusive().await?;
                let conn = guard.as_mut().ok_or(Error::Unavailable(sqlx::Error::PoolClosed))?;
                (migrations.sqlite, applied(conn).await?)
            }
            Inner::Postgres(db) => (migrations.postgres, applied(&mut *db.exclusive().await?).await?),
        };
        steps
            .iter()
            .map(|step| Ok((version(step)?, step.name)))
            .filter(|step| step.as_ref().map_or(true, |(version, _)| !applied.contains(version)))
            .map(|step: Result<_, Error>| step.map(|(_, name)| name))
            .collect()
    }
}

const TABLE: &str = "schema_migration";

async fn applied(conn: &mut impl Migrate) -> Result<Vec<i64>, Error> {
    // Making the table is all that a look changes, and only on a database that was never migrated.
    conn.ensure_migrations_table(TABLE).await.map_err(|e| explain(&e))?;
    let applied = conn.list_applied_migrations(TABLE).await.map_err(|e| explain(&e))?;
    Ok(applied.into_iter().map(|m| m.version).collect())
}

fn migrator(steps: &'static [Step]) -> Result<Migrator, Error> {
    let migrations = steps
        .iter()
        .map(|step| {
            let sql = step.sql.into_sql_str();
            Ok(Migration::new(version(step)?, step.name.into(), MigrationType::Simple, sql, false))
        })
        .collect::<Result<Vec<_>, Error>>()?;
    let mut migrator = Migrator::with_migrations(migrations);
    migrator.dangerous_set_table_name(TABLE);
    Ok(migrator)
}

fn version(step: &Step) -> Result<i64, Error> {
    let number = step.name.split('_').next().and_then(|n| n.parse().ok());
    number.ok_or_else(|| Error::Migration(format!("`{}` does not start with a number", step.name)))
}

fn explain(error: &sqlx::migrate::MigrateError) -> Error {
    use sqlx::migrate::MigrateError as M;
    Error::Migration(match error {
        M::VersionMissing(version) => {
            format!(
                "it holds step {version}, which this program does not know: the database is newer than the program"
            )
        }
        M::VersionMismatch(version) => format!("step {version} has changed since it was applied"),
        other => other.to_string(),
    })
}

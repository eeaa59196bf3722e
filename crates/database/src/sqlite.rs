//! SQLite: one writer connection that use cases queue for, and a few read-only readers.
//!
//! Several writers reach a little more at the peak, but with a worst latency fifty times as long.
//! All commits pass [`SqliteConn::commit`]: the seam where several queued use cases could share one
//! fsync, as savepoints of one transaction.

use crate::{Error, error::Error as E, transaction::TX_DEADLINE};
use sqlx::{
    ConnectOptions, Connection, Executor, Sqlite, SqliteConnection,
    pool::PoolConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous},
};
use std::{path::Path, sync::Arc, time::Duration};
use tokio::sync::{Mutex, OwnedMutexGuard};

const READERS: u32 = 4;

#[derive(Clone)]
pub(crate) struct SqliteDatabase {
    options: Arc<SqliteConnectOptions>,
    writer: Arc<Mutex<Option<SqliteConnection>>>,
    readers: SqlitePool,
}

/// A connection inside a transaction; rolled back when dropped without `commit`.
pub(crate) struct SqliteConn {
    held: Option<Held>,
    /// False once the transaction has ended, or the connection has been given up.
    open: bool,
}

enum Held {
    Writer(OwnedMutexGuard<Option<SqliteConnection>>),
    Reader(PoolConnection<Sqlite>),
}

impl SqliteDatabase {
    pub(crate) async fn open(path: &Path) -> Result<Self, Error> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(TX_DEADLINE)
            .pragma("trusted_schema", "OFF")
            .disable_statement_logging();
        let first = options.connect().await.map_err(E::Unavailable)?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .min_connections(0)
            .acquire_timeout(TX_DEADLINE)
            .idle_timeout(Duration::from_secs(300))
            .connect_lazy_with(options.clone().read_only(true).create_if_missing(false));
        Ok(SqliteDatabase { options: Arc::new(options), writer: Arc::new(Mutex::new(Some(first))), readers })
    }

    pub(crate) async fn write(&self) -> Result<SqliteConn, Error> {
        // A deferred transaction that turns writer fails at once, whatever the busy time-out.
        SqliteConn::begin(Held::Writer(self.exclusive().await?), "BEGIN IMMEDIATE").await
    }

    pub(crate) async fn read(&self) -> Result<SqliteConn, Error> {
        let conn = self.readers.acquire().await.map_err(E::Unavailable)?;
        SqliteConn::begin(Held::Reader(conn), "BEGIN").await
    }

    /// The writer connection, outside any transaction, for the migrator.
    pub(crate) async fn exclusive(&self) -> Result<OwnedMutexGuard<Option<SqliteConnection>>, Error> {
        let mut guard = Arc::clone(&self.writer).lock_owned().await;
        if self.readers.is_closed() {
            return Err(E::Unavailable(sqlx::Error::PoolClosed));
        }
        if guard.is_none() {
            *guard = Some(self.options.connect().await.map_err(E::Unavailable)?);
        }
        Ok(guard)
    }

    pub(crate) async fn close(&self) {
        self.readers.close().await;
        if let Some(conn) = self.writer.lock().await.take() {
            let _ = conn.close().await;
        }
    }
}

impl SqliteConn {
    async fn begin(held: Held, statement: &'static str) -> Result<Self, Error> {
        let mut conn = SqliteConn { held: Some(held), open: true };
        let begun = conn.get()?.execute(statement).await;
        if let Err(error) = begun {
            conn.abandon();
            return Err(Error::statement(statement, error));
        }
        Ok(conn)
    }

    pub(crate) fn get(&mut self) -> Result<&mut SqliteConnection, Error> {
        let conn = match self.held.as_mut() {
            Some(Held::Writer(guard)) => guard.as_mut(),
            Some(Held::Reader(conn)) => Some(&mut **conn),
            None => None,
        };
        conn.ok_or(Error::Unavailable(sqlx::Error::PoolClosed))
    }

    pub(crate) async fn commit(&mut self) -> Result<(), Error> {
        self.get()?.execute("COMMIT").await.map_err(|e| Error::statement("COMMIT", e))?;
        self.open = false;
        Ok(())
    }

    pub(crate) fn abandon(&mut self) {
        self.open = false;
        match self.held.take() {
            Some(Held::Writer(mut guard)) => *guard = None,
            Some(Held::Reader(conn)) => drop(conn.detach()),
            None => {}
        }
    }
}

impl Drop for SqliteConn {
    fn drop(&mut self) {
        if !self.open {
            return;
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return self.abandon();
        };
        // Taken into a conn of its own, so that whatever happens to the rollback the connection is
        // either clean or closed before the next use case gets it.
        let mut rest = SqliteConn { held: self.held.take(), open: false };
        runtime.spawn(async move {
            let rolled_back = match rest.get() {
                Ok(conn) => {
                    tokio::time::timeout(TX_DEADLINE, conn.execute("ROLLBACK")).await.is_ok_and(|r| r.is_ok())
                }
                Err(_) => false,
            };
            if !rolled_back {
                rest.abandon();
            }
        });
    }
}

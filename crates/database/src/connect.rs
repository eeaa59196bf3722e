//! Opening a database of either engine, and opening transactions on it.

use crate::{
    DatabaseUrl, Error, ReadTx, WriteTx,
    postgres::PgDatabase,
    sqlite::SqliteDatabase,
    transaction::{Conn, TX_DEADLINE},
};
use std::time::Duration;
use tokio::{sync::watch, time::Instant};

/// A database. Cheap to clone; all clones share connections.
#[derive(Clone)]
pub struct Database {
    pub(crate) inner: Inner,
    committed: watch::Sender<u64>,
}

#[derive(Clone)]
pub(crate) enum Inner {
    Sqlite(SqliteDatabase),
    Postgres(PgDatabase),
}

vocabulary::text_enum!(
    /// Which engine a database runs on.
    pub enum Engine {
        /// SQLite, one file.
        Sqlite = "sqlite",
        /// PostgreSQL.
        Postgres = "postgres",
    }
);

impl Database {
    /// Opens a database; a SQLite file is made when it is missing (its folder must exist).
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it cannot be opened or reached.
    pub async fn open(url: &DatabaseUrl) -> Result<Self, Error> {
        let inner = match url {
            DatabaseUrl::Sqlite(path) => Inner::Sqlite(SqliteDatabase::open(path).await?),
            DatabaseUrl::Postgres(url) => Inner::Postgres(PgDatabase::open(url).await?),
        };
        Ok(Database { inner, committed: watch::Sender::new(0) })
    }

    /// Which engine it is.
    pub fn engine(&self) -> Engine {
        match self.inner {
            Inner::Sqlite(_) => Engine::Sqlite,
            Inner::Postgres(_) => Engine::Postgres,
        }
    }

    /// Opens a transaction that may write. `name` tells what it is for (`order.place`), in errors
    /// and at crash points.
    pub async fn write(&self, name: &'static str) -> Result<WriteTx, Error> {
        self.write_within(name, TX_DEADLINE).await
    }

    /// Like [`Database::write`], with a deadline of its own.
    pub async fn write_within(&self, name: &'static str, limit: Duration) -> Result<WriteTx, Error> {
        let deadline = Instant::now() + limit;
        let inner = self.inner.clone();
        let conn = begin(name, deadline, async move {
            match inner {
                Inner::Sqlite(db) => db.write().await.map(Conn::Sqlite),
                Inner::Postgres(db) => db.write(limit).await.map(Conn::Postgres),
            }
        });
        Ok(WriteTx::new(ReadTx::new(conn.await?, name, deadline), self.committed.clone()))
    }

    /// Opens a transaction that sees one moment of the database and changes nothing.
    pub async fn read(&self, name: &'static str) -> Result<ReadTx, Error> {
        self.read_within(name, TX_DEADLINE).await
    }

    /// Like [`Database::read`], with a deadline of its own: for proofs over whole tables.
    pub async fn read_within(&self, name: &'static str, limit: Duration) -> Result<ReadTx, Error> {
        let deadline = Instant::now() + limit;
        let inner = self.inner.clone();
        let conn = begin(name, deadline, async move {
            match inner {
                Inner::Sqlite(db) => db.read().await.map(Conn::Sqlite),
                Inner::Postgres(db) => db.read(limit).await.map(Conn::Postgres),
            }
        });
        Ok(ReadTx::new(conn.await?, name, deadline))
    }

    /// Changes with every commit made through this process: what a worker waits on. Subscribe
    /// before looking, so that nothing is missed.
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.committed.subscribe()
    }

    /// Closes all connections, after the transactions that are under way.
    pub async fn close(&self) {
        match &self.inner {
            Inner::Sqlite(db) => db.close().await,
            Inner::Postgres(db) => db.close().await,
        }
    }
}

/// Begins in a task of its own: a `begin` that is dropped half-way would leave a pooled connection
/// in an unknown state (sqlx issue 4393). When the caller is gone, the task finishes and the
/// transaction rolls itself back.
async fn begin(
    name: &'static str,
    deadline: Instant,
    open: impl Future<Output = Result<Conn, Error>> + Send + 'static,
) -> Result<Conn, Error> {
    let task = tokio::spawn(open);
    match tokio::time::timeout_at(deadline, task).await {
        Ok(Ok(conn)) => conn,
        Ok(Err(_)) => Err(Error::Unavailable(sqlx::Error::WorkerCrashed)),
        Err(_) => Err(Error::Deadline { transaction: name }),
    }
}

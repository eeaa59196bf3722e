//! PostgreSQL: a pool, READ COMMITTED for writers and one snapshot for readers.

use crate::{Error, error::Error as E, transaction::TX_DEADLINE};
use sqlx::{
    ConnectOptions, Executor, PgConnection, Postgres,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPool, PgPoolOptions},
};
use std::time::Duration;
use vocabulary::Secret;

const CONNECTIONS: u32 = 16;

#[derive(Clone)]
pub(crate) struct PgDatabase {
    pool: PgPool,
}

/// A connection inside a transaction; rolled back when dropped without `commit`.
pub(crate) struct PgConn {
    held: Option<PoolConnection<Postgres>>,
    open: bool,
}

impl PgDatabase {
    pub(crate) async fn open(url: &Secret) -> Result<Self, Error> {
        let options: PgConnectOptions = url.expose().parse().map_err(E::Unavailable)?;
        let options = options
            .application_name("loket")
            .options([("statement_timeout", "5000"), ("idle_in_transaction_session_timeout", "15000")])
            .disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .min_connections(0)
            .acquire_timeout(TX_DEADLINE)
            .idle_timeout(Duration::from_secs(300))
            .connect_lazy_with(options);
        pool.acquire().await.map_err(E::Unavailable)?;
        Ok(PgDatabase { pool })
    }

    pub(crate) async fn write(&self, limit: Duration) -> Result<PgConn, Error> {
        self.begin("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", limit).await
    }

    pub(crate) async fn read(&self, limit: Duration) -> Result<PgConn, Error> {
        self.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", limit).await
    }

    async fn begin(&self, statement: &'static str, limit: Duration) -> Result<PgConn, Error> {
        let held = self.pool.acquire().await.map_err(E::Unavailable)?;
        let mut conn = PgConn { held: Some(held), open: true };
        if let Err(error) = conn.get()?.execute(statement).await {
            conn.abandon();
            return Err(Error::statement(statement, error));
        }
        if limit > TX_DEADLINE {
            // A report over whole tables: the server's own limit is for the statements of an order.
            let longer = format!("SET LOCAL statement_timeout = {}", limit.as_millis());
            let set = conn.get()?.execute(sqlx::AssertSqlSafe(longer.clone())).await;
            set.map_err(|error| Error::statement(&longer, error))?;
        }
        Ok(conn)
    }

    /// A connection outside any transaction, for the migrator.
    pub(crate) async fn exclusive(&self) -> Result<PoolConnection<Postgres>, Error> {
        self.pool.acquire().await.map_err(E::Unavailable)
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

impl PgConn {
    pub(crate) fn get(&mut self) -> Result<&mut PgConnection, Error> {
        self.held.as_deref_mut().ok_or(Error::Unavailable(sqlx::Error::PoolClosed))
    }

    pub(crate) async fn commit(&mut self) -> Result<(), Error> {
        self.get()?.execute("COMMIT").await.map_err(|e| Error::statement("COMMIT", e))?;
        self.open = false;
        Ok(())
    }

    /// Drops the connection: the socket is closed, no cancel request is sent.
    pub(crate) fn abandon(&mut self) {
        self.open = false;
        if let Some(conn) = self.held.take() {
            drop(conn.detach());
        }
    }
}

impl Drop for PgConn {
    fn drop(&mut self) {
        if !self.open {
            return;
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return self.abandon();
        };
        let mut rest = PgConn { held: self.held.take(), open: false };
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

/// Makes an empty database on a server: for tests, and for a first set-up.
///
/// # Errors
/// When the server cannot be reached or refuses; a name other than `[a-z0-9_]` is refused here.
pub async fn create_postgres_database(server: &Secret, name: &str) -> Result<(), Error> {
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
        return Err(Error::Migration(format!("`{name}` is not a name for a database")));
    }
    let options: PgConnectOptions = server.expose().parse().map_err(E::Unavailable)?;
    let mut conn = options.connect().await.map_err(E::Unavailable)?;
    let statement =
        format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'");
    conn.execute(sqlx::AssertSqlSafe(statement.clone()))
        .await
        .map_err(|e| Error::statement(&statement, e))?;
    Ok(())
}

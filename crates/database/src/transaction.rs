//! Transactions as values: [`ReadTx`] looks at one moment of the database, [`WriteTx`] changes it.
//!
//! Every transaction has a client-side deadline. When it passes, the connection is dropped (never
//! cancelled, which could hit the next statement) and the caller hears that the outcome is unknown.

use crate::{Error, crash, postgres::PgConn, sqlite::SqliteConn};
use std::{
    future::Future,
    ops::{Deref, DerefMut},
    pin::Pin,
    time::Duration,
};
use tokio::{sync::watch, time::Instant};

/// How long a transaction may take, from the wait for a connection to the end of `commit`.
pub const TX_DEADLINE: Duration = Duration::from_secs(5);

/// A transaction that only looks: one consistent moment, whatever others commit meanwhile.
pub struct ReadTx {
    conn: Conn,
    name: &'static str,
    deadline: Instant,
    failed: bool,
}

/// A transaction that changes something. Nothing is changed unless [`WriteTx::commit`] returns `Ok`.
pub struct WriteTx {
    tx: ReadTx,
    committed: watch::Sender<u64>,
}

pub(crate) enum Conn {
    Sqlite(SqliteConn),
    Postgres(PgConn),
}

pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

impl ReadTx {
    pub(crate) fn new(conn: Conn, name: &'static str, deadline: Instant) -> Self {
        ReadTx { conn, name, deadline, failed: false }
    }

    /// Runs one statement under the transaction's deadline.
    pub(crate) async fn run<T: Send>(
        &mut self,
        statement: impl for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Result<T, Error>>,
    ) -> Result<T, Error> {
        // A time-out looks at the clock only when the answer is not there yet: what is past the
        // deadline is not begun.
        let outcome = if Instant::now() < self.deadline {
            tokio::time::timeout_at(self.deadline, statement(&mut self.conn)).await.ok()
        } else {
            None
        };
        let outcome = outcome.unwrap_or_else(|| {
            self.conn.abandon();
            Err(Error::Deadline { transaction: self.name })
        });
        self.failed |= outcome.is_err();
        outcome
    }
}

impl WriteTx {
    pub(crate) fn new(tx: ReadTx, committed: watch::Sender<u64>) -> Self {
        WriteTx { tx, committed }
    }

    /// Makes the changes durable. When it returns `Ok` they survive a crash of this machine.
    ///
    /// # Errors
    /// [`Error::Aborted`] when a statement had failed, [`Error::Deadline`] when the deadline had
    /// passed (nothing is changed in both), [`Error::OutcomeUnknown`] when no answer came: read back
    /// what you wrote, by its key.
    pub async fn commit(mut self) -> Result<(), Error> {
        let name = self.tx.name;
        if self.tx.failed {
            return Err(Error::Aborted { transaction: name });
        }
        if Instant::now() >= self.tx.deadline {
            self.tx.conn.abandon();
            return Err(Error::Deadline { transaction: name });
        }
        crash::point(crash::When::Before, "commit", name);
        let done = tokio::time::timeout_at(self.tx.deadline, self.tx.conn.commit()).await;
        match done {
            Ok(Ok(())) => {
                crash::point(crash::When::After, "commit", name);
                self.committed.send_modify(|count| *count = count.wrapping_add(1));
                Ok(())
            }
            Ok(Err(error)) => {
                self.tx.conn.abandon();
                Err(Error::OutcomeUnknown { transaction: name, reason: error.to_string() })
            }
            Err(_) => {
                self.tx.conn.abandon();
                Err(Error::OutcomeUnknown {
                    transaction: name,
                    reason: "no answer within the deadline".into(),
                })
            }
        }
    }
}

impl Conn {
    async fn commit(&mut self) -> Result<(), Error> {
        match self {
            Conn::Sqlite(conn) => conn.commit().await,
            Conn::Postgres(conn) => conn.commit().await,
        }
    }

    /// Gives the connection up: it is closed instead of used again.
    fn abandon(&mut self) {
        match self {
            Conn::Sqlite(conn) => conn.abandon(),
            Conn::Postgres(conn) => conn.abandon(),
        }
    }
}

impl Deref for WriteTx {
    type Target = ReadTx;

    fn deref(&self) -> &ReadTx {
        &self.tx
    }
}

impl DerefMut for WriteTx {
    fn deref_mut(&mut self) -> &mut ReadTx {
        &mut self.tx
    }
}

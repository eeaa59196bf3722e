//! What can go wrong between us and a database, in the terms that a caller can act on.

/// Why a statement or a transaction did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No connection could be had. Nothing was changed.
    #[error("the database cannot be reached: {0}")]
    Unavailable(#[source] sqlx::Error),
    /// The transaction ran past its deadline. Before `commit` nothing was changed.
    #[error("the transaction `{transaction}` ran past its deadline; its connection was dropped")]
    Deadline {
        /// Name that the transaction was opened with.
        transaction: &'static str,
    },
    /// `commit` was asked for and no answer came: the change may or may not be there. Read it back.
    #[error("it is unknown whether `{transaction}` was committed: {reason}")]
    OutcomeUnknown {
        /// Name that the transaction was opened with.
        transaction: &'static str,
        /// What happened instead of an answer.
        reason: String,
    },
    /// A statement had failed and `commit` was called all the same. Nothing was changed.
    #[error("`{transaction}` was not committed, because a statement in it had failed")]
    Aborted {
        /// Name that the transaction was opened with.
        transaction: &'static str,
    },
    /// The database refused a statement.
    #[error("the database refused `{statement}`: {source}")]
    Statement {
        /// The statement, cut short. It holds no values.
        statement: String,
        /// What the driver said.
        #[source]
        source: sqlx::Error,
    },
    /// A stored value is not what the code expects in that column.
    #[error("column `{column}` holds something unexpected: {reason}")]
    Column {
        /// The column.
        column: String,
        /// What is wrong with its value.
        reason: String,
    },
    /// A statement that must answer with one row answered with none.
    #[error("no row where exactly one was expected, by `{statement}`")]
    NoRow {
        /// The statement, cut short.
        statement: String,
    },
    /// The schema could not be brought up to date.
    #[error("the database schema could not be brought up to date: {0}")]
    Migration(String),
}

impl Error {
    /// True when the caller did nothing wrong and may try the same again, with the same key.
    pub fn is_transient(&self) -> bool {
        match self {
            Error::Unavailable(_) | Error::Deadline { .. } | Error::OutcomeUnknown { .. } => true,
            Error::Statement { source, .. } => is_contention(source) || is_connection_loss(source),
            _ => false,
        }
    }

    pub(crate) fn statement(text: &str, source: sqlx::Error) -> Error {
        Error::Statement { statement: shorten(text), source }
    }
}

/// White space folded and cut at 120 characters, so that a log line stays a line.
pub(crate) fn shorten(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(120).collect()
}

/// Serialization failure or deadlock on PostgreSQL; busy or locked on SQLite.
fn is_contention(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|e| e.code());
    code.is_some_and(|c| {
        matches!(c.as_ref(), "40001" | "40P01" | "55P03" | "57014" | "5" | "6" | "261" | "517")
    })
}

fn is_connection_loss(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        other => {
            let code = other.as_database_error().and_then(|e| e.code());
            code.is_some_and(|c| c.starts_with("08") || c.starts_with("57P"))
        }
    }
}

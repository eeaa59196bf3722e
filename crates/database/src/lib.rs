//! One SQL text, two databases: SQLite by default, PostgreSQL when one machine is not enough.
//!
//! A transaction is a value. [`Database::write`] opens one, the functions of a domain take
//! `&mut WriteTx` (or `&mut ReadTx` when they only look), and [`WriteTx::commit`] returns when the
//! change is durable. This crate knows no table's meaning.

mod claim;
mod column;
mod connect;
pub mod crash;
mod error;
mod migrate;
mod postgres;
mod query;
mod row;
mod sqlite;
mod told;
mod transaction;
mod url;
mod value;
mod walk;

pub use claim::{Claim, RowQueue};
pub use column::{FromColumn, Json, Key};
pub use connect::{Database, Engine};
pub use error::Error;
pub use migrate::{Migrations, Step};
pub use postgres::create_postgres_database;
pub use query::{Query, Sql};
pub use row::{FromRow, Row};
pub use transaction::{ReadTx, TX_DEADLINE, WriteTx};
pub use url::{DatabaseUrl, UrlError};
pub use value::{ToValue, Value};

/// One statement for both engines, `$1 …` marking its parameters:
/// `sql!("SELECT … WHERE id = $1")`; or, where the engines truly differ,
/// `sql!(sqlite: "…", postgres: "…")`.
#[macro_export]
macro_rules! sql {
    (sqlite: $sqlite:literal, postgres: $postgres:literal $(,)?) => {
        $crate::Sql::differing($sqlite, $postgres)
    };
    ($text:literal $(,)?) => {
        $crate::Sql::same($text)
    };
}

/// Like [`sql!`], for a statement that may read a whole table: reports and proofs, never the path
/// of an order. The test that looks for table scans passes over these.
#[macro_export]
macro_rules! report_sql {
    ($($text:tt)+) => { $crate::sql!($($text)+) };
}

/// The migrations of one schema, `migrations/{sqlite,postgres}/NAME.sql` in the calling crate, in
/// order: `migrations!("0001_first", "0002_second")`.
#[macro_export]
macro_rules! migrations {
    ($($name:literal),+ $(,)?) => {
        $crate::Migrations {
            sqlite: &[$($crate::Step {
                name: $name,
                sql: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite/", $name, ".sql")),
            }),+],
            postgres: &[$($crate::Step {
                name: $name,
                sql: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/postgres/", $name, ".sql")),
            }),+],
        }
    };
}

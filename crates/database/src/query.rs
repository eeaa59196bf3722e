//! A statement with its values, and the four ways to run it.

use crate::{
    Error, FromRow, ReadTx, Row, ToValue, Value, WriteTx, error::shorten, row::Inner, transaction::Conn,
};
use sqlx::{Arguments, Executor, postgres::PgArguments, sqlite::SqliteArguments};

/// The text of a statement, for each engine. Made by [`sql!`](crate::sql).
#[derive(Clone, Copy, Debug)]
pub struct Sql {
    sqlite: &'static str,
    postgres: &'static str,
}

/// A statement and the values bound to it so far.
#[derive(Clone, Debug)]
pub struct Query {
    sql: Sql,
    values: Vec<Value>,
}

impl Sql {
    /// One text for both engines.
    pub const fn same(text: &'static str) -> Self {
        Sql { sqlite: text, postgres: text }
    }

    /// A text for each engine.
    pub const fn differing(sqlite: &'static str, postgres: &'static str) -> Self {
        Sql { sqlite, postgres }
    }

    /// Binds the first parameter.
    pub fn bind(self, value: impl ToValue) -> Query {
        self.query().bind(value)
    }

    /// The statement with nothing bound.
    pub fn query(self) -> Query {
        Query { sql: self, values: Vec::new() }
    }
}

impl Query {
    /// Binds the next parameter.
    pub fn bind(mut self, value: impl ToValue) -> Query {
        self.values.push(value.to_value());
        self
    }

    /// The one row that the statement answers with.
    ///
    /// # Errors
    /// [`Error::NoRow`] when there is none.
    pub async fn one<T: FromRow>(self, tx: &mut ReadTx) -> Result<T, Error> {
        let statement = self.sql.sqlite;
        self.optional(tx).await?.ok_or_else(|| Error::NoRow { statement: shorten(statement) })
    }

    /// The first row, if there is one.
    pub async fn optional<T: FromRow>(self, tx: &mut ReadTx) -> Result<Option<T>, Error> {
        self.all(tx).await.map(|rows: Vec<T>| rows.into_iter().next())
    }

    /// All rows. The caller limits how many there can be.
    pub async fn all<T: FromRow>(self, tx: &mut ReadTx) -> Result<Vec<T>, Error> {
        let rows = tx.run(move |conn| Box::pin(self.fetch(conn))).await?;
        rows.iter().map(T::from_row).collect()
    }

    /// Runs it and tells how many rows it changed.
    pub async fn run(self, tx: &mut WriteTx) -> Result<u64, Error> {
        tx.run(move |conn| Box::pin(self.execute(conn))).await
    }

    async fn fetch(self, conn: &mut Conn) -> Result<Vec<Row>, Error> {
        match conn {
            Conn::Sqlite(conn) => {
                let query = sqlx::query_with(self.sql.sqlite, self.sqlite_arguments()?);
                let rows = conn.get()?.fetch_all(query).await;
                let rows = rows.map_err(|e| Error::statement(self.sql.sqlite, e))?;
                Ok(rows.into_iter().map(|r| Row(Inner::Sqlite(r))).collect())
            }
            Conn::Postgres(conn) => {
                let query = sqlx::query_with(self.sql.postgres, self.postgres_arguments()?);
                let rows = conn.get()?.fetch_all(query).await;
                let rows = rows.map_err(|e| Error::statement(self.sql.postgres, e))?;
                Ok(rows.into_iter().map(|r| Row(Inner::Postgres(r))).collect())
            }
        }
    }

    async fn execute(self, conn: &mut Conn) -> Result<u64, Error> {
        match conn {
            Conn::Sqlite(conn) => {
                let query = sqlx::query_with(self.sql.sqlite, self.sqlite_arguments()?);
                let done = conn.get()?.execute(query).await;
                done.map(|d| d.rows_affected()).map_err(|e| Error::statement(self.sql.sqlite, e))
            }
            Conn::Postgres(conn) => {
                let query = sqlx::query_with(self.sql.postgres, self.postgres_arguments()?);
                let done = conn.get()?.execute(query).await;
                done.map(|d| d.rows_affected()).map_err(|e| Error::statement(self.sql.postgres, e))
            }
        }
    }

    fn sqlite_arguments(&self) -> Result<SqliteArguments, Error> {
        let mut arguments = SqliteArguments::default();
        for value in &self.values {
            match value {
                Value::Int(v) => arguments.add(*v),
                Value::Text(v) => arguments.add(v.clone()),
                Value::Bytes(v) => arguments.add(v.clone()),
            }
            .map_err(|e| Error::statement(self.sql.sqlite, sqlx::Error::Encode(e)))?;
        }
        Ok(arguments)
    }

    fn postgres_arguments(&self) -> Result<PgArguments, Error> {
        let mut arguments = PgArguments::default();
        for value in &self.values {
            match value {
                Value::Int(v) => arguments.add(*v),
                Value::Text(v) => arguments.add(v.clone()),
                Value::Bytes(v) => arguments.add(v.clone()),
            }
            .map_err(|e| Error::statement(self.sql.postgres, sqlx::Error::Encode(e)))?;
        }
        Ok(arguments)
    }
}

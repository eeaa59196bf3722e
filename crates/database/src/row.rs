//! A row of an answer, of either engine.

use crate::{Error, FromColumn, Key};
use sqlx::{Decode, Postgres, Row as _, Sqlite, Type, ValueRef, postgres::PgRow, sqlite::SqliteRow};

/// One row.
pub struct Row(pub(crate) Inner);

pub(crate) enum Inner {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// Something that one row can be read as.
pub trait FromRow: Sized {
    /// Reads it, or says which column holds something unexpected.
    fn from_row(row: &Row) -> Result<Self, Error>;
}

impl Row {
    /// The value of a column, by name or place.
    pub fn get<'k, T: FromColumn>(&self, key: impl Into<Key<'k>>) -> Result<T, Error> {
        T::from_column(self, key.into())
    }

    pub(crate) fn raw<T>(&self, key: Key<'_>) -> Result<T, Error>
    where
        T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>,
    {
        let read = match (&self.0, key) {
            (Inner::Sqlite(row), Key::Name(name)) => row.try_get(name),
            (Inner::Sqlite(row), Key::At(place)) => row.try_get(place),
            (Inner::Postgres(row), Key::Name(name)) => row.try_get(name),
            (Inner::Postgres(row), Key::At(place)) => row.try_get(place),
        };
        read.map_err(|e| column_error(key, &e))
    }

    pub(crate) fn is_null(&self, key: Key<'_>) -> Result<bool, Error> {
        let null = match (&self.0, key) {
            (Inner::Sqlite(row), Key::Name(name)) => row.try_get_raw(name).map(|v| v.is_null()),
            (Inner::Sqlite(row), Key::At(place)) => row.try_get_raw(place).map(|v| v.is_null()),
            (Inner::Postgres(row), Key::Name(name)) => row.try_get_raw(name).map(|v| v.is_null()),
            (Inner::Postgres(row), Key::At(place)) => row.try_get_raw(place).map(|v| v.is_null()),
        };
        null.map_err(|e| column_error(key, &e))
    }
}

fn column_error(key: Key<'_>, error: &sqlx::Error) -> Error {
    Error::Column { column: key.to_string(), reason: error.to_string() }
}

impl<T: FromColumn> FromRow for T {
    fn from_row(row: &Row) -> Result<Self, Error> {
        row.get(0)
    }
}

macro_rules! tuple_row {
    ($($type:ident $place:literal),+) => {
        impl<$($type: FromColumn),+> FromRow for ($($type,)+) {
            fn from_row(row: &Row) -> Result<Self, Error> {
                Ok(($(row.get::<$type>($place)?,)+))
            }
        }
    };
}

tuple_row!(A 0, B 1);
tuple_row!(A 0, B 1, C 2);
tuple_row!(A 0, B 1, C 2, D 3);
tuple_row!(A 0, B 1, C 2, D 3, E 4);
tuple_row!(A 0, B 1, C 2, D 3, E 4, F 5);

//! Where the database is: `sqlite:///path/to/file` or `postgres://user@host/name`.

use std::{fmt, path::PathBuf, str::FromStr};
use vocabulary::Secret;

/// Address of a database. Its password, if any, does not appear in output.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL server, as a connection URL.
    Postgres(Secret),
}

/// Why a text is no database address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Neither `sqlite://` nor `postgres://`.
    #[error("a database address starts with `sqlite://` or `postgres://`; this one does not")]
    UnknownScheme,
    /// `sqlite://` without a file.
    #[error("`sqlite://` must be followed by the path of a file, as in `sqlite:///var/lib/loket/loket.db`")]
    NoFile,
    /// The driver cannot read the PostgreSQL address.
    #[error("the PostgreSQL address cannot be read: {0}")]
    Unreadable(String),
}

impl FromStr for DatabaseUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(path) = text.strip_prefix("sqlite://").or_else(|| text.strip_prefix("sqlite:")) {
            let path = path.split('?').next().unwrap_or_default();
            return if path.is_empty() {
                Err(UrlError::NoFile)
            } else {
                Ok(DatabaseUrl::Sqlite(path.into()))
            };
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            text.parse::<sqlx::postgres::PgConnectOptions>()
                .map_err(|e| UrlError::Unreadable(e.to_string()))?;
            return Ok(DatabaseUrl::Postgres(Secret::new(text)));
        }
        Err(UrlError::UnknownScheme)
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DatabaseUrl::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            DatabaseUrl::Postgres(url) => {
                let place = url.expose().rsplit('@').next().unwrap_or_default();
                let place = place.trim_start_matches("postgres://").trim_start_matches("postgresql://");
                write!(f, "postgres://{}", place.split('?').next().unwrap_or_default())
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_shows_no_password() {
        let url: DatabaseUrl =
            "postgres://loket:hunter2@db.example:5432/loket?sslmode=require".parse().unwrap();
        assert_eq!(url.to_string(), "postgres://db.example:5432/loket");
        assert_eq!(format!("{url:?}"), "postgres://db.example:5432/loket");
    }

    #[test]
    fn what_is_no_address_says_why() {
        assert_eq!("mysql://x".parse::<DatabaseUrl>().unwrap_err(), UrlError::UnknownScheme);
        assert_eq!("sqlite://".parse::<DatabaseUrl>().unwrap_err(), UrlError::NoFile);
        assert!(matches!("postgres://:::".parse::<DatabaseUrl>(), Err(UrlError::Unreadable(_))));
    }
}

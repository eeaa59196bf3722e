//! The database: that it opens, its schema, the mode it was made in, and what waits in it for a person.

use super::{Check, circuits, keys};
use crate::{
    config::{Config, Mode},
    wiring,
};
use database::{Database, DatabaseUrl};
use orders::MIGRATIONS;

pub(super) async fn check(config: &Config) -> Vec<Check> {
    if let DatabaseUrl::Sqlite(path) = &config.database
        && !path.exists()
    {
        return vec![Check::note(
            "database",
            format!("{} does not exist yet", path.display()),
            "`loket serve` makes it",
        )];
    }
    let db = match wiring::open_database(config).await {
        Ok(db) => db,
        Err(error) => {
            return vec![Check::wrong(
                "database",
                format!("{error:#}"),
                "check LOKET_DATABASE__URL and that the server runs",
            )];
        }
    };
    let mut checks = vec![Check::fine("database", format!("{} ({})", config.database, db.engine()))];
    match db.pending(&MIGRATIONS).await {
        Ok(pending) if pending.is_empty() => {
            checks.push(Check::fine("schema", "up to date"));
            checks.push(mode(&db, config.mode).await);
            checks.push(keys::vault(&db, config).await);
            checks.push(alerts(&db).await);
            checks.extend(circuits::check(&db).await);
        }
        Ok(pending) => checks.push(Check::wrong(
            "schema",
            format!("lacks {}", pending.join(", ")),
            "run `loket migrate`",
        )),
        Err(error) => {
            checks.push(Check::wrong("schema", error.to_string(), "use a program as new as the database"))
        }
    }
    checks
}

async fn mode(db: &Database, mode: Mode) -> Check {
    let made_in = match db.read("doctor.mode").await {
        Ok(mut tx) => orders::mode(&mut tx).await,
        Err(error) => Err(error),
    };
    match made_in {
        Ok(Some(made_in)) if made_in != mode.as_str() => Check::wrong(
            "mode",
            format!("the database was made in {made_in} mode"),
            format!("name another database for {} mode", mode.as_str()),
        ),
        Ok(_) => Check::fine("mode", mode.as_str()),
        Err(error) => Check::wrong("mode", error.to_string(), "see the database's own log"),
    }
}

async fn alerts(db: &Database) -> Check {
    let open = match db.read("doctor.alerts").await {
        Ok(mut tx) => notifications::open_alerts(&mut tx).await,
        Err(error) => Err(error),
    };
    match open {
        Ok(open) if open.is_empty() => Check::fine("alerts", "none open"),
        Ok(open) => Check::note("alerts", format!("{} open", open.len()), "`loket alerts` lists them"),
        Err(error) => Check::wrong("alerts", error.to_string(), "see the database's own log"),
    }
}

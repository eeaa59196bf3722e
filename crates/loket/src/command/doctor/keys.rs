//! The shop's own keys: that of the HTTP interface, and that of the vault.

use super::Check;
use crate::{
    config::{Config, Mode},
    vault_key,
};
use database::Database;

pub(super) fn api_key(config: &Config) -> Check {
    match (&config.api_key, config.mode) {
        (Some(_), Mode::Sandbox) => Check::fine("api key", "the sandbox's own"),
        (Some(_), Mode::Production) => Check::fine("api key", "set"),
        (None, _) => Check::note(
            "api key",
            "none: the HTTP interface takes no orders",
            "set LOKET_API__KEY to at least 24 random characters",
        ),
    }
}

/// Without its key nobody reads the phone numbers in the database.
pub(super) async fn vault(db: &Database, config: &Config) -> Check {
    let place = match &config.vault_key {
        Some(_) => "LOKET_VAULT__KEY".to_owned(),
        None => vault_key::file_of(config).display().to_string(),
    };
    let fits = match vault_key::open(config) {
        Ok(vault) => vault_key::fits(db, &vault).await,
        Err(error) => Err(error),
    };
    match fits {
        Ok(Some(true)) => Check::fine("vault", format!("the key of {place} is this database's")),
        Ok(None) => {
            Check::fine("vault", format!("the key of {place}; the database has not been used with one yet"))
        }
        Ok(Some(false)) => Check::wrong(
            "vault",
            format!("the key of {place} is not the one that this database was used with"),
            "restore the key from a back-up: without it the stored phone numbers cannot be read",
        ),
        Err(error) => Check::wrong(
            "vault",
            format!("{error:#}"),
            "give LOKET_VAULT__KEY or the key file, readable by this user",
        ),
    }
}

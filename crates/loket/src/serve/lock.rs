//! One serving process for each SQLite file: a second one is refused kindly. PostgreSQL takes any
//! number, and commands run beside the server on both.

use crate::config::Config;
use anyhow::{Context, Result, bail};
use database::DatabaseUrl;
use std::fs::{File, TryLockError};

/// Held as long as the process serves; the system frees it when the process ends, however it ends.
pub(super) struct ServingLock {
    _file: File,
}

/// Takes the lock of the configured database, if it needs one.
pub(super) fn take(config: &Config) -> Result<Option<ServingLock>> {
    let DatabaseUrl::Sqlite(path) = &config.database else { return Ok(None) };
    let path = path.with_extension("lock");
    let file = File::create(&path).with_context(|| format!("{} cannot be made", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(ServingLock { _file: file })),
        Err(TryLockError::WouldBlock) => bail!(
            "another `loket serve` is using {}: stop it first, or give this one its own --data-dir and --listen. Commands such as `loket order list` run beside it",
            config.database
        ),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("{} cannot be locked", path.display()))
        }
    }
}

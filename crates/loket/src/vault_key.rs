//! The key of the vault: from the configuration, or from a file in the data folder that is made at
//! first use. The database remembers which key it was used with, so that nobody runs it with another.

use crate::config::Config;
use anyhow::{Context, Result, bail};
use database::Database;
use security::{Vault, random_key};
use std::{
    fs::OpenOptions,
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};
use vocabulary::Secret;

/// Where the key is when it is not configured.
pub(crate) fn file_of(config: &Config) -> PathBuf {
    config.data_dir.join("vault.key")
}

/// The vault of this configuration; makes its key when there is none.
pub(crate) fn open(config: &Config) -> Result<Vault> {
    if let Some(key) = &config.vault_key {
        return Vault::from_hex(key).context("`vault.key` (environment: LOKET_VAULT__KEY)");
    }
    let path = file_of(config);
    match read(&path)? {
        Some(vault) => Ok(vault),
        None => make(&path),
    }
}

fn read(path: &Path) -> Result<Option<Vault>> {
    match std::fs::read_to_string(path) {
        Ok(text) => {
            let vault = Vault::from_hex(&Secret::new(text));
            vault.map(Some).with_context(|| format!("{}: restore it from a back-up", path.display()))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}

/// Writes a new key to a file of its own and links it to its place, so that two processes that start
/// at the same moment end up with one key, and no one ever reads half of it.
fn make(path: &Path) -> Result<Vault> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    }
    let written = path.with_extension(format!("new-{}", std::process::id()));
    let place = || format!("{} cannot be written", written.display());
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&written)
        .with_context(place)?;
    file.write_all(hex::encode(random_key()?).as_bytes())
        .and_then(|()| file.sync_all())
        .with_context(place)?;
    let linked = std::fs::hard_link(&written, path);
    std::fs::remove_file(&written).with_context(place)?;
    match linked {
        Ok(()) => {
            tracing::info!("made the key of the vault at {}: keep it with your back-ups", path.display())
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error).with_context(|| format!("{} cannot be made", path.display())),
    }
    read(path)?.with_context(|| format!("{} has vanished", path.display()))
}

/// Refuses a key that is not the one that this database was used with.
pub(crate) async fn check(db: &Database, vault: &Vault, config: &Config) -> Result<()> {
    let mut tx = db.write("vault.remember").await?;
    let remembered = orders::remember_vault(&mut tx, vault.fingerprint()).await?;
    tx.commit().await?;
    if remembered != vault.fingerprint() {
        bail!(
            "this database was used with another vault key ({remembered}, not {}): phone numbers could not be read. Put the right key into {} or LOKET_VAULT__KEY; every process on one database needs the same",
            vault.fingerprint(),
            file_of(config).display()
        );
    }
    Ok(())
}

/// Whether the key fits, for `doctor`; `None` when the database was never served.
pub(crate) async fn fits(db: &Database, vault: &Vault) -> Result<Option<bool>> {
    let remembered = orders::vault_fingerprint(&mut db.read("vault.check").await?).await?;
    Ok(remembered.map(|it| it == vault.fingerprint()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_key_is_made_once_readable_by_its_owner_only() {
        let folder = testkit::TempFolder::new("vault");
        let path = folder.path().join("deep/vault.key");
        assert!(read(&path).unwrap().is_none());
        let first = make(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(make(&path).unwrap().fingerprint(), first.fingerprint());
        assert_eq!(read(&path).unwrap().unwrap().fingerprint(), first.fingerprint());
        std::fs::write(&path, "not a key").unwrap();
        assert!(format!("{:#}", read(&path).unwrap_err()).contains("back-up"));
    }
}

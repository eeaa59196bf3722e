//! The key pair that interactions are signed with: Ed25519, seed and public key as hex in files of
//! their own, made at the first start and kept ever after, as an application keeps its key.

use crate::Error;
use ed25519_dalek::{Signer, SigningKey};
use sha2::{Digest, Sha256};
use std::{
    io::Write as _,
    path::{Path, PathBuf},
};
use vocabulary::Ids;

/// Where the seed of the simulated application is kept.
pub fn discord_key_path(data_dir: &Path) -> PathBuf {
    data_dir.join("sandbox").join("discord.key.hex")
}

/// Where the public key of the simulated application is kept.
pub fn discord_public_key_path(data_dir: &Path) -> PathBuf {
    data_dir.join("sandbox").join("discord.pub.hex")
}

/// The public key of the simulated application (64 hex digits), as `LOKET_DISCORD__PUBLIC_KEY` takes
/// it. Makes the key pair when there is none yet, so that it can be had before the simulators open.
///
/// # Errors
/// When the files cannot be written, or hold something that is no key.
pub fn discord_public_key(data_dir: &Path, ids: &Ids) -> Result<String, Error> {
    Keys::ensure(data_dir, ids).map(|keys| keys.public_hex())
}

/// The key pair.
pub(crate) struct Keys(SigningKey);

impl Keys {
    /// Reads the key pair, or makes one.
    pub(crate) fn ensure(data_dir: &Path, ids: &Ids) -> Result<Keys, Error> {
        let path = discord_key_path(data_dir);
        let failed = |path: &Path, why: String| Error::Key { path: path.display().to_string(), why };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)
                .map_err(|source| Error::Folder { path: folder.display().to_string(), source })?;
        }
        if !path.exists() {
            // 320 random bits, hashed to the 32 bytes of a seed.
            let seed = Sha256::digest(format!("{}{}", ids.token(), ids.token()));
            write(&path, &hex::encode(seed), true).map_err(|e| failed(&path, e.to_string()))?;
        }
        let text = std::fs::read_to_string(&path).map_err(|e| failed(&path, e.to_string()))?;
        let seed: [u8; 32] = hex::decode(text.trim())
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(|| failed(&path, "it must hold 64 hex digits; delete it to get a new key".into()))?;
        let keys = Keys(SigningKey::from_bytes(&seed));
        let public = discord_public_key_path(data_dir);
        if std::fs::read_to_string(&public).ok().as_deref().map(str::trim) != Some(&keys.public_hex()) {
            write(&public, &keys.public_hex(), false).map_err(|e| failed(&public, e.to_string()))?;
        }
        Ok(keys)
    }

    /// The public key, as hex.
    pub(crate) fn public_hex(&self) -> String {
        hex::encode(self.0.verifying_key().to_bytes())
    }

    /// `X-Signature-Ed25519` over the timestamp and the raw body (contracts/discord §1.3).
    pub(crate) fn sign(&self, timestamp: &str, body: &[u8]) -> String {
        let message = [timestamp.as_bytes(), body].concat();
        hex::encode(self.0.sign(&message).to_bytes())
    }
}

/// Writes a file that is either there as a whole or not at all. Of two processes that make a key at
/// the same moment the first wins, and both read what it wrote.
fn write(path: &Path, text: &str, secret: bool) -> std::io::Result<()> {
    let half = path.with_extension(format!("{}.half", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(if secret { 0o600 } else { 0o644 });
    }
    let mut file = options.open(&half)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    drop(file);
    let outcome = if secret {
        match std::fs::hard_link(&half, path) {
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
            other => other,
        }
    } else {
        return std::fs::rename(&half, path);
    };
    std::fs::remove_file(&half)?;
    outcome
}

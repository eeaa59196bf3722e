//! The two pairs of RSA keys of the simulated DANA, as PEM files: the merchant's, whose public half DANA
//! holds, and the gateway's own, which signs what it tells the merchant.

use crate::Error;
use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{self, KeyPair as _, ParsedPublicKey},
};
use pem_rfc7468::LineEnding;
use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

const PRIVATE: &str = "PRIVATE KEY";
const PUBLIC: &str = "PUBLIC KEY";
/// Tells the drafts of one process apart.
static DRAFTS: AtomicU64 = AtomicU64::new(0);

/// Where the keys for the simulated DANA are, all below `DATA_DIR/sandbox/`. Private ones are PKCS#8, public
/// ones SubjectPublicKeyInfo, both as PEM, RSA of 2048 bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DanaKeyFiles {
    /// What the shop signs its requests with.
    pub merchant_private: PathBuf,
    /// What DANA verifies the shop's requests with.
    pub merchant_public: PathBuf,
    /// What DANA signs its notifications with.
    pub gateway_private: PathBuf,
    /// What the shop verifies DANA's notifications with.
    pub gateway_public: PathBuf,
}

/// The keys that DANA itself has.
pub(crate) struct Keys {
    merchant: ParsedPublicKey,
    gateway: KeyPair,
}

/// The key files of the simulated DANA, which are made when they are not there. May be called before
/// [`crate::Sandbox::open`], by several processes at once.
///
/// # Errors
/// When the folder or a file cannot be made, or when a file that is there holds no such key.
pub fn dana_keys(data_dir: &Path) -> Result<DanaKeyFiles, Error> {
    let folder = data_dir.join("sandbox");
    std::fs::create_dir_all(&folder)
        .map_err(|source| Error::Folder { path: folder.display().to_string(), source })?;
    let files = DanaKeyFiles {
        merchant_private: folder.join("dana-merchant.key.pem"),
        merchant_public: folder.join("dana-merchant.pub.pem"),
        gateway_private: folder.join("dana-gateway.key.pem"),
        gateway_public: folder.join("dana-gateway.pub.pem"),
    };
    ensure_pair(&files.merchant_private, &files.merchant_public)?;
    ensure_pair(&files.gateway_private, &files.gateway_public)?;
    Ok(files)
}

impl Keys {
    /// Reads DANA's keys, and makes all four files first if need be. Takes a moment: not for a thread that
    /// others wait for.
    pub(crate) fn open(data_dir: &Path) -> Result<Keys, Error> {
        let files = dana_keys(data_dir)?;
        let merchant = read_public(&files.merchant_public)?;
        Ok(Keys { merchant, gateway: read_private(&files.gateway_private)? })
    }

    /// Whether the merchant signed this text.
    pub(super) fn is_merchants(&self, text: &str, signature: &[u8]) -> bool {
        self.merchant.verify_sig(text.as_bytes(), signature).is_ok()
    }

    /// The gateway's signature: RSA, PKCS #1 v1.5, SHA-256. `None` when there is no memory for it.
    pub(super) fn sign(&self, text: &str) -> Option<Vec<u8>> {
        let mut signed = vec![0; self.gateway.public_modulus_len()];
        let done = self.gateway.sign(
            &signature::RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            text.as_bytes(),
            &mut signed,
        );
        done.ok().map(|()| signed)
    }
}

/// The public key in a PEM text.
pub(super) fn public_key(pem: &str) -> Option<ParsedPublicKey> {
    let der = der_of(pem, PUBLIC)?;
    ParsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA256, der).ok()
}

fn read_public(path: &Path) -> Result<ParsedPublicKey, Error> {
    public_key(&read(path)?).ok_or_else(|| unusable(path, "no RSA public key in PEM"))
}

fn read_private(path: &Path) -> Result<KeyPair, Error> {
    let der = der_of(&read(path)?, PRIVATE);
    let pair = der.and_then(|der| KeyPair::from_pkcs8(&der).ok());
    pair.ok_or_else(|| unusable(path, "no RSA private key in PKCS#8 and PEM"))
}

/// Makes what is missing. A public key that is there stays: it may be another than the one made here.
fn ensure_pair(private: &Path, public: &Path) -> Result<(), Error> {
    if !private.exists() {
        let made = KeyPair::generate(KeySize::Rsa2048)
            .map_err(|_| unusable(private, "it cannot be made"))
            .and_then(|pair| pem_of(private, PRIVATE, &as_pkcs8(&pair, private)?))?;
        write_new(private, &made, 0o600)?;
    }
    if !public.exists() {
        let pair = read_private(private)?;
        let der: PublicKeyX509Der<'_> =
            pair.public_key().as_der().map_err(|_| unusable(public, "it cannot be encoded"))?;
        write_new(public, &pem_of(public, PUBLIC, der.as_ref())?, 0o644)?;
    }
    Ok(())
}

fn as_pkcs8(pair: &KeyPair, path: &Path) -> Result<Vec<u8>, Error> {
    let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| unusable(path, "it cannot be encoded"))?;
    Ok(der.as_ref().to_vec())
}

fn pem_of(path: &Path, label: &str, der: &[u8]) -> Result<String, Error> {
    pem_rfc7468::encode_string(label, LineEnding::LF, der).map_err(|e| unusable(path, &e.to_string()))
}

fn der_of(pem: &str, label: &str) -> Option<Vec<u8>> {
    let (found, der) = pem_rfc7468::decode_vec(pem.trim_start().as_bytes()).ok()?;
    (found == label).then_some(der)
}

fn read(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|e| unusable(path, &e.to_string()))
}

/// Writes a whole file, or leaves the one that another process was faster to write.
fn write_new(path: &Path, text: &str, mode: u32) -> Result<(), Error> {
    let failed = |e: std::io::Error| unusable(path, &e.to_string());
    let number = DRAFTS.fetch_add(1, Ordering::Relaxed);
    let draft = path.with_extension(format!("{}-{number}.draft", std::process::id()));
    let _ = std::fs::remove_file(&draft);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let mut file = options.open(&draft).map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    let placed = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft).map_err(failed)?;
    match placed {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(failed(error)),
        _ => Ok(()),
    }
}

fn unusable(path: &Path, why: &str) -> Error {
    Error::Key { path: path.display().to_string(), why: why.to_owned() }
}

//! The shop's own key: it encrypts what must not lie in the database in the clear (phone numbers,
//! tokens of others), and authenticates what goes through other people's hands and comes back (the
//! ids of buttons). One key, kept outside the database; every use has a key of its own derived from it.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    constant_time, digest, hkdf, hmac,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::{fmt, sync::Arc};
use vocabulary::Secret;

/// Length of the key in bytes.
pub const VAULT_KEY_LEN: usize = 32;
/// Version of what [`Vault::seal`] writes.
const SEALED: &str = "v1.";

/// The shop's key at work. Cheap to clone; prints nothing of itself.
#[derive(Clone)]
pub struct Vault(Arc<Keys>);

struct Keys {
    sealing: RandomizedNonceKey,
    tagging: hmac::Key,
    fingerprint: String,
}

/// Why something cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The key has another length than 32 bytes.
    #[error("the key of the vault has 32 bytes, written as 64 hexadecimal digits")]
    KeyLength,
    /// It was sealed with another key, for another purpose, or was changed since.
    #[error("this was sealed with another key or for another purpose, or was changed since")]
    NotOurs,
    /// The cryptographic library refuses.
    #[error("the cryptographic library refuses")]
    Library,
}

struct Len(usize);
impl hkdf::KeyType for Len {
    fn len(&self) -> usize {
        self.0
    }
}

impl Vault {
    /// The vault with this key: 32 bytes, as random as they can be had.
    ///
    /// # Errors
    /// [`VaultError::KeyLength`] for anything else.
    pub fn new(key: &[u8]) -> Result<Vault, VaultError> {
        if key.len() != VAULT_KEY_LEN {
            return Err(VaultError::KeyLength);
        }
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"loket vault").extract(key);
        let derive = |purpose: &[u8]| -> Result<[u8; 32], VaultError> {
            let mut out = [0_u8; 32];
            let info = [purpose];
            root.expand(&info, Len(out.len()))
                .and_then(|okm| okm.fill(&mut out))
                .map_err(|_| VaultError::Library)?;
            Ok(out)
        };
        let sealing =
            RandomizedNonceKey::new(&AES_256_GCM, &derive(b"seal")?).map_err(|_| VaultError::Library)?;
        let tagging = hmac::Key::new(hmac::HMAC_SHA256, &derive(b"tag")?);
        let print = digest::digest(&digest::SHA256, &derive(b"fingerprint")?);
        let fingerprint = hex::encode(print.as_ref().get(..8).unwrap_or_default());
        Ok(Vault(Arc::new(Keys { sealing, tagging, fingerprint })))
    }

    /// The vault of a key written as 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`VaultError::KeyLength`] for anything else.
    pub fn from_hex(key: &Secret) -> Result<Vault, VaultError> {
        Vault::new(&hex::decode(key.expose().trim()).map_err(|_| VaultError::KeyLength)?)
    }

    /// A vault whose key nobody knows, for commands and tests that keep nothing.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn throw_away() -> Result<Vault, VaultError> {
        Vault::new(&random_key()?)
    }

    /// Tells keys apart without telling the key: 16 hexadecimal digits.
    pub fn fingerprint(&self) -> &str {
        &self.0.fingerprint
    }

    /// Encrypts a text for one purpose (`phone:buyer-1`): it opens for the same purpose only, so
    /// that a row cannot be swapped for another.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn seal(&self, purpose: &str, text: &Secret) -> Result<String, VaultError> {
        let mut bytes = text.expose().as_bytes().to_vec();
        let nonce = self
            .0
            .sealing
            .seal_in_place_append_tag(Aad::from(purpose.as_bytes()), &mut bytes)
            .map_err(|_| VaultError::Library)?;
        let mut whole = nonce.as_ref().to_vec();
        whole.append(&mut bytes);
        Ok(format!("{SEALED}{}", URL_SAFE_NO_PAD.encode(whole)))
    }

    /// Decrypts what [`Vault::seal`] made for this purpose.
    ///
    /// # Errors
    /// [`VaultError::NotOurs`] for anything else.
    pub fn open(&self, purpose: &str, sealed: &str) -> Result<Secret, VaultError> {
        let body = sealed.strip_prefix(SEALED).ok_or(VaultError::NotOurs)?;
        let whole = URL_SAFE_NO_PAD.decode(body).map_err(|_| VaultError::NotOurs)?;
        let (nonce, text) = whole.split_at_checked(NONCE_LEN).ok_or(VaultError::NotOurs)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| VaultError::NotOurs)?;
        let mut text = text.to_vec();
        let plain = self
            .0
            .sealing
            .open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut text)
            .map_err(|_| VaultError::NotOurs)?;
        String::from_utf8(plain.to_vec()).map(Secret::new).map_err(|_| VaultError::NotOurs)
    }

    /// A short mark that only this shop can make for these words: 11 characters of `[A-Za-z0-9_-]`,
    /// 64 bits. Good against somebody who has to try each guess on us, not for signing documents.
    pub fn tag(&self, purpose: &str, words: &str) -> String {
        let mut context = hmac::Context::with_key(&self.0.tagging);
        // The length makes the border between purpose and words certain.
        context.update(&u64::try_from(purpose.len()).unwrap_or(u64::MAX).to_be_bytes());
        context.update(purpose.as_bytes());
        context.update(words.as_bytes());
        let mark = context.sign();
        URL_SAFE_NO_PAD.encode(mark.as_ref().get(..8).unwrap_or_default())
    }

    /// Whether [`Vault::tag`] made this mark, in a time that does not tell how much of it fits.
    pub fn tag_fits(&self, purpose: &str, words: &str, tag: &str) -> bool {
        constant_time::verify_slices_are_equal(self.tag(purpose, words).as_bytes(), tag.as_bytes()).is_ok()
    }
}

/// A new key for a vault.
///
/// # Errors
/// When the system gives no randomness.
pub fn random_key() -> Result<[u8; VAULT_KEY_LEN], VaultError> {
    let mut key = [0_u8; VAULT_KEY_LEN];
    aws_lc_rs::rand::fill(&mut key).map_err(|_| VaultError::Library)?;
    Ok(key)
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vault({})", self.0.fingerprint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(byte: u8) -> Vault {
        Vault::new(&[byte; 32]).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_for_its_purpose_and_key_only() {
        let phone = Secret::new("081234567890");
        let sealed = vault(1).seal("phone:a", &phone).unwrap();
        assert!(!sealed.contains("0812"));
        assert_eq!(vault(1).open("phone:a", &sealed).unwrap().expose(), "081234567890");
        assert_eq!(vault(1).open("phone:b", &sealed).err(), Some(VaultError::NotOurs));
        assert_eq!(vault(2).open("phone:a", &sealed).err(), Some(VaultError::NotOurs));
        assert_ne!(
            sealed,
            vault(1).seal("phone:a", &phone).unwrap(),
            "the same text is sealed anew each time"
        );
    }

    #[test]
    fn no_change_of_what_is_sealed_goes_unseen() {
        let sealed = vault(1).seal("p", &Secret::new("text")).unwrap();
        for place in SEALED.len()..sealed.len() {
            let mut bytes = sealed.clone().into_bytes();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            let opened = vault(1).open("p", &changed);
            // The last character may carry bits that are not read.
            assert!(opened.is_err() || place + 1 == sealed.len(), "{place}");
        }
        for text in ["", "v1.", "v1.AAAA", "v2.xx", "v1.***", "text"] {
            assert_eq!(vault(1).open("p", text).err(), Some(VaultError::NotOurs), "{text}");
        }
    }

    #[test]
    fn a_tag_is_of_its_purpose_words_and_key() {
        let tag = vault(1).tag("button", "pay:1");
        assert_eq!(tag.len(), 11);
        assert!(vault(1).tag_fits("button", "pay:1", &tag));
        assert!(!vault(1).tag_fits("button", "pay:2", &tag));
        assert!(!vault(1).tag_fits("buttonp", "ay:1", &tag));
        assert!(!vault(2).tag_fits("button", "pay:1", &tag));
        assert!(!vault(1).tag_fits("button", "pay:1", ""));
    }

    #[test]
    fn a_key_has_32_bytes_and_shows_only_its_fingerprint() {
        for length in [0, 16, 31, 33] {
            assert_eq!(Vault::new(&vec![7; length]).err(), Some(VaultError::KeyLength));
        }
        assert_eq!(Vault::from_hex(&Secret::new("zz")).err(), Some(VaultError::KeyLength));
        let key = "07".repeat(32);
        let shown = format!("{:?}", Vault::from_hex(&Secret::new(key.as_str())).unwrap());
        assert!(!shown.contains(&key) && shown.len() == "Vault()".len() + 16);
    }
}

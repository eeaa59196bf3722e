//! The signature of an interaction: Ed25519 over the timestamp and the raw body (contracts/discord §1.3).
//! Whatever is wrong with it, the answer is 401: Discord sends wrong ones on purpose.

use ed25519_dalek::{Signature, VerifyingKey};
use std::time::Duration;
use vocabulary::Timestamp;

/// How far the time of a signature may be from ours. Discord states no rule; what comes twice within it
/// has its effect once all the same.
pub const FRESH_FOR: Duration = Duration::from_secs(10 * 60);

/// The application's public key, which Discord's signatures are verified with.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

/// Why a text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublicKeyError {
    /// Not 32 bytes in hexadecimal digits.
    #[error("the public key of the application is 64 hexadecimal digits, from its General Information page")]
    Form,
    /// The bytes are no key, or one that anybody can sign for.
    #[error("this public key is not a key that can be trusted; copy it again from the application's page")]
    Weak,
}

/// The request is not Discord's, or is an old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not fit")]
pub struct BadSignature;

impl PublicKey {
    /// Reads the key as the application's page shows it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_hex(text: &str) -> Result<Self, PublicKeyError> {
        let bytes = hex::decode(text.trim()).map_err(|_| PublicKeyError::Form)?;
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| PublicKeyError::Form)?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| PublicKeyError::Weak)?;
        if key.is_weak() { Err(PublicKeyError::Weak) } else { Ok(PublicKey(key)) }
    }

    /// Verifies a request as it came. `real_now` is real time: business time may be ahead.
    ///
    /// # Errors
    /// [`BadSignature`], whatever is wrong.
    pub fn verify(
        &self,
        signature: Option<&str>,
        timestamp: Option<&str>,
        body: &[u8],
        real_now: Timestamp,
    ) -> Result<(), BadSignature> {
        let (signature, timestamp) = signature.zip(timestamp).ok_or(BadSignature)?;
        let signature = hex::decode(signature).map_err(|_| BadSignature)?;
        let signature = Signature::from_slice(&signature).map_err(|_| BadSignature)?;
        let mut message = timestamp.as_bytes().to_vec();
        message.extend_from_slice(body);
        self.0.verify_strict(&message, &signature).map_err(|_| BadSignature)?;
        if is_fresh(timestamp, real_now) { Ok(()) } else { Err(BadSignature) }
    }
}

/// Discord's timestamp is in seconds.
fn is_fresh(timestamp: &str, real_now: Timestamp) -> bool {
    let Some(at) = timestamp.parse::<i64>().ok().and_then(|s| s.checked_mul(1_000)) else { return false };
    u128::from(at.abs_diff(real_now.millis())) <= FRESH_FOR.as_millis()
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PublicKey({})", hex::encode(self.0.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::{Signer as _, SigningKey};

    fn signed(timestamp: &str, body: &[u8]) -> String {
        let message = [timestamp.as_bytes(), body].concat();
        hex::encode(SigningKey::from_bytes(&[7; 32]).sign(&message).to_bytes())
    }

    fn key() -> PublicKey {
        PublicKey(SigningKey::from_bytes(&[7; 32]).verifying_key())
    }

    #[test]
    fn what_discord_signed_just_now_is_taken_and_nothing_else() {
        let now = Timestamp::from_millis(1_700_000_000_000);
        let good = signed("1700000000", b"{}");
        let check = |s: Option<&str>, t: Option<&str>, body: &[u8]| key().verify(s, t, body, now);
        assert_eq!(check(Some(&good), Some("1700000000"), b"{}"), Ok(()));
        assert_eq!(check(Some(&good.to_uppercase()), Some("1700000000"), b"{}"), Ok(()));
        let cut = good.get(..126);
        let zeros = "0".repeat(128);
        for (signature, timestamp, body) in [
            (Some(good.as_str()), Some("1700000000"), &b"{ }"[..]),
            (Some(&good), Some("1700000001"), b"{}"),
            (None, Some("1700000000"), b"{}"),
            (Some(&good), None, b"{}"),
            (Some(""), Some("1700000000"), b"{}"),
            (cut, Some("1700000000"), b"{}"),
            (Some("zz"), Some("1700000000"), b"{}"),
            (Some("é"), Some("é"), b"{}"),
            (Some(&zeros), Some("1700000000"), b"{}"),
        ] {
            assert_eq!(check(signature, timestamp, body), Err(BadSignature), "{signature:?} {timestamp:?}");
        }
    }

    #[test]
    fn an_old_request_and_one_from_the_future_are_refused() {
        let now = Timestamp::from_millis(1_700_000_000_000);
        for (timestamp, fine) in [
            ("1700000600", true),
            ("1699999400", true),
            ("1700000601", false),
            ("1699999399", false),
            ("now", false),
            ("", false),
            ("9223372036854775807", false),
            ("-9223372036854775808", false),
        ] {
            let verdict = key().verify(Some(&signed(timestamp, b"x")), Some(timestamp), b"x", now);
            assert_eq!(verdict.is_ok(), fine, "{timestamp}");
        }
    }

    #[test]
    fn a_key_that_anybody_can_sign_for_is_refused_at_configuration() {
        assert!(PublicKey::from_hex(&hex::encode(key().0.as_bytes())).is_ok());
        for text in ["", "ab", "zz", &"0".repeat(63), &"0".repeat(66)] {
            assert_eq!(PublicKey::from_hex(text), Err(PublicKeyError::Form), "{text}");
        }
        // The neutral element and a point of order four.
        let neutral = format!("01{}", "00".repeat(31));
        for text in [neutral.as_str(), &"00".repeat(32)] {
            assert_eq!(PublicKey::from_hex(text), Err(PublicKeyError::Weak), "{text}");
        }
    }
}

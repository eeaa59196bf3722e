//! The RSA keys: ours that requests are signed with, and DANA's that its notifications are signed
//! with. RSA PKCS#1 v1.5 with SHA-256 (`contracts/payments.md` §2.2).

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::{KeyPair, PublicEncryptingKey},
    signature::{KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256},
};
use rustls_pki_types::{PrivatePkcs8KeyDer, SubjectPublicKeyInfoDer, pem::PemObject};
use sha2::{Digest, Sha256};
use std::fmt;
use vocabulary::Secret;

vocabulary::text_enum!(
    /// Whose key it is.
    pub enum KeyOf {
        /// Our private key.
        Merchant = "the merchant's private key",
        /// Our private key before this one.
        PreviousMerchant = "the merchant's previous private key",
        /// DANA's public key.
        Gateway = "DANA's public key",
        /// DANA's public key before this one.
        PreviousGateway = "DANA's previous public key",
    }
);

/// Why a key cannot be used. Tells nothing of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The text is no PEM of a PKCS#8 private key.
    #[error("{0} is not a PKCS#8 key in PEM (it begins with `-----BEGIN PRIVATE KEY-----`)")]
    NoPrivatePem(KeyOf),
    /// The text is no PEM of a public key.
    #[error("{0} is not a public key in PEM (it begins with `-----BEGIN PUBLIC KEY-----`)")]
    NoPublicPem(KeyOf),
    /// It is no RSA key, or one that is too short to be safe or too long to be used.
    #[error("{0} is not an RSA key of 2048 to 8192 bits")]
    NotRsa(KeyOf),
}

/// Our private key.
pub(super) struct SigningKey(KeyPair);

/// A public key of DANA's.
pub(super) struct VerifyingKey(ParsedPublicKey);

impl SigningKey {
    pub(super) fn from_pem(pem: &Secret, of: KeyOf) -> Result<Self, KeyError> {
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem.expose().as_bytes());
        let der = der.map_err(|_| KeyError::NoPrivatePem(of))?;
        let pair = KeyPair::from_pkcs8(der.secret_pkcs8_der());
        pair.map(SigningKey).map_err(|_| KeyError::NotRsa(of))
    }

    /// The signature over a text; `None` when the cryptographic library refuses.
    pub(super) fn sign(&self, text: &str) -> Option<Vec<u8>> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        let signed = self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature);
        signed.ok().map(|()| signature)
    }

    /// SHA-256 over the public half in DER, in hexadecimal digits; `None` when the cryptographic library
    /// refuses.
    pub(super) fn fingerprint(&self) -> Option<String> {
        let public: PublicKeyX509Der<'_> = self.0.public_key().as_der().ok()?;
        let der: &[u8] = public.as_ref();
        Some(hex::encode(Sha256::digest(der)))
    }
}

impl VerifyingKey {
    pub(super) fn from_pem(pem: &str, of: KeyOf) -> Result<Self, KeyError> {
        let der = SubjectPublicKeyInfoDer::from_pem_slice(pem.as_bytes());
        let der = der.map_err(|_| KeyError::NoPublicPem(of))?;
        // The length of a key is looked at here; a key for verifying would tell it only when used.
        PublicEncryptingKey::from_der(&der).map_err(|_| KeyError::NotRsa(of))?;
        let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &der);
        key.map(VerifyingKey).map_err(|_| KeyError::NotRsa(of))
    }

    pub(super) fn fits(&self, text: &str, signature: &[u8]) -> bool {
        self.0.verify_sig(text.as_bytes(), signature).is_ok()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(***)")
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifyingKey")
    }
}

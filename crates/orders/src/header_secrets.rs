//! Headers of webhooks at rest. Some senders prove who they are with a secret that is the same each time (VIP Reseller's
//! signature, Xendit's token); which header that is, the adapter says. It lies in the database encrypted by the vault, so
//! that whoever reads the rows cannot send webhooks, and is opened where a webhook is verified again from its row. What
//! is signed over a body stays as it came: it is evidence, and good for that body alone. What an older
//! version kept in the clear is sealed by the walk through the rows (`sealed/old.rs`).

use crate::{
    Shop,
    inbox::Headers,
    sealed::{CLOSED, SEALED},
};
use database::Error;
use sha2::{Digest, Sha256};

/// Headers that are kept with every body: what tells senders apart. Those of its signature are told by whose it is.
const KEPT: [&str; 3] = ["content-type", "user-agent", "x-forwarded-for"];
/// How a digest begins that stands, or is shown, in the place of a secret.
const DIGEST: &str = "sha256:";
/// Digits of it: enough to tell which secret it was, while two are valid.
const DIGEST_DIGITS: usize = 12;

/// What a header is sealed for: a row cannot be swapped for another sender's.
fn purpose(source: &str, name: &str) -> String {
    format!("webhook:{source}:{name}")
}

fn digest(secret: &str) -> String {
    let digest = hex::encode(Sha256::digest(secret.as_bytes()));
    format!("{DIGEST}{}", digest.chars().take(DIGEST_DIGITS).collect::<String>())
}

/// Headers as they lie in their row.
fn read(kept: &str) -> Result<Headers, Error> {
    serde_json::from_str(kept)
        .map_err(|e| Error::Column { column: "headers".to_owned(), reason: e.to_string() })
}

/// Whether the headers of a row can be read at all.
pub(crate) fn are_readable(kept: &str) -> bool {
    read(kept).is_ok()
}

impl Shop {
    /// The headers of a sender's webhooks that are kept beside those of every webhook, and those of them that are
    /// secrets; none for a sender that is not connected.
    fn headers_of(&self, source: &str) -> Option<(&'static [&'static str], &'static [&'static str])> {
        let gateway =
            self.gateway(source).map(|gateway| (gateway.webhook_headers(), gateway.webhook_secrets()));
        let supplier =
            || self.supplier(source).map(|supplier| (supplier.webhook_headers(), supplier.webhook_secrets()));
        gateway.or_else(supplier)
    }

    /// Whether a header is a secret. Of a sender that is not connected any more nobody says so, and nobody verifies
    /// it: there each header of its own is taken for one.
    fn is_secret(&self, source: &str, name: &str) -> bool {
        match self.headers_of(source) {
            Some((_, secrets)) => secrets.contains(&name),
            None => !KEPT.contains(&name),
        }
    }

    /// The headers of a webhook that are kept, as they are kept.
    pub(crate) fn kept_headers(&self, source: &str, headers: &[(String, String)]) -> Result<Headers, Error> {
        let (own, _) = self.headers_of(source).unwrap_or_default();
        let is_kept = |name: &str| KEPT.contains(&name) || own.contains(&name);
        let kept = headers.iter().filter(|(name, _)| is_kept(name));
        kept.map(|(name, value)| {
            let value = match self.is_secret(source, name) {
                true => self.seal(&purpose(source, name), value)?,
                false => value.clone(),
            };
            Ok((name.clone(), value))
        })
        .collect()
    }

    /// The headers of a stored webhook as they came in. One that cannot be opened stays as it is kept: no signature
    /// fits then.
    pub(crate) fn opened_headers(&self, source: &str, kept: &[(String, String)]) -> Headers {
        let opened = kept.iter().map(|(name, value)| {
            let Some(sealed) = value.strip_prefix(SEALED) else { return (name.clone(), value.clone()) };
            match self.vault.open(&purpose(source, name), sealed) {
                Ok(secret) => (name.clone(), secret.expose().to_owned()),
                Err(error) => {
                    tracing::warn!(source, header = name, %error, "a header of a webhook of {source} cannot be opened: {error}");
                    (name.clone(), value.clone())
                }
            }
        });
        opened.collect()
    }

    /// The headers of a stored webhook as staff may see them and hand them on: a secret by its digest.
    pub(crate) fn shown_headers(&self, source: &str, kept: &[(String, String)]) -> Headers {
        let opened = self.opened_headers(source, kept);
        let shown = opened.into_iter().map(|(name, value)| {
            let value = if value.starts_with(SEALED) {
                CLOSED.to_owned()
            } else if self.is_secret(source, &name) && !value.starts_with(DIGEST) {
                digest(&value)
            } else {
                value
            };
            (name, value)
        });
        shown.collect()
    }

    /// Whether a secret stands there in the clear, as older versions kept them.
    fn is_open(&self, source: &str, name: &str, value: &str) -> bool {
        self.is_secret(source, name) && !value.starts_with(SEALED) && !value.starts_with(DIGEST)
    }

    /// Whether one of the headers of a row is to be sealed. Of what cannot be read this is not known:
    /// [`Self::sealed_headers`] says why.
    pub(crate) fn has_open_secrets(&self, source: &str, kept: &str) -> bool {
        match read(kept) {
            Ok(headers) => headers.iter().any(|(name, value)| self.is_open(source, name, value)),
            Err(_) => true,
        }
    }

    /// The headers of a row with each secret sealed that stands there in the clear.
    pub(crate) fn sealed_headers(&self, source: &str, kept: &str) -> Result<Headers, Error> {
        let sealed = read(kept)?.into_iter().map(|(name, value)| {
            let value = match self.is_open(source, &name, &value) {
                true => self.seal(&purpose(source, &name), &value)?,
                false => value,
            };
            Ok((name, value))
        });
        sealed.collect()
    }
}

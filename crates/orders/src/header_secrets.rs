//! Headers of webhooks at rest. Some senders prove who they are with a secret that is the same each time (VIP Reseller's
//! signature, Xendit's token); which header that is, the adapter says. It lies in the database encrypted by the vault, so
//! that whoever reads the rows cannot send webhooks, and is opened where a webhook is verified again from its row. What
//! is signed over a body stays as it came: it is evidence, and good for that body alone.

use crate::{
    Shop,
    inbox::{self, Headers},
    sealed::{CLOSED, SEALED},
    setting,
};
use database::{Error, Json};
use sha2::{Digest, Sha256};

/// Headers that are kept with every body: what tells senders apart. Those of its signature are told by whose it is.
const KEPT: [&str; 3] = ["content-type", "user-agent", "x-forwarded-for"];
/// How a digest begins that stands, or is shown, in the place of a secret.
const DIGEST: &str = "sha256:";
/// Digits of it: enough to tell which secret it was, while two are valid.
const DIGEST_DIGITS: usize = 12;
/// Rows that are sealed in one transaction.
const BATCH: i64 = 200;

/// What a header is sealed for: a row cannot be swapped for another sender's.
fn purpose(source: &str, name: &str) -> String {
    format!("webhook:{source}:{name}")
}

fn digest(secret: &str) -> String {
    let digest = hex::encode(Sha256::digest(secret.as_bytes()));
    format!("{DIGEST}{}", digest.chars().take(DIGEST_DIGITS).collect::<String>())
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

    /// Seals the secrets that an older version stored in the clear, once for a database. Tells in how many rows.
    pub(crate) async fn seal_open_headers(&self) -> Result<u64, Error> {
        if setting::headers_are_sealed(&mut self.db.read("webhook.sealed").await?).await? {
            return Ok(0);
        }
        let (mut sealed, mut after) = (0_u64, String::new());
        loop {
            let mut tx = self.db.write("webhook.seal").await?;
            let page = inbox::headers_after(&mut tx, &after, BATCH).await?;
            let Some((last, ..)) = page.last() else {
                setting::remember_headers_sealed(&mut tx).await?;
                tx.commit().await?;
                return Ok(sealed);
            };
            after.clone_from(last);
            for (id, source, Json(headers)) in page {
                let kept = self.sealed_now(&source, &headers)?;
                if kept != headers {
                    inbox::replace_headers(&mut tx, &id, &kept).await?;
                    sealed = sealed.saturating_add(1);
                }
            }
            tx.commit().await?;
        }
    }

    /// The same headers with each secret sealed that lies open.
    fn sealed_now(&self, source: &str, headers: &[(String, String)]) -> Result<Headers, Error> {
        let lies_open = |name: &str, value: &str| {
            self.is_secret(source, name) && !value.starts_with(SEALED) && !value.starts_with(DIGEST)
        };
        let all = headers.iter().map(|(name, value)| {
            let value = match lies_open(name, value) {
                true => self.seal(&purpose(source, name), value)?,
                false => value.clone(),
            };
            Ok((name.clone(), value))
        });
        all.collect()
    }
}

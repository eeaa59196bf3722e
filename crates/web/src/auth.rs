//! Who calls the API: the holder of a key. A handler that takes a [`Caller`] is authorised.

use crate::{
    app::{ApiKey, App},
    headers::only,
    problem::{Kind, Problem},
    words::words,
};
use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::request::Parts,
};
use sha2::{Digest, Sha256};
use std::convert::Infallible;
use subtle::ConstantTimeEq as _;

/// The holder of a key.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    key: ApiKey,
}

impl Caller {
    /// Their name, under which their orders are kept.
    pub(crate) fn id(&self) -> &str {
        &self.key.id
    }

    /// A mark that only we can make for this caller: the beginning of a hash over the key's secret.
    pub(crate) fn seal(&self, text: &str) -> String {
        let hash = Sha256::new()
            .chain_update(b"loket seal\0")
            .chain_update(self.key.secret.expose())
            .chain_update(b"\0")
            .chain_update(text)
            .finalize();
        hex::encode(hash).chars().take(16).collect()
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        bearer(parts, &app.settings.api_keys).map(|key| Caller { key })
    }
}

/// The key of these that a request shows.
pub(crate) fn bearer(parts: &Parts, keys: &[ApiKey]) -> Result<ApiKey, Problem> {
    let header = only(&parts.headers, "authorization")?.ok_or_else(no_key)?;
    let (scheme, token) = header.split_once(' ').ok_or_else(no_key)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(no_key());
    }
    find(keys, token.trim()).ok_or_else(wrong_key)
}

impl OptionalFromRequestParts<App> for Caller {
    type Rejection = Infallible;

    /// For what is open to all: who shows no key, or a wrong one, is anybody.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, Infallible> {
        Ok(<Caller as FromRequestParts<App>>::from_request_parts(parts, app).await.ok())
    }
}

/// The key that was given. Every key is compared, over hashes of one length: the time it takes
/// tells nothing.
fn find(keys: &[ApiKey], token: &str) -> Option<ApiKey> {
    let given = Sha256::digest(token);
    let mut found = None;
    for key in keys.iter().filter(|key| !key.secret.is_empty()) {
        let same = Sha256::digest(key.secret.expose()).ct_eq(&given);
        if bool::from(same) {
            found = Some(key.clone());
        }
    }
    found
}

fn no_key() -> Problem {
    let detail = words(
        "Kirim header Authorization: Bearer dengan kunci API Anda.",
        "Send the header Authorization: Bearer with your API key.",
    );
    Problem::new(Kind::Unauthenticated, detail)
}

fn wrong_key() -> Problem {
    Problem::new(Kind::Unauthenticated, words("Kunci API ini tidak dikenal.", "This API key is not known."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use vocabulary::Secret;

    #[test]
    fn only_the_whole_key_opens_and_an_empty_one_never_does() {
        let keys = [("a", "first"), ("b", "second"), ("c", "")]
            .map(|(id, secret)| ApiKey { id: id.into(), secret: Secret::new(secret) });
        for (token, holder) in [
            ("first", Some("a")),
            ("second", Some("b")),
            ("firs", None),
            ("first ", None),
            ("", None),
            ("FIRST", None),
        ] {
            assert_eq!(find(&keys, token).map(|k| k.id).as_deref(), holder, "{token:?}");
        }
    }
}

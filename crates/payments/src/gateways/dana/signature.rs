//! What is signed, both ways: method, path, hash of the minified body, time
//! (`contracts/payments.md` §2.2).

use super::{
    canonical::minify,
    keys::{SigningKey, VerifyingKey},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use vocabulary::Timestamp;

/// A time as DANA writes it: WIB to the second, with its offset; 25 characters.
pub(super) fn time(at: Timestamp) -> String {
    format!("{}+07:00", at.wib().replacen(' ', "T", 1))
}

/// `POST:path:lower-case hex of SHA-256(body):time`. The path has no host and keeps its `.htm`.
pub(super) fn string_to_sign(path: &str, body: &[u8], time: &str) -> String {
    format!("POST:{path}:{}:{time}", hex::encode(Sha256::digest(body)))
}

/// The `X-SIGNATURE` of a request of ours whose body is sent as it is, so it has to be minified.
pub(super) fn of_request(key: &SigningKey, path: &str, body: &[u8], time: &str) -> Option<String> {
    key.sign(&string_to_sign(path, body, time)).map(|signature| STANDARD.encode(signature))
}

/// Whether a notification was signed with one of these keys: over its body as received, or else over
/// the same body without the blanks between its tokens. Nothing further is tried: DANA's own library
/// also tries bodies that it rewrites (§2.6), and one that verifies only then is not what came in.
/// A notification that is lost for it is made good by asking.
pub(super) fn fits(keys: &[&VerifyingKey], given: &str, path: &str, body: &[u8], time: &str) -> bool {
    let Ok(signature) = STANDARD.decode(given.trim()) else { return false };
    let fits_as = |body: &[u8]| {
        let text = string_to_sign(path, body, time);
        keys.iter().any(|key| key.fits(&text, &signature))
    };
    if fits_as(body) {
        return true;
    }
    let minified = minify(body);
    minified != body && fits_as(&minified)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateways::dana::KeyOf;
    use serde_json::Value;

    const VECTORS: &str = include_str!("../../../tests/fixtures/dana_signatures.json");

    fn text<'a>(vector: &'a Value, name: &str) -> &'a str {
        vector[name].as_str().unwrap()
    }

    #[test]
    fn the_vector_of_a_request_is_reproduced() {
        let vectors: Value = serde_json::from_str(VECTORS).unwrap();
        let v = &vectors["dana_request_signature"];
        let (path, at) = (text(v, "path"), text(v, "timestamp"));
        let body = text(v, "body_minified").as_bytes();
        assert_eq!(hex::encode(Sha256::digest(body)), text(v, "sha256_hex"));
        assert_eq!(string_to_sign(path, body, at), text(v, "string_to_sign"));
        let key = VerifyingKey::from_pem(text(&vectors["rsa_test_key"], "public_pem_spki"), KeyOf::Gateway);
        let keys = [key.unwrap()];
        assert!(fits(&keys.iter().collect::<Vec<_>>(), text(v, "x_signature"), path, body, at));
        assert!(!fits(
            &keys.iter().collect::<Vec<_>>(),
            text(v, "x_signature"),
            &path.replace(".htm", ""),
            body,
            at
        ));
        assert_eq!(minify(body), body, "the contract's body is minified");
    }

    #[test]
    fn a_time_has_its_offset() {
        let at = Timestamp::parse_rfc3339("2026-11-22T05:00:00.999Z").unwrap();
        assert_eq!(time(at), "2026-11-22T12:00:00+07:00");
        assert_eq!(time(at).len(), 25);
    }
}

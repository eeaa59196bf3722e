//! How our calls are signed (MD5, `contracts/suppliers.md` §1.2), and who sent a webhook
//! (HMAC-SHA1 over the raw bytes, §1.5).

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use sha1::Sha1;
use vocabulary::Secret;

/// Lower-case hex MD5 of user name, API key and the part that depends on the call.
pub(super) fn sign(username: &str, api_key: &Secret, tail: &str) -> String {
    let mut hasher = Md5::new();
    for part in [username, api_key.expose(), tail] {
        hasher.update(part.as_bytes());
    }
    hex::encode(hasher.finalize())
}

/// True when exactly one `X-Hub-Signature: sha1=<hex>` is given and it was made with this secret
/// over these bytes. The comparison takes the same time wherever the first difference is. Without
/// a secret nobody is believed: with an empty one anyone could sign.
pub(super) fn fits(headers: &[(String, String)], body: &[u8], secret: &Secret) -> bool {
    let mut given = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("x-hub-signature"));
    let (Some((_, value)), None) = (given.next(), given.next()) else {
        return false;
    };
    let Some(Ok(signature)) = value.trim().strip_prefix("sha1=").map(hex::decode) else {
        return false;
    };
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret.expose().as_bytes()) else {
        return false;
    };
    mac.update(body);
    mac.verify_slice(&signature).is_ok() && !secret.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &[u8] = include_bytes!("../../../tests/fixtures/digiflazz/webhook.json");
    const SIGNS: &str = include_str!("../../../tests/fixtures/digiflazz/signs.json");
    const SIGNATURE: &str = "sha1=ca76ad2f32bec78a4211e6eda6bde1c2dab57a73";

    fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_vectors_of_the_contract_are_reproduced() {
        let vectors: serde_json::Value = serde_json::from_str(SIGNS).unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let (username, key) = (text(&vectors["username"]), Secret::new(text(&vectors["api_key"])));
        let signs = vectors["signs"].as_array().unwrap();
        assert_eq!(signs.len(), 3);
        for vector in signs {
            let (tail, expected) = (text(&vector["signed"]), text(&vector["sign"]));
            assert_eq!(sign(&username, &key, &tail), expected, "{vector}");
            assert_ne!(sign(&username, &Secret::new("another"), &tail), expected, "{vector}");
        }
    }

    #[test]
    fn the_official_sample_is_believed_with_its_secret_only() {
        assert_eq!(SAMPLE.len(), 253);
        let secret = Secret::new("somesecretvalue");
        assert!(fits(&headers(&[("X-Hub-Signature", SIGNATURE)]), SAMPLE, &secret));
        assert!(
            fits(&headers(&[("x-hub-signature", SIGNATURE)]), SAMPLE, &secret),
            "header names have no case"
        );
        assert!(!fits(&headers(&[("X-Hub-Signature", SIGNATURE)]), SAMPLE, &Secret::new("another")));
    }

    #[test]
    fn a_changed_body_or_signature_is_not_believed() {
        let secret = Secret::new("somesecretvalue");
        let good = headers(&[("X-Hub-Signature", SIGNATURE)]);
        let escaped = String::from_utf8(SAMPLE.to_vec()).unwrap().replace('/', "\\/");
        assert!(!fits(&good, escaped.as_bytes(), &secret), "the same JSON in other bytes");
        assert!(!fits(&good, &SAMPLE[1..], &secret));
        for bad in [
            "",
            "sha1=",
            "ca76ad2f32bec78a4211e6eda6bde1c2dab57a73",
            "sha256=ca76ad2f32bec78a4211e6eda6bde1c2dab57a73",
            "sha1=ca76ad2f32bec78a4211e6eda6bde1c2dab57a74",
            "sha1=ca76",
            "sha1=not hex at all",
        ] {
            assert!(!fits(&headers(&[("X-Hub-Signature", bad)]), SAMPLE, &secret), "{bad}");
        }
        assert!(!fits(&[], SAMPLE, &secret), "no header");
        let twice = headers(&[("X-Hub-Signature", SIGNATURE), ("x-hub-signature", "sha1=00")]);
        assert!(!fits(&twice, SAMPLE, &secret), "two signatures");
    }

    #[test]
    fn without_a_secret_nobody_is_believed() {
        let mut mac = Hmac::<Sha1>::new_from_slice(b"").unwrap();
        mac.update(SAMPLE);
        let forged = format!("sha1={}", hex::encode(mac.finalize().into_bytes()));
        assert!(!fits(&headers(&[("X-Hub-Signature", &forged)]), SAMPLE, &Secret::new("")));
    }
}

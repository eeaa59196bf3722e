//! What is signed, and how a body is made small for it (contracts/payments §2.2).

use super::keys::Keys;
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

/// `METHOD:PATH:hash:TIMESTAMP`, with the hash over the body without white space.
pub(super) fn string_to_sign(method: &str, path: &str, body: &[u8], timestamp: &str) -> String {
    format!("{method}:{path}:{}:{timestamp}", hex::encode(Sha256::digest(minify(body))))
}

/// Takes white space away outside of strings, and touches nothing else: neither the order of keys nor the
/// text of numbers nor escapes. One library of the vendor's escapes what another does not, so that a body
/// that is read and written again would verify for one of them only.
pub(super) fn minify(body: &[u8]) -> Vec<u8> {
    let (mut in_string, mut escaped) = (false, false);
    let mut small = Vec::with_capacity(body.len());
    for byte in body {
        if in_string {
            in_string = escaped || *byte != b'"';
            escaped = !escaped && *byte == b'\\';
        } else if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
            continue;
        } else {
            in_string = *byte == b'"';
        }
        small.push(*byte);
    }
    small
}

/// Whether the merchant signed this.
pub(super) fn is_merchants(keys: &Keys, text: &str, signature: &str) -> bool {
    STANDARD.decode(signature.trim()).is_ok_and(|signature| keys.is_merchants(text, &signature))
}

/// The gateway's signature in base64.
pub(super) fn sign(keys: &Keys, text: &str) -> String {
    STANDARD.encode(keys.sign(text).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::{super::keys::public_key, *};
    use serde_json::Value;

    fn vectors() -> Value {
        serde_json::from_str(include_str!("../../tests/fixtures/dana.json")).unwrap()
    }

    fn text<'a>(vector: &'a Value, name: &str) -> &'a str {
        vector[name].as_str().unwrap_or_else(|| panic!("{name} is missing"))
    }

    fn verifies(key: &str, signed: &str, signature: &str) -> bool {
        let signature = STANDARD.decode(signature).unwrap();
        public_key(key).unwrap().verify_sig(signed.as_bytes(), &signature).is_ok()
    }

    #[test]
    fn a_request_and_a_notification_verify_as_in_the_vectors() {
        let vectors = vectors();
        let key = text(&vectors["rsa_test_key"], "public_pem_spki");
        for (name, body) in [("dana_request_signature", "body_minified"), ("dana_finish_notify", "body")] {
            let v = &vectors[name];
            let (path, body, time) = (text(v, "path"), text(v, body), text(v, "timestamp"));
            assert_eq!(hex::encode(Sha256::digest(minify(body.as_bytes()))), text(v, "sha256_hex"), "{name}");
            let signed = string_to_sign("POST", path, body.as_bytes(), time);
            assert_eq!(signed, text(v, "string_to_sign"), "{name}");
            let signature = text(v, "x_signature");
            assert!(verifies(key, &signed, signature), "{name}");
            for (what, tampered) in [
                (
                    "amount",
                    string_to_sign("POST", path, body.replace("25000.00", "25001.00").as_bytes(), time),
                ),
                ("path", string_to_sign("POST", &format!("{path}/"), body.as_bytes(), time)),
                ("method", string_to_sign("PUT", path, body.as_bytes(), time)),
                ("time", string_to_sign("POST", path, body.as_bytes(), "2026-11-22T12:00:01+07:00")),
            ] {
                assert!(!verifies(key, &tampered, signature), "{name}: another {what}");
            }
        }
    }

    #[test]
    fn the_token_signature_of_the_vectors_verifies_too() {
        let vectors = vectors();
        let v = &vectors["snap_access_token_b2b"];
        let key = text(&vectors["rsa_test_key"], "public_pem_spki");
        assert!(verifies(key, text(v, "string_to_sign"), text(v, "x_signature")));
    }

    #[test]
    fn only_white_space_outside_of_strings_goes() {
        let vectors = vectors();
        let v = &vectors["json_minify_edge"];
        let small = minify(text(v, "input").as_bytes());
        assert_eq!(String::from_utf8(small.clone()).unwrap(), text(v, "minified"));
        assert_eq!(hex::encode(Sha256::digest(&small)), text(v, "sha256_of_minified"));
        assert_eq!(minify(&small), small, "what is small stays as it is");
        for (input, expected) in [
            ("", ""),
            (" \t\r\n", ""),
            ("\" a\\\\\" , 1", "\" a\\\\\",1"),
            ("{\"n\" : 1.50e+2 , \"u\" : \"\\u00e9 é\" }", "{\"n\":1.50e+2,\"u\":\"\\u00e9 é\"}"),
            ("\"never closed  ", "\"never closed  "),
            ("\"ends in a backslash \\", "\"ends in a backslash \\"),
        ] {
            assert_eq!(minify(input.as_bytes()), expected.as_bytes(), "{input:?}");
        }
    }

    #[test]
    fn the_same_body_written_by_two_libraries_has_the_same_hash_only_as_long_as_its_escapes_agree() {
        let spaced = string_to_sign("POST", "/p", b"{\"a\": \"\\u00e9\", \"b\": 1}", "t");
        assert_eq!(spaced, string_to_sign("POST", "/p", b"{\"a\":\"\\u00e9\",\"b\":1}", "t"));
        assert_ne!(spaced, string_to_sign("POST", "/p", "{\"a\":\"é\",\"b\":1}".as_bytes(), "t"));
    }
}

//! Who sent a notification: lower-case hex SHA-512 over four strings exactly as received
//! (`contracts/payments.md` §1.8). It covers neither the state nor the id of the transaction, so
//! it proves who speaks, not what is true.

use sha2::{Digest, Sha512};
use subtle::ConstantTimeEq;
use vocabulary::Secret;

/// The signature of a notification: the strings exactly as received, and the server key.
pub(super) fn signature_key(order_id: &str, status_code: &str, gross_amount: &str, key: &Secret) -> String {
    let mut hasher = Sha512::new();
    for part in [order_id, status_code, gross_amount, key.expose()] {
        hasher.update(part.as_bytes());
    }
    hex::encode(hasher.finalize())
}

/// True when `given` was made with this key. Takes the same time wherever the first difference is.
/// An empty key signs nothing: with it anyone could.
pub(super) fn fits(given: &str, order_id: &str, status_code: &str, gross_amount: &str, key: &Secret) -> bool {
    let expected = signature_key(order_id, status_code, gross_amount, key);
    let same: bool = expected.as_bytes().ct_eq(given.as_bytes()).into();
    same && !key.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    const VECTORS: &str = include_str!("../../../tests/fixtures/midtrans_signatures.json");

    fn text<'a>(vector: &'a serde_json::Value, name: &str) -> &'a str {
        vector[name].as_str().unwrap()
    }

    #[test]
    fn every_vector_of_the_contract_is_reproduced() {
        let vectors: serde_json::Value = serde_json::from_str(VECTORS).unwrap();
        let vectors = vectors["midtrans_signature_key"].as_array().unwrap();
        assert_eq!(vectors.len(), 5);
        for v in vectors {
            let key = Secret::new(text(v, "server_key"));
            let (id, code, amount) = (text(v, "order_id"), text(v, "status_code"), text(v, "gross_amount"));
            assert_eq!(signature_key(id, code, amount, &key), text(v, "signature_key"));
            assert!(fits(text(v, "signature_key"), id, code, amount, &key));
            assert!(
                !fits(&text(v, "signature_key").to_uppercase(), id, code, amount, &key),
                "lower case only"
            );
            assert!(!fits(text(v, "signature_key"), id, code, amount, &Secret::new("another key")));
        }
    }

    #[test]
    fn a_reformatted_amount_is_another_signature() {
        let vectors: serde_json::Value = serde_json::from_str(VECTORS).unwrap();
        let v = &vectors["midtrans_signature_key_negative"][0];
        let key = Secret::new(text(v, "server_key"));
        let (id, code) = (text(v, "order_id"), text(v, "status_code"));
        assert_eq!(signature_key(id, code, "25000", &key), text(v, "digest"));
        assert!(!fits(text(v, "digest"), id, code, "25000.00", &key));
    }

    #[test]
    fn the_four_strings_have_no_boundary_between_them() {
        let vectors: serde_json::Value = serde_json::from_str(VECTORS).unwrap();
        let v = &vectors["midtrans_signature_key_negative"][1];
        let digest = |side: &str, key: &Secret| {
            let s = &v[side];
            signature_key(text(s, "order_id"), text(s, "status_code"), text(s, "gross_amount"), key)
        };
        let key = Secret::new("SB-Mid-server-TESTKEY0001");
        assert_eq!(digest("a", &key), digest("b", &key), "which is why only three status codes are taken");
        assert_eq!(digest("a", &key), text(v, "digest_a"));
    }

    #[test]
    fn an_empty_key_signs_nothing() {
        let none = Secret::new("");
        let signature = signature_key("a", "200", "1.00", &none);
        assert!(!fits(&signature, "a", "200", "1.00", &none));
    }
}

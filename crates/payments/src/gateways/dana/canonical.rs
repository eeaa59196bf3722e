//! The form of a JSON text that DANA signs: blanks between the tokens taken out, and not one other
//! byte changed (`contracts/payments.md` §2.2). Order of keys, text of numbers and escapes stay as
//! they came: a text that is parsed and written anew has another hash.

/// The text without the blanks that stand outside its strings.
pub(super) fn minify(json: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(json.len());
    let (mut in_string, mut escaped) = (false, false);
    for &byte in json {
        if in_string {
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
        } else if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
            continue;
        } else {
            in_string = byte == b'"';
        }
        kept.push(byte);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;
    use sha2::{Digest, Sha256};

    const VECTORS: &str = include_str!("../../../tests/fixtures/dana_signatures.json");

    #[test]
    fn the_edge_case_of_the_contract_is_reproduced() {
        let vectors: Value = serde_json::from_str(VECTORS).unwrap();
        let edge = &vectors["json_minify_edge"];
        let minified = minify(edge["input"].as_str().unwrap().as_bytes());
        assert_eq!(String::from_utf8(minified.clone()).unwrap(), edge["minified"].as_str().unwrap());
        assert_eq!(hex::encode(Sha256::digest(minified)), edge["sha256_of_minified"].as_str().unwrap());
    }

    #[test]
    fn what_looks_like_the_end_of_a_string_and_is_none_changes_nothing() {
        for (spaced, minified) in [
            (r#"{ "a\\" : " b " }"#, r#"{"a\\":" b "}"#),
            (r#"{ "a\"" : "\\\" x" , "n" : 1.50e+2 }"#, r#"{"a\"":"\\\" x","n":1.50e+2}"#),
            ("[\r\n\t1 ,\t2\n]", "[1,2]"),
            (r#""a b"#, r#""a b"#),
            ("", ""),
        ] {
            assert_eq!(minify(spaced.as_bytes()), minified.as_bytes(), "{spaced}");
        }
    }

    fn json() -> impl Strategy<Value = Value> {
        let text = "[ -~é\\n\\t\"\\\\]{0,12}";
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            text.prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map(text, inner, 0..4).prop_map(|map| map.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_text_has_one_form_however_it_is_spaced(value in json()) {
            let compact = serde_json::to_vec(&value).unwrap();
            let pretty = serde_json::to_vec_pretty(&value).unwrap();
            prop_assert_eq!(&minify(&pretty), &compact);
            prop_assert_eq!(&minify(&compact), &compact);
        }

        #[test]
        fn what_was_minified_stays_as_it_is(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let once = minify(&bytes);
            prop_assert_eq!(&minify(&once), &once);
        }

        #[test]
        fn a_string_keeps_its_bytes(text in "\\PC{0,60}", before in "[ \t\r\n]{0,5}", after in "[ \t\r\n]{0,5}") {
            let string = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(minify(format!("{before}{string}{after}").as_bytes()), string.as_bytes());
        }
    }
}

//! Whether the text of a QR code arrived whole: a QRIS payload carries a checksum over itself
//! (`contracts/payments.md` §5).

use crc::{CRC_16_IBM_3740, Crc};

/// CRC-16/CCITT-FALSE, which the catalogue of checksums lists under this name.
const CHECKSUM: Crc<u16> = Crc::<u16>::new(&CRC_16_IBM_3740);
/// How every payload starts: format indicator, version 01.
const START: &str = "000201";
/// The last field, whose value is the checksum over everything before the value.
const CHECKSUM_FIELD: &str = "6304";

/// False for a QRIS payload that is cut short or altered: no wallet would take it, so it is not
/// shown. Of a text that is no such payload nothing is known, and it is left as it is.
pub(super) fn is_intact(text: &str) -> bool {
    if !text.starts_with(START) {
        return true;
    }
    let halves = text.len().checked_sub(4).and_then(|at| text.split_at_checked(at));
    halves.is_some_and(|(covered, given)| {
        let expected = format!("{:04X}", CHECKSUM.checksum(covered.as_bytes()));
        covered.ends_with(CHECKSUM_FIELD) && given.eq_ignore_ascii_case(&expected)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    const VECTORS: &str = include_str!("../../../tests/fixtures/qris.json");

    fn vectors() -> Value {
        serde_json::from_str(VECTORS).unwrap()
    }

    fn whole(vectors: &Value) -> [&str; 5] {
        let text = |value: &'static str| vectors[value].as_str().unwrap();
        [
            vectors["public_static"]["payload"].as_str().unwrap(),
            text("synthetic_static"),
            text("synthetic_dynamic_25000"),
            text("synthetic_dynamic_25000_ref"),
            text("public_dynamic_15000"),
        ]
    }

    #[test]
    fn the_checksum_is_that_of_the_vectors() {
        let vectors = vectors();
        let check = &vectors["crc_check_string"];
        let crc = CHECKSUM.checksum(check["input"].as_str().unwrap().as_bytes());
        assert_eq!(format!("{crc:04X}"), check["crc"].as_str().unwrap());
        for payload in whole(&vectors) {
            assert!(is_intact(payload), "{payload}");
        }
        let public = &vectors["public_static"];
        assert!(public["payload"].as_str().unwrap().ends_with(public["crc"].as_str().unwrap()));
        let tampered = vectors["tampered"].as_array().unwrap();
        assert_eq!(tampered.len(), 2);
        for tampered in tampered {
            assert!(!is_intact(tampered["payload"].as_str().unwrap()), "{tampered}");
        }
    }

    #[test]
    fn a_payload_that_is_cut_short_is_not_shown() {
        let vectors = vectors();
        for payload in whole(&vectors) {
            for end in START.len()..payload.len() {
                assert!(!is_intact(&payload[..end]), "{}", &payload[..end]);
            }
        }
    }

    #[test]
    fn what_is_no_qris_payload_is_none_of_our_business() {
        for text in ["", "0002", "gojek://gopay/merchanttransfer?tref=1", "https://shop.example", "é"] {
            assert!(is_intact(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_and_no_changed_character_is_overlooked(tail in ".{0,40}", at in 6usize..185, to in "[0-9A-Z]") {
            let junk = format!("000201{tail}");
            prop_assert!(!is_intact(&junk) || tail.contains("6304"));
            let vectors = vectors();
            let payload = whole(&vectors)[2];
            let mut changed = payload.to_owned();
            if at < changed.len() { changed.replace_range(at..=at, &to); }
            prop_assert_eq!(is_intact(&changed), changed == payload);
        }
    }
}

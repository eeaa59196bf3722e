//! Signatures that are an MD5 over a few texts, and nothing of the body.

use md5::{Digest, Md5};
use subtle::ConstantTimeEq;

/// Lower-case hex MD5 of the parts, one after the other.
pub(super) fn md5_hex(parts: &[&str]) -> String {
    let mut hasher = Md5::new();
    for part in parts {
        hasher.update(part.as_bytes());
    }
    hex::encode(hasher.finalize())
}

/// True when exactly one header of this name is given and it is this text, in either case of its hex digits. The
/// comparison takes the same time wherever the first difference is.
pub(super) fn header_is(headers: &[(String, String)], name: &str, expected: &str) -> bool {
    let mut given = headers.iter().filter(|(header, _)| header.eq_ignore_ascii_case(name));
    let (Some((_, value)), None) = (given.next(), given.next()) else {
        return false;
    };
    value.trim().to_ascii_lowercase().as_bytes().ct_eq(expected.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_counts_when_it_is_given_once_and_whole() {
        // RFC 1321: MD5 of "abc".
        let right = md5_hex(&["a", "bc"]);
        assert_eq!(right, "900150983cd24fb0d6963f7d28e17f72");
        let header = |value: &str| ("X-Sign".to_owned(), value.to_owned());
        assert!(header_is(&[header(&right)], "x-sign", &right));
        assert!(header_is(&[header(&right.to_uppercase())], "x-sign", &right));
        assert!(!header_is(&[], "x-sign", &right));
        assert!(!header_is(&[header(&right[..31])], "x-sign", &right));
        assert!(!header_is(&[header("")], "x-sign", &right));
        assert!(!header_is(&[header(&right), header(&right)], "x-sign", &right), "two signatures");
    }
}

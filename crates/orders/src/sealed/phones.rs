//! What looks like a phone number in the raw words of a gateway: some name whoever paid by it. Only one that is written
//! without blanks and hyphens, as interfaces write them: not every number that a person would take for one.

use std::ops::RangeInclusive;

/// Digits that stay readable, for talking about it.
const SHOWN: usize = 3;
/// How many digits one has, its beginning included.
const DIGITS: RangeInclusive<usize> = 10..=15;
/// How Indonesian ones begin, at home and from abroad; a `+` before is no part of the digits.
const BEGINNINGS: [&[u8]; 2] = [b"08", b"628"];
const UUID: usize = 36;

/// A body that has only the end of each phone number in it. Words with letters in them, shorter and longer numbers and
/// UUIDs are none.
pub(super) fn masked(body: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some((word, after)) = rest.split_at_checked(together(rest)) {
        if word.is_empty() {
            break;
        }
        let hidden = if is_phone(word) { word.len().saturating_sub(SHOWN) } else { 0 };
        kept.extend(std::iter::repeat_n(b'*', hidden));
        kept.extend(word.iter().skip(hidden));
        rest = after;
    }
    kept
}

fn is_phone(word: &[u8]) -> bool {
    DIGITS.contains(&word.len())
        && word.iter().all(u8::is_ascii_digit)
        && BEGINNINGS.iter().any(|beginning| word.starts_with(beginning))
}

/// How many of the first bytes belong together: something that JSON or a form writes with letters and digits, a UUID, a
/// word, or any other byte.
fn together(text: &[u8]) -> usize {
    escape(text).or_else(|| uuid(text)).unwrap_or_else(|| {
        let word = text.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        word.max(1).min(text.len())
    })
}

/// `%2B`, `\u002b`, `\n`.
fn escape(text: &[u8]) -> Option<usize> {
    match text {
        [b'%', a, b, ..] if [a, b].iter().all(|digit| digit.is_ascii_hexdigit()) => Some(3),
        [b'\\', b'u', a, b, c, d, ..] if [a, b, c, d].iter().all(|digit| digit.is_ascii_hexdigit()) => {
            Some(6)
        }
        [b'\\', _, ..] => Some(2),
        _ => None,
    }
}

fn uuid(text: &[u8]) -> Option<usize> {
    let (begin, after) = text.split_at_checked(UUID)?;
    let fits = begin.iter().enumerate().all(|(place, byte)| match place {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    let ends = after.first().is_none_or(|byte| !byte.is_ascii_alphanumeric());
    (fits && ends).then_some(UUID)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(body: &str) -> String {
        String::from_utf8(masked(body.as_bytes())).unwrap()
    }

    #[test]
    fn of_a_phone_number_the_last_three_digits_are_left() {
        for (body, left) in [
            (r#"{"mobile_number":"+6281234567890"}"#, r#"{"mobile_number":"+**********890"}"#),
            (r#"{"phone": "081234567890", "n": 1}"#, r#"{"phone": "*********890", "n": 1}"#),
            (r#"{"phone":"6281234567890"}"#, r#"{"phone":"**********890"}"#),
            (r#"{"inside":"{\"phone\":\"081234567890\"}"}"#, r#"{"inside":"{\"phone\":\"*********890\"}"}"#),
            (r#"{"phone":"\u002b6281234567890"}"#, r#"{"phone":"\u002b**********890"}"#),
            (r#"{"note":"call\n081234567890, please"}"#, r#"{"note":"call\n*********890, please"}"#),
            ("phone=%2B6281234567890&a=b", "phone=%2B**********890&a=b"),
            ("0812345678", "*******678"),
            ("081234567890123", "************123"),
            ("081234567890 081234567891", "*********890 *********891"),
        ] {
            assert_eq!(shown(body), left);
        }
    }

    #[test]
    fn what_is_no_phone_number_is_left_as_it_came() {
        for body in [
            "",
            "%",
            "\\",
            r#"{"transaction_id":"57d5293c-e65f-4a29-95e4-081234567890"}"#,
            r#"{"transaction_id":"08123456-e65f-4a29-95e4-5959c3fa335b"}"#,
            r#"{"referenceNo":"2026113011121280010016081234567890"}"#,
            r#"{"gross_amount":"20000.00","amount":1000000000000}"#,
            r#"{"order_id":"LK7Q2M9XK4VT-P1","merchant":"G081234567"}"#,
            r#"{"transaction_time":"2026-11-30 08:12:34","at":1795323600000}"#,
            r#"{"phone":"081234567","other":"0812345678901234","home":"0211234567890"}"#,
            "00020101021226610016ID.CO.SHOPEE.WWW01189360091800202620130208202620130303UME51440014ID.CO.QRIS.WWW0215ID10200812345670303UME5204581253033605802ID5905LOKET6304A1B2",
        ] {
            assert_eq!(shown(body), body);
        }
        let bytes = [0xFF, b'0', b'8', 0xC3, 0x28];
        assert_eq!(masked(&bytes), bytes);
    }
}

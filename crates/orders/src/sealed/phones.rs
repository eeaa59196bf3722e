//! What looks like a phone number in the raw words of a gateway: some name whoever paid by it. One that is written in one
//! piece, as interfaces write them, or with blanks, hyphens, dots and brackets, as people do. Not every number that a
//! person would take for one.

use std::ops::RangeInclusive;

/// Digits that stay readable, for talking about it.
const SHOWN: usize = 3;
/// How many digits one has that is written in one piece, its beginning included.
const DIGITS: RangeInclusive<usize> = 10..=15;
/// How many one has that is written in groups, as it is dialled at home.
const GROUPED: RangeInclusive<usize> = 10..=13;
/// How many of them stand in its first group: a day, an hour or a hundred are no beginning.
const FIRST: RangeInclusive<usize> = 3..=5;
/// How many stand in any other but the last, which has one less at the least.
const INNER: usize = 3;
/// With more digits than this it is no phone number, whatever follows.
const LOOKED_AT: usize = 15;
/// How Indonesian ones begin, at home and from abroad; a `+` before is no part of the digits.
const BEGINNINGS: [&[u8]; 2] = [b"08", b"628"];
/// A `+`, as texts, forms and JSON write it.
const PLUS: [&[u8]; 5] = [b"+", b"%2B", b"%2b", b"\\u002b", b"\\u002B"];
/// What stands between groups, also in forms and JSON: of these up to three together.
const SIGNS: [&[u8]; 11] =
    [b" ", b"-", b".", b"(", b")", b"+", b"%20", b"%28", b"%29", b"\xC2\xA0", b"\\u00a0"];
const UUID: usize = 36;

/// Digits that stand together, and what stands between them and those before.
struct Group<'a> {
    between: &'a [u8],
    digits: &'a [u8],
}

impl Group<'_> {
    /// Whether nothing but a hyphen or a dot joins it to the one before.
    fn is_tight(&self) -> bool {
        matches!(self.between, b"-" | b".")
    }

    /// Whether another number begins here, where all before it is one already.
    fn begins_anew(&self, last: &Group<'_>) -> bool {
        let bracket = [b"(".as_slice(), b"%28"].iter().any(|sign| self.between.ends_with(sign));
        self.digits.starts_with(b"0") || bracket || (last.is_tight() && !self.is_tight())
    }
}

/// A body that has only the end of each phone number in it. Words with letters in them, shorter and longer numbers and
/// UUIDs are none, and neither are amounts, moments, references, and the numbers of accounts and cards.
pub(super) fn masked(body: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(body.len());
    let (mut at, mut last) = (0_usize, 0);
    while let Some((before, rest)) = body.split_at_checked(at).filter(|(_, rest)| !rest.is_empty()) {
        // Of a number that ends here nothing belongs to what follows.
        let phone = phone(before.get(last..).unwrap_or_default(), rest);
        if phone.is_empty() {
            let length = together(rest);
            kept.extend(rest.iter().take(length));
            at = at.saturating_add(length);
        } else {
            hide(&phone, &mut kept);
            at = at.saturating_add(length(&phone));
            last = at;
        }
    }
    kept
}

fn hide(phone: &[Group<'_>], kept: &mut Vec<u8>) {
    let mut hidden = digits_of(phone).saturating_sub(SHOWN);
    for group in phone {
        let here = hidden.min(group.digits.len());
        hidden = hidden.saturating_sub(here);
        kept.extend(group.between);
        kept.extend(std::iter::repeat_n(b'*', here));
        kept.extend(group.digits.iter().skip(here));
    }
}

fn length(groups: &[Group<'_>]) -> usize {
    groups.iter().map(|group| group.between.len().saturating_add(group.digits.len())).sum()
}

fn digits_of(groups: &[Group<'_>]) -> usize {
    groups.iter().map(|group| group.digits.len()).sum()
}

/// The phone number that a text begins with; empty when it begins with none.
fn phone<'a>(before: &[u8], text: &'a [u8]) -> Vec<Group<'a>> {
    let groups = groups(text);
    if uuid(text).is_some() {
        return Vec::new();
    }
    let alone = !is_joined(before) && !is_in_fours(before, &groups);
    let (mut phone, mut best) = (Vec::new(), 0);
    for group in groups {
        let anew = phone.last().is_some_and(|last| group.begins_anew(last));
        if best > 0 && anew {
            break;
        }
        phone.push(group);
        if matches!(&phone[..], [only] if is_phone(only.digits)) {
            return phone;
        }
        let after = text.get(length(&phone)..).unwrap_or_default();
        if alone && is_grouped(before, &phone, after) {
            best = phone.len();
        }
    }
    phone.truncate(best);
    phone
}

/// The groups of digits that a text begins with, as far as they may belong together.
fn groups(text: &[u8]) -> Vec<Group<'_>> {
    let mut found = Vec::new();
    let mut between: &[u8] = &[];
    let mut rest = text;
    while let Some((digits, after)) = digits(rest) {
        found.push(Group { between, digits });
        if digits_of(&found) > LOOKED_AT {
            break;
        }
        let Some(next) = signs(after) else { break };
        (between, rest) = next;
    }
    found
}

fn digits(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (word, after) = text.split_at_checked(word(text))?;
    (!word.is_empty() && word.iter().all(u8::is_ascii_digit)).then_some((word, after))
}

/// What may stand between two groups. In forms a `+` is a blank; beside something else another number begins with it.
fn signs(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut rest = text;
    for _ in 0..3 {
        let Some(after) = SIGNS.iter().find_map(|sign| rest.strip_prefix(*sign)) else { break };
        rest = after;
    }
    let (between, after) = text.split_at_checked(text.len().saturating_sub(rest.len()))?;
    let one = between == b"+" || !between.contains(&b'+');
    (one && !between.is_empty()).then_some((between, after))
}

fn is_phone(word: &[u8]) -> bool {
    DIGITS.contains(&word.len())
        && word.iter().all(u8::is_ascii_digit)
        && BEGINNINGS.iter().any(|beginning| word.starts_with(beginning))
}

/// Whether these groups are a phone number, and the whole of it.
fn is_grouped(before: &[u8], groups: &[Group<'_>], after: &[u8]) -> bool {
    let [first, others @ ..] = groups else { return false };
    let [inner @ .., last] = others else { return false };
    let digits: Vec<u8> = groups.iter().flat_map(|group| group.digits).copied().collect();
    // `62` from abroad is `0` at home.
    let abroad = usize::from(digits.starts_with(b"62"));
    let begins = first.digits == b"62" || FIRST.contains(&first.digits.len().saturating_sub(abroad));
    let goes_on = match after {
        [b'-' | b'_', next, ..] => next.is_ascii_alphanumeric(),
        [b'.', next, ..] => next.is_ascii_digit(),
        _ => false,
    };
    BEGINNINGS.iter().any(|beginning| digits.starts_with(beginning))
        && GROUPED.contains(&digits.len().saturating_sub(abroad))
        && begins
        && inner.iter().all(|group| group.digits.len() >= INNER)
        && last.digits.len().saturating_add(1) >= INNER
        && !goes_on
        && (abroad == 0 || PLUS.iter().any(|plus| before.ends_with(plus)) || !is_amount(first, others))
}

/// `62.812.345.678` and `6281.2345678`: what has dots in it and begins with no zero may be an amount.
fn is_amount(first: &Group<'_>, others: &[Group<'_>]) -> bool {
    let dots = others.iter().filter(|group| group.between == b".").count();
    let in_thousands = first.digits == b"62" && others.iter().all(|group| group.digits.len() == 3);
    dots > 0 && (in_thousands || others.len() == 1)
}

/// Whether what ends here goes on in what follows, as a reference or a longer number does.
fn is_joined(before: &[u8]) -> bool {
    match before {
        [.., last, b'-' | b'_'] => last.is_ascii_alphanumeric(),
        [.., last, b'.'] => last.is_ascii_digit(),
        _ => false,
    }
}

/// Whether groups are part of four or more that have four digits each, as on cards and of virtual accounts; but for two
/// phone numbers, one after the other.
fn is_in_fours(before: &[u8], groups: &[Group<'_>]) -> bool {
    let fours = groups.iter().all(|group| group.digits.len() == 4 && !group.is_tight());
    let follows =
        matches!(before, [.., a, b, c, d, b' '] if [a, b, c, d].iter().all(|digit| digit.is_ascii_digit()));
    let another = groups.iter().skip(1).any(|group| group.digits.starts_with(b"08"));
    fours && (follows || (groups.len() > 3 && !another))
}

/// How many of the first bytes belong together: something that JSON or a form writes with letters and digits, a UUID, a
/// word, or any other byte.
fn together(text: &[u8]) -> usize {
    escape(text).or_else(|| uuid(text)).unwrap_or_else(|| word(text).max(1).min(text.len()))
}

fn word(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count()
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
    fn of_one_that_is_written_in_groups_as_well() {
        for (body, left) in [
            ("0812-3456-7890", "****-****-*890"),
            ("+62 812 3456 7890", "+** *** **** *890"),
            ("(0812) 345.6789", "(****) ***.*789"),
            ("081-234-567-890", "***-***-***-890"),
            ("0812.3456.7890.", "****.****.*890."),
            ("0812 34567890", "**** *****890"),
            ("0812 3456 78", "**** ***6 78"),
            ("(0812)34567890", "(****)*****890"),
            ("(+62) 812-3456-7890", "(+**) ***-****-*890"),
            ("+62 81234567890", "+** ********890"),
            ("62812 3456 7890", "***** **** *890"),
            ("62 812-3456-7890", "** ***-****-*890"),
            ("+62.812.345.678", "+**.***.***.678"),
            ("0812\u{a0}3456\u{a0}7890", "****\u{a0}****\u{a0}*890"),
            (r#"{"phone":"0812 - 3456 - 7890"}"#, r#"{"phone":"**** - **** - *890"}"#),
            (r#"{"phone":"0812\u00a03456\u00a07890"}"#, r#"{"phone":"****\u00a0****\u00a0*890"}"#),
            (r#"{"phone":"\u002b62 812 3456 7890"}"#, r#"{"phone":"\u002b** *** **** *890"}"#),
            (r#"{"note":"Telp.0812-3456-7890, please"}"#, r#"{"note":"Telp.****-****-*890, please"}"#),
            (r#"{"note":"call\n0812-3456-7890"}"#, r#"{"note":"call\n****-****-*890"}"#),
            ("phone=%2B62+812+3456+7890&a=b", "phone=%2B**+***+****+*890&a=b"),
            ("phone=%280812%29%20345-6789", "phone=%28****%29%20***-*789"),
            ("tel:+62-812-3456-7890/0812-3456-7891", "tel:+**-***-****-*890/****-****-*891"),
            ("0812-345-678 0813-456-789", "****-***-678 ****-***-789"),
            ("0812-3456-789 +62 813 4567 8901", "****-****-789 +** *** **** *901"),
            ("0812 3456 7890 0813 4567 8901", "**** **** *890 **** **** *901"),
            ("0812-3456-789 30-11-2026 08.12", "****-****-789 30-11-2026 08.12"),
            ("at 08:12:34 0812-3456-7890 2", "at 08:12:34 ****-****-*890 2"),
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
            "0812-345-67, 0812-3456-7890-1234, (021) 555-0123, 021 1234 5678, +1 628 123 4567",
            "2026-11-30 08:12:34, 08-12-2026 10.11.12, 08.12.34 30-11-2026, 0812 30-11-2026, 0812 2026-11-30",
            "0800-1700 0900-1800, 081234 20261130",
            "Rp 62.812.345.678, Rp 628.123.456.789,00, 6281.2345678, 62 812.345.678, 628.12345678",
            "LK7Q2M9XK4VT-0812-3456-7890, 0812-3456-7890-P1, 2026-0812-3456-7890, a_0812-3456-7890_b",
            "57d5293c-e65f-4a29-95e4-081234567890 08123456-0812-4345-8678-567890123456",
            "va 0812 3456 7890 1234, 8077 0812 3456 7890, 8077 7081 2345 6789, 8077-0812-3456-7890",
            "0812-3456-78a0, 0812, 3456, 7890, 08 12 34 56 78 90, 62 8 123 456 7890",
            r#"["0812","3456","7890"]"#,
            "00020101021226610016ID.CO.SHOPEE.WWW01189360091800202620130208202620130303UME51440014ID.CO.QRIS.WWW0215ID10200812345670303UME5204581253033605802ID5905LOKET6304A1B2",
        ] {
            assert_eq!(shown(body), body);
        }
        let bytes = [0xFF, b'0', b'8', 0xC3, 0x28];
        assert_eq!(masked(&bytes), bytes);
    }
}

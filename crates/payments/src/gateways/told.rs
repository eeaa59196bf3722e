//! What a gateway says, as far as people may read it: in logs, alerts and the notes of a payment.

use vocabulary::mask_tail;

/// Characters of a message that are kept, for staff.
const MESSAGE_CHARS: usize = 300;
/// Digits of a number that may be somebody's phone.
const PHONE_DIGITS: usize = 9;

/// A text of theirs for our logs and screens: one line, no control characters, no phone number, of
/// bounded length.
pub(super) fn clip(text: &str) -> String {
    mask_long_numbers(text)
        .chars()
        .take(MESSAGE_CHARS)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// Masks every number as long as a phone's: a gateway may repeat the buyer's in what it says.
fn mask_long_numbers(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut digits = String::new();
    for c in text.chars().chain(std::iter::once('\n')) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        let is_long = digits.len() >= PHONE_DIGITS;
        masked.push_str(&if is_long { mask_tail(&digits, 4) } else { std::mem::take(&mut digits) });
        digits.clear();
        masked.push(c);
    }
    masked.pop();
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_number_is_masked_and_whatever_is_shorter_is_not() {
        for (said, shown) in [
            ("4005401: phoneNumber 081234567890", "4005401: phoneNumber ********7890"),
            ("+6281234567890 declined", "+*********7890 declined"),
            ("HTTP 500 at 20261122", "HTTP 500 at 20261122"),
            ("two\nlines\u{7}", "two lines "),
            ("", ""),
        ] {
            assert_eq!(clip(said), shown, "{said}");
        }
        assert_eq!(clip(&"x".repeat(1_000)).len(), MESSAGE_CHARS);
    }
}

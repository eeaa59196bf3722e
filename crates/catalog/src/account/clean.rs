//! Cleaning of what people paste: characters that cannot be seen are dropped, other forms of
//! digits, brackets and dashes become the plain ones.

use super::{AccountField, AccountProblem};
use unicode_normalization::UnicodeNormalization;

/// Longer input is not looked at: normalising could make it many times longer still.
const MAX_INPUT: usize = 256;

/// Composed (NFC), without characters that take no room, every kind of space a plain one, none at
/// the ends. May be empty.
pub(super) fn tidy(field: AccountField, text: &str) -> Result<String, AccountProblem> {
    if text.len() > MAX_INPUT {
        return Err(AccountProblem::TooLong);
    }
    let visible = text.nfc().filter(|c| !takes_no_room(*c)).map(|c| if c.is_whitespace() { ' ' } else { c });
    let tidy: String = visible.collect();
    if tidy.chars().any(char::is_control) {
        return Err(AccountProblem::Unreadable { field });
    }
    Ok(tidy.trim().to_owned())
}

/// Compatibility forms (full-width digits, brackets) as plain characters, every dash a hyphen.
pub(super) fn normal(text: &str) -> String {
    let plain = |c| match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        other => other,
    };
    text.nfkc().map(plain).collect()
}

/// An id without the spaces that people put into it. What may be an id by itself (digits only, as many as
/// `min` to `max`) is never joined with digits that follow: they may be a zone, or another id.
pub(super) fn joined(
    field: AccountField,
    text: &str,
    (min, max): (usize, usize),
) -> Result<String, AccountProblem> {
    let id: String = text.split_whitespace().collect();
    let first = text.split_whitespace().next().map_or(0, str::len);
    let groups_of_digits = first < id.len() && id.bytes().all(|b| b.is_ascii_digit());
    if groups_of_digits && (min..=max).contains(&first) {
        return Err(AccountProblem::InPieces { field });
    }
    Ok(id)
}

/// An id of digits: spaces between groups are dropped, leading zeros stay.
pub(super) fn digits(
    field: AccountField,
    text: &str,
    min: usize,
    max: usize,
) -> Result<String, AccountProblem> {
    let id = joined(field, text, (min, max))?;
    if !id.bytes().all(|b| b.is_ascii_digit()) {
        return Err(AccountProblem::NotDigits { field });
    }
    if !(min..=max).contains(&id.len()) {
        return Err(AccountProblem::WrongLength { field, min, max });
    }
    Ok(id)
}

/// Zero-width characters, marks of writing direction, soft hyphens, variation selectors.
pub(crate) fn takes_no_room(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
}

//! Indonesian mobile numbers, as e-wallets know their users. Personal data: a number never prints
//! itself whole.

use crate::{Secret, mask_tail};
use std::fmt;

/// Digits of a mobile number written with its leading 0: 0811 123 456 up to 0812 3456 78901.
const DIGITS: std::ops::RangeInclusive<usize> = 10..=14;

/// A mobile number. `Debug` and `Display` print a mask.
#[derive(Clone)]
pub struct PhoneNumber(Secret);

/// Why a text is not an Indonesian mobile number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// Something else than digits and what people write between them.
    #[error("a phone number has digits only")]
    NotDigits,
    /// Not a mobile number of Indonesia: 08…, 628… or +628….
    #[error("an Indonesian mobile number begins with 08 or +628")]
    NotMobile,
    /// Too short or too long.
    #[error("a mobile number has 10 to 14 digits")]
    Length,
}

impl PhoneNumber {
    /// Reads a number as people write it: blanks, dots, hyphens and brackets are left out, and
    /// `+62 812…`, `62812…` and `0812…` are the same.
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        let mut digits = String::with_capacity(text.len().min(32));
        for (place, c) in text.trim().chars().enumerate() {
            match c {
                '0'..='9' => digits.push(c),
                '+' if place == 0 => {}
                ' ' | '.' | '-' | '(' | ')' | '\u{a0}' => {}
                _ => return Err(PhoneError::NotDigits),
            }
            if digits.len() > 20 {
                return Err(PhoneError::Length);
            }
        }
        let local = match digits.strip_prefix("62") {
            Some(rest) => format!("0{rest}"),
            None => digits,
        };
        if !local.starts_with("08") {
            return Err(if local.is_empty() { PhoneError::Length } else { PhoneError::NotMobile });
        }
        if !DIGITS.contains(&local.len()) {
            return Err(PhoneError::Length);
        }
        Ok(PhoneNumber(Secret::new(local)))
    }

    /// `081234567890`.
    pub fn local(&self) -> &str {
        self.0.expose()
    }

    /// `********7890`: what may be shown and stored in the clear.
    pub fn mask(&self) -> String {
        mask_tail(self.local(), 4)
    }
}

impl std::str::FromStr for PhoneNumber {
    type Err = PhoneError;

    fn from_str(text: &str) -> Result<Self, PhoneError> {
        PhoneNumber::parse(text)
    }
}

impl PartialEq for PhoneNumber {
    fn eq(&self, other: &Self) -> bool {
        self.local() == other.local()
    }
}
impl Eq for PhoneNumber {}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.mask())
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.mask())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_number_is_read_in_every_way_that_people_write_it() {
        for text in
            ["081234567890", "+62 812-3456-7890", "62812 3456 7890", " 0812.3456.7890 ", "(0812) 34567890"]
        {
            assert_eq!(
                PhoneNumber::parse(text).map(|p| p.local().to_owned()),
                Ok("081234567890".into()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_mobile_number_is_refused() {
        for (text, why) in [
            ("", PhoneError::Length),
            ("0812", PhoneError::Length),
            ("081234567890123", PhoneError::Length),
            ("02112345678", PhoneError::NotMobile),
            ("+1 555 123 4567", PhoneError::NotMobile),
            ("0812abc45678", PhoneError::NotDigits),
            ("٠٨١٢٣٤٥٦٧٨٩٠", PhoneError::NotDigits),
            ("0812+34567890", PhoneError::NotDigits),
        ] {
            assert_eq!(PhoneNumber::parse(text).err(), Some(why), "{text}");
        }
    }

    #[test]
    fn a_number_never_prints_itself() {
        let phone = PhoneNumber::parse("081234567890").unwrap();
        assert_eq!(format!("{phone} {phone:?}"), "********7890 ********7890");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}") {
            if let Ok(phone) = PhoneNumber::parse(&text) {
                prop_assert_eq!(PhoneNumber::parse(phone.local()), Ok(phone));
            }
        }
    }
}

//! OVO: a push to a phone. The buyer has 55 s to accept it, the transaction expires after 65 s
//! (contracts/payments §1.5).

use super::{Refusal, read};
use serde_json::{Map, Value};
use std::{fmt, str::FromStr, time::Duration};

/// How long after the charge the transaction expires; no request changes it.
pub(super) const EXPIRY: Duration = Duration::from_secs(65);
/// How long after the charge the buyer can accept or decline.
pub(crate) const ACCEPT_WINDOW: Duration = Duration::from_secs(55);

/// A phone number as OVO knows it: `08` and eight to eleven digits. What other forms Midtrans takes is
/// not documented; who sends this one is right in any case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Phone(String);

/// Not the form of a phone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoPhone;

impl Phone {
    /// What the buyer typed on a page: `+62 812-3456-7890` is as good as `081234567890`.
    pub(crate) fn typed(text: &str) -> Result<Phone, NoPhone> {
        let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')')).collect();
        let national = digits.strip_prefix("+62").or_else(|| digits.strip_prefix("62"));
        national.map_or(digits.clone(), |rest| format!("0{}", rest.trim_start_matches('0'))).parse()
    }

    /// Whether OVO knows the number: one that ends in `404` is nobody's.
    pub(crate) fn is_registered(&self) -> bool {
        !self.0.ends_with("404")
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Phone {
    type Err = NoPhone;

    fn from_str(text: &str) -> Result<Self, NoPhone> {
        let fits = (10..=13).contains(&text.len())
            && text.starts_with("08")
            && text.bytes().all(|b| b.is_ascii_digit());
        if fits { Ok(Phone(text.to_owned())) } else { Err(NoPhone) }
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The phone that a charge is for.
pub(super) fn read_phone(body: &Map<String, Value>) -> Result<Phone, Refusal> {
    let ovo = read::object(body, "ovo")?.ok_or_else(|| Refusal::invalid("ovo is required"))?;
    let phone = read::text(ovo, "payer_phone_number")?
        .ok_or_else(|| Refusal::invalid("ovo.payer_phone_number is required"))?;
    phone.parse().map_err(|NoPhone| {
        Refusal::invalid("ovo.payer_phone_number must be 08 and eight to eleven more digits")
    })
}

/// No user of OVO has this number.
pub(super) fn not_registered() -> Refusal {
    Refusal::new(404, "User with requested phone number doesn't exist")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_number_starts_with_08_and_has_ten_to_thirteen_digits() {
        for text in ["0811111111", "081111111111", "0812345678901"] {
            assert_eq!(text.parse::<Phone>().unwrap().as_str(), text);
        }
        for text in ["", "08", "081111111", "08123456789012", "6281111111111", "+6281111111111", "0711111111"]
        {
            assert_eq!(text.parse::<Phone>(), Err(NoPhone), "{text:?}");
        }
        for text in ["08111111111a", "08é111111111", "0811 1111 1111", "٠٨١١١١١١١١"] {
            assert_eq!(text.parse::<Phone>(), Err(NoPhone), "{text:?}");
        }
    }

    #[test]
    fn people_type_a_number_as_they_like() {
        for text in
            ["+62 812-3456-7890", "6281234567890", "0812 3456 7890", "+62081234567890", "(0812) 34567890"]
        {
            assert_eq!(Phone::typed(text).map(|p| p.to_string()), Ok("081234567890".into()), "{text:?}");
        }
        for text in ["", "62", "+62", "abc", "0812'--", "<script>"] {
            assert_eq!(Phone::typed(text), Err(NoPhone), "{text:?}");
        }
    }
}

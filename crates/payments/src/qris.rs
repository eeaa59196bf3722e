//! The text of a QRIS code by the rules of EMVCo for merchant-presented codes (`contracts/payments.md` §5):
//! fields of a two-digit tag, a two-digit length in characters and a value, the last of them a checksum over
//! all before it. Every adapter holds what a gateway gives against [`check`] before a buyer sees it.

use crc::{CRC_16_IBM_3740, Crc};
use std::{collections::BTreeSet, fmt};
use vocabulary::Rupiah;

/// CRC-16/CCITT-FALSE, which the catalogue of checksums lists under this name.
const CHECKSUM: Crc<u16> = Crc::<u16>::new(&CRC_16_IBM_3740);
/// The tag of the checksum and the length of its value, which the checksum covers as well.
const CHECKSUM_FIELD: &str = "6304";
/// More than this no phone reads off a screen.
const LONGEST: usize = 1_000;
/// The longest value of one field.
const LONGEST_VALUE: usize = 99;

/// How every text starts: format indicator, version 01.
const FORMAT: (u8, &str) = (0, "01");
const INITIATION: u8 = 1;
const STATIC: &str = "11";
const DYNAMIC: &str = "12";
/// Who takes the money: fields within fields.
const MERCHANT_TEMPLATES: std::ops::RangeInclusive<u8> = 26..=51;
const CURRENCY: (u8, &str) = (53, "360");
const AMOUNT: u8 = 54;
/// What the buyer pays on top: that there is a tip, a fixed one, a share.
const ON_TOP: std::ops::RangeInclusive<u8> = 55..=57;
const COUNTRY: (u8, &str) = (58, "ID");
/// Texts that a wallet shows, and the most characters of each: the merchant's name and city.
const SHOWN: [(u8, usize); 2] = [(59, 25), (60, 15)];
/// More about the order: fields within a field.
const ADDITIONAL: u8 = 62;
const REFERENCE_LABEL: u8 = 5;
/// The longest text of a field within [`ADDITIONAL`].
const LONGEST_LABEL: usize = 25;

/// Why a text is no code that a buyer may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QrisError {
    /// It does not begin as every such code does.
    #[error("it is no QRIS code")]
    NotQris,
    /// Its fields do not follow one another as they must, or one of them is not in its form.
    #[error("its fields cannot be read")]
    Malformed,
    /// It was cut short or changed.
    #[error("its checksum does not fit")]
    Checksum,
    /// It asks for money that is not rupiah, or not in Indonesia.
    #[error("it is not for rupiah in Indonesia")]
    Foreign,
    /// It is not made for one payment: who scans it again pays again.
    #[error("it is not made for one payment")]
    Static,
    /// It asks for another amount than ours, or leaves the amount to the buyer.
    #[error("it does not ask for our amount")]
    Amount,
    /// It asks the buyer for something on top of the amount.
    #[error("it asks for a tip or a fee on top")]
    OnTop,
}

/// A code that came whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Qris {
    /// All fields in their order, without the checksum.
    fields: Vec<(u8, String)>,
}

/// Whether a text begins as every such code does. Of one that does not, nothing can be known.
pub fn is_qris(text: &str) -> bool {
    text.starts_with("000201")
}

/// Whether a buyer may be shown this: it is whole, made for one payment of exactly this amount in rupiah, and
/// asks for nothing on top.
///
/// # Errors
/// The first reason why not.
pub fn check(text: &str, amount: Rupiah) -> Result<(), QrisError> {
    let code = Qris::parse(text)?;
    if code.value(CURRENCY.0) != Some(CURRENCY.1) || code.value(COUNTRY.0) != Some(COUNTRY.1) {
        return Err(QrisError::Foreign);
    }
    if code.value(INITIATION) == Some(STATIC) {
        return Err(QrisError::Static);
    }
    if code.amount() != Some(amount) {
        return Err(QrisError::Amount);
    }
    if code.fields.iter().any(|(tag, _)| ON_TOP.contains(tag)) {
        return Err(QrisError::OnTop);
    }
    Ok(())
}

impl Qris {
    /// Reads a code: every field, and those within the templates.
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(text: &str) -> Result<Qris, QrisError> {
        if !is_qris(text) {
            return Err(QrisError::NotQris);
        }
        if text.len() > LONGEST || text.chars().any(char::is_control) {
            return Err(QrisError::Malformed);
        }
        let halves = text.len().checked_sub(4).and_then(|at| text.split_at_checked(at));
        let (covered, given) = halves.ok_or(QrisError::Checksum)?;
        let fields = covered.strip_suffix(CHECKSUM_FIELD).ok_or(QrisError::Checksum)?;
        if !given.eq_ignore_ascii_case(&checksum(covered)) {
            return Err(QrisError::Checksum);
        }
        let code = Qris { fields: read(fields).ok_or(QrisError::Malformed)? };
        if code.is_well_formed() { Ok(code) } else { Err(QrisError::Malformed) }
    }

    /// The value of a field.
    pub fn value(&self, tag: u8) -> Option<&str> {
        find(&self.fields, tag)
    }

    /// The value of a field within the field of a template.
    pub fn value_within(&self, template: u8, tag: u8) -> Option<String> {
        find(&read(self.value(template)?)?, tag).map(str::to_owned)
    }

    /// The amount that it asks for, in whole rupiah; `None` when it names none, or one with cents.
    pub fn amount(&self) -> Option<Rupiah> {
        let (whole, cents) = amount_parts(self.value(AMOUNT)?)?;
        if cents.bytes().any(|b| b != b'0') {
            return None;
        }
        whole.parse().ok().map(Rupiah::new)
    }

    /// The same merchant's code for one payment of this amount, with a reference label if one is given and
    /// fits. It names no order that the acquirer would tell of: money that comes by it is matched by people.
    pub fn for_amount(&self, amount: Rupiah, label: Option<&str>) -> Option<Qris> {
        let replaced = |tag: &u8| *tag == INITIATION || *tag == AMOUNT || ON_TOP.contains(tag);
        let mut fields: Vec<(u8, String)> =
            self.fields.iter().filter(|(tag, _)| !replaced(tag)).cloned().collect();
        put(&mut fields, INITIATION, DYNAMIC.to_owned());
        put(&mut fields, AMOUNT, amount.get().to_string());
        if let Some(label) = label.filter(|label| label.chars().count() <= LONGEST_LABEL) {
            let additional = find(&fields, ADDITIONAL).unwrap_or_default();
            let mut within = read(additional)?;
            within.retain(|(tag, _)| *tag != REFERENCE_LABEL);
            put(&mut within, REFERENCE_LABEL, label.to_owned());
            fields.retain(|(tag, _)| *tag != ADDITIONAL);
            put(&mut fields, ADDITIONAL, write(&within));
        }
        let code = Qris { fields };
        (amount.is_positive() && code.is_well_formed()).then_some(code)
    }

    fn is_well_formed(&self) -> bool {
        let tags: BTreeSet<u8> = self.fields.iter().map(|(tag, _)| *tag).collect();
        let is_template = |tag: &u8| MERCHANT_TEMPLATES.contains(tag) || *tag == ADDITIONAL;
        let nested = |(tag, value): &(u8, String)| !is_template(tag) || read(value).is_some();
        let short_enough =
            |(tag, most): &(u8, usize)| self.value(*tag).is_none_or(|text| text.chars().count() <= *most);
        tags.len() == self.fields.len()
            && self.fields.first().is_some_and(|(tag, value)| (*tag, value.as_str()) == FORMAT)
            && self.fields.iter().all(|(_, value)| value.chars().count() <= LONGEST_VALUE)
            && tags.iter().any(|tag| MERCHANT_TEMPLATES.contains(tag))
            && self.fields.iter().all(nested)
            && self.value(INITIATION).is_none_or(|how| how == STATIC || how == DYNAMIC)
            && self.value(AMOUNT).is_none_or(|amount| amount_parts(amount).is_some())
            && SHOWN.iter().all(short_enough)
    }
}

/// The text, with its checksum.
impl fmt::Display for Qris {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let covered = format!("{}{CHECKSUM_FIELD}", write(&self.fields));
        write!(f, "{covered}{}", checksum(&covered))
    }
}

/// Four digits in capitals.
fn checksum(covered: &str) -> String {
    format!("{:04X}", CHECKSUM.checksum(covered.as_bytes()))
}

/// Fields one after the other, to the end of the text; `None` when it does not come out even.
fn read(text: &str) -> Option<Vec<(u8, String)>> {
    let mut rest = text.chars();
    let mut fields = Vec::new();
    while !rest.as_str().is_empty() {
        let (tag, length) = (two_digits(&mut rest)?, two_digits(&mut rest)?);
        let value: String = rest.by_ref().take(usize::from(length)).collect();
        if value.chars().count() != usize::from(length) {
            return None;
        }
        fields.push((tag, value));
    }
    Some(fields)
}

fn two_digits(text: &mut std::str::Chars<'_>) -> Option<u8> {
    let mut digit = || text.next()?.to_digit(10);
    let (tens, ones) = (digit()?, digit()?);
    u8::try_from(tens.checked_mul(10)?.checked_add(ones)?).ok()
}

fn write(fields: &[(u8, String)]) -> String {
    fields.iter().map(|(tag, value)| format!("{tag:02}{:02}{value}", value.chars().count())).collect()
}

fn find(fields: &[(u8, String)], tag: u8) -> Option<&str> {
    fields.iter().find(|(t, _)| *t == tag).map(|(_, value)| value.as_str())
}

/// Puts a field where its tag belongs: tags ascend.
fn put(fields: &mut Vec<(u8, String)>, tag: u8, value: String) {
    let at = fields.iter().position(|(t, _)| *t > tag).unwrap_or(fields.len());
    fields.insert(at, (tag, value));
}

/// `25000` or `25000.00`: the digits before the point and behind it, of which there are none or two.
fn amount_parts(text: &str) -> Option<(&str, &str)> {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let (whole, cents) = text.split_once('.').unwrap_or((text, "00"));
    let fits = (1..=13).contains(&text.len()) && !whole.is_empty() && cents.len() == 2;
    (fits && digits(whole) && digits(cents)).then_some((whole, cents))
}

#[cfg(test)]
#[path = "qris_tests.rs"]
mod tests;

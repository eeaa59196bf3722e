//! Order numbers, and the references that outside parties get: derived from the order, stored
//! before the call, never reused for something else.

use crate::Ids;
use std::{fmt, str::FromStr};

/// What a buyer calls an order: `LK` and ten characters of Crockford base32.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderNumber(String);

/// A reference for an outside party: `<number>-P1`, at most 25 characters of `[A-Z0-9-]`, which
/// fits the strictest vendor.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    order: OrderNumber,
    purpose: Purpose,
    sequence: u32,
}

crate::text_enum!(
    /// What a reference stands for.
    pub enum Purpose {
        /// A payment.
        Payment = "P",
        /// A fulfilment attempt.
        Fulfilment = "F",
        /// A refund.
        Refund = "R",
    }
);

/// Why a text is no order number or reference.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an order number or a reference of this shop")]
pub struct ParseReferenceError(String);

impl OrderNumber {
    /// A new number (50 random bits; the database refuses a repeated one).
    pub fn new(ids: &Ids) -> Self {
        OrderNumber(format!("LK{}", ids.base32(10)))
    }

    /// The number as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Reference {
    /// The reference of this order's `sequence`-th payment, attempt or refund (from 1).
    pub fn new(order: &OrderNumber, purpose: Purpose, sequence: u32) -> Self {
        Reference { order: order.clone(), purpose, sequence }
    }

    /// The order that it belongs to.
    pub fn order(&self) -> &OrderNumber {
        &self.order
    }

    /// What it stands for.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Its number within the order, from 1.
    pub fn sequence(&self) -> u32 {
        self.sequence
    }
}

fn refuse(text: &str) -> ParseReferenceError {
    ParseReferenceError(text.chars().take(40).collect())
}

impl FromStr for OrderNumber {
    type Err = ParseReferenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let upper = text.trim().to_ascii_uppercase();
        let digits = upper.strip_prefix("LK").ok_or_else(|| refuse(text))?;
        let crockford = |b: u8| b.is_ascii_digit() || (b.is_ascii_uppercase() && !b"ILOU".contains(&b));
        if digits.len() != 10 || !digits.bytes().all(crockford) {
            return Err(refuse(text));
        }
        Ok(OrderNumber(upper))
    }
}

impl FromStr for Reference {
    type Err = ParseReferenceError;

    /// Reads exactly what [`Display`](fmt::Display) writes: capitals, no leading zero.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (number, tail) = text.split_once('-').ok_or_else(|| refuse(text))?;
        let order: OrderNumber = number.parse().map_err(|_| refuse(text))?;
        let (purpose, digits) = tail.split_at_checked(1).ok_or_else(|| refuse(text))?;
        let reference = Reference {
            order,
            purpose: purpose.parse().map_err(|_| refuse(text))?,
            sequence: digits.parse().map_err(|_| refuse(text))?,
        };
        if reference.sequence == 0 || reference.to_string() != text {
            return Err(refuse(text));
        }
        Ok(reference)
    }
}

impl fmt::Display for OrderNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}-{}{}", self.order, self.purpose, self.sequence))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_reads_back_and_fits_the_strictest_vendor() {
        let number = OrderNumber::new(&Ids::seeded(7));
        assert_eq!(number.as_str().len(), 12);
        for purpose in Purpose::ALL {
            let reference = Reference::new(&number, *purpose, u32::MAX);
            let text = reference.to_string();
            assert!(
                text.len() <= 25
                    && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-')
            );
            assert_eq!(text.parse::<Reference>().unwrap(), reference);
        }
    }

    #[test]
    fn what_is_not_ours_is_refused() {
        for text in [
            "",
            "LK",
            "LK0123456789",
            "LK0123456789-P0",
            "LK0123456789-P01",
            "LK0123456789-X1",
            "lk0123456789-P1",
            "LK012345678I-P1",
            "LK0123456789-P",
            "LK0123456789-é1",
            "order03",
        ] {
            assert!(text.parse::<Reference>().is_err(), "{text:?} was read");
        }
        assert!("lk0123456789".parse::<OrderNumber>().is_ok(), "people type small letters");
    }
}

//! Money: whole rupiah in a signed 64-bit integer, never a float.

use std::{fmt, str::FromStr};

/// An amount of whole Indonesian rupiah. May be negative (a ledger posting is signed).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rupiah(i64);

/// Why a text is no amount of rupiah.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a whole amount of rupiah")]
pub struct ParseRupiahError(String);

impl Rupiah {
    /// Nothing.
    pub const ZERO: Rupiah = Rupiah(0);

    /// An amount of `whole` rupiah.
    pub const fn new(whole: i64) -> Self {
        Rupiah(whole)
    }

    /// The amount as an integer of whole rupiah.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Sum, or `None` when it does not fit.
    pub fn checked_add(self, other: Rupiah) -> Option<Rupiah> {
        self.0.checked_add(other.0).map(Rupiah)
    }

    /// Difference, or `None` when it does not fit.
    pub fn checked_sub(self, other: Rupiah) -> Option<Rupiah> {
        self.0.checked_sub(other.0).map(Rupiah)
    }

    /// Product with a count, or `None` when it does not fit.
    pub fn checked_mul(self, count: i64) -> Option<Rupiah> {
        self.0.checked_mul(count).map(Rupiah)
    }

    /// The amount with its sign turned, or `None` for the one value that has no opposite.
    pub fn checked_neg(self) -> Option<Rupiah> {
        self.0.checked_neg().map(Rupiah)
    }

    /// This share of the amount in basis points (1/100 %), rounded half away from zero.
    /// `None` when it does not fit.
    pub fn basis_points(self, points: u32) -> Option<Rupiah> {
        let scaled = i128::from(self.0).checked_mul(i128::from(points))?;
        let half = if scaled < 0 { -5_000 } else { 5_000 };
        i64::try_from(scaled.checked_add(half)?.checked_div(10_000)?).ok().map(Rupiah)
    }

    /// True for an amount above zero.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Sum of many amounts, or `None` when it does not fit.
    pub fn checked_sum(amounts: impl IntoIterator<Item = Rupiah>) -> Option<Rupiah> {
        amounts.into_iter().try_fold(Rupiah::ZERO, Rupiah::checked_add)
    }
}

impl fmt::Display for Rupiah {
    /// Indonesian notation: `Rp 7.066.667`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.unsigned_abs().to_string();
        let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
        for (position, digit) in digits.chars().enumerate() {
            if position > 0 && (digits.len() - position).is_multiple_of(3) {
                grouped.push('.');
            }
            grouped.push(digit);
        }
        f.pad(&format!("{}Rp {grouped}", if self.0 < 0 { "-" } else { "" }))
    }
}

impl FromStr for Rupiah {
    type Err = ParseRupiahError;

    /// Reads plain digits (`20000`) or dotted groups of three (`20.000`), with an optional `Rp`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseRupiahError(text.chars().take(40).collect());
        let body = text.trim();
        let body = body.strip_prefix("Rp").map_or(body, str::trim_start);
        let mut groups = body.split('.');
        let first = groups.next().ok_or_else(error)?;
        let rest: Vec<&str> = groups.collect();
        let dotted = !rest.is_empty();
        let first_fits = !first.is_empty() && (!dotted || first.trim_start_matches('-').len() <= 3);
        if !first_fits || rest.iter().any(|g| g.len() != 3 || !g.bytes().all(|b| b.is_ascii_digit())) {
            return Err(error());
        }
        let joined: String = std::iter::once(first).chain(rest).collect();
        joined.parse().map(Rupiah).map_err(|_| error())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_amount_looks_indonesian() {
        for (amount, text) in [
            (0, "Rp 0"),
            (999, "Rp 999"),
            (20_000, "Rp 20.000"),
            (7_066_667, "Rp 7.066.667"),
            (-1_500, "-Rp 1.500"),
        ] {
            assert_eq!(Rupiah::new(amount).to_string(), text);
        }
    }

    #[test]
    fn only_whole_rupiah_are_read() {
        for text in
            ["", "Rp", "1,5", "1.5", "20.00", "2.0000", "1e3", "ten", "9223372036854775808", "--1", "1..000"]
        {
            assert!(text.parse::<Rupiah>().is_err(), "{text:?} was read");
        }
    }

    #[test]
    fn basis_points_round_half_away_from_zero() {
        assert_eq!(Rupiah::new(20_000).basis_points(200), Some(Rupiah::new(400)));
        assert_eq!(Rupiah::new(25).basis_points(200), Some(Rupiah::new(1)));
        assert_eq!(Rupiah::new(24).basis_points(200), Some(Rupiah::new(0)));
        assert_eq!(Rupiah::new(-25).basis_points(200), Some(Rupiah::new(-1)));
    }

    proptest! {
        #[test]
        fn what_is_shown_can_be_read_back(amount in 0..i64::MAX) {
            prop_assert_eq!(Rupiah::new(amount).to_string().parse(), Ok(Rupiah::new(amount)));
        }
    }
}

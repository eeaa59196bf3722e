//! Amounts as reports write them: `25000.00`, `25.000,00`, `Rp 25.000`, `(1,000)`.

use vocabulary::Rupiah;

/// What a figure is counted in: ten thousandths of a rupiah.
const UNIT: i128 = 10_000;
/// How many digits behind the sign count.
const DECIMALS: usize = 4;

/// An amount with what is behind the decimal sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Figure(i128);

/// What a cell tells of the decimal sign of its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tells {
    /// It must be this one.
    Decimal(char),
    /// One sign and three digits behind it: thousands, or not.
    Either,
    /// There is no sign.
    Nothing,
}

/// What this text tells of the decimal sign.
pub(super) fn tells(text: &str) -> Tells {
    let signs: Vec<char> = text.chars().filter(|c| matches!(c, '.' | ',')).collect();
    let (Some(first), Some(last)) = (signs.first().copied(), signs.last().copied()) else {
        return Tells::Nothing;
    };
    if first != last {
        return Tells::Decimal(last);
    }
    if signs.len() > 1 {
        return Tells::Decimal(other(first));
    }
    let digits = |part: &str| part.chars().filter(char::is_ascii_digit).count();
    match text.split_once(first) {
        Some((_, behind)) if digits(behind) != 3 => Tells::Decimal(first),
        Some((before, _)) if before.trim_start_matches(|c: char| !c.is_ascii_digit()).starts_with('0') => {
            Tells::Decimal(first)
        }
        Some((before, _)) if digits(before) > 3 => Tells::Decimal(first),
        _ => Tells::Either,
    }
}

/// The decimal sign of a file by all its amounts; an error when they contradict each other. Where nothing tells, a
/// point divides thousands, as people write rupiah.
pub(super) fn decimal_of<'a>(cells: impl Iterator<Item = &'a str>) -> Result<char, String> {
    let mut found: Option<(char, &str)> = None;
    let mut either: Option<char> = None;
    for cell in cells {
        match (tells(cell), found) {
            (Tells::Decimal(sign), Some((other, first))) if other != sign => {
                return Err(format!(
                    "`{first}` and `{cell}` cannot both be amounts of one file: say `decimal=.` or `decimal=,`"
                ));
            }
            (Tells::Decimal(sign), None) => found = Some((sign, cell)),
            (Tells::Either, _) => either = either.or_else(|| cell.chars().find(|c| matches!(c, '.' | ','))),
            _ => {}
        }
    }
    Ok(found.map_or_else(|| either.map_or(',', other), |(sign, _)| sign))
}

fn other(sign: char) -> char {
    if sign == '.' { ',' } else { '.' }
}

impl Figure {
    /// Reads an amount; `None` when it is none. Signs between thousands count only where they can stand.
    pub(super) fn read(text: &str, decimal: char) -> Option<Figure> {
        let text = text.trim();
        let bracketed = text.strip_prefix('(').and_then(|text| text.strip_suffix(')'));
        let plain: String = bracketed.unwrap_or(text).chars().filter(|c| !c.is_whitespace()).collect();
        let (minus, plain) = signed(&plain);
        let plain = currency(plain);
        let (inner, plain) = signed(plain);
        let (whole, behind) = plain.split_once(decimal).unwrap_or((plain, ""));
        let whole = grouped(whole, other(decimal))?;
        if behind.chars().any(|c| !c.is_ascii_digit()) {
            return None;
        }
        let (kept, dropped) = behind.split_at_checked(DECIMALS).unwrap_or((behind, ""));
        if dropped.chars().any(|digit| digit != '0') {
            return None;
        }
        let fraction: i128 = format!("{kept:0<DECIMALS$}").parse().ok()?;
        let value = whole.parse::<i64>().ok()?;
        let value = i128::from(value).checked_mul(UNIT)?.checked_add(fraction)?;
        let negative = minus ^ inner ^ bracketed.is_some();
        Some(Figure(if negative { value.checked_neg()? } else { value }))
    }

    /// The whole rupiah of it; `None` when something is behind the decimal sign.
    pub(super) fn whole(self) -> Option<Rupiah> {
        (self.0.checked_rem(UNIT)? == 0).then(|| self.rounded())
    }

    /// Rounded to whole rupiah, half a rupiah upwards.
    pub(super) fn rounded(self) -> Rupiah {
        let whole = self.0.saturating_add(UNIT / 2).div_euclid(UNIT);
        Rupiah::new(i64::try_from(whole).unwrap_or(if whole < 0 { i64::MIN } else { i64::MAX }))
    }

    /// Without its sign.
    pub(super) fn size(self) -> Figure {
        Figure(self.0.saturating_abs())
    }

    pub(super) fn is_negative(self) -> bool {
        self.0 < 0
    }

    pub(super) fn plus(self, more: Figure) -> Figure {
        Figure(self.0.saturating_add(more.0))
    }

    pub(super) fn minus(self, less: Figure) -> Figure {
        Figure(self.0.saturating_sub(less.0))
    }

    /// Whether the two are no further from each other than a rupiah.
    pub(super) fn is_near(self, that: Figure) -> bool {
        self.0.saturating_sub(that.0).saturating_abs() <= UNIT
    }
}

fn signed(text: &str) -> (bool, &str) {
    match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// Without the name of the currency before or behind it.
fn currency(text: &str) -> &str {
    let names = ["IDR", "Rp.", "Rp", "rp", "RP"];
    let text = names.iter().find_map(|name| text.strip_prefix(name)).unwrap_or(text);
    text.strip_suffix("IDR").unwrap_or(text)
}

/// The digits of a whole number whose thousands may be divided by this sign: three digits in each group but the
/// first.
fn grouped(text: &str, sign: char) -> Option<String> {
    let groups: Vec<&str> = text.split(sign).collect();
    let is_digits = |group: &&str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
    let fits = groups.iter().all(is_digits)
        && (groups.len() == 1
            || (groups.iter().skip(1).all(|group| group.len() == 3)
                && groups.first().is_some_and(|group| group.len() <= 3)));
    fits.then(|| groups.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str, decimal: char) -> Option<i64> {
        Figure::read(text, decimal).and_then(Figure::whole).map(Rupiah::get)
    }

    #[test]
    fn amounts_are_read_as_people_and_programs_write_them() {
        for (text, decimal, amount) in [
            ("25000.00", '.', Some(25_000)),
            ("25000", '.', Some(25_000)),
            ("25,000.00", '.', Some(25_000)),
            ("25.000,00", ',', Some(25_000)),
            ("25.000", ',', Some(25_000)),
            ("Rp 25.000", ',', Some(25_000)),
            ("IDR 1,250,000.0000", '.', Some(1_250_000)),
            ("-25000", '.', Some(-25_000)),
            ("(25.000)", ',', Some(-25_000)),
            ("-Rp25.000", ',', Some(-25_000)),
            ("Rp -25.000", ',', Some(-25_000)),
            ("0", '.', Some(0)),
            ("25000.50", '.', None),
            ("25.00", ',', None),
            ("2,5000", '.', None),
            ("1234,567", '.', None),
            ("25000.000001", '.', None),
            ("", '.', None),
            ("abc", '.', None),
            ("12a", '.', None),
            (".5", '.', None),
            ("99999999999999999999", '.', None),
        ] {
            assert_eq!(whole(text, decimal), amount, "{text}");
        }
    }

    #[test]
    fn half_a_rupiah_is_rounded_upwards() {
        for (text, amount) in
            [("332.5", 333), ("332.4999", 332), ("332.6", 333), ("-332.5", -332), ("-332.6", -333)]
        {
            assert_eq!(Figure::read(text, '.').unwrap().rounded(), Rupiah::new(amount), "{text}");
        }
    }

    #[test]
    fn the_decimal_sign_is_told_by_all_amounts_of_a_file() {
        let of = |cells: &[&str]| decimal_of(cells.iter().copied());
        assert_eq!(of(&["25.000", "1.250,50"]), Ok(','));
        assert_eq!(of(&["25000.00", "400"]), Ok('.'));
        assert_eq!(of(&["25,000", "1,250,000"]), Ok('.'));
        assert_eq!(of(&["25.000"]), Ok(','), "as people write rupiah");
        assert_eq!(of(&["25,000"]), Ok('.'));
        assert_eq!(of(&["25000.000"]), Ok('.'), "no thousands are written so");
        assert_eq!(of(&["0.700", "25.000"]), Ok('.'));
        assert_eq!(of(&["25000"]), Ok(','));
        let error = of(&["1.250,50", "25000.00"]).unwrap_err();
        assert!(error.contains("decimal=."), "{error}");
    }
}

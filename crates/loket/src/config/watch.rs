//! How suppliers' prices are followed, and our deposits there watched.

use super::read::Values;
use anyhow::{Result, anyhow, bail};
use orders::Rules;
use std::time::Duration;
use vocabulary::Rupiah;

const PRICES_EVERY: &str = "prices.every_minutes";
const DEPOSIT_EVERY: &str = "deposit.every_minutes";
const LOW: &str = "deposit.low_rupiah";
const LOW_HOURS: &str = "deposit.low_hours";
const FOLLOW: &str = "prices.price_follows_cost";
/// A day, and a year.
const DAY_MINUTES: u64 = 1_440;
const YEAR_HOURS: u64 = 8_760;

/// Takes over what is configured.
pub(super) fn read(values: &Values, rules: &mut Rules) -> Result<()> {
    // A list may be asked for once in five minutes (`contracts/suppliers.md` §1.3).
    let intervals =
        [(PRICES_EVERY, 5, &mut rules.prices.every), (DEPOSIT_EVERY, 1, &mut rules.deposit.every)];
    for (key, least, every) in intervals {
        if let Some(text) = values.get(key) {
            let minutes: u64 = number(values, key, text, DAY_MINUTES)?;
            if (1..least).contains(&minutes) {
                bail!("`{key}` ({}) must be 0 (never) or from {least} to {DAY_MINUTES}", values.origin(key));
            }
            *every = (minutes > 0).then(|| Duration::from_secs(minutes.saturating_mul(60)));
        }
    }
    let shares = [
        ("prices.most_jump_percent", 1_000, &mut rules.prices.most_jump_percent),
        ("prices.most_off_trend_percent", 95, &mut rules.prices.most_off_trend_percent),
        ("prices.least_margin_basis_points", 5_000, &mut rules.prices.least_margin_basis_points),
    ];
    for (key, most, share) in shares {
        if let Some(text) = values.get(key) {
            *share = u32::try_from(number(values, key, text, most)?)?;
        }
    }
    rules.prices.price_follows = match values.get(FOLLOW) {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => bail!("`{FOLLOW}` ({}) must be `true` or `false`", values.origin(FOLLOW)),
    };
    if let Some(text) = values.get(LOW) {
        let low = number(values, LOW, text, 1_000_000_000_000)?;
        rules.deposit.low = Rupiah::new(i64::try_from(low)?);
    }
    if let Some(text) = values.get(LOW_HOURS) {
        let hours = number(values, LOW_HOURS, text, YEAR_HOURS)?;
        rules.deposit.low_time = Duration::from_secs(hours.saturating_mul(3_600));
    }
    Ok(())
}

fn number(values: &Values, key: &str, text: &str, most: u64) -> Result<u64> {
    text.parse()
        .ok()
        .filter(|number| *number <= most)
        .ok_or_else(|| anyhow!("`{key}` ({}) must be a whole number from 0 to {most}", values.origin(key)))
}

#[cfg(test)]
mod tests {
    use super::super::tests::load;
    use super::*;
    use orders::{DepositRules, PriceRules};

    #[test]
    fn prices_and_deposits_are_watched_by_default_and_as_the_owner_wants() {
        let rules = load(&[]).unwrap().rules;
        assert_eq!((rules.prices, rules.deposit), (PriceRules::default(), DepositRules::default()));
        let rules = load(&[
            ("LOKET_PRICES__EVERY_MINUTES", "5"),
            ("LOKET_PRICES__MOST_JUMP_PERCENT", "10"),
            ("LOKET_PRICES__MOST_OFF_TREND_PERCENT", "0"),
            ("LOKET_PRICES__LEAST_MARGIN_BASIS_POINTS", "0"),
            ("LOKET_PRICES__PRICE_FOLLOWS_COST", "true"),
            ("LOKET_DEPOSIT__EVERY_MINUTES", "0"),
            ("LOKET_DEPOSIT__LOW_RUPIAH", "2000000"),
            ("LOKET_DEPOSIT__LOW_HOURS", "48"),
        ])
        .unwrap()
        .rules;
        let expected = PriceRules {
            every: Some(Duration::from_secs(300)),
            most_jump_percent: 10,
            most_off_trend_percent: 0,
            least_margin_basis_points: 0,
            price_follows: true,
        };
        assert_eq!(rules.prices, expected);
        let expected = DepositRules {
            every: None,
            low: Rupiah::new(2_000_000),
            low_time: Duration::from_secs(48 * 3_600),
        };
        assert_eq!(rules.deposit, expected);
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_key() {
        for (key, value) in [
            ("LOKET_PRICES__EVERY_MINUTES", "4"),
            ("LOKET_PRICES__EVERY_MINUTES", "1441"),
            ("LOKET_PRICES__EVERY_MINUTES", "-5"),
            ("LOKET_PRICES__MOST_JUMP_PERCENT", "30%"),
            ("LOKET_PRICES__MOST_OFF_TREND_PERCENT", "96"),
            ("LOKET_PRICES__LEAST_MARGIN_BASIS_POINTS", "5001"),
            ("LOKET_PRICES__PRICE_FOLLOWS_COST", "yes"),
            ("LOKET_DEPOSIT__LOW_RUPIAH", "500.000"),
            ("LOKET_DEPOSIT__LOW_HOURS", "8761"),
        ] {
            let error = load(&[(key, value)]).unwrap_err().to_string();
            let name = key.trim_start_matches("LOKET_").replace("__", ".").to_ascii_lowercase();
            assert!(error.contains(&name), "{key}={value}: {error}");
        }
    }
}

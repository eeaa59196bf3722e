//! How many orders may hold stock unpaid, what counts beside the four parameters of the risk score, what the tiers of
//! buyers are, and for how long a buyer may complain.

use super::read::Values;
use anyhow::{Result, anyhow};
use orders::Rules;
use security::TierRules;
use std::time::Duration;
use vocabulary::Rupiah;

const FREE: &str = "risk.young_free_rupiah";
const DAYS: &str = "rules.complaint_days";
/// A year.
const MOST_HOURS: u64 = 8_760;
const HOUR: u64 = 3_600;
/// Ten years.
const MOST_DAYS: u64 = 3_650;
/// The most that a limit of a day can be.
const MOST_DAILY: u64 = 1_000_000_000_000;

/// Takes over what is configured.
pub(super) fn read(values: &Values, rules: &mut Rules) -> Result<()> {
    let (unpaid, signals) = (&mut rules.unpaid, &mut rules.signals);
    let counts: [(&str, &mut u32, u64, u64); 8] = [
        ("rules.unpaid_per_buyer", &mut unpaid.per_buyer, 1, 1_000_000),
        ("rules.unpaid_per_server", &mut unpaid.per_server, 1, 1_000_000),
        ("rules.unpaid_per_key", &mut unpaid.per_key, 1, 1_000_000),
        ("risk.payers_per_account", &mut signals.payers_per_account, 1, 1_000_000),
        ("risk.accounts_per_payer", &mut signals.accounts_per_payer, 1, 1_000_000),
        ("risk.shared_points", &mut signals.shared_points, 0, 100),
        ("risk.young_points", &mut signals.young_points, 0, 100),
        ("risk.code_points", &mut signals.code_points, 0, 100),
    ];
    for (key, count, least, most) in counts {
        if let Some(number) = number(values, key, (least, most))? {
            *count = u32::try_from(number)?;
        }
    }
    let times: [(&str, &mut Duration, u64); 3] = [
        ("risk.window_hours", &mut signals.window, 1),
        ("risk.young_hours", &mut signals.young, 0),
        ("risk.newcomer_hours", &mut signals.newcomer, 0),
    ];
    for (key, time, least) in times {
        if let Some(hours) = number(values, key, (least, MOST_HOURS))? {
            *time = Duration::from_secs(hours.saturating_mul(HOUR));
        }
    }
    if let Some(rupiah) = number(values, FREE, (0, 1_000_000_000))? {
        signals.young_free = Rupiah::new(i64::try_from(rupiah)?);
    }
    if let Some(days) = number(values, DAYS, (1, 365))? {
        rules.complaint_within = Duration::from_secs(days.saturating_mul(24 * HOUR));
    }
    read_tiers(values, &mut rules.tiers)
}

fn read_tiers(values: &Values, tiers: &mut TierRules) -> Result<()> {
    if let Some(orders) = number(values, "risk.regular_orders", (1, 1_000_000))? {
        tiers.regular_orders = u32::try_from(orders)?;
    }
    if let Some(days) = number(values, "risk.regular_days", (0, MOST_DAYS))? {
        tiers.regular_after = Duration::from_secs(days.saturating_mul(24 * HOUR));
    }
    let limits: [(&str, &mut Option<Rupiah>); 3] = [
        ("risk.basic_daily_rupiah", &mut tiers.basic_daily),
        ("risk.regular_daily_rupiah", &mut tiers.regular_daily),
        ("risk.verified_daily_rupiah", &mut tiers.verified_daily),
    ];
    for (key, limit) in limits {
        if let Some(rupiah) = number(values, key, (0, MOST_DAILY))? {
            // Nothing is no limit.
            *limit = Some(Rupiah::new(i64::try_from(rupiah)?)).filter(|limit| limit.is_positive());
        }
    }
    Ok(())
}

fn number(values: &Values, key: &str, (least, most): (u64, u64)) -> Result<Option<u64>> {
    let Some(text) = values.get(key) else { return Ok(None) };
    let number = text.parse().ok().filter(|number| (least..=most).contains(number));
    number.map(Some).ok_or_else(|| {
        anyhow!("`{key}` ({}) must be a whole number from {least} to {most}", values.origin(key))
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::load;
    use super::*;
    use orders::UnpaidRules;
    use security::SignalRules;

    #[test]
    fn tiers_have_no_limits_until_the_owner_sets_them() {
        let tiers = load(&[]).unwrap().rules.tiers;
        assert_eq!(tiers, TierRules::default());
        assert!(!tiers.has_limits(), "the rules of the product hold as they are");
        let tiers = load(&[
            ("LOKET_RISK__REGULAR_ORDERS", "5"),
            ("LOKET_RISK__REGULAR_DAYS", "30"),
            ("LOKET_RISK__BASIC_DAILY_RUPIAH", "1000000"),
            ("LOKET_RISK__REGULAR_DAILY_RUPIAH", "5000000"),
            ("LOKET_RISK__VERIFIED_DAILY_RUPIAH", "0"),
        ])
        .unwrap()
        .rules
        .tiers;
        let expected = TierRules {
            regular_orders: 5,
            regular_after: Duration::from_secs(30 * 24 * HOUR),
            basic_daily: Some(Rupiah::new(1_000_000)),
            regular_daily: Some(Rupiah::new(5_000_000)),
            verified_daily: None,
        };
        assert_eq!(tiers, expected);
        for (key, value, named) in [
            ("LOKET_RISK__REGULAR_ORDERS", "0", "risk.regular_orders"),
            ("LOKET_RISK__REGULAR_DAYS", "3651", "risk.regular_days"),
            ("LOKET_RISK__BASIC_DAILY_RUPIAH", "-1", "risk.basic_daily_rupiah"),
            ("LOKET_RISK__VERIFIED_DAILY_RUPIAH", "Rp 5", "risk.verified_daily_rupiah"),
        ] {
            let error = load(&[(key, value)]).err().unwrap().to_string();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn caps_and_signals_are_configured_and_bounded() {
        let rules = load(&[]).unwrap().rules;
        assert_eq!((rules.unpaid, &rules.signals), (UnpaidRules::default(), &SignalRules::default()));
        let rules = load(&[
            ("LOKET_RULES__UNPAID_PER_BUYER", "3"),
            ("LOKET_RULES__UNPAID_PER_SERVER", "30"),
            ("LOKET_RULES__UNPAID_PER_KEY", "300"),
            ("LOKET_RULES__COMPLAINT_DAYS", "3"),
            ("LOKET_RISK__WINDOW_HOURS", "2"),
            ("LOKET_RISK__YOUNG_HOURS", "0"),
            ("LOKET_RISK__YOUNG_FREE_RUPIAH", "50000"),
            ("LOKET_RISK__SHARED_POINTS", "40"),
        ])
        .unwrap()
        .rules;
        assert_eq!(rules.unpaid, UnpaidRules { per_buyer: 3, per_server: 30, per_key: 300 });
        let expected = SignalRules {
            window: Duration::from_secs(2 * HOUR),
            young: Duration::ZERO,
            young_free: Rupiah::new(50_000),
            shared_points: 40,
            ..SignalRules::default()
        };
        assert_eq!(rules.signals, expected);
        assert_eq!(rules.complaint_within, Duration::from_secs(3 * 24 * HOUR));
        for (key, value, named) in [
            ("LOKET_RULES__UNPAID_PER_BUYER", "0", "rules.unpaid_per_buyer"),
            ("LOKET_RISK__SHARED_POINTS", "101", "risk.shared_points"),
            ("LOKET_RISK__WINDOW_HOURS", "0", "risk.window_hours"),
            ("LOKET_RISK__YOUNG_FREE_RUPIAH", "-1", FREE),
            ("LOKET_RULES__COMPLAINT_DAYS", "a week", DAYS),
        ] {
            let error = load(&[(key, value)]).err().unwrap().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}

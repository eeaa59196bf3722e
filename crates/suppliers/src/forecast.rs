//! How long our deposit at a supplier lasts, by what was bought there in the last days.

use database::{Error, ReadTx, sql};
use std::time::Duration;
use vocabulary::{Rupiah, Timestamp};

const DAY: Duration = Duration::from_secs(86_400);
/// What the average is taken over.
const DAYS: u32 = 7;

/// What was bought of one supplier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spending {
    /// Within the last 24 hours.
    pub last_day: Rupiah,
    /// Within the last seven days, the last one among them.
    pub last_week: Rupiah,
}

impl Spending {
    /// How long this much lasts, at the pace of the last day or of the week, whichever is faster; none when
    /// nothing was spent.
    pub fn lasts(self, left: Rupiah) -> Option<Duration> {
        let week_ms = DAY.saturating_mul(DAYS).as_millis();
        let lasts = |spent: Rupiah, within: u128| {
            let spent = u128::try_from(spent.get()).ok().filter(|spent| *spent > 0)?;
            let left = u128::try_from(left.get()).unwrap_or(0);
            left.saturating_mul(within).checked_div(spent)
        };
        let shortest = [lasts(self.last_day, DAY.as_millis()), lasts(self.last_week, week_ms)]
            .into_iter()
            .flatten()
            .min();
        shortest.map(|ms| Duration::from_millis(u64::try_from(ms).unwrap_or(u64::MAX)))
    }
}

/// What was bought of a supplier in the last days, and is not known to have been given back.
pub async fn spending(tx: &mut ReadTx, supplier: &str, now: Timestamp) -> Result<Spending, Error> {
    let (last_day, last_week): (Rupiah, Rupiah) = sql!(
        "SELECT CAST(COALESCE(SUM(CASE WHEN first_sent_at >= $2 THEN price ELSE 0 END), 0) AS BIGINT),
                CAST(COALESCE(SUM(price), 0) AS BIGINT)
         FROM fulfilment_attempt
         WHERE supplier = $1 AND first_sent_at >= $3 AND price IS NOT NULL AND state NOT IN ('failed', 'reversed')"
    )
    .bind(supplier)
    .bind(now.minus(DAY))
    .bind(now.minus(DAY.saturating_mul(DAYS)))
    .one(tx)
    .await?;
    Ok(Spending { last_day, last_week })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spending(last_day: i64, last_week: i64) -> Spending {
        Spending { last_day: Rupiah::new(last_day), last_week: Rupiah::new(last_week) }
    }

    fn hours(spending: Spending, left: i64) -> Option<u64> {
        spending.lasts(Rupiah::new(left)).map(|lasts| lasts.as_secs() / 3_600)
    }

    #[test]
    fn the_faster_pace_counts() {
        assert_eq!(hours(spending(0, 0), 1_000_000), None, "nobody knows");
        assert_eq!(hours(spending(240_000, 240_000), 100_000), Some(10), "today is busier than the week");
        assert_eq!(hours(spending(10_000, 1_680_000), 100_000), Some(10), "the week was busier than today");
        assert_eq!(hours(spending(240_000, 1_680_000), 0), Some(0));
        assert_eq!(hours(spending(240_000, 1_680_000), -5), Some(0), "a debt lasts no longer");
        assert!(hours(spending(1, 1), i64::MAX).is_some(), "and no number is too large");
    }

    proptest! {
        #[test]
        fn more_lasts_longer_and_faster_spending_shorter(
            left in 0..10_000_000_000_i64, more in 0..1_000_000_i64, day in 1..1_000_000_000_i64, faster in 0..1_000_000_i64,
        ) {
            let at = |left, day| spending(day, day).lasts(Rupiah::new(left)).unwrap();
            prop_assert!(at(left, day) <= at(left + more, day));
            prop_assert!(at(left, day + faster) <= at(left, day));
        }
    }
}

//! The tier of a buyer, and how much one of that tier may pay within a WIB day before a person looks. Pure: what was
//! delivered and paid is counted by whoever knows the orders.

use crate::{Assessment, Finding, Parameter};
use std::time::Duration;
use vocabulary::Rupiah;

/// The score from which a person decides. That of an order beyond a limit is raised to it, and no further.
const REVIEW: i64 = 40;

vocabulary::text_enum!(
    /// How far a buyer is known. (The daily volume asks for something else: whether anything was delivered before
    /// today.)
    pub enum Tier {
        /// Everybody at first.
        Basic = "basic",
        /// Has had enough delivered, for long enough.
        Regular = "regular",
        /// A person has looked who it is.
        Verified = "verified",
    }
);

/// What makes a buyer regular, and what each tier may pay within a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TierRules {
    /// So many purchases have to be delivered, and not refunded.
    pub regular_orders: u32,
    /// And the first of them this long ago.
    pub regular_after: Duration,
    /// The most that a basic buyer pays within a WIB day; none, and there is no limit.
    pub basic_daily: Option<Rupiah>,
    /// The same for a regular one.
    pub regular_daily: Option<Rupiah>,
    /// The same for a verified one.
    pub verified_daily: Option<Rupiah>,
}

impl Default for TierRules {
    /// No limits: they would hold orders that the four parameters let go.
    fn default() -> Self {
        TierRules {
            regular_orders: 3,
            regular_after: Duration::from_secs(7 * 86_400),
            basic_daily: None,
            regular_daily: None,
            verified_daily: None,
        }
    }
}

/// What is known of a buyer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuyerFacts {
    /// Whether a person has verified the buyer.
    pub verified: bool,
    /// Purchases that were delivered, and are not refunded.
    pub kept_orders: i64,
    /// How long ago the first of them was delivered, if there is one.
    pub first_kept: Option<Duration>,
    /// What counts against the limit of the present WIB day already.
    pub today: Rupiah,
}

impl TierRules {
    /// The tier of a buyer.
    pub fn tier(&self, buyer: &BuyerFacts) -> Tier {
        let long_ago = buyer.first_kept.is_some_and(|age| age >= self.regular_after);
        if buyer.verified {
            Tier::Verified
        } else if long_ago && buyer.kept_orders >= i64::from(self.regular_orders) {
            Tier::Regular
        } else {
            Tier::Basic
        }
    }

    /// The most that a buyer of this tier pays within a WIB day; none, and there is no limit.
    pub fn daily_limit(&self, tier: Tier) -> Option<Rupiah> {
        match tier {
            Tier::Basic => self.basic_daily,
            Tier::Regular => self.regular_daily,
            Tier::Verified => self.verified_daily,
        }
    }

    /// Whether any tier has a limit.
    pub fn has_limits(&self) -> bool {
        [Tier::Basic, Tier::Regular, Tier::Verified].into_iter().any(|tier| self.daily_limit(tier).is_some())
    }
}

impl Assessment {
    /// Held for a person when the order goes beyond what its buyer may pay within the day. The score is raised to
    /// where a person decides: by the limit alone nobody is stopped, whatever else was found.
    #[must_use]
    pub fn within_daily_limit(self, rules: &TierRules, buyer: &BuyerFacts, amount: Rupiah) -> Assessment {
        let tier = rules.tier(buyer);
        let Some(limit) = rules.daily_limit(tier) else { return self };
        let day = Rupiah::new(buyer.today.get().saturating_add(amount.get()));
        if day <= limit {
            return self;
        }
        let explanation = format!(
            "{day} within this WIB day, this order included; above {limit} a person decides about an order of a {tier} buyer ({} orders were delivered and kept)",
            buyer.kept_orders
        );
        let points = REVIEW.saturating_sub(self.score).max(0);
        self.with(vec![Finding { parameter: Parameter::DailyLimit.to_string(), points, explanation }])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Action;
    use proptest::prelude::*;

    const DAY: Duration = Duration::from_secs(86_400);
    const MOMENT: Duration = Duration::from_millis(1);

    fn limits() -> TierRules {
        let rupiah = |amount| Some(Rupiah::new(amount));
        TierRules {
            basic_daily: rupiah(100_000),
            regular_daily: rupiah(500_000),
            verified_daily: rupiah(2_000_000),
            ..TierRules::default()
        }
    }

    fn stranger() -> BuyerFacts {
        BuyerFacts { verified: false, kept_orders: 0, first_kept: None, today: Rupiah::ZERO }
    }

    /// Three that were kept, the first just long enough ago.
    fn regular() -> BuyerFacts {
        BuyerFacts { kept_orders: 3, first_kept: Some(7 * DAY), ..stranger() }
    }

    fn scored(score: i64) -> Assessment {
        Assessment { score, action: Action::of(score), findings: Vec::new() }
    }

    #[test]
    fn the_third_delivery_makes_a_buyer_regular_once_the_first_is_seven_days_old() {
        let tier = |buyer: BuyerFacts| limits().tier(&buyer);
        assert_eq!(tier(stranger()), Tier::Basic);
        assert_eq!(tier(regular()), Tier::Regular);
        assert_eq!(tier(BuyerFacts { kept_orders: 2, ..regular() }), Tier::Basic);
        assert_eq!(tier(BuyerFacts { first_kept: Some(7 * DAY - MOMENT), ..regular() }), Tier::Basic);
        assert_eq!(tier(BuyerFacts { first_kept: None, ..regular() }), Tier::Basic);
        for buyer in [stranger(), regular()] {
            assert_eq!(tier(BuyerFacts { verified: true, ..buyer }), Tier::Verified);
        }
    }

    #[test]
    fn the_limit_itself_may_be_paid_and_one_rupiah_more_is_for_a_person() {
        let verified = BuyerFacts { verified: true, ..stranger() };
        for (buyer, limit) in [(stranger(), 100_000), (regular(), 500_000), (verified, 2_000_000)] {
            let day = |today, amount| {
                let buyer = BuyerFacts { today: Rupiah::new(today), ..buyer.clone() };
                scored(0).within_daily_limit(&limits(), &buyer, Rupiah::new(amount))
            };
            for (today, amount) in [(0, limit), (limit - 1, 1)] {
                assert_eq!(day(today, amount), scored(0), "{buyer:?}: {today} and {amount}");
            }
            for (today, amount) in [(0, limit + 1), (limit, 1), (limit - 1, 2)] {
                let held = day(today, amount);
                assert_eq!(
                    (held.score, held.action),
                    (40, Action::Review),
                    "{buyer:?}: {today} and {amount}"
                );
                assert_eq!(
                    (held.findings[0].parameter.as_str(), held.findings[0].points),
                    ("daily_limit", 40)
                );
            }
        }
    }

    #[test]
    fn what_is_above_the_limit_is_said_in_words() {
        let buyer = BuyerFacts { today: Rupiah::new(90_000), ..stranger() };
        let held = scored(0).within_daily_limit(&limits(), &buyer, Rupiah::new(20_000));
        let said = &held.findings[0].explanation;
        for part in ["Rp 110.000 within this WIB day", "above Rp 100.000", "a basic buyer", "0 orders"] {
            assert!(said.contains(part), "{part} is not in {said}");
        }
    }

    #[test]
    fn without_a_limit_any_amount_may_be_paid() {
        assert!(!TierRules::default().has_limits() && limits().has_limits());
        let verified_alone = TierRules { verified_daily: Some(Rupiah::new(1)), ..TierRules::default() };
        assert!(verified_alone.has_limits());
        for buyer in [stranger(), regular()] {
            let buyer = BuyerFacts { today: Rupiah::new(i64::MAX), ..buyer };
            let free = scored(0).within_daily_limit(&verified_alone, &buyer, Rupiah::new(i64::MAX));
            assert_eq!(free, scored(0));
        }
    }

    proptest! {
        #[test]
        fn a_limit_raises_the_score_to_a_review_and_never_further(
            score in 0..=100_i64, verified: bool, kept_orders in 0..6_i64, hours in 0..400_u64,
            today in 0..3_000_000_i64, amount in 1..3_000_000_i64,
        ) {
            let first_kept = (kept_orders > 0).then(|| Duration::from_secs(hours * 3_600));
            let buyer = BuyerFacts { verified, kept_orders, first_kept, today: Rupiah::new(today) };
            let limit = if verified {
                2_000_000
            } else if kept_orders >= 3 && hours >= 7 * 24 {
                500_000
            } else {
                100_000
            };
            let above = today + amount > limit;
            let seen = scored(score).within_daily_limit(&limits(), &buyer, Rupiah::new(amount));
            prop_assert_eq!(seen.score, if above { score.max(40) } else { score });
            prop_assert_eq!(seen.action, Action::of(seen.score));
            prop_assert_eq!(seen.findings.len(), usize::from(above));
            prop_assert!(seen.action != Action::Block || Action::of(score) == Action::Block);
        }
    }
}

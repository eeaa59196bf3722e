//! The four risk parameters, the blacklist, and what follows from the score. Pure: the facts are
//! counted by whoever knows the orders.

use serde::{Deserialize, Serialize};
use vocabulary::Rupiah;

/// What is known about an order and its buyer at the moment of placement. Counts include the
/// present order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// What the order costs the buyer.
    pub amount: Rupiah,
    /// Orders placed by this buyer within the last 60 s, the present one included.
    pub orders_in_last_minute: i64,
    /// Orders placed by this buyer in the present WIB day, the present one included.
    pub orders_today: i64,
    /// Whether something was delivered to this buyer before the present WIB day began.
    pub delivered_before_today: bool,
    /// How many orders were delivered to this buyer.
    pub delivered_orders: i64,
    /// What those cost in all.
    pub delivered_total: Rupiah,
    /// Why the buyer or the address is blacklisted, if it is.
    pub blacklisted: Option<String>,
}

vocabulary::text_enum!(
    /// What was looked at.
    pub enum Parameter {
        /// Many orders in a minute.
        Velocity = "velocity",
        /// Many orders in a day, by a new buyer.
        DailyVolume = "daily_volume",
        /// A large amount.
        Amount = "amount",
        /// Far from the buyer's own average.
        Pattern = "pattern",
        /// On the blacklist.
        Blacklist = "blacklist",
        /// Many buyers pay for one game account.
        SharedAccount = "shared_account",
        /// One buyer pays for many game accounts.
        ManyAccounts = "many_accounts",
        /// The buyer's chat account is young, or new in the server.
        YoungAccount = "young_account",
        /// What is bought is delivered as a code.
        Code = "code",
        /// More within a day than a buyer of this tier may pay.
        DailyLimit = "daily_limit",
    }
);

vocabulary::text_enum!(
    /// What follows from the score.
    pub enum Action {
        /// Below 20: goes on.
        Allow = "allow",
        /// 20 to 39: the buyer proves to be the buyer.
        Verify = "verify",
        /// 40 to 69: a person decides.
        Review = "review",
        /// From 70: stopped.
        Block = "block",
    }
);
database::text_column!(Parameter, Action);

/// One parameter's finding, stored with the order and shown to staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Name of the parameter.
    pub parameter: String,
    /// Points that it adds; 0 when it did not fire.
    pub points: i64,
    /// What was counted against which limit, in English for staff.
    pub explanation: String,
}

/// Score, findings and what follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// 0 to 100.
    pub score: i64,
    /// What follows from it.
    pub action: Action,
    /// Every parameter, whether it fired or not.
    pub findings: Vec<Finding>,
}

const VELOCITY_LIMIT: i64 = 5;
const DAILY_LIMIT: i64 = 10;
const AMOUNT_LIMIT: Rupiah = Rupiah::new(1_000_000);
const PATTERN_MIN_ORDERS: i64 = 3;
const PATTERN_FACTOR: i128 = 5;

/// Scores an order.
pub fn assess(facts: &Facts) -> Assessment {
    let mut findings = vec![velocity(facts), daily_volume(facts), amount(facts), pattern(facts)];
    let points: i64 = findings.iter().map(|f| f.points).sum();
    let score = match &facts.blacklisted {
        Some(reason) => {
            findings.push(finding(Parameter::Blacklist, Some(100), format!("on the blacklist: {reason}")));
            100
        }
        None => points.clamp(0, 100),
    };
    Assessment { score, action: Action::of(score), findings }
}

impl Action {
    /// What follows from a score.
    pub(crate) fn of(score: i64) -> Action {
        match score {
            ..20 => Action::Allow,
            20..40 => Action::Verify,
            40..70 => Action::Review,
            _ => Action::Block,
        }
    }
}

fn finding(parameter: Parameter, points: Option<i64>, explanation: String) -> Finding {
    Finding { parameter: parameter.to_string(), points: points.unwrap_or(0), explanation }
}

fn velocity(facts: &Facts) -> Finding {
    let count = facts.orders_in_last_minute;
    let fired = count > VELOCITY_LIMIT;
    let text = format!("{count} orders within 60 s, this one included; more than {VELOCITY_LIMIT} score");
    finding(Parameter::Velocity, fired.then_some(30), text)
}

fn daily_volume(facts: &Facts) -> Finding {
    let count = facts.orders_today;
    let fired = count > DAILY_LIMIT && !facts.delivered_before_today;
    let who = if facts.delivered_before_today { "a known buyer" } else { "a new buyer" };
    let text =
        format!("{count} orders in this WIB day by {who}; more than {DAILY_LIMIT} by a new buyer score");
    finding(Parameter::DailyVolume, fired.then_some(20), text)
}

fn amount(facts: &Facts) -> Finding {
    let fired = facts.amount > AMOUNT_LIMIT;
    finding(Parameter::Amount, fired.then_some(25), format!("{}; above {AMOUNT_LIMIT} scores", facts.amount))
}

fn pattern(facts: &Facts) -> Finding {
    let count = facts.delivered_orders;
    if count < PATTERN_MIN_ORDERS {
        let text = format!("{count} delivered orders; an average needs {PATTERN_MIN_ORDERS}");
        return finding(Parameter::Pattern, None, text);
    }
    // |amount − mean| > 5 × mean, with mean = total / count, kept in integers.
    let total = i128::from(facts.delivered_total.get());
    let distance = (i128::from(facts.amount.get()) * i128::from(count) - total).abs();
    let fired = distance > total * PATTERN_FACTOR;
    let mean = Rupiah::new(facts.delivered_total.get().checked_div(count).unwrap_or(0));
    let text = format!(
        "{} against an average of {mean} over {count} delivered orders; more than 500 % away scores",
        facts.amount
    );
    finding(Parameter::Pattern, fired.then_some(15), text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn calm() -> Facts {
        Facts {
            amount: Rupiah::new(20_000),
            orders_in_last_minute: 1,
            orders_today: 1,
            delivered_before_today: false,
            delivered_orders: 0,
            delivered_total: Rupiah::ZERO,
            blacklisted: None,
        }
    }

    fn check(change: impl FnOnce(&mut Facts), score: i64, action: Action) {
        let mut facts = calm();
        change(&mut facts);
        let assessment = assess(&facts);
        assert_eq!((assessment.score, assessment.action), (score, action), "{facts:?}");
    }

    #[test]
    fn the_sixth_order_within_a_minute_is_the_first_that_scores() {
        check(|f| f.orders_in_last_minute = 5, 0, Action::Allow);
        check(|f| f.orders_in_last_minute = 6, 30, Action::Verify);
    }

    #[test]
    fn the_eleventh_order_of_a_day_scores_for_a_new_buyer_only() {
        check(|f| f.orders_today = 10, 0, Action::Allow);
        check(|f| f.orders_today = 11, 20, Action::Verify);
        check(|f| (f.orders_today, f.delivered_before_today) = (11, true), 0, Action::Allow);
    }

    #[test]
    fn a_million_is_fine_and_one_rupiah_more_is_not() {
        check(|f| f.amount = Rupiah::new(1_000_000), 0, Action::Allow);
        check(|f| f.amount = Rupiah::new(1_000_001), 25, Action::Verify);
    }

    #[test]
    fn the_pattern_needs_three_deliveries_and_more_than_five_means() {
        let far = |f: &mut Facts, count, total, amount| {
            (f.delivered_orders, f.delivered_total, f.amount) =
                (count, Rupiah::new(total), Rupiah::new(amount));
        };
        check(|f| far(f, 2, 20_000, 900_000), 0, Action::Allow);
        check(|f| far(f, 3, 30_000, 60_000), 0, Action::Allow);
        check(|f| far(f, 3, 30_000, 60_001), 15, Action::Allow);
        check(|f| far(f, 3, 30_000, 1), 0, Action::Allow);
        check(|f| far(f, 3, 30_001, 60_002), 0, Action::Allow);
    }

    #[test]
    fn the_four_together_make_ninety_and_block() {
        let everything = |f: &mut Facts| {
            f.orders_in_last_minute = 6;
            f.orders_today = 11;
            f.amount = Rupiah::new(1_000_001);
            f.delivered_orders = 3;
            f.delivered_total = Rupiah::new(30_000);
        };
        check(everything, 90, Action::Block);
    }

    #[test]
    fn the_bounds_of_each_action_are_exact() {
        for (score, expected) in [
            (0, Action::Allow),
            (19, Action::Allow),
            (20, Action::Verify),
            (39, Action::Verify),
            (40, Action::Review),
            (69, Action::Review),
            (70, Action::Block),
            (100, Action::Block),
        ] {
            assert_eq!(Action::of(score), expected, "{score}");
        }
    }

    #[test]
    fn the_blacklist_scores_a_hundred_and_says_why() {
        let facts = Facts { blacklisted: Some("chargeback".into()), ..calm() };
        let assessment = assess(&facts);
        assert_eq!((assessment.score, assessment.action), (100, Action::Block));
        assert!(assessment.findings.iter().any(|f| f.explanation.contains("chargeback")));
    }

    proptest! {
        #[test]
        fn the_engine_is_the_rules_of_the_product(
            amount in 0..5_000_000_i64, minute in 0..20_i64, day in 0..40_i64, known: bool,
            count in 0..8_i64, mean in 0..2_000_000_i64, listed: bool,
        ) {
            let total = count * mean;
            let facts = Facts {
                amount: Rupiah::new(amount), orders_in_last_minute: minute, orders_today: day,
                delivered_before_today: known, delivered_orders: count, delivered_total: Rupiah::new(total),
                blacklisted: listed.then(|| "x".into()),
            };
            let mut expected = 0;
            if minute > 5 { expected += 30 }
            if day > 10 && !known { expected += 20 }
            if amount > 1_000_000 { expected += 25 }
            if count >= 3 && (amount - mean).abs() > 5 * mean { expected += 15 }
            if listed { expected = 100 }
            prop_assert_eq!(assess(&facts).score, expected);
        }
    }
}

//! What counts beside the four parameters: accounts that many pay for, young chat accounts, codes. Pure. The four keep
//! their points; what is found here is added to them, and how many points that is, the owner says.

use crate::{Action, Assessment, Finding, Parameter};
use std::time::Duration;
use vocabulary::Rupiah;

/// What scores, and how much. 20 points alone ask for verification, 40 for a review, 70 stop the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignalRules {
    /// Within what time payers and accounts are counted.
    pub window: Duration,
    /// More buyers than this who pay for one game account call a person.
    pub payers_per_account: u32,
    /// More game accounts than this that one buyer pays for call a person.
    pub accounts_per_payer: u32,
    /// Points of either; 0 calls a person and lets the order go on.
    pub shared_points: u32,
    /// A chat account that is younger than this scores.
    pub young: Duration,
    /// So does one that joined the server within this time; zero, and that is not looked at.
    pub newcomer: Duration,
    /// Up to this amount a young account buys all the same, unless it is a code.
    pub young_free: Rupiah,
    /// Points of a young account.
    pub young_points: u32,
    /// Points of what is delivered as a code, which is sold on most easily.
    pub code_points: u32,
}

impl Default for SignalRules {
    fn default() -> Self {
        SignalRules {
            window: Duration::from_secs(24 * 3_600),
            payers_per_account: 3,
            accounts_per_payer: 5,
            shared_points: 0,
            young: Duration::from_secs(72 * 3_600),
            newcomer: Duration::ZERO,
            young_free: Rupiah::new(100_000),
            young_points: 20,
            code_points: 10,
        }
    }
}

/// What is known of an order, beside what the four parameters look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signals {
    /// What the order costs the buyer.
    pub amount: Rupiah,
    /// Buyers who paid for this game account within the window, the present one included.
    pub payers: i64,
    /// Game accounts that this buyer paid for within the window, the present one included.
    pub accounts: i64,
    /// How old the buyer's chat account is, where that is known.
    pub account_age: Option<Duration>,
    /// How long ago the buyer joined the server, where that is known.
    pub tenure: Option<Duration>,
    /// Whether a code is bought.
    pub is_code: bool,
}

impl Signals {
    /// Whether more buyers than usual pay for the game account.
    pub fn is_shared(&self, rules: &SignalRules) -> bool {
        self.payers > i64::from(rules.payers_per_account)
    }

    /// Whether the buyer pays for more game accounts than usual.
    pub fn has_many_accounts(&self, rules: &SignalRules) -> bool {
        self.accounts > i64::from(rules.accounts_per_payer)
    }

    fn is_young(&self, rules: &SignalRules) -> bool {
        self.account_age.is_some_and(|age| age < rules.young)
            || self.tenure.is_some_and(|tenure| tenure < rules.newcomer)
    }
}

/// What is found, whether it scores or not. What does not concern the order has no finding.
pub fn signals(rules: &SignalRules, seen: &Signals) -> Vec<Finding> {
    let hours = |time: Duration| time.as_secs() / 3_600;
    let window = hours(rules.window);
    let mut findings = Vec::new();
    let mut add = |parameter: Parameter, points: u32, explanation: String| {
        findings.push(Finding { parameter: parameter.to_string(), points: i64::from(points), explanation });
    };
    if seen.is_shared(rules) {
        let most = rules.payers_per_account;
        let text = format!(
            "{} buyers pay for this game account within {window} h; more than {most} call a person",
            seen.payers
        );
        add(Parameter::SharedAccount, rules.shared_points, text);
    }
    if seen.has_many_accounts(rules) {
        let most = rules.accounts_per_payer;
        let text = format!(
            "this buyer pays for {} game accounts within {window} h; more than {most} call a person",
            seen.accounts
        );
        add(Parameter::ManyAccounts, rules.shared_points, text);
    }
    if seen.is_young(rules) {
        let age = |time: Option<Duration>| {
            time.map_or_else(|| "unknown".to_owned(), |time| format!("{} h", hours(time)))
        };
        let free = seen.amount <= rules.young_free && !seen.is_code;
        let text = format!(
            "the chat account was made {} ago and joined the server {} ago; younger than {} h (or here for less than {} h) scores above {}, and for codes",
            age(seen.account_age),
            age(seen.tenure),
            hours(rules.young),
            hours(rules.newcomer),
            rules.young_free
        );
        add(Parameter::YoungAccount, if free { 0 } else { rules.young_points }, text);
    }
    if seen.is_code {
        add(
            Parameter::Code,
            rules.code_points,
            "it is delivered as a code, which is sold on most easily".into(),
        );
    }
    findings
}

impl Assessment {
    /// With more findings: their points are added, to 100 at most.
    #[must_use]
    pub fn with(mut self, findings: Vec<Finding>) -> Assessment {
        let points = findings.iter().fold(0_i64, |sum, finding| sum.saturating_add(finding.points));
        self.score = self.score.saturating_add(points).clamp(0, 100);
        self.action = Action::of(self.score);
        self.findings.extend(findings);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Facts, assess};

    const HOUR: Duration = Duration::from_secs(3_600);

    fn calm() -> Signals {
        let (payers, accounts, age) = (1, 1, Some(1_000 * HOUR));
        Signals {
            amount: Rupiah::new(20_000),
            payers,
            accounts,
            account_age: age,
            tenure: age,
            is_code: false,
        }
    }

    fn points(change: impl FnOnce(&mut Signals, &mut SignalRules)) -> Vec<(String, i64)> {
        let (mut seen, mut rules) = (calm(), SignalRules::default());
        change(&mut seen, &mut rules);
        signals(&rules, &seen).into_iter().map(|f| (f.parameter, f.points)).collect()
    }

    #[test]
    fn what_is_usual_has_no_finding() {
        assert_eq!(points(|_, _| ()), []);
        assert_eq!(points(|s, _| (s.payers, s.accounts) = (3, 5)), []);
        assert_eq!(points(|s, _| (s.account_age, s.tenure) = (None, None)), []);
    }

    #[test]
    fn the_fourth_payer_and_the_sixth_account_are_found_and_score_what_the_owner_says() {
        assert_eq!(points(|s, _| s.payers = 4), [("shared_account".into(), 0)]);
        assert_eq!(points(|s, _| s.accounts = 6), [("many_accounts".into(), 0)]);
        assert_eq!(points(|s, r| (s.payers, r.shared_points) = (4, 40)), [("shared_account".into(), 40)]);
    }

    #[test]
    fn a_young_account_buys_little_freely_and_no_code() {
        let young = |s: &mut Signals| s.account_age = Some(72 * HOUR - Duration::from_millis(1));
        assert_eq!(points(|s, _| s.account_age = Some(72 * HOUR)), []);
        assert_eq!(points(|s, _| young(s)), [("young_account".into(), 0)]);
        let above = |s: &mut Signals, _: &mut SignalRules| {
            young(s);
            s.amount = Rupiah::new(100_001);
        };
        assert_eq!(points(above), [("young_account".into(), 20)]);
        let code = |s: &mut Signals, _: &mut SignalRules| {
            young(s);
            s.is_code = true;
        };
        assert_eq!(points(code), [("young_account".into(), 20), ("code".into(), 10)]);
        let here = |s: &mut Signals, r: &mut SignalRules| {
            (s.tenure, s.amount, r.newcomer) = (Some(HOUR), Rupiah::new(100_001), 2 * HOUR);
        };
        assert_eq!(points(here), [("young_account".into(), 20)]);
    }

    #[test]
    fn what_is_found_is_added_to_the_four_and_they_keep_their_points() {
        let facts = Facts {
            amount: Rupiah::new(1_000_001),
            orders_in_last_minute: 1,
            orders_today: 1,
            delivered_before_today: false,
            delivered_orders: 0,
            delivered_total: Rupiah::ZERO,
            blacklisted: None,
        };
        let found = |points| vec![Finding { parameter: "code".into(), points, explanation: String::new() }];
        let check = |points, score, action| {
            let whole = assess(&facts).with(found(points));
            assert_eq!((whole.score, whole.action), (score, action));
            assert_eq!(whole.findings.len(), 5);
        };
        check(0, 25, Action::Verify);
        check(15, 40, Action::Review);
        check(45, 70, Action::Block);
        check(100, 100, Action::Block);
    }
}

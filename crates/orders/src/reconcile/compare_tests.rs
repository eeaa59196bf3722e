//! The comparison of whole days: who is silent, what a deposit did, what is stored, and random days.

use super::{
    balance,
    compare::compare,
    lie_tests::LIES,
    report::{Counts, DepositReading, DifferenceKind as Kind, Kept, NotAsked, Report, Unseen},
    scene_tests::*,
    view::*,
};
use catalog::NameCheckState;
use proptest::prelude::*;
use std::time::Duration;
use suppliers::{AttemptState, Verdict, Word};
use vocabulary::Rupiah;

#[test]
fn who_was_not_asked_says_nothing_and_agrees_with_nothing() {
    let mut sides = day_of(vec![delivered(1), delivered(2)]);
    for says in sides.gateways.values_mut() {
        *says = GatewaySays::Silent("connection refused".into());
    }
    let closing = Closing::Silent("connection refused".into());
    sides.deposits = vec![DepositSides { closing, ..deposit(&sides, 0, 0) }];
    let found = compare(&sides);
    assert_eq!(found.differences, []);
    let silent: Vec<(&str, usize)> = found.not_asked.iter().map(|s| (s.party.as_str(), s.count)).collect();
    assert_eq!(silent, [("midtrans", 2), ("digiflazz", 1)]);
    for subject in ["LK0000000001-P1", "LK0000000001", "midtrans", "digiflazz", "digiflazz/2026-11-22"] {
        assert!(!found.looked_at.contains(subject), "{subject} was not heard about");
    }
    assert!(found.looked_at.contains("LK0000000001-F1"), "its purchase was, by recorded words");
    assert_eq!((found.counts.payments, found.counts.told), (2, 0));
}

#[test]
fn a_day_without_a_reading_before_begins_with_the_first_answer() {
    let mut sides = day_of(vec![delivered(1), delivered(2)]);
    for (n, order) in sides.orders.iter_mut().enumerate() {
        // The second was bought a minute after the first, and each answer names what was left.
        let (later, left) = (noon(11 + 60 * n as u64), 100_000 - COST * (n as i64 + 1));
        let attempt = &mut order.attempts[0];
        attempt.first_sent_at = Some(later);
        let said = word(Verdict::Succeeded, Some(later), later.plus(Duration::from_secs(1)));
        attempt.words = vec![Word { balance: Some(Rupiah::new(left)), ..said }];
    }
    for (left, is_wrong) in [(100_000 - 2 * COST, false), (99_999 - 2 * COST, true)] {
        sides.deposits = vec![DepositSides { opening: None, ..deposit(&sides, 0, left) }];
        let expected: &[Kind] = if is_wrong { &[Kind::Deposit] } else { &[] };
        assert_eq!(kinds(&compare(&sides)), expected, "{left}");
    }
    // It arose after the second answer.
    let found = compare(&sides);
    assert!(found.differences[0].cause.contains("-Rp 1 between 2026-11-22 12:01:12 and"), "{found:#?}");
    // Nothing was bought: there is nothing to begin with.
    sides.deposits = vec![DepositSides { attempts: Vec::new(), opening: None, ..deposit(&sides, 0, 7) }];
    let found = compare(&sides);
    assert_eq!(found.differences, []);
    assert!(found.notes.iter().any(|note| note.subject == "digiflazz"), "{found:#?}");
}

#[test]
fn a_word_that_nobody_knows_gives_no_price_back_and_takes_none() {
    let unknown = |secs: u64| word(Verdict::UnknownWord, None, noon(secs));
    let answer = |verdict: Verdict| word(verdict, Some(noon(11)), noon(12));
    for words in [
        // A webhook with it comes after the answer, before it, and between two.
        vec![answer(Verdict::Succeeded), unknown(13)],
        vec![unknown(10), answer(Verdict::Succeeded)],
        vec![answer(Verdict::Pending), unknown(13), word(Verdict::Succeeded, Some(noon(80)), noon(81))],
        vec![answer(Verdict::UnknownWord)],
    ] {
        let mut sides = day_of(vec![delivered(1)]);
        sides.orders[0].attempts[0].words = words.clone();
        sides.deposits = vec![deposit(&sides, 100_000, 100_000 - COST)];
        let found = compare(&sides);
        assert!(found.differences.iter().all(|one| one.kind != Kind::Deposit), "{words:?}: {found:#?}");
    }
    let mut sides = day_of(vec![delivered(1)]);
    sides.orders[0].attempts[0].words = vec![answer(Verdict::FailedProvider), unknown(13)];
    sides.deposits = vec![deposit(&sides, 100_000, 100_000)];
    let found = compare(&sides);
    assert!(found.differences.iter().all(|one| one.kind != Kind::Deposit), "{found:#?}");
}

#[test]
fn purchases_under_way_at_either_end_explain_a_gap_of_their_size_and_no_larger_one() {
    let mut sides = day_of(vec![delivered(1)]);
    at_work(&mut sides);
    // The supplier has failed it by now and given its price back.
    for (left, is_difference) in [(100_000, false), (100_000 - COST, false), (100_001, true)] {
        sides.deposits = vec![deposit(&sides, 100_000, left)];
        let found = compare(&sides);
        let expected: &[Kind] = if is_difference { &[Kind::Deposit] } else { &[] };
        assert_eq!(kinds(&found), expected, "{left}: {found:#?}");
    }
}

/// A name that was asked for at noon and a half, and what is known of it.
fn name(state: NameCheckState, decided: bool) -> OurName {
    OurName {
        state,
        price: matches!(state, NameCheckState::Bought | NameCheckState::TakenBack).then_some(Rupiah::new(83)),
        max_price: Rupiah::new(100),
        asked_at: noon(1_800),
        decided_at: decided.then(|| noon(1_801)),
        taken_back_at: (state == NameCheckState::TakenBack).then(|| noon(1_900)),
    }
}

#[test]
fn names_that_were_bought_moved_the_deposit_and_those_that_nobody_told_of_may_have() {
    use NameCheckState as S;
    for (state, decided, fell, is_difference) in [
        (S::Bought, true, 83, false),
        (S::Bought, true, 0, true),
        (S::Bought, true, 84, true),
        (S::Refused, true, 0, false),
        (S::Refused, true, 83, true),
        (S::NotSent, true, 0, false),
        (S::TakenBack, true, 0, false),
        (S::Asked, false, 0, false),
        (S::Asked, false, 83, false),
        (S::Unknown, false, 100, false),
        (S::Unknown, false, 101, true),
    ] {
        let mut sides = day_of(vec![delivered(1)]);
        let names = vec![name(state, decided)];
        sides.deposits = vec![DepositSides { names, ..deposit(&sides, 100_000, 100_000 - COST - fell) }];
        let found = compare(&sides);
        let expected: &[Kind] = if is_difference { &[Kind::Deposit] } else { &[] };
        assert_eq!(kinds(&found), expected, "{state} {fell}: {found:#?}");
        let untold = found
            .differences
            .iter()
            .any(|one| one.cause.contains("asked for (1, Rp 100 at most) nobody has told"));
        assert_eq!(untold, is_difference && !decided, "{found:#?}");
    }
}

#[test]
fn what_a_supplier_keeps_of_failures_is_named_as_the_cause_up_to_what_it_can_be() {
    for (keeps, fell, is_kept, is_more) in [
        (true, 50, true, false),
        (true, COST, true, false),
        (true, COST + 1, true, true),
        (false, 50, false, true),
    ] {
        let mut sides = day_of(vec![delivered(1)]);
        let attempt = &mut sides.orders[0].attempts[0];
        attempt.state = AttemptState::Failed;
        attempt.words = vec![word(Verdict::FailedProvider, Some(noon(11)), noon(12))];
        let kept = DepositSides { keeps_of_failures: keeps, ..deposit(&sides, 100_000, 100_000 - fell) };
        sides.deposits = vec![kept];
        let found = compare(&sides);
        let of_deposit = found.differences.iter().find(|one| one.kind == Kind::Deposit).unwrap();
        let cause = &of_deposit.cause;
        assert_eq!(cause.contains("keeps of 1 failed purchase ("), is_kept, "{cause}");
        assert_eq!(cause.contains("something else was bought"), is_more, "{cause}");
    }
}

#[test]
fn a_report_is_read_as_it_was_stored() {
    let (mut differences, mut notes, mut counts) = (Vec::new(), Vec::new(), Counts::default());
    for (_, lie, _) in LIES {
        let mut sides = day_of(vec![delivered(1)]);
        lie(&mut sides);
        let found = compare(&sides);
        differences.extend(found.differences);
        notes.extend(found.notes);
        counts = found.counts;
    }
    let report = Report {
        day: day(),
        at: noon(0),
        counts,
        differences,
        not_asked: vec![NotAsked {
            party: "dana".into(),
            count: 3,
            first: "LK0000000001-P1".into(),
            why: "\"down\"".into(),
        }],
        notes,
        unseen: vec![Unseen { party: "dana".into(), what: "much".into() }],
        purchases: vec![("vip-reseller".into(), vec!["VIP0000000001".into()])],
        deposits: vec![DepositReading {
            supplier: "digiflazz".into(),
            asked_at: noon(1),
            at: noon(2),
            balance: Rupiah::new(-7),
        }],
    };
    assert!(!report.agrees());
    let text = serde_json::to_string(&report.keep()).unwrap();
    let kept: Kept = serde_json::from_str(&text).unwrap();
    assert_eq!(kept.read(), Ok(report));
    for (right, wrong) in [("missing_webhook", "old_news"), ("\"day\":\"2026-11-22\"", "\"day\":\"today\"")] {
        assert!(text.contains(right), "{right} is not in {text}");
        let strange: Kept = serde_json::from_str(&text.replace(right, wrong)).unwrap();
        assert!(strange.read().is_err(), "{wrong} was read");
    }
}

proptest! {
    #[test]
    fn days_on_which_all_agree_have_no_differences(orders in 0..20_usize, wallets in proptest::collection::vec(any::<bool>(), 20)) {
        let mut sides = day_of((0..orders).map(delivered).collect());
        for (order, wallet) in sides.orders.iter_mut().zip(wallets) {
            if wallet {
                order.payments[0].gateway = "wallet".into();
            }
        }
        let bought = COST * orders as i64;
        sides.deposits.push(deposit(&sides, 10_000_000, 10_000_000 - bought));
        let found = compare(&sides);
        prop_assert!(found.differences.is_empty(), "{:?}", found.differences);
        prop_assert!(found.not_asked.is_empty(), "{:?}", found.not_asked);
        prop_assert_eq!(found.counts.orders, orders);
        prop_assert_eq!(found.counts.payments, found.counts.told);
    }

    #[test]
    fn one_order_that_is_wrong_is_found_among_any_number(orders in 1..20_usize, which in any::<prop::sample::Index>(), lie in any::<prop::sample::Index>()) {
        let (what, lie, expected) = lie.get(LIES);
        let mut all: Vec<OurOrder> = (0..orders).map(delivered).collect();
        all.swap(0, which.index(orders));
        let mut sides = day_of(all);
        lie(&mut sides);
        // What is bought for the others moved the deposit, too.
        for deposit in &mut sides.deposits {
            if let Closing::Read(reading) = &mut deposit.closing {
                reading.balance = Rupiah::new(reading.balance.get() - COST * (orders as i64 - 1));
            }
        }
        let found = compare(&sides);
        prop_assert!(kinds(&found) == *expected, "{}: {:?}", what, found.differences);
    }

    #[test]
    fn a_deposit_is_wrong_by_exactly_what_else_moved_it(
        prices in proptest::collection::vec(1..1_000_000_i64, 0..12),
        other in -50_000..50_000_i64,
    ) {
        let mut attempts = Vec::new();
        for (n, price) in prices.iter().enumerate() {
            let (asked, at) = (noon(60 + 10 * n as u64), noon(61 + 10 * n as u64));
            let mut attempt = attempt(&number(n), AttemptState::Succeeded, Vec::new());
            attempt.first_sent_at = Some(asked);
            attempt.words = vec![Word { price: Some(Rupiah::new(*price)), ..word(Verdict::Succeeded, Some(asked), at) }];
            attempts.push(attempt);
        }
        let sum: i64 = prices.iter().sum();
        let (opening, closing) = (reading(noon(0), 50_000_000), reading(noon(3_600), 50_000_000 - sum + other));
        let bought = DepositSides { attempts, ..deposit(&day_of(Vec::new()), 0, 0) };
        match balance::judge(&bought, day(), (opening, closing)) {
            balance::Moved::AsBought => prop_assert_eq!(other, 0),
            balance::Moved::Otherwise(found) => {
                prop_assert!(other != 0);
                let amount = Rupiah::new(other.abs()).to_string();
                prop_assert!(found.supplier.as_deref().is_some_and(|said| said.contains(&amount)));
            }
            balance::Moved::UnderWay(text) => return Err(TestCaseError::fail(text)),
        }
    }

    #[test]
    fn an_answer_that_did_not_come_never_makes_a_difference_of_a_payment(
        silent in proptest::collection::vec(any::<bool>(), 1..12),
    ) {
        let mut sides = day_of((0..silent.len()).map(delivered).collect());
        for (order, silent) in sides.orders.iter().zip(&silent) {
            if *silent {
                sides.gateways.insert(order.payments[0].reference.clone(), GatewaySays::Silent("down".into()));
            }
        }
        let found = compare(&sides);
        prop_assert!(found.differences.is_empty(), "{:?}", found.differences);
        let count: usize = found.not_asked.iter().map(|s| s.count).sum();
        prop_assert_eq!(count, silent.iter().filter(|s| **s).count());
    }
}

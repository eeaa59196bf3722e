//! Each line of settlement reports once, however many reports have it. Pure.

use payments::SettlementLine;
use std::collections::BTreeMap;
use vocabulary::{Timestamp, WibDay};

/// A line with the id of its report.
pub(super) type Told = (String, SettlementLine);

/// Both, without those that are in both.
pub(super) fn chained(mut all: Vec<Told>, more: Vec<Told>) -> Vec<Told> {
    for (report, line) in more {
        if !all.iter().any(|(known, other)| *known == report && other.line == line.line) {
            all.push((report, line));
        }
    }
    all
}

/// Each line once, however many reports have it: as often as the report has it that has it most often.
pub(super) fn each_once(all: Vec<Told>) -> Vec<SettlementLine> {
    let mut places = BTreeMap::new();
    // In the order in which they are first told.
    let mut alike: Vec<Vec<Told>> = Vec::new();
    for told in all {
        let (kind, reference, their_id, gross, fee, paid_at) = told.1.key();
        let key = (kind, reference.to_owned(), their_id.to_owned(), gross, fee, paid_at);
        let place = *places.entry(key).or_insert(alike.len());
        match alike.get_mut(place) {
            Some(same) => same.push(told),
            None => alike.push(vec![told]),
        }
    }
    alike.into_iter().flat_map(each_payout).collect()
}

/// The same of lines that differ in when they were settled alone. What was paid out on two days was paid out twice; a
/// line without a day is one of those that have one, as long as there are as many, whichever report was read first.
fn each_payout(same: Vec<Told>) -> Vec<SettlementLine> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut by_day: BTreeMap<WibDay, BTreeMap<String, Vec<SettlementLine>>> = BTreeMap::new();
    let mut undated: BTreeMap<String, Vec<SettlementLine>> = BTreeMap::new();
    for (report, line) in same {
        let count = counts.entry(report.clone()).or_default();
        *count = count.saturating_add(1);
        match line.settled_at.map(Timestamp::wib_day) {
            Some(day) => by_day.entry(day).or_default().entry(report).or_default().push(line),
            None => undated.entry(report).or_default().push(line),
        }
    }
    // Of two readings that tell the same, the one that says more.
    let says = |lines: &[SettlementLine]| lines.iter().filter(|line| line.fee.is_some()).count();
    let of_days = by_day.into_values();
    let mut once: Vec<SettlementLine> = of_days
        .filter_map(|reports| reports.into_values().max_by_key(|lines| (lines.len(), says(lines))))
        .flatten()
        .collect();
    let count_of = |report: &String| counts.get(report).copied().unwrap_or_default();
    let Some((report, mut lines)) =
        undated.into_iter().max_by_key(|(report, lines)| (count_of(report), says(lines)))
    else {
        return once;
    };
    let more = count_of(&report).saturating_sub(once.len()).min(lines.len());
    let further = lines.split_off(lines.len().saturating_sub(more));
    let untold = once.iter_mut().filter(|line| line.fee.is_none());
    for (line, same) in untold.zip(lines.into_iter().filter(|line| line.fee.is_some())) {
        line.fee = same.fee;
    }
    once.extend(further);
    once
}

#[cfg(test)]
mod tests {
    use super::*;
    use payments::LineKind;
    use vocabulary::Rupiah;

    /// The next day, in milliseconds.
    const DAY: i64 = 86_400_000;

    fn line(line: i64, gross: i64, settled_at: Option<i64>) -> SettlementLine {
        SettlementLine {
            line,
            kind: LineKind::Payment,
            reference: "LK0000000001-P1".into(),
            their_id: String::new(),
            gross: Rupiah::new(gross),
            fee: None,
            paid_at: None,
            settled_at: settled_at.map(Timestamp::from_millis),
            word: "payment".into(),
        }
    }

    fn count(told: Vec<Told>) -> usize {
        each_once(told).len()
    }

    #[test]
    fn a_line_that_two_reports_have_is_one_and_a_line_that_one_report_has_twice_is_two() {
        let told = |report: &str, n: i64, gross: i64| (report.to_owned(), line(n, gross, None));
        assert_eq!(count(vec![told("a", 2, 20_000), told("b", 7, 20_000)]), 1);
        assert_eq!(count(vec![told("a", 2, 20_000), told("a", 3, 20_000), told("b", 7, 20_000)]), 2);
        assert_eq!(count(vec![told("a", 2, 20_000), told("b", 7, 19_000)]), 2, "a correction is seen");
        // The same, written before it was settled and after.
        let (before, after) = (line(2, 20_000, None), line(5, 20_000, Some(1)));
        assert_eq!(count(vec![("a".into(), before), ("b".into(), after.clone())]), 1);
        // Where nobody says when it was paid, the day on which it was paid out tells two parts of a refund apart.
        let next_day = line(6, 20_000, Some(DAY + 1));
        assert_eq!(count(vec![("b".into(), after.clone()), ("c".into(), next_day)]), 2);
        assert_eq!(count(vec![("b".into(), after.clone()), ("c".into(), after)]), 1);
    }

    #[test]
    fn as_many_lines_as_a_run_takes_are_told_apart_at_once() {
        let begun = std::time::Instant::now();
        let all: Vec<i64> = (1..=30_000).collect();
        let told = |report: &str, n: i64| (report.to_owned(), line(n, n, None));
        let twice = all.iter().map(|n| told("a", *n)).chain(all.iter().map(|n| told("b", *n))).collect();
        let once = each_once(twice);
        assert_eq!(
            once.iter().map(|line| line.line).collect::<Vec<_>>(),
            all,
            "and they stay in their order"
        );
        // Each beside each other would take minutes.
        assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
    }

    #[test]
    fn a_line_without_a_day_does_not_make_two_payouts_one_whichever_is_read_first() {
        let told = |report: &str, settled_at: Option<i64>| (report.to_owned(), line(2, 20_000, settled_at));
        let (undated, first, second) = (told("a", None), told("b", Some(1)), told("c", Some(DAY + 1)));
        for order in [
            [&undated, &first, &second],
            [&first, &undated, &second],
            [&first, &second, &undated],
            [&second, &undated, &first],
        ] {
            assert_eq!(count(order.into_iter().cloned().collect()), 2, "{order:?}");
        }
        // A report without days that has it more often than all days together has it that often.
        let more = |n: i64| ("a".to_owned(), line(n, 20_000, None));
        assert_eq!(count(vec![more(2), more(3), more(4), first.clone(), second.clone()]), 3);
        assert_eq!(count(vec![more(2), more(3), first.clone(), second.clone()]), 2);
        // And one of which a part is not settled yet has both.
        let settled = ("a".to_owned(), line(3, 20_000, Some(1)));
        assert_eq!(count(vec![undated.clone(), settled.clone()]), 2);
        assert_eq!(count(vec![undated, settled, first, second]), 2, "it is settled now");
    }

    #[test]
    fn what_one_report_says_of_a_fee_is_kept_when_another_says_the_day() {
        let refund = |fee: Option<i64>, settled_at: Option<i64>| SettlementLine {
            kind: LineKind::Refund,
            fee: fee.map(Rupiah::new),
            ..line(2, 5_000, settled_at)
        };
        let told = vec![("a".to_owned(), refund(Some(-100), None)), ("b".to_owned(), refund(None, Some(1)))];
        let once = each_once(told);
        assert_eq!(once, [refund(Some(-100), Some(1))]);
    }
}

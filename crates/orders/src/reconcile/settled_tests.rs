//! Settlement reports beside ours: what is found, and what is not.

use super::{
    compare::compare,
    report::DifferenceKind as Kind,
    scene_tests::*,
    settled::{Entry, Expected, Looked, Loose, Ours, Progress, SettlementSides, must_be_listed},
    view::Sides,
};
use payments::{
    LineKind, ListedBy, PaymentState, SettlementLine, SettlementPlace, SettlementReport, UnreadableLine,
};
use std::collections::BTreeSet;
use vocabulary::{Rupiah, Timestamp, WibDay};

pub(super) fn line(kind: LineKind, gross: i64, fee: Option<i64>) -> SettlementLine {
    SettlementLine {
        line: 2,
        kind,
        reference: String::new(),
        their_id: String::new(),
        gross: Rupiah::new(gross),
        fee: fee.map(Rupiah::new),
        paid_at: Some(noon(10)),
        settled_at: Some(noon(100)),
        word: kind.to_string(),
    }
}

pub(super) fn ours(state: PaymentState) -> Ours {
    let number = number(1);
    Ours {
        payment: payment(&number, state),
        number,
        refunded: Rupiah::ZERO,
        taken_back: Rupiah::ZERO,
        back_is_unclear: false,
    }
}

pub(super) fn entry(ours: Option<Ours>, lines: Vec<SettlementLine>) -> Entry {
    let reference = format!("{}-P1", number(1));
    Entry { gateway: "midtrans".into(), reference, lines, ours, looked: Looked::Whole(day()) }
}

pub(super) fn missing(refund: Option<i64>, lines: Vec<SettlementLine>) -> Expected {
    let ours = ours(PaymentState::Settled);
    Expected { ours, refund: refund.map(Rupiah::new), since: noon(10), weekdays: 1, lines }
}

pub(super) fn fee(amount: i64) -> Loose {
    Loose { gateway: "midtrans".into(), day: day(), line: line(LineKind::Fee, amount, None) }
}

pub(super) fn report(lists: ListedBy, days: (&str, &str), imported: &str) -> SettlementReport {
    let read = |day: &str| day.parse::<WibDay>().unwrap();
    SettlementReport {
        id: "set_1".into(),
        gateway: "midtrans".into(),
        name: "november.csv".into(),
        lists,
        lists_refunds: true,
        first_day: read(days.0),
        last_day: read(days.1),
        lines: 3,
        unreadable: Vec::new(),
        imported_at: Timestamp::parse_wib(imported).unwrap(),
        place: SettlementPlace::default(),
        compared_at: None,
    }
}

/// What is found of this on a day on which all agree otherwise.
fn found(settlement: SettlementSides) -> Vec<(Kind, String, bool)> {
    let sides = Sides { settlement, ..day_of(vec![delivered(1)]) };
    let differences = compare(&sides).differences;
    differences.into_iter().map(|found| (found.kind, found.subject, found.asked_again)).collect()
}

fn of_entry(ours: Option<Ours>, lines: &[SettlementLine]) -> Vec<Kind> {
    let sides = SettlementSides { entries: vec![entry(ours, lines.to_vec())], ..SettlementSides::default() };
    found(sides).into_iter().map(|(kind, ..)| kind).collect()
}

#[test]
fn what_a_report_says_of_a_payment_is_held_against_its_row() {
    let paid = |fee: i64| line(LineKind::Payment, PRICE, Some(fee));
    let of_state = |state: PaymentState, lines: &[SettlementLine]| of_entry(Some(ours(state)), lines);
    assert_eq!(of_state(PaymentState::Settled, &[paid(FEE)]), []);
    assert_eq!(
        of_state(PaymentState::Settled, &[line(LineKind::Payment, PRICE, None)]),
        [],
        "no fee is told"
    );
    assert_eq!(of_state(PaymentState::Settled, &[paid(FEE + 1)]), [Kind::FeeKept]);
    let other = line(LineKind::Payment, PRICE - 1, Some(FEE));
    assert_eq!(of_state(PaymentState::Settled, &[other]), [Kind::WrongAmount]);
    // The fee of each was kept as well.
    assert_eq!(of_state(PaymentState::Settled, &[paid(FEE), paid(FEE)]), [Kind::SettledTwice, Kind::FeeKept]);
    for state in [PaymentState::Open, PaymentState::Expired, PaymentState::Denied, PaymentState::Unknown] {
        assert_eq!(of_state(state, &[paid(FEE)]), [Kind::MissingWebhook], "{state}");
    }
    assert_eq!(of_entry(None, &[paid(FEE)]), [Kind::UnknownPayment]);
    // An odd amount that was accepted, and one about which nobody has decided.
    let odd = |state: PaymentState| {
        let mut ours = ours(state);
        ours.payment.odd_amount = Some(Rupiah::new(PRICE + 71));
        Some(ours)
    };
    let more = line(LineKind::Payment, PRICE + 71, None);
    assert_eq!(of_entry(odd(PaymentState::Settled), std::slice::from_ref(&more)), []);
    assert_eq!(of_entry(odd(PaymentState::Unknown), &[more]), [], "the gateway's own word tells of it");
    let elsewhere = || {
        let mut ours = ours(PaymentState::Settled);
        ours.payment.gateway = "dana".into();
        Some(ours)
    };
    assert_eq!(of_entry(elsewhere(), &[paid(FEE)]), [Kind::UnknownPayment]);
}

#[test]
fn a_fee_is_counted_to_the_day_of_its_line_and_not_for_an_open_alert() {
    let paid = line(LineKind::Payment, PRICE, Some(FEE + 1));
    let entry = Entry { looked: Looked::Alert, ..entry(Some(ours(PaymentState::Settled)), vec![paid]) };
    assert_eq!(found(SettlementSides { entries: vec![entry], ..SettlementSides::default() }), []);
}

#[test]
fn what_was_kept_is_what_all_lines_about_a_payment_say_together() {
    let ours = || Some(Ours { refunded: Rupiah::new(5_000), ..ours(PaymentState::Settled) });
    let paid = |fee: Option<i64>| line(LineKind::Payment, PRICE, fee);
    let back = |fee: i64| line(LineKind::Refund, 5_000, Some(fee));
    let alone = |gross: i64| line(LineKind::Fee, gross, None);
    let check = |lines: &[SettlementLine], expected: &[Kind]| {
        assert_eq!(of_entry(ours(), lines), expected, "{lines:?}");
    };
    check(&[paid(Some(FEE + 100)), back(-100)], &[]);
    check(&[paid(Some(FEE)), back(-100)], &[Kind::FeeKept]);
    check(&[paid(Some(FEE)), back(100)], &[Kind::FeeKept]);
    // A correction, and files that keep fees in lines of their own.
    check(&[paid(Some(FEE + 100)), alone(100)], &[]);
    check(&[paid(None), alone(-FEE)], &[]);
    check(&[paid(Some(0)), alone(-FEE - 1)], &[Kind::FeeKept]);
    // What was kept of the payment is not told.
    check(&[paid(None), back(-100)], &[]);
    // Without the payment nothing is compared.
    check(&[back(-100)], &[]);
}

#[test]
fn what_is_not_compared_to_its_end_is_said_so_and_ends_no_alert_about_the_fees_of_its_days() {
    let compared = |to: Option<SettlementPlace>, partly: BTreeSet<(String, WibDay)>| {
        let from = SettlementPlace::default();
        let paid = line(LineKind::Payment, PRICE, Some(FEE));
        let settlement = SettlementSides {
            entries: vec![entry(Some(ours(PaymentState::Settled)), vec![paid])],
            progress: vec![Progress { id: "set_1".into(), gateway: "midtrans".into(), from, to }],
            partly,
            ..SettlementSides::default()
        };
        compare(&Sides { settlement, ..day_of(vec![delivered(1)]) })
    };
    let part = compared(Some(SettlementPlace::Line(700)), BTreeSet::from([("midtrans".to_owned(), day())]));
    assert_eq!((part.differences.len(), part.not_asked.len()), (0, 1), "{part:#?}");
    assert_eq!(part.not_asked[0].first, "midtrans/set_1");
    assert!(part.not_asked[0].why.contains("up to line 700"), "{part:#?}");
    let stays = |open: &BTreeSet<String>| open.iter().any(|subject| subject.starts_with("fee_kept:"));
    assert!(stays(&part.still_open), "{part:#?}");
    let whole = compared(None, BTreeSet::new());
    assert!(whole.not_asked.is_empty() && !stays(&whole.still_open), "{whole:#?}");
}

#[test]
fn of_a_payment_whose_fee_alone_is_looked_at_nothing_else_is_said() {
    let lines = vec![line(LineKind::Payment, PRICE - 1, Some(FEE)), line(LineKind::Refund, 5_000, None)];
    let entry = Entry { looked: Looked::Fee(day()), ..entry(Some(ours(PaymentState::Settled)), lines) };
    let settlement = SettlementSides { entries: vec![entry.clone()], ..SettlementSides::default() };
    let found = compare(&Sides { settlement, ..day_of(vec![delivered(1)]) });
    assert_eq!(found.differences, []);
    assert!(!found.looked_at.contains("midtrans/LK0000000001-P1"), "what is open about it stays open");
    // Its fee is told with those of the day, though another one is right.
    let dear = Entry { lines: vec![line(LineKind::Payment, PRICE, Some(FEE + 7))], ..entry };
    let right =
        self::entry(Some(ours(PaymentState::Settled)), vec![line(LineKind::Payment, PRICE, Some(FEE))]);
    let settlement = SettlementSides { entries: vec![right, dear], ..SettlementSides::default() };
    let found = compare(&Sides { settlement, ..day_of(vec![delivered(1)]) });
    assert_eq!(found.differences.len(), 1, "{found:#?}");
    let told = found.differences[0].gateway.as_deref().unwrap();
    assert!(told.contains("Rp 7 more than is booked"), "{told}");
}

#[test]
fn an_alert_about_the_rate_of_a_day_stays_where_its_settlement_alone_is_read() {
    let right = entry(Some(ours(PaymentState::Settled)), vec![line(LineKind::Payment, PRICE, Some(FEE))]);
    let method = right.ours.as_ref().unwrap().payment.method;
    let settlement = SettlementSides { entries: vec![right], ..SettlementSides::default() };
    let alert = format!("fee:midtrans/{method}/{}", day());
    // A part of a report that is compared after the run of the day, or a report in the run of another day.
    let alone = compare(&Sides { settlement: settlement.clone(), ..day_of(vec![]) });
    assert!(alone.still_open.contains(&alert), "{:?}", alone.still_open);
    let with_its_day = compare(&Sides { settlement, ..day_of(vec![delivered(1)]) });
    assert!(!with_its_day.still_open.contains(&alert), "{:?}", with_its_day.still_open);
}

#[test]
fn what_went_back_by_a_report_is_held_against_what_we_know() {
    let back = |kind: LineKind, amount: i64| line(kind, amount, None);
    let known = |refunded: i64, taken_back: i64| {
        Some(Ours {
            refunded: Rupiah::new(refunded),
            taken_back: Rupiah::new(taken_back),
            ..ours(PaymentState::Settled)
        })
    };
    let (refund, charged) = (back(LineKind::Refund, 5_000), back(LineKind::Chargeback, PRICE));
    assert_eq!(of_entry(known(0, 0), std::slice::from_ref(&refund)), [Kind::UnknownRefund]);
    assert_eq!(of_entry(known(5_000, 0), std::slice::from_ref(&refund)), []);
    assert_eq!(of_entry(known(0, 5_000), std::slice::from_ref(&refund)), []);
    assert_eq!(of_entry(known(5_000, 0), &[refund.clone(), refund.clone()]), [Kind::UnknownRefund]);
    assert_eq!(of_entry(known(0, 0), std::slice::from_ref(&charged)), [Kind::Chargeback]);
    assert_eq!(of_entry(known(0, PRICE), &[charged]), []);
    assert_eq!(of_entry(None, &[refund]), [Kind::UnknownRefund]);
}

#[test]
fn what_must_be_in_a_report_and_is_not_is_found() {
    let expected = |refund: Option<i64>, lines: Vec<SettlementLine>| {
        let expected = vec![missing(refund, lines)];
        found(SettlementSides { expected, ..SettlementSides::default() })
    };
    let subject = "midtrans/LK0000000001-P1".to_owned();
    assert_eq!(expected(None, vec![]), [(Kind::NotSettled, subject.clone(), false)]);
    assert_eq!(expected(None, vec![line(LineKind::Payment, PRICE, None)]), []);
    assert_eq!(expected(Some(5_000), vec![]), [(Kind::RefundNotSettled, subject.clone(), false)]);
    let part = line(LineKind::Refund, 4_999, None);
    assert_eq!(expected(Some(5_000), vec![part]), [(Kind::RefundNotSettled, subject, false)]);
    assert_eq!(expected(Some(5_000), vec![line(LineKind::Refund, 5_000, None)]), []);
}

#[test]
fn what_is_missing_stays_open_until_a_report_has_it() {
    let of = |refunded: i64, lines: Vec<SettlementLine>| {
        let ours = Ours { refunded: Rupiah::new(refunded), ..ours(PaymentState::Settled) };
        let entries = vec![entry(Some(ours), lines)];
        let settlement = SettlementSides { entries, ..SettlementSides::default() };
        let found = compare(&Sides { settlement, ..day_of(vec![delivered(1)]) });
        assert!(found.looked_at.contains("midtrans/LK0000000001-P1"));
        assert_eq!(found.differences, [], "this run does not look for what is missing");
        found.still_open.into_iter().collect::<Vec<_>>()
    };
    let (paid, back) = (line(LineKind::Payment, PRICE, None), line(LineKind::Refund, 5_000, None));
    let (payment, refund) =
        ("not_settled:midtrans/LK0000000001-P1", "refund_not_settled:midtrans/LK0000000001-P1");
    assert_eq!(of(5_000, vec![]), [payment, refund]);
    assert_eq!(of(5_000, vec![back.clone()]), [payment]);
    assert_eq!(of(5_000, vec![paid.clone()]), [refund]);
    assert_eq!(of(5_001, vec![paid.clone(), back.clone()]), [refund]);
    assert_eq!(of(5_000, vec![paid, back]), Vec::<String>::new());
    // Its report is withdrawn, which was of another gateway.
    let mut elsewhere = ours(PaymentState::Settled);
    elsewhere.payment.gateway = "dana".into();
    assert_eq!(of_entry(Some(elsewhere), &[]), []);
}

#[test]
fn fees_beside_payments_and_lines_that_could_not_be_read_are_found() {
    let sides = SettlementSides { loose: vec![fee(-25_000), fee(-500)], ..SettlementSides::default() };
    assert_eq!(found(sides), [(Kind::FeeKept, "midtrans/no payment/2026-11-22".to_owned(), false)]);
    let bad = UnreadableLine { line: 7, reason: "no amount".into(), text: "x".into() };
    let report = SettlementReport {
        unreadable: vec![bad],
        ..report(ListedBy::Settled, ("2026-11-22", "2026-11-22"), "2026-11-23 09:00:00")
    };
    let sides = SettlementSides { reports: vec![report], ..SettlementSides::default() };
    assert_eq!(found(sides), [(Kind::UnreadableLine, "midtrans/set_1".to_owned(), false)]);
    // Payouts and another program's payments are no differences, and are told.
    let payout = Loose { line: line(LineKind::Other, -1_000_000, None), ..fee(0) };
    let foreign = Entry { reference: "INV-77".into(), ..entry(None, vec![line(LineKind::Payment, 7, None)]) };
    let settlement =
        SettlementSides { loose: vec![payout], entries: vec![foreign], ..SettlementSides::default() };
    let found = compare(&Sides { settlement, ..day_of(vec![]) });
    assert_eq!((found.differences.len(), found.notes.len()), (0, 2), "{found:#?}");
}

#[test]
fn a_payment_must_be_listed_once_every_day_is_there_on_which_it_can_be_settled() {
    // A Thursday.
    let paid = Timestamp::parse_wib("2026-11-19 23:50:00").unwrap();
    // With each report, whether it was never compared; the run is that of another day.
    let by = |reports: &[(SettlementReport, bool)], weekdays: u32| {
        let compared = |is_new: bool| (!is_new).then_some(paid);
        let reports: Vec<SettlementReport> = reports
            .iter()
            .map(|(report, is_new)| SettlementReport { compared_at: compared(*is_new), ..report.clone() })
            .collect();
        must_be_listed(&reports.iter().collect::<Vec<_>>(), "2026-12-24".parse().unwrap(), paid, weekdays)
    };
    let of = |first: &str, last: &str| report(ListedBy::Settled, (first, last), "2026-11-24 09:00:00");
    let (friday, monday) = (of("2026-11-20", "2026-11-20"), of("2026-11-23", "2026-11-23"));
    assert!(!by(&[], 1));
    assert!(by(&[(friday.clone(), true)], 1));
    assert!(!by(&[(friday.clone(), true)], 2), "it may be in Monday's");
    assert!(by(&[(friday.clone(), false), (monday.clone(), true)], 2));
    assert!(!by(&[(friday.clone(), false), (monday.clone(), false)], 2), "told in an earlier run");
    assert!(!by(&[(monday, true)], 2), "it may have been in Friday's");
    assert!(by(&[(of("2026-11-01", "2026-11-30"), true)], 5));
    // A report of a month tells what is missing once, and again in the run of one of its days.
    let month = SettlementReport { compared_at: Some(paid), ..of("2026-11-01", "2026-11-30") };
    let in_run_of = |day: &str| must_be_listed(&[&month], day.parse().unwrap(), paid, 1);
    assert!(in_run_of("2026-11-20") && !in_run_of("2026-11-25"));
    // What is settled at once may be so after midnight.
    assert!(!by(&[(of("2026-11-19", "2026-11-19"), true)], 0));
    assert!(by(&[(of("2026-11-19", "2026-11-20"), true)], 0));
    // A list of what was paid that day must have been written late enough.
    let paid_list = |imported: &str| report(ListedBy::Paid, ("2026-11-19", "2026-11-19"), imported);
    assert!(!by(&[(paid_list("2026-11-20 09:00:00"), true)], 1));
    assert!(by(&[(paid_list("2026-11-21 00:00:00"), true)], 1));
    assert!(!by(&[(friday, false), (paid_list("2026-11-21 00:00:00"), false)], 1));
}

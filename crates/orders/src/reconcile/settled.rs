//! What settlement reports say, beside our payments, refunds and books. Pure.

use super::{
    act,
    compare::Found,
    report::{Difference, DifferenceKind as Kind},
    view::OurPayment,
};
use payments::{LineKind, ListedBy, PaymentState, SettlementLine, SettlementPlace, SettlementReport};
use std::collections::{BTreeMap, BTreeSet};
use vocabulary::{OrderNumber, PaymentMethod, Purpose, Reference, Rupiah, Timestamp, WibDay};

/// Who is said to be silent when settlement reports are not compared whole.
pub(super) const PARTY: &str = "settlement reports";
/// How many examples of a kind are named.
const EXAMPLES: usize = 5;

/// All that is compared of settlement reports.
#[derive(Clone, Debug, Default)]
pub(super) struct SettlementSides {
    /// Why nothing of them could be read, if that is so.
    pub(super) silent: Option<String>,
    /// The reports that are looked at in this run.
    pub(super) reports: Vec<SettlementReport>,
    /// How many lines of them are looked at.
    pub(super) lines: usize,
    /// How far those that were never compared whole are compared with this run.
    pub(super) progress: Vec<Progress>,
    /// How much of them this run has taken: lines, or payments that may be missing in them.
    pub(super) taken: usize,
    /// What is too much to be looked at again.
    pub(super) too_much: Vec<String>,
    /// The subjects of the alerts that are open.
    pub(super) open: BTreeSet<String>,
    /// What stands under one reference, for each reference that is looked at.
    pub(super) entries: Vec<Entry>,
    /// Lines that belong to no payment.
    pub(super) loose: Vec<Loose>,
    /// Of what alerts are open about, that which no report has any more.
    pub(super) gone: Vec<String>,
    /// Payments and refunds of ours that must be in the reports by now.
    pub(super) expected: Vec<Expected>,
    /// Days of a gateway of which not all payments are looked at.
    pub(super) partly: BTreeSet<(String, WibDay)>,
}

/// How far a report is compared with this run that was never compared whole.
#[derive(Clone, Debug)]
pub(super) struct Progress {
    pub(super) id: String,
    pub(super) gateway: String,
    /// Where it stood before.
    pub(super) from: SettlementPlace,
    /// Where it stands after; none when all of it is compared.
    pub(super) to: Option<SettlementPlace>,
}

/// All lines that reports have about one payment, each once, however many reports have it.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) gateway: String,
    /// As the reports write it, or, where they have an id of theirs alone, that.
    pub(super) reference: String,
    pub(super) lines: Vec<SettlementLine>,
    pub(super) ours: Option<Ours>,
    /// What it is looked at for.
    pub(super) looked: Looked,
}

/// What is looked at of a payment in reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Looked {
    /// All of it; its fee is counted to this day.
    Whole(WibDay),
    /// Its fee alone: another payment of this day is news, and the fees of a day are told together.
    Fee(WibDay),
    /// All but its fee: an alert is open about it.
    Alert,
}

impl Looked {
    /// The day that its fee is counted to, when it is counted.
    fn day(self) -> Option<WibDay> {
        match self {
            Looked::Whole(day) | Looked::Fee(day) => Some(day),
            Looked::Alert => None,
        }
    }
}

/// A line that belongs to no payment.
#[derive(Clone, Debug)]
pub(super) struct Loose {
    pub(super) gateway: String,
    pub(super) day: WibDay,
    pub(super) line: SettlementLine,
}

/// A payment as we have it.
#[derive(Clone, Debug)]
pub(super) struct Ours {
    pub(super) number: OrderNumber,
    pub(super) payment: OurPayment,
    /// What went back by refunds of ours, and what is on its way back by one.
    pub(super) refunded: Rupiah,
    /// What else went back, as far as we know; all that is left when the gateway took the whole back.
    pub(super) taken_back: Rupiah,
    /// Whether something went back, and nobody knows how much.
    pub(super) back_is_unclear: bool,
}

/// Something of ours that must be in the reports by now.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    pub(super) ours: Ours,
    /// How much of its refunds; nothing when the payment itself is meant.
    pub(super) refund: Option<Rupiah>,
    pub(super) since: Timestamp,
    /// After how many weekdays it is settled.
    pub(super) weekdays: u32,
    /// What the reports have.
    pub(super) lines: Vec<SettlementLine>,
}

/// Whether what was paid at this moment must be listed by now in reports that are there, and the run of this day is
/// the one that tells it: a report of the day, or one that was never compared, is among those that would list it.
pub(super) fn must_be_listed(
    reports: &[&SettlementReport],
    day: WibDay,
    paid_at: Timestamp,
    weekdays: u32,
) -> bool {
    let paid = paid_at.wib_day();
    let last = paid.weekdays_later(weekdays);
    let is_news = |report: &SettlementReport, on: WibDay| report.compared_at.is_none() || on == day;
    let by_payment = reports.iter().copied().any(|report| {
        let is_there = report.lists == ListedBy::Paid && covers(report, paid);
        is_there && is_news(report, paid) && report.imported_at >= last.end()
    });
    // What is settled at once may be so on the other side of midnight.
    let days: Vec<WibDay> = match weekdays {
        0 => vec![paid, paid.day_after()],
        _ => (1..=weekdays).map(|n| paid.weekdays_later(n)).collect(),
    };
    let of_day = |on: WibDay| {
        let all = reports.iter().copied();
        all.filter(|report| report.lists == ListedBy::Settled && covers(report, on)).collect::<Vec<_>>()
    };
    let are_all_there = days.iter().all(|on| !of_day(*on).is_empty());
    let is_one_news = days.iter().any(|on| of_day(*on).into_iter().any(|report| is_news(report, *on)));
    by_payment || (are_all_there && is_one_news)
}

impl SettlementSides {
    /// Of what a gateway lists on this day not all is looked at again.
    pub(super) fn cut(&mut self, gateway: &str, day: WibDay) {
        self.too_much.push(subject(gateway, &day.to_string()));
    }
}

/// Whether a report is about this day.
pub(super) fn covers(report: &SettlementReport, on: WibDay) -> bool {
    report.first_day <= on && on <= report.last_day
}

/// Compares what reports say with ours.
pub(super) fn compare(found: &mut Found, sides: &SettlementSides) {
    if let Some(why) = &sides.silent {
        return found.silence(PARTY, PARTY, why);
    }
    found.looked_at.insert(PARTY.to_owned());
    found.counts.settlement_lines = sides.lines;
    for Progress { id, gateway, to, .. } in &sides.progress {
        let so_far = match to {
            Some(SettlementPlace::Line(0)) => "it is not begun".to_owned(),
            Some(SettlementPlace::Line(line)) => format!("it is compared up to line {line}"),
            Some(_) => "all its lines are compared; what is missing in it is looked for".to_owned(),
            None => continue,
        };
        found.silence(PARTY, &subject(gateway, id), &format!("{so_far}; the next run goes on"));
    }
    for of in &sides.too_much {
        found.silence(PARTY, of, "this is more than is compared again with one run");
    }
    for report in &sides.reports {
        unreadable(found, report);
    }
    let mut fees: BTreeMap<(String, PaymentMethod, WibDay), Fees> = BTreeMap::new();
    let mut foreign: BTreeMap<String, (usize, i64, String)> = BTreeMap::new();
    for entry in &sides.entries {
        match &entry.ours {
            Some(ours) => {
                let case = Case { entry, ours };
                if !matches!(entry.looked, Looked::Fee(_)) {
                    found.looked_at.insert(subject(&entry.gateway, &ours.payment.reference));
                    case.not_there_yet(found);
                    // An alert was open about it, and its report is withdrawn.
                    if entry.lines.is_empty() {
                        continue;
                    }
                    case.compare(found);
                }
                if let (Some(day), Some((booked, kept))) = (entry.looked.day(), case.fee()) {
                    let of = (entry.gateway.clone(), ours.payment.method, day);
                    fees.entry(of).or_default().add(booked, kept, &ours.payment.reference);
                }
            }
            None => stranger(found, &mut foreign, entry),
        }
    }
    for ((gateway, method, day), fees) in fees {
        let of = format!("{gateway}/{method}/{day}");
        // Whether the fees of that day are those of the rates is looked at in the run of the day, and not here.
        if !found.looked_at.contains(&of) {
            found.still_open.insert(act::subject(Kind::Fee.as_str(), &of));
        }
        fees.tell(found, &of, &gateway, method);
        // Those that are looked at may be right, and others of that day wrong.
        if sides.partly.contains(&(gateway, day)) {
            found.still_open.insert(act::subject(Kind::FeeKept.as_str(), &of));
        }
    }
    for (gateway, (count, sum, first)) in foreign {
        let text = format!(
            "{count} lines of its settlement reports, {} in all, name references that are not of this shop's making ({first}): another program uses this account",
            Rupiah::new(sum)
        );
        found.note(&gateway, text);
    }
    found.looked_at.extend(sides.gone.iter().cloned());
    for expected in &sides.expected {
        missing(found, expected);
    }
    loose(found, &sides.loose);
}

/// The subject of a difference between a report and ours.
fn subject(gateway: &str, reference: &str) -> String {
    format!("{gateway}/{reference}")
}

fn unreadable(found: &mut Found, report: &SettlementReport) {
    let of = subject(&report.gateway, &report.id);
    found.looked_at.insert(of.clone());
    let Some(first) = report.unreadable.first() else { return };
    found.differences.push(Difference {
        kind: Kind::UnreadableLine,
        subject: of,
        ledger: "-".into(),
        gateway: Some(format!(
            "{} of {} lines of {}; line {}: {}",
            report.unreadable.len(),
            report.lines.saturating_add(i64::try_from(report.unreadable.len()).unwrap_or(0)),
            report.name,
            first.line,
            first.reason
        )),
        supplier: None,
        cause: "the report is written in another way than is configured, so these lines are compared with nothing".into(),
        action: format!(
            "look at them (`loket settlement list --json`), say how it is written (`{}.settlement`), and import it again",
            report.gateway
        ),
        asked_again: false,
    });
}

/// Lines about something that no row of ours is.
fn stranger(found: &mut Found, foreign: &mut BTreeMap<String, (usize, i64, String)>, entry: &Entry) {
    let Entry { gateway, reference, lines, .. } = entry;
    let is_ours =
        reference.parse::<Reference>().is_ok_and(|reference| reference.purpose() != Purpose::Fulfilment);
    if !is_ours {
        let known = foreign.entry(gateway.clone()).or_insert_with(|| (0, 0, reference.clone()));
        known.0 = known.0.saturating_add(lines.len());
        known.1 = lines.iter().fold(known.1, |sum, line| sum.saturating_add(line.gross.get()));
        return;
    }
    let of = subject(gateway, reference);
    found.looked_at.insert(of.clone());
    let paid = lines.iter().any(|line| line.kind == LineKind::Payment);
    let (kind, what) = if paid {
        (Kind::UnknownPayment, "give the money back")
    } else {
        (Kind::UnknownRefund, "look it up")
    };
    found.differences.push(Difference {
        kind,
        subject: of,
        ledger: "no row of ours".into(),
        gateway: Some(worded(lines)),
        supplier: None,
        cause: "the database was restored from before it, another program uses this account, or the report is of another gateway".into(),
        action: format!("{what} in the dashboard of {gateway}, or find out whose it is"),
        asked_again: false,
    });
}

struct Case<'a> {
    entry: &'a Entry,
    ours: &'a Ours,
}

impl Case<'_> {
    fn compare(&self, found: &mut Found) {
        let payment = &self.ours.payment;
        if payment.gateway != self.entry.gateway {
            let cause = format!(
                "our payment of this reference is at {}: the report is of another gateway, or another program uses the account",
                payment.gateway
            );
            return self.differs(found, Kind::UnknownPayment, cause, self.look(), false);
        }
        if self.of(LineKind::Payment).count() > 1 {
            let cause =
                "the report has it twice: the buyer paid twice, or the gateway counted or corrected it twice";
            self.differs(found, Kind::SettledTwice, cause.into(), self.look(), false);
        }
        if let Some(line) = self.of(LineKind::Payment).next() {
            self.payment(found, line);
        }
        self.backwards(found);
    }

    /// What is missing is told by the run of the day on which it must be there (`missing`). Any other run that looks
    /// at this payment says nothing of it, and must not end what is open about it.
    fn not_there_yet(&self, found: &mut Found) {
        let of = subject(&self.entry.gateway, &self.ours.payment.reference);
        if self.of(LineKind::Payment).next().is_none() {
            found.still_open.insert(act::subject(Kind::NotSettled.as_str(), &of));
        }
        if self.sum(LineKind::Refund) < self.ours.refunded.get() {
            found.still_open.insert(act::subject(Kind::RefundNotSettled.as_str(), &of));
        }
    }

    fn payment(&self, found: &mut Found, line: &SettlementLine) {
        let payment = &self.ours.payment;
        let is_undecided = payment.state == PaymentState::Unknown && payment.odd_amount.is_some();
        let is_paid = matches!(
            payment.state,
            PaymentState::Settled
                | PaymentState::Refunding
                | PaymentState::PartlyRefunded
                | PaymentState::Refunded
        );
        // What a person has to decide about is told by its gateway's own word.
        if is_undecided {
            return;
        }
        if !is_paid {
            let cause = "it was settled with us, its webhook never came, and nobody has asked since";
            return self.differs(found, Kind::MissingWebhook, cause.into(), self.asked(), true);
        }
        let named = [Some(payment.amount), payment.odd_amount.filter(|odd| odd.is_positive())];
        if !named.contains(&Some(line.gross)) {
            let cause = if line.gross > payment.amount {
                "the gateway puts its fee on top, or counts something else in the same line"
            } else {
                "less was settled than was paid: something was held back, or the column is not the whole amount"
            };
            self.differs(found, Kind::WrongAmount, cause.into(), self.look(), false);
        }
    }

    /// What went back.
    fn backwards(&self, found: &mut Found) {
        let Ours { payment, refunded, taken_back, back_is_unclear, .. } = self.ours;
        let (refunds, charged_back) = (self.sum(LineKind::Refund), self.sum(LineKind::Chargeback));
        let known = refunded.get().saturating_add(taken_back.get());
        if *back_is_unclear || payment.state == PaymentState::Refunded && *taken_back > Rupiah::ZERO {
            return;
        }
        if charged_back > 0 && charged_back > taken_back.get() {
            let cause = "a buyer's bank or wallet took it back, and no webhook told us";
            return self.differs(found, Kind::Chargeback, cause.into(), self.asked(), true);
        }
        if refunds > 0 && refunds.saturating_add(charged_back) > known {
            let cause = "it was given back in the dashboard of the gateway, and no webhook told us";
            self.differs(found, Kind::UnknownRefund, cause.into(), self.asked(), true);
        }
    }

    /// What is booked as its fee, and what all lines about it say together that was kept: of each payment, on top of
    /// what went back or given back with it, and by lines of a fee alone. Only where both are known: a payment of which
    /// no line says what was kept has none.
    fn fee(&self) -> Option<(Rupiah, Rupiah)> {
        let payment = &self.ours.payment;
        let is_ours = payment.gateway == self.entry.gateway && payment.booked.ours.is_positive();
        let has_own_lines = self.of(LineKind::Fee).next().is_some();
        let is_told = has_own_lines || self.of(LineKind::Payment).all(|line| line.fee.is_some());
        (is_ours && is_told && self.of(LineKind::Payment).next().is_some()).then_some(())?;
        let kept = self.entry.lines.iter().fold(0_i64, |sum, line| {
            sum.saturating_add(match line.kind {
                LineKind::Fee => line.gross.get().saturating_neg(),
                LineKind::Other => 0,
                LineKind::Payment | LineKind::Refund | LineKind::Chargeback => {
                    line.fee.map_or(0, Rupiah::get)
                }
            })
        });
        Some((payment.booked.fee, Rupiah::new(kept)))
    }

    fn of(&self, kind: LineKind) -> impl Iterator<Item = &SettlementLine> {
        self.entry.lines.iter().filter(move |line| line.kind == kind)
    }

    fn sum(&self, kind: LineKind) -> i64 {
        self.of(kind).fold(0, |sum, line| sum.saturating_add(line.gross.get()))
    }

    fn asked(&self) -> String {
        format!(
            "the worker asks about it again now; if the gateway says nothing of it, `loket order show {}` and the dashboard",
            self.ours.number
        )
    }

    fn look(&self) -> String {
        look(&self.entry.gateway, self.ours)
    }

    fn differs(&self, found: &mut Found, kind: Kind, cause: String, action: String, asked_again: bool) {
        let payment = &self.ours.payment;
        found.differences.push(Difference {
            kind,
            subject: subject(&self.entry.gateway, &payment.reference),
            ledger: ours_in_words(self.ours),
            gateway: Some(worded(&self.entry.lines)),
            supplier: None,
            cause,
            action,
            asked_again,
        });
    }
}

fn look(gateway: &str, ours: &Ours) -> String {
    format!(
        "look up {} in the dashboard of {gateway}, then `loket order show {}`",
        ours.payment.reference, ours.number
    )
}

fn ours_in_words(ours: &Ours) -> String {
    let payment = &ours.payment;
    let back = ours.refunded.get().saturating_add(ours.taken_back.get());
    let back = if back > 0 { format!("; {} went back", Rupiah::new(back)) } else { String::new() };
    format!("{}, {}; {} booked as fee{back}", payment.state, payment.amount, payment.booked.fee)
}

/// What must be in the reports by now and is not.
fn missing(found: &mut Found, expected: &Expected) {
    let Expected { ours, refund, since, weekdays, lines } = expected;
    let gateway = &ours.payment.gateway;
    let of = subject(gateway, &ours.payment.reference);
    found.looked_at.insert(of.clone());
    let listed = |kind: LineKind| {
        let of_kind = lines.iter().filter(|line| line.kind == kind);
        of_kind.fold(0_i64, |sum, line| sum.saturating_add(line.gross.get()))
    };
    let (kind, says, cause) = match refund {
        None if lines.iter().any(|line| line.kind == LineKind::Payment) => return,
        None => (
            Kind::NotSettled,
            format!("in no report of the days until {}", since.wib_day().weekdays_later(*weekdays)),
            "the gateway has not paid it out yet (a public holiday, a hold, a dispute), a report is not complete, or our row is wrong",
        ),
        Some(amount) => {
            let there = listed(LineKind::Refund);
            if there >= amount.get() {
                return;
            }
            let missing = Rupiah::new(amount.get().saturating_sub(there));
            (
                Kind::RefundNotSettled,
                format!("{missing} of {amount} that went back by us is in no report"),
                "the gateway takes it off later, does not list refunds (`refunds=no`), or it never went back",
            )
        }
    };
    found.differences.push(Difference {
        kind,
        subject: of,
        ledger: format!("{} since {}", ours_in_words(ours), since.wib()),
        gateway: Some(says),
        supplier: None,
        cause: cause.into(),
        action: look(gateway, ours),
        asked_again: false,
    });
}

/// Fees that belong to no payment are in no ledger; of other lines it is told that they are there.
fn loose(found: &mut Found, loose: &[Loose]) {
    let mut fees: BTreeMap<(&str, WibDay), (usize, i64)> = BTreeMap::new();
    let mut others: BTreeMap<(&str, WibDay), (usize, i64, Vec<&str>)> = BTreeMap::new();
    for Loose { gateway, day, line } in loose {
        let amount = line.gross.get();
        if line.kind == LineKind::Fee {
            let known = fees.entry((gateway, *day)).or_default();
            *known = (known.0.saturating_add(1), known.1.saturating_add(amount.saturating_abs()));
        } else {
            let known = others.entry((gateway, *day)).or_default();
            (known.0, known.1) = (known.0.saturating_add(1), known.1.saturating_add(amount));
            if !known.2.contains(&line.word.as_str()) && known.2.len() < EXAMPLES {
                known.2.push(&line.word);
            }
        }
    }
    for ((gateway, day), (count, sum)) in fees {
        let of = format!("{gateway}/no payment/{day}");
        found.looked_at.insert(of.clone());
        found.differences.push(Difference {
            kind: Kind::FeeKept,
            subject: of.clone(),
            ledger: "nothing is booked".into(),
            gateway: Some(format!("{count} lines of fees beside payments: {}", Rupiah::new(sum))),
            supplier: None,
            cause: "a fee by the month, for paying out or for giving back, which this ledger does not hold"
                .into(),
            action: format!(
                "compare the contract; then `loket alerts --resolve reconciliation \"fee_kept:{of}\"`"
            ),
            asked_again: false,
        });
    }
    for ((gateway, day), (count, sum, words)) in others {
        let text = format!(
            "{count} lines of its settlement reports of {day}, {} in all, are compared with nothing ({}); if they are payments or refunds, say so: `type.payment={}`",
            Rupiah::new(sum),
            words.join(", "),
            words.first().copied().unwrap_or_default()
        );
        found.note(gateway, text);
    }
}

/// The fees of one gateway, method and day.
#[derive(Debug, Default)]
struct Fees {
    count: usize,
    booked: i64,
    kept: i64,
    wrong: Vec<String>,
}

impl Fees {
    fn add(&mut self, booked: Rupiah, kept: Rupiah, reference: &str) {
        self.count = self.count.saturating_add(1);
        self.booked = self.booked.saturating_add(booked.get());
        self.kept = self.kept.saturating_add(kept.get());
        if booked != kept {
            self.wrong.push(format!("{reference} {kept} for {booked}"));
        }
    }

    fn tell(&self, found: &mut Found, of: &str, gateway: &str, method: PaymentMethod) {
        found.looked_at.insert(of.to_owned());
        if self.wrong.is_empty() {
            return;
        }
        let more = Rupiah::new(self.kept.saturating_sub(self.booked));
        let examples: Vec<&str> = self.wrong.iter().take(EXAMPLES).map(String::as_str).collect();
        found.differences.push(Difference {
            kind: Kind::FeeKept,
            subject: of.to_owned(),
            ledger: format!("{} booked as fees of {} payments", Rupiah::new(self.booked), self.count),
            gateway: Some(format!("{} kept: {more} more than is booked", Rupiah::new(self.kept))),
            supplier: None,
            cause: format!(
                "the fee of {} payments is another than the rate that is configured makes ({})",
                self.wrong.len(),
                examples.join(", ")
            ),
            action: format!(
                "set the fee of {method} at {gateway} to what the contract says (`rules.fees`); then `loket alerts --resolve reconciliation fee_kept:{of}`"
            ),
            asked_again: false,
        });
    }
}

/// What lines say, in a few words.
fn worded(lines: &[SettlementLine]) -> String {
    let each = lines.iter().take(EXAMPLES).map(|line| {
        let at = line.settled_at.or(line.paid_at).map_or_else(String::new, |at| format!(" at {}", at.wib()));
        let fee = line.fee.map_or_else(String::new, |fee| format!(", fee {fee}"));
        format!("{} {}{fee}{at}", line.kind, line.gross)
    });
    let more = lines.len().saturating_sub(EXAMPLES);
    let mut words: Vec<String> = each.collect();
    if more > 0 {
        words.push(format!("{more} more"));
    }
    words.join("; ")
}

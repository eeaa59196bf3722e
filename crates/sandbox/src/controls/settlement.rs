//! `GET /sandbox/<gateway>/settlement.csv?date=…&until=…`: what a gateway settled with the shop on these days (WIB),
//! from its own books, as its operator would take it from the dashboard. No party's form of such a file is known:
//! these are three that differ in all that files differ in (UNVERIFIED). What is kept stands in contracts/payments
//! §8, when it is settled in §3.7; that weekdays are meant is UNVERIFIED, too.

use crate::{
    dana::{self, Order},
    midtrans::{self, PaymentType, Transaction},
    problem::Problem,
    world::World,
    xendit::{self, Channel, Charge},
};
use axum::{
    extract::{FromRequestParts, Query, State},
    http::{header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use std::{sync::Arc, time::Duration};
use vocabulary::{Timestamp, WibDay};

/// When of its day money is settled.
const AT: Duration = Duration::from_secs(3 * 3_600);
/// What is settled at once takes so long.
const AT_ONCE: Duration = Duration::from_secs(60);
/// The slowest way takes so long, with the ends of weeks.
const SLOWEST: Duration = Duration::from_secs(12 * 86_400);
/// The most days that one file is about.
const MOST_DAYS: Duration = Duration::from_secs(93 * 86_400);

#[derive(Deserialize)]
struct Asked {
    date: Option<String>,
    until: Option<String>,
}

/// The days that are asked for.
pub(super) struct Days {
    first: WibDay,
    last: WibDay,
    now: Timestamp,
}

/// What a way to pay costs, and how long it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Gopay,
    Ovo,
    /// DANA, and wallets that cost the same.
    Wallet,
    Qris,
    Bca,
    Bank,
    Till,
}

/// A payment in a gateway's books.
struct Moved<'a> {
    reference: &'a str,
    id: &'a str,
    way: Way,
}

/// Which way money went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Course {
    Paid,
    Back,
}

/// A line.
struct Line {
    reference: String,
    id: String,
    course: Course,
    way: Way,
    /// Whole rupiah.
    amount: i64,
    at: Timestamp,
    settled_at: Timestamp,
}

/// What is settled on the days that are asked for.
struct Report {
    days: Days,
    lines: Vec<Line>,
}

impl FromRequestParts<Arc<World>> for Days {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, world: &Arc<World>) -> Result<Self, Problem> {
        let Query(asked) = Query::<Asked>::try_from_uri(&parts.uri)
            .map_err(|_| Problem::invalid("name `date` and, if it is more than a day, `until`, once each"))?;
        Days::read(&asked, world.now())
    }
}

impl Days {
    fn read(asked: &Asked, now: Timestamp) -> Result<Days, Problem> {
        let day = |text: &str| text.parse::<WibDay>().map_err(|error| Problem::invalid(error.to_string()));
        let Some(date) = asked.date.as_deref() else {
            let today = now.wib_day();
            return Err(Problem::invalid(format!("name the day (WIB): `?date={today}`")));
        };
        let first = day(date)?;
        let last = asked.until.as_deref().map_or(Ok(first), day)?;
        if last < first || last.start().since(first.start()) > MOST_DAYS {
            return Err(Problem::invalid("`until` is a day after `date`, and at most 93 days later"));
        }
        Ok(Days { first, last, now })
    }

    /// From when to when something may have moved that is settled on these days.
    fn reach(&self) -> (Timestamp, Timestamp) {
        (self.first.start().minus(SLOWEST), self.last.end())
    }

    /// Whether what is settled at this moment is settled on these days and by now.
    fn hold(&self, settled_at: Timestamp) -> bool {
        let day = settled_at.wib_day();
        self.first <= day && day <= self.last && settled_at <= self.now
    }
}

impl Report {
    fn of(days: Days) -> Report {
        Report { days, lines: Vec::new() }
    }

    /// Adds what was paid, if it is settled on these days.
    fn paid(&mut self, moved: &Moved<'_>, amount: i64, at: Timestamp) {
        self.add(Course::Paid, moved, amount, at);
    }

    /// Adds what went back.
    fn back(&mut self, moved: &Moved<'_>, amount: i64, at: Timestamp) {
        self.add(Course::Back, moved, amount, at);
    }

    fn add(&mut self, course: Course, moved: &Moved<'_>, amount: i64, at: Timestamp) {
        let settled_at = moved.way.settled_at(at, course);
        if self.days.hold(settled_at) {
            let (reference, id, way) = (moved.reference.to_owned(), moved.id.to_owned(), moved.way);
            self.lines.push(Line { reference, id, course, way, amount, at, settled_at });
        }
    }

    /// The lines as a gateway writes them, below its heading.
    fn written(
        &self,
        heading: &str,
        delimiter: &str,
        cells: impl Fn(&Line, [i64; 4]) -> Vec<String>,
    ) -> String {
        let mut text = format!("{heading}\n");
        for line in &self.lines {
            text.push_str(&cells(line, line.figures()).join(delimiter));
            text.push('\n');
        }
        text
    }
}

impl Way {
    fn weekdays(self) -> u32 {
        match self {
            Way::Gopay | Way::Bca => 1,
            Way::Bank => 0,
            Way::Till => 5,
            Way::Ovo | Way::Wallet | Way::Qris => 2,
        }
    }

    /// What goes back is settled a weekday later at the earliest.
    fn settled_at(self, at: Timestamp, course: Course) -> Timestamp {
        match self.weekdays().max(u32::from(course == Course::Back)) {
            0 => at.plus(AT_ONCE),
            weekdays => at.wib_day().weekdays_later(weekdays).start().plus(AT),
        }
    }

    /// What is kept of an amount and the tax on it, in hundredths of a rupiah. What lies below is dropped.
    fn kept(self, amount: i64) -> (i64, i64) {
        // Ten thousandths of the amount, hundredths of a rupiah, and whether the tax is in it.
        let (share, flat, taxed) = match self {
            Way::Gopay => (200, 0, true),
            Way::Qris => (70, 0, true),
            Way::Ovo => (273, 0, false),
            Way::Wallet => (150, 0, false),
            Way::Bca | Way::Bank => (0, 400_000, false),
            Way::Till => (0, 500_000, false),
        };
        let untaxed = i128::from(amount) * share + flat * 100;
        let all = if taxed { untaxed } else { untaxed * 111 / 100 };
        let hundredths = |ten_thousandths: i128| i64::try_from(ten_thousandths / 100).unwrap_or(i64::MAX);
        let fee = hundredths(untaxed);
        (fee, hundredths(all).saturating_sub(fee))
    }
}

impl Line {
    /// Amount, what is kept, the tax on that, and what is left, in hundredths.
    fn figures(&self) -> [i64; 4] {
        let amount = self.amount.saturating_mul(100);
        if self.course == Course::Back {
            return [amount.saturating_neg(), 0, 0, amount.saturating_neg()];
        }
        let (fee, tax) = self.way.kept(self.amount);
        [amount, fee, tax, amount.saturating_sub(fee).saturating_sub(tax)]
    }

    fn word<'a>(&self, paid: &'a str, back: &'a str) -> &'a str {
        match self.course {
            Course::Paid => paid,
            Course::Back => back,
        }
    }
}

pub(super) async fn midtrans(State(world): State<Arc<World>>, days: Days) -> Result<Response, Problem> {
    let mut tx = world.db.read("world.settlement").await?;
    let mut report = Report::of(days);
    for t in midtrans::moved(&mut tx, report.days.reach()).await? {
        let moved = Moved { reference: &t.order_id, id: &t.transaction_id, way: of_midtrans(&t) };
        // What a till took back is not settled.
        if let Some(at) = t.settled_at.filter(|_| t.status != midtrans::Status::Deny) {
            report.paid(&moved, t.shown_amount(), at);
        }
        for refund in midtrans::refunds(&mut tx, &t.transaction_id).await? {
            report.back(&moved, refund.amount, refund.requested_at);
        }
    }
    let heading = "Order ID,Transaction ID,Transaction Type,Gross Amount,Fee,Net Amount,Transaction Time,Settlement Time";
    Ok(csv(report.written(heading, ",", |line, [amount, fee, tax, net]| {
        vec![
            line.reference.clone(),
            line.id.clone(),
            line.word("Payment", "Refund").to_owned(),
            plain(amount),
            plain(fee.saturating_add(tax)),
            plain(net),
            line.at.wib(),
            line.settled_at.wib(),
        ]
    })))
}

pub(super) async fn dana(State(world): State<Arc<World>>, days: Days) -> Result<Response, Problem> {
    let mut tx = world.db.read("world.settlement").await?;
    let mut report = Report::of(days);
    for order in dana::moved(&mut tx, report.days.reach()).await? {
        let (reference, id) = (&order.partner_reference_no, &order.reference_no);
        let moved = Moved { reference, id, way: of_dana(&order) };
        if let Some(at) = order.paid_at {
            report.paid(&moved, order.amount, at);
        }
        for refund in dana::refunds(&mut tx, id).await? {
            if let Some(at) = refund.finished_at {
                report.back(&moved, refund.amount, at);
            }
        }
    }
    // As a spreadsheet in Indonesia writes it, with a title before and a sum behind.
    let heading = "Laporan Settlement\n\nPartner Reference No;Reference No;Transaction Type;Amount;Fee;Tax;Settlement Amount;Transaction Date;Settlement Date";
    let day_first = |at: Timestamp| {
        let text = at.wib();
        let (day, time) = text.split_once(' ').unwrap_or((&text, ""));
        let parts: Vec<&str> = day.split('-').rev().collect();
        format!("{} {time}", parts.join("/"))
    };
    let text = report.written(heading, ";", |line, [amount, fee, tax, net]| {
        vec![
            line.reference.clone(),
            line.id.clone(),
            line.word("Pembayaran", "Pengembalian").to_owned(),
            grouped(amount),
            grouped(fee),
            grouped(tax),
            grouped(net),
            day_first(line.at),
            day_first(line.settled_at),
        ]
    });
    let sum = report.lines.iter().fold(0_i64, |sum, line| {
        let [.., net] = line.figures();
        sum.saturating_add(net)
    });
    Ok(csv(format!("{text}Total;;;;;;{}\n", grouped(sum))))
}

pub(super) async fn xendit(State(world): State<Arc<World>>, days: Days) -> Result<Response, Problem> {
    let mut tx = world.db.read("world.settlement").await?;
    let mut report = Report::of(days);
    for charge in xendit::moved(&mut tx, report.days.reach()).await? {
        let (reference, id) = (&charge.reference_id, &charge.payment_id);
        let moved = Moved { reference, id, way: of_xendit(&charge) };
        if let Some(at) = charge.paid_at.filter(|_| charge.is_paid()) {
            report.paid(&moved, charge.amount, at);
        }
        for refund in xendit::refunds(&mut tx, &charge.id).await? {
            if refund.is_done() {
                report.back(&moved, refund.amount, refund.updated_at);
            }
        }
    }
    let heading = "Reference ID\tPayment ID\tType\tAmount\tFee\tVAT\tNet Amount\tCreated\tSettled At";
    Ok(csv(report.written(heading, "\t", |line, [amount, fee, tax, net]| {
        vec![
            line.reference.clone(),
            line.id.clone(),
            line.word("PAYMENT", "REFUND").to_owned(),
            (amount / 100).to_string(),
            plain(fee),
            plain(tax),
            plain(net),
            line.at.rfc3339(),
            line.settled_at.rfc3339(),
        ]
    })))
}

fn of_midtrans(t: &Transaction) -> Way {
    match t.payment_type {
        PaymentType::Gopay => Way::Gopay,
        PaymentType::Qris => Way::Qris,
        PaymentType::Ovo => Way::Ovo,
        PaymentType::Dana => Way::Wallet,
        PaymentType::Cstore => Way::Till,
        PaymentType::BankTransfer if t.channel == Some(midtrans::Channel::Bca) => Way::Bca,
        PaymentType::BankTransfer => Way::Bank,
    }
}

fn of_dana(order: &Order) -> Way {
    let option = order.pay_option.as_str();
    match order.pay_method.as_str() {
        "VIRTUAL_ACCOUNT" if option.ends_with("_BCA") => Way::Bca,
        "VIRTUAL_ACCOUNT" => Way::Bank,
        "OTC" => Way::Till,
        _ if option.ends_with("_QRIS") => Way::Qris,
        _ if option.ends_with("_OVO") => Way::Ovo,
        _ if option.ends_with("_GOPAY") => Way::Gopay,
        _ => Way::Wallet,
    }
}

fn of_xendit(charge: &Charge) -> Way {
    match charge.channel {
        Channel::Ovo => Way::Ovo,
        Channel::Gopay => Way::Gopay,
        Channel::Qris => Way::Qris,
        Channel::Bca => Way::Bca,
        Channel::Bni | Channel::Bri | Channel::Permata | Channel::Mandiri => Way::Bank,
        Channel::Alfamart | Channel::Indomaret => Way::Till,
        Channel::Dana | Channel::Shopeepay | Channel::Linkaja | Channel::Astrapay => Way::Wallet,
    }
}

/// `20000.00`.
fn plain(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let size = hundredths.unsigned_abs();
    format!("{sign}{}.{:02}", size / 100, size % 100)
}

/// `20.000,00`.
fn grouped(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let size = hundredths.unsigned_abs();
    let digits = (size / 100).to_string();
    let mut whole = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            whole.push('.');
        }
        whole.push(digit);
    }
    format!("{sign}{whole},{:02}", size % 100)
}

fn csv(text: String) -> Response {
    ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_as_the_lists_have_it() {
        for (way, amount, fee, tax) in [
            (Way::Gopay, 20_000, 40_000, 0),
            (Way::Qris, 20_000, 14_000, 0),
            (Way::Ovo, 20_000, 54_600, 6_006),
            (Way::Wallet, 20_000, 30_000, 3_300),
            (Way::Bank, 20_000, 400_000, 44_000),
            (Way::Till, 20_000, 500_000, 55_000),
        ] {
            assert_eq!(way.kept(amount), (fee, tax), "{way:?}");
        }
    }

    #[test]
    fn money_is_settled_on_weekdays_and_shown_in_both_ways() {
        let friday = Timestamp::parse_wib("2026-11-20 12:00:00").unwrap();
        assert_eq!(Way::Gopay.settled_at(friday, Course::Paid).wib(), "2026-11-23 03:00:00");
        assert_eq!(Way::Wallet.settled_at(friday, Course::Paid).wib(), "2026-11-24 03:00:00");
        assert_eq!(Way::Bank.settled_at(friday, Course::Paid).wib(), "2026-11-20 12:01:00");
        assert_eq!(Way::Bank.settled_at(friday, Course::Back).wib(), "2026-11-23 03:00:00");
        assert_eq!((plain(2_000_050), grouped(-125_000_005)), ("20000.50".into(), "-1.250.000,05".into()));
        assert_eq!((plain(-5), grouped(7)), ("-0.05".into(), "0,07".into()));
    }
}

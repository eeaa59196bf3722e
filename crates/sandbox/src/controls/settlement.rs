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
    extract::{Query, State},
    http::header,
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
pub(super) struct Asked {
    date: String,
    until: Option<String>,
}

/// The days that are asked for.
struct Days {
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

/// A line.
struct Line {
    reference: String,
    id: String,
    /// Whether it went back.
    is_back: bool,
    way: Way,
    /// Whole rupiah.
    amount: i64,
    at: Timestamp,
    settled_at: Timestamp,
}

impl Days {
    fn read(asked: &Asked, now: Timestamp) -> Result<Days, Problem> {
        let day = |text: &str| text.parse::<WibDay>().map_err(|error| Problem::invalid(error.to_string()));
        let first = day(&asked.date)?;
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

    /// The line, when it is settled on these days and by now.
    fn line(
        &self,
        reference: &str,
        id: &str,
        (way, amount): (Way, i64),
        at: Timestamp,
        is_back: bool,
    ) -> Option<Line> {
        let settled_at = way.settled_at(at, is_back);
        let day = settled_at.wib_day();
        let is_due = self.first <= day && day <= self.last && settled_at <= self.now;
        let (reference, id) = (reference.to_owned(), id.to_owned());
        is_due.then_some(Line { reference, id, is_back, way, amount, at, settled_at })
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

    fn settled_at(self, at: Timestamp, is_back: bool) -> Timestamp {
        match self.weekdays().max(u32::from(is_back)) {
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
        if self.is_back {
            return [amount.saturating_neg(), 0, 0, amount.saturating_neg()];
        }
        let (fee, tax) = self.way.kept(self.amount);
        [amount, fee, tax, amount.saturating_sub(fee).saturating_sub(tax)]
    }

    fn word<'a>(&self, paid: &'a str, back: &'a str) -> &'a str {
        if self.is_back { back } else { paid }
    }
}

pub(super) async fn midtrans(
    State(world): State<Arc<World>>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let days = Days::read(&asked, world.now())?;
    let mut tx = world.db.read("world.settlement").await?;
    let mut lines = Vec::new();
    for t in midtrans::moved(&mut tx, days.reach()).await? {
        let way = of_midtrans(&t);
        // What a till took back is not settled.
        if let Some(at) = t.settled_at.filter(|_| t.status != midtrans::Status::Deny) {
            lines.extend(days.line(&t.order_id, &t.transaction_id, (way, t.shown_amount()), at, false));
        }
        for refund in midtrans::refunds(&mut tx, &t.transaction_id).await? {
            let worth = (way, refund.amount);
            lines.extend(days.line(&t.order_id, &t.transaction_id, worth, refund.requested_at, true));
        }
    }
    let mut text = String::from(
        "Order ID,Transaction ID,Transaction Type,Gross Amount,Fee,Net Amount,Transaction Time,Settlement Time\n",
    );
    for line in &lines {
        let [amount, fee, tax, net] = line.figures();
        let cells = [
            line.reference.clone(),
            line.id.clone(),
            line.word("Payment", "Refund").to_owned(),
            plain(amount),
            plain(fee.saturating_add(tax)),
            plain(net),
            line.at.wib(),
            line.settled_at.wib(),
        ];
        row(&mut text, &cells, ",");
    }
    Ok(csv(text))
}

pub(super) async fn dana(
    State(world): State<Arc<World>>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let days = Days::read(&asked, world.now())?;
    let mut tx = world.db.read("world.settlement").await?;
    let mut lines = Vec::new();
    for order in dana::moved(&mut tx, days.reach()).await? {
        let (way, ours, theirs) = (of_dana(&order), &order.partner_reference_no, &order.reference_no);
        if let Some(at) = order.paid_at {
            lines.extend(days.line(ours, theirs, (way, order.amount), at, false));
        }
        for refund in dana::refunds(&mut tx, theirs).await? {
            if let Some(at) = refund.finished_at {
                lines.extend(days.line(ours, theirs, (way, refund.amount), at, true));
            }
        }
    }
    // As a spreadsheet in Indonesia writes it, with a title before and a sum behind.
    let mut text = String::from(
        "Laporan Settlement\n\nPartner Reference No;Reference No;Transaction Type;Amount;Fee;Tax;Settlement Amount;Transaction Date;Settlement Date\n",
    );
    let day_first = |at: Timestamp| {
        let text = at.wib();
        let (day, time) = text.split_once(' ').unwrap_or((&text, ""));
        let parts: Vec<&str> = day.split('-').rev().collect();
        format!("{} {time}", parts.join("/"))
    };
    let mut sum = 0_i64;
    for line in &lines {
        let [amount, fee, tax, net] = line.figures();
        sum = sum.saturating_add(net);
        let cells = [
            line.reference.clone(),
            line.id.clone(),
            line.word("Pembayaran", "Pengembalian").to_owned(),
            grouped(amount),
            grouped(fee),
            grouped(tax),
            grouped(net),
            day_first(line.at),
            day_first(line.settled_at),
        ];
        row(&mut text, &cells, ";");
    }
    row(
        &mut text,
        &["Total".into(), "".into(), "".into(), "".into(), "".into(), "".into(), grouped(sum)],
        ";",
    );
    Ok(csv(text))
}

pub(super) async fn xendit(
    State(world): State<Arc<World>>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let days = Days::read(&asked, world.now())?;
    let mut tx = world.db.read("world.settlement").await?;
    let mut lines = Vec::new();
    for charge in xendit::moved(&mut tx, days.reach()).await? {
        let way = of_xendit(&charge);
        if let Some(at) = charge.paid_at.filter(|_| charge.is_paid()) {
            lines.extend(days.line(
                &charge.reference_id,
                &charge.payment_id,
                (way, charge.amount),
                at,
                false,
            ));
        }
        for refund in xendit::refunds(&mut tx, &charge.id).await?.into_iter().filter(xendit::Refund::is_done)
        {
            let worth = (way, refund.amount);
            lines.extend(days.line(&charge.reference_id, &charge.payment_id, worth, refund.updated_at, true));
        }
    }
    let mut text =
        String::from("Reference ID\tPayment ID\tType\tAmount\tFee\tVAT\tNet Amount\tCreated\tSettled At\n");
    for line in &lines {
        let [amount, fee, tax, net] = line.figures();
        let cells = [
            line.reference.clone(),
            line.id.clone(),
            line.word("PAYMENT", "REFUND").to_owned(),
            (amount / 100).to_string(),
            plain(fee),
            plain(tax),
            plain(net),
            line.at.rfc3339(),
            line.settled_at.rfc3339(),
        ];
        row(&mut text, &cells, "\t");
    }
    Ok(csv(text))
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

fn row(text: &mut String, cells: &[String], delimiter: &str) {
    text.push_str(&cells.join(delimiter));
    text.push('\n');
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
        assert_eq!(Way::Gopay.settled_at(friday, false).wib(), "2026-11-23 03:00:00");
        assert_eq!(Way::Wallet.settled_at(friday, false).wib(), "2026-11-24 03:00:00");
        assert_eq!(Way::Bank.settled_at(friday, false).wib(), "2026-11-20 12:01:00");
        assert_eq!(Way::Bank.settled_at(friday, true).wib(), "2026-11-23 03:00:00");
        assert_eq!((plain(2_000_050), grouped(-125_000_005)), ("20000.50".into(), "-1.250.000,05".into()));
        assert_eq!((plain(-5), grouped(7)), ("-0.05".into(), "0,07".into()));
    }
}

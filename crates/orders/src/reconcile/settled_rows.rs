//! What settlement reports say and what of ours they are about, read at one moment: the reports of a day, those that
//! were never compared, and what an alert of an earlier comparison is open about.

use super::{
    rows,
    settled::{Entry, Expected, Looked, Loose, Ours, SettlementSides, must_be_listed},
};
use crate::order;
use database::{Error, FromRow, ReadTx, Sql, report_sql};
use notifications::{AlertKind, open_alerts_of};
use payments::{
    LineKind, ListedBy, Payment, Refund, SettlementLine, SettlementReport, settled_after_weekdays,
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};
use vocabulary::{PaymentId, Purpose, Reference, Rupiah, Timestamp, WibDay};

/// How far back reports may lie that are needed to know what was listed.
const REACH: Duration = Duration::from_secs(60 * 86_400);
/// How long before the day of a report something may have been paid that must be listed in it: the slowest way,
/// with the ends of weeks.
const SLOWEST: Duration = Duration::from_secs(12 * 86_400);
/// How many payments of a gateway are read at once: all of them are looked for in reports.
const PAGE: u32 = 200;

/// A line with the id of its report.
type Told = (String, SettlementLine);

/// What is said under one name at a gateway.
struct Named {
    ours: Option<Payment>,
    /// The day of a line that is looked at now; none when it is an open alert that is looked at.
    news: Option<WibDay>,
    /// Lines that name no reference.
    direct: Vec<Told>,
}

/// Reads what is to be compared of settlement reports in the run of a day.
pub(super) async fn settled(tx: &mut ReadTx, day: WibDay) -> Result<SettlementSides, Error> {
    let reports = payments::settlement_reports_since(tx, day.start().minus(REACH).wib_day()).await?;
    let mut sides = SettlementSides::default();
    let mut named: BTreeMap<(String, String), Named> = BTreeMap::new();
    for report in reports.iter().filter(|report| is_looked_at(report, day)) {
        for line in payments::settlement_lines_of(tx, &report.id).await? {
            let listed = listed(&line, (report.lists, report.last_day));
            if report.compared_at.is_some() && listed != day {
                continue;
            }
            let gateway = report.gateway.clone();
            let ours = match line.kind {
                LineKind::Other => None,
                _ => ours_of(tx, &gateway, &line.reference, &line.their_id).await?,
            };
            // A fee that names a payment of ours is that payment's.
            let is_of_one = match line.kind {
                LineKind::Payment | LineKind::Refund | LineKind::Chargeback => true,
                LineKind::Fee => ours.is_some(),
                LineKind::Other => false,
            };
            if !is_of_one {
                sides.loose.push(Loose { gateway, day: listed, line });
                continue;
            }
            let raw = if line.reference.is_empty() { &line.their_id } else { &line.reference };
            let name = ours.as_ref().map_or_else(|| raw.clone(), |payment| payment.reference.to_string());
            let entry = named.entry((gateway, name));
            let known = entry.or_insert_with(|| Named { ours, news: Some(listed), direct: Vec::new() });
            if line.reference.is_empty() {
                known.direct.push((report.id.clone(), line));
            }
        }
    }
    for (gateway, reference) in alerted(tx).await? {
        if reference.parse::<Reference>().is_err() {
            if payments::settlement_report(tx, &reference).await?.is_none() {
                sides.gone.push(format!("{gateway}/{reference}"));
            }
            continue;
        }
        let ours = ours_of(tx, &gateway, &reference, "").await?;
        named.entry((gateway, reference)).or_insert_with(|| Named { ours, news: None, direct: Vec::new() });
    }
    let mut days = Days::of(&reports);
    for ((gateway, name), Named { ours, news, direct }) in named {
        let (told, ours) = match ours {
            Some(payment) => (told_of(tx, &gateway, &payment, direct).await?, whole(tx, &payment).await?),
            None => (chained(direct, payments::settlement_lines_about(tx, &gateway, &name).await?), None),
        };
        let looked = match news {
            None => Looked::Alert,
            Some(listed) => {
                let paid = days.of_payments(tx, &told).await?;
                let first = paid.first().copied().unwrap_or(listed);
                days.news.extend(paid.into_iter().map(|on| (gateway.clone(), on)));
                days.counted.insert((gateway.clone(), name.clone()));
                Looked::Whole(first)
            }
        };
        let lines = each_once(told);
        // What an alert is open about may be in no report any more: of one of ours the comparison says what that ends.
        if lines.is_empty() && ours.is_none() {
            sides.gone.push(format!("{gateway}/{name}"));
        } else {
            sides.entries.push(Entry { gateway, reference: name, lines, ours, looked });
        }
    }
    sides.entries.extend(of_the_same_days(tx, days).await?);
    let gateways: BTreeSet<&str> = reports.iter().map(|report| report.gateway.as_str()).collect();
    for gateway in gateways {
        let of_gateway: Vec<&SettlementReport> =
            reports.iter().filter(|report| report.gateway == gateway).collect();
        expect(tx, (gateway, day), &of_gateway, &mut sides).await?;
    }
    sides.reports = reports.into_iter().filter(|report| is_looked_at(report, day)).collect();
    Ok(sides)
}

/// The day on which a line is listed, by the way in which its report lists and the last day that it is about.
fn listed(line: &SettlementLine, (lists, last): (ListedBy, WibDay)) -> WibDay {
    line.listed_at(lists).map_or(last, Timestamp::wib_day)
}

/// On which days payments are listed, and what of them was looked at.
struct Days {
    /// How each report lists, and the last day that it is about.
    reports: HashMap<String, (ListedBy, WibDay)>,
    /// Days of a gateway of which something is news: their fees are told anew.
    news: BTreeSet<(String, WibDay)>,
    /// Whose fees are counted, by gateway and name.
    counted: BTreeSet<(String, String)>,
}

impl Days {
    fn of(reports: &[SettlementReport]) -> Days {
        let known = reports.iter().map(|report| (report.id.clone(), (report.lists, report.last_day)));
        Days { reports: known.collect(), news: BTreeSet::new(), counted: BTreeSet::new() }
    }

    /// The days on which these lines list a payment. Its fee is counted to the first of them.
    async fn of_payments(&mut self, tx: &mut ReadTx, told: &[Told]) -> Result<BTreeSet<WibDay>, Error> {
        let mut days = BTreeSet::new();
        for (id, line) in told.iter().filter(|(_, line)| line.kind == LineKind::Payment) {
            if !self.reports.contains_key(id)
                && let Some(report) = payments::settlement_report(tx, id).await?
            {
                self.reports.insert(id.clone(), (report.lists, report.last_day));
            }
            days.extend(self.reports.get(id).map(|report| listed(line, *report)));
        }
        Ok(days)
    }
}

/// The other payments of the days of which something is news, as reports that were compared before have them: what is
/// told of the fees of a day is about all of them, and not about the newest report alone.
async fn of_the_same_days(tx: &mut ReadTx, mut days: Days) -> Result<Vec<Entry>, Error> {
    let Some(first) = days.news.iter().map(|(_, on)| *on).min() else { return Ok(Vec::new()) };
    let reports = payments::settlement_reports_since(tx, first).await?;
    let mut entries = Vec::new();
    // What was never compared is looked at whole.
    for report in reports.iter().filter(|report| report.compared_at.is_some()) {
        let gateway = &report.gateway;
        let is_about = |on: &WibDay| report.first_day <= *on && *on <= report.last_day;
        if !days.news.iter().any(|(of, on)| of == gateway && is_about(on)) {
            continue;
        }
        for line in payments::settlement_lines_of(tx, &report.id).await? {
            let on = listed(&line, (report.lists, report.last_day));
            if line.kind != LineKind::Payment || !days.news.contains(&(gateway.clone(), on)) {
                continue;
            }
            let ours = ours_of(tx, gateway, &line.reference, &line.their_id).await?;
            let Some(payment) = ours else { continue };
            let reference = payment.reference.to_string();
            if !days.counted.insert((gateway.clone(), reference.clone())) {
                continue;
            }
            let told = told_of(tx, gateway, &payment, vec![(report.id.clone(), line)]).await?;
            let day = days.of_payments(tx, &told).await?.first().copied();
            let Some(day) = day.filter(|day| days.news.contains(&(gateway.clone(), *day))) else { continue };
            if let Some(ours) = whole(tx, &payment).await? {
                let (lines, looked) = (each_once(told), Looked::Fee(day));
                let ours = Some(ours);
                entries.push(Entry { gateway: gateway.clone(), reference, lines, ours, looked });
            }
        }
    }
    Ok(entries)
}

/// Whether a report is looked at in the run of this day: it is about the day, or it was never compared.
fn is_looked_at(report: &SettlementReport, day: WibDay) -> bool {
    report.compared_at.is_none() || (report.first_day <= day && day <= report.last_day)
}

/// What alerts of earlier comparisons are open about: the gateway, and the reference of a payment or the id of a
/// report.
async fn alerted(tx: &mut ReadTx) -> Result<Vec<(String, String)>, Error> {
    let open = open_alerts_of(tx, AlertKind::Reconciliation).await?;
    let named = open.iter().filter_map(|alert| {
        let (gateway, reference) = alert.subject.split_once(':')?.1.split_once('/')?;
        (reference.parse::<Reference>().is_ok() || reference.starts_with("set_")).then_some(())?;
        Some((gateway.to_owned(), reference.to_owned()))
    });
    Ok(named.collect())
}

/// The payment that a line is about: by our reference, by the key of a refund, by the gateway's own id.
async fn ours_of(
    tx: &mut ReadTx,
    gateway: &str,
    reference: &str,
    their_id: &str,
) -> Result<Option<Payment>, Error> {
    if let Ok(of_ours) = reference.parse::<Reference>() {
        return match of_ours.purpose() {
            Purpose::Payment => payments::payment_by_reference(tx, reference).await,
            Purpose::Refund => match payments::refund_by_reference(tx, &of_ours).await? {
                Some(refund) => payments::payment(tx, &refund.payment).await,
                None => Ok(None),
            },
            Purpose::Fulfilment => Ok(None),
        };
    }
    for id in [their_id, reference].into_iter().filter(|id| !id.is_empty()) {
        if let Some(payment) = payments::payment_by_their_id(tx, gateway, id).await? {
            return Ok(Some(payment));
        }
    }
    Ok(None)
}

/// All that the reports of a gateway say of a payment of ours and of its refunds, each line once.
async fn lines_of(tx: &mut ReadTx, gateway: &str, payment: &Payment) -> Result<Vec<SettlementLine>, Error> {
    Ok(each_once(told_of(tx, gateway, payment, Vec::new()).await?))
}

/// The same with what is known already, and as each report has it.
async fn told_of(
    tx: &mut ReadTx,
    gateway: &str,
    payment: &Payment,
    direct: Vec<Told>,
) -> Result<Vec<Told>, Error> {
    let mut names = vec![payment.reference.to_string()];
    names.extend(Some(payment.opened.transaction_id.clone()).filter(|id| !id.is_empty()));
    for refund in payments::refunds_of_order(tx, &payment.order).await? {
        if refund.payment == payment.id {
            names.push(refund.reference.to_string());
        }
    }
    let mut all = direct;
    for name in names {
        all = chained(all, payments::settlement_lines_about(tx, gateway, &name).await?);
    }
    Ok(all)
}

/// Both, without those that are in both.
fn chained(mut all: Vec<Told>, more: Vec<Told>) -> Vec<Told> {
    for (report, line) in more {
        if !all.iter().any(|(known, other)| *known == report && other.line == line.line) {
            all.push((report, line));
        }
    }
    all
}

/// Each line once, however many reports have it: as often as the report has it that has it most often.
fn each_once(all: Vec<Told>) -> Vec<SettlementLine> {
    let mut most: Vec<Vec<SettlementLine>> = Vec::new();
    let mut left = all;
    while let Some((_, first)) = left.first().cloned() {
        let (same, others): (Vec<Told>, Vec<Told>) = left
            .into_iter()
            .partition(|(_, line)| line.key() == first.key() && settled_together(line, &first));
        left = others;
        let mut by_report: BTreeMap<String, Vec<SettlementLine>> = BTreeMap::new();
        for (report, line) in same {
            by_report.entry(report).or_default().push(line);
        }
        // Of two readings that tell the same, the one that says more.
        let says = |lines: &Vec<SettlementLine>| lines.iter().filter(|line| line.fee.is_some()).count();
        most.extend(by_report.into_values().max_by_key(|lines| (lines.len(), says(lines))));
    }
    most.into_iter().flatten().collect()
}

/// Whether two lines can be one as far as their settlement goes: what was paid out on two days was paid out twice.
fn settled_together(line: &SettlementLine, other: &SettlementLine) -> bool {
    let days = line.settled_at.map(Timestamp::wib_day).zip(other.settled_at.map(Timestamp::wib_day));
    days.is_none_or(|(one, other)| one == other)
}

/// A payment with its order and its books.
async fn whole(tx: &mut ReadTx, payment: &Payment) -> Result<Option<Ours>, Error> {
    let Some(order) = order::order_by_id(tx, &payment.order).await? else { return Ok(None) };
    let lines = ledger::entries_of_order(tx, &payment.order).await?;
    let ours = rows::our_payment(payment, &lines);
    let back = ours.back;
    Ok(Some(Ours {
        number: order.number,
        payment: ours,
        refunded: payment.given_back_by_us(),
        taken_back: back.otherwise.checked_add(back.charged_back).unwrap_or(back.otherwise),
        back_is_unclear: back.is_unclear,
    }))
}

/// What of ours must be in the reports of a gateway by now, by those that are looked at.
async fn expect(
    tx: &mut ReadTx,
    (gateway, day): (&str, WibDay),
    reports: &[&SettlementReport],
    sides: &mut SettlementSides,
) -> Result<(), Error> {
    let looked_at = || reports.iter().filter(move |report| is_looked_at(report, day));
    let (Some(first), Some(last)) =
        (looked_at().map(|report| report.first_day).min(), looked_at().map(|report| report.last_day).max())
    else {
        return Ok(());
    };
    let window = (first.start().minus(SLOWEST), last.end());
    for payment in paid_between(tx, gateway, window).await? {
        let (Some(since), weekdays) = (payment.settled_at, settled_after_weekdays(payment.method)) else {
            continue;
        };
        if !must_be_listed(reports, day, since, weekdays) {
            continue;
        }
        let lines = lines_of(tx, gateway, &payment).await?;
        if let Some(ours) = whole(tx, &payment).await? {
            sides.expected.push(Expected { ours, refund: None, since, weekdays, lines });
        }
    }
    let mut refunds: HashMap<PaymentId, (Rupiah, Timestamp)> = HashMap::new();
    let with_refunds: Vec<&SettlementReport> =
        reports.iter().copied().filter(|report| report.lists_refunds).collect();
    for refund in refunded_between(tx, gateway, window).await? {
        let Some(payment) = payments::payment(tx, &refund.payment).await? else { continue };
        let Some(since) = refund.settled_at else { continue };
        if must_be_listed(&with_refunds, day, since, settled_after_weekdays(payment.method).max(1)) {
            let known = refunds.entry(payment.id).or_insert((Rupiah::ZERO, since));
            known.0 = known.0.checked_add(refund.amount).unwrap_or(known.0);
            known.1 = known.1.max(since);
        }
    }
    for (id, (amount, since)) in refunds {
        let Some(payment) = payments::payment(tx, &id).await? else { continue };
        let lines = lines_of(tx, gateway, &payment).await?;
        let weekdays = settled_after_weekdays(payment.method).max(1);
        if let Some(ours) = whole(tx, &payment).await? {
            sides.expected.push(Expected { ours, refund: Some(amount), since, weekdays, lines });
        }
    }
    Ok(())
}

/// The payments of a gateway that were settled between two moments, oldest first.
async fn paid_between(
    tx: &mut ReadTx,
    gateway: &str,
    window: (Timestamp, Timestamp),
) -> Result<Vec<Payment>, Error> {
    let statement = report_sql!(
        "SELECT * FROM payment
         WHERE gateway = $1 AND settled_at < $2 AND (settled_at > $3 OR (settled_at = $3 AND id > $4))
         AND state IN ('settled', 'refunding', 'partly_refunded', 'refunded') ORDER BY settled_at, id LIMIT $5"
    );
    all_between(tx, statement, (gateway, window), |payment: &Payment| {
        (payment.settled_at, payment.id.to_string())
    })
    .await
}

/// The refunds of a gateway that were done between two moments, oldest first.
async fn refunded_between(
    tx: &mut ReadTx,
    gateway: &str,
    window: (Timestamp, Timestamp),
) -> Result<Vec<Refund>, Error> {
    let statement = report_sql!(
        "SELECT * FROM refund
         WHERE gateway = $1 AND settled_at < $2 AND (settled_at > $3 OR (settled_at = $3 AND id > $4))
         AND state = 'done' ORDER BY settled_at, id LIMIT $5"
    );
    all_between(tx, statement, (gateway, window), |refund: &Refund| {
        (refund.settled_at, refund.id.to_string())
    })
    .await
}

/// All rows of a statement that reads those of a gateway before a moment and after a place, page by page.
async fn all_between<T: FromRow>(
    tx: &mut ReadTx,
    statement: Sql,
    (gateway, (from, until)): (&str, (Timestamp, Timestamp)),
    place: impl Fn(&T) -> (Option<Timestamp>, String),
) -> Result<Vec<T>, Error> {
    let (mut from, mut after) = (from, String::new());
    let mut all: Vec<T> = Vec::new();
    loop {
        let page: Vec<T> =
            statement.bind(gateway).bind(until).bind(from).bind(&after).bind(PAGE).all(tx).await?;
        let Some((moment, id)) = page.last().map(&place) else { return Ok(all) };
        (from, after) = (moment.unwrap_or(from), id);
        all.extend(page);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn a_line_that_two_reports_have_is_one_and_a_line_that_one_report_has_twice_is_two() {
        let told = |report: &str, n: i64, gross: i64| (report.to_owned(), line(n, gross, None));
        let count = |told: Vec<Told>| each_once(told).len();
        assert_eq!(count(vec![told("a", 2, 20_000), told("b", 7, 20_000)]), 1);
        assert_eq!(count(vec![told("a", 2, 20_000), told("a", 3, 20_000), told("b", 7, 20_000)]), 2);
        assert_eq!(count(vec![told("a", 2, 20_000), told("b", 7, 19_000)]), 2, "a correction is seen");
        // The same, written before it was settled and after.
        let (before, after) = (line(2, 20_000, None), line(5, 20_000, Some(1)));
        assert_eq!(count(vec![("a".into(), before), ("b".into(), after.clone())]), 1);
        // Where nobody says when it was paid, the day on which it was paid out tells two parts of a refund apart.
        let next_day = line(6, 20_000, Some(86_400_001));
        assert_eq!(count(vec![("b".into(), after.clone()), ("c".into(), next_day)]), 2);
        assert_eq!(count(vec![("b".into(), after.clone()), ("c".into(), after)]), 1);
    }
}

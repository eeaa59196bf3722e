//! What settlement reports say and what of ours they are about, read at one moment: what this run takes of reports that
//! were never compared whole, the reports of a day, and what an alert of an earlier comparison is open about.

use super::{
    act,
    settled::{Entry, Looked, Loose, Progress, SettlementSides, covers},
    settled_days::{Days, PAGE, listed},
    settled_known::{lines_under, ours_of, told_of, whole},
    settled_missing::{Search, beginning, gateways_of_day},
    settled_once::{Told, chained, each_once},
};
use crate::Rules;
use database::{Error, ReadTx};
use payments::{LineKind, Payment, SettlementLine, SettlementPlace, SettlementReport};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use vocabulary::{Reference, WibDay};

/// How far back reports may lie that are needed to know what was listed.
const REACH: Duration = Duration::from_secs(60 * 86_400);
/// How much one run reads again at most of what was compared before.
const AGAIN: usize = 20_000;

/// How much one run takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    /// So many lines of reports that were never compared whole, and so many payments that may be missing in them.
    pub(super) news: usize,
    /// And so many of what was compared before: what is listed on the day of the run, and what is told together with
    /// news.
    again: usize,
}

impl Bounds {
    pub(super) fn of(rules: &Rules) -> Bounds {
        Bounds { news: usize::try_from(rules.settlement_lines).unwrap_or(usize::MAX).max(1), again: AGAIN }
    }

    /// Much less, when so much cannot be read.
    pub(super) fn after_a_failure(self) -> Bounds {
        Bounds { news: (self.news / 10).max(1), again: (self.again / 10).max(1) }
    }
}

/// A line that is looked at.
struct Line {
    report: String,
    gateway: String,
    listed: WibDay,
    line: SettlementLine,
}

impl Line {
    fn of(report: &SettlementReport, line: SettlementLine) -> Line {
        let listed = listed(&line, (report.lists, report.last_day));
        Line { report: report.id.clone(), gateway: report.gateway.clone(), listed, line }
    }
}

/// What is said under one name at a gateway.
struct Named {
    ours: Option<Payment>,
    /// The day of a line that is looked at now; none when it is an open alert that is looked at.
    news: Option<WibDay>,
    /// Lines that are found by no reference of ours.
    direct: Vec<Told>,
}

/// All names that are looked at, by gateway.
type Names = BTreeMap<String, BTreeMap<String, Named>>;

/// Reads what is to be compared of settlement reports in the run of a day.
pub(super) async fn settled(tx: &mut ReadTx, day: WibDay, bounds: Bounds) -> Result<SettlementSides, Error> {
    let reports = payments::settlement_reports_since(tx, day.start().minus(REACH).wib_day()).await?;
    let open = act::open_alerts(tx).await?.into_iter().map(|alert| alert.subject).collect();
    let mut sides = SettlementSides { open, ..SettlementSides::default() };
    let mut days = Days::of(&reports);
    let mut lines = Vec::new();
    let places = news(tx, &reports, bounds.news, &mut lines).await?;
    sides.taken = lines.len();
    for (report, place) in &places {
        if let SettlementPlace::Line(after) = place {
            days.are_partly_read(tx, report, *after).await?;
        }
    }
    of_day(tx, (&reports, day), bounds.again, &mut lines, &mut sides).await?;
    sides.lines = lines.len();
    let mut names = named(tx, lines, (bounds.again, &mut sides)).await?;
    alerted(tx, &mut names, &mut sides).await?;
    for (gateway, names) in &names {
        entries(tx, gateway, names, (&mut days, &mut sides)).await?;
    }
    let others = days.others(tx, bounds.again).await?;
    sides.entries.extend(others);
    sides.partly = days.partly;

    let mut search = Search::new(&reports, day);
    let mut room = bounds.news;
    for (report, place) in &places {
        let to = search.go_on(tx, (*report, place.clone()), &mut room).await?;
        sides.progress.push(Progress {
            id: report.id.clone(),
            gateway: report.gateway.clone(),
            from: report.place.clone(),
            to,
        });
    }
    sides.taken = sides.taken.max(search.count);
    let mut room = bounds.again;
    for gateway in gateways_of_day(&reports, day) {
        if !search.once_more(tx, gateway, &mut room).await? {
            sides.cut(gateway, day);
        }
    }
    sides.expected = search.expected;
    sides.reports =
        reports.into_iter().filter(|report| report.compared_at.is_none() || covers(report, day)).collect();
    Ok(sides)
}

/// Takes so many lines of the reports that were never compared whole, each from where it stands, the oldest first. Where
/// each of them stands then.
async fn news<'a>(
    tx: &mut ReadTx,
    reports: &'a [SettlementReport],
    mut room: usize,
    lines: &mut Vec<Line>,
) -> Result<Vec<(&'a SettlementReport, SettlementPlace)>, Error> {
    let mut places = Vec::new();
    for report in reports.iter().filter(|report| report.compared_at.is_none()) {
        let mut place = report.place.clone();
        if let SettlementPlace::Line(after) = place {
            // One more than is taken shows whether there are more.
            let limit = u32::try_from(room.saturating_add(1)).unwrap_or(u32::MAX);
            let mut some = payments::settlement_lines_after(tx, &report.id, after, limit).await?;
            let is_all = some.len() <= room;
            some.truncate(room);
            room = room.saturating_sub(some.len());
            place = match some.last() {
                _ if is_all => beginning(report),
                Some(last) => SettlementPlace::Line(last.line),
                None => SettlementPlace::Line(after),
            };
            lines.extend(some.into_iter().map(|line| Line::of(report, line)));
        }
        places.push((report, place));
    }
    Ok(places)
}

/// Takes what reports that were compared before list on the day of the run.
async fn of_day(
    tx: &mut ReadTx,
    (reports, day): (&[SettlementReport], WibDay),
    mut room: usize,
    lines: &mut Vec<Line>,
    sides: &mut SettlementSides,
) -> Result<(), Error> {
    for report in reports.iter().filter(|report| report.compared_at.is_some() && covers(report, day)) {
        let mut after = 0;
        loop {
            let page = payments::settlement_lines_after(tx, &report.id, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.line;
            let all = page.into_iter().map(|line| Line::of(report, line));
            let of_day: Vec<Line> = all.filter(|line| line.listed == day).collect();
            if of_day.len() > room {
                sides.cut(&report.gateway, day);
                break;
            }
            room = room.saturating_sub(of_day.len());
            lines.extend(of_day);
        }
    }
    Ok(())
}

/// The names that these lines are about; what is about none is loose, and stands there once for each day, however many
/// reports have it.
async fn named(
    tx: &mut ReadTx,
    lines: Vec<Line>,
    (room, sides): (usize, &mut SettlementSides),
) -> Result<Names, Error> {
    let mut by_gateway: BTreeMap<String, Vec<Line>> = BTreeMap::new();
    for line in lines {
        by_gateway.entry(line.gateway.clone()).or_default().push(line);
    }
    let mut names = Names::new();
    let mut loose: BTreeMap<(String, WibDay, String), Vec<Told>> = BTreeMap::new();
    for (gateway, lines) in by_gateway {
        let name = |Line { line, .. }: &Line| match line.kind {
            LineKind::Other => (String::new(), String::new()),
            _ => (line.reference.clone(), line.their_id.clone()),
        };
        let wanted: Vec<(String, String)> = lines.iter().map(name).collect();
        let ours = ours_of(tx, &gateway, &wanted).await?;
        let of_gateway = names.entry(gateway.clone()).or_default();
        for (Line { report, listed, line, .. }, ours) in lines.into_iter().zip(ours) {
            // A fee that names a payment of ours is that payment's.
            let is_of_one = match line.kind {
                LineKind::Payment | LineKind::Refund | LineKind::Chargeback => true,
                LineKind::Fee => ours.is_some(),
                LineKind::Other => false,
            };
            if !is_of_one {
                // Where none has an id, what they are called tells them apart.
                let of = (gateway.clone(), listed, line.word.clone());
                loose.entry(of).or_default().push((report, line));
                continue;
            }
            let raw = if line.reference.is_empty() { &line.their_id } else { &line.reference };
            let name = ours.as_ref().map_or_else(|| raw.clone(), |payment| payment.reference.to_string());
            let known = of_gateway.entry(name);
            let known = known.or_insert_with(|| Named { ours, news: Some(listed), direct: Vec::new() });
            if line.reference.parse::<Reference>().is_err() {
                known.direct.push((report, line));
            }
        }
    }
    let more = other_fees(tx, &loose, (room, &mut *sides)).await?;
    for Line { report, gateway, listed, line } in more {
        loose.entry((gateway, listed, line.word.clone())).or_default().push((report, line));
    }
    for ((gateway, day, _), told) in loose {
        let once = each_once(told).into_iter();
        sides.loose.extend(once.map(|line| Loose { gateway: gateway.clone(), day, line }));
    }
    Ok(names)
}

/// The other fees beside payments of the days of which there are some: those in other reports, and in parts of these that
/// another run compares. What is told of a day is all that was kept on it, whichever part is compared last.
async fn other_fees(
    tx: &mut ReadTx,
    loose: &BTreeMap<(String, WibDay, String), Vec<Told>>,
    (room, sides): (usize, &mut SettlementSides),
) -> Result<Vec<Line>, Error> {
    let (mut days, mut known) = (BTreeSet::new(), BTreeSet::new());
    for ((gateway, on, _), told) in loose {
        for (report, line) in told.iter().filter(|(_, line)| line.kind == LineKind::Fee) {
            days.insert((gateway.clone(), *on));
            known.insert((report.clone(), line.line));
        }
    }
    let mut all = Vec::new();
    let Some(first) = days.iter().map(|(_, on)| *on).min() else { return Ok(all) };
    let reports = payments::settlement_reports_since(tx, first).await?;
    let gateways: BTreeSet<&str> = days.iter().map(|(gateway, _)| gateway.as_str()).collect();
    for gateway in gateways {
        let mut fees = Vec::new();
        let is_about_them = |report: &&SettlementReport| {
            let covers_one = || days.iter().any(|(of, on)| of == gateway && covers(report, *on));
            report.gateway == gateway && (report.compared_at.is_none() || covers_one())
        };
        for report in reports.iter().filter(is_about_them) {
            let mut after = 0;
            loop {
                let page = payments::settlement_fees_after(tx, &report.id, after, PAGE).await?;
                let Some(last) = page.last() else { break };
                after = last.line;
                let lines = page.into_iter().map(|line| Line::of(report, line));
                fees.extend(lines.filter(|Line { report, gateway, listed, line }| {
                    days.contains(&(gateway.clone(), *listed))
                        && !known.contains(&(report.clone(), line.line))
                }));
                if fees.len() > room {
                    days.iter().for_each(|(gateway, on)| sides.cut(gateway, *on));
                    return Ok(all);
                }
            }
        }
        let names: Vec<(String, String)> =
            fees.iter().map(|Line { line, .. }| (line.reference.clone(), line.their_id.clone())).collect();
        let ours = ours_of(tx, gateway, &names).await?;
        all.extend(fees.into_iter().zip(ours).filter(|(_, ours)| ours.is_none()).map(|(line, _)| line));
    }
    Ok(all)
}

/// Adds what alerts of earlier comparisons are open about: payments, and reports that could not be read whole.
async fn alerted(tx: &mut ReadTx, names: &mut Names, sides: &mut SettlementSides) -> Result<(), Error> {
    let mut by_gateway: BTreeMap<&str, Vec<(String, String)>> = BTreeMap::new();
    for alert in &sides.open {
        let Some((_, of)) = alert.split_once(':') else { continue };
        let Some((gateway, name)) = of.split_once('/') else { continue };
        if name.parse::<Reference>().is_ok() {
            by_gateway.entry(gateway).or_default().push((name.to_owned(), String::new()));
        } else if name.starts_with("set_") && payments::settlement_report(tx, name).await?.is_none() {
            sides.gone.push(of.to_owned());
        }
    }
    for (gateway, wanted) in by_gateway {
        let ours = ours_of(tx, gateway, &wanted).await?;
        let of_gateway = names.entry(gateway.to_owned()).or_default();
        for ((name, _), ours) in wanted.into_iter().zip(ours) {
            of_gateway.entry(name).or_insert_with(|| Named { ours, news: None, direct: Vec::new() });
        }
    }
    Ok(())
}

/// Reads all that is known of these names at a gateway.
async fn entries(
    tx: &mut ReadTx,
    gateway: &str,
    names: &BTreeMap<String, Named>,
    (days, sides): (&mut Days, &mut SettlementSides),
) -> Result<(), Error> {
    let paid: Vec<&Payment> = names.values().filter_map(|named| named.ours.as_ref()).collect();
    let told = told_of(tx, gateway, &paid).await?;
    let mut known = told.into_iter().zip(whole(tx, &paid).await?);
    let unknown = names.iter().filter(|(_, named)| named.ours.is_none()).map(|(name, _)| name.as_str());
    // What is written in another way than ours is looked at as it stands there.
    let strange: Vec<&str> = unknown.filter(|name| name.parse::<Reference>().is_ok()).collect();
    let strange = lines_under(tx, gateway, &strange).await?;
    for (name, Named { ours, news, direct }) in names {
        let found = if ours.is_some() { known.next() } else { None };
        let (more, ours) = match found {
            Some((told, ours)) => (told, Some(ours)),
            None => (strange.get(name).cloned().unwrap_or_default(), None),
        };
        let told = chained(direct.clone(), more);
        let looked = match news {
            None => Looked::Alert,
            Some(listed) => {
                let paid = days.of_payments(tx, &told).await?;
                let first = paid.first().copied().unwrap_or(*listed);
                days.news.extend(paid.into_iter().map(|on| (gateway.to_owned(), on)));
                days.counted.insert((gateway.to_owned(), name.clone()));
                Looked::Whole(first)
            }
        };
        let lines = each_once(told);
        // What an alert is open about may be in no report any more: of one of ours the comparison says what that ends.
        if lines.is_empty() && ours.is_none() {
            sides.gone.push(format!("{gateway}/{name}"));
        } else {
            sides.entries.push(Entry {
                gateway: gateway.to_owned(),
                reference: name.clone(),
                lines,
                ours,
                looked,
            });
        }
    }
    Ok(())
}

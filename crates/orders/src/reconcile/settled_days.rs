//! Whose fees are told together: those of all payments that a gateway lists on a day, whichever reports they stand in.

use super::{
    settled::{Entry, Looked, covers},
    settled_known::{ours_of, told_of, whole},
    settled_once::{Told, each_once},
};
use database::{Error, ReadTx};
use payments::{LineKind, ListedBy, Payment, SettlementLine, SettlementReport};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use vocabulary::{Timestamp, WibDay};

/// How many lines of a report are read at once.
pub(super) const PAGE: u32 = 2_000;

/// The day on which a line is listed, by the way in which its report lists and the last day that it is about.
pub(super) fn listed(line: &SettlementLine, (lists, last): (ListedBy, WibDay)) -> WibDay {
    line.listed_at(lists).map_or(last, Timestamp::wib_day)
}

/// On which days payments are listed, and what of them was looked at.
pub(super) struct Days {
    /// How each report lists, and the last day that it is about.
    reports: HashMap<String, (ListedBy, WibDay)>,
    /// Days of a gateway of which something is news: their fees are told anew.
    pub(super) news: BTreeSet<(String, WibDay)>,
    /// Days of which not all is read in this run.
    pub(super) partly: BTreeSet<(String, WibDay)>,
    /// Whose fees are counted, by gateway and name.
    pub(super) counted: BTreeSet<(String, String)>,
}

impl Days {
    pub(super) fn of(reports: &[SettlementReport]) -> Days {
        let known = reports.iter().map(|report| (report.id.clone(), (report.lists, report.last_day)));
        let (news, partly, counted) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        Days { reports: known.collect(), news, partly, counted }
    }

    /// Notes the days of which a report lists payments after this line.
    pub(super) async fn are_partly_read(
        &mut self,
        tx: &mut ReadTx,
        report: &SettlementReport,
        line: i64,
    ) -> Result<(), Error> {
        let later = payments::settlement_moments_after(tx, (report.id.as_str(), report.lists), line).await?;
        for moment in later {
            let on = moment.map_or(report.last_day, Timestamp::wib_day);
            self.partly.insert((report.gateway.clone(), on));
        }
        Ok(())
    }

    /// The days on which these lines list a payment. Its fee is counted to the first of them.
    pub(super) async fn of_payments(
        &mut self,
        tx: &mut ReadTx,
        told: &[Told],
    ) -> Result<BTreeSet<WibDay>, Error> {
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

    /// The other payments of the days of which something is news, as other reports have them and parts of reports that
    /// were compared before: what is told of the fees of a day is about all of them, and not about the newest alone.
    /// When they are more than there is room for, those days are read in part.
    pub(super) async fn others(&mut self, tx: &mut ReadTx, room: usize) -> Result<Vec<Entry>, Error> {
        let whole_days: BTreeSet<(String, WibDay)> = self.news.difference(&self.partly).cloned().collect();
        let Some(first) = whole_days.iter().map(|(_, on)| *on).min() else { return Ok(Vec::new()) };
        let (mut entries, mut room) = (Vec::new(), room);
        for report in payments::settlement_reports_since(tx, first).await? {
            if !whole_days.iter().any(|(of, on)| *of == report.gateway && covers(&report, *on)) {
                continue;
            }
            let mut after = 0;
            loop {
                let page = payments::settlement_lines_after(tx, &report.id, after, PAGE).await?;
                let Some(last) = page.last() else { break };
                after = last.line;
                let of_these_days = |line: &SettlementLine| {
                    let on = listed(line, (report.lists, report.last_day));
                    line.kind == LineKind::Payment && whole_days.contains(&(report.gateway.clone(), on))
                };
                let lines: Vec<SettlementLine> = page.into_iter().filter(of_these_days).collect();
                let some = self.of_lines(tx, &report, lines).await?;
                if some.len() > room {
                    self.partly.extend(whole_days.iter().cloned());
                    return Ok(entries);
                }
                room = room.saturating_sub(some.len());
                entries.extend(some);
            }
        }
        Ok(entries)
    }

    /// The payments that these lines of a report are about, of those that are not counted yet.
    async fn of_lines(
        &mut self,
        tx: &mut ReadTx,
        report: &SettlementReport,
        lines: Vec<SettlementLine>,
    ) -> Result<Vec<Entry>, Error> {
        let gateway = &report.gateway;
        let names: Vec<(String, String)> =
            lines.iter().map(|line| (line.reference.clone(), line.their_id.clone())).collect();
        let ours = ours_of(tx, gateway, &names).await?;
        let mut fresh: BTreeMap<String, (Payment, Told)> = BTreeMap::new();
        for (line, ours) in lines.into_iter().zip(ours) {
            let Some(payment) = ours else { continue };
            let reference = payment.reference.to_string();
            if self.counted.insert((gateway.clone(), reference.clone())) {
                fresh.insert(reference, (payment, (report.id.clone(), line)));
            }
        }
        let paid: Vec<&Payment> = fresh.values().map(|(payment, _)| payment).collect();
        let told = told_of(tx, gateway, &paid).await?;
        let ours = whole(tx, &paid).await?;
        let mut entries = Vec::with_capacity(paid.len());
        for (((reference, (_, own)), mut told), ours) in fresh.iter().zip(told).zip(ours) {
            if !told.iter().any(|(of, line)| *of == own.0 && line.line == own.1.line) {
                told.push(own.clone());
            }
            let day = self.of_payments(tx, &told).await?.first().copied();
            let Some(day) = day.filter(|day| self.news.contains(&(gateway.clone(), *day))) else { continue };
            entries.push(Entry {
                gateway: gateway.clone(),
                reference: reference.clone(),
                lines: each_once(told),
                ours: Some(ours),
                looked: Looked::Fee(day),
            });
        }
        Ok(entries)
    }
}

//! What of ours must be in settlement reports by now, with what they have of it: looked for a page at a time, from where
//! the run before stopped.

use super::{
    settled::{Expected, covers, must_be_listed},
    settled_known::{told_of, whole},
    settled_once::each_once,
};
use database::{Error, FromRow, ReadTx, Sql, report_sql};
use payments::{Payment, Refund, RefundState, SettlementPlace, SettlementReport, settled_after_weekdays};
use std::{collections::BTreeSet, time::Duration};
use vocabulary::{PaymentId, Rupiah, Timestamp, WibDay};

/// How long before the day of a report something may have been paid that must be listed in it: the slowest way,
/// with the ends of weeks.
const SLOWEST: Duration = Duration::from_secs(12 * 86_400);
/// How many payments of a gateway are read at once.
const PAGE: usize = 200;

/// After which moment, in milliseconds, and id something is looked for.
type After = (i64, String);

/// The first place at which what a report lacks is looked for.
pub(super) fn beginning(report: &SettlementReport) -> SettlementPlace {
    SettlementPlace::Paid(earliest(report).millis(), String::new())
}

fn earliest(report: &SettlementReport) -> Timestamp {
    report.first_day.start().minus(SLOWEST)
}

/// Looks for what reports lack in the run of a day.
pub(super) struct Search<'a> {
    reports: &'a [SettlementReport],
    day: WibDay,
    /// What was looked for already: payments, and the refunds of payments.
    payments: BTreeSet<PaymentId>,
    refunds: BTreeSet<PaymentId>,
    /// What must be there.
    pub(super) expected: Vec<Expected>,
    /// How many payments and refunds were looked at.
    pub(super) count: usize,
}

impl<'a> Search<'a> {
    pub(super) fn new(reports: &'a [SettlementReport], day: WibDay) -> Self {
        let (payments, refunds) = (BTreeSet::new(), BTreeSet::new());
        Search { reports, day, payments, refunds, expected: Vec::new(), count: 0 }
    }

    /// Looks in a report for so many more from this place on. Where it has come to; none when that is the end.
    pub(super) async fn go_on(
        &mut self,
        tx: &mut ReadTx,
        (report, place): (&SettlementReport, SettlementPlace),
        room: &mut usize,
    ) -> Result<Option<SettlementPlace>, Error> {
        let (gateway, until) = (report.gateway.as_str(), report.last_day.end());
        let back_after = match place {
            SettlementPlace::Line(_) => return Ok(Some(place)),
            SettlementPlace::Paid(at, id) => match self.paid(tx, gateway, ((at, id), until), room).await? {
                Some((at, id)) => return Ok(Some(SettlementPlace::Paid(at, id))),
                None => (earliest(report).millis(), String::new()),
            },
            SettlementPlace::Back(at, id) => (at, id),
        };
        let place = self.back(tx, gateway, (back_after, until), room).await?;
        Ok(place.map(|(at, id)| SettlementPlace::Back(at, id)))
    }

    /// Looks once more for what must be in the reports of a gateway on the day of the run. False when it is too much.
    pub(super) async fn once_more(
        &mut self,
        tx: &mut ReadTx,
        gateway: &str,
        room: &mut usize,
    ) -> Result<bool, Error> {
        let after = (self.day.start().minus(SLOWEST).millis(), String::new());
        let until = self.day.end();
        let is_over = self.paid(tx, gateway, (after.clone(), until), room).await?.is_none();
        Ok(is_over && self.back(tx, gateway, (after, until), room).await?.is_none())
    }

    /// Looks for what was paid after this place. After which place it goes on, when there is more.
    async fn paid(
        &mut self,
        tx: &mut ReadTx,
        gateway: &str,
        (mut after, until): (After, Timestamp),
        room: &mut usize,
    ) -> Result<Option<After>, Error> {
        let statement = report_sql!(
            "SELECT * FROM payment
             WHERE gateway = $1 AND settled_at < $2 AND (settled_at > $3 OR (settled_at = $3 AND id > $4))
             AND state IN ('settled', 'refunding', 'partly_refunded', 'refunded') ORDER BY settled_at, id LIMIT $5"
        );
        while *room > 0 {
            let limit = PAGE.min(*room);
            let page: Vec<Payment> = page(tx, statement, (gateway, &after, until), limit).await?;
            *room = room.saturating_sub(page.len());
            if let Some(last) = page.last() {
                after = (last.settled_at.map_or(after.0, Timestamp::millis), last.id.to_string());
            }
            self.payments_of(tx, gateway, &page).await?;
            if page.len() < limit {
                return Ok(None);
            }
        }
        Ok(Some(after))
    }

    /// Looks for what went back after this place, likewise.
    async fn back(
        &mut self,
        tx: &mut ReadTx,
        gateway: &str,
        (mut after, until): (After, Timestamp),
        room: &mut usize,
    ) -> Result<Option<After>, Error> {
        let statement = report_sql!(
            "SELECT * FROM refund
             WHERE gateway = $1 AND settled_at < $2 AND (settled_at > $3 OR (settled_at = $3 AND id > $4))
             AND state = 'done' ORDER BY settled_at, id LIMIT $5"
        );
        while *room > 0 {
            let limit = PAGE.min(*room);
            let page: Vec<Refund> = page(tx, statement, (gateway, &after, until), limit).await?;
            *room = room.saturating_sub(page.len());
            if let Some(last) = page.last() {
                after = (last.settled_at.map_or(after.0, Timestamp::millis), last.id.to_string());
            }
            self.refunds_of(tx, gateway, &page).await?;
            if page.len() < limit {
                return Ok(None);
            }
        }
        Ok(Some(after))
    }

    async fn payments_of(&mut self, tx: &mut ReadTx, gateway: &str, page: &[Payment]) -> Result<(), Error> {
        self.count = self.count.saturating_add(page.len());
        let reports = self.of(gateway);
        let mut due: Vec<(&Payment, Due)> = Vec::new();
        for payment in page {
            let (Some(since), weekdays) = (payment.settled_at, settled_after_weekdays(payment.method)) else {
                continue;
            };
            if must_be_listed(&reports, self.day, since, weekdays) && self.payments.insert(payment.id.clone())
            {
                due.push((payment, Due { refund: None, since, weekdays }));
            }
        }
        self.expect(tx, gateway, due).await
    }

    async fn refunds_of(&mut self, tx: &mut ReadTx, gateway: &str, page: &[Refund]) -> Result<(), Error> {
        self.count = self.count.saturating_add(page.len());
        if page.is_empty() {
            return Ok(());
        }
        let mut reports = self.of(gateway);
        reports.retain(|report| report.lists_refunds);
        let ids: BTreeSet<&str> = page.iter().map(|refund| refund.payment.as_str()).collect();
        let ids = Vec::from_iter(ids);
        let paid = payments::payments_with_ids(tx, &ids).await?;
        let refunds = payments::refunds_of_payments(tx, &ids).await?;
        let mut due: Vec<(&Payment, Due)> = Vec::new();
        for payment in &paid {
            let weekdays = settled_after_weekdays(payment.method).max(1);
            // All of a payment together, as reports need not say which of them a line is.
            let mut all: Option<(Rupiah, Timestamp)> = None;
            let is_done = |refund: &&Refund| refund.state == RefundState::Done && refund.gateway == gateway;
            for refund in refunds.iter().filter(|refund| refund.payment == payment.id).filter(is_done) {
                let Some(since) = refund.settled_at else { continue };
                if must_be_listed(&reports, self.day, since, weekdays) {
                    let (amount, last) = all.unwrap_or((Rupiah::ZERO, since));
                    all = Some((amount.checked_add(refund.amount).unwrap_or(amount), last.max(since)));
                }
            }
            if let Some((amount, since)) = all
                && self.refunds.insert(payment.id.clone())
            {
                due.push((payment, Due { refund: Some(amount), since, weekdays }));
            }
        }
        self.expect(tx, gateway, due).await
    }

    fn of(&self, gateway: &str) -> Vec<&'a SettlementReport> {
        self.reports.iter().filter(|report| report.gateway == gateway).collect()
    }

    async fn expect(
        &mut self,
        tx: &mut ReadTx,
        gateway: &str,
        due: Vec<(&Payment, Due)>,
    ) -> Result<(), Error> {
        let paid: Vec<&Payment> = due.iter().map(|(payment, _)| *payment).collect();
        let told = told_of(tx, gateway, &paid).await?;
        let ours = whole(tx, &paid).await?;
        for (((_, due), told), ours) in due.into_iter().zip(told).zip(ours) {
            let Due { refund, since, weekdays } = due;
            self.expected.push(Expected { ours, refund, since, weekdays, lines: each_once(told) });
        }
        Ok(())
    }
}

/// What of a payment must be listed: how much of its refunds, or itself; since when, and after how many weekdays.
struct Due {
    refund: Option<Rupiah>,
    since: Timestamp,
    weekdays: u32,
}

/// The gateways of which reports that were compared before are about this day.
pub(super) fn gateways_of_day(reports: &[SettlementReport], day: WibDay) -> BTreeSet<&str> {
    let of_day = reports.iter().filter(|report| report.compared_at.is_some() && covers(report, day));
    of_day.map(|report| report.gateway.as_str()).collect()
}

/// So many rows of a statement that reads those of a gateway before a moment and after a place.
async fn page<T: FromRow>(
    tx: &mut ReadTx,
    statement: Sql,
    (gateway, after, until): (&str, &After, Timestamp),
    limit: usize,
) -> Result<Vec<T>, Error> {
    let (at, id) = after;
    let from = Timestamp::from_millis(*at);
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    statement.bind(gateway).bind(until).bind(from).bind(id).bind(limit).all(tx).await
}

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

/// What is looked for.
#[derive(Clone, Copy)]
enum What {
    /// What was paid.
    Paid,
    /// What went back.
    Back,
}

impl What {
    /// A page of it: by gateway, until when, and after which place.
    fn statement(self) -> Sql {
        match self {
            What::Paid => report_sql!(
                "SELECT * FROM payment
                 WHERE gateway = $1 AND settled_at < $2 AND (settled_at > $3 OR (settled_at = $3 AND id > $4))
                 AND state IN ('settled', 'refunding', 'partly_refunded', 'refunded') ORDER BY settled_at, id LIMIT $5"
            ),
            What::Back => report_sql!(
                "SELECT * FROM refund
                 WHERE gateway = $1 AND settled_at < $2 AND (settled_at > $3 OR (settled_at = $3 AND id > $4))
                 AND state = 'done' ORDER BY settled_at, id LIMIT $5"
            ),
        }
    }
}

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
            SettlementPlace::Paid(at, id) => {
                match self.walk(tx, What::Paid, (gateway, (at, id), until), room).await? {
                    Some((at, id)) => return Ok(Some(SettlementPlace::Paid(at, id))),
                    None => (earliest(report).millis(), String::new()),
                }
            }
            SettlementPlace::Back(at, id) => (at, id),
        };
        let place = self.walk(tx, What::Back, (gateway, back_after, until), room).await?;
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
        let is_over = self.walk(tx, What::Paid, (gateway, after.clone(), until), room).await?.is_none();
        Ok(is_over && self.walk(tx, What::Back, (gateway, after, until), room).await?.is_none())
    }

    /// Looks for what stands after this place. After which place it goes on, when there is more.
    async fn walk(
        &mut self,
        tx: &mut ReadTx,
        what: What,
        (gateway, mut after, until): (&str, After, Timestamp),
        room: &mut usize,
    ) -> Result<Option<After>, Error> {
        while *room > 0 {
            let limit = PAGE.min(*room);
            let place = (gateway, &after, until);
            let (count, last) = match what {
                What::Paid => {
                    let page: Vec<Payment> = page(tx, what.statement(), place, limit).await?;
                    self.payments_of(tx, gateway, &page).await?;
                    (page.len(), page.last().map(|last| (last.settled_at, last.id.to_string())))
                }
                What::Back => {
                    let page: Vec<Refund> = page(tx, what.statement(), place, limit).await?;
                    self.refunds_of(tx, gateway, &page).await?;
                    (page.len(), page.last().map(|last| (last.settled_at, last.id.to_string())))
                }
            };
            (*room, self.count) = (room.saturating_sub(count), self.count.saturating_add(count));
            if let Some((settled_at, id)) = last {
                after = (settled_at.map_or(after.0, Timestamp::millis), id);
            }
            if count < limit {
                return Ok(None);
            }
        }
        Ok(Some(after))
    }

    async fn payments_of(&mut self, tx: &mut ReadTx, gateway: &str, page: &[Payment]) -> Result<(), Error> {
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
        self.look_for(tx, gateway, due).await
    }

    async fn refunds_of(&mut self, tx: &mut ReadTx, gateway: &str, page: &[Refund]) -> Result<(), Error> {
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
        self.look_for(tx, gateway, due).await
    }

    fn of(&self, gateway: &str) -> Vec<&'a SettlementReport> {
        self.reports.iter().filter(|report| report.gateway == gateway).collect()
    }

    async fn look_for(
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

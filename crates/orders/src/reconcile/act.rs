//! What follows from a reconciliation: alerts, and payments and deliveries that are made due so that the worker asks
//! about them.
//! Nothing else is changed.

use super::{
    gather::Gathered,
    report::{DifferenceKind, Report},
    settled::PARTY as SETTLEMENT,
};
use crate::Shop;
use database::{Error, ReadTx};
use notifications::{Alert, AlertKind, alert_open, alert_resolve, open_alerts_after};
use payments::SettlementPlace;
use std::collections::{BTreeMap, BTreeSet};
use vocabulary::Timestamp;

/// How many alerts one run opens at most about settlement reports, and about everything else; one more says how many
/// there are.
pub(super) const MOST_ALERTS: usize = 100;
/// What the subject of an alert about a silent party begins with.
const NOT_ASKED: &str = "not_asked";
/// What the subject of an alert about further differences begins with.
pub(super) const MORE: &str = "more";

/// Opens an alert for each difference and each party that could not be asked, closes those that are gone, and
/// makes payments and deliveries due that are to be asked about again. How far settlement reports were compared is
/// noted, unless alerts about them were left out.
///
/// True when the next run goes on with them: some are not compared whole, and this one has brought them further.
pub(super) async fn record(shop: &Shop, gathered: &Gathered) -> Result<bool, Error> {
    let Gathered { report, looked_at, still_open, of_settlement, settlements } = gathered;
    let now = shop.clock.now();
    let kind = AlertKind::Reconciliation;
    let mut tx = shop.db.write("reconcile.record").await?;
    let open: BTreeSet<String> = open_alerts(&mut tx).await?.into_iter().map(|alert| alert.subject).collect();
    let wanted = wanted(report, of_settlement, &open);
    let mut changed = false;
    for subject in &open {
        let stays = wanted.alerts.contains_key(subject) || still_open.contains(subject);
        if !stays && is_over(subject, report, looked_at) {
            changed |= alert_resolve(&mut tx, kind, subject, now).await?;
        }
    }
    for (subject, message) in &wanted.alerts {
        changed |= alert_open(&mut tx, &shop.ids, now, (kind, subject.as_str(), message.as_str())).await?;
    }
    // In one order, as everybody else who locks several.
    let asked_again = report.differences.iter().filter(|found| found.asked_again);
    let again: BTreeSet<&str> = asked_again.map(|found| reference_in(&found.subject)).collect();
    for reference in again {
        changed |= payments::nudge(&mut tx, reference, now).await?;
        changed |= suppliers::nudge_delivered(&mut tx, reference, now).await?;
    }
    let mut is_further = false;
    for settlement in settlements.iter().filter(|_| wanted.has_all_of_settlement) {
        let (id, from) = (&settlement.id, &settlement.from);
        let went = match &settlement.to {
            None => payments::settlement_mark_compared(&mut tx, id, from, now).await?,
            Some(to) if to == from => continue,
            Some(to) => payments::settlement_go_on(&mut tx, id, (from, to)).await?,
        };
        changed |= went;
        is_further |= went || was_moved(&mut tx, id, from).await?;
    }
    if changed {
        tx.commit().await?;
    }
    Ok(is_further && settlements.iter().any(|settlement| settlement.to.is_some()))
}

/// Whether a report stands at this place no more: somebody else has compared it further at the same moment.
async fn was_moved(tx: &mut ReadTx, id: &str, from: &SettlementPlace) -> Result<bool, Error> {
    let report = payments::settlement_report(tx, id).await?;
    Ok(report.is_none_or(|report| report.compared_at.is_some() || report.place != *from))
}

/// All open alerts about what was compared.
pub(super) async fn open_alerts(tx: &mut ReadTx) -> Result<Vec<Alert>, Error> {
    let whenever = Timestamp::from_millis(i64::MAX);
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page = open_alerts_after(tx, AlertKind::Reconciliation, whenever, &after).await?;
        let Some(last) = page.last() else { return Ok(all) };
        after.clone_from(&last.subject);
        all.extend(page);
    }
}

/// The alerts that are to be open after a run.
struct Wanted {
    /// Their messages, by subject.
    alerts: BTreeMap<String, String>,
    /// Whether all differences with settlement reports are among them.
    has_all_of_settlement: bool,
}

/// How many alerts may be opened, and how many are left out.
struct Room {
    left: usize,
    left_out: usize,
}

impl Room {
    fn take(&mut self) -> bool {
        match self.left.checked_sub(1) {
            Some(left) => self.left = left,
            None => self.left_out = self.left_out.saturating_add(1),
        }
        self.left_out == 0
    }
}

/// The alerts of a report. Those that are open stay so; of the others so many are opened, and one more tells of the rest.
fn wanted(report: &Report, of_settlement: &BTreeSet<String>, open: &BTreeSet<String>) -> Wanted {
    let day = report.day;
    let silent = report.not_asked.iter().map(|silence| {
        let (party, count, first, why) = (&silence.party, silence.count, &silence.first, &silence.why);
        let message = if party == SETTLEMENT {
            format!("{party} are not compared whole: {count}, {first} among them ({why}): the daily run goes on part by part, `loket reconcile` now")
        } else {
            format!(
                "{party} could not be asked about {count} things of {day}, {first} among them ({why}): `loket doctor`, then `loket reconcile --date {day}`"
            )
        };
        (subject(NOT_ASKED, party), message)
    });
    let mut alerts: BTreeMap<String, String> = silent.collect();
    let room = || Room { left: MOST_ALERTS, left_out: 0 };
    let (mut settled, mut others) = (room(), room());
    for found in &report.differences {
        let subject = subject(found.kind.as_str(), &found.subject);
        let room = if of_settlement.contains(&subject) { &mut settled } else { &mut others };
        if alerts.contains_key(&subject) || open.contains(&subject) || room.take() {
            let message = format!(
                "{}: {}; {} (`loket reconcile --date {day}`)",
                in_words(found.kind),
                found.cause,
                found.action
            );
            alerts.insert(subject, message);
        }
    }
    let left_out = settled.left_out.saturating_add(others.left_out);
    if left_out > 0 {
        let message = format!(
            "{left_out} more differences on {day}: `loket reconcile --date {day}` shows all of them, and raises the next alerts"
        );
        alerts.insert(subject(MORE, &day.to_string()), message);
    }
    Wanted { alerts, has_all_of_settlement: settled.left_out == 0 }
}

/// The reference of a payment, with or without its gateway before it.
fn reference_in(subject: &str) -> &str {
    subject.rsplit('/').next().unwrap_or(subject)
}

pub(super) fn subject(kind: &str, of: &str) -> String {
    format!("{kind}:{of}")
}

/// Whether what an alert is about was looked at, and is not there any more.
fn is_over(alert: &str, report: &Report, looked_at: &BTreeSet<String>) -> bool {
    match alert.split_once(':') {
        Some((MORE, day)) => day == report.day.to_string(),
        Some((_, of)) => looked_at.contains(of),
        None => false,
    }
}

fn in_words(kind: DifferenceKind) -> &'static str {
    match kind {
        DifferenceKind::MissingWebhook => "the other side has decided and we have not heard",
        DifferenceKind::UnknownPayment => "money for a payment that we do not know",
        DifferenceKind::UnknownPurchase => "a purchase that we do not know",
        DifferenceKind::PaymentNotFound => "the gateway does not know this payment",
        DifferenceKind::PaidHereOnly => "paid here and not at the gateway",
        DifferenceKind::WrongAmount => "the amounts differ",
        DifferenceKind::TakenBack => "given back at the gateway",
        DifferenceKind::StillPayable => "over here and still payable at the gateway",
        DifferenceKind::StateDiffers => "the two call it different things",
        DifferenceKind::UnclearWord => "the gateway's word is unclear",
        DifferenceKind::DeliveredUnpaid => "delivered and not paid",
        DifferenceKind::NotDeliveredThere => "delivered here and not by the supplier",
        DifferenceKind::DeliveredThere => "failed here and delivered by the supplier",
        DifferenceKind::PaidNotBought => "paid, and neither bought nor given back",
        DifferenceKind::Undecided => "nobody knows how the purchase ended",
        DifferenceKind::WrongPrice => "the supplier took another price than is booked",
        DifferenceKind::Fee => "other fees are booked than the rates make",
        DifferenceKind::NotSettled => "paid here, and in no settlement report",
        DifferenceKind::SettledTwice => "twice in the settlement reports",
        DifferenceKind::UnknownRefund => "money went back that we do not know of",
        DifferenceKind::RefundNotSettled => "a refund of ours is in no settlement report",
        DifferenceKind::Chargeback => "charged back",
        DifferenceKind::FeeKept => "the gateway kept other fees than are booked",
        DifferenceKind::UnreadableLine => "a settlement report cannot be read whole",
        DifferenceKind::Deposit => "the deposit moved by another sum than our purchases",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reconcile::report::{Counts, Difference, NotAsked};
    use vocabulary::Timestamp;

    fn report(differences: usize) -> Report {
        let difference = |n: usize| Difference {
            kind: DifferenceKind::MissingWebhook,
            subject: format!("LK{n:010}-P1"),
            ledger: "open".into(),
            gateway: Some("settlement".into()),
            supplier: None,
            cause: "a cause".into(),
            action: "an action".into(),
            asked_again: true,
        };
        Report {
            day: "2026-11-22".parse().unwrap(),
            at: Timestamp::from_millis(0),
            counts: Counts::default(),
            differences: (0..differences).map(difference).collect(),
            not_asked: vec![NotAsked {
                party: "midtrans".into(),
                count: 2,
                first: "LK0123456789-P1".into(),
                why: "refused".into(),
            }],
            notes: Vec::new(),
            unseen: Vec::new(),
            deposits: Vec::new(),
            purchases: Vec::new(),
        }
    }

    #[test]
    fn each_difference_has_an_alert_and_a_flood_of_them_has_one_more() {
        let none = BTreeSet::new();
        let few = wanted(&report(2), &none, &none).alerts;
        assert_eq!(few.len(), 3);
        assert!(few["missing_webhook:LK0000000001-P1"].contains("a cause; an action"), "{few:?}");
        assert!(few["not_asked:midtrans"].contains("LK0123456789-P1 among them (refused)"), "{few:?}");
        let flood = wanted(&report(250), &none, &none);
        assert_eq!((flood.alerts.len(), flood.has_all_of_settlement), (MOST_ALERTS + 2, true));
        assert!(flood.alerts["more:2026-11-22"].starts_with("150 more"), "{:?}", flood.alerts);
        // Once there are alerts about those, the next run tells of the rest, and then there is none more.
        let open: BTreeSet<String> = flood.alerts.into_keys().collect();
        let next = wanted(&report(250), &none, &open).alerts;
        assert!(open.iter().all(|subject| next.contains_key(subject)), "what is open stays so");
        assert!(next["more:2026-11-22"].starts_with("50 more"), "{next:?}");
        let last = wanted(&report(250), &none, &next.into_keys().collect()).alerts;
        assert_eq!((last.len(), last.contains_key("more:2026-11-22")), (251, false));
    }

    #[test]
    fn settlement_reports_have_alerts_of_their_own_number_and_are_said_to_lack_some() {
        let all: BTreeSet<String> =
            report(300).differences.iter().map(|d| subject(d.kind.as_str(), &d.subject)).collect();
        let (none, of_settlement) = (BTreeSet::new(), all.iter().skip(180).cloned().collect::<BTreeSet<_>>());
        let flood = wanted(&report(300), &of_settlement, &none);
        let raised = of_settlement.iter().filter(|subject| flood.alerts.contains_key(*subject)).count();
        assert_eq!((raised, flood.has_all_of_settlement), (MOST_ALERTS, false));
        assert_eq!(flood.alerts.len(), 2 * MOST_ALERTS + 2);
        assert!(flood.alerts["more:2026-11-22"].starts_with("100 more"), "{:?}", flood.alerts);
        let few: BTreeSet<String> = all.iter().skip(250).cloned().collect();
        assert!(
            wanted(&report(300), &few, &none).has_all_of_settlement,
            "others are left out, and these are not"
        );
    }

    #[test]
    fn the_payment_of_a_settlement_report_is_asked_about_by_its_reference() {
        assert_eq!(reference_in("midtrans/LK0123456789-P1"), "LK0123456789-P1");
        assert_eq!(reference_in("LK0123456789-P1"), "LK0123456789-P1");
    }

    #[test]
    fn an_alert_is_over_only_when_its_subject_was_looked_at() {
        let looked_at = BTreeSet::from(["LK0123456789-P1".to_owned(), "midtrans".to_owned()]);
        let report = report(0);
        for (subject, over) in [
            ("missing_webhook:LK0123456789-P1", true),
            ("missing_webhook:LK0123456789-P2", false),
            ("not_asked:midtrans", true),
            ("not_asked:dana", false),
            ("deposit:digiflazz/2026-11-21", false),
            ("more:2026-11-22", true),
            ("more:2026-11-21", false),
            ("not_asked:settlement reports", false),
            ("not_settled:midtrans/LK0123456789-P1", false),
            ("LK0123456789-P1", false),
        ] {
            assert_eq!(is_over(subject, &report, &looked_at), over, "{subject}");
        }
    }
}

//! What follows from a reconciliation: alerts, and payments and deliveries that are made due so that the worker asks
//! about them.
//! Nothing else is changed.

use super::{
    gather::Gathered,
    report::{DifferenceKind, Report},
};
use crate::Shop;
use database::Error;
use notifications::{AlertKind, alert_open, alert_resolve, open_alerts_of};
use std::collections::{BTreeMap, BTreeSet};

/// How many alerts one run opens at most; one more says how many there are.
const MOST_ALERTS: usize = 100;
/// What the subject of an alert about a silent party begins with.
const NOT_ASKED: &str = "not_asked";
/// What the subject of an alert about further differences begins with.
const MORE: &str = "more";

/// Opens an alert for each difference and each party that could not be asked, closes those that are gone, and
/// makes payments and deliveries due that are to be asked about again. Settlement reports that were compared are
/// noted as such.
pub(super) async fn record(shop: &Shop, gathered: &Gathered) -> Result<(), Error> {
    let Gathered { report, looked_at, still_open, settlements } = gathered;
    let now = shop.clock.now();
    let kind = AlertKind::Reconciliation;
    let wanted = wanted(report);
    let mut tx = shop.db.write("reconcile.record").await?;
    let mut changed = false;
    for alert in open_alerts_of(&mut tx, kind).await? {
        let stays = wanted.contains_key(&alert.subject) || still_open.contains(&alert.subject);
        if !stays && is_over(&alert.subject, report, looked_at) {
            changed |= alert_resolve(&mut tx, kind, &alert.subject, now).await?;
        }
    }
    for (subject, message) in &wanted {
        changed |= alert_open(&mut tx, &shop.ids, now, (kind, subject.as_str(), message.as_str())).await?;
    }
    // In one order, as everybody else who locks several.
    let asked_again = report.differences.iter().filter(|found| found.asked_again);
    let again: BTreeSet<&str> = asked_again.map(|found| reference_in(&found.subject)).collect();
    for reference in again {
        changed |= payments::nudge(&mut tx, reference, now).await?;
        changed |= suppliers::nudge_delivered(&mut tx, reference, now).await?;
    }
    for id in settlements {
        changed |= payments::settlement_mark_compared(&mut tx, id, now).await?;
    }
    if changed {
        tx.commit().await?;
    }
    Ok(())
}

/// The alerts of a report, by subject.
fn wanted(report: &Report) -> BTreeMap<String, String> {
    let day = report.day;
    let differences = report.differences.iter().map(|found| {
        let subject = subject(found.kind.as_str(), &found.subject);
        let message = format!(
            "{}: {}; {} (`loket reconcile --date {day}`)",
            in_words(found.kind),
            found.cause,
            found.action
        );
        (subject, message)
    });
    let silent = report.not_asked.iter().map(|silence| {
        let message = format!(
            "{} could not be asked about {} things of {day}, {} among them ({}): `loket doctor`, then `loket reconcile --date {day}`",
            silence.party, silence.count, silence.first, silence.why
        );
        (subject(NOT_ASKED, &silence.party), message)
    });
    let mut all: Vec<(String, String)> = silent.chain(differences).collect();
    let more = all.len().saturating_sub(MOST_ALERTS);
    all.truncate(MOST_ALERTS);
    if more > 0 {
        let message = format!("{more} more differences on {day}: `loket reconcile --date {day}`");
        all.push((subject(MORE, &day.to_string()), message));
    }
    all.into_iter().collect()
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
        let few = wanted(&report(2));
        assert_eq!(few.len(), 3);
        assert!(few["missing_webhook:LK0000000001-P1"].contains("a cause; an action"), "{few:?}");
        assert!(few["not_asked:midtrans"].contains("LK0123456789-P1 among them (refused)"), "{few:?}");
        let flood = wanted(&report(250));
        assert_eq!(flood.len(), MOST_ALERTS + 1);
        assert!(flood["more:2026-11-22"].starts_with("151 more"), "{flood:?}");
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
            ("not_settled:midtrans/LK0123456789-P1", false),
            ("LK0123456789-P1", false),
        ] {
            assert_eq!(is_over(subject, &report, &looked_at), over, "{subject}");
        }
    }
}

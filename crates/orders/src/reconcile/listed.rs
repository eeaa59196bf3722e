//! What suppliers list as bought by our account: a purchase that none of our attempts is.

use super::{
    compare::Found,
    report::{Difference, DifferenceKind as Kind},
    stored,
    view::{ListedSides, Sides},
};
use crate::Shop;
use database::{Error, ReadTx, report_sql};
use std::collections::BTreeSet;
use suppliers::{AttemptState, ListedPurchase, Purchases};
use vocabulary::{Rupiah, WibDay};

/// How many purchases are named in one difference.
const EXAMPLES: usize = 10;

/// What is listed, with what of it we know.
pub(super) async fn known(
    shop: &Shop,
    day: WibDay,
    purchases: &[(&'static str, Purchases)],
) -> Result<Vec<ListedSides>, Error> {
    let mut tx = shop.db.read("reconcile.listed").await?;
    let before = stored::read(&mut tx, day.day_before()).await?;
    let mut sides = Vec::with_capacity(purchases.len());
    for (supplier, says) in purchases {
        let (mut ours, mut attempts) = (BTreeSet::new(), Vec::new());
        if let Purchases::Told(all) = says {
            for listed in all {
                let found = suppliers::attempt_by_number(&mut tx, supplier, &listed.number).await?;
                if let Some(attempt) = found {
                    let denied = attempt.state == AttemptState::Succeeded && listed.verdict.is_failure();
                    ours.insert(listed.number.clone());
                    attempts.push((attempt.reference.to_string(), denied));
                }
            }
        }
        let stored = before.iter().flat_map(|report| &report.purchases).filter(|(name, _)| name == supplier);
        sides.push(ListedSides {
            supplier: (*supplier).to_owned(),
            says: says.clone(),
            ours,
            attempts,
            told: stored.flat_map(|(_, numbers)| numbers.iter().cloned()).collect(),
            without_number: without_number(&mut tx, supplier).await?,
        });
    }
    Ok(sides)
}

/// Attempts that may have bought, and whose number is not known.
async fn without_number(tx: &mut ReadTx, supplier: &str) -> Result<Vec<(String, String)>, Error> {
    report_sql!(
        "SELECT reference, customer_no FROM fulfilment_attempt
         WHERE supplier = $1 AND supplier_number IS NULL AND state IN ('sent', 'pending', 'unknown')
         ORDER BY reference LIMIT 1000"
    )
    .bind(supplier)
    .all(tx)
    .await
}

/// The numbers that are listed, to be kept.
pub(super) fn numbers(purchases: &[(&'static str, Purchases)]) -> Vec<(String, Vec<String>)> {
    let told = purchases.iter().filter_map(|(supplier, says)| match says {
        Purchases::Told(all) => {
            Some(((*supplier).to_owned(), all.iter().map(|listed| listed.number.clone()).collect()))
        }
        Purchases::NotTold | Purchases::Silent { .. } => None,
    });
    told.collect()
}

/// Compares what a supplier lists with our attempts.
pub(super) fn compare(found: &mut Found, sides: &Sides, listed: &ListedSides) {
    let subject = format!("{}/purchases/{}", listed.supplier, sides.day);
    let all = match &listed.says {
        Purchases::Told(all) => all,
        Purchases::NotTold => return,
        Purchases::Silent { reason } => return found.silence(&listed.supplier, &subject, reason),
    };
    found.looked_at.insert(listed.supplier.clone());
    found.looked_at.insert(subject.clone());
    for (reference, denied) in &listed.attempts {
        taken_back(found, &listed.supplier, reference, *denied);
    }
    let may_have_bought = |p: &&ListedPurchase| !p.verdict.is_failure();
    let foreign = all.iter().filter(|p| !listed.ours.contains(&p.number) && !listed.told.contains(&p.number));
    let mut strange: Vec<&ListedPurchase> = Vec::new();
    for purchase in foreign.filter(may_have_bought) {
        let lost = listed.without_number.iter().find(|(_, customer_no)| *customer_no == purchase.customer_no);
        match lost {
            Some((reference, _)) => found.note(
                reference,
                format!(
                    "its answer was lost; {} lists {} for the same account, which the worker looks at",
                    listed.supplier, purchase.number
                ),
            ),
            None => strange.push(purchase),
        }
    }
    if strange.is_empty() {
        return;
    }
    let sum =
        strange.iter().filter_map(|p| p.price).fold(0_i64, |sum, price| sum.saturating_add(price.get()));
    let mut named: Vec<String> = strange.iter().take(EXAMPLES).map(|p| worded(p)).collect();
    if strange.len() > EXAMPLES {
        named.push(format!("{} more", strange.len().saturating_sub(EXAMPLES)));
    }
    found.differences.push(Difference {
        kind: Kind::UnknownPurchase,
        subject,
        ledger: "no purchases of ours".into(),
        gateway: None,
        supplier: Some(format!("{} purchases, {}: {}", strange.len(), Rupiah::new(sum), named.join("; "))),
        cause: "bought by hand in the member area or by another program, before this shop, or after the moment to which the database was restored".into(),
        action: format!("look them up in the member area of {}: they were paid from the deposit", listed.supplier),
        asked_again: false,
    });
}

/// What we have as delivered and the list calls failed: a purchase of the day was asked about by its own number.
fn taken_back(found: &mut Found, supplier: &str, reference: &str, denied: bool) {
    let subject = format!("{supplier}/{reference}");
    found.looked_at.insert(subject.clone());
    if !denied || found.looked_at.contains(reference) {
        return;
    }
    let number = reference.split('-').next().unwrap_or(reference);
    found.differences.push(Difference {
        kind: Kind::NotDeliveredThere,
        subject,
        ledger: "succeeded".into(),
        gateway: None,
        supplier: Some(format!("{reference} is listed as failed")),
        cause: "the supplier took it back, and we have not heard; it is asked about again".into(),
        action: format!("`loket order show {number}` in some minutes; if it is still delivered, look up {reference} in the member area of {supplier}"),
        asked_again: true,
    });
}

fn worded(purchase: &ListedPurchase) -> String {
    let ListedPurchase { number, customer_no, product, verdict, price } = purchase;
    let price = price.map_or_else(|| "no price".to_owned(), |price| price.to_string());
    format!("{number} ({product} for {customer_no}, {verdict}, {price})")
}

#[cfg(test)]
mod tests {
    use super::{super::scene_tests::*, *};
    use suppliers::Verdict;

    fn listed(numbers: &[&str]) -> ListedSides {
        let purchase = |number: &&str| ListedPurchase {
            number: (*number).to_owned(),
            customer_no: "1|2".into(),
            product: "86 Diamond".into(),
            verdict: Verdict::Succeeded,
            price: Some(Rupiah::new(COST)),
        };
        ListedSides {
            supplier: "vip-reseller".into(),
            says: Purchases::Told(numbers.iter().map(purchase).collect()),
            ours: BTreeSet::new(),
            attempts: Vec::new(),
            told: BTreeSet::new(),
            without_number: Vec::new(),
        }
    }

    fn found(listed: ListedSides) -> Found {
        super::super::compare::compare(&Sides { listed: vec![listed], ..day_of(Vec::new()) })
    }

    #[test]
    fn a_purchase_that_none_of_our_attempts_is_is_found_once() {
        assert_eq!(
            found(ListedSides { ours: BTreeSet::from(["A".into()]), ..listed(&["A"]) }).differences,
            []
        );
        let two = found(ListedSides { ours: BTreeSet::from(["A".into()]), ..listed(&["A", "B", "C"]) });
        assert_eq!(kinds(&two), [Kind::UnknownPurchase]);
        assert_eq!(two.differences[0].subject, "vip-reseller/purchases/2026-11-22");
        assert!(
            two.differences[0].supplier.as_ref().unwrap().starts_with("2 purchases, Rp 36.000: B"),
            "{two:#?}"
        );
        assert!(two.looked_at.contains("vip-reseller/purchases/2026-11-22"));
        assert_eq!(
            found(ListedSides { told: BTreeSet::from(["B".into()]), ..listed(&["B"]) }).differences,
            []
        );
    }

    #[test]
    fn a_purchase_that_may_be_an_attempt_whose_answer_was_lost_is_noted() {
        let without_number = vec![("LK0000000001-F1".to_owned(), "1|2".to_owned())];
        let lost = found(ListedSides { without_number, ..listed(&["A"]) });
        assert_eq!((lost.differences.len(), lost.notes.len()), (0, 1));
        assert_eq!(lost.notes[0].subject, "LK0000000001-F1");
    }

    #[test]
    fn what_we_have_as_delivered_and_is_listed_as_failed_is_found_and_asked_about() {
        let ours = |denied| ListedSides {
            ours: BTreeSet::from(["A".into()]),
            attempts: vec![("LK0000000001-F1".into(), denied)],
            ..listed(&["A"])
        };
        let denied = found(ours(true));
        assert_eq!(kinds(&denied), [Kind::NotDeliveredThere]);
        assert_eq!(denied.differences[0].subject, "vip-reseller/LK0000000001-F1");
        assert!(denied.differences[0].asked_again);
        let agreed = found(ours(false));
        assert_eq!(agreed.differences, []);
        assert!(agreed.looked_at.contains("vip-reseller/LK0000000001-F1"), "an alert about it is over");
    }

    #[test]
    fn a_failed_purchase_took_nothing_and_a_silent_list_agrees_with_nothing() {
        let mut failed = listed(&["A"]);
        if let Purchases::Told(all) = &mut failed.says {
            all[0].verdict = Verdict::FailedProvider;
        }
        assert_eq!(found(failed).differences, []);
        let silent =
            found(ListedSides { says: Purchases::Silent { reason: "refused".into() }, ..listed(&[]) });
        assert_eq!((silent.not_asked.len(), silent.looked_at.contains("vip-reseller")), (1, false));
    }
}

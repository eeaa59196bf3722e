//! What names in settlement reports are about, and all that reports say of payments of ours: looked up for many at
//! once, because a large report would be asked about line by line otherwise.

use super::{
    rows,
    settled::Ours,
    settled_once::{Told, chained},
};
use database::{Error, ReadTx};
use ledger::BookedLine;
use payments::{Payment, SettlementLine};
use std::collections::{BTreeSet, HashMap};
use vocabulary::{OrderId, PaymentId, Purpose, Reference};

/// How many are looked up with one statement.
const AT_ONCE: usize = 200;

/// What a line names: our reference and the gateway's own id, each of which may be empty.
pub(super) type Name = (String, String);

/// The payments that these are about: by our reference, by the key of a refund, by the gateway's own id.
pub(super) async fn ours_of(
    tx: &mut ReadTx,
    gateway: &str,
    names: &[Name],
) -> Result<Vec<Option<Payment>>, Error> {
    let mut all = Vec::with_capacity(names.len());
    for some in names.chunks(AT_ONCE) {
        let found = Found::of(tx, gateway, some).await?;
        all.extend(some.iter().map(|name| found.payment(name).cloned()));
    }
    Ok(all)
}

/// Payments by their names.
#[derive(Default)]
struct Found {
    /// By our references, those of refunds too.
    ours: HashMap<String, Payment>,
    /// By the gateway's own ids.
    theirs: HashMap<String, Payment>,
}

impl Found {
    async fn of(tx: &mut ReadTx, gateway: &str, names: &[Name]) -> Result<Found, Error> {
        let mut found = Found::default();
        let (mut references, mut keys, mut theirs) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for (reference, their_id) in names {
            match reference.parse::<Reference>().map(|reference| reference.purpose()) {
                Ok(Purpose::Payment) => {
                    references.insert(reference.as_str());
                }
                Ok(Purpose::Refund) => {
                    keys.insert(reference.as_str());
                }
                Ok(Purpose::Fulfilment) => {}
                Err(_) => theirs.extend([their_id.as_str(), reference.as_str()]),
            }
        }
        theirs.remove("");
        if !references.is_empty() {
            for payment in payments::payments_with_references(tx, &Vec::from_iter(references)).await? {
                found.ours.insert(payment.reference.to_string(), payment);
            }
        }
        if !keys.is_empty() {
            let refunds = payments::refunds_with_references(tx, &Vec::from_iter(keys)).await?;
            let ids: BTreeSet<&str> = refunds.iter().map(|refund| refund.payment.as_str()).collect();
            let paid = payments::payments_with_ids(tx, &Vec::from_iter(ids)).await?;
            let paid: HashMap<PaymentId, Payment> =
                paid.into_iter().map(|payment| (payment.id.clone(), payment)).collect();
            for refund in &refunds {
                if let Some(payment) = paid.get(&refund.payment) {
                    found.ours.insert(refund.reference.to_string(), payment.clone());
                }
            }
        }
        if !theirs.is_empty() {
            for payment in payments::payments_with_their_ids(tx, gateway, &Vec::from_iter(theirs)).await? {
                found.theirs.entry(payment.opened.transaction_id.clone()).or_insert(payment);
            }
        }
        Ok(found)
    }

    fn payment(&self, (reference, their_id): &Name) -> Option<&Payment> {
        if reference.parse::<Reference>().is_ok() {
            return self.ours.get(reference);
        }
        [their_id, reference].into_iter().find_map(|id| self.theirs.get(id))
    }
}

/// All that the reports of a gateway say of each of these payments and of their refunds, as each report has it.
pub(super) async fn told_of(
    tx: &mut ReadTx,
    gateway: &str,
    paid: &[&Payment],
) -> Result<Vec<Vec<Told>>, Error> {
    let mut all = Vec::with_capacity(paid.len());
    for some in paid.chunks(AT_ONCE) {
        let ids: Vec<&str> = some.iter().map(|payment| payment.id.as_str()).collect();
        let refunds = payments::refunds_of_payments(tx, &ids).await?;
        let names_of = |payment: &Payment| {
            let mut names = vec![payment.reference.to_string()];
            names.extend(Some(payment.opened.transaction_id.clone()).filter(|id| !id.is_empty()));
            let of_it = refunds.iter().filter(|refund| refund.payment == payment.id);
            names.extend(of_it.map(|refund| refund.reference.to_string()));
            names
        };
        let names: Vec<Vec<String>> = some.iter().map(|payment| names_of(payment)).collect();
        let distinct: BTreeSet<&str> = names.iter().flatten().map(String::as_str).collect();
        let lines = lines_under(tx, gateway, &Vec::from_iter(distinct)).await?;
        let of_names = |names: &Vec<String>| {
            let under = names.iter().filter_map(|name| lines.get(name));
            let all = under.fold(Vec::new(), |all, more| chained(all, more.clone()));
            // What names another reference is about that, whatever id of theirs it has.
            let is_about =
                |line: &SettlementLine| line.reference.is_empty() || names.contains(&line.reference);
            all.into_iter().filter(|(_, line)| is_about(line)).collect::<Vec<Told>>()
        };
        all.extend(names.iter().map(of_names));
    }
    Ok(all)
}

/// All lines of the reports of a gateway by their names, for those that have one of these.
pub(super) async fn lines_under(
    tx: &mut ReadTx,
    gateway: &str,
    names: &[&str],
) -> Result<HashMap<String, Vec<Told>>, Error> {
    let mut lines: HashMap<String, Vec<Told>> = HashMap::new();
    for some in names.chunks(AT_ONCE) {
        for (report, line) in payments::settlement_lines_about(tx, gateway, some).await? {
            let names = [line.reference.clone(), line.their_id.clone()];
            for name in names.into_iter().filter(|name| !name.is_empty()) {
                lines.entry(name).or_default().push((report.clone(), line.clone()));
            }
        }
    }
    Ok(lines)
}

/// Each of these payments with its books.
pub(super) async fn whole(tx: &mut ReadTx, paid: &[&Payment]) -> Result<Vec<Ours>, Error> {
    let mut all = Vec::with_capacity(paid.len());
    for some in paid.chunks(AT_ONCE) {
        let orders: BTreeSet<&str> = some.iter().map(|payment| payment.order.as_str()).collect();
        let mut books: HashMap<OrderId, Vec<BookedLine>> = HashMap::new();
        for (order, line) in ledger::entries_of_orders(tx, &Vec::from_iter(orders)).await? {
            books.entry(order).or_default().push(line);
        }
        let of_order = |payment: &Payment| books.get(&payment.order).map(Vec::as_slice).unwrap_or_default();
        all.extend(some.iter().map(|payment| ours(payment, of_order(payment))));
    }
    Ok(all)
}

/// A payment with its books.
fn ours(payment: &Payment, lines: &[BookedLine]) -> Ours {
    let ours = rows::our_payment(payment, lines);
    let back = ours.back;
    Ours {
        number: payment.reference.order().clone(),
        payment: ours,
        refunded: payment.given_back_by_us(),
        taken_back: back.otherwise.checked_add(back.charged_back).unwrap_or(back.otherwise),
        back_is_unclear: back.is_unclear,
    }
}

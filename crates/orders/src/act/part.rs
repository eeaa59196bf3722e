//! What was delivered in part, in the books: what a person says that is worth is earned, and what is the buyer's
//! for the rest goes back, at the gateway or as store credit, once. And all of that when the part is taken back.

use super::{
    Act, ActError,
    books::{chargeback_covered, cost, less},
    broken,
};
use crate::{Order, order, taken_back::Rest};
use ledger::{Account, BookedLine, Entry, Kind};
use suppliers::Attempt;
use vocabulary::Rupiah;

/// What was booked of a part.
#[derive(Clone, Copy)]
pub(super) struct PartBooked {
    /// What went into the buyer's wallet now.
    pub(super) credit: Rupiah,
    /// What of the buyer's share the gateway had given back.
    back: Rupiah,
    /// What the gateway had given back beyond that.
    lost: Rupiah,
}

impl Act<'_, '_> {
    /// What a delivered part is worth is earned, and the share for the rest is the buyer's.
    pub(super) async fn book_part(&mut self, order: &Order) -> Result<(), ActError> {
        let attempt = self.attempt(order)?;
        let share = self.cause.share.ok_or_else(|| broken(order, "nobody said what is given back"))?;
        order::store_share(self.tx, &order.id, share).await?;
        let entry = part_delivery(order, &attempt, less(order.amount, share));
        ledger::post(self.tx, &self.shop.ids, self.now, &entry).await?;
        let (back, lost) = self.book_share_back(order, share).await?;
        let credit = less(share, back);
        if credit.is_positive() {
            self.book_refund(order, credit).await?;
        }
        self.part = Some(PartBooked { credit, back, lost });
        Ok(())
    }

    /// What its gateway has given back leaves it in the books, too: out of escrow as far as it is the buyer's
    /// share, which is the first, and what is more is lost, which is the second.
    async fn book_share_back(&mut self, order: &Order, share: Rupiah) -> Result<(Rupiah, Rupiah), ActError> {
        let Some(payment) = self.cause.payment else { return Ok((Rupiah::ZERO, Rupiah::ZERO)) };
        let (gone, entry) = if payment.is_taken_back() {
            let (left, entry) = self.leaving(order, payment, order.amount).await?;
            let (gateway, theirs) = (Account::Gateway(payment.gateway.clone()), left.min(share));
            let entry = entry.moving(Account::Escrow, gateway.clone(), theirs);
            (left, entry.moving(Account::ChargebackLoss, gateway, less(left, theirs)))
        } else {
            let rest = Rest::of(order, payment)
                .ok_or_else(|| broken(order, "nobody knows how much of its money is left"))?;
            (rest.gone(), rest.entry(order, payment, share))
        };
        if !entry.postings.is_empty() {
            ledger::post(self.tx, &self.shop.ids, self.now, &entry).await?;
        }
        let theirs = gone.min(share);
        Ok((theirs, less(gone, theirs)))
    }

    /// What was settled as a part is taken back: its cost comes back, and what was earned with it is the buyer's,
    /// as far as it does not make good what the gateway has given them beyond their share.
    pub(super) async fn book_part_reversal(&mut self, order: &Order) -> Result<(), ActError> {
        let attempt = self.attempt(order)?;
        let reference = attempt.reference.to_string();
        let lines = ledger::entries_of_order(self.tx, &order.id).await?;
        let earned = earned_with(&lines, &reference);
        let reversal = part_reversal(order, &attempt, earned);
        ledger::post(self.tx, &self.shop.ids, self.now, &reversal).await?;
        let covered = lost_of_what_paid(&lines).min(earned);
        if covered.is_positive() {
            let entry = chargeback_covered(order, &attempt, covered);
            ledger::post(self.tx, &self.shop.ids, self.now, &entry).await?;
        }
        let credit = less(earned, covered);
        if credit.is_positive() {
            // The key of the order's refund was taken by the share.
            self.credit_refund(order, &reference, credit).await?;
        }
        self.part = Some(PartBooked { credit, back: Rupiah::ZERO, lost: Rupiah::ZERO });
        Ok(())
    }

    /// What is lost of a part that was settled, for staff.
    pub(super) fn part_in_words(&self, order: &Order) -> String {
        let (number, share) = (&order.number, self.cause.share.unwrap_or_default());
        let (back, lost) = self.part.map_or_else(Default::default, |part| (part.back, part.lost));
        let went = back.checked_add(lost).unwrap_or(back);
        format!(
            "order {number}: settled with {share} for the buyer; the gateway had given back {went} of its money, so {lost} is lost"
        )
    }
}

/// What was earned with a part that was settled.
fn earned_with(lines: &[BookedLine], attempt: &str) -> Rupiah {
    let of_it = lines.iter().filter(|line| {
        line.kind == Kind::PartDelivery && line.reference == attempt && line.account == Account::Revenue
    });
    Rupiah::checked_sum(of_it.map(|line| line.amount)).and_then(Rupiah::checked_neg).unwrap_or_default()
}

/// What stands as lost of payments that paid the order: not of those that were credited beside them.
fn lost_of_what_paid(lines: &[BookedLine]) -> Rupiah {
    // What goes back bit by bit is booked in steps: `/2`, `/3` stand behind the payment's own reference.
    let paid = |step: &str| {
        let reference = step.split('/').next().unwrap_or(step);
        lines.iter().any(|line| line.kind == Kind::Payment && line.reference == reference)
    };
    let of_them = lines.iter().filter(|line| {
        line.account == Account::ChargebackLoss
            && match line.kind {
                Kind::PaymentTakenBack | Kind::PaymentPartTakenBack => paid(&line.reference),
                Kind::ChargebackCovered => true,
                _ => false,
            }
    });
    let lost = Rupiah::checked_sum(of_them.map(|line| line.amount)).unwrap_or_default();
    lost.max(Rupiah::ZERO)
}

/// A part of it is delivered: escrow becomes revenue but for the buyer's share. What the supplier took is the cost,
/// whatever of it arrived.
fn part_delivery(order: &Order, attempt: &Attempt, earned: Rupiah) -> Entry {
    let (reference, supplier) = (&attempt.reference, Account::Supplier(attempt.supplier.clone()));
    let (escrow, revenue) = (Account::Escrow, Account::Revenue);
    Entry::transfer(Kind::PartDelivery, reference, &order.id, escrow, revenue, earned).moving(
        Account::Cost,
        supplier,
        cost(attempt),
    )
}

/// That is taken back.
fn part_reversal(order: &Order, attempt: &Attempt, earned: Rupiah) -> Entry {
    let (reference, supplier) = (&attempt.reference, Account::Supplier(attempt.supplier.clone()));
    Entry::transfer(Kind::Reversal, reference, &order.id, supplier, Account::Cost, cost(attempt)).moving(
        Account::Revenue,
        Account::Escrow,
        earned,
    )
}

//! What an event of an order posts to the ledger: the payment and its fee, what is delivered and taken
//! back, what is refunded and credited.

use super::{Act, ActError, Cause, broken};
use crate::{
    Order,
    decide::Effect,
    refund,
    taken_back::{self, Rest},
};
use ledger::{Account, Entry, Kind};
use notifications::{AlertKind, MessageKind};
use payments::{Payment, PaymentState, RefundOrigin};
use suppliers::Attempt;
use vocabulary::{Purpose, Reference, Rupiah};

impl Act<'_, '_> {
    pub(super) async fn book_payment(&mut self, order: &Order) -> Result<(), ActError> {
        let payment = self.payment(order)?;
        if payment.gateway == "wallet" {
            return Ok(());
        }
        if payment.is_undecided() && !self.accept_odd(order, &payment).await? {
            return Err(broken(order, "its odd amount was decided about before"));
        }
        let gateway = Account::Gateway(payment.gateway.clone());
        let entry = Entry::transfer(
            Kind::Payment,
            &payment.reference,
            &order.id,
            gateway.clone(),
            Account::Escrow,
            order.amount,
        );
        ledger::post(self.tx, &self.shop.ids, self.now, &entry).await?;
        self.book_difference(order, &payment, order.amount).await?;
        self.book_fee(order, &payment, order.amount).await
    }

    async fn book_fee(&mut self, order: &Order, payment: &Payment, amount: Rupiah) -> Result<(), ActError> {
        let fee = self.shop.fee(&payment.gateway, payment.method, amount);
        payments::store_fee(self.tx, &payment.id, fee).await?;
        if fee.is_positive() {
            let gateway = Account::Gateway(payment.gateway.clone());
            let entry = Entry::transfer(Kind::Fee, &payment.reference, &order.id, Account::Fee, gateway, fee);
            ledger::post(self.tx, &self.shop.ids, self.now, &entry).await?;
        }
        Ok(())
    }

    /// The odd amount of a payment counts as come in. False when that was decided before.
    async fn accept_odd(&mut self, order: &Order, odd: &Payment) -> Result<bool, ActError> {
        if !payments::accept_odd(self.tx, &odd.id, self.now).await? {
            return Ok(false);
        }
        let (before, after) = (odd.state, PaymentState::Settled);
        let (action, after) = (format!("payment.{after}"), format!("{} {after}", odd.reference));
        self.audit(order, &action, Some(before.to_string()), Some(after)).await?;
        Ok(true)
    }

    pub(super) async fn credit_odd_money(&mut self, order: &Order) -> Result<(), ActError> {
        for odd in payments::payments_of_order(self.tx, &order.id).await? {
            if !odd.is_undecided() || !self.accept_odd(order, &odd).await? {
                continue;
            }
            let cause =
                Cause { payment: Some(&odd), attempt: None, stand_in: None, refund: None, ..self.cause };
            let mut act = Act {
                shop: self.shop,
                tx: &mut *self.tx,
                now: self.now,
                cause,
                phone: None,
                over: None,
                part: None,
            };
            if creditable(order, &odd).is_positive() {
                act.credit_payment(order).await?;
                act.tell_buyer(order, MessageKind::Credited).await?;
                // A part of it may have gone back before anybody decided about it.
                act.take_part_back(order, &odd).await?;
            } else {
                let message = format!(
                    "order {}: nobody could read how much came in with {}, so nothing was credited; settle it by hand at {}",
                    order.number, odd.reference, odd.gateway
                );
                act.call(order, AlertKind::AmountMismatch, order.number.as_str(), &message).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn credit_payment(&mut self, order: &Order) -> Result<(), ActError> {
        let payment = self.payment(order)?;
        let amount = creditable(order, &payment);
        let (ids, reference) = (&self.shop.ids, payment.reference.to_string());
        let gateway = Account::Gateway(payment.gateway.clone());
        ledger::credit(
            self.tx,
            ids,
            self.now,
            (Kind::PaymentCredit, &reference),
            &order.id,
            (gateway, &order.buyer, amount),
        )
        .await?;
        self.book_difference(order, &payment, amount).await?;
        self.book_fee(order, &payment, amount).await
    }

    pub(super) async fn book_goods(&mut self, order: &Order, effect: Effect) -> Result<(), ActError> {
        let entries = match effect {
            Effect::BookStandIn => {
                let stand_in = self.delivery(order)?;
                vec![loss_reversal(order, &stand_in), delivery(order, &stand_in)]
            }
            Effect::BookReversal => vec![reversal(order, &self.attempt(order)?)],
            Effect::BookLoss => vec![loss(order, &self.attempt(order)?)],
            Effect::BookLossReversal => vec![loss_reversal(order, &self.attempt(order)?)],
            Effect::CoverChargeback => vec![chargeback_covered(order, &self.attempt(order)?, order.amount)],
            _ => vec![delivery(order, &self.attempt(order)?)],
        };
        for entry in &entries {
            ledger::post(self.tx, &self.shop.ids, self.now, entry).await?;
        }
        Ok(())
    }

    /// What was booked for the payment leaves the gateway again, out of what it had become.
    pub(super) async fn book_taken_back(&mut self, order: &Order, effect: Effect) -> Result<(), ActError> {
        let payment = self.payment(order)?;
        let from = match effect {
            Effect::BookTakenBack => Account::Escrow,
            _ => Account::ChargebackLoss,
        };
        let (left, entry) = self.leaving(order, &payment, order.amount).await?;
        let entry = entry.moving(from, Account::Gateway(payment.gateway.clone()), left);
        if entry.postings.is_empty() {
            return Ok(());
        }
        ledger::post(self.tx, &self.shop.ids, self.now, &entry).await?;
        Ok(())
    }

    /// How much of what is ours of a payment leaves the gateway when it is taken back, and the entry in which
    /// what its odd amount was more or less leaves it as well.
    pub(super) async fn leaving(
        &mut self,
        order: &Order,
        payment: &Payment,
        ours: Rupiah,
    ) -> Result<(Rupiah, Entry), ActError> {
        // A part of it may have left the gateway before, when the rest was refunded.
        let lines = ledger::entries_of_order(self.tx, &order.id).await?;
        let (part, part_of_more) = taken_back::parts_booked(&lines, payment);
        // What refunds of ours have given back, or are giving back, is booked by them.
        let left = less(less(ours, part), payment.given_back_by_us());
        let (debit, credit, amount) =
            difference(payment, ours).unwrap_or((Account::Suspense, Account::Suspense, Rupiah::ZERO));
        let amount = if amount.is_positive() { less(amount, part_of_more) } else { Rupiah::ZERO };
        let (kind, reference) = (Kind::PaymentTakenBack, &payment.reference);
        Ok((left, Entry::transfer(kind, reference, &order.id, credit, debit, amount)))
    }

    async fn book_difference(
        &mut self,
        order: &Order,
        payment: &Payment,
        ours: Rupiah,
    ) -> Result<(), ActError> {
        let Some((debit, credit, amount)) = difference(payment, ours) else { return Ok(()) };
        let (kind, reference) = (Kind::PaymentDifference, &payment.reference);
        let entry = Entry::transfer(kind, reference, &order.id, debit, credit, amount);
        ledger::post(self.tx, &self.shop.ids, self.now, &entry).await?;
        Ok(())
    }

    pub(super) async fn book_rest_refund(&mut self, order: &Order) -> Result<(), ActError> {
        let payment = self.payment(order)?;
        let rest = Rest::of(order, &payment)
            .ok_or_else(|| broken(order, "nobody knows how much of its money is left"))?;
        ledger::post(self.tx, &self.shop.ids, self.now, &rest.entry(order, &payment, order.amount)).await?;
        self.book_refund(order, rest.left).await
    }

    /// Sends escrow on its way back. The worker calls the gateway, after the commit.
    pub(super) async fn begin_refund(&mut self, order: &mut Order) -> Result<(), ActError> {
        let payment = self.payment(order)?;
        let payment = payments::payment_locked(self.tx, &payment.id)
            .await?
            .ok_or_else(|| broken(order, "its payment is gone"))?;
        let request = refund::carried_out(self.tx, &order.id).await?;
        let begin = refund::Begin {
            order,
            payment: &payment,
            amount: order.amount,
            origin: RefundOrigin::Escrow,
            reason: request.as_ref().map_or("not delivered", |request| request.reason.as_str()),
            requested_by: request.as_ref().map_or(self.cause.actor, |request| &request.requested_by),
            approved_by: request.as_ref().and_then(|request| request.decided_by.as_ref()),
        };
        if refund::begin(self.shop, self.tx, &begin).await?.is_none() {
            return Err(broken(order, "its payment cannot be given back now"));
        }
        // The refund is worked on from here; it says when the order goes on.
        order.due_at = None;
        Ok(())
    }

    pub(super) async fn end_refund(&mut self, order: &Order) -> Result<(), ActError> {
        let refund = self.cause.refund.ok_or_else(|| broken(order, "the end of a refund without one"))?;
        refund::book_end(self.shop, self.tx, order, refund).await
    }

    pub(super) async fn book_refund(&mut self, order: &Order, amount: Rupiah) -> Result<(), ActError> {
        if refund::is_on_its_way(self.tx, &order.id).await? {
            return Err(broken(order, "its money is on its way to where it came from"));
        }
        let reference = Reference::new(&order.number, Purpose::Refund, 1).to_string();
        self.credit_refund(order, &reference, amount).await
    }

    pub(super) async fn credit_refund(
        &mut self,
        order: &Order,
        reference: &str,
        amount: Rupiah,
    ) -> Result<(), ActError> {
        let booking = (Account::Escrow, &order.buyer, amount);
        ledger::credit(self.tx, &self.shop.ids, self.now, (Kind::Refund, reference), &order.id, booking)
            .await?;
        Ok(())
    }
}

/// What of a payment is credited when the order cannot use it: never more than ours, and never more
/// than the gateway says came in.
pub(super) fn creditable(order: &Order, payment: &Payment) -> Rupiah {
    payment.odd_amount.unwrap_or(payment.amount).min(order.amount)
}

/// What the gateway holds of an odd amount is not what is ours of it: which account is debited, which
/// is credited, and by how much. What is more stands in suspense, what is less is a loss.
fn difference(payment: &Payment, ours: Rupiah) -> Option<(Account, Account, Rupiah)> {
    let odd = payment.odd_amount.filter(|odd| odd.is_positive())?;
    let gateway = Account::Gateway(payment.gateway.clone());
    let more = odd.checked_sub(ours)?;
    if more.is_positive() {
        return Some((gateway, Account::Suspense, more));
    }
    let less = more.checked_neg().filter(|less| less.is_positive())?;
    Some((Account::UnderpaidLoss, gateway, less))
}

/// What an attempt that delivered took from our deposit. A supplier that names no price, or none that can
/// be, took at most what we allowed.
pub(super) fn cost(attempt: &Attempt) -> Rupiah {
    attempt.price.filter(|price| price.is_positive()).unwrap_or(attempt.max_price)
}

/// What was paid for is delivered: escrow becomes revenue.
fn delivery(order: &Order, attempt: &Attempt) -> Entry {
    let (reference, supplier) = (&attempt.reference, Account::Supplier(attempt.supplier.clone()));
    let (escrow, revenue) = (Account::Escrow, Account::Revenue);
    Entry::transfer(Kind::Delivery, reference, &order.id, escrow, revenue, order.amount).moving(
        Account::Cost,
        supplier,
        cost(attempt),
    )
}

/// That is taken back.
fn reversal(order: &Order, attempt: &Attempt) -> Entry {
    let (reference, supplier) = (&attempt.reference, Account::Supplier(attempt.supplier.clone()));
    Entry::transfer(Kind::Reversal, reference, &order.id, supplier, Account::Cost, cost(attempt)).moving(
        Account::Revenue,
        Account::Escrow,
        order.amount,
    )
}

/// Delivered for nothing.
fn loss(order: &Order, attempt: &Attempt) -> Entry {
    let (reference, supplier) = (&attempt.reference, Account::Supplier(attempt.supplier.clone()));
    let lost = Account::LateDeliveryLoss;
    Entry::transfer(Kind::LateDelivery, reference, &order.id, lost, supplier, cost(attempt))
}

/// It is no loss any more: taken back, or paid for after all.
fn loss_reversal(order: &Order, attempt: &Attempt) -> Entry {
    let (reference, supplier) = (&attempt.reference, Account::Supplier(attempt.supplier.clone()));
    let lost = Account::LateDeliveryLoss;
    Entry::transfer(Kind::LateDeliveryReversal, reference, &order.id, supplier, lost, cost(attempt))
}

/// What the gateway had taken back after the delivery is no loss, because that came back, too.
pub(super) fn chargeback_covered(order: &Order, attempt: &Attempt, amount: Rupiah) -> Entry {
    let (reference, lost) = (&attempt.reference, Account::ChargebackLoss);
    Entry::transfer(Kind::ChargebackCovered, reference, &order.id, Account::Escrow, lost, amount)
}

/// An amount without a part of it.
pub(super) fn less(amount: Rupiah, part: Rupiah) -> Rupiah {
    amount.checked_sub(part).unwrap_or(amount)
}

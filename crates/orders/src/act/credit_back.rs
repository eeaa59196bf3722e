//! Store credit whose money a gateway takes back, all of it or a part: what is still in the wallet leaves it again,
//! the rest is a loss, and buyer, staff and audit trail hear how much was which.

use super::{
    Act, ActError, Cause,
    books::{creditable, less},
};
use crate::{Order, OrderKind, Shop, decide::Booked, taken_back};
use database::WriteTx;
use ledger::{Account, Entry, Kind, Taken};
use notifications::{AlertKind, Audience, MessageKind, alert_resolve, enqueue};
use payments::{PartBack, Payment};
use vocabulary::{Actor, Rupiah};

/// Takes what is known to have gone back of a payment that is store credit out of its buyer's wallet, once: that is
/// as much as is known now and was not taken before. False when that is nothing. While a refund of ours is on its
/// way nothing is taken: which of the two it was that went back is known for certain when that has ended.
pub(crate) async fn take_part(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &Order,
    payment: &Payment,
    actor: &Actor,
) -> Result<bool, ActError> {
    let is_known = matches!(payment.part_back(), PartBack::Known(_)) && !payment.refunding.is_positive();
    if !is_known || taken_back::booked_for(tx, order, payment).await? != Booked::AsCredit {
        return Ok(false);
    }
    let (now, cause) = (shop.clock.now(), Cause { payment: Some(payment), ..Cause::by(actor) });
    Act { shop, tx, now, cause, phone: None, over: None, part: None }.take_part_back(order, payment).await
}

impl Act<'_, '_> {
    /// Takes all that a payment had become as store credit out of its buyer's wallet, once.
    pub(super) async fn take_credit_back(&mut self, order: &Order) -> Result<(), ActError> {
        let payment = self.payment(order)?;
        let (left, entry) = self.leaving(order, &payment, creditable(order, &payment)).await?;
        let left = left.max(Rupiah::ZERO);
        if left.is_positive() || !entry.postings.is_empty() {
            self.take(order, &payment, entry, left).await?;
        }
        Ok(())
    }

    /// The same with a part that went back, as far as it was not taken before. Of an odd amount what more than ours
    /// came in goes back first. False when there is nothing to take.
    pub(super) async fn take_part_back(
        &mut self,
        order: &Order,
        payment: &Payment,
    ) -> Result<bool, ActError> {
        let PartBack::Known(back) = payment.part_back() else { return Ok(false) };
        let lines = ledger::entries_of_order(self.tx, &order.id).await?;
        let (part, part_of_more) = taken_back::parts_booked(&lines, payment);
        let ours = creditable(order, payment);
        let more = payment.odd_amount.and_then(|odd| odd.checked_sub(ours)).unwrap_or_default();
        let of_more = more.max(Rupiah::ZERO).min(back);
        let of_ours = less(back, of_more).min(less(ours, payment.refunded));
        let now_of_more = less(of_more, part_of_more).max(Rupiah::ZERO);
        let now_of_ours = less(of_ours, part).max(Rupiah::ZERO);
        if now_of_more == Rupiah::ZERO && now_of_ours == Rupiah::ZERO {
            return Ok(false);
        }
        let kind = Kind::PaymentPartTakenBack;
        let reference = taken_back::next_step(&lines, kind, payment);
        let (more, gateway) = (Account::Suspense, Account::Gateway(payment.gateway.clone()));
        let entry = Entry::transfer(kind, &reference, &order.id, more, gateway, now_of_more);
        notifications::refresh_screens(self.tx, &order.id, self.now).await?;
        self.take(order, payment, entry, now_of_ours).await
    }

    /// Books `entry`, and with it `amount` out of the wallet as far as it is there, and tells of it. False when it
    /// was booked before.
    async fn take(
        &mut self,
        order: &Order,
        payment: &Payment,
        entry: Entry,
        amount: Rupiah,
    ) -> Result<bool, ActError> {
        let (booking, step) = (entry.kind, entry.reference.clone());
        let more = entry.postings.iter().map(|posting| posting.amount).filter(|more| more.is_positive());
        let all = Rupiah::checked_sum(more.chain([amount])).unwrap_or(amount);
        let gateway = Account::Gateway(payment.gateway.clone());
        let (ids, whose) = (&self.shop.ids, (&order.buyer, Account::ChargebackLoss));
        let taken = ledger::take_back(self.tx, ids, self.now, entry, whose, (gateway, amount)).await?;
        let Some(Taken { got, lost }) = taken else { return Ok(false) };
        let after = format!("{step}: {got} out of the wallet, {lost} lost");
        self.audit(order, "wallet.taken_back", Some(amount.to_string()), Some(after)).await?;

        let (is_deposit, is_whole) = (order.kind == OrderKind::Deposit, booking == Kind::PaymentTakenBack);
        if amount.is_positive() {
            let kind = match is_deposit && is_whole {
                true => MessageKind::CreditTakenBack,
                false => MessageKind::CreditLess,
            };
            let once = format!("{}:{kind}:{booking}:{step}", order.id);
            let detail = got.is_positive().then(|| got.to_string());
            let message = (Audience::Buyer, kind, detail.as_deref());
            let courier = self.shop.courier_for(&order.buyer);
            enqueue(self.tx, ids, self.now, &order.id, &once, courier, message).await?;
        }

        let (number, reference) = (order.number.to_string(), payment.reference.to_string());
        // Beside a purchase it is a matter of its own: what is said of the money that paid it stays said.
        let subject = if is_deposit { &number } else { &reference };
        let what = match (is_deposit, is_whole) {
            (true, true) => {
                format!("deposit {number}: {} took back {all} of {reference}", payment.gateway)
            }
            (true, false) => {
                format!("deposit {number}: {} took back {all} of {reference}, a part of it", payment.gateway)
            }
            (false, true) => format!(
                "order {number}: {} took back {all} of {reference}, which was store credit beside it",
                payment.gateway
            ),
            (false, false) => format!(
                "order {number}: {} took back {all} of {reference}, a part of what was store credit beside it",
                payment.gateway
            ),
        };
        let text = format!(
            "{what}; {got} was still in the wallet of {} and is taken out of it, {lost} is lost",
            order.buyer
        );
        // What was said of a part of it before does not tell this.
        let kind = AlertKind::PaymentTakenBack;
        alert_resolve(self.tx, kind, subject, self.now).await?;
        self.call(order, kind, subject, &text).await?;
        Ok(true)
    }
}

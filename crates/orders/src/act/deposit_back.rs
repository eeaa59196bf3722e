//! A deposit that its gateway takes back after it had become store credit: what is still in the wallet leaves it
//! again, the rest is a loss, and buyer, staff and audit trail hear how much was which.

use super::{Act, ActError, books::creditable};
use crate::Order;
use ledger::{Account, Taken};
use notifications::{AlertKind, Audience, MessageKind, alert_resolve, enqueue};

impl Act<'_, '_> {
    /// Takes a deposit out of its buyer's wallet, once for its payment.
    pub(super) async fn take_deposit_back(&mut self, order: &Order) -> Result<(), ActError> {
        let payment = self.payment(order)?;
        let (left, entry) = self.leaving(order, &payment, creditable(order, &payment)).await?;
        if !left.is_positive() && entry.postings.is_empty() {
            return Ok(());
        }
        let gateway = Account::Gateway(payment.gateway.clone());
        let (ids, whose) = (&self.shop.ids, (&order.buyer, Account::ChargebackLoss));
        let taken = ledger::take_back(self.tx, ids, self.now, entry, whose, (gateway, left)).await?;
        let Some(Taken { got, lost }) = taken else { return Ok(()) };
        let after = format!("{}: {got} out of the wallet, {lost} lost", payment.reference);
        self.audit(order, "wallet.taken_back", Some(left.to_string()), Some(after)).await?;

        let kind = MessageKind::CreditTakenBack;
        let once = format!("{}:{kind}:{}", order.id, payment.reference);
        let detail = got.is_positive().then(|| got.to_string());
        let message = (Audience::Buyer, kind, detail.as_deref());
        let courier = self.shop.courier_for(&order.buyer);
        enqueue(self.tx, ids, self.now, &order.id, &once, courier, message).await?;

        // What was said of a part of it before does not tell this.
        let (kind, number) = (AlertKind::PaymentTakenBack, order.number.as_str());
        alert_resolve(self.tx, kind, number, self.now).await?;
        let text = format!(
            "deposit {number}: {} took back {left} of {}; {got} was still in the wallet of {} and is taken out of it, {lost} is lost",
            payment.gateway, payment.reference, order.buyer
        );
        self.call(order, kind, number, &text).await
    }
}

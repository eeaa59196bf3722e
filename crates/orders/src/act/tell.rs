//! What a buyer is told of what happens to their order, once, and in words that are true then.

use super::{Act, ActError, books::creditable};
use crate::{
    Order,
    taken_back::{Rest, in_any_part},
};
use notifications::{Audience, MessageKind, enqueue};
use vocabulary::Rupiah;

impl Act<'_, '_> {
    pub(super) async fn tell_buyer(&mut self, order: &Order, kind: MessageKind) -> Result<(), ActError> {
        let credited = self.cause.payment.map(|p| creditable(order, p));
        if kind == MessageKind::Credited && !credited.is_some_and(Rupiah::is_positive) {
            return Ok(());
        }
        // Of money that went back nobody says that it is safe here.
        if kind == MessageKind::HeldUp && in_any_part(self.tx, &order.id).await?.is_some() {
            return Ok(());
        }
        if kind == MessageKind::LateDeliveryTakenBack && !self.heard_of_late_delivery(order).await? {
            return Ok(());
        }
        let number_is_gone = self.cause.stand_in.is_some()
            && self.cause.attempt.is_some_and(|reversed| reversed.serial_number.is_some());
        let kind = match kind {
            // It is told when it is known. Until then nobody is left with the number of what was taken back.
            MessageKind::SerialNumber if order.serial_number.is_none() && number_is_gone => {
                MessageKind::Delivered
            }
            MessageKind::SerialNumber if order.serial_number.is_none() => return Ok(()),
            other => other,
        };
        let rest = self.cause.payment.and_then(|p| Rest::of(order, p));
        let stand_in = self.cause.stand_in.map(|a| a.reference.to_string());
        let once = match (kind, stand_in.or_else(|| self.reference())) {
            // However often it is its turn and the deposit is still empty, or it is tried and refused.
            (MessageKind::WaitsForSupplier | MessageKind::HeldUp, _) => format!("{}:{kind}", order.id),
            // An order may need a person more than once.
            (MessageKind::NeedsAttention, _) => {
                format!("{}:{kind}:buyer:{}", order.id, self.now.millis())
            }
            (_, Some(reference)) => format!("{}:{kind}:{reference}", order.id),
            (_, None) => format!("{}:{kind}", order.id),
        };
        let detail = match kind {
            MessageKind::Delivered | MessageKind::SerialNumber => order.serial_number.clone(),
            MessageKind::Refunded => {
                let credit = self.part.map(|part| part.credit).or(rest.map(|rest| rest.left));
                Some(credit.unwrap_or(order.amount).to_string())
            }
            MessageKind::Credited => credited.map(|amount| amount.to_string()),
            MessageKind::RefundSent | MessageKind::RefundArrived | MessageKind::RefundBecameCredit => {
                self.cause.payment.map(|payment| crate::refund::told(order.amount, payment.method))
            }
            // When the supplier opens, as a buyer reads it: `00:15 WIB`.
            MessageKind::WaitsForSupplier => self
                .cause
                .wait
                .and_then(|wait| wait.opens_at)
                .and_then(|opens| opens.wib().get(11..16).map(|time| format!("{time} WIB"))),
            MessageKind::ShareGivenBack => self.cause.share.map(|share| share.to_string()),
            MessageKind::ShareWentBack => {
                let credit = self.part.map(|part| part.credit).filter(|credit| credit.is_positive());
                credit.map(|credit| credit.to_string())
            }
            _ => None,
        };
        let message = (Audience::Buyer, kind, detail.as_deref());
        let courier = self.shop.courier_for(&order.buyer);
        enqueue(self.tx, &self.shop.ids, self.now, &order.id, &once, courier, message).await?;
        Ok(())
    }

    /// Whether the buyer was told that this attempt delivered after all, or a part: only then is its end news.
    async fn heard_of_late_delivery(&mut self, order: &Order) -> Result<bool, ActError> {
        let Some(it) = self.reference() else { return Ok(false) };
        for kind in [MessageKind::LateDelivery, MessageKind::LatePart] {
            if notifications::is_queued(self.tx, &format!("{}:{kind}:{it}", order.id)).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

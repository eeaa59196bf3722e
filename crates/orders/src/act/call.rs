//! Calling a person: what each alert says, and what is to be done.

use super::{Act, ActError};
use crate::{Attention, Order, OrderState};
use notifications::{AlertKind, Audience, MessageKind, alert_open, alert_resolve, enqueue};
use suppliers::{Attempt, Verdict};

impl Act<'_, '_> {
    pub(super) async fn alert(&mut self, order: &Order, kind: AlertKind) -> Result<(), ActError> {
        // Of what is waited for and what was refused just now, the alert is about the refusal.
        let refused = |attempt: &&Attempt| {
            matches!(attempt.verdict, Some(Verdict::RefusedBalance | Verdict::RefusedConfiguration))
        };
        let refusing = self.cause.attempt.filter(refused).map(|attempt| attempt.supplier.as_str());
        let waited = self.cause.wait.map(|wait| wait.supplier.as_str());
        let supplier = refusing.or(waited).unwrap_or(&order.supplier);
        let subject = if kind == AlertKind::SupplierRefusesUs { supplier } else { order.number.as_str() };
        let reason = self.cause.reason.unwrap_or("see its timeline");
        let message = match kind {
            AlertKind::AmountMismatch if order.attention == Some(Attention::OddMoney) => format!(
                "order {}: the gateway names an amount that is not {}; `loket order approve` or `reject` it ({reason})",
                order.number, order.amount
            ),
            AlertKind::AmountMismatch => format!(
                "order {}: the gateway names an amount that is not {}, and the order does not need it; what is ours of it is store credit of the buyer's now ({reason})",
                order.number, order.amount
            ),
            AlertKind::PaymentTakenBack if self.part.is_some() => self.part_in_words(order),
            AlertKind::PaymentTakenBack => format!(
                "order {}: the gateway took the money back while the order is {}; see its ledger with `loket order show`",
                order.number, order.state
            ),
            AlertKind::LateDelivery => {
                format!(
                    "order {}: delivered once too often, or after the money went back; the cost is booked as a loss",
                    order.number
                )
            }
            AlertKind::RestDelivered => format!(
                "order {}: a part of it was delivered, and what that was is booked; now the supplier has delivered all of it ({reason}). Nothing more is booked, and what was given back stays with the buyer",
                order.number
            ),
            AlertKind::DeliveryReversed => {
                let follows = match order.state {
                    OrderState::Delivered => "the buyer keeps what another attempt delivered",
                    OrderState::Cancelled => "the gateway had given the money back, so nobody is refunded",
                    OrderState::NeedsAttention => {
                        "it was a part, and another attempt may still deliver or has delivered a part: nothing is given back yet"
                    }
                    OrderState::Failed => "it was a part; the money goes back as after a failure",
                    OrderState::Refunded => {
                        "you had settled it as a part; its cost came back, and what was earned with it is the buyer's store credit, as far as they have not got it back already"
                    }
                    _ => "the buyer is refunded",
                };
                format!("order {}: the supplier took back its delivery; {follows}", order.number)
            }
            AlertKind::SupplierRefusesUs if order.attention == Some(Attention::WaitsForSupplier) => format!(
                "{supplier}: the deposit is empty ({reason}); fill it: paid orders wait in line and go on by themselves"
            ),
            AlertKind::SupplierRefusesUs if order.state == OrderState::Fulfilling => format!(
                "{supplier} refuses us ({reason}): check keys, access and deposit with `loket doctor`; until then other suppliers are tried"
            ),
            AlertKind::SupplierRefusesUs => format!(
                "{supplier} refuses us ({reason}): check keys, access and deposit with `loket doctor`, then `loket order retry {}`",
                order.number
            ),
            AlertKind::OrderNeedsAttention if order.attention == Some(Attention::PartlyRefunded) => {
                format!("order {}: it is to be refunded, and {reason}", order.number)
            }
            AlertKind::OrderNeedsAttention if order.attention == Some(Attention::PartlyDelivered) => format!(
                "order {}: a part was delivered ({reason}); see what is missing, then `loket order settle {} --give-back RUPIAH` (0 when the buyer has got the rest in another way)",
                order.number, order.number
            ),
            _ => format!("order {}: {reason}; `loket order show`, then `retry` or `refund` it", order.number),
        };
        if kind == AlertKind::DeliveryReversed {
            // That it was called failed, and nothing followed, is not so any more.
            alert_resolve(self.tx, kind, subject, self.now).await?;
        }
        self.call(order, kind, subject, &message).await?;
        if kind == AlertKind::OrderNeedsAttention {
            let once = format!("{}:needs_attention:{}", order.id, self.now.millis());
            let message = (Audience::Staff, MessageKind::NeedsAttention, Some(reason));
            enqueue(self.tx, &self.shop.ids, self.now, &order.id, &once, None, message).await?;
        }
        Ok(())
    }

    pub(super) async fn call(
        &mut self,
        order: &Order,
        kind: AlertKind,
        subject: &str,
        message: &str,
    ) -> Result<(), ActError> {
        if alert_open(self.tx, &self.shop.ids, self.now, (kind, subject, message)).await? {
            tracing::warn!(order.number = %order.number, alert = %kind, "{message}");
        }
        Ok(())
    }
}

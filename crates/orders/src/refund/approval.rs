//! The word of a second person about a refund: they agree, or somebody takes the wish back.

use super::request::{RefundAnswer, RefundError, RefundWish, Who, audit, carry_out, lock, plan, waiting};
use crate::{RefundTarget, Shop};
use database::{Error, WriteTx, sql};
use notifications::{AlertKind, alert_resolve};
use vocabulary::{Actor, OrderNumber, RefundRequestId, Timestamp};

impl Shop {
    /// A second person agrees to a refund, and it is carried out as things stand now.
    ///
    /// # Errors
    /// Why not: nothing waits, the same person wanted it, or it cannot be any more.
    pub async fn approve_refund(
        &self,
        number: &OrderNumber,
        actor: &Actor,
    ) -> Result<RefundAnswer, RefundError> {
        let mut tx = self.db.write("order.refund").await?;
        let mut order = lock(&mut tx, number).await?;
        let request =
            waiting(&mut tx, &order.id).await?.ok_or_else(|| RefundError::NoneWaits(number.clone()))?;
        if is_same(actor, &request.requested_by) {
            return Err(RefundError::SamePerson { number: number.clone(), by: request.requested_by });
        }
        // What one person has wanted and the other agrees to is this amount, and no other.
        let wish = RefundWish {
            target: Some(request.target),
            amount: Some(request.amount),
            reason: Some(&request.reason),
        };
        let plan = plan(self, &mut tx, &order, &wish).await?;
        let who =
            Who { requested_by: &request.requested_by, approved_by: Some(actor), reason: &request.reason };
        let target = plan.target();
        decide(&mut tx, &request.id, ("carried_out", target), actor, self.clock.now()).await?;
        audit(self, &mut tx, &order, who, ("refund.approved", request.amount)).await?;
        carry_out(self, &mut tx, &mut order, &plan, who).await?;
        alert_resolve(&mut tx, AlertKind::RefundNeedsApproval, number.as_str(), self.clock.now()).await?;
        tx.commit().await?;
        Ok(RefundAnswer {
            amount: request.amount,
            target,
            not_to_source: plan.not_to_source(),
            waits: false,
            state: order.state,
        })
    }

    /// Somebody says no to a refund that waits for a second person; whoever wanted it may take it back.
    ///
    /// # Errors
    /// When none waits.
    pub async fn reject_refund(&self, number: &OrderNumber, actor: &Actor) -> Result<(), RefundError> {
        let mut tx = self.db.write("order.refund").await?;
        let order = lock(&mut tx, number).await?;
        let request =
            waiting(&mut tx, &order.id).await?.ok_or_else(|| RefundError::NoneWaits(number.clone()))?;
        let who =
            Who { requested_by: &request.requested_by, approved_by: Some(actor), reason: &request.reason };
        decide(&mut tx, &request.id, ("rejected", request.target), actor, self.clock.now()).await?;
        audit(self, &mut tx, &order, who, ("refund.rejected", request.amount)).await?;
        alert_resolve(&mut tx, AlertKind::RefundNeedsApproval, number.as_str(), self.clock.now()).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Whether two names are one person's: nobody becomes another by capitals or blanks.
fn is_same(one: &Actor, other: &Actor) -> bool {
    let name = |actor: &Actor| actor.as_str().split_whitespace().collect::<String>().to_lowercase();
    name(one) == name(other)
}

/// Decides about a request that waits, once.
async fn decide(
    tx: &mut WriteTx,
    id: &RefundRequestId,
    (state, target): (&str, RefundTarget),
    actor: &Actor,
    now: Timestamp,
) -> Result<(), Error> {
    let changed = sql!(
        "UPDATE refund_request SET state = $2, target = $3, decided_by = $4, decided_at = $5
         WHERE id = $1 AND state = 'waiting'"
    )
    .bind(id)
    .bind(state)
    .bind(target)
    .bind(actor)
    .bind(now)
    .run(tx)
    .await?;
    if changed == 0 {
        let reason = "it was decided about at the same moment".to_owned();
        return Err(Error::Column { column: "refund_request.state".into(), reason });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_a_second_person_by_another_spelling() {
        let rina = Actor::staff("Rina");
        for name in ["Rina", "rina", " RINA ", "ri na", "rina\n"] {
            assert!(is_same(&Actor::staff(name), &rina), "{name:?}");
        }
        for name in ["Budi", "rina2", ""] {
            assert!(!is_same(&Actor::staff(name), &rina), "{name:?}");
        }
    }
}

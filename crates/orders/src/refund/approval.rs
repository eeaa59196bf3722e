//! The word of a second person about a refund: they agree, or somebody takes the wish back.

use super::{
    error::RefundError,
    plan::{carry_out, plan},
    request::{RefundAnswer, RefundRequestView, RefundWish, Who, audit, go_on, lock, requests, waiting},
};
use crate::{Order, RefundTarget, Shop};
use database::{Error, ReadTx, WriteTx, sql};
use notifications::{AlertKind, alert_resolve};
use vocabulary::{Actor, OrderNumber, RefundRequestId, Rupiah, Timestamp};

/// A refund that waits, as whoever decides about it has seen it. Another may have taken its place since.
#[derive(Clone, Copy, Debug)]
pub struct SeenRefund<'a> {
    /// The order.
    pub number: &'a OrderNumber,
    /// Which request.
    pub request: &'a RefundRequestId,
    /// How much it was, if they say so.
    pub amount: Option<Rupiah>,
}

impl Shop {
    /// A second person agrees to a refund, and it is carried out as things stand now. Who has agreed to it before
    /// hears the same again.
    ///
    /// # Errors
    /// Why not: it does not wait, the same person wanted it, or it cannot be any more.
    pub async fn approve_refund(
        &self,
        seen: SeenRefund<'_>,
        actor: &Actor,
    ) -> Result<RefundAnswer, RefundError> {
        let number = seen.number;
        let mut tx = self.db.write("order.refund").await?;
        let mut order = lock(&mut tx, number).await?;
        if let Some(answer) = agreed_before(&mut tx, &order, seen, actor).await? {
            return Ok(answer);
        }
        let request = that_was_seen(&mut tx, &order, seen).await?;
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
            request: request.id,
            amount: request.amount,
            target,
            not_to_source: plan.not_to_source().map(|why| why.to_string()),
            waits: false,
            state: order.state,
        })
    }

    /// Somebody says no to a refund that waits for a second person; whoever wanted it may take it back. An order
    /// that stood still because of it goes on.
    ///
    /// # Errors
    /// When it does not wait.
    pub async fn reject_refund(&self, seen: SeenRefund<'_>, actor: &Actor) -> Result<(), RefundError> {
        let mut tx = self.db.write("order.refund").await?;
        let mut order = lock(&mut tx, seen.number).await?;
        let request = that_was_seen(&mut tx, &order, seen).await?;
        let who =
            Who { requested_by: &request.requested_by, approved_by: Some(actor), reason: &request.reason };
        decide(&mut tx, &request.id, ("rejected", request.target), actor, self.clock.now()).await?;
        audit(self, &mut tx, &order, who, ("refund.rejected", request.amount)).await?;
        go_on(self, &mut tx, &mut order).await?;
        let number = seen.number.as_str();
        alert_resolve(&mut tx, AlertKind::RefundNeedsApproval, number, self.clock.now()).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// The request that waits, if it is the one that was seen.
async fn that_was_seen(
    tx: &mut ReadTx,
    order: &Order,
    seen: SeenRefund<'_>,
) -> Result<RefundRequestView, RefundError> {
    let number = || order.number.clone();
    let waits = waiting(tx, &order.id).await?.ok_or_else(|| RefundError::NoneWaits(number()))?;
    if waits.id != *seen.request {
        let (asked, amount, by) = (seen.request.clone(), waits.amount, waits.requested_by);
        return Err(RefundError::AnotherWaits { number: number(), asked, waits: waits.id, amount, by });
    }
    match seen.amount {
        Some(amount) if amount != waits.amount => Err(RefundError::AnotherAmount {
            number: number(),
            request: waits.id,
            amount: waits.amount,
            seen: amount,
        }),
        _ => Ok(waits),
    }
}

/// What was answered to this person when they agreed to it before.
async fn agreed_before(
    tx: &mut ReadTx,
    order: &Order,
    seen: SeenRefund<'_>,
    actor: &Actor,
) -> Result<Option<RefundAnswer>, Error> {
    let all = requests(tx, &order.id).await?;
    let by_them = |request: &RefundRequestView| {
        request.id == *seen.request
            && request.state == "carried_out"
            && request.decided_by.as_ref() == Some(actor)
            && seen.amount.is_none_or(|amount| amount == request.amount)
    };
    Ok(all.into_iter().find(by_them).map(|request| RefundAnswer {
        request: request.id,
        amount: request.amount,
        target: request.target,
        not_to_source: None,
        waits: false,
        state: order.state,
    }))
}

/// Whether two names are one person's: nobody becomes another by capitals or blanks.
pub(super) fn is_same(one: &Actor, other: &Actor) -> bool {
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

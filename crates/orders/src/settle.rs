//! Settling an order of which a part was delivered: a person says what the rest was worth.

use crate::{
    ActionError, Approved, Attention, Order, Shop,
    act::Cause,
    decide::{Event, Share, WentBack},
    once::{Decided, Once},
    refund::word::{self, Heard, Saying, Word},
    staff::was_decided,
    taken_back::{self, Rest},
};
use database::{Error, ReadTx, WriteTx};
use ledger::Kind;
use payments::Payment;
use suppliers::{Attempt, AttemptState};
use vocabulary::{Actor, OrderNumber, Rupiah};

/// Why nothing was settled.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// What is the buyer's is more than was paid, or less than nothing.
    #[error("order {number}: from Rp 0 to {amount} can be given back")]
    NoShare {
        /// The order.
        number: OrderNumber,
        /// What it cost.
        amount: Rupiah,
    },
    /// As with any decision of staff.
    #[error(transparent)]
    Action(#[from] ActionError),
}

impl From<Error> for SettleError {
    fn from(error: Error) -> Self {
        SettleError::Action(error.into())
    }
}

impl Shop {
    /// Gives back a share of an order of which a part was delivered; the rest of its amount is earned. What the
    /// gateway has given back of the money is a part of that share: what is still owed becomes store credit, and
    /// what went back beyond it is lost. Nothing is given back when the buyer has got the rest in another way.
    /// Audited under the name of `actor`, and done once; by two persons who name the same when what is still owed
    /// is more than one may give away alone.
    ///
    /// # Errors
    /// Why nothing was done.
    pub async fn settle_part(
        &self,
        number: &OrderNumber,
        give_back: Rupiah,
        actor: &Actor,
    ) -> Result<Approved, SettleError> {
        match self.try_settle_part(number, give_back, actor, None).await? {
            Some(Decided::Now(approved)) => Ok(approved),
            // Only what comes with a key can have come before.
            Some(Decided::Before) | None => Err(Error::Aborted { transaction: "order.settle" }.into()),
        }
    }

    /// The same, once for a key.
    ///
    /// # Errors
    /// Why nothing was done; the key is free then.
    pub async fn settle_part_once(
        &self,
        number: &OrderNumber,
        give_back: Rupiah,
        actor: &Actor,
        once: &Once<'_>,
    ) -> Result<Decided<Approved>, SettleError> {
        // Two requests with one key about two orders at the same moment: the loser looks again, and is told so.
        for _ in 0..3 {
            if let Some(decided) = self.try_settle_part(number, give_back, actor, Some(once)).await? {
                return Ok(decided);
            }
        }
        Err(Error::Aborted { transaction: "order.settle" }.into())
    }

    async fn try_settle_part(
        &self,
        number: &OrderNumber,
        give_back: Rupiah,
        actor: &Actor,
        once: Option<&Once<'_>>,
    ) -> Result<Option<Decided<Approved>>, SettleError> {
        let mut tx = self.db.write("order.settle").await?;
        let mut order = self.lock(&mut tx, number).await?;
        if was_decided(&mut tx, once, number).await? {
            return Ok(Some(Decided::Before));
        }
        let Some(approved) = self.settle_part_in_tx(&mut tx, &mut order, give_back, actor).await? else {
            return Ok(Some(Decided::Now(Approved { state: order.state, waits: false })));
        };
        if !self.keep_outcome(&mut tx, once, &order, approved).await? {
            return Ok(None);
        }
        tx.commit().await?;
        Ok(Some(Decided::Now(approved)))
    }

    /// The settling itself. `None` when there was nothing to do: then nothing may be committed.
    async fn settle_part_in_tx(
        &self,
        tx: &mut WriteTx,
        order: &mut Order,
        give_back: Rupiah,
        actor: &Actor,
    ) -> Result<Option<Approved>, SettleError> {
        let (wanted, state, number) = ("settled", order.state, order.number.clone());
        let Some(attempt) = waiting(tx, order).await? else {
            return Err(ActionError::NotPossible { number, state, wanted }.into());
        };
        let share = match give_back {
            Rupiah::ZERO => Share::Nothing,
            all if all == order.amount => Share::All,
            some if some.is_positive() && some < order.amount => Share::Some,
            _ => return Err(SettleError::NoShare { number, amount: order.amount }),
        };
        let payment = taken_back::in_any_part(tx, &order.id).await?;
        let went_back = match &payment {
            Some(payment) => went_back(order, payment)
                .ok_or_else(|| SettleError::Action(ActionError::PartUnclear(number.clone())))?,
            None => Rupiah::ZERO,
        };
        let is_gone = payment.as_ref().is_some_and(Payment::is_taken_back);
        let owed = give_back.checked_sub(went_back).filter(|owed| owed.is_positive());
        if let Some(owed) = owed {
            let needs_another = self.needs_another(tx, &order.id, owed).await?;
            let (subject, word) = (attempt.reference.to_string(), give_back.get().to_string());
            // Who agrees does so to what is owed now: more may have gone back since it was said first.
            let (saying, amount, by) = (Saying::PartSettled, owed, actor);
            let said = Word { saying, subject: &subject, word: &word, amount, by };
            match word::hear(self, tx, order, said, needs_another).await? {
                Heard::Enough { .. } => {}
                Heard::Waits => {
                    return Ok(Some(Approved { state: order.state, waits: true }));
                }
                Heard::Again => {
                    return Err(ActionError::SaidAlready { number, by: actor.clone() }.into());
                }
            }
        }
        let back = match went_back {
            _ if is_gone => WentBack::All,
            Rupiah::ZERO => WentBack::Nothing,
            back if back < give_back => WentBack::Less,
            back if back == give_back => WentBack::Share,
            _ => WentBack::More,
        };
        let reason = match back {
            WentBack::Nothing => format!("settle: {give_back} given back"),
            _ => format!("settle: {give_back} given back, and {went_back} went back at the gateway before"),
        };
        let cause = Cause {
            payment: payment.as_ref(),
            attempt: Some(&attempt),
            share: Some(give_back),
            ..Cause::by(actor).because(&reason)
        };
        let event = Event::PartSettled { share, back };
        let went = self.step(tx, order, event, cause, wanted).await?;
        Ok(went.map(|state| Approved { state, waits: false }))
    }
}

/// What of the order's money has gone back at the gateway, and the books do not know. `None` when nobody knows how
/// much it was.
fn went_back(order: &Order, payment: &Payment) -> Option<Rupiah> {
    if payment.is_taken_back() {
        return Some(order.amount);
    }
    Rest::of(order, payment).map(|rest| rest.gone())
}

/// The attempt that delivered the part which is to be settled: what another delivered of it is booked as a loss.
async fn waiting(tx: &mut ReadTx, order: &Order) -> Result<Option<Attempt>, Error> {
    if order.attention != Some(Attention::PartlyDelivered) {
        return Ok(None);
    }
    for attempt in suppliers::attempts_of_order(tx, &order.id).await? {
        let lost = ledger::is_booked(tx, Kind::LateDelivery, &attempt.reference.to_string()).await?;
        if attempt.state == AttemptState::PartlySucceeded && !lost {
            return Ok(Some(attempt));
        }
    }
    Ok(None)
}

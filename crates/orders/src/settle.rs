//! Settling an order of which a part was delivered: a person says what the rest was worth.

use crate::{
    ActionError, Approved, Attention, Order, Shop,
    act::Cause,
    decide::{Event, Share},
    refund::word::{self, Heard, Saying, Word},
    taken_back,
};
use database::{Error, ReadTx};
use ledger::Kind;
use suppliers::{Attempt, AttemptState};
use vocabulary::{Actor, OrderNumber, Rupiah};

/// Why nothing was settled.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// What is to be given back is more than was paid, or less than nothing.
    #[error("order {number}: from Rp 0 to {amount} can be given back")]
    NoShare {
        /// The order.
        number: OrderNumber,
        /// What it cost.
        amount: Rupiah,
    },
    /// The gateway has taken back what paid the order: there is nothing to give a share of.
    #[error(
        "order {0}: the gateway has given all of its money back, so nothing is given back here; settle it with --give-back 0"
    )]
    NothingToShare(OrderNumber),
    /// The gateway has given back a part of what paid the order.
    #[error(
        "order {0}: the gateway has given back a part of its money, so no share is reckoned here; give back the rest there, too, and settle it with --give-back 0"
    )]
    PartBackFirst(OrderNumber),
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
    /// Gives back a share of an order of which a part was delivered, as store credit; the rest of its amount is
    /// earned. Nothing is given back when the buyer has got the rest in another way. Audited under the name of
    /// `actor`, and done once; by two persons who name the same when it is more than one may give away alone.
    ///
    /// # Errors
    /// Why nothing was done.
    pub async fn settle_part(
        &self,
        number: &OrderNumber,
        give_back: Rupiah,
        actor: &Actor,
    ) -> Result<Approved, SettleError> {
        let mut tx = self.db.write("order.settle").await?;
        let mut order = self.lock(&mut tx, number).await?;
        let (wanted, state) = ("settled", order.state);
        let Some(attempt) = waiting(&mut tx, &order).await? else {
            return Err(ActionError::NotPossible { number: number.clone(), state, wanted }.into());
        };
        let share = match give_back {
            Rupiah::ZERO => Share::Nothing,
            all if all == order.amount => Share::All,
            some if some.is_positive() && some < order.amount => Share::Some,
            _ => return Err(SettleError::NoShare { number: number.clone(), amount: order.amount }),
        };
        if taken_back::part(&mut tx, &order.id).await?.is_some() {
            return Err(SettleError::PartBackFirst(number.clone()));
        }
        let gone = taken_back::gone(&mut tx, &order.id).await?;
        if gone.is_some() && share != Share::Nothing {
            return Err(SettleError::NothingToShare(number.clone()));
        }
        if share != Share::Nothing {
            let needs_another = self.needs_another(&mut tx, &order.id, give_back).await?;
            let (subject, word) = (attempt.reference.to_string(), give_back.get().to_string());
            let (saying, amount, by) = (Saying::PartSettled, give_back, actor);
            let said = Word { saying, subject: &subject, word: &word, amount, by };
            match word::hear(self, &mut tx, &order, said, needs_another).await? {
                Heard::Enough { .. } => {}
                Heard::Waits => {
                    tx.commit().await?;
                    return Ok(Approved { state: order.state, waits: true });
                }
                Heard::Again => {
                    let (number, by) = (number.clone(), actor.clone());
                    return Err(ActionError::SaidAlready { number, by }.into());
                }
            }
        }
        let reason = format!("settle: {give_back} given back");
        let cause = Cause {
            payment: gone.as_ref(),
            attempt: Some(&attempt),
            share: Some(give_back),
            ..Cause::by(actor).because(&reason)
        };
        let event = Event::PartSettled { share, money_gone: gone.is_some() };
        let state = self.finish(tx, &mut order, event, cause, wanted).await?;
        Ok(Approved { state, waits: false })
    }
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

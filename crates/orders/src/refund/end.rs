//! The end of a refund to where the money came from: by its gateway's word, or by a person's who has looked in
//! the dashboard when the gateway does not say.

use super::{
    booking::book_end,
    error::RefundError,
    request::tell,
    word::{self, Heard, Saying, Word},
};
use crate::{
    ActionError, Order, Shop,
    act::{Acted, Cause, happen},
    decide::Event,
    once::{self, Decided, Known, Once},
    order,
};
use database::{Error, WriteTx};
use notifications::{AlertKind, MessageKind, alert_resolve};
use payments::{ByHand, Payment, Refund, RefundOrigin, RefundState, settled_by_hand};
use serde_json::json;
use vocabulary::{Actor, Reference};

/// What became of a person's word about how a refund ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It has ended so.
    Ended(Box<Refund>),
    /// Another person has to say the same first: it has not ended.
    Waits(Box<Refund>),
}

/// A refund has ended: the order goes on if it waited for that, the books are closed, the buyer is told.
pub(crate) async fn end(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &mut Order,
    (ended, payment): (&Refund, &Payment),
    actor: &Actor,
) -> Result<(), Error> {
    let (event, kind) = match ended.state {
        RefundState::Done => (Event::RefundArrived, MessageKind::RefundArrived),
        _ => (Event::RefundFellBack, MessageKind::RefundBecameCredit),
    };
    let (key, now) = (ended.reference.to_string(), shop.clock.now());
    alert_resolve(tx, AlertKind::RefundSlow, &key, now).await?;
    word::is_over(tx, order, (Saying::RefundSettled, Some(&key)), now).await?;
    // What else went back of the payment can be told apart from it now.
    if payment.went_back_otherwise() {
        payments::nudge(tx, &payment.reference.to_string(), now).await?;
    }
    if ended.origin == RefundOrigin::Escrow {
        let cause = Cause { payment: Some(payment), refund: Some(ended), ..Cause::by(actor) };
        if let Acted::Went(_) = happen(shop, tx, order, event, cause).await? {
            return Ok(());
        }
    }
    book_end(shop, tx, order, ended).await?;
    tell(shop, tx, order, (ended, payment), kind).await
}

impl Shop {
    /// Ends a refund that takes too long, by what a person saw in its gateway's dashboard; by what two have seen,
    /// each for themselves, when with it more was given alone than one person may. Audited under the name of
    /// `actor`.
    ///
    /// # Errors
    /// When there is no such refund, it has ended, or its gateway may say it yet.
    pub async fn settle_refund(
        &self,
        reference: &Reference,
        said: ByHand,
        actor: &Actor,
    ) -> Result<Settled, RefundError> {
        match self.try_settle_refund(reference, said, actor, None).await? {
            Some(Decided::Now(settled)) => Ok(settled),
            // Only what comes with a key can have come before.
            Some(Decided::Before) | None => Err(Error::Aborted { transaction: "order.refund" }.into()),
        }
    }

    /// The same, once for a key.
    ///
    /// # Errors
    /// Why it has not ended; the key is free then.
    pub async fn settle_refund_once(
        &self,
        reference: &Reference,
        said: ByHand,
        actor: &Actor,
        once: &Once<'_>,
    ) -> Result<Decided<Settled>, RefundError> {
        // Two requests with one key about two orders at the same moment: the loser looks again, and is told so.
        for _ in 0..3 {
            if let Some(decided) = self.try_settle_refund(reference, said, actor, Some(once)).await? {
                return Ok(decided);
            }
        }
        Err(Error::Aborted { transaction: "order.refund" }.into())
    }

    async fn try_settle_refund(
        &self,
        reference: &Reference,
        said: ByHand,
        actor: &Actor,
        once: Option<&Once<'_>>,
    ) -> Result<Option<Decided<Settled>>, RefundError> {
        let number = reference.order();
        let mut tx = self.db.write("order.refund").await?;
        let locked = order::locked_by_number(&mut tx, number).await?;
        let mut order = locked.ok_or_else(|| ActionError::UnknownOrder(number.clone()))?;
        if let Some(once) = once {
            match once::known(&mut tx, once).await? {
                Known::Nothing => {}
                Known::Answer(_) => return Ok(Some(Decided::Before)),
                Known::Unanswered => return Err(ActionError::OutcomeUnknown(number.clone()).into()),
                Known::OfAnother => return Err(RefundError::KeyReused),
            }
        }
        let settled = self.settle_refund_in_tx(&mut tx, &mut order, (reference, said), actor).await?;
        if let Some(once) = once {
            let (refund, waits) = match &settled {
                Settled::Ended(refund) => (refund, false),
                Settled::Waits(refund) => (refund, true),
            };
            let answer = json!({"refund": refund.state.as_str(), "waits": waits});
            if !once::remember(&mut tx, once, order.id.as_str(), &answer, self.clock.now()).await? {
                return Ok(None);
            }
        }
        tx.commit().await?;
        Ok(Some(Decided::Now(settled)))
    }

    async fn settle_refund_in_tx(
        &self,
        tx: &mut WriteTx,
        order: &mut Order,
        (reference, said): (&Reference, ByHand),
        actor: &Actor,
    ) -> Result<Settled, RefundError> {
        let now = self.clock.now();
        let unknown = || RefundError::NotToSettle(reference.clone());
        let found = payments::refund_by_reference(tx, reference).await?.ok_or_else(unknown)?;
        let payment = payments::payment_locked(tx, &found.payment).await?.ok_or_else(unknown)?;
        let current = payments::refund_locked(tx, &found.id).await?.ok_or_else(unknown)?;
        let ended = settled_by_hand(&current, said, now).ok_or_else(|| match (current.state, said) {
            (RefundState::Pending, ByHand::NotGivenBack) => RefundError::MayCome(reference.clone()),
            _ => unknown(),
        })?;
        // The answer to a call that is under way must not come too late.
        if payments::refund_in_hand(tx, &current.id, self.clock.real_now()).await? {
            return Err(RefundError::InHand(reference.clone()));
        }
        let needs_another = self.needs_another(tx, &order.id, current.amount).await?;
        let (subject, word) = (reference.to_string(), said.as_str());
        let (saying, amount) = (Saying::RefundSettled, current.amount);
        let said = Word { saying, subject: &subject, word, amount, by: actor };
        let first = match word::hear(self, tx, order, said, needs_another).await? {
            Heard::Enough { first } => first,
            Heard::Waits => {
                return Ok(Settled::Waits(Box::new(current)));
            }
            Heard::Again => {
                return Err(RefundError::SaidAlready { key: reference.clone(), by: actor.clone() });
            }
        };
        if !payments::store_refund(tx, &ended, now).await? {
            return Err(unknown());
        }
        let entry = security::Entry {
            actor,
            action: "refund.settled",
            subject: order.number.as_str(),
            before: Some(first.map_or_else(
                || current.state.to_string(),
                |first| format!("{}, and {first} said the same", current.state),
            )),
            after: Some(format!("{reference} {}", ended.state)),
            source: ended.note.clone(),
        };
        security::record(tx, &self.ids, now, &entry).await?;
        end(self, tx, order, (&ended, &payment), actor).await?;
        Ok(Settled::Ended(Box::new(ended)))
    }
}

//! What people do to an order: approve, reject, retry, refund; and the buyer's cancelling.

use crate::{
    Attention, Order, OrderKind, OrderState, RefundError, RefundTarget, RefundWish, Shop,
    act::{Acted, Cause, happen, revive},
    decide::Event,
    once::{self, Decided, Known, Once},
    order,
    refund::{
        self,
        word::{self, Heard, Saying, Word},
    },
    taken_back, withdraw,
};
use database::{Error, WriteTx};
use payments::{PartBack, Payment};
use serde_json::json;
use vocabulary::{Actor, OrderNumber, Rupiah};

vocabulary::text_enum!(
    /// What a member of staff does to an order.
    pub enum StaffAction {
        /// Let a held order go on, or accept an odd amount as paid.
        Approve = "approve",
        /// Refuse a held order, or give an odd amount back as store credit.
        Reject = "reject",
        /// Buy the product again.
        Retry = "retry",
        /// Give the money back as store credit: what the gateway has not given back already. Above a limit a
        /// second person has to agree first.
        Refund = "refund",
    }
);

/// What became of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Approved {
    /// Where the order stands now.
    pub state: OrderState,
    /// Whether a second person has to say the same first: nothing has happened yet.
    pub waits: bool,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum ActionError {
    /// No such order, or not this caller's.
    #[error("there is no order {0}")]
    UnknownOrder(OrderNumber),
    /// The order is in a state in which this cannot be done.
    #[error("order {number} is {state}: it cannot be {wanted}")]
    NotPossible {
        /// The order.
        number: OrderNumber,
        /// Where it stands.
        state: OrderState,
        /// What was wanted (`approved`, `cancelled`).
        wanted: &'static str,
    },
    /// The supplier may still deliver: buying again could deliver twice.
    #[error("order {0}: an attempt may still deliver; wait for the supplier, or refund it")]
    AttemptOpen(OrderNumber),
    /// The gateway has taken back what paid the order: nobody would pay for what is bought.
    #[error(
        "order {0}: the gateway has given its money back, so nothing is bought for it any more; refund it, and it is closed without paying anybody twice"
    )]
    MoneyGone(OrderNumber),
    /// The gateway has given back a part of what paid the order, and does not say how much.
    #[error(
        "order {0}: the gateway has given back a part of its money and does not say how much; give back the rest there, too: until then nothing is credited here"
    )]
    PartUnclear(OrderNumber),
    /// Too little came in for one person to take it as paid, and nobody has said how much they saw.
    #[error(
        "order {number}: {came} came in and {short} is missing; to take that as paid needs two persons, each of whom names it: `loket order approve {number} --paid {plain}`", plain = .came.get()
    )]
    NameOdd {
        /// The order.
        number: OrderNumber,
        /// What came in; nothing when nobody could read it.
        came: Rupiah,
        /// How much that is less than the price.
        short: Rupiah,
    },
    /// What came in is another amount than was named.
    #[error("order {number}: {came} came in, and not {named}; see `loket order show {number}`")]
    OtherOdd {
        /// The order.
        number: OrderNumber,
        /// What came in.
        came: Rupiah,
        /// What was named.
        named: Rupiah,
    },
    /// The second person has to be another one.
    #[error("order {number}: {by} has said so already, and somebody else has to say the same")]
    SaidAlready {
        /// The order.
        number: OrderNumber,
        /// Who has.
        by: Actor,
    },
    /// What may be given back is not bought meanwhile.
    #[error(
        "order {0}: a refund of it waits for a second person; `refund-approve` or `refund-reject` that first"
    )]
    RefundWaits(OrderNumber),
    /// It is not refunded, for a reason of refunds alone.
    #[error("{0}")]
    NotRefunded(String),
    /// No supplier that sells it to the account is connected and switched on.
    #[error(
        "order {0}: no supplier that sells it to this account today is connected and switched on; see the routes with `loket catalog routes`"
    )]
    NoRoute(OrderNumber),
    /// A part was delivered: what becomes of the rest is for a person to say.
    #[error(
        "order {0}: a part of it was delivered; `loket order settle {0} --give-back RUPIAH` gives back what the rest was worth, and 0 says that the buyer has got it in another way"
    )]
    PartDelivered(OrderNumber),
    /// The stock or the price of the order is not there any more.
    #[error(
        "order {0} cannot be carried out any more at its price; reject it, and the money becomes store credit"
    )]
    NoLongerPossible(OrderNumber),
    /// The key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// An older version had taken the key and may have decided under it, or not.
    #[error(
        "order {0}: whether this was decided under its idempotency key before is unknown: look at the order, and decide under a new key"
    )]
    OutcomeUnknown(OrderNumber),
    /// The database refused.
    #[error(transparent)]
    Database(#[from] Error),
}

impl Shop {
    /// Carries out a staff decision, audited under the name of `actor`.
    ///
    /// # Errors
    /// Why nothing was done.
    pub async fn decide(
        &self,
        number: &OrderNumber,
        action: StaffAction,
        actor: &Actor,
    ) -> Result<OrderState, ActionError> {
        if action == StaffAction::Refund {
            let wish = RefundWish { target: Some(RefundTarget::Wallet), ..RefundWish::default() };
            return match self.refund(number, &wish, actor).await {
                Ok(answer) => Ok(answer.state),
                Err(RefundError::Action(error)) => Err(error),
                Err(RefundError::NothingToGiveBack { number, state }) => {
                    Err(ActionError::NotPossible { number, state, wanted: "refunded" })
                }
                Err(error) => Err(ActionError::NotRefunded(error.to_string())),
            };
        }
        Ok(self.decide_seeing(number, action, None, actor).await?.state)
    }

    /// Lets a held order go on, or takes the odd amount that came in as paid. `paid` is what came in, as whoever
    /// decides has seen it: where that is less than the price by more than one person may give away, two have to
    /// name it.
    ///
    /// # Errors
    /// Why nothing was done.
    pub async fn approve(
        &self,
        number: &OrderNumber,
        paid: Option<Rupiah>,
        actor: &Actor,
    ) -> Result<Approved, ActionError> {
        self.decide_seeing(number, StaffAction::Approve, paid, actor).await
    }

    async fn decide_seeing(
        &self,
        number: &OrderNumber,
        action: StaffAction,
        paid: Option<Rupiah>,
        actor: &Actor,
    ) -> Result<Approved, ActionError> {
        match self.try_decide(number, (action, paid), actor, None).await? {
            Some(Decided::Now(approved)) => Ok(approved),
            // Only what comes with a key can have come before.
            Some(Decided::Before) | None => Err(Error::Aborted { transaction: "order.staff" }.into()),
        }
    }

    /// As [`Shop::decide`], once for a key. Refunds have answers of their own ([`Shop::refund_once`]).
    ///
    /// # Errors
    /// Why nothing was done; the key is free then.
    pub async fn decide_once(
        &self,
        number: &OrderNumber,
        action: StaffAction,
        actor: &Actor,
        once: &Once<'_>,
    ) -> Result<Decided<Approved>, ActionError> {
        if action == StaffAction::Refund {
            return Err(ActionError::NotRefunded("a refund is asked for as one".into()));
        }
        self.decide_seeing_once(number, (action, None), actor, once).await
    }

    /// As [`Shop::approve`], once for a key.
    ///
    /// # Errors
    /// Why nothing was done; the key is free then.
    pub async fn approve_once(
        &self,
        number: &OrderNumber,
        paid: Option<Rupiah>,
        actor: &Actor,
        once: &Once<'_>,
    ) -> Result<Decided<Approved>, ActionError> {
        self.decide_seeing_once(number, (StaffAction::Approve, paid), actor, once).await
    }

    async fn decide_seeing_once(
        &self,
        number: &OrderNumber,
        what: (StaffAction, Option<Rupiah>),
        actor: &Actor,
        once: &Once<'_>,
    ) -> Result<Decided<Approved>, ActionError> {
        // Two requests with one key about two orders at the same moment: the loser looks again, and is told so.
        for _ in 0..3 {
            if let Some(decided) = self.try_decide(number, what, actor, Some(once)).await? {
                return Ok(decided);
            }
        }
        Err(Error::Aborted { transaction: "order.staff" }.into())
    }

    async fn try_decide(
        &self,
        number: &OrderNumber,
        what: (StaffAction, Option<Rupiah>),
        actor: &Actor,
        once: Option<&Once<'_>>,
    ) -> Result<Option<Decided<Approved>>, ActionError> {
        let mut tx = self.db.write("order.staff").await?;
        let mut order = self.lock(&mut tx, number).await?;
        if was_decided(&mut tx, once, number).await? {
            return Ok(Some(Decided::Before));
        }
        let Some(approved) = self.decide_in_tx(&mut tx, &mut order, what, actor).await? else {
            // There was nothing to do; what was made ready for it is dropped with the transaction.
            return Ok(Some(Decided::Now(Approved { state: order.state, waits: false })));
        };
        if !self.keep_outcome(&mut tx, once, &order, approved).await? {
            return Ok(None);
        }
        tx.commit().await?;
        Ok(Some(Decided::Now(approved)))
    }

    /// Keeps with the key what was decided. False when another request with the same key came first.
    pub(crate) async fn keep_outcome(
        &self,
        tx: &mut WriteTx,
        once: Option<&Once<'_>>,
        order: &Order,
        approved: Approved,
    ) -> Result<bool, Error> {
        let Some(once) = once else { return Ok(true) };
        let answer = json!({"state": approved.state.as_str(), "waits": approved.waits});
        once::remember(tx, once, order.id.as_str(), &answer, self.clock.now()).await
    }

    /// The decision itself. `None` when there was nothing to do: then nothing may be committed.
    async fn decide_in_tx(
        &self,
        tx: &mut WriteTx,
        order: &mut Order,
        (action, paid): (StaffAction, Option<Rupiah>),
        actor: &Actor,
    ) -> Result<Option<Approved>, ActionError> {
        let named = order.number.clone();
        let number = || named.clone();
        let odd = odd_payment(tx, order).await?;
        let attempts = suppliers::attempts_of_order(tx, &order.id).await?;
        let mut attempt_open = attempts.iter().any(|a| a.state.is_live());
        let money_gone = taken_back::gone(tx, &order.id).await?.is_some();
        let about_supplier = order.attention.is_some_and(Attention::is_about_supplier);
        if action == StaffAction::Retry && attempt_open && about_supplier && !money_gone {
            attempt_open = !withdraw::unsent(self, tx, order, &attempts, actor).await?;
        }
        let (event, wanted) = match action {
            StaffAction::Approve => (Event::Approved, "approved"),
            StaffAction::Reject => (Event::Rejected, "rejected"),
            StaffAction::Retry => (Event::Retried { attempt_open, money_gone }, "bought again"),
            StaffAction::Refund => (Event::RefundOrdered { part_back: PartBack::Nothing }, "refunded"),
        };
        let holds_money = order.attention.is_some_and(|why| why != Attention::OddMoney);
        match action {
            _ if order.attention == Some(Attention::PartlyDelivered) => {
                return Err(ActionError::PartDelivered(number()));
            }
            StaffAction::Retry if holds_money && money_gone => {
                return Err(ActionError::MoneyGone(number()));
            }
            StaffAction::Retry if attempt_open && order.state == OrderState::NeedsAttention => {
                return Err(ActionError::AttemptOpen(number()));
            }
            StaffAction::Retry if refund::waiting(tx, &order.id).await?.is_some() => {
                return Err(ActionError::RefundWaits(number()));
            }
            _ => {}
        }
        let accepts_odd_money = action == StaffAction::Approve && order.state == OrderState::NeedsAttention;
        if let (true, Some(odd)) = (accepts_odd_money, &odd)
            && !self.is_taken_as_paid(tx, order, (odd, paid), actor).await?
        {
            return Ok(Some(Approved { state: order.state, waits: true }));
        }
        if accepts_odd_money && odd.is_some() && !revive(self, tx, order, actor).await? {
            return Err(ActionError::NoLongerPossible(number()));
        }
        let way = match action {
            StaffAction::Retry if holds_money => self.plan_by_hand(tx, order).await?,
            _ => None,
        };
        if action == StaffAction::Retry && holds_money && way.is_none() {
            return Err(ActionError::NoRoute(number()));
        }
        let cause =
            Cause { payment: odd.as_ref(), way: way.as_ref(), ..Cause::by(actor).because(action.as_str()) };
        let went = self.step(tx, order, event, cause, wanted).await?;
        Ok(went.map(|state| Approved { state, waits: false }))
    }

    /// Whether an odd amount may be taken as paid now: one person may for what is missing up to a limit, two who
    /// name the same amount for more. If not, the word of the first is kept.
    async fn is_taken_as_paid(
        &self,
        tx: &mut WriteTx,
        order: &Order,
        (odd, paid): (&Payment, Option<Rupiah>),
        actor: &Actor,
    ) -> Result<bool, ActionError> {
        let (number, came) = (|| order.number.clone(), odd.odd_amount.unwrap_or_default());
        if let Some(named) = paid.filter(|named| *named != came) {
            return Err(ActionError::OtherOdd { number: number(), came, named });
        }
        let short = order.amount.checked_sub(came).filter(|short| short.is_positive()).unwrap_or_default();
        // Of a deposit nothing can be taken as paid, whoever says so.
        if order.kind == OrderKind::Deposit {
            return Ok(true);
        }
        let needs_another = short > self.rules.odd_second_person_above;
        if needs_another && paid.is_none() {
            return Err(ActionError::NameOdd { number: number(), came, short });
        }
        let (subject, word) = (odd.reference.to_string(), came.get().to_string());
        let said =
            Word { saying: Saying::OddAccepted, subject: &subject, word: &word, amount: short, by: actor };
        match word::hear(self, tx, order, said, needs_another).await? {
            Heard::Enough { .. } => Ok(true),
            Heard::Waits => Ok(false),
            Heard::Again => Err(ActionError::SaidAlready { number: number(), by: actor.clone() }),
        }
    }

    /// Withdraws an order that is not paid, for its buyer.
    ///
    /// # Errors
    /// Why nothing was done. `owner` sees only its own orders.
    pub async fn cancel(&self, number: &OrderNumber, owner: &str) -> Result<OrderState, ActionError> {
        let mut tx = self.db.write("order.cancel").await?;
        let mut order = self.lock(&mut tx, number).await?;
        if order.owner != owner {
            return Err(ActionError::UnknownOrder(number.clone()));
        }
        let actor = Actor::buyer(&order.buyer);
        match self.step(&mut tx, &mut order, Event::Cancelled, Cause::by(&actor), "cancelled").await? {
            Some(state) => {
                tx.commit().await?;
                Ok(state)
            }
            None => Ok(order.state),
        }
    }

    pub(crate) async fn lock(&self, tx: &mut WriteTx, number: &OrderNumber) -> Result<Order, ActionError> {
        order::locked_by_number(tx, number).await?.ok_or_else(|| ActionError::UnknownOrder(number.clone()))
    }

    /// Lets it happen, or says that there was nothing to do, and then nothing may be committed.
    pub(crate) async fn step(
        &self,
        tx: &mut WriteTx,
        order: &mut Order,
        event: Event,
        cause: Cause<'_>,
        wanted: &'static str,
    ) -> Result<Option<OrderState>, ActionError> {
        match happen(self, tx, order, event, cause).await.map_err(Error::from)? {
            Acted::Went(state) => Ok(Some(state)),
            Acted::Nothing => Ok(None),
            Acted::Refused => {
                Err(ActionError::NotPossible { number: order.number.clone(), state: order.state, wanted })
            }
        }
    }
}

/// Whether this was decided before under its key.
pub(crate) async fn was_decided(
    tx: &mut WriteTx,
    once: Option<&Once<'_>>,
    number: &OrderNumber,
) -> Result<bool, ActionError> {
    let Some(once) = once else { return Ok(false) };
    match once::known(tx, once).await? {
        Known::Nothing => Ok(false),
        Known::Answer(_) => Ok(true),
        Known::Unanswered => Err(ActionError::OutcomeUnknown(number.clone())),
        Known::OfAnother => Err(ActionError::KeyReused),
    }
}

/// The payment of an odd amount that can be taken as paid: of several the one that brought most, so
/// that as little as possible is short of our amount.
async fn odd_payment(tx: &mut WriteTx, order: &Order) -> Result<Option<Payment>, Error> {
    let payments = payments::payments_of_order(tx, &order.id).await?;
    Ok(payments.into_iter().filter(Payment::is_undecided).max_by_key(|p| p.odd_amount))
}

//! What a member of staff wants given back: whether that can be, where it goes, and whether a second person
//! has to agree. It is stored either way, so that the worker knows where to, and the audit by whom.

use super::{
    NotToSource, Once, RefundTarget,
    booking::{self, Begin},
    once,
    source::{source_of_credit, source_of_escrow},
    word::given_alone,
};
use crate::{
    ActionError, Attention, Order, OrderState, Shop,
    act::{Acted, Cause, happen},
    decide::Event,
    line, order, taken_back,
};
use database::{Error, FromRow, ReadTx, Row, WriteTx, sql};
use ledger::Account;
use notifications::{AlertKind, Audience, MessageKind, alert_open, enqueue};
use payments::{PartBack, Payment, Refund, RefundOrigin};
use vocabulary::{Actor, OrderId, OrderNumber, Reference, RefundRequestId, Rupiah, Timestamp};

/// What a member of staff wants.
#[derive(Clone, Copy, Debug, Default)]
pub struct RefundWish<'a> {
    /// Where to. Nothing named is to where it came from if it can go there, else to store credit.
    pub target: Option<RefundTarget>,
    /// How much; nothing named is all that can be.
    pub amount: Option<Rupiah>,
    /// Why.
    pub reason: Option<&'a str>,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundAnswer {
    /// The wish as it is stored: what a second person agrees to.
    pub request: RefundRequestId,
    /// How much.
    pub amount: Rupiah,
    /// Where it goes.
    pub target: RefundTarget,
    /// Why it does not go to where it came from, when it could have been meant to.
    pub not_to_source: Option<String>,
    /// Whether a second person has to agree first: nothing has been given back yet.
    pub waits: bool,
    /// Where the order stands now.
    pub state: OrderState,
}

/// Why nothing is given back.
#[derive(Debug, thiserror::Error)]
pub enum RefundError {
    /// As with any decision about an order.
    #[error(transparent)]
    Action(#[from] ActionError),
    /// An order goes back whole; a part of its store credit can follow.
    #[error(
        "order {number}: {whole} goes back whole; refund it to the wallet, and then a part of that to its source"
    )]
    NotWhole {
        /// The order.
        number: OrderNumber,
        /// What is left of it.
        whole: Rupiah,
    },
    /// This order gave the buyer no store credit that could go back.
    #[error("order {number} is {state} and gave its buyer no store credit that could go back")]
    NothingToGiveBack {
        /// The order.
        number: OrderNumber,
        /// Where it stands.
        state: OrderState,
    },
    /// More than can go back.
    #[error("order {number}: at most {most} of its store credit can go back (the wallet holds {balance})")]
    TooMuch {
        /// The order.
        number: OrderNumber,
        /// So much can.
        most: Rupiah,
        /// What the buyer has.
        balance: Rupiah,
    },
    /// It was to go to where it came from and cannot: it stays store credit.
    #[error("order {number}: it stays store credit, because {why}")]
    NotToSource {
        /// The order.
        number: OrderNumber,
        /// Why not.
        why: NotToSource,
    },
    /// A request waits already.
    #[error(
        "order {number}: a refund of it waits for a second person already; `loket order refund-approve {number} {request}` or `refund-reject {number} {request}`"
    )]
    WaitsAlready {
        /// The order.
        number: OrderNumber,
        /// What waits.
        request: RefundRequestId,
    },
    /// There is none to decide about.
    #[error("order {0}: no refund of it waits for a second person")]
    NoneWaits(OrderNumber),
    /// What waits now is another request than the one that is decided about.
    #[error(
        "order {number}: {asked} does not wait any more; {waits} of {amount}, which {by} wants, does: look at that, and decide about it by its id"
    )]
    AnotherWaits {
        /// The order.
        number: OrderNumber,
        /// What was to be decided about.
        asked: RefundRequestId,
        /// What waits.
        waits: RefundRequestId,
        /// How much that is.
        amount: Rupiah,
        /// Who wants it.
        by: Actor,
    },
    /// What waits is of another amount than was seen.
    #[error("order {number}: {request} is about {amount}, and not about {seen}")]
    AnotherAmount {
        /// The order.
        number: OrderNumber,
        /// What waits.
        request: RefundRequestId,
        /// How much it is.
        amount: Rupiah,
        /// How much whoever decides has seen.
        seen: Rupiah,
    },
    /// The key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The same person has said so already.
    #[error("refund {key}: {by} has said so already, and somebody else has to say the same")]
    SaidAlready {
        /// The refund.
        key: Reference,
        /// Who has.
        by: Actor,
    },
    /// There is no refund with this key that a person could end now.
    #[error(
        "refund {0}: there is none, it has ended, or its gateway may say yet how it ends (a person can say so an hour after it was begun)"
    )]
    NotToSettle(Reference),
    /// Its gateway has taken it on, so that nobody can say that it will not come.
    #[error(
        "refund {0}: its gateway has taken it on and may give it back yet; `given-back` once its dashboard shows that, else wait for its word"
    )]
    MayCome(Reference),
    /// Its gateway is being called just now.
    #[error("refund {0}: its gateway is being asked at this moment; try again in a minute")]
    InHand(Reference),
    /// The second person has to be another one.
    #[error("order {number}: {by} wanted this refund, so somebody else has to agree")]
    SamePerson {
        /// The order.
        number: OrderNumber,
        /// Who wanted it.
        by: Actor,
    },
}

impl From<Error> for RefundError {
    fn from(error: Error) -> Self {
        RefundError::Action(ActionError::Database(error))
    }
}

/// A request, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundRequestView {
    /// Its id.
    pub id: RefundRequestId,
    /// Where to.
    pub target: RefundTarget,
    /// How much.
    pub amount: Rupiah,
    /// Why.
    pub reason: String,
    /// Who wants it.
    pub requested_by: Actor,
    /// `waiting`, `carried_out` or `rejected`.
    pub state: String,
    /// Who decided, if somebody had to.
    pub decided_by: Option<Actor>,
    /// Since when.
    pub created_at: Timestamp,
}

impl FromRow for RefundRequestView {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(RefundRequestView {
            id: row.get("id")?,
            target: row.get("target")?,
            amount: row.get("amount")?,
            reason: row.get("reason")?,
            requested_by: row.get("requested_by")?,
            state: row.get("state")?,
            decided_by: row.get("decided_by")?,
            created_at: row.get("created_at")?,
        })
    }
}

/// The latest request to give back the money of an order that was carried out: the worker goes by it.
pub(crate) async fn carried_out(
    tx: &mut ReadTx,
    order: &OrderId,
) -> Result<Option<RefundRequestView>, Error> {
    sql!(
        "SELECT * FROM refund_request WHERE order_id = $1 AND origin = 'escrow' AND state = 'carried_out' ORDER BY id DESC LIMIT 1"
    )
    .bind(order)
    .optional(tx)
    .await
}

/// All requests of an order, oldest first.
pub(crate) async fn requests(tx: &mut ReadTx, order: &OrderId) -> Result<Vec<RefundRequestView>, Error> {
    sql!("SELECT * FROM refund_request WHERE order_id = $1 ORDER BY id").bind(order).all(tx).await
}

/// The request of an order that waits for a second person.
pub(crate) async fn waiting(tx: &mut ReadTx, order: &OrderId) -> Result<Option<RefundRequestView>, Error> {
    sql!("SELECT * FROM refund_request WHERE order_id = $1 AND state = 'waiting'")
        .bind(order)
        .optional(tx)
        .await
}

/// What a refund would be, as everything stands now.
pub(super) enum Plan {
    /// The order's money, which the worker gives back.
    OfOrder {
        amount: Rupiah,
        target: RefundTarget,
        not_to_source: Option<NotToSource>,
        part_back: PartBack,
        payment: Option<Box<Payment>>,
    },
    /// Store credit that the order gave.
    OfCredit { amount: Rupiah, payment: Box<Payment> },
}

impl Plan {
    pub(super) fn target(&self) -> RefundTarget {
        match self {
            Plan::OfOrder { target, .. } => *target,
            Plan::OfCredit { .. } => RefundTarget::Source,
        }
    }

    fn amount(&self) -> Rupiah {
        match self {
            Plan::OfOrder { amount, .. } | Plan::OfCredit { amount, .. } => *amount,
        }
    }

    fn origin(&self) -> RefundOrigin {
        match self {
            Plan::OfOrder { .. } => RefundOrigin::Escrow,
            Plan::OfCredit { .. } => RefundOrigin::Wallet,
        }
    }

    pub(super) fn not_to_source(&self) -> Option<NotToSource> {
        match self {
            Plan::OfOrder { not_to_source, .. } => *not_to_source,
            Plan::OfCredit { .. } => None,
        }
    }
}

impl Shop {
    /// Gives back what a member of staff wants given back, or stores that they do until a second person
    /// agrees. Audited under the name of `actor`.
    ///
    /// # Errors
    /// Why nothing is given back.
    pub async fn refund(
        &self,
        number: &OrderNumber,
        wish: &RefundWish<'_>,
        actor: &Actor,
    ) -> Result<RefundAnswer, RefundError> {
        match self.try_refund(number, wish, actor, None).await? {
            Some((answer, _)) => Ok(answer),
            None => Err(Error::Aborted { transaction: "order.refund" }.into()),
        }
    }

    /// The same, once for a key; and whether it was done before under it, so that nothing was done now.
    ///
    /// # Errors
    /// Why nothing is given back.
    pub async fn refund_once(
        &self,
        number: &OrderNumber,
        wish: &RefundWish<'_>,
        actor: &Actor,
        once: &Once<'_>,
    ) -> Result<(RefundAnswer, bool), RefundError> {
        // Two requests with one key at the same moment: the loser looks again, and finds the answer.
        for _ in 0..3 {
            if let Some(answered) = self.try_refund(number, wish, actor, Some(once)).await? {
                return Ok(answered);
            }
        }
        Err(Error::Aborted { transaction: "order.refund" }.into())
    }

    async fn try_refund(
        &self,
        number: &OrderNumber,
        wish: &RefundWish<'_>,
        actor: &Actor,
        once: Option<&Once<'_>>,
    ) -> Result<Option<(RefundAnswer, bool)>, RefundError> {
        let mut tx = self.db.write("order.refund").await?;
        let mut order = lock(&mut tx, number).await?;
        if let Some(once) = once
            && let Some(answer) = once::replayed(&mut tx, once).await?
        {
            return Ok(Some((answer, true)));
        }
        if let Some(waits) = waiting(&mut tx, &order.id).await? {
            return Err(RefundError::WaitsAlready { number: number.clone(), request: waits.id });
        }
        let plan = plan(self, &mut tx, &order, wish).await?;
        let reason = wish.reason.unwrap_or("refund");
        let needs_another = self.needs_another(&mut tx, &order.id, plan.amount()).await?;
        let state = if needs_another { "waiting" } else { "carried_out" };
        let who = Who { requested_by: actor, approved_by: None, reason };
        let request = store(self, &mut tx, &order, &plan, (who, state)).await?;
        if needs_another {
            self.ask_for_another(&mut tx, &order, (&request, &plan), who).await?;
            stand_still(self, &mut tx, &mut order).await?;
        } else {
            carry_out(self, &mut tx, &mut order, &plan, who).await?;
        }
        let answer = RefundAnswer {
            request,
            amount: plan.amount(),
            target: plan.target(),
            not_to_source: plan.not_to_source().map(|why| why.to_string()),
            waits: needs_another,
            state: order.state,
        };
        if let Some(once) = once
            && !once::remember(&mut tx, once, &order.id, &answer, self.clock.now()).await?
        {
            return Ok(None);
        }
        tx.commit().await?;
        Ok(Some((answer, false)))
    }

    /// Whether giving so much of an order needs a second person: many small ones are a large one, whatever they
    /// are given out of, and wherever they go.
    pub(crate) async fn needs_another(
        &self,
        tx: &mut ReadTx,
        order: &OrderId,
        amount: Rupiah,
    ) -> Result<bool, Error> {
        let in_all = given_alone(tx, order).await?.checked_add(amount);
        Ok(in_all.is_none_or(|sum| sum > self.rules.refunds.second_person_above))
    }

    async fn ask_for_another(
        &self,
        tx: &mut WriteTx,
        order: &Order,
        (request, plan): (&RefundRequestId, &Plan),
        who: Who<'_>,
    ) -> Result<(), RefundError> {
        let (number, amount) = (&order.number, plan.amount());
        let text = format!(
            "order {number}: {} wants {amount} given back ({}); another person: `loket order refund-approve {number} {request}` or `refund-reject {number} {request}`",
            who.requested_by, who.reason
        );
        let alert = (AlertKind::RefundNeedsApproval, number.as_str(), text.as_str());
        alert_open(tx, &self.ids, self.clock.now(), alert).await?;
        audit(self, tx, order, who, ("refund.requested", amount)).await?;
        Ok(())
    }
}

/// Who wants it, and who agrees.
#[derive(Clone, Copy)]
pub(super) struct Who<'a> {
    pub(super) requested_by: &'a Actor,
    pub(super) approved_by: Option<&'a Actor>,
    pub(super) reason: &'a str,
}

/// An order that waits for a supplier is not bought while its refund waits for a second person, and nobody stands
/// in line behind it.
async fn stand_still(shop: &Shop, tx: &mut WriteTx, order: &mut Order) -> Result<(), Error> {
    if order.attention != Some(Attention::WaitsForSupplier) {
        return Ok(());
    }
    order.due_at = None;
    order::update(tx, order, order.state).await?;
    // Its place is by the time at which it was paid: it has it again when it goes on.
    line::stand_in(tx, &order.id, &[], shop.clock.now()).await
}

/// It goes on, from its own place in the line, when nothing of it is given back.
pub(super) async fn go_on(shop: &Shop, tx: &mut WriteTx, order: &mut Order) -> Result<(), Error> {
    if order.attention != Some(Attention::WaitsForSupplier) {
        return Ok(());
    }
    order.due_at = Some(shop.clock.now());
    order::update(tx, order, order.state).await?;
    Ok(())
}

pub(super) async fn lock(tx: &mut WriteTx, number: &OrderNumber) -> Result<Order, RefundError> {
    let found = order::locked_by_number(tx, number).await?;
    Ok(found.ok_or_else(|| ActionError::UnknownOrder(number.clone()))?)
}

/// What it would be, or why it cannot be.
pub(super) async fn plan(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &Order,
    wish: &RefundWish<'_>,
) -> Result<Plan, RefundError> {
    match order.attention {
        // What the delivered part is worth a person has to say, and nothing goes back before.
        Some(Attention::PartlyDelivered) => Err(ActionError::PartDelivered(order.number.clone()).into()),
        Some(why) if why != Attention::OddMoney => of_order(shop, tx, order, wish).await,
        _ => of_credit(shop, tx, order, wish).await,
    }
}

async fn of_order(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &Order,
    wish: &RefundWish<'_>,
) -> Result<Plan, RefundError> {
    let part = taken_back::part(tx, &order.id).await?;
    let part_back = part.as_ref().map_or(PartBack::Nothing, Payment::part_back);
    if part_back == PartBack::Unclear {
        return Err(ActionError::PartUnclear(order.number.clone()).into());
    }
    let rest = part.as_ref().and_then(|payment| taken_back::Rest::of(order, payment));
    let whole = rest.map_or(order.amount, |rest| rest.left);
    if wish.amount.is_some_and(|amount| amount != whole) {
        return Err(RefundError::NotWhole { number: order.number.clone(), whole });
    }
    let source = match (&part, wish.target) {
        (_, Some(RefundTarget::Wallet)) => None,
        (Some(_), _) => Some(Err(NotToSource::PartBack)),
        (None, _) => Some(source_of_escrow(shop, tx, &order.id, whole).await?),
    };
    let (target, not_to_source) = match source {
        Some(Ok(_)) => (RefundTarget::Source, None),
        Some(Err(why)) => (RefundTarget::Wallet, Some(why)),
        None => (RefundTarget::Wallet, None),
    };
    let payment = part.map(Box::new);
    Ok(Plan::OfOrder { amount: whole, target, not_to_source, part_back, payment })
}

/// Store credit that this order gave goes back to where the order's money came from.
async fn of_credit(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &Order,
    wish: &RefundWish<'_>,
) -> Result<Plan, RefundError> {
    let number = order.number.clone();
    let given = credit_of(tx, order).await?;
    if wish.target == Some(RefundTarget::Wallet) || !given.is_positive() {
        return Err(RefundError::NothingToGiveBack { number, state: order.state });
    }
    let balance = ledger::balance_locked(tx, &order.buyer).await?;
    let most = given.min(balance);
    let amount = wish.amount.unwrap_or(most);
    if !amount.is_positive() || amount > most {
        return Err(RefundError::TooMuch { number, most, balance });
    }
    match source_of_credit(shop, tx, order, amount).await? {
        Ok(payment) => Ok(Plan::OfCredit { amount, payment: Box::new(payment) }),
        Err(why) => Err(RefundError::NotToSource { number, why }),
    }
}

/// What this order has put into its buyer's wallet, less what it took from there.
async fn credit_of(tx: &mut ReadTx, order: &Order) -> Result<Rupiah, Error> {
    let wallet = Account::Wallet(order.buyer.clone());
    let lines = ledger::entries_of_order(tx, &order.id).await?;
    let of_it = lines.iter().filter(|line| line.account == wallet).map(|line| line.amount);
    Ok(Rupiah::checked_sum(of_it).and_then(Rupiah::checked_neg).unwrap_or_default())
}

async fn store(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &Order,
    plan: &Plan,
    (who, state): (Who<'_>, &str),
) -> Result<RefundRequestId, Error> {
    let now = shop.clock.now();
    let id = RefundRequestId::new(&shop.ids, now);
    sql!(
        "INSERT INTO refund_request (id, order_id, origin, target, amount, reason, requested_by, state, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    )
    .bind(&id)
    .bind(&order.id)
    .bind(plan.origin())
    .bind(plan.target())
    .bind(plan.amount())
    .bind(who.reason)
    .bind(who.requested_by)
    .bind(state)
    .bind(now)
    .run(tx)
    .await?;
    Ok(id)
}

/// Does it: the order's money is left to the worker, store credit is sent on its way.
pub(super) async fn carry_out(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &mut Order,
    plan: &Plan,
    who: Who<'_>,
) -> Result<(), RefundError> {
    let actor = who.approved_by.unwrap_or(who.requested_by);
    match plan {
        Plan::OfOrder { part_back, payment, .. } => {
            let event = Event::RefundOrdered { part_back: *part_back };
            let cause = Cause { payment: payment.as_deref(), ..Cause::by(actor).because(who.reason) };
            match happen(shop, tx, order, event, cause).await.map_err(Error::from)? {
                Acted::Went(_) => Ok(()),
                Acted::Nothing | Acted::Refused => Err(ActionError::NotPossible {
                    number: order.number.clone(),
                    state: order.state,
                    wanted: "refunded",
                }
                .into()),
            }
        }
        Plan::OfCredit { amount, payment } => {
            let Some(payment) = payments::payment_locked(tx, &payment.id).await? else {
                return Err(busy(order));
            };
            let begin = Begin {
                order,
                payment: &payment,
                amount: *amount,
                origin: RefundOrigin::Wallet,
                reason: who.reason,
                requested_by: who.requested_by,
                approved_by: who.approved_by,
            };
            let begun = booking::begin(shop, tx, &begin).await.map_err(Error::from)?;
            let refund = begun.ok_or_else(|| busy(order))?;
            tell(shop, tx, order, (&refund, &payment), MessageKind::RefundSent).await?;
            Ok(())
        }
    }
}

fn busy(order: &Order) -> RefundError {
    RefundError::NotToSource { number: order.number.clone(), why: NotToSource::Busy }
}

/// Tells the buyer of a refund, once.
pub(crate) async fn tell(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &Order,
    (refund, payment): (&Refund, &Payment),
    kind: MessageKind,
) -> Result<(), Error> {
    let now = shop.clock.now();
    let once = format!("{}:{kind}:{}", order.id, refund.reference);
    let detail = booking::told(refund.amount, payment.method);
    let courier = shop.courier_for(&order.buyer);
    let message = (Audience::Buyer, kind, Some(detail.as_str()));
    enqueue(tx, &shop.ids, now, &order.id, &once, courier, message).await?;
    notifications::refresh_screens(tx, &order.id, now).await?;
    Ok(())
}

/// Writes down who wanted or decided what.
pub(super) async fn audit(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &Order,
    who: Who<'_>,
    (action, amount): (&str, Rupiah),
) -> Result<(), Error> {
    let entry = security::Entry {
        actor: who.approved_by.unwrap_or(who.requested_by),
        action,
        subject: order.number.as_str(),
        before: who.approved_by.map(|_| format!("wanted by {}", who.requested_by)),
        after: Some(amount.to_string()),
        source: Some(who.reason.to_owned()),
    };
    security::record(tx, &shop.ids, shop.clock.now(), &entry).await
}

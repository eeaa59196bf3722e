//! What a member of staff wants given back: whether that can be, where it goes, and whether a second person
//! has to agree. It is stored either way, so that the worker knows where to, and the audit by whom.

use super::{
    RefundTarget, booking,
    error::RefundError,
    once,
    plan::{Plan, carry_out, plan},
    word::given_alone,
};
use crate::{ActionError, Attention, Once, Order, OrderState, Shop, line, order};
use database::{Error, FromRow, ReadTx, Row, WriteTx, sql};
use notifications::{AlertKind, Audience, MessageKind, alert_open, enqueue, refresh_screens};
use payments::{Payment, Refund};
use vocabulary::{Actor, OrderId, OrderNumber, RefundRequestId, Rupiah, Timestamp};

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
/// in line behind it. Its buyer is shown that, and not that it goes on.
async fn stand_still(shop: &Shop, tx: &mut WriteTx, order: &mut Order) -> Result<(), Error> {
    if order.attention != Some(Attention::WaitsForSupplier) {
        return Ok(());
    }
    order.due_at = None;
    order::update(tx, order, order.state).await?;
    refresh_screens(tx, &order.id, shop.clock.now()).await?;
    // Its place is by the time at which it was paid: it has it again when it goes on.
    line::stand_in(shop, tx, &order.id, &[], shop.clock.now()).await
}

/// It goes on, from its own place in the line, when nothing of it is given back.
pub(super) async fn go_on(shop: &Shop, tx: &mut WriteTx, order: &mut Order) -> Result<(), Error> {
    if order.attention != Some(Attention::WaitsForSupplier) {
        return Ok(());
    }
    order.due_at = Some(shop.clock.now());
    order::update(tx, order, order.state).await?;
    refresh_screens(tx, &order.id, shop.clock.now()).await?;
    Ok(())
}

pub(super) async fn lock(tx: &mut WriteTx, number: &OrderNumber) -> Result<Order, RefundError> {
    let found = order::locked_by_number(tx, number).await?;
    Ok(found.ok_or_else(|| ActionError::UnknownOrder(number.clone()))?)
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

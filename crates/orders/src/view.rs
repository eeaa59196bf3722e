//! An order with all that belongs to it, read at one moment: for the API, the pay page and staff.

use crate::{
    BuyerRecord, Order, Origin, PriceMoved, RefundRequestView, Shop, evidence, order, origin, pay,
    price_moved, refund, timeline, timeline::TimelineEntry,
};
use database::{Error, ReadTx, WriteTx, sql};
use ledger::BookedLine;
use notifications::Message;
use payments::{Payment, Refund};
use security::AuditRecord;
use suppliers::Attempt;
use vocabulary::{BuyerId, IdempotencyKey, OrderId, OrderNumber, PaymentMethod, Rupiah, Timestamp};

/// What its buyer may see of an order.
#[derive(Clone, Debug)]
pub struct OrderView {
    /// The order.
    pub order: Order,
    /// The payment that counts: the one that was settled first, else the latest.
    pub payment: Option<Payment>,
    /// What happened, oldest first.
    pub timeline: Vec<TimelineEntry>,
    /// Whether it came to nothing because of its supplier's price.
    pub price_moved: Option<PriceMoved>,
}

/// Some of an owner's orders.
#[derive(Clone, Debug)]
pub struct OrdersPage {
    /// The orders, newest first.
    pub orders: Vec<Order>,
    /// Whether there are older ones.
    pub has_more: bool,
}

/// Everything that belongs to an order. For staff.
#[derive(Clone, Debug)]
pub struct OrderFile {
    /// The order.
    pub order: Order,
    /// Its payments, oldest first.
    pub payments: Vec<Payment>,
    /// Its refunds to where the money came from, oldest first.
    pub refunds: Vec<Refund>,
    /// What staff wanted given back, oldest first.
    pub refund_requests: Vec<RefundRequestView>,
    /// Its fulfilment attempts, oldest first.
    pub attempts: Vec<Attempt>,
    /// What was booked for it.
    pub ledger: Vec<BookedLine>,
    /// What was recorded about it.
    pub audit: Vec<AuditRecord>,
    /// What happened, oldest first.
    pub timeline: Vec<TimelineEntry>,
    /// What people were told.
    pub messages: Vec<Message>,
    /// Where it comes from, and what its buyer agreed to.
    pub origin: Origin,
    /// How the orders of its buyer have ended.
    pub record: BuyerRecord,
    /// Until when its buyer may complain, once it is delivered.
    pub complain_until: Option<Timestamp>,
}

impl OrderView {
    /// How it was paid, once money has come in; until then how its buyer wants to pay. Somebody who chose
    /// another way may have paid by the one before.
    pub fn method(&self) -> PaymentMethod {
        let settled = self.payment.as_ref().filter(|payment| payment.settled_at.is_some());
        settled.map_or(self.order.method, |payment| payment.method)
    }

    /// Whether the payment is one that nobody may be shown: its gateway asks for something else than we do.
    pub fn is_unfit(&self) -> bool {
        let Some(reference) = self.payment.as_ref().map(|payment| payment.reference.to_string()) else {
            return false;
        };
        self.timeline.iter().any(|t| t.kind == pay::UNFIT && t.detail.as_deref() == Some(&*reference))
    }

    /// Whether the payment may have been open to its buyer, whatever became of it: then somebody may have paid it. In
    /// doubt it was, because another one by the same method was opened meanwhile.
    pub fn was_open(&self) -> bool {
        let Some(payment) = &self.payment else { return false };
        let method = payment.method.as_str();
        let opened = |t: &&TimelineEntry| t.kind == pay::OPENED && t.detail.as_deref() == Some(method);
        self.timeline.iter().filter(opened).any(|t| t.at >= payment.created_at)
    }
}

impl Shop {
    /// The order of this number, if it is one of `owner`'s.
    pub async fn order_view(&self, number: &OrderNumber, owner: &str) -> Result<Option<OrderView>, Error> {
        let mut tx = self.db.read("order.view").await?;
        match order::order_by_number(&mut tx, number).await?.filter(|o| o.owner == owner) {
            Some(order) => view(self, &mut tx, order).await.map(Some),
            None => Ok(None),
        }
    }

    /// The number of the order that `owner` placed with this key, if one stands: for whoever was cut off
    /// before writing it down.
    pub async fn placed_with(&self, owner: &str, key: &IdempotencyKey) -> Result<Option<OrderNumber>, Error> {
        order_placed_with(&mut self.db.read("order.placed_with").await?, owner, key).await
    }

    /// `owner`'s orders, newest first, at most `limit` (up to 200) of those older than `after`.
    pub async fn orders_page(
        &self,
        owner: &str,
        after: Option<&OrderId>,
        limit: u32,
    ) -> Result<OrdersPage, Error> {
        let mut tx = self.db.read("order.list").await?;
        let mut orders = order::orders_of(&mut tx, owner, after, limit).await?;
        let has_more = match orders.last() {
            Some(last) => !order::orders_of(&mut tx, owner, Some(&last.id), 1).await?.is_empty(),
            None => false,
        };
        orders.iter_mut().for_each(|order| self.open_order(order));
        Ok(OrdersPage { orders, has_more })
    }

    /// The order with this id, for whoever shows it to its buyer.
    pub async fn order_view_by_id(&self, id: &OrderId) -> Result<Option<OrderView>, Error> {
        let mut tx = self.db.read("order.view").await?;
        match order::order_by_id(&mut tx, id).await? {
            Some(order) => view(self, &mut tx, order).await.map(Some),
            None => Ok(None),
        }
    }

    /// What `buyer` ordered through `owner`, newest first, at most `limit` (up to 200) of those older
    /// than `after`. A buyer's name is its owner's: the same name elsewhere is somebody else.
    pub async fn orders_of_buyer(
        &self,
        owner: &str,
        buyer: &BuyerId,
        after: Option<&OrderId>,
        limit: u32,
    ) -> Result<OrdersPage, Error> {
        let mut tx = self.db.read("order.list").await?;
        let limit = limit.clamp(1, 200);
        let mut orders =
            order::orders_of_buyer(&mut tx, owner, buyer, after, limit.saturating_add(1)).await?;
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = orders.len() > wanted;
        orders.truncate(wanted);
        orders.iter_mut().for_each(|order| self.open_order(order));
        Ok(OrdersPage { orders, has_more })
    }

    /// The store credit of a buyer.
    pub async fn wallet_balance(&self, buyer: &BuyerId) -> Result<Rupiah, Error> {
        ledger::balance(&mut self.db.read("wallet.balance").await?, buyer).await
    }

    /// The order whose pay page has this token.
    pub async fn order_by_pay_token(&self, token: &str) -> Result<Option<OrderView>, Error> {
        let mut tx = self.db.read("order.pay_page").await?;
        match order::order_by_token(&mut tx, token).await? {
            Some(order) => view(self, &mut tx, order).await.map(Some),
            None => Ok(None),
        }
    }

    /// Everything that belongs to an order. For staff.
    pub async fn order_file(&self, number: &OrderNumber) -> Result<Option<OrderFile>, Error> {
        file(self, &mut self.db.read("order.file").await?, number).await
    }
}

/// Everything that belongs to an order.
pub(crate) async fn file(
    shop: &Shop,
    tx: &mut ReadTx,
    number: &OrderNumber,
) -> Result<Option<OrderFile>, Error> {
    let Some(mut order) = order::order_by_number(tx, number).await? else { return Ok(None) };
    shop.open_order(&mut order);
    let mut attempts = suppliers::attempts_of_order(tx, &order.id).await?;
    attempts.iter_mut().for_each(|attempt| shop.open_attempt(attempt));
    let mut timeline = timeline::timeline(tx, &order.id).await?;
    shop.open_timeline(&order.id, &mut timeline);
    let mut messages = notifications::messages_of_order(tx, &order.id).await?;
    messages.iter_mut().for_each(|message| shop.open_detail(&order.id, &mut message.detail));
    Ok(Some(OrderFile {
        payments: payments::payments_of_order(tx, &order.id).await?,
        refunds: payments::refunds_of_order(tx, &order.id).await?,
        refund_requests: refund::requests(tx, &order.id).await?,
        attempts,
        ledger: ledger::entries_of_order(tx, &order.id).await?,
        audit: security::entries_about(tx, number.as_str()).await?,
        timeline,
        messages,
        origin: origin::of_order(tx, &order.id).await?,
        record: evidence::record_of(tx, &order.buyer).await?,
        complain_until: order.delivered_at.map(|at| at.plus(shop.rules.complaint_within)),
        order,
    }))
}

/// The order of this number, if it is one of `owner`'s, locked until the transaction ends: what is read here
/// does not change before what the transaction writes can be seen.
///
/// # Errors
/// When the database refuses.
pub async fn order_view_locked(
    shop: &Shop,
    tx: &mut WriteTx,
    number: &OrderNumber,
    owner: &str,
) -> Result<Option<OrderView>, Error> {
    match order::locked_by_number(tx, number).await?.filter(|o| o.owner == owner) {
        Some(order) => view(shop, tx, order).await.map(Some),
        None => Ok(None),
    }
}

/// The number of the order that `owner` placed with this key, if one stands.
///
/// # Errors
/// When the database refuses.
pub async fn order_placed_with(
    tx: &mut ReadTx,
    owner: &str,
    key: &IdempotencyKey,
) -> Result<Option<OrderNumber>, Error> {
    sql!(
        "SELECT o.number FROM idempotency_key k JOIN shop_order o ON o.id = k.order_id
         WHERE k.owner = $1 AND k.key = $2"
    )
    .bind(owner)
    .bind(key)
    .optional(tx)
    .await
}

async fn view(shop: &Shop, tx: &mut ReadTx, mut order: Order) -> Result<OrderView, Error> {
    shop.open_order(&mut order);
    let payments = payments::payments_of_order(tx, &order.id).await?;
    let settled = payments.iter().filter(|p| p.settled_at.is_some());
    // What was credited at the same moment, because its amount was odd, did not pay the order.
    let first = settled.min_by_key(|p| (p.settled_at, p.odd_amount.is_some()));
    let counts = first.or_else(|| payments.last());
    let mut timeline = timeline::timeline(tx, &order.id).await?;
    shop.open_timeline(&order.id, &mut timeline);
    let price_moved = price_moved::of_order(shop, tx, &order, &timeline).await?;
    Ok(OrderView { payment: counts.cloned(), timeline, price_moved, order })
}

//! An order with all that belongs to it, read at one moment: for the API, the pay page and staff.

use crate::{Order, Shop, order, timeline, timeline::TimelineEntry};
use database::{Error, ReadTx};
use ledger::BookedLine;
use notifications::Message;
use payments::Payment;
use security::AuditRecord;
use suppliers::Attempt;
use vocabulary::OrderNumber;

/// What its buyer may see of an order.
#[derive(Clone, Debug)]
pub struct OrderView {
    /// The order.
    pub order: Order,
    /// The payment that counts: the settled one, else the latest.
    pub payment: Option<Payment>,
    /// What happened, oldest first.
    pub timeline: Vec<TimelineEntry>,
}

/// Everything that belongs to an order. For staff.
#[derive(Clone, Debug)]
pub struct OrderFile {
    /// The order.
    pub order: Order,
    /// Its payments, oldest first.
    pub payments: Vec<Payment>,
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
}

impl Shop {
    /// The order of this number, if it is one of `owner`'s.
    pub async fn order_view(&self, number: &OrderNumber, owner: &str) -> Result<Option<OrderView>, Error> {
        let mut tx = self.db.read("order.view").await?;
        match order::order_by_number(&mut tx, number).await?.filter(|o| o.owner == owner) {
            Some(order) => view(&mut tx, order).await.map(Some),
            None => Ok(None),
        }
    }

    /// The order whose pay page has this token.
    pub async fn order_by_pay_token(&self, token: &str) -> Result<Option<OrderView>, Error> {
        let mut tx = self.db.read("order.pay_page").await?;
        match order::order_by_token(&mut tx, token).await? {
            Some(order) => view(&mut tx, order).await.map(Some),
            None => Ok(None),
        }
    }

    /// Everything that belongs to an order. For staff.
    pub async fn order_file(&self, number: &OrderNumber) -> Result<Option<OrderFile>, Error> {
        let mut tx = self.db.read("order.file").await?;
        let Some(order) = order::order_by_number(&mut tx, number).await? else { return Ok(None) };
        Ok(Some(OrderFile {
            payments: payments::payments_of_order(&mut tx, &order.id).await?,
            attempts: suppliers::attempts_of_order(&mut tx, &order.id).await?,
            ledger: ledger::entries_of_order(&mut tx, &order.id).await?,
            audit: security::entries_about(&mut tx, number.as_str()).await?,
            timeline: timeline::timeline(&mut tx, &order.id).await?,
            messages: notifications::messages_of_order(&mut tx, &order.id).await?,
            order,
        }))
    }
}

async fn view(tx: &mut ReadTx, order: Order) -> Result<OrderView, Error> {
    let payments = payments::payments_of_order(tx, &order.id).await?;
    let counts = payments.iter().find(|p| p.settled_at.is_some()).or_else(|| payments.last());
    Ok(OrderView { payment: counts.cloned(), timeline: timeline::timeline(tx, &order.id).await?, order })
}

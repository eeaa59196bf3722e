//! Acting on a decision: one transaction stores the new state, the ledger postings, the audit
//! entry, the stock movement, the timeline and the rows that the worker carries out.

mod books;
mod call;
mod credit_back;
mod part;
mod tell;

pub(crate) use credit_back::take_part;
use part::PartBooked;

use crate::routing::{Wait, Way};
use crate::{
    Attention, Order, OrderKind, OrderState, Shop,
    decide::{Decision, Effect, Event, Position, decide},
    line, order,
    refund::word::{self, Saying},
    timeline,
    worker::waiting,
};
use database::{Error, WriteTx};
use inventory::{CommitOutcome, PutBackOutcome, ReleaseOutcome, ReserveAgainOutcome};
use ledger::{LedgerError, Spent};
use notifications::{AlertKind, MessageKind, alert_resolve};
use payments::{Intent, Payment, PaymentState, Refund};
use security::Entry as AuditEntry;
use suppliers::{Attempt, AttemptIntent};
use vocabulary::{Actor, PaymentMethod, PhoneNumber, Rupiah, Timestamp};

/// Who or what made an event happen, and what it is about.
#[derive(Clone, Copy)]
pub(crate) struct Cause<'a> {
    /// Who acts.
    pub(crate) actor: &'a Actor,
    /// The payment that the event is about.
    pub(crate) payment: Option<&'a Payment>,
    /// The attempt that the event is about.
    pub(crate) attempt: Option<&'a Attempt>,
    /// The attempt whose delivery was a loss, and is what the buyer has for the money from now on.
    pub(crate) stand_in: Option<&'a Attempt>,
    /// The refund that the event is about.
    pub(crate) refund: Option<&'a Refund>,
    /// Where it is bought, if it is.
    pub(crate) way: Option<&'a Way>,
    /// What it waits for, if it does.
    pub(crate) wait: Option<&'a Wait>,
    /// Whether nobody delivers it because of what it costs by now: its buyer is told, if it fails.
    pub(crate) price_moved: bool,
    /// What is the buyer's of an order of which a part was delivered.
    pub(crate) share: Option<Rupiah>,
    /// Why, in words for staff and the audit.
    pub(crate) reason: Option<&'a str>,
}

impl<'a> Cause<'a> {
    pub(crate) fn by(actor: &'a Actor) -> Self {
        Cause {
            actor,
            payment: None,
            attempt: None,
            stand_in: None,
            refund: None,
            way: None,
            wait: None,
            price_moved: false,
            share: None,
            reason: None,
        }
    }

    pub(crate) fn because(self, reason: &'a str) -> Self {
        Cause { reason: Some(reason), ..self }
    }
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Acted {
    /// The order went to this state (maybe its own).
    Went(OrderState),
    /// Nothing had to be done.
    Nothing,
    /// The event does not fit the order's state.
    Refused,
}

/// Why nothing was changed. The transaction must not be committed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ActError {
    #[error(transparent)]
    Database(#[from] Error),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Something that cannot be, unless the shop's own rows disagree.
    #[error("order {number}: {problem}")]
    Broken { number: String, problem: String },
}

impl From<ActError> for Error {
    fn from(error: ActError) -> Self {
        match error {
            ActError::Database(error) | ActError::Ledger(LedgerError::Database(error)) => error,
            other => Error::Column { column: "orders".into(), reason: other.to_string() },
        }
    }
}

/// Lets an event happen to an order whose row is locked.
pub(crate) async fn happen(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &mut Order,
    event: Event,
    cause: Cause<'_>,
) -> Result<Acted, ActError> {
    let position = Position { state: order.state, attention: order.attention };
    let (to, attention, effects) = match decide(position, event) {
        Decision::Nothing => return Ok(Acted::Nothing),
        Decision::Refused => return Ok(Acted::Refused),
        Decision::Go { to, attention, effects } => (to, attention, effects),
    };
    let now = shop.clock.now();
    let before = order.state;
    let mut lines: Option<&[String]> = None;
    (order.state, order.attention, order.updated_at) = (to, attention, now);
    if to != before {
        enter(shop, order, now, cause);
    }
    match (attention, cause.wait) {
        (Some(Attention::WaitsForSupplier), Some(wait)) => {
            order.due_at = Some(wait.until);
            order.waits_for = wait.lines.first().cloned();
            lines = Some(&wait.lines);
        }
        (Some(Attention::WaitsForSupplier), None) => {}
        _ => {
            order.waits_for = None;
            // Who is tried somewhere keeps its place until it is taken there.
            let had_a_place = matches!(before, OrderState::NeedsAttention | OrderState::Fulfilling);
            if had_a_place && to != OrderState::Fulfilling {
                lines = Some(&[]);
            }
        }
    }
    // Nothing but a person lets it go on; its buyer hears of it meanwhile.
    if attention == Some(Attention::SupplierRefusesUs) && attention != position.attention {
        order.due_at = waiting::next_of(order, now);
    }
    let mut act = Act { shop, tx, now, cause, phone: None, over: None, part: None };
    if to != before {
        act.record_change(order, before).await?;
    } else {
        act.record_note(order, event).await?;
    }
    for effect in effects {
        act.carry_out(order, effect).await?;
    }
    if cause.price_moved && to != before && to == OrderState::Failed {
        act.tell_buyer(order, MessageKind::PriceMoved).await?;
    }
    if !order::update(tx, order, before).await? {
        return Err(broken(order, "its state changed under a lock"));
    }
    if let (Some(Attention::WaitsForSupplier), Some(wait)) = (attention, cause.wait) {
        waiting::tell(shop, tx, order, wait).await?;
    }
    if let Some(lines) = lines {
        line::stand_in(shop, tx, &order.id, lines, now).await?;
    }
    if to != before {
        tracing::info!(order.number = %order.number, from = %before, to = %to, "order {} went from {before} to {to}", order.number);
        metrics::counter!("loket_order_transitions_total", "to" => to.as_str()).increment(1);
    }
    Ok(Acted::Went(order.state))
}

/// Opens the payment of an order that stands in `awaiting_payment` and is locked, or was just stored.
pub(crate) async fn admit(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &mut Order,
    phone: Option<&PhoneNumber>,
    cause: Cause<'_>,
) -> Result<(), ActError> {
    admit_over(shop, tx, order, (phone, None), cause).await
}

/// The same over the gateway of this name, where one is named.
pub(crate) async fn admit_over(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &mut Order,
    (phone, over): (Option<&PhoneNumber>, Option<&str>),
    cause: Cause<'_>,
) -> Result<(), ActError> {
    let mut act = Act { shop, tx, now: shop.clock.now(), cause, phone, over, part: None };
    act.open_payment(order).await?;
    if !order::update(tx, order, OrderState::AwaitingPayment).await? {
        return Err(broken(order, "its row is locked and is not there"));
    }
    Ok(())
}

/// Sets the moments that belong to the state an order enters.
fn enter(shop: &Shop, order: &mut Order, now: Timestamp, cause: Cause<'_>) {
    order.due_at = match order.state {
        OrderState::AwaitingPayment => {
            order.pay_by = Some(now.plus(shop.rules.pay_within));
            order.pay_by
        }
        OrderState::AwaitingVerification | OrderState::InReview => order.hold_until,
        OrderState::Paid => {
            order.paid_at = order.paid_at.or(Some(now));
            Some(now)
        }
        OrderState::Failed | OrderState::Refunding => Some(now),
        OrderState::Delivered => {
            order.delivered_at = Some(now);
            order.serial_number = cause.attempt.and_then(|a| a.serial_number.clone());
            None
        }
        _ => None,
    };
    if matches!(order.state, OrderState::Refunding | OrderState::Refunded | OrderState::Cancelled) {
        // What was taken back is not a delivery: it must not count as one for the risk rules.
        (order.delivered_at, order.serial_number) = (None, None);
    }
}

struct Act<'a, 'c> {
    shop: &'a Shop,
    tx: &'a mut WriteTx,
    now: Timestamp,
    cause: Cause<'c>,
    /// The buyer's number with the wallet, where the payment is opened with one.
    phone: Option<&'c PhoneNumber>,
    /// The gateway that the payment is opened at, where it is not for us to choose.
    over: Option<&'c str>,
    /// What was booked of a part in this step.
    part: Option<PartBooked>,
}

impl Act<'_, '_> {
    async fn record_change(&mut self, order: &Order, before: OrderState) -> Result<(), ActError> {
        // The reason is for the audit: the timeline is what the buyer reads.
        let line = (order.state.as_str(), None);
        timeline::append(self.tx, &self.shop.ids, self.now, (&order.id, order.state), line).await?;
        let action = format!("order.{}", order.state);
        self.audit(order, &action, Some(before.to_string()), Some(order.state.to_string())).await
    }

    /// Something happened that leaves the order where it is: money that came twice, a late delivery.
    async fn record_note(&mut self, order: &Order, event: Event) -> Result<(), ActError> {
        let action = match event {
            Event::MoneyArrived { .. } => "order.extra_money",
            Event::OddMoney => "order.odd_money",
            Event::OddMoneyGone { .. } => "order.odd_money_gone",
            Event::RefundSent => "order.refund_sent",
            Event::MoneyTakenBack { .. } => "order.money_taken_back",
            Event::SerialArrived => "order.serial_number",
            Event::DeliveryReplaced => "order.delivery_replaced",
            Event::PartlyDelivered => "order.partly_delivered",
            Event::Delivered { .. } | Event::DeliveredBeside => "order.late_delivery",
            Event::RestDelivered { .. } => "order.rest_delivered",
            Event::PartReversed { .. } | Event::SettledReversed { .. } => "order.part_taken_back",
            Event::Reversed { .. } => "order.late_delivery_reversed",
            Event::NextRoute { .. } => "order.next_route",
            _ => "order.noted",
        };
        // What shows the order may show this: a serial number, money that became credit.
        notifications::refresh_screens(self.tx, &order.id, self.now).await?;
        let reference = self.reference();
        self.audit(order, action, None, reference).await
    }

    /// Of a delivery that is about both, the attempt is what happened; of a refund, the refund.
    fn reference(&self) -> Option<String> {
        let refund = self.cause.refund.map(|r| r.reference.to_string());
        let attempt = refund.or_else(|| self.cause.attempt.map(|a| a.reference.to_string()));
        attempt.or_else(|| self.cause.payment.map(|p| p.reference.to_string()))
    }

    async fn audit(
        &mut self,
        order: &Order,
        action: &str,
        before: Option<String>,
        after: Option<String>,
    ) -> Result<(), ActError> {
        let entry = AuditEntry {
            actor: self.cause.actor,
            action,
            subject: order.number.as_str(),
            before,
            after,
            source: self.cause.reason.map(str::to_owned).or_else(|| self.reference()),
        };
        security::record(self.tx, &self.shop.ids, self.now, &entry).await?;
        Ok(())
    }

    async fn carry_out(&mut self, order: &mut Order, effect: Effect) -> Result<(), ActError> {
        match effect {
            Effect::OpenPayment => self.open_payment(order).await,
            Effect::ClosePayments(closing) => {
                payments::close_all(self.tx, &order.id, closing, self.now).await?;
                Ok(())
            }
            Effect::ReleaseStock | Effect::CommitStock | Effect::PutStockBack => {
                self.move_stock(order, effect).await
            }
            Effect::BookPayment => self.book_payment(order).await,
            Effect::CreditWallet => self.credit_payment(order).await,
            Effect::CreditOddMoney => self.credit_odd_money(order).await,
            Effect::BookDelivery
            | Effect::BookReversal
            | Effect::BookLoss
            | Effect::BookLossReversal
            | Effect::BookStandIn
            | Effect::CoverChargeback => self.book_goods(order, effect).await,
            Effect::BookPart => self.book_part(order).await,
            Effect::BookPartReversal => self.book_part_reversal(order).await,
            Effect::BookTakenBack | Effect::BookChargeback => self.book_taken_back(order, effect).await,
            Effect::TakeCreditBack => self.take_credit_back(order).await,
            Effect::TakeSerial => {
                order.serial_number = self.delivery(order)?.serial_number;
                Ok(())
            }
            Effect::BookRefund => self.book_refund(order, order.amount).await,
            Effect::BeginRefund => self.begin_refund(order).await,
            Effect::FinishRefund | Effect::CreditRefund => self.end_refund(order).await,
            Effect::BookRestRefund => self.book_rest_refund(order).await,
            Effect::BeginAttempt => self.begin_attempt(order).await,
            Effect::TellBuyer(kind) => self.tell_buyer(order, kind).await,
            Effect::Alert(kind) => self.alert(order, kind).await,
            Effect::Resolve(kind) => {
                alert_resolve(self.tx, kind, order.number.as_str(), self.now).await?;
                // Nobody need say any more what a first person has said.
                let over = match kind {
                    AlertKind::AmountMismatch => Some(Saying::OddAccepted),
                    AlertKind::OrderNeedsAttention => Some(Saying::PartSettled),
                    _ => None,
                };
                if let Some(saying) = over {
                    word::is_over(self.tx, order, (saying, None), self.now).await?;
                }
                Ok(())
            }
        }
    }

    fn payment(&self, order: &Order) -> Result<Payment, ActError> {
        self.cause.payment.cloned().ok_or_else(|| broken(order, "money without a payment"))
    }

    fn attempt(&self, order: &Order) -> Result<Attempt, ActError> {
        self.cause.attempt.cloned().ok_or_else(|| broken(order, "goods without an attempt"))
    }

    /// The attempt that delivered what the buyer has.
    fn delivery(&self, order: &Order) -> Result<Attempt, ActError> {
        self.cause.stand_in.cloned().map_or_else(|| self.attempt(order), Ok)
    }

    /// Store credit is taken at once; a gateway is asked by the worker, after the commit.
    async fn open_payment(&mut self, order: &mut Order) -> Result<(), ActError> {
        let pay_by = order.pay_by.unwrap_or(self.now);
        let (gateway, state) = match order.method {
            PaymentMethod::Wallet => ("wallet", PaymentState::Settled),
            _ => (self.rail(order, pay_by).await?, PaymentState::Intended),
        };
        let phone = self.shop.stored_phone(order, self.phone)?;
        if order.method == PaymentMethod::Wallet
            && ledger::balance_locked(self.tx, &order.buyer).await? < order.amount
        {
            let note = (&order.id, order.state);
            timeline::append(self.tx, &self.shop.ids, self.now, note, ("wallet_not_enough", None)).await?;
            return Ok(());
        }
        let life = self.shop.gateway(gateway).map(|collects| collects.terms(order.method).life);
        let intent = Intent {
            order: &order.id,
            number: &order.number,
            method: order.method,
            gateway,
            amount: order.amount,
            expires_at: life.map_or(pay_by, |life| life.end(self.now, pay_by)),
            state,
            phone: phone.as_ref(),
        };
        let payment = payments::intend(self.tx, &self.shop.ids, self.now, &intent).await?;
        if payment.state == PaymentState::Settled {
            self.spend_wallet(order, &payment).await?;
        }
        Ok(())
    }

    /// The gateway that collects: the one that is named, or the first that works. Where all are left alone, the
    /// payment waits for the first of them.
    async fn rail(&mut self, order: &Order, pay_by: Timestamp) -> Result<&'static str, ActError> {
        self.shop.see_circuits(self.tx).await?;
        let named = self.over.and_then(|name| self.shop.gateway(name));
        let works = || self.shop.rail(order.method, order.bill(), Some(pay_by)).ok();
        let carries = || self.shop.rails(order.method, order.bill()).into_iter().next();
        let any = || self.shop.gateways.iter().find(|g| g.methods().contains(&order.method));
        let gateway = named.or_else(works).or_else(carries).or_else(any);
        gateway.map(|g| g.name()).ok_or_else(|| broken(order, "no gateway collects by its method"))
    }

    async fn spend_wallet(&mut self, order: &mut Order, payment: &Payment) -> Result<(), ActError> {
        let reference = payment.reference.to_string();
        let spent = ledger::spend(
            self.tx,
            &self.shop.ids,
            self.now,
            &reference,
            &order.id,
            (&order.buyer, order.amount),
        )
        .await?;
        match spent {
            Spent::Now | Spent::Before => {}
            Spent::NotEnough { .. } => {
                return Err(broken(order, "the wallet was emptied at the same moment"));
            }
        }
        let cause = Cause { payment: Some(payment), ..self.cause };
        let before = order.state;
        // The order's row still holds its old state; what `happen` would do is done here in one go.
        order.state = OrderState::Paid;
        enter(self.shop, order, self.now, cause);
        self.record_change(order, before).await
    }

    async fn move_stock(&mut self, order: &Order, effect: Effect) -> Result<(), ActError> {
        if order.kind == OrderKind::Deposit {
            return Ok(());
        }
        let (ids, actor, now) = (&self.shop.ids, self.cause.actor, self.now);
        let unexpected = match effect {
            Effect::CommitStock => {
                match inventory::commit(self.tx, ids, &order.id, "delivered", actor, now).await? {
                    CommitOutcome::Committed | CommitOutcome::AlreadyCommitted => None,
                    other => Some(format!("{other:?}")),
                }
            }
            Effect::PutStockBack => {
                match inventory::put_back(self.tx, ids, &order.id, "taken back", actor, now).await? {
                    PutBackOutcome::PutBack | PutBackOutcome::AlreadyReleased => None,
                    other => Some(format!("{other:?}")),
                }
            }
            _ => match inventory::release(self.tx, ids, &order.id, order.state.as_str(), actor, now).await? {
                ReleaseOutcome::Released | ReleaseOutcome::AlreadyReleased => None,
                other => Some(format!("{other:?}")),
            },
        };
        if let Some(outcome) = unexpected {
            // Stock is a count for the shelf; a buyer's purchase is not stopped by it.
            tracing::error!(order.number = %order.number, ?effect, outcome, "stock of order {} did not follow: {outcome}", order.number);
        }
        Ok(())
    }

    async fn begin_attempt(&mut self, order: &Order) -> Result<(), ActError> {
        let way = self.cause.way.ok_or_else(|| broken(order, "a purchase without a route"))?;
        let intent = AttemptIntent {
            order: &order.id,
            number: &order.number,
            supplier: &way.supplier,
            sku: &way.sku,
            customer_no: &way.customer_no,
            max_price: way.max_price,
            routing: Some(&way.routing),
            not_before: way.not_before,
        };
        match suppliers::intend_attempt(self.tx, &self.shop.ids, self.now, &intent).await? {
            Some(_) => Ok(()),
            None => Err(broken(order, "an attempt of it may still deliver")),
        }
    }
}

/// Whether an order whose time was over can still be carried out at its price; holds its stock
/// again when it can.
pub(crate) async fn revive(
    shop: &Shop,
    tx: &mut WriteTx,
    order: &Order,
    actor: &Actor,
) -> Result<bool, Error> {
    // What comes late for a deposit needs no order to become store credit.
    if order.kind == OrderKind::Deposit {
        return Ok(false);
    }
    let product = catalog::product(tx, &order.product).await?;
    let Some(product) = product.filter(|p| p.price <= order.amount && p.cost <= order.cost) else {
        return Ok(false);
    };
    if !shop.is_for_sale(tx, &product).await? {
        return Ok(false);
    }
    let again =
        inventory::reserve_again(tx, &shop.ids, &order.id, "paid late", actor, shop.clock.now()).await?;
    Ok(matches!(again, ReserveAgainOutcome::Reserved | ReserveAgainOutcome::AlreadyHeld))
}

fn broken(order: &Order, problem: &str) -> ActError {
    ActError::Broken { number: order.number.to_string(), problem: problem.to_owned() }
}

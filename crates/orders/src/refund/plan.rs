//! What a refund that staff want would be as everything stands now: how much, out of what, and where it goes. And
//! doing it.

use super::{
    NotToSource, RefundTarget,
    booking::{self, Begin},
    error::RefundError,
    request::{RefundWish, Who, tell},
    source::{source_of_credit, source_of_escrow},
};
use crate::{
    ActionError, Attention, Order, Shop,
    act::{Acted, Cause, happen},
    decide::Event,
    taken_back,
};
use database::{Error, ReadTx, WriteTx};
use ledger::Account;
use notifications::MessageKind;
use payments::{PartBack, Payment, RefundOrigin};
use vocabulary::Rupiah;

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

    pub(super) fn amount(&self) -> Rupiah {
        match self {
            Plan::OfOrder { amount, .. } | Plan::OfCredit { amount, .. } => *amount,
        }
    }

    pub(super) fn origin(&self) -> RefundOrigin {
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

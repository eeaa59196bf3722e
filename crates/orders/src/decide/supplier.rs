//! What a supplier says, and what is bought elsewhere or waited for because of it.

use super::{DECIDED, Decision, Effect, Event, Position, call_a_person, go, stay};
use crate::{Attention, OrderState};
use notifications::{AlertKind, MessageKind};

/// What a supplier's word does, whenever it comes.
pub(super) fn supplier_spoke(position: Position, event: Event) -> Decision {
    use Event as E;
    use OrderState as S;
    let mut delivered =
        vec![Effect::CommitStock, Effect::BookDelivery, Effect::TellBuyer(MessageKind::Delivered)];
    if event == (E::Delivered { money_gone: true }) {
        // The buyer has the product, and the money back: what was earned is lost.
        delivered.extend([Effect::BookChargeback, Effect::Alert(AlertKind::PaymentTakenBack)]);
    }
    let waiting_for_supplier = position.attention.is_some_and(Attention::is_about_supplier);
    let odd = position.attention == Some(Attention::OddMoney);
    match (position.state, event) {
        // Its money is in escrow. (It may be paid for the second time, and nothing bought for that yet.)
        (S::Paid | S::Fulfilling | S::Failed, E::Delivered { .. }) => go(S::Delivered, delivered),
        (S::NeedsAttention, E::Delivered { .. }) if !odd => {
            go(S::Delivered, [vec![DECIDED], delivered].concat())
        }
        // The money went back, or is on its way: a loss, and the buyer hears the truth about it.
        (S::Refunding | S::Refunded | S::Cancelled, E::Delivered { .. }) => stay(
            position,
            [
                Effect::BookLoss,
                Effect::TellBuyer(MessageKind::LateDelivery),
                Effect::Alert(AlertKind::LateDelivery),
            ],
        ),
        // An earlier attempt has delivered: a loss, too. So it is while a person decides about odd money: what had
        // paid before went back. If that pays, it is none.
        (S::Delivered | S::NeedsAttention, E::Delivered { .. }) => {
            stay(position, [Effect::BookLoss, Effect::Alert(AlertKind::LateDelivery)])
        }
        (S::Fulfilling, E::Failed) => go(S::Failed, []),
        (_, E::Failed) if waiting_for_supplier => go(S::Failed, [DECIDED]),
        (S::Refunding | S::Refunded | S::Cancelled, E::Reversed { was_loss: true }) => {
            stay(position, [Effect::BookLossReversal, Effect::TellBuyer(MessageKind::LateDeliveryTakenBack)])
        }
        (_, E::Reversed { was_loss: true }) => stay(position, [Effect::BookLossReversal]),
        (S::Delivered, E::Reversed { was_loss: false }) => go(
            S::Refunding,
            [
                Effect::PutStockBack,
                Effect::BookReversal,
                Effect::TellBuyer(MessageKind::DeliveryTakenBack),
                Effect::Alert(AlertKind::DeliveryReversed),
            ],
        ),
        // The buyer has the money back already: nothing is refunded, and the loss is none any more.
        (S::Delivered, E::ReversedUnpaid) => go(
            S::Cancelled,
            [
                Effect::PutStockBack,
                Effect::BookReversal,
                Effect::CoverChargeback,
                Effect::TellBuyer(MessageKind::TakenBack),
                Effect::Alert(AlertKind::DeliveryReversed),
            ],
        ),
        (S::Fulfilling, E::SupplierRefusesUs) => call_a_person(
            Attention::SupplierRefusesUs,
            AlertKind::OrderNeedsAttention,
            &[Effect::TellBuyer(MessageKind::HeldUp), Effect::Alert(AlertKind::SupplierRefusesUs)],
        ),
        (S::Fulfilling, E::SupplierSlow) => {
            call_a_person(Attention::SupplierSlow, AlertKind::OrderNeedsAttention, &[])
        }
        (S::Fulfilling, E::SupplierOdd) => {
            call_a_person(Attention::SupplierOdd, AlertKind::OrderNeedsAttention, &[])
        }
        // A person has been called already, or decided; or it is old news.
        (_, E::SupplierRefusesUs) if waiting_for_supplier => Decision::Go {
            to: S::NeedsAttention,
            attention: Some(Attention::SupplierRefusesUs),
            effects: vec![
                Effect::TellBuyer(MessageKind::HeldUp),
                Effect::Alert(AlertKind::SupplierRefusesUs),
            ],
        },
        _ => Decision::Nothing,
    }
}

/// Bought on another route, or on the one that could not be taken before. Nothing else is open for the order.
pub(super) fn next_route(position: Position, refused: bool) -> Decision {
    let alert = refused.then_some(Effect::Alert(AlertKind::SupplierRefusesUs));
    let effects = alert.into_iter().chain([Effect::BeginAttempt]);
    match (position.state, position.attention) {
        (OrderState::Fulfilling, _) => stay(position, effects.collect::<Vec<_>>()),
        (_, Some(why)) if why.is_about_supplier() => {
            go(OrderState::Fulfilling, [DECIDED].into_iter().chain(effects).collect::<Vec<_>>())
        }
        _ => Decision::Nothing,
    }
}

/// The order keeps its money and its place, and goes on by itself. Staff are called once for a supplier, not for
/// each order.
pub(super) fn must_wait(position: Position, empty: bool) -> Decision {
    let about_supplier = position.attention.is_some_and(Attention::is_about_supplier);
    if !about_supplier && !matches!(position.state, OrderState::Paid | OrderState::Fulfilling) {
        return Decision::Nothing;
    }
    let called = about_supplier.then_some(DECIDED);
    let alert = empty.then_some(Effect::Alert(AlertKind::SupplierRefusesUs));
    let told = Effect::TellBuyer(MessageKind::WaitsForSupplier);
    Decision::Go {
        to: OrderState::NeedsAttention,
        attention: Some(Attention::WaitsForSupplier),
        effects: called.into_iter().chain(alert).chain([told]).collect(),
    }
}

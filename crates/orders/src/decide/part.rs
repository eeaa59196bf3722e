//! What was delivered in part: a person says what it is worth, unless the supplier takes it back before.

use super::{
    DECIDED, Decision, Earlier, Effect, Position, Share, WentBack, before_any_attempt, call_a_person, go,
    stay,
};
use crate::{Attention, OrderState};
use notifications::{AlertKind, MessageKind};

/// A part has arrived: a person says what becomes of the rest. For an order whose money went back, or is on its
/// way, or that has its product, it is a loss as a whole delivery is.
pub(super) fn partly_delivered(position: Position) -> Decision {
    use OrderState as S;
    let told = [DECIDED, Effect::TellBuyer(MessageKind::PartlyDelivered)];
    let alert = AlertKind::OrderNeedsAttention;
    match (position.state, position.attention) {
        _ if before_any_attempt(position) => Decision::Nothing,
        (S::Paid | S::Fulfilling | S::Failed, _) => call_a_person(Attention::PartlyDelivered, alert, &told),
        // One that waits to be settled was delivered by another attempt: this is a part too many.
        (S::NeedsAttention, why)
            if why != Some(Attention::OddMoney) && why != Some(Attention::PartlyDelivered) =>
        {
            call_a_person(Attention::PartlyDelivered, alert, &told)
        }
        // The buyer hears the truth about it, as of a whole one.
        (S::Refunding | S::Refunded | S::Cancelled, _) => stay(
            position,
            [
                Effect::BookLoss,
                Effect::TellBuyer(MessageKind::LatePart),
                Effect::Alert(AlertKind::LateDelivery),
            ],
        ),
        _ => stay(position, [Effect::BookLoss, Effect::Alert(AlertKind::LateDelivery)]),
    }
}

/// The rest has arrived of a part that is booked: the books have what it took already, and what a person has decided
/// stands. The buyer hears that it is there after all.
pub(super) fn rest_delivered(position: Position, settled: bool) -> Decision {
    use OrderState as S;
    let alert = Effect::Alert(AlertKind::RestDelivered);
    match position.state {
        S::Delivered if settled => {
            stay(position, [Effect::TakeSerial, Effect::TellBuyer(MessageKind::RestDelivered), alert])
        }
        S::Refunding | S::Refunded | S::Cancelled => {
            stay(position, [Effect::TellBuyer(MessageKind::LateDelivery), alert])
        }
        // One too many beside what the buyer has, or nobody has decided yet what the order comes to.
        _ => stay(position, [alert]),
    }
}

/// A person has said what is the buyer's for the rest. What the gateway has given back of the money is a part of
/// that.
pub(super) fn part_settled(position: Position, share: Share, back: WentBack) -> Decision {
    use OrderState as S;
    if position.attention != Some(Attention::PartlyDelivered) {
        return Decision::Refused;
    }
    let (to, told) = match (share, back) {
        // Nobody has said that the rest has come; that the money is back is true.
        (Share::All, WentBack::All) => (S::Refunded, MessageKind::MoneyReturned),
        (_, WentBack::All) => (S::Delivered, MessageKind::MoneyReturned),
        (Share::Nothing, _) => (S::Delivered, MessageKind::Delivered),
        (Share::Some, WentBack::Nothing) => (S::Delivered, MessageKind::ShareGivenBack),
        (Share::Some, _) => (S::Delivered, MessageKind::ShareWentBack),
        (Share::All, _) => (S::Refunded, MessageKind::Refunded),
    };
    let mut effects = vec![DECIDED, Effect::CommitStock, Effect::BookPart, Effect::TellBuyer(told)];
    if matches!(back, WentBack::More | WentBack::All) {
        // What was said when it went back does not tell how much of it is lost.
        let taken = AlertKind::PaymentTakenBack;
        effects.extend([Effect::Resolve(taken), Effect::Alert(taken)]);
    }
    go(to, effects)
}

/// The supplier took back a part before a person has said what it is worth: nothing of it is booked, and of that
/// attempt the buyer has nothing.
pub(super) fn part_reversed(position: Position, beside: Earlier, money_gone: bool) -> Decision {
    use OrderState as S;
    if position.attention != Some(Attention::PartlyDelivered) {
        return Decision::Nothing;
    }
    let alert = Effect::Alert(AlertKind::DeliveryReversed);
    match beside {
        // As after any failure that is proven; what the gateway has given back is not given back again.
        Earlier::Nothing => go(S::Failed, [DECIDED, alert]),
        Earlier::Open => call_a_person(
            Attention::SupplierSlow,
            AlertKind::OrderNeedsAttention,
            &[DECIDED, alert, Effect::TellBuyer(MessageKind::NeedsAttention)],
        ),
        Earlier::Delivered => {
            let mut effects = vec![
                DECIDED,
                Effect::CommitStock,
                Effect::BookStandIn,
                Effect::TakeSerial,
                Effect::TellBuyer(MessageKind::Delivered),
                alert,
            ];
            if money_gone {
                effects.extend([Effect::BookChargeback, Effect::Alert(AlertKind::PaymentTakenBack)]);
            }
            go(S::Delivered, effects)
        }
    }
}

/// The supplier took back what a person had settled as a part: the buyer has nothing of it any more, and gets back
/// what was earned with it. Of an order whose money went back whole there is nothing to give.
pub(super) fn settled_reversed(position: Position, unpaid: bool) -> Decision {
    use OrderState as S;
    let told = if unpaid { MessageKind::TakenBack } else { MessageKind::Refunded };
    let alert = Effect::Alert(AlertKind::DeliveryReversed);
    match position.state {
        S::Delivered => {
            go(S::Refunded, [Effect::PutStockBack, Effect::BookPartReversal, Effect::TellBuyer(told), alert])
        }
        // All of it is the buyer's already: the cost comes back.
        S::Refunded => stay(position, [Effect::PutStockBack, Effect::BookPartReversal, alert]),
        _ => Decision::Nothing,
    }
}

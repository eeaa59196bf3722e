//! The life of an order, as a pure function: where it stands and what happened go in, where it goes
//! and what is to be done come out. No clock, no database, no outside party.

mod part;
mod supplier;

use part::{part_reversed, part_settled, partly_delivered, rest_delivered, settled_reversed};
use supplier::{must_wait, next_route, supplier_spoke};

use crate::{Attention, OrderState};
use notifications::{AlertKind, MessageKind};
use payments::{Closing, PartBack};

/// What the books say that a payment became, as long as they do not say that it was taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Booked {
    /// It paid the order.
    ForOrder,
    /// It went into the buyer's wallet: the order could not use it, or it was a deposit and meant to.
    AsCredit,
    /// Nothing: nothing was booked for it, or its taking back is booked already.
    Nothing,
}

/// What was bought for a paid order before: it may have been paid, given back at its gateway, and paid
/// again. Or what was bought for it beside a part that is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Earlier {
    /// Nothing, or nothing that counts any more.
    Nothing,
    /// An attempt that may still deliver.
    Open,
    /// An attempt has delivered, when nothing was paid for it any more: it is booked as a loss.
    Delivered,
}

/// What of its amount is the buyer's of an order of which a part was delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    /// Nothing: the buyer has got the rest in another way.
    Nothing,
    /// A part of its amount; the other part is earned.
    Some,
    /// All of it.
    All,
}

/// What of its money the gateway has given back, and the books do not know, when a person says how much of it is
/// the buyer's: that counts as given back, and what is more is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WentBack {
    /// Nothing.
    Nothing,
    /// Less than the buyer's share: the rest of it is owed.
    Less,
    /// The share, neither more nor less.
    Share,
    /// More than the share, and not all.
    More,
    /// All of it.
    All,
}

/// Something that happened to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A person (or the buyer's proof) lets a held order go on, or accepts odd money.
    Approved,
    /// A person refuses a held order, or odd money.
    Rejected,
    /// The time for verification or review is over.
    HoldLapsed,
    /// The buyer withdrew.
    Cancelled,
    /// The time for paying is over.
    WindowClosed,
    /// Our amount came in.
    MoneyArrived {
        /// Whether the order can still be carried out at its price: product for sale, stock held.
        still_possible: bool,
    },
    /// Money came in, of an amount that is not ours.
    OddMoney,
    /// Money of an odd amount is not there any more: it went back at the gateway.
    OddMoneyGone {
        /// Whether another payment of an odd amount waits for a person.
        another_left: bool,
    },
    /// Money that had come in was taken back at the gateway.
    MoneyTakenBack {
        /// What it had become: an order may have had more than one payment.
        booked: Booked,
    },
    /// The worker takes up a paid order.
    FulfilmentBegun {
        /// What was bought for it before.
        earlier: Earlier,
    },
    /// The worker takes up a paid deposit.
    DepositPaid {
        /// Whether the gateway has given back a part of its money already.
        part_back: bool,
    },
    /// The supplier delivered.
    Delivered {
        /// Whether the gateway has taken back what paid the order, and that is not booked yet.
        money_gone: bool,
    },
    /// The supplier delivered a part.
    PartlyDelivered,
    /// Another attempt delivered while a person has to settle one that delivered a part.
    DeliveredBeside,
    /// The supplier delivered the rest of a part that is booked.
    RestDelivered {
        /// Whether a person has settled it. If not, it was a loss.
        settled: bool,
    },
    /// A person settles an order of which a part was delivered.
    PartSettled {
        /// What is the buyer's.
        share: Share,
        /// What they have got back at the gateway.
        back: WentBack,
    },
    /// The supplier took back a part that a person had yet to settle.
    PartReversed {
        /// What else was bought for the order.
        beside: Earlier,
        /// Whether the gateway has taken back what paid the order, and that is not booked yet.
        money_gone: bool,
    },
    /// The supplier took back what a person had settled as a part.
    SettledReversed {
        /// Whether the gateway had taken back all that paid for it before.
        unpaid: bool,
    },
    /// Proven: the supplier did not deliver and will not.
    Failed,
    /// The supplier refuses us, before anything was bought.
    SupplierRefusesUs,
    /// What was tried came to nothing, or could not be tried before: it is bought on a route that is found.
    NextRoute {
        /// Whether the supplier refused us, before anything was bought.
        refused: bool,
    },
    /// Nobody delivers it at this moment; somebody will.
    MustWait {
        /// Whether our deposit with a supplier is too small.
        empty: bool,
    },
    /// Nothing was bought for it, and nobody sells it at its price any more.
    NobodySells,
    /// The supplier has not decided for two hours.
    SupplierSlow,
    /// The supplier's word makes no sense.
    SupplierOdd,
    /// The serial number of what was delivered has become known.
    SerialArrived,
    /// The supplier took back what the buyer had paid for, and the buyer has what another attempt delivered.
    DeliveryReplaced,
    /// The supplier took back what it had delivered.
    Reversed {
        /// Whether that delivery was one too many, booked as a loss. If not, it was all that the buyer had.
        was_loss: bool,
    },
    /// The supplier took back all that the buyer had, and before that the gateway had taken back all that
    /// paid for it.
    ReversedUnpaid,
    /// The worker begins to give the money back.
    RefundBegun {
        /// Whether the gateway has given back a part of it already.
        part_back: bool,
    },
    /// The money is back.
    RefundDone {
        /// Whether it is not, because the gateway has given back a part of it already.
        part_back: bool,
    },
    /// The worker begins to give the money back to where it came from.
    RefundSent,
    /// It is there, by the gateway's word.
    RefundArrived,
    /// It cannot go there.
    RefundFellBack,
    /// A person wants the product bought again.
    Retried {
        /// Whether an attempt may still deliver.
        attempt_open: bool,
        /// Whether the gateway has taken back what paid the order.
        money_gone: bool,
    },
    /// A person wants the money given back.
    RefundOrdered {
        /// What the gateway has given back of it already.
        part_back: PartBack,
    },
}

/// Something to be done in the same transaction as the change of state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Start the time for paying, and store the intent of a payment.
    OpenPayment,
    /// Nobody shall be able to pay any more.
    ClosePayments(Closing),
    /// The held stock is free again.
    ReleaseStock,
    /// The held stock is gone.
    CommitStock,
    /// Stock that was gone is there again.
    PutStockBack,
    /// The payment goes into escrow, the gateway's fee is booked.
    BookPayment,
    /// The payment goes into the buyer's wallet, because the order cannot use it.
    CreditWallet,
    /// Every payment of an odd amount that nobody has decided about counts as come in: what is ours of
    /// it goes into the buyer's wallet, and the buyer is told of each.
    CreditOddMoney,
    /// Escrow becomes revenue, the cost is booked.
    BookDelivery,
    /// What a delivered part is worth becomes revenue, the cost is booked, and the share for the rest goes
    /// into the buyer's wallet as far as the gateway has not given it back: what it gave back beyond that is lost.
    BookPart,
    /// What was settled as a part is taken back: the cost comes back, and what was earned makes good what the
    /// gateway took beyond the share and goes into the buyer's wallet.
    BookPartReversal,
    /// Revenue becomes escrow again, the cost comes back.
    BookReversal,
    /// Escrow goes into the buyer's wallet.
    BookRefund,
    /// Escrow is on its way to the gateway, which is asked to give it back to the buyer.
    BeginRefund,
    /// What was on its way has left the gateway.
    FinishRefund,
    /// What was on its way goes into the buyer's wallet.
    CreditRefund,
    /// The part that the gateway gave back leaves escrow for the gateway; what is left goes into the
    /// buyer's wallet.
    BookRestRefund,
    /// Delivered after the money had gone back: the cost is a loss.
    BookLoss,
    /// The supplier took back a delivery that was a loss.
    BookLossReversal,
    /// A delivery that was a loss is what the buyer has for the money: it is none any more, escrow becomes
    /// revenue, and the cost is booked.
    BookStandIn,
    /// Escrow goes back to the gateway, which took it.
    BookTakenBack,
    /// The gateway took back what had paid the order, and it had been earned or refunded: a loss.
    BookChargeback,
    /// The gateway took back what had gone into the buyer's wallet: it leaves the wallet again as far as it is
    /// still there, the rest is a loss; buyer and staff are told.
    TakeCreditBack,
    /// Escrow makes that loss good: what had been delivered for it came back.
    CoverChargeback,
    /// The serial number of what the buyer has.
    TakeSerial,
    /// Store the intent of a fulfilment attempt.
    BeginAttempt,
    /// Tell the buyer.
    TellBuyer(MessageKind),
    /// Call a person.
    Alert(AlertKind),
    /// The person who was called by this alert is not needed any more.
    Resolve(AlertKind),
}

/// What follows from an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// The order goes to a state (maybe its own) and these things are done.
    Go {
        /// Where it goes.
        to: OrderState,
        /// Why a person has to look, when it goes to `needs_attention`.
        attention: Option<Attention>,
        /// What is done in the same transaction.
        effects: Vec<Effect>,
    },
    /// Nothing to do: old news, or news of something that is settled.
    Nothing,
    /// The event does not fit the state; whoever asked is told.
    Refused,
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Position {
    /// Its state.
    pub state: OrderState,
    /// Why a person has to look, in `needs_attention`.
    pub attention: Option<Attention>,
}

fn go(to: OrderState, effects: impl Into<Vec<Effect>>) -> Decision {
    Decision::Go { to, attention: None, effects: effects.into() }
}

/// The order stays where it is, and something is done all the same.
fn stay(position: Position, effects: impl Into<Vec<Effect>>) -> Decision {
    Decision::Go { to: position.state, attention: position.attention, effects: effects.into() }
}

fn call_a_person(attention: Attention, alert: AlertKind, effects: &[Effect]) -> Decision {
    let mut effects = effects.to_vec();
    effects.push(Effect::Alert(alert));
    Decision::Go { to: OrderState::NeedsAttention, attention: Some(attention), effects }
}

/// What follows from `event` for an order that stands at `position`.
pub(crate) fn decide(position: Position, event: Event) -> Decision {
    use Event as E;
    use OrderState as S;
    match event {
        E::Approved | E::Rejected | E::HoldLapsed | E::Cancelled | E::WindowClosed => {
            before_payment(position, event)
        }
        E::MoneyArrived { still_possible } => money_arrived(position, still_possible),
        E::OddMoney => odd_money(position),
        E::OddMoneyGone { another_left } => match position.attention {
            Some(Attention::OddMoney) if another_left => stay(position, []),
            Some(Attention::OddMoney) => {
                go(S::Cancelled, [NOTHING_ODD, Effect::ReleaseStock, CLOSE_THE_OTHERS])
            }
            _ => Decision::Nothing,
        },
        E::MoneyTakenBack { booked } => money_taken_back(position, booked),
        E::FulfilmentBegun { earlier } => fulfilment_begun(position, earlier),
        E::DepositPaid { part_back } => match position.state {
            S::Paid if part_back => a_person_refunds(),
            S::Paid => go(S::Refunded, [Effect::BookRefund, Effect::TellBuyer(MessageKind::Refunded)]),
            _ => Decision::Nothing,
        },
        E::SerialArrived => match position.state {
            S::Delivered => {
                stay(position, [Effect::TakeSerial, Effect::TellBuyer(MessageKind::SerialNumber)])
            }
            _ => Decision::Nothing,
        },
        E::DeliveryReplaced => match position.state {
            S::Delivered => stay(
                position,
                [
                    Effect::BookReversal,
                    Effect::BookStandIn,
                    Effect::TakeSerial,
                    Effect::TellBuyer(MessageKind::SerialNumber),
                    Effect::Alert(AlertKind::DeliveryReversed),
                ],
            ),
            _ => Decision::Nothing,
        },
        E::NextRoute { refused } => next_route(position, refused),
        E::MustWait { empty } => must_wait(position, empty),
        E::NobodySells => match (position.state, position.attention) {
            (S::Paid, _) => go(S::Failed, []),
            (_, Some(Attention::WaitsForSupplier)) => go(S::Failed, [DECIDED]),
            _ => Decision::Nothing,
        },
        E::Delivered { .. }
        | E::Failed
        | E::Reversed { .. }
        | E::ReversedUnpaid
        | E::SupplierRefusesUs
        | E::SupplierSlow
        | E::SupplierOdd => supplier_spoke(position, event),
        E::PartlyDelivered => partly_delivered(position),
        _ if before_any_attempt(position)
            && matches!(event, E::RestDelivered { .. } | E::DeliveredBeside) =>
        {
            Decision::Nothing
        }
        E::RestDelivered { settled } => rest_delivered(position, settled),
        E::DeliveredBeside => stay(position, [Effect::BookLoss, Effect::Alert(AlertKind::LateDelivery)]),
        E::PartSettled { share, back } => part_settled(position, share, back),
        E::PartReversed { beside, money_gone } => part_reversed(position, beside, money_gone),
        E::SettledReversed { unpaid } => settled_reversed(position, unpaid),
        E::RefundBegun { part_back } => match position.state {
            S::Failed if part_back => a_person_refunds(),
            S::Failed => go(S::Refunding, [Effect::ReleaseStock]),
            _ => Decision::Nothing,
        },
        E::RefundDone { part_back } => match position.state {
            S::Refunding if part_back => a_person_refunds(),
            S::Refunding => go(S::Refunded, [Effect::BookRefund, Effect::TellBuyer(MessageKind::Refunded)]),
            _ => Decision::Nothing,
        },
        // It stays on its way until the gateway has said what became of it.
        E::RefundSent => match position.state {
            S::Refunding => stay(position, [Effect::BeginRefund, Effect::TellBuyer(MessageKind::RefundSent)]),
            _ => Decision::Nothing,
        },
        E::RefundArrived => match position.state {
            S::Refunding => {
                go(S::Refunded, [Effect::FinishRefund, Effect::TellBuyer(MessageKind::RefundArrived)])
            }
            _ => Decision::Nothing,
        },
        E::RefundFellBack => match position.state {
            S::Refunding => {
                go(S::Refunded, [Effect::CreditRefund, Effect::TellBuyer(MessageKind::RefundBecameCredit)])
            }
            _ => Decision::Nothing,
        },
        E::Retried { attempt_open, money_gone } => match position.attention {
            Some(why) if why.is_about_supplier() && !attempt_open && !money_gone => {
                go(S::Fulfilling, [DECIDED, Effect::BeginAttempt])
            }
            _ => Decision::Refused,
        },
        E::RefundOrdered { part_back } => refund_ordered(position, part_back),
    }
}

/// A paid order is bought for, unless something was bought for it before that counts.
fn fulfilment_begun(position: Position, earlier: Earlier) -> Decision {
    use OrderState as S;
    match (position.state, earlier) {
        (S::Paid, Earlier::Nothing) => go(S::Fulfilling, [Effect::BeginAttempt]),
        // Nothing is bought beside what may still deliver. A person has given up waiting for it once.
        (S::Paid, Earlier::Open) => {
            call_a_person(Attention::SupplierSlow, AlertKind::OrderNeedsAttention, &[])
        }
        (S::Paid, Earlier::Delivered) => go(
            S::Delivered,
            [Effect::CommitStock, Effect::BookStandIn, Effect::TellBuyer(MessageKind::Delivered)],
        ),
        _ => Decision::Nothing,
    }
}

/// Nobody but a person knows what else is given back at the gateway: nothing is credited by itself. The
/// buyer may have been told that the product is there, which was taken back.
fn a_person_refunds() -> Decision {
    let told = Effect::TellBuyer(MessageKind::NeedsAttention);
    call_a_person(Attention::PartlyRefunded, AlertKind::OrderNeedsAttention, &[told])
}

/// A person gives the money back: all of it, or what the gateway has left of it.
fn refund_ordered(position: Position, part_back: PartBack) -> Decision {
    // Of what was delivered in part a person says what it is worth; it is not given back whole like this.
    let decides =
        position.attention.is_some_and(|why| why != Attention::OddMoney && why != Attention::PartlyDelivered);
    match part_back {
        PartBack::Nothing if decides => go(OrderState::Refunding, [DECIDED, Effect::ReleaseStock]),
        PartBack::Known(_) if decides => go(
            OrderState::Refunded,
            [DECIDED, Effect::ReleaseStock, Effect::BookRestRefund, Effect::TellBuyer(MessageKind::Refunded)],
        ),
        _ => Decision::Refused,
    }
}

/// Whether nothing can have been bought for it yet.
fn before_any_attempt(position: Position) -> bool {
    use OrderState as S;
    matches!(
        position.state,
        S::AwaitingVerification | S::InReview | S::Blocked | S::AwaitingPayment | S::Expired
    )
}

/// The order is paid, or over: nobody shall be able to pay it by another method. Last of all, so that nothing
/// is asked about once more that is decided in the same step.
const CLOSE_THE_OTHERS: Effect = Effect::ClosePayments(Closing::Cancel);

/// Nobody need decide about an odd amount any more.
const NOTHING_ODD: Effect = Effect::Resolve(AlertKind::AmountMismatch);

/// Nobody need decide about the order any more.
const DECIDED: Effect = Effect::Resolve(AlertKind::OrderNeedsAttention);

/// A person need not decide any more, or has: one payment pays the order, and of an odd amount that is
/// left nothing may stay undecided.
const PAID_AFTER_ODD_MONEY: [Effect; 4] =
    [NOTHING_ODD, Effect::BookPayment, Effect::CreditOddMoney, CLOSE_THE_OTHERS];

/// What people and clocks do to an order that is not paid.
fn before_payment(position: Position, event: Event) -> Decision {
    use Event as E;
    use OrderState as S;
    let held = matches!(position.state, S::AwaitingVerification | S::InReview);
    let odd = position.attention == Some(Attention::OddMoney);
    match (position.state, event) {
        (_, E::Approved) if held => go(S::AwaitingPayment, [Effect::OpenPayment]),
        (_, E::Rejected) if held => {
            go(S::Cancelled, [Effect::ReleaseStock, Effect::TellBuyer(MessageKind::Refused)])
        }
        (_, E::HoldLapsed) if held => {
            go(S::Expired, [Effect::ReleaseStock, Effect::TellBuyer(MessageKind::Expired)])
        }
        (_, E::Cancelled) if held => go(S::Cancelled, [Effect::ReleaseStock]),
        (S::AwaitingPayment, E::Cancelled) => {
            go(S::Cancelled, [Effect::ReleaseStock, Effect::ClosePayments(Closing::Cancel)])
        }
        (S::AwaitingPayment, E::WindowClosed) => go(
            S::Expired,
            [
                Effect::ReleaseStock,
                Effect::ClosePayments(Closing::Expire),
                Effect::TellBuyer(MessageKind::Expired),
            ],
        ),
        (S::NeedsAttention, E::Approved) if odd => go(S::Paid, PAID_AFTER_ODD_MONEY),
        (S::NeedsAttention, E::Rejected) if odd => {
            go(S::Cancelled, [NOTHING_ODD, Effect::ReleaseStock, Effect::CreditOddMoney, CLOSE_THE_OTHERS])
        }
        // A clock that rings for an order that moved on.
        (_, E::HoldLapsed | E::WindowClosed) => Decision::Nothing,
        (S::Cancelled, E::Cancelled) => Decision::Nothing,
        _ => Decision::Refused,
    }
}

/// Our amount came in: the first payment pays the order, a later one goes to the wallet, and late
/// money is used if the order is still possible at its price.
fn money_arrived(position: Position, still_possible: bool) -> Decision {
    use OrderState as S;
    match (position.state, position.attention) {
        (S::AwaitingPayment, _) => go(S::Paid, [Effect::BookPayment, CLOSE_THE_OTHERS]),
        (S::Expired | S::Cancelled, _) if still_possible => {
            go(S::Paid, [Effect::BookPayment, CLOSE_THE_OTHERS])
        }
        (S::NeedsAttention, Some(Attention::OddMoney)) if still_possible => go(S::Paid, PAID_AFTER_ODD_MONEY),
        (S::NeedsAttention, Some(Attention::OddMoney)) => go(
            S::Cancelled,
            [
                NOTHING_ODD,
                Effect::ReleaseStock,
                Effect::CreditWallet,
                Effect::TellBuyer(MessageKind::Credited),
                Effect::CreditOddMoney,
                CLOSE_THE_OTHERS,
            ],
        ),
        _ => stay(position, [Effect::CreditWallet, Effect::TellBuyer(MessageKind::Credited)]),
    }
}

/// Money of an odd amount came in: a person decides while the order is unpaid. An order that is past
/// that cannot use it, so there is nothing to decide.
fn odd_money(position: Position) -> Decision {
    use OrderState as S;
    let alert = AlertKind::AmountMismatch;
    match (position.state, position.attention) {
        (S::AwaitingPayment | S::Expired | S::Cancelled, _) => call_a_person(Attention::OddMoney, alert, &[]),
        // A person has been called already, and decides about this one too.
        (_, Some(Attention::OddMoney)) => stay(position, [Effect::Alert(alert)]),
        _ => stay(position, [Effect::CreditOddMoney, Effect::Alert(alert)]),
    }
}

/// The gateway took back what had come in: a refund from its dashboard, or a chargeback. What follows
/// depends on what that payment had become, not on what else was paid for the order.
fn money_taken_back(position: Position, booked: Booked) -> Decision {
    use OrderState as S;
    let alert = Effect::Alert(AlertKind::PaymentTakenBack);
    let told = Effect::TellBuyer(MessageKind::MoneyReturned);
    match (booked, position.state, position.attention) {
        (Booked::Nothing, ..) => stay(position, [alert]),
        (Booked::AsCredit, ..) => stay(position, [Effect::TakeCreditBack]),
        // Nothing was delivered: nothing is bought any more, and the wallet gets nothing either.
        (Booked::ForOrder, S::Paid | S::Failed, _) => {
            go(S::Cancelled, [Effect::ReleaseStock, Effect::BookTakenBack, told, alert])
        }
        (Booked::ForOrder, S::Refunding, _) => go(S::Cancelled, [Effect::BookTakenBack, told, alert]),
        (Booked::ForOrder, _, Some(Attention::PartlyRefunded | Attention::WaitsForSupplier)) => {
            go(S::Cancelled, [DECIDED, Effect::ReleaseStock, Effect::BookTakenBack, told, alert])
        }
        // The supplier may be delivering; what becomes of it decides. Until then the money stands in
        // escrow, and no wallet gets it.
        (Booked::ForOrder, S::Fulfilling | S::NeedsAttention, why) if why != Some(Attention::OddMoney) => {
            stay(position, [alert])
        }
        (Booked::ForOrder, ..) => stay(position, [Effect::BookChargeback, alert]),
    }
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;

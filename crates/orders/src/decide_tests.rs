//! The life of an order: every state times every event, and random walks.

use super::*;
use proptest::prelude::*;

const EVENTS: [Event; 30] = [
    Event::Approved,
    Event::Rejected,
    Event::HoldLapsed,
    Event::Cancelled,
    Event::WindowClosed,
    Event::MoneyArrived { still_possible: true },
    Event::MoneyArrived { still_possible: false },
    Event::OddMoney,
    Event::OddMoneyGone { another_left: false },
    Event::OddMoneyGone { another_left: true },
    Event::MoneyTakenBack { booked: Booked::ForOrder },
    Event::MoneyTakenBack { booked: Booked::AsCredit },
    Event::MoneyTakenBack { booked: Booked::Nothing },
    Event::SerialArrived,
    Event::DeliveryReplaced,
    Event::FulfilmentBegun,
    Event::Delivered { money_gone: false },
    Event::Delivered { money_gone: true },
    Event::Failed,
    Event::SupplierRefusesUs,
    Event::SupplierSlow,
    Event::SupplierOdd,
    Event::Reversed { was_loss: false },
    Event::Reversed { was_loss: true },
    Event::ReversedUnpaid,
    Event::RefundBegun,
    Event::RefundDone,
    Event::Retried { attempt_open: false },
    Event::Retried { attempt_open: true },
    Event::RefundOrdered,
];

fn positions() -> Vec<Position> {
    let plain = OrderState::ALL.iter().filter(|s| **s != OrderState::NeedsAttention);
    let calm = plain.map(|state| Position { state: *state, attention: None });
    let called = Attention::ALL
        .iter()
        .map(|attention| Position { state: OrderState::NeedsAttention, attention: Some(*attention) });
    calm.chain(called).collect()
}

/// One character for each cell: what follows for a state (row) from an event (column).
fn cell(position: Position, event: Event) -> String {
    match decide(position, event) {
        Decision::Nothing => "·".into(),
        Decision::Refused => "×".into(),
        Decision::Go { to, .. } if to == position.state => "=".into(),
        Decision::Go { to, .. } => to.to_string(),
    }
}

/// What is done when this happens; nothing when it is refused or old news.
fn effects(position: Position, event: Event) -> Vec<Effect> {
    match decide(position, event) {
        Decision::Go { effects, .. } => effects,
        Decision::Nothing | Decision::Refused => Vec::new(),
    }
}

/// The whole table, in words. A change of any cell has to be made here too.
#[test]
fn every_event_in_every_state() {
    let mut table = String::new();
    for position in positions() {
        let name =
            position.attention.map_or(position.state.to_string(), |a| format!("{}/{a}", position.state));
        let cells: Vec<String> = EVENTS.iter().map(|event| cell(position, *event)).collect();
        table.push_str(&format!("{name}: {}\n", cells.join(" ")));
    }
    let expected = "\
awaiting_verification: awaiting_payment cancelled expired cancelled · = = = · · = = = · · · · · · · · · · = · · · × × ×
in_review: awaiting_payment cancelled expired cancelled · = = = · · = = = · · · · · · · · · · = · · · × × ×
blocked: × × · × · = = = · · = = = · · · · · · · · · · = · · · × × ×
awaiting_payment: × × · cancelled expired paid paid needs_attention · · = = = · · · · · · · · · · = · · · × × ×
paid: × × · × · = = = · · cancelled = = · · fulfilling · · · · · · · = · · · × × ×
fulfilling: × × · × · = = = · · = = = · · · delivered delivered failed needs_attention needs_attention needs_attention · = · · · × × ×
delivered: × × · × · = = = · · = = = = = · = = · · · · refunding = cancelled · · × × ×
failed: × × · × · = = = · · cancelled = = · · · delivered delivered · · · · · = · refunding · × × ×
refunding: × × · × · = = = · · cancelled = = · · · = = · · · · · = · · refunded × × ×
refunded: × × · × · = = = · · = = = · · · = = · · · · · = · · · × × ×
expired: × × · × · paid = needs_attention · · = = = · · · · · · · · · · = · · · × × ×
cancelled: × × · · · paid = needs_attention · · = = = · · · = = · · · · · = · · · × × ×
needs_attention/odd_money: paid cancelled · × · paid cancelled = cancelled = = = = · · · · · · · · · · = · · · × × ×
needs_attention/supplier_slow: × × · × · = = = · · = = = · · · delivered delivered failed = · · · = · · · fulfilling × refunding
needs_attention/supplier_refuses_us: × × · × · = = = · · = = = · · · delivered delivered failed = · · · = · · · fulfilling × refunding
needs_attention/supplier_odd: × × · × · = = = · · = = = · · · delivered delivered failed = · · · = · · · fulfilling × refunding
";
    assert_eq!(table, expected);
}

#[test]
fn an_order_that_stays_where_it_is_keeps_its_reason_for_attention() {
    for position in positions() {
        for event in EVENTS {
            if let Decision::Go { to, attention, .. } = decide(position, event) {
                assert_eq!(attention.is_some(), to == OrderState::NeedsAttention, "{position:?} {event:?}");
            }
        }
    }
}

#[test]
fn a_refused_supplier_call_in_every_unfinished_state_leaves_the_money_in_escrow() {
    for event in [Event::SupplierRefusesUs, Event::SupplierSlow, Event::SupplierOdd] {
        for position in positions() {
            if let Decision::Go { effects, .. } = decide(position, event) {
                assert!(!effects.contains(&Effect::BookRefund) && !effects.contains(&Effect::CreditWallet));
            }
        }
    }
}

#[test]
fn odd_money_waits_for_a_person_while_the_order_is_unpaid_and_is_credited_at_once_after() {
    use OrderState as S;
    for position in positions() {
        let Decision::Go { to, attention, effects } = decide(position, Event::OddMoney) else {
            panic!("nothing is done about odd money at {position:?}");
        };
        let unpaid = matches!(position.state, S::AwaitingPayment | S::Expired | S::Cancelled);
        let alert = Effect::Alert(AlertKind::AmountMismatch);
        if unpaid || position.attention == Some(Attention::OddMoney) {
            assert_eq!((to, attention), (S::NeedsAttention, Some(Attention::OddMoney)), "{position:?}");
            assert_eq!(effects, [alert], "{position:?}: a person decides");
        } else {
            assert_eq!((to, attention), (position.state, position.attention), "{position:?}");
            assert_eq!(effects, [Effect::CreditOddMoney, alert], "{position:?}: nobody can decide");
        }
    }
}

#[test]
fn an_order_leaves_odd_money_with_none_of_it_undecided_and_no_stock_kept_from_others() {
    let position = Position { state: OrderState::NeedsAttention, attention: Some(Attention::OddMoney) };
    let mut ways = 0;
    for event in EVENTS {
        let Decision::Go { to, effects, .. } = decide(position, event) else { continue };
        if to == OrderState::NeedsAttention {
            continue;
        }
        ways += 1;
        assert!(effects.contains(&Effect::Resolve(AlertKind::AmountMismatch)), "{event:?}: {effects:?}");
        let none_left = event == Event::OddMoneyGone { another_left: false };
        assert_eq!(effects.contains(&Effect::CreditOddMoney), !none_left, "{event:?}: {effects:?}");
        let released = effects.iter().filter(|effect| **effect == Effect::ReleaseStock).count();
        assert_eq!(released, usize::from(to.is_final()), "{event:?}: {effects:?}");
    }
    assert_eq!(ways, 5, "approved, rejected, our amount twice, and the last odd amount gone");
}

#[test]
fn what_was_taken_back_is_booked_by_what_it_had_become_whatever_else_paid_the_order() {
    use OrderState as S;
    let alert = Effect::Alert(AlertKind::PaymentTakenBack);
    for position in positions() {
        let taken_back = |booked| decide(position, Event::MoneyTakenBack { booked });
        assert_eq!(
            taken_back(Booked::AsCredit),
            stay(position, [Effect::BookCreditTakenBack, alert]),
            "{position:?}"
        );
        assert_eq!(taken_back(Booked::Nothing), stay(position, [alert]), "{position:?}");
        let expected = match (position.state, position.attention) {
            (S::Paid | S::Failed, _) => {
                go(S::Cancelled, [Effect::ReleaseStock, Effect::BookTakenBack, alert])
            }
            (S::Refunding, _) => go(S::Cancelled, [Effect::BookTakenBack, alert]),
            (S::Fulfilling, _) => stay(position, [alert]),
            (S::NeedsAttention, Some(why)) if why != Attention::OddMoney => stay(position, [alert]),
            _ => stay(position, [Effect::BookChargeback, alert]),
        };
        assert_eq!(taken_back(Booked::ForOrder), expected, "{position:?}");
    }
}

#[test]
fn what_is_delivered_after_its_money_was_taken_back_is_earned_and_lost() {
    for position in positions() {
        let paid = effects(position, Event::Delivered { money_gone: false });
        let gone = effects(position, Event::Delivered { money_gone: true });
        assert!(!paid.contains(&Effect::BookChargeback), "{position:?}");
        let earned = gone.contains(&Effect::BookDelivery);
        assert_eq!(gone.contains(&Effect::BookChargeback), earned, "{position:?}: {gone:?}");
        assert_eq!(paid.contains(&Effect::BookDelivery), earned, "{position:?}: {paid:?}");
    }
}

/// What a walk counts, in payments of one and the same amount.
#[derive(Debug, Default)]
struct Books {
    /// What the gateway holds, by the books.
    gateway: i32,
    escrow: i32,
    wallet: i32,
    revenue: i32,
    chargebacks: i32,
    refunds: i32,
    late_deliveries: i32,
    stock_held: bool,
    /// What the gateway really holds.
    there: i32,
    /// Whether what paid the order is there.
    paid: bool,
    /// Whether the gateway has taken that back, and the books do not know yet.
    gone: bool,
    /// Whether it was taken back after it had been earned.
    lost: bool,
    /// How many payments that were credited are there.
    credited: i32,
    /// How many payments of an odd amount are there, and nobody has decided about them.
    undecided: i32,
}

impl Books {
    /// Whether this can happen, as the rows stand.
    fn fits(&self, event: Event) -> bool {
        match event {
            Event::OddMoneyGone { another_left } => {
                self.undecided > 0 && another_left == (self.undecided > 1)
            }
            Event::MoneyTakenBack { booked: Booked::ForOrder } => self.paid || self.gone,
            Event::MoneyTakenBack { booked: Booked::AsCredit } => self.credited > 0,
            Event::Delivered { money_gone } => money_gone == self.gone,
            Event::Reversed { was_loss: true } | Event::DeliveryReplaced => self.late_deliveries > 0,
            Event::Reversed { was_loss: false } => !self.lost,
            Event::ReversedUnpaid => self.lost,
            _ => true,
        }
    }

    /// What has happened outside, or was looked up, when it is acted on.
    fn hear(&mut self, position: Position, event: Event) {
        match event {
            Event::MoneyArrived { still_possible } => {
                self.there += 1;
                let late = matches!(position.state, OrderState::Expired | OrderState::Cancelled)
                    || position.attention == Some(Attention::OddMoney);
                self.stock_held |= late && still_possible;
            }
            Event::OddMoney => (self.there, self.undecided) = (self.there + 1, self.undecided + 1),
            Event::OddMoneyGone { .. } => (self.there, self.undecided) = (self.there - 1, self.undecided - 1),
            // The one that is taken as paid is decided about, and its stock is held again.
            Event::Approved => (self.undecided, self.stock_held) = (self.undecided - 1, true),
            Event::MoneyTakenBack { booked: Booked::ForOrder } if self.paid => {
                (self.paid, self.gone, self.there) = (false, true, self.there - 1);
            }
            Event::MoneyTakenBack { booked: Booked::AsCredit } => {
                (self.credited, self.there) = (self.credited - 1, self.there - 1);
            }
            _ => {}
        }
    }

    fn apply(&mut self, effect: Effect) {
        match effect {
            Effect::BookPayment => {
                (self.gateway, self.escrow) = (self.gateway + 1, self.escrow + 1);
                (self.paid, self.lost) = (true, false);
            }
            Effect::CreditWallet => self.credit(1),
            Effect::CreditOddMoney => {
                self.credit(self.undecided);
                self.undecided = 0;
            }
            Effect::BookDelivery => (self.escrow, self.revenue) = (self.escrow - 1, self.revenue + 1),
            Effect::BookReversal => (self.escrow, self.revenue) = (self.escrow + 1, self.revenue - 1),
            Effect::BookRefund => {
                (self.escrow, self.wallet, self.refunds) =
                    (self.escrow - 1, self.wallet + 1, self.refunds + 1);
            }
            Effect::BookTakenBack => {
                (self.gateway, self.escrow, self.gone) = (self.gateway - 1, self.escrow - 1, false);
            }
            Effect::BookChargeback => {
                (self.gateway, self.chargebacks) = (self.gateway - 1, self.chargebacks + 1);
                (self.gone, self.lost) = (false, true);
            }
            Effect::BookCreditTakenBack => {
                (self.gateway, self.chargebacks) = (self.gateway - 1, self.chargebacks + 1);
            }
            Effect::CoverChargeback => {
                (self.escrow, self.chargebacks, self.lost) = (self.escrow - 1, self.chargebacks - 1, false);
            }
            Effect::BookLoss => self.late_deliveries += 1,
            Effect::BookLossReversal => self.late_deliveries -= 1,
            Effect::ReleaseStock | Effect::CommitStock | Effect::PutStockBack => self.stock_held = false,
            _ => {}
        }
    }

    fn credit(&mut self, payments: i32) {
        (self.gateway, self.wallet) = (self.gateway + payments, self.wallet + payments);
        self.credited += payments;
    }
}

fn any_event() -> impl Strategy<Value = Event> {
    (0..EVENTS.len()).prop_map(|index| EVENTS[index])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// Whatever happens in whatever order: the books sum to nothing and hold what the gateway holds,
    /// escrow holds one payment exactly while the state says so, a paid order is earned or given back
    /// but not both, no refund is made twice, and an order that is over leaves nothing undecided and
    /// keeps no stock.
    #[test]
    fn money_is_never_lost_and_never_doubled(events in proptest::collection::vec(any_event(), 1..60)) {
        let mut position = Position { state: OrderState::AwaitingPayment, attention: None };
        let mut books = Books { stock_held: true, ..Books::default() };
        for event in events {
            // The worker looks whether the money is still there before it goes on.
            let event = match event {
                Event::FulfilmentBegun | Event::RefundBegun | Event::RefundDone if books.gone => {
                    Event::MoneyTakenBack { booked: Booked::ForOrder }
                }
                other => other,
            };
            if !books.fits(event) { continue }
            let Decision::Go { to, attention, effects } = decide(position, event) else { continue };
            books.hear(position, event);
            for effect in effects {
                books.apply(effect);
            }
            position = Position { state: to, attention };
            let odd = attention == Some(Attention::OddMoney);
            let holds = to.holds_money() || (to == OrderState::NeedsAttention && !odd);
            prop_assert_eq!(books.escrow, i32::from(holds), "{:?} after {:?}", position, event);
            prop_assert_eq!(books.revenue, i32::from(to == OrderState::Delivered));
            prop_assert!(books.refunds <= 1);
            let owed = books.escrow + books.wallet + books.revenue;
            prop_assert_eq!(books.gateway + books.chargebacks, owed, "{:?} after {:?}", position, event);
            let known = books.gateway + books.undecided - i32::from(books.gone);
            prop_assert_eq!(known, books.there, "{:?} after {:?}", position, event);
            prop_assert_eq!(books.undecided > 0, odd, "{:?} after {:?}", position, event);
            prop_assert!(!books.gone || holds, "{:?} after {:?}", position, event);
            prop_assert!(!books.stock_held || !to.is_final(), "{:?} after {:?}", position, event);
        }
    }
}

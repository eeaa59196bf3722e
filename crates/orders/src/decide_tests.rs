//! The life of an order: every state times every event, and random walks.

use super::*;
use proptest::prelude::*;

const EVENTS: [Event; 25] = [
    Event::Approved,
    Event::Rejected,
    Event::HoldLapsed,
    Event::Cancelled,
    Event::WindowClosed,
    Event::MoneyArrived { still_possible: true },
    Event::MoneyArrived { still_possible: false },
    Event::OddMoney,
    Event::OddMoneyGone,
    Event::MoneyTakenBack,
    Event::SerialArrived,
    Event::DeliveryReplaced,
    Event::FulfilmentBegun,
    Event::Delivered,
    Event::Failed,
    Event::SupplierRefusesUs,
    Event::SupplierSlow,
    Event::SupplierOdd,
    Event::Reversed { was_loss: false },
    Event::Reversed { was_loss: true },
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
awaiting_verification: awaiting_payment cancelled expired cancelled · = = = · = · · · · · · · · · = · · × × ×
in_review: awaiting_payment cancelled expired cancelled · = = = · = · · · · · · · · · = · · × × ×
blocked: × × · × · = = = · = · · · · · · · · · = · · × × ×
awaiting_payment: × × · cancelled expired paid paid needs_attention · = · · · · · · · · · = · · × × ×
paid: × × · × · = = = · cancelled · · fulfilling · · · · · · = · · × × ×
fulfilling: × × · × · = = = · = · · · delivered failed needs_attention needs_attention needs_attention · = · · × × ×
delivered: × × · × · = = = · = = = · = · · · · refunding = · · × × ×
failed: × × · × · = = = · cancelled · · · delivered · · · · · = refunding · × × ×
refunding: × × · × · = = = · cancelled · · · = · · · · · = · refunded × × ×
refunded: × × · × · = = = · = · · · = · · · · · = · · × × ×
expired: × × · × · paid = needs_attention · = · · · · · · · · · = · · × × ×
cancelled: × × · · · paid = needs_attention · = · · · = · · · · · = · · × × ×
needs_attention/odd_money: paid cancelled · × · paid cancelled = cancelled = · · · · · · · · · = · · × × ×
needs_attention/supplier_slow: × × · × · = = = · = · · · delivered failed = · · · = · · fulfilling × refunding
needs_attention/supplier_refuses_us: × × · × · = = = · = · · · delivered failed = · · · = · · fulfilling × refunding
needs_attention/supplier_odd: × × · × · = = = · = · · · delivered failed = · · · = · · fulfilling × refunding
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

/// What a walk counts: money in escrow, goods, stock, as the effects move them.
#[derive(Debug, Default)]
struct Books {
    escrow: i32,
    wallet: i32,
    revenue: i32,
    losses: i32,
    refunds: i32,
    received: i32,
    stock_held: bool,
}

impl Books {
    fn apply(&mut self, effect: Effect) {
        match effect {
            Effect::BookPayment => (self.escrow, self.received) = (self.escrow + 1, self.received + 1),
            Effect::CreditWallet => (self.wallet, self.received) = (self.wallet + 1, self.received + 1),
            Effect::BookDelivery => (self.escrow, self.revenue) = (self.escrow - 1, self.revenue + 1),
            Effect::BookReversal => (self.escrow, self.revenue) = (self.escrow + 1, self.revenue - 1),
            Effect::BookRefund => {
                (self.escrow, self.wallet, self.refunds) =
                    (self.escrow - 1, self.wallet + 1, self.refunds + 1);
            }
            Effect::BookTakenBack => (self.escrow, self.received) = (self.escrow - 1, self.received - 1),
            Effect::BookLoss => self.losses += 1,
            Effect::BookLossReversal => self.losses -= 1,
            Effect::ReleaseStock | Effect::CommitStock => self.stock_held = false,
            _ => {}
        }
    }
}

fn any_event() -> impl Strategy<Value = Event> {
    (0..EVENTS.len()).prop_map(|index| EVENTS[index])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// Whatever happens in whatever order: escrow holds one payment exactly while the state says
    /// so, a paid order is earned or given back but not both, and no refund is made twice.
    #[test]
    fn money_is_never_lost_and_never_doubled(events in proptest::collection::vec(any_event(), 1..60)) {
        let mut position = Position { state: OrderState::AwaitingPayment, attention: None };
        let mut books = Books { stock_held: true, ..Books::default() };
        for event in events {
            // A loss is taken back only where there is one.
            if matches!(event, Event::Reversed { was_loss: true } | Event::DeliveryReplaced) && books.losses == 0 { continue }
            if books.received == 0 && event == Event::MoneyTakenBack { continue }
            let Decision::Go { to, attention, effects } = decide(position, event) else { continue };
            for effect in effects {
                books.apply(effect);
            }
            position = Position { state: to, attention };
            let odd = attention == Some(Attention::OddMoney);
            let holds = to.holds_money() || (to == OrderState::NeedsAttention && !odd);
            prop_assert_eq!(books.escrow, i32::from(holds), "{:?} after {:?}", position, event);
            prop_assert_eq!(books.revenue, i32::from(to == OrderState::Delivered));
            prop_assert!(books.refunds <= 1);
            prop_assert_eq!(books.received, books.escrow + books.wallet + books.revenue);
        }
    }
}

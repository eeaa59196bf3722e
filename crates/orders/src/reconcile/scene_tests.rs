//! A day on which all agree, and its parts: for the tests of the comparison.

use super::{compare::Found, report::DifferenceKind as Kind, view::*};
use crate::OrderState;
use payments::{Fee, ObservedState, PaymentState};
use std::{collections::HashMap, time::Duration};
use suppliers::{AttemptState, Verdict, Word};
use vocabulary::{OrderNumber, PaymentMethod, Rupiah, Timestamp, WibDay};

pub(super) const PRICE: i64 = 20_000;
pub(super) const COST: i64 = 18_000;
pub(super) const FEE: i64 = 400;

pub(super) fn day() -> WibDay {
    "2026-11-22".parse().unwrap()
}

/// A moment of the day, so many seconds after its noon.
pub(super) fn noon(seconds: u64) -> Timestamp {
    day().start().plus(Duration::from_secs(12 * 3_600 + seconds))
}

pub(super) fn number(n: usize) -> OrderNumber {
    format!("LK{n:010}").parse().unwrap()
}

pub(super) fn payment(number: &OrderNumber, state: PaymentState) -> OurPayment {
    let paid =
        matches!(state, PaymentState::Settled | PaymentState::Refunding | PaymentState::PartlyRefunded);
    let amount = |yes: bool, amount: i64| if yes { Rupiah::new(amount) } else { Rupiah::ZERO };
    OurPayment {
        reference: format!("{number}-P1"),
        gateway: "midtrans".into(),
        method: PaymentMethod::GopayQr,
        amount: Rupiah::new(PRICE),
        state,
        odd_amount: None,
        expires_at: noon(900),
        settled_at: paid.then(|| noon(10)),
        booked: BookedMoney {
            ours: amount(paid, PRICE),
            held: amount(paid, PRICE),
            fee: amount(paid, FEE),
            pays: paid,
        },
        back: WentBack::default(),
    }
}

pub(super) fn word(verdict: Verdict, asked_at: Option<Timestamp>, at: Timestamp) -> Word {
    Word {
        sequence: 1,
        verdict,
        code: Some("00".into()),
        price: Some(Rupiah::new(COST)),
        balance: None,
        asked_at,
        at,
    }
}

pub(super) fn attempt(number: &OrderNumber, state: AttemptState, words: Vec<Word>) -> OurAttempt {
    let booked = if state == AttemptState::Succeeded { Rupiah::new(COST) } else { Rupiah::ZERO };
    OurAttempt {
        reference: format!("{number}-F1"),
        supplier: "digiflazz".into(),
        state,
        code: Some("00".into()),
        max_price: Rupiah::new(COST),
        created_at: noon(10),
        first_sent_at: Some(noon(11)),
        due_at: None,
        booked,
        words,
    }
}

/// An order that was paid and delivered.
pub(super) fn delivered(n: usize) -> OurOrder {
    let number = number(n);
    let words = vec![word(Verdict::Succeeded, Some(noon(11)), noon(12))];
    OurOrder {
        state: OrderState::Delivered,
        attention: None,
        updated_at: noon(12),
        payments: vec![payment(&number, PaymentState::Settled)],
        attempts: vec![attempt(&number, AttemptState::Succeeded, words)],
        number,
    }
}

pub(super) fn settled(amount: i64) -> GatewaySays {
    found(ObservedState::Settled, Some(amount))
}

pub(super) fn found(state: ObservedState, amount: Option<i64>) -> GatewaySays {
    GatewaySays::Found { state, stated: state.to_string(), amount: amount.map(Rupiah::new), given_back: None }
}

/// So much of the price went back at the gateway.
pub(super) fn gave_back(state: ObservedState, back: i64) -> GatewaySays {
    let (stated, amount) = (state.to_string(), Some(Rupiah::new(PRICE)));
    GatewaySays::Found { state, stated, amount, given_back: Some(Rupiah::new(back)) }
}

/// A day on which all agree about these orders.
pub(super) fn day_of(orders: Vec<OurOrder>) -> Sides {
    let payments = orders.iter().flat_map(|order| &order.payments);
    let gateways = payments.map(|payment| (payment.reference.clone(), settled(PRICE))).collect();
    Sides {
        day: day(),
        now: noon(6 * 3_600),
        orders,
        gateways,
        suppliers: HashMap::new(),
        strangers: Vec::new(),
        rates: HashMap::from([(("midtrans".to_owned(), PaymentMethod::GopayQr), Fee::share(200))]),
        deposits: Vec::new(),
        listed: Vec::new(),
        settlement: Default::default(),
    }
}

pub(super) fn kinds(found: &Found) -> Vec<Kind> {
    found.differences.iter().map(|difference| difference.kind).collect()
}

/// The supplier of the first order has not decided.
pub(super) fn at_work(sides: &mut Sides) {
    let order = &mut sides.orders[0];
    order.state = OrderState::Fulfilling;
    let attempt = &mut order.attempts[0];
    (attempt.state, attempt.due_at) = (AttemptState::Pending, Some(noon(7 * 3_600)));
    attempt.words = vec![word(Verdict::Pending, Some(noon(11)), noon(12))];
}

pub(super) fn stranger(says: StrangerSays) -> Stranger {
    Stranger { party: "midtrans".into(), reference: "LK9999999999-P1".into(), at: noon(1), says }
}

pub(super) fn reading(at: Timestamp, balance: i64) -> Reading {
    Reading { asked_at: at, at, balance: Rupiah::new(balance) }
}

/// A deposit that was read before the day's purchases and after them.
pub(super) fn deposit(sides: &Sides, before: i64, after: i64) -> DepositSides {
    DepositSides {
        supplier: "digiflazz".into(),
        opening: Some(reading(noon(0), before)),
        closing: Closing::Read(reading(noon(5 * 3_600), after)),
        attempts: sides.orders.iter().flat_map(|order| order.attempts.clone()).collect(),
        names: Vec::new(),
        keeps_of_failures: false,
    }
}

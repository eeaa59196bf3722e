//! What a gateway asks of us, and what its clock says (`contracts/payments.md` §9 rows 9 and 14): it is given the
//! time that it wants, within reason, and no time that it names decides about money.

use crate::scene::reference;
use payments::{
    ChargeOutcome, Happened, LostCharge, Observation, ObservedState, Opened, Payment, PaymentState,
    StatusOutcome, after_charge, after_status,
};
use std::time::Duration;
use vocabulary::{Ids, OrderId, PaymentId, PaymentMethod, Rupiah, Timestamp};

/// 2026-11-22 12:00:00 WIB.
const NOW: Timestamp = Timestamp::from_millis(1_795_323_600_000);
const DAY: Duration = Duration::from_secs(86_400);

/// A payment that may be paid for a quarter of an hour from now.
fn payment(state: PaymentState) -> Payment {
    let ids = Ids::seeded(1);
    Payment {
        id: PaymentId::new(&ids, NOW),
        order: OrderId::new(&ids, NOW),
        reference: reference(),
        method: PaymentMethod::GopayQr,
        gateway: "midtrans".into(),
        amount: Rupiah::new(20_000),
        state,
        closing: None,
        opened: Opened::default(),
        phone: None,
        odd_amount: None,
        given_back: None,
        refunding: Rupiah::ZERO,
        refunded: Rupiah::ZERO,
        charged_back: None,
        note: None,
        in_doubt: false,
        asked: 0,
        nudges: 0,
        expires_at: NOW.plus(Duration::from_secs(900)),
        settled_at: None,
        created_at: NOW,
        fence: 1,
        due_at: Some(NOW),
    }
}

#[test]
fn a_gateway_that_asks_us_to_wait_is_given_the_time_and_no_more_than_five_minutes() {
    for (asks, waits) in
        [(0, [2, 30, 60]), (77, [77; 3]), (300, [300; 3]), (301, [300; 3]), (86_400, [300; 3])]
    {
        let retry_after = Some(Duration::from_secs(asks));
        for (asked, waits) in [0, 3, 50].into_iter().zip(waits) {
            let due_at = Some(NOW.plus(Duration::from_secs(waits)));
            let busy = StatusOutcome::Unknown { reason: "HTTP 429".into(), retry_after };
            let open = Payment { asked, ..payment(PaymentState::Open) };
            let (next, did) = after_status(&open, &[], busy, NOW);
            assert_eq!((next.state, next.due_at, did), (PaymentState::Open, due_at, Happened::Nothing));
            let busy = ChargeOutcome::NotOpened { reason: "HTTP 429".into(), retry_after };
            let sent = Payment { asked, ..payment(PaymentState::Unknown) };
            let (next, did) = after_charge(&sent, busy, LostCharge::Ask, NOW);
            assert_eq!((next.state, next.due_at, did), (PaymentState::Intended, due_at, Happened::Nothing));
        }
    }
}

#[test]
fn no_time_that_a_gateway_names_decides_about_money() {
    let open = payment(PaymentState::Open);
    // Its clock is a day slow, right, or a day fast; or it names no time at all.
    for named in [Some(NOW.minus(DAY)), Some(open.expires_at), Some(NOW.plus(DAY)), None] {
        let says = |state: ObservedState| {
            let opened = Opened { expires_at: named, ..Opened::default() };
            let amount = Some(open.amount);
            let stated = state.to_string();
            let (given_back, refunds) = (None, None);
            StatusOutcome::Found(Observation { state, stated, amount, given_back, refunds, opened })
        };
        let (paid, did) = after_status(&open, &[], says(ObservedState::Settled), NOW);
        assert_eq!((paid.state, did), (PaymentState::Settled, Happened::Settled), "{named:?}");
        assert_eq!(paid.settled_at, Some(NOW), "by our own clock: {named:?}");
        let (waiting, did) = after_status(&open, &[], says(ObservedState::Pending), NOW);
        assert_eq!((waiting.state, did), (PaymentState::Open, Happened::Nothing), "{named:?}");
        assert!(waiting.expires_at <= open.expires_at, "nobody is let pay for longer: {named:?}");
        assert!(waiting.due_at.is_some(), "it is asked about: {named:?}");
    }
}

//! Money of an odd amount that is not all that came in: while the order is unpaid a person decides about
//! it, and nothing of it stays undecided when the order goes on.

use crate::stage::{PRICE, Stage};
use database::sql;
use ledger::Account;
use notifications::{AlertKind, MessageKind};
use orders::{ActionError, OrderState, StaffAction};
use payments::{
    Closing,
    ObservedState::{Refunded, Settled},
    PaymentState,
};
use suppliers::Verdict;
use testkit::on_both_shops;
use vocabulary::PaymentMethod;

const MORE: i64 = PRICE + 70;
const LESS: i64 = PRICE - 1_000;

/// Nothing is left of it: no person is called, and no stock is kept.
async fn is_over_without_a_product(stage: &Stage) {
    assert_eq!(stage.state().await, OrderState::Cancelled);
    assert_eq!(stage.alerts().await, [] as [AlertKind; 0]);
    assert_eq!(stage.scene.available().await, 10);
    let released = sql!("SELECT COUNT(*) FROM stock_movement WHERE kind = 'released'");
    assert_eq!(stage.scene.count(released).await, 1, "released exactly once");
}

on_both_shops!(fn an_odd_amount_beside_the_payment_that_paid_is_credited_once_and_told(db) {
    let stage = Stage::open_twice(&db).await;
    stage.gateway_says(1, Settled, Some(PRICE)).await;
    stage.until_state(OrderState::Delivered).await;
    // Told once more, it changes nothing.
    for _ in 0..2 {
        stage.gateway_says(0, Settled, Some(MORE)).await;
        let odd = stage.payments().await.swap_remove(0);
        assert_eq!((odd.state, odd.settled_at.is_some()), (PaymentState::Settled, true));
        assert_eq!((stage.wallet().await, stage.stands(&Account::Suspense).await), (PRICE, -70));
        assert_eq!(stage.credited().await, ["Rp 10.000"]);
    }
    assert_eq!(stage.state().await, OrderState::Delivered);
    assert_eq!(stage.alerts().await, [AlertKind::AmountMismatch]);
    for action in [StaffAction::Approve, StaffAction::Reject] {
        let refused = stage.decide(action).await;
        assert!(matches!(refused, Err(ActionError::NotPossible { .. })), "{refused:?}");
    }
    stage.end().await;
});

on_both_shops!(fn of_an_odd_amount_that_is_less_than_ours_what_came_in_is_credited(db) {
    let stage = Stage::fulfilling(&db).await;
    stage.gateway_says(1, Settled, Some(LESS)).await;
    assert_eq!((stage.wallet().await, stage.credited().await), (LESS, vec!["Rp 9.000".to_owned()]));
    assert_eq!(stage.state().await, OrderState::Fulfilling);
    stage.supplier_says(1, Verdict::Succeeded).await;
    assert_eq!(stage.state().await, OrderState::Delivered);
    assert_eq!(stage.alerts().await, [AlertKind::AmountMismatch], "a person looks at the difference");
    stage.end().await;
});

on_both_shops!(fn an_amount_that_nobody_can_read_is_not_credited_and_a_person_is_called(db) {
    let stage = Stage::open_twice(&db).await;
    stage.gateway_says(0, Settled, None).await;
    assert_eq!(stage.state().await, OrderState::NeedsAttention);
    stage.gateway_says(1, Settled, Some(PRICE)).await;
    stage.until_state(OrderState::Delivered).await;
    assert_eq!(stage.payments().await[0].state, PaymentState::Settled);
    assert_eq!((stage.wallet().await, stage.credited().await), (0, Vec::new()));
    assert_eq!(stage.alerts().await, [AlertKind::AmountMismatch]);
    stage.scene.books_hold().await;
    // The person gives it back by hand.
    stage.gateway_says(0, Refunded, None).await;
    assert_eq!(stage.payments().await[0].state, PaymentState::Refunded);
    assert_eq!(stage.stands(&Account::ChargebackLoss).await, 0, "it had never been booked");
    stage.end().await;
});

on_both_shops!(fn our_amount_after_an_odd_one_pays_the_order_and_the_odd_one_is_credited(db) {
    let stage = Stage::open_twice(&db).await;
    stage.gateway_says(0, Settled, Some(LESS)).await;
    assert_eq!(stage.state().await, OrderState::NeedsAttention);
    assert_eq!(stage.alerts().await, [AlertKind::AmountMismatch]);
    stage.gateway_says(1, Settled, Some(PRICE)).await;
    stage.until_state(OrderState::Delivered).await;
    let payments = stage.payments().await;
    assert!(payments.iter().all(|p| p.state == PaymentState::Settled), "{payments:?}");
    assert_eq!((stage.wallet().await, stage.credited().await), (LESS, vec!["Rp 9.000".to_owned()]));
    assert_eq!(stage.alerts().await, [] as [AlertKind; 0]);
    let view = stage.scene.shop.order_view(&stage.order.number, &stage.order.owner).await.unwrap().unwrap();
    assert_eq!(view.payment.unwrap().reference, payments[1].reference, "the one that paid");
    stage.end().await;
});

on_both_shops!(fn of_two_odd_amounts_the_greater_is_approved_and_the_other_credited(db) {
    let stage = Stage::open_twice(&db).await;
    stage.gateway_says(0, Settled, Some(MORE)).await;
    stage.gateway_says(1, Settled, Some(LESS)).await;
    assert_eq!(stage.state().await, OrderState::NeedsAttention);
    assert_eq!(stage.decide(StaffAction::Approve).await.unwrap(), OrderState::Paid);
    stage.until_state(OrderState::Delivered).await;
    assert_eq!((stage.wallet().await, stage.credited().await), (LESS, vec!["Rp 9.000".to_owned()]));
    assert_eq!(stage.stands(&Account::Suspense).await, -70);
    assert_eq!(stage.stands(&Account::UnderpaidLoss).await, 0);
    assert_eq!(stage.alerts().await, [] as [AlertKind; 0]);
    stage.end().await;
});

on_both_shops!(fn of_two_odd_amounts_both_are_credited_when_the_order_is_rejected(db) {
    let stage = Stage::open_twice(&db).await;
    stage.gateway_says(0, Settled, Some(MORE)).await;
    stage.gateway_says(1, Settled, Some(LESS)).await;
    assert_eq!(stage.decide(StaffAction::Reject).await.unwrap(), OrderState::Cancelled);
    assert_eq!(stage.wallet().await, PRICE + LESS);
    assert_eq!(stage.credited().await, ["Rp 10.000", "Rp 9.000"]);
    is_over_without_a_product(&stage).await;
    stage.end().await;
});

on_both_shops!(fn of_odd_money_a_part_that_went_back_before_it_is_rejected_leaves_the_wallet_at_once(db) {
    let stage = Stage::open(&db).await;
    stage.gateway_says(0, Settled, Some(MORE)).await;
    stage.gateway_gave_back(0, Some(MORE - PRICE + 1_000)).await;
    assert_eq!(stage.state().await, OrderState::NeedsAttention);
    assert_eq!(stage.decide(StaffAction::Reject).await.unwrap(), OrderState::Cancelled);
    assert_eq!((stage.wallet().await, stage.stands(&Account::Suspense).await), (PRICE - 1_000, 0));
    assert_eq!(stage.told(MessageKind::CreditLess).await, ["Rp 1.000"]);
    stage.end().await;
});

on_both_shops!(fn an_order_waits_for_a_person_until_the_last_odd_amount_is_gone(db) {
    let stage = Stage::open_twice(&db).await;
    stage.gateway_says(0, Settled, Some(MORE)).await;
    stage.gateway_says(1, Settled, Some(LESS)).await;
    stage.gateway_says(0, Refunded, Some(MORE)).await;
    assert_eq!(stage.state().await, OrderState::NeedsAttention);
    assert_eq!(stage.alerts().await, [AlertKind::AmountMismatch]);
    stage.scene.books_hold().await;
    stage.gateway_says(1, Refunded, Some(LESS)).await;
    assert_eq!(stage.wallet().await, 0);
    is_over_without_a_product(&stage).await;
    stage.end().await;
});

on_both_shops!(fn our_amount_that_comes_too_late_after_an_odd_one_frees_the_stock(db) {
    let stage = Stage::open_twice(&db).await;
    stage.gateway_says(0, Settled, Some(LESS)).await;
    assert_eq!(stage.scene.available().await, 9);
    stage.raise_price().await;
    stage.gateway_says(1, Settled, Some(PRICE)).await;
    assert_eq!(stage.wallet().await, PRICE + LESS);
    is_over_without_a_product(&stage).await;
    stage.end().await;
});

on_both_shops!(fn nothing_is_freed_twice_when_the_order_had_expired_before_the_odd_amount_came(db) {
    let stage = Stage::open_twice(&db).await;
    stage.scene.shop.clock.advance(stage.scene.shop.rules.pay_within);
    stage.until_state(OrderState::Expired).await;
    stage.gateway_says(0, Settled, Some(LESS)).await;
    assert_eq!(stage.state().await, OrderState::NeedsAttention);
    stage.raise_price().await;
    stage.gateway_says(1, Settled, Some(PRICE)).await;
    assert_eq!(stage.wallet().await, PRICE + LESS);
    is_over_without_a_product(&stage).await;
    stage.end().await;
});

/// Whether nobody shall be able to pay the `nth` payment any more.
async fn is_unwanted(stage: &Stage, nth: usize) -> bool {
    let payment = stage.payments().await.swap_remove(nth);
    assert_eq!(payment.state, PaymentState::Open, "the gateway closes nothing here");
    payment.closing == Some(Closing::Cancel)
}

on_both_shops!(fn what_else_is_open_is_closed_when_odd_money_is_rejected(db) {
    let stage = Stage::open_twice(&db).await;
    stage.gateway_says(0, Settled, Some(MORE)).await;
    assert!(!is_unwanted(&stage, 1).await, "our amount may come in by it");
    assert_eq!(stage.decide(StaffAction::Reject).await.unwrap(), OrderState::Cancelled);
    assert!(is_unwanted(&stage, 1).await);
    // What was decided in the same step is not asked about again.
    let odd = stage.payments().await.swap_remove(0);
    assert_eq!((odd.state, odd.due_at), (PaymentState::Settled, None));
    is_over_without_a_product(&stage).await;
    stage.end().await;
});

on_both_shops!(fn what_else_is_open_is_closed_when_odd_money_goes_back(db) {
    let stage = Stage::open_twice(&db).await;
    stage.gateway_says(0, Settled, Some(MORE)).await;
    stage.gateway_says(0, Refunded, Some(MORE)).await;
    assert!(is_unwanted(&stage, 1).await);
    is_over_without_a_product(&stage).await;
    stage.end().await;
});

on_both_shops!(fn what_else_is_open_is_closed_when_our_amount_comes_too_late_after_an_odd_one(db) {
    let stage = Stage::open_twice(&db).await;
    stage.opens_another(PaymentMethod::GopayQr).await;
    stage.gateway_says(0, Settled, Some(LESS)).await;
    stage.raise_price().await;
    assert!(!is_unwanted(&stage, 2).await, "our amount may come in by it");
    stage.gateway_says(1, Settled, Some(PRICE)).await;
    assert!(is_unwanted(&stage, 2).await);
    is_over_without_a_product(&stage).await;
    stage.end().await;
});

//! Money that a gateway takes back after it came in: what is booked follows from what that payment had
//! become, once, whatever else was paid for the same order.

use crate::stage::{PRICE, Stage};
use ledger::Account;
use notifications::AlertKind;
use orders::{OrderState, StaffAction};
use payments::{
    ObservedState::{PartlyRefunded, Refunded, Settled},
    PaymentState,
};
use suppliers::Verdict;
use testkit::on_both_shops;

/// What the gateway keeps of a payment of our price, by the rules.
const FEE: i64 = PRICE / 50;

async fn gateway(stage: &Stage) -> i64 {
    stage.stands(&Account::Gateway("midtrans".into())).await
}

async fn lost(stage: &Stage) -> i64 {
    stage.stands(&Account::ChargebackLoss).await
}

on_both_shops!(fn what_is_delivered_after_its_money_was_taken_back_is_earned_and_lost_once(db) {
    let stage = Stage::fulfilling(&db).await;
    stage.gateway_says(0, Refunded, Some(PRICE)).await;
    assert_eq!((stage.state().await, lost(&stage).await), (OrderState::Fulfilling, 0), "nobody knows yet");
    assert_eq!(stage.alerts().await, [AlertKind::PaymentTakenBack]);
    stage.scene.books_hold().await;
    stage.supplier_says(1, Verdict::Succeeded).await;
    assert_eq!(stage.state().await, OrderState::Delivered);
    // A gateway that changes its words takes nothing twice.
    for word in [PartlyRefunded, Refunded] {
        stage.gateway_says(0, word, Some(PRICE)).await;
        assert_eq!((lost(&stage).await, gateway(&stage).await), (PRICE, -FEE));
        assert_eq!(stage.stands(&Account::Revenue).await, -PRICE);
        assert_eq!((stage.wallet().await, stage.stands(&Account::Escrow).await), (0, 0));
    }
    stage.end().await;
});

on_both_shops!(fn a_delivery_that_comes_back_after_its_money_was_taken_back_refunds_nobody(db) {
    let stage = Stage::fulfilling(&db).await;
    stage.gateway_says(0, Refunded, Some(PRICE)).await;
    stage.supplier_says(1, Verdict::Succeeded).await;
    assert_eq!((stage.state().await, lost(&stage).await), (OrderState::Delivered, PRICE));
    stage.supplier_says(1, Verdict::Reversed).await;
    assert_eq!(stage.state().await, OrderState::Cancelled);
    assert_eq!((lost(&stage).await, gateway(&stage).await), (0, -FEE), "it is no loss any more");
    for account in [Account::Escrow, Account::Revenue, Account::Cost] {
        assert_eq!(stage.stands(&account).await, 0, "{account}");
    }
    assert_eq!((stage.wallet().await, stage.scene.available().await), (0, 10));
    let order = stage.scene.order(&stage.order.number).await;
    assert_eq!((order.delivered_at, order.serial_number), (None, None), "it does not count as delivered");
    stage.end().await;
});

on_both_shops!(fn money_that_is_taken_back_before_the_supplier_fails_is_not_refunded_too(db) {
    let stage = Stage::fulfilling(&db).await;
    stage.gateway_says(0, Refunded, Some(PRICE)).await;
    stage.supplier_says(1, Verdict::FailedProvider).await;
    stage.until_state(OrderState::Cancelled).await;
    assert_eq!((stage.wallet().await, stage.stands(&Account::Escrow).await), (0, 0));
    assert_eq!((lost(&stage).await, gateway(&stage).await), (0, -FEE));
    stage.end().await;
});

on_both_shops!(fn a_second_payment_that_is_taken_back_does_not_keep_the_first_from_being_refunded(db) {
    let stage = Stage::fulfilling(&db).await;
    stage.gateway_says(1, Settled, Some(PRICE)).await;
    assert_eq!(stage.wallet().await, PRICE, "the order cannot use it");
    stage.gateway_says(1, Refunded, Some(PRICE)).await;
    assert_eq!(lost(&stage).await, PRICE, "it stays in the wallet");
    assert_eq!(stage.state().await, OrderState::Fulfilling);
    stage.supplier_says(1, Verdict::FailedProvider).await;
    stage.until_state(OrderState::Refunded).await;
    assert_eq!(stage.wallet().await, 2 * PRICE);
    assert_eq!((lost(&stage).await, gateway(&stage).await), (PRICE, PRICE - 2 * FEE));
    stage.end().await;
});

on_both_shops!(fn a_second_payment_that_is_taken_back_is_a_loss_when_the_supplier_delivers_too(db) {
    let stage = Stage::fulfilling(&db).await;
    stage.gateway_says(1, Settled, Some(PRICE)).await;
    stage.gateway_says(1, Refunded, Some(PRICE)).await;
    stage.supplier_says(1, Verdict::Succeeded).await;
    assert_eq!(stage.state().await, OrderState::Delivered);
    assert_eq!((lost(&stage).await, stage.wallet().await), (PRICE, PRICE), "that one, once");
    // Then the other one as well.
    stage.gateway_says(0, Refunded, Some(PRICE)).await;
    assert_eq!((lost(&stage).await, gateway(&stage).await), (2 * PRICE, -2 * FEE));
    stage.end().await;
});

on_both_shops!(fn of_an_odd_amount_that_is_taken_back_all_that_was_booked_leaves_the_gateway(db) {
    for (odd, credited) in [(PRICE + 70, PRICE), (PRICE - 1_000, PRICE - 1_000)] {
        let stage = Stage::fulfilling(&db).await;
        let before = gateway(&stage).await;
        stage.gateway_says(1, Settled, Some(odd)).await;
        assert_eq!(stage.wallet().await, credited);
        stage.gateway_says(1, Refunded, Some(odd)).await;
        assert_eq!(stage.payments().await[1].state, PaymentState::Refunded);
        assert_eq!((lost(&stage).await, stage.stands(&Account::Suspense).await), (credited, 0));
        assert_eq!(gateway(&stage).await - before, -credited / 50, "the fee is not given back");
        stage.supplier_says(1, Verdict::Succeeded).await;
        stage.end().await;
    }
});

on_both_shops!(fn of_an_odd_amount_that_paid_the_order_all_that_was_booked_leaves_the_gateway(db) {
    for odd in [PRICE + 70, PRICE - 1_000] {
        let stage = Stage::open(&db).await;
        stage.gateway_says(0, Settled, Some(odd)).await;
        assert_eq!(stage.decide(StaffAction::Approve).await.unwrap(), OrderState::Paid);
        stage.until_state(OrderState::Delivered).await;
        assert_eq!(gateway(&stage).await, odd - FEE);
        stage.gateway_says(0, Refunded, Some(odd)).await;
        assert_eq!((lost(&stage).await, gateway(&stage).await), (PRICE, -FEE));
        for account in [Account::Suspense, Account::UnderpaidLoss] {
            assert_eq!(stage.stands(&account).await, 0, "{account}");
        }
        stage.end().await;
    }
});

on_both_shops!(fn a_later_payment_buys_for_an_order_whose_first_one_was_taken_back(db) {
    let stage = Stage::fulfilling(&db).await;
    stage.gateway_says(0, Refunded, Some(PRICE)).await;
    stage.supplier_says(1, Verdict::FailedProvider).await;
    stage.until_state(OrderState::Cancelled).await;
    stage.purchases_are(Verdict::Succeeded);
    stage.gateway_says(1, Settled, Some(PRICE)).await;
    stage.until_state(OrderState::Delivered).await;
    assert_eq!((stage.wallet().await, stage.stands(&Account::Escrow).await), (0, 0));
    assert_eq!((lost(&stage).await, stage.stands(&Account::Revenue).await), (0, -PRICE));
    stage.end().await;
});

on_both_shops!(fn a_delivery_that_another_one_replaces_gives_its_cost_back(db) {
    let stage = Stage::open(&db).await;
    stage.purchases_are(Verdict::RefusedConfiguration);
    stage.gateway_says(0, Settled, Some(PRICE)).await;
    stage.until_state(OrderState::NeedsAttention).await;
    stage.purchases_are(Verdict::Succeeded);
    stage.decide(StaffAction::Retry).await.unwrap();
    stage.until_state(OrderState::Delivered).await;
    // The attempt that was refused delivers after all; then the other one is taken back.
    stage.supplier_says(1, Verdict::Succeeded).await;
    let supplier = Account::Supplier("digiflazz".into());
    assert_eq!(stage.stands(&supplier).await, -2);
    stage.supplier_says(2, Verdict::Reversed).await;
    assert_eq!(stage.state().await, OrderState::Delivered, "the buyer keeps what the first delivered");
    assert_eq!((stage.stands(&supplier).await, stage.stands(&Account::Revenue).await), (-1, -PRICE));
    stage.end().await;
});

//! More deliveries than one, and deliveries for which nothing was paid at that time: the buyer is shown the one
//! that their money is earned with, what is beside it is a loss, and who has nothing left is refunded.

use crate::stage::{PRICE, Stage};
use database::Database;
use ledger::Account;
use notifications::{AlertKind, MessageKind};
use orders::{ActionError, Attention, OrderState, StaffAction};
use payments::ObservedState::{Refunded, Settled};
use suppliers::Verdict;
use testkit::on_both_shops;

/// What the order has put into escrow, into revenue, on cost, on the loss by late deliveries, and what it took
/// from the deposit. A product costs one rupiah.
async fn books(stage: &Stage) -> [i64; 5] {
    let supplier = Account::Supplier("digiflazz".into());
    let accounts = [Account::Escrow, Account::Revenue, Account::Cost, Account::LateDeliveryLoss, supplier];
    let mut stand = [0; 5];
    for (place, account) in stand.iter_mut().zip(&accounts) {
        *place = stage.stands(account).await;
    }
    stage.scene.books_hold().await;
    stand
}

const EARNED: [i64; 5] = [0, -PRICE, 1, 0, -1];
const NOTHING: [i64; 5] = [0; 5];

/// So many purchases were refused, and the one after them delivered.
async fn delivered_after(db: &Database, refusals: usize) -> Stage {
    let stage = Stage::open(db).await;
    stage.purchases_are(Verdict::RefusedConfiguration);
    stage.gateway_says(0, Settled, Some(PRICE)).await;
    for made in 1..=refusals {
        stage.until_state(OrderState::NeedsAttention).await;
        assert_eq!(stage.attempts().await.len(), made);
        if made == refusals {
            stage.purchases_bring("SN-LAST");
        }
        assert_eq!(stage.decide(StaffAction::Retry).await.unwrap(), OrderState::Fulfilling);
    }
    stage.until_state(OrderState::Delivered).await;
    stage
}

on_both_shops!(fn the_buyer_is_shown_what_they_keep_and_refunded_when_that_is_taken_back_as_well(db) {
    let stage = delivered_after(&db, 1).await;
    stage.supplier_delivers(1, "SN-1").await;
    assert_eq!(books(&stage).await, [0, -PRICE, 1, 1, -2], "the second is a loss");
    assert_eq!(stage.told(MessageKind::LateDelivery).await, [] as [String; 0], "nothing went back");
    assert_eq!(stage.serial_number().await.as_deref(), Some("SN-LAST"));
    // What was earned with is taken back: what is left takes its place, and is no loss any more.
    stage.supplier_says(2, Verdict::Reversed).await;
    assert_eq!(stage.state().await, OrderState::Delivered);
    assert_eq!(books(&stage).await, EARNED);
    assert_eq!(stage.serial_number().await.as_deref(), Some("SN-1"));
    assert_eq!(stage.told(MessageKind::SerialNumber).await, ["SN-1"]);
    let view = stage.scene.shop.order_view(&stage.order.number, &stage.order.owner).await.unwrap().unwrap();
    let told = view.timeline.iter().find(|entry| entry.kind == "message:serial_number").unwrap();
    assert_eq!(told.detail.as_deref(), Some("SN-1"));
    // And that, too: the buyer has nothing left.
    stage.supplier_says(1, Verdict::Reversed).await;
    stage.until_state(OrderState::Refunded).await;
    assert_eq!(stage.told(MessageKind::DeliveryTakenBack).await, [""], "and is told so, once");
    assert_eq!((books(&stage).await, stage.wallet().await), (NOTHING, PRICE));
    assert_eq!((stage.serial_number().await, stage.scene.available().await), (None, 10));
    assert_eq!(stage.alerts().await, [AlertKind::LateDelivery, AlertKind::DeliveryReversed]);
    stage.end().await;
});

on_both_shops!(fn nobody_is_refunded_twice_when_the_last_delivery_is_taken_back_after_the_money(db) {
    let stage = delivered_after(&db, 1).await;
    stage.supplier_delivers(1, "SN-1").await;
    stage.gateway_says(0, Refunded, Some(PRICE)).await;
    assert_eq!(stage.stands(&Account::ChargebackLoss).await, PRICE);
    stage.supplier_says(2, Verdict::Reversed).await;
    assert_eq!((stage.state().await, books(&stage).await), (OrderState::Delivered, EARNED));
    stage.supplier_says(1, Verdict::Reversed).await;
    assert_eq!((stage.state().await, books(&stage).await), (OrderState::Cancelled, NOTHING));
    assert_eq!((stage.stands(&Account::ChargebackLoss).await, stage.wallet().await), (0, 0));
    assert_eq!(stage.told(MessageKind::TakenBack).await, [""]);
    stage.end().await;
});

on_both_shops!(fn of_three_deliveries_each_takes_the_place_of_the_one_before_it(db) {
    let stage = delivered_after(&db, 2).await;
    stage.supplier_delivers(1, "SN-1").await;
    stage.supplier_delivers(2, "SN-2").await;
    assert_eq!(books(&stage).await, [0, -PRICE, 1, 2, -3]);
    stage.supplier_says(3, Verdict::Reversed).await;
    assert_eq!(books(&stage).await, [0, -PRICE, 1, 1, -2]);
    assert_eq!(stage.serial_number().await.as_deref(), Some("SN-1"));
    stage.supplier_says(1, Verdict::Reversed).await;
    assert_eq!(books(&stage).await, EARNED);
    assert_eq!(stage.told(MessageKind::SerialNumber).await, ["SN-1", "SN-2"]);
    stage.supplier_says(2, Verdict::Reversed).await;
    stage.until_state(OrderState::Refunded).await;
    assert_eq!((books(&stage).await, stage.wallet().await), (NOTHING, PRICE));
    stage.end().await;
});

on_both_shops!(fn the_number_of_a_delivery_that_is_one_too_many_is_not_shown(db) {
    let stage = delivered_after(&db, 1).await;
    stage.supplier_says(1, Verdict::Succeeded).await;
    stage.supplier_delivers(1, "SN-1").await;
    assert_eq!(stage.serial_number().await.as_deref(), Some("SN-LAST"), "which was paid for");
    assert_eq!(stage.told(MessageKind::SerialNumber).await, [] as [String; 0]);
    stage.supplier_says(1, Verdict::Reversed).await;
    assert_eq!((stage.state().await, books(&stage).await), (OrderState::Delivered, EARNED));
    assert_eq!(stage.serial_number().await.as_deref(), Some("SN-LAST"));
    stage.end().await;
});

on_both_shops!(fn a_number_that_is_not_known_yet_is_told_when_it_is(db) {
    let stage = delivered_after(&db, 1).await;
    stage.supplier_says(1, Verdict::Succeeded).await;
    stage.supplier_says(2, Verdict::Reversed).await;
    assert_eq!((stage.serial_number().await, books(&stage).await), (None, EARNED));
    assert_eq!(stage.told(MessageKind::SerialNumber).await, [] as [String; 0]);
    assert_eq!(stage.told(MessageKind::Delivered).await, ["", "SN-LAST"], "the other number is not theirs any more");
    stage.supplier_delivers(1, "SN-1").await;
    assert_eq!(stage.serial_number().await.as_deref(), Some("SN-1"));
    assert_eq!(stage.told(MessageKind::SerialNumber).await, ["SN-1"]);
    stage.end().await;
});

/// What had paid the order was given back at its gateway, and the attempt failed; a second payment is open.
async fn given_back_and_failed(db: &Database) -> Stage {
    let stage = Stage::fulfilling(db).await;
    stage.gateway_says(0, Refunded, Some(PRICE)).await;
    stage.supplier_says(1, Verdict::FailedProvider).await;
    stage.until_state(OrderState::Cancelled).await;
    stage
}

on_both_shops!(fn what_is_delivered_while_a_person_decides_about_odd_money_is_a_loss_until_that_pays_for_it(db) {
    let stage = given_back_and_failed(&db).await;
    stage.gateway_says(1, Settled, Some(PRICE - 1_000)).await;
    stage.supplier_delivers(1, "SN-1").await;
    assert_eq!(stage.attention().await, Some(Attention::OddMoney));
    assert_eq!(books(&stage).await, [0, 0, 0, 1, -1]);
    let alerts = [AlertKind::LateDelivery, AlertKind::AmountMismatch, AlertKind::PaymentTakenBack];
    assert_eq!(stage.alerts().await, alerts);
    // It is taken as paid: nothing is bought beside what the buyer has.
    assert_eq!(stage.decide(StaffAction::Approve).await.unwrap(), OrderState::Paid);
    stage.until_state(OrderState::Delivered).await;
    assert_eq!((books(&stage).await, stage.attempts().await.len()), (EARNED, 1));
    assert_eq!(stage.serial_number().await.as_deref(), Some("SN-1"));
    assert_eq!(stage.told(MessageKind::Delivered).await, ["SN-1"]);
    stage.end().await;
});

on_both_shops!(fn what_is_delivered_while_a_person_decides_about_odd_money_stays_a_loss_when_that_is_credited(db) {
    let stage = given_back_and_failed(&db).await;
    stage.gateway_says(1, Settled, Some(PRICE - 1_000)).await;
    stage.supplier_delivers(1, "SN-1").await;
    assert_eq!(stage.decide(StaffAction::Reject).await.unwrap(), OrderState::Cancelled);
    assert_eq!((books(&stage).await, stage.wallet().await), ([0, 0, 0, 1, -1], PRICE - 1_000));
    stage.supplier_says(1, Verdict::Reversed).await;
    assert_eq!((stage.state().await, books(&stage).await), (OrderState::Cancelled, NOTHING));
    stage.end().await;
});

on_both_shops!(fn a_later_payment_pays_for_what_was_delivered_for_nothing_and_buys_no_more(db) {
    let stage = given_back_and_failed(&db).await;
    stage.supplier_delivers(1, "SN-1").await;
    assert_eq!((stage.state().await, books(&stage).await), (OrderState::Cancelled, [0, 0, 0, 1, -1]));
    stage.purchases_bring("SN-2");
    stage.gateway_says(1, Settled, Some(PRICE)).await;
    stage.until_state(OrderState::Delivered).await;
    assert_eq!((books(&stage).await, stage.attempts().await.len()), (EARNED, 1));
    assert_eq!(stage.serial_number().await.as_deref(), Some("SN-1"));
    // It is one like any other.
    stage.supplier_says(1, Verdict::Reversed).await;
    stage.until_state(OrderState::Refunded).await;
    assert_eq!((books(&stage).await, stage.wallet().await), (NOTHING, PRICE));
    stage.end().await;
});

on_both_shops!(fn a_later_payment_waits_for_an_attempt_that_may_still_deliver(db) {
    let stage = Stage::fulfilling(&db).await;
    stage.supplier_says(1, Verdict::UnknownAlarm).await;
    stage.gateway_says(0, Refunded, Some(PRICE)).await;
    let refused = stage.decide(StaffAction::Retry).await;
    assert!(matches!(refused, Err(ActionError::MoneyGone(_))), "{refused:?}");
    assert_eq!(stage.decide(StaffAction::Refund).await.unwrap(), OrderState::Refunding);
    stage.until_state(OrderState::Cancelled).await;
    assert_eq!((books(&stage).await, stage.wallet().await), (NOTHING, 0));
    stage.gateway_says(1, Settled, Some(PRICE)).await;
    stage.until_state(OrderState::NeedsAttention).await;
    assert_eq!(stage.attention().await, Some(Attention::SupplierSlow));
    assert_eq!((books(&stage).await, stage.attempts().await.len()), ([-PRICE, 0, 0, 0, 0], 1));
    stage.supplier_delivers(1, "SN-1").await;
    assert_eq!((stage.state().await, books(&stage).await), (OrderState::Delivered, EARNED));
    stage.end().await;
});

//! Money that a gateway takes back after it came in: what is booked follows from what that payment had
//! become, once, whatever else was paid for the same order.

use crate::{
    scene::ITEM,
    stage::{PRICE, Stage},
};
use database::Database;
use ledger::Account;
use notifications::{AlertKind, MessageKind};
use orders::{ActionError, Attention, OrderState, StaffAction};
use payments::{
    ObservedState::{PartlyRefunded, Refunded, Settled},
    PaymentState,
};
use std::time::Duration;
use suppliers::{AttemptState, Verdict};
use testkit::on_both_shops;
use vocabulary::{PaymentMethod, Rupiah};

/// What the gateway keeps of a payment of our price, by the rules.
const FEE: i64 = PRICE / 50;
/// No message.
const NOTHING: [&str; 0] = [];

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
    assert_eq!(stage.told(MessageKind::TakenBack).await, [""]);
    assert_eq!(stage.told(MessageKind::MoneyReturned).await, NOTHING);
    stage.end().await;
});

on_both_shops!(fn money_that_is_taken_back_before_the_supplier_fails_is_not_refunded_too(db) {
    let stage = Stage::fulfilling(&db).await;
    stage.gateway_says(0, Refunded, Some(PRICE)).await;
    stage.supplier_says(1, Verdict::FailedProvider).await;
    stage.until_state(OrderState::Cancelled).await;
    assert_eq!((stage.wallet().await, stage.stands(&Account::Escrow).await), (0, 0));
    assert_eq!((lost(&stage).await, gateway(&stage).await), (0, -FEE));
    // The buyer hears of it once, however often the gateway changes its words.
    assert_eq!(stage.told(MessageKind::MoneyReturned).await, [""]);
    for word in [PartlyRefunded, Refunded] {
        stage.gateway_says(0, word, Some(PRICE)).await;
        assert_eq!(stage.told(MessageKind::MoneyReturned).await, [""], "{word}");
    }
    stage.end().await;
});

on_both_shops!(fn money_that_goes_back_after_a_reversal_is_told_instead_of_the_delivery(db) {
    let stage = Stage::fulfilling(&db).await;
    stage.supplier_says(1, Verdict::Succeeded).await;
    stage.gateway_gave_back(0, None).await;
    stage.supplier_says(1, Verdict::Reversed).await;
    stage.until_state(OrderState::NeedsAttention).await;
    assert_eq!(stage.told(MessageKind::NeedsAttention).await, [""], "it is not there any more");
    stage.gateway_says(0, Refunded, Some(PRICE)).await;
    assert_eq!(stage.state().await, OrderState::Cancelled);
    assert_eq!(stage.told(MessageKind::MoneyReturned).await, [""]);
    stage.end().await;
});

on_both_shops!(fn a_second_payment_that_is_taken_back_does_not_keep_the_first_from_being_refunded(db) {
    let stage = Stage::fulfilling(&db).await;
    stage.gateway_says(1, Settled, Some(PRICE)).await;
    assert_eq!(stage.wallet().await, PRICE, "the order cannot use it");
    stage.gateway_says(1, Refunded, Some(PRICE)).await;
    assert_eq!((stage.wallet().await, lost(&stage).await), (0, 0), "it leaves the wallet again");
    assert_eq!(stage.state().await, OrderState::Fulfilling);
    stage.supplier_says(1, Verdict::FailedProvider).await;
    stage.until_state(OrderState::Refunded).await;
    assert_eq!(stage.wallet().await, PRICE);
    assert_eq!((lost(&stage).await, gateway(&stage).await), (0, PRICE - 2 * FEE));
    stage.end().await;
});

on_both_shops!(fn a_second_payment_that_is_taken_back_leaves_the_wallet_when_the_supplier_delivers_too(db) {
    let stage = Stage::fulfilling(&db).await;
    stage.gateway_says(1, Settled, Some(PRICE)).await;
    stage.gateway_says(1, Refunded, Some(PRICE)).await;
    stage.supplier_says(1, Verdict::Succeeded).await;
    assert_eq!(stage.state().await, OrderState::Delivered);
    assert_eq!((lost(&stage).await, stage.wallet().await), (0, 0), "nobody has lost anything by it");
    // Then the other one as well.
    stage.gateway_says(0, Refunded, Some(PRICE)).await;
    assert_eq!((lost(&stage).await, gateway(&stage).await), (PRICE, -2 * FEE));
    stage.end().await;
});

impl Stage {
    /// What the buyer has in the wallet, wherever it came from.
    async fn credit(&self) -> i64 {
        let mut tx = self.scene.shop.db.read("test").await.unwrap();
        ledger::balance(&mut tx, &self.order.buyer).await.unwrap().get()
    }

    /// What staff are told of the second payment, beside what is said of the order.
    async fn called_about_the_second(&self) -> Option<String> {
        let reference = self.payments().await[1].reference.to_string();
        let mut tx = self.scene.shop.db.read("test").await.unwrap();
        let open = notifications::open_alerts_of(&mut tx, AlertKind::PaymentTakenBack).await.unwrap();
        open.into_iter().find(|alert| alert.subject == reference).map(|alert| alert.message)
    }
}

on_both_shops!(fn credit_beside_a_purchase_that_is_taken_back_leaves_the_wallet_as_far_as_it_is_there(db) {
    // What the buyer had before, whether one more thing was bought with it, and what is still there.
    for (had, spends, got) in [(4_000, true, 4_000), (0, false, PRICE), (0, true, 0)] {
        let stage = Stage::fulfilling(&db).await;
        if had > 0 {
            stage.scene.fund("buyer", had).await;
        }
        stage.gateway_says(1, Settled, Some(PRICE)).await;
        assert_eq!(stage.credit().await, had + PRICE);
        if spends {
            let mut purchase = stage.scene.wish("buyer", ITEM);
            purchase.method = PaymentMethod::Wallet;
            stage.scene.shop.place(&purchase).await.unwrap();
        }
        // A gateway that changes its words takes nothing twice.
        for word in [Refunded, PartlyRefunded, Refunded] {
            stage.gateway_says(1, word, Some(PRICE)).await;
            assert_eq!((stage.credit().await, stage.wallet().await), (0, PRICE - got), "{word}");
            assert_eq!((lost(&stage).await, gateway(&stage).await), (PRICE - got, PRICE - 2 * FEE), "{word}");
            let told = if got > 0 { Rupiah::new(got).to_string() } else { String::new() };
            assert_eq!(stage.told(MessageKind::CreditLess).await, [told], "{word}");
        }
        let called = stage.called_about_the_second().await.unwrap();
        let (got, lost) = (Rupiah::new(got), Rupiah::new(PRICE - got));
        assert!(called.contains(&format!("{got} was still in the wallet of buyer")), "{called}");
        assert!(called.contains(&format!("{lost} is lost")), "{called}");
        assert_eq!(stage.state().await, OrderState::Fulfilling, "what paid the order is there");
        stage.supplier_says(1, Verdict::Succeeded).await;
        stage.end().await;
    }
});

on_both_shops!(fn of_credit_beside_a_purchase_a_part_that_goes_back_is_taken_step_by_step(db) {
    let stage = Stage::fulfilling(&db).await;
    stage.gateway_says(1, Settled, Some(PRICE)).await;
    for (part, left) in [(Some(1_000), 9_000), (Some(1_000), 9_000), (Some(4_000), 6_000), (None, 6_000)] {
        stage.gateway_gave_back(1, part).await;
        assert_eq!((stage.credit().await, lost(&stage).await), (left, 0), "{part:?}");
        assert_eq!(gateway(&stage).await, PRICE + left - 2 * FEE, "{part:?}");
        stage.scene.books_hold().await;
    }
    stage.gateway_says(1, Refunded, Some(PRICE)).await;
    assert_eq!((stage.credit().await, lost(&stage).await, gateway(&stage).await), (0, 0, PRICE - 2 * FEE));
    assert_eq!(stage.told(MessageKind::CreditLess).await, ["Rp 1.000", "Rp 3.000", "Rp 6.000"]);
    stage.supplier_says(1, Verdict::Succeeded).await;
    stage.end().await;
});

on_both_shops!(fn of_an_odd_amount_that_was_credited_what_was_more_than_ours_goes_back_before_the_wallet(db) {
    let stage = Stage::fulfilling(&db).await;
    stage.gateway_says(1, Settled, Some(PRICE + 70)).await;
    assert_eq!((stage.credit().await, stage.stands(&Account::Suspense).await), (PRICE, -70));
    for (part, left, suspense) in [(50, PRICE, -20), (170, PRICE - 100, 0)] {
        stage.gateway_gave_back(1, Some(part)).await;
        assert_eq!((stage.credit().await, stage.stands(&Account::Suspense).await), (left, suspense), "{part}");
        stage.scene.books_hold().await;
    }
    assert_eq!(stage.told(MessageKind::CreditLess).await, ["Rp 100"]);
    stage.gateway_says(1, Refunded, Some(PRICE + 70)).await;
    assert_eq!((stage.credit().await, stage.stands(&Account::Suspense).await), (0, 0));
    assert_eq!((lost(&stage).await, gateway(&stage).await), (0, PRICE - 2 * FEE));
    stage.supplier_says(1, Verdict::Succeeded).await;
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
        assert_eq!((lost(&stage).await, stage.stands(&Account::Suspense).await), (0, 0));
        assert_eq!(stage.wallet().await, 0, "it leaves the wallet again");
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
    // The same is not sent for the same number within a minute of a failure.
    stage.scene.shop.clock.advance(Duration::from_secs(60));
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

on_both_shops!(fn nothing_is_bought_again_for_money_that_the_gateway_has_given_back(db) {
    let stage = Stage::open(&db).await;
    stage.purchases_are(Verdict::RefusedConfiguration);
    stage.gateway_says(0, Settled, Some(PRICE)).await;
    stage.until_state(OrderState::NeedsAttention).await;
    stage.gateway_says(0, Refunded, Some(PRICE)).await;
    assert_eq!(stage.attention().await, Some(Attention::SupplierRefusesUs), "a person decides");
    stage.purchases_are(Verdict::Succeeded);
    let refused = stage.decide(StaffAction::Retry).await.unwrap_err();
    assert!(matches!(refused, ActionError::MoneyGone(_)), "{refused:?}");
    assert!(refused.to_string().contains("the gateway has given its money back"), "{refused}");
    assert_eq!(stage.attempts().await.len(), 1);
    // The way out that it names: the order is over, and nobody is refunded twice.
    assert_eq!(stage.decide(StaffAction::Refund).await.unwrap(), OrderState::Refunding);
    stage.until_state(OrderState::Cancelled).await;
    assert_eq!((stage.wallet().await, stage.stands(&Account::Escrow).await), (0, 0));
    assert_eq!(stage.told(MessageKind::MoneyReturned).await, [""]);
    assert_eq!(stage.told(MessageKind::Refunded).await, NOTHING, "which the shop did not do");
    assert_eq!(stage.alerts().await, [AlertKind::PaymentTakenBack]);
    stage.end().await;
});

on_both_shops!(fn who_has_the_money_back_is_not_told_that_it_is_safe_while_the_supplier_refuses_us(db) {
    let stage = Stage::open(&db).await;
    stage.purchases_are(Verdict::RefusedConfiguration);
    stage.gateway_says(0, Settled, Some(PRICE)).await;
    stage.until_state(OrderState::NeedsAttention).await;
    assert_eq!(stage.told(MessageKind::HeldUp).await, [""]);
    stage.gateway_says(0, Refunded, Some(PRICE)).await;
    stage.scene.shop.clock.advance(Duration::from_secs(3 * 3_600));
    for _ in 0..1_200 {
        if stage.scene.order(&stage.order.number).await.due_at.is_none() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(stage.scene.order(&stage.order.number).await.due_at, None);
    for kind in [MessageKind::HeldFiveMinutes, MessageKind::HeldThirtyMinutes, MessageKind::HeldTwoHours] {
        assert_eq!(stage.told(kind).await, NOTHING);
    }
    stage.end().await;
});

on_both_shops!(fn what_could_not_be_sent_yet_is_not_bought_for_money_that_went_back(db) {
    for part in [None, Some(4_000)] {
        let stage = Stage::open(&db).await;
        stage.purchases_are(Verdict::NotSent);
        stage.gateway_says(0, Settled, Some(PRICE)).await;
        stage.until_state(OrderState::Fulfilling).await;
        stage.until_tried().await;
        let ends = match part {
            None => {
                stage.gateway_says(0, Refunded, Some(PRICE)).await;
                OrderState::Cancelled
            }
            Some(_) => {
                stage.gateway_gave_back(0, part).await;
                OrderState::NeedsAttention
            }
        };
        stage.purchases_are(Verdict::Succeeded);
        stage.scene.shop.clock.advance(Duration::from_secs(60));
        stage.until_state(ends).await;
        let attention = part.map(|_| Attention::PartlyRefunded);
        assert_eq!(stage.attention().await, attention);
        let attempts = stage.attempts().await;
        let tried: Vec<_> = attempts.iter().map(|a| (a.state, a.first_sent_at)).collect();
        assert_eq!(tried, [(AttemptState::Failed, None)]);
        assert_eq!(stage.wallet().await, 0);
        stage.end().await;
    }
});

/// The gateway gave back a part of what paid the order, or an amount that it does not name; then the supplier
/// failed.
async fn partly_given_back(db: &Database, part: Option<i64>) -> Stage {
    let stage = Stage::fulfilling(db).await;
    stage.gateway_gave_back(0, part).await;
    assert_eq!(stage.state().await, OrderState::Fulfilling, "the supplier may deliver");
    stage.supplier_says(1, Verdict::FailedProvider).await;
    stage.until_state(OrderState::NeedsAttention).await;
    assert_eq!(stage.attention().await, Some(Attention::PartlyRefunded));
    assert_eq!(stage.wallet().await, 0, "nothing is credited by itself");
    assert_eq!(stage.alerts().await, [AlertKind::OrderNeedsAttention, AlertKind::PaymentTakenBack]);
    stage.scene.books_hold().await;
    stage
}

on_both_shops!(fn of_money_that_was_given_back_in_part_a_person_refunds_the_rest(db) {
    let stage = partly_given_back(&db, Some(4_000)).await;
    let refused = stage.decide(StaffAction::Retry).await;
    assert!(matches!(refused, Err(ActionError::NotPossible { .. })), "{refused:?}");
    assert_eq!(stage.decide(StaffAction::Refund).await.unwrap(), OrderState::Refunded);
    assert_eq!((stage.wallet().await, stage.stands(&Account::Escrow).await), (6_000, 0));
    assert_eq!(stage.told(MessageKind::Refunded).await, ["Rp 6.000"]);
    assert_eq!((gateway(&stage).await, lost(&stage).await), (PRICE - 4_000 - FEE, 0));
    assert_eq!(stage.alerts().await, [AlertKind::PaymentTakenBack]);
    assert_eq!(stage.scene.available().await, 10);
    stage.scene.books_hold().await;
    assert!(matches!(stage.decide(StaffAction::Refund).await, Err(ActionError::NotPossible { .. })));
    // Told once more, nothing changes; and what goes back after that is a loss.
    stage.gateway_gave_back(0, Some(4_000)).await;
    stage.gateway_says(0, Refunded, Some(PRICE)).await;
    assert_eq!((gateway(&stage).await, lost(&stage).await), (-FEE, 6_000));
    assert_eq!((stage.state().await, stage.wallet().await), (OrderState::Refunded, 6_000));
    stage.end().await;
});

on_both_shops!(fn what_a_part_grows_by_after_its_rest_was_refunded_is_lost_and_a_person_hears_of_it(db) {
    let stage = partly_given_back(&db, Some(4_000)).await;
    let called = async || {
        let mut tx = stage.scene.shop.db.read("test").await.unwrap();
        let open = notifications::open_alerts_of(&mut tx, AlertKind::PaymentTakenBack).await.unwrap();
        open.into_iter().map(|alert| alert.message).collect::<Vec<_>>().join("; ")
    };
    assert!(called().await.starts_with("Rp 4.000 of payment"), "{}", called().await);
    assert_eq!(stage.decide(StaffAction::Refund).await.unwrap(), OrderState::Refunded);
    // The rest is store credit by now: what goes back beyond the part the buyer has twice.
    stage.gateway_gave_back(0, Some(7_000)).await;
    let said = called().await;
    assert!(said.starts_with("Rp 7.000 of payment") && said.contains("Rp 3.000 of that is booked"), "{said}");
    assert_eq!((gateway(&stage).await, lost(&stage).await), (PRICE - 7_000 - FEE, 3_000));
    stage.scene.books_hold().await;
    stage.gateway_says(0, Refunded, Some(PRICE)).await;
    assert!(called().await.contains("took the money back while the order is refunded"), "{}", called().await);
    assert_eq!((gateway(&stage).await, lost(&stage).await), (-FEE, 6_000));
    stage.end().await;
});

on_both_shops!(fn what_went_back_in_part_twice_counts_as_a_whole(db) {
    let stage = Stage::fulfilling(&db).await;
    for part in [1_000, 4_000] {
        stage.gateway_gave_back(0, Some(part)).await;
    }
    stage.supplier_says(1, Verdict::FailedProvider).await;
    stage.until_state(OrderState::NeedsAttention).await;
    assert_eq!(stage.decide(StaffAction::Refund).await.unwrap(), OrderState::Refunded);
    assert_eq!((stage.wallet().await, gateway(&stage).await), (6_000, PRICE - 4_000 - FEE));
    stage.end().await;
});

on_both_shops!(fn of_a_part_that_nobody_knows_nothing_is_credited_until_the_rest_went_back_as_well(db) {
    let stage = partly_given_back(&db, None).await;
    let refused = stage.decide(StaffAction::Refund).await.unwrap_err();
    assert!(matches!(refused, ActionError::PartUnclear(_)), "{refused:?}");
    assert_eq!((stage.state().await, stage.wallet().await), (OrderState::NeedsAttention, 0));
    stage.gateway_says(0, Refunded, Some(PRICE)).await;
    assert_eq!(stage.state().await, OrderState::Cancelled);
    assert_eq!((stage.wallet().await, stage.stands(&Account::Escrow).await), (0, 0));
    assert_eq!((gateway(&stage).await, lost(&stage).await), (-FEE, 0));
    assert_eq!(stage.alerts().await, [AlertKind::PaymentTakenBack]);
    assert_eq!(stage.scene.available().await, 10);
    stage.end().await;
});

on_both_shops!(fn a_delivery_that_comes_back_after_a_part_of_its_money_did_is_not_refunded_whole(db) {
    let stage = Stage::fulfilling(&db).await;
    stage.supplier_says(1, Verdict::Succeeded).await;
    stage.gateway_gave_back(0, Some(4_000)).await;
    assert_eq!(stage.state().await, OrderState::Delivered, "the product is theirs");
    stage.supplier_says(1, Verdict::Reversed).await;
    stage.until_state(OrderState::NeedsAttention).await;
    assert_eq!((stage.attention().await, stage.wallet().await), (Some(Attention::PartlyRefunded), 0));
    assert_eq!(stage.told(MessageKind::NeedsAttention).await, [""], "the buyer has no product any more");
    stage.scene.books_hold().await;
    assert_eq!(stage.decide(StaffAction::Refund).await.unwrap(), OrderState::Refunded);
    assert_eq!((stage.wallet().await, stage.scene.available().await), (6_000, 10));
    assert_eq!(stage.told(MessageKind::Refunded).await, ["Rp 6.000"]);
    stage.end().await;
});

on_both_shops!(fn a_person_who_gives_up_waiting_gives_back_what_the_gateway_has_not(db) {
    let stage = Stage::fulfilling(&db).await;
    stage.supplier_says(1, Verdict::UnknownAlarm).await;
    stage.gateway_gave_back(0, Some(4_000)).await;
    assert_eq!(stage.attention().await, Some(Attention::SupplierOdd));
    assert_eq!(stage.decide(StaffAction::Refund).await.unwrap(), OrderState::Refunded);
    assert_eq!(stage.wallet().await, 6_000);
    stage.scene.books_hold().await;
    stage.supplier_says(1, Verdict::Succeeded).await;
    assert_eq!(stage.stands(&Account::LateDeliveryLoss).await, 1);
    assert_eq!((stage.state().await, stage.wallet().await), (OrderState::Refunded, 6_000));
    stage.end().await;
});

on_both_shops!(fn of_an_odd_amount_what_was_more_than_ours_goes_back_first(db) {
    let (more, less) = (PRICE + 70, PRICE - 1_000);
    for (odd, part, left) in [(more, 70, PRICE), (more, 170, PRICE - 100), (less, 4_000, PRICE - 4_000)] {
        let stage = Stage::open(&db).await;
        stage.gateway_says(0, Settled, Some(odd)).await;
        stage.purchases_are(Verdict::Pending);
        assert_eq!(stage.decide(StaffAction::Approve).await.unwrap(), OrderState::Paid);
        stage.until_state(OrderState::Fulfilling).await;
        stage.gateway_gave_back(0, Some(part)).await;
        stage.supplier_says(1, Verdict::FailedProvider).await;
        stage.until_state(OrderState::NeedsAttention).await;
        assert_eq!(stage.decide(StaffAction::Refund).await.unwrap(), OrderState::Refunded);
        assert_eq!((stage.wallet().await, gateway(&stage).await), (left, odd - part - FEE));
        stage.scene.books_hold().await;
        // Then the rest of it, too: all that was booked has left the gateway.
        stage.gateway_says(0, Refunded, Some(odd)).await;
        assert_eq!((gateway(&stage).await, lost(&stage).await), (-FEE, left));
        for account in [Account::Suspense, Account::UnderpaidLoss] {
            assert_eq!(stage.stands(&account).await, 0, "{account}");
        }
        stage.end().await;
    }
});

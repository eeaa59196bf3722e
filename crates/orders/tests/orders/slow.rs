//! A supplier that takes long: whoever waits is told so, and nobody else.

use crate::stage::Stage;
use notifications::MessageKind::{self, SlowFiveMinutes, SlowThirtyMinutes, SlowTwoHours};
use orders::{Attention, OrderState, StaffAction};
use std::time::Duration;
use suppliers::Verdict;
use testkit::on_both_shops;

/// Minutes until the next message about a slow supplier, and which it is.
const REMINDERS: [(u64, MessageKind); 3] =
    [(5, SlowFiveMinutes), (25, SlowThirtyMinutes), (90, SlowTwoHours)];

/// Two hours pass, and all that was due in them is done.
async fn two_hours(stage: &Stage) {
    for ((minutes, _), times) in REMINDERS.into_iter().zip(1..) {
        stage.scene.shop.clock.advance(Duration::from_secs(minutes * 60));
        stage.until_reminded(times).await;
    }
}

on_both_shops!(fn a_buyer_who_has_the_money_back_is_not_told_that_it_is_still_being_delivered(db) {
    let stage = Stage::fulfilling(&db).await;
    stage.supplier_says(1, Verdict::UnknownAlarm).await;
    assert_eq!(stage.attention().await, Some(Attention::SupplierOdd));
    stage.decide(StaffAction::Refund).await.unwrap();
    stage.until_state(OrderState::Refunded).await;
    two_hours(&stage).await;
    for (_, kind) in REMINDERS {
        assert_eq!(stage.told(kind).await, [] as [String; 0], "{kind}");
    }
    assert_eq!(stage.told(MessageKind::Refunded).await.len(), 1);
    assert_eq!(stage.state().await, OrderState::Refunded);
    stage.end().await;
});

on_both_shops!(fn a_buyer_whose_order_waits_for_a_person_is_told_that_it_takes_long(db) {
    let stage = Stage::fulfilling(&db).await;
    stage.supplier_says(1, Verdict::UnknownAlarm).await;
    assert_eq!(stage.state().await, OrderState::NeedsAttention);
    two_hours(&stage).await;
    for (_, kind) in REMINDERS {
        assert_eq!(stage.told(kind).await.len(), 1, "{kind}");
    }
    stage.end().await;
});

on_both_shops!(fn a_buyer_who_was_refunded_hears_that_it_arrived_after_all_and_that_it_went_again(db) {
    let stage = Stage::fulfilling(&db).await;
    stage.supplier_says(1, Verdict::UnknownAlarm).await;
    stage.decide(StaffAction::Refund).await.unwrap();
    stage.until_state(OrderState::Refunded).await;
    assert_eq!(stage.told(MessageKind::LateDelivery).await, [] as [String; 0]);
    stage.supplier_delivers(1, "SN-1").await;
    assert_eq!((stage.state().await, stage.serial_number().await), (OrderState::Refunded, None));
    assert_eq!(stage.told(MessageKind::LateDelivery).await, [""], "the number of what is not theirs is not told");
    assert_eq!(stage.told(MessageKind::Delivered).await, [] as [String; 0]);
    stage.supplier_says(1, Verdict::Reversed).await;
    assert_eq!(stage.told(MessageKind::LateDeliveryTakenBack).await, [""]);
    stage.end().await;
});

//! Notifications at the webhook door: whoever has an old one can send it as often as they like, and none that is new is
//! lost for it.

use crate::stage::Stage;
use database::sql;
use orders::OrderState;
use payments::PaymentState;
use std::time::Duration;
use testkit::on_both_shops;

const PAUSE: Duration = Duration::from_secs(10);
const DAY: Duration = Duration::from_secs(86_400);

async fn a_while() {
    tokio::time::sleep(Duration::from_millis(300)).await;
}

on_both_shops!(fn an_old_notification_a_hundred_times_asks_three_times_in_ten_seconds(db) {
    let stage = Stage::open(&db).await;
    let (before, clock) = (stage.asked(), &stage.scene.shop.clock);
    for time in 1..=3 {
        stage.notified("settlement", 1).await;
        assert_eq!(stage.asked(), before + time, "what is new is asked about at once");
    }
    for _ in 0..9 {
        stage.notified("settlement", 11).await;
    }
    a_while().await;
    assert_eq!(stage.asked(), before + 3);
    let due = stage.payments().await[0].due_at;
    assert_eq!(due, Some(clock.now().plus(PAUSE)), "put off, and not dropped");
    // One after the pause, and two more: again three in ten seconds.
    clock.advance(PAUSE);
    for _ in 0..5 {
        stage.notified("settlement", 20).await;
    }
    for _ in 0..200 {
        if stage.asked() - before >= 4 {
            break;
        }
        a_while().await;
    }
    a_while().await;
    let asked = stage.asked() - before;
    assert!((4..=6).contains(&asked), "{asked}");
    assert_eq!(stage.payments().await[0].state, PaymentState::Open, "its gateway says that it is not paid");
    stage.end().await;
});

on_both_shops!(fn a_payment_that_is_paid_between_two_notifications_is_found_right_after_the_pause(db) {
    let stage = Stage::open(&db).await;
    for _ in 0..3 {
        stage.notified("pending", 1).await;
    }
    let before = stage.asked();
    stage.paid_unheard().await;
    stage.notified("settlement", 1).await;
    a_while().await;
    assert_eq!((stage.asked(), stage.payments().await[0].state), (before, PaymentState::Open));
    stage.scene.shop.clock.advance(PAUSE - Duration::from_millis(1));
    a_while().await;
    assert_eq!(stage.asked(), before, "it is not asked about by itself so soon");
    stage.scene.shop.clock.advance(Duration::from_millis(1));
    stage.until_state(OrderState::Delivered).await;
    assert_eq!(stage.asked(), before + 1);
    stage.end().await;
});

on_both_shops!(fn no_notification_is_too_old_to_be_asked_about(db) {
    let stage = Stage::open(&db).await;
    stage.paid_unheard().await;
    stage.notified("settlement", 1).await;
    stage.until_state(OrderState::Delivered).await;
    // GoPay gives back for 45 days, and a bank may take back for longer.
    stage.scene.shop.clock.advance(DAY * 400);
    let before = stage.payments().await[0].asked;
    stage.notified("chargeback", 1).await;
    assert_eq!(stage.payments().await[0].asked, before + 1);
    let ignored = sql!("SELECT COUNT(*) FROM webhook_inbox WHERE state = 'ignored'");
    assert_eq!(stage.scene.count(ignored).await, 0);
    stage.end().await;
});

//! A supplier that calls failed what it had called delivered: a person is called at once, and money moves only where that
//! is its word for a delivery that it took back, and it stands by it.

use crate::market::{Market, OWN, told};
use crate::scene::Scene;
use notifications::{AlertKind, MessageKind};
use orders::{Order, OrderFile, OrderState};
use std::time::Duration;
use suppliers::{AttemptState, Capabilities, Verdict, adapters::digiflazz::CAPABILITIES};
use testkit::on_both_shops;

/// It has no word for a reversal, and what it sends by webhook is a reason to ask.
const NO_WORD: Capabilities =
    Capabilities { names_reversals: false, callback_is_authenticated: false, ..CAPABILITIES };

/// An order that was delivered, and that its supplier then calls failed, asked because of its callback.
async fn denied(market: &Market) -> (Order, OrderFile) {
    let order = market.bought("a").await;
    let file = market.until_state(&order, OrderState::Delivered).await;
    market.says(OWN, Verdict::FailedProvider);
    market.passes(61);
    market.webhook("digiflazz", &file.attempts[0], Verdict::FailedProvider).await;
    let file = market.until(&order, "denied", |file| file.attempts[0].doubted_at.is_some()).await;
    assert_eq!((file.order.state, file.attempts[0].state), (OrderState::Delivered, AttemptState::Succeeded));
    assert_eq!(market.alerts().await, [(AlertKind::DeliveryDoubted, order.number.to_string())]);
    assert!(told(&file, MessageKind::DeliveryTakenBack).is_empty());
    (order, file)
}

on_both_shops!(fn what_was_delivered_and_is_called_failed_twice_is_refunded_once_and_told(db) {
    let market = Market::of(&db, Scene::rules(), (NO_WORD, CAPABILITIES)).await;
    let (order, file) = denied(&market).await;
    // The callback again is no second answer.
    market.webhook("digiflazz", &file.attempts[0], Verdict::FailedCustomer).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(market.file(&order).await.order.state, OrderState::Delivered);
    market.passes(70);
    let file = market.until_state(&order, OrderState::Refunded).await;
    assert_eq!((file.attempts.len(), file.attempts[0].state), (1, AttemptState::Reversed));
    assert_eq!(market.alerts().await, [(AlertKind::DeliveryReversed, order.number.to_string())]);
    let asked = market.asked().len();
    market.passes(3_600);
    market.webhook("digiflazz", &file.attempts[0], Verdict::FailedPrice).await;
    market.until(&order, "asked once more", |_| market.asked().len() > asked).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let file = market.file(&order).await;
    assert_eq!((file.order.state, file.attempts[0].state), (OrderState::Refunded, AttemptState::Reversed));
    assert_eq!(told(&file, MessageKind::DeliveryTakenBack), [None]);
    assert_eq!(told(&file, MessageKind::Refunded), [Some("Rp 10.000".into())]);
    market.scene.books_hold().await;
    market.end().await;
});

on_both_shops!(fn who_says_that_it_delivered_what_it_had_called_failed_twice_moves_nothing_and_a_person_hears(db) {
    let market = Market::of(&db, Scene::rules(), (NO_WORD, CAPABILITIES)).await;
    let (order, file) = denied(&market).await;
    market.passes(70);
    market.until_state(&order, OrderState::Refunded).await;
    market.says(OWN, Verdict::Succeeded);
    market.passes(3_600);
    market.webhook("digiflazz", &file.attempts[0], Verdict::Succeeded).await;
    let said = |file: &OrderFile| file.attempts[0].verdict == Some(Verdict::Succeeded);
    let file = market.until(&order, "asked once more", said).await;
    assert_eq!((file.order.state, file.attempts[0].state), (OrderState::Refunded, AttemptState::Reversed));
    let mut tx = market.scene.shop.db.read("test").await.unwrap();
    let alerts = notifications::open_alerts(&mut tx).await.unwrap();
    drop(tx);
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    let alert = &alerts[0];
    assert_eq!((alert.kind, alert.subject.as_str()), (AlertKind::DeliveryReversed, order.number.as_str()));
    assert!(alert.message.contains("now it says that it has delivered it"), "{alert:?}");
    assert!(told(&file, MessageKind::LateDelivery).is_empty());
    market.scene.books_hold().await;
    market.end().await;
});

on_both_shops!(fn a_supplier_that_stands_by_its_delivery_after_all_needs_no_person_any_more(db) {
    let market = Market::of(&db, Scene::rules(), (NO_WORD, CAPABILITIES)).await;
    let (order, _) = denied(&market).await;
    market.says(OWN, Verdict::Succeeded);
    market.passes(70);
    let file = market.until(&order, "asked again", |file| file.attempts[0].doubted_at.is_none()).await;
    assert_eq!((file.order.state, file.attempts[0].state), (OrderState::Delivered, AttemptState::Succeeded));
    assert_eq!(market.alerts().await, []);
    let asked = market.asked().len();
    market.passes(3_600);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(market.asked().len(), asked, "of what is over nobody asks");
    market.scene.books_hold().await;
    market.end().await;
});

on_both_shops!(fn who_has_a_word_for_a_reversal_takes_nothing_back_by_another(db) {
    let market = Market::open(&db).await;
    let order = market.bought("a").await;
    let file = market.until_state(&order, OrderState::Delivered).await;
    for _ in 0..2 {
        market.webhook("digiflazz", &file.attempts[0], Verdict::FailedProvider).await;
        market.passes(3_600);
    }
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(market.alerts().await, [(AlertKind::DeliveryDoubted, order.number.to_string())]);
    assert_eq!((market.file(&order).await.order.state, market.asked().len()), (OrderState::Delivered, 1));
    market.webhook("digiflazz", &file.attempts[0], Verdict::Reversed).await;
    let file = market.until_state(&order, OrderState::Refunded).await;
    assert_eq!(told(&file, MessageKind::DeliveryTakenBack), [None]);
    assert_eq!(market.alerts().await, [(AlertKind::DeliveryReversed, order.number.to_string())]);
    market.end().await;
});

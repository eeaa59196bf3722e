//! Whoever has paid and waits because nobody can deliver is told so as time goes by, and a person is called.

use crate::market::{Market, OWN, told};
use crate::scene::Scene;
use notifications::{
    AlertKind,
    MessageKind::{
        self, HeldFiveMinutes, HeldThirtyMinutes, HeldTwoHours, HeldUp, WaitsFiveMinutes, WaitsThirtyMinutes,
        WaitsTwoHours,
    },
};
use orders::{Attention, OrderState, StaffAction};
use suppliers::{Capabilities, Verdict, adapters::digiflazz::CAPABILITIES};
use testkit::on_both_shops;
use vocabulary::Actor;

const WORDS: [MessageKind; 3] = [WaitsFiveMinutes, WaitsThirtyMinutes, WaitsTwoHours];

on_both_shops!(fn who_waits_for_a_deposit_hears_three_times_and_at_the_last_a_person_is_called(db) {
    let market = Market::open(&db).await;
    market.all_say(Verdict::RefusedBalance);
    let order = market.unpaid("a").await;
    market.pay(&order).await;
    market.until_waiting(&order).await;
    let called = async || market.alerts().await.contains(&(AlertKind::OrderNeedsAttention, order.number.to_string()));
    for ((minutes, kind), heard) in [5, 25, 90].into_iter().zip(WORDS).zip(1..) {
        assert!(!called().await, "before {kind}");
        market.passes(minutes * 60);
        let file = market.until(&order, kind.as_str(), |file| told(file, kind).len() == 1).await;
        let so_far: usize = WORDS.iter().map(|kind| told(&file, *kind).len()).sum();
        assert_eq!((so_far, file.order.state), (heard, OrderState::NeedsAttention), "{:?}", file.messages);
    }
    market.until_waiting(&order).await;
    assert!(called().await, "the buyer was told that somebody is");
    market.all_say(Verdict::Succeeded);
    // A deposit that has been empty for long is tried every quarter of an hour.
    market.passes(16 * 60);
    let file = market.until_state(&order, OrderState::Delivered).await;
    assert!(WORDS.iter().all(|kind| told(&file, *kind).len() == 1), "each once: {:?}", file.messages);
    assert!(!called().await);
    market.end().await;
});

on_both_shops!(fn who_has_waited_for_long_when_the_shop_comes_back_hears_the_last_word_alone(db) {
    let market = Market::open(&db).await;
    market.all_say(Verdict::RefusedBalance);
    let order = market.unpaid("a").await;
    market.pay(&order).await;
    market.until_waiting(&order).await;
    market.passes(3 * 3_600);
    let file = market.until(&order, "told", |file| !told(file, WaitsTwoHours).is_empty()).await;
    assert!(told(&file, WaitsFiveMinutes).is_empty() && told(&file, WaitsThirtyMinutes).is_empty());
    market.end().await;
});

on_both_shops!(fn whose_supplier_refuses_us_hears_so_at_once_and_three_times_more_as_time_goes_by(db) {
    let silent = Capabilities { refusals_are_documented: false, ..CAPABILITIES };
    let market = Market::of(&db, Scene::rules(), (silent, CAPABILITIES)).await;
    market.says(OWN, Verdict::RefusedConfiguration);
    let order = market.unpaid("a").await;
    market.pay(&order).await;
    let refuses = Some(Attention::SupplierRefusesUs);
    let file = market.until(&order, "refused", |file| file.order.attention == refuses).await;
    assert_eq!(told(&file, HeldUp), [None], "{:?}", file.messages);
    let held = [HeldFiveMinutes, HeldThirtyMinutes, HeldTwoHours];
    for ((minutes, kind), heard) in [5, 25, 90].into_iter().zip(held).zip(1..) {
        market.passes(minutes * 60);
        let file = market.until(&order, kind.as_str(), |file| told(file, kind).len() == 1).await;
        let so_far: usize = held.iter().map(|kind| told(&file, *kind).len()).sum();
        assert_eq!((so_far, file.order.attention), (heard, refuses), "{:?}", file.messages);
        // It does not go on by itself, and nobody is told that it does.
        let untrue = |kind: &MessageKind| !told(&file, *kind).is_empty();
        assert!(!WORDS.iter().any(untrue) && !untrue(&MessageKind::WaitsForSupplier), "{:?}", file.messages);
    }
    assert_eq!(market.file(&order).await.order.due_at, None, "nothing more is told");
    market.says(OWN, Verdict::Succeeded);
    market.scene.shop.decide(&order.number, StaffAction::Retry, &Actor::staff("rina")).await.unwrap();
    let file = market.until_state(&order, OrderState::Delivered).await;
    assert_eq!((told(&file, HeldUp).len(), told(&file, HeldTwoHours).len()), (1, 1));
    market.end().await;
});

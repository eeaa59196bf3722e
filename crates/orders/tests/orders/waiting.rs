//! Whoever has paid and waits because nobody can deliver is told so as time goes by, and a person is called.

use crate::market::{Market, told};
use notifications::{
    AlertKind,
    MessageKind::{self, WaitsFiveMinutes, WaitsThirtyMinutes, WaitsTwoHours},
};
use orders::OrderState;
use suppliers::Verdict;
use testkit::on_both_shops;

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

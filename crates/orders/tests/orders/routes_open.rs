//! Which routes are open: when a supplier does not even answer a question, when it is half-open, when a product is
//! kept off sale at its own supplier, and whose turn it is when several deposits are empty.

use crate::{
    market::{B1, ELSEWHERE, Market, OWN, listed, reasons},
    scene::{ITEM, Scene},
};
use database::sql;
use orders::{Attention, OrderState, PlaceError, QuoteError, Rules, StaffAction, worker};
use std::time::Duration;
use suppliers::{AttemptState, Capabilities, Listing, Verdict, adapters::digiflazz::CAPABILITIES};
use testkit::on_both_shops;
use tokio::sync::oneshot;
use vocabulary::{Actor, Rupiah};

/// Only the product's own route is left.
pub(crate) async fn only_its_own(market: &Market) {
    let mut tx = market.scene.shop.db.write("test").await.unwrap();
    sql!("UPDATE product_route SET active = 0").query().run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
}

on_both_shops!(fn a_supplier_that_does_not_answer_before_the_first_send_is_gone_round_and_never_gets_the_order(db) {
    let market = Market::open(&db).await;
    market.sellers.silent.lock().unwrap().push("digiflazz");
    let order = market.bought("a").await;
    for (attempt, times) in (0..2).flat_map(|attempt| (1..=3).map(move |times| (attempt, times))) {
        market.until(&order, "looked", |file| file.attempts.get(attempt).is_some_and(|a| a.asked >= times)).await;
        market.passes(21);
    }
    let file = market.until_state(&order, OrderState::Delivered).await;
    assert_eq!(market.asked(), [ELSEWHERE], "nothing was sent to who is silent");
    for attempt in &file.attempts[..2] {
        assert_eq!((attempt.state, attempt.first_sent_at), (AttemptState::Failed, None));
        assert_eq!(attempt.verdict, Some(Verdict::NotSent));
        assert!(attempt.message.as_deref().unwrap().starts_with("withdrawn before it was sent"), "{attempt:?}");
    }
    // The third in a row, and it is left alone: the next order goes elsewhere at once.
    let third = market.bought("b").await;
    market.until(&third, "looked", |file| file.attempts.first().is_some_and(|a| a.asked >= 1)).await;
    let fourth = market.bought("c").await;
    let file = market.until_state(&fourth, OrderState::Delivered).await;
    assert_eq!(file.attempts[0].supplier, "second", "{:?}", file.attempts[0].routing);
    market.end().await;
});

on_both_shops!(fn a_supplier_that_does_not_tell_of_one_product_sells_its_others_all_the_same(db) {
    let market = Market::open(&db).await;
    market.sellers.untold.lock().unwrap().push(OWN);
    let mut orders = Vec::new();
    for buyer in ["a", "b", "c"] {
        orders.push(market.bought(buyer).await);
    }
    for times in 1..=3 {
        for order in &orders {
            market.until(order, "asked", |file| file.attempts.first().is_some_and(|a| a.asked >= times)).await;
        }
        market.passes(21);
    }
    for order in &orders {
        let file = market.until_state(order, OrderState::Delivered).await;
        let first = &file.attempts[0];
        assert_eq!((first.state, first.verdict), (AttemptState::Failed, Some(Verdict::NotTold)), "{first:?}");
        assert_eq!(first.first_sent_at, None);
    }
    assert_eq!(market.asked(), [B1, B1, B1], "three in a row, and it is not taken for silent");
    market.end().await;
});

on_both_shops!(fn a_person_buys_again_what_was_never_sent_and_it_is_bought_once(db) {
    let market = Market::open(&db).await;
    only_its_own(&market).await;
    market.sellers.silent.lock().unwrap().push("digiflazz");
    let order = market.bought("a").await;
    market.until(&order, "looked", |file| file.attempts.first().is_some_and(|a| a.asked >= 1)).await;
    market.passes(2 * 3_600);
    let file = market.until_state(&order, OrderState::NeedsAttention).await;
    assert_eq!(file.order.attention, Some(Attention::SupplierSlow));
    market.sellers.silent.lock().unwrap().clear();
    let rina = Actor::staff("rina");
    let retried = market.scene.shop.decide(&order.number, StaffAction::Retry, &rina).await;
    // The worker may have been faster, and then there is nothing to do for a person.
    if let Ok(state) = retried {
        assert_eq!(state, OrderState::Fulfilling);
    }
    market.until_state(&order, OrderState::Delivered).await;
    market.passes(86_400);
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(market.asked(), [OWN], "once, whoever was first");
    market.end().await;
});

on_both_shops!(fn a_retry_withdraws_what_never_arrived_and_says_who_wanted_it(db) {
    let market = Market::open(&db).await;
    only_its_own(&market).await;
    market.says(OWN, Verdict::NotSent);
    let order = market.bought("a").await;
    market.until(&order, "tried", |file| file.attempts.first().is_some_and(|a| a.verdict.is_some())).await;
    market.passes(2 * 3_600);
    market.until_state(&order, OrderState::NeedsAttention).await;
    market.until(&order, "at rest", |file| file.attempts[0].state == AttemptState::Intended).await;
    let rina = Actor::staff("rina");
    // While it is being sent once more nobody knows whether it arrives, and a person hears so.
    let mut tries = 0;
    while let Err(error) = market.scene.shop.decide(&order.number, StaffAction::Retry, &rina).await {
        assert!(matches!(error, orders::ActionError::AttemptOpen(_)), "{error:?}");
        tries += 1;
        assert!(tries < 600, "it is never at rest");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    market.says(OWN, Verdict::Succeeded);
    // Time that passes while the supplier is being asked costs the lease, and it is asked again later.
    for _ in 0..10 {
        market.passes(120);
        tokio::time::sleep(Duration::from_millis(500)).await;
        if market.file(&order).await.order.state == OrderState::Delivered {
            break;
        }
    }
    let file = market.until_state(&order, OrderState::Delivered).await;
    let states: Vec<AttemptState> = file.attempts.iter().map(|attempt| attempt.state).collect();
    assert_eq!(states, [AttemptState::Failed, AttemptState::Succeeded]);
    let audited = file.audit.iter().find(|entry| entry.action == "attempt.failed").unwrap();
    assert!(audited.actor.contains("rina"), "{audited:?}");
    // What may have arrived is not given up by anybody.
    market.says(OWN, Verdict::Unknown);
    let other = market.bought("b").await;
    market.until(&other, "unknown", |file| file.attempts.first().is_some_and(|a| a.state == AttemptState::Unknown)).await;
    market.passes(2 * 3_600);
    market.until_state(&other, OrderState::NeedsAttention).await;
    let refused = market.scene.shop.decide(&other.number, StaffAction::Retry, &rina).await;
    assert!(matches!(refused, Err(orders::ActionError::AttemptOpen(_))), "{refused:?}");
    market.end().await;
});

on_both_shops!(fn what_its_own_supplier_keeps_off_sale_is_sold_as_long_as_another_route_is_open(db) {
    let market = Market::open(&db).await;
    market.lists(Listing { price: Rupiah::new(9_900), ..listed("digiflazz", OWN) }).await;
    let mut tx = market.scene.shop.db.write("test").await.unwrap();
    sql!("UPDATE product SET kept_off = 'margin'").query().run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(market.offered().await, 1);
    market.scene.shop.quote(&ITEM.parse().unwrap()).await.unwrap();
    let order = market.bought("a").await;
    market.until_state(&order, OrderState::Delivered).await;
    assert_eq!(market.asked(), [B1]);

    only_its_own(&market).await;
    assert_eq!(market.offered().await, 0);
    let quoted = market.scene.shop.quote(&ITEM.parse().unwrap()).await;
    assert!(matches!(quoted, Err(QuoteError::UnknownProduct(_))), "{quoted:?}");
    let refused = market.place("b", "223456789").await;
    assert!(matches!(refused, Err(PlaceError::NotNow { .. })), "{refused:?}");
    market.end().await;
});

on_both_shops!(fn with_two_empty_deposits_whichever_is_filled_serves_who_was_paid_first(db) {
    let market = Market::open(&db).await;
    market.all_say(Verdict::RefusedBalance);
    let (first, second) = market.two_wait().await;
    market.says(ELSEWHERE, Verdict::Succeeded);
    market.deposit_is("second", 9_500).await;
    // The second looks before the first.
    let now = market.scene.shop.clock.now();
    let mut tx = market.scene.shop.db.write("test").await.unwrap();
    let look = sql!("UPDATE shop_order SET due_at = $2 WHERE id = $1");
    look.bind(&second.id).bind(now).run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    market.until(&second, "looked at", |file| file.order.due_at.is_none_or(|due| due > now)).await;
    market.passes(61);
    market.until_state(&first, OrderState::Delivered).await;
    // It is called, or has looked a moment too early and sleeps: time goes on when it is under way no more.
    let now = market.scene.shop.clock.now();
    market.until(&second, "served or asleep", |file| {
        file.order.state == OrderState::Delivered || file.order.due_at.is_some_and(|due| due > now)
    }).await;
    market.passes(61);
    market.until_state(&second, OrderState::Delivered).await;
    let asked = market.sellers.asked.lock().unwrap().clone();
    let served: Vec<&str> = asked.iter().rev().filter(|(sku, _)| sku == ELSEWHERE).take(2)
        .map(|(_, reference)| reference.split('-').next().unwrap()).collect();
    assert_eq!(served, [second.number.as_str(), first.number.as_str()], "{asked:?}");
    assert_eq!(market.scene.count(sql!("SELECT COUNT(*) FROM supplier_line")).await, 0);
    market.end().await;
});

on_both_shops!(fn old_news_of_an_attempt_that_is_over_costs_no_place_in_a_line(db) {
    let market = Market::open(&db).await;
    market.all_say(Verdict::RefusedBalance);
    let order = market.unpaid("a").await;
    market.pay(&order).await;
    let file = market.until_waiting(&order).await;
    let lines = sql!("SELECT COUNT(*) FROM supplier_line");
    assert_eq!(market.scene.count(lines).await, 2, "that of each supplier");
    market.webhook("digiflazz", &file.attempts[0], Verdict::FailedUnproven).await;
    assert_eq!(market.scene.count(lines).await, 2);
    market.end().await;
});

on_both_shops!(fn of_many_orders_at_once_one_is_the_trial_of_a_supplier_that_was_left_alone(db) {
    let market = Market::open(&db).await;
    market.falls_silent().await;
    let mut orders = Vec::new();
    for buyer in ["d", "e", "f", "g", "h", "i"] {
        orders.push(market.unpaid(buyer).await);
    }
    *market.sellers.takes.lock().unwrap() = Duration::from_secs(4);
    market.passes(61);
    // A second node.
    let (stop, stopped) = oneshot::channel::<()>();
    let node = tokio::spawn(worker::run(market.scene.shop.clone(), async move { drop(stopped.await) }));
    let pay = async |order| market.pay(order).await;
    tokio::join!(pay(&orders[0]), pay(&orders[1]), pay(&orders[2]), pay(&orders[3]), pay(&orders[4]), pay(&orders[5]));
    let mut there = Vec::new();
    for order in &orders {
        let file = market.until(order, "begun", |file| !file.attempts.is_empty()).await;
        there.extend(file.attempts.iter().filter(|a| a.supplier == "digiflazz").map(|a| a.reference.to_string()));
    }
    assert_eq!(there.len(), 1, "{there:?}");
    stop.send(()).unwrap();
    node.await.unwrap();
    market.end().await;
});

on_both_shops!(fn what_an_unauthenticated_callback_says_is_a_reason_to_ask_and_nothing_else(db) {
    let unsigned = Capabilities { callback_is_authenticated: false, ..CAPABILITIES };
    let market = Market::of(&db, Scene::rules(), (unsigned, CAPABILITIES)).await;
    market.says(OWN, Verdict::Pending);
    let order = market.bought("a").await;
    let file = market.until(&order, "taken", |file| {
        file.attempts.first().is_some_and(|attempt| attempt.state == AttemptState::Pending)
    }).await;
    market.webhook("digiflazz", &file.attempts[0], Verdict::Succeeded).await;
    market.webhook("digiflazz", &file.attempts[0], Verdict::FailedProvider).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let file = market.file(&order).await;
    assert_eq!((file.order.state, file.attempts[0].state), (OrderState::Fulfilling, AttemptState::Pending));
    // It may not be asked yet, and is put off: nobody is at it when time goes on.
    let now = market.scene.shop.clock.now();
    market.until(&order, "put off", |file| file.attempts[0].due_at.is_some_and(|due| due > now)).await;
    // Its own answer is believed.
    market.says(OWN, Verdict::Succeeded);
    market.passes(61);
    market.until_state(&order, OrderState::Delivered).await;
    assert_eq!(market.asked(), [OWN, OWN]);
    market.end().await;
});

on_both_shops!(fn who_takes_no_limit_is_bought_from_at_a_fresh_price_or_with_something_to_spare(db) {
    let unguarded = Capabilities { price_guard: false, ..CAPABILITIES };
    let rules = Rules { blind_margin_basis_points: 1_001, ..Scene::rules() };
    let market = Market::of(&db, rules, (unguarded, CAPABILITIES)).await;
    // A tenth of the price is left, and a little more is wanted.
    let order = market.bought("a").await;
    let file = market.until_state(&order, OrderState::Delivered).await;
    assert_eq!(market.asked(), [ELSEWHERE]);
    assert!(reasons(&file.attempts[0])[0].contains("takes no limit"), "{:?}", reasons(&file.attempts[0]));
    market.lists(Listing { price: Rupiah::new(9_000), ..listed("digiflazz", OWN) }).await;
    market.lists(Listing { price: Rupiah::new(9_001), ..listed("digiflazz", B1) }).await;
    let order = market.place("b", "223456789").await.unwrap();
    market.until_state(&order, OrderState::Delivered).await;
    assert_eq!(market.asked(), [ELSEWHERE, OWN]);
    market.passes(3_600);
    let order = market.place("c", "323456789").await.unwrap();
    market.until_state(&order, OrderState::Delivered).await;
    assert_eq!(market.asked(), [ELSEWHERE, OWN, ELSEWHERE], "what is known is an hour old");
    market.end().await;

});

on_both_shops!(fn who_reads_the_price_first_or_leaves_enough_is_bought_from_without_a_list(db) {
    let unguarded = Capabilities { price_guard: false, ..CAPABILITIES };
    let reads = Capabilities { reads_price_first: true, ..unguarded };
    for (can, basis_points) in [(reads, 9_000), (unguarded, 1_000)] {
        let rules = Rules { blind_margin_basis_points: basis_points, ..Scene::rules() };
        let market = Market::of(&db, rules, (can, CAPABILITIES)).await;
        let order = market.place(&format!("b{basis_points}"), "123456789").await.unwrap();
        market.until_state(&order, OrderState::Delivered).await;
        assert_eq!(market.asked(), [OWN]);
        market.end().await;
    }
});

on_both_shops!(fn what_is_not_sent_because_of_its_price_is_bought_on_the_next_route(db) {
    let market = Market::open(&db).await;
    market.sellers.too_dear.lock().unwrap().push(OWN);
    let order = market.bought("a").await;
    let file = market.until_state(&order, OrderState::Delivered).await;
    assert_eq!(market.asked(), [B1], "nothing was sent to the first");
    let first = &file.attempts[0];
    assert_eq!((first.state, first.verdict, first.first_sent_at), (AttemptState::Failed, Some(Verdict::FailedPrice), None));
    market.end().await;
});

on_both_shops!(fn a_part_from_who_cannot_deliver_one_decides_nothing_and_calls_a_person(db) {
    let market = Market::of(&db, Scene::rules(), (CAPABILITIES, CAPABILITIES)).await;
    market.says(OWN, Verdict::PartlySucceeded);
    let order = market.bought("a").await;
    let file = market.until_state(&order, OrderState::NeedsAttention).await;
    assert_eq!((file.order.attention, file.attempts.len()), (Some(Attention::SupplierOdd), 1));
    assert_eq!(file.attempts[0].state, AttemptState::Unknown);
    market.end().await;
});

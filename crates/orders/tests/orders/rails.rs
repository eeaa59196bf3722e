//! Several gateways for one method: which of them is used, and that nothing whose fate is not known ever goes over
//! another.

use crate::{
    rail::{Mood, Rail, Stage, a_while},
    scene::{ITEM, Scene},
};
use notifications::AlertKind;
use orders::{Bill, Rules};
use payments::{AgreedFees, Fee, Payment, PaymentState};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use testkit::on_both_shops;
use vocabulary::{PaymentMethod, PhoneNumber, Rupiah};

on_both_shops!(fn the_cheapest_gateway_that_carries_the_amount_is_used_and_of_equal_ones_the_first(db) {
    let mut dear = Rail::new("dear", 300);
    dear.least = 1;
    let mut cheap = Rail::new("cheap", 100);
    cheap.least = 15_000;
    let mut stage = Stage::with(&db, vec![dear, Rail::new("middle", 200), Rail::new("same", 200), cheap]).await;
    let names = |stage: &Stage, amount: i64| -> Vec<&str> {
        let bill = Bill::without_goods(Rupiah::new(amount));
        stage.shop().rails(PaymentMethod::GopayQr, bill).iter().map(|g| g.name()).collect()
    };
    assert_eq!(names(&stage, 20_000), ["cheap", "middle", "same", "dear"]);
    assert_eq!(names(&stage, 10_000), ["middle", "same", "dear"], "one does not carry so little");
    let order = stage.bought("a").await;
    assert_eq!(stage.payments(&order).await[0].gateway, "middle");

    // What was agreed with one of them moves that one alone; what costs more than the owner bears is none.
    let rail = |name: &str| ((name.to_owned(), PaymentMethod::GopayQr), Fee::share(50));
    let fees = AgreedFees { by_rail: BTreeMap::from([rail("dear")]), ..AgreedFees::default() };
    stage.scene.shop.rules = Arc::new(Rules { fees, most_fee_basis_points: 150, ..Scene::rules() });
    assert_eq!(names(&stage, 20_000), ["dear", "cheap"]);
    let order = stage.bought("b").await;
    assert_eq!(stage.payments(&order).await[0].gateway, "dear");
});

on_both_shops!(fn what_was_certainly_not_opened_goes_over_the_next_gateway_in_a_row_of_its_own(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 100), Rail::new("second", 200)]).await.works();
    for (buyer, mood, ended) in [
        ("a", Mood::NotOpened, PaymentState::Cancelled),
        ("b", Mood::Refuses, PaymentState::Denied),
    ] {
        stage.rails[0].is(mood);
        let order = stage.bought(buyer).await;
        let all = stage.open_at(&order, "second").await;
        assert_eq!(all.len(), 2, "{all:?}");
        assert_eq!((all[0].gateway.as_str(), all[0].state, all[0].due_at), ("first", ended, None));
        assert_ne!(all[0].reference, all[1].reference);
        let view = stage.shop().order_view(&order.number, &order.owner).await.unwrap().unwrap();
        let moved: Vec<_> = view.timeline.iter().filter(|line| line.kind == "payment_moved").collect();
        assert_eq!(moved.len(), 1);
        assert_eq!(moved[0].detail.as_deref(), Some(all[0].reference.to_string().as_str()));
    }
    stage.ends().await;
});

on_both_shops!(fn what_asks_for_another_amount_goes_over_the_next_gateway_once_it_is_closed(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 100), Rail::new("second", 200)]).await.works();
    stage.rails[0].is(Mood::Unfit);
    *stage.rails[0].deaf.lock().unwrap() = true;
    let order = stage.bought("a").await;
    let stands = |all: &[Payment]| all.iter().any(|p| p.closing.is_some() && p.asked > 0);
    let all = stage.until(&order, stands).await;
    // As long as it may be paid there, nothing takes its place.
    assert_eq!((all.len(), all[0].state), (1, PaymentState::Open), "{all:?}");
    assert_eq!(all[0].payable_until(stage.shop().clock.now()), None);
    let view = || async { stage.shop().order_view(&order.number, &order.owner).await.unwrap().unwrap() };
    assert!(view().await.is_unfit() && !view().await.was_open(), "nobody could pay it at any time");
    *stage.rails[0].deaf.lock().unwrap() = false;
    stage.shop().advance_clock(Duration::from_secs(60)).await.unwrap();
    let all = stage.open_at(&order, "second").await;
    assert_eq!((all.len(), all[0].state, all[0].due_at), (2, PaymentState::Cancelled, None));
    assert!(!view().await.is_unfit(), "the one that counts now is another");
    let told = |kind: &str, view: &orders::OrderView| view.timeline.iter().filter(|t| t.kind == kind).count();
    assert_eq!((told("payment_unfit", &view().await), told("payment_moved", &view().await)), (1, 1));
    let mut tx = stage.shop().db.read("test").await.unwrap();
    let alerts = notifications::open_alerts_of(&mut tx, AlertKind::PaymentUnfit).await.unwrap();
    assert_eq!(alerts.iter().map(|a| a.subject.as_str()).collect::<Vec<_>>(), ["first/gopay_qr"]);
    assert!(alerts[0].message.contains("10.071"), "{}", alerts[0].message);
    drop(tx);
    stage.ends().await;
});

on_both_shops!(fn what_turns_out_to_ask_for_another_amount_when_it_was_open_may_have_been_paid(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 100)]).await.works();
    let order = stage.bought("a").await;
    let all = stage.open_at(&order, "first").await;
    let view = || async { stage.shop().order_view(&order.number, &order.owner).await.unwrap().unwrap() };
    assert!(view().await.was_open() && !view().await.is_unfit());
    *stage.rails[0].deaf.lock().unwrap() = true;
    stage.rails[0].is(Mood::Unfit);
    let mut tx = stage.shop().db.write("test").await.unwrap();
    let reference = all[0].reference.to_string();
    assert!(payments::nudge(&mut tx, &reference, stage.shop().clock.now()).await.unwrap());
    tx.commit().await.unwrap();
    stage.until(&order, |all| all.iter().any(|p| p.closing.is_some())).await;
    assert!(view().await.is_unfit() && view().await.was_open(), "{:?}", view().await.timeline);
    stage.ends().await;
});

on_both_shops!(fn a_push_goes_over_the_next_gateway_with_the_number_that_was_given(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 100), Rail::new("second", 200)]).await.works();
    stage.rails[0].is(Mood::NotOpened);
    let mut wish = stage.scene.wish("a", ITEM);
    (wish.method, wish.phone) = (PaymentMethod::OvoPush, Some(PhoneNumber::parse("081234567890").unwrap()));
    let placed = stage.shop().place(&wish).await.unwrap();
    let order = stage.scene.order(&placed.number).await;
    let all = stage.open_at(&order, "second").await;
    assert!(all[1].phone.is_some());
    stage.ends().await;
});

on_both_shops!(fn when_every_gateway_was_tried_the_last_one_goes_on_alone(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 100), Rail::new("second", 200)]).await.works();
    stage.rails.iter().for_each(|rail| rail.is(Mood::NotOpened));
    let order = stage.bought("a").await;
    stage.until(&order, |all| all.last().is_some_and(|p| p.gateway == "second" && p.asked > 0)).await;
    stage.rails[0].is(Mood::Opens);
    stage.rails[1].is(Mood::Opens);
    stage.shop().clock.advance(Duration::from_secs(3));
    let all = stage.open_at(&order, "second").await;
    assert_eq!(all.len(), 2, "none is tried twice: {all:?}");
    stage.ends().await;
});

on_both_shops!(fn what_may_have_been_opened_never_goes_over_another_gateway(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 100), Rail::new("second", 200)]).await.works();
    stage.rails[0].is(Mood::Lost);
    let order = stage.bought("a").await;
    stage.until(&order, |all| all[0].in_doubt && all[0].asked > 0).await;
    // It is asked, has nothing, is charged again under its reference, and now says that nothing was opened: of
    // this charge, not of the one before.
    stage.rails[0].is(Mood::NotOpened);
    for _ in 0..4 {
        stage.shop().clock.advance(Duration::from_secs(60));
        a_while().await;
    }
    assert!(stage.rails[0].charges() > 1, "charged again");
    let all = stage.payments(&order).await;
    assert_eq!((all.len(), all[0].gateway.as_str(), all[0].in_doubt), (1, "first", true), "{all:?}");
    assert_eq!(stage.rails[1].charges(), 0);
    stage.rails[0].is(Mood::Opens);
    stage.shop().clock.advance(Duration::from_secs(120));
    stage.open_at(&order, "first").await;
    stage.ends().await;
});

on_both_shops!(fn a_refusal_of_a_repetition_is_no_end_of_what_was_sent_before_it(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 100), Rail::new("second", 200)]).await.works();
    for (buyer, mood, seconds, ends) in [
        ("a", Mood::Paid, 120, PaymentState::Settled),
        ("b", Mood::Refuses, 3_600, PaymentState::Expired),
    ] {
        stage.rails[0].is(Mood::Lost);
        let calls = stage.rails[0].charges();
        let order = stage.bought(buyer).await;
        stage.until(&order, |all| all[0].in_doubt && all[0].asked > 0).await;
        // It is asked, has nothing, and refuses the repetition: the first may arrive yet.
        stage.rails[0].is(Mood::Refuses);
        for _ in 0..2 {
            stage.shop().clock.advance(Duration::from_secs(60));
            a_while().await;
        }
        assert!(stage.rails[0].charges() > calls + 1, "charged again");
        let all = stage.payments(&order).await;
        assert_eq!((all.len(), all[0].is_live(), all[0].in_doubt), (1, true, true), "{all:?}");
        stage.rails[0].is(mood);
        stage.shop().clock.advance(Duration::from_secs(seconds));
        stage.until(&order, |all| all[0].state == ends).await;
    }
    assert_eq!(stage.rails[1].charges(), 0);
    stage.ends().await;
});

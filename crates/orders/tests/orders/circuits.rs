//! A gateway that fails again and again: it is left alone, for one method or for all, comes back by itself, and is
//! asked about the money that it has all the while.

use crate::{
    rail::{Mood, Rail, Stage, a_while},
    scene::ITEM,
};
use database::sql;
use notifications::AlertKind;
use orders::{Bill, Circuits, OrderState, PayError, PlaceError, Shop, WayToPay};
use payments::PaymentState;
use std::{sync::Arc, time::Duration};
use testkit::on_both_shops;
use vocabulary::{PaymentMethod, PhoneNumber, Rupiah};

impl Stage {
    async fn alerts(&self) -> Vec<String> {
        let mut tx = self.shop().db.read("test").await.unwrap();
        let open = notifications::open_alerts_of(&mut tx, AlertKind::CircuitOpen).await.unwrap();
        open.into_iter().map(|alert| alert.subject).collect()
    }
    /// Lets the first rail fail until it is left alone.
    async fn first_rail_breaks(&self, mood: Mood) {
        self.rails[0].is(mood);
        for buyer in 0..5 {
            let calls = self.rails[0].charges();
            // Others that wait there fail as well: it may be left alone before the fifth of these.
            match self.scene.buy(&format!("breaker{buyer}"), ITEM).await {
                Err(PlaceError::MethodResting(_)) => break,
                placed => drop(placed.unwrap()),
            }
            for _ in 0..1_200 {
                if self.rails[0].charges() > calls {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        for _ in 0..1_200 {
            if !self.alerts().await.is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it is not left alone");
    }
    fn is_offered(&self, method: PaymentMethod) -> bool {
        self.shop().payment_methods(Bill::without_goods(Rupiah::new(10_000))).contains(&method)
    }
}

on_both_shops!(fn a_gateway_that_fails_again_and_again_is_left_alone_and_comes_back_by_itself(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 100)]).await.works();
    assert!(stage.is_offered(PaymentMethod::GopayQr));
    stage.first_rail_breaks(Mood::NotOpened).await;
    assert_eq!(stage.alerts().await, ["first"]);
    // By nobody is it offered or taken any more.
    stage.shop().refresh_circuits().await.unwrap();
    assert!(!stage.is_offered(PaymentMethod::GopayQr));
    let refused = stage.scene.buy("late", ITEM).await;
    assert!(matches!(refused, Err(PlaceError::MethodResting(PaymentMethod::GopayQr))), "{refused:?}");
    // Another process learns it from the rows.
    let other = Shop { circuits: Arc::new(Circuits::default()), ..stage.shop().clone() };
    other.refresh_circuits().await.unwrap();
    assert!(!other.payment_methods(Bill::without_goods(Rupiah::new(10_000))).contains(&PaymentMethod::GopayQr));

    // After the pause one call tries it, and fails: nobody else calls, and the pause is longer.
    let calls = stage.rails[0].charges();
    stage.shop().clock.advance(Duration::from_secs(31));
    a_while().await;
    assert_eq!(stage.rails[0].charges(), calls + 1, "one tries, the others wait");
    stage.shop().clock.advance(Duration::from_secs(31));
    a_while().await;
    assert_eq!(stage.rails[0].charges(), calls + 1);

    // It works again: the alert is closed, and the method is back.
    stage.rails[0].is(Mood::Opens);
    stage.shop().clock.advance(Duration::from_secs(31));
    for _ in 0..1_200 {
        if stage.alerts().await.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(stage.alerts().await, Vec::<String>::new());
    stage.shop().refresh_circuits().await.unwrap();
    assert!(stage.is_offered(PaymentMethod::GopayQr));
    let order = stage.bought("afterwards").await;
    stage.open_at(&order, "first").await;
    stage.ends().await;
});

on_both_shops!(fn a_question_about_what_asks_for_another_amount_says_not_that_its_gateway_opens_payments(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 100), Rail::new("second", 200)]).await.works();
    stage.rails[0].is(Mood::Unfit);
    *stage.rails[0].deaf.lock().unwrap() = true;
    let order = stage.bought("a").await;
    let all = stage.until(&order, |all| all.iter().any(|p| p.closing.is_some() && p.asked > 0)).await;
    stage.first_rail_breaks(Mood::NotOpened).await;
    assert_eq!(stage.alerts().await, ["first"]);
    // It still answers questions about the one that it does not close.
    let asked = || stage.rails[0].asked.lock().unwrap().len();
    let before = asked();
    stage.rails[0].is(Mood::Unfit);
    let mut tx = stage.shop().db.write("test").await.unwrap();
    let reference = all[0].reference.to_string();
    assert!(payments::nudge(&mut tx, &reference, stage.shop().clock.now()).await.unwrap());
    tx.commit().await.unwrap();
    for _ in 0..1_200 {
        if asked() > before {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(asked() > before, "it was never asked");
    a_while().await;
    assert_eq!(stage.alerts().await, ["first"], "it opens nothing yet");
    stage.ends().await;
});

on_both_shops!(fn one_payment_that_fails_time_and_again_is_one_failure_of_its_gateway(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 100)]).await.works();
    stage.rails[0].is(Mood::NotOpened);
    let order = stage.bought("a").await;
    for times in 1..8 {
        stage.until(&order, |all| all[0].asked >= times).await;
        assert_eq!(stage.alerts().await, Vec::<String>::new(), "after {times}");
        stage.shop().clock.advance(Duration::from_secs(61));
    }
    stage.rails[0].is(Mood::Opens);
    stage.shop().clock.advance(Duration::from_secs(61));
    stage.open_at(&order, "first").await;
    stage.ends().await;
});

on_both_shops!(fn while_one_gateway_is_left_alone_the_next_one_collects_by_the_method(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 100), Rail::new("second", 200)]).await.works();
    stage.first_rail_breaks(Mood::NotOpened).await;
    assert!(stage.is_offered(PaymentMethod::GopayQr));
    let calls = stage.rails[0].charges();
    let order = stage.bought("late").await;
    let all = stage.open_at(&order, "second").await;
    assert_eq!((all.len(), stage.rails[0].charges()), (1, calls), "the first is not even tried");
    // Its pause is over, and it works: it is the cheapest again.
    stage.rails[0].is(Mood::Opens);
    stage.shop().clock.advance(Duration::from_secs(31));
    let order = stage.bought("afterwards").await;
    let all = stage.open_at(&order, "first").await;
    assert_eq!(all.len(), 1);
    stage.ends().await;
});

on_both_shops!(fn a_method_that_is_refused_to_us_takes_no_other_method_of_its_gateway_with_it(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 100)]).await.works();
    stage.first_rail_breaks(Mood::Refuses).await;
    assert_eq!(stage.alerts().await, ["first/gopay_qr"]);
    stage.shop().refresh_circuits().await.unwrap();
    assert!(!stage.is_offered(PaymentMethod::GopayQr) && stage.is_offered(PaymentMethod::OvoPush));
    stage.ends().await;
});

on_both_shops!(fn what_is_wrong_with_one_payment_is_held_against_no_method(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 100), Rail::new("second", 200)]).await.works();
    stage.rails[0].is(Mood::RefusesThis);
    for buyer in 0..6 {
        let order = stage.bought(&format!("odd{buyer}")).await;
        let all = stage.open_at(&order, "second").await;
        assert_eq!((all.len(), all[0].state), (2, PaymentState::Denied), "{all:?}");
    }
    assert_eq!(stage.rails[0].charges(), 6);
    let mut tx = stage.shop().db.read("test").await.unwrap();
    let open = notifications::open_alerts(&mut tx).await.unwrap();
    assert_eq!(open.into_iter().map(|alert| alert.kind).collect::<Vec<_>>(), Vec::<AlertKind>::new());
    drop(tx);
    stage.ends().await;
});

on_both_shops!(fn money_at_a_gateway_that_is_left_alone_is_asked_about_and_found(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 100), Rail::new("second", 200)]).await.works();
    let order = stage.bought("a").await;
    stage.open_at(&order, "first").await;
    stage.first_rail_breaks(Mood::Silent).await;
    let asked = || stage.rails[0].asked.lock().unwrap().len();
    // It is asked all the while, though less often.
    let before = asked();
    stage.shop().clock.advance(Duration::from_secs(40));
    a_while().await;
    assert!(asked() > before, "nobody asks");
    let waits = stage.payments(&order).await[0].due_at.unwrap().since(stage.shop().clock.now());
    assert!(waits >= Duration::from_secs(25), "asked again after {waits:?}");
    stage.rails[0].is(Mood::Paid);
    stage.shop().clock.advance(Duration::from_secs(60));
    stage.until(&order, |all| all[0].state == PaymentState::Settled).await;
    let (gateway, kept) = (stage.payments(&order).await[0].gateway.clone(), stage.scene.count(sql!("SELECT MIN(fee) FROM payment WHERE state = 'settled' AND sequence = 1 AND gateway = 'first'")).await);
    assert_eq!(gateway, "first");
    assert!(kept >= 100, "by the rate of the gateway that collected: {kept}");
    assert_ne!(stage.scene.order(&order.number).await.state, OrderState::AwaitingPayment);
    stage.ends().await;
});

on_both_shops!(fn an_order_that_waits_is_told_when_nobody_collects_by_the_way_it_wants(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 100)]).await.works();
    let waiting = stage.bought("waits").await;
    stage.first_rail_breaks(Mood::NotOpened).await;
    let push = WayToPay { phone: Some(PhoneNumber::parse("081234567890").unwrap()), ..WayToPay::by(PaymentMethod::OvoPush) };
    let refused = stage.shop().pay_by(&waiting.number, &waiting.owner, &push).await;
    assert!(matches!(refused, Err(PayError::MethodResting(PaymentMethod::OvoPush))), "{refused:?}");
    stage.ends().await;
});

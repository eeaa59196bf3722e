//! Where an order is bought, and what follows when nobody can deliver it (`contracts/suppliers.md` §6 rows 3, 4,
//! 11 to 16 and 18).

use crate::market::{B1, ELSEWHERE, Market, OWN, PRICE, listed, reasons, told};
use crate::scene::{NOON, Scene};
use database::sql;
use notifications::{AlertKind, MessageKind};
use orders::{
    ActionError, Attention, NotNow, OrderFile, OrderState, PlaceError, Rules, SettleError, StaffAction,
};
use std::time::Duration;
use suppliers::{AttemptState, Capabilities, CutOff, Listing, Verdict, adapters::digiflazz::CAPABILITIES};
use testkit::on_both_shops;
use vocabulary::{Actor, Rupiah, Timestamp};

on_both_shops!(fn after_a_proven_failure_the_next_route_delivers_and_each_is_tried_once(db) {
    let market = Market::open(&db).await;
    market.says(OWN, Verdict::FailedProvider);
    market.says(B1, Verdict::FailedPrice);
    let order = market.bought("a").await;
    let file = market.until_state(&order, OrderState::Delivered).await;
    assert_eq!(market.asked(), [OWN, B1, ELSEWHERE]);
    let states: Vec<AttemptState> = file.attempts.iter().map(|attempt| attempt.state).collect();
    assert_eq!(states, [AttemptState::Failed, AttemptState::Failed, AttemptState::Succeeded]);
    let last = file.attempts.last().unwrap();
    assert_eq!(last.reference.to_string(), format!("{}-F3", order.number));
    assert_eq!((last.supplier.as_str(), last.customer_no.as_str()), ("second", "x123456789"));
    assert_eq!(last.max_price, order.cost);
    let failed = "it has failed for this order";
    assert_eq!(reasons(last), [failed, failed, "the first that can deliver"]);
    assert_eq!(told(&file, MessageKind::Delivered).len(), 1);
    assert_eq!(market.alerts().await, []);
    market.end().await;
});

on_both_shops!(fn when_the_last_route_has_failed_too_the_buyer_is_refunded_once(db) {
    let market = Market::open(&db).await;
    market.all_say(Verdict::FailedProvider);
    let order = market.bought("a").await;
    let file = market.until_state(&order, OrderState::Refunded).await;
    assert_eq!((market.asked().len(), file.attempts.len()), (3, 3));
    assert_eq!(told(&file, MessageKind::Refunded), [Some("Rp 10.000".into())]);
    market.end().await;
});

on_both_shops!(fn an_order_gets_as_many_attempts_as_the_owner_allows(db) {
    let market = Market::with(&db, Rules { max_attempts: 2, ..Scene::rules() }, CAPABILITIES).await;
    market.says(OWN, Verdict::FailedProvider);
    market.says(B1, Verdict::FailedProvider);
    let order = market.bought("a").await;
    market.until_state(&order, OrderState::Refunded).await;
    assert_eq!(market.asked(), [OWN, B1]);
    market.end().await;
});

on_both_shops!(fn a_wrong_account_is_refunded_and_nobody_else_is_asked(db) {
    let market = Market::open(&db).await;
    market.says(OWN, Verdict::FailedCustomer);
    let order = market.bought("a").await;
    market.until_state(&order, OrderState::Refunded).await;
    assert_eq!(market.asked(), [OWN]);
    market.end().await;
});

on_both_shops!(fn nobody_else_is_asked_while_the_first_may_still_deliver(db) {
    let market = Market::open(&db).await;
    for (buyer, verdict) in [("a", Verdict::Pending), ("b", Verdict::Unknown), ("c", Verdict::UnknownAlarm)] {
        market.says(OWN, verdict);
        let order = market.bought(buyer).await;
        let file = market.until(&order, "answered", |file| {
            file.attempts.first().is_some_and(|attempt| attempt.answered_at.is_some())
        }).await;
        assert!(matches!(file.order.state, OrderState::Fulfilling | OrderState::NeedsAttention));
        market.passes(3_600);
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        let file = market.file(&order).await;
        assert_eq!(file.attempts.len(), 1, "{verdict}");
        assert!(market.asked().iter().all(|sku| sku == OWN), "{verdict}: {:?}", market.asked());
        // Settled, so that the next is not passed over for this one's silence.
        market.webhook("digiflazz", &file.attempts[0], Verdict::Succeeded).await;
        market.until_state(&order, OrderState::Delivered).await;
    }
    market.end().await;
});

on_both_shops!(fn a_failure_that_is_not_proven_is_asked_about_before_the_next_route(db) {
    let market = Market::open(&db).await;
    market.says(OWN, Verdict::FailedUnproven);
    let order = market.bought("a").await;
    market.until(&order, "doubted", |file| file.attempts.first().is_some_and(|a| a.doubted_at.is_some())).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(market.asked(), [OWN]);
    market.passes(70);
    market.until_state(&order, OrderState::Delivered).await;
    assert_eq!(market.asked(), [OWN, OWN, B1]);
    market.end().await;
});

on_both_shops!(fn a_supplier_that_refuses_us_is_gone_round_and_left_alone(db) {
    let market = Market::open(&db).await;
    market.says(OWN, Verdict::RefusedConfiguration);
    market.says(B1, Verdict::RefusedConfiguration);
    let first = market.bought("a").await;
    market.until_state(&first, OrderState::Delivered).await;
    assert_eq!(market.asked(), [OWN, ELSEWHERE], "its other product is not tried");
    assert_eq!(market.alerts().await, [(AlertKind::SupplierRefusesUs, "digiflazz".into())]);
    let second = market.place("b", "223456789").await.unwrap();
    let file = market.until_state(&second, OrderState::Delivered).await;
    assert_eq!(market.asked(), [OWN, ELSEWHERE, ELSEWHERE], "the next order goes there at once");
    assert!(reasons(&file.attempts[0])[0].contains("refuses_us"), "{:?}", reasons(&file.attempts[0]));
    market.end().await;
});

on_both_shops!(fn a_refusal_that_no_document_explains_is_for_a_person_and_moves_no_order_elsewhere(db) {
    for can in [suppliers::adapters::vip_reseller::CAPABILITIES, suppliers::adapters::apigames::CAPABILITIES] {
        assert!(!can.refusals_are_documented);
    }
    let silent = Capabilities { refusals_are_documented: false, ..CAPABILITIES };
    let market = Market::of(&db, Scene::rules(), (silent, CAPABILITIES)).await;
    market.says(OWN, Verdict::RefusedConfiguration);
    let order = market.bought("a").await;
    let file = market.until_state(&order, OrderState::NeedsAttention).await;
    assert_eq!(file.order.attention, Some(Attention::SupplierRefusesUs));
    assert_eq!((market.asked(), file.attempts.len()), (vec![OWN.to_owned()], 1));
    market.end().await;
});

on_both_shops!(fn no_person_buys_where_it_is_switched_off_is_no_product_or_was_had_today(db) {
    let market = Market::open(&db).await;
    market.says(OWN, Verdict::RefusedConfiguration);
    let mut tx = market.scene.shop.db.write("test").await.unwrap();
    let off = sql!("UPDATE product_route SET active = 0 WHERE supplier_sku = $1");
    off.bind(B1).run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    let order = market.unpaid("a").await;
    let other = market.bought("b").await;
    market.until_state(&other, OrderState::Delivered).await;
    market.lists(Listing { multi: false, ..listed("second", ELSEWHERE) }).await;
    market.pay(&order).await;
    market.until_waiting(&order).await;
    market.lists(Listing { name: "Free Fire Cek Username".into(), ..listed("digiflazz", OWN) }).await;
    let retried = market.scene.shop.decide(&order.number, StaffAction::Retry, &Actor::staff("rina")).await;
    assert!(matches!(retried, Err(ActionError::NoRoute(_))), "{retried:?}");
    assert_eq!(market.asked(), [OWN, ELSEWHERE], "both for the other order");
    market.end().await;
});

on_both_shops!(fn a_supplier_that_cannot_be_reached_is_gone_round_and_never_gets_the_order(db) {
    let market = Market::open(&db).await;
    market.says(OWN, Verdict::NotSent);
    let order = market.bought("a").await;
    for times in 1..=3 {
        // What became of it is known as well: when it is tried again counts from there.
        let tried = |file: &OrderFile| {
            file.attempts.first().is_some_and(|a| a.asked >= times && a.state != AttemptState::Sent)
        };
        market.until(&order, "tried", tried).await;
        market.passes(30);
    }
    let file = market.until_state(&order, OrderState::Delivered).await;
    assert_eq!(market.asked(), [OWN, OWN, OWN, B1]);
    assert_eq!((file.attempts[0].state, file.attempts[0].first_sent_at), (AttemptState::Failed, None));
    market.passes(86_400);
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(market.asked().len(), 4);
    market.end().await;
});

on_both_shops!(fn with_every_deposit_empty_orders_wait_in_line_and_each_is_served_once(db) {
    let market = Market::open(&db).await;
    market.all_say(Verdict::RefusedBalance);
    let mut line = Vec::new();
    for buyer in ["a", "b", "c"] {
        line.push(market.unpaid(buyer).await);
    }
    for order in &line {
        market.pay(order).await;
        let file = market.until_waiting(order).await;
        assert_eq!(file.order.state, OrderState::NeedsAttention);
        market.passes(1);
    }
    assert_eq!(market.asked(), [OWN, ELSEWHERE], "who comes later does not even try");
    let mut alerts = market.alerts().await;
    alerts.sort();
    let refuses = |supplier: &str| (AlertKind::SupplierRefusesUs, supplier.to_owned());
    assert_eq!(alerts, [refuses("digiflazz"), refuses("second")], "once for each supplier, for no order");
    assert_eq!(market.offered().await, 0, "nobody else begins to pay");
    assert!(matches!(market.place("d", "223456789").await, Err(PlaceError::NotNow { why: NotNow::Unavailable, .. })));

    // Still empty when its turn comes: it keeps its place, and the buyer is not told again.
    market.passes(60);
    market.until(&line[0], "tried again", |file| file.attempts.len() >= 3).await;
    market.until_waiting(&line[0]).await;
    market.all_say(Verdict::Succeeded);
    market.passes(1);
    market.deposit_is("digiflazz", 1_000_000).await;
    market.passes(61);
    for order in &line {
        let file = market.until_state(order, OrderState::Delivered).await;
        assert_eq!(told(&file, MessageKind::WaitsForSupplier), [None], "{:?}", file.messages);
        assert_eq!(file.order.waits_for, None);
    }
    let numbers: Vec<String> = line.iter().rev().map(|order| order.number.to_string()).collect();
    let asked = market.sellers.asked.lock().unwrap().clone();
    let served: Vec<&str> =
        asked.iter().rev().take(3).map(|(_, r)| r.split('-').next().unwrap()).collect();
    assert_eq!(served, numbers, "in the order of payment, and each once: {asked:?}");
    assert_eq!(market.scene.count(sql!("SELECT COUNT(*) FROM shop_order WHERE waits_for IS NOT NULL")).await, 0);
    market.end().await;
});

on_both_shops!(fn an_order_that_waits_can_be_refunded_by_a_person_and_the_line_goes_on(db) {
    let market = Market::open(&db).await;
    market.all_say(Verdict::RefusedBalance);
    let (first, second) = market.two_wait().await;
    market.scene.shop.decide(&first.number, StaffAction::Refund, &Actor::staff("rina")).await.unwrap();
    let file = market.until_state(&first, OrderState::Refunded).await;
    assert_eq!(told(&file, MessageKind::Refunded).len(), 1);
    market.all_say(Verdict::Succeeded);
    // The second was called when the first left, and may have been refused once more: it is tried ever more rarely.
    market.passes(3_600);
    market.until_state(&second, OrderState::Delivered).await;
    market.end().await;
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_leaves_a_line_waits_for_nobody_who_has_the_row_of_the_next_and_the_next_is_called_on_postgres() {
    let db = testkit::shop_postgres().await;
    let market = Market::open(&db).await;
    market.all_say(Verdict::RefusedBalance);
    let (first, second) = market.two_wait().await;
    market.all_say(Verdict::Succeeded);
    market.passes(1);
    market.deposit_is("digiflazz", 1_000_000).await;
    // Somebody has the row of the second, and might wait for what the first has.
    let mut other = market.scene.shop.db.write("test").await.unwrap();
    let lock = sql!("SELECT number FROM shop_order WHERE id = $1 FOR UPDATE");
    let locked: String = lock.bind(&second.id).one(&mut other).await.unwrap();
    assert_eq!(locked, second.number.to_string());
    let (number, rina) = (&first.number, Actor::staff("rina"));
    // Whoever waits for the row is told after five seconds that it was in vain.
    market.scene.shop.decide(number, StaffAction::Refund, &rina).await.unwrap();
    drop(other);
    // The clock stands still: unless it is called, the second sleeps on.
    market.until_state(&second, OrderState::Delivered).await;
    market.until_state(&first, OrderState::Refunded).await;
    market.end().await;
}

on_both_shops!(fn nobody_waits_in_line_behind_an_order_that_is_parked(db) {
    let market = Market::open(&db).await;
    market.lists(Listing { seller_active: false, ..listed("second", ELSEWHERE) }).await;
    for sku in [OWN, B1] {
        market.says(sku, Verdict::RefusedBalance);
    }
    let (first, second) = market.two_wait().await;
    let mut tx = market.scene.shop.db.write("test").await.unwrap();
    let park = sql!("UPDATE shop_order SET due_at = NULL WHERE id = $1");
    park.bind(&first.id).run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    for sku in [OWN, B1] {
        market.says(sku, Verdict::Succeeded);
    }
    market.deposit_is("digiflazz", 1_000_000).await;
    market.passes(130);
    market.until_state(&second, OrderState::Delivered).await;
    assert_eq!(market.file(&first).await.order.attention, Some(Attention::WaitsForSupplier));
    market.end().await;
});

on_both_shops!(fn an_attempt_that_is_over_is_not_taken_up_again(db) {
    let market = Market::open(&db).await;
    let order = market.bought("a").await;
    let file = market.until_state(&order, OrderState::Delivered).await;
    let (shop, id) = (&market.scene.shop, file.attempts[0].id.to_string());
    let mut tx = shop.db.write("test").await.unwrap();
    let alert = (AlertKind::Parked, id.as_str(), "it made no progress");
    notifications::alert_open(&mut tx, &shop.ids, shop.clock.now(), alert).await.unwrap();
    tx.commit().await.unwrap();
    assert!(shop.resolve_alert(AlertKind::Parked, &id, &Actor::staff("rina")).await.unwrap());
    market.passes(60);
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let file = market.file(&order).await;
    assert_eq!((file.attempts[0].due_at, market.asked()), (None, vec![OWN.to_owned()]));
    market.end().await;
});

on_both_shops!(fn what_no_supplier_sells_now_cannot_be_bought_and_says_why(db) {
    let market = Market::open(&db).await;
    let closed = |listing: Listing| Listing { cut_off: CutOff::read("11:45", "12:15"), ..listing };
    market.lists(closed(listed("digiflazz", OWN))).await;
    assert_eq!(market.offered().await, 1, "others are open");
    let order = market.bought("a").await;
    let file = market.until_state(&order, OrderState::Delivered).await;
    assert_eq!(market.asked(), [B1]);
    assert!(reasons(&file.attempts[0])[0].starts_with("closed until"), "{:?}", reasons(&file.attempts[0]));

    market.lists(closed(listed("digiflazz", B1))).await;
    market.lists(Listing { stock: Some(0), ..listed("second", ELSEWHERE) }).await;
    assert_eq!(market.offered().await, 0);
    let opens = Timestamp::parse_wib("2026-11-22 12:15:00").unwrap();
    let refused = market.place("b", "123456789").await.unwrap_err();
    assert!(matches!(refused, PlaceError::NotNow { why: NotNow::ClosedUntil(at), .. } if at == opens), "{refused:?}");
    assert_eq!(market.scene.count(sql!("SELECT COUNT(*) FROM shop_order")).await, 1);

    let empty = |listing: Listing| Listing { stock: Some(0), seen_at: NOON.plus(Duration::from_secs(1)), ..listing };
    for (supplier, sku) in [("digiflazz", OWN), ("digiflazz", B1), ("second", ELSEWHERE)] {
        market.lists(empty(listed(supplier, sku))).await;
    }
    market.passes(1);
    let refused = market.place("c", "123456789").await.unwrap_err();
    assert!(matches!(refused, PlaceError::NotNow { why: NotNow::SoldOut, .. }), "{refused:?}");
    for why in [NotNow::ClosedUntil(opens), NotNow::SoldOut, NotNow::BoughtToday, NotNow::Unavailable] {
        let (indonesian, english) = why.words(("Produk ini", "This product"));
        assert!(indonesian.starts_with("Produk ini ") && english.starts_with("This product "), "{english}");
    }
    assert!(NotNow::ClosedUntil(opens).words(("", "")).1.contains("12:15 WIB"));
    market.end().await;
});

on_both_shops!(fn what_closes_after_it_was_paid_is_delivered_when_it_opens(db) {
    let market = Market::open(&db).await;
    let order = market.unpaid("a").await;
    for (supplier, sku) in [("digiflazz", OWN), ("digiflazz", B1), ("second", ELSEWHERE)] {
        market.lists(Listing { cut_off: CutOff::read("12:01", "12:31"), ..listed(supplier, sku) }).await;
    }
    market.passes(120);
    market.pay(&order).await;
    let file = market.until_waiting(&order).await;
    assert_eq!(told(&file, MessageKind::WaitsForSupplier), [Some("12:31 WIB".into())]);
    assert_eq!((market.asked().len(), market.alerts().await.len()), (0, 0), "nobody is called for that");
    market.passes(29 * 60);
    market.until_state(&order, OrderState::Delivered).await;
    assert_eq!(market.asked(), [OWN]);
    market.end().await;
});

on_both_shops!(fn a_person_is_called_for_what_waits_for_more_than_an_hour_and_is_in_no_line(db) {
    let market = Market::open(&db).await;
    let order = market.unpaid("a").await;
    let closes_until = async |ends: &str| {
        let seen_at = market.scene.shop.clock.now();
        for (supplier, sku) in [("digiflazz", OWN), ("digiflazz", B1), ("second", ELSEWHERE)] {
            market.lists(Listing { cut_off: CutOff::read("12:01", ends), seen_at, ..listed(supplier, sku) }).await;
        }
    };
    let looked_at_until = async |ends: &str| {
        let due = Some(Timestamp::parse_wib(&format!("2026-11-22 {ends}:00")).unwrap());
        market.until(&order, "looked at", |file| file.order.due_at == due).await;
    };
    let called = async || {
        let open = market.alerts().await.into_iter();
        let about = open.filter(|(kind, _)| *kind == AlertKind::OrderNeedsAttention);
        about.map(|(_, subject)| subject).collect::<Vec<String>>()
    };
    closes_until("12:31").await;
    market.passes(120);
    market.pay(&order).await;
    // Before it opens the buyer is told that it waits: five minutes after paying, and half an hour.
    looked_at_until("12:07").await;
    closes_until("13:20").await;
    market.passes(29 * 60);
    looked_at_until("12:32").await;
    market.passes(60);
    looked_at_until("13:20").await;
    assert!(called().await.is_empty());
    closes_until("13:50").await;
    market.passes(48 * 60);
    looked_at_until("13:50").await;
    assert_eq!(called().await, [order.number.to_string()]);
    closes_until("13:55").await;
    market.passes(30 * 60);
    looked_at_until("13:55").await;
    assert_eq!(called().await, [order.number.to_string()], "once");
    market.passes(5 * 60);
    market.until_state(&order, OrderState::Delivered).await;
    assert!(called().await.is_empty());
    market.end().await;
});

on_both_shops!(fn what_is_sold_once_a_day_is_not_sold_twice_to_one_account_on_one_day(db) {
    let market = Market::open(&db).await;
    for (supplier, sku) in [("digiflazz", OWN), ("digiflazz", B1)] {
        market.lists(Listing { multi: false, ..listed(supplier, sku) }).await;
    }
    market.lists(Listing { seller_active: false, ..listed("second", ELSEWHERE) }).await;
    for sku in [OWN, B1] {
        let order = market.bought(&format!("for-{sku}")).await;
        market.until_state(&order, OrderState::Delivered).await;
    }
    assert_eq!(market.asked(), [OWN, B1], "the second at the other seller");
    let refused = market.place("third", "123456789").await.unwrap_err();
    assert!(matches!(refused, PlaceError::NotNow { why: NotNow::BoughtToday, .. }), "{refused:?}");
    let other = market.place("other", "223456789").await.unwrap();
    market.until_state(&other, OrderState::Delivered).await;
    // It is noon: tomorrow begins in twelve hours.
    market.passes(12 * 3_600);
    let tomorrow = market.place("tomorrow", "123456789").await.unwrap();
    market.until_state(&tomorrow, OrderState::Delivered).await;
    market.end().await;
});

on_both_shops!(fn what_costs_more_than_it_may_is_not_bought_there(db) {
    let rules = Rules { min_margin_basis_points: 2_000, ..Scene::rules() };
    let market = Market::with(&db, rules, CAPABILITIES).await;
    // Of Rp 10.000 a fifth is to be left.
    market.lists(Listing { price: Rupiah::new(8_001), ..listed("digiflazz", OWN) }).await;
    market.lists(Listing { price: Rupiah::new(8_000), ..listed("digiflazz", B1) }).await;
    let order = market.bought("a").await;
    let file = market.until_state(&order, OrderState::Delivered).await;
    assert_eq!((market.asked(), file.attempts[0].max_price), (vec![B1.to_owned()], Rupiah::new(8_000)));
    market.end().await;
});

on_both_shops!(fn a_supplier_that_wants_the_players_address_gets_no_order(db) {
    let wants = Capabilities { needs_end_user_ip: true, ..CAPABILITIES };
    let market = Market::with(&db, Scene::rules(), wants).await;
    market.says(OWN, Verdict::FailedProvider);
    market.says(B1, Verdict::FailedProvider);
    let order = market.bought("a").await;
    let file = market.until_state(&order, OrderState::Refunded).await;
    assert_eq!(market.asked(), [OWN, B1]);
    assert!(reasons(&file.attempts[1])[2].contains("internet address"), "{:?}", reasons(&file.attempts[1]));
    market.end().await;
});

on_both_shops!(fn a_route_that_delivers_after_its_failure_was_believed_is_a_loss_beside_the_next_one(db) {
    let market = Market::open(&db).await;
    market.says(OWN, Verdict::FailedProvider);
    let order = market.bought("a").await;
    let file = market.until_state(&order, OrderState::Delivered).await;
    market.webhook("digiflazz", &file.attempts[0], Verdict::Succeeded).await;
    let file = market.file(&order).await;
    let booked = |file: &OrderFile, kind: &str| file.ledger.iter().filter(|line| line.kind.as_str() == kind).count();
    assert_eq!((file.order.state, booked(&file, "late_delivery")), (OrderState::Delivered, 2));
    assert_eq!(market.alerts().await, [(AlertKind::LateDelivery, order.number.to_string())]);
    // The one that was earned with is taken back: the buyer keeps the other, and nobody is refunded.
    market.webhook("digiflazz", &file.attempts[1], Verdict::Reversed).await;
    let file = market.file(&order).await;
    assert_eq!((file.order.state, told(&file, MessageKind::Refunded).len()), (OrderState::Delivered, 0));
    market.webhook("digiflazz", &file.attempts[0], Verdict::Reversed).await;
    let file = market.until_state(&order, OrderState::Refunded).await;
    assert_eq!(told(&file, MessageKind::Refunded).len(), 1);
    market.end().await;
});

on_both_shops!(fn what_was_not_sent_yet_is_withdrawn_when_an_earlier_attempt_delivers(db) {
    let market = Market::open(&db).await;
    market.says(OWN, Verdict::FailedProvider);
    market.says(B1, Verdict::NotSent);
    market.says(ELSEWHERE, Verdict::NotSent);
    let order = market.bought("a").await;
    // It was tried, and that it did not arrive is known: nothing is under way when time goes on.
    let file = market.until(&order, "elsewhere", |file| {
        file.attempts.get(1).is_some_and(|a| a.asked >= 1 && a.state == AttemptState::Intended)
    }).await;
    market.webhook("digiflazz", &file.attempts[0], Verdict::Succeeded).await;
    market.until_state(&order, OrderState::Delivered).await;
    for sku in [B1, ELSEWHERE] {
        market.says(sku, Verdict::Succeeded);
    }
    market.passes(120);
    let file = market.until(&order, "withdrawn", |file| {
        file.attempts.get(1).is_some_and(|attempt| attempt.state == AttemptState::Failed)
    }).await;
    assert_eq!((file.attempts.len(), file.order.state), (2, OrderState::Delivered));
    assert!(!file.ledger.iter().any(|line| line.kind.as_str() == "late_delivery"), "{:?}", file.ledger);
    market.end().await;
});

on_both_shops!(fn a_supplier_that_falls_silent_gets_no_more_orders_until_one_is_a_trial(db) {
    let market = Market::open(&db).await;
    market.falls_silent().await;
    let fourth = market.bought("d").await;
    let file = market.until_state(&fourth, OrderState::Delivered).await;
    assert_eq!(file.attempts[0].supplier, "second", "{:?}", reasons(&file.attempts[0]));
    assert!(reasons(&file.attempts[0])[0].contains("silent"), "{:?}", reasons(&file.attempts[0]));
    market.end().await;
});

on_both_shops!(fn what_was_delivered_in_part_is_bought_nowhere_else_and_settled_once(db) {
    let market = Market::open(&db).await;
    market.says(OWN, Verdict::PartlySucceeded);
    let order = market.bought("a").await;
    market.until_in_part(&order).await;
    market.passes(3_600);
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(market.asked(), [OWN]);
    let retried = market.scene.shop.decide(&order.number, StaffAction::Retry, &Actor::staff("rina")).await;
    assert!(matches!(retried, Err(ActionError::PartDelivered(_))), "{retried:?}");
    market.scene.books_hold().await;
    assert_eq!(market.settle(&order, 4_000).await.unwrap(), OrderState::Delivered);
    let again = market.settle(&order, 4_000).await;
    assert!(matches!(again, Err(SettleError::Action(ActionError::NotPossible { .. }))), "{again:?}");
    let file = market.file(&order).await;
    assert_eq!(told(&file, MessageKind::ShareGivenBack), [Some("Rp 4.000".into())]);
    assert_eq!((market.asked().len(), file.attempts.len()), (1, 1));
    market.scene.books_hold().await;
    market.end().await;
});

on_both_shops!(fn a_part_that_is_heard_of_late_takes_an_order_out_of_the_line(db) {
    let market = Market::open(&db).await;
    market.all_say(Verdict::RefusedBalance);
    let order = market.bought("a").await;
    let file = market.until_waiting(&order).await;
    assert!(file.order.waits_for.is_some());
    let asked = market.asked().len();
    market.webhook("digiflazz", &file.attempts[0], Verdict::PartlySucceeded).await;
    assert_eq!(market.until_in_part(&order).await.order.waits_for, None);
    market.all_say(Verdict::Succeeded);
    market.passes(1);
    market.deposit_is("digiflazz", 1_000_000).await;
    market.passes(3_600);
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!((market.asked().len(), market.until_in_part(&order).await.attempts.len()), (asked, asked));
    market.scene.books_hold().await;
    assert_eq!(market.settle(&order, PRICE).await.unwrap(), OrderState::Refunded);
    assert_eq!(told(&market.file(&order).await, MessageKind::Refunded), [Some("Rp 10.000".into())]);
    market.scene.books_hold().await;
    market.end().await;
});

on_both_shops!(fn while_another_route_is_at_work_a_part_of_the_first_calls_a_person_and_nobody_else_is_asked(db) {
    let market = Market::open(&db).await;
    market.says(OWN, Verdict::FailedProvider);
    market.says(B1, Verdict::Pending);
    let order = market.bought("a").await;
    let answered = |file: &OrderFile| file.attempts.get(1).is_some_and(|attempt| attempt.answered_at.is_some());
    let file = market.until(&order, "elsewhere", answered).await;
    market.webhook("digiflazz", &file.attempts[0], Verdict::PartlySucceeded).await;
    market.until_in_part(&order).await;
    market.webhook("digiflazz", &file.attempts[1], Verdict::FailedProvider).await;
    let file = market.until_in_part(&order).await;
    let states: Vec<AttemptState> = file.attempts.iter().map(|attempt| attempt.state).collect();
    assert_eq!(states, [AttemptState::PartlySucceeded, AttemptState::Failed]);
    assert_eq!(market.asked(), [OWN, B1]);
    market.settle(&order, 4_000).await.unwrap();
    market.scene.books_hold().await;
    market.end().await;
});

on_both_shops!(fn of_two_parts_one_is_settled_and_the_other_is_a_loss(db) {
    let market = Market::open(&db).await;
    market.says(OWN, Verdict::FailedProvider);
    market.says(B1, Verdict::PartlySucceeded);
    let order = market.bought("a").await;
    let file = market.until_in_part(&order).await;
    market.webhook("digiflazz", &file.attempts[0], Verdict::PartlySucceeded).await;
    market.until_in_part(&order).await;
    market.scene.books_hold().await;
    market.settle(&order, 4_000).await.unwrap();
    market.webhook("digiflazz", &file.attempts[0], Verdict::Succeeded).await;
    let file = market.file(&order).await;
    let booked = |kind: &str| -> Vec<String> {
        let lines = file.ledger.iter().filter(|line| line.kind.as_str() == kind);
        lines.map(|line| line.reference.clone()).collect()
    };
    let references: Vec<String> = file.attempts.iter().map(|attempt| attempt.reference.to_string()).collect();
    assert!(booked("late_delivery").iter().all(|of| *of == references[0]), "{:?}", file.ledger);
    assert!(booked("part_delivery").iter().all(|of| *of == references[1]), "{:?}", file.ledger);
    assert_eq!((booked("late_delivery").len(), booked("part_delivery").len()), (2, 4), "{:?}", file.ledger);
    let mut alerts = market.alerts().await;
    alerts.sort();
    let of_order = |kind: AlertKind| (kind, order.number.to_string());
    let mut expected = [of_order(AlertKind::LateDelivery), of_order(AlertKind::RestDelivered)];
    expected.sort();
    assert_eq!(alerts, expected);
    market.scene.books_hold().await;
    market.end().await;
});

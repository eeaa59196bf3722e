//! What a supplier never delivered is tried with one order first (`contracts/suppliers.md` §6 row 12).

use crate::{
    market::{B1, Market, OWN, PRICE, reasons, told},
    routes_open::only_its_own,
    scene::Scene,
};
use database::sql;
use notifications::{AlertKind, MessageKind, alert_open};
use orders::{IncomingWebhook, Order, OrderFile, OrderState, Receipt, Rules, Shop, WayToPay, worker};
use std::time::Duration;
use suppliers::{FirstBuyRules, Verdict, adapters::digiflazz::CAPABILITIES};
use testkit::on_both_shops;
use tokio::sync::oneshot;
use vocabulary::PaymentMethod;

const PROBE: &str = "so this order is the probe";

async fn probing(db: &database::Database, vouched: &[&str]) -> Market {
    let vouched = vouched.iter().map(|sku| ("digiflazz".to_owned(), (*sku).to_owned())).collect();
    let rules = Rules { first_buy: FirstBuyRules { probe: true, vouched }, ..Scene::rules() };
    Market::with(db, rules, CAPABILITIES).await
}

async fn until_answered(market: &Market, order: &Order) -> OrderFile {
    let is_answered = |file: &OrderFile| file.attempts.first().is_some_and(|a| a.answered_at.is_some());
    market.until(order, "answered", is_answered).await
}

async fn waits_unheard(market: &Market, order: &Order) {
    tokio::time::sleep(Duration::from_millis(700)).await;
    let file = market.file(order).await;
    assert_eq!((file.order.state, file.order.attention, file.attempts.len()), (OrderState::Paid, None, 0));
    assert!(told(&file, MessageKind::WaitsForSupplier).is_empty(), "{:?}", file.messages);
}

on_both_shops!(fn a_first_purchase_is_tried_with_one_order_and_others_take_another_route_until_it_has_delivered(db) {
    let market = probing(&db, &[]).await;
    market.says(OWN, Verdict::Pending);
    let first = market.bought("a").await;
    let probe = until_answered(&market, &first).await.attempts[0].clone();
    assert!(reasons(&probe)[0].ends_with(PROBE), "{:?}", probe.routing);

    let second = market.bought("b").await;
    let file = market.until_state(&second, OrderState::Delivered).await;
    let why = reasons(&file.attempts[0]);
    assert!(why[0].contains("what another order bought first is not decided"), "{why:?}");
    assert!(why[1].ends_with(PROBE), "{why:?}");
    // After its minute the others are better all the same.
    market.passes(61);
    let third = market.bought("c").await;
    let file = market.until_state(&third, OrderState::Delivered).await;
    assert_eq!(file.attempts[0].sku, B1);
    let why = reasons(&file.attempts[0]);
    assert_eq!(why[0], "its first purchase there is not decided");
    assert!(!why[1].contains(PROBE), "it has delivered: {why:?}");

    market.says(OWN, Verdict::Succeeded);
    market.webhook("digiflazz", &probe, Verdict::Succeeded).await;
    market.until_state(&first, OrderState::Delivered).await;
    let fourth = market.bought("d").await;
    let file = market.until_state(&fourth, OrderState::Delivered).await;
    assert_eq!(file.attempts[0].sku, OWN);
    assert!(!reasons(&file.attempts[0])[0].contains(PROBE));
    // A day later, too: what has delivered once is known for good.
    market.passes(2 * 86_400);
    market.says(OWN, Verdict::Pending);
    for buyer in ["e", "f"] {
        let order = market.bought(buyer).await;
        let file = until_answered(&market, &order).await;
        assert_eq!(file.attempts[0].sku, OWN);
    }
    market.end().await;
});

on_both_shops!(fn without_another_route_an_order_waits_a_minute_for_the_first_purchase_of_another(db) {
    let market = probing(&db, &[]).await;
    only_its_own(&market).await;
    market.says(OWN, Verdict::Pending);
    let first = market.bought("a").await;
    let probe = until_answered(&market, &first).await.attempts[0].clone();
    let second = market.bought("b").await;
    waits_unheard(&market, &second).await;
    market.passes(50);
    waits_unheard(&market, &second).await;
    market.passes(11);
    // The minute is over for who waited; who is paid after that waits for that one.
    let file = until_answered(&market, &second).await;
    assert!(reasons(&file.attempts[0])[0].contains("nobody waits longer"), "{:?}", file.attempts[0].routing);
    let third = market.bought("c").await;
    waits_unheard(&market, &third).await;
    market.says(OWN, Verdict::Succeeded);
    market.webhook("digiflazz", &probe, Verdict::Succeeded).await;
    market.until_state(&first, OrderState::Delivered).await;
    market.passes(3);
    market.until_state(&third, OrderState::Delivered).await;
    market.webhook("digiflazz", &file.attempts[0], Verdict::Succeeded).await;
    market.until_state(&second, OrderState::Delivered).await;
    market.end().await;
});

on_both_shops!(fn after_a_probe_that_failed_the_next_order_is_the_probe_and_each_is_refunded(db) {
    let market = probing(&db, &[]).await;
    only_its_own(&market).await;
    market.says(OWN, Verdict::Pending);
    let first = market.bought("a").await;
    let probe = until_answered(&market, &first).await.attempts[0].clone();
    let second = market.bought("b").await;
    waits_unheard(&market, &second).await;
    market.says(OWN, Verdict::FailedProvider);
    market.webhook("digiflazz", &probe, Verdict::FailedProvider).await;
    market.until_state(&first, OrderState::Refunded).await;
    market.passes(3);
    // The same number is not sent again within a minute after it failed.
    let file = market.until(&second, "intended", |file| !file.attempts.is_empty()).await;
    assert!(reasons(&file.attempts[0])[0].contains(PROBE), "{:?}", file.attempts[0].routing);
    market.passes(61);
    market.until_state(&second, OrderState::Refunded).await;
    market.end().await;
});

on_both_shops!(fn of_orders_that_are_paid_at_the_same_moment_one_is_the_probe(db) {
    let market = probing(&db, &[]).await;
    only_its_own(&market).await;
    market.says(OWN, Verdict::Pending);
    let mut orders = Vec::new();
    for buyer in ["a", "b", "c", "d"] {
        orders.push(market.unpaid(buyer).await);
    }
    let [a, b, c, d] = orders.as_slice() else { panic!("four were placed") };
    tokio::join!(market.pay(a), market.pay(b), market.pay(c), market.pay(d));
    market.until_asked(1).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(market.asked(), [OWN]);
    market.end().await;
});

/// How many purchases were begun.
async fn begun(market: &Market) -> i64 {
    market.scene.count(sql!("SELECT COUNT(*) FROM fulfilment_attempt")).await
}

/// So many are begun by now, and no more.
async fn are_begun(market: &Market, count: i64) {
    for _ in 0..2_000 {
        if begun(market).await >= count {
            break;
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    // Who waits looks again and again: another node may be a second late.
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        assert_eq!(begun(market).await, count);
        market.passes(3);
    }
}

on_both_shops!(fn of_many_that_wait_for_a_first_purchase_one_a_minute_buys_and_nobody_waits_for_longer_than_five(db) {
    let market = probing(&db, &[]).await;
    only_its_own(&market).await;
    market.says(OWN, Verdict::Pending);
    let mut orders = Vec::new();
    for buyer in ["a", "b", "c", "d", "e"] {
        orders.push(market.bought(buyer).await);
    }
    // Each time six seconds pass while it is looked whether more buy.
    are_begun(&market, 1).await;
    for count in [2, 3] {
        market.passes(61);
        are_begun(&market, count).await;
    }
    // Less than a minute after the newest was begun.
    market.passes(45);
    are_begun(&market, 3).await;
    // Five minutes after all of them were paid: both that are left.
    market.passes(111);
    are_begun(&market, 5).await;
    for order in &orders {
        let file = market.file(order).await;
        assert_eq!(file.attempts.len(), 1);
        assert!(told(&file, MessageKind::WaitsForSupplier).is_empty(), "{:?}", file.messages);
    }
    market.end().await;
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_orders_that_two_nodes_take_up_at_the_same_moment_one_is_the_probe_on_postgres() {
    let db = testkit::shop_postgres().await;
    let market = probing(&db, &[]).await;
    only_its_own(&market).await;
    market.says(OWN, Verdict::Pending);
    // Another process, with its own connections: it hears at once of what is paid there.
    let node = Shop { db: db.second().await, ..market.scene.shop.clone() };
    let (stop, stopped) = oneshot::channel::<()>();
    let worker = tokio::spawn(worker::run(node.clone(), async move { drop(stopped.await) }));
    let mut orders = Vec::new();
    for buyer in ["a", "b", "c", "d"] {
        orders.push(market.unpaid(buyer).await);
        market.scene.fund(buyer, PRICE).await;
    }
    let by_wallet = WayToPay::by(PaymentMethod::Wallet);
    let pays = async |shop: &Shop, order: &Order| {
        shop.pay_by(&order.number, &order.owner, &by_wallet).await.unwrap();
    };
    let [a, b, c, d] = orders.as_slice() else { panic!("four were placed") };
    let here = &market.scene.shop;
    tokio::join!(pays(here, a), pays(&node, b), pays(here, c), pays(&node, d));
    are_begun(&market, 1).await;
    market.passes(61);
    are_begun(&market, 2).await;
    stop.send(()).unwrap();
    worker.await.unwrap();
    market.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_to_choose_a_route_keeps_nobody_from_an_alert_about_its_supplier_on_postgres() {
    let db = testkit::shop_postgres().await;
    let market = probing(&db, &[]).await;
    market.says(OWN, Verdict::Pending);
    let order = market.bought("a").await;
    let probe = until_answered(&market, &order).await.attempts[0].clone();
    let shop = &market.scene.shop;
    let alert = (AlertKind::SupplierRefusesUs, "digiflazz", "it refuses us");
    let mut tx = shop.db.write("test").await.unwrap();
    assert!(alert_open(&mut tx, &shop.ids, shop.clock.now(), alert).await.unwrap());
    tx.commit().await.unwrap();
    // Somebody else chooses. The worker hears of the failure, and waits for its turn.
    let mut tx = shop.db.write("test").await.unwrap();
    sql!("SELECT 1 FROM pg_advisory_xact_lock(7561402)").query().run(&mut tx).await.unwrap();
    let body = format!("{} {}", probe.reference, Verdict::FailedProvider);
    let webhook = IncomingWebhook { source: "digiflazz", headers: &[], body: body.as_bytes() };
    assert_eq!(shop.receive_webhook(&webhook).await.unwrap(), Receipt::Taken);
    tokio::time::sleep(Duration::from_millis(500)).await;
    // Whoever chooses calls staff: if each had what the other wants, one of them would lose its answer.
    sql!("SELECT set_config('lock_timeout', '200ms', true)").query().run(&mut tx).await.unwrap();
    let called = alert_open(&mut tx, &shop.ids, shop.clock.now(), alert).await;
    assert!(matches!(called, Ok(false)), "{called:?}");
    tx.commit().await.unwrap();
    let file = market.until_state(&order, OrderState::Delivered).await;
    assert_eq!(file.attempts[1].sku, B1);
    assert_eq!(market.alerts().await, [], "it speaks to us again");
    market.end().await;
}

on_both_shops!(fn what_the_owner_vouches_for_is_bought_by_everybody_at_once(db) {
    let market = probing(&db, &[OWN]).await;
    market.says(OWN, Verdict::Pending);
    for buyer in ["a", "b"] {
        let order = market.bought(buyer).await;
        let file = until_answered(&market, &order).await;
        assert_eq!(file.attempts[0].sku, OWN);
        assert!(!reasons(&file.attempts[0])[0].contains(PROBE));
    }
    market.end().await;
});

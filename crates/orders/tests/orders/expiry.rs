//! Clocks that ring: the worker ends what nobody paid or verified, and the stock is free once.

use crate::scene::{ITEM, Scene};
use database::sql;
use orders::{Order, OrderState, worker};
use std::time::Duration;
use testkit::on_both_shops;
use tokio::{sync::oneshot, task::JoinHandle};
use vocabulary::PaymentMethod;

/// Workers in the background, until they are stopped.
struct Workers(Vec<(oneshot::Sender<()>, JoinHandle<()>)>);

impl Workers {
    fn start(scene: &Scene, count: usize) -> Self {
        let start = || {
            let (stop, stopped) = oneshot::channel();
            let task = tokio::spawn(worker::run(scene.shop.clone(), async move { drop(stopped.await) }));
            (stop, task)
        };
        Workers((0..count).map(|_| start()).collect())
    }

    async fn stop(self) {
        for (stop, task) in self.0 {
            stop.send(()).unwrap();
            task.await.unwrap();
        }
    }
}

/// Waits until the order stands in `state`.
async fn reaches(scene: &Scene, order: &Order, state: OrderState) {
    for _ in 0..1_200 {
        if scene.order(&order.number).await.state == state {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("order {} is {}, not {state}", order.number, scene.order(&order.number).await.state);
}

/// The worker has had time to do what it should not do.
async fn a_while() {
    tokio::time::sleep(Duration::from_millis(1_500)).await;
}

/// One order that waits, for `limit`; then it is expired, and its piece is free exactly once.
async fn expires(scene: &Scene, order: &Order, limit: Duration) {
    let (waiting, before) = (order.state, scene.available().await);
    let workers = Workers::start(scene, 3);
    scene.shop.clock.advance(limit - Duration::from_millis(1));
    a_while().await;
    assert_eq!(scene.order(&order.number).await.state, waiting, "a millisecond too early");
    assert_eq!(scene.available().await, before);
    scene.shop.clock.advance(Duration::from_millis(1));
    reaches(scene, order, OrderState::Expired).await;
    assert_eq!(scene.available().await, before + 1);
    scene.shop.clock.advance(Duration::from_secs(3 * 3600));
    a_while().await;
    assert_eq!(scene.available().await, before + 1, "released more than once");
    workers.stop().await;
    let expired = scene.order(&order.number).await;
    assert_eq!((expired.state, expired.due_at), (OrderState::Expired, None));
    for count in [
        sql!("SELECT COUNT(*) FROM stock_movement WHERE kind = 'released'"),
        sql!("SELECT COUNT(*) FROM order_event WHERE state = 'expired' AND kind = 'expired'"),
        sql!("SELECT COUNT(*) FROM audit_entry WHERE action = 'order.expired'"),
        sql!("SELECT COUNT(*) FROM outbox_message WHERE kind = 'expired'"),
    ] {
        assert_eq!(scene.count(count).await, 1);
    }
    scene.books_hold().await;
}

on_both_shops!(fn an_order_that_nobody_pays_expires_and_its_stock_is_free_once(db) {
    let scene = Scene::with_ten(&db).await;
    let order = scene.bought("buyer", ITEM).await;
    assert_eq!(order.state, OrderState::AwaitingPayment);
    expires(&scene, &order, scene.shop.rules.pay_within).await;
});

on_both_shops!(fn a_held_order_that_nobody_decides_about_expires_and_its_stock_is_free_once(db) {
    let scene = Scene::selling(&db, &[(ITEM, 1_000_001, 10)]).await;
    let order = scene.bought("buyer", ITEM).await;
    assert_eq!(order.state, OrderState::AwaitingVerification);
    expires(&scene, &order, scene.shop.rules.verify_within).await;
    assert_eq!(scene.count(sql!("SELECT COUNT(*) FROM payment")).await, 0);
});

on_both_shops!(fn an_order_that_is_paid_in_time_does_not_expire(db) {
    let scene = Scene::with_ten(&db).await;
    scene.fund("buyer", 10_000).await;
    let mut wish = scene.wish("buyer", ITEM);
    wish.method = PaymentMethod::Wallet;
    let placed = scene.shop.place(&wish).await.unwrap();
    let order = scene.order(&placed.number).await;
    assert_eq!(order.state, OrderState::Paid);
    let workers = Workers::start(&scene, 2);
    reaches(&scene, &order, OrderState::Fulfilling).await;
    scene.shop.clock.advance(scene.shop.rules.pay_within * 2);
    a_while().await;
    workers.stop().await;
    assert_eq!(scene.order(&order.number).await.state, OrderState::Fulfilling);
    assert_eq!(scene.available().await, 9);
    assert_eq!(scene.count(sql!("SELECT COUNT(*) FROM fulfilment_attempt")).await, 1);
    scene.books_hold().await;
});

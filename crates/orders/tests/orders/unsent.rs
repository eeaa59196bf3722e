//! A payment that no gateway has heard of ends like any other: in the order's history, in the audit, and
//! on the screens that show the order.

use crate::scene::{ITEM, NOON, Scene};
use database::sql;
use notifications::NewScreen;
use orders::{Order, WayToPay, worker};
use payments::PaymentState;
use std::time::Duration;
use testkit::on_both_shops;
use tokio::sync::oneshot;
use vocabulary::PaymentMethod;

/// Something shows the order outside, and is up to date.
async fn shown(scene: &Scene, order: &Order) {
    let mut tx = scene.shop.db.write("test").await.unwrap();
    let screen = NewScreen {
        once_key: "screen",
        courier: "nobody",
        surface: "i:1",
        order: Some(&order.id),
        address: "",
        task: "",
        live_until: NOON.plus(Duration::from_secs(3_600)),
        due_at: None,
        last_at: None,
    };
    assert!(notifications::show(&mut tx, &scene.shop.ids, NOON, &screen).await.unwrap());
    tx.commit().await.unwrap();
}

/// Waits until the first payment of the order stands in `state`.
async fn first_is(scene: &Scene, order: &Order, state: PaymentState) {
    for _ in 0..1_200 {
        let mut tx = scene.shop.db.read("test").await.unwrap();
        let payments = payments::payments_of_order(&mut tx, &order.id).await.unwrap();
        if payments[0].state == state {
            return;
        }
        drop(tx);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the first payment is not {state}");
}

on_both_shops!(fn a_payment_that_was_never_sent_is_closed_for_all_to_see(db) {
    let scene = Scene::with_ten(&db).await;
    let order = scene.bought("a", ITEM).await;
    let way = WayToPay::by(PaymentMethod::GopayLink);
    scene.shop.pay_by(&order.number, &order.owner, &way).await.unwrap();
    shown(&scene, &order).await;
    let (stop, stopped) = oneshot::channel::<()>();
    let worker = tokio::spawn(worker::run(scene.shop.clone(), async move { drop(stopped.await) }));
    first_is(&scene, &order, PaymentState::Cancelled).await;
    stop.send(()).unwrap();
    worker.await.unwrap();

    let file = scene.shop.order_file(&order.number).await.unwrap().unwrap();
    let closed = file.timeline.iter().filter(|line| line.kind == "payment_closed");
    let details: Vec<_> = closed.map(|line| line.detail.as_deref()).collect();
    assert_eq!(details, [Some("cancelled")]);
    let audited: Vec<_> = file.audit.iter().filter(|entry| entry.action == "payment.cancelled").collect();
    assert_eq!(audited.len(), 1, "{audited:?}");
    assert_eq!((audited[0].actor.as_str(), audited[0].before.as_deref()), ("system", Some("intended")));
    assert_eq!(scene.count(sql!("SELECT nudges FROM screen")).await, 1, "the screen is out of date");
});

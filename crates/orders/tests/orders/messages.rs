//! Messages that do not arrive: carried for three days, however often that is, and not parked before.

use crate::scene::Scene;
use database::{FromRow, sql};
use notifications::{Audience, Message, MessageKind, Screen};
use orders::{Courier, Delivery, Shop, worker};
use outside::Pending;
use std::{sync::Arc, time::Duration};
use testkit::on_both_shops;
use tokio::sync::oneshot;
use vocabulary::{BuyerId, OrderId};

/// Takes everything and brings nothing.
struct Hopeless;

impl Courier for Hopeless {
    fn name(&self) -> &'static str {
        "hopeless"
    }
    fn reaches(&self, _: &BuyerId) -> bool {
        true
    }
    fn deliver<'a>(&'a self, _: &'a Shop, _: &'a Message) -> Pending<'a, Delivery> {
        Box::pin(async { Delivery::Later { reason: "nobody opens".into(), after: None } })
    }
    fn refresh<'a>(&'a self, _: &'a Shop, _: &'a Screen) -> Pending<'a, Delivery> {
        Box::pin(async { Delivery::Later { reason: "nobody opens".into(), after: None } })
    }
}

async fn one<T: FromRow>(scene: &Scene, statement: database::Sql) -> T {
    let mut tx = scene.shop.db.read("test").await.unwrap();
    statement.query().one(&mut tx).await.unwrap()
}

/// Waits until the one message was carried so often.
async fn tried(scene: &Scene, times: i64) {
    let mut tries = 0_i64;
    for _ in 0..6_000 {
        tries = one(scene, sql!("SELECT tries FROM outbox_message")).await;
        if tries == times {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("carried {tries} times, not {times}");
}

/// An hour passes, and the worker looks.
async fn an_hour_later(scene: &Scene) {
    scene.shop.clock.advance(Duration::from_secs(3_600));
    let mut tx = scene.shop.db.write("test").await.unwrap();
    sql!("DELETE FROM setting WHERE name = 'nothing'").query().run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
}

on_both_shops!(fn a_message_that_does_not_arrive_is_carried_for_three_days(db) {
    let mut scene = Scene::with_ten(&db).await;
    scene.shop.couriers = Arc::new(vec![Arc::new(Hopeless) as Arc<dyn Courier>]);
    let (shop, now) = (&scene.shop, scene.shop.clock.now());
    let order = OrderId::new(&shop.ids, now);
    let mut tx = shop.db.write("test").await.unwrap();
    let told = (Audience::Buyer, MessageKind::Delivered, None);
    assert!(notifications::enqueue(&mut tx, &shop.ids, now, &order, "a", Some("hopeless"), told).await.unwrap());
    tx.commit().await.unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let worker = tokio::spawn(worker::run(scene.shop.clone(), async move { drop(stopped.await) }));

    // Once an hour at least; at the 72nd time the next one would be after three days.
    for times in 1..=71 {
        tried(&scene, times).await;
        let (state, claims): (String, i64) = one(&scene, sql!("SELECT state, claims FROM outbox_message")).await;
        assert_eq!((state.as_str(), claims), ("queued", 0), "after {times} tries");
        an_hour_later(&scene).await;
    }
    tried(&scene, 72).await;
    let (state, note): (String, String) = one(&scene, sql!("SELECT state, note FROM outbox_message")).await;
    assert_eq!((state.as_str(), note.as_str()), ("parked", "nobody opens"));
    an_hour_later(&scene).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    tried(&scene, 72).await;
    assert_eq!(scene.count(sql!("SELECT COUNT(*) FROM alert")).await, 0, "it was not for want of progress");
    stop.send(()).unwrap();
    worker.await.unwrap();
});

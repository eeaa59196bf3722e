//! What is left of our deposit at a supplier: the newest word counts, and a person is called in time.

use crate::{
    prices::{Lister, shop},
    scene::{NOON, Scene},
};
use database::{Database, sql};
use notifications::AlertKind;
use orders::{DepositRules, Rules};
use std::{sync::Arc, time::Duration};
use suppliers::{AttemptIntent, AttemptState, Deposit, DepositSeen, Supplier};
use testkit::on_both_shops;
use vocabulary::{OrderId, OrderNumber, Rupiah, Timestamp};

const HOUR: Duration = Duration::from_secs(3_600);

async fn watched(scene: &Scene, supplier: &Arc<Lister>) -> Deposit {
    scene.shop.watch_deposit(&(supplier.clone() as Arc<dyn Supplier>)).await.unwrap()
}

async fn open(scene: &Scene, kind: AlertKind) -> Vec<String> {
    let mut tx = scene.shop.db.read("test").await.unwrap();
    let alerts = notifications::open_alerts_of(&mut tx, kind).await.unwrap();
    alerts.into_iter().map(|alert| alert.message).collect()
}

/// A purchase of this price that was sent at this moment, and stands so.
async fn bought(scene: &Scene, price: i64, at: Timestamp, state: AttemptState) {
    let ids = &scene.shop.ids;
    let intent = AttemptIntent {
        order: &OrderId::new(ids, at),
        number: &OrderNumber::new(ids),
        supplier: "digiflazz",
        sku: "ff_70",
        customer_no: "1",
        max_price: Rupiah::new(price),
        routing: None,
        not_before: None,
    };
    let mut tx = scene.shop.db.write("test").await.unwrap();
    let attempt = suppliers::intend_attempt(&mut tx, ids, at, &intent).await.unwrap().unwrap();
    sql!("UPDATE fulfilment_attempt SET state = $2, price = $3, first_sent_at = $4, due_at = NULL WHERE id = $1")
        .bind(&attempt.id)
        .bind(state)
        .bind(price)
        .bind(at)
        .run(&mut tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

on_both_shops!(fn a_deposit_below_the_level_calls_a_person_until_it_is_filled(db) {
    let supplier = Lister::new(&[]);
    let scene = shop(&db, &supplier, &[]).await;
    *supplier.left.lock().unwrap() = Some(500_000);
    assert_eq!(watched(&scene, &supplier).await, Deposit::Left(Rupiah::new(500_000)));
    assert_eq!(open(&scene, AlertKind::DepositLow).await, [] as [String; 0], "the level itself is enough");
    *supplier.left.lock().unwrap() = Some(499_999);
    watched(&scene, &supplier).await;
    let alerts = open(&scene, AlertKind::DepositLow).await;
    assert!(alerts.len() == 1 && alerts[0].contains("Rp 499.999"), "{alerts:?}");
    assert_eq!(open(&scene, AlertKind::DepositRunsOut).await, [] as [String; 0], "nothing was bought yet");
    *supplier.left.lock().unwrap() = Some(2_000_000);
    watched(&scene, &supplier).await;
    assert_eq!(open(&scene, AlertKind::DepositLow).await, [] as [String; 0]);
    // Who wants no level is told all the same when nothing is left.
    let mut scene = scene;
    let rules = DepositRules { low: Rupiah::ZERO, ..DepositRules::default() };
    scene.shop.rules = Arc::new(Rules { deposit: rules, ..Scene::rules() });
    *supplier.left.lock().unwrap() = Some(0);
    watched(&scene, &supplier).await;
    assert_eq!(open(&scene, AlertKind::DepositLow).await.len(), 1);
});

on_both_shops!(fn a_deposit_that_will_soon_be_empty_calls_a_person_in_time(db) {
    let supplier = Lister::new(&[]);
    let scene = shop(&db, &supplier, &[]).await;
    let ago = |hours: u32| NOON.minus(HOUR * hours);
    // A million today; six more in the week, one of which failed and one of which was taken back.
    bought(&scene, 1_000_000, ago(1), AttemptState::Succeeded).await;
    bought(&scene, 3_000_000, ago(30), AttemptState::Pending).await;
    bought(&scene, 1_000_000, ago(40), AttemptState::Unknown).await;
    bought(&scene, 9_000_000, ago(2), AttemptState::Failed).await;
    bought(&scene, 9_000_000, ago(2), AttemptState::Reversed).await;
    bought(&scene, 9_000_000, ago(7 * 24 + 1), AttemptState::Succeeded).await;
    *supplier.left.lock().unwrap() = Some(1_100_000);
    watched(&scene, &supplier).await;
    let forecast = scene.shop.deposit_forecast("digiflazz").await.unwrap();
    assert_eq!(forecast.spending.last_day, Rupiah::new(1_000_000));
    assert_eq!(forecast.spending.last_week, Rupiah::new(5_000_000));
    assert_eq!(forecast.lasts, Some(Duration::from_secs(26 * 3_600 + 24 * 60)));
    assert_eq!(open(&scene, AlertKind::DepositRunsOut).await, [] as [String; 0]);
    *supplier.left.lock().unwrap() = Some(900_000);
    watched(&scene, &supplier).await;
    let alerts = open(&scene, AlertKind::DepositRunsOut).await;
    assert!(alerts.len() == 1 && alerts[0].contains("21 hours"), "{alerts:?}");
    *supplier.left.lock().unwrap() = Some(9_000_000);
    watched(&scene, &supplier).await;
    assert_eq!(open(&scene, AlertKind::DepositRunsOut).await, [] as [String; 0]);
});

async fn seen(db: &Database) -> Option<(i64, Timestamp)> {
    let mut tx = db.read("test").await.unwrap();
    let seen = suppliers::deposit_seen(&mut tx, "digiflazz").await.unwrap();
    seen.map(|seen| (seen.left.get(), seen.seen_at))
}

on_both_shops!(fn the_newest_word_about_a_deposit_counts_whenever_it_comes_in(db) {
    assert_eq!(seen(&db).await, None);
    for (left, minutes, kept, now) in
        [(900, 10, true, 900), (1_000, 9, false, 900), (800, 10, true, 800), (700, 11, true, 700)]
    {
        let seen_at = NOON.plus(Duration::from_secs(60 * minutes));
        let told = DepositSeen { supplier: "digiflazz".into(), left: Rupiah::new(left), seen_at };
        let mut tx = db.write("test").await.unwrap();
        assert_eq!(suppliers::store_deposit(&mut tx, &told).await.unwrap(), kept, "{left}");
        tx.commit().await.unwrap();
        assert_eq!(seen(&db).await.unwrap().0, now);
    }
});

on_both_shops!(fn a_silent_supplier_leaves_what_is_known_and_calls_a_person_after_an_hour(db) {
    let supplier = Lister::new(&[]);
    let scene = shop(&db, &supplier, &[]).await;
    *supplier.left.lock().unwrap() = Some(800_000);
    watched(&scene, &supplier).await;
    *supplier.silent.lock().unwrap() = true;
    scene.shop.clock.advance(HOUR - Duration::from_millis(1));
    watched(&scene, &supplier).await;
    assert_eq!(open(&scene, AlertKind::SupplierSilent).await, [] as [String; 0]);
    scene.shop.clock.advance(Duration::from_millis(1));
    assert!(matches!(watched(&scene, &supplier).await, Deposit::Silent { .. }));
    assert_eq!(open(&scene, AlertKind::SupplierSilent).await.len(), 1);
    assert_eq!(seen(&db).await, Some((800_000, NOON)));
});

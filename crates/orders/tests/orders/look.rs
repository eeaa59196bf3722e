//! What watchers and callers are shown is read by use cases, at one moment.

use crate::scene::{ITEM, NOON, Scene};
use database::sql;
use notifications::AlertKind;
use orders::Backlog;
use std::time::Duration;
use suppliers::AttemptIntent;
use testkit::{empty_sqlite, on_both_shops};
use vocabulary::{OrderId, OrderNumber, Rupiah};

const SECOND: Duration = Duration::from_secs(1);

/// Two attempts and a webhook that are due at once.
async fn more_work(scene: &Scene) {
    let mut tx = scene.shop.db.write("test").await.unwrap();
    for _ in 0..2 {
        let intent = AttemptIntent {
            order: &OrderId::new(&scene.shop.ids, NOON),
            number: &OrderNumber::new(&scene.shop.ids),
            supplier: "digiflazz",
            sku: "ml86",
            customer_no: "1234567890",
            max_price: Rupiah::new(18_000),
            routing: None,
            not_before: None,
        };
        suppliers::intend_attempt(&mut tx, &scene.shop.ids, NOON, &intent).await.unwrap().unwrap();
    }
    sql!(
        "INSERT INTO webhook_inbox (id, source, body_hash, headers, body, verdict, state, received_at, updated_at, due_at)
         VALUES ('whk_1', 'midtrans', 'hash', '[]', $1, 'believed', 'received', 1, 1, $2)"
    )
    .bind(b"{}".to_vec())
    .bind(NOON)
    .run(&mut tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

on_both_shops!(fn every_queue_tells_how_many_rows_are_overdue_and_how_late_the_oldest_is(db) {
    let scene = Scene::with_ten(&db).await;
    let told = |overdue: [i64; 4], oldest: [u32; 4]| -> Vec<Backlog> {
        let names = ["webhook", "order", "payment", "attempt"];
        let backlog = |n: usize| Backlog { queue: names[n], overdue: overdue[n], oldest: SECOND * oldest[n] };
        let idle = ["refund", "screen", "message", "reconciliation", "supplier_watch"];
        let idle = idle.map(|queue| Backlog { queue, overdue: 0, oldest: Duration::ZERO });
        (0..4).map(backlog).chain(idle).collect()
    };
    assert_eq!(scene.shop.standing().await.unwrap().queues, told([0; 4], [0; 4]));

    scene.bought("first", ITEM).await;
    more_work(&scene).await;
    // Due at this very moment is overdue; an order that may still be paid is not.
    assert_eq!(scene.shop.standing().await.unwrap().queues, told([1, 0, 1, 2], [0; 4]));
    scene.shop.clock.advance(30 * SECOND);
    scene.bought("second", ITEM).await;
    assert_eq!(scene.shop.standing().await.unwrap().queues, told([1, 0, 2, 2], [30, 0, 30, 30]));
    scene.shop.clock.advance(Duration::from_secs(15 * 60));
    assert_eq!(scene.shop.standing().await.unwrap().queues, told([1, 2, 2, 2], [930, 30, 930, 930]));
});

on_both_shops!(fn every_open_alert_is_counted_and_every_order_that_needs_a_person_once(db) {
    let scene = Scene::with_ten(&db).await;
    let mut orders = Vec::new();
    for buyer in ["a", "b", "c"] {
        orders.push(scene.bought(buyer, ITEM).await);
    }
    let mut tx = db.write("test").await.unwrap();
    let ids = &scene.shop.ids;
    for order in &orders[..2] {
        sql!("UPDATE shop_order SET state = 'needs_attention', attention = 'odd_money' WHERE id = $1")
            .bind(&order.id)
            .run(&mut tx)
            .await
            .unwrap();
        for kind in [AlertKind::OrderNeedsAttention, AlertKind::AmountMismatch] {
            notifications::alert_open(&mut tx, ids, NOON, (kind, order.number.as_str(), "m")).await.unwrap();
        }
    }
    for n in 0..300 {
        let subject = format!("pay_{n}");
        notifications::alert_open(&mut tx, ids, NOON, (AlertKind::Parked, &subject, "m")).await.unwrap();
    }
    tx.commit().await.unwrap();
    let standing = scene.shop.standing().await.unwrap();
    assert_eq!(standing.orders_needing_attention, 2);
    let open = |kind| standing.open_alerts.iter().find(|(of, _)| *of == kind).unwrap().1;
    assert_eq!((open(AlertKind::AmountMismatch), open(AlertKind::Parked)), (2, 300));
    assert_eq!(open(AlertKind::LateDelivery), 0);
    assert_eq!(standing.open_alerts.len(), AlertKind::ALL.len());
    assert!(standing.audit_unsealed > 0, "the catalog was seeded, and nobody seals");
});

on_both_shops!(fn a_page_of_orders_is_one_owners_and_knows_whether_there_are_more(db) {
    let scene = Scene::with_ten(&db).await;
    let mut placed = Vec::new();
    for buyer in ["a", "b", "c"] {
        placed.push(scene.bought(buyer, ITEM).await.id);
    }
    placed.sort();
    placed.reverse();
    let page = |after, limit| {
        let shop = scene.shop.clone();
        async move {
            let page = shop.orders_page("api:test", after, limit).await.unwrap();
            (page.orders.into_iter().map(|order| order.id).collect::<Vec<_>>(), page.has_more)
        }
    };
    assert_eq!(page(None, 2).await, (placed[..2].to_vec(), true));
    assert_eq!(page(None, 3).await, (placed.clone(), false));
    assert_eq!(page(Some(&placed[1]), 2).await, (placed[2..].to_vec(), false));
    assert_eq!(page(Some(&placed[2]), 2).await, (Vec::new(), false));
    let others = scene.shop.orders_page("api:other", None, 2).await.unwrap();
    assert!(others.orders.is_empty() && !others.has_more);
});

#[tokio::test]
async fn a_schema_that_is_behind_and_a_database_that_is_gone_are_told() {
    let db = testkit::shop_sqlite().await;
    let scene = Scene::with_ten(&db).await;
    assert!(scene.shop.schema_is_current().await.unwrap());
    scene.shop.answers(SECOND).await.unwrap();
    let bare = empty_sqlite().await;
    let behind = orders::Shop { db: (*bare).clone(), ..scene.shop.clone() };
    assert!(!behind.schema_is_current().await.unwrap());
    scene.shop.db.close().await;
    scene.shop.answers(SECOND).await.unwrap_err();
    scene.shop.schema_is_current().await.unwrap_err();
}

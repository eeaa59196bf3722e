//! Messages are written once, alerts are open once.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has to stop, and say where")]

use database::{Database, sql};
use notifications::{
    AlertKind, Audience, MessageKind, alert_open, alert_resolve, enqueue, messages_of_order, open_alerts,
};
use testkit::on_both_shops;
use tokio::task::JoinSet;
use vocabulary::{Ids, OrderId, Timestamp};

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);
const LATER: Timestamp = Timestamp::from_millis(1_795_000_060_000);

async fn tell(db: &Database, order: &OrderId, key: &str, detail: &str) -> bool {
    let mut tx = db.write("test").await.unwrap();
    let message = (Audience::Buyer, MessageKind::Delivered, Some(detail));
    let new = enqueue(&mut tx, &Ids::random(), NOW, order, key, None, message).await.unwrap();
    tx.commit().await.unwrap();
    new
}

async fn open(db: &Database, kind: AlertKind, subject: &str, message: &str) -> bool {
    let mut tx = db.write("test").await.unwrap();
    let new = alert_open(&mut tx, &Ids::random(), NOW, (kind, subject, message)).await.unwrap();
    tx.commit().await.unwrap();
    new
}

async fn resolve(db: &Database, kind: AlertKind, subject: &str) -> bool {
    let mut tx = db.write("test").await.unwrap();
    let closed = alert_resolve(&mut tx, kind, subject, LATER).await.unwrap();
    tx.commit().await.unwrap();
    closed
}

async fn alerts(db: &Database) -> Vec<(AlertKind, String, String)> {
    let mut tx = db.read("test").await.unwrap();
    let mut open: Vec<_> =
        open_alerts(&mut tx).await.unwrap().into_iter().map(|a| (a.kind, a.subject, a.message)).collect();
    open.sort_by(|a, b| (a.0.as_str(), &a.1).cmp(&(b.0.as_str(), &b.1)));
    open
}

on_both_shops!(fn what_is_told_once_is_told_once_however_often_it_is_decided(db) {
    let order = OrderId::new(&Ids::random(), NOW);
    assert!(tell(&db, &order, "a", "SN-1").await);
    assert!(!tell(&db, &order, "a", "SN-2").await);
    assert!(tell(&db, &order, "b", "SN-3").await);
    let mut at_once = JoinSet::new();
    for _ in 0..10 {
        let (db, order) = ((*db).clone(), order.clone());
        at_once.spawn(async move { tell(&db, &order, "c", "SN-4").await });
    }
    assert_eq!(at_once.join_all().await.into_iter().filter(|new| *new).count(), 1);
    let mut tx = db.read("test").await.unwrap();
    let mut details: Vec<_> = messages_of_order(&mut tx, &order).await.unwrap().into_iter().map(|m| m.detail).collect();
    details.sort();
    assert_eq!(details, ["SN-1", "SN-3", "SN-4"].map(|d| Some(d.to_owned())), "the first words stand");
    let other = OrderId::new(&Ids::random(), NOW);
    assert_eq!(messages_of_order(&mut tx, &other).await.unwrap(), []);
});

on_both_shops!(fn a_message_is_written_with_what_it_tells_or_not_at_all(db) {
    let order = OrderId::new(&Ids::random(), NOW);
    let mut tx = db.write("test").await.unwrap();
    let message = (Audience::Staff, MessageKind::NeedsAttention, None);
    assert!(enqueue(&mut tx, &Ids::random(), NOW, &order, "a", None, message).await.unwrap());
    drop(tx);
    assert!(tell(&db, &order, "a", "SN-1").await, "the key was not used up");
});

on_both_shops!(fn an_alert_is_open_once_for_each_kind_and_subject(db) {
    use AlertKind::{LateDelivery, OrderNeedsAttention};
    assert!(open(&db, OrderNeedsAttention, "LK1", "first").await);
    assert!(!open(&db, OrderNeedsAttention, "LK1", "second").await);
    assert!(open(&db, OrderNeedsAttention, "LK2", "other subject").await);
    assert!(open(&db, LateDelivery, "LK1", "other kind").await);
    let expected = |lines: &[(AlertKind, &str, &str)]| -> Vec<(AlertKind, String, String)> {
        lines.iter().map(|(kind, subject, message)| (*kind, (*subject).into(), (*message).into())).collect()
    };
    assert_eq!(alerts(&db).await, expected(&[
        (LateDelivery, "LK1", "other kind"),
        (OrderNeedsAttention, "LK1", "first"),
        (OrderNeedsAttention, "LK2", "other subject"),
    ]));

    assert!(resolve(&db, OrderNeedsAttention, "LK1").await);
    assert!(!resolve(&db, OrderNeedsAttention, "LK1").await, "it is closed already");
    assert!(!resolve(&db, OrderNeedsAttention, "LK9").await);
    assert_eq!(alerts(&db).await.len(), 2);
    assert!(open(&db, OrderNeedsAttention, "LK1", "again").await, "what comes back is told again");
    assert_eq!(alerts(&db).await, expected(&[
        (LateDelivery, "LK1", "other kind"),
        (OrderNeedsAttention, "LK1", "again"),
        (OrderNeedsAttention, "LK2", "other subject"),
    ]));
    let mut tx = db.read("test").await.unwrap();
    let kept: i64 = sql!("SELECT COUNT(*) FROM alert").query().one(&mut tx).await.unwrap();
    assert_eq!(kept, 4, "a resolved alert is kept");
});

on_both_shops!(fn an_alert_that_many_open_at_once_is_one(db) {
    let mut at_once = JoinSet::new();
    for n in 0..10 {
        let db = (*db).clone();
        at_once.spawn(async move { open(&db, AlertKind::Parked, "LK1", &format!("word {n}")).await });
    }
    assert_eq!(at_once.join_all().await.into_iter().filter(|new| *new).count(), 1);
    assert_eq!(alerts(&db).await.len(), 1);
});

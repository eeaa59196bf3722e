//! Messages are written once, alerts are open once.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has to stop, and say where")]

use database::{Database, sql};
use notifications::{
    AlertKind, Audience, MESSAGE_QUEUE, MessageKind, alert_open, alert_resolve, enqueue, message,
    message_waits, messages_of_order, oldest_alerts, open_alert_counts, open_alerts, open_alerts_of,
    unpark_message,
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

on_both_shops!(fn a_message_that_waits_counts_its_tries_and_not_its_claims(db) {
    let order = OrderId::new(&Ids::random(), NOW);
    let mut tx = db.write("test").await.unwrap();
    let told = (Audience::Buyer, MessageKind::Delivered, None);
    enqueue(&mut tx, &Ids::random(), NOW, &order, "a", Some("pigeon"), told).await.unwrap();
    tx.commit().await.unwrap();
    for tries in 0..3 {
        let mut tx = db.write("test").await.unwrap();
        let claim = MESSAGE_QUEUE.claim(&mut tx, (NOW, NOW, LATER), 1).await.unwrap().pop().unwrap();
        assert_eq!(claim.claims, 1, "a claim that ended in a pause is no claim in vain");
        let due = message(&mut tx, &claim).await.unwrap().unwrap();
        assert_eq!((due.courier.as_str(), due.tries), ("pigeon", tries));
        let again = (tries < 2).then_some(NOW);
        assert!(message_waits(&mut tx, &claim, "closed", again).await.unwrap());
        tx.commit().await.unwrap();
    }
    let mut tx = db.write("test").await.unwrap();
    assert_eq!(MESSAGE_QUEUE.claim(&mut tx, (LATER, LATER, LATER), 1).await.unwrap(), [], "it is parked");
    let id: String = sql!("SELECT id FROM outbox_message").query().one(&mut tx).await.unwrap();
    assert!(unpark_message(&mut tx, &id, LATER).await.unwrap());
    let claim = MESSAGE_QUEUE.claim(&mut tx, (LATER, LATER, LATER), 1).await.unwrap().pop().unwrap();
    assert_eq!(message(&mut tx, &claim).await.unwrap().unwrap().tries, 0, "it begins anew");
});

on_both_shops!(fn the_open_alerts_of_one_kind_are_told_without_others(db) {
    use AlertKind::{CourierRefusesUs, Parked};
    for (kind, subject) in [(CourierRefusesUs, "b"), (CourierRefusesUs, "a"), (CourierRefusesUs, "c"), (Parked, "d")] {
        assert!(open(&db, kind, subject, "m").await);
    }
    assert!(resolve(&db, CourierRefusesUs, "c").await);
    let mut tx = db.read("test").await.unwrap();
    let subjects = async |tx: &mut database::ReadTx, kind| {
        let alerts = open_alerts_of(tx, kind).await.unwrap();
        alerts.into_iter().map(|alert| alert.subject).collect::<Vec<_>>()
    };
    assert_eq!(subjects(&mut tx, CourierRefusesUs).await, ["a", "b"]);
    assert_eq!(subjects(&mut tx, Parked).await, ["d"]);
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

on_both_shops!(fn of_many_open_alerts_each_is_counted_and_the_oldest_is_listed_first(db) {
    let ids = Ids::random();
    let mut tx = db.write("test").await.unwrap();
    alert_open(&mut tx, &ids, NOW, (AlertKind::SupplierRefusesUs, "digiflazz", "the cause")).await.unwrap();
    for n in 0..250 {
        let (at, subject) = (Timestamp::from_millis(NOW.millis() + 1 + n), format!("pay_{n}"));
        alert_open(&mut tx, &ids, at, (AlertKind::Parked, &subject, "a consequence")).await.unwrap();
    }
    assert!(alert_resolve(&mut tx, AlertKind::Parked, "pay_1", LATER).await.unwrap());
    tx.commit().await.unwrap();

    let mut tx = db.read("test").await.unwrap();
    let counts = open_alert_counts(&mut tx).await.unwrap();
    assert_eq!(counts.len(), AlertKind::ALL.len());
    for (kind, count) in counts {
        let expected = match kind {
            AlertKind::Parked => 249,
            AlertKind::SupplierRefusesUs => 1,
            _ => 0,
        };
        assert_eq!(count, expected, "{kind}");
    }
    let subjects = |alerts: Vec<notifications::Alert>| -> Vec<String> {
        alerts.into_iter().map(|alert| alert.subject).collect()
    };
    let all = subjects(open_alerts(&mut tx).await.unwrap());
    assert_eq!((all.len(), all.last()), (250, Some(&"pay_249".to_owned())));
    assert_eq!(subjects(oldest_alerts(&mut tx, 3).await.unwrap()), ["digiflazz", "pay_0", "pay_2"]);
});

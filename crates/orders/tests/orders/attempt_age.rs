//! A supplier forgets references (Digiflazz after 90 days, `contracts/suppliers.md` §6 row 5) and then
//! buys again: 85 days after its first send nothing is sent any more, and nobody can record that it was.

use crate::scene::{ITEM, NOON, Scene};
use database::{Database, Error, Query, sql};
use notifications::AlertKind;
use orders::{OrderState, worker};
use outside::Pending;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use suppliers::{
    Ask, Attempt, AttemptIntent, AttemptState, Capabilities, Purchase, RESEND_LIMIT, Report, Supplier,
    SupplierWebhook, Verdict, WebhookRefusal, adapters::digiflazz::CAPABILITIES,
};
use testkit::on_both_shops;
use tokio::task::JoinHandle;
use vocabulary::{Actor, Ids, OrderId, OrderNumber, PaymentMethod, Rupiah, Timestamp};

const MOMENT: Duration = Duration::from_millis(1);

/// Never decides, says that it may be asked for a year, and remembers what it was sent.
#[derive(Default)]
struct Undecided {
    sent: Mutex<Vec<(Ask, Timestamp, Timestamp)>>,
}

impl Undecided {
    fn sent(&self) -> Vec<(Ask, Timestamp, Timestamp)> {
        self.sent.lock().unwrap().clone()
    }

    /// Waits until it was sent something so many times.
    async fn is_sent(&self, times: usize) {
        for _ in 0..1_200 {
            if self.sent().len() >= times {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("sent only {:?}", self.sent());
    }
}

impl Supplier for Undecided {
    fn name(&self) -> &'static str {
        "digiflazz"
    }
    fn capabilities(&self) -> Capabilities {
        Capabilities { max_requery_age: Duration::from_secs(365 * 86_400), ..CAPABILITIES }
    }
    fn purchase<'a>(&'a self, purchase: &'a Purchase) -> Pending<'a, Report> {
        self.sent.lock().unwrap().push((purchase.ask, purchase.first_sent_at, purchase.now));
        let report = Report::bare(Verdict::Pending, "pending");
        Box::pin(async move { report })
    }
    fn read_webhook(&self, _: &[(String, String)], _: &[u8]) -> Result<SupplierWebhook, WebhookRefusal> {
        Err(WebhookRefusal::BadSignature)
    }
}

/// An order that is paid, and the worker that buys it.
async fn bought(db: &Database, supplier: &Arc<Undecided>) -> (Scene, OrderNumber, JoinHandle<()>) {
    let mut scene = Scene::with_ten(db).await;
    scene.shop.suppliers = Arc::new(vec![supplier.clone() as Arc<dyn Supplier>]);
    scene.fund("buyer", 10_000).await;
    let mut wish = scene.wish("buyer", ITEM);
    wish.method = PaymentMethod::Wallet;
    let number = scene.shop.place(&wish).await.unwrap().number;
    let work = tokio::spawn(worker::run(scene.shop.clone(), std::future::pending()));
    supplier.is_sent(1).await;
    // The answer is recorded after the send; only then is the next question due by the clock.
    answered(&scene, &number, NOON).await;
    (scene, number, work)
}

on_both_shops!(fn a_supplier_is_told_when_a_purchase_was_first_sent_and_is_not_asked_after_85_days(db) {
    let supplier = Arc::new(Undecided::default());
    let (scene, number, work) = bought(&db, &supplier).await;
    scene.shop.clock.advance(Duration::from_secs(70));
    supplier.is_sent(2).await;
    let later = NOON.plus(Duration::from_secs(70));
    answered(&scene, &number, later).await;
    assert_eq!(supplier.sent(), [(Ask::First, NOON, NOON), (Ask::Again, NOON, later)]);

    scene.shop.clock.advance(RESEND_LIMIT - Duration::from_secs(70));
    asking_stops(&scene, &number).await;
    assert_eq!(supplier.sent().len(), 2, "nobody was asked");
    work.abort();
});

on_both_shops!(fn a_purchase_whose_last_answer_comes_shortly_before_85_days_is_not_forgotten(db) {
    let supplier = Arc::new(Undecided::default());
    let (scene, number, work) = bought(&db, &supplier).await;
    let minute = Duration::from_secs(60);
    scene.shop.clock.advance(RESEND_LIMIT - minute);
    supplier.is_sent(2).await;
    answered(&scene, &number, NOON.plus(RESEND_LIMIT - minute)).await;
    let file = scene.shop.order_file(&number).await.unwrap().unwrap();
    assert!(file.timeline.iter().all(|entry| entry.kind != "asking_stopped"), "{file:#?}");
    assert_eq!(file.attempts[0].due_at, Some(NOON.plus(RESEND_LIMIT)), "the next question would come too late");
    // Whoever was called after two hours waits for the supplier.
    let (kind, rina) = (AlertKind::OrderNeedsAttention, Actor::staff("rina"));
    assert!(scene.shop.resolve_alert(kind, number.as_str(), &rina).await.unwrap());

    scene.shop.clock.advance(minute);
    asking_stops(&scene, &number).await;
    assert_eq!(supplier.sent().len(), 2, "nobody was asked");
    is_called(&db).await;
    work.abort();
});

on_both_shops!(fn whoever_was_called_because_a_supplier_is_slow_is_called_anew_when_asking_stops(db) {
    let supplier = Arc::new(Undecided::default());
    let (scene, number, work) = bought(&db, &supplier).await;
    // Nobody has closed the alert of the second hour.
    let mut now = NOON;
    for (times, after) in [(2, Duration::from_secs(70)), (3, Duration::from_secs(3 * 3_600))] {
        scene.shop.clock.advance(after);
        supplier.is_sent(times).await;
        now = now.plus(after);
        answered(&scene, &number, now).await;
    }
    scene.shop.clock.advance(RESEND_LIMIT);
    asking_stops(&scene, &number).await;
    is_called(&db).await;
    work.abort();
});

/// A person is told, once, that nobody is asked any more.
async fn is_called(db: &Database) {
    let kind = AlertKind::OrderNeedsAttention;
    let open = notifications::open_alerts_of(&mut db.read("test").await.unwrap(), kind).await.unwrap();
    assert!(open.len() == 1 && open[0].message.contains("too old to be asked about"), "{open:?}");
}

/// Waits until nobody is asked any more and a person is called.
async fn asking_stops(scene: &Scene, number: &OrderNumber) {
    for _ in 0..1_200 {
        let file = scene.shop.order_file(number).await.unwrap().unwrap();
        if file.timeline.iter().any(|entry| entry.kind == "asking_stopped") {
            assert_eq!(file.order.state, OrderState::NeedsAttention);
            assert!(file.attempts[0].state.is_live(), "unknown, never failed");
            assert_eq!(file.attempts[0].due_at, None);
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("asking has not stopped");
}

/// Waits until the supplier's answer of this moment is recorded.
async fn answered(scene: &Scene, number: &OrderNumber, at: Timestamp) {
    for _ in 0..1_200 {
        let file = scene.shop.order_file(number).await.unwrap().unwrap();
        if file.attempts.first().is_some_and(|attempt| attempt.answered_at == Some(at)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the answer was not recorded");
}

/// An attempt that was intended at noon.
async fn intended(db: &Database) -> Attempt {
    let ids = Ids::random();
    let (order, number) = (OrderId::new(&ids, NOON), OrderNumber::new(&ids));
    let intent = AttemptIntent {
        order: &order,
        number: &number,
        supplier: "digiflazz",
        sku: "ml86",
        customer_no: "1234567890",
        max_price: Rupiah::new(18_000),
        routing: None,
        not_before: None,
    };
    let mut tx = db.write("test").await.unwrap();
    let attempt = suppliers::intend_attempt(&mut tx, &ids, NOON, &intent).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    attempt
}

async fn now(db: &Database, attempt: &Attempt) -> Attempt {
    suppliers::attempt(&mut db.read("test").await.unwrap(), &attempt.id).await.unwrap().unwrap()
}

/// Records a send; says what the database holds as the first one.
async fn send(db: &Database, attempt: &Attempt, at: Timestamp) -> Result<Option<Timestamp>, Error> {
    let seen = now(db, attempt).await;
    let mut tx = db.write("test.send").await.unwrap();
    let first = suppliers::mark_attempt_sent(&mut tx, &seen, at).await?;
    tx.commit().await?;
    Ok(first)
}

async fn refused(db: &Database, change: Query, why: &str) {
    let mut tx = db.write("test.forge").await.unwrap();
    let error = change.run(&mut tx).await.unwrap_err();
    assert!(matches!(error, Error::Statement { .. }) && error.to_string().contains(why), "{error}");
    assert!(!error.is_transient(), "trying again is pointless: {error}");
}

on_both_shops!(fn the_database_refuses_a_send_85_days_after_the_first(db) {
    let attempt = intended(&db).await;
    assert_eq!(send(&db, &attempt, NOON).await.unwrap(), Some(NOON));
    let last = NOON.plus(RESEND_LIMIT - MOMENT);
    assert_eq!(send(&db, &attempt, last).await.unwrap(), Some(NOON));
    for late in [NOON.plus(RESEND_LIMIT), NOON.plus(RESEND_LIMIT * 2)] {
        let error = send(&db, &attempt, late).await.unwrap_err();
        assert!(error.to_string().contains("is not sent 85 days after its first send"), "{error}");
    }
    let kept = now(&db, &attempt).await;
    assert_eq!((kept.asked, kept.first_sent_at, kept.last_asked_at), (2, Some(NOON), Some(last)));
});

on_both_shops!(fn the_first_send_cannot_be_forgotten_or_moved(db) {
    let late = "is not sent 85 days after its first send";
    let fixed = "the first send of a fulfilment attempt is not changed";
    let old = NOON.plus(RESEND_LIMIT);
    let change = |sql: database::Sql| sql.query();

    let unsent = intended(&db).await;
    let without = sql!("UPDATE fulfilment_attempt SET last_asked_at = $2 WHERE id = $1");
    refused(&db, change(without).bind(&unsent.id).bind(NOON), late).await;
    let both = sql!("UPDATE fulfilment_attempt SET first_sent_at = $2, last_asked_at = $3 WHERE id = $1");
    refused(&db, change(both).bind(&unsent.id).bind(NOON).bind(old), late).await;

    let attempt = intended(&db).await;
    send(&db, &attempt, NOON).await.unwrap();
    send(&db, &attempt, NOON.plus(MOMENT)).await.unwrap();
    refused(&db, change(both).bind(&attempt.id).bind(old).bind(old), "").await;
    let moved = sql!("UPDATE fulfilment_attempt SET first_sent_at = $2 WHERE id = $1");
    refused(&db, change(moved).bind(&attempt.id).bind(old), fixed).await;
    refused(&db, change(moved).bind(&attempt.id).bind(None::<i64>), fixed).await;

    let copy = sql!(
        "INSERT INTO fulfilment_attempt (id, order_id, reference, sequence, supplier, sku, customer_no, max_price, state,
             created_at, updated_at, first_sent_at, last_asked_at)
         SELECT id || '-', order_id || '-', reference || '-', sequence, supplier, sku, customer_no, max_price, state,
             created_at, updated_at, first_sent_at, $2 FROM fulfilment_attempt WHERE id = $1"
    );
    refused(&db, change(copy).bind(&attempt.id).bind(old), late).await;
    assert_eq!(now(&db, &attempt).await.first_sent_at, Some(NOON));
});

on_both_shops!(fn what_becomes_known_of_an_old_attempt_is_still_recorded(db) {
    let attempt = intended(&db).await;
    send(&db, &attempt, NOON).await.unwrap();
    let mut next = now(&db, &attempt).await;
    (next.state, next.serial_number) = (AttemptState::Succeeded, Some("SN1".into()));
    let mut tx = db.write("test").await.unwrap();
    let much_later = NOON.plus(RESEND_LIMIT * 2);
    assert!(suppliers::store_attempt(&mut tx, &next, next.fence, much_later).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(now(&db, &attempt).await, next);
});

on_both_shops!(fn a_send_that_never_left_is_no_first_send(db) {
    let attempt = intended(&db).await;
    send(&db, &attempt, NOON).await.unwrap();
    let mut next = now(&db, &attempt).await;
    (next.state, next.first_sent_at) = (AttemptState::Intended, None);
    let mut tx = db.write("test").await.unwrap();
    suppliers::store_attempt(&mut tx, &next, next.fence, NOON).await.unwrap();
    tx.commit().await.unwrap();
    let later = NOON.plus(RESEND_LIMIT * 2);
    assert_eq!(send(&db, &attempt, later).await.unwrap(), Some(later));
});

//! What suppliers say is kept and compared, those that can be asked are; and each day is compared once, whoever
//! works.

use crate::{
    reconcile::{alerts, change, compared, delivered, kinds, today},
    scene::{NOON, Scene},
    settlement::{all_is_compared, imported},
    stage::{PRICE, Rest, Stage},
};
use database::{Database, Sql, sql};
use notifications::AlertKind;
use orders::{DifferenceKind as Kind, OrderState, Rules, Shop, worker};
use outside::Pending;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};
use suppliers::{
    Capabilities, Deposit, LookedUp, Purchase, Report as Word, Supplier, SupplierWebhook, Verdict,
    adapters::digiflazz::CAPABILITIES,
};
use testkit::on_both_shops;
use tokio::{sync::oneshot, task::JoinHandle};
use vocabulary::{Actor, Rupiah};

/// What it names as delivered.
const SERIAL: &str = "AAAA-BBBB-CCCC";

/// A supplier that can be asked: what it says of every attempt, and what is left of the deposit.
struct Telling {
    delivered: AtomicBool,
    deposit: AtomicI64,
    /// How long it thinks before it tells the deposit.
    thinks: Duration,
}

impl Supplier for Telling {
    fn name(&self) -> &'static str {
        "digiflazz"
    }
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }
    fn purchase<'a>(&'a self, purchase: &'a Purchase) -> Pending<'a, Word> {
        panic!("{} was bought again by whoever only compares", purchase.reference)
    }
    fn look_up<'a>(&'a self, _: &'a Purchase) -> Pending<'a, LookedUp> {
        let delivered = self.delivered.load(Ordering::SeqCst);
        let verdict = if delivered { Verdict::Succeeded } else { Verdict::FailedProvider };
        // As at VIP Reseller, whose words are the code that was delivered.
        let serial_number = Some(SERIAL.to_owned());
        let told = Word { serial_number, ..Word::bare(verdict, format!("as told {SERIAL}")) };
        Box::pin(async move { LookedUp::Told(told) })
    }
    fn deposit(&self) -> Pending<'_, Deposit> {
        let left = Rupiah::new(self.deposit.load(Ordering::SeqCst));
        Box::pin(async move {
            tokio::time::sleep(self.thinks).await;
            Deposit::Left(left)
        })
    }
    fn read_webhook(
        &self,
        _: &[(String, String)],
        _: &[u8],
    ) -> Result<SupplierWebhook, suppliers::WebhookRefusal> {
        Err(suppliers::WebhookRefusal::BadSignature)
    }
}

fn telling() -> Arc<Telling> {
    telling_after(Duration::ZERO)
}

fn telling_after(thinks: Duration) -> Arc<Telling> {
    Arc::new(Telling { delivered: AtomicBool::new(true), deposit: AtomicI64::new(1_000_000), thinks })
}

on_both_shops!(fn a_supplier_that_can_be_asked_is_asked_and_nothing_is_bought_by_it(db) {
    let mut rest = delivered(&db).await;
    let supplier = telling();
    rest.scene.shop.suppliers = Arc::new(vec![supplier.clone() as Arc<dyn Supplier>]);
    assert!(compared(&rest.scene.shop).await.agrees());
    supplier.delivered.store(false, Ordering::SeqCst);
    let report = compared(&rest.scene.shop).await;
    assert_eq!(kinds(&report), [Kind::NotDeliveredThere], "{report:#?}");
    assert!(report.differences[0].supplier.as_deref().unwrap().contains("as told"), "{report:#?}");
    assert!(!format!("{report:?}").contains(SERIAL), "it names what was delivered: {report:#?}");
});

on_both_shops!(fn what_a_supplier_says_is_kept_once_and_in_order(db) {
    let stage = Stage::fulfilling(&db).await;
    // What it answered is said again by webhook, and what says nothing is not kept.
    for verdict in [Verdict::Pending, Verdict::Unknown, Verdict::Succeeded] {
        stage.supplier_says(1, verdict).await;
    }
    stage.until_state(OrderState::Delivered).await;
    // A failure that comes later is taken for old news; that it was said is kept.
    stage.supplier_says(1, Verdict::FailedProvider).await;
    assert_eq!(stage.state().await, OrderState::Delivered);
    let reference = format!("{}-F1", stage.order.number).parse().unwrap();
    let rest = stage.at_rest().await;
    let words = suppliers::words_of(&mut db.read("test").await.unwrap(), &reference).await.unwrap();
    let said: Vec<(i64, Verdict, bool)> =
        words.iter().map(|word| (word.sequence, word.verdict, word.asked_at.is_some())).collect();
    assert_eq!(
        said,
        [(1, Verdict::Pending, true), (2, Verdict::Succeeded, false), (3, Verdict::FailedProvider, false)]
    );
    assert!(words.iter().all(|word| word.at == NOON && word.code.as_deref() == Some("00")), "{words:?}");
    let report = compared(&rest.scene.shop).await;
    assert_eq!(kinds(&report), [Kind::NotDeliveredThere], "{report:#?}");
    assert_eq!(report.differences[0].subject, reference.to_string());
});

/// Workers in the background, until they are stopped.
struct Workers(Vec<(oneshot::Sender<()>, JoinHandle<()>)>);

impl Workers {
    fn start(shop: &Shop, count: usize) -> Self {
        let start = || {
            let (stop, stopped) = oneshot::channel();
            (stop, tokio::spawn(worker::run(shop.clone(), async move { drop(stopped.await) })))
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

/// Waits until a count is what it should be.
async fn until(scene: &Scene, statement: Sql, expected: i64) {
    for _ in 0..1_200 {
        if scene.count(statement).await == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{statement:?} is {}, not {expected}", scene.count(statement).await);
}

const DONE: Sql = sql!("SELECT COUNT(*) FROM reconciliation WHERE done_at IS NOT NULL");
const CLAIMS: Sql = sql!("SELECT CAST(SUM(fence) AS BIGINT) FROM reconciliation");

on_both_shops!(fn a_day_is_compared_once_at_ten_past_three_and_the_next_begins_with_its_deposit(db) {
    let mut scene = Scene::with_ten(&db).await;
    let supplier = telling();
    scene.shop.suppliers = Arc::new(vec![supplier.clone() as Arc<dyn Supplier>]);
    let workers = Workers::start(&scene.shop, 3);
    until(&scene, sql!("SELECT COUNT(*) FROM reconciliation"), 1).await;
    let due = Duration::from_secs(15 * 3_600 + 10 * 60);
    scene.shop.clock.advance(due - Duration::from_millis(1));
    until(&scene, sql!("SELECT COUNT(*) FROM reconciliation"), 2).await;
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!((scene.count(DONE).await, scene.count(CLAIMS).await), (0, 0), "a millisecond too early");
    scene.shop.clock.advance(Duration::from_millis(1));
    until(&scene, DONE, 1).await;
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!((scene.count(DONE).await, scene.count(CLAIMS).await), (1, 1), "once, by one worker");
    workers.stop().await;

    let stored = scene.shop.stored_reconciliation(today()).await.unwrap().unwrap();
    assert!(stored.agrees() && stored.day == today(), "{stored:#?}");
    assert_eq!(stored.deposits[0].balance, Rupiah::new(1_000_000));
    let latest = scene.shop.latest_reconciliation().await.unwrap().unwrap();
    assert_eq!((latest.day, latest.differences), (today(), 0));
    assert!(scene.shop.stored_reconciliation(today().day_after()).await.unwrap().is_none());

    let next = today().day_after();
    assert!(scene.shop.reconcile(next).await.unwrap().agrees());
    supplier.deposit.store(995_000, Ordering::SeqCst);
    let report = scene.shop.reconcile(next).await.unwrap();
    assert_eq!(kinds(&report), [Kind::Deposit], "{report:#?}");
    assert!(report.differences[0].supplier.as_deref().unwrap().contains("Rp 5.000 lower"), "{report:#?}");
    assert_eq!(alerts(&scene.shop).await, ["deposit:digiflazz/2026-11-23"]);
});

// On SQLite there is one writer. Whoever compares stands in line for it before whoever lengthens the lease does: if
// the one were not polled while the other waits, both would wait until they give up, and the day begin again.
on_both_shops!(fn a_lease_is_lengthened_while_the_comparison_waits_to_write(db) {
    let mut scene = Scene::with_ten(&db).await;
    scene.shop.suppliers = Arc::new(vec![telling_after(Duration::from_secs(1)) as Arc<dyn Supplier>]);
    let lease = Duration::from_secs(4);
    scene.shop.rules = Arc::new(Rules { lease, ..(*scene.shop.rules).clone() });
    let workers = Workers::start(&scene.shop, 1);
    until(&scene, sql!("SELECT COUNT(*) FROM reconciliation"), 1).await;
    scene.shop.clock.advance(Duration::from_secs(15 * 3_600 + 10 * 60));
    until(&scene, CLAIMS, 1).await;
    let busy = db.write("test").await.unwrap();
    tokio::time::sleep(lease / 2).await;
    drop(busy);
    until(&scene, DONE, 1).await;
    assert_eq!(scene.count(CLAIMS).await, 1, "compared by the first who took it");
    workers.stop().await;
});

on_both_shops!(fn what_the_daily_run_finds_is_stored_and_alerted(db) {
    let rest = delivered(&db).await;
    let scene = &rest.scene;
    change(&db, sql!("UPDATE supplier_word SET verdict = 'failed_provider' WHERE verdict = 'succeeded'"), 1).await;
    let workers = Workers::start(&scene.shop, 1);
    until(scene, sql!("SELECT COUNT(*) FROM reconciliation"), 1).await;
    scene.shop.clock.advance(Duration::from_secs(15 * 3_600 + 10 * 60));
    until(scene, DONE, 1).await;
    workers.stop().await;
    let stored = scene.shop.stored_reconciliation(today()).await.unwrap().unwrap();
    assert!(kinds(&stored).contains(&Kind::NotDeliveredThere), "{stored:#?}");
    let subject = format!("not_delivered_there:{}-F1", rest.order.number);
    assert!(alerts(&scene.shop).await.contains(&subject));
    let latest = scene.shop.latest_reconciliation().await.unwrap().unwrap();
    assert_eq!(latest.differences, i64::try_from(stored.differences.len() + stored.not_asked.len()).unwrap());
});

on_both_shops!(fn a_day_that_makes_no_progress_is_parked_and_taken_up_again_by_a_person(db) {
    let scene = Scene::with_ten(&db).await;
    let mut tx = db.write("test").await.unwrap();
    sql!("INSERT INTO reconciliation (id, day, created_at, due_at, claims) VALUES ('rec_2026-11-20', '2026-11-20', $1, $1, 20)")
        .bind(NOON)
        .run(&mut tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let workers = Workers::start(&scene.shop, 1);
    until(&scene, sql!("SELECT COUNT(*) FROM alert WHERE kind = 'parked' AND subject = 'rec_2026-11-20'"), 1).await;
    let overdue = sql!("SELECT COUNT(*) FROM reconciliation WHERE due_at IS NULL AND done_at IS NULL");
    assert_eq!(scene.count(overdue).await, 1);
    let resolved = scene.shop.resolve_alert(AlertKind::Parked, "rec_2026-11-20", &Actor::staff("rina")).await;
    assert!(resolved.unwrap());
    until(&scene, DONE, 1).await;
    workers.stop().await;
});

/// Ended work on the row of the day, and whether it is due once more.
const AGAIN: Sql = sql!(
    "SELECT COUNT(*) FROM reconciliation WHERE done_at IS NOT NULL AND lease_until IS NULL AND due_at IS NOT NULL"
);
const NO_MORE: Sql = sql!(
    "SELECT COUNT(*) FROM reconciliation WHERE done_at IS NOT NULL AND lease_until IS NULL AND due_at IS NULL"
);

/// A day whose settlement reports have eight lines about nothing of ours, of which one run compares three; and the first
/// of them is compared by the daily run.
async fn first_part_of_eight_lines(db: &Database) -> (Rest, Workers) {
    let mut rest = delivered(db).await;
    let rules = Rules { settlement_lines: 3, ..(*rest.scene.shop.rules).clone() };
    rest.scene.shop.rules = Arc::new(rules);
    let line = |n: usize| format!("LK{n:010}-P1,{PRICE},2026-11-23 03:00:00\n");
    let lines: String = (1..=8).map(line).collect();
    imported(&rest.scene.shop, "2026-11-23", &format!("Order ID,Gross Amount,Settlement Date\n{lines}"))
        .await;
    let workers = Workers::start(&rest.scene.shop, 3);
    until(&rest.scene, sql!("SELECT COUNT(*) FROM reconciliation"), 1).await;
    rest.scene.shop.clock.advance(Duration::from_secs(15 * 3_600 + 10 * 60));
    until(&rest.scene, AGAIN, 1).await;
    (rest, workers)
}

/// How many alerts are open about payments that nobody here knows.
const FOUND: Sql = sql!(
    "SELECT COUNT(*) FROM alert
     WHERE kind = 'reconciliation' AND subject LIKE 'unknown_payment:%' AND resolved_at IS NULL"
);
const A_FEW_MINUTES: Duration = Duration::from_secs(3 * 60);

on_both_shops!(fn the_daily_run_goes_on_by_itself_until_settlement_reports_are_compared_whole(db) {
    let (rest, workers) = first_part_of_eight_lines(&db).await;
    let scene = &rest.scene;
    for part in [1, 2] {
        assert_eq!((scene.count(CLAIMS).await, scene.count(FOUND).await), (part, 3 * part));
        assert!(!all_is_compared(&scene.shop).await);
        // Not at once, and by one of them.
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        assert_eq!(scene.count(CLAIMS).await, part);
        scene.shop.clock.advance(A_FEW_MINUTES);
        until(scene, CLAIMS, part + 1).await;
        until(scene, if part == 1 { AGAIN } else { NO_MORE }, 1).await;
    }
    assert_eq!((scene.count(CLAIMS).await, scene.count(FOUND).await), (3, 8));
    assert!(all_is_compared(&scene.shop).await);
    scene.shop.clock.advance(Duration::from_secs(3_600));
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(scene.count(CLAIMS).await, 3, "there is nothing more");
    workers.stop().await;
    // What is stored of the day tells of all parts.
    let stored = scene.shop.stored_reconciliation(today()).await.unwrap().unwrap();
    let unknown = kinds(&stored).into_iter().filter(|kind| *kind == Kind::UnknownPayment).count();
    assert_eq!((unknown, stored.counts.settlement_lines), (8, 8), "{stored:#?}");
    assert!(stored.not_asked.iter().all(|silence| silence.party != "settlement reports"), "{stored:#?}");
    assert!(stored.counts.orders > 0, "what was told of the rest of the day stays: {stored:#?}");
});

on_both_shops!(fn a_part_that_cannot_be_compared_waits_for_the_next_day(db) {
    let (rest, workers) = first_part_of_eight_lines(&db).await;
    let scene = &rest.scene;
    change(&db, sql!("UPDATE settlement_report SET unreadable = 'torn'"), 1).await;
    scene.shop.clock.advance(A_FEW_MINUTES);
    until(scene, CLAIMS, 2).await;
    until(scene, NO_MORE, 1).await;
    scene.shop.clock.advance(A_FEW_MINUTES);
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(scene.count(CLAIMS).await, 2, "nobody tries it again and again");
    let stored = scene.shop.stored_reconciliation(today()).await.unwrap().unwrap();
    assert!(stored.not_asked.iter().any(|silence| silence.why.contains("could not be read")), "{stored:#?}");
    // The run of the next day is the one that goes on.
    change(&db, sql!("UPDATE settlement_report SET unreadable = '[]'"), 1).await;
    scene.shop.clock.advance(Duration::from_secs(86_400));
    until(scene, sql!("SELECT COUNT(*) FROM reconciliation WHERE done_at IS NOT NULL AND day = '2026-11-23'"), 1).await;
    until(scene, FOUND, 6).await;
    workers.stop().await;
});

//! A hint about a purchase that comes while its supplier is asked may be newer than the answer.

use crate::scene::{ITEM, NOON, Scene};
use database::{Database, sql};
use orders::{IncomingWebhook, Receipt, worker};
use outside::Pending;
use std::{sync::Arc, time::Duration};
use suppliers::{
    AttemptState, Capabilities, Named, Purchase, Report, Supplier, SupplierWebhook, Verdict, WebhookRefusal,
    adapters::digiflazz::CAPABILITIES,
};
use testkit::on_both_shops;
use tokio::{
    sync::{Semaphore, oneshot},
    task::JoinHandle,
};
use vocabulary::{OrderNumber, PaymentMethod};

const PRICE: i64 = 10_000;
/// How soon after an answer the supplier may be asked; without a hint it is asked after a minute.
const PAUSE: Duration = Duration::from_secs(10);
const MINUTE: Duration = Duration::from_secs(60);

/// Says the same each time, when it is let, and hints at a reference.
struct Stubborn {
    says: Verdict,
    begun: Semaphore,
    may_end: Semaphore,
}

impl Stubborn {
    fn new(says: Verdict) -> Arc<Stubborn> {
        Arc::new(Stubborn { says, begun: Semaphore::new(0), may_end: Semaphore::new(0) })
    }
}

impl Supplier for Stubborn {
    fn name(&self) -> &'static str {
        "digiflazz"
    }
    fn capabilities(&self) -> Capabilities {
        Capabilities { min_requery: PAUSE, ..CAPABILITIES }
    }
    fn purchase<'a>(&'a self, _: &'a Purchase) -> Pending<'a, Report> {
        Box::pin(async move {
            self.begun.add_permits(1);
            self.may_end.acquire().await.unwrap().forget();
            Report { code: Some("00".into()), ..Report::bare(self.says, "as told") }
        })
    }
    fn read_webhook(&self, _: &[(String, String)], body: &[u8]) -> Result<SupplierWebhook, WebhookRefusal> {
        Ok(SupplierWebhook::Hint(Named::Reference(String::from_utf8_lossy(body).into_owned())))
    }
}

async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..1_200 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never: {what}");
}

/// A purchase of which its supplier hints while it is asked, and answers then.
async fn hinted(
    db: &Database,
    supplier: &Arc<Stubborn>,
) -> (Scene, OrderNumber, oneshot::Sender<()>, JoinHandle<()>) {
    let mut scene = Scene::with_ten(db).await;
    scene.shop.suppliers = Arc::new(vec![supplier.clone() as Arc<dyn Supplier>]);
    scene.fund("a", PRICE).await;
    let mut wish = scene.wish("a", ITEM);
    wish.method = PaymentMethod::Wallet;
    let number = scene.shop.place(&wish).await.unwrap().number;
    let (stop, stopped) = oneshot::channel::<()>();
    let worker = tokio::spawn(worker::run(scene.shop.clone(), async move { drop(stopped.await) }));
    supplier.begun.acquire().await.unwrap().forget();

    let reference = format!("{number}-F1");
    let hint = IncomingWebhook { source: "digiflazz", headers: &[], body: reference.as_bytes() };
    assert_eq!(scene.shop.receive_webhook(&hint).await.unwrap(), Receipt::Taken);
    let heard = sql!("SELECT COUNT(*) FROM webhook_inbox WHERE state = 'applied'");
    until("the hint is heard", async || scene.count(heard).await == 1).await;
    let file = scene.shop.order_file(&number).await.unwrap().unwrap();
    assert_eq!(file.attempts[0].answered_at, None, "the call is under way");
    supplier.may_end.add_permits(1);
    (scene, number, stop, worker)
}

on_both_shops!(fn a_hint_that_comes_while_the_supplier_is_asked_has_it_asked_again_as_soon_as_it_may_be(db) {
    let supplier = Stubborn::new(Verdict::Pending);
    let (scene, number, stop, worker) = hinted(&db, &supplier).await;
    let attempt = async || scene.shop.order_file(&number).await.unwrap().unwrap().attempts.remove(0);
    let again = NOON.plus(PAUSE);
    until("it is to be asked as soon as it may be", async || {
        let attempt = attempt().await;
        attempt.answered_at == Some(NOON) && attempt.due_at == Some(again)
    })
    .await;

    // That question answers the hint, and what comes next comes by itself.
    scene.shop.clock.advance(PAUSE);
    supplier.begun.acquire().await.unwrap().forget();
    supplier.may_end.add_permits(1);
    until("it is asked by itself", async || {
        attempt().await.due_at.is_some_and(|due| due >= again.plus(MINUTE))
    })
    .await;
    stop.send(()).unwrap();
    worker.await.unwrap();
});

on_both_shops!(fn what_failed_while_somebody_hinted_is_not_sent_again_where_that_could_buy_it(db) {
    let supplier = Stubborn::new(Verdict::FailedProvider);
    let (scene, number, stop, worker) = hinted(&db, &supplier).await;
    until("it is over, and asked about no more", async || {
        let attempt = scene.shop.order_file(&number).await.unwrap().unwrap().attempts.remove(0);
        attempt.state == AttemptState::Failed && attempt.due_at.is_none()
    })
    .await;
    assert_eq!(supplier.begun.available_permits(), 0, "nobody was asked meanwhile");
    stop.send(()).unwrap();
    worker.await.unwrap();
});

//! A purchase that is refused for its price is a reason to read the list anew, also while it is being read.

use crate::scene::{ITEM, Scene};
use database::sql;
use orders::{OrderState, PriceRules, Rules, worker};
use outside::Pending;
use std::{sync::Arc, time::Duration};
use suppliers::{
    Capabilities, ListAsk, PriceList, Purchase, Report, Supplier, SupplierWebhook, Verdict,
    adapters::digiflazz::CAPABILITIES,
};
use testkit::on_both_shops;
use tokio::sync::{Semaphore, oneshot};
use vocabulary::PaymentMethod;

const PRICE: i64 = 10_000;
/// Nobody's list may be read more often.
const PACE: Duration = Duration::from_secs(300);

/// Refuses every purchase for its price, and tells its list when it is let.
struct Busy {
    begun: Semaphore,
    may_end: Semaphore,
}

impl Supplier for Busy {
    fn name(&self) -> &'static str {
        "digiflazz"
    }
    fn capabilities(&self) -> Capabilities {
        // Nobody asks what one product costs beside the list.
        Capabilities { tells_one_price: false, ..CAPABILITIES }
    }
    fn purchase<'a>(&'a self, _: &'a Purchase) -> Pending<'a, Report> {
        Box::pin(async {
            Report { code: Some("00".into()), ..Report::bare(Verdict::FailedPrice, "as told") }
        })
    }
    fn price_list<'a>(&'a self, _: &'a ListAsk) -> Pending<'a, PriceList> {
        Box::pin(async move {
            self.begun.add_permits(1);
            self.may_end.acquire().await.unwrap().forget();
            PriceList::NotTold
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

on_both_shops!(fn a_price_that_is_refused_while_the_list_is_read_has_it_read_again_as_soon_as_it_may_be(db) {
    let supplier = Arc::new(Busy { begun: Semaphore::new(0), may_end: Semaphore::new(0) });
    let mut scene = Scene::with_ten(&db).await;
    scene.shop.suppliers = Arc::new(vec![supplier.clone() as Arc<dyn Supplier>]);
    let prices = PriceRules { every: Some(Duration::from_secs(6 * 3_600)), ..PriceRules::default() };
    scene.shop.rules = Arc::new(Rules { prices, ..Scene::rules() });
    let (stop, stopped) = oneshot::channel::<()>();
    let worker = tokio::spawn(worker::run(scene.shop.clone(), async move { drop(stopped.await) }));
    let planned = sql!("SELECT COUNT(*) FROM supplier_watch WHERE subject = 'prices' AND due_at IS NOT NULL");
    for _ in 0..1_200 {
        if scene.count(planned).await == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    scene.shop.clock.advance(PACE);
    supplier.begun.acquire().await.unwrap().forget();

    // The list is being read, and may be older than the refusal.
    scene.fund("a", PRICE).await;
    let mut wish = scene.wish("a", ITEM);
    wish.method = PaymentMethod::Wallet;
    let placed = scene.shop.place(&wish).await.unwrap();
    for _ in 0..1_200 {
        if scene.order(&placed.number).await.state == OrderState::Refunded {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(scene.order(&placed.number).await.state, OrderState::Refunded);
    supplier.may_end.add_permits(1);
    let read = sql!("SELECT COUNT(*) FROM supplier_watch WHERE subject = 'prices' AND lease_until IS NULL");
    for _ in 0..1_200 {
        if scene.count(read).await == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(scene.count(read).await, 1);
    let due = sql!("SELECT due_at FROM supplier_watch WHERE subject = 'prices'");
    assert_eq!(scene.count(due).await, scene.shop.clock.now().plus(PACE).millis());
    // After that reading the ordinary pace goes on.
    scene.shop.clock.advance(PACE);
    supplier.begun.acquire().await.unwrap().forget();
    supplier.may_end.add_permits(1);
    let later = scene.shop.clock.now().plus(Duration::from_secs(6 * 3_600)).millis();
    for _ in 0..1_200 {
        if scene.count(due).await == later {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(scene.count(due).await, later);
    stop.send(()).unwrap();
    worker.await.unwrap();
});

//! A shop whose one product has three routes at two suppliers that say what a test wants, and its worker.

use crate::scene::{ITEM, NOON, Scene};
use database::{Database, sql};
use notifications::{AlertKind, Audience, MessageKind};
use orders::{
    Attention, IncomingWebhook, Order, OrderFile, OrderState, PlaceError, Receipt, Rules, SettleError, worker,
};
use outside::Pending;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use suppliers::{
    Attempt, Before, Capabilities, DepositSeen, ListAsk, Listing, PriceList, Purchase, Report, Supplier,
    SupplierWebhook, Verdict, adapters::digiflazz::CAPABILITIES,
};
use tokio::{
    sync::{Semaphore, oneshot},
    task::JoinHandle,
};
use vocabulary::{Actor, PaymentMethod, Rupiah};

pub(crate) const PRICE: i64 = 10_000;
/// The product at its first supplier, at another seller there, and at another supplier.
pub(crate) const OWN: &str = "own";
pub(crate) const B1: &str = "b1";
pub(crate) const ELSEWHERE: &str = "elsewhere";

/// What both suppliers can do, where a test does not say otherwise.
const CAN: Capabilities = Capabilities { partial_possible: true, ..CAPABILITIES };

/// Suppliers that say of each product what a test wants; without a word it is delivered.
#[derive(Default)]
pub(crate) struct Sellers {
    says: Mutex<HashMap<String, Verdict>>,
    /// Code and reference of every purchase, as they came.
    pub(crate) asked: Mutex<Vec<(String, String)>>,
    /// Suppliers that do not answer the question before a first send.
    pub(crate) silent: Mutex<Vec<&'static str>>,
    /// Codes of which they tell nothing then, though they answer.
    pub(crate) untold: Mutex<Vec<&'static str>>,
    /// Codes of what costs too much, by the question before a first send.
    pub(crate) too_dear: Mutex<Vec<&'static str>>,
    /// How long every answer takes.
    pub(crate) takes: Mutex<Duration>,
    /// What products cost by now, for whoever asks.
    pub(crate) costs: Mutex<HashMap<String, i64>>,
    /// Codes of the products that somebody asked the price of.
    pub(crate) priced: Mutex<Vec<String>>,
    /// Lets such an answer come, where there is one.
    pub(crate) lets_tell: Mutex<Option<Arc<Semaphore>>>,
}

struct Named(&'static str, Capabilities, Arc<Sellers>);

fn report(verdict: Verdict) -> Report {
    Report { code: Some("00".into()), price: None, ..Report::bare(verdict, "as told") }
}

impl Supplier for Named {
    fn name(&self) -> &'static str {
        self.0
    }
    fn capabilities(&self) -> Capabilities {
        self.1
    }
    fn purchase<'a>(&'a self, purchase: &'a Purchase) -> Pending<'a, Report> {
        let verdict = self.2.says.lock().unwrap().get(&purchase.sku).copied();
        self.2.asked.lock().unwrap().push((purchase.sku.clone(), purchase.reference.to_string()));
        let takes = *self.2.takes.lock().unwrap();
        Box::pin(async move {
            tokio::time::sleep(takes).await;
            report(verdict.unwrap_or(Verdict::Succeeded))
        })
    }
    fn before_first_send<'a>(&'a self, purchase: &'a Purchase) -> Pending<'a, Before> {
        let before = if self.2.silent.lock().unwrap().contains(&self.0) {
            Before::NotNow { reason: "nobody is there".into() }
        } else if self.2.untold.lock().unwrap().iter().any(|sku| *sku == purchase.sku) {
            Before::NotTold { reason: "they refuse to tell of it".into() }
        } else if self.2.too_dear.lock().unwrap().iter().any(|sku| *sku == purchase.sku) {
            Before::NotBought(report(Verdict::FailedPrice))
        } else {
            Before::Ready { earlier: None }
        };
        Box::pin(async move { before })
    }
    fn price_list<'a>(&'a self, ask: &'a ListAsk) -> Pending<'a, PriceList> {
        self.2.priced.lock().unwrap().extend(ask.sku.clone());
        let costs = self.2.costs.lock().unwrap();
        let asked = costs.iter().filter(|(sku, _)| ask.sku.as_ref().is_none_or(|one| one == *sku));
        let told = asked.map(|(sku, cost)| Listing {
            price: Rupiah::new(*cost),
            seen_at: ask.now,
            ..listed(self.0, sku)
        });
        let listings: Vec<Listing> = told.collect();
        let told = match listings.is_empty() {
            true => PriceList::NotTold,
            false => PriceList::Told { listings, unreadable: 0 },
        };
        let lets_tell = self.2.lets_tell.lock().unwrap().clone().filter(|_| ask.sku.is_some());
        Box::pin(async move {
            if let Some(lets_tell) = lets_tell {
                lets_tell.acquire().await.unwrap().forget();
            }
            told
        })
    }
    fn read_webhook(
        &self,
        _: &[(String, String)],
        body: &[u8],
    ) -> Result<SupplierWebhook, suppliers::WebhookRefusal> {
        let body = String::from_utf8_lossy(body);
        let (reference, verdict) = body.split_once(' ').unwrap();
        Ok(SupplierWebhook::News { reference: reference.into(), report: report(verdict.parse().unwrap()) })
    }
}

/// A shop whose one product has three routes, and its worker.
pub(crate) struct Market {
    pub(crate) scene: Scene,
    pub(crate) sellers: Arc<Sellers>,
    stop: oneshot::Sender<()>,
    worker: JoinHandle<()>,
}

impl Market {
    pub(crate) async fn open(db: &Database) -> Market {
        Market::with(db, Scene::rules(), CAN).await
    }

    /// With these rules, where the second supplier can do this.
    pub(crate) async fn with(db: &Database, rules: Rules, second: Capabilities) -> Market {
        Market::of(db, rules, (CAN, second)).await
    }

    /// With these rules, where the two suppliers can do this.
    pub(crate) async fn of(
        db: &Database,
        rules: Rules,
        (first, second): (Capabilities, Capabilities),
    ) -> Market {
        let mut scene = Scene::with_ten(db).await;
        let sellers = Arc::new(Sellers::default());
        scene.shop.suppliers = Arc::new(vec![
            Arc::new(Named("digiflazz", first, sellers.clone())) as Arc<dyn Supplier>,
            Arc::new(Named("second", second, sellers.clone())),
        ]);
        // The gateway of the scene is never there. That it would be left alone after some orders is no subject here.
        scene.shop.rules = Arc::new(Rules { circuit_failures: u32::MAX, ..rules });
        let text = format!(
            "category_code,category_name,category_icon,category_active,code,name,price,cost,stock,minimum_stock,\
             supplier,supplier_sku,customer_template,description,active,routes\n\
             FF,Free Fire,🔥,yes,{ITEM},70 Diamond,{PRICE},9000,10,1,digiflazz,{OWN},{{user_id}},,yes,\
             digiflazz {B1} > second {ELSEWHERE} x{{user_id}}\n"
        );
        let file = catalog::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
        scene.shop.import_catalog(&file, &Actor::system()).await.unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let worker = tokio::spawn(worker::run(scene.shop.clone(), async move { drop(stopped.await) }));
        Market { scene, sellers, stop, worker }
    }

    pub(crate) fn says(&self, sku: &str, verdict: Verdict) {
        self.sellers.says.lock().unwrap().insert(sku.into(), verdict);
    }

    /// The same is said of all three products.
    pub(crate) fn all_say(&self, verdict: Verdict) {
        for sku in [OWN, B1, ELSEWHERE] {
            self.says(sku, verdict);
        }
    }

    /// Codes of the purchases that were asked for, as they came.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.sellers.asked.lock().unwrap().iter().map(|(sku, _)| sku.clone()).collect()
    }

    /// Waits until so many purchases were asked for.
    pub(crate) async fn until_asked(&self, times: usize) {
        for _ in 0..2_000 {
            if self.asked().len() >= times {
                return;
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        panic!("asked for {:?} alone", self.asked());
    }

    pub(crate) async fn place(&self, buyer: &str, account: &str) -> Result<Order, PlaceError> {
        let mut wish = self.scene.wish(buyer, ITEM);
        wish.user_id = account.into();
        wish.method = PaymentMethod::Wallet;
        self.scene.fund(buyer, PRICE).await;
        let placed = self.scene.shop.place(&wish).await?;
        Ok(self.scene.order(&placed.number).await)
    }

    /// An order that is paid from the wallet at once.
    pub(crate) async fn bought(&self, buyer: &str) -> Order {
        self.place(buyer, "123456789").await.unwrap()
    }

    /// An order that waits for its payment, and is paid later with [`Market::pay`].
    pub(crate) async fn unpaid(&self, buyer: &str) -> Order {
        let placed = self.scene.buy(buyer, ITEM).await.unwrap();
        self.scene.order(&placed.number).await
    }

    /// Its buyer pays from the wallet.
    pub(crate) async fn pay(&self, order: &Order) {
        self.scene.fund(order.buyer.as_str(), PRICE).await;
        let way = orders::WayToPay::by(PaymentMethod::Wallet);
        self.scene.shop.pay_by(&order.number, &order.owner, &way).await.unwrap();
    }

    pub(crate) async fn until(
        &self,
        order: &Order,
        what: &str,
        done: impl Fn(&OrderFile) -> bool,
    ) -> OrderFile {
        for _ in 0..2_000 {
            let file = self.file(order).await;
            if done(&file) {
                return file;
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        panic!("not {what}: {:#?}", self.file(order).await);
    }

    pub(crate) async fn until_state(&self, order: &Order, state: OrderState) -> OrderFile {
        self.until(order, state.as_str(), |file| file.order.state == state).await
    }

    pub(crate) async fn until_waiting(&self, order: &Order) -> OrderFile {
        let waits = Some(Attention::WaitsForSupplier);
        self.until(order, "waiting", |file| file.order.attention == waits).await
    }

    /// Two orders that are paid one after the other, and wait for a supplier.
    pub(crate) async fn two_wait(&self) -> (Order, Order) {
        let (first, second) = (self.unpaid("a").await, self.unpaid("b").await);
        for order in [&first, &second] {
            self.pay(order).await;
            self.until_waiting(order).await;
            self.passes(1);
        }
        (first, second)
    }

    /// Three orders, of which nobody knows what became at the first supplier: it is left alone from then on.
    pub(crate) async fn falls_silent(&self) {
        self.says(OWN, Verdict::Unknown);
        for buyer in ["a", "b", "c"] {
            let order = self.bought(buyer).await;
            let asked = |file: &OrderFile| file.attempts.first().is_some_and(|a| a.answered_at.is_some());
            self.until(&order, "asked", asked).await;
        }
    }

    pub(crate) async fn until_in_part(&self, order: &Order) -> OrderFile {
        let part = Some(Attention::PartlyDelivered);
        self.until(order, "delivered in part", |file| file.order.attention == part).await
    }

    /// A person gives back so much of an order of which a part was delivered.
    pub(crate) async fn settle(&self, order: &Order, share: i64) -> Result<OrderState, SettleError> {
        let rina = Actor::staff("rina");
        let settled = self.scene.shop.settle_part(&order.number, Rupiah::new(share), &rina).await?;
        assert!(!settled.waits, "it is little enough for one person");
        Ok(settled.state)
    }

    pub(crate) async fn file(&self, order: &Order) -> OrderFile {
        self.scene.shop.order_file(&order.number).await.unwrap().unwrap()
    }

    /// The supplier says this of the attempt, and what follows has followed.
    pub(crate) async fn webhook(&self, source: &str, attempt: &Attempt, verdict: Verdict) {
        let body = format!("{} {verdict}", attempt.reference);
        let webhook = IncomingWebhook { source, headers: &[], body: body.as_bytes() };
        assert_eq!(self.scene.shop.receive_webhook(&webhook).await.unwrap(), Receipt::Taken);
        for _ in 0..2_000 {
            let waiting = sql!("SELECT COUNT(*) FROM webhook_inbox WHERE state = 'received'");
            if self.scene.count(waiting).await == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        panic!("nobody heard `{body}`");
    }

    pub(crate) async fn lists(&self, listing: Listing) {
        let mut tx = self.scene.shop.db.write("test").await.unwrap();
        suppliers::store_listing(&mut tx, &listing).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub(crate) async fn deposit_is(&self, supplier: &str, left: i64) {
        let seen_at = self.scene.shop.clock.now();
        let seen = DepositSeen { supplier: supplier.into(), left: Rupiah::new(left), seen_at };
        let mut tx = self.scene.shop.db.write("test").await.unwrap();
        assert!(suppliers::store_deposit(&mut tx, &seen).await.unwrap());
        tx.commit().await.unwrap();
    }

    pub(crate) async fn alerts(&self) -> Vec<(AlertKind, String)> {
        let mut tx = self.scene.shop.db.read("test").await.unwrap();
        let open = notifications::open_alerts(&mut tx).await.unwrap();
        open.into_iter().map(|alert| (alert.kind, alert.subject)).collect()
    }

    pub(crate) async fn offered(&self) -> usize {
        let (_, offers) = self.scene.shop.offers(&"FF".parse().unwrap()).await.unwrap().unwrap();
        offers.len()
    }

    pub(crate) fn passes(&self, seconds: u64) {
        self.scene.shop.clock.advance(Duration::from_secs(seconds));
    }

    pub(crate) async fn end(self) {
        self.stop.send(()).unwrap();
        self.worker.await.unwrap();
    }
}

pub(crate) fn listed(supplier: &str, sku: &str) -> Listing {
    Listing {
        supplier: supplier.into(),
        sku: sku.into(),
        name: "70 Diamond".into(),
        category: "Games".into(),
        brand: "FREE FIRE".into(),
        seller: "A seller".into(),
        description: String::new(),
        price: Rupiah::new(8_900),
        buyer_active: true,
        seller_active: true,
        stock: None,
        multi: true,
        cut_off: None,
        doubt: None,
        seen_at: NOON,
    }
}

pub(crate) fn told(file: &OrderFile, kind: MessageKind) -> Vec<Option<String>> {
    let to_buyer = file.messages.iter().filter(|m| m.audience == Audience::Buyer && m.kind == kind);
    to_buyer.map(|message| message.detail.clone()).collect()
}

pub(crate) fn reasons(attempt: &Attempt) -> Vec<String> {
    let kept: serde_json::Value = serde_json::from_str(attempt.routing.as_deref().unwrap()).unwrap();
    kept.as_array().unwrap().iter().map(|one| one["why"].as_str().unwrap().to_owned()).collect()
}

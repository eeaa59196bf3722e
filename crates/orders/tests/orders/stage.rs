//! A purchase on its way: a gateway and a supplier that say what a test wants, and a worker that hears
//! it.

use crate::scene::{ITEM, Scene};
use database::{Database, sql};
use ledger::Account;
use notifications::{AlertKind, MessageKind};
use orders::{
    ActionError, IncomingWebhook, Order, OrderFile, OrderState, Receipt, StaffAction, WayToPay, worker,
};
use outside::Pending;
use payments::{
    ChargeOutcome, ChargeRequest, CloseOutcome, Gateway, LostCharge, Notification, Observation,
    ObservedState, Opened, Payment, PaymentState, Sent, StatusOutcome, WebhookRefusal,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use suppliers::{Capabilities, Purchase, Report, Supplier, SupplierWebhook, Verdict};
use tokio::{sync::oneshot, task::JoinHandle};
use vocabulary::{Actor, PaymentMethod, Rupiah};

/// What the order costs.
pub(crate) const PRICE: i64 = 10_000;

/// Opens whatever it is sent, and says of each payment what a test has told it.
#[derive(Default)]
struct Teller {
    /// By reference: the state, and the amount that it names.
    payments: Mutex<HashMap<String, (ObservedState, Option<i64>)>>,
}

impl Gateway for Teller {
    fn name(&self) -> &'static str {
        "midtrans"
    }
    fn methods(&self) -> &'static [PaymentMethod] {
        &[PaymentMethod::GopayQr, PaymentMethod::GopayLink]
    }
    fn webhook_path(&self) -> &'static str {
        "/webhooks/midtrans"
    }
    fn shortest(&self, _: PaymentMethod) -> Duration {
        Duration::ZERO
    }
    fn lost_charge(&self, _: PaymentMethod) -> LostCharge {
        LostCharge::Ask
    }
    fn charge<'a>(&'a self, _: &'a ChargeRequest) -> Pending<'a, ChargeOutcome> {
        let opened = Opened { transaction_id: "t".into(), ..Opened::default() };
        Box::pin(async move { ChargeOutcome::Opened(opened) })
    }
    fn status<'a>(&'a self, sent: &'a Sent) -> Pending<'a, StatusOutcome> {
        let told = self.payments.lock().unwrap().get(&sent.reference.to_string()).copied();
        let (state, amount) = told.unwrap_or((ObservedState::Pending, Some(sent.amount.get())));
        let (stated, amount) = (state.to_string(), amount.map(Rupiah::new));
        let observation = Observation { state, stated, amount, opened: Opened::default() };
        Box::pin(async move { StatusOutcome::Found(observation) })
    }
    fn cancel<'a>(&'a self, _: &'a Sent) -> Pending<'a, CloseOutcome> {
        Box::pin(async { CloseOutcome::CannotClose })
    }
    fn expire<'a>(&'a self, _: &'a Sent) -> Pending<'a, CloseOutcome> {
        Box::pin(async { CloseOutcome::CannotClose })
    }
    fn verify_webhook(&self, _: &[(String, String)], _: &[u8]) -> Result<Notification, WebhookRefusal> {
        Err(WebhookRefusal::BadSignature)
    }
}

/// Answers every purchase with one verdict; its webhooks are a reference and a verdict.
struct Answerer {
    verdict: Mutex<Verdict>,
}

fn report(verdict: Verdict) -> Report {
    Report {
        verdict,
        code: Some("00".into()),
        message: "as told".into(),
        serial_number: None,
        price: None,
        balance: None,
    }
}

impl Supplier for Answerer {
    fn name(&self) -> &'static str {
        "digiflazz"
    }
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            supports_client_ref: true,
            resend_is_status: true,
            min_requery: Duration::from_secs(60),
            max_requery_age: Duration::from_secs(85 * 86_400),
            price_guard: true,
            callback_is_authenticated: true,
            partial_possible: false,
        }
    }
    fn purchase<'a>(&'a self, _: &'a Purchase) -> Pending<'a, Report> {
        let verdict = *self.verdict.lock().unwrap();
        Box::pin(async move { report(verdict) })
    }
    fn read_webhook(
        &self,
        _: &[(String, String)],
        body: &[u8],
    ) -> Result<SupplierWebhook, suppliers::WebhookRefusal> {
        let body = String::from_utf8_lossy(body);
        let (reference, verdict) = body.split_once(' ').unwrap();
        let report = report(verdict.parse().unwrap());
        Ok(SupplierWebhook::News { reference: reference.to_owned(), report })
    }
}

/// An order of one piece, and those who work on it.
pub(crate) struct Stage {
    pub(crate) scene: Scene,
    pub(crate) order: Order,
    gateway: Arc<Teller>,
    supplier: Arc<Answerer>,
    stop: oneshot::Sender<()>,
    worker: JoinHandle<()>,
}

impl Stage {
    /// An order whose first payment is open. Purchases succeed.
    pub(crate) async fn open(db: &Database) -> Stage {
        let mut scene = Scene::with_ten(db).await;
        let gateway = Arc::new(Teller::default());
        let supplier = Arc::new(Answerer { verdict: Mutex::new(Verdict::Succeeded) });
        scene.shop.gateways = Arc::new(vec![gateway.clone() as Arc<dyn Gateway>]);
        scene.shop.suppliers = Arc::new(vec![supplier.clone() as Arc<dyn Supplier>]);
        let order = scene.bought("buyer", ITEM).await;
        let (stop, stopped) = oneshot::channel::<()>();
        let worker = tokio::spawn(worker::run(scene.shop.clone(), async move { drop(stopped.await) }));
        let stage = Stage { scene, order, gateway, supplier, stop, worker };
        stage.until_payment(0, PaymentState::Open).await;
        stage
    }

    /// The same, and the buyer has opened a second payment.
    pub(crate) async fn open_twice(db: &Database) -> Stage {
        let stage = Stage::open(db).await;
        let way = WayToPay::by(PaymentMethod::GopayLink);
        stage.scene.shop.pay_by(&stage.order.number, &stage.order.owner, &way).await.unwrap();
        stage.until_payment(1, PaymentState::Open).await;
        stage
    }

    /// The same, and the first payment has paid the order while the supplier has yet to decide.
    pub(crate) async fn fulfilling(db: &Database) -> Stage {
        let stage = Stage::open_twice(db).await;
        stage.purchases_are(Verdict::Pending);
        stage.gateway_says(0, ObservedState::Settled, Some(PRICE)).await;
        stage.until_state(OrderState::Fulfilling).await;
        stage
    }

    /// From now on the supplier answers purchases with this.
    pub(crate) fn purchases_are(&self, verdict: Verdict) {
        *self.supplier.verdict.lock().unwrap() = verdict;
    }

    /// The gateway says this of the `nth` payment from now on, and what follows has followed.
    pub(crate) async fn gateway_says(&self, nth: usize, state: ObservedState, amount: Option<i64>) {
        let reference = self.payments().await[nth].reference.to_string();
        self.gateway.payments.lock().unwrap().insert(reference.clone(), (state, amount));
        let now = self.scene.shop.clock.now();
        let mut tx = self.scene.shop.db.write("test").await.unwrap();
        assert!(payments::nudge(&mut tx, &reference, now).await.unwrap());
        tx.commit().await.unwrap();
        for _ in 0..200 {
            if self.payments().await[nth].due_at.is_none_or(|due| due > now) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("nobody asked about {reference}: {:?}", self.payments().await);
    }

    /// The supplier says this of the attempt with this number, and what follows has followed.
    pub(crate) async fn supplier_says(&self, attempt: u32, verdict: Verdict) {
        let body = format!("{}-F{attempt} {verdict}", self.order.number);
        let webhook = IncomingWebhook { source: "digiflazz", headers: &[], body: body.as_bytes() };
        assert_eq!(self.scene.shop.receive_webhook(&webhook).await.unwrap(), Receipt::Taken);
        let waiting = sql!("SELECT COUNT(*) FROM webhook_inbox WHERE state = 'received'");
        for _ in 0..200 {
            if self.scene.count(waiting).await == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("nobody heard `{body}`");
    }

    /// A member of staff decides.
    pub(crate) async fn decide(&self, action: StaffAction) -> Result<OrderState, ActionError> {
        self.scene.shop.decide(&self.order.number, action, &Actor::staff("rina")).await
    }

    /// The product costs more from now on.
    pub(crate) async fn raise_price(&self) {
        let mut tx = self.scene.shop.db.write("test").await.unwrap();
        sql!("UPDATE product SET price = price + 1").query().run(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Waits until the order stands in `state`.
    pub(crate) async fn until_state(&self, state: OrderState) {
        for _ in 0..200 {
            if self.state().await == state {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the order is {}, not {state}", self.state().await);
    }

    async fn until_payment(&self, nth: usize, state: PaymentState) {
        for _ in 0..200 {
            if self.payments().await.get(nth).is_some_and(|p| p.state == state) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("payment {nth} is not {state}: {:?}", self.payments().await);
    }

    pub(crate) async fn state(&self) -> OrderState {
        self.scene.order(&self.order.number).await.state
    }

    /// Its payments, oldest first.
    pub(crate) async fn payments(&self) -> Vec<Payment> {
        let mut tx = self.scene.shop.db.read("test").await.unwrap();
        payments::payments_of_order(&mut tx, &self.order.id).await.unwrap()
    }

    async fn file(&self) -> OrderFile {
        self.scene.shop.order_file(&self.order.number).await.unwrap().unwrap()
    }

    /// What the order has put on an account; positive is a debit.
    pub(crate) async fn stands(&self, account: &Account) -> i64 {
        let lines = self.file().await.ledger;
        lines.iter().filter(|line| line.account == *account).map(|line| line.amount.get()).sum()
    }

    /// What the order has put into its buyer's wallet.
    pub(crate) async fn wallet(&self) -> i64 {
        -self.stands(&Account::Wallet(self.order.buyer.clone())).await
    }

    /// The amounts that the buyer was told were credited.
    pub(crate) async fn credited(&self) -> Vec<String> {
        let messages = self.file().await.messages;
        let told = messages.into_iter().filter(|message| message.kind == MessageKind::Credited);
        let mut amounts: Vec<String> = told.map(|message| message.detail.unwrap()).collect();
        amounts.sort();
        amounts
    }

    /// The open alerts about the order.
    pub(crate) async fn alerts(&self) -> Vec<AlertKind> {
        let mut tx = self.scene.shop.db.read("test").await.unwrap();
        let open = notifications::open_alerts(&mut tx).await.unwrap();
        let mut kinds: Vec<AlertKind> =
            open.into_iter().filter(|a| a.subject == self.order.number.as_str()).map(|a| a.kind).collect();
        kinds.sort();
        kinds
    }

    /// Everybody goes home, and the books are right.
    pub(crate) async fn end(self) {
        self.stop.send(()).unwrap();
        self.worker.await.unwrap();
        self.scene.books_hold().await;
    }
}

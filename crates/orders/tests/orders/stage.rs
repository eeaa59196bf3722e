//! A purchase on its way: a gateway and a supplier that say what a test wants, and a worker that hears
//! it.

use crate::scene::{ITEM, Scene};
use database::{Database, sql};
use ledger::Account;
use notifications::{AlertKind, Audience, MessageKind};
use orders::{
    ActionError, Approved, Attention, IncomingWebhook, Order, OrderFile, OrderState, Receipt, SettleError,
    StaffAction, WayToPay, worker,
};
use outside::Pending;
use payments::{
    ChargeOutcome, ChargeRequest, CloseOutcome, Gateway, LostCharge, Notification, Observation,
    ObservedState, Opened, Payment, PaymentState, Sent, StatusOutcome, WebhookRefusal,
};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use suppliers::{
    Attempt, AttemptState, Capabilities, Purchase, Report, Supplier, SupplierWebhook, Verdict,
    adapters::digiflazz::CAPABILITIES,
};
use tokio::{sync::oneshot, task::JoinHandle};
use vocabulary::{Actor, PaymentMethod, Rupiah};

/// What the order costs.
pub(crate) const PRICE: i64 = 10_000;

/// What the supplier can do.
const CAN: Capabilities = Capabilities { partial_possible: true, ..CAPABILITIES };

/// The state of a payment, the amount that its gateway names, and how much it says went back.
type Said = (ObservedState, Option<i64>, Option<i64>);

/// Opens whatever it is sent, and says of each payment what a test has told it.
#[derive(Default)]
struct Teller {
    /// By reference.
    payments: Mutex<HashMap<String, Said>>,
    /// How often it was asked about a payment.
    asked: AtomicUsize,
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
        self.asked.fetch_add(1, Ordering::SeqCst);
        let told = self.payments.lock().unwrap().get(&sent.reference.to_string()).copied();
        let (state, amount, back) = told.unwrap_or((ObservedState::Pending, Some(sent.amount.get()), None));
        let (amount, given_back) = (amount.map(Rupiah::new), back.map(Rupiah::new));
        let (stated, refunds, opened) = (state.to_string(), None, Opened::default());
        let observation = Observation { state, stated, amount, given_back, refunds, opened };
        Box::pin(async move { StatusOutcome::Found(observation) })
    }
    fn cancel<'a>(&'a self, _: &'a Sent) -> Pending<'a, CloseOutcome> {
        Box::pin(async { CloseOutcome::CannotClose })
    }
    fn expire<'a>(&'a self, _: &'a Sent) -> Pending<'a, CloseOutcome> {
        Box::pin(async { CloseOutcome::CannotClose })
    }
    fn refund<'a>(&'a self, _: &'a payments::RefundRequest) -> Pending<'a, payments::RefundOutcome> {
        Box::pin(async {
            payments::RefundOutcome::NotTaken { reason: "unreachable".into(), retry_after: None }
        })
    }
    fn refund_status<'a>(&'a self, _: &'a payments::RefundRequest) -> Pending<'a, payments::RefundOutcome> {
        Box::pin(async { payments::RefundOutcome::NotFound })
    }
    /// Its webhooks are a reference, and a word about it.
    fn verify_webhook(&self, _: &[(String, String)], body: &[u8]) -> Result<Notification, WebhookRefusal> {
        let body = String::from_utf8_lossy(body);
        let (reference, stated) = body.split_once(' ').ok_or(WebhookRefusal::BadSignature)?;
        Ok(Notification { reference: reference.to_owned(), stated: stated.to_owned() })
    }
}

/// Answers every purchase with one verdict; its webhooks are a reference, a verdict and a serial number.
struct Answerer {
    verdict: Mutex<Verdict>,
    serial: Mutex<Option<String>>,
}

fn report(verdict: Verdict, serial_number: Option<String>) -> Report {
    Report { code: Some("00".into()), serial_number, ..Report::bare(verdict, "as told") }
}

impl Supplier for Answerer {
    fn name(&self) -> &'static str {
        "digiflazz"
    }
    fn capabilities(&self) -> Capabilities {
        CAN
    }
    fn purchase<'a>(&'a self, _: &'a Purchase) -> Pending<'a, Report> {
        let report = report(*self.verdict.lock().unwrap(), self.serial.lock().unwrap().clone());
        Box::pin(async move { report })
    }
    fn read_webhook(
        &self,
        _: &[(String, String)],
        body: &[u8],
    ) -> Result<SupplierWebhook, suppliers::WebhookRefusal> {
        let body = String::from_utf8_lossy(body);
        let words: Vec<&str> = body.split(' ').collect();
        let report = report(words[1].parse().unwrap(), words.get(2).map(|serial| (*serial).to_owned()));
        Ok(SupplierWebhook::News { reference: words[0].to_owned(), report })
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
        let supplier =
            Arc::new(Answerer { verdict: Mutex::new(Verdict::Succeeded), serial: Mutex::default() });
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
        stage.opens_another(PaymentMethod::GopayLink).await;
        stage
    }

    /// The same, and the first payment has paid the order while the supplier has yet to decide.
    pub(crate) async fn fulfilling(db: &Database) -> Stage {
        let stage = Stage::open_twice(db).await;
        stage.purchases_are(Verdict::Pending);
        stage.gateway_says(0, ObservedState::Settled, Some(PRICE)).await;
        stage.until_state(OrderState::Fulfilling).await;
        // What is not sent yet is withdrawn when its money goes back; the supplier has it now.
        stage.until_asked().await;
        stage
    }

    async fn until_asked(&self) {
        for _ in 0..1_200 {
            if self.attempts().await.first().is_some_and(|attempt| attempt.state == AttemptState::Pending) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the supplier has not taken it: {:?}", self.attempts().await);
    }

    /// The buyer opens one more payment, by another method.
    pub(crate) async fn opens_another(&self, method: PaymentMethod) {
        let before = self.payments().await.len();
        let way = WayToPay::by(method);
        self.scene.shop.pay_by(&self.order.number, &self.order.owner, &way).await.unwrap();
        self.until_payment(before, PaymentState::Open).await;
    }

    /// From now on the supplier answers purchases with this.
    pub(crate) fn purchases_are(&self, verdict: Verdict) {
        *self.supplier.verdict.lock().unwrap() = verdict;
    }

    /// From now on purchases succeed with this serial number.
    pub(crate) fn purchases_bring(&self, serial: &str) {
        self.purchases_are(Verdict::Succeeded);
        *self.supplier.serial.lock().unwrap() = Some(serial.to_owned());
    }

    /// The gateway says this of the `nth` payment from now on, and what follows has followed.
    pub(crate) async fn gateway_says(&self, nth: usize, state: ObservedState, amount: Option<i64>) {
        self.gateway_is(nth, (state, amount, None)).await;
    }

    /// The gateway has given back a part of the `nth` payment, by hand, and what follows has followed.
    pub(crate) async fn gateway_gave_back(&self, nth: usize, part: Option<i64>) {
        self.gateway_is(nth, (ObservedState::PartlyRefunded, Some(PRICE), part)).await;
    }

    async fn gateway_is(&self, nth: usize, told: Said) {
        let reference = self.payments().await[nth].reference.to_string();
        self.gateway.payments.lock().unwrap().insert(reference.clone(), told);
        let now = self.scene.shop.clock.now();
        let mut tx = self.scene.shop.db.write("test").await.unwrap();
        assert!(payments::nudge(&mut tx, &reference, now).await.unwrap());
        tx.commit().await.unwrap();
        for _ in 0..1_200 {
            if self.payments().await[nth].due_at.is_none_or(|due| due > now) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("nobody asked about {reference}: {:?}", self.payments().await);
    }

    /// From now on the gateway says that the first payment is paid, and sends nothing.
    pub(crate) async fn paid_unheard(&self) {
        let reference = self.payments().await[0].reference.to_string();
        self.gateway.payments.lock().unwrap().insert(reference, (ObservedState::Settled, Some(PRICE), None));
    }

    /// A notification about the first payment comes in, this often in a row, and what follows at once has followed.
    pub(crate) async fn notified(&self, word: &str, times: usize) {
        let body = format!("{} {word}", self.payments().await[0].reference);
        let webhook = IncomingWebhook { source: "midtrans", headers: &[], body: body.as_bytes() };
        for _ in 0..times {
            assert_eq!(self.scene.shop.receive_webhook(&webhook).await.unwrap(), Receipt::Taken);
        }
        let now = self.scene.shop.clock.now();
        let waiting = sql!("SELECT COUNT(*) FROM webhook_inbox WHERE due_at IS NOT NULL");
        for _ in 0..200 {
            // In this order: what is not applied yet makes the payment due.
            let all_applied = self.scene.count(waiting).await == 0;
            if all_applied && self.payments().await[0].due_at.is_none_or(|due| due > now) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("nobody heard `{body}`: {:?}", self.payments().await);
    }

    /// How often the gateway was asked about a payment.
    pub(crate) fn asked(&self) -> usize {
        self.gateway.asked.load(Ordering::SeqCst)
    }

    /// The supplier says this of the attempt with this number, and what follows has followed.
    pub(crate) async fn supplier_says(&self, attempt: u32, verdict: Verdict) {
        self.supplier_writes(&format!("{}-F{attempt} {verdict}", self.order.number)).await;
    }

    /// The supplier says that the attempt with this number delivered this, and what follows has followed.
    pub(crate) async fn supplier_delivers(&self, attempt: u32, serial: &str) {
        self.supplier_writes(&format!("{}-F{attempt} succeeded {serial}", self.order.number)).await;
    }

    async fn supplier_writes(&self, body: &str) {
        let webhook = IncomingWebhook { source: "digiflazz", headers: &[], body: body.as_bytes() };
        assert_eq!(self.scene.shop.receive_webhook(&webhook).await.unwrap(), Receipt::Taken);
        let waiting = sql!("SELECT COUNT(*) FROM webhook_inbox WHERE state = 'received'");
        for _ in 0..1_200 {
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

    /// A member of staff says what of its price is the buyer's of what was delivered in part.
    pub(crate) async fn settle(&self, share: i64, by: &str) -> Result<Approved, SettleError> {
        let (number, share) = (&self.order.number, Rupiah::new(share));
        self.scene.shop.settle_part(number, share, &Actor::staff(by)).await
    }

    /// The product costs more from now on.
    pub(crate) async fn raise_price(&self) {
        let mut tx = self.scene.shop.db.write("test").await.unwrap();
        sql!("UPDATE product SET price = price + 1").query().run(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Waits until the order stands in `state`.
    pub(crate) async fn until_state(&self, state: OrderState) {
        for _ in 0..1_200 {
            if self.state().await == state {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the order is {}, not {state}", self.state().await);
    }

    async fn until_payment(&self, nth: usize, state: PaymentState) {
        for _ in 0..1_200 {
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

    /// Its attempts, oldest first.
    pub(crate) async fn attempts(&self) -> Vec<Attempt> {
        self.file().await.attempts
    }

    /// Waits until the first attempt could not be sent.
    pub(crate) async fn until_tried(&self) {
        let not_sent = |attempt: &Attempt| attempt.verdict == Some(Verdict::NotSent);
        for _ in 0..1_200 {
            if self.attempts().await.first().is_some_and(not_sent) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("nobody tried to send it: {:?}", self.attempts().await);
    }

    /// Waits until the buyer had the chance to hear this often that the supplier is slow.
    pub(crate) async fn until_reminded(&self, times: i64) {
        for _ in 0..1_200 {
            if self.attempts().await.last().is_some_and(|attempt| attempt.reminders >= times) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("not reminded {times} times: {:?}", self.attempts().await);
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
        self.told(MessageKind::Credited).await
    }

    /// What the buyer was told by messages of this kind, sorted: all are of the same moment.
    pub(crate) async fn told(&self, kind: MessageKind) -> Vec<String> {
        let messages = self.file().await.messages.into_iter();
        let told = messages.filter(|message| message.audience == Audience::Buyer && message.kind == kind);
        let mut details: Vec<String> = told.map(|message| message.detail.unwrap_or_default()).collect();
        details.sort();
        details
    }

    /// The serial number that the buyer is shown.
    pub(crate) async fn serial_number(&self) -> Option<String> {
        let mut order = self.scene.order(&self.order.number).await;
        self.scene.shop.open_order(&mut order);
        order.serial_number
    }

    /// Why a person has to look.
    pub(crate) async fn attention(&self) -> Option<Attention> {
        self.scene.order(&self.order.number).await.attention
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

/// What a stage leaves behind when its worker has gone home: nobody acts on what a test does.
pub(crate) struct Rest {
    pub(crate) scene: Scene,
    pub(crate) order: Order,
    gateway: Arc<Teller>,
}

impl Stage {
    /// The worker goes home.
    pub(crate) async fn at_rest(self) -> Rest {
        self.stop.send(()).unwrap();
        self.worker.await.unwrap();
        Rest { scene: self.scene, order: self.order, gateway: self.gateway }
    }
}

impl Rest {
    /// The gateway says this of a payment from now on, and nobody hears it.
    pub(crate) fn gateway_says(&self, reference: &str, state: ObservedState, amount: Option<i64>) {
        self.gateway.payments.lock().unwrap().insert(reference.to_owned(), (state, amount, None));
    }

    /// The gateway says that so much of a payment went back in all, and nobody hears it.
    pub(crate) fn gateway_gave_back(&self, reference: &str, much: i64) {
        let told = (ObservedState::PartlyRefunded, Some(PRICE), Some(much));
        self.gateway.payments.lock().unwrap().insert(reference.to_owned(), told);
    }
}

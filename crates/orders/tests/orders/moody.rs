//! A shop whose gateway gives back as it likes: answers get lost, refunds stay under way, are refused, or are made by
//! hand beside ours; and a paid order that fails.

use crate::scene::{ITEM, Scene};
use database::Database;
use ledger::Account;
use notifications::AlertKind;
use orders::{Order, OrderFile, OrderState, RefundRules, RefundTarget, RefundWish, Rules, worker};
use outside::Pending;
use payments::{
    ChargeOutcome, ChargeRequest, CloseOutcome, Gateway, ListedRefund, LostCharge, Notification, Observation,
    ObservedState, Opened, PaymentState, RefundOutcome, RefundRefusal, RefundRequest, RefundState, Sent,
    StatusOutcome, WebhookRefusal,
};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};
use suppliers::{
    Capabilities, Purchase, Report, Supplier, SupplierWebhook, Verdict, adapters::digiflazz::CAPABILITIES,
};
use tokio::{sync::oneshot, task::JoinHandle};
use vocabulary::{Actor, Ids, PaymentMethod, Rupiah};

/// What the order costs.
pub(crate) const PRICE: i64 = 10_000;

/// Takes money, and gives back once under one key; its answers get lost, and it refuses as it likes.
pub(crate) struct Moody {
    chance: Ids,
    pub(crate) calm: AtomicBool,
    /// Whether nothing comes of whatever it is sent.
    pub(crate) silent: AtomicBool,
    /// Whether whoever asks about a refund waits for this to end, and is then told that it is done.
    pub(crate) holds: AtomicBool,
    /// Whether somebody waits so.
    pub(crate) held: AtomicBool,
    /// Whether it refuses whatever it is sent.
    pub(crate) refuses: AtomicBool,
    /// Whether the buyer's bank has taken back whatever was paid.
    pub(crate) bank: AtomicBool,
    /// How much the buyer's bank has taken back, which it tells in the sum of what went back.
    pub(crate) took: AtomicI64,
    /// Whether it lists its refunds one by one.
    pub(crate) lists: AtomicBool,
    /// By reference of the payment: what went back under which key.
    pub(crate) given: Mutex<HashMap<String, HashMap<String, i64>>>,
}

impl Moody {
    pub(crate) fn given(&self) -> i64 {
        self.given.lock().unwrap().values().flat_map(HashMap::values).sum()
    }

    fn give(&self, request: &RefundRequest) {
        let mut given = self.given.lock().unwrap();
        let of_payment = given.entry(request.payment.reference.to_string()).or_default();
        of_payment.entry(request.key.to_string()).or_insert(request.amount.get());
    }

    fn has(&self, request: &RefundRequest) -> bool {
        let given = self.given.lock().unwrap();
        given
            .get(&request.payment.reference.to_string())
            .is_some_and(|keys| keys.contains_key(&request.key.to_string()))
    }
}

fn unknown() -> RefundOutcome {
    RefundOutcome::Unknown { reason: "silence".into(), retry_after: None }
}

impl Gateway for Moody {
    fn name(&self) -> &'static str {
        "midtrans"
    }
    fn methods(&self) -> &'static [PaymentMethod] {
        &[PaymentMethod::GopayQr]
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
        let keys = self.given.lock().unwrap().get(&sent.reference.to_string()).cloned().unwrap_or_default();
        let took = self.took.load(Ordering::SeqCst);
        let back = keys.values().sum::<i64>() + took;
        let of = |(key, amount): (String, i64)| ListedRefund { key: Some(key), amount: Rupiah::new(amount) };
        let listed = self.lists.load(Ordering::SeqCst).then(|| keys.into_iter().map(of).collect());
        let state = match back {
            0 => ObservedState::Settled,
            PRICE.. => ObservedState::Refunded,
            _ => ObservedState::PartlyRefunded,
        };
        let mut observation = Observation {
            state,
            stated: if took > 0 { "00 chargeback".to_owned() } else { state.to_string() },
            amount: Some(sent.amount),
            given_back: (back > 0).then_some(Rupiah::new(back)),
            refunds: listed,
            opened: Opened::default(),
        };
        if self.bank.load(Ordering::SeqCst) {
            let (state, stated) = (ObservedState::Refunded, "chargeback".to_owned());
            observation = Observation { state, stated, given_back: None, refunds: None, ..observation };
        }
        Box::pin(async move { StatusOutcome::Found(observation) })
    }
    fn cancel<'a>(&'a self, _: &'a Sent) -> Pending<'a, CloseOutcome> {
        Box::pin(async { CloseOutcome::CannotClose })
    }
    fn expire<'a>(&'a self, _: &'a Sent) -> Pending<'a, CloseOutcome> {
        Box::pin(async { CloseOutcome::CannotClose })
    }
    fn refund<'a>(&'a self, request: &'a RefundRequest) -> Pending<'a, RefundOutcome> {
        if self.silent.load(Ordering::SeqCst) {
            return Box::pin(async { unknown() });
        }
        if self.refuses.load(Ordering::SeqCst) {
            let (code, message) = ("414".into(), "no".into());
            let outcome = RefundOutcome::Refused { reason: RefundRefusal::Amount, code, message };
            return Box::pin(async move { outcome });
        }
        let mood = if self.calm.load(Ordering::SeqCst) { 0 } else { self.chance.below(7) };
        let refused = |reason| RefundOutcome::Refused { reason, code: "412".into(), message: "no".into() };
        let outcome = match mood {
            1 => {
                self.give(request);
                unknown()
            }
            2 => unknown(),
            3 => RefundOutcome::NotTaken { reason: "unreachable".into(), retry_after: None },
            4 if !self.has(request) => refused(RefundRefusal::InsufficientBalance),
            5 => refused(RefundRefusal::WrongState),
            6 if !self.has(request) => {
                RefundOutcome::Pending { refund_id: None, stated: "in progress".into() }
            }
            _ => {
                self.give(request);
                RefundOutcome::Done { refund_id: None }
            }
        };
        Box::pin(async move { outcome })
    }
    fn refund_status<'a>(&'a self, request: &'a RefundRequest) -> Pending<'a, RefundOutcome> {
        if self.holds.load(Ordering::SeqCst) {
            self.held.store(true, Ordering::SeqCst);
            return Box::pin(async move {
                while self.holds.load(Ordering::SeqCst) {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                RefundOutcome::Done { refund_id: None }
            });
        }
        let silent = self.silent.load(Ordering::SeqCst)
            || !self.calm.load(Ordering::SeqCst) && self.chance.below(4) == 0;
        let outcome = match self.has(request) {
            _ if silent => unknown(),
            true => RefundOutcome::Done { refund_id: None },
            false => RefundOutcome::NotFound,
        };
        Box::pin(async move { outcome })
    }
    /// Its webhooks are a reference.
    fn verify_webhook(&self, _: &[(String, String)], body: &[u8]) -> Result<Notification, WebhookRefusal> {
        let reference = String::from_utf8_lossy(body).into_owned();
        Ok(Notification { reference, stated: "refunded".into() })
    }
}

/// Delivers nothing, for good, and is not to blame for it: it goes on being asked.
struct Refusing;

impl Supplier for Refusing {
    fn name(&self) -> &'static str {
        "digiflazz"
    }
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }
    fn purchase<'a>(&'a self, _: &'a Purchase) -> Pending<'a, Report> {
        Box::pin(async { Report::bare(Verdict::FailedCustomer, "no") })
    }
    fn read_webhook(
        &self,
        _: &[(String, String)],
        _: &[u8],
    ) -> Result<SupplierWebhook, suppliers::WebhookRefusal> {
        Err(suppliers::WebhookRefusal::BadSignature)
    }
}

/// A shop with a moody gateway, and a paid order that fails.
pub(crate) struct Play {
    pub(crate) scene: Scene,
    pub(crate) order: Order,
    pub(crate) gateway: Arc<Moody>,
    pub(crate) stop: oneshot::Sender<()>,
    pub(crate) worker: JoinHandle<()>,
}

impl Play {
    pub(crate) async fn begin(db: &Database, seed: u64, automatic: RefundTarget) -> Play {
        Play::begin_with(db, seed, automatic, false).await
    }

    /// Its order is on its way back to the source, and nobody tells what became of that.
    pub(crate) async fn on_its_way(db: &Database, seed: u64) -> Play {
        let play = Play::begin_with(db, seed, RefundTarget::Source, true).await;
        let sent = |file: &OrderFile| file.refunds.first().is_some_and(|r| r.state == RefundState::Unknown);
        play.until("sent", sent).await;
        play
    }

    async fn begin_with(db: &Database, seed: u64, automatic: RefundTarget, silent: bool) -> Play {
        let mut scene = Scene::with_ten(db).await;
        let gateway = Arc::new(Moody {
            chance: Ids::seeded(seed),
            calm: AtomicBool::new(false),
            silent: AtomicBool::new(silent),
            holds: AtomicBool::new(false),
            held: AtomicBool::new(false),
            refuses: AtomicBool::new(false),
            bank: AtomicBool::new(false),
            took: AtomicI64::new(0),
            lists: AtomicBool::new(false),
            given: Mutex::default(),
        });
        scene.shop.gateways = Arc::new(vec![gateway.clone() as Arc<dyn Gateway>]);
        scene.shop.suppliers = Arc::new(vec![Arc::new(Refusing)]);
        let refunds = RefundRules { second_person_above: Rupiah::new(3_000), automatic };
        scene.shop.rules = Arc::new(Rules { refunds, movable_clock: true, ..Rules::default() });
        // Another play may have moved the time on.
        scene.shop.refresh_clock().await.unwrap();
        let order = scene.bought(&format!("buyer-{seed}"), ITEM).await;
        let (stop, stopped) = oneshot::channel::<()>();
        let worker = tokio::spawn(worker::run(scene.shop.clone(), async move { drop(stopped.await) }));
        let play = Play { scene, order, gateway, stop, worker };
        // It is paid before time goes on: its window would be over before a busy machine has come to it.
        let is_open = |file: &OrderFile| file.payments.first().is_some_and(|p| p.state == PaymentState::Open);
        play.at_this_moment("open", is_open).await;
        play.pass(61).await;
        play.at_this_moment("paid", |file| file.order.paid_at.is_some()).await;
        play
    }

    pub(crate) async fn file(&self) -> OrderFile {
        self.scene.shop.order_file(&self.order.number).await.unwrap().unwrap()
    }

    pub(crate) async fn pass(&self, seconds: u64) {
        self.scene.shop.advance_clock(Duration::from_secs(seconds)).await.unwrap();
        tokio::time::sleep(Duration::from_millis(40)).await;
    }

    /// Waits until this holds; business time stands still.
    async fn at_this_moment(&self, what: &str, holds: impl Fn(&OrderFile) -> bool) {
        for _ in 0..1_500 {
            if holds(&self.file().await) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        panic!("not {what}: {:#?}", self.file().await);
    }

    /// Business time goes on until this holds.
    pub(crate) async fn until(&self, what: &str, holds: impl Fn(&OrderFile) -> bool) {
        for _ in 0..1_500 {
            if holds(&self.file().await) {
                return;
            }
            self.pass(61).await;
        }
        panic!("never {what}: {:#?}", self.file().await);
    }

    pub(crate) async fn wallet(&self) -> i64 {
        let wallet = Account::Wallet(self.order.buyer.clone());
        let lines = self.file().await.ledger;
        -lines.iter().filter(|l| l.account == wallet).map(|l| l.amount.get()).sum::<i64>()
    }

    /// Somebody gives back so much of the order's payment in the dashboard.
    pub(crate) async fn by_hand(&self, key: &str, amount: i64) {
        let reference = self.file().await.payments[0].reference.to_string();
        let mut books = self.gateway.given.lock().unwrap();
        books.entry(reference).or_default().insert(key.to_owned(), amount);
    }

    /// The gateway gives a reason to ask about the order's payment.
    pub(crate) async fn nudged(&self) {
        let payment = self.file().await.payments[0].reference.to_string();
        let shop = &self.scene.shop;
        let mut tx = shop.db.write("test").await.unwrap();
        assert!(payments::nudge(&mut tx, &payment, shop.clock.now()).await.unwrap());
        tx.commit().await.unwrap();
    }

    /// A refund of so much to where the money came from is wanted, sent, and not heard of.
    pub(crate) async fn sends_and_hears_nothing(&self, amount: i64) {
        self.gateway.silent.store(true, Ordering::SeqCst);
        let wish = RefundWish { target: None, amount: Some(Rupiah::new(amount)), reason: None };
        let rina = Actor::staff("rina");
        assert!(!self.scene.shop.refund(&self.order.number, &wish, &rina).await.unwrap().waits);
        self.until("sent", |file| file.refunds.last().is_some_and(|r| r.state == RefundState::Unknown)).await;
    }

    /// What the order has put on an account; positive is a debit.
    pub(crate) async fn stands(&self, account: &Account) -> i64 {
        let lines = self.file().await.ledger;
        lines.iter().filter(|line| line.account == *account).map(|line| line.amount.get()).sum()
    }

    /// Everybody goes home while more went back than was paid, or a refund has not ended; the books are right.
    pub(crate) async fn stop(self) {
        self.scene.books_hold().await;
        self.stop.send(()).unwrap();
        self.worker.await.unwrap();
        self.scene.books_hold().await;
    }

    /// The open alert about a refund that has not ended.
    pub(crate) async fn alert(&self, kind: AlertKind, subject: &str) -> Option<String> {
        let mut tx = self.scene.shop.db.read("test").await.unwrap();
        let open = notifications::open_alerts(&mut tx).await.unwrap();
        open.into_iter().find(|a| a.kind == kind && a.subject == subject).map(|a| a.message)
    }

    /// What the buyer has again, at the gateway and in the wallet, is what was paid, once everything has ended.
    pub(crate) async fn end(self) {
        self.gateway.calm.store(true, Ordering::SeqCst);
        let ended = |file: &OrderFile| {
            file.order.state == OrderState::Refunded && file.refunds.iter().all(|r| !r.state.is_live())
        };
        self.until("ended", ended).await;
        let given = self.gateway.given();
        assert!(given <= PRICE, "{given} went back of {PRICE}: {:#?}", self.file().await.refunds);
        assert_eq!(given + self.wallet().await, PRICE, "{:#?}", self.file().await.refunds);
        self.stop.send(()).unwrap();
        self.worker.await.unwrap();
        self.scene.books_hold().await;
    }
}

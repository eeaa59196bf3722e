//! Refunds to where the money came from, whatever staff want and whatever the gateway does with it: no sequence
//! of requests, approvals and answers gives back more than was paid, or the same twice.

use crate::{
    proof::{LieInRupiah, are_found},
    scene::{ITEM, Scene},
};
use database::{Database, sql};
use ledger::Account;
use notifications::{AlertKind, alert_open};
use orders::{
    IncomingWebhook, Order, OrderFile, OrderState, Receipt, RefundError, RefundRules, RefundTarget,
    RefundWish, Rules, SeenRefund, Settled, worker,
};
use outside::Pending;
use payments::{
    ByHand, ChargeOutcome, ChargeRequest, CloseOutcome, Gateway, LostCharge, Notification, Observation,
    ObservedState, Opened, PaymentState, RefundOutcome, RefundRefusal, RefundRequest, RefundState, Sent,
    StatusOutcome, WebhookRefusal,
};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use suppliers::{
    Capabilities, Purchase, Report, Supplier, SupplierWebhook, Verdict, adapters::digiflazz::CAPABILITIES,
};
use testkit::on_both_shops;
use tokio::{sync::oneshot, task::JoinHandle};
use vocabulary::{Actor, Ids, PaymentMethod, Rupiah};

/// What the order costs.
const PRICE: i64 = 10_000;

/// Takes money, and gives back once under one key; its answers get lost, and it refuses as it likes.
struct Moody {
    chance: Ids,
    calm: AtomicBool,
    /// Whether nothing comes of whatever it is sent.
    silent: AtomicBool,
    /// Whether whoever asks about a refund waits for this to end, and is then told that it is done.
    holds: AtomicBool,
    /// Whether somebody waits so.
    held: AtomicBool,
    /// Whether it refuses whatever it is sent.
    refuses: AtomicBool,
    /// Whether the buyer's bank has taken back whatever was paid.
    bank: AtomicBool,
    /// By reference of the payment: what went back under which key.
    given: Mutex<HashMap<String, HashMap<String, i64>>>,
}

impl Moody {
    fn given(&self) -> i64 {
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
        let back: i64 = {
            let given = self.given.lock().unwrap();
            given.get(&sent.reference.to_string()).map_or(0, |keys| keys.values().sum())
        };
        let state = match back {
            0 => ObservedState::Settled,
            PRICE.. => ObservedState::Refunded,
            _ => ObservedState::PartlyRefunded,
        };
        let mut observation = Observation {
            state,
            stated: state.to_string(),
            amount: Some(sent.amount),
            given_back: (back > 0).then_some(Rupiah::new(back)),
            opened: Opened::default(),
        };
        if self.bank.load(Ordering::SeqCst) {
            let (state, stated) = (ObservedState::Refunded, "chargeback".to_owned());
            observation = Observation { state, stated, given_back: None, ..observation };
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
struct Play {
    scene: Scene,
    order: Order,
    gateway: Arc<Moody>,
    stop: oneshot::Sender<()>,
    worker: JoinHandle<()>,
}

impl Play {
    async fn begin(db: &Database, seed: u64, automatic: RefundTarget) -> Play {
        Play::begin_with(db, seed, automatic, false).await
    }

    /// Its order is on its way back to the source, and nobody tells what became of that.
    async fn on_its_way(db: &Database, seed: u64) -> Play {
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
        Play { scene, order, gateway, stop, worker }
    }

    async fn file(&self) -> OrderFile {
        self.scene.shop.order_file(&self.order.number).await.unwrap().unwrap()
    }

    async fn pass(&self, seconds: u64) {
        self.scene.shop.advance_clock(Duration::from_secs(seconds)).await.unwrap();
        tokio::time::sleep(Duration::from_millis(40)).await;
    }

    /// Business time goes on until this holds.
    async fn until(&self, what: &str, holds: impl Fn(&OrderFile) -> bool) {
        for _ in 0..200 {
            if holds(&self.file().await) {
                return;
            }
            self.pass(61).await;
        }
        panic!("never {what}: {:#?}", self.file().await);
    }

    async fn wallet(&self) -> i64 {
        let wallet = Account::Wallet(self.order.buyer.clone());
        let lines = self.file().await.ledger;
        -lines.iter().filter(|l| l.account == wallet).map(|l| l.amount.get()).sum::<i64>()
    }

    /// Somebody gives back so much of the order's payment in the dashboard.
    async fn by_hand(&self, key: &str, amount: i64) {
        let reference = self.file().await.payments[0].reference.to_string();
        let mut books = self.gateway.given.lock().unwrap();
        books.entry(reference).or_default().insert(key.to_owned(), amount);
    }

    /// The open alert about a refund that has not ended.
    async fn alert(&self, kind: AlertKind, subject: &str) -> Option<String> {
        let mut tx = self.scene.shop.db.read("test").await.unwrap();
        let open = notifications::open_alerts(&mut tx).await.unwrap();
        open.into_iter().find(|a| a.kind == kind && a.subject == subject).map(|a| a.message)
    }

    /// What the buyer has again, at the gateway and in the wallet, is what was paid, once everything has ended.
    async fn end(self) {
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

on_both_shops!(fn a_failed_order_gives_its_money_back_once_whatever_the_gateway_does(db) {
    for seed in 0..8 {
        let play = Play::begin(&db, seed, RefundTarget::Source).await;
        for _ in 0..6 {
            play.pass(5).await;
        }
        play.end().await;
    }
});

on_both_shops!(fn no_wishes_of_staff_give_back_more_than_was_paid(db) {
    for seed in 100..106 {
        let play = Play::begin(&db, seed, RefundTarget::Wallet).await;
        play.until("refunded", |file| file.order.state == OrderState::Refunded).await;
        let dice = Ids::seeded(seed);
        let shop = &play.scene.shop;
        let number = &play.order.number;
        let (mut begun, mut alone, mut small) = (0, 0, 0);
        for _ in 0..24 {
            let person = Actor::staff(["rina", "budi", "tono"][usize::try_from(dice.below(3)).unwrap()]);
            let amount = Rupiah::new(i64::try_from(dice.below(6_000)).unwrap());
            match dice.below(6) {
                0..=2 => {
                    let wish = RefundWish { target: Some(RefundTarget::Source), amount: Some(amount), reason: None };
                    if let Ok(answer) = shop.refund(number, &wish, &person).await {
                        // Many small ones are a large one.
                        assert_eq!(answer.waits, small + amount.get() > 3_000, "{amount} after {small}");
                        if !answer.waits {
                            (begun, small) = (begun + 1, small + amount.get());
                        }
                    }
                }
                kind @ (3 | 4) => {
                    let requests = play.file().await.refund_requests;
                    let Some(waits) = requests.into_iter().find(|r| r.state == "waiting") else { continue };
                    let seen = SeenRefund { number, request: &waits.id, amount: Some(waits.amount) };
                    if kind == 4 {
                        drop(shop.reject_refund(seen, &person).await);
                        continue;
                    }
                    match shop.approve_refund(seen, &person).await {
                        Ok(_) => begun += 1,
                        Err(RefundError::SamePerson { by, .. }) => {
                            assert_eq!(by, person);
                            alone += 1;
                        }
                        Err(_) => {}
                    }
                }
                _ => {}
            }
            play.pass(dice.below(90)).await;
            assert!(play.gateway.given() + play.wallet().await <= PRICE, "seed {seed}");
        }
        assert!(begun > 0, "seed {seed} has tried nothing; alone {alone}");
        play.end().await;
    }
});

on_both_shops!(fn two_people_who_agree_at_the_same_moment_give_back_once(db) {
    let play = Play::begin(&db, 200, RefundTarget::Wallet).await;
    play.until("refunded", |file| file.order.state == OrderState::Refunded).await;
    play.gateway.calm.store(true, Ordering::SeqCst);
    let (shop, number) = (&play.scene.shop, &play.order.number);
    let wish = RefundWish { target: None, amount: Some(Rupiah::new(4_000)), reason: None };
    let wanted = shop.refund(number, &wish, &Actor::staff("rina")).await.unwrap();
    assert!(wanted.waits);
    let (budi, tono) = (Actor::staff("budi"), Actor::staff("tono"));
    let seen = SeenRefund { number, request: &wanted.request, amount: Some(Rupiah::new(4_000)) };
    let (one, other) = tokio::join!(shop.approve_refund(seen, &budi), shop.approve_refund(seen, &tono));
    assert!(one.is_ok() != other.is_ok(), "{one:?} and {other:?}");
    play.until("given back", |file| file.payments[0].state == PaymentState::PartlyRefunded).await;
    assert_eq!((play.gateway.given(), play.wallet().await), (4_000, 6_000));
    play.end().await;
});

on_both_shops!(fn a_person_ends_a_refund_that_nobody_tells_of_once_and_not_before_an_hour(db) {
    for (seed, said, given, credit) in
        [(400, ByHand::GivenBack, 1_500, 8_500), (401, ByHand::NotGivenBack, 0, 10_000)]
    {
        let play = Play::begin(&db, seed, RefundTarget::Wallet).await;
        play.until("refunded", |file| file.order.state == OrderState::Refunded).await;
        play.gateway.silent.store(true, Ordering::SeqCst);
        let (shop, number) = (&play.scene.shop, &play.order.number);
        let wish = RefundWish { target: None, amount: Some(Rupiah::new(1_500)), reason: None };
        assert!(!shop.refund(number, &wish, &Actor::staff("rina")).await.unwrap().waits);
        let key = play.file().await.refunds[0].reference.clone();
        let rina = Actor::staff("rina");
        let early = shop.settle_refund(&key, said, &rina).await;
        assert!(matches!(early, Err(RefundError::NotToSettle(_))), "{early:?}");
        for _ in 0..62 {
            play.pass(61).await;
        }
        if said == ByHand::GivenBack {
            let reference = play.file().await.payments[0].reference.to_string();
            let mut books = play.gateway.given.lock().unwrap();
            books.entry(reference).or_default().insert(key.to_string(), 1_500);
        }
        while let Err(error) = shop.settle_refund(&key, said, &rina).await {
            assert!(matches!(error, RefundError::InHand(_)), "{error:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let again = shop.settle_refund(&key, said, &rina).await;
        assert!(matches!(again, Err(RefundError::NotToSettle(_))), "{again:?}");
        assert_eq!((play.gateway.given(), play.wallet().await), (given, credit));
        play.gateway.silent.store(false, Ordering::SeqCst);
        play.end().await;
    }
});

on_both_shops!(fn an_order_that_is_taken_up_again_is_not_refunded_beside_the_refund_on_its_way(db) {
    let play = Play::on_its_way(&db, 500).await;
    let shop = &play.scene.shop;
    let id = play.order.id.to_string();
    let mut tx = shop.db.write("test").await.unwrap();
    let alert = (AlertKind::Parked, id.as_str(), "it was parked before");
    alert_open(&mut tx, &shop.ids, shop.clock.now(), alert).await.unwrap();
    tx.commit().await.unwrap();
    assert!(shop.resolve_alert(AlertKind::Parked, &id, &Actor::staff("rina")).await.unwrap());
    play.until("looked at", |file| file.order.due_at.is_none()).await;
    let order = play.file().await.order;
    assert_eq!((order.state, play.wallet().await), (OrderState::Refunding, 0));
    play.gateway.calm.store(true, Ordering::SeqCst);
    play.gateway.silent.store(false, Ordering::SeqCst);
    play.until("refunded", |file| file.order.state == OrderState::Refunded).await;
    assert_eq!((play.gateway.given(), play.wallet().await), (PRICE, 0));
    play.end().await;
});

on_both_shops!(fn a_refusal_after_a_part_went_back_in_the_dashboard_credits_nothing_by_itself(db) {
    let play = Play::on_its_way(&db, 600).await;
    let (shop, gateway) = (&play.scene.shop, &play.gateway);
    let key = play.file().await.refunds[0].reference.clone();
    gateway.calm.store(true, Ordering::SeqCst);
    gateway.refuses.store(true, Ordering::SeqCst);
    play.by_hand("by-hand", 4_000).await;
    let payment = play.file().await.payments[0].reference.to_string();
    let mut tx = shop.db.write("test").await.unwrap();
    assert!(payments::nudge(&mut tx, &payment, shop.clock.now()).await.unwrap());
    tx.commit().await.unwrap();
    play.until("seen", |file| file.payments[0].given_back == Some(Rupiah::new(4_000))).await;
    gateway.silent.store(false, Ordering::SeqCst);
    for _ in 0..200 {
        let told = play.alert(AlertKind::RefundSlow, &key.to_string()).await;
        if told.is_some_and(|told| told.contains("given back in its dashboard")) {
            break;
        }
        play.pass(61).await;
    }
    let file = play.file().await;
    assert_eq!((file.order.state, file.refunds[0].state.is_live()), (OrderState::Refunding, true));
    let told = play.alert(AlertKind::RefundSlow, &key.to_string()).await.unwrap();
    assert!(told.contains("nothing is credited by itself"), "{told}");
    assert_eq!((gateway.given(), play.wallet().await), (4_000, 0));
    play.scene.books_hold().await;
    play.stop.send(()).unwrap();
    play.worker.await.unwrap();
});

on_both_shops!(fn a_refusal_after_the_bank_took_the_money_back_credits_nothing_by_itself(db) {
    let play = Play::on_its_way(&db, 900).await;
    let (shop, gateway) = (&play.scene.shop, &play.gateway);
    let key = play.file().await.refunds[0].reference.clone();
    gateway.calm.store(true, Ordering::SeqCst);
    gateway.refuses.store(true, Ordering::SeqCst);
    gateway.bank.store(true, Ordering::SeqCst);
    let payment = play.file().await.payments[0].reference.to_string();
    let mut tx = shop.db.write("test").await.unwrap();
    assert!(payments::nudge(&mut tx, &payment, shop.clock.now()).await.unwrap());
    tx.commit().await.unwrap();
    play.until("heard", |file| file.payments[0].charged_back == Some(Rupiah::ZERO)).await;
    gateway.silent.store(false, Ordering::SeqCst);
    for _ in 0..200 {
        let told = play.alert(AlertKind::RefundSlow, &key.to_string()).await;
        if told.is_some_and(|told| told.contains("nothing is credited by itself")) {
            break;
        }
        play.pass(61).await;
    }
    let file = play.file().await;
    assert_eq!((file.order.state, file.refunds[0].state.is_live()), (OrderState::Refunding, true));
    let told = play.alert(AlertKind::RefundSlow, &key.to_string()).await.unwrap();
    assert!(told.contains("taken back by the buyer's bank"), "{told}");
    assert_eq!((gateway.given(), play.wallet().await), (0, 0));
    play.scene.books_hold().await;
    play.stop.send(()).unwrap();
    play.worker.await.unwrap();
});

on_both_shops!(fn nobody_ends_a_refund_while_it_is_asked_about_and_what_comes_all_the_same_is_told(db) {
    let play = Play::on_its_way(&db, 700).await;
    let (shop, gateway, rina) = (&play.scene.shop, &play.gateway, Actor::staff("rina"));
    let key = play.file().await.refunds[0].reference.clone();
    for _ in 0..62 {
        play.pass(61).await;
    }
    gateway.holds.store(true, Ordering::SeqCst);
    for _ in 0..200 {
        if gateway.held.load(Ordering::SeqCst) {
            break;
        }
        play.pass(61).await;
    }
    let refused = shop.settle_refund(&key, ByHand::NotGivenBack, &rina).await;
    assert!(matches!(refused, Err(RefundError::InHand(_))), "{refused:?}");
    // The lease is over before the answer comes.
    let mut tx = shop.db.write("test").await.unwrap();
    sql!("UPDATE refund SET lease_until = NULL, due_at = due_at + 864000000").query().run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    // It is more than one person may end by their word, however often they say it.
    let first = shop.settle_refund(&key, ByHand::NotGivenBack, &rina).await.unwrap();
    assert!(matches!(first, Settled::Waits(_)), "{first:?}");
    let again = shop.settle_refund(&key, ByHand::NotGivenBack, &Actor::staff(" Rina")).await;
    assert!(matches!(again, Err(RefundError::SaidAlready { .. })), "{again:?}");
    assert!(play.alert(AlertKind::NeedsSecondPerson, &key.to_string()).await.is_some());
    // Who says something else has not said the same: theirs waits now.
    let budi = Actor::staff("budi");
    let other = shop.settle_refund(&key, ByHand::GivenBack, &budi).await.unwrap();
    assert!(matches!(other, Settled::Waits(_)), "{other:?}");
    let back = shop.settle_refund(&key, ByHand::NotGivenBack, &rina).await.unwrap();
    assert!(matches!(back, Settled::Waits(_)), "{back:?}");
    assert_eq!(play.wallet().await, 0, "nothing has ended");
    let ended = shop.settle_refund(&key, ByHand::NotGivenBack, &budi).await.unwrap();
    assert!(matches!(ended, Settled::Ended(_)), "{ended:?}");
    assert_eq!(play.alert(AlertKind::NeedsSecondPerson, &key.to_string()).await, None);
    assert_eq!(play.wallet().await, PRICE);
    gateway.holds.store(false, Ordering::SeqCst);
    let mut told = None;
    for _ in 0..200 {
        told = play.alert(AlertKind::PaymentTakenBack, &key.to_string()).await;
        if told.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
    let told = told.unwrap();
    assert!(told.contains(&key.to_string()) && told.contains("Rp 10.000"), "{told}");
    play.scene.books_hold().await;
    play.stop.send(()).unwrap();
    play.worker.await.unwrap();
});

/// What is said of a bank that took back what we had given back, and what the proof then says.
const LIES_ABOUT_A_BANK: &[LieInRupiah] = &[
    (
        "it took more",
        &[(sql!("UPDATE payment SET charged_back = 9000 WHERE charged_back = 10000"), 1)],
        &[(sql!("UPDATE payment SET charged_back = 10000 WHERE charged_back = 9000"), 1)],
        "a bank took back Rp 9.000 beside refunds of ours: Rp 10.000 is booked for that",
    ),
    (
        "it never did",
        &[(sql!("UPDATE payment SET charged_back = NULL WHERE charged_back = 10000"), 1)],
        &[(sql!("UPDATE payment SET charged_back = 10000 WHERE refunded = 10000"), 1)],
        "a bank took back Rp 0 beside refunds of ours",
    ),
    (
        "it is no loss",
        &[(sql!("UPDATE ledger_posting SET account = 'fee' WHERE account = 'loss:chargeback'"), 1)],
        &[(
            sql!(
                "UPDATE ledger_posting SET account = 'loss:chargeback' WHERE account = 'fee' AND amount = 10000"
            ),
            1,
        )],
        "Rp 10.000 is booked for that, Rp 0 lost",
    ),
];

on_both_shops!(fn what_a_bank_takes_back_after_our_own_refund_is_a_loss_once_and_told(db) {
    let play = Play::begin(&db, 800, RefundTarget::Source).await;
    play.gateway.calm.store(true, Ordering::SeqCst);
    play.until("refunded", |file| file.order.state == OrderState::Refunded).await;
    assert_eq!(play.gateway.given(), PRICE);
    let number = play.order.number.to_string();
    play.gateway.bank.store(true, Ordering::SeqCst);
    let payment = play.file().await.payments[0].reference.to_string();
    for _ in 0..2 {
        let mut tx = play.scene.shop.db.write("test").await.unwrap();
        assert!(payments::nudge(&mut tx, &payment, play.scene.shop.clock.now()).await.unwrap());
        tx.commit().await.unwrap();
        let heard = |file: &OrderFile| {
            file.payments[0].charged_back == Some(Rupiah::new(PRICE)) && file.payments[0].due_at.is_none()
        };
        play.until("heard", heard).await;
        let lines = play.file().await.ledger;
        let lost = lines.iter().filter(|line| line.account == Account::ChargebackLoss);
        assert_eq!(lost.map(|line| line.amount.get()).collect::<Vec<_>>(), [PRICE], "once");
        let told = play.alert(AlertKind::PaymentTakenBack, &number).await.unwrap();
        assert!(told.contains("Rp 10.000") && told.contains("booked as a loss"), "{told}");
    }
    let (scene, order) = (play.scene.clone(), play.order.number.clone());
    play.end().await;
    assert_eq!(scene.order(&order).await.state, OrderState::Refunded);
    are_found(&scene, &db, LIES_ABOUT_A_BANK).await;
});

on_both_shops!(fn a_webhook_that_names_our_key_has_the_refund_asked_about_at_once(db) {
    let play = Play::begin(&db, 500, RefundTarget::Wallet).await;
    play.until("refunded", |file| file.order.state == OrderState::Refunded).await;
    play.gateway.silent.store(true, Ordering::SeqCst);
    let (shop, number) = (&play.scene.shop, &play.order.number);
    let wish = RefundWish { target: None, amount: Some(Rupiah::new(2_000)), reason: None };
    assert!(!shop.refund(number, &wish, &Actor::staff("rina")).await.unwrap().waits);
    play.until("asked about seldom", |file| file.refunds[0].asked > 3).await;
    let file = play.file().await;
    let (key, reference) = (file.refunds[0].reference.to_string(), file.payments[0].reference.to_string());
    play.gateway.given.lock().unwrap().entry(reference).or_default().insert(key.clone(), 2_000);
    play.gateway.calm.store(true, Ordering::SeqCst);
    play.gateway.silent.store(false, Ordering::SeqCst);
    // No time passes: it is not due by itself.
    let day = shop.clock.now().wib_day();
    let webhook = IncomingWebhook { source: "midtrans", headers: &[], body: key.as_bytes() };
    assert_eq!(shop.receive_webhook(&webhook).await.unwrap(), Receipt::Taken);
    for _ in 0..200 {
        if play.file().await.refunds[0].state == RefundState::Done {
            break;
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    assert_eq!(play.file().await.refunds[0].state, RefundState::Done);
    // It is about something of ours.
    let report = shop.reconcile(day).await.unwrap();
    assert!(report.differences.iter().all(|found| found.subject != key), "{report:#?}");
    assert!(report.notes.iter().all(|note| note.subject != key), "{report:#?}");
    play.end().await;
});

on_both_shops!(fn every_lie_about_a_refund_is_found(db) {
    let play = Play::begin(&db, 300, RefundTarget::Wallet).await;
    play.until("refunded", |file| file.order.state == OrderState::Refunded).await;
    play.gateway.calm.store(true, Ordering::SeqCst);
    let (shop, number) = (&play.scene.shop, &play.order.number);
    let wish = RefundWish { target: None, amount: Some(Rupiah::new(2_000)), reason: None };
    assert!(!shop.refund(number, &wish, &Actor::staff("rina")).await.unwrap().waits);
    play.until("given back", |file| file.payments[0].state == PaymentState::PartlyRefunded).await;
    for (lie, truth) in [
        (sql!("UPDATE refund SET amount = amount + 1"), sql!("UPDATE refund SET amount = amount - 1")),
        (sql!("UPDATE refund SET state = 'refused'"), sql!("UPDATE refund SET state = 'done'")),
        (sql!("UPDATE refund SET state = 'pending'"), sql!("UPDATE refund SET state = 'done'")),
        (sql!("UPDATE refund SET origin = 'escrow'"), sql!("UPDATE refund SET origin = 'wallet'")),
        (sql!("UPDATE refund SET gateway = 'dana'"), sql!("UPDATE refund SET gateway = 'midtrans'")),
        (sql!("UPDATE payment SET refunded = refunded + 1"), sql!("UPDATE payment SET refunded = refunded - 1")),
        (sql!("UPDATE payment SET refunding = 1"), sql!("UPDATE payment SET refunding = 0")),
        (
            sql!("UPDATE refund SET reference = reference || '0'"),
            sql!("UPDATE refund SET reference = SUBSTR(reference, 1, LENGTH(reference) - 1)"),
        ),
    ] {
        for (statement, right) in [(lie, false), (truth, true)] {
            let mut tx = shop.db.write("test").await.unwrap();
            let text = format!("{statement:?}");
            statement.query().run(&mut tx).await.unwrap();
            tx.commit().await.unwrap();
            let problems = shop.check_ledger().await.unwrap().problems;
            assert_eq!(problems.is_empty(), right, "{text}: {problems:?}");
        }
    }
    play.end().await;
});

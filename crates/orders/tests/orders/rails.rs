//! Several gateways for one method: which of them is used, what happens when one fails again and again, and
//! that nothing whose fate is not known ever goes over another.

use crate::scene::{ITEM, Scene};
use database::{Database, sql};
use notifications::AlertKind;
use orders::{Bill, Circuits, Order, OrderState, PayError, PlaceError, Rules, Shop, WayToPay, worker};
use outside::Pending;
use payments::{
    AgreedFees, ChargeOutcome, ChargeRequest, CloseOutcome, Fee, Gateway, LostCharge, MethodTerms,
    Notification, Observation, ObservedState, Opened, Payment, PaymentState, RefusalReason, Sent,
    StatusOutcome, WebhookRefusal,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use testkit::on_both_shops;
use tokio::{sync::oneshot, task::JoinHandle};
use vocabulary::{PaymentMethod, PhoneNumber, Rupiah};

/// What a rail answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Opens,
    NotOpened,
    Refuses,
    /// This payment alone.
    RefusesThis,
    Lost,
    /// Questions are answered: the money is there.
    Paid,
    /// The same, of an amount that is not ours.
    PaidLess,
    /// They took it back from us.
    TakenBack,
    /// They took so much of it back.
    PartBack(i64),
    /// It opens what asks the buyer for another amount, and closes it when it is told to.
    Unfit,
    /// Neither is answered.
    Silent,
}

/// A gateway that answers as it is told to.
pub(crate) struct Rail {
    name: &'static str,
    basis_points: u32,
    least: i64,
    mood: Mutex<Mood>,
    charged: Mutex<Vec<String>>,
    asked: Mutex<Vec<String>>,
    cancelled: Mutex<Vec<String>>,
    /// Whether it closes nothing.
    deaf: Mutex<bool>,
}

impl Rail {
    pub(crate) fn new(name: &'static str, basis_points: u32) -> Self {
        Rail {
            name,
            basis_points,
            least: 1,
            mood: Mutex::new(Mood::Opens),
            charged: Mutex::default(),
            asked: Mutex::default(),
            cancelled: Mutex::default(),
            deaf: Mutex::default(),
        }
    }
    pub(crate) fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }
    fn charges(&self) -> usize {
        self.charged.lock().unwrap().len()
    }
}

impl Gateway for Rail {
    fn name(&self) -> &'static str {
        self.name
    }
    fn methods(&self) -> &'static [PaymentMethod] {
        &[PaymentMethod::GopayQr, PaymentMethod::OvoPush]
    }
    fn terms(&self, method: PaymentMethod) -> MethodTerms {
        MethodTerms {
            fee: Fee::share(self.basis_points),
            least: Rupiah::new(self.least),
            ..MethodTerms::of(method)
        }
    }
    fn webhook_path(&self) -> &'static str {
        "/webhooks/rail"
    }
    fn shortest(&self, _: PaymentMethod) -> Duration {
        Duration::from_secs(20)
    }
    fn lost_charge(&self, _: PaymentMethod) -> LostCharge {
        LostCharge::Ask
    }
    fn charge<'a>(&'a self, request: &'a ChargeRequest) -> Pending<'a, ChargeOutcome> {
        self.charged.lock().unwrap().push(request.reference.to_string());
        let outcome = match *self.mood.lock().unwrap() {
            Mood::Opens | Mood::Paid | Mood::PaidLess | Mood::TakenBack | Mood::PartBack(_) => {
                ChargeOutcome::Opened(Opened {
                    transaction_id: request.reference.to_string(),
                    ..Opened::default()
                })
            }
            Mood::NotOpened => ChargeOutcome::NotOpened { reason: "nobody there".into(), retry_after: None },
            Mood::Refuses => ChargeOutcome::Refused {
                code: "402".into(),
                message: "the method is switched off".into(),
                reason: RefusalReason::Other,
            },
            Mood::RefusesThis => ChargeOutcome::Refused {
                code: "400".into(),
                message: "the name is too odd".into(),
                reason: RefusalReason::ThisPayment,
            },
            Mood::Unfit => ChargeOutcome::Unfit {
                transaction_id: request.reference.to_string(),
                reason: "it is for Rp 10.071 instead of Rp 10.000".into(),
            },
            Mood::Lost | Mood::Silent => ChargeOutcome::Unknown { reason: "HTTP 500".into() },
        };
        Box::pin(async move { outcome })
    }
    fn status<'a>(&'a self, sent: &'a Sent) -> Pending<'a, StatusOutcome> {
        self.asked.lock().unwrap().push(sent.reference.to_string());
        let outcome = match *self.mood.lock().unwrap() {
            Mood::Silent => StatusOutcome::Unknown { reason: "HTTP 500".into(), retry_after: None },
            Mood::TakenBack => StatusOutcome::Found(Observation {
                state: ObservedState::Refunded,
                stated: "chargeback".into(),
                amount: Some(sent.amount),
                given_back: None,
                refunds: None,
                opened: Opened::default(),
            }),
            Mood::PartBack(back) => StatusOutcome::Found(Observation {
                state: ObservedState::PartlyRefunded,
                stated: "partial_refund".into(),
                amount: Some(sent.amount),
                given_back: Some(Rupiah::new(back)),
                refunds: None,
                opened: Opened::default(),
            }),
            mood @ (Mood::Paid | Mood::PaidLess) => StatusOutcome::Found(Observation {
                state: ObservedState::Settled,
                stated: "settlement".into(),
                amount: Some(if mood == Mood::Paid { sent.amount } else { Rupiah::new(7_000) }),
                given_back: None,
                refunds: None,
                opened: Opened::default(),
            }),
            Mood::Unfit => {
                let closed = self.cancelled.lock().unwrap().contains(&sent.reference.to_string());
                let state = if closed { ObservedState::Cancelled } else { ObservedState::Unfit };
                StatusOutcome::Found(Observation {
                    state,
                    stated: state.to_string(),
                    amount: None,
                    given_back: None,
                    refunds: None,
                    opened: Opened::default(),
                })
            }
            _ => StatusOutcome::NotFound,
        };
        Box::pin(async move { outcome })
    }
    fn cancel<'a>(&'a self, sent: &'a Sent) -> Pending<'a, CloseOutcome> {
        if *self.deaf.lock().unwrap() {
            return Box::pin(async { CloseOutcome::Unknown { reason: "HTTP 500".into() } });
        }
        self.cancelled.lock().unwrap().push(sent.reference.to_string());
        Box::pin(async { CloseOutcome::NotFound })
    }
    fn expire<'a>(&'a self, _: &'a Sent) -> Pending<'a, CloseOutcome> {
        Box::pin(async { CloseOutcome::NotFound })
    }
    fn refund<'a>(&'a self, _: &'a payments::RefundRequest) -> Pending<'a, payments::RefundOutcome> {
        Box::pin(async {
            payments::RefundOutcome::NotTaken { reason: "unreachable".into(), retry_after: None }
        })
    }
    fn refund_status<'a>(&'a self, _: &'a payments::RefundRequest) -> Pending<'a, payments::RefundOutcome> {
        Box::pin(async { payments::RefundOutcome::NotFound })
    }
    fn verify_webhook(&self, _: &[(String, String)], _: &[u8]) -> Result<Notification, WebhookRefusal> {
        Err(WebhookRefusal::BadSignature)
    }
}

/// A shop with these rails and fifty pieces to sell, and its worker.
pub(crate) struct Stage {
    pub(crate) scene: Scene,
    pub(crate) rails: Vec<Arc<Rail>>,
    working: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl Stage {
    pub(crate) async fn with(db: &Database, rails: Vec<Rail>) -> Stage {
        let mut scene = Scene::selling(db, &[(ITEM, 10_000, 50)]).await;
        let rails: Vec<Arc<Rail>> = rails.into_iter().map(Arc::new).collect();
        scene.shop.gateways = Arc::new(rails.iter().map(|rail| rail.clone() as Arc<dyn Gateway>).collect());
        Stage { scene, rails, working: None }
    }
    pub(crate) fn works(mut self) -> Stage {
        let (stop, stopped) = oneshot::channel::<()>();
        let shop = self.shop().clone();
        self.working = Some((stop, tokio::spawn(worker::run(shop, async move { drop(stopped.await) }))));
        self
    }
    pub(crate) fn shop(&self) -> &Shop {
        &self.scene.shop
    }
    async fn bought(&self, buyer: &str) -> Order {
        self.scene.bought(buyer, ITEM).await
    }
    pub(crate) async fn payments(&self, order: &Order) -> Vec<Payment> {
        let mut tx = self.shop().db.read("test").await.unwrap();
        payments::payments_of_order(&mut tx, &order.id).await.unwrap()
    }
    /// Waits until what the order's payments are fits.
    pub(crate) async fn until(&self, order: &Order, fits: impl Fn(&[Payment]) -> bool) -> Vec<Payment> {
        for _ in 0..200 {
            let all = self.payments(order).await;
            if fits(&all) {
                return all;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it never was so: {:?}", self.payments(order).await);
    }
    pub(crate) async fn open_at(&self, order: &Order, gateway: &str) -> Vec<Payment> {
        let is_open = |p: &Payment| p.state == PaymentState::Open && p.gateway == gateway;
        self.until(order, |all| all.last().is_some_and(is_open)).await
    }
    async fn alerts(&self) -> Vec<String> {
        let mut tx = self.shop().db.read("test").await.unwrap();
        let open = notifications::open_alerts_of(&mut tx, AlertKind::CircuitOpen).await.unwrap();
        open.into_iter().map(|alert| alert.subject).collect()
    }
    /// Lets the first rail fail until it is left alone.
    async fn first_rail_breaks(&self, mood: Mood) {
        self.rails[0].is(mood);
        for buyer in 0..5 {
            let calls = self.rails[0].charges();
            // Others that wait there fail as well: it may be left alone before the fifth of these.
            match self.scene.buy(&format!("breaker{buyer}"), ITEM).await {
                Err(PlaceError::MethodResting(_)) => break,
                placed => drop(placed.unwrap()),
            }
            for _ in 0..100 {
                if self.rails[0].charges() > calls {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        for _ in 0..100 {
            if !self.alerts().await.is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it is not left alone");
    }
    fn is_offered(&self, method: PaymentMethod) -> bool {
        self.shop().payment_methods(Bill::without_goods(Rupiah::new(10_000))).contains(&method)
    }
    pub(crate) async fn ends(self) {
        if let Some((stop, working)) = self.working {
            stop.send(()).unwrap();
            working.await.unwrap();
        }
        self.scene.books_hold().await;
    }
}

async fn a_while() {
    tokio::time::sleep(Duration::from_millis(1_300)).await;
}

on_both_shops!(fn the_cheapest_gateway_that_carries_the_amount_is_used_and_of_equal_ones_the_first(db) {
    let mut dear = Rail::new("dear", 300);
    dear.least = 1;
    let mut cheap = Rail::new("cheap", 100);
    cheap.least = 15_000;
    let mut stage = Stage::with(&db, vec![dear, Rail::new("middle", 200), Rail::new("same", 200), cheap]).await;
    let names = |stage: &Stage, amount: i64| -> Vec<&str> {
        let bill = Bill::without_goods(Rupiah::new(amount));
        stage.shop().rails(PaymentMethod::GopayQr, bill).iter().map(|g| g.name()).collect()
    };
    assert_eq!(names(&stage, 20_000), ["cheap", "middle", "same", "dear"]);
    assert_eq!(names(&stage, 10_000), ["middle", "same", "dear"], "one does not carry so little");
    let order = stage.bought("a").await;
    assert_eq!(stage.payments(&order).await[0].gateway, "middle");

    // What was agreed with one of them moves that one alone; what costs more than the owner bears is none.
    let rail = |name: &str| ((name.to_owned(), PaymentMethod::GopayQr), Fee::share(50));
    let fees = AgreedFees { by_rail: BTreeMap::from([rail("dear")]), ..AgreedFees::default() };
    stage.scene.shop.rules = Arc::new(Rules { fees, most_fee_basis_points: 150, ..Rules::default() });
    assert_eq!(names(&stage, 20_000), ["dear", "cheap"]);
    let order = stage.bought("b").await;
    assert_eq!(stage.payments(&order).await[0].gateway, "dear");
});

on_both_shops!(fn what_was_certainly_not_opened_goes_over_the_next_gateway_in_a_row_of_its_own(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 100), Rail::new("second", 200)]).await.works();
    for (buyer, mood, ended) in [
        ("a", Mood::NotOpened, PaymentState::Cancelled),
        ("b", Mood::Refuses, PaymentState::Denied),
    ] {
        stage.rails[0].is(mood);
        let order = stage.bought(buyer).await;
        let all = stage.open_at(&order, "second").await;
        assert_eq!(all.len(), 2, "{all:?}");
        assert_eq!((all[0].gateway.as_str(), all[0].state, all[0].due_at), ("first", ended, None));
        assert_ne!(all[0].reference, all[1].reference);
        let view = stage.shop().order_view(&order.number, &order.owner).await.unwrap().unwrap();
        let moved: Vec<_> = view.timeline.iter().filter(|line| line.kind == "payment_moved").collect();
        assert_eq!(moved.len(), 1);
        assert_eq!(moved[0].detail.as_deref(), Some(all[0].reference.to_string().as_str()));
    }
    stage.ends().await;
});

on_both_shops!(fn what_asks_for_another_amount_goes_over_the_next_gateway_once_it_is_closed(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 100), Rail::new("second", 200)]).await.works();
    stage.rails[0].is(Mood::Unfit);
    *stage.rails[0].deaf.lock().unwrap() = true;
    let order = stage.bought("a").await;
    let stands = |all: &[Payment]| all.iter().any(|p| p.closing.is_some() && p.asked > 0);
    let all = stage.until(&order, stands).await;
    // As long as it may be paid there, nothing takes its place.
    assert_eq!((all.len(), all[0].state), (1, PaymentState::Open), "{all:?}");
    assert_eq!(all[0].payable_until(stage.shop().clock.now()), None);
    let view = || async { stage.shop().order_view(&order.number, &order.owner).await.unwrap().unwrap() };
    assert!(view().await.is_unfit() && !view().await.was_open(), "nobody could pay it at any time");
    *stage.rails[0].deaf.lock().unwrap() = false;
    stage.shop().advance_clock(Duration::from_secs(60)).await.unwrap();
    let all = stage.open_at(&order, "second").await;
    assert_eq!((all.len(), all[0].state, all[0].due_at), (2, PaymentState::Cancelled, None));
    assert!(!view().await.is_unfit(), "the one that counts now is another");
    let told = |kind: &str, view: &orders::OrderView| view.timeline.iter().filter(|t| t.kind == kind).count();
    assert_eq!((told("payment_unfit", &view().await), told("payment_moved", &view().await)), (1, 1));
    let mut tx = stage.shop().db.read("test").await.unwrap();
    let alerts = notifications::open_alerts_of(&mut tx, AlertKind::PaymentUnfit).await.unwrap();
    assert_eq!(alerts.iter().map(|a| a.subject.as_str()).collect::<Vec<_>>(), ["first/gopay_qr"]);
    assert!(alerts[0].message.contains("10.071"), "{}", alerts[0].message);
    drop(tx);
    stage.ends().await;
});

on_both_shops!(fn what_turns_out_to_ask_for_another_amount_when_it_was_open_may_have_been_paid(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 100)]).await.works();
    let order = stage.bought("a").await;
    let all = stage.open_at(&order, "first").await;
    let view = || async { stage.shop().order_view(&order.number, &order.owner).await.unwrap().unwrap() };
    assert!(view().await.was_open() && !view().await.is_unfit());
    *stage.rails[0].deaf.lock().unwrap() = true;
    stage.rails[0].is(Mood::Unfit);
    let mut tx = stage.shop().db.write("test").await.unwrap();
    let reference = all[0].reference.to_string();
    assert!(payments::nudge(&mut tx, &reference, stage.shop().clock.now()).await.unwrap());
    tx.commit().await.unwrap();
    stage.until(&order, |all| all.iter().any(|p| p.closing.is_some())).await;
    assert!(view().await.is_unfit() && view().await.was_open(), "{:?}", view().await.timeline);
    stage.ends().await;
});

on_both_shops!(fn a_question_about_what_asks_for_another_amount_says_not_that_its_gateway_opens_payments(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 100), Rail::new("second", 200)]).await.works();
    stage.rails[0].is(Mood::Unfit);
    *stage.rails[0].deaf.lock().unwrap() = true;
    let order = stage.bought("a").await;
    let all = stage.until(&order, |all| all.iter().any(|p| p.closing.is_some() && p.asked > 0)).await;
    stage.first_rail_breaks(Mood::NotOpened).await;
    assert_eq!(stage.alerts().await, ["first"]);
    // It still answers questions about the one that it does not close.
    let asked = || stage.rails[0].asked.lock().unwrap().len();
    let before = asked();
    stage.rails[0].is(Mood::Unfit);
    let mut tx = stage.shop().db.write("test").await.unwrap();
    let reference = all[0].reference.to_string();
    assert!(payments::nudge(&mut tx, &reference, stage.shop().clock.now()).await.unwrap());
    tx.commit().await.unwrap();
    for _ in 0..200 {
        if asked() > before {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(asked() > before, "it was never asked");
    a_while().await;
    assert_eq!(stage.alerts().await, ["first"], "it opens nothing yet");
    stage.ends().await;
});

on_both_shops!(fn a_push_goes_over_the_next_gateway_with_the_number_that_was_given(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 100), Rail::new("second", 200)]).await.works();
    stage.rails[0].is(Mood::NotOpened);
    let mut wish = stage.scene.wish("a", ITEM);
    (wish.method, wish.phone) = (PaymentMethod::OvoPush, Some(PhoneNumber::parse("081234567890").unwrap()));
    let placed = stage.shop().place(&wish).await.unwrap();
    let order = stage.scene.order(&placed.number).await;
    let all = stage.open_at(&order, "second").await;
    assert!(all[1].phone.is_some());
    stage.ends().await;
});

on_both_shops!(fn when_every_gateway_was_tried_the_last_one_goes_on_alone(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 100), Rail::new("second", 200)]).await.works();
    stage.rails.iter().for_each(|rail| rail.is(Mood::NotOpened));
    let order = stage.bought("a").await;
    stage.until(&order, |all| all.last().is_some_and(|p| p.gateway == "second" && p.asked > 0)).await;
    stage.rails[0].is(Mood::Opens);
    stage.rails[1].is(Mood::Opens);
    stage.shop().clock.advance(Duration::from_secs(3));
    let all = stage.open_at(&order, "second").await;
    assert_eq!(all.len(), 2, "none is tried twice: {all:?}");
    stage.ends().await;
});

on_both_shops!(fn what_may_have_been_opened_never_goes_over_another_gateway(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 100), Rail::new("second", 200)]).await.works();
    stage.rails[0].is(Mood::Lost);
    let order = stage.bought("a").await;
    stage.until(&order, |all| all[0].in_doubt && all[0].asked > 0).await;
    // It is asked, has nothing, is charged again under its reference, and now says that nothing was opened: of
    // this charge, not of the one before.
    stage.rails[0].is(Mood::NotOpened);
    for _ in 0..4 {
        stage.shop().clock.advance(Duration::from_secs(60));
        a_while().await;
    }
    assert!(stage.rails[0].charges() > 1, "charged again");
    let all = stage.payments(&order).await;
    assert_eq!((all.len(), all[0].gateway.as_str(), all[0].in_doubt), (1, "first", true), "{all:?}");
    assert_eq!(stage.rails[1].charges(), 0);
    stage.rails[0].is(Mood::Opens);
    stage.shop().clock.advance(Duration::from_secs(120));
    stage.open_at(&order, "first").await;
    stage.ends().await;
});

on_both_shops!(fn a_refusal_of_a_repetition_is_no_end_of_what_was_sent_before_it(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 100), Rail::new("second", 200)]).await.works();
    for (buyer, mood, seconds, ends) in [
        ("a", Mood::Paid, 120, PaymentState::Settled),
        ("b", Mood::Refuses, 3_600, PaymentState::Expired),
    ] {
        stage.rails[0].is(Mood::Lost);
        let calls = stage.rails[0].charges();
        let order = stage.bought(buyer).await;
        stage.until(&order, |all| all[0].in_doubt && all[0].asked > 0).await;
        // It is asked, has nothing, and refuses the repetition: the first may arrive yet.
        stage.rails[0].is(Mood::Refuses);
        for _ in 0..2 {
            stage.shop().clock.advance(Duration::from_secs(60));
            a_while().await;
        }
        assert!(stage.rails[0].charges() > calls + 1, "charged again");
        let all = stage.payments(&order).await;
        assert_eq!((all.len(), all[0].is_live(), all[0].in_doubt), (1, true, true), "{all:?}");
        stage.rails[0].is(mood);
        stage.shop().clock.advance(Duration::from_secs(seconds));
        stage.until(&order, |all| all[0].state == ends).await;
    }
    assert_eq!(stage.rails[1].charges(), 0);
    stage.ends().await;
});

on_both_shops!(fn a_gateway_that_fails_again_and_again_is_left_alone_and_comes_back_by_itself(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 100)]).await.works();
    assert!(stage.is_offered(PaymentMethod::GopayQr));
    stage.first_rail_breaks(Mood::NotOpened).await;
    assert_eq!(stage.alerts().await, ["first"]);
    // By nobody is it offered or taken any more.
    stage.shop().refresh_circuits().await.unwrap();
    assert!(!stage.is_offered(PaymentMethod::GopayQr));
    let refused = stage.scene.buy("late", ITEM).await;
    assert!(matches!(refused, Err(PlaceError::MethodResting(PaymentMethod::GopayQr))), "{refused:?}");
    // Another process learns it from the rows.
    let other = Shop { circuits: Arc::new(Circuits::default()), ..stage.shop().clone() };
    other.refresh_circuits().await.unwrap();
    assert!(!other.payment_methods(Bill::without_goods(Rupiah::new(10_000))).contains(&PaymentMethod::GopayQr));

    // After the pause one call tries it, and fails: nobody else calls, and the pause is longer.
    let calls = stage.rails[0].charges();
    stage.shop().clock.advance(Duration::from_secs(31));
    a_while().await;
    assert_eq!(stage.rails[0].charges(), calls + 1, "one tries, the others wait");
    stage.shop().clock.advance(Duration::from_secs(31));
    a_while().await;
    assert_eq!(stage.rails[0].charges(), calls + 1);

    // It works again: the alert is closed, and the method is back.
    stage.rails[0].is(Mood::Opens);
    stage.shop().clock.advance(Duration::from_secs(31));
    for _ in 0..100 {
        if stage.alerts().await.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(stage.alerts().await, Vec::<String>::new());
    stage.shop().refresh_circuits().await.unwrap();
    assert!(stage.is_offered(PaymentMethod::GopayQr));
    let order = stage.bought("afterwards").await;
    stage.open_at(&order, "first").await;
    stage.ends().await;
});

on_both_shops!(fn one_payment_that_fails_time_and_again_is_one_failure_of_its_gateway(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 100)]).await.works();
    stage.rails[0].is(Mood::NotOpened);
    let order = stage.bought("a").await;
    for times in 1..8 {
        stage.until(&order, |all| all[0].asked >= times).await;
        assert_eq!(stage.alerts().await, Vec::<String>::new(), "after {times}");
        stage.shop().clock.advance(Duration::from_secs(61));
    }
    stage.rails[0].is(Mood::Opens);
    stage.shop().clock.advance(Duration::from_secs(61));
    stage.open_at(&order, "first").await;
    stage.ends().await;
});

on_both_shops!(fn while_one_gateway_is_left_alone_the_next_one_collects_by_the_method(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 100), Rail::new("second", 200)]).await.works();
    stage.first_rail_breaks(Mood::NotOpened).await;
    assert!(stage.is_offered(PaymentMethod::GopayQr));
    let calls = stage.rails[0].charges();
    let order = stage.bought("late").await;
    let all = stage.open_at(&order, "second").await;
    assert_eq!((all.len(), stage.rails[0].charges()), (1, calls), "the first is not even tried");
    // Its pause is over, and it works: it is the cheapest again.
    stage.rails[0].is(Mood::Opens);
    stage.shop().clock.advance(Duration::from_secs(31));
    let order = stage.bought("afterwards").await;
    let all = stage.open_at(&order, "first").await;
    assert_eq!(all.len(), 1);
    stage.ends().await;
});

on_both_shops!(fn a_method_that_is_refused_to_us_takes_no_other_method_of_its_gateway_with_it(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 100)]).await.works();
    stage.first_rail_breaks(Mood::Refuses).await;
    assert_eq!(stage.alerts().await, ["first/gopay_qr"]);
    stage.shop().refresh_circuits().await.unwrap();
    assert!(!stage.is_offered(PaymentMethod::GopayQr) && stage.is_offered(PaymentMethod::OvoPush));
    stage.ends().await;
});

on_both_shops!(fn what_is_wrong_with_one_payment_is_held_against_no_method(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 100), Rail::new("second", 200)]).await.works();
    stage.rails[0].is(Mood::RefusesThis);
    for buyer in 0..6 {
        let order = stage.bought(&format!("odd{buyer}")).await;
        let all = stage.open_at(&order, "second").await;
        assert_eq!((all.len(), all[0].state), (2, PaymentState::Denied), "{all:?}");
    }
    assert_eq!(stage.rails[0].charges(), 6);
    let mut tx = stage.shop().db.read("test").await.unwrap();
    let open = notifications::open_alerts(&mut tx).await.unwrap();
    assert_eq!(open.into_iter().map(|alert| alert.kind).collect::<Vec<_>>(), Vec::<AlertKind>::new());
    drop(tx);
    stage.ends().await;
});

on_both_shops!(fn money_at_a_gateway_that_is_left_alone_is_asked_about_and_found(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 100), Rail::new("second", 200)]).await.works();
    let order = stage.bought("a").await;
    stage.open_at(&order, "first").await;
    stage.first_rail_breaks(Mood::Silent).await;
    let asked = || stage.rails[0].asked.lock().unwrap().len();
    // It is asked all the while, though less often.
    let before = asked();
    stage.shop().clock.advance(Duration::from_secs(40));
    a_while().await;
    assert!(asked() > before, "nobody asks");
    let waits = stage.payments(&order).await[0].due_at.unwrap().since(stage.shop().clock.now());
    assert!(waits >= Duration::from_secs(25), "asked again after {waits:?}");
    stage.rails[0].is(Mood::Paid);
    stage.shop().clock.advance(Duration::from_secs(60));
    stage.until(&order, |all| all[0].state == PaymentState::Settled).await;
    let (gateway, kept) = (stage.payments(&order).await[0].gateway.clone(), stage.scene.count(sql!("SELECT MIN(fee) FROM payment WHERE state = 'settled' AND sequence = 1 AND gateway = 'first'")).await);
    assert_eq!(gateway, "first");
    assert!(kept >= 100, "by the rate of the gateway that collected: {kept}");
    assert_ne!(stage.scene.order(&order.number).await.state, OrderState::AwaitingPayment);
    stage.ends().await;
});

on_both_shops!(fn an_order_that_waits_is_told_when_nobody_collects_by_the_way_it_wants(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 100)]).await.works();
    let waiting = stage.bought("waits").await;
    stage.first_rail_breaks(Mood::NotOpened).await;
    let push = WayToPay { phone: Some(PhoneNumber::parse("081234567890").unwrap()), ..WayToPay::by(PaymentMethod::OvoPush) };
    let refused = stage.shop().pay_by(&waiting.number, &waiting.owner, &push).await;
    assert!(matches!(refused, Err(PayError::MethodResting(PaymentMethod::OvoPush))), "{refused:?}");
    stage.ends().await;
});

//! A gateway that answers as it is told to, and a shop that has several of them.

use crate::scene::{ITEM, Scene};
use database::Database;
use orders::{Order, Shop, worker};
use outside::Pending;
use payments::{
    ChargeOutcome, ChargeRequest, CloseOutcome, Fee, Gateway, LostCharge, MethodTerms, Notification,
    Observation, ObservedState, Opened, Payment, PaymentState, RefusalReason, Sent, StatusOutcome,
    WebhookRefusal,
};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{sync::oneshot, task::JoinHandle};
use vocabulary::{PaymentMethod, Rupiah};

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
    pub(crate) least: i64,
    mood: Mutex<Mood>,
    charged: Mutex<Vec<String>>,
    pub(crate) asked: Mutex<Vec<String>>,
    cancelled: Mutex<Vec<String>>,
    /// Whether it closes nothing.
    pub(crate) deaf: Mutex<bool>,
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
    pub(crate) fn charges(&self) -> usize {
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
            Mood::Lost | Mood::Silent => {
                ChargeOutcome::Unknown { reason: "HTTP 500".into(), retry_after: None }
            }
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
    pub(crate) async fn bought(&self, buyer: &str) -> Order {
        self.scene.bought(buyer, ITEM).await
    }
    pub(crate) async fn payments(&self, order: &Order) -> Vec<Payment> {
        let mut tx = self.shop().db.read("test").await.unwrap();
        payments::payments_of_order(&mut tx, &order.id).await.unwrap()
    }
    /// Waits until what the order's payments are fits.
    pub(crate) async fn until(&self, order: &Order, fits: impl Fn(&[Payment]) -> bool) -> Vec<Payment> {
        for _ in 0..1_200 {
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
    pub(crate) async fn ends(self) {
        if let Some((stop, working)) = self.working {
            stop.send(()).unwrap();
            working.await.unwrap();
        }
        self.scene.books_hold().await;
    }
}

/// So long that the worker has looked again.
pub(crate) async fn a_while() {
    tokio::time::sleep(Duration::from_millis(1_300)).await;
}

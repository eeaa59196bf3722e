//! A gateway that refuses to open a payment: what is the buyer's to mend is told to the buyer, the rest
//! to staff, and the order can be paid in another try.

use crate::scene::{ITEM, Scene};
use orders::{Order, OrderState, WayToPay, worker};
use outside::Pending;
use payments::{
    ChargeOutcome, ChargeRequest, CloseOutcome, Gateway, LostCharge, Notification, Opened, Payment,
    PaymentState, RefusalReason, Sent, StatusOutcome, WebhookRefusal,
};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use testkit::on_both_shops;
use tokio::sync::oneshot;
use vocabulary::{PaymentMethod, PhoneNumber};

const NOBODYS: &str = "081200000000";
const SOMEBODYS: &str = "081234567890";

/// A gateway whose wallet knows everybody but one.
#[derive(Default)]
struct Picky {
    /// Whom it was asked to push, and whether it refuses us altogether.
    pushed: Mutex<Vec<String>>,
    refuses_us: bool,
}

impl Gateway for Picky {
    fn name(&self) -> &'static str {
        "midtrans"
    }
    fn methods(&self) -> &'static [PaymentMethod] {
        &[PaymentMethod::GopayQr, PaymentMethod::OvoPush]
    }
    fn webhook_path(&self) -> &'static str {
        "/webhooks/midtrans"
    }
    fn shortest(&self, _: PaymentMethod) -> Duration {
        Duration::from_secs(70)
    }
    fn lost_charge(&self, _: PaymentMethod) -> LostCharge {
        LostCharge::Ask
    }
    fn charge<'a>(&'a self, request: &'a ChargeRequest) -> Pending<'a, ChargeOutcome> {
        let phone = request.phone.as_ref().map(PhoneNumber::local).unwrap_or_default().to_owned();
        let refused =
            |code: &str, reason| ChargeOutcome::Refused { code: code.into(), message: "no".into(), reason };
        let outcome = match phone.as_str() {
            _ if self.refuses_us => refused("401", RefusalReason::Other),
            NOBODYS => refused("404", RefusalReason::UnknownPhone),
            _ => ChargeOutcome::Opened(Opened { transaction_id: "t".into(), ..Opened::default() }),
        };
        self.pushed.lock().unwrap().push(phone);
        Box::pin(async move { outcome })
    }
    fn status<'a>(&'a self, _: &'a Sent) -> Pending<'a, StatusOutcome> {
        Box::pin(async { StatusOutcome::Unknown { reason: "later".into(), retry_after: None } })
    }
    fn cancel<'a>(&'a self, _: &'a Sent) -> Pending<'a, CloseOutcome> {
        Box::pin(async { CloseOutcome::Closed })
    }
    fn expire<'a>(&'a self, _: &'a Sent) -> Pending<'a, CloseOutcome> {
        Box::pin(async { CloseOutcome::Closed })
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

async fn payments(scene: &Scene, order: &Order) -> Vec<Payment> {
    let mut tx = scene.shop.db.read("test").await.unwrap();
    payments::payments_of_order(&mut tx, &order.id).await.unwrap()
}

/// Waits until the `nth` payment of the order stands in `state`.
async fn reaches(scene: &Scene, order: &Order, nth: usize, state: PaymentState) -> Payment {
    for _ in 0..1_200 {
        let payment = payments(scene, order).await.into_iter().nth(nth);
        if let Some(payment) = payment.filter(|p| p.state == state) {
            return payment;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("payment {nth} is not {state}: {:?}", payments(scene, order).await);
}

/// What the buyer reads of payments, and which alerts are open.
async fn told(scene: &Scene, order: &Order) -> (Vec<String>, Vec<String>) {
    let view = scene.shop.order_view(&order.number, &order.owner).await.unwrap().unwrap();
    let line = |kind: &str, detail: Option<String>| format!("{kind} {}", detail.unwrap_or_default());
    let lines = view.timeline.into_iter().filter(|l| l.kind.starts_with("payment_"));
    let lines = lines.map(|l| line(&l.kind, l.detail)).collect();
    let mut tx = scene.shop.db.read("test").await.unwrap();
    let alerts = notifications::open_alerts(&mut tx).await.unwrap();
    (lines, alerts.into_iter().map(|a| format!("{} {}", a.kind, a.subject)).collect())
}

fn push(phone: &str) -> WayToPay {
    WayToPay { phone: Some(PhoneNumber::parse(phone).unwrap()), ..WayToPay::by(PaymentMethod::OvoPush) }
}

async fn scene_with(db: &database::Database, refuses_us: bool) -> (Scene, Arc<Picky>) {
    let mut scene = Scene::with_ten(db).await;
    let gateway = Arc::new(Picky { refuses_us, ..Picky::default() });
    scene.shop.gateways = Arc::new(vec![gateway.clone() as Arc<dyn Gateway>]);
    (scene, gateway)
}

on_both_shops!(fn a_number_that_the_wallet_does_not_know_is_told_to_the_buyer_and_not_to_staff(db) {
    let (scene, gateway) = scene_with(&db, false).await;
    let order = scene.bought("a", ITEM).await;
    scene.shop.pay_by(&order.number, &order.owner, &push(NOBODYS)).await.unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let worker = tokio::spawn(worker::run(scene.shop.clone(), async move { drop(stopped.await) }));
    let refused = reaches(&scene, &order, 1, PaymentState::Denied).await;
    assert!(refused.due_at.is_none() && !refused.is_live());
    let (lines, alerts) = told(&scene, &order).await;
    assert!(lines.contains(&"payment_refused unknown_phone".to_owned()), "{lines:?}");
    assert_eq!(alerts, Vec::<String>::new());

    // The order waits, and another number is pushed: once.
    assert_eq!(scene.order(&order.number).await.state, OrderState::AwaitingPayment);
    scene.shop.pay_by(&order.number, &order.owner, &push(SOMEBODYS)).await.unwrap();
    reaches(&scene, &order, 2, PaymentState::Open).await;
    scene.shop.pay_by(&order.number, &order.owner, &push(SOMEBODYS)).await.unwrap();
    assert_eq!(payments(&scene, &order).await.len(), 3);
    let pushed: Vec<String> = gateway.pushed.lock().unwrap().iter().filter(|p| !p.is_empty()).cloned().collect();
    assert_eq!(pushed, [NOBODYS, SOMEBODYS]);
    stop.send(()).unwrap();
    worker.await.unwrap();
    scene.books_hold().await;
});

on_both_shops!(fn any_other_refusal_is_told_to_staff(db) {
    let (scene, _gateway) = scene_with(&db, true).await;
    let order = scene.bought("a", ITEM).await;
    let (stop, stopped) = oneshot::channel::<()>();
    let worker = tokio::spawn(worker::run(scene.shop.clone(), async move { drop(stopped.await) }));
    reaches(&scene, &order, 0, PaymentState::Denied).await;
    assert_eq!(told(&scene, &order).await, (vec!["payment_refused ".into()], vec!["gateway_refuses_us midtrans".into()]));
    assert_eq!(scene.order(&order.number).await.state, OrderState::AwaitingPayment);
    stop.send(()).unwrap();
    worker.await.unwrap();
});

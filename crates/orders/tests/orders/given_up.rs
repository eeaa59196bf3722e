//! A gateway whose answers get lost, by a method of which only the lost answer tells how to pay: another
//! payment is opened by itself once, and what failed is not held against the buyer.

use crate::scene::{ITEM, NOON, Scene};
use orders::{Order, PayError, Rules, WayToPay, worker};
use outside::Pending;
use payments::{
    ChargeOutcome, ChargeRequest, CloseOutcome, Closing, Gateway, LostCharge, Notification, Opened, Payment,
    PaymentState, Sent, StatusOutcome, WebhookRefusal,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use testkit::on_both_shops;
use tokio::sync::oneshot;
use vocabulary::PaymentMethod;

/// A gateway that loses its pages, and opens everything else.
#[derive(Default)]
struct Lossy {
    /// How often it was asked for a page.
    pages: AtomicUsize,
}

impl Gateway for Lossy {
    fn name(&self) -> &'static str {
        "midtrans"
    }
    fn methods(&self) -> &'static [PaymentMethod] {
        &[PaymentMethod::OvoLink, PaymentMethod::GopayQr, PaymentMethod::GopayLink]
    }
    fn webhook_path(&self) -> &'static str {
        "/webhooks/midtrans"
    }
    fn shortest(&self, _: PaymentMethod) -> Duration {
        Duration::from_secs(20)
    }
    fn lost_charge(&self, method: PaymentMethod) -> LostCharge {
        if method == PaymentMethod::OvoLink { LostCharge::GiveUp } else { LostCharge::Ask }
    }
    fn charge<'a>(&'a self, request: &'a ChargeRequest) -> Pending<'a, ChargeOutcome> {
        let outcome = if request.method == PaymentMethod::OvoLink {
            self.pages.fetch_add(1, Ordering::SeqCst);
            ChargeOutcome::Unknown { reason: "HTTP 500".into(), retry_after: None }
        } else {
            ChargeOutcome::Opened(Opened { transaction_id: "t".into(), ..Opened::default() })
        };
        Box::pin(async move { outcome })
    }
    fn status<'a>(&'a self, _: &'a Sent) -> Pending<'a, StatusOutcome> {
        Box::pin(async { StatusOutcome::NotFound })
    }
    fn cancel<'a>(&'a self, _: &'a Sent) -> Pending<'a, CloseOutcome> {
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

async fn payments(scene: &Scene, order: &Order) -> Vec<Payment> {
    let mut tx = scene.shop.db.read("test").await.unwrap();
    payments::payments_of_order(&mut tx, &order.id).await.unwrap()
}

/// Waits until so many of the order's payments were given up.
async fn given_up(scene: &Scene, order: &Order, count: usize) -> Vec<Payment> {
    for _ in 0..1_200 {
        let all = payments(scene, order).await;
        let lost = |p: &&Payment| p.method == PaymentMethod::OvoLink && p.closing == Some(Closing::Cancel);
        if all.iter().filter(lost).count() == count {
            return all;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("not {count} given up: {:?}", payments(scene, order).await);
}

/// The worker has had time to do what it should not do.
async fn a_while() {
    tokio::time::sleep(Duration::from_millis(1_500)).await;
}

on_both_shops!(fn an_outage_opens_one_more_payment_by_itself_and_costs_the_buyer_nothing(db) {
    let mut scene = Scene::with_ten(&db).await;
    let gateway = Arc::new(Lossy::default());
    scene.shop.gateways = Arc::new(vec![gateway.clone() as Arc<dyn Gateway>]);
    let mut wish = scene.wish("a", ITEM);
    wish.method = PaymentMethod::OvoLink;
    let placed = scene.shop.place(&wish).await.unwrap();
    let order = scene.order(&placed.number).await;
    let (stop, stopped) = oneshot::channel::<()>();
    let working = tokio::spawn(worker::run(scene.shop.clone(), async move { drop(stopped.await) }));

    // Another takes its place, and gives the gateway a moment.
    let all = given_up(&scene, &order, 1).await;
    assert_eq!(all.len(), 2, "{all:?}");
    assert_eq!((all[1].state, all[1].due_at), (PaymentState::Intended, Some(NOON.plus(Duration::from_secs(5)))));
    scene.shop.clock.advance(Duration::from_secs(5));
    given_up(&scene, &order, 2).await;
    // And that is all, however long the outage lasts.
    for _ in 0..3 {
        scene.shop.clock.advance(Duration::from_secs(20));
        a_while().await;
    }
    assert_eq!((payments(&scene, &order).await.len(), gateway.pages.load(Ordering::SeqCst)), (2, 2));

    // The buyer may try again, and change the way as often as anybody.
    let pay_by = async |method| scene.shop.pay_by(&order.number, &order.owner, &WayToPay::by(method)).await;
    pay_by(PaymentMethod::OvoLink).await.unwrap();
    given_up(&scene, &order, 3).await;
    a_while().await;
    assert_eq!(payments(&scene, &order).await.len(), 3, "tried once, because the buyer wanted it");
    for turn in 0..4 {
        let method = if turn % 2 == 0 { PaymentMethod::GopayQr } else { PaymentMethod::GopayLink };
        pay_by(method).await.unwrap_or_else(|error| panic!("turn {turn}: {error}"));
    }
    assert!(matches!(pay_by(PaymentMethod::GopayQr).await, Err(PayError::TooMany)));
    assert_eq!(payments(&scene, &order).await.len(), 7);
    stop.send(()).unwrap();
    working.await.unwrap();
    scene.books_hold().await;
});

on_both_shops!(fn trying_in_vain_has_an_end(db) {
    let mut scene = Scene::with_ten(&db).await;
    // Long enough to wait out every pause in which the gateway is left alone.
    scene.shop.rules =
        Arc::new(Rules { pay_within: Duration::from_secs(4 * 3600), ..Scene::rules() });
    let gateway = Arc::new(Lossy::default());
    scene.shop.gateways = Arc::new(vec![gateway.clone() as Arc<dyn Gateway>]);
    let mut wish = scene.wish("a", ITEM);
    wish.method = PaymentMethod::OvoLink;
    let placed = scene.shop.place(&wish).await.unwrap();
    let order = scene.order(&placed.number).await;
    let (stop, stopped) = oneshot::channel::<()>();
    let working = tokio::spawn(worker::run(scene.shop.clone(), async move { drop(stopped.await) }));
    given_up(&scene, &order, 1).await;
    scene.shop.clock.advance(Duration::from_secs(5));
    given_up(&scene, &order, 2).await;
    for count in 3..=24 {
        let again = WayToPay::by(PaymentMethod::OvoLink);
        let tried = scene.shop.pay_by(&order.number, &order.owner, &again).await;
        if matches!(tried, Err(PayError::MethodResting(_))) {
            scene.shop.clock.advance(Duration::from_secs(300));
            scene.shop.pay_by(&order.number, &order.owner, &again).await.unwrap();
        } else {
            tried.unwrap();
        }
        given_up(&scene, &order, count).await;
    }
    scene.shop.clock.advance(Duration::from_secs(300));
    let again = WayToPay::by(PaymentMethod::OvoLink);
    let refused = scene.shop.pay_by(&order.number, &order.owner, &again).await;
    assert!(matches!(refused, Err(PayError::TooMany)), "{refused:?}");
    stop.send(()).unwrap();
    working.await.unwrap();
});

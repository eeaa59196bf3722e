//! Ledger and gateways are compared: what differs is named, alerted once and closed when it is gone; who does not
//! answer agrees with nothing.

use crate::{
    scene::{ITEM, NOON, Scene},
    stage::{PRICE, Rest, Stage},
};
use database::{Database, Sql, sql};
use notifications::AlertKind;
use orders::{DifferenceKind as Kind, OrderState, Report, Shop};
use outside::Pending;
use payments::{
    ChargeOutcome, ChargeRequest, CloseOutcome, Gateway, LostCharge, Notification, ObservedState, Sent,
    StatusOutcome,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use testkit::on_both_shops;
use vocabulary::{PaymentMethod, WibDay};

/// The day of every test.
pub(crate) fn today() -> WibDay {
    NOON.wib_day()
}

/// An order that was paid and delivered, another that waits for its money, and nobody who works.
pub(crate) async fn delivered(db: &Database) -> Rest {
    let stage = Stage::open(db).await;
    stage.gateway_says(0, ObservedState::Settled, Some(PRICE)).await;
    stage.until_state(OrderState::Delivered).await;
    stage.scene.bought("waiting", ITEM).await;
    stage.at_rest().await
}

pub(crate) async fn change(db: &Database, statement: Sql, rows: u64) {
    let mut tx = db.write("test").await.unwrap();
    assert_eq!(statement.query().run(&mut tx).await.unwrap(), rows, "{statement:?}");
    tx.commit().await.unwrap();
}

pub(crate) async fn compared(shop: &Shop) -> Report {
    shop.reconcile(today()).await.unwrap()
}

pub(crate) fn kinds(report: &Report) -> Vec<Kind> {
    report.differences.iter().map(|found| found.kind).collect()
}

/// The subjects of the open alerts about what was compared.
pub(crate) async fn alerts(shop: &Shop) -> Vec<String> {
    let mut tx = shop.db.read("test").await.unwrap();
    let open = notifications::open_alerts_of(&mut tx, AlertKind::Reconciliation).await.unwrap();
    open.into_iter().map(|alert| alert.subject).collect()
}

/// What is done to our rows, how it is undone, and what is then found.
type Lie = (&'static str, Sql, Sql, &'static [Kind]);

const LIES: &[Lie] = &[
    (
        "paid at the gateway, and over here",
        sql!("UPDATE payment SET state = 'expired' WHERE state = 'settled'"),
        sql!("UPDATE payment SET state = 'settled' WHERE state = 'expired'"),
        &[Kind::MissingWebhook],
    ),
    (
        "another amount in our row",
        sql!("UPDATE payment SET amount = amount + 1 WHERE state = 'settled'"),
        sql!("UPDATE payment SET amount = amount - 1 WHERE state = 'settled'"),
        &[Kind::WrongAmount],
    ),
    (
        "an order that nobody paid is called delivered",
        sql!("UPDATE shop_order SET state = 'delivered' WHERE state = 'awaiting_payment'"),
        sql!(
            "UPDATE shop_order SET state = 'awaiting_payment' WHERE delivered_at IS NULL AND state = 'delivered'"
        ),
        &[Kind::DeliveredUnpaid, Kind::NotDeliveredThere],
    ),
    (
        "the supplier's last word is that it failed",
        sql!("UPDATE supplier_word SET verdict = 'failed_provider' WHERE verdict = 'succeeded'"),
        sql!("UPDATE supplier_word SET verdict = 'succeeded' WHERE verdict = 'failed_provider'"),
        &[Kind::NotDeliveredThere],
    ),
    (
        "what was delivered is called failed",
        sql!("UPDATE fulfilment_attempt SET state = 'failed' WHERE state = 'succeeded'"),
        sql!("UPDATE fulfilment_attempt SET state = 'succeeded' WHERE state = 'failed'"),
        &[Kind::NotDeliveredThere, Kind::DeliveredThere],
    ),
    (
        "what was delivered is called pending and is asked about no more",
        sql!("UPDATE fulfilment_attempt SET state = 'pending' WHERE state = 'succeeded'"),
        sql!("UPDATE fulfilment_attempt SET state = 'succeeded' WHERE state = 'pending'"),
        &[Kind::MissingWebhook, Kind::NotDeliveredThere],
    ),
    (
        "an order is called paid, and nothing is bought",
        sql!(
            "UPDATE shop_order SET state = 'paid', updated_at = updated_at - 700000 WHERE state = 'awaiting_payment'"
        ),
        sql!(
            "UPDATE shop_order SET state = 'awaiting_payment', updated_at = updated_at + 700000 WHERE state = 'paid'"
        ),
        &[Kind::PaidNotBought],
    ),
    (
        "the supplier took another price than is booked",
        sql!("UPDATE supplier_word SET price = 7 WHERE verdict = 'succeeded'"),
        sql!("UPDATE supplier_word SET price = NULL WHERE verdict = 'succeeded'"),
        &[Kind::WrongPrice],
    ),
];

on_both_shops!(fn every_lie_in_our_rows_is_named_alerted_once_and_over_when_it_is_undone(db) {
    let rest = delivered(&db).await;
    let shop = &rest.scene.shop;
    let report = compared(shop).await;
    assert!(report.agrees(), "{report:#?}");
    assert_eq!((report.counts.orders, report.counts.payments, report.counts.told), (2, 2, 2));
    assert_eq!(report.counts.attempts, 1);
    assert!(!report.unseen.is_empty(), "it says what it cannot see");
    for (what, tell, undo, expected) in LIES {
        change(&db, *tell, 1).await;
        let report = compared(shop).await;
        assert_eq!(kinds(&report), *expected, "{what}: {report:#?}");
        let open = alerts(shop).await;
        assert_eq!(open.len(), expected.len(), "{what}: {open:?}");
        for kind in *expected {
            assert!(open.iter().any(|subject| subject.starts_with(kind.as_str())), "{what}: {open:?}");
        }
        change(&db, *undo, 1).await;
        let report = compared(shop).await;
        assert!(report.agrees(), "{what}: {report:#?}");
        assert_eq!(alerts(shop).await, Vec::<String>::new(), "{what}");
    }
    rest.scene.books_hold().await;
});

on_both_shops!(fn a_difference_is_alerted_once_and_its_payment_is_asked_about_again(db) {
    let rest = delivered(&db).await;
    let shop = &rest.scene.shop;
    let reference = format!("{}-P1", rest.order.number);
    let nudges = sql!("SELECT nudges FROM payment WHERE settled_at IS NOT NULL");
    let (before, kept) = (rest.scene.count(nudges).await, rest.scene.count(sql!("SELECT COUNT(*) FROM alert")).await);
    // Given back from the dashboard, and nobody heard.
    rest.gateway_says(&reference, ObservedState::Refunded, Some(PRICE));
    for run in 1..=2 {
        let report = compared(shop).await;
        assert_eq!(kinds(&report)[0], Kind::TakenBack, "{report:#?}");
        let found = &report.differences[0];
        assert!(found.subject == reference && found.asked_again, "{found:#?}");
        assert_eq!(rest.scene.count(nudges).await, before + run, "asked about again");
        // That it is delivered and unpaid is a second difference.
        assert_eq!(rest.scene.count(sql!("SELECT COUNT(*) FROM alert")).await, kept + 2, "one alert each");
    }
    // Before the gateway changed its word again the order was looked up by the alert, whatever the day is.
    let report = shop.reconcile(today().day_after().day_after()).await.unwrap();
    assert_eq!(kinds(&report)[0], Kind::TakenBack, "{report:#?}");
    rest.gateway_says(&reference, ObservedState::Settled, Some(PRICE));
    let report = shop.reconcile(today().day_after().day_after()).await.unwrap();
    assert!(report.agrees(), "{report:#?}");
    assert_eq!(alerts(shop).await, Vec::<String>::new());
});

on_both_shops!(fn how_much_went_back_at_the_gateway_is_held_against_what_went_back_by_us_and_otherwise(db) {
    let rest = delivered(&db).await;
    let shop = &rest.scene.shop;
    let reference = format!("{}-P1", rest.order.number);
    let back = sql!(
        "UPDATE payment SET state = 'partly_refunded', refunded = 3000, given_back = 1000 WHERE state = 'settled'"
    );
    change(&db, back, 1).await;
    for (much, expected) in [
        (4_000, None),
        (4_500, Some((Kind::TakenBack, true))),
        (3_000, Some((Kind::WrongAmount, false))),
        (4_000, None),
    ] {
        rest.gateway_gave_back(&reference, much);
        let report = compared(shop).await;
        let found: Vec<(Kind, bool)> = report.differences.iter().map(|d| (d.kind, d.asked_again)).collect();
        assert_eq!(found, Vec::from_iter(expected), "{much}: {report:#?}");
        assert_eq!(alerts(shop).await.len(), found.len(), "{much}");
    }
    // One of ours that is on its way may be counted there or not.
    change(&db, sql!("UPDATE payment SET refunding = 2000, state = 'refunding' WHERE refunded = 3000"), 1).await;
    for (much, expected) in [(4_000, None), (6_000, None), (6_001, Some(Kind::TakenBack))] {
        rest.gateway_gave_back(&reference, much);
        let report = compared(shop).await;
        assert_eq!(kinds(&report), Vec::from_iter(expected), "{much}: {report:#?}");
    }
});

on_both_shops!(fn fees_by_another_rate_than_the_configured_one_are_found(db) {
    let mut rest = delivered(&db).await;
    let mut rules = Scene::rules();
    rules.fees.gopay = Some(250);
    rest.scene.shop.rules = Arc::new(rules);
    let report = compared(&rest.scene.shop).await;
    assert_eq!(kinds(&report), [Kind::Fee], "{report:#?}");
    let found = &report.differences[0];
    assert_eq!(found.subject, "midtrans/gopay_qr/2026-11-22");
    assert!(found.ledger.contains("Rp 200") && found.gateway.as_deref().unwrap().contains("Rp 250"), "{found:#?}");
});

on_both_shops!(fn a_webhook_about_a_payment_that_we_do_not_know_is_followed_up(db) {
    let rest = delivered(&db).await;
    let shop = &rest.scene.shop;
    let mut tx = db.write("test").await.unwrap();
    for (n, reference) in ["LK0000000001-P1", "LK0000000002-P1", "payment_notif_test_1"].into_iter().enumerate() {
        sql!(
            "INSERT INTO webhook_inbox (id, source, body_hash, headers, body, reference, verdict, state, received_at, updated_at)
             VALUES ($1, 'midtrans', $1, '[]', $2, $3, 'believed', 'ignored', $4, $4)"
        )
        .bind(format!("whk_{n}"))
        .bind(b"{}".to_vec())
        .bind(reference)
        .bind(NOON)
        .run(&mut tx)
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    // Of a payment that nobody has told it about, this gateway says that it is open.
    rest.gateway_says("LK0000000001-P1", ObservedState::Settled, Some(50_000));
    let report = compared(shop).await;
    assert_eq!(kinds(&report), [Kind::UnknownPayment], "{report:#?}");
    assert_eq!(report.differences[0].subject, "LK0000000001-P1");
    assert!(report.differences[0].gateway.as_deref().unwrap().contains("Rp 50.000"), "{report:#?}");
    let noted: Vec<&str> = report.notes.iter().map(|note| note.subject.as_str()).collect();
    assert!(noted.contains(&"LK0000000002-P1") && noted.contains(&"payment_notif_test_1"), "{report:#?}");
    // On another day it is no news.
    assert!(shop.reconcile(today().day_before()).await.unwrap().notes.iter().all(|note| note.subject != "LK0000000002-P1"));
});

/// A gateway that does not answer, until it does.
#[derive(Default)]
struct Mute {
    answers: AtomicBool,
}

impl Gateway for Mute {
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
        Box::pin(async { ChargeOutcome::Unknown { reason: "silence".into(), retry_after: None } })
    }
    fn status<'a>(&'a self, _: &'a Sent) -> Pending<'a, StatusOutcome> {
        let outcome = match self.answers.load(Ordering::SeqCst) {
            true => StatusOutcome::NotFound,
            false => {
                let wait = Some(Duration::from_millis(1));
                StatusOutcome::Unknown { reason: "connection refused".into(), retry_after: wait }
            }
        };
        Box::pin(async move { outcome })
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
    fn verify_webhook(
        &self,
        _: &[(String, String)],
        _: &[u8],
    ) -> Result<Notification, payments::WebhookRefusal> {
        Err(payments::WebhookRefusal::BadSignature)
    }
}

on_both_shops!(fn a_gateway_that_does_not_answer_is_said_not_to_and_agrees_with_nothing(db) {
    let mut scene = Scene::selling(&db, &[(ITEM, 10_000, 50)]).await;
    let gateway = Arc::new(Mute::default());
    scene.shop.gateways = Arc::new(vec![gateway.clone() as Arc<dyn Gateway>]);
    for n in 0..20 {
        scene.bought(&format!("buyer-{n}"), ITEM).await;
    }
    let report = compared(&scene.shop).await;
    assert!(!report.agrees() && report.differences.is_empty(), "{report:#?}");
    let silence = &report.not_asked[0];
    assert_eq!((report.not_asked.len(), silence.party.as_str(), silence.count), (1, "midtrans", 20));
    assert!(silence.why.contains("connection refused") || silence.why.contains("in a row"), "{silence:?}");
    assert_eq!(alerts(&scene.shop).await, ["not_asked:midtrans"]);
    gateway.answers.store(true, Ordering::SeqCst);
    let report = compared(&scene.shop).await;
    assert!(report.agrees(), "{report:#?}");
    assert_eq!(alerts(&scene.shop).await, Vec::<String>::new());
});

//! Paying an order in another way: the old payment is closed, the new one opened, and money that comes
//! in twice is not lost.

use crate::scene::{ITEM, NOON, Scene};
use orders::{Order, OrderState, PayError, WayToPay, worker};
use payments::{Closing, Payment, PaymentState};
use std::{sync::atomic::Ordering, time::Duration};
use testkit::on_both_shops;
use tokio::sync::oneshot;
use vocabulary::{PaymentMethod, PhoneNumber};

async fn payments(scene: &Scene, order: &Order) -> Vec<Payment> {
    let mut tx = scene.shop.db.read("test").await.unwrap();
    payments::payments_of_order(&mut tx, &order.id).await.unwrap()
}

async fn pay_by(scene: &Scene, order: &Order, way: &WayToPay) -> Result<(), PayError> {
    scene.shop.pay_by(&order.number, &order.owner, way).await
}

fn push(phone: Option<&str>) -> WayToPay {
    WayToPay { phone: phone.map(|p| PhoneNumber::parse(p).unwrap()), ..WayToPay::by(PaymentMethod::OvoPush) }
}

on_both_shops!(fn another_method_closes_the_old_payment_and_asking_again_changes_nothing(db) {
    let scene = Scene::with_ten(&db).await;
    let order = scene.bought("a", ITEM).await;
    for _ in 0..2 {
        pay_by(&scene, &order, &WayToPay::by(PaymentMethod::GopayLink)).await.unwrap();
    }
    let [old, new] = payments(&scene, &order).await.try_into().unwrap();
    assert_eq!((old.closing, old.due_at), (Some(Closing::Cancel), Some(NOON)));
    assert_eq!((new.method, new.state, new.closing), (PaymentMethod::GopayLink, PaymentState::Intended, None));
    assert_eq!(new.expires_at, scene.order(&order.number).await.pay_by.unwrap(), "it does not outlast the reservation");
    assert_eq!(scene.order(&order.number).await.method, PaymentMethod::GopayLink);
});

on_both_shops!(fn a_push_waits_for_the_number_which_is_stored_encrypted_and_shown_masked(db) {
    let scene = Scene::with_ten(&db).await;
    let order = scene.bought("a", ITEM).await;
    pay_by(&scene, &order, &push(None)).await.unwrap();
    let waiting = payments(&scene, &order).await.pop().unwrap();
    assert!(waiting.waits_for_phone() && waiting.due_at.is_none());
    let told = WayToPay { remember_phone: true, ..push(Some("081234567890")) };
    pay_by(&scene, &order, &told).await.unwrap();
    // A second click, and another number: nothing is pushed twice.
    pay_by(&scene, &order, &push(Some("081299999999"))).await.unwrap();
    let given = payments(&scene, &order).await.pop().unwrap();
    let phone = given.phone.unwrap();
    assert_eq!((phone.mask.as_str(), given.due_at), ("********7890", Some(NOON)));
    assert!(!phone.sealed.contains("0812"));
    assert_eq!(scene.shop.remembered_phone_mask(&order.buyer).await.unwrap().as_deref(), Some("********7890"));

    // The next order of the same buyer takes the remembered number; somebody else has none.
    let next = scene.bought("a", ITEM).await;
    let remembered = WayToPay { use_remembered_phone: true, ..push(None) };
    pay_by(&scene, &next, &remembered).await.unwrap();
    assert_eq!(payments(&scene, &next).await.pop().unwrap().phone.unwrap().mask, "********7890");
    let other = scene.bought("b", ITEM).await;
    assert!(matches!(pay_by(&scene, &other, &remembered).await, Err(PayError::NothingRemembered)));
    assert_eq!(payments(&scene, &other).await.len(), 1, "nothing was changed");
    assert!(scene.shop.forget_phone(&order.buyer).await.unwrap());
    assert_eq!(scene.shop.remembered_phone_mask(&order.buyer).await.unwrap(), None);
});

on_both_shops!(fn a_push_is_not_sent_when_the_buyer_withdrew_while_it_was_taken_up(db) {
    let scene = Scene::with_ten(&db).await;
    let order = scene.bought("a", ITEM).await;
    pay_by(&scene, &order, &push(Some("081234567890"))).await.unwrap();
    // A worker takes up what is due, under a lease of a minute, and has looked at the push.
    let mut tx = scene.shop.db.write("test.claim").await.unwrap();
    let lease = NOON.plus(Duration::from_secs(60));
    assert_eq!(payments::PAYMENT_QUEUE.claim(&mut tx, (NOON, NOON, lease), 10).await.unwrap().len(), 2);
    tx.commit().await.unwrap();
    let taken = payments(&scene, &order).await.pop().unwrap();
    assert_eq!((taken.state, taken.closing), (PaymentState::Intended, None));
    scene.shop.cancel(&order.number, &order.owner).await.unwrap();

    let mut tx = scene.shop.db.write("test.sent").await.unwrap();
    assert!(!payments::mark_sent(&mut tx, &taken, NOON).await.unwrap(), "nobody is pushed");
    // Nor is the wish forgotten by whoever did not know of it.
    let waiting = Payment { due_at: None, ..taken.clone() };
    assert!(payments::store_payment(&mut tx, &waiting, NOON).await.unwrap());
    tx.commit().await.unwrap();
    let after = payments(&scene, &order).await.pop().unwrap();
    assert_eq!((after.closing, after.due_at), (Some(Closing::Cancel), Some(NOON)));

    let (stop, stopped) = oneshot::channel::<()>();
    let working = tokio::spawn(worker::run(scene.shop.clone(), async move { drop(stopped.await) }));
    let mut left = 1_200;
    while payments(&scene, &order).await[1].state != PaymentState::Cancelled {
        left -= 1;
        assert!(left > 0, "{:?}", payments(&scene, &order).await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stop.send(()).unwrap();
    working.await.unwrap();
    assert_eq!(scene.gateway.calls.load(Ordering::SeqCst), 0, "what was never sent needs no call");
});

on_both_shops!(fn what_is_taken_up_and_withdrawn_is_closed_at_once_and_not_when_the_lease_ends(db) {
    let scene = Scene::with_ten(&db).await;
    let order = scene.bought("a", ITEM).await;
    let claim = async |now| {
        let mut tx = scene.shop.db.write("test.claim").await.unwrap();
        let lease = NOON.plus(Duration::from_secs(60));
        let claims = payments::PAYMENT_QUEUE.claim(&mut tx, (now, now, lease), 10).await.unwrap();
        tx.commit().await.unwrap();
        claims.len()
    };
    assert_eq!((claim(NOON).await, claim(NOON).await), (1, 0), "nobody else has it");
    scene.shop.cancel(&order.number, &order.owner).await.unwrap();
    assert_eq!(claim(NOON).await, 1, "although the lease lasts");
    // One that was sent is left to whoever waits for its answer.
    let sent = payments(&scene, &order).await.pop().unwrap();
    let mut tx = scene.shop.db.write("test.sent").await.unwrap();
    assert!(!payments::mark_sent(&mut tx, &sent, NOON).await.unwrap());
    drop(tx);
    let other = scene.bought("b", ITEM).await;
    assert_eq!(claim(NOON).await, 1);
    let taken = payments(&scene, &other).await.pop().unwrap();
    let mut tx = scene.shop.db.write("test.sent").await.unwrap();
    assert!(payments::mark_sent(&mut tx, &taken, NOON).await.unwrap());
    tx.commit().await.unwrap();
    scene.shop.cancel(&other.number, &other.owner).await.unwrap();
    assert_eq!(claim(NOON).await, 0);
    assert_eq!(payments(&scene, &other).await.pop().unwrap().closing, Some(Closing::Cancel));
});

on_both_shops!(fn no_payment_is_opened_that_would_outlast_the_reservation(db) {
    let scene = Scene::with_ten(&db).await;
    let order = scene.bought("a", ITEM).await;
    scene.shop.clock.advance(Duration::from_secs(15 * 60 - 30));
    assert!(matches!(pay_by(&scene, &order, &push(Some("081234567890"))).await, Err(PayError::TooLate(_))));
    pay_by(&scene, &order, &WayToPay::by(PaymentMethod::GopayLink)).await.unwrap();
    scene.shop.clock.advance(Duration::from_secs(30));
    let over = pay_by(&scene, &order, &WayToPay::by(PaymentMethod::GopayQr)).await;
    assert!(matches!(over, Err(PayError::NotPayable { state: OrderState::Expired, .. })));
});

on_both_shops!(fn an_order_opens_only_so_many_payments(db) {
    let scene = Scene::with_ten(&db).await;
    let order = scene.bought("a", ITEM).await;
    let mut opened = 1;
    for _ in 0..20 {
        let method = if opened % 2 == 1 { PaymentMethod::GopayLink } else { PaymentMethod::GopayQr };
        match pay_by(&scene, &order, &WayToPay::by(method)).await {
            Ok(()) => opened += 1,
            Err(PayError::TooMany) => scene.shop.clock.advance(Duration::from_secs(60)),
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!((opened, payments(&scene, &order).await.len()), (8, 8));
});

on_both_shops!(fn who_has_not_the_order_or_not_the_credit_changes_nothing(db) {
    let scene = Scene::with_ten(&db).await;
    let order = scene.bought("a", ITEM).await;
    let way = WayToPay::by(PaymentMethod::GopayLink);
    assert!(matches!(scene.shop.pay_by(&order.number, "api:other", &way).await, Err(PayError::UnknownOrder)));
    assert!(matches!(scene.shop.pay_by_token("nothing", &way).await, Err(PayError::UnknownOrder)));
    let credit = pay_by(&scene, &order, &WayToPay::by(PaymentMethod::Wallet)).await;
    assert!(matches!(credit, Err(PayError::WalletNotEnough { .. })));
    let dana = pay_by(&scene, &order, &WayToPay::by(PaymentMethod::DanaQr)).await;
    assert!(matches!(dana, Err(PayError::MethodUnavailable(PaymentMethod::DanaQr))));
    assert_eq!(payments(&scene, &order).await.len(), 1);
});

//! What one person may not do alone: give back much, and take much too little as paid. The second person's word is
//! about what they have seen, and about nothing that took its place.

use crate::stage::{PRICE, Stage};
use database::Database;
use notifications::AlertKind;
use orders::{
    ActionError, Approved, Attention, Once, OrderState, RefundError, RefundRules, RefundTarget, RefundWish,
    Rules, SeenRefund, StaffAction,
};
use payments::ObservedState::Settled;
use std::sync::Arc;
use suppliers::Verdict;
use testkit::on_both_shops;
use vocabulary::{Actor, Rupiah};

fn rina() -> Actor {
    Actor::staff("rina")
}

fn budi() -> Actor {
    Actor::staff("budi")
}

/// An order for which a person has to decide; above so much two have to.
async fn stuck(db: &Database, above: i64) -> Stage {
    let mut stage = Stage::fulfilling(db).await;
    let refunds = RefundRules { second_person_above: Rupiah::new(above), ..stage.scene.shop.rules.refunds };
    stage.scene.shop.rules = Arc::new(Rules { refunds, ..Rules::clone(&stage.scene.shop.rules) });
    stage.supplier_says(1, Verdict::UnknownAlarm).await;
    assert_eq!(stage.attention().await, Some(Attention::SupplierOdd));
    stage
}

fn to_wallet() -> RefundWish<'static> {
    RefundWish { target: Some(RefundTarget::Wallet), ..RefundWish::default() }
}

on_both_shops!(fn a_second_person_agrees_to_what_they_saw_and_to_nothing_that_took_its_place(db) {
    let stage = stuck(&db, 0).await;
    let (shop, number) = (&stage.scene.shop, &stage.order.number);
    let first = shop.refund(number, &to_wallet(), &rina()).await.unwrap().request;
    let seen = SeenRefund { number, request: &first, amount: None };
    // It is withdrawn, and another takes its place before they say yes.
    shop.reject_refund(seen, &rina()).await.unwrap();
    let second = shop.refund(number, &to_wallet(), &rina()).await.unwrap().request;
    for decided in [shop.approve_refund(seen, &budi()).await.err(), shop.reject_refund(seen, &budi()).await.err()] {
        let refused = decided.unwrap();
        assert!(matches!(&refused, RefundError::AnotherWaits { waits, .. } if *waits == second), "{refused:?}");
        assert!(refused.to_string().contains(second.as_str()), "{refused}");
    }
    // Of another amount than they saw it is not what they saw either.
    let other = Some(Rupiah::new(PRICE - 1));
    let seen = SeenRefund { number, request: &second, amount: other };
    let refused = shop.approve_refund(seen, &budi()).await.unwrap_err();
    assert!(matches!(refused, RefundError::AnotherAmount { .. }), "{refused:?}");
    assert_eq!((stage.state().await, stage.wallet().await), (OrderState::NeedsAttention, 0));
    let seen = SeenRefund { number, request: &second, amount: Some(Rupiah::new(PRICE)) };
    let agreed = shop.approve_refund(seen, &budi()).await.unwrap();
    assert_eq!(agreed.request, second);
    stage.until_state(OrderState::Refunded).await;
    // Who said so hears the same again, and nobody else does.
    assert_eq!(shop.approve_refund(seen, &budi()).await.unwrap().amount, Rupiah::new(PRICE));
    let late = shop.approve_refund(seen, &Actor::staff("tono")).await;
    assert!(matches!(late, Err(RefundError::NoneWaits(_))), "{late:?}");
    assert_eq!(stage.wallet().await, PRICE);
    stage.end().await;
});

on_both_shops!(fn nobody_gives_back_two_payments_of_one_order_alone_when_that_is_too_much(db) {
    let stage = stuck(&db, PRICE + PRICE / 2).await;
    stage.gateway_says(1, Settled, Some(PRICE)).await;
    assert_eq!(stage.wallet().await, PRICE, "the order cannot use it");
    let (shop, number) = (&stage.scene.shop, &stage.order.number);
    let source = RefundWish { target: Some(RefundTarget::Source), ..RefundWish::default() };
    let one = shop.refund(number, &source, &rina()).await.unwrap();
    assert_eq!((one.waits, one.target, one.amount), (false, RefundTarget::Source, Rupiah::new(PRICE)));
    let two = shop.refund(number, &source, &rina()).await.unwrap();
    assert!(two.waits && two.amount == Rupiah::new(PRICE), "{two:?}");
    assert_eq!(stage.wallet().await, PRICE);
    assert!(stage.alerts().await.contains(&AlertKind::RefundNeedsApproval));
    stage.end().await;
});

on_both_shops!(fn a_refund_that_is_asked_for_twice_under_one_key_is_made_once_and_answered_the_same(db) {
    let stage = stuck(&db, PRICE).await;
    let (shop, number) = (&stage.scene.shop, &stage.order.number);
    let key = "key-1".parse().unwrap();
    let once = Once { owner: "refund by staff:rina", key: &key, request_hash: "a" };
    let (wish, by) = (to_wallet(), rina());
    let (first, second) = tokio::join!(
        shop.refund_once(number, &wish, &by, &once),
        shop.refund_once(number, &wish, &by, &once)
    );
    let ((first, replayed), (second, again)) = (first.unwrap(), second.unwrap());
    assert!(replayed != again, "one of them was first");
    assert_eq!(first, second);
    stage.until_state(OrderState::Refunded).await;
    // Later, too, whatever has become of the order.
    let (later, replayed) = shop.refund_once(number, &to_wallet(), &rina(), &once).await.unwrap();
    assert!(replayed && later == first, "{later:?}");
    let other = Once { request_hash: "b", ..once.clone() };
    let refused = shop.refund_once(number, &to_wallet(), &rina(), &other).await;
    assert!(matches!(refused, Err(RefundError::KeyReused)), "{refused:?}");
    // Somebody else's key of that name is another key.
    let theirs = Once { owner: "refund by staff:budi", ..once };
    let refused = shop.refund_once(number, &to_wallet(), &budi(), &theirs).await;
    assert!(matches!(refused, Err(RefundError::NothingToGiveBack { .. })), "{refused:?}");
    assert_eq!(stage.wallet().await, PRICE);
    stage.end().await;
});

/// An order for which so much came in instead of its price; more than so much short needs two persons.
async fn odd(db: &Database, came: i64, above: i64) -> Stage {
    let mut stage = Stage::open_twice(db).await;
    let odd_second_person_above = Rupiah::new(above);
    stage.scene.shop.rules =
        Arc::new(Rules { odd_second_person_above, ..Rules::clone(&stage.scene.shop.rules) });
    stage.gateway_says(0, Settled, Some(came)).await;
    assert_eq!(stage.attention().await, Some(Attention::OddMoney));
    stage
}

on_both_shops!(fn much_too_little_is_taken_as_paid_by_two_persons_who_name_it(db) {
    let stage = odd(&db, 1_000, 5_000).await;
    let (shop, number) = (&stage.scene.shop, &stage.order.number);
    let came = Some(Rupiah::new(1_000));
    let unnamed = stage.decide(StaffAction::Approve).await.unwrap_err();
    assert!(matches!(unnamed, ActionError::NameOdd { .. }), "{unnamed:?}");
    assert!(unnamed.to_string().contains("--paid 1000"), "{unnamed}");
    let wrong = shop.approve(number, Some(Rupiah::new(10_000)), &rina()).await;
    assert!(matches!(wrong, Err(ActionError::OtherOdd { .. })), "{wrong:?}");
    let waits = Approved { state: OrderState::NeedsAttention, waits: true };
    assert_eq!(shop.approve(number, came, &rina()).await.unwrap(), waits);
    let alone = shop.approve(number, came, &Actor::staff("RINA")).await;
    assert!(matches!(alone, Err(ActionError::SaidAlready { .. })), "{alone:?}");
    assert_eq!(stage.alerts().await, [AlertKind::AmountMismatch, AlertKind::NeedsSecondPerson]);
    assert_eq!(stage.attempts().await.len(), 0, "nothing is bought");
    // The amount changes: what the first said is not about it.
    stage.gateway_says(0, Settled, Some(900)).await;
    let gone = shop.approve(number, came, &budi()).await;
    assert!(matches!(gone, Err(ActionError::OtherOdd { .. })), "{gone:?}");
    let came = Some(Rupiah::new(900));
    assert_eq!(shop.approve(number, came, &budi()).await.unwrap(), waits);
    stage.scene.books_hold().await;
    let done = shop.approve(number, came, &rina()).await.unwrap();
    assert_eq!(done, Approved { state: OrderState::Paid, waits: false });
    stage.until_state(OrderState::Delivered).await;
    assert_eq!(stage.alerts().await, [] as [AlertKind; 0]);
    stage.end().await;
});

on_both_shops!(fn what_is_a_little_short_is_taken_as_paid_by_one_person_and_what_is_more_as_well(db) {
    for came in [PRICE - 5_000, PRICE + 70] {
        let stage = odd(&db, came, 5_000).await;
        assert_eq!(stage.decide(StaffAction::Approve).await.unwrap(), OrderState::Paid);
        stage.until_state(OrderState::Delivered).await;
        stage.end().await;
    }
});

on_both_shops!(fn nobody_is_called_any_more_for_an_odd_amount_that_is_decided_otherwise(db) {
    let stage = odd(&db, 1_000, 0).await;
    let (shop, number) = (&stage.scene.shop, &stage.order.number);
    assert!(shop.approve(number, Some(Rupiah::new(1_000)), &rina()).await.unwrap().waits);
    assert_eq!(stage.decide(StaffAction::Reject).await.unwrap(), OrderState::Cancelled);
    assert_eq!((stage.wallet().await, stage.alerts().await), (1_000, Vec::new()));
    stage.end().await;
});

//! Decisions of staff under a key: made once, and never said to be made when they were not, whatever is cut off.

use crate::stage::{PRICE, Stage};
use database::{Database, sql};
use orders::{
    ActionError, Approved, Attention, Decided, Once, OrderState, RefundError, SettleError, StaffAction,
};
use payments::{ByHand, ObservedState::Settled};
use std::time::Duration;
use suppliers::Verdict;
use testkit::on_both_shops;
use vocabulary::{Actor, IdempotencyKey, Rupiah};

const OWNER: &str = "staff:rina";

fn rina() -> Actor {
    Actor::staff("rina")
}

fn key(text: &str) -> IdempotencyKey {
    text.parse().unwrap()
}

/// An order for which a little more came in than its price: one person may take that as paid.
async fn odd(db: &Database) -> Stage {
    let stage = Stage::open_twice(db).await;
    stage.gateway_says(0, Settled, Some(PRICE + 70)).await;
    assert_eq!(stage.attention().await, Some(Attention::OddMoney));
    stage
}

/// How many keys of decisions are kept.
async fn kept(stage: &Stage) -> i64 {
    stage.scene.count(sql!("SELECT COUNT(*) FROM idempotency_key WHERE owner = 'staff:rina'")).await
}

on_both_shops!(fn a_decision_that_comes_twice_at_one_moment_is_made_once_and_the_second_hears_of_the_first(db) {
    let stage = odd(&db).await;
    let (shop, number, by, key) = (&stage.scene.shop, &stage.order.number, rina(), key("k-1"));
    let once = Once { owner: OWNER, key: &key, request_hash: "approve" };
    let (first, second) = tokio::join!(
        shop.approve_once(number, None, &by, &once),
        shop.approve_once(number, None, &by, &once)
    );
    let made = Decided::Now(Approved { state: OrderState::Paid, waits: false });
    let mut outcomes = vec![first.unwrap(), second.unwrap()];
    outcomes.retain(|outcome| *outcome != Decided::Before);
    assert_eq!(outcomes, [made]);
    stage.until_state(OrderState::Delivered).await;
    // Later, too, whatever has become of the order.
    assert_eq!(shop.approve_once(number, None, &by, &once).await.unwrap(), Decided::Before);
    let other = Once { request_hash: "reject", ..once };
    let refused = shop.decide_once(number, StaffAction::Reject, &by, &other).await;
    assert!(matches!(refused, Err(ActionError::KeyReused)), "{refused:?}");
    assert_eq!(kept(&stage).await, 1);
    stage.end().await;
});

on_both_shops!(fn a_decision_that_is_refused_is_refused_to_everybody_who_asks_and_its_key_is_free(db) {
    let stage = odd(&db).await;
    let (shop, number, by, key) = (&stage.scene.shop, &stage.order.number, rina(), key("k-1"));
    let once = Once { owner: OWNER, key: &key, request_hash: "retry" };
    let (first, second) = tokio::join!(
        shop.decide_once(number, StaffAction::Retry, &by, &once),
        shop.decide_once(number, StaffAction::Retry, &by, &once)
    );
    for refused in [first, second] {
        assert!(matches!(refused, Err(ActionError::NotPossible { .. })), "{refused:?}");
    }
    // Two persons decide about refunds: that door is another.
    let refund = shop.decide_once(number, StaffAction::Refund, &by, &once).await;
    assert!(matches!(refund, Err(ActionError::NotRefunded(_))), "{refund:?}");
    assert_eq!(kept(&stage).await, 0);
    let once = Once { request_hash: "reject", ..once };
    let done = shop.decide_once(number, StaffAction::Reject, &by, &once).await.unwrap();
    assert_eq!(done, Decided::Now(Approved { state: OrderState::Cancelled, waits: false }));
    stage.end().await;
});

on_both_shops!(fn a_decision_that_is_cut_off_is_not_made_and_is_made_when_it_comes_again(db) {
    let stage = odd(&db).await;
    let (shop, number, by, key) = (&stage.scene.shop, &stage.order.number, rina(), key("k-1"));
    let once = Once { owner: OWNER, key: &key, request_hash: "approve" };
    // Somebody else holds the order while the caller hangs up.
    let mut held = shop.db.write("test").await.unwrap();
    sql!("UPDATE shop_order SET fence = fence WHERE id = $1").bind(&stage.order.id).run(&mut held).await.unwrap();
    let patience = Duration::from_millis(300);
    assert!(tokio::time::timeout(patience, shop.approve_once(number, None, &by, &once)).await.is_err());
    drop(held);
    assert_eq!((stage.state().await, kept(&stage).await), (OrderState::NeedsAttention, 0));
    let done = shop.approve_once(number, None, &by, &once).await.unwrap();
    assert_eq!(done, Decided::Now(Approved { state: OrderState::Paid, waits: false }));
    assert_eq!(shop.approve_once(number, None, &by, &once).await.unwrap(), Decided::Before);
    stage.until_state(OrderState::Delivered).await;
    stage.end().await;
});

on_both_shops!(fn a_key_that_an_older_version_took_before_it_decided_says_nothing_of_what_was_decided(db) {
    let stage = odd(&db).await;
    let (shop, number, by, key) = (&stage.scene.shop, &stage.order.number, rina(), key("k-1"));
    let once = Once { owner: OWNER, key: &key, request_hash: "approve" };
    let mut tx = shop.db.write("test").await.unwrap();
    sql!("INSERT INTO idempotency_key (owner, key, body_hash, order_id, created_at) VALUES ($1, $2, 'approve', $3, 1)")
        .bind(OWNER)
        .bind(&key)
        .bind(&stage.order.id)
        .run(&mut tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let unknown = shop.approve_once(number, None, &by, &once).await;
    assert!(matches!(&unknown, Err(ActionError::OutcomeUnknown(about)) if about == number), "{unknown:?}");
    let unknown = shop.settle_part_once(number, Rupiah::ZERO, &by, &once).await;
    assert!(matches!(unknown, Err(SettleError::Action(ActionError::OutcomeUnknown(_)))), "{unknown:?}");
    let refund = format!("{number}-R1").parse().unwrap();
    let unknown = shop.settle_refund_once(&refund, ByHand::GivenBack, &by, &once).await;
    assert!(matches!(unknown, Err(RefundError::Action(ActionError::OutcomeUnknown(_)))), "{unknown:?}");
    assert_eq!(stage.attention().await, Some(Attention::OddMoney), "nothing was decided");
    stage.end().await;
});

on_both_shops!(fn what_a_part_was_worth_is_said_once_for_a_key(db) {
    let stage = Stage::fulfilling(&db).await;
    stage.supplier_says(1, Verdict::PartlySucceeded).await;
    let (shop, number, by, key) = (&stage.scene.shop, &stage.order.number, rina(), key("k-1"));
    let once = Once { owner: OWNER, key: &key, request_hash: "settle 4000" };
    let share = Rupiah::new(4_000);
    let done = shop.settle_part_once(number, share, &by, &once).await.unwrap();
    assert_eq!(done, Decided::Now(Approved { state: OrderState::Delivered, waits: false }));
    assert_eq!(shop.settle_part_once(number, share, &by, &once).await.unwrap(), Decided::Before);
    assert_eq!(stage.wallet().await, 4_000);
    stage.end().await;
});

//! Money that a buyer puts into the own wallet: once, by any way to pay, and by the rules that there are for money
//! that comes late, twice, or of an odd amount.

use crate::{
    rails::{Mood, Rail, Stage},
    scene::ITEM,
};
use database::sql;
use orders::{
    ActionError, Deposit, DepositError, Order, OrderKind, OrderState, PayError, PlaceError, Placed, Rules,
    StaffAction, WayToPay,
};
use std::{sync::Arc, time::Duration};
use testkit::on_both_shops;
use vocabulary::{Actor, BuyerId, Locale, PaymentMethod, Rupiah};

fn wish(key: &str, amount: i64) -> Deposit {
    Deposit {
        owner: "api:test".into(),
        key: key.parse().unwrap(),
        request_hash: format!("{key} {amount}"),
        buyer: "budi".parse().unwrap(),
        amount: Rupiah::new(amount),
        method: PaymentMethod::GopayQr,
        phone: None,
        locale: Locale::English,
        ip: None,
    }
}

impl Stage {
    async fn deposited(&self, key: &str, amount: i64) -> Order {
        let placed = self.shop().deposit(&wish(key, amount)).await.unwrap();
        self.scene.order(&placed.number).await
    }
    async fn credit(&self) -> i64 {
        let buyer: BuyerId = "budi".parse().unwrap();
        let mut tx = self.shop().db.read("test").await.unwrap();
        ledger::balance(&mut tx, &buyer).await.unwrap().get()
    }
    async fn reaches(&self, order: &Order, state: OrderState) -> Order {
        for _ in 0..200 {
            let now = self.scene.order(&order.number).await;
            if now.state == state {
                return now;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it is {}", self.scene.order(&order.number).await.state);
    }
    async fn later(&self, seconds: u64) {
        self.shop().clock.advance(Duration::from_secs(seconds));
        tokio::time::sleep(Duration::from_millis(1_300)).await;
    }
}

on_both_shops!(fn a_deposit_that_is_paid_is_in_the_wallet_once_and_can_be_spent(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 200)]).await.works();
    let deposit = stage.deposited("one", 50_000).await;
    assert_eq!((deposit.kind, deposit.state), (OrderKind::Deposit, OrderState::AwaitingPayment));
    stage.open_at(&deposit, "first").await;
    assert_eq!(stage.credit().await, 0, "nothing before it is paid");
    stage.rails[0].is(Mood::Paid);
    stage.later(15).await;
    stage.reaches(&deposit, OrderState::Refunded).await;
    assert_eq!(stage.credit().await, 50_000, "all of it: the fee is the shop's");
    // Told again, and placed again, it is the same.
    let mut tx = stage.shop().db.write("test").await.unwrap();
    payments::nudge(&mut tx, &format!("{}-P1", deposit.number), stage.shop().clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    stage.later(15).await;
    let again = stage.shop().deposit(&wish("one", 50_000)).await.unwrap();
    assert_eq!(again, Placed { number: deposit.number.clone(), replayed: true });
    assert_eq!(stage.credit().await, 50_000);
    assert_eq!(stage.scene.count(sql!("SELECT COUNT(*) FROM reservation")).await, 0);
    assert_eq!(stage.scene.count(sql!("SELECT COUNT(*) FROM fulfilment_attempt")).await, 0);

    let mut purchase = stage.scene.wish("budi", ITEM);
    purchase.method = PaymentMethod::Wallet;
    stage.shop().place(&purchase).await.unwrap();
    assert_eq!(stage.credit().await, 40_000);
    let report = stage.shop().reconcile(stage.shop().clock.now().wib_day()).await.unwrap();
    assert_eq!(report.differences, [], "the gateway and the books agree about it");
    stage.ends().await;
});

on_both_shops!(fn a_deposit_that_is_not_paid_expires_and_money_that_comes_late_is_credited(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 200)]).await.works();
    let deposit = stage.deposited("one", 50_000).await;
    stage.open_at(&deposit, "first").await;
    stage.rails[0].is(Mood::Silent);
    stage.later(16 * 60).await;
    stage.reaches(&deposit, OrderState::Expired).await;
    stage.rails[0].is(Mood::Paid);
    for _ in 0..40 {
        if stage.credit().await > 0 {
            break;
        }
        stage.later(120).await;
    }
    assert_eq!(stage.credit().await, 50_000);
    assert_eq!(stage.scene.order(&deposit.number).await.state, OrderState::Expired);
    stage.ends().await;
});

on_both_shops!(fn of_an_odd_amount_a_person_credits_what_came_in_and_can_credit_no_more(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 200)]).await.works();
    let deposit = stage.deposited("one", 50_000).await;
    stage.open_at(&deposit, "first").await;
    stage.rails[0].is(Mood::PaidLess);
    stage.later(15).await;
    stage.reaches(&deposit, OrderState::NeedsAttention).await;
    let rina = Actor::staff("rina");
    let approved = stage.shop().decide(&deposit.number, StaffAction::Approve, &rina).await;
    assert!(matches!(approved, Err(ActionError::NoLongerPossible(_))), "{approved:?}");
    assert_eq!(stage.credit().await, 0);
    stage.shop().decide(&deposit.number, StaffAction::Reject, &rina).await.unwrap();
    assert_eq!(stage.credit().await, 7_000);
    stage.ends().await;
});

on_both_shops!(fn a_deposit_outside_the_bounds_or_out_of_the_wallet_itself_is_none(db) {
    let mut stage = Stage::with(&db, vec![Rail::new("first", 200)]).await;
    for amount in [0, 9_999, 2_000_001] {
        let refused = stage.shop().deposit(&wish("a", amount)).await;
        assert!(matches!(refused, Err(DepositError::OutOfBounds { .. })), "{amount}: {refused:?}");
    }
    let from_itself = Deposit { method: PaymentMethod::Wallet, ..wish("a", 50_000) };
    let refused = stage.shop().deposit(&from_itself).await;
    assert!(matches!(refused, Err(DepositError::Place(PlaceError::MethodUnavailable(_)))), "{refused:?}");
    let unknown = Deposit { method: PaymentMethod::VaBca, ..wish("a", 50_000) };
    let refused = stage.shop().deposit(&unknown).await;
    assert!(matches!(refused, Err(DepositError::Place(PlaceError::MethodUnavailable(_)))), "{refused:?}");
    let placed = stage.shop().deposit(&wish("a", 50_000)).await.unwrap();
    let by_wallet = WayToPay::by(PaymentMethod::Wallet);
    let refused = stage.shop().pay_by(&placed.number, "api:test", &by_wallet).await;
    assert!(matches!(refused, Err(PayError::MethodUnavailable(PaymentMethod::Wallet))), "{refused:?}");
    let refused = stage.shop().deposit(&wish("a", 60_000)).await;
    assert!(matches!(refused, Err(DepositError::Place(PlaceError::KeyReused))), "{refused:?}");
    assert_eq!(stage.scene.count(sql!("SELECT COUNT(*) FROM shop_order")).await, 1);
    stage.scene.shop.rules = Arc::new(Rules { wallet_deposit_most: Rupiah::ZERO, ..Rules::default() });
    let refused = stage.shop().deposit(&wish("b", 50_000)).await;
    assert!(matches!(refused, Err(DepositError::NotTaken)), "{refused:?}");
});

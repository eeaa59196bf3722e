//! Money that a buyer puts into the own wallet: once, by any way to pay, and by the rules that there are for money
//! that comes late, twice, or of an odd amount.

use crate::{
    proof::{LieInRupiah, are_found},
    rail::{Mood, Rail, Stage},
    scene::{ITEM, Scene},
};
use database::sql;
use ledger::Account;
use notifications::{AlertKind, MessageKind};
use orders::{
    ActionError, Deposit, DepositError, Order, OrderFile, OrderKind, OrderState, Origin, PayError,
    PlaceError, Placed, Rules, StaffAction, WayToPay,
};
use payments::PaymentState;
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
        origin: Origin::default(),
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
    async fn credit_of(&self, buyer: &str) -> i64 {
        let buyer: BuyerId = buyer.parse().unwrap();
        let mut tx = self.shop().db.read("test").await.unwrap();
        ledger::balance(&mut tx, &buyer).await.unwrap().get()
    }
    async fn file(&self, order: &Order) -> OrderFile {
        self.shop().order_file(&order.number).await.unwrap().unwrap()
    }
    /// What the order has put on an account; positive is a debit.
    async fn stands(&self, order: &Order, account: &Account) -> i64 {
        let lines = self.file(order).await.ledger;
        lines.iter().filter(|line| line.account == *account).map(|line| line.amount.get()).sum()
    }
    /// A deposit of this buyer's that is paid and in the wallet.
    async fn credited_to(&self, buyer: &str, amount: i64) -> Order {
        self.rails[0].is(Mood::Opens);
        let deposit = Deposit { buyer: buyer.parse().unwrap(), ..wish(buyer, amount) };
        let placed = self.shop().deposit(&deposit).await.unwrap();
        let order = self.scene.order(&placed.number).await;
        self.open_at(&order, "first").await;
        self.rails[0].is(Mood::Paid);
        self.later(15).await;
        self.reaches(&order, OrderState::Refunded).await
    }
    /// The buyer buys something out of the wallet.
    async fn spends(&self, buyer: &str) {
        let mut purchase = self.scene.wish(buyer, ITEM);
        purchase.method = PaymentMethod::Wallet;
        self.shop().place(&purchase).await.unwrap();
    }
    /// The same, if there is enough.
    async fn may_spend(&self, buyer: &str) {
        let mut purchase = self.scene.wish(buyer, ITEM);
        purchase.method = PaymentMethod::Wallet;
        match self.shop().place(&purchase).await {
            Ok(_) | Err(PlaceError::WalletNotEnough { .. }) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    /// The gateway takes the deposit back, and the shop has heard of it.
    async fn loses(&self, order: &Order) {
        self.rails[0].is(Mood::TakenBack);
        let now = self.shop().clock.now();
        let mut tx = self.shop().db.write("test").await.unwrap();
        payments::nudge(&mut tx, &format!("{}-P1", order.number), now).await.unwrap();
        tx.commit().await.unwrap();
        let gone = |p: &payments::Payment| p.state == PaymentState::Refunded && p.due_at.is_none();
        self.until(order, |all| gone(&all[0])).await;
    }
    /// The gateway gives back so much of the deposit in all, and the shop has heard of it.
    async fn loses_a_part(&self, order: &Order, back: i64) {
        self.rails[0].is(Mood::PartBack(back));
        let now = self.shop().clock.now();
        let mut tx = self.shop().db.write("test").await.unwrap();
        payments::nudge(&mut tx, &format!("{}-P1", order.number), now).await.unwrap();
        tx.commit().await.unwrap();
        let back = Some(Rupiah::new(back));
        self.until(order, |all| all[0].given_back == back && all[0].due_at.is_none()).await;
    }
    /// The open alert about money that was taken back.
    async fn called(&self, order: &Order) -> Option<String> {
        let mut tx = self.shop().db.read("test").await.unwrap();
        let open = notifications::open_alerts_of(&mut tx, AlertKind::PaymentTakenBack).await.unwrap();
        open.into_iter().find(|alert| alert.subject == order.number.as_str()).map(|alert| alert.message)
    }
    async fn reaches(&self, order: &Order, state: OrderState) -> Order {
        for _ in 0..1_200 {
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
    stage.scene.shop.rules = Arc::new(Rules { wallet_deposit_most: Rupiah::ZERO, ..Scene::rules() });
    let refused = stage.shop().deposit(&wish("b", 50_000)).await;
    assert!(matches!(refused, Err(DepositError::NotTaken)), "{refused:?}");
});

on_both_shops!(fn a_deposit_that_its_gateway_takes_back_leaves_the_wallet_as_far_as_it_is_there(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 200)]).await.works();
    for (buyer, spent, got) in [("ani", 0, 20_000), ("budi", 1, 10_000), ("citra", 2, 0)] {
        let deposit = stage.credited_to(buyer, 20_000).await;
        for _ in 0..spent {
            stage.spends(buyer).await;
        }
        // Told again, it is taken once.
        for _ in 0..2 {
            stage.loses(&deposit).await;
            assert_eq!(stage.credit_of(buyer).await, 0, "{buyer}");
            assert_eq!(stage.stands(&deposit, &Account::ChargebackLoss).await, 20_000 - got, "{buyer}");
            assert_eq!(stage.stands(&deposit, &Account::Gateway("first".into())).await, -400, "the fee");
            let file = stage.file(&deposit).await;
            assert_eq!(file.order.state, OrderState::Refunded);
            let told: Vec<_> =
                file.messages.iter().filter(|m| m.kind == MessageKind::CreditTakenBack).collect();
            let detail = (got > 0).then(|| Rupiah::new(got).to_string());
            assert_eq!(told.iter().map(|m| m.detail.clone()).collect::<Vec<_>>(), [detail], "{buyer}");
            let audited = file.audit.iter().filter(|entry| entry.action == "wallet.taken_back").count();
            assert_eq!(audited, 1, "{buyer}");
        }
        let called = stage.called(&deposit).await.unwrap();
        let (got, lost) = (Rupiah::new(got), Rupiah::new(20_000 - got));
        assert!(called.contains(&format!("{got} was still in the wallet of {buyer}")), "{called}");
        assert!(called.contains(&format!("{lost} is lost")), "{called}");
        stage.scene.books_hold().await;
    }
    stage.ends().await;
});

on_both_shops!(fn a_part_of_a_deposit_that_its_gateway_takes_back_leaves_the_wallet_as_far_as_it_is_there(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 200)]).await.works();
    // How often the buyer buys with it, what goes back in all step by step, and what is lost by then.
    for (buyer, spent, steps) in [
        ("ani", 0, [(5_000, 0), (5_000, 0), (8_000, 0), (20_000, 0)]),
        ("budi", 1, [(5_000, 0), (5_000, 0), (12_000, 2_000), (20_000, 10_000)]),
        ("citra", 2, [(5_000, 5_000), (5_000, 5_000), (8_000, 8_000), (20_000, 20_000)]),
    ] {
        let deposit = stage.credited_to(buyer, 20_000).await;
        for _ in 0..spent {
            stage.spends(buyer).await;
        }
        let had = 20_000 - spent * 10_000;
        for (back, lost) in steps {
            if back < 20_000 {
                stage.loses_a_part(&deposit, back).await;
            } else {
                stage.loses(&deposit).await;
            }
            assert_eq!(stage.credit_of(buyer).await, had - (back - lost), "{buyer} after {back}");
            assert_eq!(stage.stands(&deposit, &Account::ChargebackLoss).await, lost, "{buyer} after {back}");
            let gateway = Account::Gateway("first".into());
            assert_eq!(stage.stands(&deposit, &gateway).await, 20_000 - 400 - back, "{buyer} after {back}");
            stage.scene.books_hold().await;
        }
        let file = stage.file(&deposit).await;
        assert_eq!(file.order.state, OrderState::Refunded);
        let told = |kind| file.messages.iter().filter(|m| m.kind == kind).count();
        assert_eq!(told(MessageKind::CreditLess), 2, "{buyer} hears of each step once");
        assert_eq!(told(MessageKind::CreditTakenBack), 1, "{buyer}, and of the end");
        let audited = file.audit.iter().filter(|entry| entry.action == "wallet.taken_back").count();
        assert_eq!(audited, 3, "{buyer}");
        let called = stage.called(&deposit).await.unwrap();
        assert!(called.contains(&format!("was still in the wallet of {buyer}")), "{called}");
    }
    stage.ends().await;
});

on_both_shops!(fn a_deposit_that_is_spent_and_taken_back_at_the_same_moment_is_used_once(db) {
    let mut stage = Stage::with(&db, vec![Rail::new("first", 200)]).await;
    // Nobody delivers here, and that is no reason to stop selling before all of them have bought.
    stage.scene.shop.rules = Arc::new(Rules { supplier_circuit_failures: 100, ..Scene::rules() });
    let stage = stage.works();
    for buyer in ["ani", "budi", "citra"] {
        let deposit = stage.credited_to(buyer, 20_000).await;
        let paid = sql!("SELECT COUNT(*) FROM ledger_transaction WHERE kind = 'wallet_payment'");
        let before = stage.scene.count(paid).await;
        tokio::join!(stage.loses(&deposit), stage.may_spend(buyer), stage.may_spend(buyer));
        let spent = 10_000 * (stage.scene.count(paid).await - before);
        assert_eq!(stage.credit_of(buyer).await, 0, "{buyer}");
        assert_eq!(stage.stands(&deposit, &Account::ChargebackLoss).await, spent, "{buyer} has spent that");
        stage.scene.books_hold().await;
    }
    stage.ends().await;
});

const LIES_ABOUT_A_PART_OF_A_DEPOSIT: &[LieInRupiah] = &[
    (
        "a part was taken from somebody else",
        &[(
            sql!(
                "UPDATE ledger_posting SET account = 'wallet:sari' WHERE account = 'wallet:budi' AND transaction_id = (SELECT id FROM ledger_transaction WHERE kind = 'payment_part_taken_back' AND reference LIKE '%-P1/2')"
            ),
            1,
        )],
        &[(sql!("UPDATE ledger_posting SET account = 'wallet:budi' WHERE account = 'wallet:sari'"), 1)],
        "-P1/2: is a deposit that was taken back: Rp 0 out of its buyer's wallet, Rp 3.000 at other wallets",
    ),
    (
        "a step belongs to no payment",
        &[(
            sql!(
                "UPDATE ledger_transaction SET reference = 'LK0000000000-P9/2' WHERE kind = 'payment_part_taken_back' AND reference LIKE '%-P1/2'"
            ),
            1,
        )],
        &[(
            sql!(
                "UPDATE ledger_transaction SET reference = (SELECT reference FROM payment) || '/2' WHERE reference = 'LK0000000000-P9/2'"
            ),
            1,
        )],
        "LK0000000000-P9/2: is booked and is no payment",
    ),
    (
        "less went back than is booked",
        &[(sql!("UPDATE payment SET given_back = 7000 WHERE given_back = 8000"), 1)],
        &[(sql!("UPDATE payment SET given_back = 8000 WHERE given_back = 7000"), 1)],
        "Rp 8.000 back in part",
    ),
    (
        "something was lost that was still there",
        &[
            (
                sql!(
                    "UPDATE ledger_posting SET account = 'loss:chargeback' WHERE account = 'wallet:budi' AND amount = 3000"
                ),
                1,
            ),
            (sql!("UPDATE wallet SET balance = 15000"), 1),
        ],
        &[
            (
                sql!(
                    "UPDATE ledger_posting SET account = 'wallet:budi' WHERE account = 'loss:chargeback' AND amount = 3000"
                ),
                1,
            ),
            (sql!("UPDATE wallet SET balance = 12000"), 1),
        ],
        "was a deposit, of which Rp 3.000 is booked as lost while its buyer still had Rp 15.000",
    ),
];

on_both_shops!(fn every_lie_about_a_part_of_a_deposit_that_was_taken_back_is_found_and_named(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 200)]).await.works();
    let deposit = stage.credited_to("budi", 20_000).await;
    for back in [5_000, 8_000] {
        stage.later(120).await;
        stage.loses_a_part(&deposit, back).await;
    }
    let scene = stage.scene.clone();
    stage.ends().await;
    are_found(&scene, &db, LIES_ABOUT_A_PART_OF_A_DEPOSIT).await;
});

on_both_shops!(fn a_deposit_that_came_late_and_is_taken_back_leaves_the_wallet_too(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 200)]).await.works();
    let deposit = stage.deposited("one", 50_000).await;
    stage.open_at(&deposit, "first").await;
    stage.shop().cancel(&deposit.number, "api:test").await.unwrap();
    stage.rails[0].is(Mood::Paid);
    for _ in 0..40 {
        if stage.credit().await > 0 {
            break;
        }
        stage.later(120).await;
    }
    assert_eq!(stage.credit().await, 50_000);
    stage.loses(&deposit).await;
    assert_eq!(stage.credit().await, 0);
    assert_eq!(stage.stands(&deposit, &Account::ChargebackLoss).await, 0);
    stage.ends().await;
});

const LIES_ABOUT_A_DEPOSIT: &[LieInRupiah] = &[
    (
        "something was lost that was still there",
        &[
            (
                sql!(
                    "UPDATE ledger_posting SET amount = 9000 WHERE account = 'wallet:budi' AND amount = 10000 AND transaction_id = (SELECT id FROM ledger_transaction WHERE kind = 'payment_taken_back')"
                ),
                1,
            ),
            (sql!("UPDATE ledger_posting SET amount = 11000 WHERE account = 'loss:chargeback'"), 1),
            (sql!("UPDATE wallet SET balance = 1000"), 1),
        ],
        &[
            (
                sql!(
                    "UPDATE ledger_posting SET amount = 10000 WHERE account = 'wallet:budi' AND amount = 9000"
                ),
                1,
            ),
            (sql!("UPDATE ledger_posting SET amount = 10000 WHERE account = 'loss:chargeback'"), 1),
            (sql!("UPDATE wallet SET balance = 0"), 1),
        ],
        "was a deposit, of which Rp 11.000 is booked as lost while its buyer still had Rp 1.000",
    ),
    (
        "it was taken from somebody else",
        &[(
            sql!(
                "UPDATE ledger_posting SET account = 'wallet:sari' WHERE account = 'wallet:budi' AND transaction_id = (SELECT id FROM ledger_transaction WHERE kind = 'payment_taken_back')"
            ),
            1,
        )],
        &[(sql!("UPDATE ledger_posting SET account = 'wallet:budi' WHERE account = 'wallet:sari'"), 1)],
        "is a deposit that was taken back: Rp 0 out of its buyer's wallet, Rp 10.000 at other wallets",
    ),
    (
        "a purchase was taken out of a wallet",
        &[(sql!("UPDATE shop_order SET kind = 'purchase' WHERE kind = 'deposit'"), 1)],
        &[(sql!("UPDATE shop_order SET kind = 'deposit' WHERE product_code = 'DEPOSIT'"), 1)],
        "is a purchase that was taken back: Rp 10.000 out of its buyer's wallet",
    ),
    (
        "it is not booked",
        &[(
            sql!(
                "UPDATE ledger_transaction SET kind = 'payment_part_taken_back' WHERE kind = 'payment_taken_back'"
            ),
            1,
        )],
        &[(
            sql!(
                "UPDATE ledger_transaction SET kind = 'payment_taken_back' WHERE kind = 'payment_part_taken_back'"
            ),
            1,
        )],
        "was taken back at the gateway, and that is not booked",
    ),
];

on_both_shops!(fn every_lie_about_a_deposit_that_was_taken_back_is_found_and_named(db) {
    let stage = Stage::with(&db, vec![Rail::new("first", 200)]).await.works();
    let deposit = stage.credited_to("budi", 20_000).await;
    stage.later(120).await;
    stage.spends("budi").await;
    stage.later(120).await;
    stage.loses(&deposit).await;
    let scene = stage.scene.clone();
    stage.ends().await;
    are_found(&scene, &db, LIES_ABOUT_A_DEPOSIT).await;
});

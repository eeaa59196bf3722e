//! What counts beside the four parameters, with counts out of the database.

use crate::scene::{ITEM, NOON, Scene};
use database::sql;
use notifications::AlertKind;
use orders::{Deposit, Order, OrderState, Origin, Rules, worker};
use security::{Action, SignalRules};
use std::{sync::Arc, time::Duration};
use testkit::on_both_shops;
use vocabulary::{Actor, Locale, PaymentMethod, Rupiah, Timestamp};

fn scoring(mut scene: Scene, shared_points: u32) -> Scene {
    let signals = SignalRules { shared_points, ..SignalRules::default() };
    scene.shop.rules = Arc::new(Rules { signals, ..Scene::rules() });
    scene
}

/// The findings that are not of the four parameters.
fn found(order: &Order) -> Vec<(&str, i64)> {
    order.risk_findings.iter().skip(4).map(|f| (f.parameter.as_str(), f.points)).collect()
}

impl Scene {
    /// Places an order for this account.
    async fn for_account(&self, buyer: &str, account: &str) -> Order {
        let mut wish = self.wish(buyer, ITEM);
        wish.user_id = account.into();
        let placed = self.shop.place(&wish).await.unwrap();
        self.order(&placed.number).await
    }

    /// The same, and it counts as paid.
    async fn paid_for(&self, buyer: &str, account: &str) -> Order {
        let order = self.for_account(buyer, account).await;
        let mut tx = self.shop.db.write("test").await.unwrap();
        sql!("UPDATE shop_order SET paid_at = placed_at, state = 'delivered' WHERE id = $1")
            .bind(&order.id)
            .run(&mut tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        order
    }
}

on_both_shops!(fn the_fourth_payer_of_one_game_account_calls_a_person_and_scores_as_the_owner_says(db) {
    for points in [0, 40] {
        let account = format!("12345678{points:02}");
        let scene = scoring(Scene::selling(&db, &[(ITEM, 10_000, 90)]).await, points);
        for buyer in ["a", "b", "c"] {
            assert_eq!(found(&scene.paid_for(buyer, &account).await), []);
        }
        // Who does not pay makes nobody suspicious, and neither does the same buyer again.
        assert_eq!(found(&scene.for_account("a", &account).await), []);
        assert_eq!(found(&scene.for_account("d", "987654321").await), []);
        let fourth = scene.for_account("d", &account).await;
        assert_eq!(found(&fourth), [("shared_account", i64::from(points))]);
        let expected = if points == 0 { OrderState::AwaitingPayment } else { OrderState::InReview };
        assert_eq!(fourth.state, expected);
        assert!(fourth.risk_findings[4].explanation.starts_with("4 buyers pay for this game account within 24 h"));
        let subject = format!("FF {account}");
        let mut tx = scene.shop.db.read("test").await.unwrap();
        let open: i64 = sql!("SELECT COUNT(*) FROM alert WHERE kind = 'shared_account' AND subject = $1")
            .bind(&subject)
            .one(&mut tx)
            .await
            .unwrap();
        assert_eq!(open, 1);
        drop(tx);
        scene.shop.clock.advance(Duration::from_secs(24 * 3_600));
        assert_eq!(found(&scene.for_account("e", &account).await), [], "the window is over");
    }
});

on_both_shops!(fn the_sixth_game_account_of_one_payer_calls_a_person(db) {
    let scene = scoring(Scene::selling(&db, &[(ITEM, 10_000, 90)]).await, 20);
    for n in 0..5 {
        assert_eq!(found(&scene.paid_for("budi", &format!("12345678{n}")).await), []);
    }
    scene.shop.clock.advance(Duration::from_secs(61));
    assert_eq!(found(&scene.for_account("budi", "123456780").await), [], "one of the five");
    let sixth = scene.for_account("budi", "123456789").await;
    assert_eq!((found(&sixth), sixth.risk_action), (vec![("many_accounts", 20)], Action::Verify));
    assert_eq!(scene.count(sql!("SELECT COUNT(*) FROM alert WHERE kind = 'many_accounts' AND subject = 'budi'")).await, 1);
    // A key that names no buyer buys for many.
    for n in 0..7 {
        assert_eq!(found(&scene.paid_for("api:test", &format!("22345678{n}")).await), []);
        scene.shop.clock.advance(Duration::from_secs(61));
    }
});

on_both_shops!(fn a_young_chat_account_buys_little_freely_and_more_when_a_person_agrees(db) {
    let scene = Scene::selling(&db, &[(ITEM, 10_000, 50), ("FF_BIG", 100_001, 50)]).await;
    let from = |product: &str, made: Timestamp| {
        let mut wish = scene.wish("budi", product);
        wish.origin = Origin { account_made_at: Some(made), ..Origin::default() };
        wish
    };
    let days = |n: u64| NOON.minus(Duration::from_secs(n * 86_400));
    let check = async |wish, points, state| {
        let placed = scene.shop.place(&wish).await.unwrap();
        let order = scene.order(&placed.number).await;
        assert_eq!((found(&order).first().map_or(0, |f| f.1), order.state), (points, state), "{:?}", order.risk_findings);
    };
    check(from(ITEM, days(2)), 0, OrderState::AwaitingPayment).await;
    check(from("FF_BIG", days(2)), 20, OrderState::AwaitingVerification).await;
    check(from("FF_BIG", days(3)), 0, OrderState::AwaitingPayment).await;
});

on_both_shops!(fn a_young_chat_account_deposits_as_freely_as_it_buys_and_no_more(db) {
    let scene = Scene::with_ten(&db).await;
    let days = |n: u64| NOON.minus(Duration::from_secs(n * 86_400));
    let check = async |amount, made, points, state| {
        let wish = Deposit {
            owner: "discord".into(),
            key: scene.shop.ids.base32(20).parse().unwrap(),
            request_hash: "hash".into(),
            buyer: "budi".parse().unwrap(),
            amount: Rupiah::new(amount),
            method: PaymentMethod::GopayQr,
            phone: None,
            locale: Locale::English,
            ip: None,
            origin: Origin { guild: Some("one".into()), account_made_at: Some(made), ..Origin::default() },
        };
        let placed = scene.shop.deposit(&wish).await.unwrap();
        let order = scene.order(&placed.number).await;
        assert_eq!((found(&order).first().map_or(0, |f| f.1), order.state), (points, state), "{:?}", order.risk_findings);
        let file = scene.shop.order_file(&placed.number).await.unwrap().unwrap();
        assert_eq!(file.origin, wish.origin, "staff see where it comes from");
    };
    check(100_000, days(2), 0, OrderState::AwaitingPayment).await;
    check(100_001, days(2), 20, OrderState::AwaitingVerification).await;
    check(100_001, days(3), 0, OrderState::AwaitingPayment).await;
    // With what the amount scores by itself it is for a person to look at.
    check(1_000_001, days(2), 20, OrderState::InReview).await;
});

on_both_shops!(fn a_code_scores_more_than_a_top_up(db) {
    let scene = Scene::with_ten(&db).await;
    let file = "category_code,category_name,category_icon,category_active,code,name,price,cost,stock,minimum_stock,\
                supplier,supplier_sku,customer_template,description,active\n\
                STEAM,Steam Wallet,,yes,STEAM_12,Steam 12,10000,1,10,1,digiflazz,s12,{user_id},,yes\n";
    let file = catalog::parse(file.as_bytes()).unwrap();
    scene.shop.seed_catalog(&file, &vocabulary::Actor::system()).await.unwrap();
    let code = scene.bought("budi", "STEAM_12").await;
    assert_eq!((found(&code), code.risk_score), (vec![("code", 10)], 10));
    assert_eq!(scene.bought("budi", ITEM).await.risk_score, 0);
});

impl Scene {
    /// The alerts about many payers and many accounts that are open, after a worker has looked.
    async fn looked_at(&self) -> Vec<AlertKind> {
        let mut shop = self.shop.clone();
        // Nothing is asked of anybody.
        shop.gateways = Arc::default();
        worker::run(shop, std::future::ready(())).await;
        let mut tx = self.shop.db.read("test").await.unwrap();
        let mut open = Vec::new();
        for kind in [AlertKind::SharedAccount, AlertKind::ManyAccounts] {
            let of_kind = notifications::open_alerts_of(&mut tx, kind).await.unwrap();
            open.extend(of_kind.iter().map(|alert| alert.kind));
        }
        open
    }
}

on_both_shops!(fn an_alert_about_payers_or_accounts_is_over_a_window_after_the_last_order_that_it_is_about(db) {
    use AlertKind::{ManyAccounts, SharedAccount};
    let scene = scoring(Scene::selling(&db, &[(ITEM, 10_000, 90)]).await, 0);
    let hours = |n: u64| scene.shop.clock.advance(Duration::from_secs(n * 3_600));
    for buyer in ["a", "b", "c"] {
        scene.paid_for(buyer, "1234567800").await;
    }
    for n in 0..5 {
        scene.paid_for("budi", &format!("22345678{n}")).await;
    }
    scene.for_account("d", "1234567800").await;
    scene.for_account("budi", "223456789").await;
    assert_eq!(scene.looked_at().await, [SharedAccount, ManyAccounts]);
    // What they are about is not paid, and goes on all the same.
    hours(20);
    assert_eq!(found(&scene.for_account("e", "1234567800").await), [("shared_account", 0)]);
    hours(3);
    assert_eq!(scene.looked_at().await, [SharedAccount, ManyAccounts]);
    hours(1);
    assert_eq!(scene.looked_at().await, [SharedAccount], "one more has paid for that account since");
    hours(20);
    assert_eq!(scene.looked_at().await, []);
    // Told anew when it begins anew; and a person need not wait for the end of it.
    for buyer in ["a", "b", "c"] {
        scene.paid_for(buyer, "1234567800").await;
    }
    scene.for_account("d", "1234567800").await;
    assert_eq!(scene.looked_at().await, [SharedAccount]);
    let rina = Actor::staff("rina");
    assert!(scene.shop.resolve_alert(SharedAccount, "FF 1234567800", &rina).await.unwrap());
    assert_eq!(scene.looked_at().await, []);
});

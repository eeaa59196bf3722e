//! Placing: exactly as many orders as there are pieces, and once for each key.

use crate::scene::{ITEM, Scene};
use catalog::account::AccountProblem;
use database::sql;
use orders::{OrderState, PlaceError, Placed};
use std::sync::atomic::Ordering;
use testkit::on_both_shops;
use tokio::task::JoinSet;
use vocabulary::{Actor, PaymentMethod};

/// Forty buyers at the same moment: ten get one, thirty hear that there is nothing left.
async fn forty_buyers(scene: &Scene, method: PaymentMethod) {
    let mut buyers = JoinSet::new();
    for n in 0..40 {
        let scene = scene.clone();
        buyers.spawn(async move {
            let mut wish = scene.wish(&format!("buyer-{n}"), ITEM);
            wish.method = method;
            scene.shop.place(&wish).await
        });
    }
    let outcomes = buyers.join_all().await;
    let placed = outcomes.iter().filter(|o| matches!(o, Ok(Placed { replayed: false, .. }))).count();
    let refused = outcomes.iter().filter(|o| matches!(o, Err(PlaceError::OutOfStock(_)))).count();
    assert_eq!((placed, refused), (10, 30), "{outcomes:?}");
    assert_eq!(scene.available().await, 0);
    for (what, count) in [
        ("orders", sql!("SELECT COUNT(*) FROM shop_order")),
        ("payments", sql!("SELECT COUNT(*) FROM payment")),
        ("reservations", sql!("SELECT COUNT(*) FROM reservation")),
        ("keys", sql!("SELECT COUNT(*) FROM idempotency_key")),
        ("quotes", sql!("SELECT COUNT(*) FROM quote")),
        ("audit entries", sql!("SELECT COUNT(*) FROM audit_entry WHERE action = 'order.placed'")),
    ] {
        assert_eq!(scene.count(count).await, 10, "{what}");
    }
    scene.books_hold().await;
    assert_eq!(scene.gateway.calls.load(Ordering::SeqCst), 0, "an outside call while placing");
}

on_both_shops!(fn forty_buyers_on_ten_items_make_exactly_ten_orders(db) {
    let scene = Scene::with_ten(&db).await;
    forty_buyers(&scene, PaymentMethod::GopayQr).await;
    assert_eq!(scene.count(sql!("SELECT COUNT(*) FROM shop_order WHERE state = 'awaiting_payment'")).await, 10);
});

on_both_shops!(fn forty_wallets_on_ten_items_pay_exactly_ten_times(db) {
    let scene = Scene::with_ten(&db).await;
    for n in 0..40 {
        scene.fund(&format!("buyer-{n}"), 25_000).await;
    }
    forty_buyers(&scene, PaymentMethod::Wallet).await;
    assert_eq!(scene.count(sql!("SELECT COUNT(*) FROM shop_order WHERE state = 'paid'")).await, 10);
    assert_eq!(scene.count(sql!("SELECT CAST(SUM(balance) AS BIGINT) FROM wallet")).await, 40 * 25_000 - 10 * 10_000);
});

on_both_shops!(fn a_wallet_pays_what_it_holds_and_no_more(db) {
    let scene = Scene::with_ten(&db).await;
    scene.fund("rich", 35_000).await;
    let mut wishes = JoinSet::new();
    for _ in 0..5 {
        let scene = scene.clone();
        wishes.spawn(async move {
            let mut wish = scene.wish("rich", ITEM);
            wish.method = PaymentMethod::Wallet;
            scene.shop.place(&wish).await
        });
    }
    let outcomes = wishes.join_all().await;
    assert_eq!(outcomes.iter().filter(|o| o.is_ok()).count(), 3, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|o| matches!(o, Err(PlaceError::WalletNotEnough { .. }))).count(), 2);
    assert_eq!(scene.available().await, 7);
    scene.books_hold().await;
});

on_both_shops!(fn one_key_sent_many_times_at_once_makes_one_order(db) {
    let scene = Scene::with_ten(&db).await;
    for round in 1..=5_u32 {
        let wish = scene.wish(&format!("buyer-{round}"), ITEM);
        let mut sends = JoinSet::new();
        for _ in 0..6 {
            let (shop, wish) = (scene.shop.clone(), wish.clone());
            sends.spawn(async move { shop.place(&wish).await.unwrap() });
        }
        let placed = sends.join_all().await;
        assert_eq!(placed.iter().filter(|p| !p.replayed).count(), 1, "{placed:?}");
        assert!(placed.iter().all(|p| p.number == placed[0].number), "{placed:?}");
        assert_eq!(scene.available().await, 10 - round);
    }
    scene.books_hold().await;
});

on_both_shops!(fn a_key_that_is_used_for_another_request_is_refused(db) {
    let scene = Scene::with_ten(&db).await;
    for round in 1..=5_u32 {
        let one = scene.wish(&format!("buyer-{round}"), ITEM);
        let mut other = one.clone();
        other.request_hash = "other".into();
        other.buyer = format!("other-{round}").parse().unwrap();
        let mut sends = JoinSet::new();
        for n in 0..6 {
            let (shop, wish) = (scene.shop.clone(), if n % 2 == 0 { one.clone() } else { other.clone() });
            sends.spawn(async move { shop.place(&wish).await });
        }
        let outcomes = sends.join_all().await;
        assert_eq!(outcomes.iter().filter(|o| matches!(o, Ok(p) if !p.replayed)).count(), 1, "{outcomes:?}");
        assert_eq!(outcomes.iter().filter(|o| matches!(o, Ok(p) if p.replayed)).count(), 2, "{outcomes:?}");
        assert_eq!(outcomes.iter().filter(|o| matches!(o, Err(PlaceError::KeyReused))).count(), 3, "{outcomes:?}");
        assert_eq!(scene.available().await, 10 - round);
    }
});

on_both_shops!(fn another_owner_may_use_the_same_key(db) {
    let scene = Scene::with_ten(&db).await;
    let one = scene.wish("buyer", ITEM);
    let mut other = one.clone();
    other.owner = "api:other".into();
    let first = scene.shop.place(&one).await.unwrap();
    let second = scene.shop.place(&other).await.unwrap();
    assert_ne!(first.number, second.number);
    assert!(scene.shop.order_view(&first.number, "api:other").await.unwrap().is_none());
});

on_both_shops!(fn of_a_game_without_a_rule_the_number_is_clean_and_no_zone_is_dropped(db) {
    let scene = Scene::with_ten(&db).await;
    let file = "category_code,category_name,category_icon,category_active,code,name,price,cost,stock,minimum_stock,\
                supplier,supplier_sku,customer_template,description,active\n\
                CHESS,Chess,,yes,CHESS_1,1 Pawn,10000,1,10,1,digiflazz,chess1,{user_id},,yes\n";
    let file = catalog::parse(file.as_bytes()).unwrap();
    scene.shop.seed_catalog(&file, &Actor::system()).await.unwrap();
    let mut wish = scene.wish("buyer", "CHESS_1");
    wish.user_id = "１２３４ ５６７８\u{200B}".into();
    wish.server_id = Some("2685".into());
    let refused = scene.shop.place(&wish).await.unwrap_err();
    assert!(matches!(refused, PlaceError::Account(AccountProblem::ServerNotUsed)), "{refused:?}");
    wish.server_id = Some(" ".into());
    let placed = scene.shop.place(&wish).await.unwrap();
    let order = scene.order(&placed.number).await;
    assert_eq!((order.customer_no.as_str(), order.account.server_id()), ("12345678", None));
});

on_both_shops!(fn what_is_refused_leaves_nothing_behind(db) {
    let scene = Scene::with_ten(&db).await;
    let broke = |change: fn(&mut orders::Placement)| {
        let mut wish = scene.wish("buyer", ITEM);
        change(&mut wish);
        wish
    };
    for wish in [
        broke(|w| w.product = "NONE".parse().unwrap()),
        broke(|w| w.user_id = "not a number".into()),
        broke(|w| w.method = PaymentMethod::Wallet),
        broke(|w| w.quote = Some(vocabulary::QuoteId::new(&vocabulary::Ids::random(), crate::scene::NOON))),
    ] {
        scene.shop.place(&wish).await.unwrap_err();
    }
    let quote = scene.shop.quote(&ITEM.parse().unwrap()).await.unwrap();
    scene.shop.clock.advance(scene.shop.rules.quote_valid);
    let mut late = scene.wish("buyer", ITEM);
    late.quote = Some(quote.id);
    assert!(matches!(scene.shop.place(&late).await, Err(PlaceError::QuoteExpired)));
    for count in [
        sql!("SELECT COUNT(*) FROM shop_order"),
        sql!("SELECT COUNT(*) FROM buyer"),
        sql!("SELECT COUNT(*) FROM idempotency_key"),
        sql!("SELECT COUNT(*) FROM reservation"),
    ] {
        assert_eq!(scene.count(count).await, 0);
    }
    assert_eq!(scene.available().await, 10);
    assert_eq!(scene.bought("buyer", ITEM).await.state, OrderState::AwaitingPayment);
});

on_both_shops!(fn an_order_is_found_by_its_owners_key(db) {
    let scene = Scene::with_ten(&db).await;
    let wish = scene.wish("a", ITEM);
    assert_eq!(scene.shop.placed_with(&wish.owner, &wish.key).await.unwrap(), None);
    let placed = scene.shop.place(&wish).await.unwrap();
    assert_eq!(scene.shop.placed_with(&wish.owner, &wish.key).await.unwrap(), Some(placed.number));
    assert_eq!(scene.shop.placed_with("api:other", &wish.key).await.unwrap(), None);
});

on_both_shops!(fn a_price_promise_stands_until_it_expires(db) {
    let scene = Scene::with_ten(&db).await;
    let quote = scene.shop.quote(&ITEM.parse().unwrap()).await.unwrap();
    assert_eq!(scene.shop.standing_quote(&quote.id).await.unwrap(), Some(quote.clone()));
    scene.shop.clock.advance(scene.shop.rules.quote_valid);
    assert_eq!(scene.shop.standing_quote(&quote.id).await.unwrap(), None);
});

//! Caps on what is not paid: of a buyer, of a server, of an API key; exact under concurrency.

use crate::scene::{ITEM, Scene};
use database::sql;
use orders::{
    Deposit, DepositError, Origin, PlaceError, Placed, Placement, Rules, Unpaid, UnpaidRules, worker,
};
use std::{sync::Arc, time::Duration};
use testkit::on_both_shops;
use tokio::task::JoinSet;
use vocabulary::{Locale, PaymentMethod, Rupiah};

/// A shop with these caps.
fn capped(mut scene: Scene, unpaid: UnpaidRules) -> Scene {
    scene.shop.rules = Arc::new(Rules { unpaid, ..Scene::rules() });
    scene
}

const FEW: UnpaidRules = UnpaidRules { per_buyer: 3, per_server: 4, per_key: 5 };

fn in_server(mut wish: Placement, guild: &str) -> Placement {
    wish.origin = Origin { guild: Some(guild.into()), ..Origin::default() };
    wish
}

/// Places these at the same moment: how many stand, and how many are refused by a cap.
async fn at_once(scene: &Scene, wishes: Vec<Placement>) -> (usize, usize) {
    let mut all = JoinSet::new();
    for wish in wishes {
        let shop = scene.shop.clone();
        all.spawn(async move { shop.place(&wish).await });
    }
    let outcomes = all.join_all().await;
    let placed = outcomes.iter().filter(|o| matches!(o, Ok(Placed { replayed: false, .. }))).count();
    let refused = outcomes.iter().filter(|o| matches!(o, Err(PlaceError::TooManyUnpaid(_)))).count();
    assert_eq!(placed + refused, outcomes.len(), "{outcomes:?}");
    (placed, refused)
}

on_both_shops!(fn a_buyer_holds_stock_with_so_many_unpaid_orders_and_no_more(db) {
    let scene = capped(Scene::selling(&db, &[(ITEM, 10_000, 50)]).await, FEW);
    let wishes = (0..8).map(|_| scene.wish("budi", ITEM)).collect();
    assert_eq!(at_once(&scene, wishes).await, (3, 5));
    assert_eq!(scene.available().await, 47, "what is refused holds nothing");
    for nothing_more in [
        sql!("SELECT COUNT(*) FROM shop_order"),
        sql!("SELECT COUNT(*) FROM reservation"),
        sql!("SELECT COUNT(*) FROM payment"),
        sql!("SELECT COUNT(*) FROM idempotency_key"),
    ] {
        assert_eq!(scene.count(nothing_more).await, 3);
    }
    let refused = scene.buy("budi", ITEM).await.unwrap_err();
    let PlaceError::TooManyUnpaid(whose @ Unpaid::OfBuyer { most: 3, open }) = &refused else { panic!("{refused:?}") };
    let (indonesian, english) = whose.words(("", ""));
    for number in open {
        assert!(indonesian.contains(number.as_str()) && english.contains(number.as_str()), "{indonesian} {english}");
    }
    assert!(indonesian.contains("Bayar atau batalkan") && english.contains("Pay or cancel"), "{indonesian} {english}");
    // Somebody else buys; so does who pays with store credit at once, or has cancelled one.
    scene.bought("sari", ITEM).await;
    scene.fund("budi", 10_000).await;
    let mut at_hand = scene.wish("budi", ITEM);
    at_hand.method = PaymentMethod::Wallet;
    scene.shop.place(&at_hand).await.unwrap();
    scene.shop.cancel(&open[0], "api:test").await.unwrap();
    scene.bought("budi", ITEM).await;
    scene.buy("budi", ITEM).await.unwrap_err();
    scene.books_hold().await;
});

on_both_shops!(fn a_server_holds_stock_with_so_many_unpaid_orders_however_many_buy_there(db) {
    let scene = capped(Scene::selling(&db, &[(ITEM, 10_000, 50)]).await, FEW);
    let wishes = (0..10).map(|n| in_server(scene.wish(&format!("buyer-{n}"), ITEM), "one")).collect();
    assert_eq!(at_once(&scene, wishes).await, (4, 6));
    assert_eq!(scene.available().await, 46);
    let refused = scene.shop.place(&in_server(scene.wish("late", ITEM), "one")).await.unwrap_err();
    let PlaceError::TooManyUnpaid(whose @ Unpaid::InServer { most: 4, .. }) = &refused else { panic!("{refused:?}") };
    assert!(whose.words(("", "")).1.contains("4 orders in this server"), "{:?}", whose.words(("", "")));
    assert_eq!(scene.count(sql!("SELECT COUNT(*) FROM alert WHERE kind = 'server_full' AND subject = 'one'")).await, 1);
    // Another server, and who is in none, buy on.
    scene.shop.place(&in_server(scene.wish("late", ITEM), "two")).await.unwrap();
    scene.bought("nowhere", ITEM).await;
});

on_both_shops!(fn the_alert_about_a_full_server_closes_when_there_is_room_again(db) {
    let scene = capped(Scene::selling(&db, &[(ITEM, 10_000, 50)]).await, FEW);
    let mut placed = Vec::new();
    for n in 0..4 {
        let wish = in_server(scene.wish(&format!("buyer-{n}"), ITEM), "one");
        placed.push(scene.shop.place(&wish).await.unwrap().number);
    }
    let called = async || {
        let mut shop = scene.shop.clone();
        // Nothing is asked of anybody.
        shop.gateways = Arc::default();
        worker::run(shop, std::future::ready(())).await;
        scene.count(sql!("SELECT COUNT(*) FROM alert WHERE kind = 'server_full' AND resolved_at IS NULL")).await
    };
    let refused = async || scene.shop.place(&in_server(scene.wish("late", ITEM), "one")).await.unwrap_err();
    refused().await;
    assert_eq!(called().await, 1, "it is full");
    scene.shop.cancel(&placed[0], "api:test").await.unwrap();
    assert_eq!(called().await, 0);
    // Full once more, and over when the time for paying is.
    scene.shop.place(&in_server(scene.wish("late", ITEM), "one")).await.unwrap();
    refused().await;
    assert_eq!(called().await, 1);
    scene.shop.clock.advance(scene.shop.rules.pay_within + Duration::from_secs(1));
    called().await;
    assert_eq!(called().await, 0);
});

on_both_shops!(fn an_api_key_that_names_no_buyer_has_a_cap_of_its_own(db) {
    let scene = capped(Scene::selling(&db, &[(ITEM, 10_000, 50)]).await, FEW);
    // The key itself is the buyer then.
    let wishes = (0..8).map(|_| scene.wish("api:test", ITEM)).collect();
    assert_eq!(at_once(&scene, wishes).await, (5, 3));
    scene.bought("budi", ITEM).await;
});

/// What this buyer wants to put into the own wallet.
fn deposit_of(scene: &Scene, buyer: &str) -> Deposit {
    Deposit {
        owner: "api:test".into(),
        key: scene.shop.ids.base32(20).parse().unwrap(),
        request_hash: "hash".into(),
        buyer: buyer.parse().unwrap(),
        amount: Rupiah::new(50_000),
        method: PaymentMethod::GopayQr,
        phone: None,
        locale: Locale::English,
        ip: None,
        origin: Origin::default(),
    }
}

on_both_shops!(fn a_deposit_counts_among_what_its_buyer_has_not_paid(db) {
    let scene = capped(Scene::selling(&db, &[(ITEM, 10_000, 50)]).await, FEW);
    let mut all = JoinSet::new();
    for _ in 0..8 {
        let (shop, wish) = (scene.shop.clone(), deposit_of(&scene, "budi"));
        all.spawn(async move { shop.deposit(&wish).await });
    }
    let outcomes = all.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 3, "{outcomes:?}");
    for statement in [sql!("SELECT COUNT(*) FROM shop_order"), sql!("SELECT COUNT(*) FROM payment")] {
        assert_eq!(scene.count(statement).await, 3, "what is refused opens nothing");
    }
    let refused = scene.shop.deposit(&deposit_of(&scene, "budi")).await.unwrap_err();
    let DepositError::Place(PlaceError::TooManyUnpaid(Unpaid::OfBuyer { most: 3, open })) = &refused else {
        panic!("{refused:?}")
    };
    // An order is no more possible than another deposit; and each of either makes room for one of either.
    scene.buy("budi", ITEM).await.unwrap_err();
    scene.shop.cancel(&open[0], "api:test").await.unwrap();
    scene.bought("budi", ITEM).await;
    let wish = deposit_of(&scene, "budi");
    scene.shop.deposit(&wish).await.unwrap_err();
    scene.shop.cancel(&open[1], "api:test").await.unwrap();
    let placed = scene.shop.deposit(&wish).await.unwrap();
    assert!(!placed.replayed);
    // The same request again is no other one, and somebody else has room.
    let again = scene.shop.deposit(&wish).await.unwrap();
    assert_eq!((again.replayed, &again.number), (true, &placed.number));
    scene.shop.deposit(&deposit_of(&scene, "sari")).await.unwrap();
    scene.books_hold().await;
});

on_both_shops!(fn what_is_over_counts_no_more_and_the_same_request_gets_its_order(db) {
    let scene = capped(Scene::selling(&db, &[(ITEM, 10_000, 50)]).await, FEW);
    let first = scene.wish("budi", ITEM);
    scene.shop.place(&first).await.unwrap();
    for _ in 0..2 {
        scene.bought("budi", ITEM).await;
    }
    assert!(scene.shop.place(&first).await.unwrap().replayed);
    scene.buy("budi", ITEM).await.unwrap_err();
    scene.shop.clock.advance(scene.shop.rules.pay_within + Duration::from_secs(1));
    let done = {
        let scene = scene.clone();
        async move {
            for _ in 0..1_200 {
                if scene.count(sql!("SELECT COUNT(*) FROM shop_order WHERE state = 'awaiting_payment'")).await == 0 {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    };
    worker::run(scene.shop.clone(), done).await;
    scene.bought("budi", ITEM).await;
});

on_both_shops!(fn the_same_request_at_the_same_moment_gets_its_order_though_no_other_may_stand_beside_it(db) {
    let one = UnpaidRules { per_buyer: 1, ..FEW };
    let scene = capped(Scene::selling(&db, &[(ITEM, 10_000, 50)]).await, one);
    let wish = scene.wish("budi", ITEM);
    let mut all = JoinSet::new();
    for _ in 0..6 {
        let (shop, wish) = (scene.shop.clone(), wish.clone());
        all.spawn(async move { shop.place(&wish).await });
    }
    let placed: Vec<Placed> = all.join_all().await.into_iter().map(Result::unwrap).collect();
    assert!(placed.iter().all(|p| p.number == placed[0].number), "{placed:?}");
    assert_eq!(placed.iter().filter(|p| !p.replayed).count(), 1, "{placed:?}");
});

/// The same without luck: the second placement begins while the first has counted and not committed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_placement_waits_for_another_one_in_the_same_server_on_postgres() {
    let db = testkit::shop_postgres().await;
    let scene = Scene::with_ten(&db).await;
    scene.shop.place(&in_server(scene.wish("first", ITEM), "one")).await.unwrap();
    let mut open = db.write("test").await.unwrap();
    sql!("UPDATE guild SET last_order_at = last_order_at WHERE id = 'one'")
        .query()
        .run(&mut open)
        .await
        .unwrap();
    let second = tokio::spawn({
        let (scene, wish) = (scene.clone(), in_server(scene.wish("second", ITEM), "one"));
        async move { scene.shop.place(&wish).await.map(|_| ()) }
    });
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert!(!second.is_finished(), "it did not lock the server before counting");
    scene.shop.place(&in_server(scene.wish("third", ITEM), "two")).await.unwrap();
    open.commit().await.unwrap();
    second.await.unwrap().unwrap();
}

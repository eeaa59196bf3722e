//! The risk rules with counts out of the database, to the edge of each.

use crate::scene::{ITEM, NOON, Scene};
use database::sql;
use orders::{Order, OrderState};
use security::{Action, Listed};
use std::time::Duration;
use testkit::on_both_shops;
use tokio::task::JoinSet;
use vocabulary::{Actor, Timestamp};

const SECOND: Duration = Duration::from_secs(1);
/// More than a minute: what is this far apart is no burst.
const APART: Duration = Duration::from_secs(61);

/// Score, action, and which parameters fired.
fn verdict(order: &Order) -> (i64, Action, Vec<&str>) {
    let fired = order.risk_findings.iter().filter(|f| f.points > 0).map(|f| f.parameter.as_str()).collect();
    (order.risk_score, order.risk_action, fired)
}

const ALLOWED: (i64, Action, Vec<&str>) = (0, Action::Allow, Vec::new());

on_both_shops!(fn the_sixth_order_within_a_minute_waits_for_verification_and_the_fifth_does_not(db) {
    let scene = Scene::with_ten(&db).await;
    for n in 1..=5 {
        let order = scene.bought("buyer", ITEM).await;
        assert_eq!((verdict(&order), order.state), (ALLOWED, OrderState::AwaitingPayment), "order {n}");
    }
    // Somebody else's orders are not this buyer's.
    assert_eq!(verdict(&scene.bought("other", ITEM).await), ALLOWED);
    scene.shop.clock.advance(60 * SECOND - Duration::from_millis(1));
    let sixth = scene.bought("buyer", ITEM).await;
    assert_eq!(verdict(&sixth), (30, Action::Verify, vec!["velocity"]));
    assert_eq!(sixth.state, OrderState::AwaitingVerification);
    assert_eq!(sixth.hold_until, Some(scene.shop.clock.now().plus(scene.shop.rules.verify_within)));
    assert_eq!(sixth.pay_by, None);
    assert_eq!(scene.available().await, 3, "what is held for verification is held");
    // Sixty seconds after the five, only the sixth is left to count.
    scene.shop.clock.advance(Duration::from_millis(1));
    assert_eq!(verdict(&scene.bought("buyer", ITEM).await), ALLOWED);
});

on_both_shops!(fn the_eleventh_order_of_a_wib_day_waits_and_the_first_of_the_next_does_not(db) {
    let scene = Scene::selling(&db, &[(ITEM, 10_000, 100)]).await;
    let midnight = Timestamp::from_millis(NOON.millis() + 12 * 3_600_000);
    scene.shop.clock.advance(Duration::from_secs(12 * 3600 - 20 * 60));
    for _ in 0..10 {
        for buyer in ["early", "late", "known"] {
            assert_eq!(verdict(&scene.bought(buyer, ITEM).await), ALLOWED);
        }
        scene.shop.clock.advance(APART);
    }
    let of_old = scene.bought("known", ITEM).await;
    assert_eq!(verdict(&of_old), (20, Action::Verify, vec!["daily_volume"]), "nothing was delivered yet");
    // A delivery before the day began makes a buyer known; one of the same day does not.
    scene.delivered(std::slice::from_ref(&of_old), NOON).await;
    scene.shop.clock.advance(APART);
    assert_eq!(verdict(&scene.bought("known", ITEM).await).2, ["daily_volume"]);
    let day = NOON.wib_day().start();
    scene.delivered(std::slice::from_ref(&of_old), day.minus(Duration::from_millis(1))).await;
    scene.shop.clock.advance(APART);
    assert_eq!(verdict(&scene.bought("known", ITEM).await), ALLOWED);

    scene.shop.clock.advance(midnight.since(scene.shop.clock.now()) - Duration::from_millis(1));
    let eleventh = scene.bought("early", ITEM).await;
    assert_eq!(verdict(&eleventh), (20, Action::Verify, vec!["daily_volume"]));
    assert_eq!(eleventh.state, OrderState::AwaitingVerification);
    scene.shop.clock.advance(Duration::from_millis(1));
    assert_eq!(scene.shop.clock.now(), midnight);
    assert_eq!(verdict(&scene.bought("late", ITEM).await), ALLOWED, "a new day has begun in Jakarta");
});

on_both_shops!(fn two_orders_at_the_same_moment_are_both_counted(db) {
    let scene = Scene::selling(&db, &[(ITEM, 10_000, 100)]).await;
    for round in 0..8 {
        let buyer = format!("buyer-{round}");
        for _ in 0..4 {
            scene.bought(&buyer, ITEM).await;
        }
        let mut at_once = JoinSet::new();
        for _ in 0..2 {
            let (scene, buyer) = (scene.clone(), buyer.clone());
            at_once.spawn(async move { scene.bought(&buyer, ITEM).await.state });
        }
        let mut states = at_once.join_all().await;
        states.sort_by_key(|s| s.to_string());
        assert_eq!(states, [OrderState::AwaitingPayment, OrderState::AwaitingVerification], "round {round}");
    }
});

/// The same without luck: the second placement begins while the first has counted and not committed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_placement_waits_for_another_one_of_the_same_buyer_on_postgres() {
    let db = testkit::shop_postgres().await;
    let scene = Scene::with_ten(&db).await;
    scene.bought("buyer", ITEM).await;
    let mut first = db.write("test").await.unwrap();
    sql!("UPDATE buyer SET last_order_at = last_order_at WHERE id = 'buyer'")
        .query()
        .run(&mut first)
        .await
        .unwrap();
    let second = tokio::spawn({
        let scene = scene.clone();
        async move { scene.bought("buyer", ITEM).await }
    });
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert!(!second.is_finished(), "it did not lock the buyer before counting");
    // Nobody else waits.
    scene.bought("other", ITEM).await;
    first.commit().await.unwrap();
    second.await.unwrap();
}

on_both_shops!(fn a_million_is_fine_and_one_rupiah_more_is_not(db) {
    let scene = Scene::selling(&db, &[("MILLION", 1_000_000, 5), ("MORE", 1_000_001, 5)]).await;
    assert_eq!(verdict(&scene.bought("buyer", "MILLION").await), ALLOWED);
    let more = scene.bought("buyer", "MORE").await;
    assert_eq!((verdict(&more), more.state), ((25, Action::Verify, vec!["amount"]), OrderState::AwaitingVerification));
});

on_both_shops!(fn an_unusual_amount_scores_after_three_deliveries(db) {
    let scene = Scene::selling(&db, &[(ITEM, 10_000, 50), ("SIX", 60_000, 50), ("MORE", 60_001, 50)]).await;
    let mut delivered = Vec::new();
    for n in 1..=3 {
        delivered.push(scene.bought("buyer", ITEM).await);
        scene.delivered(&delivered, NOON).await;
        scene.shop.clock.advance(APART);
        if n < 3 {
            assert_eq!(verdict(&scene.bought("buyer", "MORE").await), ALLOWED, "after {n} deliveries");
            scene.shop.clock.advance(APART);
        }
    }
    assert_eq!(verdict(&scene.bought("buyer", "SIX").await), ALLOWED);
    let more = scene.bought("buyer", "MORE").await;
    assert_eq!(verdict(&more), (15, Action::Allow, vec!["pattern"]));
    assert_eq!(more.state, OrderState::AwaitingPayment, "fifteen points alone stop nobody");
});

on_both_shops!(fn what_adds_up_to_forty_goes_to_review_and_to_seventy_is_blocked(db) {
    let scene = Scene::selling(&db, &[(ITEM, 10_000, 50), ("MORE", 1_000_001, 50)]).await;
    let mut bought = Vec::new();
    for _ in 0..5 {
        bought.push(scene.bought("buyer", ITEM).await);
    }
    let review = scene.bought("buyer", "MORE").await;
    assert_eq!(verdict(&review), (55, Action::Review, vec!["velocity", "amount"]));
    assert_eq!(review.state, OrderState::InReview);
    assert_eq!(review.hold_until, Some(NOON.plus(scene.shop.rules.review_within)));
    scene.delivered(&bought[..3], NOON).await;
    let stopped = scene.bought("buyer", "MORE").await;
    assert_eq!(verdict(&stopped), (70, Action::Block, vec!["velocity", "amount", "pattern"]));
    assert_eq!((stopped.state, stopped.due_at), (OrderState::Blocked, None));
});

on_both_shops!(fn the_blacklist_stops_an_order_and_the_stock_is_untouched(db) {
    let scene = Scene::with_ten(&db).await;
    let mut tx = db.write("test").await.unwrap();
    for (listed, value) in [(Listed::Buyer, "thief"), (Listed::Ip, "203.0.113.9")] {
        let by = Actor::staff("sari");
        assert!(security::blacklist_add(&mut tx, listed, value, "chargeback", &by, NOON).await.unwrap());
        assert!(!security::blacklist_add(&mut tx, listed, value, "another reason", &by, NOON).await.unwrap());
    }
    tx.commit().await.unwrap();
    let from = |buyer: &str, ip: Option<&str>| {
        let mut wish = scene.wish(buyer, ITEM);
        wish.ip = ip.map(str::to_owned);
        wish
    };
    for wish in [from("thief", None), from("thief", Some("203.0.113.10")), from("friend", Some("203.0.113.9"))] {
        let placed = scene.shop.place(&wish).await.unwrap();
        let order = scene.order(&placed.number).await;
        assert_eq!((verdict(&order), order.state), ((100, Action::Block, vec!["blacklist"]), OrderState::Blocked));
        assert!(order.risk_findings.iter().any(|f| f.explanation.contains("chargeback")));
    }
    assert_eq!(scene.available().await, 10);
    for nothing in [
        sql!("SELECT COUNT(*) FROM reservation"),
        sql!("SELECT COUNT(*) FROM payment"),
        sql!("SELECT COUNT(*) FROM stock_movement WHERE kind <> 'created'"),
    ] {
        assert_eq!(scene.count(nothing).await, 0);
    }
    let friend = scene.shop.place(&from("friend", Some("203.0.113.10"))).await.unwrap();
    assert_eq!(scene.order(&friend.number).await.state, OrderState::AwaitingPayment);
    scene.books_hold().await;
});

//! Business time only grows, and no move of it is lost, however many processes move it at once.

use crate::scene::{NOON, Scene};
use database::sql;
use orders::{Rules, Shop};
use std::{sync::Arc, time::Duration};
use testkit::{TestDatabase, on_both_shops};
use tokio::task::JoinSet;
use vocabulary::Clock;

/// The shop as another process of the sandbox has it, with connections and a clock of its own.
async fn elsewhere(scene: &Scene, db: &TestDatabase) -> Shop {
    Shop {
        db: db.second().await,
        clock: Clock::manual(NOON),
        rules: Arc::new(Rules { movable_clock: true, ..Scene::rules() }),
        ..scene.shop.clone()
    }
}

on_both_shops!(fn of_two_moves_whose_transactions_interleave_none_is_lost(db) {
    let scene = Scene::with_ten(&db).await;
    let other = elsewhere(&scene, &db).await;
    // The first move that there ever was, and a later one.
    for (first, sum) in [
        (sql!("INSERT INTO setting (name, value) VALUES ('clock_offset_ms', '7000')"), 37_000),
        (sql!("UPDATE setting SET value = '40000' WHERE name = 'clock_offset_ms'"), 70_000),
    ] {
        let mut tx = db.write("test").await.unwrap();
        first.query().run(&mut tx).await.unwrap();
        let shop = other.clone();
        let second = tokio::spawn(async move { shop.advance_clock(Duration::from_secs(30)).await.unwrap() });
        // By now it has begun, and it waits for the first to end.
        tokio::time::sleep(Duration::from_millis(400)).await;
        assert!(!second.is_finished());
        tx.commit().await.unwrap();
        assert_eq!(second.await.unwrap(), sum);
    }
});

on_both_shops!(fn the_offset_is_the_sum_of_all_moves_at_once(db) {
    let scene = Scene::with_ten(&db).await;
    let mut moves = JoinSet::new();
    for seconds in 1..=8 {
        let shop = elsewhere(&scene, &db).await;
        moves.spawn(async move { shop.advance_clock(Duration::from_secs(seconds)).await.unwrap() });
    }
    let mut told = moves.join_all().await;
    told.sort_unstable();
    told.dedup();
    assert_eq!((told.len(), told.last()), (8, Some(&36_000)), "each heard of another offset: {told:?}");
    let follower = elsewhere(&scene, &db).await;
    follower.refresh_clock().await.unwrap();
    assert_eq!(follower.clock.offset_ms(), 36_000);
});

on_both_shops!(fn at_the_last_number_business_time_stays(db) {
    let scene = Scene::with_ten(&db).await;
    for by in [Duration::from_secs(1), Duration::MAX, Duration::from_secs(1)] {
        elsewhere(&scene, &db).await.advance_clock(by).await.unwrap();
    }
    let follower = elsewhere(&scene, &db).await;
    follower.refresh_clock().await.unwrap();
    assert_eq!(follower.clock.offset_ms(), i64::MAX);
});

//! What the database decides when many try at the same time, each in a transaction of its own.

use crate::{Counter, ml_86, run};
use inventory::{CommitOutcome, PutBackOutcome, ReleaseOutcome, ReserveAgainOutcome, ReserveOutcome};
use testkit::on_both_shops;
use tokio::task::JoinSet;

on_both_shops!(fn forty_buyers_on_ten_items_make_exactly_ten_reservations(db) {
    let counter = Counter::with_stock(&db, 10).await;
    let mut buyers = JoinSet::new();
    for _ in 0..40 {
        let counter = counter.clone();
        buyers.spawn(async move { counter.reserve(&counter.order(), 1).await });
    }
    let outcomes = buyers.join_all().await;
    let reserved = outcomes.iter().filter(|o| **o == ReserveOutcome::Reserved).count();
    let refused = outcomes.iter().filter(|o| **o == ReserveOutcome::OutOfStock { available: 0 }).count();
    assert_eq!((reserved, refused), (10, 30));
    assert_eq!(counter.counts().await, (10, 10));
    let mut tx = counter.db.read("test").await.unwrap();
    assert_eq!(inventory::history(&mut tx, &ml_86(), 100).await.unwrap().len(), 11);
});

on_both_shops!(fn one_order_sent_many_times_at_once_holds_once(db) {
    let counter = Counter::with_stock(&db, 10).await;
    let order = counter.order();
    let mut sends = JoinSet::new();
    for _ in 0..16 {
        let (counter, order) = (counter.clone(), order.clone());
        sends.spawn(async move { counter.reserve(&order, 1).await });
    }
    let outcomes = sends.join_all().await;
    assert_eq!(outcomes.iter().filter(|o| **o == ReserveOutcome::Reserved).count(), 1, "{outcomes:?}");
    assert_eq!(counter.counts().await, (10, 1));
});

on_both_shops!(fn of_a_delivery_and_a_release_at_once_exactly_one_wins(db) {
    let counter = Counter::with_stock(&db, 40).await;
    let mut delivered = 0;
    for _ in 0..20 {
        let order = counter.order();
        assert_eq!(counter.reserve(&order, 1).await, ReserveOutcome::Reserved);
        let task = |counter: Counter, order: vocabulary::OrderId| async move { run!(counter, commit, &order) };
        let first = tokio::spawn(task(counter.clone(), order.clone()));
        let second = tokio::spawn(task(counter.clone(), order.clone()));
        let released = run!(counter, release, &order);
        let commits = [first.await.unwrap(), second.await.unwrap()];
        let committed = commits.iter().filter(|c| **c == CommitOutcome::Committed).count();
        match released {
            ReleaseOutcome::Released => assert_eq!(commits, [CommitOutcome::AlreadyReleased; 2]),
            ReleaseOutcome::AlreadyCommitted => assert_eq!(committed, 1, "{commits:?}"),
            other => panic!("{other:?}"),
        }
        delivered += u32::try_from(committed).unwrap();
    }
    assert_eq!(counter.counts().await, (40 - delivered, 0));
});

on_both_shops!(fn the_last_piece_goes_to_one_of_many_late_payments(db) {
    let counter = Counter::with_stock(&db, 12).await;
    let mut orders = Vec::new();
    for _ in 0..12 {
        let order = counter.order();
        assert_eq!(counter.reserve(&order, 1).await, ReserveOutcome::Reserved);
        orders.push(order);
    }
    for order in &orders {
        assert_eq!(run!(counter, release, order), ReleaseOutcome::Released);
    }
    assert_eq!(counter.reserve(&counter.order(), 11).await, ReserveOutcome::Reserved);
    let mut late = JoinSet::new();
    for order in orders {
        let counter = counter.clone();
        late.spawn(async move { run!(counter, reserve_again, &order) });
    }
    let outcomes = late.join_all().await;
    assert_eq!(outcomes.iter().filter(|o| **o == ReserveAgainOutcome::Reserved).count(), 1, "{outcomes:?}");
    assert_eq!(counter.counts().await, (12, 12));
});

on_both_shops!(fn a_reversal_told_many_times_at_once_puts_back_once(db) {
    let counter = Counter::with_stock(&db, 5).await;
    let order = counter.order();
    assert_eq!(counter.reserve(&order, 1).await, ReserveOutcome::Reserved);
    assert_eq!(run!(counter, commit, &order), CommitOutcome::Committed);
    let mut webhooks = JoinSet::new();
    for _ in 0..10 {
        let (counter, order) = (counter.clone(), order.clone());
        webhooks.spawn(async move { run!(counter, put_back, &order) });
    }
    let outcomes = webhooks.join_all().await;
    assert_eq!(outcomes.iter().filter(|o| **o == PutBackOutcome::PutBack).count(), 1, "{outcomes:?}");
    assert_eq!(counter.counts().await, (5, 0));
});

//! What each verb does, what it answers the second time, and what it records.

use crate::{Counter, LATER, NOW, ml_86, run};
use inventory::{
    AddOutcome, Addition, CommitOutcome, CreateOutcome, MAX_COUNT, MinimumOutcome, MovementKind,
    PutBackOutcome, Quantity, ReleaseOutcome, ReservationState, ReserveAgainOutcome, ReserveOutcome,
};
use testkit::on_both_shops;

on_both_shops!(fn a_second_creation_changes_nothing(db) {
    let counter = Counter::with_stock(&db, 100).await;
    let mut tx = counter.write().await;
    let again = inventory::create_if_missing(&mut tx, &counter.ids, &ml_86(), 7, 1, &counter.actor, NOW).await;
    assert_eq!(again.unwrap(), CreateOutcome::AlreadyThere);
    tx.commit().await.unwrap();
    assert_eq!(counter.counts().await, (100, 0));
});

on_both_shops!(fn a_delivery_takes_what_was_held_exactly_once(db) {
    let counter = Counter::with_stock(&db, 10).await;
    let order = counter.order();
    assert_eq!(counter.reserve(&order, 3).await, ReserveOutcome::Reserved);
    assert_eq!(counter.counts().await, (10, 3));
    assert_eq!(run!(counter, commit, &order), CommitOutcome::Committed);
    assert_eq!(run!(counter, commit, &order), CommitOutcome::AlreadyCommitted);
    assert_eq!(run!(counter, release, &order), ReleaseOutcome::AlreadyCommitted);
    assert_eq!(run!(counter, reserve_again, &order), ReserveAgainOutcome::AlreadyCommitted);
    assert_eq!(counter.counts().await, (7, 0));

    let mut tx = counter.db.read("test").await.unwrap();
    let row = inventory::reservation(&mut tx, &order).await.unwrap().unwrap();
    assert_eq!((row.state, row.quantity.get()), (ReservationState::Committed, 3));
    assert_eq!((row.created_at, row.settled_at), (NOW, Some(LATER)));
});

on_both_shops!(fn an_order_that_ends_gives_its_stock_back_exactly_once(db) {
    let counter = Counter::with_stock(&db, 10).await;
    let order = counter.order();
    assert_eq!(counter.reserve(&order, 1).await, ReserveOutcome::Reserved);
    assert_eq!(run!(counter, release, &order), ReleaseOutcome::Released);
    assert_eq!(run!(counter, release, &order), ReleaseOutcome::AlreadyReleased);
    assert_eq!(run!(counter, commit, &order), CommitOutcome::AlreadyReleased);
    assert_eq!(run!(counter, put_back, &order), PutBackOutcome::AlreadyReleased);
    assert_eq!(counter.counts().await, (10, 0));
});

on_both_shops!(fn an_order_has_one_reservation_whatever_it_asks_for(db) {
    let counter = Counter::with_stock(&db, 10).await;
    let order = counter.order();
    assert_eq!(counter.reserve(&order, 1).await, ReserveOutcome::Reserved);
    let held = ReserveOutcome::AlreadyReserved { state: ReservationState::Held };
    assert_eq!(counter.reserve(&order, 5).await, held);
    assert_eq!(run!(counter, release, &order), ReleaseOutcome::Released);
    let released = ReserveOutcome::AlreadyReserved { state: ReservationState::Released };
    assert_eq!(counter.reserve(&order, 1).await, released);
    assert_eq!(counter.counts().await, (10, 0));
});

on_both_shops!(fn late_money_gets_its_stock_again_while_there_is_some(db) {
    let counter = Counter::with_stock(&db, 2).await;
    let (late, other) = (counter.order(), counter.order());
    assert_eq!(counter.reserve(&late, 2).await, ReserveOutcome::Reserved);
    assert_eq!(run!(counter, reserve_again, &late), ReserveAgainOutcome::AlreadyHeld);
    assert_eq!(run!(counter, release, &late), ReleaseOutcome::Released);
    assert_eq!(counter.reserve(&other, 1).await, ReserveOutcome::Reserved);

    assert_eq!(run!(counter, reserve_again, &late), ReserveAgainOutcome::OutOfStock { available: 1 });
    assert_eq!(counter.counts().await, (2, 1));
    assert_eq!(run!(counter, commit, &late), CommitOutcome::AlreadyReleased);

    assert_eq!(run!(counter, release, &other), ReleaseOutcome::Released);
    assert_eq!(run!(counter, reserve_again, &late), ReserveAgainOutcome::Reserved);
    assert_eq!(counter.counts().await, (2, 2));
    assert_eq!(run!(counter, commit, &late), CommitOutcome::Committed);
    assert_eq!(counter.counts().await, (0, 0));
});

on_both_shops!(fn a_reversed_delivery_comes_back_and_can_leave_again(db) {
    let counter = Counter::with_stock(&db, 10).await;
    let order = counter.order();
    assert_eq!(counter.reserve(&order, 4).await, ReserveOutcome::Reserved);
    assert_eq!(run!(counter, put_back, &order), PutBackOutcome::StillHeld);
    assert_eq!(run!(counter, commit, &order), CommitOutcome::Committed);
    assert_eq!(run!(counter, put_back, &order), PutBackOutcome::PutBack);
    assert_eq!(run!(counter, put_back, &order), PutBackOutcome::AlreadyReleased);
    assert_eq!(counter.counts().await, (10, 0));
    assert_eq!(run!(counter, reserve_again, &order), ReserveAgainOutcome::Reserved);
    assert_eq!(run!(counter, commit, &order), CommitOutcome::Committed);
    assert_eq!(counter.counts().await, (6, 0));
});

on_both_shops!(fn nothing_is_held_beyond_what_is_available(db) {
    let counter = Counter::with_stock(&db, 3).await;
    assert_eq!(counter.reserve(&counter.order(), 2).await, ReserveOutcome::Reserved);
    let refused = counter.order();
    assert_eq!(counter.reserve(&refused, 2).await, ReserveOutcome::OutOfStock { available: 1 });
    assert_eq!(run!(counter, commit, &refused), CommitOutcome::NoReservation);
    assert_eq!(counter.reserve(&refused, 1).await, ReserveOutcome::Reserved, "a smaller wish fits");
    assert_eq!(counter.reserve(&counter.order(), 1).await, ReserveOutcome::OutOfStock { available: 0 });
    assert_eq!(counter.counts().await, (3, 3));
});

on_both_shops!(fn what_is_not_there_is_answered_not_guessed(db) {
    let counter = Counter::with_stock(&db, 1).await;
    let (order, product) = (counter.order(), "NOT_SOLD".parse().unwrap());
    let mut tx = counter.write().await;
    let one = Quantity::ONE;
    let outcome = inventory::reserve(&mut tx, &counter.ids, &order, &product, one, &counter.actor, NOW).await;
    assert_eq!(outcome.unwrap(), ReserveOutcome::UnknownProduct);
    let addition = Addition { quantity: one, reason: "restock", reference: None };
    let outcome = inventory::add(&mut tx, &counter.ids, &product, addition, &counter.actor, NOW).await;
    assert_eq!(outcome.unwrap(), AddOutcome::UnknownProduct);
    assert_eq!(inventory::available(&mut tx, &product).await.unwrap(), None);
    assert_eq!(inventory::set_minimum(&mut tx, &product, 1).await.unwrap(), MinimumOutcome::UnknownProduct);
    tx.commit().await.unwrap();
    assert_eq!(run!(counter, release, &order), ReleaseOutcome::NoReservation);
    assert_eq!(run!(counter, put_back, &order), PutBackOutcome::NoReservation);
    assert_eq!(run!(counter, reserve_again, &order), ReserveAgainOutcome::NoReservation);
    assert_eq!(counter.counts().await, (1, 0));
});

on_both_shops!(fn a_restock_adds_up_to_the_limit_and_no_further(db) {
    let counter = Counter::with_stock(&db, MAX_COUNT - 1_500_000).await;
    let million = Addition { quantity: Quantity::new(1_000_000).unwrap(), reason: "restock", reference: Some("DN-7") };
    for expected in [AddOutcome::Added, AddOutcome::TooMany] {
        let mut tx = counter.write().await;
        let outcome = inventory::add(&mut tx, &counter.ids, &ml_86(), million, &counter.actor, NOW).await;
        assert_eq!(outcome.unwrap(), expected);
        tx.commit().await.unwrap();
    }
    assert_eq!(counter.counts().await, (MAX_COUNT - 500_000, 0));
});

on_both_shops!(fn the_minimum_can_be_set(db) {
    let counter = Counter::with_stock(&db, 1).await;
    for expected in [MinimumOutcome::Changed, MinimumOutcome::Unchanged] {
        let mut tx = counter.write().await;
        assert_eq!(inventory::set_minimum(&mut tx, &ml_86(), 20).await.unwrap(), expected);
        tx.commit().await.unwrap();
    }
    let mut tx = counter.db.read("test").await.unwrap();
    assert_eq!(inventory::level(&mut tx, &ml_86()).await.unwrap().unwrap().minimum, 20);
});

on_both_shops!(fn every_change_is_a_movement_with_before_after_reason_reference_and_actor(db) {
    let counter = Counter::with_stock(&db, 10).await;
    let order = counter.order();
    assert_eq!(counter.reserve(&order, 2).await, ReserveOutcome::Reserved);
    assert_eq!(run!(counter, commit, &order), CommitOutcome::Committed);
    assert_eq!(run!(counter, put_back, &order), PutBackOutcome::PutBack);
    let mut tx = counter.write().await;
    let long = format!("a\nreason {}", "x".repeat(500));
    let addition = Addition { quantity: Quantity::new(5).unwrap(), reason: &long, reference: Some("DN-7") };
    let added = inventory::add(&mut tx, &counter.ids, &ml_86(), addition, &counter.actor, LATER).await;
    assert_eq!(added.unwrap(), AddOutcome::Added);
    tx.commit().await.unwrap();

    let mut tx = counter.db.read("test").await.unwrap();
    let mut moves = inventory::history(&mut tx, &ml_86(), 100).await.unwrap();
    moves.reverse();
    let numbers: Vec<_> = moves
        .iter()
        .map(|m| (m.sequence, m.kind, m.quantity, (m.on_hand_before, m.on_hand_after), (m.reserved_before, m.reserved_after)))
        .collect();
    assert_eq!(numbers, [
        (1, MovementKind::Created, 10, (0, 10), (0, 0)),
        (2, MovementKind::Reserved, 2, (10, 10), (0, 2)),
        (3, MovementKind::Committed, 2, (10, 8), (2, 0)),
        (4, MovementKind::PutBack, 2, (8, 10), (0, 0)),
        (5, MovementKind::Added, 5, (10, 15), (0, 0)),
    ]);
    let references: Vec<_> = moves.iter().map(|m| m.reference.as_deref()).collect();
    let order = Some(order.as_str());
    assert_eq!(references, [None, order, order, order, Some("DN-7")]);
    let reasons: Vec<_> = moves.iter().map(|m| m.reason.as_str()).collect();
    assert_eq!(reasons[..4], ["initial stock", "order placed", "a reason", "a reason"]);
    assert!(reasons[4].starts_with("areason xxx") && reasons[4].chars().count() == 200, "one line, cut short");
    assert!(moves.iter().all(|m| m.actor == counter.actor));
    assert_eq!((moves[1].at, moves[2].at), (NOW, LATER));
    assert_eq!(inventory::history(&mut tx, &ml_86(), 2).await.unwrap().len(), 2);
});

on_both_shops!(fn what_is_not_committed_never_happened(db) {
    let counter = Counter::with_stock(&db, 10).await;
    let order = counter.order();
    let mut tx = counter.write().await;
    let one = Quantity::ONE;
    let outcome = inventory::reserve(&mut tx, &counter.ids, &order, &ml_86(), one, &counter.actor, NOW).await;
    assert_eq!(outcome.unwrap(), ReserveOutcome::Reserved);
    drop(tx);
    assert_eq!(counter.counts().await, (10, 0));
    assert_eq!(run!(counter, release, &order), ReleaseOutcome::NoReservation);
});

#[test]
fn a_quantity_is_at_least_one_and_not_absurd() {
    for pieces in [i64::MIN, -1, 0, 1_000_001, i64::from(u32::MAX) + 2, i64::MAX] {
        assert!(Quantity::new(pieces).is_err(), "{pieces} was taken");
    }
    assert_eq!(Quantity::new(1).unwrap(), Quantity::ONE);
    assert_eq!(Quantity::new(1_000_000).unwrap().to_string(), "1000000");
}

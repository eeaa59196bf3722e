//! The proof goes red when the books are touched behind the shop's back, and the schema refuses
//! what cannot be.

use crate::{Counter, ml_86, refused};
use database::{Sql, sql};
use inventory::{Problem, ReserveOutcome};
use testkit::on_both_shops;

on_both_shops!(fn a_touched_book_is_found_and_named(db) {
    let touches: [(Sql, &[Problem]); 5] = [
        (sql!("UPDATE stock SET on_hand = on_hand - 1"), &[Problem::OnHand { stored: 9, moved: 10 }]),
        (sql!("UPDATE stock SET reserved = 0"), &[
            Problem::Reserved { stored: 0, moved: 2 },
            Problem::Held { stored: 0, held: 2 },
        ]),
        (sql!("UPDATE reservation SET quantity = 1"), &[Problem::Held { stored: 2, held: 1 }]),
        (sql!("UPDATE stock SET movements = 7"), &[Problem::Movements { stored: 7, found: 2 }]),
        (sql!("DELETE FROM stock_movement WHERE sequence = 1"), &[
            Problem::OnHand { stored: 10, moved: 0 },
            Problem::Movements { stored: 2, found: 1 },
            Problem::Gap { sequence: 2 },
        ]),
    ];
    let counter = Counter::with_stock(&db, 10).await;
    assert_eq!(counter.reserve(&counter.order(), 2).await, ReserveOutcome::Reserved);
    assert_eq!(counter.counts().await, (10, 2));
    for (touch, expected) in touches {
        let mut tx = counter.write().await;
        assert_eq!(touch.query().run(&mut tx).await.unwrap(), 1);
        let findings = inventory::check(&mut tx).await.unwrap();
        assert!(findings.iter().all(|f| f.product == ml_86() && f.to_string().starts_with("ML_86: ")));
        assert_eq!(findings.iter().map(|f| f.problem).collect::<Vec<_>>(), expected);
    }
});

on_both_shops!(fn the_schema_refuses_stock_that_cannot_be(db) {
    let counter = Counter::with_stock(&db, 10).await;
    assert_eq!(counter.reserve(&counter.order(), 2).await, ReserveOutcome::Reserved);
    for touch in [
        sql!("UPDATE stock SET reserved = -1"),
        sql!("UPDATE stock SET reserved = 11"),
        sql!("UPDATE stock SET on_hand = 1"),
        sql!("UPDATE reservation SET state = 'lost'"),
        sql!("UPDATE reservation SET settled_at = 1"),
        sql!("UPDATE reservation SET quantity = 0"),
        sql!("UPDATE stock_movement SET sequence = 1"),
        sql!("UPDATE stock_movement SET kind = 'stolen'"),
    ] {
        let mut tx = counter.write().await;
        refused(&touch.query().run(&mut tx).await);
    }
    assert_eq!(counter.counts().await, (10, 2));
});

on_both_shops!(fn a_stock_row_that_cannot_follow_its_reservation_stops_the_delivery(db) {
    let counter = Counter::with_stock(&db, 10).await;
    let order = counter.order();
    assert_eq!(counter.reserve(&order, 2).await, ReserveOutcome::Reserved);
    let mut tx = counter.write().await;
    sql!("UPDATE stock SET reserved = 1").query().run(&mut tx).await.unwrap();
    refused(&inventory::commit(&mut tx, &counter.ids, &order, "delivered", &counter.actor, crate::NOW).await);
    refused(&inventory::release(&mut tx, &counter.ids, &order, "expired", &counter.actor, crate::NOW).await);
});

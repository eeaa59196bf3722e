//! One order is bought once (`contracts/suppliers.md` §6 row 4): whoever asks for another attempt, the database
//! stores none while one may still deliver, or after one has delivered.

use crate::scene::NOON;
use database::Database;
use suppliers::{Attempt, AttemptIntent, AttemptState};
use testkit::on_both_shops;
use tokio::task::JoinSet;
use vocabulary::{Ids, OrderId, OrderNumber, Rupiah};

/// An order that is to be bought.
#[derive(Clone)]
struct Bought {
    ids: Ids,
    order: OrderId,
    number: OrderNumber,
}

impl Bought {
    fn new() -> Self {
        let ids = Ids::random();
        Bought { order: OrderId::new(&ids, NOON), number: OrderNumber::new(&ids), ids }
    }

    /// Wants an attempt.
    async fn intend(&self, db: &Database) -> Option<Attempt> {
        let intent = AttemptIntent {
            order: &self.order,
            number: &self.number,
            supplier: "digiflazz",
            sku: "ml86",
            customer_no: "1234567890",
            max_price: Rupiah::new(18_000),
            routing: None,
            not_before: None,
        };
        let mut tx = db.write("test.intend").await.unwrap();
        let attempt = suppliers::intend_attempt(&mut tx, &self.ids, NOON, &intent).await.unwrap();
        tx.commit().await.unwrap();
        attempt
    }
}

/// The attempt stands in this state from now on.
async fn becomes(db: &Database, attempt: &Attempt, state: AttemptState) {
    let next = Attempt { state, ..attempt.clone() };
    let mut tx = db.write("test.store").await.unwrap();
    assert!(suppliers::store_attempt(&mut tx, &next, attempt.fence, NOON).await.unwrap());
    tx.commit().await.unwrap();
}

on_both_shops!(fn no_second_attempt_is_stored_while_one_may_deliver_or_has_delivered(db) {
    let bought = Bought::new();
    let first = bought.intend(&db).await.unwrap();
    for state in AttemptState::ALL.iter().copied().filter(|state| state.is_live()) {
        becomes(&db, &first, state).await;
        assert_eq!(bought.intend(&db).await, None, "while the first is {state}");
    }
    // Nothing was delivered and nothing will be: of many who want the next one at once, one gets it.
    becomes(&db, &first, AttemptState::Failed).await;
    let mut race = JoinSet::new();
    for _ in 0..8 {
        let (bought, db) = (bought.clone(), db.clone());
        race.spawn(async move { bought.intend(&db).await });
    }
    let stored: Vec<Attempt> = race.join_all().await.into_iter().flatten().collect();
    let references: Vec<String> = stored.iter().map(|attempt| attempt.reference.to_string()).collect();
    assert_eq!(references, [format!("{}-F2", bought.number)], "and it is another purchase to the supplier");
});

//! `ledger check` goes red for every way in which the books can be made to lie.

use crate::scene::{ITEM, Scene};
use database::{Database, Engine, Sql, sql};
use testkit::on_both_shops;
use vocabulary::{OrderId, PaymentMethod};

/// Takes the database's own guard away: what is proven here must be found all the same.
async fn unguard(db: &Database) {
    let mut tx = db.write("test").await.unwrap();
    let statements: &[Sql] = match db.engine() {
        Engine::Sqlite => &[
            sql!("DROP TRIGGER ledger_posting_no_update"),
            sql!("DROP TRIGGER ledger_posting_no_delete"),
            sql!("DROP TRIGGER ledger_transaction_no_update"),
            sql!("DROP TRIGGER ledger_transaction_no_delete"),
        ],
        Engine::Postgres => &[
            sql!("ALTER TABLE ledger_posting DISABLE TRIGGER USER"),
            sql!("ALTER TABLE ledger_transaction DISABLE TRIGGER USER"),
        ],
    };
    for statement in statements {
        statement.query().run(&mut tx).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn change(db: &Database, statement: Sql, rows: u64) {
    let mut tx = db.write("test").await.unwrap();
    assert_eq!(statement.query().run(&mut tx).await.unwrap(), rows, "{statement:?}");
    tx.commit().await.unwrap();
}

/// A shop with a paid order of each buyer, one that waits for payment, and one that is blocked by nobody.
async fn busy(db: &Database) -> Scene {
    let scene = Scene::with_ten(db).await;
    scene.fund("rich", 50_000).await;
    let mut wish = scene.wish("rich", ITEM);
    wish.method = PaymentMethod::Wallet;
    scene.shop.place(&wish).await.unwrap();
    scene.bought("waiting", ITEM).await;
    scene.books_hold().await;
    scene
}

/// What is done to the books, how it is undone, and what the proof then says.
type Lie = (&'static str, Sql, Sql, &'static [&'static str]);

const LIES: &[Lie] = &[
    (
        "a wallet is richer than its postings",
        sql!("UPDATE wallet SET balance = balance + 1"),
        sql!("UPDATE wallet SET balance = balance - 1"),
        &["wallet of rich: balance is 40001, postings say 40000"],
    ),
    (
        "a wallet belongs to somebody else",
        sql!("UPDATE wallet SET buyer = 'poor'"),
        sql!("UPDATE wallet SET buyer = 'rich'"),
        &["wallet of poor: balance is 40000", "wallet:rich: postings say 40000, there is no balance"],
    ),
    (
        "a paid order is called expired",
        sql!("UPDATE shop_order SET state = 'expired' WHERE state = 'paid'"),
        sql!("UPDATE shop_order SET state = 'paid' WHERE state = 'expired'"),
        &["in escrow"],
    ),
    (
        "an unpaid order is called delivered",
        sql!("UPDATE shop_order SET state = 'delivered' WHERE state = 'awaiting_payment'"),
        sql!("UPDATE shop_order SET state = 'awaiting_payment' WHERE state = 'delivered'"),
        &["earned", "received"],
    ),
    (
        "a paid order cost more than was paid",
        sql!("UPDATE shop_order SET amount = amount + 1 WHERE state = 'paid'"),
        sql!("UPDATE shop_order SET amount = amount - 1 WHERE state = 'paid'"),
        &["in escrow", "received"],
    ),
    (
        "a line has another amount",
        sql!("UPDATE ledger_posting SET amount = amount + 1 WHERE account = 'escrow' AND amount < 0"),
        sql!("UPDATE ledger_posting SET amount = amount - 1 WHERE account = 'escrow' AND amount < 0"),
        &["2 lines that sum to 1 instead of 0", "all postings: sum to 1 instead of 0"],
    ),
    (
        "a line stands on another account",
        sql!("UPDATE ledger_posting SET account = 'revenue' WHERE account = 'escrow' AND amount < 0"),
        sql!("UPDATE ledger_posting SET account = 'escrow' WHERE account = 'revenue'"),
        &["in escrow", "earned", "received"],
    ),
    (
        "a transaction is booked at double its amount",
        sql!(
            "UPDATE ledger_posting SET amount = amount * 2 WHERE transaction_id = (SELECT id FROM ledger_transaction WHERE kind = 'wallet_payment')"
        ),
        sql!(
            "UPDATE ledger_posting SET amount = amount / 2 WHERE transaction_id = (SELECT id FROM ledger_transaction WHERE kind = 'wallet_payment')"
        ),
        &["in escrow", "wallet of rich"],
    ),
    (
        "a line is there that nobody booked",
        sql!(
            "INSERT INTO ledger_posting (transaction_id, line, account, amount) SELECT id, 9, 'cost', 5 FROM ledger_transaction WHERE kind = 'wallet_payment'"
        ),
        sql!("DELETE FROM ledger_posting WHERE line = 9"),
        &["3 lines that sum to 5 instead of 0"],
    ),
    (
        "a transaction has no lines",
        sql!(
            "INSERT INTO ledger_transaction (id, kind, reference, at) VALUES ('ltx_none', 'fee', 'none', 0)"
        ),
        sql!("DELETE FROM ledger_transaction WHERE id = 'ltx_none'"),
        &["ltx_none: 0 lines", "none: is booked and is no payment"],
    ),
    (
        "money that came in is called denied",
        sql!("UPDATE payment SET state = 'denied' WHERE state = 'settled'"),
        sql!("UPDATE payment SET state = 'settled' WHERE state = 'denied'"),
        &["payment is denied and booked 1 times"],
    ),
    (
        "money that never came is called settled",
        sql!("UPDATE payment SET state = 'settled', settled_at = 1 WHERE state = 'intended'"),
        sql!("UPDATE payment SET state = 'intended', settled_at = NULL WHERE settled_at = 1"),
        &["payment is settled and booked 0 times"],
    ),
    (
        "a booked payment is another one",
        sql!("UPDATE payment SET reference = reference || 'x' WHERE gateway = 'wallet'"),
        sql!(
            "UPDATE payment SET reference = substr(reference, 1, length(reference) - 1) WHERE gateway = 'wallet'"
        ),
        &["is booked and is no payment", "payment is settled and booked 0 times"],
    ),
    (
        "an odd amount came in that nobody can decide about",
        sql!("UPDATE payment SET state = 'unknown', odd_amount = 9000 WHERE state = 'intended'"),
        sql!("UPDATE payment SET state = 'intended', odd_amount = NULL WHERE odd_amount = 9000"),
        &["-P1: an odd amount came in, and nobody can decide about it: its order is awaiting_payment"],
    ),
    (
        "an order that is over holds stock",
        sql!("UPDATE shop_order SET state = 'expired' WHERE state = 'awaiting_payment'"),
        sql!("UPDATE shop_order SET state = 'awaiting_payment' WHERE state = 'expired'"),
        &["is expired and still holds stock"],
    ),
    (
        "a delivery is not booked",
        sql!(
            "INSERT INTO fulfilment_attempt (id, order_id, reference, sequence, supplier, sku, customer_no, max_price, state, created_at, updated_at) SELECT 'att_none', id, 'none-F1', 1, 'digiflazz', 'x', 'x', 1, 'succeeded', 0, 0 FROM shop_order WHERE state = 'paid'"
        ),
        sql!("DELETE FROM fulfilment_attempt WHERE id = 'att_none'"),
        &["none-F1: attempt is succeeded and its delivery stands booked 0 times"],
    ),
    (
        "stock is there that was never added",
        sql!("UPDATE stock SET on_hand = on_hand + 1"),
        sql!("UPDATE stock SET on_hand = on_hand - 1"),
        &["stock of FF_70"],
    ),
    (
        "held stock is called free",
        sql!("UPDATE stock SET reserved = reserved - 1"),
        sql!("UPDATE stock SET reserved = reserved + 1"),
        &["stock of FF_70"],
    ),
    (
        "a reservation holds more than was held",
        sql!("UPDATE reservation SET quantity = quantity + 1"),
        sql!("UPDATE reservation SET quantity = quantity - 1"),
        &["stock of FF_70"],
    ),
];

/// Lies that change the same one row of many, on purpose or not, and how many they change.
fn rows(lie: &Lie) -> u64 {
    match lie.0 {
        "a transaction is booked at double its amount" | "a reservation holds more than was held" => 2,
        _ => 1,
    }
}

on_both_shops!(fn every_lie_in_the_books_is_found_and_named(db) {
    let scene = busy(&db).await;
    unguard(&db).await;
    for lie @ (name, tell, undo, expected) in LIES {
        change(&db, *tell, rows(lie)).await;
        let problems = scene.shop.check_ledger().await.unwrap().problems;
        let problems: Vec<String> = problems.into_iter().map(|(subject, problem)| format!("{subject}: {problem}")).collect();
        for text in *expected {
            assert!(problems.iter().any(|p| p.contains(text)), "{name}: `{text}` is not among {problems:#?}");
        }
        change(&db, *undo, rows(lie)).await;
        scene.books_hold().await;
    }
});

/// How many payments were taken back and are not booked so.
async fn missing(scene: &Scene) -> usize {
    let problems = scene.shop.check_ledger().await.unwrap().problems;
    let what = "was taken back at the gateway, and that is not booked";
    problems.iter().filter(|(_, problem)| problem.contains(what)).count()
}

on_both_shops!(fn a_payment_that_was_taken_back_and_is_not_booked_so_is_found(db) {
    let scene = busy(&db).await;
    unguard(&db).await;
    change(&db, sql!("UPDATE payment SET state = 'refunded', gateway = 'midtrans' WHERE gateway = 'wallet'"), 1).await;
    // What paid an order that is not decided yet stands in escrow until it is.
    change(&db, sql!("UPDATE ledger_transaction SET kind = 'payment' WHERE kind = 'wallet_payment'"), 1).await;
    assert_eq!(missing(&scene).await, 0);
    change(&db, sql!("UPDATE shop_order SET state = 'delivered' WHERE state = 'paid'"), 1).await;
    assert_eq!(missing(&scene).await, 1);
    change(&db, sql!("UPDATE shop_order SET state = 'fulfilling' WHERE state = 'delivered'"), 1).await;
    assert_eq!(missing(&scene).await, 0);
    // What was credited is gone at once.
    change(&db, sql!("UPDATE ledger_transaction SET kind = 'payment_credit' WHERE kind = 'payment'"), 1).await;
    assert_eq!(missing(&scene).await, 1);
});

on_both_shops!(fn postings_of_an_order_that_is_not_there_are_found(db) {
    let scene = busy(&db).await;
    unguard(&db).await;
    let nobody = OrderId::new(&scene.shop.ids, scene.shop.clock.now());
    let mut tx = db.write("test").await.unwrap();
    let moved = sql!("UPDATE ledger_transaction SET order_id = $1 WHERE kind = 'wallet_payment'").bind(&nobody);
    assert_eq!(moved.run(&mut tx).await.unwrap(), 1);
    tx.commit().await.unwrap();
    let problems = scene.shop.check_ledger().await.unwrap().problems;
    assert!(problems.contains(&(nobody.to_string(), "has postings and no order".to_owned())), "{problems:?}");
});

on_both_shops!(fn the_database_itself_refuses_to_change_what_was_booked(db) {
    let scene = busy(&db).await;
    for statement in [
        sql!("UPDATE ledger_posting SET amount = amount * 2"),
        sql!("DELETE FROM ledger_posting"),
        sql!("UPDATE ledger_transaction SET order_id = NULL"),
        sql!("DELETE FROM ledger_transaction"),
    ] {
        let mut tx = db.write("test").await.unwrap();
        let refused = statement.query().run(&mut tx).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{refused}");
    }
    scene.books_hold().await;
});

on_both_shops!(fn the_proof_sees_one_moment_while_the_shop_is_busy(db) {
    let scene = Scene::selling(&db, &[(ITEM, 10_000, 500)]).await;
    for n in 0..8 {
        scene.fund(&format!("buyer-{n}"), 1_000_000).await;
    }
    let mut buyers = tokio::task::JoinSet::new();
    for n in 0..8 {
        let scene = scene.clone();
        buyers.spawn(async move {
            for _ in 0..5 {
                let mut wish = scene.wish(&format!("buyer-{n}"), ITEM);
                wish.method = PaymentMethod::Wallet;
                scene.shop.place(&wish).await.unwrap();
            }
        });
    }
    while !buyers.is_empty() {
        scene.books_hold().await;
        while buyers.try_join_next().is_some() {}
    }
    let proof = scene.shop.check_ledger().await.unwrap();
    assert_eq!(proof.orders, 40);
});

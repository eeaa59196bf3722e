//! `ledger check` goes red for every way in which the books can be made to lie.

use crate::{
    scene::{ITEM, Scene},
    stage::{PRICE, Stage},
};
use database::{Database, Engine, Sql, sql};
use orders::{OrderState, StaffAction};
use payments::ObservedState::Settled;
use suppliers::Verdict;
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

/// What is done to the books, how it is undone (each with the rows that it changes), and what the proof says.
pub(crate) type LieInRupiah = (&'static str, &'static [(Sql, u64)], &'static [(Sql, u64)], &'static str);

pub(crate) async fn are_found(scene: &Scene, db: &Database, lies: &[LieInRupiah]) {
    unguard(db).await;
    for (name, tell, undo, expected) in lies {
        for (statement, rows) in *tell {
            change(db, *statement, *rows).await;
        }
        let problems = scene.shop.check_ledger().await.unwrap().problems;
        let problems: Vec<String> =
            problems.into_iter().map(|(subject, problem)| format!("{subject}: {problem}")).collect();
        assert!(
            problems.iter().any(|p| p.contains(expected)),
            "{name}: `{expected}` is not in {problems:#?}"
        );
        for (statement, rows) in *undo {
            change(db, *statement, *rows).await;
        }
        scene.books_hold().await;
    }
}

/// An order was paid and delivered, and a second payment for it was credited. Everybody is gone.
async fn sold(db: &Database) -> Scene {
    let stage = Stage::fulfilling(db).await;
    stage.gateway_says(1, Settled, Some(PRICE)).await;
    stage.supplier_says(1, Verdict::Succeeded).await;
    assert_eq!(stage.state().await, OrderState::Delivered);
    let scene = stage.scene.clone();
    stage.end().await;
    scene
}

const LIES_ABOUT_A_SALE: &[LieInRupiah] = &[
    (
        "a credit is four times what came in, and the wallet has it",
        &[
            (
                sql!(
                    "UPDATE ledger_posting SET amount = amount * 4 WHERE transaction_id = (SELECT id FROM ledger_transaction WHERE kind = 'payment_credit')"
                ),
                2,
            ),
            (sql!("UPDATE wallet SET balance = balance * 4"), 1),
        ],
        &[
            (
                sql!(
                    "UPDATE ledger_posting SET amount = amount / 4 WHERE transaction_id = (SELECT id FROM ledger_transaction WHERE kind = 'payment_credit')"
                ),
                2,
            ),
            (sql!("UPDATE wallet SET balance = balance / 4"), 1),
        ],
        "-P2: payment_credit moves Rp 40.000, of that Rp 40.000 from where it came in and Rp 40.000 to whom it is; Rp 10.000 expected",
    ),
    (
        "a credit is in somebody else's wallet",
        &[
            (sql!("UPDATE ledger_posting SET account = 'wallet:poor' WHERE account = 'wallet:buyer'"), 1),
            (sql!("UPDATE wallet SET buyer = 'poor'"), 1),
        ],
        &[
            (sql!("UPDATE ledger_posting SET account = 'wallet:buyer' WHERE account = 'wallet:poor'"), 1),
            (sql!("UPDATE wallet SET buyer = 'buyer'"), 1),
        ],
        "-P2: payment_credit moves Rp 10.000, of that Rp 10.000 from where it came in and Rp 0 to whom it is",
    ),
    (
        "a credit is booked for no order",
        &[(sql!("UPDATE ledger_transaction SET order_id = NULL WHERE kind = 'payment_credit'"), 1)],
        &[(
            sql!(
                "UPDATE ledger_transaction SET order_id = (SELECT id FROM shop_order) WHERE order_id IS NULL"
            ),
            1,
        )],
        "-P2: payment_credit is booked for another order",
    ),
    (
        "a payment came in at another gateway",
        &[(sql!("UPDATE payment SET gateway = 'dana' WHERE settled_at IS NOT NULL"), 2)],
        &[(sql!("UPDATE payment SET gateway = 'midtrans' WHERE gateway = 'dana'"), 2)],
        "-P1: brought Rp 10.000 and is booked at its gateway as Rp 0 in, Rp 0 back in part and Rp 0 back",
    ),
    (
        "a fee is missing",
        &[(
            sql!("UPDATE ledger_transaction SET kind = 'none' WHERE kind = 'fee' AND reference LIKE '%-P1'"),
            1,
        )],
        &[(sql!("UPDATE ledger_transaction SET kind = 'fee' WHERE kind = 'none'"), 1)],
        "-P1: Rp 0 is booked as its fee and Rp 0 as kept by its gateway; Rp 200 expected",
    ),
    (
        "a fee is twice what it was",
        &[(
            sql!(
                "UPDATE ledger_posting SET amount = amount * 2 WHERE transaction_id = (SELECT id FROM ledger_transaction WHERE kind = 'fee' AND reference LIKE '%-P2')"
            ),
            2,
        )],
        &[(
            sql!(
                "UPDATE ledger_posting SET amount = amount / 2 WHERE transaction_id = (SELECT id FROM ledger_transaction WHERE kind = 'fee' AND reference LIKE '%-P2')"
            ),
            2,
        )],
        "-P2: Rp 400 is booked as its fee and Rp 400 as kept by its gateway; Rp 200 expected",
    ),
    (
        "a fee was never reckoned",
        &[(sql!("UPDATE payment SET fee = NULL WHERE reference LIKE '%-P1'"), 1)],
        &[(sql!("UPDATE payment SET fee = 200 WHERE fee IS NULL"), 1)],
        "-P1: Rp 200 is booked as its fee and Rp 200 as kept by its gateway; none expected",
    ),
    (
        "a delivery cost more than its attempt",
        &[(
            sql!(
                "UPDATE ledger_posting SET amount = amount * 2 WHERE account IN ('cost', 'supplier:digiflazz')"
            ),
            2,
        )],
        &[(
            sql!(
                "UPDATE ledger_posting SET amount = amount / 2 WHERE account IN ('cost', 'supplier:digiflazz')"
            ),
            2,
        )],
        "-F1: delivery costs Rp 2, takes Rp 2 from the supplier and earns Rp 10.000; its price is Rp 1",
    ),
    (
        "the supplier took another price than is booked",
        &[(sql!("UPDATE fulfilment_attempt SET price = 7"), 1)],
        &[(sql!("UPDATE fulfilment_attempt SET price = NULL"), 1)],
        "-F1: delivery costs Rp 1, takes Rp 1 from the supplier and earns Rp 10.000; its price is Rp 7",
    ),
    (
        "another supplier's deposit paid for a delivery",
        &[(
            sql!("UPDATE ledger_posting SET account = 'supplier:other' WHERE account = 'supplier:digiflazz'"),
            1,
        )],
        &[(
            sql!("UPDATE ledger_posting SET account = 'supplier:digiflazz' WHERE account = 'supplier:other'"),
            1,
        )],
        "-F1: delivery costs Rp 1, takes Rp 0 from the supplier and earns Rp 10.000; its price is Rp 1",
    ),
];

on_both_shops!(fn every_wrong_amount_of_a_sale_is_found_and_named(db) {
    let scene = sold(&db).await;
    are_found(&scene, &db, LIES_ABOUT_A_SALE).await;
});

const LIES_ABOUT_A_REFUND: &[LieInRupiah] = &[
    (
        "a refund is in somebody else's wallet",
        &[
            (sql!("UPDATE ledger_posting SET account = 'wallet:poor' WHERE account = 'wallet:buyer'"), 1),
            (sql!("UPDATE wallet SET buyer = 'poor'"), 1),
        ],
        &[
            (sql!("UPDATE ledger_posting SET account = 'wallet:buyer' WHERE account = 'wallet:poor'"), 1),
            (sql!("UPDATE wallet SET buyer = 'buyer'"), 1),
        ],
        "-R1: Rp 10.000 is refunded, and its buyer's wallet gets Rp 0 of it",
    ),
    (
        "a refund is in nobody's wallet",
        &[
            (sql!("UPDATE ledger_posting SET account = 'cost' WHERE account = 'wallet:buyer'"), 1),
            (sql!("UPDATE wallet SET balance = 0"), 1),
        ],
        &[
            (sql!("UPDATE ledger_posting SET account = 'wallet:buyer' WHERE account = 'cost'"), 1),
            (sql!("UPDATE wallet SET balance = 10000"), 1),
        ],
        "-R1: Rp 10.000 is refunded, and its buyer's wallet gets Rp 0 of it",
    ),
    (
        "what had been given back in part was refunded whole",
        &[(
            sql!(
                "UPDATE payment SET state = 'partly_refunded', given_back = 4000, given_back_at = 1 WHERE state = 'settled'"
            ),
            1,
        )],
        &[(
            sql!(
                "UPDATE payment SET state = 'settled', given_back = NULL, given_back_at = NULL WHERE state = 'partly_refunded'"
            ),
            1,
        )],
        "-R1: is refunded whole, and the gateway had given back Rp 4.000 of ",
    ),
];

on_both_shops!(fn every_wrong_amount_of_a_refund_is_found_and_named(db) {
    let stage = Stage::fulfilling(&db).await;
    stage.supplier_says(1, Verdict::FailedProvider).await;
    stage.until_state(OrderState::Refunded).await;
    let scene = stage.scene.clone();
    stage.end().await;
    are_found(&scene, &db, LIES_ABOUT_A_REFUND).await;
});

const LIES_ABOUT_A_PART: &[LieInRupiah] = &[
    (
        "less went back than is booked",
        &[(sql!("UPDATE payment SET given_back = 3000 WHERE given_back = 4000"), 1)],
        &[(sql!("UPDATE payment SET given_back = 4000 WHERE given_back = 3000"), 1)],
        "-P1: brought Rp 10.000 and is booked at its gateway as Rp 10.000 in, Rp 4.000 back in part and Rp 0 back",
    ),
    (
        "a part is booked that is more than what went back",
        &[(
            sql!(
                "UPDATE ledger_posting SET amount = amount * 2 WHERE transaction_id = (SELECT id FROM ledger_transaction WHERE kind = 'payment_part_taken_back')"
            ),
            2,
        )],
        &[(
            sql!(
                "UPDATE ledger_posting SET amount = amount / 2 WHERE transaction_id = (SELECT id FROM ledger_transaction WHERE kind = 'payment_part_taken_back')"
            ),
            2,
        )],
        "is refunded: Rp 6.000 refunded, Rp 2.000 expected",
    ),
    (
        "more was refunded than was left",
        &[
            (
                sql!(
                    "UPDATE ledger_posting SET amount = CASE WHEN amount < 0 THEN -10000 ELSE 10000 END WHERE transaction_id = (SELECT id FROM ledger_transaction WHERE kind = 'refund')"
                ),
                2,
            ),
            (sql!("UPDATE wallet SET balance = 10000"), 1),
        ],
        &[
            (
                sql!(
                    "UPDATE ledger_posting SET amount = CASE WHEN amount < 0 THEN -6000 ELSE 6000 END WHERE transaction_id = (SELECT id FROM ledger_transaction WHERE kind = 'refund')"
                ),
                2,
            ),
            (sql!("UPDATE wallet SET balance = 6000"), 1),
        ],
        "is refunded: Rp 10.000 refunded, Rp 6.000 expected",
    ),
];

on_both_shops!(fn every_wrong_amount_of_a_rest_that_was_refunded_is_found_and_named(db) {
    let stage = Stage::fulfilling(&db).await;
    stage.gateway_gave_back(0, Some(4_000)).await;
    stage.supplier_says(1, Verdict::FailedProvider).await;
    stage.until_state(OrderState::NeedsAttention).await;
    stage.decide(StaffAction::Refund).await.unwrap();
    let scene = stage.scene.clone();
    stage.end().await;
    are_found(&scene, &db, LIES_ABOUT_A_PART).await;
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

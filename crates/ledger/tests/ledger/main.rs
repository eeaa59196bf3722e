//! The books: balanced, booked once, and never more spent than there is.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has to stop, and say where")]

use database::{Database, Engine, Sql, sql};
use ledger::{Account, Entry, Kind, LedgerError, Posted, Posting, Spent, Taken};
use testkit::on_both_shops;
use tokio::task::JoinSet;
use vocabulary::{BuyerId, Ids, OrderId, Rupiah, Timestamp};

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

fn rp(amount: i64) -> Rupiah {
    Rupiah::new(amount)
}

fn buyer() -> BuyerId {
    "api:shop/42".parse().unwrap()
}

fn order() -> OrderId {
    OrderId::new(&Ids::random(), NOW)
}

async fn post(db: &Database, entry: &Entry) -> Result<Posted, LedgerError> {
    let mut tx = db.write("test").await.unwrap();
    let posted = ledger::post(&mut tx, &Ids::random(), NOW, entry).await?;
    tx.commit().await?;
    Ok(posted)
}

async fn credit(db: &Database, reference: &str, amount: i64) -> Posted {
    let mut tx = db.write("test").await.unwrap();
    let booking = (Account::Escrow, &buyer(), rp(amount));
    let posted =
        ledger::credit(&mut tx, &Ids::random(), NOW, (Kind::Refund, reference), &order(), booking).await;
    tx.commit().await.unwrap();
    posted.unwrap()
}

async fn spend(db: &Database, reference: &str, amount: i64) -> Result<Spent, LedgerError> {
    let mut tx = db.write("test").await.unwrap();
    let spent =
        ledger::spend(&mut tx, &Ids::random(), NOW, reference, &order(), (&buyer(), rp(amount))).await?;
    tx.commit().await?;
    Ok(spent)
}

async fn balance(db: &Database) -> i64 {
    let mut tx = db.read("test").await.unwrap();
    ledger::balance(&mut tx, &buyer()).await.unwrap().get()
}

/// What the proofs find, as text.
async fn findings(db: &Database) -> Vec<String> {
    let mut tx = db.read("test").await.unwrap();
    let mut found = ledger::check_sums(&mut tx).await.unwrap();
    found.extend(ledger::wallet_findings(&mut tx).await.unwrap());
    found.into_iter().map(|f| format!("{}: {}", f.subject, f.problem)).collect()
}

async fn transactions(db: &Database) -> i64 {
    let mut tx = db.read("test").await.unwrap();
    sql!("SELECT COUNT(*) FROM ledger_transaction").query().one(&mut tx).await.unwrap()
}

fn entry(reference: &str, lines: &[(Account, i64)]) -> Entry {
    let postings =
        lines.iter().map(|(account, amount)| Posting { account: account.clone(), amount: rp(*amount) });
    Entry {
        kind: Kind::Payment,
        reference: reference.into(),
        order: Some(order()),
        postings: postings.collect(),
    }
}

on_both_shops!(fn what_does_not_sum_to_zero_is_not_booked(db) {
    let gateway = Account::Gateway("midtrans".into());
    let cases: &[&[(Account, i64)]] = &[
        &[],
        &[(gateway.clone(), 100)],
        &[(gateway.clone(), 100), (Account::Escrow, -99)],
        &[(gateway.clone(), 100), (Account::Escrow, 100)],
        &[(gateway.clone(), 0), (Account::Escrow, 0)],
        &[(gateway.clone(), 100), (Account::Escrow, -100), (Account::Fee, 0)],
        // Sums to zero only for whoever lets the numbers run over.
        &[(gateway.clone(), i64::MAX), (Account::Fee, i64::MAX), (Account::Escrow, 2)],
    ];
    for (n, lines) in cases.iter().enumerate() {
        let refused = post(&db, &entry(&format!("P{n}"), lines)).await;
        assert!(matches!(refused, Err(LedgerError::Unbalanced { .. })), "{lines:?}: {refused:?}");
    }
    assert_eq!(transactions(&db).await, 0);
    let three: &[(Account, i64)] = &[(gateway, 98), (Account::Fee, 2), (Account::Escrow, -100)];
    assert_eq!(post(&db, &entry("P", three)).await.unwrap(), Posted::Now);
    assert_eq!(findings(&db).await, [] as [&str; 0]);
});

on_both_shops!(fn what_is_told_twice_is_booked_once(db) {
    let lines: &[(Account, i64)] = &[(Account::Gateway("midtrans".into()), 100), (Account::Escrow, -100)];
    assert_eq!(post(&db, &entry("P1", lines)).await.unwrap(), Posted::Now);
    assert_eq!(post(&db, &entry("P1", lines)).await.unwrap(), Posted::Before);
    let mut at_once = JoinSet::new();
    for n in 0..12 {
        let (db, entry) = ((*db).clone(), entry(&format!("Q{}", n % 3), lines));
        at_once.spawn(async move { post(&db, &entry).await.unwrap() });
    }
    let posted = at_once.join_all().await;
    assert_eq!(posted.iter().filter(|p| **p == Posted::Now).count(), 3, "{posted:?}");
    // Another kind of thing about the same payment is another thing.
    let fee = Entry { kind: Kind::Fee, ..entry("P1", lines) };
    assert_eq!(post(&db, &fee).await.unwrap(), Posted::Now);
    assert_eq!(transactions(&db).await, 5);
    let mut tx = db.read("test").await.unwrap();
    let escrow = ledger::balances(&mut tx).await.unwrap();
    assert_eq!(escrow, [(Account::Escrow, rp(-500)), (Account::Gateway("midtrans".into()), rp(500))]);
    assert_eq!(findings(&db).await, [] as [&str; 0]);
});

on_both_shops!(fn store_credit_is_given_and_taken_once_for_each_reference(db) {
    assert_eq!(spend(&db, "P0", 1).await.unwrap(), Spent::NotEnough { balance: Rupiah::ZERO });
    assert_eq!(credit(&db, "R1", 50_000).await, Posted::Now);
    assert_eq!(credit(&db, "R1", 50_000).await, Posted::Before);
    assert_eq!(balance(&db).await, 50_000);
    assert_eq!(spend(&db, "P1", 50_001).await.unwrap(), Spent::NotEnough { balance: rp(50_000) });
    assert_eq!(spend(&db, "P1", 20_000).await.unwrap(), Spent::Now);
    assert_eq!(spend(&db, "P1", 20_000).await.unwrap(), Spent::Before);
    assert_eq!(balance(&db).await, 30_000);
    assert_eq!(spend(&db, "P2", 30_000).await.unwrap(), Spent::Now);
    // Told again when there would not be enough any more: it was taken before.
    assert_eq!(spend(&db, "P1", 20_000).await.unwrap(), Spent::Before);
    assert_eq!(balance(&db).await, 0);
    assert_eq!(findings(&db).await, [] as [&str; 0]);
});

on_both_shops!(fn twenty_spenders_at_once_never_take_more_than_there_is(db) {
    credit(&db, "R1", 70_000).await;
    let mut spenders = JoinSet::new();
    for n in 0..20 {
        let db = (*db).clone();
        spenders.spawn(async move { spend(&db, &format!("P{n}"), 10_000).await.unwrap() });
    }
    let spent = spenders.join_all().await;
    assert_eq!(spent.iter().filter(|s| **s == Spent::Now).count(), 7, "{spent:?}");
    assert_eq!(spent.iter().filter(|s| matches!(s, Spent::NotEnough { .. })).count(), 13);
    assert_eq!(balance(&db).await, 0);
    assert_eq!(findings(&db).await, [] as [&str; 0]);
});

on_both_shops!(fn one_spending_told_many_times_at_once_is_taken_once(db) {
    credit(&db, "R1", 70_000).await;
    let mut spenders = JoinSet::new();
    for _ in 0..12 {
        let db = (*db).clone();
        spenders.spawn(async move { spend(&db, "P1", 10_000).await });
    }
    let spent = spenders.join_all().await;
    assert_eq!(spent.iter().filter(|s| matches!(s, Ok(Spent::Now))).count(), 1, "{spent:?}");
    assert_eq!(balance(&db).await, 60_000);
    assert_eq!(findings(&db).await, [] as [&str; 0]);
});

on_both_shops!(fn a_wallet_cannot_hold_less_than_nothing(db) {
    credit(&db, "R1", 5).await;
    let mut tx = db.write("test").await.unwrap();
    assert!(sql!("UPDATE wallet SET balance = balance - 6").query().run(&mut tx).await.is_err());
});

on_both_shops!(fn books_that_were_touched_are_found_and_named(db) {
    credit(&db, "R1", 50_000).await;
    assert_eq!(findings(&db).await, [] as [&str; 0]);
    let guard: &[Sql] = match db.engine() {
        Engine::Sqlite => &[sql!("DROP TRIGGER ledger_posting_no_update"), sql!("DROP TRIGGER ledger_posting_no_delete")],
        Engine::Postgres => &[sql!("ALTER TABLE ledger_posting DISABLE TRIGGER USER")],
    };
    let mut tx = db.write("test").await.unwrap();
    for statement in guard {
        statement.query().run(&mut tx).await.unwrap();
    }
    tx.commit().await.unwrap();
    for (touch, expected) in [
        (sql!("UPDATE wallet SET balance = 50001"), &["wallet of api:shop/42: balance is 50001, postings say 50000"][..]),
        (sql!("DELETE FROM wallet"), &["wallet:api:shop/42: postings say 50000, there is no balance"]),
        (sql!("UPDATE ledger_posting SET amount = amount + 7 WHERE line = 1"), &["2 lines that sum to 7", "all postings: sum to 7"]),
        (sql!("DELETE FROM ledger_posting WHERE line = 1"), &["1 lines that sum to -50000", "all postings"]),
        (sql!("DELETE FROM ledger_posting"), &["0 lines that sum to 0", "balance is 50000, postings say 0"]),
    ] {
        let mut tx = db.write("test").await.unwrap();
        touch.query().run(&mut tx).await.unwrap();
        let mut found = ledger::check_sums(&mut tx).await.unwrap();
        found.extend(ledger::wallet_findings(&mut tx).await.unwrap());
        let found: Vec<String> = found.into_iter().map(|f| format!("{}: {}", f.subject, f.problem)).collect();
        for text in expected {
            assert!(found.iter().any(|f| f.contains(text)), "{touch:?}: `{text}` is not among {found:?}");
        }
    }
    assert_eq!(findings(&db).await, [] as [&str; 0], "nothing of it was committed");
});

/// A gateway takes back what was credited before.
async fn take_back(db: &Database, reference: &str, amount: i64) -> Option<Taken> {
    let mut tx = db.write("test").await.unwrap();
    let gateway = Account::Gateway("midtrans".into());
    let entry = Entry {
        kind: Kind::PaymentTakenBack,
        reference: reference.to_owned(),
        order: Some(order()),
        postings: Vec::new(),
    };
    let whose = (&buyer(), Account::ChargebackLoss);
    let taken =
        ledger::take_back(&mut tx, &Ids::random(), NOW, entry, whose, (gateway, rp(amount))).await.unwrap();
    tx.commit().await.unwrap();
    taken
}

on_both_shops!(fn credit_is_taken_back_once_as_far_as_there_is_any_and_the_rest_is_lost(db) {
    credit(&db, "LK-R1", 50_000).await;
    assert_eq!(take_back(&db, "LK-P1", 20_000).await, Some(Taken { got: rp(20_000), lost: rp(0) }));
    assert_eq!(take_back(&db, "LK-P1", 20_000).await, None, "once");
    assert_eq!(balance(&db).await, 30_000);
    assert_eq!(take_back(&db, "LK-P2", 45_000).await, Some(Taken { got: rp(30_000), lost: rp(15_000) }));
    assert_eq!(take_back(&db, "LK-P3", 1_000).await, Some(Taken { got: rp(0), lost: rp(1_000) }));
    assert_eq!(balance(&db).await, 0);
    assert_eq!(findings(&db).await, Vec::<String>::new());
});

on_both_shops!(fn what_is_spent_while_it_is_taken_back_is_spent_or_taken_and_never_both(db) {
    for round in 0..10 {
        credit(&db, &format!("LK{round}-R1"), 50_000).await;
        let (payment, spending) = (format!("LK{round}-P1"), format!("LK{round}-P2"));
        let (taken, spent) =
            tokio::join!(take_back(&db, &payment, 50_000), spend(&db, &spending, 30_000));
        let taken = taken.unwrap();
        let was_spent = matches!(spent.unwrap(), Spent::Now);
        let got = if was_spent { 20_000 } else { 50_000 };
        assert_eq!(taken, Taken { got: rp(got), lost: rp(50_000 - got) });
        assert_eq!(balance(&db).await, 0);
        assert_eq!(findings(&db).await, Vec::<String>::new());
    }
});

//! `loket alerts`: of what is open nothing is lost from sight, however much it is.

use crate::harness::command;
use database::{Database, DatabaseUrl};
use notifications::{AlertKind, alert_open};
use serde_json::{Value, json};
use vocabulary::{Ids, Timestamp};

/// A second apart from noon on.
fn nth_second(n: i64) -> Timestamp {
    Timestamp::from_millis(1_795_323_600_000 + n * 1_000)
}

#[tokio::test]
async fn the_oldest_open_alert_is_listed_first_and_what_is_not_listed_is_counted() {
    let folder = testkit::TempFolder::new("alerts");
    let run = async |arguments: &[&str]| {
        let output = command(arguments).env("LOKET_DATA_DIR", folder.path()).output().await.unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&output.stdout), text(&output.stderr))
    };
    run(&["catalog", "seed"]).await;
    assert_eq!(run(&["alerts"]).await.0.trim(), "no open alerts");

    let db = Database::open(&DatabaseUrl::Sqlite(folder.path().join("loket.db"))).await.unwrap();
    let (mut tx, ids) = (db.write("test").await.unwrap(), Ids::random());
    let cause = (AlertKind::SupplierRefusesUs, "digiflazz", "the cause of all others");
    alert_open(&mut tx, &ids, nth_second(0), cause).await.unwrap();
    for n in 1..230 {
        let subject = format!("order-{n:03}");
        let consequence = (AlertKind::OrderNeedsAttention, subject.as_str(), "see to it");
        alert_open(&mut tx, &ids, nth_second(n), consequence).await.unwrap();
    }
    tx.commit().await.unwrap();
    db.close().await;

    let (table, _) = run(&["alerts"]).await;
    let place = |text: &str| table.find(text).unwrap_or_else(|| panic!("no {text} in {table}"));
    assert!(place("the cause of all others") < place("order-001") && place("order-001") < place("order-199"));
    assert!(!table.contains("order-200"), "{table}");
    assert!(table.contains("30 newer ones: 230 are open"), "{table}");
    assert!(
        table.contains("1 supplier_refuses_us") && table.contains("229 order_needs_attention"),
        "{table}"
    );
    let (table, _) = run(&["alerts", "--limit", "230"]).await;
    assert!(table.contains("order-229") && !table.contains("newer ones"), "{table}");

    let (text, beside) = run(&["alerts", "--json"]).await;
    let all: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(all.as_array().unwrap().len(), 230);
    assert_eq!((&all[0]["subject"], &all[229]["subject"]), (&json!("digiflazz"), &json!("order-229")));
    assert!(!beside.contains("newer ones"), "{beside}");
    let (text, beside) = run(&["alerts", "--json", "--limit", "10"]).await;
    let some: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(some.as_array().unwrap()[..], all.as_array().unwrap()[..10]);
    assert!(beside.contains("220 newer ones: 230 are open"), "{beside}");
}

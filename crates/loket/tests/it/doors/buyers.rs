//! `loket buyer`: who a buyer is, by the word of a person, and what that lets through.

use crate::harness::{Rows, World};
use serde_json::json;

#[tokio::test]
async fn who_is_verified_by_a_person_buys_what_was_held_before_and_the_audit_says_who_did() {
    let mut world = World::new(Rows::Sqlite).await;
    // Less than the product costs, so that no midnight comes in between.
    world.configure("LOKET_RISK__BASIC_DAILY_RUPIAH", "19999");
    world.open_shop(&[]).await.unwrap();
    let order = async |key: &str| {
        let number = world.placed(key, json!({"buyer": "budi"})).await;
        let state = world.order(&number).await.unwrap()["state"].as_str().unwrap().to_owned();
        (number, state)
    };
    let (held, state) = order("one").await;
    assert_eq!(state, "in_review");
    let file = world.file(&held).await;
    let risk = &file["risk"];
    assert_eq!((&risk["score"], &risk["action"]), (&json!(40), &json!("review")));
    let (_, text) = world.command(&["order", "show", &held]).await;
    assert!(text.contains("daily_limit: ") && text.contains("above Rp 19.999 a person decides"), "{text}");
    let buyer = file["buyer"].as_str().unwrap();
    let shown = world.printed(&["buyer", "show", buyer, "--json"]).await;
    assert_eq!(
        (&shown["tier"], &shown["daily_limit"], &shown["verified"]),
        (&json!("basic"), &json!(19_999), &json!(null)),
        "{shown:#}"
    );

    let verify = ["buyer", "verify", buyer, "--because", "came by with the card", "--by", "rina", "--json"];
    let verified = world.printed(&verify).await;
    assert_eq!(
        (&verified["tier"], &verified["daily_limit"], &verified["verified"]["by"]),
        (&json!("verified"), &json!(null), &json!("staff:rina")),
        "{verified:#}"
    );
    let (_, text) = world.command(&["buyer", "show", buyer]).await;
    assert!(
        text.contains("is verified: came by with the card by staff:rina") && text.contains("has no limit"),
        "{text}"
    );
    let (bought, state) = order("two").await;
    assert_eq!(state, "awaiting_payment", "what was held before is let through");
    world.paid(&bought).await;
    world.until(&bought, "delivered").await;
    world.assert_paid_and_delivered_once(&bought).await;
    assert_eq!(world.order(&held).await.unwrap()["state"], "in_review", "a decision of its own");
    world.staff("approve", &held).await;
    world.until(&held, "awaiting_payment").await;

    let unverify = ["buyer", "unverify", buyer, "--because", "it was lent", "--by", "sari"];
    let (code, text) = world.command(&unverify).await;
    assert!(code == Some(0) && text.contains("is basic"), "{text}");
    assert_eq!(order("three").await.1, "in_review");
    // What cannot be done is said, and is nobody's entry.
    assert_eq!(world.command(&unverify).await.0, Some(1));
    assert_eq!(world.command(&["buyer", "verify", buyer, "--by", "rina"]).await.0, Some(2));
    assert_eq!(world.command(&["buyer", "verify", buyer, "--because", " "]).await.0, Some(1));
    for nobody in [&["buyer", "show", "nobody"][..], &["buyer", "verify", "nobody", "--because", "seen"]] {
        assert_eq!(world.command(nobody).await.0, Some(3), "{nobody:?}");
    }
    let rows = world.database().await;
    let mut tx = rows.read("test.audit").await.unwrap();
    let entries = security::entries_about(&mut tx, buyer).await.unwrap();
    drop(tx);
    rows.close().await;
    let entries: Vec<_> = entries
        .iter()
        .map(|e| (e.actor.as_str(), e.action.as_str(), e.after.as_deref(), e.source.as_deref()))
        .collect();
    assert_eq!(
        entries,
        [
            ("staff:rina", "buyer.verified", Some("verified"), Some("came by with the card")),
            ("staff:sari", "buyer.unverified", Some("basic"), Some("it was lent")),
        ]
    );
    world.assert_proofs().await;
}

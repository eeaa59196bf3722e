//! Store credit that an order gave goes back to where the order's money came from: in parts, as far as there is
//! any, and only where the way to pay can.

use crate::{
    hands::told,
    harness::{Rows, World},
};
use serde_json::json;

#[tokio::test]
async fn store_credit_goes_back_to_gopay_in_parts_up_to_what_was_paid_on_sqlite() {
    parts(Rows::Sqlite).await;
}

#[tokio::test]
async fn store_credit_goes_back_to_gopay_in_parts_up_to_what_was_paid_on_postgres() {
    parts(Rows::postgres().await).await;
}

async fn parts(rows: Rows) {
    let world = World::open(rows).await;
    let number = world.failed(json!({})).await;
    world.until(&number, "refunded").await;
    assert_eq!(world.wallet_change(&number).await, 20_000);
    let (ok, text) =
        world.refunds(&number, &["--by", "rina", "--amount", "5000", "--reason", "asked for"]).await;
    assert!(ok && text.contains("Rp 5.000 goes back to where it came from"), "{text}");
    let file = world.until_refund(&number, 1, "done").await;
    // The first key was the one of the store credit.
    assert_eq!(file["refunds"][0]["reference"], format!("{number}-R2"));
    assert_eq!(file["refunds"][0]["requested_by"], "staff:rina");
    assert_eq!(file["payments"][0]["state"], "partly_refunded");
    assert_eq!((world.wallet_change(&number).await, world.at_midtrans(&number).await), (15_000, (5_000, 1)));
    assert!(told(&world.order(&number).await.unwrap(), "message:refund_arrived"));
    assert!(!world.alert("payment_taken_back", &number).await);
    world.assert_proofs().await;
    let (ok, text) = world.refunds(&number, &["--by", "rina", "--amount", "15001"]).await;
    assert!(!ok && text.contains("at most Rp 15.000"), "{text}");
    let (ok, text) = world.refunds(&number, &["--by", "rina"]).await;
    assert!(ok && text.contains("Rp 15.000"), "{text}");
    let file = world.until_refund(&number, 2, "done").await;
    assert_eq!(file["payments"][0]["state"], "refunded");
    assert_eq!((world.wallet_change(&number).await, world.at_midtrans(&number).await), (0, (20_000, 2)));
    let (ok, text) = world.refunds(&number, &["--by", "rina"]).await;
    assert!(!ok && text.contains("no store credit"), "{text}");
    assert_eq!(world.account(&number, "refunding:midtrans").await, 0);
    assert_eq!(world.account(&number, "gateway:midtrans").await, -400, "the fee");
    world.assert_proofs().await;
}

#[tokio::test]
async fn credit_that_was_spent_is_not_given_back_and_a_refusal_gives_it_again() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.failed(json!({})).await;
    world.until(&number, "refunded").await;
    world.fault("midtrans", "insufficient_balance", json!({})).await;
    let (ok, text) = world.refunds(&number, &["--by", "rina", "--amount", "8000"]).await;
    assert!(ok, "{text}");
    world.until_refund(&number, 1, "refused").await;
    assert_eq!(world.wallet_change(&number).await, 20_000, "what could not go back is credit again");
    assert!(told(&world.order(&number).await.unwrap(), "message:refund_became_credit"));
    world.assert_proofs().await;
    world.spend_wallet("budi", json!({})).await;
    let (ok, text) = world.refunds(&number, &["--by", "rina"]).await;
    assert!(!ok && text.contains("the wallet holds Rp 0"), "{text}");
    assert_eq!(world.at_midtrans(&number).await, (0, 0));
    world.assert_proofs().await;
}

#[tokio::test]
async fn ovo_gives_back_the_whole_and_no_part() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.failed(json!({"payment_method": "ovo_push", "phone": "081234567890"})).await;
    world.until(&number, "refunded").await;
    let (ok, text) = world.refunds(&number, &["--by", "rina", "--amount", "5000"]).await;
    assert!(!ok && text.contains("it stays store credit"), "{text}");
    assert!(world.requests("midtrans", "/refund", &number).await.is_empty(), "nothing was asked for");
    assert_eq!(world.wallet_change(&number).await, 20_000);
    let (ok, text) = world.refunds(&number, &["--by", "rina"]).await;
    assert!(ok, "{text}");
    world.until_refund(&number, 1, "done").await;
    assert_eq!((world.wallet_change(&number).await, world.at_midtrans(&number).await), (0, (20_000, 1)));
    world.assert_proofs().await;
}

#[tokio::test]
async fn after_seven_days_ovo_takes_nothing_back() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.failed(json!({"payment_method": "ovo_push", "phone": "081234567890"})).await;
    world.until(&number, "refunded").await;
    world.advance(7 * 86_400).await.unwrap();
    let (ok, text) = world.refunds(&number, &["--by", "rina"]).await;
    assert!(!ok && text.contains("too long ago"), "{text}");
    assert_eq!(world.wallet_change(&number).await, 20_000);
    world.assert_proofs().await;
}

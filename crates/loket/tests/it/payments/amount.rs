//! Amounts that are not ours: nothing is bought for them, and a person decides.

use crate::{
    hands::patience,
    harness::{Rows, World},
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test]
async fn an_imposed_fee_calls_a_person_and_never_credits_more_than_our_amount() {
    let world = World::open(Rows::Sqlite).await;
    let mut numbers = Vec::new();
    for buyer in ["budi", "sari"] {
        world.fault("midtrans", "impose_fee", json!({})).await;
        let number = world.placed(buyer, json!({"buyer": buyer})).await;
        world.paid(&number).await;
        let order = world.until(&number, "needs_attention").await;
        assert_eq!(order["attention"], "odd_money");
        assert!(world.alert("amount_mismatch", &number).await);
        assert_eq!(world.books(&number).await["digiflazz"]["transactions"], json!([]));
        numbers.push(number);
    }
    let [accepted, rejected] = [&numbers[0], &numbers[1]];
    world.assert_proofs().await;

    world.staff("approve", accepted).await;
    world.until(accepted, "delivered").await;
    let file = world.file(accepted).await;
    let lines = file["ledger"].as_array().unwrap();
    let paid: Vec<_> = lines
        .iter()
        .filter(|l| l["kind"] == "payment")
        .map(|l| l["amount"].as_i64().unwrap().abs())
        .collect();
    assert_eq!(paid, [20_000, 20_000], "{lines:#?}");
    assert_eq!(world.wallet_change(accepted).await, 0);
    assert!(!world.alert("amount_mismatch", accepted).await);
    let decided =
        file["audit"].as_array().unwrap().iter().any(|a| a["actor"].as_str().unwrap().contains("rina"));
    assert!(decided, "{file:#}");

    world.staff("reject", rejected).await;
    world.until(rejected, "cancelled").await;
    assert_eq!(world.wallet_change(rejected).await, 20_000);
    assert!(!world.alert("amount_mismatch", rejected).await);
    world.spend_wallet("sari", json!({})).await;
    for number in &numbers {
        for action in ["approve", "reject"] {
            let (code, text) = world.command(&["order", action, number]).await;
            assert_ne!(code, Some(0), "{action} a second time: {text}");
        }
    }
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_rupiah_more_or_less_than_ours_never_pays_the_order() {
    let world = World::open(Rows::Sqlite).await;
    for (failed_before, amount) in [19_999, 20_001].into_iter().enumerate() {
        let buyer = format!("buyer-{amount}");
        world.fault("midtrans", "error_500", json!({"operation": "charge"})).await;
        // Between our charge that failed and the next one, the reference is taken with another amount.
        let placing = world.placed(&buyer, json!({"buyer": buyer}));
        let stealing = async {
            let started = Instant::now();
            let reference = loop {
                let charges = world.requests("midtrans", "/v2/charge", "").await;
                let failed = charges.iter().filter(|c| c["fault"] == "error_500").nth(failed_before);
                if let Some(failed) = failed {
                    let body: Value = serde_json::from_str(failed["body"].as_str().unwrap()).unwrap();
                    break body["transaction_details"]["order_id"].as_str().unwrap().to_owned();
                }
                patience(started, "the first charge");
                tokio::time::sleep(Duration::from_millis(20)).await;
            };
            world.charge_beside(&reference, amount).await;
        };
        let (number, ()) = tokio::join!(placing, stealing);
        world.paid(&number).await;
        world.advance(20).await.unwrap();
        let order = world.until(&number, "needs_attention").await;
        assert_eq!(order["attention"], "odd_money");
        world.staff("reject", &number).await;
        world.until(&number, "cancelled").await;
        assert_eq!(world.wallet_change(&number).await, amount.min(20_000));
        assert_eq!(world.books(&number).await["digiflazz"]["transactions"], json!([]));
    }
    world.assert_proofs().await;
}
